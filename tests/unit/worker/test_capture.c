/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a capture holds of what was relayed, and how it begins and ends. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../clock.h"
#include "capture/frame.h"
#include "capture_file.h"

#define ID 7U
#define BYTES 172U

static const struct sluice_key key_a = {.suite = 1, .key_len = 30, .key = {1, 2, 3}};
static const struct sluice_key key_b = {.suite = 1, .key_len = 30, .key = {9, 8, 7}};

static struct capture_file file; /* of the last stop() */

static struct sluice_capture start_request(uint8_t mode)
{
	return (struct sluice_capture){.session = ID,
				       .action = SLUICE_CAPTURE_START,
				       .mode = mode,
				       .call = "7f3a00bc",
				       .leg = {"alice", "bob"}};
}

static struct sluice_capture_info start(struct fixture *fixture, uint8_t mode)
{
	struct sluice_capture request = start_request(mode);
	struct sluice_capture_info info;

	assert_int_equal(sessions_capture(fixture->sessions, &request, &info), 0);
	turn(fixture);
	return info;
}

/* Lets main thread, worker and writer do what is due, until the capture's end is told. */
static const struct sluice_event *completion(struct fixture *fixture)
{
	for (unsigned i = 0; i < 50; i++) {
		for (unsigned e = 0; e < fixture->event_count; e++)
			if (fixture->event[e].type == SLUICE_EVENT_CAPTURE)
				return &fixture->event[e];
		clock_pass_ms(60);
		sessions_tick(fixture->sessions);
		turn(fixture);
		sessions_tick(fixture->sessions);
		captures_write(fixture->captures);
	}
	fail_msg("the capture does not end");
	return NULL;
}

/* Stops it and reads its file. */
static struct sluice_capture_info stop(struct fixture *fixture)
{
	const struct sluice_capture request = {.session = ID, .action = SLUICE_CAPTURE_STOP};
	struct sluice_capture_info info;

	captures_write(fixture->captures);
	assert_int_equal(sessions_capture(fixture->sessions, &request, &info), 0);
	(void)completion(fixture);
	capture_file_read(fixture, info.file, &file);
	return info;
}

static struct sluice_open_reply secure_session(struct fixture *fixture)
{
	struct sluice_open_reply reply = plain_session(fixture, ID);
	struct sluice_addr inside = addr4(inside_peer, 4000);
	struct sluice_set request = plain_leg(ID, 0, &inside);

	request.mask = SLUICE_SET_RX_KEY | SLUICE_SET_TX_KEY;
	request.rx[0] = key_a;
	request.tx = key_b;
	set(fixture, &request);
	return reply;
}

