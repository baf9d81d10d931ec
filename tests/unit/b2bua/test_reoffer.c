/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Re-INVITEs of the relay's own: when, with what, and how they give way. */
#include <stdio.h>
#include <string.h>

#include "world.h"

#define BOB_AT(version, address, port, key)                                          \
	"v=0\r\no=bob 33 " version " IN IP4 " address "\r\ns=-\r\nc=IN IP4 " address \
	"\r\nt=0 0\r\nm=audio " port " RTP/SAVP 0\r\na=rtpmap:0 PCMU/8000\r\n"       \
	"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" key "\r\n"
#define BOB_MOVED BOB_AT("2", "192.0.2.99", "5555", KEY_OTHER)

/* Alice asks for a change, and Bob answers it from another media address. */
static void bob_moves_in_his_answer(struct world *world)
{
	world_call(world, ALICE, BOB);
	phone_requests(world, ALICE, "INVITE", "", sdp_srtp_alice);
	phone_hears(world, BOB, "INVITE");
	phone_answers(world, BOB, "INVITE", 200, BOB_MOVED);
	phone_hears(world, BOB, "ACK");
	phone_hears_status(world, ALICE, 200);
	phone_acks(world, ALICE, NULL);
}

static void an_answerer_that_moved_gets_a_fresh_key_of_ours(void **state)
{
	struct world *world = *state;
	const struct fake_session *session = &world->session[0];
	struct sluice_key before, alice;
	struct phone_message *offer;

	bob_moves_in_his_answer(world);
	before = session->leg[1].tx;
	alice = session->leg[0].tx;
	assert_int_equal(session->leg[1].remote_rtp.port, 5555);
	offer = phone_hears(world, BOB, "INVITE");
	message_has(offer, "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:");
	message_has(offer, "a=sendrecv\r\n");
	phone_answers(world, BOB, "INVITE", 200, BOB_AT("3", "192.0.2.99", "5555", KEY_OTHER));
	phone_hears(world, BOB, "ACK");
	assert_memory_not_equal(&before, &session->leg[1].tx, sizeof(before));
	assert_int_equal(session->last_mask[1], SLUICE_SET_TX_KEY);
	assert_memory_equal(&alice, &session->leg[0].tx, sizeof(alice));
	assert_true(phone_hears_nothing(world, ALICE)); /* it is not her business */
	assert_int_equal(world_counter(world, "reoffers"), 1);
}

static void our_own_offer_gives_way_to_the_peers_and_comes_again(void **state)
{
	struct world *world = *state;
	struct sluice_key before;

	bob_moves_in_his_answer(world);
	before = world->session[0].leg[1].tx;
	phone_hears(world, BOB, "INVITE");
	phone_requests(world, BOB, "INVITE", "", BOB_AT("3", "192.0.2.99", "5555", KEY_OTHER));
	phone_hears_status(world, BOB, 491);
	phone_answers(world, BOB, "INVITE", 491, NULL);
	/* the callee's leg has our Call-ID: 2.1 to 4 s (RFC 3261 14.1) */
	world_advance(world, 2050);
	assert_int_equal(world_counter(world, "reoffers"), 1);
	world_advance(world, 2000);
	phone_hears(world, BOB, "INVITE");
	phone_answers(world, BOB, "INVITE", 200, BOB_AT("3", "192.0.2.99", "5555", KEY_OTHER));
	assert_memory_not_equal(&before, &world->session[0].leg[1].tx, sizeof(before));
	assert_int_equal(world_counter(world, "glare"), 1);
}

static void a_change_of_the_other_side_waits_for_our_own_offer(void **state)
{
	struct world *world = *state;

	bob_moves_in_his_answer(world);
	phone_hears(world, BOB, "INVITE");
	phone_requests(world, ALICE, "INVITE", "", sdp_srtp_alice);
	phone_hears_status(world, ALICE, 491);
	phone_answers(world, BOB, "INVITE", 200, BOB_MOVED);
	phone_requests(world, ALICE, "INVITE", "", sdp_srtp_alice);
	phone_hears(world, BOB, "INVITE");
	phone_answers(world, BOB, "INVITE", 200, BOB_MOVED);
	phone_hears_status(world, ALICE, 200);
}

static void a_refusal_of_our_own_offer_leaves_the_call(void **state)
{
	struct world *world = *state;

	bob_moves_in_his_answer(world);
	phone_answers(world, BOB, "INVITE", 488, NULL);
	assert_int_equal(world_calls(world), 1);
	assert_int_equal(world_counter(world, "reoffers-refused"), 1);
}

static void our_own_offer_to_a_peer_that_lost_the_dialog_ends_the_call(void **state)
{
	struct world *world = *state;

	bob_moves_in_his_answer(world);
	phone_answers(world, BOB, "INVITE", 481, NULL);
	message_has(phone_hears(world, ALICE, "BYE"), "Reason: Q.850;cause=41");
}

static void an_own_offer_that_a_hangup_overtakes_is_cancelled(void **state)
{
	struct world *world = *state;

	bob_moves_in_his_answer(world);
	phone_answers(world, BOB, "INVITE", 100, NULL);
	phone_requests(world, ALICE, "BYE", "", NULL);
	phone_hears(world, BOB, "CANCEL");
	phone_hears(world, BOB, "BYE");
	phone_answers(world, BOB, "INVITE", 487, NULL);
	phone_answers(world, BOB, "BYE", 200, NULL);
	assert_int_equal(world_calls(world), 0);
}

/* RFC 5407 3.1.4: the ACK was lost, but a new INVITE says that the 200 came. */
static void a_change_before_the_ack_counts_as_the_ack(void **state)
{
	struct world *world = *state;

	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	phone_hears_status(world, ALICE, 200);
	phone_requests(world, ALICE, "INVITE", "", sdp_srtp_alice);
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	phone_hears_status(world, ALICE, 200);
	phone_acks(world, ALICE, NULL);
	world_advance(world, 40000);
	assert_int_equal(world_calls(world), 1);
}

#define REOFFER_TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    REOFFER_TEST(an_answerer_that_moved_gets_a_fresh_key_of_ours),
	    REOFFER_TEST(our_own_offer_gives_way_to_the_peers_and_comes_again),
	    REOFFER_TEST(a_change_of_the_other_side_waits_for_our_own_offer),
	    REOFFER_TEST(a_refusal_of_our_own_offer_leaves_the_call),
	    REOFFER_TEST(our_own_offer_to_a_peer_that_lost_the_dialog_ends_the_call),
	    REOFFER_TEST(an_own_offer_that_a_hangup_overtakes_is_cancelled),
	    REOFFER_TEST(a_change_before_the_ack_counts_as_the_ack),
	};

	return cmocka_run_group_tests_name("b2bua own offers", tests, NULL, NULL);
}
