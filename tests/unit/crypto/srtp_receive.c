/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "srtp_fixture.h"

static enum sluice_suite suite = SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80; /* of all tests of a group */
static struct sluice_key key;
static struct sluice_key other_key;
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
	other_key = key_of(suite, 2);
	return srtp_context_init(&context, worker, &key);
}

static void use_suite(enum sluice_suite id)
{
	key = key_of(id, 1);
	assert_int_equal(srtp_context_init(&context, worker, &key), 0);
}

static enum sluice_drop receive_rtp(uint64_t index)
{
	struct wire wire = sealed_rtp(&key, SSRC, index);

	return unprotect(&context, &wire);
}

static enum sluice_drop receive_rtcp(uint32_t index)
{
	struct wire wire = sealed_rtcp(&key, SSRC, index);

	return unprotect(&context, &wire);
}

static void what_was_sealed_is_opened_in_every_suite(void **state)
{
	(void)state;
	for (unsigned id = 1; id < SLUICE_SUITE_COUNT; id++) {
		struct wire clear = rtp_wire(SSRC, 1);
		struct wire wire;

		use_suite(id);
		wire = sealed_rtp(&key, SSRC, 1);
		assert_int_equal(wire.length, RTP_BYTES + rtp_suite_find(id)->rtp_tag_length);
		assert_memory_equal(wire.bytes, clear.bytes, RTP_HEADER_MIN);
		assert_memory_not_equal(wire.bytes + 12, clear.bytes + 12, PAYLOAD_BYTES);
		assert_int_equal(unprotect(&context, &wire), SLUICE_DROP_NONE);
		assert_int_equal(wire.length, RTP_BYTES);
		assert_memory_equal(wire.bytes, clear.bytes, RTP_BYTES);
	}
}

/* 10 bytes of tag in both suites: SRTCP keeps 80 bits where SRTP has 32. */
static void srtcp_has_an_80_bit_tag_and_an_index_word(void **state)
{
	(void)state;
	for (unsigned id = SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80;
	     id <= SLUICE_SUITE_AES_CM_128_HMAC_SHA1_32; id++) {
		struct wire clear = rtcp_wire(SSRC);
		struct wire wire;

		use_suite(id);
		wire = sealed_rtcp(&key, SSRC, 5);
		assert_int_equal(wire.length, RTCP_BYTES + 4 + 10);
		assert_int_equal(bytes_get_be32(wire.bytes + RTCP_BYTES), 0x80000005);
		assert_memory_equal(wire.bytes, clear.bytes, RTCP_HEADER_BYTES);
		assert_int_equal(unprotect(&context, &wire), SLUICE_DROP_NONE);
		assert_int_equal(wire.length, RTCP_BYTES);
		assert_memory_equal(wire.bytes, clear.bytes, RTCP_BYTES);
	}
}

/* How an honest packet is spoiled; at: byte from the start, or from the end when negative. */
struct spoiled_case {
	const char *what;
	enum srtp_packet_kind kind;
	int at;
	uint8_t flip;
	int cut; /* bytes off the end */
	enum sluice_drop drop;
	unsigned hmacs;
};

