/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nothing of one side's topology reaches the other: two calls full of everything that a peer can
 * say of itself, and then every message to the other side is searched for it.
 */
#include <stdio.h>
#include <string.h>

#include "world.h"

#define EVERYTHING                                                                                 \
	"Allow: INVITE, ACK, BYE, CANCEL, UPDATE, PRACK, X-LEAK\r\n"                               \
	"Record-Route: <sip:leak-route.example;lr>\r\nUser-Agent: LEAK-agent/1.0\r\n"              \
	"Organization: LEAK inc\r\nSubject: LEAK subject\r\nX-Custom: LEAK\r\n"                    \
	"Call-Info: <http://leak.example/>\r\nAlert-Info: <http://leak.example/>\r\n"              \
	"History-Info: <sip:leak@leak.example>;index=1\r\nDiversion: <sip:leak@leak.example>\r\n"  \
	"P-Asserted-Identity: <sip:leak@leak.example>\r\nReferred-By: <sip:leak@leak.example>\r\n" \
	"Reply-To: <sip:leak@leak.example>\r\nIn-Reply-To: leak@leak.example\r\n"                  \
	"Geolocation: <cid:leak@leak.example>\r\nP-Charging-Vector: icid-value=LEAK\r\n"           \
	"Warning: 399 leak.example \"LEAK\"\r\nReason: Q.850;cause=16;text=\"LEAK\"\r\n"           \
	"Supported: 100rel, timer, x-leak\r\nSession-ID: leak\r\nContent-Language: x-leak\r\n"

#define LEAKY_SDP(name, address, port, key)                                                   \
	"v=0\r\no=LEAK-" name " 8675309 3141592 IN IP4 " address "\r\ns=LEAK " name "\r\n"    \
	"i=LEAK\r\nu=http://leak.example/\r\ne=leak@leak.example\r\nc=IN IP4 " address "\r\n" \
	"b=AS:64\r\nt=0 0\r\na=tool:LEAK\r\n"                                                 \
	"m=audio " port " RTP/SAVP 0\r\ni=LEAK\r\na=rtpmap:0 PCMU/8000\r\n"                   \
	"a=candidate:1 1 UDP 1 " address " " port " typ host\r\na=ssrc:1 cname:LEAK\r\n"      \
	"a=rtcp:" port " IN IP4 " address "\r\na=label:LEAK\r\na=ptime:20\r\n"                \
	"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" key "\r\n"
#define ALICE_LEAKS LEAKY_SDP("alice", "192.0.2.11", "4000", KEY_ALICE)
#define BOB_LEAKS LEAKY_SDP("bob", "192.0.2.12", "5000", KEY_BOB)

/* Beside what every phone of the world has: its address, name, tags, Call-ID, branches, keys. */
static const char *const of_both[] = {"LEAK", "leak", "8675309", "3141592", "candidate", "a=ssrc"};
static const char *const of_alice[] = {
    "192.0.2.11", "alice.example",   "tag-of-alice", "z9hG4bKalice",
    "alice-",     "secret-of-alice", KEY_ALICE,      "5061;transport=x",
};
static const char *const of_bob[] = {
    "192.0.2.12", "answer-of-bob", "z9hG4bKbob", "secret-of-bob", KEY_BOB, "bob@",
};

