/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls from their INVITE to their BYE. */
#include <stdlib.h>
#include <string.h>

#include "world.h"

static void hears_ringing_then_answer(struct world *world)
{
	phone_hears(world, BOB, "INVITE");
	phone_answers(world, BOB, "INVITE", 180, NULL);
	phone_hears_status(world, ALICE, 180);
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	phone_hears(world, BOB, "ACK");
	phone_hears_status(world, ALICE, 200);
	phone_acks(world, ALICE, NULL);
}

static void a_secured_call_is_set_up_and_hung_up_by_the_caller(void **state)
{
	struct world *world = *state;

	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	hears_ringing_then_answer(world);
	assert_int_equal(world_calls(world), 1);
	phone_requests(world, ALICE, "BYE", "", NULL);
	phone_hears_status(world, ALICE, 200);
	message_lacks(phone_hears(world, BOB, "BYE"), "\r\nReason:");
	phone_answers(world, BOB, "BYE", 200, NULL);
	assert_int_equal(world_calls(world), 0);
	assert_true(world->session[0].closed);
	assert_true(phone_hears_nothing(world, ALICE) && phone_hears_nothing(world, BOB));
	assert_int_equal(world_counter(world, "caller-hung-up"), 1);
}

static void the_callee_may_hang_up(void **state)
{
	struct world *world = *state;

	world_call(world, ALICE, BOB);
	phone_requests(world, BOB, "BYE", "", NULL);
	phone_hears_status(world, BOB, 200);
	phone_hears(world, ALICE, "BYE");
	phone_answers(world, ALICE, "BYE", 200, NULL);
	assert_int_equal(world_calls(world), 0);
}

/* What Bob gets must not let him know anything of where Alice is, and the other way round. */
static void nothing_of_one_side_reaches_the_other(void **state)
{
	static const char *const of_alice[] = {"192.0.2.11",   "alice.example", "tag-of-alice",
					       "z9hG4bKalice", "x-secret",      "alice's phone",
					       KEY_ALICE,      " 11 22 "};
	static const char *const of_bob[] = {"192.0.2.12", "bob.example",   "answer-of-bob",
					     " 33 44 ",    "secret-of-bob", KEY_BOB};
	struct world *world = *state;
	struct phone_message *invite, *answer;

	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	invite = phone_hears(world, BOB, "INVITE");
	for (unsigned i = 0; i < sizeof(of_alice) / sizeof(of_alice[0]); i++)
		message_lacks(invite, of_alice[i]);
	message_has(invite, "From: \"alice\" <sip:alice@relay.example>;tag=");
	message_has(invite, "INVITE sip:2002@bob.example:5061;transport=tls SIP/2.0");
	message_has(invite, "To: <sip:2002@bob.example>\r\n");
	message_has(invite, "Max-Forwards: 69\r\n");
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	answer = phone_hears_status(world, ALICE, 200);
	for (unsigned i = 0; i < sizeof(of_bob) / sizeof(of_bob[0]); i++)
		message_lacks(answer, of_bob[i]);
	message_has(answer, "Contact: <sip:relay.example:5061;transport=tls>");
	message_has(answer, "c=IN IP4 198.51.100.1\r\n");
}

static void early_media_is_installed_at_once(void **state)
{
	struct world *world = *state;
	const struct fake_session *session = &world->session[0];
	struct phone_message *early, *final;

	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	phone_answers(world, BOB, "INVITE", 183, sdp_srtp_bob);
	early = phone_hears_status(world, ALICE, 183);
	message_has(early, "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:");
	assert_int_equal(session->sets[0], 1);
	assert_int_equal(session->leg[1].remote_rtp.port, 5000);
	assert_int_equal(session->leg[0].media_timeout_ms, 0); /* the caller may be silent yet */
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	final = phone_hears_status(world, ALICE, 200);
	/* the same description, key and version: nothing happened to the session */
	assert_string_equal(strstr(early->text, "v=0"), strstr(final->text, "v=0"));
	assert_int_equal(session->last_mask[0], SLUICE_SET_TIMEOUT);
	assert_int_equal(session->leg[0].media_timeout_ms, 30000);
}

static void a_200_without_sdp_confirms_the_early_answer(void **state)
{
	struct world *world = *state;

	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	phone_answers(world, BOB, "INVITE", 183, sdp_srtp_bob);
	phone_answers(world, BOB, "INVITE", 200, NULL);
	message_has(phone_hears_status(world, ALICE, 200), "RTP/SAVP");
	assert_int_equal(world->session[0].leg[1].remote_rtp.port, 5000);
}

