/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "srtp_fixture.h"

static enum sluice_suite suite = SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80; /* of all tests of a group */
static struct sluice_key key;
static struct srtp_context context;

static int wipe_teardown(void **state)
{
	srtp_context_wipe(&context, worker);
	return fixture_teardown(state);
}

static int fresh_context(void **state)
{
	(void)state;
	srtp_context_wipe(&context, worker);
	key = key_of(suite, 1);
	return srtp_context_init(&context, worker, &key);
}

static enum sluice_drop send_rtp(uint32_t ssrc, uint16_t sequence)
{
	struct wire wire = rtp_wire(ssrc, sequence);

	return protect(&context, &wire);
}

/* RFC 3711 3.4: behind the body. RFC 7714 9.2: behind the tag. */
static uint32_t index_word(const struct wire *wire)
{
	return bytes_get_be32(wire->bytes + RTCP_BYTES + (srtp_is_aead(&context) ? 16 : 0));
}

struct sent {
	uint16_t sequence;
	enum sluice_drop drop;
	uint64_t index; /* when not dropped: the highest after it */
};

#define OK SLUICE_DROP_NONE
#define USED SLUICE_DROP_TX_INDEX

/* A source repeats, rewinds, wraps and leaps; rows are sent in order. */
static const struct sent sent_rows[] = {
    {65000, OK, INDEX(0, 65000)},
    {65001, OK, INDEX(0, 65001)},
    {65001, USED, 0},
    {65000, USED, 0},
    {64999, OK, INDEX(0, 65001)},
    {64999, USED, 0},
    {64873, USED, 0},
    {65535, OK, INDEX(0, 65535)},
    {1, OK, INDEX(1, 1)},
    {0, OK, INDEX(1, 1)},
    {65535, USED, 0},
    {65534, OK, INDEX(1, 1)},
    {0, USED, 0},
    {65100, USED, 0},
    {30000, OK, INDEX(1, 30000)},
    {1, USED, 0},
    {62000, OK, INDEX(1, 62000)},
    {5, OK, INDEX(2, 5)},
};

static void an_index_of_ours_is_used_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(sent_rows); i++) {
		if (send_rtp(SSRC, sent_rows[i].sequence) != sent_rows[i].drop)
			fail_msg("row %zu", i);
		if (sent_rows[i].drop == OK)
			assert_true(context.rtp.highest == sent_rows[i].index);
	}
}

static void a_repeat_inside_a_burst_is_dropped(void **state)
{
	static const uint16_t sequences[] = {7, 8, 7, 9, 8};
	static const enum sluice_drop drops[] = {OK, OK, USED, OK, USED};
	struct wire wires[ROWS(sequences)];
	struct srtp_packet packets[ROWS(sequences)];

	(void)state;
	for (unsigned i = 0; i < ROWS(sequences); i++) {
		wires[i] = rtp_wire(SSRC, sequences[i]);
		packets[i] = packet_of(&context, &wires[i]);
	}
	srtp_protect_burst(worker, packets, ROWS(sequences));
	for (unsigned i = 0; i < ROWS(sequences); i++)
		assert_int_equal(packets[i].drop, drops[i]);
}

static int compare_keystream(const void *a, const void *b)
{
	return memcmp(a, b, 16);
}

/* Mostly the next; now and then the same again, some before it, a leap, or anything. */
static long step_of_a_bad_source(void)
{
	long what = random() % 20000;

	if (what == 0)
		return random();
	if (what < 20)
		return random() % 30000;
	if (what < 60)
		return -(random() % 150);
	return what < 4000 ? -(random() % 3) : 1;
}

/*
 * Whatever a source does: all payloads are the same, so two packets with the same first block would
 * have been made with the same keystream. More SSRCs than there are slots, so that sources retire
 * and come back.
 */
