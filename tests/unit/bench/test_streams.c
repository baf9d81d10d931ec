/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plans, senders and receivers of the load generators (bench/streams). */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "media/suite.h"
#include "receiver.h"
#include "sender.h"
#include "sluice_client.h"

#define STREAMS 3U
#define PAYLOAD 160U

#define LINE "10.0.0.1:4000 10.0.0.2:5000 none - 10.0.0.2:5002 10.0.0.3:4000 "
#define KEY_30 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d"

static const struct frame_link wire = {.source = {2, 0, 0, 0, 0, 1},
				       .destination = {2, 0, 0, 0, 0, 2}};

/* A relay that does nothing: what the senders send is what the receivers get. */
static struct plan mirror_plan(uint8_t suite_id)
{
	const struct rtp_suite *suite = rtp_suite_find(suite_id);
	struct plan plan = {.stream = calloc(STREAMS, sizeof(*plan.stream)), .count = STREAMS};

	assert_non_null(plan.stream);
	for (uint32_t i = 0; i < STREAMS; i++) {
		struct plan_side *in = &plan.stream[i].in;

		in->peer = (struct plan_end){{10, 0, 0, 1}, (uint16_t)(4000 + 2 * i)};
		in->relay = (struct plan_end){{10, 0, 0, 2}, (uint16_t)(5000 + 2 * i)};
		in->key.suite = suite_id;
		in->key.key_len = suite ? (uint8_t)(suite->key_length + suite->salt_length) : 0;
		for (unsigned k = 0; k < in->key.key_len; k++)
			in->key.key[k] = (uint8_t)(i + k);
		plan.stream[i].out =
		    (struct plan_side){.relay = in->peer, .peer = in->relay, .key = in->key};
	}
	return plan;
}

struct mirror {
	struct plan plan;
	struct sender *sender;
	struct receiver *receiver;
	struct sender_frame sent[SENDER_BURST];
};

static void mirror_open(struct mirror *mirror, uint8_t suite_id)
{
	const struct sender_options options = {
	    .link = wire, .payload_bytes = PAYLOAD, .sequence_first = 65000, .sequence_step = 1};

	mirror->plan = mirror_plan(suite_id);
	assert_int_equal(sender_new(&mirror->sender, &mirror->plan, &options), 0);
	assert_int_equal(receiver_new(&mirror->receiver, &mirror->plan, PAYLOAD), 0);
}

static void mirror_close(struct mirror *mirror)
{
	sender_free(mirror->sender);
	receiver_free(mirror->receiver);
	plan_free(&mirror->plan);
}

static const struct receiver_counts *hear(struct mirror *mirror, const struct sender_frame *sent)
{
	struct receiver_frame frame = {.length = sent->length};

	memcpy(frame.data, sent->data, sent->length);
	receiver_take(mirror->receiver, &frame, 1);
	return receiver_counts(mirror->receiver);
}

static void every_packet_is_good_in_every_suite(void **state)
{
	(void)state;
	for (uint8_t suite = 0; suite < SLUICE_SUITE_COUNT; suite++) {
		struct mirror mirror;
		const struct receiver_counts *counts = NULL;

		mirror_open(&mirror, suite);
		for (unsigned turn = 0; turn < 40; turn++) { /* over the wrap of the sequence */
			assert_int_equal(sender_next(mirror.sender, mirror.sent, SENDER_BURST), 0);
			for (unsigned i = 0; i < SENDER_BURST; i++)
				counts = hear(&mirror, &mirror.sent[i]);
		}
		assert_int_equal(counts->good, 40 * SENDER_BURST);
		assert_int_equal(counts->repeated + counts->forged + counts->damaged +
				     counts->stray + counts->other + counts->reordered,
				 0);
		mirror_close(&mirror);
	}
}

/* One packet is heard after something was done to it. */
static struct receiver_counts after(uint8_t suite, void (*change)(struct sender_frame *frame))
{
	struct mirror mirror;
	struct receiver_counts counts;

	mirror_open(&mirror, suite);
	assert_int_equal(sender_next(mirror.sender, mirror.sent, 1), 0);
	change(&mirror.sent[0]);
	counts = *hear(&mirror, &mirror.sent[0]);
	mirror_close(&mirror);
	return counts;
}

static void change_voice(struct sender_frame *frame)
{
	frame->data[FRAME_HEADER + FRAME_RTP + 100] ^= 1;
}

static void change_port_from(struct sender_frame *frame)
{
	frame->data[35] ^= 1;
}

static void change_port_to(struct sender_frame *frame)
{
	frame->data[36] ^= 0x80;
}

static void cut(struct sender_frame *frame)
{
	frame->length -= 1;
}

static void a_changed_packet_is_counted_as_what_it_is(void **state)
{
	const uint8_t srtp = SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80;

	(void)state;
	assert_int_equal(after(SLUICE_SUITE_NONE, change_voice).damaged, 1);
	assert_int_equal(after(srtp, change_voice).forged, 1);
	assert_int_equal(after(srtp, change_port_from).stray, 1);
	assert_int_equal(after(srtp, change_port_to).other, 1);
	assert_int_equal(after(srtp, cut).other, 1);
}

