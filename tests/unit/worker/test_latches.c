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

int main(void)
{
#define ONE(function) cmocka_unit_test_setup_teardown(function, one_worker, teardown)
	const struct CMUnitTest tests[] = {
	    ONE(a_plain_leg_latches_once_and_media_follows),
	    ONE(two_candidates_in_one_burst_latch_one),
	    ONE(a_new_ssrc_is_told_once_a_second_at_most),
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}
