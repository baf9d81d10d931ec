/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What comes out for what goes in: headers, RTCP, SRTP, latches, workers. */
#include <string.h>

#include <rte_cycles.h>

#include "fixture.h"

#define ID 7U
#define BYTES 172U

static const struct sluice_key key_a = {.suite = 1, .key_len = 30, .key = {1, 2, 3}};
static const struct sluice_key key_b = {.suite = 1, .key_len = 30, .key = {9, 8, 7}};

/* A packet from one side's peer; what the other side sent for it. */
static bool pass(struct fixture *fixture, unsigned side, const struct sluice_addr *from,
		 const struct sluice_addr *to, const uint8_t *packet, uint32_t length,
		 struct frame *out)
{
	struct frame frame = udp_frame(fixture, side, from, to, packet, length);

	feed(fixture, side, &frame, 1);
	if (!sent(fixture, 1 - side, out))
		return false;
	assert_frame_right(out);
	return true;
}

static bool pass_rtp(struct fixture *fixture, const struct sluice_open_reply *session,
		     const struct sluice_addr *from, uint16_t sequence, struct frame *out)
{
	uint8_t packet[BYTES];

	rtp_make(packet, BYTES, sequence, 1);
	return pass(fixture, 0, from, &session->local[0], packet, BYTES, out);
}

static void rtp_passes_unchanged_with_right_headers(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply session = plain_session(fixture, ID);
	struct sluice_addr from = addr4(inside_peer, 4000);

	/* all lengths, so that the checksum of an odd one is covered */
	for (uint32_t length = 12; length < 64; length++) {
		uint8_t packet[64];
		struct frame out;
		uint32_t got;

		rtp_make(packet, length, (uint16_t)length, 1);
		assert_true(pass(fixture, 0, &from, &session.local[0], packet, length, &out));
		assert_memory_equal(payload_of(&out, &got), packet, length);
		assert_int_equal(got, length);
		assert_memory_equal(out.bytes + 14 + 12, session.local[1].ip, 4);
		assert_memory_equal(out.bytes + 14 + 16, addr4(outside_peer, 0).ip, 4);
		assert_int_equal(out.bytes[34] << 8 | out.bytes[35], session.local[1].port);
		assert_int_equal(out.bytes[36] << 8 | out.bytes[37], 5000);
	}
}

static void ipv6_and_ipv4_legs_are_joined(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply session = opened(fixture, ID, 6);
	struct sluice_addr inside = addr6("2001:db8::10", 4000),
			   outside = addr4(outside_peer, 5000);
	struct sluice_set request = plain_leg(ID, 0, &inside);
	uint8_t packet[BYTES];
	struct frame out;

	request.mask |= SLUICE_SET_DSCP;
	request.dscp = 46;
	set(fixture, &request);
	request = plain_leg(ID, 1, &outside);
	request.mask |= SLUICE_SET_DSCP;
	request.dscp = 46;
	set(fixture, &request);
	rtp_make(packet, BYTES, 1, 1);
	assert_true(pass(fixture, 0, &inside, &session.local[0], packet, BYTES, &out));
	assert_int_equal(out.bytes[15], 46 << 2); /* IPv4 DSCP */
	assert_true(pass(fixture, 1, &outside, &session.local[1], packet, BYTES, &out));
	assert_int_equal((out.bytes[14] & 0xf) << 4 | out.bytes[15] >> 4, 46 << 2); /* class */
}

static void a_priority_tag_is_taken_off(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply session = plain_session(fixture, ID);
	struct sluice_addr from = addr4(inside_peer, 4000);
	uint8_t packet[BYTES];
	struct frame frame, out;

	rtp_make(packet, BYTES, 1, 1);
	frame = udp_frame(fixture, 0, &from, &session.local[0], packet, BYTES);
	memmove(frame.bytes + 16, frame.bytes + 12, frame.length - 12);
	memcpy(frame.bytes + 12, "\x81\x00\xa0\x00", 4); /* priority 5, VLAN 0 */
	frame.length += 4;
	feed(fixture, 0, &frame, 1);
	assert_true(sent(fixture, 1, &out));
	assert_frame_right(&out);
}

