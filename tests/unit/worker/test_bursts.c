/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bursts of one turn: each is looked at while the one before is worked. */
#include <string.h>

#include "fixture.h"

#define BURST                                                                              \
	40U /* fits a ring of the fixture, and what a source may send before it is latched \
	     */
#define BYTES 60U

/* Packets of one peer, first to first + BURST - 1, to where the session has it send. */
static void burst_put(struct fixture *fixture, unsigned leg, const struct sluice_addr *from,
		      const struct sluice_open_reply *session, uint16_t first)
{
	for (uint16_t i = 0; i < BURST; i++) {
		uint8_t packet[BYTES];
		struct frame frame;

		rtp_make(packet, BYTES, (uint16_t)(first + i), 1 + leg);
		frame = udp_frame(fixture, leg, from, &session->local[leg], packet, BYTES);
		put(fixture, leg, &frame);
	}
}

static void assert_sent(struct fixture *fixture, unsigned interface, uint16_t first,
			uint16_t to_port)
{
	for (uint16_t i = 0; i < BURST; i++) {
		struct frame frame;
		const uint8_t *packet;
		uint32_t length;

		assert_true(sent(fixture, interface, &frame));
		assert_frame_right(&frame);
		packet = payload_of(&frame, &length);
		assert_int_equal(length, BYTES);
		assert_int_equal(packet[2] << 8 | packet[3], (uint16_t)(first + i));
		assert_int_equal(packet[-6] << 8 | packet[-5], to_port);
	}
}

static void bursts_of_both_sides_in_one_turn_come_out_whole_and_in_order(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply session = plain_session(fixture, 1);
	struct sluice_addr inside = addr4(inside_peer, 4000), outside = addr4(outside_peer, 5000);

	for (unsigned i = 0; i < 10; i++) {
		uint16_t first = (uint16_t)(65500 + i * BURST);

		burst_put(fixture, 0, &inside, &session, first);
		burst_put(fixture, 1, &outside, &session, first);
		turn(fixture);
		assert_sent(fixture, 1, first, 5000);
		assert_sent(fixture, 0, first, 4000);
	}
}

static void what_a_burst_latches_the_next_of_the_same_turn_is_sent_to(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply session = plain_session(fixture, 1);
	struct sluice_addr agreed = addr4(inside_peer, 4000), moved = addr4(inside_peer, 4002);
	struct sluice_addr outside = addr4(outside_peer, 5000);
	struct sluice_set leg = plain_leg(1, 0, &agreed);

	leg.mask |= SLUICE_SET_LATCH;
	leg.latch = SLUICE_LATCH_ADDRESS;
	set(fixture, &leg);
	turn(fixture);
	burst_put(fixture, 0, &moved, &session, 1);
	burst_put(fixture, 1, &outside, &session, 1);
	turn(fixture);
	assert_sent(fixture, 1, 1, 5000);
	assert_sent(fixture, 0, 1, 4002);
}

/* A leg that was found may be gone after the next mail: so no burst may be left over. */
static void a_session_that_ends_between_two_turns_leaves_no_packet_behind(void **state)
{
	struct fixture *fixture = *state;

	for (uint64_t id = 1; id <= 50; id++) {
		struct sluice_open_reply session = plain_session(fixture, id);
		struct sluice_addr inside = addr4(inside_peer, 4000);
		struct sluice_addr outside = addr4(outside_peer, 5000);
		struct sluice_session_info info;

		burst_put(fixture, 0, &inside, &session, 1);
		burst_put(fixture, 1, &outside, &session, 1);
		worker_step(fixture->worker[0]);
		assert_true(rte_ring_empty(fixture->in[0]) && rte_ring_empty(fixture->in[1]));
		assert_sent(fixture, 1, 1, 5000);
		assert_sent(fixture, 0, 1, 4000);
		assert_int_equal(sessions_close(fixture->sessions, id, &info), 0);
		turn(fixture);
	}
}

int main(void)
{
#define CASE(function) cmocka_unit_test_setup_teardown(function, one_worker, teardown)
	const struct CMUnitTest tests[] = {
	    CASE(bursts_of_both_sides_in_one_turn_come_out_whole_and_in_order),
	    CASE(what_a_burst_latches_the_next_of_the_same_turn_is_sent_to),
	    CASE(a_session_that_ends_between_two_turns_leaves_no_packet_behind),
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}
