/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nothing of one side's topology reaches another: in calls of every kind each phone writes a mark
 * of its own into every header that it may write, in requests and in responses, and into every line
 * of its descriptions; then every message to anybody else is searched for it.
 */
#include <stdio.h>
#include <string.h>

#include "world.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Lines with @ where the mark goes. Those with an effect of their own are in the flows below. */
static const char *const lines[] = {
    "Accept-Contact: *;@",
    "Accept-Encoding: identity, @",
    "Accept-Language: @",
    "Alert-Info: <http://@.example/ring.wav>",
    "Allow: INVITE, ACK, BYE, CANCEL, UPDATE, PRACK, INFO, MESSAGE, NOTIFY, REFER, @",
    "Allow-Events: @",
    "Answer-Mode: Manual;@",
    "Authentication-Info: nextnonce=\"@\"",
    "Call-Info: <http://@.example/photo.jpg>;purpose=icon",
    "Content-ID: <@@@.example>",
    "Content-Language: @",
    "Diversion: <sip:@@@.example>;reason=unconditional",
    "Error-Info: <sip:@@@.example>",
    "Feature-Caps: *;+@",
    "Geolocation: <cid:@@@.example>",
    "Geolocation-Error: 300;code=@",
    "Geolocation-Routing: @",
    "History-Info: <sip:@@@.example>;index=1",
    "In-Reply-To: @@@.example",
    "Join: @@@.example;to-tag=1;from-tag=2",
    "MIME-Version: 1.0 (@)",
    "Organization: @",
    "P-Access-Network-Info: IEEE-802.11;@",
    "P-Asserted-Identity: \"Name\" <sip:+4930123;phone-context=@.example@@.example;@=1>",
    "P-Asserted-Identity: <tel:+4930123;phone-context=@.example>",
    "P-Asserted-Service: urn:@",
    "P-Associated-URI: <sip:@@@.example>",
    "P-Called-Party-ID: <sip:@@@.example>",
    "P-Charge-Info: <sip:@@@.example>",
    "P-Charging-Function-Addresses: ccf=@.example",
    "P-Charging-Vector: icid-value=@;orig-ioi=@.example",
    "P-Early-Media: @",
    "P-Media-Authorization: @",
    "P-Preferred-Identity: <sip:@@@.example>",
    "P-Preferred-Service: urn:@",
    "P-Profile-Key: <sip:@@@.example>",
    "P-Served-User: <sip:@@@.example>",
    "P-User-Database: <aaa://@.example>",
    "P-Visited-Network-ID: @",
    "Path: <sip:@.example;lr>",
    "Priority: @",
    "Reason: Q.850;cause=16;text=\"@\"",
    "Reason: SIP;cause=480;@=1",
    "Recv-Info: @",
    "Referred-By: <sip:@@@.example>;cid=\"@\"",
    "Reject-Contact: *;@",
    "Remote-Party-ID: <sip:@@@.example>;party=calling",
    "Reply-To: <sip:@@@.example>",
    "Request-Disposition: @",
    "Resource-Priority: @.1",
    "Response-Key: @",
    "Retry-After: 5 (@)",
    "Security-Client: @",
    "Security-Server: @",
    "Security-Verify: @",
    "Service-Route: <sip:@.example;lr>",
    "Session-ID: @;remote=@",
    "SIP-ETag: @",
    "SIP-If-Match: @",
    "Subject: @",
    "Supported: 100rel, timer, @",
    "Suppress-If-Match: @",
    "Target-Dialog: @@@.example;local-tag=1;remote-tag=2",
    "Timestamp: 54.2",
    "Unsupported: @",
    "User-Agent: @",
    "User-to-User: @;encoding=hex",
    "Warning: 399 @.example \"@\"",
    "X-@: @",
};

/* The mark of each phone; what passes of it by intent are its number, its name and its codecs. */
static const char *const marks[PHONES] = {
    [ALICE] = "qzalice", [BOB] = "qzbob", [CAROL] = "qzcarol", [DAVE] = "qzdave"};