static const struct spoiled_case spoiled_cases[] = {
    {"RTP: first byte of the tag", SRTP_PACKET_RTP, -10, 1, 0, SLUICE_DROP_AUTH, 1},
    {"RTP: last byte of the tag", SRTP_PACKET_RTP, -1, 0x80, 0, SLUICE_DROP_AUTH, 1},
    {"RTP: payload", SRTP_PACKET_RTP, 20, 1, 0, SLUICE_DROP_AUTH, 1},
    {"RTP: last byte of the payload", SRTP_PACKET_RTP, -11, 1, 0, SLUICE_DROP_AUTH, 1},
    {"RTP: marker bit", SRTP_PACKET_RTP, 1, 0x80, 0, SLUICE_DROP_AUTH, 1},
    {"RTP: timestamp", SRTP_PACKET_RTP, 4, 1, 0, SLUICE_DROP_AUTH, 1},
    {"RTP: sequence number", SRTP_PACKET_RTP, 3, 0x80, 0, SLUICE_DROP_AUTH, 1},
    {"RTP: SSRC, now an unknown one", SRTP_PACKET_RTP, 8, 1, 0, SLUICE_DROP_AUTH, 2},
    {"RTP: version", SRTP_PACKET_RTP, 0, 0x40, 0, SLUICE_DROP_NOT_RTP, 0},
    {"RTP: an extension beyond the packet", SRTP_PACKET_RTP, 0, 0x10, 0, SLUICE_DROP_TRUNCATED, 0},
    {"RTP: a byte short", SRTP_PACKET_RTP, 0, 0, 1, SLUICE_DROP_AUTH, 1},
    {"RTP: no payload left", SRTP_PACKET_RTP, 0, 0, 160, SLUICE_DROP_AUTH, 1},
    {"RTP: no room for header and tag", SRTP_PACKET_RTP, 0, 0, 161, SLUICE_DROP_TRUNCATED, 0},
    {"RTP: nothing", SRTP_PACKET_RTP, 0, 0, 182, SLUICE_DROP_TRUNCATED, 0},
    {"RTCP: tag", SRTP_PACKET_RTCP, -10, 1, 0, SLUICE_DROP_AUTH, 1},
    {"RTCP: body", SRTP_PACKET_RTCP, 9, 1, 0, SLUICE_DROP_AUTH, 1},
    {"RTCP: packet type", SRTP_PACKET_RTCP, 1, 1, 0, SLUICE_DROP_AUTH, 1},
    {"RTCP: index", SRTP_PACKET_RTCP, -12, 1, 0, SLUICE_DROP_AUTH, 1},
    {"RTCP: E bit cleared", SRTP_PACKET_RTCP, -14, 0x80, 0, SLUICE_DROP_SRTCP_CLEAR, 0},
    {"RTCP: SSRC, now an unknown one", SRTP_PACKET_RTCP, 4, 1, 0, SLUICE_DROP_AUTH, 1},
    {"RTCP: not RTCP", SRTP_PACKET_RTCP, 1, 0x80, 0, SLUICE_DROP_NOT_RTP, 0},
    {"RTCP: version", SRTP_PACKET_RTCP, 0, 0x80, 0, SLUICE_DROP_NOT_RTP, 0},
    {"RTCP: no room for header, index, tag", SRTP_PACKET_RTCP, 0, 0, 21, SLUICE_DROP_TRUNCATED, 0},
    {"RTCP: nothing", SRTP_PACKET_RTCP, 0, 0, 42, SLUICE_DROP_TRUNCATED, 0},
};

static void a_spoiled_packet_is_refused_and_changes_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(spoiled_cases); i++) {
		const struct spoiled_case *row = &spoiled_cases[i];
		struct srtp_context before;
		struct wire arrived;
		struct wire wire;

		fresh_context(NULL);
		assert_int_equal(receive_rtp(100), SLUICE_DROP_NONE);
		assert_int_equal(receive_rtcp(100), SLUICE_DROP_NONE);
		before = context;
		wire = row->kind == SRTP_PACKET_RTP ? sealed_rtp(&key, SSRC, 101)
						    : sealed_rtcp(&key, SSRC, 101);
		wire.bytes[row->at < 0 ? (int)wire.length + row->at : row->at] ^= row->flip;
		wire.length -= (uint32_t)row->cut;
		arrived = wire;
		hmacs = 0;
		if (unprotect(&context, &wire) != row->drop || hmacs != row->hmacs)
			fail_msg("%s: %u HMACs", row->what, hmacs);
		assert_memory_equal(&context, &before, sizeof(context));
		assert_memory_equal(&wire, &arrived, sizeof(wire));
		assert_int_equal(receive_rtp(101), SLUICE_DROP_NONE);
		assert_int_equal(receive_rtcp(101), SLUICE_DROP_NONE);
	}
}

/* baresip's first packet: an RTCP APP in clear, sent to open a NAT before the keys are there. */
static void rtcp_in_clear_that_is_too_short_for_srtcp_is_named_as_such(void **state)
{
	static const uint8_t ping[16] = {0x80, 204, 0, 3, 1, 2, 3, 4, 'P', 'I', 'N', 'G'};
	struct wire wire = {.kind = SRTP_PACKET_RTCP, .length = sizeof(ping)};

	fresh_context(state);
	memcpy(wire.bytes, ping, sizeof(ping));
	assert_int_equal(unprotect(&context, &wire), SLUICE_DROP_SRTCP_CLEAR);
	wire.length -= 4; /* less than it says */
	assert_int_equal(unprotect(&context, &wire), SLUICE_DROP_TRUNCATED);
}

