/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests of those whom the dialog does not belong to change nothing (R26). */
#include <stdio.h>
#include <string.h>

#include "world.h"

struct guess { /* what the stranger gets right */
	const char *what;
	enum phone_number from;
	bool call_id, local_tag, remote_tag;
};

static void say(struct world *world, const struct guess *guess, const char *method, unsigned serial)
{
	const struct phone *alice = &world->phone[ALICE];

	phone_says(world, guess->from,
		   "%s sip:relay.example SIP/2.0\r\nVia: SIP/2.0/TLS h;branch=z9hG4bKs%s%u\r\n"
		   "Max-Forwards: 70\r\nFrom: <sip:alice@alice.example>;tag=%s\r\n"
		   "To: <sip:2002@relay.example>;tag=%s\r\nCall-ID: %s\r\nCSeq: 77 %s\r\n"
		   "Contact: <sip:mallory@203.0.113.66>\r\nContent-Length: 0\r\n\r\n",
		   method, method, serial, guess->remote_tag ? alice->tag : "guess",
		   guess->local_tag ? alice->remote_tag : "0123456789abcdef",
		   guess->call_id ? alice->call_id : "guess", method);
}

static void only_the_peer_and_the_tags_that_own_a_dialog_may_use_it(void **state)
{
	static const struct guess guesses[] = {
	    {"another peer with everything else right", BOB, true, true, true},
	    {"a clear peer with everything else right", CAROL, true, true, true},
	    {"a wrong Call-ID", ALICE, false, true, true},
	    {"a wrong tag of ours", ALICE, true, false, true},
	    {"a wrong tag of its own", ALICE, true, true, false},
	};
	static const char *const methods[] = {"BYE",   "INVITE", "INFO",   "OPTIONS", "UPDATE",
					      "REFER", "PRACK",  "NOTIFY", "MESSAGE"};
	struct world *world = *state;
	unsigned count = 0;

	world_call(world, ALICE, DAVE);
	for (unsigned i = 0; i < sizeof(guesses) / sizeof(guesses[0]); i++)
		for (unsigned m = 0; m < sizeof(methods) / sizeof(methods[0]); m++) {
			say(world, &guesses[i], methods[m], i);
			phone_hears_status(world, guesses[i].from, 481);
			assert_int_equal(world_calls(world), 1);
			assert_int_equal(world_counter(world, "no-dialog"), ++count);
			world->phone[guesses[i].from].received = 0;
			memset(world->phone[guesses[i].from].taken, 0, PHONE_INBOX);
		}
	assert_false(world->session[0].closed);
	assert_int_equal(world->session[0].sets[0], 1);
}

static void an_ack_of_a_stranger_confirms_nothing(void **state)
{
	struct world *world = *state;
	const struct phone *alice = &world->phone[ALICE];

	phone_invites(world, ALICE, "2004", sdp_srtp_alice);
	phone_answers(world, DAVE, "INVITE", 200, sdp_srtp_bob);
	phone_hears_status(world, ALICE, 200);
	phone_says(world, BOB,
		   "ACK sip:relay.example SIP/2.0\r\nVia: SIP/2.0/TLS h;branch=z9hG4bKack\r\n"
		   "Max-Forwards: 70\r\nFrom: <sip:alice@alice.example>;tag=%s\r\n"
		   "To: <sip:2004@relay.example>;tag=%s\r\nCall-ID: %s\r\nCSeq: 1 ACK\r\n"
		   "Content-Length: 0\r\n\r\n",
		   alice->tag, alice->remote_tag, alice->call_id);
	assert_int_equal(world_counter(world, "stray-ack"), 1);
	world_advance(world, 33000);
	phone_hears(world, DAVE, "BYE"); /* nobody acknowledged */
}

static void a_cancel_of_a_stranger_stops_nothing(void **state)
{
	struct world *world = *state;
	const struct phone *alice = &world->phone[ALICE];

	phone_invites(world, ALICE, "2004", sdp_srtp_alice);
	phone_answers(world, DAVE, "INVITE", 180, NULL);
	phone_says(world, BOB,
		   "CANCEL %s SIP/2.0\r\nVia: SIP/2.0/TLS 192.0.2.11:5061;branch=%s\r\n"
		   "Max-Forwards: 70\r\nFrom: <sip:alice@alice.example>;tag=%s\r\n"
		   "To: <sip:2004@relay.example>\r\nCall-ID: %s\r\nCSeq: 1 CANCEL\r\n"
		   "Content-Length: 0\r\n\r\n",
		   alice->target, alice->branch, alice->tag, alice->call_id);
	phone_hears_status(world, BOB, 481);
	phone_answers(world, DAVE, "INVITE", 200, sdp_srtp_bob);
	phone_hears_status(world, ALICE, 200);
}

static void an_answer_of_a_stranger_is_not_the_callees(void **state)
{
	struct world *world = *state;
	struct phone_message *invite;

	phone_invites(world, ALICE, "2004", sdp_srtp_alice);
	invite = phone_hears(world, DAVE, "INVITE");
	phone_says(world, BOB,
		   "SIP/2.0 200 OK\r\nVia: %.*s\r\nFrom: <%.*s>;tag=%.*s\r\nTo: <%.*s>;tag=evil\r\n"
		   "Call-ID: %.*s\r\nCSeq: 1 INVITE\r\nContact: <sip:evil@203.0.113.66>\r\n"
		   "Content-Type: application/sdp\r\nContent-Length: %zu\r\n\r\n%s",
		   STR_FMT(invite->parsed.via.whole), STR_FMT(invite->parsed.from.uri.whole),
		   STR_FMT(invite->parsed.from.tag), STR_FMT(invite->parsed.to.uri.whole),
		   STR_FMT(invite->parsed.call_id), strlen(sdp_srtp_bob), sdp_srtp_bob);
	assert_int_equal(world->session[0].sets[0], 0);
	phone_answers(world, DAVE, "INVITE", 200, sdp_srtp_bob);
	phone_hears_status(world, ALICE, 200);
}

static void a_cseq_that_is_not_higher_is_out_of_order(void **state)
{
	struct world *world = *state;

	world_call(world, ALICE, BOB);
	world->phone[ALICE].cseq = 0;
	phone_requests(world, ALICE, "BYE", "", NULL);
	phone_hears_status(world, ALICE, 500);
	assert_int_equal(world_calls(world), 1);
}

#define STRANGER_TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    STRANGER_TEST(only_the_peer_and_the_tags_that_own_a_dialog_may_use_it),
	    STRANGER_TEST(an_ack_of_a_stranger_confirms_nothing),
	    STRANGER_TEST(a_cancel_of_a_stranger_stops_nothing),
	    STRANGER_TEST(an_answer_of_a_stranger_is_not_the_callees),
	    STRANGER_TEST(a_cseq_that_is_not_higher_is_out_of_order),
	};

	return cmocka_run_group_tests_name("b2bua strangers", tests, NULL, NULL);
}
