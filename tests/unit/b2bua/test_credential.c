/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Digest credentials of the relay's own (RFC 3261 22), and other targets of a peer (RFC 3263 4.3).
 */
#include <stdio.h>
#include <string.h>

#include "b2bua/credential.h"
#include "sip/writer.h"
#include "world.h"

static char user[] = "trunk", password[] = "s3cret";

#define CHALLENGE                                                                        \
	"WWW-Authenticate: Digest realm=\"carrier\", nonce=\"abc\", algorithm=MD5, "     \
	"qop=\"auth\"\r\n"                                                               \
	"WWW-Authenticate: Digest realm=\"carrier\", nonce=\"def\", algorithm=SHA-256, " \
	"qop=\"auth,auth-int\", opaque=\"o;,p\"\r\n"
#define STALE                                                                            \
	"WWW-Authenticate: Digest realm=\"carrier\", nonce=\"ghi\", algorithm=SHA-256, " \
	"qop=\"auth\", stale=true\r\n"

static struct world *with_credentials(void **state)
{
	struct world *world = *state;

	world->config.peers[BOB].auth_user = user;
	world->config.peers[BOB].auth_password = password;
	return world;
}

static int teardown(void **state)
{
	struct world *world = *state;

	world->config.peers[BOB].auth_user = NULL;
	world->config.peers[BOB].auth_password = NULL;
	return world_teardown(state);
}

static void a_challenged_invite_is_sent_again_with_the_strongest_answer(void **state)
{
	struct world *world = with_credentials(state);
	struct phone_message *first, *second;
	char before[64];

	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	first = phone_hears(world, BOB, "INVITE");
	message_lacks(first, "Authorization");
	snprintf(before, sizeof(before), "%.*s", STR_FMT(first->parsed.via.branch));
	phone_answers_with(world, BOB, "INVITE", 401, CHALLENGE, NULL);
	phone_hears(world, BOB, "ACK");
	second = phone_hears(world, BOB, "INVITE");
	message_has(second, "\r\nAuthorization: Digest username=\"trunk\", realm=\"carrier\", "
			    "nonce=\"def\", uri=\"sip:2002@");
	message_has(second, ", algorithm=SHA-256, qop=auth, nc=00000001, cnonce=\"");
	message_has(second, ", opaque=\"o;,p\"\r\n");
	message_has(second, "a=crypto:1 ");
	message_lacks(second, password);
	assert_true(second->parsed.cseq == first->parsed.cseq + 1);
	assert_false(str_eq(second->parsed.via.branch, str_of(before)));
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	/* the ACK is that of the second, and requests that follow bring credentials unasked */
	assert_true(phone_hears(world, BOB, "ACK")->parsed.cseq == second->parsed.cseq);
	phone_hears_status(world, ALICE, 200);
	phone_acks(world, ALICE, NULL);
	phone_requests(world, ALICE, "BYE", "", NULL);
	message_has(phone_hears(world, BOB, "BYE"), "nc=00000002");
	assert_int_equal(world_counter(world, "challenges-met"), 1);
}

/* The line of that header, with its end. */
static void header_line(const struct phone_message *message, const char *name, char line[512])
{
	const char *at = strstr(message->text, name);

	if (!at)
		fail_msg("no %s in\n%s", name, message->text);
	snprintf(line, 512, "%.*s", (int)strcspn(at, "\n") + 1, at);
}

/* RFC 3261 13.2.2.4: the same credentials as the INVITE, also when the 2xx comes again or from
 * another fork. */
