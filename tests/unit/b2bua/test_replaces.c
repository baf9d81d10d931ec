/* SPDX-License-Identifier: GPL-2.0-or-later */
/* INVITE with Replaces (RFC 3891): whose dialogs, which verdicts, and what becomes of all sides. */
#include <stdio.h>
#include <string.h>

#include "world.h"

#define SDP_NEW                                                                         \
	"v=0\r\no=new 7 7 IN IP4 192.0.2.21\r\ns=-\r\nc=IN IP4 192.0.2.21\r\nt=0 0\r\n" \
	"m=audio 7000 RTP/SAVP 0\r\na=rtpmap:0 PCMU/8000\r\n"                           \
	"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" KEY_OTHER "\r\n"

/* A dialog as its peer names it. */
struct named {
	char call_id[128], tag[64], remote_tag[64];
};

static struct named name_of(const struct phone *phone)
{
	struct named named;

	snprintf(named.call_id, sizeof(named.call_id), "%s", phone->call_id);
	snprintf(named.tag, sizeof(named.tag), "%s", phone->tag);
	snprintf(named.remote_tag, sizeof(named.remote_tag), "%s", phone->remote_tag);
	return named;
}

static void replace(struct world *world, enum phone_number who, const struct named *named,
		    const char *more, const char *sdp)
{
	char header[512];

	snprintf(header, sizeof(header),
		 "Require: replaces\r\nReplaces: %s;to-tag=%s;from-tag=%s%s\r\n", named->call_id,
		 named->remote_tag, named->tag, more);
	world->phone[who].serial += 10; /* another Call-ID */
	phone_invites_with(world, who, "nobody", header, sdp);
}

static void forget(struct world *world)
{
	for (unsigned i = 0; i < PHONES; i++) {
		world->phone[i].received = 0;
		memset(world->phone[i].taken, 0, PHONE_INBOX);
	}
}

static void an_answered_dialog_is_replaced(void **state)
{
	struct world *world = *state;
	struct phone_message *offer, *bye;
	struct named named;

	world_call(world, ALICE, DAVE);
	named = name_of(&world->phone[ALICE]);
	forget(world);
	replace(world, ALICE, &named, "", SDP_NEW);
	offer = phone_hears(world, DAVE, "INVITE"); /* in his dialog */
	assert_true(str_eq(offer->parsed.call_id, str_of(world->phone[DAVE].call_id)));
	assert_true(offer->parsed.to.tag.len > 0);
	message_lacks(offer, "Replaces");
	assert_int_equal(world_calls(world), 2);
	phone_answers(world, DAVE, "INVITE", 200, sdp_srtp_bob);
	phone_hears(world, DAVE, "ACK");
	phone_hears_status(world, ALICE, 200);
	bye = phone_hears(world, ALICE, "BYE");
	assert_true(str_eq(bye->parsed.call_id, str_of(named.call_id)));
	phone_acks(world, ALICE, NULL);
	assert_int_equal(world_counter(world, "replaces-accepted"), 1);
	assert_int_equal(world_counter(world, "replaced"), 1);
	assert_true(world->session[0].closed);
	assert_false(world->session[1].closed);
	assert_int_equal(world->session[1].leg[0].remote_rtp.port, 7000);
	assert_int_equal(world->session[1].leg[1].remote_rtp.port, 5000);
	/* the new call ends like any other */
	phone_requests(world, DAVE, "BYE", "", NULL);
	phone_hears_status(world, DAVE, 200);
	bye = phone_hears(world, ALICE, "BYE");
	assert_true(str_eq(bye->parsed.call_id, str_of(world->phone[ALICE].call_id)));
}

static void who_stays_may_refuse_and_all_is_as_before(void **state)
{
	struct world *world = *state;
	struct named named;

	world_call(world, ALICE, DAVE);
	named = name_of(&world->phone[ALICE]);
	forget(world);
	replace(world, ALICE, &named, "", SDP_NEW);
	phone_hears(world, DAVE, "INVITE");
	phone_answers(world, DAVE, "INVITE", 488, NULL);
	phone_hears_status(world, ALICE, 488);
	assert_int_equal(world_calls(world), 1);
	assert_false(world->session[0].closed);
	/* the first call goes on */
	forget(world);
	phone_requests(world, DAVE, "BYE", "", NULL);
	phone_hears_status(world, DAVE, 200);
	assert_true(
	    str_eq(phone_hears(world, ALICE, "BYE")->parsed.call_id, str_of(named.call_id)));
	phone_answers(world, ALICE, "BYE", 200, NULL);
	assert_int_equal(world_calls(world), 0);
}

