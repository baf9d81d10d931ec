/* SPDX-License-Identifier: GPL-2.0-or-later */
/* REFER carried out by the relay: to a number, and to the far side of another call. */
#include <stdio.h>
#include <string.h>

#include "world.h"

#define DAVE_SDP                                                                           \
	"v=0\r\no=dave 77 88 IN IP4 192.0.2.14\r\ns=-\r\nc=IN IP4 192.0.2.14\r\nt=0 0\r\n" \
	"m=audio 7000 RTP/SAVP 0\r\na=rtpmap:0 PCMU/8000\r\n"                              \
	"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" KEY_OTHER "\r\n"

static int transfer_setup(void **state)
{
	struct world *world;
	int rc = world_setup(state);

	world = *state;
	world->config.dial_plans[0].refer = REFER_LOCAL;
	return rc;
}

/* Alice, who called Bob, refers him. */
static void alice_refers(struct world *world, const char *target)
{
	char header[900];

	snprintf(header, sizeof(header), "Refer-To: <%s>\r\nReferred-By: <sip:leak@x>\r\n", target);
	phone_requests(world, ALICE, "REFER", header, NULL);
}

static void alice_is_notified(struct world *world, const char *fragment, const char *state)
{
	struct phone_message *notify = phone_hears(world, ALICE, "NOTIFY");

	message_has(notify, "Event: refer\r\n");
	message_has(notify, "Content-Type: message/sipfrag;version=2.0\r\n");
	message_has(notify, fragment);
	message_has(notify, state);
	phone_answers(world, ALICE, "NOTIFY", 200, NULL);
}

/* Alice hid from Bob; his REFER does not take that back. */
static void who_hides_stays_hidden_when_transferred(void **state)
{
	struct world *world = *state;
	struct phone_message *invite;

	for (unsigned trusted = 0; trusted < 2; trusted++) {
		world->config.peers[DAVE].trust = trusted;
		phone_invites_with(world, ALICE, "2002", "Privacy: id\r\n", sdp_srtp_alice);
		phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
		phone_hears_status(world, ALICE, 200);
		phone_acks(world, ALICE, NULL);
		phone_requests(world, BOB, "REFER", "Refer-To: <sip:2004@relay.example>\r\n", NULL);
		phone_hears_status(world, BOB, 202);
		invite = phone_hears(world, DAVE, "INVITE");
		message_has(invite, trusted
					? "From: <sip:alice@relay.example>"
					: "From: \"Anonymous\" <sip:anonymous@anonymous.invalid>");
		if (trusted)
			message_has(invite, "\r\nPrivacy: id\r\n");
		else
			message_lacks(invite, "alice");
		phone_answers(world, DAVE, "INVITE", 486, NULL);
		phone_requests(world, ALICE, "BYE", "", NULL);
	}
}

static void a_transfer_to_a_number_joins_both(void **state)
{
	struct world *world = *state;
	const struct fake_session *session = &world->session[1];
	struct phone_message *invite, *offer;

	world_call(world, ALICE, BOB);
	alice_refers(world, "sip:2004@relay.example");
	message_has(phone_hears_status(world, ALICE, 202), "Contact: <sip:relay.example:5061");
	alice_is_notified(world, "\r\n\r\nSIP/2.0 100 Trying\r\n", "Subscription-State: active");
	invite = phone_hears(world, DAVE, "INVITE");
	message_has(invite, "INVITE sip:2004@dave.example:5061");
	message_has(invite, "From: <sip:2002@relay.example>");
	message_lacks(invite, "alice");
	message_lacks(invite, "leak");
	assert_true(phone_hears_nothing(world, BOB));
	phone_answers(world, DAVE, "INVITE", 180, NULL);
	phone_answers(world, DAVE, "INVITE", 200, DAVE_SDP);
	phone_hears(world, DAVE, "ACK");
	alice_is_notified(world, "\r\n\r\nSIP/2.0 200 OK\r\n", "Subscription-State: terminated");
	phone_hears(world, ALICE, "BYE");
	phone_answers(world, ALICE, "BYE", 200, NULL);
	/* Bob stays in his dialog, and gets the new addresses and keys in it */
	offer = phone_hears(world, BOB, "INVITE");
	message_has(offer, "a=crypto:1");
	assert_true(str_eq(offer->parsed.call_id, str_of(world->phone[BOB].call_id)));
	assert_int_equal(session->sets[0], 0);
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	phone_hears(world, BOB, "ACK");
	assert_int_equal(session->leg[0].remote_rtp.port, 5000);
	assert_int_equal(session->leg[0].tx.suite, SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80);
	assert_int_equal(session->leg[1].remote_rtp.port, 7000);
	assert_int_equal(session->leg[0].media_timeout_ms, 30000);
	assert_true(world->session[0].closed);
	assert_int_equal(world_calls(world), 1);
	assert_int_equal(world_counter(world, "transfers"), 1);
	assert_int_equal(world_counter(world, "transferred"), 1);
	/* and the new call ends like any other */
	phone_requests(world, BOB, "BYE", "", NULL);
	phone_hears_status(world, BOB, 200);
	phone_hears(world, DAVE, "BYE");
	phone_answers(world, DAVE, "BYE", 200, NULL);
	assert_int_equal(world_calls(world), 0);
	assert_true(session->closed);
}

