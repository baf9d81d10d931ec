/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which connection a message takes: answers by another one where theirs is gone (RFC 3261 18.2.2),
 * requests that are too large for a datagram by TCP (18.1.1), connections that dialogs hold, and
 * those that a peer offers for reuse (RFC 5923).
 */
#include <stdio.h>
#include <string.h>

#include "world.h"

static void an_answer_takes_another_connection_when_its_own_is_gone(void **state)
{
	struct world *world = *state;

	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	phone_answers(world, BOB, "INVITE", 180, NULL);
	phone_hears_status(world, ALICE, 180);
	world_disconnect(world, ALICE);
	phone_hears_status(world, ALICE, 180); /* it may have been lost */
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	phone_hears_status(world, ALICE, 200);
	phone_acks(world, ALICE, NULL);
	world_advance(world, 40000);
	assert_int_equal(world_calls(world), 1);
	assert_int_equal(world_counter(world, "detours"), 1);
	phone_requests(world, BOB, "BYE", "", NULL);
	phone_hears(world, ALICE, "BYE"); /* the same way */
	assert_int_equal(world_counter(world, "detours"), 1);
}

static void an_answer_waits_for_the_other_connection(void **state)
{
	struct world *world = *state;

	world->connects_late = true;
	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	world_disconnect(world, ALICE);
	world_advance(world, 500); /* the 100 is due */
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	world_advance(world, 2500);
	assert_true(phone_hears_nothing(world, ALICE));
	world_connects(world);
	message_has(phone_hears_status(world, ALICE, 200), "a=crypto:");
	phone_acks(world, ALICE, NULL);
	world_advance(world, 40000);
	assert_int_equal(world_calls(world), 1);
}

/* What would be over at once on a connection that works. */
static void the_answer_to_another_method_waits_too(void **state)
{
	struct world *world = *state;

	world_call(world, ALICE, BOB);
	phone_requests(world, ALICE, "INFO", "Content-Type: application/dtmf-relay\r\n", NULL);
	phone_hears(world, BOB, "INFO");
	world->connects_late = true;
	world_disconnect(world, ALICE);
	phone_answers(world, BOB, "INFO", 200, NULL);
	world_advance(world, 3000);
	world_connects(world);
	phone_hears_status(world, ALICE, 200);
}

/* Keys go to who is known to be the caller, by an encrypted connection, or nowhere. */
static void no_key_takes_a_way_that_is_not_encrypted(void **state)
{
	struct world *world = *state;

	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	world->clear = true;
	world_disconnect(world, ALICE);
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	for (unsigned i = 0; i < world->phone[ALICE].received; i++)
		message_lacks(&world->phone[ALICE].inbox[i], "a=crypto");
}

static void dialogs_hold_their_connections(void **state)
{
	struct world *world = *state;

	world_call(world, ALICE, BOB);
	assert_true(world->phone[ALICE].held > 0);
	assert_true(world->phone[BOB].held > 0);
	phone_requests(world, ALICE, "BYE", "", NULL);
	phone_answers(world, BOB, "BYE", 200, NULL);
	world_advance(world, 60000);
	assert_int_equal(world->phone[ALICE].held, 0);
	assert_int_equal(world->phone[BOB].held, 0);
}

static void connections_are_offered_for_reuse_both_ways(void **state)
{
	struct world *world = *state;

	world_call(world, ALICE, BOB);
	assert_false(world->phone[ALICE].alias);
	message_has(world->phone[BOB].invite, ";rport;alias\r\n"); /* over TLS */
	phone_says(world, ALICE,
		   "OPTIONS sip:relay.example SIP/2.0\r\n"
		   "Via: SIP/2.0/TLS a.example;alias;branch=z9hG4bKalias\r\n"
		   "From: <sip:a@a.example>;tag=1\r\nTo: <sip:relay.example>\r\nCall-ID: o\r\n"
		   "CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n");
	phone_hears_status(world, ALICE, 200);
	assert_true(world->phone[ALICE].alias);
}

/* ---- requests that are too large for a datagram ---- */

/* An offer of so many codecs that the INVITE passes 1300 bytes, or of one. */
static void offer_write(char *sdp, size_t size, unsigned codecs)
{
	size_t used = (size_t)snprintf(
	    sdp, size,
	    "v=0\r\no=a 1 2 IN IP4 192.0.2.11\r\ns=-\r\nc=IN IP4 192.0.2.11\r\nt=0 0\r\n"
	    "m=audio 4000 RTP/SAVP 0");

	for (unsigned i = 0; i < codecs; i++)
		used += (size_t)snprintf(sdp + used, size - used, " %u", 96 + i);
	used += (size_t)snprintf(sdp + used, size - used,
				 "\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" KEY_ALICE "\r\n");
	for (unsigned i = 0; i < codecs; i++)
		used += (size_t)snprintf(sdp + used, size - used,
					 "a=rtpmap:%u A-CODEC-OF-LONG-NAME-%u/8000\r\n", 96 + i, i);
}

