/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is refused, with which status, and under which name it is counted. */
#include <stdio.h>
#include <string.h>

#include "world.h"

/* An INVITE with everything in it variable. */
static void invite(struct world *world, enum phone_number number, const char *uri,
		   const char *headers, const char *type, const char *body)
{
	const char *way = number == CAROL ? "TCP" : "TLS";
	static unsigned serial;

	serial++;
	phone_says(
	    world, number,
	    "INVITE %s SIP/2.0\r\nVia: SIP/2.0/%s 192.0.2.13;branch=z9hG4bKr%u\r\n"
	    "From: <sip:x@y.example>;tag=f\r\nTo: <%s>\r\nCall-ID: refused-%u\r\n"
	    "CSeq: 1 INVITE\r\nContact: <sip:x@192.0.2.13>\r\n%s%s%s%sContent-Length: %zu\r\n"
	    "\r\n%s",
	    uri, way, serial, uri, serial, headers, type ? "Content-Type: " : "", type ? type : "",
	    type ? "\r\n" : "", strlen(body), body);
}

static void what_cannot_be_relayed_is_refused_with_the_right_status(void **state)
{
	static const char sdp[] = "application/sdp";
	static const struct {
		enum phone_number from;
		const char *uri, *headers, *type, *body;
		unsigned status;
		const char *counter, *header;
	} cases[] = {
	    {CAROL, "sip:2099@relay.example", "", sdp, sdp_rtp_carol, 404, "no-route", "Warning:"},
	    {CAROL, "urn:x:2003", "", sdp, sdp_rtp_carol, 416, "scheme", ""},
	    {CAROL, "sips:2003@relay.example", "", sdp, sdp_rtp_carol, 480, "sips", ""},
	    {CAROL, "sip:2001@relay.example", "Require: 100rel, precondition\r\n", sdp,
	     sdp_rtp_carol, 420, "extension", "Unsupported: precondition\r\n"},
	    {CAROL, "sip:2001@relay.example", "Proxy-Require: x\r\n", sdp, sdp_rtp_carol, 420,
	     "extension", "Unsupported: x"},
	    {CAROL, "sip:2001@relay.example", "Max-Forwards: 0\r\n", sdp, sdp_rtp_carol, 483,
	     "too-many-hops", ""},
	    {CAROL, "sip:2001@relay.example", "", "multipart/mixed", "x", 415, "body-type",
	     "Accept: application/sdp"},
	    {CAROL, "sip:2001@relay.example", "Content-Encoding: gzip\r\n", sdp, "x", 415,
	     "body-encoding", "Accept-Encoding: identity"},
	    {CAROL, "sip:2001@relay.example", "", sdp, "v=0\r\nhello\r\n", 400, "sdp", ""},
	    {CAROL, "sip:2001@relay.example", "", sdp, sdp_srtp_bob, 488, "not-acceptable",
	     "Warning: 399 relay.example \"Plain media"},
	    {ALICE, "sip:2002@relay.example", "", sdp, sdp_rtp_alice, 488, "not-acceptable",
	     "Warning: 399 relay.example \"Secured media"},
	    {CAROL, "sip:2004@relay.example", "", sdp, sdp_rtp_carol, 488, "downgrade",
	     "less secure"},
	    {DAVE, "sip:2003@relay.example", "", sdp, sdp_srtp_alice, 488, "downgrade",
	     "less secure"},
	};
	struct world *world = *state;

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t before = world_counter(world, cases[i].counter);

		invite(world, cases[i].from, cases[i].uri, cases[i].headers, cases[i].type,
		       cases[i].body);
		message_has(phone_hears_status(world, cases[i].from, cases[i].status),
			    cases[i].header);
		assert_int_equal(world_counter(world, cases[i].counter), before + 1);
		assert_int_equal(world_calls(world), 0);
	}
	for (enum phone_number n = ALICE; n < PHONES; n++)
		assert_true(phone_hears_nothing(world, n));
	assert_int_equal(world->sessions, 0);
}

/* RFC 5621: an emergency call with its location (RFC 6442), a gateway's with ISUP. */
static void the_sdp_of_several_parts_is_found(void **state)
{
	static const char type[] = "multipart/mixed;boundary=\"b 1\"";
	static const struct {
		const char *before, *after;
		unsigned status; /* 0: the call is made */
	} facts[] = {
	    {"--b 1\r\nContent-Type: application/pidf+xml\r\n\r\n<secret/>\r\n", "", 0},
	    {"",
	     "--b 1\r\nContent-Type: application/isup\r\n"
	     "Content-Disposition: signal;handling=optional\r\n\r\nsecret\r\n",
	     0},
	    {"",
	     "--b 1\r\nContent-Type: application/isup\r\n"
	     "Content-Disposition: signal;handling=required\r\n\r\nsecret\r\n",
	     415},
	    {"--b 1\r\nno colon\r\n\r\n\r\n", "", 415},
	};
	struct world *world = *state;
	char body[1024];

	for (unsigned i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		snprintf(body, sizeof(body),
			 "%s--b 1\r\nContent-Type: application/sdp\r\n\r\n%s\r\n%s--b 1--\r\n",
			 facts[i].before, sdp_rtp_carol, facts[i].after);
		invite(world, CAROL, "sip:2001@relay.example", "", type, body);
		if (facts[i].status) {
			message_has(phone_hears_status(world, CAROL, facts[i].status),
				    "Accept: application/sdp");
			continue;
		}
		message_lacks(phone_hears(world, ALICE, "INVITE"), "secret");
		message_has(world->phone[ALICE].invite, "\r\nm=audio 20002 RTP/SAVP 0\r\n");
	}
}

