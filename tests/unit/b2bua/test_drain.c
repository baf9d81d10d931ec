/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A relay that is to end. */
#include "world.h"

static void draining_ends_calls_and_refuses_new_ones(void **state)
{
	struct world *world = *state;

	world_call(world, ALICE, BOB);
	b2bua_drain(world->b2bua, 5000, world_drained, world);
	phone_hears(world, ALICE, "BYE");
	phone_hears(world, BOB, "BYE");
	phone_invites(world, CAROL, "2001", sdp_rtp_carol);
	message_has(phone_hears_status(world, CAROL, 503), "Retry-After: 60");
	phone_answers(world, ALICE, "BYE", 200, NULL);
	assert_false(world->drained);
	phone_answers(world, BOB, "BYE", 200, NULL);
	assert_true(world->drained);
}

static void a_relay_that_drains_lets_calls_end_and_takes_no_new_ones(void **state)
{
	struct world *world = *state;

	world_call(world, ALICE, BOB);
	world->config.drain_status = 480;
	b2bua_serve(world->b2bua, B2BUA_DRAINING);
	assert_true(phone_hears_nothing(world, BOB));
	phone_invites(world, CAROL, "2001", sdp_rtp_carol);
	message_has(phone_hears_status(world, CAROL, 480), "Retry-After: 60");
	phone_requests(world, ALICE, "BYE", "", NULL);
	phone_hears_status(world, ALICE, 200);
	phone_hears(world, BOB, "BYE");
	phone_answers(world, BOB, "BYE", 200, NULL);
	b2bua_serve(world->b2bua, B2BUA_SERVING);
	world_call(world, BOB, ALICE);
	assert_int_equal(world_calls(world), 1);
}

static void calls_that_are_left_at_the_end_of_a_drain_are_ended(void **state)
{
	struct world *world = *state;

	world_call(world, ALICE, BOB);
	b2bua_serve(world->b2bua, B2BUA_DRAINING);
	b2bua_end_calls(world->b2bua);
	phone_hears(world, ALICE, "BYE");
	phone_hears(world, BOB, "BYE");
	phone_answers(world, ALICE, "BYE", 200, NULL);
	phone_answers(world, BOB, "BYE", 200, NULL);
	assert_int_equal(world_calls(world), 0);
}

static void draining_does_not_wait_for_ever(void **state)
{
	struct world *world = *state;

	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	phone_answers(world, BOB, "INVITE", 180, NULL); /* and nothing to the CANCEL */
	b2bua_drain(world->b2bua, 5000, world_drained, world);
	world_advance(world, 4900);
	assert_false(world->drained);
	world_advance(world, 200);
	assert_true(world->drained);
}

#define CALL_TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CALL_TEST(draining_ends_calls_and_refuses_new_ones),
	    CALL_TEST(draining_does_not_wait_for_ever),
	    CALL_TEST(a_relay_that_drains_lets_calls_end_and_takes_no_new_ones),
	    CALL_TEST(calls_that_are_left_at_the_end_of_a_drain_are_ended),
	};

	return cmocka_run_group_tests_name("b2bua drain", tests, NULL, NULL);
}