static void a_target_that_does_not_answer_leaves_the_call_as_it_was(void **state)
{
	struct world *world = *state;

	world_call(world, ALICE, BOB);
	alice_refers(world, "sip:2004@relay.example");
	alice_is_notified(world, "SIP/2.0 100", "active");
	phone_answers(world, DAVE, "INVITE", 486, NULL);
	alice_is_notified(world, "SIP/2.0 486 Busy Here\r\n", "terminated");
	assert_int_equal(world_calls(world), 1);
	assert_false(world->session[0].closed);
	assert_true(phone_hears_nothing(world, BOB));
	/* another try */
	alice_refers(world, "sip:2004@relay.example");
	phone_hears_status(world, ALICE, 202);
	phone_requests(world, ALICE, "BYE", "", NULL);
}

/* Many phones hang up as soon as the REFER is accepted. */
static void a_transferor_may_hang_up_at_once(void **state)
{
	struct world *world = *state;

	world_call(world, ALICE, BOB);
	alice_refers(world, "sip:2004@relay.example");
	phone_requests(world, ALICE, "BYE", "", NULL);
	assert_true(phone_hears_nothing(world, BOB));
	world_media_event(world, 0, 0, SLUICE_EVENT_MEDIA_TIMEOUT); /* nobody is there to speak */
	phone_answers(world, DAVE, "INVITE", 200, DAVE_SDP);
	phone_hears(world, BOB, "INVITE");
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	world_advance(world, 4000);
	assert_int_equal(world_calls(world), 1);
	assert_int_equal(world->session[1].leg[0].remote_rtp.port, 5000);
}

static void a_transferor_that_hung_up_before_a_refusal_leaves_nobody(void **state)
{
	struct world *world = *state;

	world_call(world, ALICE, BOB);
	alice_refers(world, "sip:2004@relay.example");
	phone_requests(world, ALICE, "BYE", "", NULL);
	phone_answers(world, DAVE, "INVITE", 486, NULL);
	phone_hears(world, BOB, "BYE");
	phone_answers(world, BOB, "BYE", 200, NULL);
	world_advance(world, 4000);
	assert_int_equal(world_calls(world), 0);
}

static void a_transferee_that_hangs_up_ends_the_attempt(void **state)
{
	struct world *world = *state;

	world_call(world, ALICE, BOB);
	alice_refers(world, "sip:2004@relay.example");
	phone_answers(world, DAVE, "INVITE", 180, NULL);
	phone_requests(world, BOB, "BYE", "", NULL);
	phone_hears(world, DAVE, "CANCEL");
	phone_hears(world, ALICE, "BYE");
	phone_answers(world, DAVE, "INVITE", 487, NULL);
	phone_answers(world, ALICE, "BYE", 200, NULL);
	world_advance(world, 4000); /* Alice never answered the NOTIFY */
	assert_int_equal(world_calls(world), 0);
}

static void a_target_is_only_what_the_routes_let_the_transferor_call(void **state)
{
	static const struct {
		const char *target;
		unsigned status;
	} rows[] = {
	    {"sip:2099@relay.example", 404},
	    {"sip:2004@elsewhere.example;method=BYE", 400},
	    {"urn:x:2004", 416},
	    {"sip:%0a2004@relay.example", 404},
	    {"sip:2004@relay.example?Replaces=x%40y%3Bto-tag%3Da%3Bfrom-tag%3Db", 481},
	    {"sip:2004@relay.example?Replaces=rubbish", 481},
	};
	struct world *world = *state;

	world_call(world, ALICE, BOB);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		alice_refers(world, rows[i].target);
		phone_hears_status(world, ALICE, rows[i].status);
	}
	world->config.max_calls = 1;
	alice_refers(world, "sip:2004@relay.example");
	phone_hears_status(world, ALICE, 503);
	world->config.max_calls = 100;
	world->config.dial_plans[0].refer = REFER_REFUSE;
	alice_refers(world, "sip:2004@relay.example");
	phone_hears_status(world, ALICE, 403);
	assert_int_equal(world_calls(world), 1);
	assert_int_equal(world_counter(world, "transfers"), 0);
}

