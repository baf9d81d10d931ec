/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of a request passes to the other side: reasons, texts, who calls. */
#include <stdio.h>
#include <string.h>

#include "world.h"

static void say(struct world *world, const char *method, const char *headers, const char *body)
{
	struct phone *alice = &world->phone[ALICE];

	alice->cseq++;
	phone_says(world, ALICE,
		   "%s %s SIP/2.0\r\nVia: SIP/2.0/TLS h;branch=z9hG4bKp%u\r\n"
		   "Max-Forwards: 1\r\nFrom: <sip:alice@alice.example>;tag=%s\r\n"
		   "To: <sip:relay.example>;tag=%s\r\nCall-ID: %s\r\nCSeq: %u %s\r\n"
		   "%sContent-Length: %zu\r\n\r\n%s",
		   method, alice->target, alice->cseq, alice->tag, alice->remote_tag,
		   alice->call_id, alice->cseq, method, headers, strlen(body), body);
}

static void only_what_is_in_the_table_passes_in_a_dialog(void **state)
{
	static const struct {
		const char *method, *headers, *body;
		unsigned refused; /* 0: passes */
		const char *passes;
	} rows[] = {
	    {"INFO", "Content-Type: application/dtmf-relay\r\n", "Signal=5\r\n", 0,
	     "\r\n\r\nSignal=5\r\n"},
	    {"INFO", "Content-Type: application/xml\r\n", "<a/>", 415, ""},
	    {"INFO", "Content-Type: application/dtmf\r\n", "5\001", 415, ""},
	    {"INFO", "", "", 200, ""}, /* not a refusal: it ends here */
	    {"MESSAGE", "Content-Type: text/plain;charset=utf-8\r\n", "Gr\xc3\xbc\xc3\x9f dich", 0,
	     "\r\n\r\nGr\xc3\xbc\xc3\x9f dich"},
	    {"MESSAGE", "Content-Type: text/html\r\n", "<b>", 415, ""},
	    {"NOTIFY", "Event: talk\r\nSubscription-State: terminated\r\n", "", 0,
	     "Event: talk\r\n"},
	    {"NOTIFY", "Event: refer\r\nContent-Type: message/sipfrag\r\n", "SIP/2.0 200 OK\r\n",
	     489, ""},
	    {"NOTIFY", "Event: dialog\r\n", "", 489, ""},
	    {"NOTIFY", "", "", 489, ""},
	    {"REFER", "Refer-To: <sip:2003@relay.example>\r\n", "", 403, ""},
	    {"SUBSCRIBE", "Event: dialog\r\n", "", 405, ""},
	    {"PUBLISH", "", "", 405, ""},
	    {"REGISTER", "", "", 405, ""},
	};
	struct world *world = *state;

	world_call(world, ALICE, BOB);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct phone_message *copy;

		say(world, rows[i].method, rows[i].headers, rows[i].body);
		if (rows[i].refused) {
			phone_hears_status(world, ALICE, rows[i].refused);
			assert_true(phone_hears_nothing(world, BOB));
			continue;
		}
		copy = phone_hears(world, BOB, rows[i].method);
		message_has(copy, rows[i].passes);
		message_has(copy, "Max-Forwards: 0\r\n");
		phone_answers(world, BOB, rows[i].method, 200, NULL);
		phone_hears_status(world, ALICE, 200);
	}
	assert_int_equal(world_counter(world, "refer-refused"), 1);
	assert_int_equal(world_calls(world), 1);
}

static void a_message_that_is_refused_is_refused_to_its_sender(void **state)
{
	struct world *world = *state;

	world_call(world, ALICE, BOB);
	say(world, "MESSAGE", "Content-Type: text/plain\r\n", "hello");
	phone_answers(world, BOB, "MESSAGE", 480, NULL);
	phone_hears_status(world, ALICE, 480);
	say(world, "MESSAGE", "Content-Type: text/plain\r\n", "hello");
	phone_requests(world, BOB, "BYE", "", NULL);
	phone_hears_status(world, ALICE, 487); /* it is answered before the BYE */
	phone_hears(world, ALICE, "BYE");
}