/* What phones of the world say of themselves without being asked to. */
static const char *const own[PHONES][8] = {
    [ALICE] = {"192.0.2.11", "alice.example", "tag-of-alice", "z9hG4bKalice", "alice-",
	       "secret-of-alice", "Phrase of alice", KEY_ALICE},
    [BOB] = {"192.0.2.12", "bob.example:5061>", "answer-of-bob", "z9hG4bKbob", "bob@192",
	     "secret-of-bob", "Phrase of bob", KEY_BOB},
    [CAROL] = {"192.0.2.13", "carol-", "answer-of-carol", "z9hG4bKcarol", "carol@192",
	       "secret-of-carol", "Phrase of carol", "qzcarol"},
    [DAVE] = {"192.0.2.14", "dave-", "answer-of-dave", "z9hG4bKdave", "dave@192", "secret-of-dave",
	      "Phrase of dave", KEY_OTHER},
};

static const char description[] =
    "v=0\r\no=@ 8675309 3141592 IN IP4 #\r\ns=@\r\ni=@\r\nu=http://@.example/\r\n"
    "e=@@@.example\r\np=+1 (@)\r\nc=IN IP4 #\r\nb=AS:64\r\nb=X-@:1\r\nt=0 0\r\n"
    "a=tool:@\r\na=group:BUNDLE @\r\na=ice-ufrag:@\r\na=ice-pwd:@\r\na=msid-semantic: WMS @\r\n"
    "a=fingerprint:sha-256 @\r\na=x-@:1\r\na=keywds:@\r\na=charset:@\r\n"
    "m=audio 4000 RTP/SAVP 0 101\r\ni=@\r\na=rtpmap:0 PCMU/8000\r\n"
    "a=rtpmap:101 telephone-event/8000\r\na=candidate:1 1 UDP 1 # 4000 typ host\r\n"
    "a=ssrc:1 cname:@\r\na=rtcp:4001 IN IP4 #\r\na=label:@\r\na=mid:@\r\na=msid:@ @\r\n"
    "a=extmap:1 urn:@\r\na=rtcp-fb:* @\r\na=content:@\r\na=lang:@\r\na=ptime:20\r\n"
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:";
static const char *const addresses[PHONES] = {"192.0.2.11", "192.0.2.12", "192.0.2.13",
					      "192.0.2.14"};
static const char *const keys[PHONES] = {KEY_ALICE, KEY_BOB, KEY_OTHER, KEY_OTHER};

static char said[PHONES][PHONE_TEXT], described[PHONES][2048];

/* @ becomes the mark, "@@@" the mark on both sides of an '@', # the address. */
static void fill(char *text, size_t size, const char *from, enum phone_number number)
{
	size_t used = strlen(text);

	for (; *from; from++) {
		const char *piece = (char[]){*from, '\0'};

		if (strncmp(from, "@@@", 3) == 0) {
			used += (size_t)snprintf(text + used, size - used, "%s@", marks[number]);
			from++;
			continue;
		}
		if (from[0] == '@' && from[1] == '@') {
			used += (size_t)snprintf(text + used, size - used, "%s@%s", marks[number],
						 marks[number]);
			from++;
			continue;
		}
		if (*from == '@')
			piece = marks[number];
		else if (*from == '#')
			piece = addresses[number];
		used += (size_t)snprintf(text + used, size - used, "%s", piece);
		assert_true(used < size);
	}
}

static int marked_setup(void **state)
{
	struct world *world;
	int rc = world_setup(state);

	if (rc != 0)
		return rc;
	world = *state;
	for (unsigned i = 0; i < PHONES; i++) {
		enum phone_number number = (enum phone_number)i;

		said[i][0] = described[i][0] = '\0';
		for (unsigned line = 0; line < COUNT(lines); line++) {
			fill(said[i], sizeof(said[i]), lines[line], number);
			fill(said[i], sizeof(said[i]), "\r\n", number);
		}
		fill(described[i], sizeof(described[i]), description, number);
		strcat(strcat(described[i], keys[i]), "\r\n");
		world->phone[i].headers = said[i];
		world->config.peers[i].trust = true; /* what is asserted passes, not its hosts */
	}
	world->config.dial_plans[0].session_expires_s = 600;
	return 0;
}

/* No message to a phone has anything of another one. */
static void nothing_leaked(struct world *world)
{
	for (unsigned to = 0; to < PHONES; to++)
		for (unsigned of = 0; of < PHONES; of++) {
			const struct phone *phone = &world->phone[to];

			for (unsigned i = 0; of != to && i < phone->received; i++) {
				message_lacks(&phone->inbox[i], marks[of]);
				message_lacks(&phone->inbox[i], "8675309");
				message_lacks(&phone->inbox[i], "3141592");
				for (unsigned text = 0; text < COUNT(own[of]); text++)
					message_lacks(&phone->inbox[i], own[of][text]);
			}
		}
}