static void rtcp_goes_by_mux_or_by_its_own_port(void **state)
{
	static const uint8_t report[8] = {0x80, 201, 0, 1};
	struct fixture *fixture = *state;
	struct sluice_open_reply session = plain_session(fixture, ID);
	struct sluice_addr inside = addr4(inside_peer, 4000), outside = addr4(outside_peer, 5000);
	struct sluice_addr inside_rtcp = addr4(inside_peer, 4001);
	struct sluice_addr local_rtcp = session.local[0];
	struct sluice_set request = plain_leg(ID, 0, &inside);
	struct frame out;

	local_rtcp.port++;
	request.rtcp_mux = 0;
	request.remote_rtcp = inside_rtcp;
	set(fixture, &request);
	assert_true(pass(fixture, 0, &inside_rtcp, &local_rtcp, report, sizeof(report), &out));
	assert_int_equal(out.bytes[36] << 8 | out.bytes[37], 5000); /* muxed */
	assert_int_equal(out.bytes[34] << 8 | out.bytes[35], session.local[1].port);
	assert_true(pass(fixture, 1, &outside, &session.local[1], report, sizeof(report), &out));
	assert_int_equal(out.bytes[36] << 8 | out.bytes[37], 4001); /* not muxed */
	assert_int_equal(out.bytes[34] << 8 | out.bytes[35], local_rtcp.port);
	/* RTCP on the RTP port of a leg without mux is RTCP all the same */
	assert_true(pass(fixture, 0, &inside, &session.local[0], report, sizeof(report), &out));
	assert_int_equal(out.bytes[36] << 8 | out.bytes[37], 5000);
}

static void rtcp_passes_while_media_is_on_hold(void **state)
{
	static const uint8_t report[8] = {0x80, 201, 0, 1};
	struct fixture *fixture = *state;
	struct sluice_open_reply session = plain_session(fixture, ID);
	struct sluice_addr inside = addr4(inside_peer, 4000);
	struct sluice_set request = {.session = ID, .mask = SLUICE_SET_DIRECTION};
	struct frame out;

	set(fixture, &request);
	assert_false(pass_rtp(fixture, &session, &inside, 1, &out));
	assert_true(pass(fixture, 0, &inside, &session.local[0], report, sizeof(report), &out));
}

/* ---- SRTP: what the relay encrypts for one leg, it is fed on another that has the key ---- */

/* Session 7: plain inside, SRTP outside. Session 8: SRTP inside with the same key, plain outside.
 */
struct chain {
	struct sluice_open_reply first, second;
	struct sluice_addr inside, outside, middle;
};

static void key_set(struct fixture *fixture, uint64_t id, uint8_t leg, uint32_t mask,
		    const struct sluice_key *key)
{
	struct sluice_set request = {
	    .session = id, .leg = leg, .mask = mask, .rx = {*key}, .tx = *key};

	set(fixture, &request);
}

static struct chain chain_make(struct fixture *fixture, const struct sluice_key *key)
{
	struct chain chain = {.first = plain_session(fixture, 7),
			      .second = plain_session(fixture, 8),
			      .inside = addr4(inside_peer, 4000),
			      .outside = addr4(outside_peer, 5000)};

	key_set(fixture, 7, 1, SLUICE_SET_TX_KEY, key);
	key_set(fixture, 8, 0, SLUICE_SET_RX_KEY, key);
	return chain;
}

/* Encrypts RTP of that sequence number; its payload. */
static uint32_t encrypted(struct fixture *fixture, const struct chain *chain, uint16_t sequence,
			  uint8_t *packet)
{
	struct frame out;
	const uint8_t *payload;
	uint32_t length;

	assert_true(pass_rtp(fixture, &chain->first, &chain->inside, sequence, &out));
	payload = payload_of(&out, &length);
	memcpy(packet, payload, length);
	return length;
}

