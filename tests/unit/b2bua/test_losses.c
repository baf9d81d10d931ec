/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls that lose something: their media, a connection, a peer. */
#include "world.h"

static void silence_ends_the_call_on_both_sides_and_says_why(void **state)
{
	struct world *world = *state;

	world_call(world, ALICE, CAROL);
	world_media_event(world, 0, 0, SLUICE_EVENT_MEDIA_TIMEOUT);
	message_has(phone_hears(world, ALICE, "BYE"),
		    "Reason: Q.850;cause=102;text=\"media timeout\"");
	message_has(phone_hears(world, CAROL, "BYE"),
		    "Reason: Q.850;cause=102;text=\"media timeout\"");
	phone_answers(world, ALICE, "BYE", 200, NULL);
	phone_answers(world, CAROL, "BYE", 481, NULL);
	assert_int_equal(world_calls(world), 0);
}

static void a_dead_peer_does_not_keep_a_call_that_has_ended(void **state)
{
	struct world *world = *state;

	world_call(world, ALICE, BOB);
	phone_requests(world, ALICE, "BYE", "", NULL);
	world_advance(world, 2900);
	assert_int_equal(world_calls(world), 1);
	world_advance(world, 200);
	assert_int_equal(world_calls(world), 0); /* Bob never answered */
	phone_answers(world, BOB, "BYE", 200, NULL);
}

static void media_that_the_data_plane_lost_for_good_ends_the_call(void **state)
{
	struct world *world = *state;

	world_call(world, ALICE, BOB);
	world_media_lost(world, 0);
	message_has(phone_hears(world, ALICE, "BYE"), "media lost");
	phone_hears(world, BOB, "BYE");
}

static void a_call_survives_the_loss_of_a_connection(void **state)
{
	struct world *world = *state;

	world_call(world, ALICE, BOB);
	world_disconnect(world, BOB);
	assert_int_equal(world_calls(world), 1);
	phone_requests(world, ALICE, "BYE", "", NULL);
	phone_hears(world, BOB, "BYE"); /* on a new connection */
}

static void a_caller_that_is_gone_before_the_answer_is_forgotten(void **state)
{
	struct world *world = *state;

	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	phone_answers(world, BOB, "INVITE", 180, NULL);
	world->unreachable = true;
	world_disconnect(world, ALICE);
	phone_hears(world, BOB, "CANCEL");
	phone_answers(world, BOB, "INVITE", 487, NULL);
	assert_int_equal(world_calls(world), 0);
}

/* Linphone closes its connection when it takes itself for off line; the call goes on. */
static void a_leg_without_a_connection_is_not_shown_as_signalled_in_clear(void **state)
{
	static const char *const expected[] = {"encrypted", "none"};
	struct world *world = *state;
	json_t *list, *legs;

	world_call(world, ALICE, BOB);
	world_disconnect(world, BOB);
	list = b2bua_call_list(world->b2bua);
	legs = json_object_get(json_array_get(list, 0), "legs");
	for (size_t i = 0; i < 2; i++)
		assert_string_equal(
		    json_string_value(json_object_get(json_array_get(legs, i), "signalling")),
		    expected[i]);
	json_decref(list);
}

#define CALL_TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CALL_TEST(silence_ends_the_call_on_both_sides_and_says_why),
	    CALL_TEST(a_dead_peer_does_not_keep_a_call_that_has_ended),
	    CALL_TEST(media_that_the_data_plane_lost_for_good_ends_the_call),
	    CALL_TEST(a_call_survives_the_loss_of_a_connection),
	    CALL_TEST(a_caller_that_is_gone_before_the_answer_is_forgotten),
	    CALL_TEST(a_leg_without_a_connection_is_not_shown_as_signalled_in_clear),
	};

	return cmocka_run_group_tests_name("b2bua losses", tests, NULL, NULL);
}