/* RFC 3261 26.2.2: who names a sips URI wants no hop without TLS. */
static void a_target_that_wants_tls_is_not_called_without(void **state)
{
	struct world *world = *state;

	world_call(world, ALICE, BOB);
	alice_refers(world, "sips:2003@relay.example"); /* Carol is at TCP */
	phone_hears_status(world, ALICE, 480);
	assert_int_equal(world_counter(world, "sips"), 1);
	assert_true(phone_hears_nothing(world, CAROL));
	alice_refers(world, "sips:2004@relay.example");
	phone_hears_status(world, ALICE, 202);
	phone_hears(world, DAVE, "INVITE");
}

/* RFC 3264 8: Bob's dialog has had two streams, what Dave described has one. */
static void an_offer_after_a_transfer_has_as_many_streams_as_there_were(void **state)
{
	static const char video[] = "m=video 4002 RTP/AVP 31 34\r\na=rtpmap:31 H261/90000\r\n";
	struct world *world = *state;
	struct phone_message *offer;
	char two[1024];

	snprintf(two, sizeof(two), "%s%s", sdp_srtp_alice, video);
	phone_invites(world, ALICE, "2002", two);
	message_has(phone_hears(world, BOB, "INVITE"), "\r\nm=video 0 RTP/AVP 31\r\n");
	snprintf(two, sizeof(two), "%sm=video 0 RTP/AVP 31\r\n", sdp_srtp_bob);
	phone_answers(world, BOB, "INVITE", 200, two);
	phone_hears_status(world, ALICE, 200);
	phone_acks(world, ALICE, NULL);
	alice_refers(world, "sip:2004@relay.example");
	alice_is_notified(world, "SIP/2.0 100", "active");
	phone_answers(world, DAVE, "INVITE", 200, DAVE_SDP);
	offer = phone_hears(world, BOB, "INVITE");
	message_has(offer, "\r\nm=audio 20000 RTP/SAVP 0\r\n");
	message_has(offer, "\r\nm=video 0 RTP/AVP 31\r\n");
	assert_null(strstr(strstr(offer->text, "m=video") + 1, "m="));
	phone_answers(world, BOB, "INVITE", 200, two);
	phone_hears(world, BOB, "ACK");
}

/* Bob has gone on to Dave, and Alice has not yet answered the NOTIFY that says so. */
static void what_a_transferor_asks_when_nobody_is_there_any_more_has_to_wait(void **state)
{
	static const char *const methods[] = {"INVITE", "UPDATE", "REFER"};
	struct world *world = *state;

	world_call(world, ALICE, BOB);
	alice_refers(world, "sip:2004@relay.example");
	alice_is_notified(world, "SIP/2.0 100", "active");
	phone_answers(world, DAVE, "INVITE", 200, DAVE_SDP);
	phone_hears(world, BOB, "INVITE");
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	phone_hears(world, BOB, "ACK");
	phone_hears(world, DAVE, "INVITE");
	phone_hears(world, DAVE, "ACK");
	for (unsigned i = 0; i < 3; i++) {
		phone_requests(world, ALICE, methods[i],
			       i == 2 ? "Refer-To: <sip:2004@relay.example>\r\n" : "",
			       i == 2 ? NULL : sdp_srtp_alice);
		phone_hears_status(world, ALICE, 491);
	}
	assert_int_equal(world_counter(world, "memory"), 0);
	assert_int_equal(world_calls(world), 2);
	assert_true(phone_hears_nothing(world, BOB) && phone_hears_nothing(world, DAVE));
	phone_requests(world, ALICE, "BYE", "", NULL);
	phone_hears_status(world, ALICE, 200);
}

/* The dialog of a phone, to be used again after it has begun another. */
struct kept {
	char call_id[128], tag[64], remote_tag[64], target[256];
	unsigned cseq;
};

static struct kept keep(const struct phone *phone)
{
	struct kept kept = {.cseq = phone->cseq};

	snprintf(kept.call_id, sizeof(kept.call_id), "%s", phone->call_id);
	snprintf(kept.tag, sizeof(kept.tag), "%s", phone->tag);
	snprintf(kept.remote_tag, sizeof(kept.remote_tag), "%s", phone->remote_tag);
	snprintf(kept.target, sizeof(kept.target), "%s", phone->target);
	return kept;
}

/* The URI of a Refer-To that names a dialog: its Call-ID has an '@', which must be escaped. */
static void format_replaces(char *text, size_t size, const char *user, const struct kept *kept)
{
	const char *at = strchr(kept->call_id, '@');

	snprintf(text, size,
		 "sip:%s@relay.example?Replaces=%.*s%%40%s%%3Bto-tag%%3D%s%%3Bfrom-tag%%3D%s", user,
		 (int)(at - kept->call_id), kept->call_id, at + 1, kept->remote_tag, kept->tag);
}