static int setup_with_udp(void **state)
{
	struct world *world;

	if (world_setup(state) < 0)
		return -1;
	world = *state;
	world->config.peers[CAROL].transport = SIP_UDP;
	return 0;
}

static int teardown_with_udp(void **state)
{
	struct world *world = *state;

	world->config.peers[CAROL].transport = SIP_TCP;
	return world_teardown(state);
}

static void what_is_too_large_for_a_datagram_goes_by_tcp(void **state)
{
	static const struct {
		unsigned codecs;
		enum world_large large;
		unsigned asked;
		const char *via;
	} facts[] = {
	    {1, LARGE_BY_TCP, 0, "Via: SIP/2.0/UDP relay.example:5060;branch="},
	    {24, LARGE_BY_TCP, 1, "Via: SIP/2.0/TCP relay.example:5060;branch="},
	    {24, LARGE_REFUSED, 1, "Via: SIP/2.0/UDP relay.example:5060;branch="},
	    {24, LARGE_UNKNOWN, 1, "Via: SIP/2.0/UDP relay.example:5060;branch="},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		char sdp[4096];
		void *own;

		assert_int_equal(setup_with_udp(&own), 0);
		struct world *world = own;
		struct phone_message *invite;

		world->large = facts[i].large;
		offer_write(sdp, sizeof(sdp), facts[i].codecs);
		phone_invites(world, ALICE, "2003", sdp);
		invite = phone_hears(world, CAROL, "INVITE");
		assert_int_equal(invite->length > 1300, facts[i].codecs > 1);
		message_has(invite, facts[i].via);
		assert_int_equal(world->large_asked, facts[i].asked);
		if (facts[i].large == LARGE_BY_TCP && facts[i].asked) {
			world->config.peers[CAROL].transport = SIP_TCP; /* by that, too */
			phone_answers(world, CAROL, "INVITE", 486, NULL);
			phone_hears_status(world, ALICE, 486);
		}
		assert_int_equal(teardown_with_udp(&own), 0);
	}
}

/* A REGISTER that passes through, with credentials of a length that a registrar chose. */
static void a_register_that_is_too_large_goes_by_tcp(void **state)
{
	static const struct {
		int nonce;
		unsigned asked;
		const char *via;
	} facts[] = {
	    {16, 0, "Via: SIP/2.0/UDP relay.example:5060;branch="},
	    {1200, 1, "Via: SIP/2.0/TCP relay.example:5060;branch="},
	};
	struct phone_message *request;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		void *own;

		assert_int_equal(setup_with_udp(&own), 0);
		struct world *world = own;

		world->large = LARGE_BY_TCP;
		world->config.peers[ALICE].registrar = &world->config.peers[CAROL];
		phone_says(
		    world, ALICE,
		    "REGISTER sip:pbx.example SIP/2.0\r\nVia: SIP/2.0/TLS h;branch=z9hG4bKl%u"
		    "\r\nFrom: <sip:a@pbx.example>;tag=f\r\nTo: <sip:a@pbx.example>\r\n"
		    "Call-ID: large\r\nCSeq: 1 REGISTER\r\nContact: <sip:a@10.0.0.9>\r\n"
		    "Authorization: Digest username=\"a\", realm=\"pbx\", nonce=\"%0*d\", "
		    "uri=\"sip:pbx.example\", response=\"0\"\r\nContent-Length: 0\r\n\r\n",
		    i, facts[i].nonce, 0);
		request = phone_hears(world, CAROL, "REGISTER");
		message_has(request, facts[i].via);
		message_has(request, "CSeq: ");
		assert_int_equal(request->length > 1300, facts[i].asked);
		assert_int_equal(world->large_asked, facts[i].asked);
		world->config.peers[ALICE].registrar = NULL;
		assert_int_equal(teardown_with_udp(&own), 0);
	}
}

int main(void)
{
#define DETOUR_TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
	    DETOUR_TEST(an_answer_takes_another_connection_when_its_own_is_gone),
	    DETOUR_TEST(an_answer_waits_for_the_other_connection),
	    DETOUR_TEST(the_answer_to_another_method_waits_too),
	    DETOUR_TEST(no_key_takes_a_way_that_is_not_encrypted),
	    DETOUR_TEST(dialogs_hold_their_connections),
	    DETOUR_TEST(connections_are_offered_for_reuse_both_ways),
	    cmocka_unit_test(what_is_too_large_for_a_datagram_goes_by_tcp),
	    cmocka_unit_test(a_register_that_is_too_large_goes_by_tcp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
