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

/* The key that we told a peer is the key that the data plane encrypts with to that peer. */
static void told(const struct phone_message *message, const struct sluice_set *set, unsigned tag)
{
	char prefix[64], expected[16];
	const char *line;
	static const char base64[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const uint8_t *k = set->tx.key;

	snprintf(prefix, sizeof(prefix), "a=crypto:%u AES_CM_128_HMAC_SHA1_80 inline:", tag);
	line = strstr(message->text, prefix);
	assert_non_null(line);
	expected[0] = base64[k[0] >> 2];
	expected[1] = base64[(k[0] & 3) << 4 | k[1] >> 4];
	expected[2] = base64[(k[1] & 15) << 2 | k[2] >> 6];
	expected[3] = base64[k[2] & 63];
	assert_memory_equal(line + strlen(prefix), expected, 4);
}

#define SEVERAL_KEYS(of_alice)                                                            \
	"v=0\r\no=alice 1 1 IN IP4 192.0.2.11\r\ns=-\r\nc=IN IP4 192.0.2.11\r\nt=0 0\r\n" \
	"m=audio 4000 RTP/SAVP 8\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 " of_alice "\r\n"

static void a_peer_may_have_several_master_keys(void **state)
{
	struct world *world = *state;
	const struct sluice_set *alice = &world->session[0].leg[0];

	phone_invites(world, ALICE, "2002",
		      SEVERAL_KEYS("inline:" KEY_ALICE "|2^20|1:2;inline:" KEY_OTHER "|512:2"));
	phone_hears(world, BOB, "INVITE");
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	/* a peer that uses MKIs is told one; bob is not */
	message_has(phone_hears_status(world, ALICE, 200), "|1:2\r\n");
	assert_int_equal(world->session[0].leg[1].tx.mki_len, 0);
	assert_int_equal(alice->tx.mki_len, 2);
	assert_int_equal(alice->tx.mki, 1);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(alice->rx[i].suite, SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80);
		assert_int_equal(alice->rx[i].key_len, 30);
		assert_int_equal(alice->rx[i].mki_len, 2);
		assert_int_equal(alice->rx[i].mki, i ? 512 : 1);
		assert_int_equal(alice->rx[i].lifetime, i ? 0 : 1 << 20);
	}
	assert_int_equal(alice->rx[1].key[29], 29);
	assert_int_equal(alice->rx[2].suite, SLUICE_SUITE_NONE);
}

static void keys_that_cannot_be_told_apart_are_refused_and_counted(void **state)
{
	static const char *const lines[] = {
	    SEVERAL_KEYS("inline:" KEY_ALICE ";inline:" KEY_OTHER),
	    SEVERAL_KEYS("inline:" KEY_ALICE "|1:1;inline:" KEY_OTHER "|1:1"),
	    SEVERAL_KEYS("inline:" KEY_ALICE "|1:1;inline:" KEY_ALICE "|2:1"),
	    SEVERAL_KEYS("inline:" KEY_ALICE "|1:8"),
	};
	struct world *world = *state;

	for (unsigned i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		phone_invites(world, ALICE, "2002", lines[i]);
		message_has(phone_hears_status(world, ALICE, 488), "No acceptable a=crypto");
		phone_acks(world, ALICE, NULL);
		assert_int_equal(world_counter(world, "not-acceptable"), i + 1);
	}
	assert_int_equal(world->sessions, 0);
}

/* The dial plan allows _80 and _32; the engine of the data plane may have less. */
static void a_suite_that_the_data_plane_has_not_is_neither_offered_nor_taken(void **state)
{
	struct world *world = *state;
	struct phone_message *invite;

	world->hello.suites = ~(1U << SLUICE_SUITE_AES_CM_128_HMAC_SHA1_32);
	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	invite = phone_hears(world, BOB, "INVITE");
	message_has(invite, "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:");
	message_lacks(invite, "AES_CM_128_HMAC_SHA1_32");
	phone_answers(world, BOB, "INVITE", 486, NULL);
	phone_hears_status(world, ALICE, 486);
	phone_acks(world, ALICE, NULL);

	world->hello.suites = 1U << SLUICE_SUITE_NONE;
	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	message_has(phone_hears_status(world, ALICE, 488), "suite is not allowed");
}

