/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reliable provisional responses (RFC 3262): on either leg, both, or neither. */
#include <stdio.h>
#include <string.h>

#include "world.h"

#define CAN "Supported: 100rel\r\n"
#define MUST "Require: 100rel\r\n"
#define RELIABLE(rseq) "Require: 100rel\r\nRSeq: " #rseq "\r\n"

/* Alice acknowledges what she was told reliably. */
static void alice_pracks(struct world *world, const struct phone_message *message, const char *sdp)
{
	char rack[64];

	snprintf(rack, sizeof(rack), "RAck: %u 1 INVITE\r\n", message_number(message, "RSeq: "));
	phone_requests(world, ALICE, "PRACK", rack, sdp);
}

/* Who can, and what Bob says: whether Alice hears it reliably, and whether Bob gets a PRACK. */
static void each_leg_is_as_reliable_as_its_own_peer(void **state)
{
	static const struct {
		const char *alice, *bob;
		const char *sdp;
		bool reliable_to_alice, prack_to_bob;
	} rows[] = {
	    {"", "", sdp_srtp_bob, false, false}, {CAN, "", sdp_srtp_bob, true, false},
	    {CAN, "", NULL, false, false}, /* nothing in it that could be lost */
	    {MUST, "", NULL, true, false},        {"", RELIABLE(7), sdp_srtp_bob, false, true},
	    {CAN, RELIABLE(7), NULL, true, true}, {CAN, RELIABLE(7), sdp_srtp_bob, true, true},
	};
	struct world *world = *state;

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct phone_message *invite, *early, *prack;

		phone_invites_with(world, ALICE, "2002", rows[i].alice, sdp_srtp_alice);
		invite = phone_hears(world, BOB, "INVITE");
		message_has(invite, "Supported: 100rel");
		phone_answers_with(world, BOB, "INVITE", 183, rows[i].bob, rows[i].sdp);
		early = phone_hears_status(world, ALICE, 183);
		assert_int_equal(strstr(early->text, "RSeq:") != NULL, rows[i].reliable_to_alice);
		if (rows[i].prack_to_bob) {
			prack = phone_hears(world, BOB, "PRACK");
			message_has(prack, "RAck: 7 1 INVITE\r\n");
			phone_answers(world, BOB, "PRACK", 200, NULL);
		}
		if (rows[i].reliable_to_alice) {
			message_has(early, "Require: 100rel\r\n");
			alice_pracks(world, early, NULL);
			phone_hears_status(world, ALICE, 200);
		}
		phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
		phone_hears(world, BOB, "ACK");
		phone_hears_status(world, ALICE, 200);
		phone_acks(world, ALICE, NULL);
		phone_requests(world, ALICE, "BYE", "", NULL);
		phone_hears_status(world, ALICE, 200);
		phone_hears(world, BOB, "BYE");
		phone_answers(world, BOB, "BYE", 200, NULL);
		assert_true(phone_hears_nothing(world, ALICE));
		assert_true(phone_hears_nothing(world, BOB));
		assert_int_equal(world_calls(world), 0);
	}
}

static void an_answer_that_was_acknowledged_is_not_repeated_in_the_200(void **state)
{
	struct world *world = *state;
	struct phone_message *early;

	phone_invites_with(world, ALICE, "2002", CAN, sdp_srtp_alice);
	phone_answers_with(world, BOB, "INVITE", 183, RELIABLE(1), sdp_srtp_bob);
	early = phone_hears_status(world, ALICE, 183);
	message_has(early, "a=crypto:1");
	alice_pracks(world, early, NULL);
	phone_hears_status(world, ALICE, 200);
	phone_answers(world, BOB, "INVITE", 200, NULL);
	message_has(phone_hears_status(world, ALICE, 200), "Content-Length: 0\r\n");
	assert_int_equal(world->session[0].leg[1].remote_rtp.port, 5000);
	assert_int_equal(world->session[0].leg[0].media_timeout_ms, 30000);
}

static void a_200_waits_until_the_answer_before_it_was_acknowledged(void **state)
{
	struct world *world = *state;
	struct phone_message *early;

	phone_invites_with(world, ALICE, "2002", CAN, sdp_srtp_alice);
	phone_answers(world, BOB, "INVITE", 183, sdp_srtp_bob);
	early = phone_hears_status(world, ALICE, 183);
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	phone_hears(world, BOB, "ACK"); /* Bob need not wait */
	assert_true(phone_hears_nothing(world, ALICE));
	alice_pracks(world, early, NULL);
	message_has(phone_hears_status(world, ALICE, 200), "CSeq: 2 PRACK");
	message_has(phone_hears_status(world, ALICE, 200), "CSeq: 1 INVITE");
	phone_acks(world, ALICE, NULL);
	phone_requests(world, ALICE, "BYE", "", NULL);
	phone_hears(world, BOB, "BYE");
}

