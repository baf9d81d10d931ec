/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Header rules in calls: from one side's message into the other's. */
#include <stdio.h>
#include <string.h>

#include "header/rule.h"
#include "world.h"

#define RULES_MAX 6U

static struct header_rule rules[RULES_MAX];
static const struct header_rule *list[RULES_MAX];
static unsigned used;

/* The next rules are of that owner, in order. */
static struct header_rules *owner;

static void rule(enum header_direction direction, unsigned messages, enum header_action action,
		 const char *header, const char *value, const char *pattern)
{
	struct header_rule *next = &rules[used];
	const char *field, *wrong;
	char error[192];

	assert_true(used < RULES_MAX);
	*next = (struct header_rule){.direction = direction,
				     .messages = messages,
				     .action = action,
				     .header = (char *)(uintptr_t)header,
				     .value = (char *)(uintptr_t)value,
				     .pattern = (char *)(uintptr_t)pattern};
	wrong = header_rule_check(next, &field, error, sizeof(error));
	if (wrong)
		fail_msg("%s %s", field, wrong);
	list[used] = next;
	if (!owner->count)
		owner->rule = &list[used];
	owner->count++;
	used++;
}

static struct header_rules *of_peer(struct world *world, enum phone_number number)
{
	owner = &world->config.peers[number].header_rules;
	return owner;
}

static int headers_teardown(void **state)
{
	struct world *world = *state;

	for (unsigned i = 0; i < PHONES; i++)
		world->config.peers[i].header_rules = (struct header_rules){0};
	world->config.dial_plans[2].header_rules = (struct header_rules){0};
	for (unsigned i = 0; i < used; i++)
		header_rule_clear(&rules[i]);
	used = 0;
	return world_teardown(state);
}

#define M(name) (1U << HEADER_MESSAGE_##name)

static void what_the_callers_rules_pass_reaches_the_callee(void **state)
{
	struct world *world = *state;
	struct phone_message *invite;

	of_peer(world, ALICE);
	rule(HEADER_IN, M(INVITE), HEADER_PASS, "X-Trunk", NULL, NULL);
	rule(HEADER_IN, M(INVITE), HEADER_ADD, "X-Side", "north", NULL);
	of_peer(world, BOB);
	rule(HEADER_OUT, M(INVITE), HEADER_REMOVE, "User-Agent", NULL, NULL);
	rule(HEADER_OUT, M(INVITE), HEADER_REPLACE, "X-Trunk", "\\1", "^trunk ([0-9]+)$");
	phone_invites_with(world, ALICE, "2002", "X-Trunk: trunk 42\r\nX-Other: secret\r\n",
			   sdp_srtp_alice);
	invite = phone_hears(world, BOB, "INVITE");
	message_has(invite, "\r\nX-Trunk: 42\r\n");
	message_has(invite, "\r\nX-Side: north\r\n");
	message_lacks(invite, "User-Agent");
	message_lacks(invite, "secret");
	/* and nothing of it in the other direction */
	phone_answers_with(world, BOB, "INVITE", 200, "X-Trunk: back\r\n", sdp_srtp_bob);
	message_lacks(phone_hears_status(world, ALICE, 200), "X-Trunk");
}

static void without_rules_nothing_passes(void **state)
{
	struct world *world = *state;

	phone_invites_with(world, ALICE, "2002", "X-Trunk: 1\r\nUser-Agent: of alice\r\n",
			   sdp_srtp_alice);
	message_lacks(phone_hears(world, BOB, "INVITE"), "X-Trunk");
	phone_answers_with(world, BOB, "INVITE", 200, "X-Trunk: back\r\n", sdp_srtp_bob);
	message_lacks(phone_hears_status(world, ALICE, 200), "X-Trunk");
}

