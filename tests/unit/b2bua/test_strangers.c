/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests of those whom the dialog does not belong to change nothing (R26). */
#include <stdio.h>
#include <string.h>

#include "world.h"

/* What somebody who does not own a dialog gets right of it. */
struct guess {
	const char *what;
	bool other_peer;
	bool call_id, local_tag, remote_tag;
};

static const struct guess guesses[] = {
    {"another peer with everything else right", true, true, true, true},
    {"a wrong Call-ID", false, false, true, true},
    {"a wrong tag of ours", false, true, false, true},
    {"a wrong tag of its own", false, true, true, false},
    {"its tags the other way round", false, true, false, false},
    {"nothing", true, false, false, false},
};

static const char *const methods[] = {
    "INVITE",  "BYE",   "OPTIONS",   "REGISTER", "PRACK", "UPDATE",  "INFO",
    "MESSAGE", "REFER", "SUBSCRIBE", "NOTIFY",   "ACK",   "PUBLISH", "FOO",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void say(struct world *world, const struct phone *owner, const struct guess *guess,
		const char *method, unsigned serial)
{
	enum phone_number from = guess->other_peer ? CAROL : owner->number;
	bool swapped = !guess->local_tag && !guess->remote_tag && !guess->other_peer;
	const char *ours = guess->local_tag ? owner->remote_tag : "0123456789abcdef";
	const char *theirs = guess->remote_tag ? owner->tag : "guess";

	phone_says(world, from,
		   "%s sip:relay.example SIP/2.0\r\nVia: SIP/2.0/%s h;branch=z9hG4bKs%s%u\r\n"
		   "Max-Forwards: 70\r\nFrom: <sip:alice@alice.example>;tag=%s\r\n"
		   "To: <sip:2002@relay.example>;tag=%s\r\nCall-ID: %s\r\nCSeq: 77 %s\r\n"
		   "RAck: 1 1 INVITE\r\nRefer-To: <sip:2003@relay.example>\r\n"
		   "Contact: <sip:mallory@203.0.113.66>\r\nContent-Length: 0\r\n\r\n",
		   method, from == CAROL ? "TCP" : "TLS", method, serial,
		   swapped ? owner->remote_tag : theirs, swapped ? owner->tag : ours,
		   guess->call_id ? owner->call_id : "guess", method);
}

/* Everything that may be seen of a call. */
struct seen {
	json_t *calls;
	struct fake_session session;
};

static struct seen look(const struct world *world)
{
	return (struct seen){.calls = b2bua_call_list(world->b2bua), .session = world->session[0]};
}

static void nothing_changed(const struct world *world, struct seen *before, const char *what)
{
	struct seen now = look(world);

	if (!json_equal(before->calls, now.calls) ||
	    memcmp(&before->session, &now.session, sizeof(now.session)) != 0)
		fail_msg("%s changed the call", what);
	json_decref(before->calls);
	json_decref(now.calls);
}

/* Who sent it gets its 481, and an ACK nothing; nobody else hears of it. */
static void answered_and_counted(struct world *world, enum phone_number from, const char *method,
				 uint64_t *no_dialog, uint64_t *stray_acks)
{
	if (strcmp(method, "ACK") == 0)
		(*stray_acks)++;
	else {
		phone_hears_status(world, from, 481);
		(*no_dialog)++;
	}
	assert_int_equal(world_counter(world, "no-dialog"), *no_dialog);
	assert_int_equal(world_counter(world, "stray-ack"), *stray_acks);
	for (unsigned i = 0; i < PHONES; i++)
		assert_true(phone_hears_nothing(world, (enum phone_number)i));
	world->phone[from].received = 0;
	memset(world->phone[from].taken, 0, PHONE_INBOX);
}

static void clear_inboxes(struct world *world)
{
	for (unsigned i = 0; i < PHONES; i++) {
		world->phone[i].received = 0;
		memset(world->phone[i].taken, 0, PHONE_INBOX);
	}
}

static void try_all(struct world *world, enum phone_number owner)
{
	struct phone *phone = &world->phone[owner];
	char tag[sizeof(phone->remote_tag)];
	uint64_t no_dialog = world_counter(world, "no-dialog");
	uint64_t stray_acks = world_counter(world, "stray-ack");
	static unsigned serial; /* no branch twice */

	clear_inboxes(world);
	memcpy(tag, phone->remote_tag, sizeof(tag));
	for (unsigned i = 0; i < COUNT(guesses); i++)
		for (unsigned m = 0; m < COUNT(methods); m++) {
			const struct guess *guess = &guesses[i];
			struct seen before = look(world);
			char what[128];

			snprintf(what, sizeof(what), "%s with %s", methods[m], guess->what);
			say(world, &world->phone[owner], guess, methods[m], serial++);
			answered_and_counted(world, guess->other_peer ? CAROL : owner, methods[m],
					     &no_dialog, &stray_acks);
			nothing_changed(world, &before, what);
			memcpy(phone->remote_tag, tag, sizeof(tag)); /* refusals have others */
		}
}

static void nobody_but_its_owner_may_use_the_callers_dialog(void **state)
{
	struct world *world = *state;

	world_call(world, ALICE, DAVE);
	try_all(world, ALICE);
	phone_requests(world, ALICE, "BYE", "", NULL);
	phone_hears_status(world, ALICE, 200);
}

static void nobody_but_its_owner_may_use_the_callees_dialog(void **state)
{
	struct world *world = *state;

	world_call(world, ALICE, DAVE);
	try_all(world, DAVE);
	phone_requests(world, DAVE, "BYE", "", NULL);
	phone_hears_status(world, DAVE, 200);
}

static void nobody_but_its_owner_may_use_an_early_dialog(void **state)
{
	struct world *world = *state;

	phone_invites(world, ALICE, "2004", sdp_srtp_alice);
	phone_answers(world, DAVE, "INVITE", 183, sdp_srtp_bob);
	phone_hears_status(world, ALICE, 183);
	try_all(world, DAVE);
	try_all(world, ALICE);
	phone_hears_nothing(world, ALICE);
}

/* A CANCEL finds its INVITE by the branch, and must say the rest of it too (RFC 3261 9.1). */
static void a_cancel_with_one_thing_wrong_stops_nothing(void **state)
{
	static const struct {
		const char *what;
		enum phone_number from;
		bool branch, call_id, tag;
		unsigned cseq;
	} rows[] = {
	    {"of another peer", BOB, true, true, true, 1},
	    {"of another branch", ALICE, false, true, true, 1},
	    {"of another Call-ID", ALICE, true, false, true, 1},
	    {"of another tag", ALICE, true, true, false, 1},
	    {"of another CSeq", ALICE, true, true, true, 2},
	};
	struct world *world = *state;
	const struct phone *alice = &world->phone[ALICE];

	phone_invites(world, ALICE, "2004", sdp_srtp_alice);
	phone_hears(world, DAVE, "INVITE");
	phone_answers(world, DAVE, "INVITE", 180, NULL);
	phone_hears_status(world, ALICE, 180);
	for (unsigned i = 0; i < COUNT(rows); i++) {
		json_t *counters;

		phone_says(world, rows[i].from,
			   "CANCEL %s SIP/2.0\r\nVia: SIP/2.0/TLS 192.0.2.11:5061;branch=%s\r\n"
			   "Max-Forwards: 70\r\nFrom: <sip:alice@alice.example>;tag=%s\r\n"
			   "To: <sip:2004@relay.example>\r\nCall-ID: %s\r\nCSeq: %u CANCEL\r\n"
			   "Content-Length: 0\r\n\r\n",
			   alice->target, rows[i].branch ? alice->branch : "z9hG4bKguess",
			   rows[i].tag ? alice->tag : "guess",
			   rows[i].call_id ? alice->call_id : "guess", rows[i].cseq);
		phone_hears_status(world, rows[i].from, 481);
		if (!phone_hears_nothing(world, DAVE) || !phone_hears_nothing(world, ALICE))
			fail_msg("a CANCEL %s was heard", rows[i].what);
		counters = b2bua_transaction_counters(world->b2bua);
		assert_int_equal(json_integer_value(json_object_get(counters, "stray-cancels")),
				 i + 1);
		json_decref(counters);
	}
	phone_answers(world, DAVE, "INVITE", 200, sdp_srtp_bob);
	phone_hears_status(world, ALICE, 200);
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
	    STRANGER_TEST(nobody_but_its_owner_may_use_the_callers_dialog),
	    STRANGER_TEST(nobody_but_its_owner_may_use_the_callees_dialog),
	    STRANGER_TEST(nobody_but_its_owner_may_use_an_early_dialog),
	    STRANGER_TEST(a_cancel_with_one_thing_wrong_stops_nothing),
	    STRANGER_TEST(an_ack_of_a_stranger_confirms_nothing),
	    STRANGER_TEST(an_answer_of_a_stranger_is_not_the_callees),
	    STRANGER_TEST(a_cseq_that_is_not_higher_is_out_of_order),
	};

	return cmocka_run_group_tests_name("b2bua strangers", tests, NULL, NULL);
}