/* Packets in flight over a re-key: what the new key refuses goes to the old one, byte for byte. */
static void a_refused_packet_can_be_tried_with_the_key_before(void **state)
{
	for (unsigned mki_length = 0; mki_length <= 2; mki_length++) {
		struct srtp_context old;
		struct wire wire;

		fresh_context(state);
		use_suite(SLUICE_SUITE_AES_CM_128_HMAC_SHA1_32);
		other_key = key_of(SLUICE_SUITE_AES_CM_128_HMAC_SHA1_32, 2);
		other_key.mki_len = key.mki_len = (uint8_t)mki_length;
		other_key.mki = key.mki = mki_length;
		srtp_context_init(&context, worker, &key);
		srtp_context_init(&old, worker, &other_key);
		wire = sealed_rtp(&other_key, SSRC, 7);
		assert_int_equal(unprotect(&context, &wire), SLUICE_DROP_AUTH);
		assert_int_equal(unprotect(&old, &wire), SLUICE_DROP_NONE);
		wire = sealed_rtp(&other_key, SSRC, 7);
		assert_int_equal(unprotect(&old, &wire), SLUICE_DROP_REPLAY);
	}
}

/* The data plane was killed and started again: the peer has noticed nothing. */
static void a_key_resumed_after_a_restart_follows_the_peer_and_refuses_replays(void **state)
{
	static const struct {
		uint64_t index;
		enum sluice_drop drop;
	} rows[] = {
	    {INDEX(4, 65535), SLUICE_DROP_REPLAY},     {INDEX(4, 65408), SLUICE_DROP_REPLAY},
	    {INDEX(4, 65000), SLUICE_DROP_REPLAY_OLD}, {INDEX(5, 200), SLUICE_DROP_NONE},
	    {INDEX(5, 201), SLUICE_DROP_NONE},         {INDEX(0, 202), SLUICE_DROP_AUTH},
	};
	struct sluice_key resumed = key;

	(void)state;
	resumed.resume = (struct sluice_position){.rtp_next = INDEX(5, 0), .ssrc = SSRC};
	srtp_context_init(&context, worker, &key);
	srtp_context_resume(&context, &resumed);
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct wire wire = sealed_rtp(&key, SSRC, rows[i].index);

		assert_int_equal(unprotect(&context, &wire), rows[i].drop);
	}
}

/* The peer goes on with its ROC, as RFC 3711 3.3.1 has it, or resets it, as many do. */
static void after_a_rekey_the_roc_may_go_on_or_begin_again(void **state)
{
	static const struct {
		uint64_t first, second;
		enum sluice_drop drop;
		unsigned hmacs;
	} rows[] = {
	    {INDEX(5, 101), INDEX(5, 102), SLUICE_DROP_NONE, 2},
	    {INDEX(0, 101), INDEX(0, 102), SLUICE_DROP_NONE, 3},
	    {INDEX(0, 60000), INDEX(0, 60001), SLUICE_DROP_NONE, 3},
	    {INDEX(6, 0), INDEX(6, 1), SLUICE_DROP_AUTH, 4},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct srtp_context before;
		struct wire wires[2] = {sealed_rtp(&other_key, SSRC, rows[i].first),
					sealed_rtp(&other_key, SSRC, rows[i].second)};

		srtp_context_init(&before, worker, &key);
		advance_rtp(&before, SSRC, INDEX(5, 100));
		srtp_context_init(&context, worker, &other_key);
		srtp_context_rekey(worker, &context, &before);
		hmacs = 0;
		assert_int_equal(unprotect(&context, &wires[0]), rows[i].drop);
		assert_int_equal(unprotect(&context, &wires[1]), rows[i].drop);
		assert_int_equal(hmacs, rows[i].hmacs);
	}
}

static void another_key_opens_nothing_and_makes_no_source(void **state)
{
	struct wire wire = sealed_rtp(&other_key, SSRC, 1);

	(void)state;
	assert_int_equal(unprotect(&context, &wire), SLUICE_DROP_AUTH);
	wire = sealed_rtcp(&other_key, SSRC, 1);
	assert_int_equal(unprotect(&context, &wire), SLUICE_DROP_AUTH);
	assert_int_equal(source_count(&context), 0);
}