static bool decrypted(struct fixture *fixture, const struct chain *chain, const uint8_t *packet,
		      uint32_t length, struct frame *out)
{
	return pass(fixture, 0, &chain->inside, &chain->second.local[0], packet, length, out);
}

static void srtp_of_one_leg_is_opened_by_the_other(void **state)
{
	struct fixture *fixture = *state;
	struct chain chain = chain_make(fixture, &key_a);
	uint8_t clear[BYTES], packet[BYTES + 32];
	struct sluice_stats stats = {0};
	struct frame out;

	for (uint16_t sequence = 65500; sequence != 100; sequence++) { /* across the wrap */
		uint32_t length = encrypted(fixture, &chain, sequence, packet);
		const uint8_t *payload;

		rtp_make(clear, BYTES, sequence, 1);
		assert_int_equal(length, BYTES + 10);
		assert_memory_not_equal(packet + 12, clear + 12, BYTES - 12);
		assert_true(decrypted(fixture, &chain, packet, length, &out));
		payload = payload_of(&out, &length);
		assert_int_equal(length, BYTES);
		assert_memory_equal(payload + 12, clear + 12, BYTES - 12);
	}
	sessions_stats(fixture->sessions, &stats);
	assert_int_equal(stats.encrypted, 136);
	assert_int_equal(stats.decrypted, 136);
}

static void a_replay_and_a_forgery_change_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct chain chain = chain_make(fixture, &key_a);
	uint8_t packet[BYTES + 32], next[BYTES + 32];
	uint32_t length = encrypted(fixture, &chain, 10, packet);
	struct frame out;

	assert_true(decrypted(fixture, &chain, packet, length, &out));
	assert_false(decrypted(fixture, &chain, packet, length, &out));
	assert_int_equal(leg_dropped(fixture, 8, 0, SLUICE_DROP_REPLAY), 1);
	encrypted(fixture, &chain, 11, next);
	next[50] ^= 0x10;
	assert_false(decrypted(fixture, &chain, next, length, &out));
	assert_int_equal(leg_dropped(fixture, 8, 0, SLUICE_DROP_AUTH), 1);
	next[50] ^= 0x10;
	assert_true(decrypted(fixture, &chain, next, length, &out));
}

static void a_repeated_sequence_number_is_not_encrypted_twice(void **state)
{
	struct fixture *fixture = *state;
	struct chain chain = chain_make(fixture, &key_a);
	uint8_t packet[BYTES + 32];
	struct frame out;

	encrypted(fixture, &chain, 10, packet);
	assert_false(pass_rtp(fixture, &chain.first, &chain.inside, 10, &out));
	assert_int_equal(leg_dropped(fixture, 7, 0, SLUICE_DROP_TX_INDEX), 1);
}

static void packets_of_the_old_key_pass_for_two_seconds_after_a_re_key(void **state)
{
	struct fixture *fixture = *state;
	struct chain chain = chain_make(fixture, &key_a);
	uint8_t early[BYTES + 32], late[BYTES + 32], new[BYTES + 32];
	uint32_t length;
	struct frame out;

	length = encrypted(fixture, &chain, 9, new);
	assert_true(decrypted(fixture, &chain, new, length, &out));
	encrypted(fixture, &chain, 10, early);
	encrypted(fixture, &chain, 11, late);
	key_set(fixture, 7, 1, SLUICE_SET_TX_KEY, &key_b);
	key_set(fixture, 8, 0, SLUICE_SET_RX_KEY, &key_b);
	encrypted(fixture, &chain, 12, new);
	assert_true(decrypted(fixture, &chain, new, length, &out));
	assert_true(decrypted(fixture, &chain, early, length, &out));
	assert_false(decrypted(fixture, &chain, early, length, &out)); /* the old key's window */
	for (unsigned i = 0; i < 25; i++) {
		rte_delay_us_sleep(100000);
		sessions_tick(fixture->sessions);
		turn(fixture);
	}
	assert_false(decrypted(fixture, &chain, late, length, &out));
	/* the reason is the new key's: also for the replay under the old one */
	assert_int_equal(leg_dropped(fixture, 8, 0, SLUICE_DROP_AUTH), 2);
}