/* Sends plain RTP of the outside peer through; what the inside peer gets of it is SRTP. */
static struct frame outward_in(struct fixture *fixture, const struct sluice_open_reply *session,
			       uint16_t sequence, struct frame *sent_frame)
{
	struct sluice_addr outside = addr4(outside_peer, 5000);
	uint8_t packet[BYTES];
	struct frame frame;

	rtp_make(packet, BYTES, sequence, 2);
	frame = udp_frame(fixture, 1, &outside, &session->local[1], packet, BYTES);
	feed(fixture, 1, &frame, 1);
	assert_true(sent(fixture, 0, sent_frame));
	return frame;
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void assert_packet(unsigned i, const struct frame *frame, uint32_t interface, uint32_t flags)
{
	assert_int_equal(file.packet[i].interface, interface);
	assert_int_equal(file.packet[i].flags, flags);
	assert_int_equal(file.packet[i].length, frame->length);
	assert_int_equal(file.packet[i].captured, frame->length);
	assert_memory_equal(file.packet[i].frame.bytes, frame->bytes, frame->length);
	assert_string_equal(file.packet[i].comment, "");
}

static void a_wire_capture_has_the_frames_as_they_came_and_went(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply session = secure_session(fixture);
	uint64_t begin_ns = now_ns();
	struct sluice_capture_info info = start(fixture, SLUICE_CAPTURE_WIRE);
	struct frame in, out;

	in = outward_in(fixture, &session, 1, &out);
	info = stop(fixture);
	assert_int_equal(info.packets, 2);
	assert_int_equal(file.packets, 2);
	assert_packet(0, &in, 1, 1);
	assert_packet(1, &out, 0, 2);
	assert_int_equal(file.packet[1].length - file.packet[0].length, 10); /* the tag */
	for (unsigned i = 0; i < 2; i++)
		assert_true(file.packet[i].time_ns >= begin_ns &&
			    file.packet[i].time_ns <= now_ns());
	assert_int_equal(file.statistics, 2);
}

static void names_and_comments_say_which_call_and_leg(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply session = secure_session(fixture);
	struct sluice_capture_info info;
	char expected[256];

	start(fixture, SLUICE_CAPTURE_WIRE);
	info = stop(fixture);
	assert_int_equal(strncmp(info.file, "7f3a00bc-20", 11), 0);
	assert_non_null(strstr(info.file, "Z-wire.pcapng"));
	assert_string_equal(file.section_comment, "sluice call 7f3a00bc, as on the wire");
	assert_string_equal(file.interface_name[0], "leg A");
	snprintf(expected, sizeof(expected),
		 "call 7f3a00bc, leg A: alice, inside, 192.0.2.1:%u to 192.0.2.10:4000, "
		 "AES_CM_128_HMAC_SHA1_80",
		 session.local[0].port);
	assert_string_equal(file.interface_description[0], expected);
	snprintf(expected, sizeof(expected),
		 "call 7f3a00bc, leg B: bob, outside, 198.51.100.1:%u to 198.51.100.10:5000, RTP",
		 session.local[1].port);
	assert_string_equal(file.interface_description[1], expected);
}

static void a_decrypted_capture_has_rtp_on_both_sides(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply session = secure_session(fixture);
	struct sluice_addr inside = addr4(inside_peer, 4000);
	struct frame in, out, secret, back;
	const uint8_t *plain, *payload;
	uint32_t length;

	start(fixture, SLUICE_CAPTURE_DECRYPTED);
	in = outward_in(fixture, &session, 1, &secret);
	/* what was encrypted comes back as if the peer used that key too: made with key_b, so the
	 * leg's receive key must be that */
	struct sluice_set request = plain_leg(ID, 0, &inside);
	request.mask = SLUICE_SET_RX_KEY;
	request.rx[0] = key_b;
	set(fixture, &request);
	payload = payload_of(&secret, &length);
	back = udp_frame(fixture, 0, &inside, &session.local[0], payload, length);
	feed(fixture, 0, &back, 1);
	assert_true(sent(fixture, 1, &out));
	stop(fixture);
	assert_int_equal(file.packets, 4);
	plain = payload_of(&in, &length);
	for (unsigned i = 0; i < 4; i++) {
		const struct captured *packet = &file.packet[i];
		const uint8_t *rtp = payload_of(&packet->frame, &length);

		/* the header is not encrypted, and not the same on both legs: numbers differ */
		assert_memory_equal(rtp, i ? payload : plain, 12);
		assert_memory_equal(rtp + 12, plain + 12, BYTES - 12);
		assert_int_equal(length, BYTES);
		assert_int_equal(packet->length, 14 + 20 + 8 + BYTES);
		assert_int_equal(packet->interface, (i == 0 || i == 3) ? 1 : 0);
		assert_int_equal(packet->flags, i % 2 ? 2 : 1);
	}
	assert_frame_right(&file.packet[1].frame); /* lengths and checksums of what was sent */
	assert_frame_right(&file.packet[3].frame);
	assert_int_equal(file.packet[2].frame.bytes[16] << 8 | file.packet[2].frame.bytes[17],
			 20 + 8 + BYTES);
}

static void a_dropped_packet_says_why_in_a_wire_capture(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply session = secure_session(fixture);
	struct sluice_addr inside = addr4(inside_peer, 4000);
	uint8_t forged[BYTES];
	struct frame frame;

	rtp_make(forged, BYTES, 1, 9);
	frame = udp_frame(fixture, 0, &inside, &session.local[0], forged, BYTES);
	start(fixture, SLUICE_CAPTURE_WIRE);
	feed(fixture, 0, &frame, 1);
	stop(fixture);
	assert_int_equal(file.packets, 1);
	assert_string_equal(file.packet[0].comment, "received and dropped: auth");
	assert_memory_equal(file.packet[0].frame.bytes, frame.bytes, frame.length);
}

static void a_forged_packet_is_not_in_a_decrypted_capture(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply session = secure_session(fixture);
	struct sluice_addr inside = addr4(inside_peer, 4000);
	uint8_t forged[BYTES];
	struct frame frame;

	rtp_make(forged, BYTES, 1, 9);
	frame = udp_frame(fixture, 0, &inside, &session.local[0], forged, BYTES);
	start(fixture, SLUICE_CAPTURE_DECRYPTED);
	feed(fixture, 0, &frame, 1);
	stop(fixture);
	assert_int_equal(file.packets, 0);
	assert_int_equal(leg_dropped(fixture, ID, 0, SLUICE_DROP_AUTH), 1);
}

static void other_sessions_are_not_captured(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply other = plain_session(fixture, ID + 1);
	struct frame out;

	secure_session(fixture);
	start(fixture, SLUICE_CAPTURE_WIRE);
	(void)other;
	struct sluice_addr outside = addr4(outside_peer, 5000);
	uint8_t packet[BYTES];
	struct frame frame;

	rtp_make(packet, BYTES, 1, 2);
	frame = udp_frame(fixture, 1, &outside, &other.local[1], packet, BYTES);
	feed(fixture, 1, &frame, 1);
	assert_true(sent(fixture, 0, &out));
	stop(fixture);
	assert_int_equal(file.packets, 0);
}

/* The writer does not turn meanwhile: the ring is full after 512 packets, and media goes on. */
static void what_does_not_fit_is_counted_and_relayed(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply session = plain_session(fixture, ID);
	struct sluice_capture_info info = start(fixture, SLUICE_CAPTURE_WIRE);
	const unsigned most = CAPTURE_RING_SIZE / 2 + 100;
	struct frame out;

	for (unsigned i = 0; i < most; i++)
		(void)outward_in(fixture, &session, (uint16_t)(i + 1), &out);
	info = stop(fixture);
	assert_int_equal(info.lost, 200);
	assert_int_equal(file.lost, 200);
	/* and the file is bounded, whatever came */
	assert_true(file.bytes <= CAPTURE_FILE_BYTES);
}

static const char *end_text(struct fixture *fixture)
{
	return strstr(completion(fixture)->text, ": ") + 2;
}

static void a_file_ends_when_it_is_as_large_as_it_may_be(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply session = plain_session(fixture, ID);
	struct sluice_capture_info info = start(fixture, SLUICE_CAPTURE_WIRE);
	struct frame out;

	for (unsigned i = 0; i < 400; i++)
		(void)outward_in(fixture, &session, (uint16_t)(i + 1), &out);
	captures_write(fixture->captures);
	assert_string_equal(end_text(fixture), "the file is as large as it may be");
	capture_file_read(fixture, info.file, &file);
	assert_true(file.bytes <= CAPTURE_FILE_BYTES && file.bytes > CAPTURE_FILE_BYTES - 4096);
	assert_int_equal(file.statistics, 2);
}

static void a_capture_ends_when_its_time_is_over(void **state)
{
	struct fixture *fixture = *state;

	plain_session(fixture, ID);
	start(fixture, SLUICE_CAPTURE_WIRE);
	assert_string_equal(end_text(fixture), "its time is over");
}

static void a_capture_ends_with_its_session(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply session = plain_session(fixture, ID);
	struct sluice_capture_info info = start(fixture, SLUICE_CAPTURE_WIRE);
	struct sluice_session_info last;
	struct frame out;

	(void)outward_in(fixture, &session, 1, &out);
	assert_int_equal(sessions_close(fixture->sessions, ID, &last), 0);
	turn(fixture);
	assert_string_equal(end_text(fixture), "the call ended");
	assert_int_equal(completion(fixture)->session, ID);
	assert_int_equal(completion(fixture)->value, 2);
	capture_file_read(fixture, info.file, &file);
	assert_int_equal(file.packets, 2);
}

/* A disk that is full: here a limit on the size of files, which write(2) tells the same way. */
/* A SET that takes a mail; false: none is left. */
static bool mail_taken(struct fixture *fixture)
{
	static unsigned turn;
	struct sluice_set request = {
	    .session = ID, .mask = SLUICE_SET_RATE, .rate_pps = 100 + turn++ % 1000};

	return sessions_set(fixture->sessions, &request) == 0;
}

/* How many mails there are when the worker has given some back. */
static unsigned mails_left(struct fixture *fixture)
{
	unsigned n = 0;

	assert_true(worker_mail_run(fixture->worker[0]) > 0);
	sessions_tick(fixture->sessions);
	while (mail_taken(fixture))
		n++;
	return n;
}

/* The main thread has no mail left but the session's last one: its worker stands still, say. */
static void a_capture_ends_with_its_session_even_without_mail(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply session = plain_session(fixture, ID);
	struct sluice_capture_info info = start(fixture, SLUICE_CAPTURE_WIRE);
	struct sluice_session_info final;
	unsigned n;

	(void)session;
	while (mail_taken(fixture))
		;
	(void)mails_left(fixture);
	n = mails_left(fixture); /* as many as one turn of the worker gives back */
	assert_true(n > 1);
	assert_true(worker_mail_run(fixture->worker[0]) > 0);
	sessions_tick(fixture->sessions);
	while (--n)
		assert_true(mail_taken(fixture));
	assert_int_equal(sessions_close(fixture->sessions, ID, &final), 0);
	(void)completion(fixture);
	capture_file_read(fixture, info.file, &file);
}

static void a_full_disk_ends_the_capture_and_leaves_whole_blocks(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply session = plain_session(fixture, ID);
	struct sluice_capture_info info = start(fixture, SLUICE_CAPTURE_WIRE);
	struct rlimit before, small;
	struct frame out;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = (struct rlimit){5000, before.rlim_max};
	for (unsigned i = 0; i < 100; i++) {
		(void)outward_in(fixture, &session, (uint16_t)(i + 1), &out);
		if (i == 9) {
			captures_write(fixture->captures);
			assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
		}
	}
	captures_write(fixture->captures);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_string_equal(end_text(fixture), "the disk is full or failed");
	capture_file_read(fixture, info.file, &file);
	assert_true(file.packets >= 20 && file.bytes <= 5000 + 1024);
}

static void requests_that_may_not_be_are_refused(void **state)
{
	static const struct {
		int rc;
		uint64_t session;
		uint8_t action, mode;
		const char *call, *leg;
	} rows[] = {
	    {-ENOENT, 99, SLUICE_CAPTURE_START, SLUICE_CAPTURE_WIRE, "a", ""},
	    {-EINVAL, ID, SLUICE_CAPTURE_START, SLUICE_CAPTURE_OFF, "a", ""},
	    {-EINVAL, ID, SLUICE_CAPTURE_START, 3, "a", ""},
	    {-EINVAL, ID, 3, SLUICE_CAPTURE_WIRE, "a", ""},
	    {-EINVAL, ID, SLUICE_CAPTURE_START, SLUICE_CAPTURE_WIRE, "", ""},
	    {-EINVAL, ID, SLUICE_CAPTURE_START, SLUICE_CAPTURE_WIRE, "../a", ""},
	    {-EINVAL, ID, SLUICE_CAPTURE_START, SLUICE_CAPTURE_WIRE, "a/b", ""},
	    {-EINVAL, ID, SLUICE_CAPTURE_START, SLUICE_CAPTURE_WIRE, "caf\xc3\xa9", ""},
	    {-EINVAL, ID, SLUICE_CAPTURE_START, SLUICE_CAPTURE_WIRE, "a", "a\nb"},
	    {0, ID, SLUICE_CAPTURE_START, SLUICE_CAPTURE_WIRE, "a", ""},
	    {0, ID, SLUICE_CAPTURE_START, SLUICE_CAPTURE_WIRE, "a", ""},
	    {-EEXIST, ID, SLUICE_CAPTURE_START, SLUICE_CAPTURE_DECRYPTED, "a", ""},
	};
	struct fixture *fixture = *state;

	plain_session(fixture, ID);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sluice_capture request = {
		    .session = rows[i].session, .action = rows[i].action, .mode = rows[i].mode};
		struct sluice_capture_info info;

		strcpy(request.call, rows[i].call);
		strcpy(request.leg[1], rows[i].leg);
		if (sessions_capture(fixture->sessions, &request, &info) != rows[i].rc)
			fail_msg("row %zu is not %d", i, rows[i].rc);
	}
}