/* Numbers pass, texts and what nobody knows stay. */
static void reasons_pass_without_their_texts(void **state)
{
	static const struct {
		const char *says;
		const char *passes; /* NULL: none */
	} rows[] = {
	    {"Reason: Q.850;cause=16;text=\"PBX alice.example\"\r\n", "Reason: Q.850;cause=16\r\n"},
	    {"Reason: SIP ;cause=200\r\n", NULL},
	    {"Reason: SIP;cause=200;text=\"Call completed elsewhere\"\r\n",
	     "Reason: SIP;cause=200\r\n"},
	    {"Reason: q.850;cause=31, SIP;cause=480;text=\"x\"\r\n",
	     "Reason: Q.850;cause=31, SIP;cause=480\r\n"},
	    {"Reason: X-PBX;cause=1\r\n", NULL},
	    {"Reason: Q.850;cause=123456\r\n", NULL},
	    {"Reason: Q.850;text=\"cause=1\"\r\n", NULL},
	};
	struct world *world = *state;

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct phone_message *bye;

		world_call(world, ALICE, BOB);
		phone_requests(world, ALICE, "BYE", rows[i].says, NULL);
		bye = phone_hears(world, BOB, "BYE");
		if (rows[i].passes)
			message_has(bye, rows[i].passes);
		else
			message_lacks(bye, "\r\nReason:");
		phone_answers(world, BOB, "BYE", 200, NULL);
		phone_hears_status(world, ALICE, 200);
		assert_int_equal(world_calls(world), 0);
	}
}

static void reasons_pass_in_cancels_and_refusals(void **state)
{
	struct world *world = *state;
	struct phone_message *refusal;

	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	phone_answers_with(world, BOB, "INVITE", 480,
			   "Reason: Q.850;cause=20;text=\"bob.example is off\"\r\n", NULL);
	refusal = phone_hears_status(world, ALICE, 480);
	message_has(refusal, "Reason: Q.850;cause=20\r\n");
	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	phone_answers(world, BOB, "INVITE", 180, NULL);
	phone_says(world, ALICE,
		   "CANCEL sip:2002@relay.example SIP/2.0\r\n"
		   "Via: SIP/2.0/TLS 192.0.2.11:5061;branch=%s\r\nMax-Forwards: 70\r\n"
		   "From: \"alice\" <sip:alice@alice.example>;tag=tag-of-alice\r\n"
		   "To: <sip:2002@relay.example>\r\nCall-ID: %s\r\nCSeq: 1 CANCEL\r\n"
		   "Reason: SIP;cause=200;text=\"elsewhere\"\r\nContent-Length: 0\r\n\r\n",
		   world->phone[ALICE].branch, world->phone[ALICE].call_id);
	message_has(phone_hears(world, BOB, "CANCEL"), "Reason: SIP;cause=200\r\n");
}

#define IDENTITIES                                                                          \
	"P-Asserted-Identity: \"Alice A\" <sip:+4930123@alice.example>, <tel:+4930123>\r\n" \
	"P-Preferred-Identity: <sip:alice@alice.example>\r\n"                               \
	"Remote-Party-ID: <sip:alice@alice.example>\r\n"
#define SIP_IDENTITY "P-Asserted-Identity: \"Alice A\" <sip:+4930123@relay.example>\r\n"
#define TEL_IDENTITY "P-Asserted-Identity: <tel:+4930123>\r\n"
#define FROM_ALICE "From: \"alice\" <sip:alice@relay.example>;tag="
#define FROM_NOBODY "From: \"Anonymous\" <sip:anonymous@anonymous.invalid>;tag="