static void a_caller_may_cancel_while_the_200_waits(void **state)
{
	struct world *world = *state;

	phone_invites_with(world, ALICE, "2002", CAN, sdp_srtp_alice);
	phone_answers(world, BOB, "INVITE", 183, sdp_srtp_bob);
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	/* the phone's branch is still that of its INVITE */
	snprintf(world->phone[ALICE].target, sizeof(world->phone[ALICE].target),
		 "sip:2002@relay.example");
	phone_cancels(world, ALICE);
	phone_hears_status(world, ALICE, 487);
	phone_hears(world, BOB, "BYE");
	phone_answers(world, BOB, "BYE", 200, NULL);
	assert_int_equal(world_calls(world), 0);
}

static void what_is_not_acknowledged_comes_again_and_then_ends_the_call(void **state)
{
	struct world *world = *state;
	struct phone_message *first;

	phone_invites_with(world, ALICE, "2002", MUST, sdp_srtp_alice);
	phone_answers(world, BOB, "INVITE", 180, NULL);
	first = phone_hears_status(world, ALICE, 180);
	world_advance(world, 499);
	assert_true(phone_hears_nothing(world, ALICE));
	world_advance(world, 1); /* T1, doubling without limit (RFC 3262 3) */
	assert_string_equal(phone_hears_status(world, ALICE, 180)->text, first->text);
	world_advance(world, 1000);
	phone_hears_status(world, ALICE, 180);
	world_advance(world, 2000);
	phone_hears_status(world, ALICE, 180);
	world_advance(world, 31000);
	phone_hears_status(world, ALICE, 504);
	phone_hears(world, BOB, "CANCEL");
	assert_int_equal(world_counter(world, "no-prack"), 1);
}

static void only_one_response_at_a_time_waits_for_its_prack(void **state)
{
	struct world *world = *state;
	struct phone_message *first, *second;

	phone_invites_with(world, ALICE, "2002", MUST, sdp_srtp_alice);
	phone_answers(world, BOB, "INVITE", 180, NULL);
	phone_answers(world, BOB, "INVITE", 183, sdp_srtp_bob);
	first = phone_hears_status(world, ALICE, 180);
	assert_true(phone_hears_nothing(world, ALICE));
	alice_pracks(world, first, NULL);
	second = phone_hears_status(world, ALICE, 183);
	message_has(second, "a=crypto:1");
	assert_int_equal(message_number(second, "RSeq: "), message_number(first, "RSeq: ") + 1);
}

static void a_prack_that_nothing_waits_for_is_refused_and_counted(void **state)
{
	static const char *const racks[] = {"RAck: 1 1 INVITE\r\n", "RAck: %u 2 INVITE\r\n",
					    "RAck: %u 1 BYE\r\n", "RAck: %u 1\r\n", ""};
	struct world *world = *state;
	struct phone_message *early;
	char rack[64];
	unsigned count = sizeof(racks) / sizeof(racks[0]);

	phone_invites_with(world, ALICE, "2002", MUST, sdp_srtp_alice);
	phone_answers(world, BOB, "INVITE", 180, NULL);
	early = phone_hears_status(world, ALICE, 180);
	for (unsigned i = 0; i < count; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(rack, sizeof(rack), racks[i], message_number(early, "RSeq: "));
#pragma GCC diagnostic pop
		phone_requests(world, ALICE, "PRACK", rack, NULL);
		phone_hears_status(world, ALICE, 481);
	}
	assert_int_equal(world_counter(world, "stray-prack"), count);
	alice_pracks(world, early, NULL);
	phone_hears_status(world, ALICE, 200);
	alice_pracks(world, early, NULL);
	phone_hears_status(world, ALICE, 481);
}

static void a_retransmitted_or_overtaking_response_gets_no_prack(void **state)
{
	struct world *world = *state;

	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	phone_answers_with(world, BOB, "INVITE", 183, RELIABLE(5), NULL);
	phone_hears(world, BOB, "PRACK");
	phone_answers_with(world, BOB, "INVITE", 183, RELIABLE(5), NULL);
	phone_answers_with(world, BOB, "INVITE", 183, RELIABLE(7), NULL);
	assert_int_equal(world->phone[BOB].received, 2); /* INVITE, PRACK */
	phone_answers_with(world, BOB, "INVITE", 180, RELIABLE(6), NULL);
	message_has(phone_hears(world, BOB, "PRACK"), "RAck: 6 1 INVITE");
	phone_hears_status(world, ALICE, 183);
	phone_hears_status(world, ALICE, 180);
	assert_true(phone_hears_nothing(world, ALICE));
}

static void each_fork_counts_for_itself(void **state)
{
	struct world *world = *state;
	struct phone_message *prack;

	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	strcpy(world->phone[BOB].second_tag, "fork-one");
	phone_answers_with(world, BOB, "INVITE", 183, RELIABLE(5), NULL);
	message_has(phone_hears(world, BOB, "PRACK"), "tag=fork-one");
	strcpy(world->phone[BOB].second_tag, "fork-two");
	phone_answers_with(world, BOB, "INVITE", 183, RELIABLE(100), NULL);
	prack = phone_hears(world, BOB, "PRACK");
	message_has(prack, "tag=fork-two");
	message_has(prack, "RAck: 100 1 INVITE");
}

