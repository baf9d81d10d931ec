/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What comes out for what goes in: headers, RTCP, lengths, silence, workers. */
#include <string.h>

#include "../clock.h"
#include "chain.h"

#define ID 7U

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

/* What is sent by that leg: the DSCP of its IP header. */
static unsigned dscp_of(const struct frame *frame)
{
	const uint8_t *ip = frame->bytes + 14;

	return (ip[0] >> 4 == 4 ? ip[1] : (ip[0] & 0xfU) << 4 | ip[1] >> 4) >> 2;
}

static void a_leg_has_the_dscp_of_its_interface_until_it_is_given_another(void **state)
{
	static const uint8_t report[8] = {0x80, 201, 0, 1};
	static const uint8_t families[2] = {6, 4}; /* of the inside leg */
	struct fixture *fixture = *state;
	struct frame out;

	for (unsigned i = 0; i < 2; i++) {
		struct sluice_open_reply session = opened(fixture, ID + i, families[i]);
		struct sluice_addr inside = families[i] == 6 ? addr6("2001:db8::10", 4000)
							     : addr4(inside_peer, 4000),
				   outside = addr4(outside_peer, 5000);
		struct sluice_set request = plain_leg(ID + i, 0, &inside);
		const struct sluice_set given = {
		    .session = ID + i, .leg = 1, .mask = SLUICE_SET_DSCP, .dscp = 0};
		uint8_t packet[BYTES];

		set(fixture, &request);
		request = plain_leg(ID + i, 1, &outside);
		set(fixture, &request);
		rtp_make(packet, BYTES, 1, 1);
		assert_true(pass(fixture, 0, &inside, &session.local[0], packet, BYTES, &out));
		assert_int_equal(dscp_of(&out), OUTSIDE_DSCP);
		assert_true(pass(fixture, 1, &outside, &session.local[1], packet, BYTES, &out));
		assert_int_equal(dscp_of(&out), INSIDE_DSCP);
		assert_true(pass(fixture, 1, &outside, &session.local[1], report, 8, &out));
		assert_int_equal(dscp_of(&out), INSIDE_DSCP);
		set(fixture, &given);
		rtp_make(packet, BYTES, 2, 1);
		assert_true(pass(fixture, 0, &inside, &session.local[0], packet, BYTES, &out));
		assert_int_equal(dscp_of(&out), 0);
		assert_true(pass(fixture, 0, &inside, &session.local[0], report, 8, &out));
		assert_int_equal(dscp_of(&out), 0);
		assert_true(pass(fixture, 1, &outside, &session.local[1], packet, BYTES, &out));
		assert_int_equal(dscp_of(&out), INSIDE_DSCP);
	}
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

static void silence_is_told_once(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_set request = {
	    .session = ID, .mask = SLUICE_SET_TIMEOUT, .media_timeout_ms = 50};

	plain_session(fixture, ID);
	set(fixture, &request);
	for (unsigned i = 0; i < 30; i++) {
		clock_pass_ms(10);
		sessions_tick(fixture->sessions);
	}
	assert_int_equal(fixture->event_count, 1);
	assert_int_equal(fixture->event[0].type, SLUICE_EVENT_MEDIA_TIMEOUT);
	assert_in_range(fixture->event[0].value, 50, 300);
}

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
	    ONE(a_leg_has_the_dscp_of_its_interface_until_it_is_given_another),
	    ONE(a_priority_tag_is_taken_off),
	    ONE(rtcp_goes_by_mux_or_by_its_own_port),
	    ONE(rtcp_passes_while_media_is_on_hold),
	    ONE(a_packet_too_long_once_encrypted_is_dropped_as_mtu),
	    ONE(silence_is_told_once),
	    TWO(a_packet_at_the_wrong_worker_reaches_its_owner),
	    ONE(a_closed_session_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}
