/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sources that are not known yet: latches, and what is told of them. */
#include <string.h>

#include "chain.h"

#define ID 7U

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

/* Turns the worker and the main thread until both have said all. */
static void settle(struct fixture *fixture)
{
	for (unsigned i = 0; i < 3; i++) {
		sessions_tick(fixture->sessions);
		turn(fixture);
	}
}

static bool pass_report(struct fixture *fixture, const struct sluice_open_reply *session,
			const struct sluice_addr *from, struct frame *out)
{
	static const uint8_t report[8] = {0x80, 201, 0, 1, 0, 0, 0, 9};
	struct sluice_addr local = session->local[0];

	local.port++;
	return pass(fixture, 0, from, &local, report, sizeof(report), out);
}

/* RFC 3550 6.2: the first report comes after seconds, when an open latch is long closed. */
static void rtcp_of_a_phone_behind_a_nat_follows_its_rtp(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply session = opened(fixture, ID, 4);
	struct sluice_addr said = addr4("192.0.2.99", 6000), outside = addr4(outside_peer, 5000);
	struct sluice_addr rtp = addr4("203.0.113.5", 6000), rtcp = addr4("203.0.113.5", 7123);
	struct sluice_addr other = addr4("203.0.113.6", 7123);
	struct sluice_set request = plain_leg(ID, 0, &said);
	static const uint8_t report[8] = {0x80, 201, 0, 1, 0, 0, 0, 1};
	struct sluice_addr local = session.local[1];
	struct frame out;

	request.mask |= SLUICE_SET_LATCH;
	request.latch = SLUICE_LATCH_ANY;
	request.rtcp_mux = 0;
	request.remote_rtcp = addr4("192.0.2.99", 6001);
	set(fixture, &request);
	request = plain_leg(ID, 1, &outside);
	set(fixture, &request);
	assert_true(pass_rtp(fixture, &session, &rtp, 1, &out));
	settle(fixture);
	/* ours goes there, to the next port, until it is heard */
	assert_true(pass(fixture, 1, &outside, &local, report, sizeof(report), &out));
	assert_memory_equal(out.bytes + 14 + 16, rtp.ip, 4);
	assert_int_equal(out.bytes[14 + 22] << 8 | out.bytes[14 + 23], 6001);
	assert_false(pass_report(fixture, &session, &other, &out));
	assert_true(pass_report(fixture, &session, &rtcp, &out));
	settle(fixture);
	assert_true(pass(fixture, 1, &outside, &local, report, sizeof(report), &out));
	assert_int_equal(out.bytes[14 + 22] << 8 | out.bytes[14 + 23], 7123);
	/* the same said again, as by a re-INVITE, changes neither */
	request = plain_leg(ID, 0, &said);
	request.mask |= SLUICE_SET_LATCH;
	request.latch = SLUICE_LATCH_ANY;
	request.rtcp_mux = 0;
	request.remote_rtcp = addr4("192.0.2.99", 6001);
	set(fixture, &request);
	settle(fixture);
	assert_false(pass_report(fixture, &session, &other, &out));
	assert_true(pass_report(fixture, &session, &rtcp, &out));
	assert_true(pass_rtp(fixture, &session, &rtp, 2, &out));
	/* another address opens both anew */
	request.remote_rtp = addr4("192.0.2.98", 6000);
	request.remote_rtcp = addr4("192.0.2.98", 6001);
	set(fixture, &request);
	settle(fixture);
	assert_true(pass_report(fixture, &session, &other, &out));
}

/* Anybody may become the peer of an SRTP leg in that mode, with an authentic packet. */
static void strangers_do_not_use_up_what_the_named_source_may_send(void **state)
{
	struct fixture *fixture = *state;
	struct chain chain = chain_make(fixture, &key_a);
	struct sluice_set open = plain_leg(8, 0, &chain.inside);
	struct sluice_addr stranger = addr4("203.0.113.5", 4000);
	uint8_t packet[BYTES + 32], forged[BYTES];
	uint32_t length = encrypted(fixture, &chain, 1, packet);
	struct frame junk, out;

	rtp_make(forged, BYTES, 1, 0x1234);
	open.mask = SLUICE_SET_REMOTE | SLUICE_SET_LATCH;
	open.latch = SLUICE_LATCH_ANY;
	open.rate_pps = 500;
	open.mask |= SLUICE_SET_RATE;
	set(fixture, &open);
	for (unsigned i = 0; i < 200; i++) {
		stranger.port++;
		junk = udp_frame(fixture, 0, &stranger, &chain.second.local[0], forged, BYTES);
		feed(fixture, 0, &junk, 1);
	}
	assert_true(leg_dropped(fixture, 8, 0, SLUICE_DROP_RATE) > 100);
	assert_true(decrypted(fixture, &chain, packet, length, &out));
}