static void the_ack_of_a_2xx_has_the_credentials_of_its_invite(void **state)
{
	struct world *world = with_credentials(state);
	char line[512], again[512];

	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	phone_hears(world, BOB, "INVITE");
	phone_answers_with(world, BOB, "INVITE", 401, CHALLENGE, NULL);
	message_lacks(phone_hears(world, BOB, "ACK"), "Authorization");
	header_line(phone_hears(world, BOB, "INVITE"), "Authorization:", line);
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	header_line(phone_hears(world, BOB, "ACK"), "Authorization:", again);
	assert_string_equal(line, again);
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	header_line(phone_hears(world, BOB, "ACK"), "Authorization:", again);
	assert_string_equal(line, again);
	strcpy(world->phone[BOB].second_tag, "another-fork");
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	header_line(phone_hears(world, BOB, "ACK"), "Authorization:", again);
	assert_string_equal(line, again);
	header_line(phone_hears(world, BOB, "BYE"), "Authorization:", again);
	assert_string_not_equal(line, again); /* another request: its own answer */
}

static void an_ack_without_challenge_has_no_credentials(void **state)
{
	struct world *world = with_credentials(state);

	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	phone_hears(world, BOB, "INVITE");
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	message_lacks(phone_hears(world, BOB, "ACK"), "Authorization");
}

/* They ended with the refusal: what they said is no answer to the second INVITE. */
static void early_dialogs_of_a_challenged_invite_are_forgotten(void **state)
{
	struct world *world = with_credentials(state);

	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	phone_hears(world, BOB, "INVITE");
	phone_answers(world, BOB, "INVITE", 183, sdp_srtp_bob);
	phone_answers_with(world, BOB, "INVITE", 401, CHALLENGE, NULL);
	phone_hears(world, BOB, "INVITE");
	/* a request in the early dialog that is gone */
	phone_requests(world, BOB, "UPDATE", "", NULL);
	phone_hears_status(world, BOB, 481);
	phone_answers(world, BOB, "INVITE", 200,
		      NULL); /* without an answer: the first was not its */
	phone_hears_status(world, ALICE, 488);
	assert_int_equal(world_counter(world, "bad-answer"), 1);
}

static void a_wrong_password_is_not_tried_for_ever(void **state)
{
	struct world *world = with_credentials(state);

	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	phone_hears(world, BOB, "INVITE");
	phone_answers_with(world, BOB, "INVITE", 401, CHALLENGE, NULL);
	phone_hears(world, BOB, "INVITE");
	phone_answers_with(world, BOB, "INVITE", 401, STALE, NULL); /* only the nonce was old */
	phone_hears(world, BOB, "INVITE");
	phone_answers_with(world, BOB, "INVITE", 401, CHALLENGE, NULL);
	assert_int_equal(world_counter(world, "challenges-met"), 2);
	/* the caller is not to see a challenge that is not meant for it */
	assert_null(strstr(phone_hears_status(world, ALICE, 502)->text, "Authenticate"));
}

static void a_challenged_bye_is_sent_again(void **state)
{
	struct world *world = with_credentials(state);

	world_call(world, ALICE, BOB);
	phone_requests(world, ALICE, "BYE", "", NULL);
	phone_hears(world, BOB, "BYE");
	phone_answers_with(world, BOB, "BYE", 407,
			   "Proxy-Authenticate: Digest realm=\"p\", nonce=\"n\"\r\n", NULL);
	message_has(phone_hears(world, BOB, "BYE"),
		    "\r\nProxy-Authorization: Digest username=\"trunk\", realm=\"p\", nonce=\"n\"");
}

static void a_peer_without_credentials_refuses_as_before(void **state)
{
	struct world *world = *state;

	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	phone_hears(world, BOB, "INVITE");
	phone_answers_with(world, BOB, "INVITE", 401, CHALLENGE, NULL);
	phone_hears(world, BOB, "ACK");
	assert_true(phone_hears_nothing(world, BOB));
	assert_int_equal(world_counter(world, "challenges-met"), 0);
}

/* RFC 7616 3.9.1 has fixed cnonces; these were computed with Python's hashlib from RFC 2617 3.2.2.1
 * without qop, where nothing of ours is random. */
