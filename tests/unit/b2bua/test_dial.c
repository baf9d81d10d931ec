/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A call's way from target to target. */
#include <stdio.h>
#include <string.h>

#include "b2bua/cause.h"
#include "world.h"

static struct config_route *route;

static void use(struct world *world, unsigned count, const enum phone_number phones[])
{
	route = world_route(world, count, phones);
}

static void to_bob_then_dave(struct world *world)
{
	use(world, 2, (const enum phone_number[]){BOB, DAVE});
}

static const char *value_of(const struct phone_message *message, const char *name, char text[256])
{
	const char *at = strstr(message->text, name);

	assert_non_null(at);
	snprintf(text, 256, "%.*s", (int)strcspn(at, "\r"), at);
	return text;
}

static void differ(const struct phone_message *a, const struct phone_message *b, const char *name)
{
	char x[256], y[256];

	assert_string_not_equal(value_of(a, name, x), value_of(b, name, y));
}

static void dave_takes_the_call(struct world *world)
{
	phone_hears(world, DAVE, "INVITE");
	phone_answers(world, DAVE, "INVITE", 200, sdp_srtp_bob);
	phone_hears(world, DAVE, "ACK");
	message_has(phone_hears_status(world, ALICE, 200), "a=crypto:1");
	phone_acks(world, ALICE, NULL);
	phone_requests(world, ALICE, "BYE", "", NULL);
	phone_hears_status(world, ALICE, 200);
	phone_hears(world, DAVE, "BYE");
	phone_answers(world, DAVE, "BYE", 200, NULL);
	assert_int_equal(world_calls(world), 0);
}

static void after_503_the_next_target_is_called(void **state)
{
	struct world *world = *state;
	const struct phone_message *first, *second;

	to_bob_then_dave(world);
	phone_invites(world, ALICE, "555", sdp_srtp_alice);
	first = phone_hears(world, BOB, "INVITE");
	phone_answers(world, BOB, "INVITE", 503, NULL);
	phone_hears(world, BOB, "ACK");
	second = world->phone[DAVE].invite;
	assert_non_null(second);
	/* another dialog, another key: nothing of the one is of use to the other */
	differ(first, second, "Call-ID: ");
	differ(first, second, ";tag=");
	differ(first, second, "inline:");
	message_has(second, "INVITE sip:555@dave.example:5061;transport=tls");
	dave_takes_the_call(world);
	assert_true(phone_hears_nothing(world, BOB));
	assert_int_equal(world_counter(world, "failovers"), 1);
	assert_int_equal(world->sessions, 1); /* the same media addresses do */
}

static void statuses_that_are_not_listed_are_the_answer(void **state)
{
	static const unsigned statuses[] = {404, 486, 501, 600, 603};
	struct world *world = *state;

	to_bob_then_dave(world);
	for (unsigned i = 0; i < 5; i++) {
		phone_invites(world, ALICE, "555", sdp_srtp_alice);
		phone_hears(world, BOB, "INVITE");
		phone_answers(world, BOB, "INVITE", statuses[i], NULL);
		phone_hears(world, BOB, "ACK");
		phone_hears_status(world, ALICE, cause_map_status(statuses[i]));
		phone_acks(world, ALICE, NULL);
	}
	assert_true(phone_hears_nothing(world, DAVE));
}

static void a_route_may_list_others(void **state)
{
	struct world *world = *state;

	to_bob_then_dave(world);
	codes_add(&route->codes, "486");
	phone_invites(world, ALICE, "555", sdp_srtp_alice);
	phone_hears(world, BOB, "INVITE");
	phone_answers(world, BOB, "INVITE", 486, NULL);
	phone_hears(world, BOB, "ACK");
	dave_takes_the_call(world);
}

static void a_target_that_cannot_be_reached_is_passed_over(void **state)
{
	struct world *world = *state;

	to_bob_then_dave(world);
	world_disconnect(world, BOB);
	world->refuses[BOB] = true;
	phone_invites(world, ALICE, "555", sdp_srtp_alice);
	dave_takes_the_call(world);
}