/* Leg 0 of session 8, which any source may become the peer of, hears packet 1 from that one. */
static void latch_anybody(struct fixture *fixture, const struct chain *chain,
			  const struct sluice_addr *peer, uint32_t rate_pps)
{
	struct sluice_set open = plain_leg(8, 0, &chain->inside);
	uint8_t packet[BYTES + 32];
	uint32_t length = encrypted(fixture, chain, 1, packet);
	struct frame out;

	open.mask = SLUICE_SET_REMOTE | SLUICE_SET_LATCH | SLUICE_SET_RATE;
	open.latch = SLUICE_LATCH_ANY;
	open.rate_pps = rate_pps;
	set(fixture, &open);
	assert_true(pass(fixture, 0, peer, &chain->second.local[0], packet, length, &out));
}

/* The phone is behind a NAT: what signalling named is an address that anybody can read in the SDP,
 * and write into a packet. */
static void who_forges_the_named_source_does_not_use_up_what_the_peer_may_send(void **state)
{
	struct fixture *fixture = *state;
	struct chain chain = chain_make(fixture, &key_a);
	struct sluice_addr peer = addr4("203.0.113.7", 7000);
	uint8_t packet[BYTES + 32], forged[BYTES];
	struct frame junk, out;
	uint32_t length;

	latch_anybody(fixture, &chain, &peer, 50);
	rtp_make(forged, BYTES, 1, 0x1234);
	junk = udp_frame(fixture, 0, &chain.inside, &chain.second.local[0], forged, BYTES);
	for (unsigned i = 0; i < 2000; i++)
		feed(fixture, 0, &junk, 1);
	for (uint16_t i = 2; i < 12; i++) {
		length = encrypted(fixture, &chain, i, packet);
		assert_true(pass(fixture, 0, &peer, &chain.second.local[0], packet, length, &out));
	}
	assert_int_equal(leg_dropped(fixture, 8, 0, SLUICE_DROP_RATE), 0);
	assert_true(leg_dropped(fixture, 8, 0, SLUICE_DROP_AUTH_RATE) > 0);
}

static void strangers_do_not_keep_out_a_peer_whose_nat_gives_it_another_address(void **state)
{
	struct fixture *fixture = *state;
	struct chain chain = chain_make(fixture, &key_a);
	struct sluice_addr peer = addr4("203.0.113.7", 7000), stranger = addr4("203.0.113.5", 4000);
	uint8_t packet[BYTES + 32], forged[BYTES];
	struct frame junk, out;
	uint32_t length;

	latch_anybody(fixture, &chain, &peer, 500);
	rtp_make(forged, BYTES, 1, 0x1234);
	for (unsigned i = 0; i < 1000; i++) {
		stranger.port++;
		junk = udp_frame(fixture, 0, &stranger, &chain.second.local[0], forged, BYTES);
		feed(fixture, 0, &junk, 1);
	}
	assert_true(leg_dropped(fixture, 8, 0, SLUICE_DROP_RATE) > 500);
	peer.port = 7002;
	length = encrypted(fixture, &chain, 2, packet);
	assert_true(pass(fixture, 0, &peer, &chain.second.local[0], packet, length, &out));
}

int main(void)
{
#define ONE(function) cmocka_unit_test_setup_teardown(function, one_worker, teardown)
	const struct CMUnitTest tests[] = {
	    ONE(a_plain_leg_latches_once_and_media_follows),
	    ONE(two_candidates_in_one_burst_latch_one),
	    ONE(a_new_ssrc_is_told_once_a_second_at_most),
	    ONE(rtcp_of_a_phone_behind_a_nat_follows_its_rtp),
	    ONE(strangers_do_not_use_up_what_the_named_source_may_send),
	    ONE(who_forges_the_named_source_does_not_use_up_what_the_peer_may_send),
	    ONE(strangers_do_not_keep_out_a_peer_whose_nat_gives_it_another_address),
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}