static void no_keystream_is_ever_used_twice(void **state)
{
	enum { TRIES = 60000, SSRCS = 20 };
	uint16_t next[SSRCS] = {0};
	uint8_t(*blocks)[16] = malloc(TRIES * 16);
	size_t count = 0;

	(void)state;
	assert_non_null(blocks);
	srandom(2);
	for (unsigned i = 0; i < TRIES; i++) {
		uint32_t ssrc = (uint32_t)random() % SSRCS;
		struct wire wire;

		next[ssrc] = (uint16_t)(next[ssrc] + step_of_a_bad_source());
		wire = rtp_wire(ssrc, next[ssrc]);
		if (protect(&context, &wire) == OK)
			memcpy(blocks[count++], wire.bytes + RTP_HEADER_MIN, 16);
	}
	assert_true(count > TRIES / 6);
	qsort(blocks, count, 16, compare_keystream);
	for (size_t i = 1; i < count; i++)
		assert_memory_not_equal(blocks[i - 1], blocks[i], 16);
	free(blocks);
}

static void rtcp_has_an_index_of_its_own_for_each_ssrc(void **state)
{
	(void)state;
	for (uint32_t index = 0; index < 300; index++) {
		for (uint32_t ssrc = 1; ssrc <= 2; ssrc++) {
			struct wire wire = rtcp_wire(ssrc);

			assert_int_equal(protect(&context, &wire), OK);
			assert_int_equal(index_word(&wire), 0x80000000 | index);
		}
	}
}

static void sources_beyond_what_is_remembered_are_refused(void **state)
{
	const uint32_t most = SRTP_SSRC_MAX + SRTP_RETIRED_MAX;

	(void)state;
	for (uint32_t ssrc = 0; ssrc < most; ssrc++)
		assert_int_equal(send_rtp(ssrc, 10), OK);
	assert_int_equal(send_rtp(most, 10), SLUICE_DROP_SSRC_LIMIT);
	for (uint32_t ssrc = 0; ssrc < most; ssrc++) {
		assert_int_equal(send_rtp(ssrc, 10), USED);
		assert_int_equal(send_rtp(ssrc, 9), USED);
		assert_int_equal(send_rtp(ssrc, 11), OK);
	}
	assert_int_equal(send_rtp(most, 10), SLUICE_DROP_SSRC_LIMIT);
}

static void without_a_spare_only_the_first_source_is_sent(void **state)
{
	static struct srtp_context many[SPARES];

	(void)state;
	for (unsigned i = 0; i < SPARES; i++) {
		srtp_context_init(&many[i], worker, &key);
		assert_true(srtp_source_take(worker, &many[i], 1, SRTP_SOURCE_KEEP));
		assert_true(srtp_source_take(worker, &many[i], 2, SRTP_SOURCE_KEEP));
	}
	assert_int_equal(srtp_spares_left(worker->spares), 0);
	assert_int_equal(send_rtp(1, 10), OK);
	assert_int_equal(send_rtp(2, 10), SLUICE_DROP_SSRC_LIMIT);
	assert_int_equal(send_rtp(1, 11), OK);
	srtp_context_wipe(&many[0], worker);
	assert_int_equal(send_rtp(2, 10), OK);
	assert_int_equal(send_rtp(1, 11), USED);
	for (unsigned i = 1; i < SPARES; i++)
		srtp_context_wipe(&many[i], worker);
	srtp_context_wipe(&context, worker);
	assert_int_equal(srtp_spares_left(worker->spares), SPARES);
}

static void a_retired_source_goes_on_with_its_rtcp_index(void **state)
{
	struct wire wire = rtcp_wire(1000);

	(void)state;
	assert_int_equal(protect(&context, &wire), OK);
	for (uint32_t ssrc = 0; ssrc < SRTP_SSRC_MAX; ssrc++)
		assert_int_equal(send_rtp(ssrc, 10), OK);
	assert_int_equal(srtp_others(&context)->retired[0].ssrc, 1000);
	wire = rtcp_wire(1000);
	assert_int_equal(protect(&context, &wire), OK);
	assert_int_equal(index_word(&wire), 0x80000001);
	/* of its RTP nothing was known, so it begins like a new one */
	assert_int_equal(send_rtp(1000, 5), OK);
}