static void search(const struct phone *phone, const char *const *leaks, unsigned count)
{
	for (unsigned i = 0; i < phone->received; i++)
		for (unsigned leak = 0; leak < count; leak++)
			message_lacks(&phone->inbox[i], leaks[leak]);
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void search_all(struct world *world)
{
	const struct phone *alice = &world->phone[ALICE], *bob = &world->phone[BOB];

	search(bob, of_alice, COUNT(of_alice));
	search(alice, of_bob, COUNT(of_bob));
	search(bob, of_both, COUNT(of_both));
}

static void a_call_full_of_leaks(struct world *world, const char *callee_routes)
{
	struct phone_message *early;
	char rack[2048];

	phone_invites_with(world, ALICE, "2002", EVERYTHING, ALICE_LEAKS);
	snprintf(rack, sizeof(rack), "Require: 100rel\r\nRSeq: 9\r\n%s", callee_routes);
	phone_answers_with(world, BOB, "INVITE", 183, rack, BOB_LEAKS);
	phone_answers(world, BOB, "PRACK", 200, NULL);
	early = phone_hears_status(world, ALICE, 183);
	snprintf(rack, sizeof(rack), "RAck: %u 1 INVITE\r\nX-Custom: LEAK\r\n",
		 message_number(early, "RSeq: "));
	phone_requests(world, ALICE, "PRACK", rack, NULL);
	phone_requests(world, ALICE, "UPDATE", EVERYTHING, ALICE_LEAKS);
	phone_answers_with(world, BOB, "UPDATE", 200, EVERYTHING, BOB_LEAKS);
	phone_answers_with(world, BOB, "INVITE", 200, callee_routes, NULL);
	phone_acks(world, ALICE, NULL);
}

static void nothing_of_one_side_is_in_any_message_to_the_other(void **state)
{
	struct world *world = *state;

	world->config.dial_plans[0].session_expires_s = 600;
	a_call_full_of_leaks(world, "Allow: UPDATE\r\nUser-Agent: secret-of-bob\r\n"
				    "Warning: 399 secret-of-bob \"secret-of-bob\"\r\n");
	phone_requests(world, ALICE, "INVITE", EVERYTHING,
		       LEAKY_SDP("alice", "192.0.2.11", "4002", KEY_ALICE));
	phone_answers(world, BOB, "INVITE", 200, BOB_LEAKS);
	phone_acks(world, ALICE, NULL);
	phone_requests(world, BOB, "INVITE", "Organization: secret-of-bob\r\n", BOB_LEAKS);
	phone_answers_with(world, ALICE, "INVITE", 200, EVERYTHING, ALICE_LEAKS);
	phone_acks(world, BOB, NULL);
	phone_requests(world, ALICE, "INFO", EVERYTHING, NULL);
	phone_requests(world, ALICE, "NOTIFY", EVERYTHING "Event: talk\r\n", NULL);
	phone_answers(world, BOB, "NOTIFY", 200, NULL);
	phone_requests(world, ALICE, "REFER", EVERYTHING "Refer-To: <sip:1@leak.example>\r\n",
		       NULL);
	world_advance(world, 310000); /* a refresh, to who has no timer */
	phone_requests(world, ALICE, "BYE", EVERYTHING, NULL);
	phone_answers_with(world, BOB, "BYE", 200, "Server: secret-of-bob\r\n", NULL);
	assert_true(world->phone[BOB].received >= 8 && world->phone[ALICE].received >= 8);
	search_all(world);
}

static void nothing_is_in_what_ends_an_early_call_either(void **state)
{
	static const unsigned statuses[] = {302, 401, 407, 420, 480, 486, 488, 503, 603};
	struct world *world = *state;

	for (unsigned i = 0; i < COUNT(statuses); i++) {
		phone_invites_with(world, ALICE, "2002", EVERYTHING, ALICE_LEAKS);
		phone_answers_with(world, BOB, "INVITE", 180,
				   "Reason: SIP;text=\"secret-of-bob\"\r\n", NULL);
		phone_answers_with(
		    world, BOB, "INVITE", statuses[i],
		    "Warning: 399 secret-of-bob \"secret-of-bob\"\r\n"
		    "Reason: Q.850;cause=1;text=\"secret-of-bob\"\r\n"
		    "Unsupported: secret-of-bob\r\nRetry-After: 5 (secret-of-bob)\r\n"
		    "WWW-Authenticate: Digest realm=\"secret-of-bob\"\r\n"
		    "Error-Info: <sip:secret-of-bob@x>\r\n",
		    NULL);
		world->sessions = 0;
	}
	phone_invites_with(world, ALICE, "2002", EVERYTHING, ALICE_LEAKS);
	phone_answers(world, BOB, "INVITE", 180, NULL);
	phone_cancels(world, ALICE);
	phone_answers(world, BOB, "INVITE", 487, NULL);
	search_all(world);
}

#define TOPOLOGY_TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TOPOLOGY_TEST(nothing_of_one_side_is_in_any_message_to_the_other),
	    TOPOLOGY_TEST(nothing_is_in_what_ends_an_early_call_either),
	};

	return cmocka_run_group_tests_name("b2bua topology hiding", tests, NULL, NULL);
}
