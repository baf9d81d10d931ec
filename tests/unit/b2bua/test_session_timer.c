/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Session timers (RFC 4028): each leg has its own. */
#include <stdio.h>
#include <string.h>

#include "world.h"

#define ALLOWS "Allow: INVITE, ACK, BYE, CANCEL, UPDATE\r\n"
#define TIMER "Supported: timer\r\n"
#define ASKS(terms) ALLOWS TIMER "Session-Expires: " terms "\r\n"
#define GIVES(terms) ALLOWS "Require: timer\r\nSession-Expires: " terms "\r\n"

/* What Alice asks for in her INVITE, what the plan wants, and what she is told. */
static void the_caller_gets_the_interval_and_refresher_that_the_table_says(void **state)
{
	static const struct {
		const char *asks;
		unsigned expires_s, min_s;
		const char *told; /* NULL: no session timer */
		bool require;
	} rows[] = {
	    {"", 0, 90, NULL, false},
	    {"", 1800, 90, "Session-Expires: 1800;refresher=uas\r\n", false},
	    {TIMER, 1800, 90, "Session-Expires: 1800;refresher=uac\r\n", true},
	    {ASKS("3600"), 1800, 90, "Session-Expires: 1800;refresher=uac\r\n", true},
	    {ASKS("600"), 1800, 90, "Session-Expires: 600;refresher=uac\r\n", true},
	    {ASKS("600;refresher=uas"), 1800, 90, "Session-Expires: 600;refresher=uas\r\n", false},
	    {ASKS("600;refresher=uac"), 0, 90, "Session-Expires: 600;refresher=uac\r\n", true},
	    {ASKS("3600") "Min-SE: 2400\r\n", 1800, 90, "Session-Expires: 2400;refresher=uac\r\n",
	     true},
	    {"Session-Expires: 60\r\n", 1800, 90, "Session-Expires: 90;refresher=uas\r\n", false},
	    {ASKS("99999999"), 0, 90, "Session-Expires: 86400;refresher=uac\r\n", true},
	};
	struct world *world = *state;
	struct config_dial_plan *plan = &world->config.dial_plans[0];

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct phone_message *answer;

		plan->session_expires_s = rows[i].expires_s;
		plan->session_min_s = rows[i].min_s;
		phone_invites_with(world, ALICE, "2002", rows[i].asks, sdp_srtp_alice);
		phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
		answer = phone_hears_status(world, ALICE, 200);
		if (rows[i].told)
			message_has(answer, rows[i].told);
		else
			message_lacks(answer, "Session-Expires");
		assert_int_equal(strstr(answer->text, "Require: timer") != NULL, rows[i].require);
		phone_acks(world, ALICE, NULL);
		phone_requests(world, ALICE, "BYE", "", NULL);
		phone_answers(world, BOB, "BYE", 200, NULL);
		phone_hears_status(world, ALICE, 200);
		world->sessions = 0;
		for (unsigned n = ALICE; n <= BOB; n++) {
			world->phone[n].received = 0;
			memset(world->phone[n].taken, 0, PHONE_INBOX);
		}
	}
}

static void an_interval_that_is_too_small_is_told_with_the_least(void **state)
{
	struct world *world = *state;

	world->config.dial_plans[0].session_min_s = 300;
	phone_invites_with(world, ALICE, "2002", ASKS("200"), sdp_srtp_alice);
	message_has(phone_hears_status(world, ALICE, 422), "Min-SE: 300\r\n");
	assert_int_equal(world_counter(world, "interval"), 1);
	phone_invites_with(world, ALICE, "2002", TIMER "Session-Expires: x\r\n", sdp_srtp_alice);
	phone_hears_status(world, ALICE, 400);
}

