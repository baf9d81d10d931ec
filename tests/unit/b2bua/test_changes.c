/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changes of a session inside its dialog: hold, resume, new address, new keys, glare. */
#include <stdio.h>
#include <string.h>

#include "world.h"

#define ALICE_SDP(version, ip, port, direction, key)                                             \
	"v=0\r\no=alice 11 " version " IN IP4 192.0.2.11\r\ns=-\r\nc=IN IP4 " ip "\r\nt=0 0\r\n" \
	"m=audio " port " RTP/SAVP 0\r\na=rtpmap:0 PCMU/8000\r\na=" direction "\r\n"             \
	"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" key "\r\n"
#define BOB_SDP(version, direction)                                                                \
	"v=0\r\no=bob 33 " version " IN IP4 192.0.2.12\r\ns=-\r\nc=IN IP4 192.0.2.12\r\nt=0 0\r\n" \
	"m=audio 5000 RTP/SAVP 0\r\na=rtpmap:0 PCMU/8000\r\na=" direction "\r\n"                   \
	"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" KEY_BOB "\r\n"

/* "inline:…" of a message, up to the end of the line. */
static void key_of(const struct phone_message *message, char *key, size_t size)
{
	const char *at = strstr(message->text, "inline:");

	assert_non_null(at);
	snprintf(key, size, "%.*s", (int)strcspn(at, "\r"), at);
}

static struct phone_message *change(struct world *world, const char *offer, const char *answer)
{
	struct phone_message *success;

	phone_requests(world, ALICE, "INVITE", "", offer);
	phone_hears(world, BOB, "INVITE");
	phone_answers(world, BOB, "INVITE", 200, answer);
	phone_hears(world, BOB, "ACK");
	success = phone_hears_status(world, ALICE, 200);
	phone_acks(world, ALICE, NULL);
	return success;
}

static void hold_and_resume_keep_all_keys(void **state)
{
	struct world *world = *state;
	const struct fake_session *session = &world->session[0];
	struct phone_message *invite;
	struct sluice_key tx[2], rx[2];
	char first[128], now[128];

	phone_invites(world, ALICE, "2002",
		      ALICE_SDP("1", "192.0.2.11", "4000", "sendrecv", KEY_ALICE));
	phone_hears(world, BOB, "INVITE");
	phone_answers(world, BOB, "INVITE", 200, BOB_SDP("1", "sendrecv"));
	phone_hears(world, BOB, "ACK");
	key_of(phone_hears_status(world, ALICE, 200), first, sizeof(first));
	phone_acks(world, ALICE, NULL);
	for (unsigned i = 0; i < 2; i++) {
		tx[i] = session->leg[i].tx;
		rx[i] = session->leg[i].rx[0];
	}

	phone_requests(world, ALICE, "INVITE", "",
		       ALICE_SDP("2", "192.0.2.11", "4000", "sendonly", KEY_ALICE));
	invite = phone_hears(world, BOB, "INVITE");
	message_has(invite, "a=sendonly");
	message_lacks(invite, "a=crypto:2"); /* the key in use, nothing else */
	phone_answers(world, BOB, "INVITE", 200, BOB_SDP("2", "recvonly"));
	key_of(phone_hears_status(world, ALICE, 200), now, sizeof(now));
	phone_acks(world, ALICE, NULL);
	assert_string_equal(first, now);
	assert_int_equal(session->leg[0].direction, SLUICE_DIR_RX);
	assert_int_equal(session->leg[1].direction, SLUICE_DIR_TX);
	assert_int_equal(session->last_mask[0], SLUICE_SET_DIRECTION | SLUICE_SET_TIMEOUT);
	assert_int_equal(session->leg[0].media_timeout_ms, 0); /* who holds may be silent */

	phone_hears(world, BOB, "ACK");
	key_of(change(world, ALICE_SDP("3", "192.0.2.11", "4000", "sendrecv", KEY_ALICE),
		      BOB_SDP("3", "sendrecv")),
	       now, sizeof(now));
	assert_string_equal(first, now);
	for (unsigned i = 0; i < 2; i++) {
		assert_memory_equal(&tx[i], &session->leg[i].tx, sizeof(tx[i]));
		assert_memory_equal(&rx[i], &session->leg[i].rx[0], sizeof(rx[i]));
		assert_int_equal(session->last_mask[i], SLUICE_SET_DIRECTION | SLUICE_SET_TIMEOUT);
	}
	assert_int_equal(session->leg[0].media_timeout_ms, 30000);
}

