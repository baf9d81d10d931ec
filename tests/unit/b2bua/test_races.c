/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages that cross on their way: the flows of RFC 5407 with the relay in between. Glare of
 * changes (3.3.1, 3.3.2) is in test_changes.c and test_update.c, an end before the ACK (3.2.4) in
 * test_calls.c.
 */
#include <stdio.h>
#include <string.h>

#include "world.h"

static void bob_rings(struct world *world)
{
	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	phone_hears(world, BOB, "INVITE");
	phone_answers(world, BOB, "INVITE", 180, NULL);
	phone_hears_status(world, ALICE, 180);
}

static void bob_answers(struct world *world)
{
	bob_rings(world);
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	phone_hears(world, BOB, "ACK");
	phone_hears_status(world, ALICE, 200);
}

/* Alice's INVITE as she sent it first. */
static void alice_repeats_her_invite(struct world *world)
{
	const struct phone *alice = &world->phone[ALICE];

	phone_says(world, ALICE,
		   "INVITE sip:2002@relay.example SIP/2.0\r\n"
		   "Via: SIP/2.0/TLS 192.0.2.11:5061;branch=%s\r\nMax-Forwards: 70\r\n"
		   "From: \"alice\" <sip:alice@alice.example>;tag=%s\r\n"
		   "To: <sip:2002@relay.example>\r\nCall-ID: %s\r\nCSeq: 1 INVITE\r\n"
		   "Contact: <sip:alice@192.0.2.11:5061>\r\nContent-Type: application/sdp\r\n"
		   "Content-Length: %zu\r\n\r\n%s",
		   alice->branch, alice->tag, alice->call_id, strlen(sdp_srtp_alice),
		   sdp_srtp_alice);
}

static void both_hear_nothing(struct world *world)
{
	assert_true(phone_hears_nothing(world, ALICE) && phone_hears_nothing(world, BOB));
}

static void hang_up(struct world *world)
{
	phone_requests(world, ALICE, "BYE", "", NULL);
	phone_hears_status(world, ALICE, 200);
	phone_hears(world, BOB, "BYE");
	phone_answers(world, BOB, "BYE", 200, NULL);
	assert_int_equal(world_calls(world), 0);
	both_hear_nothing(world);
}

/* 3.1.1; RFC 6026: the transaction stays after its 2xx, so that this is no new call. */
static void an_invite_again_after_its_200_is_no_other_call(void **state)
{
	struct world *world = *state;

	bob_answers(world);
	alice_repeats_her_invite(world);
	both_hear_nothing(world);
	assert_int_equal(world_calls(world), 1);
	phone_acks(world, ALICE, NULL);
	hang_up(world);
}

/* 3.1.2 */
static void a_cancel_that_crossed_the_200_stops_nothing(void **state)
{
	struct world *world = *state;

	bob_answers(world);
	phone_cancels(world, ALICE);
	phone_hears_status(world, ALICE, 200); /* of the CANCEL */
	both_hear_nothing(world);
	phone_acks(world, ALICE, NULL);
	assert_int_equal(world_calls(world), 1);
	hang_up(world);
}

/* 3.1.3: the caller ends an early dialog by BYE, and the answer is on its way. */
static void an_early_bye_of_the_caller_ends_the_call_though_it_is_answered_meanwhile(void **state)
{
	struct world *world = *state;

	bob_rings(world);
	phone_requests(world, ALICE, "BYE", "", NULL);
	phone_hears_status(world, ALICE, 200);
	phone_hears_status(world, ALICE, 487);
	phone_hears(world, BOB, "CANCEL");
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	phone_hears(world, BOB, "ACK");
	phone_hears(world, BOB, "BYE");
	phone_answers(world, BOB, "CANCEL", 200, NULL);
	phone_answers(world, BOB, "BYE", 200, NULL);
	assert_int_equal(world_calls(world), 0);
}

/* 3.1.6: its BYE overtook its ACK. */
static void a_bye_before_the_ack_ends_the_call_and_the_late_ack_hurts_nobody(void **state)
{
	struct world *world = *state;

	bob_answers(world);
	hang_up(world);
	phone_acks(world, ALICE, NULL);
	world_advance(world, 40000); /* and the 200 is not sent again */
	both_hear_nothing(world);
}