static void a_callee_that_finds_it_too_small_is_asked_again(void **state)
{
	struct world *world = *state;
	struct phone_message *invite;

	world->config.dial_plans[0].session_expires_s = 600;
	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	message_has(phone_hears(world, BOB, "INVITE"), "Session-Expires: 600\r\n");
	phone_answers_with(world, BOB, "INVITE", 422, "Min-SE: 1200\r\n", NULL);
	invite = phone_hears(world, BOB, "INVITE");
	message_has(invite, "Session-Expires: 1200\r\n");
	message_has(invite, "Min-SE: 1200\r\n");
	message_has(invite, "CSeq: 2 INVITE\r\n");
	message_has(invite, "a=crypto:1");
	phone_answers_with(world, BOB, "INVITE", 200, GIVES("1200;refresher=uas"), sdp_srtp_bob);
	phone_hears_status(world, ALICE, 200);
	phone_acks(world, ALICE, NULL);
	assert_int_equal(world_calls(world), 1);
}

static void a_callee_that_wants_ever_more_is_not_asked_for_ever(void **state)
{
	struct world *world = *state;
	char min[32];

	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	for (unsigned i = 0; i < 10 && world_calls(world); i++) {
		snprintf(min, sizeof(min), "Min-SE: %u\r\n", 1000 + i);
		phone_answers_with(world, BOB, "INVITE", 422, min, NULL);
	}
	phone_hears_status(world, ALICE, 502);
	assert_int_equal(world_calls(world), 0);
}

static void quiet(struct world *world)
{
	for (unsigned n = ALICE; n <= BOB; n++) {
		world->phone[n].received = 0;
		memset(world->phone[n].taken, 0, PHONE_INBOX);
	}
}

/* Alice has no timer: we refresh at half the time; Bob refreshes by himself. */
static void call_of_600_s(struct world *world, const char *alice, const char *bob)
{
	world->config.dial_plans[0].session_expires_s = 600;
	phone_invites_with(world, ALICE, "2002", alice, sdp_srtp_alice);
	phone_answers_with(world, BOB, "INVITE", 200, bob, sdp_srtp_bob);
	phone_acks(world, ALICE, NULL);
	quiet(world);
}

static void we_refresh_at_half_the_time_with_update(void **state)
{
	struct world *world = *state;
	struct phone_message *update;

	call_of_600_s(world, ALLOWS, GIVES("600;refresher=uas"));
	world_advance(world, 299000);
	assert_true(phone_hears_nothing(world, ALICE));
	world_advance(world, 1500);
	update = phone_hears(world, ALICE, "UPDATE");
	message_has(update, "Session-Expires: 600;refresher=uac\r\n");
	message_has(update, "Content-Length: 0\r\n");
	phone_answers(world, ALICE, "UPDATE", 200, NULL);
	phone_requests(world, BOB, "UPDATE", "Session-Expires: 600;refresher=uac\r\n" TIMER, NULL);
	message_has(phone_hears_status(world, BOB, 200), "Session-Expires: 600;refresher=uac\r\n");
	assert_true(phone_hears_nothing(world, ALICE));
	world_advance(world, 299000);
	assert_int_equal(world_calls(world), 1);
}

static void we_refresh_with_invite_where_there_is_no_update(void **state)
{
	struct world *world = *state;
	struct phone_message *invite;

	call_of_600_s(world, "", GIVES("600;refresher=uas"));
	world_advance(world, 300500);
	invite = phone_hears(world, ALICE, "INVITE");
	message_has(invite, "Session-Expires: 600;refresher=uac\r\n");
	message_has(invite, "a=crypto:1");
	phone_answers(world, ALICE, "INVITE", 200, sdp_srtp_alice);
	phone_hears(world, ALICE, "ACK");
	assert_int_equal(world->session[0].sets[0], 1); /* with the same key */
}

static void a_session_that_nobody_refreshes_ends_with_its_name(void **state)
{
	struct world *world = *state;

	call_of_600_s(world, ALLOWS, GIVES("600;refresher=uas"));
	world_advance(world, 300500);
	phone_answers(world, ALICE, "UPDATE", 200, NULL);
	quiet(world);
	world_advance(world, 267000); /* Bob's: 32 s before its end */
	assert_int_equal(world_calls(world), 1);
	world_advance(world, 1000);
	message_has(phone_hears(world, ALICE, "BYE"),
		    "Reason: Q.850;cause=102;text=\"session expired\"");
	phone_hears(world, BOB, "BYE");
	assert_int_equal(world_counter(world, "session-expired"), 1);
}