static void responses_pass_by_class(void **state)
{
	struct world *world = *state;
	struct phone_message *message;

	of_peer(world, BOB);
	rule(HEADER_IN, M(1XX) | M(2XX), HEADER_PASS, "X-Branch", NULL, NULL);
	rule(HEADER_IN, M(4XX), HEADER_PASS, "X-Why", NULL, NULL);
	of_peer(world, ALICE);
	rule(HEADER_OUT, M(2XX), HEADER_ADD, "X-Relay", "one", NULL);
	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	phone_answers_with(world, BOB, "INVITE", 180, "X-Branch: 1\r\nX-Why: no\r\n", NULL);
	message = phone_hears_status(world, ALICE, 180);
	message_has(message, "\r\nX-Branch: 1\r\n");
	message_lacks(message, "X-Why");
	message_lacks(message, "X-Relay");
	phone_answers_with(world, BOB, "INVITE", 200, "X-Branch: 2\r\n", sdp_srtp_bob);
	message = phone_hears_status(world, ALICE, 200);
	message_has(message, "\r\nX-Branch: 2\r\n");
	message_has(message, "\r\nX-Relay: one\r\n");
	phone_acks(world, ALICE, NULL);
	/* the 200 of a BYE is our own, and has no branch */
	phone_requests(world, ALICE, "BYE", "", NULL);
	message = phone_hears_status(world, ALICE, 200);
	message_has(message, "\r\nX-Relay: one\r\n");
	message_lacks(message, "X-Branch");
	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	phone_answers_with(world, BOB, "INVITE", 486, "X-Why: busy\r\nX-Branch: 3\r\n", NULL);
	message = phone_hears_status(world, ALICE, 486);
	message_has(message, "\r\nX-Why: busy\r\n");
	message_lacks(message, "X-Branch");
}

/* RFC 3262: the 200 waits for a PRACK, and what passes with it too. */
static void what_passes_waits_with_its_response(void **state)
{
	struct world *world = *state;
	struct phone_message *ringing, *message;
	char rack[64];

	of_peer(world, BOB);
	rule(HEADER_IN, M(1XX) | M(2XX), HEADER_PASS, "X-Branch", NULL, NULL);
	phone_invites_with(world, ALICE, "2002", "Supported: 100rel\r\n", sdp_srtp_alice);
	phone_answers_with(world, BOB, "INVITE", 183, "X-Branch: 1\r\n", sdp_srtp_bob);
	ringing = phone_hears_status(world, ALICE, 183);
	message_has(ringing, "\r\nX-Branch: 1\r\n");
	phone_answers_with(world, BOB, "INVITE", 200, "X-Branch: 2\r\n", sdp_srtp_bob);
	snprintf(rack, sizeof(rack), "RAck: %u 1 INVITE\r\nX-Branch: not this\r\n",
		 message_number(ringing, "RSeq: "));
	phone_requests(world, ALICE, "PRACK", rack, NULL);
	message_lacks(phone_hears_status(world, ALICE, 200), "X-Branch"); /* of the PRACK */
	message = phone_hears_status(world, ALICE, 200);
	message_has(message, "INVITE\r\n");
	message_has(message, "\r\nX-Branch: 2\r\n");
}

static void requests_in_a_dialog_pass_what_is_theirs(void **state)
{
	struct world *world = *state;

	of_peer(world, ALICE);
	rule(HEADER_IN, M(BYE) | M(INFO), HEADER_PASS, "X-Data", NULL, NULL);
	rule(HEADER_OUT, M(2XX), HEADER_PASS, "X-Answer", NULL, NULL);
	world_call(world, ALICE, BOB);
	phone_requests(world, ALICE, "INFO", "X-Data: 1\r\nContent-Type: application/dtmf\r\n",
		       "5");
	phone_requests(world, ALICE, "UPDATE", "X-Data: 9\r\n", NULL);
	assert_true(phone_hears_nothing(world, BOB));
	phone_requests(world, ALICE, "BYE", "X-Data: 2\r\n", NULL);
	message_has(phone_hears(world, BOB, "BYE"), "\r\nX-Data: 2\r\n");
	phone_answers_with(world, BOB, "BYE", 200, "X-Answer: 3\r\n", NULL);
	/* the BYE of Alice was answered before Bob's answer came */
	message_lacks(phone_hears_status(world, ALICE, 200), "X-Answer");
}

static void a_rule_of_the_dial_plan_comes_before_that_of_the_peer(void **state)
{
	struct world *world = *state;

	owner = &world->config.dial_plans[2].header_rules; /* Dave's */
	rule(HEADER_OUT, M(INVITE), HEADER_ADD, "X-Order", "plan", NULL);
	of_peer(world, DAVE);
	rule(HEADER_OUT, M(INVITE), HEADER_REPLACE, "X-Order", "\\0 then peer", ".*");
	phone_invites(world, ALICE, "2004", sdp_srtp_alice);
	message_has(phone_hears(world, DAVE, "INVITE"), "\r\nX-Order: plan then peer\r\n");
}