/* RFC 3325 5: asserted identities pass between trusted peers only; RFC 3323: who hides, hides. */
static void identities_stay_within_the_trust_domain(void **state)
{
	static const struct {
		bool alice_trusted, bob_trusted;
		const char *privacy;
		const char *from, *identity, *told; /* NULL: not there */
	} rows[] = {
	    {false, false, "", FROM_ALICE, NULL, NULL},
	    {true, false, "", FROM_ALICE, NULL, NULL},
	    {false, true, "", FROM_ALICE, NULL, NULL},
	    {true, true, "", FROM_ALICE, SIP_IDENTITY, NULL},
	    {true, true, "Privacy: id;critical\r\n", FROM_ALICE, TEL_IDENTITY,
	     "Privacy: id;critical\r\n"},
	    {true, false, "Privacy: id\r\n", FROM_NOBODY, NULL, NULL},
	    {false, false, "Privacy: user\r\n", FROM_NOBODY, NULL, NULL},
	    {false, true, "Privacy: header;x-alice\r\n", FROM_ALICE, NULL, "Privacy: header\r\n"},
	    {true, false, "Privacy: none\r\n", FROM_ALICE, NULL, NULL},
	    {true, false, "Privacy: session\r\n", FROM_ALICE, NULL, NULL},
	    {true, false, "Privacy: header\r\n", FROM_NOBODY, NULL, NULL},
	    {true, false, "Privacy: ID\r\n", FROM_NOBODY, NULL, NULL},
	    {true, false, "Privacy: user ; id ; critical\r\n", FROM_NOBODY, NULL, NULL},
	    {true, false, "Privacy: session;\r\n id\r\n", FROM_NOBODY, NULL, NULL},
	    {true, false, "Privacy: history\r\n", FROM_ALICE, NULL, NULL},
	    {true, false, "Privacy: none;critical\r\n", FROM_ALICE, NULL, NULL},
	    {true, false, "Privacy: x-id\r\n", FROM_ALICE, NULL, NULL},
	    {true, true, "Privacy: none\r\n", FROM_ALICE, TEL_IDENTITY, "Privacy: none\r\n"},
	    {true, true, "Privacy: history;user\r\n", FROM_ALICE, SIP_IDENTITY,
	     "Privacy: user;history\r\n"},
	};
	struct world *world = *state;

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct phone_message *invite;
		char headers[512];

		world->config.peers[ALICE].trust = rows[i].alice_trusted;
		world->config.peers[BOB].trust = rows[i].bob_trusted;
		snprintf(headers, sizeof(headers), "%s%s", IDENTITIES, rows[i].privacy);
		phone_invites_with(world, ALICE, "2002", headers, sdp_srtp_alice);
		invite = phone_hears(world, BOB, "INVITE");
		message_has(invite, rows[i].from);
		if (rows[i].identity)
			message_has(invite, rows[i].identity);
		else
			message_lacks(invite, "4930123");
		if (rows[i].told)
			message_has(invite, rows[i].told);
		else
			message_lacks(invite, "\r\nPrivacy:");
		message_lacks(invite, "alice.example");
		message_lacks(invite, "Preferred");
		message_lacks(invite, "Remote-Party");
		phone_answers(world, BOB, "INVITE", 486, NULL);
		phone_hears_status(world, ALICE, 486);
		world->sessions = 0;
	}
}

/* RFC 3323 4.1.1.3: who wrote nobody into its From is nobody, not a user of ours. */
static void who_is_anonymous_by_itself_stays_so(void **state)
{
	struct world *world = *state;

	phone_says(
	    world, ALICE,
	    "INVITE sip:2002@relay.example SIP/2.0\r\nVia: SIP/2.0/TLS h;branch=z9hG4bKano\r\n"
	    "From: \"Nobody\" <sip:anonymous@anonymous.invalid>;tag=a\r\n"
	    "To: <sip:2002@relay.example>\r\nCall-ID: nobody\r\nCSeq: 1 INVITE\r\n"
	    "Contact: <sip:192.0.2.11>\r\nContent-Type: application/sdp\r\n"
	    "Content-Length: %zu\r\n\r\n%s",
	    strlen(sdp_srtp_alice), sdp_srtp_alice);
	message_has(phone_hears(world, BOB, "INVITE"), FROM_NOBODY);
}

#define BOB_IDENTITIES                                              \
	"P-Asserted-Identity: \"Bob B\" <sip:2002@bob.example>\r\n" \
	"P-Asserted-Identity: <tel:+4930555>\r\nRemote-Party-ID: <sip:2002@bob.example>\r\n"
#define BOB_ASSERTED                                                  \
	"P-Asserted-Identity: \"Bob B\" <sip:2002@relay.example>\r\n" \
	"P-Asserted-Identity: <tel:+4930555>\r\n"

/* What alice is told in a response in which bob says who answers. */
static void told_of_bob(const struct phone_message *response, const char *identity,
			const char *privacy)
{
	if (identity)
		message_has(response, identity);
	else
		message_lacks(response, "P-Asserted-Identity");
	if (privacy)
		message_has(response, privacy);
	else
		message_lacks(response, "\r\nPrivacy:");
	message_lacks(response, "bob.example");
	message_lacks(response, "Remote-Party");
}