static void a_peer_that_moved_gets_a_new_key_of_ours(void **state)
{
	struct world *world = *state;
	const struct fake_session *session = &world->session[0];
	struct sluice_key tx[2];

	world_call(world, ALICE, BOB);
	tx[0] = session->leg[0].tx;
	tx[1] = session->leg[1].tx;
	phone_requests(world, ALICE, "INVITE", "",
		       ALICE_SDP("2", "192.0.2.99", "4444", "sendrecv", KEY_OTHER));
	phone_answers(world, BOB, "INVITE", 200, BOB_SDP("2", "sendrecv"));
	assert_int_equal(session->leg[0].remote_rtp.port, 4444);
	assert_memory_not_equal(&tx[0], &session->leg[0].tx, sizeof(tx[0]));
	assert_memory_equal(&tx[1], &session->leg[1].tx, sizeof(tx[1]));
	assert_int_equal(session->last_mask[0],
			 SLUICE_SET_REMOTE | SLUICE_SET_RX_KEY | SLUICE_SET_TX_KEY);
	/* for Bob only that Alice takes no events any more */
	assert_int_equal(session->sets[1], 2);
	assert_int_equal(session->last_mask[1], SLUICE_SET_PAYLOADS);
}

static void a_new_key_of_the_peer_leaves_ours(void **state)
{
	struct world *world = *state;
	const struct fake_session *session = &world->session[0];

	world_call(world, ALICE, BOB);
	phone_requests(world, ALICE, "INVITE", "",
		       ALICE_SDP("2", "192.0.2.11", "4000", "sendrecv", KEY_OTHER));
	phone_answers(world, BOB, "INVITE", 200, BOB_SDP("2", "sendrecv"));
	assert_int_equal(session->last_mask[0], SLUICE_SET_RX_KEY);
}

static void the_callee_may_change_the_session_too(void **state)
{
	struct world *world = *state;
	const struct fake_session *session = &world->session[0];

	world_call(world, ALICE, BOB);
	phone_requests(world, BOB, "INVITE", "", BOB_SDP("2", "sendonly"));
	message_has(phone_hears(world, ALICE, "INVITE"), "a=sendonly");
	phone_answers(world, ALICE, "INVITE", 200,
		      ALICE_SDP("2", "192.0.2.11", "4000", "recvonly", KEY_ALICE));
	phone_hears(world, ALICE, "ACK");
	message_has(phone_hears_status(world, BOB, 200), "a=recvonly");
	phone_acks(world, BOB, NULL);
	assert_int_equal(session->leg[1].direction, SLUICE_DIR_RX);
}

static void a_change_that_is_refused_leaves_the_session_as_it_was(void **state)
{
	struct world *world = *state;
	const struct fake_session *session = &world->session[0];

	world_call(world, ALICE, BOB);
	phone_requests(world, ALICE, "INVITE", "",
		       ALICE_SDP("2", "192.0.2.99", "4444", "sendrecv", KEY_OTHER));
	phone_answers(world, BOB, "INVITE", 488, NULL);
	phone_hears_status(world, ALICE, 488);
	assert_int_equal(session->sets[0], 1);
	assert_int_equal(world_calls(world), 1);
	/* and the next one works */
	phone_requests(world, ALICE, "INVITE", "",
		       ALICE_SDP("3", "192.0.2.11", "4000", "sendrecv", KEY_ALICE));
	phone_answers(world, BOB, "INVITE", 200, BOB_SDP("2", "sendrecv"));
	phone_hears_status(world, ALICE, 200);
}