static void the_same_key_again_keeps_the_replay_window(void **state)
{
	struct fixture *fixture = *state;
	struct chain chain = chain_make(fixture, &key_a);
	uint8_t packet[BYTES + 32];
	uint32_t length = encrypted(fixture, &chain, 10, packet);
	struct frame out;

	assert_true(decrypted(fixture, &chain, packet, length, &out));
	key_set(fixture, 8, 0, SLUICE_SET_RX_KEY, &key_a);
	assert_false(decrypted(fixture, &chain, packet, length, &out));
	assert_int_equal(leg_dropped(fixture, 8, 0, SLUICE_DROP_REPLAY), 1);
}

/*
 * Key i of session 7, which encrypts with one after the other, as a peer with several master keys
 * does; session 8 was told all of them.
 */
static struct sluice_key master_key(unsigned i)
{
	struct sluice_key key = {.suite = 1, .key_len = 30, .mki_len = 2, .mki = 0x100 + i};

	memset(key.key, (int)i + 1, key.key_len);
	return key;
}

static void keys_set(struct fixture *fixture, unsigned first, unsigned count)
{
	struct sluice_set request = {.session = 8, .mask = SLUICE_SET_RX_KEY};

	for (unsigned i = 0; i < count; i++)
		request.rx[i] = master_key(first + i);
	set(fixture, &request);
}

static void sends_with(struct fixture *fixture, unsigned i)
{
	const struct sluice_key key = master_key(i);

	key_set(fixture, 7, 1, SLUICE_SET_TX_KEY, &key);
}

static void a_peer_may_change_between_its_master_keys(void **state)
{
	struct fixture *fixture = *state;
	const struct sluice_key first = master_key(0);
	struct chain chain = chain_make(fixture, &first);
	uint8_t packet[BYTES + 32], old[BYTES + 32];
	uint32_t length, old_length;
	uint64_t next = 0;
	struct sluice_session_info info;
	struct frame out;

	keys_set(fixture, 0, 4);
	for (unsigned i = 0; i < 4; i++) {
		sends_with(fixture, i);
		length = encrypted(fixture, &chain, (uint16_t)(65534 + i), packet);
		assert_int_equal(length, BYTES + 2 + 10);
		if (i == 0) /* the relay's own numbers */
			next = (uint64_t)(packet[2] << 8 | packet[3]);
		assert_true(decrypted(fixture, &chain, packet, length, &out));
		assert_int_equal(sessions_get(fixture->sessions, 8, &info), 0);
		assert_int_equal(info.leg[0].rx_position.rtp_next, ++next);
	}
	assert_false(decrypted(fixture, &chain, packet, length, &out));
	assert_int_equal(leg_dropped(fixture, 8, 0, SLUICE_DROP_REPLAY), 1);

	/* keys 2 and 3 stay, with their windows; 0 and 1 go, in two seconds */
	sends_with(fixture, 1);
	old_length = encrypted(fixture, &chain, 2, old);
	keys_set(fixture, 2, 4);
	assert_false(decrypted(fixture, &chain, packet, length, &out));
	assert_int_equal(leg_dropped(fixture, 8, 0, SLUICE_DROP_REPLAY), 2);
	assert_true(decrypted(fixture, &chain, old, old_length, &out));
	sends_with(fixture, 5);
	length = encrypted(fixture, &chain, 3, packet);
	assert_true(decrypted(fixture, &chain, packet, length, &out));

	sends_with(fixture, 6); /* nobody knows it */
	length = encrypted(fixture, &chain, 4, packet);
	assert_false(decrypted(fixture, &chain, packet, length, &out));
	assert_int_equal(leg_dropped(fixture, 8, 0, SLUICE_DROP_MKI), 1);
}