/* 3.2.1 */
static void byes_of_both_sides_cross(void **state)
{
	struct world *world = *state;

	bob_answers(world);
	phone_acks(world, ALICE, NULL);
	phone_requests(world, ALICE, "BYE", "", NULL);
	phone_hears_status(world, ALICE, 200);
	phone_hears(world, BOB, "BYE");
	phone_requests(world, BOB, "BYE", "", NULL); /* sent before he heard ours */
	phone_hears_status(world, BOB, 200);
	phone_answers(world, BOB, "BYE", 481, NULL);
	assert_int_equal(world_calls(world), 0);
	both_hear_nothing(world);
}

/* 3.2.2 */
static void a_reinvite_that_crossed_the_bye_is_refused(void **state)
{
	struct world *world = *state;

	bob_answers(world);
	phone_acks(world, ALICE, NULL);
	phone_requests(world, ALICE, "BYE", "", NULL);
	phone_hears_status(world, ALICE, 200);
	phone_hears(world, BOB, "BYE");
	phone_requests(world, BOB, "INVITE", "", sdp_srtp_bob);
	phone_hears_status(world, BOB, 481);
	phone_answers(world, BOB, "BYE", 200, NULL);
	assert_int_equal(world_calls(world), 0);
	both_hear_nothing(world);
}

/* 3.2.3: the answer to a re-INVITE comes when its asker has hung up. */
static void the_answer_to_a_reinvite_after_the_bye_is_acknowledged(void **state)
{
	struct world *world = *state;

	bob_answers(world);
	phone_acks(world, ALICE, NULL);
	phone_requests(world, ALICE, "INVITE", "", sdp_srtp_alice);
	phone_hears(world, BOB, "INVITE");
	phone_requests(world, ALICE, "BYE", "", NULL);
	phone_hears_status(world, ALICE, 200);
	phone_hears_status(world, ALICE, 487); /* of the re-INVITE: it has its answer too */
	phone_acks(world, ALICE, NULL);
	phone_hears(world, BOB, "BYE");
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	phone_hears(world, BOB, "ACK");
	phone_answers(world, BOB, "BYE", 200, NULL);
	world_advance(world, 4000);
	assert_int_equal(world_calls(world), 0);
	both_hear_nothing(world);
}

/* The same from the other side: who was asked hangs up instead of answering. */
static void a_bye_instead_of_an_answer_to_a_reinvite_ends_both(void **state)
{
	struct world *world = *state;

	bob_answers(world);
	phone_acks(world, ALICE, NULL);
	phone_requests(world, ALICE, "INVITE", "", sdp_srtp_alice);
	phone_hears(world, BOB, "INVITE");
	phone_requests(world, BOB, "BYE", "", NULL);
	phone_hears_status(world, BOB, 200);
	phone_hears_status(world, ALICE, 487);
	phone_acks(world, ALICE, NULL);
	phone_hears(world, ALICE, "BYE");
	phone_answers(world, ALICE, "BYE", 200, NULL);
	phone_answers(world, BOB, "INVITE", 200,
		      sdp_srtp_bob); /* he may, and hears no BYE for it */
	phone_hears(world, BOB, "ACK");
	world_advance(world, 4000);
	assert_int_equal(world_calls(world), 0);
	both_hear_nothing(world);
}

/* 3.3.3: a REFER crosses a re-INVITE of ours to its sender: both are heard, one after the other. */
static void a_refer_that_crosses_a_reinvite_is_carried_out_all_the_same(void **state)
{
	struct world *world = *state;

	world->config.dial_plans[0].refer = REFER_LOCAL;
	bob_answers(world);
	phone_acks(world, ALICE, NULL);
	phone_requests(world, ALICE, "INVITE", "", sdp_srtp_alice);
	phone_hears(world, BOB, "INVITE");
	phone_requests(world, BOB, "REFER", "Refer-To: <sip:2004@relay.example>\r\n", NULL);
	phone_hears_status(world, BOB, 202);
	phone_hears(world, BOB, "NOTIFY");
	phone_answers(world, BOB, "NOTIFY", 200, NULL);
	phone_hears(world, DAVE, "INVITE");
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	phone_hears(world, BOB, "ACK");
	phone_hears_status(world, ALICE, 200);
	phone_acks(world, ALICE, NULL);
	phone_answers(world, DAVE, "INVITE", 200, sdp_srtp_bob);
	phone_hears(world, DAVE, "ACK");
	phone_hears(world, ALICE, "INVITE"); /* to her new partner */
}

