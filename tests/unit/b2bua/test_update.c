/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UPDATE (RFC 3311): of either side, early and later, and where the other side cannot. */
#include <stdio.h>
#include <string.h>

#include "world.h"

#define ALLOWS "Allow: INVITE, ACK, BYE, CANCEL, UPDATE, PRACK\r\n"
#define CAN ALLOWS "Supported: 100rel\r\n"
#define RELIABLE ALLOWS "Require: 100rel\r\nRSeq: 1\r\n"
#define ALICE_HOLDS                                                                         \
	"v=0\r\no=alice 11 23 IN IP4 192.0.2.11\r\ns=-\r\nc=IN IP4 192.0.2.11\r\nt=0 0\r\n" \
	"m=audio 4000 RTP/SAVP 0\r\na=sendonly\r\n"                                         \
	"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" KEY_ALICE "\r\n"
#define BOB_HELD                                                                          \
	"v=0\r\no=bob 33 45 IN IP4 192.0.2.12\r\ns=-\r\nc=IN IP4 192.0.2.12\r\nt=0 0\r\n" \
	"m=audio 5000 RTP/SAVP 0\r\na=recvonly\r\n"                                       \
	"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" KEY_BOB "\r\n"
#define BOB_MOVES                                                                         \
	"v=0\r\no=bob 33 45 IN IP4 192.0.2.99\r\ns=-\r\nc=IN IP4 192.0.2.99\r\nt=0 0\r\n" \
	"m=audio 5999 RTP/SAVP 0\r\n"                                                     \
	"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" KEY_OTHER "\r\n"

static void answered_call(struct world *world, const char *alice, const char *bob)
{
	phone_invites_with(world, ALICE, "2002", alice, sdp_srtp_alice);
	phone_hears(world, BOB, "INVITE");
	phone_answers_with(world, BOB, "INVITE", 200, bob, sdp_srtp_bob);
	phone_hears(world, BOB, "ACK");
	phone_hears_status(world, ALICE, 200);
	phone_acks(world, ALICE, NULL);
}

/* Early, with the answer acknowledged on both sides: now UPDATE may change it. */
static void early_call(struct world *world)
{
	struct phone_message *early;
	char rack[64];

	phone_invites_with(world, ALICE, "2002", CAN, sdp_srtp_alice);
	phone_hears(world, BOB, "INVITE");
	phone_answers_with(world, BOB, "INVITE", 183, RELIABLE, sdp_srtp_bob);
	phone_hears(world, BOB, "PRACK");
	phone_answers(world, BOB, "PRACK", 200, NULL);
	early = phone_hears_status(world, ALICE, 183);
	snprintf(rack, sizeof(rack), "RAck: %u 1 INVITE\r\n", message_number(early, "RSeq: "));
	phone_requests(world, ALICE, "PRACK", rack, NULL);
	phone_hears_status(world, ALICE, 200);
}

/* The fork that all was agreed with has gone: nobody is there to hear of a change. */
static void an_update_to_a_fork_that_has_gone_is_refused(void **state)
{
	struct world *world = *state;

	early_call(world);
	phone_requests(world, ALICE, "UPDATE", "", ALICE_HOLDS);
	phone_hears(world, BOB, "UPDATE");
	phone_answers(world, BOB, "UPDATE", 200, BOB_HELD);
	phone_hears_status(world, ALICE, 200);
	phone_answers(world, BOB, "INVITE", 199, NULL);
	phone_requests(world, ALICE, "UPDATE", "", sdp_srtp_alice);
	phone_hears_status(world, ALICE, 488);
	assert_int_equal(world_counter(world, "no-update"), 1);
	assert_true(phone_hears_nothing(world, BOB));
}

static void an_update_goes_through_as_update(void **state)
{
	struct world *world = *state;
	const struct fake_session *session = &world->session[0];
	struct phone_message *update, *answer;

	answered_call(world, ALLOWS, ALLOWS);
	phone_requests(world, ALICE, "UPDATE", "", ALICE_HOLDS);
	update = phone_hears(world, BOB, "UPDATE");
	message_has(update, "a=sendonly\r\n");
	message_has(update, "Contact: <sip:relay.example:5061;transport=tls>");
	phone_answers(world, BOB, "UPDATE", 200, BOB_HELD);
	answer = phone_hears_status(world, ALICE, 200);
	message_has(answer, "a=recvonly\r\n");
	message_has(answer, "Contact: <sip:relay.example:5061;transport=tls>");
	assert_int_equal(session->leg[0].direction, SLUICE_DIR_RX);
}

static void an_update_goes_through_as_invite_where_the_other_side_has_no_update(void **state)
{
	struct world *world = *state;

	answered_call(world, ALLOWS, "Allow: INVITE, ACK, BYE, CANCEL\r\n");
	phone_requests(world, ALICE, "UPDATE", "", ALICE_HOLDS);
	message_has(phone_hears(world, BOB, "INVITE"), "a=sendonly\r\n");
	phone_answers(world, BOB, "INVITE", 200, BOB_HELD);
	phone_hears(world, BOB, "ACK");
	message_has(phone_hears_status(world, ALICE, 200), "CSeq: 2 UPDATE");
	assert_int_equal(world->session[0].leg[0].direction, SLUICE_DIR_RX);
}