static void a_refresh_that_fails_is_tried_again_until_the_end(void **state)
{
	struct world *world = *state;

	call_of_600_s(world, ASKS("600;refresher=uas"), GIVES("600;refresher=uas"));
	world_advance(world, 300500);
	phone_hears(world, ALICE, "UPDATE");
	phone_answers(world, ALICE, "UPDATE", 500, NULL);
	world_advance(world, 10000);
	phone_hears(world, ALICE, "UPDATE");
	phone_answers(world, ALICE, "UPDATE", 200, NULL);
	assert_int_equal(world_calls(world), 1);
	world_advance(world, 299000);
}

/* Who agreed to no session timer but answers, if only by refusing, is not dead. */
static void a_peer_without_timer_that_refuses_the_refresh_keeps_its_call(void **state)
{
	static const char *const allow[] = {"Allow: INVITE, ACK, BYE\r\n", ALLOWS};
	static const char *const method[] = {"INVITE", "UPDATE"};
	struct world *world = *state;

	for (unsigned i = 0; i < 2; i++) {
		call_of_600_s(world, allow[i], GIVES("86400;refresher=uas"));
		for (unsigned refresh = 0; refresh < 4; refresh++) {
			world_advance(world, 300500);
			phone_hears(world, ALICE, method[i]);
			phone_answers(world, ALICE, method[i], 488, NULL);
		}
		assert_int_equal(world_calls(world), 1);
		phone_requests(world, ALICE, "BYE", "", NULL);
		phone_answers(world, BOB, "BYE", 200, NULL);
		assert_int_equal(world_calls(world), 0);
	}
}

static void a_peer_that_lost_the_call_is_found_by_the_refresh(void **state)
{
	struct world *world = *state;

	call_of_600_s(world, ALLOWS, GIVES("600;refresher=uas"));
	world_advance(world, 300500);
	phone_answers(world, ALICE, "UPDATE", 481, NULL);
	phone_hears(world, BOB, "BYE");
	assert_int_equal(world_counter(world, "dialog-gone"), 1);
}

/* The same description again, with Session-Expires: the other side has its own timer. */
static void a_refresh_by_invite_is_answered_by_the_relay(void **state)
{
	struct world *world = *state;
	struct phone_message *answer;

	call_of_600_s(world, ASKS("600;refresher=uac"), GIVES("600;refresher=uas"));
	phone_requests(world, ALICE, "INVITE", ASKS("600;refresher=uac"), sdp_srtp_alice);
	answer = phone_hears_status(world, ALICE, 200);
	message_has(answer, "Session-Expires: 600;refresher=uac\r\n");
	message_has(answer, "a=crypto:1");
	phone_acks(world, ALICE, NULL);
	assert_true(phone_hears_nothing(world, BOB));
	assert_int_equal(world->session[0].sets[0], 1); /* and nothing changed */
	/* a change goes through */
	phone_requests(world, ALICE, "INVITE", ASKS("600;refresher=uac"), sdp_srtp_bob);
	phone_hears(world, BOB, "INVITE");
}

#define TIMER_TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TIMER_TEST(the_caller_gets_the_interval_and_refresher_that_the_table_says),
	    TIMER_TEST(an_interval_that_is_too_small_is_told_with_the_least),
	    TIMER_TEST(a_callee_that_finds_it_too_small_is_asked_again),
	    TIMER_TEST(a_callee_that_wants_ever_more_is_not_asked_for_ever),
	    TIMER_TEST(we_refresh_at_half_the_time_with_update),
	    TIMER_TEST(we_refresh_with_invite_where_there_is_no_update),
	    TIMER_TEST(a_session_that_nobody_refreshes_ends_with_its_name),
	    TIMER_TEST(a_refresh_that_fails_is_tried_again_until_the_end),
	    TIMER_TEST(a_peer_without_timer_that_refuses_the_refresh_keeps_its_call),
	    TIMER_TEST(a_peer_that_lost_the_call_is_found_by_the_refresh),
	    TIMER_TEST(a_refresh_by_invite_is_answered_by_the_relay),
	};

	return cmocka_run_group_tests_name("b2bua session timers", tests, NULL, NULL);
}