static void the_longest_packet_has_its_limit(void **state)
{
	static uint8_t bytes[20000] = {0x80};
	struct srtp_packet packet = {
	    .context = &context, .data = bytes, .length = 16360, .capacity = sizeof(bytes)};

	(void)state;
	srtp_unprotect_burst(worker, &packet, 1);
	assert_int_equal(packet.drop, SLUICE_DROP_NOT_RTP);
	packet.drop = SLUICE_DROP_NONE;
	packet.length = 16352;
	srtp_unprotect_burst(worker, &packet, 1);
	assert_int_equal(packet.drop, SLUICE_DROP_AUTH);
}

/* Rows are received in order by one context. */
struct arrival {
	enum srtp_packet_kind kind;
	uint64_t index;
	enum sluice_drop drop;
};

#define RTP(index, drop)                                   \
	{                                                  \
		SRTP_PACKET_RTP, index, SLUICE_DROP_##drop \
	}
#define RTCP(index, drop)                                   \
	{                                                   \
		SRTP_PACKET_RTCP, index, SLUICE_DROP_##drop \
	}

static const struct arrival replays[] = {
    RTP(5, NONE),    RTP(5, REPLAY),      RTCP(5, NONE),       RTCP(5, REPLAY),  RTP(6, NONE),
    RTCP(7, NONE),   RTCP(6, NONE),       RTCP(6, REPLAY),     RTP(5, REPLAY),   RTP(4, NONE),
    RTP(133, NONE),  RTP(6, REPLAY),      RTP(5, REPLAY_OLD),  RTP(7, NONE),     RTCP(134, NONE),
    RTCP(7, REPLAY), RTCP(6, REPLAY_OLD), RTCP(0, REPLAY_OLD), RTP(133, REPLAY),
};

static const struct arrival start_near_the_wrap[] = {
    RTP(INDEX(0, 65534), NONE),   RTP(INDEX(0, 65535), NONE), RTP(INDEX(1, 0), NONE),
    RTP(INDEX(0, 65535), REPLAY), RTP(INDEX(1, 1), NONE),
};

static const struct arrival reorder_over_the_wrap[] = {
    RTP(INDEX(0, 65533), NONE), RTP(INDEX(1, 1), NONE),     RTP(INDEX(0, 65535), NONE),
    RTP(INDEX(1, 0), NONE),     RTP(INDEX(0, 65534), NONE), RTP(INDEX(0, 65534), REPLAY),
    RTP(INDEX(1, 2), NONE),
};

static const struct arrival late_join_after_one_wrap[] = {
    RTP(INDEX(1, 700), NONE),
    RTP(INDEX(1, 701), NONE),
    RTP(INDEX(1, 700), REPLAY),
    RTP(INDEX(1, 699), NONE),
};

static const struct arrival late_join_after_two_wraps[] = {
    RTP(INDEX(2, 700), AUTH),
    RTP(INDEX(2, 701), AUTH),
};

static const struct arrival loss_over_the_wrap[] = {
    RTP(INDEX(0, 65000), NONE), RTP(INDEX(1, 20000), NONE),       RTP(INDEX(1, 50000), NONE),
    RTP(INDEX(2, 100), NONE),   RTP(INDEX(1, 50000), REPLAY_OLD),
};

static const struct arrival rtcp_before_any_rtp[] = {
    RTCP(0, NONE),          RTP(INDEX(1, 9), NONE),  RTCP(0, REPLAY),
    RTCP(0x7fffffff, NONE), RTP(INDEX(1, 10), NONE),
};

static const struct {
	const char *what;
	const struct arrival *arrivals;
	size_t count;
} streams[] = {
    {"replays", replays, ROWS(replays)},
    {"start near the wrap", start_near_the_wrap, ROWS(start_near_the_wrap)},
    {"reorder over the wrap", reorder_over_the_wrap, ROWS(reorder_over_the_wrap)},
    {"late join after one wrap", late_join_after_one_wrap, ROWS(late_join_after_one_wrap)},
    {"late join after two wraps", late_join_after_two_wraps, ROWS(late_join_after_two_wraps)},
    {"loss over the wrap", loss_over_the_wrap, ROWS(loss_over_the_wrap)},
    {"RTCP before any RTP", rtcp_before_any_rtp, ROWS(rtcp_before_any_rtp)},
};

