/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Media before the answer, media that goes one way, and hold: what passes, and what goes on. */
#include <string.h>

#include "../clock.h"
#include "chain.h"

#define ID 7U
#define RTP_SSRC(leg) (1U + (leg))

/* What the peer of a leg may do: SLUICE_DIR_RX, the relay takes its media; _TX, it is sent some. */
static void direction_set(struct fixture *fixture, uint64_t id, uint8_t leg, uint8_t direction)
{
	const struct sluice_set request = {
	    .session = id, .leg = leg, .mask = SLUICE_SET_DIRECTION, .direction = direction};

	set(fixture, &request);
}

/* Whether RTP of the peer of that leg of a plain session comes out at the other. */
static bool speaks(struct fixture *fixture, const struct sluice_open_reply *session, unsigned leg,
		   uint16_t sequence)
{
	struct sluice_addr from = leg ? addr4(outside_peer, 5000) : addr4(inside_peer, 4000);
	uint8_t packet[BYTES];
	struct frame out;

	rtp_make(packet, BYTES, sequence, RTP_SSRC(leg));
	return pass(fixture, leg, &from, &session->local[leg], packet, BYTES, &out);
}

static bool reports(struct fixture *fixture, const struct sluice_open_reply *session, unsigned leg)
{
	static const uint8_t report[8] = {0x80, 201, 0, 1};
	struct sluice_addr from = leg ? addr4(outside_peer, 5000) : addr4(inside_peer, 4000);
	struct frame out;

	return pass(fixture, leg, &from, &session->local[leg], report, sizeof(report), &out);
}

/* 183 with an answer: the callee's announcement is heard, and nothing else until 200. */
static void early_media_passes_to_the_caller_alone_until_the_answer(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply session = plain_session(fixture, ID);
	struct sluice_session_info info;

	direction_set(fixture, ID, 0, SLUICE_DIR_TX);
	direction_set(fixture, ID, 1, SLUICE_DIR_RX);
	for (uint16_t i = 0; i < 3; i++) {
		assert_true(speaks(fixture, &session, 1, i));
		assert_false(speaks(fixture, &session, 0, i));
	}
	assert_int_equal(leg_dropped(fixture, ID, 0, SLUICE_DROP_DIRECTION), 3);
	direction_set(fixture, ID, 0, SLUICE_DIR_RX | SLUICE_DIR_TX);
	direction_set(fixture, ID, 1, SLUICE_DIR_RX | SLUICE_DIR_TX);
	assert_true(speaks(fixture, &session, 1, 3)); /* the same stream */
	assert_true(speaks(fixture, &session, 0, 3));
	assert_int_equal(sessions_get(fixture->sessions, ID, &info), 0);
	assert_int_equal(info.leg[1].counters.received, 4);
	assert_int_equal(info.leg[1].counters.lost, 0);
	assert_int_equal(info.leg[0].counters.received,
			 1); /* what was refused is in no statistic */
	assert_int_equal(info.leg[0].counters.lost, 0);
	assert_int_equal(fixture->event_count, 0); /* no new source is told */
}

/* The caller's side is known, the callee's not: it may speak all the same, to nobody yet. */
static void early_media_of_the_caller_waits_for_the_callees_address(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply session = opened(fixture, ID, 4);
	struct sluice_addr inside = addr4(inside_peer, 4000), outside = addr4(outside_peer, 5000);
	struct sluice_set request = plain_leg(ID, 0, &inside);

	set(fixture, &request);
	assert_false(speaks(fixture, &session, 0, 1));
	assert_false(speaks(fixture, &session, 1, 1)); /* from nobody that was named */
	assert_int_equal(leg_dropped(fixture, ID, 0, SLUICE_DROP_DIRECTION), 1);
	assert_int_equal(leg_dropped(fixture, ID, 1, SLUICE_DROP_DIRECTION), 1);
	request = plain_leg(ID, 1, &outside);
	set(fixture, &request);
	assert_true(speaks(fixture, &session, 0, 2));
	assert_true(speaks(fixture, &session, 1, 2));
}