/* Max-Forwards 0 forbids to go on (RFC 3261 16.3); who is at its end may be heard. */
static void a_bye_that_came_as_far_as_it_could_ends_the_call(void **state)
{
	struct world *world = *state;
	const struct phone *alice = &world->phone[ALICE];

	world_call(world, ALICE, BOB);
	for (unsigned i = 0; i < 2; i++) {
		const char *method = i ? "BYE" : "UPDATE";

		phone_says(
		    world, ALICE,
		    "%s sip:relay.example SIP/2.0\r\nVia: SIP/2.0/TLS h;branch=z9hG4bKm%u\r\n"
		    "Max-Forwards: 0\r\nFrom: <sip:alice@alice.example>;tag=%s\r\n"
		    "To: <sip:2002@relay.example>;tag=%s\r\nCall-ID: %s\r\nCSeq: %u %s\r\n"
		    "Contact: <sip:alice@192.0.2.11>\r\nContent-Length: 0\r\n\r\n",
		    method, i, alice->tag, alice->remote_tag, alice->call_id, 50 + i, method);
		phone_hears_status(world, ALICE, i ? 200 : 483);
	}
	phone_hears(world, BOB, "BYE");
}

static void a_strict_plan_joins_what_is_as_secure(void **state)
{
	struct world *world = *state;

	world_call(world, ALICE, DAVE);
	assert_int_equal(world_calls(world), 1);
}

static void a_secured_peer_on_a_flow_that_is_not_encrypted_gets_no_key(void **state)
{
	struct world *world = *state;

	world->clear = true;
	phone_invites(world, ALICE, "2003", sdp_srtp_alice);
	phone_hears_status(world, ALICE, 488);
	assert_int_equal(world_counter(world, "not-encrypted"), 1);
	phone_invites(world, CAROL, "2001", sdp_rtp_carol);
	phone_hears_status(world, CAROL, 488);
	assert_true(phone_hears_nothing(world, ALICE));
	assert_int_equal(world_counter(world, "key-withheld"), 1);
}

/* The connection turns out to be clear between the INVITE and its answer: nothing with a key goes.
 */
static void keys_are_withheld_at_the_last_moment_too(void **state)
{
	struct world *world = *state;

	phone_invites(world, ALICE, "2003", sdp_srtp_alice);
	phone_hears(world, CAROL, "INVITE");
	world->clear = true;
	phone_answers(world, CAROL, "INVITE", 200, sdp_rtp_carol);
	for (unsigned i = 0; i < world->phone[ALICE].received; i++)
		message_lacks(&world->phone[ALICE].inbox[i], "a=crypto");
	assert_true(world_counter(world, "key-withheld") > 0);
}

static void a_full_relay_answers_503_and_changes_nothing(void **state)
{
	struct world *world = *state;

	world->config.max_calls = 1;
	world_call(world, ALICE, BOB);
	phone_invites(world, CAROL, "2001", sdp_rtp_carol);
	message_has(phone_hears_status(world, CAROL, 503), "Retry-After: 10");
	assert_int_equal(world_calls(world), 1);
	assert_int_equal(world_counter(world, "call-limit"), 1);
}

static void a_full_dial_plan_answers_486(void **state)
{
	struct world *world = *state;

	world->config.dial_plans[0].max_calls = 1;
	world_call(world, ALICE, BOB);
	phone_invites(world, CAROL, "2001", sdp_rtp_carol);
	message_has(phone_hears_status(world, CAROL, 486), "Retry-After: 10");
	phone_requests(world, ALICE, "BYE", "", NULL);
	phone_answers(world, BOB, "BYE", 200, NULL);
	phone_invites(world, CAROL, "2001", sdp_rtp_carol);
	phone_hears(world, ALICE, "INVITE"); /* there is room again */
}

static void without_a_data_plane_calls_are_refused(void **state)
{
	struct world *world = *state;

	world->media_up = false;
	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	phone_hears_status(world, ALICE, 503);
	assert_int_equal(world_counter(world, "no-media"), 1);
}

static void full_media_ports_answer_503(void **state)
{
	struct world *world = *state;

	world->media_status = -28; /* ENOSPC */
	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	phone_hears_status(world, ALICE, 503);
	assert_int_equal(world_counter(world, "media-full"), 1);
	assert_int_equal(world_calls(world), 0);
	assert_true(phone_hears_nothing(world, BOB));
}