/* By way of others. */
static void alice_invites(struct world *world)
{
	phone_invites_with(world, ALICE, "2002",
			   "Via: SIP/2.0/TLS qzalice.example;branch=z9hG4bKqzalice\r\n"
			   "Record-Route: <sip:qzalice.example;lr>\r\n",
			   described[ALICE]);
}

static void bob_takes_the_call_of_alice(struct world *world)
{
	alice_invites(world);
	phone_answers(world, BOB, "INVITE", 180, NULL);
	phone_answers(world, BOB, "INVITE", 200, described[BOB]);
	phone_acks(world, ALICE, NULL);
}

static void nothing_leaks_in_a_call_with_early_media_and_changes(void **state)
{
	struct world *world = *state;
	struct phone_message *early;
	char rack[64];

	alice_invites(world);
	phone_answers_with(world, BOB, "INVITE", 183,
			   "Require: 100rel\r\nRSeq: 9\r\nRecord-Route: <sip:qzbob.example;lr>\r\n",
			   described[BOB]);
	phone_answers(world, BOB, "PRACK", 200, NULL);
	early = phone_hears_status(world, ALICE, 183);
	snprintf(rack, sizeof(rack), "RAck: %u 1 INVITE\r\n", message_number(early, "RSeq: "));
	phone_requests(world, ALICE, "PRACK", rack, NULL);
	phone_requests(world, ALICE, "UPDATE", "", described[ALICE]);
	phone_answers(world, BOB, "UPDATE", 200, described[BOB]);
	phone_answers(world, BOB, "INVITE", 200, NULL);
	phone_acks(world, ALICE, NULL);
	phone_requests(world, ALICE, "INVITE", "", sdp_srtp_alice);
	phone_answers(world, BOB, "INVITE", 200, described[BOB]);
	phone_acks(world, ALICE, NULL);
	phone_requests(world, BOB, "INVITE", "", sdp_srtp_bob);
	phone_answers(world, ALICE, "INVITE", 200, described[ALICE]);
	phone_acks(world, BOB, NULL);
	assert_true(world->phone[BOB].received >= 7 && world->phone[ALICE].received >= 7);
	nothing_leaked(world);
}

static void nothing_leaks_in_requests_within_a_call_and_their_answers(void **state)
{
	struct world *world = *state;

	bob_takes_the_call_of_alice(world);
	phone_requests(world, ALICE, "INFO", "", NULL);
	phone_requests(world, ALICE, "OPTIONS", "", NULL);
	phone_requests(world, ALICE, "FOO", "", NULL);
	phone_requests(world, ALICE, "NOTIFY", "Event: talk\r\n", NULL);
	phone_answers(world, BOB, "NOTIFY", 200, NULL);
	phone_requests(world, BOB, "NOTIFY", "Event: hold\r\n", NULL);
	phone_answers(world, ALICE, "NOTIFY", 480, NULL);
	phone_requests(world, BOB, "REFER", "Refer-To: <sip:1@qzbob.example>\r\n", NULL);
	world_advance(world, 310000); /* a refresh of the session timer */
	phone_answers(world, BOB, "UPDATE", 200, NULL);
	phone_requests(world, ALICE, "BYE", "", NULL);
	phone_answers(world, BOB, "BYE", 200, NULL);
	world_advance(world, 4000);
	assert_int_equal(world_calls(world), 0);
	nothing_leaked(world);
}

static void nothing_leaks_in_what_ends_an_early_call(void **state)
{
	static const unsigned statuses[] = {302, 380, 401, 407, 420, 480, 486, 488, 503, 603};
	struct world *world = *state;

	for (unsigned i = 0; i < COUNT(statuses); i++) {
		alice_invites(world);
		phone_answers(world, BOB, "INVITE", 180, NULL);
		phone_answers_with(world, BOB, "INVITE", statuses[i],
				   "WWW-Authenticate: Digest realm=\"qzbob\", nonce=\"qzbob\"\r\n"
				   "Proxy-Authenticate: Digest realm=\"qzbob\", nonce=\"qzbob\"\r\n"
				   "Min-SE: 90;qzbob\r\n",
				   NULL);
		assert_int_equal(world_calls(world), 0);
		nothing_leaked(world);
		world->sessions = 0;
		for (unsigned phone = 0; phone < PHONES; phone++)
			world->phone[phone].received = 0;
	}
	alice_invites(world);
	phone_answers(world, BOB, "INVITE", 180, NULL);
	phone_cancels(world, ALICE);
	phone_answers(world, BOB, "CANCEL", 200, NULL);
	phone_answers(world, BOB, "INVITE", 487, NULL);
	nothing_leaked(world);
}