/* RFC 3325 5 knows no direction: who answers is told as who calls is. */
static void who_answers_is_told_within_the_trust_domain_only(void **state)
{
	static const struct {
		bool alice_trusted, bob_trusted;
		const char *privacy, *identity, *told; /* NULL: not there */
	} rows[] = {
	    {false, false, "", NULL, NULL},
	    {true, false, "", NULL, NULL},
	    {false, true, "", NULL, NULL},
	    {true, true, "", BOB_ASSERTED, NULL},
	    {true, true, "Privacy: id\r\n", BOB_ASSERTED, "Privacy: id\r\n"},
	    {true, false, "Privacy: id\r\n", NULL, "Privacy: id\r\n"},
	    {false, true, "Privacy: id\r\n", NULL, NULL},
	    {true, true, "Privacy: x-hide;critical\r\n", NULL, NULL},
	};
	static const unsigned statuses[] = {180, 183, 486};
	struct world *world = *state;

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char headers[512];

		world->config.peers[ALICE].trust = rows[i].alice_trusted;
		world->config.peers[BOB].trust = rows[i].bob_trusted;
		snprintf(headers, sizeof(headers), "%s%s", BOB_IDENTITIES, rows[i].privacy);
		for (unsigned last = 0; last < 2; last++) {
			phone_invites(world, ALICE, "2002", sdp_srtp_alice);
			phone_hears(world, BOB, "INVITE");
			for (unsigned s = 0; s < 2 + last; s++) {
				phone_answers_with(world, BOB, "INVITE", statuses[s], headers,
						   NULL);
				told_of_bob(phone_hears_status(world, ALICE, statuses[s]),
					    rows[i].identity, rows[i].told);
			}
			if (last)
				continue;
			phone_answers_with(world, BOB, "INVITE", 200, headers, sdp_srtp_bob);
			told_of_bob(phone_hears_status(world, ALICE, 200), rows[i].identity,
				    rows[i].told);
			phone_acks(world, ALICE, NULL);
			phone_requests(world, ALICE, "BYE", "", NULL);
			phone_hears_status(world, ALICE, 200);
			phone_answers(world, BOB, "BYE", 200, NULL);
		}
		world->sessions = 0;
	}
}

static void trust_both(struct world *world)
{
	world->config.peers[ALICE].trust = true;
	world->config.peers[BOB].trust = true;
}

/* It waits for a PRACK of what came before, and says the same then. */
static void who_answers_is_told_in_what_had_to_wait_too(void **state)
{
	struct world *world = *state;
	struct phone_message *early;
	char rack[64];

	trust_both(world);
	phone_invites_with(world, ALICE, "2002", "Supported: 100rel\r\n", sdp_srtp_alice);
	phone_answers(world, BOB, "INVITE", 183, sdp_srtp_bob);
	early = phone_hears_status(world, ALICE, 183);
	message_lacks(early, "P-Asserted-Identity");
	phone_answers_with(world, BOB, "INVITE", 200, BOB_IDENTITIES, sdp_srtp_bob);
	snprintf(rack, sizeof(rack), "RAck: %u 1 INVITE\r\n", message_number(early, "RSeq: "));
	phone_requests(world, ALICE, "PRACK", rack, NULL);
	phone_hears_status(world, ALICE, 200); /* of the PRACK */
	told_of_bob(phone_hears_status(world, ALICE, 200), BOB_ASSERTED, NULL);
}

static void a_caller_that_hides_is_named_in_no_response_of_its_own_without_saying_so(void **state)
{
	struct world *world = *state;

	trust_both(world);
	phone_invites_with(world, ALICE, "2002", "Privacy: id\r\n", sdp_srtp_alice);
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	phone_hears_status(world, ALICE, 200);
	phone_acks(world, ALICE, NULL);
	phone_requests(world, BOB, "INVITE", "", sdp_srtp_bob);
	phone_answers_with(world, ALICE, "INVITE", 200, IDENTITIES, sdp_srtp_alice);
	message_has(phone_hears_status(world, BOB, 200), "Privacy: id\r\n" SIP_IDENTITY);
}