static void a_caller_that_gives_up_leaves_all_as_before(void **state)
{
	struct world *world = *state;
	struct named named;

	world_call(world, ALICE, DAVE);
	named = name_of(&world->phone[ALICE]);
	forget(world);
	replace(world, ALICE, &named, "", SDP_NEW);
	phone_hears(world, DAVE, "INVITE");
	phone_answers(world, DAVE, "INVITE", 100, NULL);
	phone_cancels(world, ALICE);
	phone_hears(world, DAVE, "CANCEL");
	phone_answers(world, DAVE, "INVITE", 487, NULL);
	phone_hears_status(world, ALICE, 487);
	assert_int_equal(world_calls(world), 1);
	assert_false(world->session[0].closed);
}

/* While a leg is lent nothing can pass to it, but who hangs up is heard. */
static void the_replaced_side_may_hang_up_meanwhile(void **state)
{
	struct world *world = *state;
	struct phone *alice = &world->phone[ALICE];
	struct named named;
	char call_id[128], tag[64];

	world_call(world, ALICE, DAVE);
	named = name_of(alice);
	forget(world);
	replace(world, ALICE, &named, "", SDP_NEW);
	phone_hears(world, DAVE, "INVITE");
	snprintf(call_id, sizeof(call_id), "%s", alice->call_id);
	snprintf(tag, sizeof(tag), "%s", alice->remote_tag);
	for (unsigned i = 0; i < 2; i++) {
		phone_says(
		    world, ALICE,
		    "%s sip:relay.example SIP/2.0\r\nVia: SIP/2.0/TLS h;branch=z9hG4bKold%u\r\n"
		    "Max-Forwards: 70\r\nFrom: <sip:alice@alice.example>;tag=%s\r\n"
		    "To: <sip:2004@relay.example>;tag=%s\r\nCall-ID: %s\r\nCSeq: %u %s\r\n"
		    "Contact: <sip:alice@192.0.2.11>\r\nContent-Length: 0\r\n\r\n",
		    i ? "BYE" : "UPDATE", i, named.tag, named.remote_tag, named.call_id, 50 + i,
		    i ? "BYE" : "UPDATE");
		phone_hears_status(world, ALICE, i ? 200 : 491);
	}
	assert_int_equal(world_calls(world), 1);
	snprintf(alice->call_id, sizeof(alice->call_id), "%s", call_id);
	phone_answers(world, DAVE, "INVITE", 200, sdp_srtp_bob);
	phone_hears_status(world, ALICE, 200);
	phone_acks(world, ALICE, NULL);
	assert_true(phone_hears_nothing(world, ALICE));
	phone_requests(world, ALICE, "BYE", "", NULL);
	phone_hears(world, DAVE, "ACK");
	phone_hears(world, DAVE, "BYE");
}

static void a_ringing_dialog_is_picked_up(void **state)
{
	struct world *world = *state;
	struct phone_message *cancel;
	struct named named;

	/* Alice calls Bob; another phone of Bob's takes the call */
	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	phone_answers(world, BOB, "INVITE", 180, NULL);
	named = name_of(&world->phone[BOB]);
	forget(world);
	replace(world, BOB, &named, ";early-only", SDP_NEW);
	message_has(phone_hears_status(world, BOB, 200), "m=audio ");
	cancel = phone_hears(world, BOB, "CANCEL");
	message_has(cancel, "Reason: SIP;cause=200;text=\"Call completed elsewhere\"\r\n");
	phone_acks(world, BOB, NULL);
	message_has(phone_hears_status(world, ALICE, 200), "m=audio ");
	phone_acks(world, ALICE, NULL);
	assert_int_equal(world->session[1].leg[0].remote_rtp.port, 7000);
	assert_int_equal(world->session[1].leg[1].remote_rtp.port, 4000);
	assert_int_equal(world->session[1].leg[0].tx.suite, SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80);
	assert_int_equal(world->session[1].leg[1].tx.suite, SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80);
	assert_true(world->session[0].closed);
	phone_requests(world, ALICE, "BYE", "", NULL);
	phone_hears_status(world, ALICE, 200);
	phone_hears(world, BOB, "BYE");
}