static void plain_media_in_a_change_of_a_secured_leg_is_refused(void **state)
{
	struct world *world = *state;

	world_call(world, ALICE, BOB);
	phone_requests(world, ALICE, "INVITE", "", sdp_rtp_alice);
	phone_hears_status(world, ALICE, 488);
	assert_int_equal(world_calls(world), 1);
	phone_requests(world, ALICE, "INVITE", "", sdp_srtp_alice);
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	phone_hears_status(world, ALICE, 200);
}

static void a_dialog_that_the_other_side_lost_ends_the_call(void **state)
{
	struct world *world = *state;

	world_call(world, ALICE, BOB);
	phone_requests(world, ALICE, "INVITE", "", sdp_srtp_alice);
	phone_answers(world, BOB, "INVITE", 481, NULL);
	phone_hears_status(world, ALICE, 481);
	phone_hears(world, ALICE, "BYE");
}

static void changes_of_both_sides_at_once_are_glare(void **state)
{
	struct world *world = *state;

	world_call(world, ALICE, BOB);
	phone_requests(world, ALICE, "INVITE", "", sdp_srtp_alice);
	phone_hears(world, BOB, "INVITE");
	world->phone[BOB].cseq = 10;
	phone_requests(world, BOB, "INVITE", "", sdp_srtp_bob);
	phone_hears_status(world, BOB, 491);
	phone_answers(world, BOB, "INVITE", 491, NULL);
	phone_hears_status(world, ALICE, 491);
	assert_int_equal(world_calls(world), 1);
}

static void a_second_invite_before_the_ack_of_the_first_is_too_early(void **state)
{
	struct world *world = *state;

	world_call(world, ALICE, BOB);
	phone_requests(world, ALICE, "INVITE", "", sdp_srtp_alice);
	phone_requests(world, ALICE, "INVITE", "", sdp_srtp_alice);
	message_has(phone_hears_status(world, ALICE, 500), "Retry-After: 3");
}

static void a_change_without_offer_is_answered_through_both_acks(void **state)
{
	struct world *world = *state;
	const struct fake_session *session = &world->session[0];

	world_call(world, ALICE, BOB);
	phone_requests(world, ALICE, "INVITE", "", NULL);
	phone_answers(world, BOB, "INVITE", 200, BOB_SDP("2", "sendrecv"));
	phone_hears_status(world, ALICE, 200);
	phone_acks(world, ALICE, ALICE_SDP("2", "192.0.2.11", "4002", "sendrecv", KEY_ALICE));
	phone_hears(world, BOB, "ACK");
	assert_int_equal(session->leg[0].remote_rtp.port, 4002);
	assert_int_equal(world_calls(world), 1);
}

static void a_cancelled_change_follows_what_the_other_side_did(void **state)
{
	struct world *world = *state;

	world_call(world, ALICE, BOB);
	phone_requests(world, ALICE, "INVITE", "", sdp_srtp_alice);
	phone_answers(world, BOB, "INVITE", 100, NULL);
	phone_cancels(world, ALICE);
	phone_hears(world, BOB, "CANCEL");
	phone_answers(world, BOB, "INVITE", 487, NULL);
	phone_hears_status(world, ALICE, 487);
	assert_int_equal(world_calls(world), 1);
}

static void a_change_whose_asker_disconnects_ends_the_call_if_it_was_made(void **state)
{
	struct world *world = *state;

	world_call(world, ALICE, BOB);
	phone_requests(world, ALICE, "INVITE", "", sdp_srtp_alice);
	phone_answers(world, BOB, "INVITE", 100, NULL);
	world->unreachable = true;
	world_disconnect(world, ALICE);
	world->unreachable = false;
	phone_hears(world, BOB, "CANCEL");
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	phone_hears(world, BOB, "BYE");
	phone_hears(world, ALICE, "BYE"); /* on a new connection */
}

static void a_change_whose_asker_disconnects_is_taken_back(void **state)
{
	struct world *world = *state;

	world_call(world, ALICE, BOB);
	phone_requests(world, ALICE, "INVITE", "", sdp_srtp_alice);
	phone_answers(world, BOB, "INVITE", 100, NULL);
	world->unreachable = true;
	world_disconnect(world, ALICE);
	phone_answers(world, BOB, "INVITE", 487, NULL);
	assert_int_equal(world_calls(world), 1);
}