/* RFC 3325 5: the relay knows who that peer is, and says it where it is believed. */
static void what_the_operator_knows_of_a_peer_is_asserted_to_trusted_ones(void **state)
{
	static char number[] = "+49307000";
	static const struct {
		bool alice_trusted, bob_trusted;
		const char *asserted; /* to bob; NULL: nothing */
	} rows[] = {
	    {false, true, "P-Asserted-Identity: <sip:+49307000@relay.example>\r\n"},
	    {false, false, NULL},
	    {true, true, SIP_IDENTITY},
	};
	struct world *world = *state;

	world->config.peers[ALICE].asserted_identity = number;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct phone_message *invite;

		world->config.peers[ALICE].trust = rows[i].alice_trusted;
		world->config.peers[BOB].trust = rows[i].bob_trusted;
		phone_invites_with(world, ALICE, "2002", IDENTITIES "Privacy: id\r\n",
				   sdp_srtp_alice);
		invite = phone_hears(world, BOB, "INVITE");
		if (rows[i].asserted)
			message_has(invite, rows[i].asserted);
		else
			message_lacks(invite, "P-Asserted");
		if (!rows[i].alice_trusted) /* what she says herself counts for nothing */
			message_lacks(invite, "4930123");
		if (rows[i].bob_trusted)
			message_has(invite, "Privacy: id\r\n");
		phone_answers(world, BOB, "INVITE", 486, NULL);
		phone_hears_status(world, ALICE, 486);
	}
	/* and of alice where she answers */
	world->config.peers[ALICE].trust = false;
	world->config.peers[BOB].trust = true;
	phone_invites(world, BOB, "2001", sdp_srtp_bob);
	phone_answers(world, ALICE, "INVITE", 180, NULL);
	message_has(phone_hears_status(world, BOB, 180), rows[0].asserted);
	world->config.peers[ALICE].asserted_identity = NULL;
}

/* The callee knows itself by the translated number, the caller by the one that it dialled. */
static void the_number_that_was_called_is_named_as_it_was_dialled(void **state)
{
	static struct rewrite to_e164 = {.strip = "2", .add = "+492"};
	static struct config_translation translation = {.rules = &to_e164, .rule_count = 1};
	struct world *world = *state;
	struct phone_message *ringing;

	trust_both(world);
	world->config.peers[BOB].called_out = &translation;
	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	message_has(phone_hears(world, BOB, "INVITE"), "INVITE sip:+492002@");
	phone_answers_with(world, BOB, "INVITE", 180,
			   "P-Asserted-Identity: <sip:+492002@bob.example>, <tel:+499>\r\n", NULL);
	world->config.peers[BOB].called_out = NULL;
	ringing = phone_hears_status(world, ALICE, 180);
	message_has(ringing, "P-Asserted-Identity: <sip:2002@relay.example>\r\n");
	message_has(ringing, "P-Asserted-Identity: <tel:+499>\r\n");
}

/* Signed by others (RFC 8224): as it came, with the Date that it signed. */
static void identity_passes_byte_for_byte(void **state)
{
	static const char signed_header[] =
	    "Identity: eyJhbGciOiJFUzI1NiIsInBwdCI6InNoYWtlbiJ9.eyJhdHRlc3QiOiJBIn0.c2ln"
	    "-_nature;info=<https://cert.example.org/a.pem>;alg=ES256;ppt=\"shaken\"\r\n";
	struct world *world = *state;
	struct phone_message *invite;
	char headers[512];

	snprintf(headers, sizeof(headers), "%sDate: Sat, 21 Nov 2026 12:00:00 GMT\r\n",
		 signed_header);
	phone_invites_with(world, ALICE, "2002", headers, sdp_srtp_alice);
	invite = phone_hears(world, BOB, "INVITE");
	message_has(invite, signed_header);
	message_has(invite, "Date: Sat, 21 Nov 2026 12:00:00 GMT\r\n");
}

/* Several of them (RFC 8224 4), one by its compact name, one as long as a line may be, one folded:
 * a fold is a space (RFC 3261 7.3.1), and our lines have none. */