/* The window of RTCP is half as long as RTP's: RFC 3711 3.3.2 asks for no more. */
static void rtcp_of_the_last_64_may_be_late_and_older_ones_are_refused(void **state)
{
	(void)state;
	assert_int_equal(receive_rtcp(200), SLUICE_DROP_NONE);
	for (uint32_t behind = 1; behind < 64; behind++) {
		assert_int_equal(receive_rtcp(200 - behind), SLUICE_DROP_NONE);
		assert_int_equal(receive_rtcp(200 - behind), SLUICE_DROP_REPLAY);
	}
	for (uint32_t behind = 64; behind <= 200; behind++)
		assert_true(receive_rtcp(200 - behind) != SLUICE_DROP_NONE);
	assert_int_equal(receive_rtcp(201), SLUICE_DROP_NONE);
}

/* Not even those that it has never seen: it would not know them from replays. */
static void rtcp_of_a_source_that_was_away_is_no_less_strict(void **state)
{
	struct wire other = sealed_rtcp(&key, SSRC + 1, 7);

	(void)state;
	assert_int_equal(receive_rtcp(100), SLUICE_DROP_NONE);
	assert_int_equal(unprotect(&context, &other), SLUICE_DROP_NONE);
	assert_int_equal(receive_rtcp(100), SLUICE_DROP_REPLAY);
	assert_true(receive_rtcp(36) != SLUICE_DROP_NONE);
	assert_int_equal(receive_rtcp(37), SLUICE_DROP_NONE);
	other = sealed_rtcp(&key, SSRC + 1, 7);
	assert_int_equal(unprotect(&context, &other), SLUICE_DROP_REPLAY);
}

static void streams_are_followed_over_replay_wrap_and_late_join(void **state)
{
	(void)state;
	for (size_t s = 0; s < ROWS(streams); s++) {
		fresh_context(NULL);
		for (size_t i = 0; i < streams[s].count; i++) {
			const struct arrival *row = &streams[s].arrivals[i];
			enum sluice_drop drop = row->kind == SRTP_PACKET_RTP
						    ? receive_rtp(row->index)
						    : receive_rtcp((uint32_t)row->index);

			if (drop != row->drop)
				fail_msg("%s: arrival %zu: drop %d", streams[s].what, i, drop);
		}
	}
}

/*
 * The same arrivals as one burst. The guess for all of them is made from the state before the
 * burst, which follows everything but leaps of half the range inside it.
 */
static void a_burst_of_one_stream_is_worked_in_order(void **state)
{
	(void)state;
	for (size_t s = 0; s < ROWS(streams); s++) {
		struct wire wires[CRYPTO_BURST_MAX];
		struct srtp_packet packets[CRYPTO_BURST_MAX];

		if (streams[s].arrivals == loss_over_the_wrap)
			continue;
		fresh_context(NULL);
		for (size_t i = 0; i < streams[s].count; i++) {
			const struct arrival *row = &streams[s].arrivals[i];

			wires[i] = row->kind == SRTP_PACKET_RTP
				       ? sealed_rtp(&key, SSRC, row->index)
				       : sealed_rtcp(&key, SSRC, (uint32_t)row->index);
			packets[i] = packet_of(&context, &wires[i]);
		}
		srtp_unprotect_burst(worker, packets, (unsigned)streams[s].count);
		for (size_t i = 0; i < streams[s].count; i++) {
			if (packets[i].drop != streams[s].arrivals[i].drop)
				fail_msg("%s: arrival %zu: drop %d", streams[s].what, i,
					 packets[i].drop);
		}
	}
}

static void a_forgery_before_the_packet_it_copies_does_no_harm(void **state)
{
	struct wire wires[3];
	struct srtp_packet packets[3];

	(void)state;
	assert_int_equal(receive_rtp(1), SLUICE_DROP_NONE);
	for (unsigned i = 0; i < 3; i++) {
		wires[i] = sealed_rtp(&key, SSRC, 2);
		packets[i] = packet_of(&context, &wires[i]);
	}
	wires[0].bytes[50] ^= 1;
	wires[2].bytes[50] ^= 1;
	hmacs = 0;
	srtp_unprotect_burst(worker, packets, 3);
	assert_int_equal(packets[0].drop, SLUICE_DROP_AUTH);
	assert_int_equal(packets[1].drop, SLUICE_DROP_NONE);
	assert_int_equal(packets[2].drop, SLUICE_DROP_AUTH);
	assert_int_equal(hmacs, 3);
}