static void a_silent_target_is_given_up_and_hung_up_on_if_it_answers_late(void **state)
{
	struct world *world = *state;

	to_bob_then_dave(world);
	phone_invites(world, ALICE, "555", sdp_srtp_alice);
	phone_hears(world, BOB, "INVITE");
	world_advance(world, 4999);
	assert_true(phone_hears_nothing(world, DAVE));
	world_advance(world, 1);
	phone_hears(world, DAVE, "INVITE");
	phone_answers(world, DAVE, "INVITE", 180, NULL);
	phone_hears_status(world, ALICE, 180);
	/* no CANCEL before anything came (RFC 3261 9.1), then at once */
	assert_true(phone_hears_nothing(world, BOB));
	phone_answers(world, BOB, "INVITE", 100, NULL);
	phone_hears(world, BOB, "CANCEL");
	phone_answers(world, BOB, "CANCEL", 200, NULL);
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob); /* they crossed */
	phone_hears(world, BOB, "ACK");
	phone_hears(world, BOB, "BYE");
	phone_answers(world, BOB, "BYE", 200, NULL);
	assert_int_equal(world_calls(world), 1);
	phone_answers(world, DAVE, "INVITE", 200, sdp_srtp_bob);
	phone_hears(world, DAVE, "ACK");
	phone_hears_status(world, ALICE, 200);
	phone_acks(world, ALICE, NULL);
	assert_true(phone_hears_nothing(world, BOB));
}

static void a_given_up_target_may_refuse_or_stay_silent(void **state)
{
	struct world *world = *state;

	to_bob_then_dave(world);
	for (unsigned i = 0; i < 2; i++) {
		phone_invites(world, ALICE, "555", sdp_srtp_alice);
		phone_hears(world, BOB, "INVITE");
		world_advance(world, 5000);
		phone_hears_status(world, ALICE, 100);
		if (i == 0) {
			phone_answers(world, BOB, "INVITE", 486, NULL);
			phone_hears(world, BOB, "ACK");
		}
		dave_takes_the_call(world);
		world_advance(world, 60000);
		assert_true(phone_hears_nothing(world, ALICE));
	}
}

static void the_last_target_has_all_the_time_of_the_protocol(void **state)
{
	struct world *world = *state;

	to_bob_then_dave(world);
	phone_invites(world, ALICE, "555", sdp_srtp_alice);
	world_advance(world, 5000);
	phone_hears(world, DAVE, "INVITE");
	world_advance(world, 31000);
	phone_answers(world, DAVE, "INVITE", 200, sdp_srtp_bob);
	phone_hears(world, DAVE, "ACK");
	phone_hears_status(world, ALICE, 200);
}

static void a_target_that_rings_may_still_fail(void **state)
{
	struct world *world = *state;

	to_bob_then_dave(world);
	phone_invites(world, ALICE, "555", sdp_srtp_alice);
	phone_hears(world, BOB, "INVITE");
	phone_answers(world, BOB, "INVITE", 180, NULL);
	phone_hears_status(world, ALICE, 180);
	world_advance(world, 10000); /* who rings is not silent */
	assert_true(phone_hears_nothing(world, DAVE));
	phone_answers(world, BOB, "INVITE", 500, NULL);
	phone_hears(world, BOB, "ACK");
	dave_takes_the_call(world);
}

static void a_prack_of_the_target_before_is_nothing_any_more(void **state)
{
	struct world *world = *state;

	to_bob_then_dave(world);
	phone_invites(world, ALICE, "555", sdp_srtp_alice);
	phone_hears(world, BOB, "INVITE");
	phone_answers_with(world, BOB, "INVITE", 180, "Require: 100rel\r\nRSeq: 1\r\n", NULL);
	phone_hears(world, BOB, "PRACK");
	phone_answers(world, BOB, "INVITE", 503, NULL);
	phone_hears(world, BOB, "ACK");
	phone_answers(world, BOB, "PRACK", 481, NULL);
	dave_takes_the_call(world);
	assert_true(phone_hears_nothing(world, BOB));
}