static void the_wish_to_hide_is_stronger_than_rules(void **state)
{
	static const char headers[] = "Diversion: <sip:+4930123@alice.example>\r\n"
				      "P-Asserted-Identity: <sip:+4930123@alice.example>\r\n"
				      "X-Trunk: 1\r\n";
	struct world *world = *state;
	struct phone_message *invite;
	char with_privacy[512];

	of_peer(world, ALICE);
	rule(HEADER_IN, M(INVITE), HEADER_PASS, "Diversion", NULL, NULL);
	rule(HEADER_IN, M(INVITE), HEADER_PASS, "P-Asserted-Identity", NULL, NULL);
	rule(HEADER_IN, M(INVITE), HEADER_PASS, "X-Trunk", NULL, NULL);
	phone_invites_with(world, ALICE, "2002", headers, sdp_srtp_alice);
	message_has(phone_hears(world, BOB, "INVITE"), "Diversion: <sip:+4930123@");
	phone_answers(world, BOB, "INVITE", 486, NULL);
	snprintf(with_privacy, sizeof(with_privacy), "%sPrivacy: id\r\n", headers);
	phone_invites_with(world, ALICE, "2002", with_privacy, sdp_srtp_alice);
	phone_hears(world, BOB, "ACK");
	invite = phone_hears(world, BOB, "INVITE");
	message_lacks(invite, "4930123");
	message_has(invite, "\r\nX-Trunk: 1\r\n");
	assert_int_equal(world_counter(world, "headers-withheld"), 2);
	phone_answers(world, BOB, "INVITE", 486, NULL);
	world->config.peers[BOB].trust = true;
	phone_invites_with(world, ALICE, "2002", with_privacy, sdp_srtp_alice);
	phone_hears(world, BOB, "ACK");
	message_has(phone_hears(world, BOB, "INVITE"), "Diversion: <sip:+4930123@");
}

/* What the relay itself reads of the caller is what the rules have made of it. */
static void the_relay_reads_what_the_rules_of_the_sender_made(void **state)
{
	struct world *world = *state;
	struct phone_message *invite;

	world->config.peers[ALICE].trust = world->config.peers[BOB].trust = true;
	of_peer(world, ALICE);
	rule(HEADER_IN, M(INVITE), HEADER_REPLACE, "P-Asserted-Identity", "<sip:+49\\1@",
	     "<sip:0(.*)@");
	rule(HEADER_IN, M(INVITE), HEADER_ADD, "Privacy", "id", NULL);
	phone_invites_with(world, ALICE, "2002",
			   "P-Asserted-Identity: <sip:030123@alice.example>\r\n", sdp_srtp_alice);
	invite = phone_hears(world, BOB, "INVITE");
	message_has(invite, "P-Asserted-Identity: <sip:+4930123@relay.example>\r\n");
	message_has(invite, "\r\nPrivacy: id\r\n");
	message_lacks(invite, "alice.example");
	phone_answers(world, BOB, "INVITE", 486, NULL);
	world->config.peers[BOB].trust = false;
	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	phone_hears(world, BOB, "ACK");
	message_has(phone_hears(world, BOB, "INVITE"), "From: \"Anonymous\"");
}

/* Whatever a peer sends: a passing header is one line. */
static void what_passes_ends_no_line(void **state)
{
	struct world *world = *state;
	struct phone_message *invite;

	of_peer(world, ALICE);
	rule(HEADER_IN, M(INVITE), HEADER_PASS, "X-Trunk", NULL, NULL);
	phone_invites_with(
	    world, ALICE, "2002",
	    "X-Trunk: a\r\n Via: SIP/2.0/TLS evil\r\nX-Trunk: b\r\n\tRoute: <sip:evil>\r\n",
	    sdp_srtp_alice);
	invite = phone_hears(world, BOB, "INVITE");
	message_has(invite, "\r\nX-Trunk: a   Via: SIP/2.0/TLS evil\r\n");
	assert_int_equal(invite->parsed.via_count, 1);
	assert_null(sip_message_header(&invite->parsed, SIP_HDR_ROUTE, NULL));
}

#define HEADERS_TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, headers_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    HEADERS_TEST(what_the_callers_rules_pass_reaches_the_callee),
	    HEADERS_TEST(without_rules_nothing_passes),
	    HEADERS_TEST(responses_pass_by_class),
	    HEADERS_TEST(what_passes_waits_with_its_response),
	    HEADERS_TEST(requests_in_a_dialog_pass_what_is_theirs),
	    HEADERS_TEST(a_rule_of_the_dial_plan_comes_before_that_of_the_peer),
	    HEADERS_TEST(the_wish_to_hide_is_stronger_than_rules),
	    HEADERS_TEST(the_relay_reads_what_the_rules_of_the_sender_made),
	    HEADERS_TEST(what_passes_ends_no_line),
	};

	return cmocka_run_group_tests_name("b2bua header rules", tests, NULL, NULL);
}