static void a_packet_too_long_once_encrypted_is_dropped_as_mtu(void **state)
{
	struct fixture *fixture = *state;
	struct chain chain = chain_make(fixture, &key_a);
	uint8_t packet[1472];
	struct frame out;

	rtp_make(packet, sizeof(packet), 1, 1);
	assert_false(pass(fixture, 0, &chain.inside, &chain.first.local[0], packet, 1472, &out));
	assert_int_equal(leg_dropped(fixture, 7, 0, SLUICE_DROP_MTU), 1);
	rtp_make(packet, sizeof(packet), 2, 1);
	assert_true(pass(fixture, 0, &chain.inside, &chain.first.local[0], packet, 1462, &out));
	assert_int_equal(out.length, 1514);
}

/* ---- latches and events ---- */

static void a_plain_leg_latches_once_and_media_follows(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply session = plain_session(fixture, ID);
	struct sluice_addr first = addr4("203.0.113.5", 6000), second = addr4("203.0.113.6", 6000);
	struct sluice_addr outside = addr4(outside_peer, 5000);
	struct sluice_set request = {
	    .session = ID, .mask = SLUICE_SET_LATCH, .latch = SLUICE_LATCH_ANY};
	struct sluice_session_info info;
	uint8_t packet[BYTES];
	struct frame out;

	set(fixture, &request);
	assert_true(pass_rtp(fixture, &session, &first, 1, &out));
	assert_false(pass_rtp(fixture, &session, &second, 2, &out));
	sessions_tick(fixture->sessions);
	turn(fixture);
	assert_int_equal(fixture->event_count, 1);
	assert_int_equal(fixture->event[0].type, SLUICE_EVENT_LATCHED);
	assert_memory_equal(&fixture->event[0].addr, &first, sizeof(first));
	rtp_make(packet, BYTES, 1, 2);
	assert_true(pass(fixture, 1, &outside, &session.local[1], packet, BYTES, &out));
	assert_memory_equal(out.bytes + 14 + 16, first.ip, 4);
	assert_int_equal(sessions_get(fixture->sessions, ID, &info), 0);
	assert_memory_equal(&info.leg[0].source, &first, sizeof(first));
}

static void two_candidates_in_one_burst_latch_one(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply session = plain_session(fixture, ID);
	struct sluice_addr source[2] = {addr4("203.0.113.5", 6000), addr4("203.0.113.6", 6000)};
	struct sluice_set request = {
	    .session = ID, .mask = SLUICE_SET_LATCH, .latch = SLUICE_LATCH_ANY};
	struct frame frame[2];
	uint8_t packet[BYTES];

	set(fixture, &request);
	for (unsigned i = 0; i < 2; i++) {
		rtp_make(packet, BYTES, (uint16_t)i, 1);
		frame[i] = udp_frame(fixture, 0, &source[i], &session.local[0], packet, BYTES);
	}
	feed(fixture, 0, frame, 2);
	assert_int_equal(leg_dropped(fixture, ID, 0, SLUICE_DROP_SOURCE), 1);
}

static void a_new_ssrc_is_told_once_a_second_at_most(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply session = plain_session(fixture, ID);
	struct sluice_addr from = addr4(inside_peer, 4000);
	struct frame out;

	for (uint32_t ssrc = 1; ssrc < 6; ssrc++) {
		uint8_t packet[BYTES];

		rtp_make(packet, BYTES, 1, ssrc);
		assert_true(pass(fixture, 0, &from, &session.local[0], packet, BYTES, &out));
	}
	sessions_tick(fixture->sessions);
	assert_int_equal(fixture->event_count, 1);
	assert_int_equal(fixture->event[0].type, SLUICE_EVENT_SSRC_CHANGED);
	assert_int_equal(fixture->event[0].value, 2);
}