static void an_invite_without_offer_is_answered_through_both_acks(void **state)
{
	struct world *world = *state;
	const struct fake_session *session = &world->session[0];
	char offer[1024];

	phone_invites(world, ALICE, "2002", NULL);
	message_lacks(phone_hears(world, BOB, "INVITE"), "application/sdp\r\nContent-Length");
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	message_has(phone_hears_status(world, ALICE, 200), "a=crypto:2 AES_CM_128_HMAC_SHA1_32");
	assert_int_equal(session->sets[0], 0); /* nobody has answered yet */
	snprintf(offer, sizeof(offer), "%s", sdp_srtp_alice);
	phone_acks(world, ALICE, offer);
	message_has(phone_hears(world, BOB, "ACK"), "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:");
	assert_int_equal(session->leg[0].remote_rtp.port, 4000);
	assert_int_equal(session->leg[1].remote_rtp.port, 5000);
	assert_int_equal(session->leg[0].media_timeout_ms, 30000);
	assert_int_equal(world_calls(world), 1);
}

static void a_delayed_offer_that_nobody_answers_ends_the_call(void **state)
{
	struct world *world = *state;

	phone_invites(world, ALICE, "2002", NULL);
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	phone_hears_status(world, ALICE, 200);
	phone_acks(world, ALICE, NULL);
	phone_hears(world, BOB, "ACK");
	message_has(phone_hears(world, BOB, "BYE"), "Reason: SIP;cause=488");
	message_has(phone_hears(world, ALICE, "BYE"), "Reason: SIP;cause=488");
}

static void the_caller_may_cancel(void **state)
{
	struct world *world = *state;

	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	phone_answers(world, BOB, "INVITE", 180, NULL);
	phone_cancels(world, ALICE);
	phone_hears_status(world, ALICE, 200);
	phone_hears_status(world, ALICE, 487);
	phone_hears(world, BOB, "CANCEL");
	phone_answers(world, BOB, "CANCEL", 200, NULL);
	phone_answers(world, BOB, "INVITE", 487, NULL);
	assert_int_equal(world_calls(world), 0);
	assert_true(world->session[0].closed);
}

static void a_200_that_crosses_the_cancel_is_acknowledged_and_ended(void **state)
{
	struct world *world = *state;

	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	phone_answers(world, BOB, "INVITE", 180, NULL);
	phone_cancels(world, ALICE);
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	phone_hears(world, BOB, "ACK");
	phone_hears(world, BOB, "BYE");
	phone_hears_status(world, ALICE, 487);
	phone_answers(world, BOB, "BYE", 200, NULL);
	assert_int_equal(world_calls(world), 0);
}

static void a_200_that_is_never_acknowledged_ends_both_sides(void **state)
{
	struct world *world = *state;

	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	phone_hears(world, BOB, "ACK");
	world_advance(world, 33000);
	message_has(phone_hears(world, BOB, "BYE"), "Reason: Q.850;cause=102;text=\"no ACK\"");
	phone_hears(world, ALICE, "BYE");
	assert_int_equal(world_counter(world, "no-ack"), 1);
}

static void a_call_that_ends_before_the_ack_waits_with_its_bye(void **state)
{
	struct world *world = *state;

	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	phone_hears_status(world, ALICE, 200);
	phone_requests(world, BOB, "BYE", "", NULL);
	assert_true(phone_hears_nothing(world, ALICE));
	phone_acks(world, ALICE, NULL);
	phone_hears(world, ALICE, "BYE");
	phone_answers(world, ALICE, "BYE", 200, NULL);
	assert_int_equal(world_calls(world), 0);
}

static void a_second_fork_that_answers_gets_ack_and_bye(void **state)
{
	struct world *world = *state;
	struct phone_message *bye;

	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	phone_hears(world, BOB, "ACK");
	strcpy(world->phone[BOB].second_tag, "other-fork");
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	message_has(phone_hears(world, BOB, "ACK"), "tag=other-fork");
	bye = phone_hears(world, BOB, "BYE");
	message_has(bye, "tag=other-fork");
	assert_int_equal(world_calls(world), 1);
}

static void a_retransmitted_200_is_acknowledged_again(void **state)
{
	struct world *world = *state;

	world_call(world, ALICE, BOB);
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	phone_hears(world, BOB, "ACK");
	/* also when the call has long ended */
	phone_requests(world, ALICE, "BYE", "", NULL);
	phone_answers(world, BOB, "BYE", 200, NULL);
	assert_int_equal(world_calls(world), 0);
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	phone_hears(world, BOB, "ACK");
	world_advance(world, 60000);
}