static void verdicts_are_those_of_the_rfc(void **state)
{
	static const struct {
		const char *what;
		enum phone_number from;
		bool good_call_id, good_tag;
		const char *more;
		unsigned status;
	} rows[] = {
	    {"a Call-ID of nobody", ALICE, false, true, "", 481},
	    {"a tag of nobody", ALICE, true, false, "", 481},
	    {"a dialog of another peer", BOB, true, true, "", 481},
	    {"a clear peer", CAROL, true, true, "", 481},
	    {"early-only of an answered dialog", ALICE, true, true, ";early-only", 486},
	};
	struct world *world = *state;
	struct named named;

	world_call(world, ALICE, DAVE);
	named = name_of(&world->phone[ALICE]);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct named guess = named;

		if (!rows[i].good_call_id)
			strcpy(guess.call_id, "guess");
		if (!rows[i].good_tag)
			strcpy(guess.tag, "guess");
		forget(world);
		replace(world, rows[i].from, &guess, rows[i].more,
			rows[i].from == CAROL ? sdp_rtp_carol : SDP_NEW);
		phone_hears_status(world, rows[i].from, rows[i].status);
		assert_true(phone_hears_nothing(world, DAVE));
		assert_int_equal(world_calls(world), 1);
	}
	forget(world);
	phone_invites_with(world, ALICE, "2004", "Replaces: no-tags\r\n", SDP_NEW);
	phone_hears_status(world, ALICE, 400);
}

static void a_dialog_that_has_ended_is_declined(void **state)
{
	struct world *world = *state;
	struct named named;

	world_call(world, ALICE, DAVE);
	named = name_of(&world->phone[ALICE]);
	phone_requests(world, ALICE, "BYE", "", NULL);
	phone_hears(world, DAVE, "BYE"); /* not answered: the call lingers */
	forget(world);
	replace(world, ALICE, &named, "", SDP_NEW);
	phone_hears_status(world, ALICE, 603);
}

static void an_early_dialog_of_the_callers_own_is_none(void **state)
{
	struct world *world = *state;
	struct named named;

	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	phone_answers(world, BOB, "INVITE", 180, NULL);
	phone_hears_status(world, ALICE, 180);
	named = name_of(&world->phone[ALICE]);
	forget(world);
	replace(world, ALICE, &named, "", SDP_NEW);
	phone_hears_status(world, ALICE, 481);
	assert_int_equal(world_calls(world), 1);
}

static void the_dial_plan_says_whose_dialogs(void **state)
{
	struct world *world = *state;
	struct phone_message *answer;
	struct named named;

	world->config.dial_plans[0].replaces = REPLACES_DIAL_PLAN;
	world_call(world, ALICE, DAVE);
	named = name_of(&world->phone[ALICE]);
	forget(world);
	replace(world, BOB, &named, "", sdp_srtp_bob); /* Bob has the dial plan of Alice */
	phone_hears(world, DAVE, "INVITE");
	world->config.dial_plans[0].replaces = REPLACES_OFF;
	forget(world);
	replace(world, BOB, &named, "", sdp_srtp_bob);
	answer = phone_hears_status(world, BOB, 420);
	message_has(answer, "Unsupported: replaces\r\n");
	phone_requests(world, BOB, "OPTIONS", "", NULL);
	world->config.dial_plans[0].replaces = REPLACES_PEER;
}

static void replaces_is_advertised(void **state)
{
	struct world *world = *state;

	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	message_has(phone_hears(world, BOB, "INVITE"), "replaces");
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	message_has(phone_hears_status(world, ALICE, 200), "replaces");
	phone_acks(world, ALICE, NULL);
	phone_requests(world, ALICE, "INFO", "Replaces: a;to-tag=b;from-tag=c\r\n", NULL);
	phone_hears_status(world, ALICE, 400);
}

#define REPLACES_TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    REPLACES_TEST(an_answered_dialog_is_replaced),
	    REPLACES_TEST(who_stays_may_refuse_and_all_is_as_before),
	    REPLACES_TEST(a_caller_that_gives_up_leaves_all_as_before),
	    REPLACES_TEST(the_replaced_side_may_hang_up_meanwhile),
	    REPLACES_TEST(a_ringing_dialog_is_picked_up),
	    REPLACES_TEST(verdicts_are_those_of_the_rfc),
	    REPLACES_TEST(a_dialog_that_has_ended_is_declined),
	    REPLACES_TEST(an_early_dialog_of_the_callers_own_is_none),
	    REPLACES_TEST(the_dial_plan_says_whose_dialogs),
	    REPLACES_TEST(replaces_is_advertised),
	};

	return cmocka_run_group_tests_name("b2bua replaces", tests, NULL, NULL);
}