/* Known source: one HMAC a forged packet. Unknown: ROC 0 and 1, so two. */
static void a_flood_of_forgeries_costs_no_more_than_it_must(void **state)
{
	static struct wire wires[CRYPTO_BURST_MAX];
	struct srtp_packet packets[CRYPTO_BURST_MAX];

	(void)state;
	assert_int_equal(receive_rtp(1), SLUICE_DROP_NONE);
	for (unsigned known = 0; known < 2; known++) {
		for (unsigned i = 0; i < CRYPTO_BURST_MAX; i++) {
			wires[i] = sealed_rtp(&other_key, known ? SSRC : 0x1000 + i, 2 + i);
			packets[i] = packet_of(&context, &wires[i]);
		}
		hmacs = 0;
		srtp_unprotect_burst(worker, packets, CRYPTO_BURST_MAX);
		assert_int_equal(hmacs, known ? CRYPTO_BURST_MAX : 2 * CRYPTO_BURST_MAX);
		assert_int_equal(source_count(&context), 1);
	}
}

static void the_mki_stands_between_payload_and_tag(void **state)
{
	static const uint8_t mki[] = {0x01, 0x02, 0x03};
	struct wire plain = sealed_rtp(&key, SSRC, 1);
	struct wire wire;

	(void)state;
	key.mki_len = 3;
	key.mki = 0x010203;
	srtp_context_init(&context, worker, &key);
	wire = sealed_rtp(&key, SSRC, 1);
	assert_int_equal(wire.length, RTP_BYTES + 3 + 10);
	assert_memory_equal(wire.bytes, plain.bytes, RTP_BYTES);
	assert_memory_equal(wire.bytes + RTP_BYTES, mki, 3);
	assert_memory_equal(wire.bytes + RTP_BYTES + 3, plain.bytes + RTP_BYTES, 10);
	assert_int_equal(unprotect(&context, &wire), SLUICE_DROP_NONE);
	assert_int_equal(wire.length, RTP_BYTES);
	wire = sealed_rtcp(&key, SSRC, 1);
	assert_int_equal(wire.length, RTCP_BYTES + 4 + 3 + 10);
	assert_memory_equal(wire.bytes + RTCP_BYTES + 4, mki, 3);
	assert_int_equal(unprotect(&context, &wire), SLUICE_DROP_NONE);
	wire = sealed_rtp(&key, SSRC, 2);
	wire.bytes[RTP_BYTES] ^= 1;
	hmacs = 0;
	assert_int_equal(unprotect(&context, &wire), SLUICE_DROP_MKI);
	assert_int_equal(hmacs, 0);
}

static void the_oldest_of_nine_sources_goes_but_its_packets_stay_replays(void **state)
{
	struct wire wire;

	(void)state;
	for (uint32_t ssrc = 0; ssrc < SRTP_SSRC_MAX + 1; ssrc++) {
		wire = sealed_rtp(&key, ssrc, 100);
		assert_int_equal(unprotect(&context, &wire), SLUICE_DROP_NONE);
		if (ssrc == 1) {
			/* so that 1 is older than 0 */
			wire = sealed_rtp(&key, 0, 101);
			assert_int_equal(unprotect(&context, &wire), SLUICE_DROP_NONE);
		}
	}
	assert_int_equal(source_count(&context), SRTP_SSRC_MAX);
	assert_int_equal(srtp_others(&context)->retired_count, 1);
	assert_int_equal(srtp_others(&context)->retired[0].ssrc, 1);
	wire = sealed_rtp(&key, 1, 100);
	assert_int_equal(unprotect(&context, &wire), SLUICE_DROP_REPLAY);
	wire = sealed_rtp(&key, 1, 99);
	assert_int_equal(unprotect(&context, &wire), SLUICE_DROP_REPLAY);
	wire = sealed_rtp(&key, 1, 101);
	assert_int_equal(unprotect(&context, &wire), SLUICE_DROP_NONE);
	assert_int_equal(srtp_others(&context)->retired_count, 1);
	wire = sealed_rtp(&key, 0, 101);
	assert_int_equal(unprotect(&context, &wire), SLUICE_DROP_REPLAY);
}