static void after_a_rekey_the_roc_goes_on_and_the_rtcp_index_begins_again(void **state)
{
	struct srtp_context before = context;
	struct wire wire = rtcp_wire(SSRC);

	(void)state;
	advance_rtp(&before, SSRC, INDEX(3, 65535));
	protect(&before, &wire);
	key = key_of(suite, 9);
	srtp_context_init(&context, worker, &key);
	srtp_context_rekey(worker, &context, &before);
	assert_int_equal(send_rtp(SSRC, 0), OK);
	assert_true(context.rtp.highest == INDEX(4, 0));
	assert_int_equal(send_rtp(SSRC, 65535), OK);
	assert_int_equal(send_rtp(SSRC, 0), USED);
	wire = rtcp_wire(SSRC);
	assert_int_equal(protect(&context, &wire), OK);
	assert_int_equal(index_word(&wire), 0x80000000);
}

/* The data plane was killed and started again: the peer has seen all that the key was used for. */
static void a_key_resumed_after_a_restart_goes_on_and_never_back(void **state)
{
	struct sluice_position position;
	struct sluice_key resumed = key;
	struct wire wire = rtcp_wire(SSRC);
	struct srtp_context before;

	(void)state;
	advance_rtp(&context, SSRC, INDEX(2, 65533));
	assert_int_equal(send_rtp(SSRC, 65534), OK);
	assert_int_equal(protect(&context, &wire), OK);
	srtp_context_position(&context, &position);
	assert_true(position.rtp_next == INDEX(2, 65535));
	assert_int_equal(position.rtcp_next, 1);
	assert_int_equal(position.ssrc, SSRC);
	before = context;
	srtp_context_init(&context, worker, &key);
	resumed.resume = position;
	srtp_context_resume(&context, &resumed);
	assert_int_equal(send_rtp(SSRC, 65534), USED);
	assert_int_equal(send_rtp(SSRC, 65533), USED);
	assert_int_equal(send_rtp(SSRC, 1), OK);
	assert_true(context.rtp.highest == INDEX(3, 1));
	wire = rtcp_wire(SSRC);
	assert_int_equal(protect(&context, &wire), OK);
	srtp_context_position(&context, &position);
	assert_int_equal(position.rtcp_next, 2);
	assert_true(before.rtp.highest < context.rtp.highest);
}

static void a_fresh_key_has_no_position_to_resume(void **state)
{
	struct sluice_position position;

	(void)state;
	srtp_context_position(&context, &position);
	assert_true(position.rtp_next == 0 && position.rtcp_next == 0 && position.ssrc == 0);
	srtp_context_resume(&context, &key);
	assert_int_equal(source_count(&context), 0);
	assert_int_equal(send_rtp(SSRC, 1), OK);
	assert_true(context.rtp.highest == INDEX(0, 1));
}

struct refused_case {
	const char *what;
	enum srtp_packet_kind kind;
	uint8_t first;
	uint8_t second;
	uint32_t length;
	uint32_t capacity;
	enum sluice_drop drop;
};

static const struct refused_case refused_cases[] = {
    {"RTP", SRTP_PACKET_RTP, 0x80, 8, 172, 204, SLUICE_DROP_NONE},
    {"RTP without payload", SRTP_PACKET_RTP, 0x80, 8, 12, 44, SLUICE_DROP_NONE},
    {"RTP without room", SRTP_PACKET_RTP, 0x80, 8, 172, 203, SLUICE_DROP_NO_BUFFER},
    {"RTP, a byte short", SRTP_PACKET_RTP, 0x80, 8, 11, 204, SLUICE_DROP_TRUNCATED},
    {"RTP, version 1", SRTP_PACKET_RTP, 0x40, 8, 172, 204, SLUICE_DROP_NOT_RTP},
    {"RTP, CSRCs beyond the packet", SRTP_PACKET_RTP, 0x8f, 8, 40, 204, SLUICE_DROP_TRUNCATED},
    {"RTP, nothing", SRTP_PACKET_RTP, 0x80, 8, 0, 204, SLUICE_DROP_TRUNCATED},
    {"RTP, beyond all packets", SRTP_PACKET_RTP, 0x80, 8, 16353, 20000, SLUICE_DROP_MTU},
    {"RTCP", SRTP_PACKET_RTCP, 0x80, 200, 28, 60, SLUICE_DROP_NONE},
    {"RTCP, header alone", SRTP_PACKET_RTCP, 0x80, 201, 8, 40, SLUICE_DROP_NONE},
    {"RTCP without room", SRTP_PACKET_RTCP, 0x80, 200, 28, 59, SLUICE_DROP_NO_BUFFER},
    {"RTCP, a byte short", SRTP_PACKET_RTCP, 0x80, 200, 7, 60, SLUICE_DROP_TRUNCATED},
    {"RTCP that is RTP", SRTP_PACKET_RTCP, 0x80, 8, 28, 60, SLUICE_DROP_NOT_RTP},
    {"RTCP, version 3", SRTP_PACKET_RTCP, 0xc0, 200, 28, 60, SLUICE_DROP_NOT_RTP},
};