static void nothing_leaks_when_a_call_goes_on_to_another_target(void **state)
{
	struct world *world = *state;

	world->config.dial_plans[0].redirect = REDIRECT_FOLLOW;
	alice_invites(world);
	phone_answers(world, BOB, "INVITE", 180, NULL);
	phone_answers_with(world, BOB, "INVITE", 302,
			   "Contact: \"qzbob\" <sip:2004@qzbob.example;qzbob=1?Subject=qzbob>\r\n",
			   NULL);
	phone_answers(world, DAVE, "INVITE", 200, described[DAVE]);
	phone_acks(world, ALICE, NULL);
	phone_requests(world, DAVE, "BYE", "", NULL);
	phone_answers(world, ALICE, "BYE", 200, NULL);
	assert_true(world->phone[DAVE].received >= 3);
	nothing_leaked(world);
}

static void nothing_leaks_in_a_transfer(void **state)
{
	struct world *world = *state;

	world->config.dial_plans[0].refer = REFER_LOCAL;
	bob_takes_the_call_of_alice(world);
	phone_requests(world, BOB, "REFER",
		       "Refer-To: <sip:2004;phone-context=qzbob.example@qzbob.example;qzbob=1"
		       "?Subject=qzbob&Call-ID=qzbob>\r\n",
		       NULL);
	phone_answers(world, BOB, "NOTIFY", 200, NULL);
	phone_answers(world, DAVE, "INVITE", 200, described[DAVE]);
	phone_answers(world, ALICE, "INVITE", 200, described[ALICE]);
	phone_answers(world, BOB, "NOTIFY", 200, NULL);
	phone_answers(world, BOB, "BYE", 200, NULL);
	phone_requests(world, ALICE, "BYE", "", NULL);
	phone_answers(world, DAVE, "BYE", 200, NULL);
	assert_true(world->phone[DAVE].received >= 3);
	nothing_leaked(world);
}

static void nothing_leaks_of_a_number_with_parameters(void **state)
{
	struct world *world = *state;

	phone_says(
	    world, ALICE,
	    "INVITE sip:2002;phone-context=qzalice.example@relay.example;user=phone;qzalice=1"
	    " SIP/2.0\r\nVia: SIP/2.0/TLS 192.0.2.11:5061;branch=z9hG4bKalice1\r\n"
	    "Max-Forwards: 70\r\nTo: \"qzalice\" <sip:2002@qzalice.example>\r\n"
	    "From: \"A\" <sip:+4930;tgrp=qzalice;trunk-context=qzalice.example@alice.example"
	    ";qzalice=1>;tag=tag-of-alice;qzalice=1\r\nCall-ID: alice-1\r\n"
	    "CSeq: 1 INVITE\r\nContact: <sip:alice@192.0.2.11:5061>;+sip.instance=\"qzalice\""
	    "\r\n%sContent-Type: application/sdp\r\nContent-Length: %zu\r\n\r\n%s",
	    said[ALICE], strlen(described[ALICE]), described[ALICE]);
	message_has(phone_hears(world, BOB, "INVITE"), "From: \"A\" <sip:+4930@relay.example>");
	nothing_leaked(world);
}

#define TOPOLOGY_TEST(name) cmocka_unit_test_setup_teardown(name, marked_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TOPOLOGY_TEST(nothing_leaks_in_a_call_with_early_media_and_changes),
	    TOPOLOGY_TEST(nothing_leaks_in_requests_within_a_call_and_their_answers),
	    TOPOLOGY_TEST(nothing_leaks_in_what_ends_an_early_call),
	    TOPOLOGY_TEST(nothing_leaks_when_a_call_goes_on_to_another_target),
	    TOPOLOGY_TEST(nothing_leaks_in_a_transfer),
	    TOPOLOGY_TEST(nothing_leaks_of_a_number_with_parameters),
	};

	return cmocka_run_group_tests_name("b2bua topology hiding", tests, NULL, NULL);
}