/* A call without an end in its array is no call. */
static void a_call_that_fills_its_field_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_capture request = start_request(SLUICE_CAPTURE_WIRE);
	struct sluice_capture_info info;

	plain_session(fixture, ID);
	memset(request.call, 'a', sizeof(request.call));
	assert_int_equal(sessions_capture(fixture->sessions, &request, &info), -EINVAL);
	request = start_request(SLUICE_CAPTURE_WIRE);
	memset(request.leg[0], 'a', sizeof(request.leg[0]));
	assert_int_equal(sessions_capture(fixture->sessions, &request, &info), -EINVAL);
}

static void files_of_all_captures_together_are_bounded(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_capture request = start_request(SLUICE_CAPTURE_WIRE);
	struct sluice_capture_info info, again;

	for (unsigned i = 0; i < 5; i++)
		plain_session(fixture, ID + i);
	for (unsigned i = 0; i < 4; i++) { /* of one second, so their names are counted on */
		request.session = ID + i;
		assert_int_equal(sessions_capture(fixture->sessions, &request, &info), 0);
		assert_true(!i || strcmp(info.file, again.file));
		again = info;
	}
	request.session = ID + 4;
	assert_int_equal(sessions_capture(fixture->sessions, &request, &info), -EDQUOT);
	request.bytes = 1; /* too little for anything, but more than is left */
	assert_int_equal(sessions_capture(fixture->sessions, &request, &info), -EDQUOT);
}