static void old_hold_by_the_null_address_stops_sending_there(void **state)
{
	struct world *world = *state;
	const struct fake_session *session = &world->session[0];
	struct sluice_key tx;

	world_call(world, ALICE, BOB);
	tx = session->leg[0].tx;
	phone_requests(world, ALICE, "INVITE", "",
		       ALICE_SDP("2", "0.0.0.0", "4000", "sendrecv", KEY_ALICE));
	phone_answers(world, BOB, "INVITE", 200, BOB_SDP("2", "recvonly"));
	phone_hears_status(world, ALICE, 200);
	phone_acks(world, ALICE, NULL);
	assert_int_equal(session->leg[0].remote_rtp.port, 0);
	phone_requests(world, ALICE, "INVITE", "",
		       ALICE_SDP("3", "192.0.2.11", "4000", "sendrecv", KEY_ALICE));
	phone_answers(world, BOB, "INVITE", 200, BOB_SDP("3", "sendrecv"));
	assert_int_equal(session->leg[0].remote_rtp.port, 4000);
	assert_memory_equal(&tx, &session->leg[0].tx, sizeof(tx)); /* back where it was */
}

static void dtmf_in_info_passes_and_nothing_else_does(void **state)
{
	struct world *world = *state;
	struct phone *alice = &world->phone[ALICE];
	static const char *const types[] = {"application/dtmf-relay", "application/xml"};

	world_call(world, ALICE, BOB);
	for (unsigned i = 0; i < 2; i++)
		phone_says(world, ALICE,
			   "INFO %s SIP/2.0\r\nVia: SIP/2.0/TLS h;branch=z9hG4bKi%u\r\n"
			   "Max-Forwards: 70\r\nFrom: <sip:alice@alice.example>;tag=%s\r\n"
			   "To: <sip:relay.example>;tag=%s\r\nCall-ID: %s\r\nCSeq: %u INFO\r\n"
			   "Content-Type: %s\r\nContent-Length: 10\r\n\r\nSignal=5\r\n",
			   alice->target, i, alice->tag, alice->remote_tag, alice->call_id, 10 + i,
			   types[i]);
	message_has(phone_hears(world, BOB, "INFO"), "\r\n\r\nSignal=5\r\n");
	phone_hears_status(world, ALICE, 415);
	phone_answers(world, BOB, "INFO", 200, NULL);
	phone_hears_status(world, ALICE, 200);
}

#define CHANGE_TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CHANGE_TEST(hold_and_resume_keep_all_keys),
	    CHANGE_TEST(a_peer_that_moved_gets_a_new_key_of_ours),
	    CHANGE_TEST(a_new_key_of_the_peer_leaves_ours),
	    CHANGE_TEST(the_callee_may_change_the_session_too),
	    CHANGE_TEST(a_change_that_is_refused_leaves_the_session_as_it_was),
	    CHANGE_TEST(plain_media_in_a_change_of_a_secured_leg_is_refused),
	    CHANGE_TEST(a_dialog_that_the_other_side_lost_ends_the_call),
	    CHANGE_TEST(changes_of_both_sides_at_once_are_glare),
	    CHANGE_TEST(a_second_invite_before_the_ack_of_the_first_is_too_early),
	    CHANGE_TEST(a_change_without_offer_is_answered_through_both_acks),
	    CHANGE_TEST(a_cancelled_change_follows_what_the_other_side_did),
	    CHANGE_TEST(a_change_whose_asker_disconnects_ends_the_call_if_it_was_made),
	    CHANGE_TEST(a_change_whose_asker_disconnects_is_taken_back),
	    CHANGE_TEST(old_hold_by_the_null_address_stops_sending_there),
	    CHANGE_TEST(dtmf_in_info_passes_and_nothing_else_does),
	};

	return cmocka_run_group_tests_name("b2bua changes", tests, NULL, NULL);
}