static void what_is_no_packet_is_not_encrypted(void **state)
{
	static uint8_t bytes[20000];

	(void)state;
	for (size_t i = 0; i < ROWS(refused_cases); i++) {
		const struct refused_case *row = &refused_cases[i];
		struct srtp_packet packet = {.context = &context,
					     .data = bytes,
					     .length = row->length,
					     .capacity = row->capacity,
					     .kind = row->kind};

		fresh_context(NULL);
		memset(bytes, 0, sizeof(bytes));
		bytes[0] = row->first;
		bytes[1] = row->second;
		srtp_protect_burst(worker, &packet, 1);
		if (packet.drop != row->drop)
			fail_msg("%s: drop %d", row->what, packet.drop);
		if (packet.drop != SLUICE_DROP_NONE)
			assert_int_equal(packet.length, row->length);
	}
}

/* Bytes behind the packet that the trailer does not need stay as they were. */
static void nothing_is_written_behind_the_trailer(void **state)
{
	struct wire wire = rtp_wire(SSRC, 1);

	(void)state;
	memset(wire.bytes + wire.length, 0xa5, SRTP_TRAILER_MAX);
	assert_int_equal(protect(&context, &wire), OK);
	for (uint32_t i = wire.length; i < RTP_BYTES + SRTP_TRAILER_MAX; i++)
		assert_int_equal(wire.bytes[i], 0xa5);
}

static int run_suite(enum sluice_suite id, const char *name)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(an_index_of_ours_is_used_once, fresh_context),
	    cmocka_unit_test_setup(a_repeat_inside_a_burst_is_dropped, fresh_context),
	    cmocka_unit_test_setup(no_keystream_is_ever_used_twice, fresh_context),
	    cmocka_unit_test_setup(rtcp_has_an_index_of_its_own_for_each_ssrc, fresh_context),
	    cmocka_unit_test_setup(sources_beyond_what_is_remembered_are_refused, fresh_context),
	    cmocka_unit_test_setup(without_a_spare_only_the_first_source_is_sent, fresh_context),
	    cmocka_unit_test_setup(a_retired_source_goes_on_with_its_rtcp_index, fresh_context),
	    cmocka_unit_test_setup(a_key_resumed_after_a_restart_goes_on_and_never_back,
				   fresh_context),
	    cmocka_unit_test_setup(a_fresh_key_has_no_position_to_resume, fresh_context),
	    cmocka_unit_test_setup(after_a_rekey_the_roc_goes_on_and_the_rtcp_index_begins_again,
				   fresh_context),
	    cmocka_unit_test_setup(what_is_no_packet_is_not_encrypted, fresh_context),
	    cmocka_unit_test_setup(nothing_is_written_behind_the_trailer, fresh_context),
	};

	suite = id;
	return cmocka_run_group_tests_name(name, tests, fixture_setup, wipe_teardown);
}

int main(void)
{
	return run_suite(SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80, "AES_CM_128_HMAC_SHA1_80") +
	       run_suite(SLUICE_SUITE_AEAD_AES_128_GCM, "AEAD_AES_128_GCM");
}
