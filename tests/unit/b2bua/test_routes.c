/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where requests in a dialog go: route sets (RFC 3261 12), strict routers, sips. */
#include <stdio.h>
#include <string.h>

#include "world.h"

#define THREE                                                                                 \
	"Record-Route: <sip:one.example;lr>\r\nRecord-Route: \"A, B\" <sip:two.example;lr>, " \
	"<sip:three.example;lr>\r\n"

static void begins_with(const struct phone_message *message, const char *line)
{
	if (strncmp(message->text, line, strlen(line)) != 0)
		fail_msg("\"%s\" is not how it begins:\n%s", line, message->text);
}

static void bob_answers(struct world *world, const char *headers)
{
	phone_answers_with(world, BOB, "INVITE", 200, headers, sdp_srtp_bob);
	phone_hears_status(world, ALICE, 200);
	phone_acks(world, ALICE, NULL);
}

static void routes_of_the_caller_are_taken_in_their_order(void **state)
{
	struct world *world = *state;
	struct phone_message *bye;

	phone_invites_with(world, ALICE, "2002", THREE, sdp_srtp_alice);
	phone_answers_with(world, BOB, "INVITE", 200, "", sdp_srtp_bob);
	message_has(phone_hears_status(world, ALICE, 200),
		    "\r\nRecord-Route: <sip:one.example;lr>\r\n");
	phone_acks(world, ALICE, NULL);
	phone_requests(world, BOB, "BYE", "", NULL);
	bye = phone_hears(world, ALICE, "BYE");
	begins_with(bye, "BYE sip:alice@192.0.2.11:5061 SIP/2.0\r\n");
	message_has(bye, "\r\nRoute: <sip:one.example;lr>, \"A, B\" <sip:two.example;lr>, "
			 "<sip:three.example;lr>\r\n");
}

static void routes_of_the_callee_are_taken_the_other_way_round(void **state)
{
	static const char *const methods[] = {"ACK", "BYE"};
	struct world *world = *state;

	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	bob_answers(world, THREE);
	phone_requests(world, ALICE, "BYE", "", NULL);
	for (unsigned i = 0; i < 2; i++) {
		struct phone_message *message = phone_hears(world, BOB, methods[i]);

		assert_true(
		    str_eq(message->parsed.request_uri_text, STR("sip:bob@192.0.2.12:5061")));
		message_has(message, "\r\nRoute: <sip:three.example;lr>, \"A, B\" "
				     "<sip:two.example;lr>, <sip:one.example;lr>\r\n");
	}
}

/* RFC 3261 12.2.1.1: one without lr takes the next Request-URI off the list. */
static void a_strict_router_is_the_request_uri_and_the_target_comes_last(void **state)
{
	static const struct {
		const char *recorded, *uri, *route;
	} facts[] = {
	    {"<sip:far.example;lr>, <sip:strict.example;x=1?h=v>", "sip:strict.example;x=1",
	     "\r\nRoute: <sip:far.example;lr>, <sip:bob@192.0.2.12:5061>\r\n"},
	    {"<sip:strict.example>", "sip:strict.example",
	     "\r\nRoute: <sip:bob@192.0.2.12:5061>\r\n"},
	    {"<sip:strict.example>, <sip:near.example;lr>", "sip:bob@192.0.2.12:5061",
	     "\r\nRoute: <sip:near.example;lr>, <sip:strict.example>\r\n"},
	};
	struct world *world = *state;
	char header[128];

	for (unsigned i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		static const char *const methods[] = {"ACK", "INFO", "BYE"};

		snprintf(header, sizeof(header), "Record-Route: %s\r\n", facts[i].recorded);
		world->phone[ALICE].serial += 10; /* another Call-ID */
		phone_invites(world, ALICE, "2002", sdp_srtp_alice);
		bob_answers(world, header);
		phone_requests(world, ALICE, "INFO", "", NULL);
		phone_hears_status(world, ALICE, 200); /* it ends here */
		phone_says(
		    world, ALICE,
		    "INFO sip:relay.example SIP/2.0\r\nVia: SIP/2.0/TLS h;branch=z9hG4bKi%u\r\n"
		    "From: <sip:alice@alice.example>;tag=%s\r\n"
		    "To: <sip:2002@relay.example>;tag=%s\r\nCall-ID: %s\r\nCSeq: 20 INFO\r\n"
		    "Content-Type: application/dtmf\r\nContent-Length: 1\r\n\r\n5",
		    i, world->phone[ALICE].tag, world->phone[ALICE].remote_tag,
		    world->phone[ALICE].call_id);
		world->phone[ALICE].cseq = 20;
		phone_requests(world, ALICE, "BYE", "", NULL);
		for (unsigned j = 0; j < 3; j++) {
			struct phone_message *message = phone_hears(world, BOB, methods[j]);

			assert_true(str_eq(message->parsed.request_uri_text, str_of(facts[i].uri)));
			message_has(message, facts[i].route);
		}
		phone_answers(world, BOB, "BYE", 200, NULL);
	}
}