static void a_receiver_takes_new_sources_for_ever(void **state)
{
	(void)state;
	for (uint32_t ssrc = 0; ssrc < 200; ssrc++) {
		struct wire wire = sealed_rtp(&key, ssrc, 1);

		assert_int_equal(unprotect(&context, &wire), SLUICE_DROP_NONE);
	}
	assert_int_equal(source_count(&context), SRTP_SSRC_MAX);
	assert_int_equal(srtp_others(&context)->retired_count, SRTP_RETIRED_MAX);
}

static void packets_already_dropped_are_passed_over(void **state)
{
	struct wire wires[2] = {sealed_rtp(&key, SSRC, 1), sealed_rtp(&key, SSRC, 2)};
	struct wire before = wires[0];
	struct srtp_packet packets[2] = {packet_of(&context, &wires[0]),
					 packet_of(&context, &wires[1])};

	(void)state;
	packets[0].drop = SLUICE_DROP_SOURCE;
	packets[0].context = NULL;
	srtp_unprotect_burst(worker, packets, 2);
	assert_int_equal(packets[0].drop, SLUICE_DROP_SOURCE);
	assert_memory_equal(&wires[0], &before, sizeof(before));
	assert_int_equal(packets[1].drop, SLUICE_DROP_NONE);
}

/* What holds in every suite; what is of one alone has its own tests (srtp_gcm.c). */
static int run_suite(enum sluice_suite id, const char *name)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(
		a_key_resumed_after_a_restart_follows_the_peer_and_refuses_replays, fresh_context),
	    cmocka_unit_test_setup(after_a_rekey_the_roc_may_go_on_or_begin_again, fresh_context),
	    cmocka_unit_test_setup(another_key_opens_nothing_and_makes_no_source, fresh_context),
	    cmocka_unit_test_setup(the_longest_packet_has_its_limit, fresh_context),
	    cmocka_unit_test_setup(rtcp_of_a_source_that_was_away_is_no_less_strict, fresh_context),
	    cmocka_unit_test_setup(rtcp_of_the_last_64_may_be_late_and_older_ones_are_refused,
				   fresh_context),
	    cmocka_unit_test_setup(streams_are_followed_over_replay_wrap_and_late_join,
				   fresh_context),
	    cmocka_unit_test_setup(a_burst_of_one_stream_is_worked_in_order, fresh_context),
	    cmocka_unit_test_setup(a_forgery_before_the_packet_it_copies_does_no_harm,
				   fresh_context),
	    cmocka_unit_test_setup(a_flood_of_forgeries_costs_no_more_than_it_must, fresh_context),
	    cmocka_unit_test_setup(the_oldest_of_nine_sources_goes_but_its_packets_stay_replays,
				   fresh_context),
	    cmocka_unit_test_setup(a_receiver_takes_new_sources_for_ever, fresh_context),
	    cmocka_unit_test_setup(packets_already_dropped_are_passed_over, fresh_context),
	};

	suite = id;
	return cmocka_run_group_tests_name(name, tests, fixture_setup, wipe_teardown);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(what_was_sealed_is_opened_in_every_suite, fresh_context),
	    cmocka_unit_test_setup(srtcp_has_an_80_bit_tag_and_an_index_word, fresh_context),
	    cmocka_unit_test_setup(a_spoiled_packet_is_refused_and_changes_nothing, fresh_context),
	    cmocka_unit_test_setup(rtcp_in_clear_that_is_too_short_for_srtcp_is_named_as_such,
				   fresh_context),
	    cmocka_unit_test_setup(a_refused_packet_can_be_tried_with_the_key_before,
				   fresh_context),
	    cmocka_unit_test_setup(the_mki_stands_between_payload_and_tag, fresh_context),
	};
	int failed = cmocka_run_group_tests(tests, fixture_setup, wipe_teardown);

	failed += run_suite(SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80, "AES_CM_128_HMAC_SHA1_80");
	failed += run_suite(SLUICE_SUITE_AEAD_AES_128_GCM, "AEAD_AES_128_GCM");
	failed += run_suite(SLUICE_SUITE_AEAD_AES_256_GCM, "AEAD_AES_256_GCM");
	return failed;
}