static void go_back(struct phone *phone, const struct kept *kept)
{
	snprintf(phone->call_id, sizeof(phone->call_id), "%s", kept->call_id);
	snprintf(phone->tag, sizeof(phone->tag), "%s", kept->tag);
	snprintf(phone->remote_tag, sizeof(phone->remote_tag), "%s", kept->remote_tag);
	snprintf(phone->target, sizeof(phone->target), "%s", kept->target);
	phone->cseq = kept->cseq;
}

/* Alice talks to Bob, asks Dave in another call, and joins the two (RFC 5589 7). */
static void a_transfer_with_consultation_joins_the_far_sides(void **state)
{
	struct world *world = *state;
	struct phone *alice = &world->phone[ALICE];
	const struct fake_session *session = &world->session[2];
	struct kept first, second;
	char target[800];

	world_call(world, ALICE, BOB);
	first = keep(alice);
	phone_invites(world, ALICE, "2004", sdp_srtp_alice);
	phone_answers(world, DAVE, "INVITE", 200, DAVE_SDP);
	phone_hears_status(world, ALICE, 200);
	phone_acks(world, ALICE, NULL);
	phone_hears(world, DAVE, "INVITE");
	second = keep(alice);
	go_back(alice, &first);
	format_replaces(target, sizeof(target), "2004", &second);
	alice_refers(world, target);
	phone_hears_status(world, ALICE, 202);
	alice_is_notified(world, "SIP/2.0 100", "active");
	alice_is_notified(world, "SIP/2.0 200", "terminated");
	phone_hears(world, ALICE, "BYE");
	phone_hears(world, ALICE, "BYE");
	phone_hears(world, DAVE, "INVITE");
	assert_true(world->phone[BOB].request->parsed.method != SIP_METHOD_BYE);
	phone_answers(world, DAVE, "INVITE", 200, DAVE_SDP);
	phone_hears(world, BOB, "INVITE"); /* the INVITE of the call */
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	assert_int_equal(session->leg[0].remote_rtp.port, 5000);
	assert_int_equal(session->leg[1].remote_rtp.port, 7000);
	assert_int_equal(session->leg[0].tx.key_len, 30);
	assert_int_equal(session->leg[1].tx.key_len, 30);
	world_advance(world, 4000);
	assert_int_equal(world_calls(world), 1);
	assert_true(world->session[0].closed && world->session[1].closed);
	phone_requests(world, BOB, "BYE", "", NULL);
	phone_hears(world, DAVE, "BYE");
}

/* Dave knows the numbers of Alice's call, but it is not his. */
static void the_dialog_of_another_peer_cannot_be_replaced(void **state)
{
	struct world *world = *state;
	struct kept first;
	char header[900], target[800];

	world_call(world, ALICE, BOB);
	first = keep(&world->phone[ALICE]);
	world_call(world, BOB, DAVE);
	format_replaces(target, sizeof(target), "2004", &first);
	snprintf(header, sizeof(header), "Refer-To: <%s>\r\n", target);
	phone_requests(world, BOB, "REFER", header, NULL);
	phone_hears_status(world, BOB, 481);
	assert_int_equal(world_calls(world), 2);
}

#define TRANSFER_TEST(name) cmocka_unit_test_setup_teardown(name, transfer_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TRANSFER_TEST(a_transfer_to_a_number_joins_both),
	    TRANSFER_TEST(who_hides_stays_hidden_when_transferred),
	    TRANSFER_TEST(a_target_that_does_not_answer_leaves_the_call_as_it_was),
	    TRANSFER_TEST(a_transferor_may_hang_up_at_once),
	    TRANSFER_TEST(a_transferor_that_hung_up_before_a_refusal_leaves_nobody),
	    TRANSFER_TEST(a_transferee_that_hangs_up_ends_the_attempt),
	    TRANSFER_TEST(a_target_is_only_what_the_routes_let_the_transferor_call),
	    TRANSFER_TEST(a_target_that_wants_tls_is_not_called_without),
	    TRANSFER_TEST(an_offer_after_a_transfer_has_as_many_streams_as_there_were),
	    TRANSFER_TEST(what_a_transferor_asks_when_nobody_is_there_any_more_has_to_wait),
	    TRANSFER_TEST(a_transfer_with_consultation_joins_the_far_sides),
	    TRANSFER_TEST(the_dialog_of_another_peer_cannot_be_replaced),
	};

	return cmocka_run_group_tests_name("b2bua transfers", tests, NULL, NULL);
}