static void one_way_media_passes_that_way_and_reports_both_ways(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply session = plain_session(fixture, ID);

	for (unsigned from = 0; from < 2; from++) {
		direction_set(fixture, ID, (uint8_t)from, SLUICE_DIR_RX);
		direction_set(fixture, ID, (uint8_t)(1 - from), SLUICE_DIR_TX);
		for (uint16_t i = 0; i < 3; i++) {
			assert_true(speaks(fixture, &session, from, i));
			assert_false(speaks(fixture, &session, 1 - from, i));
			assert_true(reports(fixture, &session, 0));
			assert_true(reports(fixture, &session, 1));
		}
		assert_int_equal(leg_dropped(fixture, ID, 1 - from, SLUICE_DROP_DIRECTION), 3);
	}
}

static void silence_is_told_of_the_side_that_may_speak_alone(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_set request = {.session = ID,
				     .mask = SLUICE_SET_TIMEOUT | SLUICE_SET_DIRECTION,
				     .media_timeout_ms = 50,
				     .direction = SLUICE_DIR_TX};

	plain_session(fixture, ID);
	set(fixture, &request);
	request.leg = 1;
	request.direction = SLUICE_DIR_RX;
	set(fixture, &request);
	for (unsigned i = 0; i < 30; i++) {
		clock_pass_ms(10);
		sessions_tick(fixture->sessions);
	}
	assert_int_equal(fixture->event_count, 1);
	assert_int_equal(fixture->event[0].type, SLUICE_EVENT_MEDIA_TIMEOUT);
	assert_int_equal(fixture->event[0].leg, 1);
}

static uint16_t sequence_of(const uint8_t *packet)
{
	return (uint16_t)(packet[2] << 8 | packet[3]);
}

/* The sequence numbers wrap while the call is on hold: keys, roll-over counter and window go on. */
static void a_secured_call_goes_on_after_hold_where_its_source_is(void **state)
{
	struct fixture *fixture = *state;
	struct chain chain = chain_make(fixture, &key_a);
	uint8_t packet[BYTES + 32], last[BYTES + 32];
	uint32_t length, refused = 0;
	struct frame out;
	uint16_t source = 0;

	do { /* as if there were loss, to be there sooner */
		length = encrypted(fixture, &chain, source += 2000, packet);
		memcpy(last, packet, length);
		assert_true(decrypted(fixture, &chain, packet, length, &out));
	} while (sequence_of(packet) < 62000);
	direction_set(fixture, 8, 0, 0);
	for (; sequence_of(packet) >= 62000; refused++) {
		length = encrypted(fixture, &chain, source += 2000, packet);
		assert_false(decrypted(fixture, &chain, packet, length, &out));
	}
	assert_int_equal(leg_dropped(fixture, 8, 0, SLUICE_DROP_DIRECTION), refused);
	direction_set(fixture, 8, 0, SLUICE_DIR_RX | SLUICE_DIR_TX);
	assert_false(decrypted(fixture, &chain, last, length, &out));
	assert_int_equal(leg_dropped(fixture, 8, 0, SLUICE_DROP_REPLAY), 1);
	for (unsigned i = 0; i < 3; i++) {
		length = encrypted(fixture, &chain, ++source, packet);
		assert_true(decrypted(fixture, &chain, packet, length, &out));
	}
	assert_int_equal(leg_dropped(fixture, 8, 0, SLUICE_DROP_AUTH), 0);
}

int main(void)
{
#define ONE(function) cmocka_unit_test_setup_teardown(function, one_worker, teardown)
	const struct CMUnitTest tests[] = {
	    ONE(early_media_passes_to_the_caller_alone_until_the_answer),
	    ONE(early_media_of_the_caller_waits_for_the_callees_address),
	    ONE(one_way_media_passes_that_way_and_reports_both_ways),
	    ONE(silence_is_told_of_the_side_that_may_speak_alone),
	    ONE(a_secured_call_goes_on_after_hold_where_its_source_is),
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}