static void once_the_caller_knows_of_media_the_failure_is_its_answer(void **state)
{
	struct world *world = *state;

	to_bob_then_dave(world);
	world->more_targets = 3; /* not even those of the same peer */
	phone_invites(world, ALICE, "555", sdp_srtp_alice);
	phone_hears(world, BOB, "INVITE");
	phone_answers(world, BOB, "INVITE", 183, sdp_srtp_bob);
	phone_hears_status(world, ALICE, 183);
	phone_answers(world, BOB, "INVITE", 503, NULL);
	phone_hears(world, BOB, "ACK");
	message_has(phone_hears_status(world, ALICE, 500), "Reason: Q.850;cause=41");
	assert_true(phone_hears_nothing(world, DAVE));
	assert_int_equal(world_counter(world, "failovers"), 0);
}

static void attempts_are_bounded_in_number_and_time(void **state)
{
	struct world *world = *state;

	to_bob_then_dave(world);
	route->tries = 1;
	phone_invites(world, ALICE, "555", sdp_srtp_alice);
	phone_hears(world, BOB, "INVITE");
	phone_answers(world, BOB, "INVITE", 504, NULL);
	phone_hears(world, BOB, "ACK");
	phone_hears_status(world, ALICE, 504);
	phone_acks(world, ALICE, NULL);
	route->tries = 4;
	route->failover_ms = 2000;
	phone_invites(world, ALICE, "555", sdp_srtp_alice);
	phone_hears(world, BOB, "INVITE");
	phone_answers(world, BOB, "INVITE", 100, NULL);
	world_advance(world, 2000);
	phone_answers(world, BOB, "INVITE", 504, NULL);
	phone_hears_status(world, ALICE, 504);
	assert_true(phone_hears_nothing(world, DAVE));
}

static void a_target_elsewhere_gets_media_addresses_of_its_own(void **state)
{
	struct world *world = *state;
	char *before = world->config.dial_plans[1].media_interface;

	use(world, 2, (const enum phone_number[]){BOB, CAROL});
	world->config.dial_plans[1].media_interface = (char[]){"other"};
	phone_invites(world, ALICE, "555", sdp_srtp_alice);
	phone_hears(world, BOB, "INVITE");
	phone_answers(world, BOB, "INVITE", 503, NULL);
	phone_hears(world, BOB, "ACK");
	message_lacks(phone_hears(world, CAROL, "INVITE"), "a=crypto");
	assert_int_equal(world->sessions, 2);
	assert_true(world->session[0].closed);
	assert_string_equal(world->session[1].interface[1], "other");
	phone_answers(world, CAROL, "INVITE", 200, sdp_rtp_carol);
	phone_hears_status(world, ALICE, 200);
	assert_int_equal(world->session[1].sets[0], 1);
	assert_int_equal(world->session[1].sets[1], 1);
	world->config.dial_plans[1].media_interface = before;
}

static void the_caller_may_give_up_at_the_second_target(void **state)
{
	struct world *world = *state;

	to_bob_then_dave(world);
	phone_invites(world, ALICE, "555", sdp_srtp_alice);
	phone_answers(world, BOB, "INVITE", 503, NULL);
	phone_hears(world, DAVE, "INVITE");
	phone_answers(world, DAVE, "INVITE", 180, NULL);
	phone_cancels(world, ALICE);
	phone_hears_status(world, ALICE, 487);
	phone_hears(world, DAVE, "CANCEL");
	phone_answers(world, DAVE, "INVITE", 487, NULL);
	phone_hears(world, DAVE, "ACK");
	assert_int_equal(world_calls(world), 0);
}

static void whom_the_dial_plan_forbids_is_passed_over(void **state)
{
	struct world *world = *state;

	use(world, 3, (const enum phone_number[]){CAROL, BOB, DAVE});
	phone_invites(world, DAVE, "555", sdp_srtp_alice); /* dave may not be joined to less */
	assert_true(phone_hears_nothing(world, CAROL));
	phone_hears(world, BOB, "INVITE");
}

static void when_all_fail_the_last_failure_is_the_answer(void **state)
{
	struct world *world = *state;

	to_bob_then_dave(world);
	phone_invites(world, ALICE, "555", sdp_srtp_alice);
	phone_answers(world, BOB, "INVITE", 503, NULL);
	phone_answers_with(world, DAVE, "INVITE", 502, "Reason: Q.850;cause=38\r\n", NULL);
	message_has(phone_hears_status(world, ALICE, 502), "Reason: Q.850;cause=38");
	phone_acks(world, ALICE, NULL);
	assert_int_equal(world_calls(world), 0);
}