/* RFC 3261 12.1.1, 26.2.2: who asks by a sips URI has it asked on by one, and gets one. */
static void a_call_to_a_sips_uri_stays_one(void **state)
{
	struct world *world = *state;
	struct phone_message *invite;

	phone_says(world, ALICE,
		   "INVITE sips:2002@relay.example SIP/2.0\r\n"
		   "Via: SIP/2.0/TLS 192.0.2.11:5061;branch=z9hG4bKsips\r\nMax-Forwards: 70\r\n"
		   "From: <sips:alice@alice.example>;tag=a\r\nTo: <sips:2002@relay.example>\r\n"
		   "Call-ID: sips-call\r\nCSeq: 1 INVITE\r\nContact: <sips:alice@192.0.2.11>\r\n"
		   "Content-Type: application/sdp\r\nContent-Length: %zu\r\n\r\n%s",
		   strlen(sdp_srtp_alice), sdp_srtp_alice);
	invite = phone_hears(world, BOB, "INVITE");
	begins_with(invite, "INVITE sips:2002@bob.example:5061 SIP/2.0\r\n");
	message_has(invite, "\r\nTo: <sips:2002@bob.example>\r\n");
	message_has(invite, "\r\nContact: <sips:relay.example:5061>\r\n");
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	message_has(phone_hears_status(world, ALICE, 200),
		    "\r\nContact: <sips:relay.example:5061>\r\n");
}

static void a_call_to_a_sip_uri_is_none(void **state)
{
	static const struct {
		const char *headers, *contact;
	} facts[] = {
	    {"", "\r\nContact: <sip:relay.example:5061;transport=tls>\r\n"},
	    {"Record-Route: <sips:one.example;lr>\r\n",
	     "\r\nContact: <sips:relay.example:5061>\r\n"},
	};
	struct world *world = *state;

	for (unsigned i = 0; i < 2; i++) {
		world->phone[ALICE].serial += 10;
		phone_invites_with(world, ALICE, "2002", facts[i].headers, sdp_srtp_alice);
		message_has(phone_hears(world, BOB, "INVITE"),
			    "\r\nContact: <sip:relay.example:5061;transport=tls>\r\n");
		phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
		message_has(phone_hears_status(world, ALICE, 200), facts[i].contact);
		phone_acks(world, ALICE, NULL);
	}
}

#define ROUTES_TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    ROUTES_TEST(routes_of_the_caller_are_taken_in_their_order),
	    ROUTES_TEST(routes_of_the_callee_are_taken_the_other_way_round),
	    ROUTES_TEST(a_strict_router_is_the_request_uri_and_the_target_comes_last),
	    ROUTES_TEST(a_call_to_a_sips_uri_stays_one),
	    ROUTES_TEST(a_call_to_a_sip_uri_is_none),
	};

	return cmocka_run_group_tests_name("b2bua routes", tests, NULL, NULL);
}