static void an_early_session_is_changed_by_either_side(void **state)
{
	struct world *world = *state;
	const struct fake_session *session = &world->session[0];

	early_call(world);
	phone_requests(world, BOB, "UPDATE", "", BOB_MOVES);
	phone_hears(world, ALICE, "UPDATE");
	phone_answers(world, ALICE, "UPDATE", 200, sdp_srtp_alice);
	phone_hears_status(world, BOB, 200);
	assert_int_equal(session->leg[1].remote_rtp.port, 5999);
	phone_requests(world, ALICE, "UPDATE", "", ALICE_HOLDS);
	phone_hears(world, BOB, "UPDATE");
	phone_answers(world, BOB, "UPDATE", 200, BOB_MOVES);
	phone_hears_status(world, ALICE, 200);
	assert_int_equal(session->leg[0].direction, SLUICE_DIR_RX);
	phone_answers(world, BOB, "INVITE", 200, NULL);
	phone_hears(world, BOB, "ACK");
	message_has(phone_hears_status(world, ALICE, 200), "Content-Length: 0\r\n");
	phone_acks(world, ALICE, NULL);
	assert_int_equal(world_counter(world, "answered"), 1);
	assert_int_equal(session->leg[1].remote_rtp.port, 5999);
}

/* RFC 3311 5.2: who has not got its answer yet: 500; whom we have offered something: 491. */
static void an_update_before_the_answer_has_to_wait(void **state)
{
	struct world *world = *state;

	phone_invites_with(world, ALICE, "2002", CAN, sdp_srtp_alice);
	phone_answers_with(world, BOB, "INVITE", 180, ALLOWS, NULL);
	phone_hears_status(world, ALICE, 180);
	phone_requests(world, ALICE, "UPDATE", "", ALICE_HOLDS);
	message_has(phone_hears_status(world, ALICE, 500), "Retry-After:");
	phone_requests(world, BOB, "UPDATE", "", BOB_MOVES);
	phone_hears_status(world, BOB, 491);
	assert_int_equal(world->session[0].sets[0], 0);
}

static void updates_of_both_sides_at_once_are_glare(void **state)
{
	struct world *world = *state;

	answered_call(world, ALLOWS, ALLOWS);
	phone_requests(world, ALICE, "UPDATE", "", ALICE_HOLDS);
	phone_hears(world, BOB, "UPDATE");
	phone_requests(world, BOB, "UPDATE", "", BOB_MOVES);
	phone_hears_status(world, BOB, 491);
	phone_requests(world, ALICE, "UPDATE", "", ALICE_HOLDS);
	phone_hears_status(world, ALICE, 500);
	phone_answers(world, BOB, "UPDATE", 491, NULL);
	phone_hears_status(world, ALICE, 491);
	assert_int_equal(world->session[0].leg[0].direction, SLUICE_DIR_RX | SLUICE_DIR_TX);
	/* and it is over: the next one passes */
	phone_requests(world, ALICE, "UPDATE", "", ALICE_HOLDS);
	phone_answers(world, BOB, "UPDATE", 200, BOB_HELD);
	phone_hears_status(world, ALICE, 200);
}

static void an_update_without_offer_moves_the_target_of_its_own_leg(void **state)
{
	struct world *world = *state;

	answered_call(world, ALLOWS, ALLOWS);
	phone_requests(world, ALICE, "UPDATE", "", NULL);
	phone_hears_status(world, ALICE, 200);
	assert_true(phone_hears_nothing(world, BOB));
}

static void an_offer_in_a_prack_goes_on_as_update(void **state)
{
	struct world *world = *state;
	struct phone_message *early;
	char rack[64];

	phone_invites_with(world, ALICE, "2002", CAN, sdp_srtp_alice);
	phone_answers_with(world, BOB, "INVITE", 183, RELIABLE, sdp_srtp_bob);
	phone_answers(world, BOB, "PRACK", 200, NULL);
	early = phone_hears_status(world, ALICE, 183);
	snprintf(rack, sizeof(rack), "RAck: %u 1 INVITE\r\n", message_number(early, "RSeq: "));
	phone_requests(world, ALICE, "PRACK", rack, ALICE_HOLDS);
	message_has(phone_hears(world, BOB, "UPDATE"), "a=sendonly\r\n");
	phone_answers(world, BOB, "UPDATE", 200, BOB_HELD);
	message_has(phone_hears_status(world, ALICE, 200), "a=recvonly\r\n");
}