/* Offer in Bob's 183, answer in Alice's PRACK: media before anybody answers. */
static void an_offer_in_a_reliable_response_is_answered_through_both_pracks(void **state)
{
	struct world *world = *state;
	const struct fake_session *session = &world->session[0];
	struct phone_message *early;

	phone_invites_with(world, ALICE, "2002", CAN, NULL);
	message_has(phone_hears(world, BOB, "INVITE"), "Supported: 100rel");
	phone_answers_with(world, BOB, "INVITE", 183, RELIABLE(1), sdp_srtp_bob);
	assert_true(phone_hears_nothing(world, BOB)); /* no PRACK without the answer */
	early = phone_hears_status(world, ALICE, 183);
	message_has(early, "a=crypto:2 AES_CM_128_HMAC_SHA1_32");
	assert_int_equal(session->sets[0], 0);
	alice_pracks(world, early, sdp_srtp_alice);
	phone_hears_status(world, ALICE, 200);
	message_has(phone_hears(world, BOB, "PRACK"), "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:");
	phone_answers(world, BOB, "PRACK", 200, NULL);
	assert_int_equal(session->leg[0].remote_rtp.port, 4000);
	assert_int_equal(session->leg[1].remote_rtp.port, 5000);
	phone_answers(world, BOB, "INVITE", 200, NULL);
	message_has(phone_hears(world, BOB, "ACK"), "Content-Length: 0");
	message_has(phone_hears_status(world, ALICE, 200), "Content-Length: 0");
	phone_acks(world, ALICE, NULL);
	assert_int_equal(session->leg[0].media_timeout_ms, 30000);
	phone_requests(world, ALICE, "BYE", "", NULL);
	phone_hears(world, BOB, "BYE");
}

static void a_prack_without_the_answer_that_is_due_ends_the_call(void **state)
{
	struct world *world = *state;
	struct phone_message *early;

	phone_invites_with(world, ALICE, "2002", CAN, NULL);
	phone_answers_with(world, BOB, "INVITE", 183, RELIABLE(1), sdp_srtp_bob);
	early = phone_hears_status(world, ALICE, 183);
	alice_pracks(world, early, NULL);
	phone_hears_status(world, ALICE, 488);
	phone_hears(world, BOB, "CANCEL");
}

static void an_offer_that_only_an_ack_could_answer_is_not_invited(void **state)
{
	struct world *world = *state;

	phone_invites(world, ALICE, "2002", NULL);
	message_lacks(phone_hears(world, BOB, "INVITE"), "100rel");
}

static void a_dial_plan_may_forbid_or_require_it(void **state)
{
	struct world *world = *state;
	struct phone_message *answer;

	world->config.dial_plans[0].prack = PRACK_OFF;
	phone_invites_with(world, ALICE, "2002", MUST, sdp_srtp_alice);
	answer = phone_hears_status(world, ALICE, 420);
	message_has(answer, "Unsupported: 100rel\r\n");
	phone_invites_with(world, ALICE, "2002", CAN, sdp_srtp_alice);
	message_lacks(phone_hears(world, BOB, "INVITE"), "100rel");
	phone_answers(world, BOB, "INVITE", 183, sdp_srtp_bob);
	message_lacks(phone_hears_status(world, ALICE, 183), "100rel");
	phone_answers(world, BOB, "INVITE", 486, NULL);
	phone_hears_status(world, ALICE, 486);

	world->config.dial_plans[0].prack = PRACK_REQUIRED;
	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	message_has(phone_hears_status(world, ALICE, 421), "Require: 100rel\r\n");
	assert_int_equal(world_counter(world, "needs-100rel"), 1);
	phone_invites_with(world, ALICE, "2002", CAN, sdp_srtp_alice);
	message_has(phone_hears(world, BOB, "INVITE"), "Require: 100rel\r\n");
}

#define PRACK_TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    PRACK_TEST(each_leg_is_as_reliable_as_its_own_peer),
	    PRACK_TEST(an_answer_that_was_acknowledged_is_not_repeated_in_the_200),
	    PRACK_TEST(a_200_waits_until_the_answer_before_it_was_acknowledged),
	    PRACK_TEST(a_caller_may_cancel_while_the_200_waits),
	    PRACK_TEST(what_is_not_acknowledged_comes_again_and_then_ends_the_call),
	    PRACK_TEST(only_one_response_at_a_time_waits_for_its_prack),
	    PRACK_TEST(a_prack_that_nothing_waits_for_is_refused_and_counted),
	    PRACK_TEST(a_retransmitted_or_overtaking_response_gets_no_prack),
	    PRACK_TEST(each_fork_counts_for_itself),
	    PRACK_TEST(an_offer_in_a_reliable_response_is_answered_through_both_pracks),
	    PRACK_TEST(a_prack_without_the_answer_that_is_due_ends_the_call),
	    PRACK_TEST(an_offer_that_only_an_ack_could_answer_is_not_invited),
	    PRACK_TEST(a_dial_plan_may_forbid_or_require_it),
	};

	return cmocka_run_group_tests_name("b2bua 100rel", tests, NULL, NULL);
}