static void both_legs_of_a_secured_call_get_their_own_fresh_keys(void **state)
{
	struct world *world = *state;
	const struct sluice_set *alice = &world->session[0].leg[0],
				*bob = &world->session[0].leg[1];
	struct phone_message *invite, *answer;

	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	invite = phone_hears(world, BOB, "INVITE");
	message_has(invite, "a=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:");
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	answer = phone_hears_status(world, ALICE, 200);
	assert_int_equal(alice->rx[0].suite, SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80);
	assert_int_equal(alice->tx.key_len, 30);
	assert_memory_not_equal(alice->tx.key, bob->tx.key, 30);
	assert_memory_not_equal(alice->tx.key, alice->rx[0].key, 30);
	assert_memory_not_equal(bob->tx.key, bob->rx[0].key, 30);
	told(invite, bob, 1);
	told(answer, alice, 1);
	assert_int_equal(alice->remote_rtp.port, 4000);
	assert_int_equal(bob->remote_rtp.port, 5000);
	assert_int_equal(bob->remote_rtcp.port, 5001);
	assert_int_equal(alice->direction, SLUICE_DIR_RX | SLUICE_DIR_TX);
	assert_int_equal(alice->latch, SLUICE_LATCH_ANY);
	assert_int_equal(alice->media_timeout_ms, 30000);
	assert_int_equal(alice->dscp, 46);
	assert_int_equal(alice->rate_pps, 150);
	phone_acks(world, ALICE, NULL);
}

static void a_secured_caller_may_reach_an_unsecured_callee_when_its_plan_allows(void **state)
{
	struct world *world = *state;
	const struct fake_session *session = &world->session[0];
	struct phone_message *invite;
	json_t *list;

	phone_invites(world, ALICE, "2003", sdp_srtp_alice);
	invite = phone_hears(world, CAROL, "INVITE");
	message_has(invite, "RTP/AVP 0 101\r\n");
	message_lacks(invite, "a=crypto");
	message_has(invite, "Via: SIP/2.0/TCP relay.example:5060;");
	phone_answers(world, CAROL, "INVITE", 200, sdp_rtp_carol);
	message_has(phone_hears_status(world, ALICE, 200), "RTP/SAVP 0");
	phone_acks(world, ALICE, NULL);
	assert_int_equal(session->leg[0].tx.suite, 1);
	assert_int_equal(session->leg[1].tx.suite, SLUICE_SUITE_NONE);
	assert_int_equal(session->leg[1].rx[0].suite, SLUICE_SUITE_NONE);
	assert_int_equal(session->leg[1].latch, SLUICE_LATCH_ADDRESS);
	list = b2bua_call_list(world->b2bua);
	assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "security")),
			    "unsecured");
	json_decref(list);
}

static void an_unsecured_caller_may_reach_a_secured_callee_when_its_plan_allows(void **state)
{
	struct world *world = *state;

	world_call(world, CAROL, ALICE);
	assert_int_equal(world->session[0].leg[0].tx.suite, 0);
	assert_int_equal(world->session[0].leg[1].tx.suite, 1);
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

static void shown(void *user, json_t *call)
{
	*(json_t **)user = call;
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

static void done(void *user)
{
	((struct world *)user)->drained = true;
}

static void draining_ends_calls_and_refuses_new_ones(void **state)
{
	struct world *world = *state;

	world_call(world, ALICE, BOB);
	b2bua_drain(world->b2bua, 5000, done, world);
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
	b2bua_drain(world->b2bua, 5000, done, world);
	world_advance(world, 4900);
	assert_false(world->drained);
	world_advance(world, 200);
	assert_true(world->drained);
}

#define CALL_TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CALL_TEST(a_secured_call_is_set_up_and_hung_up_by_the_caller),
	    CALL_TEST(the_callee_may_hang_up),
	    CALL_TEST(nothing_of_one_side_reaches_the_other),
	    CALL_TEST(both_legs_of_a_secured_call_get_their_own_fresh_keys),
	    CALL_TEST(a_suite_that_the_data_plane_has_not_is_neither_offered_nor_taken),
	    CALL_TEST(a_peer_may_have_several_master_keys),
	    CALL_TEST(keys_that_cannot_be_told_apart_are_refused_and_counted),
	    CALL_TEST(a_secured_caller_may_reach_an_unsecured_callee_when_its_plan_allows),
	    CALL_TEST(an_unsecured_caller_may_reach_a_secured_callee_when_its_plan_allows),
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
	    CALL_TEST(silence_ends_the_call_on_both_sides_and_says_why),
	    CALL_TEST(a_dead_peer_does_not_keep_a_call_that_has_ended),
	    CALL_TEST(media_that_the_data_plane_lost_for_good_ends_the_call),
	    CALL_TEST(a_call_survives_the_loss_of_a_connection),
	    CALL_TEST(a_caller_that_is_gone_before_the_answer_is_forgotten),
	    CALL_TEST(a_leg_without_a_connection_is_not_shown_as_signalled_in_clear),
	    CALL_TEST(the_operator_sees_a_call_with_its_counters_and_may_end_it),
	    CALL_TEST(draining_ends_calls_and_refuses_new_ones),
	    CALL_TEST(draining_does_not_wait_for_ever),
	    CALL_TEST(a_relay_that_drains_lets_calls_end_and_takes_no_new_ones),
	    CALL_TEST(calls_that_are_left_at_the_end_of_a_drain_are_ended),
	};

	return cmocka_run_group_tests_name("b2bua calls", tests, NULL, NULL);
}