static void an_answer_that_is_not_srtp_ends_a_secured_call(void **state)
{
	struct world *world = *state;

	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	phone_answers(world, BOB, "INVITE", 200, sdp_rtp_alice);
	phone_hears(world, BOB, "ACK");
	message_has(phone_hears(world, BOB, "BYE"), "Reason: SIP;cause=488");
	phone_hears_status(world, ALICE, 488);
	phone_answers(world, BOB, "BYE", 200, NULL);
	assert_int_equal(world_calls(world), 0);
	assert_int_equal(world->session[0].sets[0], 0);
}

static void methods_that_are_not_relayed_get_405_with_allow(void **state)
{
	static const char *const methods[] = {"REGISTER", "SUBSCRIBE", "MESSAGE", "REFER",
					      "PUBLISH",  "NOTIFY",    "FROB"};
	struct world *world = *state;

	for (unsigned i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		phone_says(
		    world, CAROL,
		    "%s sip:x@relay.example SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bKm%u\r\n"
		    "From: <sip:a@b>;tag=1\r\nTo: <sip:x@relay.example>\r\nCall-ID: m%u\r\n"
		    "CSeq: 1 %s\r\nContent-Length: 0\r\n\r\n",
		    methods[i], i, i, methods[i]);
		message_has(phone_hears_status(world, CAROL, 405),
			    "Allow: INVITE, ACK, CANCEL, BYE");
	}
	assert_int_equal(world_counter(world, "method"), 7);
}

static void options_says_what_the_relay_can(void **state)
{
	struct world *world = *state;
	struct phone_message *answer;

	phone_says(world, CAROL,
		   "OPTIONS sip:relay.example SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bKo\r\n"
		   "From: <sip:a@b>;tag=1\r\nTo: <sip:relay.example>\r\nCall-ID: o\r\n"
		   "CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n");
	answer = phone_hears_status(world, CAROL, 200);
	message_has(answer, "Allow: INVITE");
	message_has(answer, "Accept: application/sdp");
}

static void a_malformed_request_is_answered_and_counted(void **state)
{
	struct world *world = *state;

	phone_says(world, CAROL,
		   "OPTIONS sip:relay.example SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bKb\r\n"
		   "From: <sip:a@b>;tag=1\r\nTo: <sip:relay.example>\r\nCall-ID: b\r\n"
		   "CSeq: 1 BYE\r\nContent-Length: 0\r\n\r\n");
	phone_hears_status(world, CAROL, 400);
	phone_says(world, CAROL, "SIP/2.0 nonsense\r\n\r\n");
	phone_says(world, CAROL, "\r\n");
	assert_true(phone_hears_nothing(world, CAROL));
	assert_true(world_counter(world, "malformed") >= 2);
}

/* The relay's own INVITE comes back to it. */
static void a_request_that_was_here_before_is_a_loop(void **state)
{
	struct world *world = *state;
	struct phone_message *sent;

	phone_invites(world, ALICE, "2003", sdp_srtp_alice);
	sent = phone_hears(world, CAROL, "INVITE");
	phone_says(
	    world, CAROL,
	    "INVITE sip:2001@relay.example SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bKl\r\n"
	    "Via: %.*s\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:2001@relay.example>\r\n"
	    "Call-ID: l\r\nCSeq: 1 INVITE\r\nContact: <sip:a@b>\r\nContent-Length: 0\r\n\r\n",
	    STR_FMT(sent->parsed.via.whole));
	phone_hears_status(world, CAROL, 482);
}

#define REFUSAL_TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    REFUSAL_TEST(what_cannot_be_relayed_is_refused_with_the_right_status),
	    REFUSAL_TEST(a_bye_that_came_as_far_as_it_could_ends_the_call),
	    REFUSAL_TEST(the_sdp_of_several_parts_is_found),
	    REFUSAL_TEST(a_strict_plan_joins_what_is_as_secure),
	    REFUSAL_TEST(a_secured_peer_on_a_flow_that_is_not_encrypted_gets_no_key),
	    REFUSAL_TEST(keys_are_withheld_at_the_last_moment_too),
	    REFUSAL_TEST(a_full_relay_answers_503_and_changes_nothing),
	    REFUSAL_TEST(a_full_dial_plan_answers_486),
	    REFUSAL_TEST(without_a_data_plane_calls_are_refused),
	    REFUSAL_TEST(full_media_ports_answer_503),
	    REFUSAL_TEST(an_answer_that_is_not_srtp_ends_a_secured_call),
	    REFUSAL_TEST(methods_that_are_not_relayed_get_405_with_allow),
	    REFUSAL_TEST(options_says_what_the_relay_can),
	    REFUSAL_TEST(a_malformed_request_is_answered_and_counted),
	    REFUSAL_TEST(a_request_that_was_here_before_is_a_loop),
	};

	return cmocka_run_group_tests_name("b2bua refusals", tests, NULL, NULL);
}