static void refusals_of_the_callee_are_passed_on_as_the_caller_may_understand_them(void **state)
{
	static const struct {
		unsigned callee, caller;
	} statuses[] = {
	    {486, 486}, {404, 404}, {603, 603}, {480, 480}, {488, 488}, {302, 480},
	    {401, 502}, {407, 502}, {420, 502}, {503, 500}, {500, 500}, {481, 502},
	};
	struct world *world = *state;

	for (unsigned i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		world->sessions = 0;
		world->phone[BOB].received = 0;
		world->phone[ALICE].received = 0;
		memset(world->phone[ALICE].taken, 0, sizeof(world->phone[ALICE].taken));
		phone_invites(world, ALICE, "2002", sdp_srtp_alice);
		phone_answers(world, BOB, "INVITE", statuses[i].callee, NULL);
		phone_hears_status(world, ALICE, statuses[i].caller);
		assert_int_equal(world_calls(world), 0);
	}
	assert_int_equal(world_counter(world, "declined"), 12);
}

static void a_callee_that_answers_nothing_gives_408(void **state)
{
	struct world *world = *state;

	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	world_advance(world, 40000);
	phone_hears_status(world, ALICE, 408);
	assert_int_equal(world_calls(world), 0);
}

static void a_callee_that_cannot_be_reached_gives_503(void **state)
{
	struct world *world = *state;

	world->unreachable = true;
	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	phone_hears_status(world, ALICE, 503);
	assert_int_equal(world_calls(world), 0);
}

static void shown(void *user, json_t *call)
{
	*(json_t **)user = call;
}

static void the_operator_sees_a_call_with_its_counters_and_may_end_it(void **state)
{
	struct world *world = *state;
	json_t *list, *call = NULL, *leg;
	const char *id;
	char *text;

	world_call(world, ALICE, BOB);
	list = b2bua_call_list(world->b2bua);
	id = json_string_value(json_object_get(json_array_get(list, 0), "id"));
	assert_non_null(id);
	b2bua_call_show(world->b2bua, id, shown, &call);
	leg = json_array_get(json_object_get(call, "legs"), 0);
	assert_string_equal(json_string_value(json_object_get(leg, "media")),
			    "SRTP AES_CM_128_HMAC_SHA1_80");
	assert_int_equal(
	    json_integer_value(json_object_get(json_object_get(leg, "counters"), "received")), 42);
	text = json_dumps(call, 0);
	assert_null(strstr(text, KEY_ALICE));
	free(text);
	json_decref(call);
	assert_int_equal(b2bua_call_hangup(world->b2bua, "ffffffff"), -2);
	assert_int_equal(b2bua_call_hangup(world->b2bua, id), 0);
	message_has(phone_hears(world, ALICE, "BYE"), "ended by operator");
	phone_hears(world, BOB, "BYE");
	json_decref(list);
	b2bua_call_show(world->b2bua, "nothex", shown, &call);
	assert_null(call);
}

#define CALL_TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CALL_TEST(a_secured_call_is_set_up_and_hung_up_by_the_caller),
	    CALL_TEST(the_callee_may_hang_up),
	    CALL_TEST(nothing_of_one_side_reaches_the_other),
	    CALL_TEST(early_media_is_installed_at_once),
	    CALL_TEST(a_200_without_sdp_confirms_the_early_answer),
	    CALL_TEST(an_invite_without_offer_is_answered_through_both_acks),
	    CALL_TEST(a_delayed_offer_that_nobody_answers_ends_the_call),
	    CALL_TEST(the_caller_may_cancel),
	    CALL_TEST(a_200_that_crosses_the_cancel_is_acknowledged_and_ended),
	    CALL_TEST(a_200_that_is_never_acknowledged_ends_both_sides),
	    CALL_TEST(a_call_that_ends_before_the_ack_waits_with_its_bye),
	    CALL_TEST(a_second_fork_that_answers_gets_ack_and_bye),
	    CALL_TEST(a_retransmitted_200_is_acknowledged_again),
	    CALL_TEST(refusals_of_the_callee_are_passed_on_as_the_caller_may_understand_them),
	    CALL_TEST(a_callee_that_answers_nothing_gives_408),
	    CALL_TEST(a_callee_that_cannot_be_reached_gives_503),
	    CALL_TEST(the_operator_sees_a_call_with_its_counters_and_may_end_it),
	};

	return cmocka_run_group_tests_name("b2bua calls", tests, NULL, NULL);
}