static void a_packet_that_comes_twice_is_good_once(void **state)
{
	const uint8_t suites[] = {SLUICE_SUITE_NONE, SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct mirror mirror;
		struct receiver_counts counts;

		mirror_open(&mirror, suites[i]);
		assert_int_equal(sender_next(mirror.sender, mirror.sent, 1), 0);
		hear(&mirror, &mirror.sent[0]);
		counts = *hear(&mirror, &mirror.sent[0]);
		assert_int_equal(counts.good, 1);
		assert_int_equal(counts.repeated, 1);
		mirror_close(&mirror);
	}
}

static void a_late_packet_is_good_and_reordered(void **state)
{
	struct mirror mirror;
	struct receiver_counts counts;

	(void)state;
	mirror_open(&mirror, SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80);
	assert_int_equal(sender_next(mirror.sender, mirror.sent, 2 * STREAMS), 0);
	hear(&mirror, &mirror.sent[STREAMS]);
	counts = *hear(&mirror, &mirror.sent[0]);
	assert_int_equal(counts.good, 2);
	assert_int_equal(counts.reordered, 1);
	mirror_close(&mirror);
}

static void two_streams_with_one_receiver_are_refused(void **state)
{
	struct plan plan = mirror_plan(SLUICE_SUITE_NONE);
	struct receiver *receiver;

	(void)state;
	plan.stream[1].out.peer = plan.stream[0].out.peer;
	assert_int_equal(receiver_new(&receiver, &plan, PAYLOAD), -EEXIST);
	plan_free(&plan);
}

/* ---- plans ---- */

/* A file with that text; its name is to be unlinked. */
static void file_with(char path[32], const char *text)
{
	FILE *file;
	int fd;

	strcpy(path, "/tmp/sluice-plan.XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	file = fdopen(fd, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void a_plan_is_read_as_it_was_written(void **state)
{
	char path[32], error[160], *text = NULL;
	size_t size;
	struct plan plan;
	const char *lines =
	    "# two streams\n" LINE "none -\n" LINE "AES_CM_128_HMAC_SHA1_80 " KEY_30 "\n";
	FILE *out = open_memstream(&text, &size);

	(void)state;
	file_with(path, lines);
	assert_int_equal(plan_read(&plan, path, error, sizeof(error)), 0);
	unlink(path);
	assert_int_equal(plan.count, 2);
	for (uint32_t i = 0; i < plan.count; i++)
		plan_write(out, &plan.stream[i]);
	fclose(out);
	assert_string_equal(text, strchr(lines, '\n') + 1);
	free(text);
	plan_free(&plan);
}

static void a_wrong_line_is_refused_with_its_number(void **state)
{
	static const struct {
		const char *text;
		const char *error;
	} facts[] = {
	    {"", "there is no stream in it"},
	    {"10.0.0.1:4000\n", "line 1: eight fields are needed"},
	    {"# head\n" LINE "none - more\n", "line 2: eight fields are needed"},
	    {LINE "none x\n", "line 1: a key is not as long as its suite says, in hexadecimal"},
	    {LINE "AES_CM_128_HMAC_SHA1_80 00\n",
	     "line 1: a key is not as long as its suite says, in hexadecimal"},
	    {LINE "ROT13 -\n", "line 1: no such crypto suite"},
	    {"10.0.0.1:0 10.0.0.2:5000 none - 10.0.0.2:5002 10.0.0.3:4000 none -\n",
	     "line 1: an address is not as 192.0.2.1:4000"},
	    {"10.0.0.1:65536 10.0.0.2:5000 none - 10.0.0.2:5002 10.0.0.3:4000 none -\n",
	     "line 1: an address is not as 192.0.2.1:4000"},
	    {"[::1]:4000 10.0.0.2:5000 none - 10.0.0.2:5002 10.0.0.3:4000 none -\n",
	     "line 1: an address is not as 192.0.2.1:4000"},
	    {LINE "none -", "line 1: the line is too long"}, /* or has no end */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		char path[32], error[160];
		struct plan plan;

		file_with(path, facts[i].text);
		assert_int_equal(plan_read(&plan, path, error, sizeof(error)), -EINVAL);
		unlink(path);
		assert_string_equal(error, facts[i].error);
		assert_null(plan.stream);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_packet_is_good_in_every_suite),
	    cmocka_unit_test(a_changed_packet_is_counted_as_what_it_is),
	    cmocka_unit_test(a_packet_that_comes_twice_is_good_once),
	    cmocka_unit_test(a_late_packet_is_good_and_reordered),
	    cmocka_unit_test(two_streams_with_one_receiver_are_refused),
	    cmocka_unit_test(a_plan_is_read_as_it_was_written),
	    cmocka_unit_test(a_wrong_line_is_refused_with_its_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