/* 13.2.2.4 of RFC 3261: another fork answers an INVITE that Bob had first. */
static void another_fork_answers(struct world *world, const struct sip_message *invite)
{
	phone_says(world, BOB,
		   "SIP/2.0 200 OK\r\nVia: %.*s\r\nFrom: <%.*s>;tag=%.*s\r\n"
		   "To: <%.*s>;tag=other-fork\r\nCall-ID: %.*s\r\nCSeq: %u INVITE\r\n"
		   "Contact: <sip:fork@192.0.2.112>\r\nRecord-Route: <sip:way.example;lr>\r\n"
		   "Content-Type: application/sdp\r\nContent-Length: %zu\r\n\r\n%s",
		   STR_FMT(invite->via.whole), STR_FMT(invite->from.uri.whole),
		   STR_FMT(invite->from.tag), STR_FMT(invite->to.uri.whole),
		   STR_FMT(invite->call_id), invite->cseq, strlen(sdp_srtp_bob), sdp_srtp_bob);
}

static void the_fork_is_sent_away(struct world *world, const struct sip_message *invite)
{
	static const char *const methods[] = {"ACK", "BYE"};

	for (unsigned i = 0; i < 2; i++) {
		struct phone_message *message = phone_hears(world, BOB, methods[i]);

		message_has(message, "To: <sip:2002@bob.example>;tag=other-fork\r\n");
		message_has(message, " sip:fork@192.0.2.112 SIP/2.0\r\n");
		message_has(message, "\r\nRoute: <sip:way.example;lr>\r\n");
		assert_true(str_eq(message->parsed.call_id, invite->call_id));
		assert_true(str_eq(message->parsed.from.tag, invite->from.tag));
		assert_int_equal(message->parsed.cseq, invite->cseq + i);
	}
}

static void a_fork_that_answers_when_the_call_is_over_is_sent_away(void **state)
{
	struct world *world = *state;
	const struct sip_message *invite;

	bob_answers(world);
	invite = &world->phone[BOB].invite->parsed;
	phone_acks(world, ALICE, NULL);
	phone_requests(world, ALICE, "BYE", "", NULL);
	phone_hears_status(world, ALICE, 200);
	phone_hears(world, BOB, "BYE");
	phone_answers(world, BOB, "BYE", 200, NULL);
	assert_int_equal(world_calls(world), 0);
	another_fork_answers(world, invite);
	the_fork_is_sent_away(world, invite);
}

/* His dialog has become that of another call, while the first waits for Alice to hear of it. */
static void a_fork_that_answers_after_a_transfer_is_sent_away(void **state)
{
	struct world *world = *state;
	const struct sip_message *invite;

	world->config.dial_plans[0].refer = REFER_LOCAL;
	bob_answers(world);
	invite = &world->phone[BOB].invite->parsed;
	phone_acks(world, ALICE, NULL);
	phone_requests(world, ALICE, "REFER", "Refer-To: <sip:2004@relay.example>\r\n", NULL);
	phone_hears(world, ALICE, "NOTIFY");
	phone_answers(world, ALICE, "NOTIFY", 200, NULL);
	phone_answers(world, DAVE, "INVITE", 200, sdp_srtp_bob);
	phone_hears(world, BOB, "INVITE"); /* to his new partner */
	assert_int_equal(world_calls(world), 2);
	another_fork_answers(world, invite);
	the_fork_is_sent_away(world, invite);
	/* what the first one gets is the same as ever */
	phone_answers(world, ALICE, "NOTIFY", 200, NULL);
	phone_hears(world, ALICE, "BYE");
}

#define RACES_TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    RACES_TEST(an_invite_again_after_its_200_is_no_other_call),
	    RACES_TEST(a_cancel_that_crossed_the_200_stops_nothing),
	    RACES_TEST(an_early_bye_of_the_caller_ends_the_call_though_it_is_answered_meanwhile),
	    RACES_TEST(a_bye_before_the_ack_ends_the_call_and_the_late_ack_hurts_nobody),
	    RACES_TEST(byes_of_both_sides_cross),
	    RACES_TEST(a_reinvite_that_crossed_the_bye_is_refused),
	    RACES_TEST(the_answer_to_a_reinvite_after_the_bye_is_acknowledged),
	    RACES_TEST(a_bye_instead_of_an_answer_to_a_reinvite_ends_both),
	    RACES_TEST(a_refer_that_crosses_a_reinvite_is_carried_out_all_the_same),
	    RACES_TEST(a_fork_that_answers_when_the_call_is_over_is_sent_away),
	    RACES_TEST(a_fork_that_answers_after_a_transfer_is_sent_away),
	};

	return cmocka_run_group_tests_name("b2bua races", tests, NULL, NULL);
}