static void the_answer_is_that_of_the_rfc(void **state)
{
	static const struct {
		const char *challenge, *response;
	} facts[] = {
	    {"WWW-Authenticate: Digest realm=\"testrealm@host.com\", nonce=\"dcd98b\"\r\n",
	     "response=\"8c17a2d6a0d55b8f0a5c4f9f7e4b4829\""},
	    {"WWW-Authenticate: Digest realm=\"testrealm@host.com\", nonce=\"dcd98b\", "
	     "algorithm=SHA-256\r\n",
	     "response=\"9f492311133a0b8842edce0e00acd2c43e91976047dc0a71ebb1817f012c9085\""},
	};
	static char mufasa[] = "Mufasa", circle[] = "Circle Of Life";
	const struct config_peer peer = {.auth_user = mufasa, .auth_password = circle};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		char text[1024], out[1024];
		struct credential credential = {0};
		struct sip_message response;
		struct sip_writer writer;

		snprintf(text, sizeof(text),
			 "SIP/2.0 401 Unauthorized\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\r\n"
			 "From: <sip:a@h>;tag=1\r\nTo: <sip:b@h>;tag=2\r\nCall-ID: c\r\n"
			 "CSeq: 1 BYE\r\n%sContent-Length: 0\r\n\r\n",
			 facts[i].challenge);
		assert_int_equal(sip_message_parse(&response, text, strlen(text), NULL), 0);
		assert_int_equal(credential_challenged(&credential, &peer, &response, 0), 0);
		sip_writer_request(&writer, out, sizeof(out), "BYE", STR("sip:b@h"));
		assert_int_equal(
		    credential_write(&credential, &peer, "BYE", STR("sip:b@h"), &writer), 0);
		out[writer.length] = '\0';
		if (!strstr(out, facts[i].response))
			fail_msg("%s", out);
		credential_free(&credential);
	}
}

static void a_target_that_answers_503_gives_way_to_the_next(void **state)
{
	struct world *world = *state;

	world->more_targets = 1;
	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	phone_hears(world, BOB, "INVITE");
	phone_answers_with(world, BOB, "INVITE", 503, "Retry-After: 7 (busy)\r\n", NULL);
	assert_int_equal(world->target_failed_ms, 7000);
	phone_hears(world, BOB, "INVITE");
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	phone_hears_status(world, ALICE, 200);
	assert_int_equal(world_counter(world, "failovers"), 1);
}

static void the_last_target_that_fails_ends_the_call(void **state)
{
	struct world *world = *state;

	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	phone_hears(world, BOB, "INVITE");
	phone_answers(world, BOB, "INVITE", 503, NULL);
	assert_int_equal(world->target_failed_ms, 0);
	phone_hears(world, BOB, "ACK");
	assert_true(phone_hears_nothing(world, BOB));
	assert_int_equal(world_counter(world, "failovers"), 0);
}

/* Busy is the callee's word, not the target's trouble. */
static void other_refusals_try_nobody_else(void **state)
{
	struct world *world = *state;

	world->more_targets = 1;
	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	phone_hears(world, BOB, "INVITE");
	phone_answers(world, BOB, "INVITE", 486, NULL);
	phone_hears_status(world, ALICE, 486);
	assert_int_equal(world->more_targets, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(a_challenged_invite_is_sent_again_with_the_strongest_answer),
	    TEST(the_ack_of_a_2xx_has_the_credentials_of_its_invite),
	    TEST(an_ack_without_challenge_has_no_credentials),
	    TEST(early_dialogs_of_a_challenged_invite_are_forgotten),
	    TEST(a_wrong_password_is_not_tried_for_ever),
	    TEST(a_challenged_bye_is_sent_again),
	    TEST(a_peer_without_credentials_refuses_as_before),
	    cmocka_unit_test(the_answer_is_that_of_the_rfc),
	    TEST(a_target_that_answers_503_gives_way_to_the_next),
	    TEST(the_last_target_that_fails_ends_the_call),
	    TEST(other_refusals_try_nobody_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