static void a_refusing_route_tells_the_caller_no_more_than_it_must(void **state)
{
	struct world *world = *state;
	const struct phone_message *answer;

	to_bob_then_dave(world);
	route->target_count = 0;
	route->refuse = 403;
	phone_invites(world, ALICE, "0900123", sdp_srtp_alice);
	answer = phone_hears_status(world, ALICE, 403);
	message_has(answer, "Reason: Q.850;cause=21");
	message_has(answer, "not allowed");
	message_lacks(answer, "route out");
	assert_int_equal(world_counter(world, "route-refused"), 1);
	phone_acks(world, ALICE, NULL);
	route->number = (char[]){"7*"};
	world_routes_changed(world);
	phone_invites(world, ALICE, "0900123", sdp_srtp_alice);
	message_has(phone_hears_status(world, ALICE, 404), "Reason: Q.850;cause=1");
}

static void calls_to_a_peer_are_counted_while_they_last(void **state)
{
	struct world *world = *state;

	to_bob_then_dave(world);
	route->targets[0].max_calls = 1;
	phone_invites(world, ALICE, "555", sdp_srtp_alice);
	phone_hears(world, BOB, "INVITE");
	phone_invites(world, CAROL, "556", sdp_rtp_carol);
	/* bob is full, and carol is not good enough for dave */
	phone_hears_status(world, CAROL, 488);
	phone_acks(world, CAROL, NULL);
	phone_answers(world, BOB, "INVITE", 486, NULL);
	phone_hears_status(world, ALICE, 486);
	phone_invites(world, CAROL, "556", sdp_rtp_carol);
	phone_hears(world, BOB, "ACK");
	phone_hears(world, BOB, "INVITE");
}

static void a_transfer_goes_on_to_the_next_target_too(void **state)
{
	struct world *world = *state;

	world->config.dial_plans[0].refer = REFER_LOCAL;
	use(world, 1, (const enum phone_number[]){BOB});
	phone_invites(world, ALICE, "1", sdp_srtp_alice);
	phone_hears(world, BOB, "INVITE");
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	phone_hears(world, BOB, "ACK");
	phone_hears_status(world, ALICE, 200);
	phone_acks(world, ALICE, NULL);
	use(world, 2, (const enum phone_number[]){DAVE, CAROL});
	phone_requests(world, BOB, "REFER", "Refer-To: <sip:77@relay.example>\r\n", NULL);
	phone_hears_status(world, BOB, 202);
	phone_hears(world, DAVE, "INVITE");
	phone_answers(world, DAVE, "INVITE", 503, NULL);
	phone_hears(world, DAVE, "ACK");
	message_has(phone_hears(world, CAROL, "INVITE"), "INVITE sip:77@carol.example");
	phone_answers(world, CAROL, "INVITE", 200, sdp_rtp_carol);
	phone_hears(world, CAROL, "ACK");
	phone_hears(world, ALICE, "INVITE");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(after_503_the_next_target_is_called),
	    TEST(statuses_that_are_not_listed_are_the_answer),
	    TEST(a_route_may_list_others),
	    TEST(a_target_that_cannot_be_reached_is_passed_over),
	    TEST(a_silent_target_is_given_up_and_hung_up_on_if_it_answers_late),
	    TEST(a_given_up_target_may_refuse_or_stay_silent),
	    TEST(the_last_target_has_all_the_time_of_the_protocol),
	    TEST(a_target_that_rings_may_still_fail),
	    TEST(a_prack_of_the_target_before_is_nothing_any_more),
	    TEST(once_the_caller_knows_of_media_the_failure_is_its_answer),
	    TEST(attempts_are_bounded_in_number_and_time),
	    TEST(a_target_elsewhere_gets_media_addresses_of_its_own),
	    TEST(the_caller_may_give_up_at_the_second_target),
	    TEST(whom_the_dial_plan_forbids_is_passed_over),
	    TEST(when_all_fail_the_last_failure_is_the_answer),
	    TEST(a_refusing_route_tells_the_caller_no_more_than_it_must),
	    TEST(calls_to_a_peer_are_counted_while_they_last),
	    TEST(a_transfer_goes_on_to_the_next_target_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