/* At 90 %, looked at every 64 packets; a key of very few packets at its end. */
static void the_end_of_a_key_is_told_once_before_it_comes(void **state)
{
	static const struct {
		uint64_t lifetime;
		uint64_t left_least, left_most; /* when it is told */
	} rows[] = {{1, 0, 0},  {10, 0, 0},    {63, 0, 0},   {64, 1, 1},
		    {65, 2, 2}, {100, 37, 37}, {700, 1, 70}, {1000, 1, 100}};
	struct fixture *fixture = *state;

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sluice_key key = master_key(i);
		struct chain chain;
		struct frame out;
		unsigned passed = 0;

		key.lifetime = rows[i].lifetime;
		fixture->event_count = 0;
		chain = chain_make(fixture, &key);
		for (uint16_t sequence = 1; sequence <= rows[i].lifetime + 130; sequence++)
			passed += pass_rtp(fixture, &chain.first, &chain.inside, sequence, &out);
		assert_int_equal(passed, rows[i].lifetime);
		assert_int_equal(leg_dropped(fixture, 7, 0, SLUICE_DROP_KEY_LIFETIME), 130);
		sessions_tick(fixture->sessions);
		assert_int_equal(fixture->event_count, 1);
		assert_int_equal(fixture->event[0].type, SLUICE_EVENT_KEY_LIMIT);
		assert_int_equal(fixture->event[0].leg, 1);
		assert_int_equal(fixture->event[0].direction, SLUICE_DIR_TX);
		assert_in_range(fixture->event[0].value, rows[i].left_least, rows[i].left_most);
		for (uint64_t id = 7; id <= 8; id++) {
			struct sluice_session_info info;

			assert_int_equal(sessions_close(fixture->sessions, id, &info), 0);
			turn(fixture);
			sessions_tick(fixture->sessions);
		}
	}
}

/* The peer's key: what it sends after its end is not opened. */
static void the_end_of_the_peers_key_is_told_too(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_key key = key_a;
	struct chain chain = chain_make(fixture, &key);
	uint8_t packet[BYTES + 32];
	struct frame out;
	unsigned passed = 0;

	key.lifetime = 200;
	key_set(fixture, 8, 0, SLUICE_SET_RX_KEY, &key_b);
	key_set(fixture, 8, 0, SLUICE_SET_RX_KEY, &key);
	for (uint16_t sequence = 1; sequence <= 210; sequence++) {
		uint32_t length = encrypted(fixture, &chain, sequence, packet);

		passed += decrypted(fixture, &chain, packet, length, &out);
	}
	assert_int_equal(passed, 200);
	assert_int_equal(leg_dropped(fixture, 8, 0, SLUICE_DROP_KEY_LIFETIME), 10);
	sessions_tick(fixture->sessions);
	assert_int_equal(fixture->event_count, 1);
	assert_int_equal(fixture->event[0].leg, 0);
	assert_int_equal(fixture->event[0].direction, SLUICE_DIR_RX);
}

/* What the control plane does with that event, and what the peer sees of it. */
static void a_call_goes_on_past_the_lifetime_of_its_keys(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_key key = master_key(0);
	struct chain chain;
	uint8_t packet[BYTES + 32];
	unsigned keys = 1;
	struct frame out;

	key.lifetime = 300;
	chain = chain_make(fixture, &key);
	keys_set(fixture, 0, 1);
	for (uint16_t sequence = 1; sequence <= 3000; sequence++) {
		uint32_t length = encrypted(fixture, &chain, sequence, packet);

		assert_true(decrypted(fixture, &chain, packet, length, &out));
		sessions_tick(fixture->sessions);
		if (!fixture->event_count)
			continue;
		fixture->event_count = 0;
		key = master_key(keys);
		key.lifetime = 300;
		keys_set(fixture, keys, 1);
		key_set(fixture, 7, 1, SLUICE_SET_TX_KEY, &key);
		keys++;
	}
	assert_in_range(keys, 10, 13);
	assert_int_equal(leg_dropped(fixture, 7, 0, SLUICE_DROP_KEY_LIFETIME), 0);
	assert_int_equal(leg_dropped(fixture, 7, 0, SLUICE_DROP_TX_INDEX), 0);
}