static void identities_pass_whatever_their_form(void **state)
{
	struct world *world = *state;
	struct phone_message *invite;
	char token[5001], headers[6000], expected[6000];

	for (unsigned i = 0; i < sizeof(token) - 1; i++)
		token[i] = "eyJhbGciOiJFUzI1NiIsInBwdCI6InNoYWtlbiJ9-_."[i % 43];
	token[sizeof(token) - 1] = '\0';
	snprintf(
	    headers, sizeof(headers),
	    "y: a.b.c;info=<https://a.example/c>\r\nIdentity: %s;info=<https://a.example/c>\r\n"
	    "Identity: d.e.f;info=<https://a.example/c>\r\n ;ppt=\"shaken\"\r\n",
	    token);
	snprintf(expected, sizeof(expected), "\r\nIdentity: %s;info=<https://a.example/c>\r\n",
		 token);
	phone_invites_with(world, ALICE, "2002", headers, sdp_srtp_alice);
	invite = phone_hears(world, BOB, "INVITE");
	message_has(invite, "\r\nIdentity: a.b.c;info=<https://a.example/c>\r\n");
	message_has(invite, expected);
	message_has(invite, "\r\nIdentity: d.e.f;info=<https://a.example/c>   ;ppt=\"shaken\"\r\n");
}

/* RFC 3323 5: what is critical and cannot be done fails the request. */
static void critical_privacy_that_nobody_knows_is_refused(void **state)
{
	static const struct {
		const char *privacy;
		bool refused;
	} rows[] = {
	    {"Privacy: x-hide;critical\r\n", true}, {"Privacy: critical; id ;x-hide\r\n", true},
	    {"Privacy: x-hide\r\n", false},         {"Privacy: id;critical\r\n", false},
	    {"Privacy: critical\r\n", false},
	};
	struct world *world = *state;
	unsigned refused = 0;

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		phone_invites_with(world, ALICE, "2002", rows[i].privacy, sdp_srtp_alice);
		if (rows[i].refused) {
			message_has(phone_hears_status(world, ALICE, 500), "Warning: 399");
			assert_true(phone_hears_nothing(world, BOB));
			assert_int_equal(world_counter(world, "privacy"), ++refused);
			continue;
		}
		phone_hears(world, BOB, "INVITE");
		phone_answers(world, BOB, "INVITE", 486, NULL);
		phone_hears_status(world, ALICE, 486);
		phone_hears(world, BOB, "ACK");
	}
}

/* A passport names the number that signed it. */
static void the_signature_of_who_hides_stays_behind(void **state)
{
	static const char headers[] = "Privacy: id\r\nIdentity: a.eyJvcmlnIjp7InRuIjoiNDkzMCJ9.b;"
				      "info=<https://cert.example.org/a.pem>\r\n"
				      "Date: Sat, 21 Nov 2026 12:00:00 GMT\r\n";
	struct world *world = *state;
	struct phone_message *invite;

	phone_invites_with(world, ALICE, "2002", headers, sdp_srtp_alice);
	invite = phone_hears(world, BOB, "INVITE");
	message_lacks(invite, "Identity:");
	message_lacks(invite, "Date:");
	phone_answers(world, BOB, "INVITE", 486, NULL);
	world->config.peers[BOB].trust = true;
	phone_invites_with(world, ALICE, "2002", headers, sdp_srtp_alice);
	message_has(phone_hears(world, BOB, "INVITE"), "\r\nIdentity: a.eyJ");
}

#define PASSING_TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    PASSING_TEST(only_what_is_in_the_table_passes_in_a_dialog),
	    PASSING_TEST(a_message_that_is_refused_is_refused_to_its_sender),
	    PASSING_TEST(reasons_pass_without_their_texts),
	    PASSING_TEST(reasons_pass_in_cancels_and_refusals),
	    PASSING_TEST(identities_stay_within_the_trust_domain),
	    PASSING_TEST(who_is_anonymous_by_itself_stays_so),
	    PASSING_TEST(who_answers_is_told_within_the_trust_domain_only),
	    PASSING_TEST(who_answers_is_told_in_what_had_to_wait_too),
	    PASSING_TEST(a_caller_that_hides_is_named_in_no_response_of_its_own_without_saying_so),
	    PASSING_TEST(what_the_operator_knows_of_a_peer_is_asserted_to_trusted_ones),
	    PASSING_TEST(the_number_that_was_called_is_named_as_it_was_dialled),
	    PASSING_TEST(critical_privacy_that_nobody_knows_is_refused),
	    PASSING_TEST(identity_passes_byte_for_byte),
	    PASSING_TEST(identities_pass_whatever_their_form),
	    PASSING_TEST(the_signature_of_who_hides_stays_behind),
	};

	return cmocka_run_group_tests_name("b2bua passing on", tests, NULL, NULL);
}