static void a_directory_that_others_may_write_to_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct capture_directory directory;
	char path[64], text[256];

	assert_int_equal(chmod(fixture->capture_path, 0720), 0);
	assert_int_equal(
	    capture_directory_open(&directory, fixture->capture_path, text, sizeof(text)), -EPERM);
	assert_non_null(strstr(text, "0720"));
	assert_non_null(strstr(text, "chmod 0700"));
	assert_int_equal(chmod(fixture->capture_path, 0700), 0);
	snprintf(path, sizeof(path), "%s/link", fixture->capture_path);
	assert_int_equal(symlink(".", path), 0);
	assert_true(capture_directory_open(&directory, path, text, sizeof(text)) < 0);
	assert_int_equal(directory.fd, -1);
	assert_int_equal(capture_directory_open(&directory, "/nowhere", text, sizeof(text)),
			 -ENOENT);
}

static void a_frame_that_is_no_udp_is_left_as_it_is(void **state)
{
	uint8_t frame[64], before[64];

	(void)state;
	memset(frame, 0x5a, sizeof(frame));
	memcpy(before, frame, sizeof(frame));
	for (uint32_t payload_at = 0; payload_at <= sizeof(frame); payload_at++)
		frame_mend(frame, sizeof(frame), sizeof(frame), payload_at);
	assert_memory_equal(frame, before, sizeof(frame));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, one_worker, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_wire_capture_has_the_frames_as_they_came_and_went),
	    TEST(names_and_comments_say_which_call_and_leg),
	    TEST(a_decrypted_capture_has_rtp_on_both_sides),
	    TEST(a_dropped_packet_says_why_in_a_wire_capture),
	    TEST(a_forged_packet_is_not_in_a_decrypted_capture),
	    TEST(other_sessions_are_not_captured),
	    TEST(what_does_not_fit_is_counted_and_relayed),
	    TEST(a_file_ends_when_it_is_as_large_as_it_may_be),
	    TEST(a_capture_ends_when_its_time_is_over),
	    TEST(a_capture_ends_with_its_session),
	    TEST(a_capture_ends_with_its_session_even_without_mail),
	    TEST(a_full_disk_ends_the_capture_and_leaves_whole_blocks),
	    TEST(requests_that_may_not_be_are_refused),
	    TEST(a_call_that_fills_its_field_is_refused),
	    TEST(files_of_all_captures_together_are_bounded),
	    TEST(a_directory_that_others_may_write_to_is_refused),
	    cmocka_unit_test(a_frame_that_is_no_udp_is_left_as_it_is),
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}