static void silence_is_told_once(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_set request = {
	    .session = ID, .mask = SLUICE_SET_TIMEOUT, .media_timeout_ms = 50};

	plain_session(fixture, ID);
	set(fixture, &request);
	for (unsigned i = 0; i < 30; i++) {
		rte_delay_us_sleep(10000);
		sessions_tick(fixture->sessions);
	}
	assert_int_equal(fixture->event_count, 1);
	assert_int_equal(fixture->event[0].type, SLUICE_EVENT_MEDIA_TIMEOUT);
	assert_in_range(fixture->event[0].value, 50, 300);
}

/* ---- workers ---- */

static void a_packet_at_the_wrong_worker_reaches_its_owner(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_addr from = addr4(inside_peer, 4000);
	struct sluice_open_reply session[2] = {plain_session(fixture, 1),
					       plain_session(fixture, 2)};
	struct sluice_session_info info[2];
	struct frame out;

	/* both workers read the same ring: which of them gets a packet does not matter */
	for (uint16_t i = 0; i < 40; i++)
		assert_true(pass_rtp(fixture, &session[i % 2], &from, i, &out));
	assert_int_equal(sessions_get(fixture->sessions, 1, &info[0]), 0);
	assert_int_equal(sessions_get(fixture->sessions, 2, &info[1]), 0);
	assert_int_not_equal(info[0].leg[0].worker, info[1].leg[0].worker);
	assert_int_equal(info[0].leg[0].counters.received, 20);
	assert_int_equal(info[1].leg[0].counters.received, 20);
}

static void a_closed_session_leaves_nothing_behind(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_addr from = addr4(inside_peer, 4000);
	struct sluice_session_info info;
	struct frame out;

	for (unsigned i = 0; i < 100; i++) {
		struct chain chain = chain_make(fixture, &key_a);

		assert_true(pass_rtp(fixture, &chain.first, &from, 1, &out));
		assert_int_equal(sessions_close(fixture->sessions, 7, &info), 0);
		assert_int_equal(info.leg[0].counters.received, 1);
		assert_int_equal(info.leg[1].counters.sent, 1);
		assert_int_equal(sessions_close(fixture->sessions, 8, &info), 0);
		turn(fixture);
		sessions_tick(fixture->sessions);
		assert_false(pass_rtp(fixture, &chain.first, &from, 2, &out));
	}
	assert_int_equal(sessions_count(fixture->sessions), 0);
}

int main(void)
{
#define ONE(function) cmocka_unit_test_setup_teardown(function, one_worker, teardown)
#define TWO(function) cmocka_unit_test_setup_teardown(function, two_workers, teardown)
	const struct CMUnitTest tests[] = {
	    ONE(rtp_passes_unchanged_with_right_headers),
	    ONE(ipv6_and_ipv4_legs_are_joined),
	    ONE(a_priority_tag_is_taken_off),
	    ONE(rtcp_goes_by_mux_or_by_its_own_port),
	    ONE(rtcp_passes_while_media_is_on_hold),
	    ONE(srtp_of_one_leg_is_opened_by_the_other),
	    ONE(a_replay_and_a_forgery_change_nothing),
	    ONE(a_repeated_sequence_number_is_not_encrypted_twice),
	    ONE(packets_of_the_old_key_pass_for_two_seconds_after_a_re_key),
	    ONE(a_peer_may_change_between_its_master_keys),
	    ONE(the_same_key_again_keeps_the_replay_window),
	    ONE(a_packet_too_long_once_encrypted_is_dropped_as_mtu),
	    ONE(a_plain_leg_latches_once_and_media_follows),
	    ONE(two_candidates_in_one_burst_latch_one),
	    ONE(a_new_ssrc_is_told_once_a_second_at_most),
	    ONE(the_end_of_a_key_is_told_once_before_it_comes),
	    ONE(the_end_of_the_peers_key_is_told_too),
	    ONE(a_call_goes_on_past_the_lifetime_of_its_keys),
	    ONE(silence_is_told_once),
	    TWO(a_packet_at_the_wrong_worker_reaches_its_owner),
	    ONE(a_closed_session_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}