/* The 200 of the INVITE overtakes the answer to an UPDATE: it is not that answer. */
static void a_call_may_be_answered_while_an_update_is_under_way(void **state)
{
	struct world *world = *state;
	const struct fake_session *session = &world->session[0];

	early_call(world);
	phone_requests(world, ALICE, "UPDATE", "", ALICE_HOLDS);
	phone_hears(world, BOB, "UPDATE");
	phone_answers(world, BOB, "INVITE", 200, NULL);
	phone_hears(world, BOB, "ACK");
	message_has(phone_hears_status(world, ALICE, 200), "CSeq: 1 INVITE");
	phone_acks(world, ALICE, NULL);
	assert_int_equal(session->leg[0].direction, SLUICE_DIR_RX | SLUICE_DIR_TX);
	phone_answers(world, BOB, "UPDATE", 200, BOB_HELD);
	message_has(phone_hears_status(world, ALICE, 200), "UPDATE");
	assert_int_equal(session->leg[0].direction, SLUICE_DIR_RX);
	assert_int_equal(world_calls(world), 1);
}

static void an_early_change_that_the_other_side_cannot_take_is_refused(void **state)
{
	struct world *world = *state;

	early_call(world);
	phone_answers_with(world, BOB, "INVITE", 180, "Allow: INVITE, ACK, BYE\r\n", NULL);
	phone_requests(world, ALICE, "UPDATE", "", ALICE_HOLDS);
	phone_hears_status(world, ALICE, 488);
	assert_int_equal(world_counter(world, "no-update"), 1);
}

/* Bob's 200 has no ACK yet: to him only another INVITE could say it, in a moment. */
static void an_update_that_would_have_to_wait_for_an_invite_is_glare(void **state)
{
	struct world *world = *state;

	answered_call(world, ALLOWS, "Allow: INVITE, ACK, BYE\r\n");
	phone_requests(world, BOB, "INVITE", "", BOB_MOVES);
	phone_hears(world, ALICE, "INVITE");
	phone_answers(world, ALICE, "INVITE", 200, sdp_srtp_alice);
	phone_hears(world, ALICE, "ACK");
	phone_hears_status(world, BOB, 200);
	phone_requests(world, ALICE, "UPDATE", "", ALICE_HOLDS);
	phone_hears_status(world, ALICE, 491);
	phone_acks(world, BOB, NULL);
	phone_requests(world, ALICE, "UPDATE", "", ALICE_HOLDS);
	phone_hears(world, BOB, "INVITE");
}

static void a_call_that_ends_leaves_no_update_unanswered(void **state)
{
	struct world *world = *state;

	answered_call(world, ALLOWS, ALLOWS);
	phone_requests(world, ALICE, "UPDATE", "", ALICE_HOLDS);
	phone_requests(world, BOB, "BYE", "", NULL);
	phone_hears_status(world, ALICE, 487);
	phone_hears(world, ALICE, "BYE");
}

static void an_update_into_nothing_ends_the_call(void **state)
{
	struct world *world = *state;

	answered_call(world, ALLOWS, ALLOWS);
	phone_requests(world, ALICE, "UPDATE", "", ALICE_HOLDS);
	phone_answers(world, BOB, "UPDATE", 481, NULL);
	phone_hears(world, ALICE, "BYE");
	assert_int_equal(world_counter(world, "dialog-gone"), 1);
}

static void keys_of_an_update_never_go_out_in_clear(void **state)
{
	struct world *world = *state;

	answered_call(world, ALLOWS, ALLOWS);
	world->clear = true;
	phone_requests(world, ALICE, "UPDATE", "", ALICE_HOLDS);
	phone_hears_status(world, ALICE, 488);
	assert_true(phone_hears_nothing(world, BOB));
	assert_int_equal(world_counter(world, "not-encrypted"), 1);
}

#define UPDATE_TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    UPDATE_TEST(an_update_to_a_fork_that_has_gone_is_refused),
	    UPDATE_TEST(an_update_goes_through_as_update),
	    UPDATE_TEST(an_update_goes_through_as_invite_where_the_other_side_has_no_update),
	    UPDATE_TEST(an_early_session_is_changed_by_either_side),
	    UPDATE_TEST(an_update_before_the_answer_has_to_wait),
	    UPDATE_TEST(updates_of_both_sides_at_once_are_glare),
	    UPDATE_TEST(an_update_without_offer_moves_the_target_of_its_own_leg),
	    UPDATE_TEST(an_offer_in_a_prack_goes_on_as_update),
	    UPDATE_TEST(a_call_may_be_answered_while_an_update_is_under_way),
	    UPDATE_TEST(an_early_change_that_the_other_side_cannot_take_is_refused),
	    UPDATE_TEST(an_update_that_would_have_to_wait_for_an_invite_is_glare),
	    UPDATE_TEST(a_call_that_ends_leaves_no_update_unanswered),
	    UPDATE_TEST(an_update_into_nothing_ends_the_call),
	    UPDATE_TEST(keys_of_an_update_never_go_out_in_clear),
	};

	return cmocka_run_group_tests_name("b2bua UPDATE", tests, NULL, NULL);
}
