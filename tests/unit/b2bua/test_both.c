/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A phone that both the relay and its registrar challenge, and that keeps one challenge at a time
 * as baresip does in REGISTER: it answers the last one it got, and no other.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "digest.h"
#include "policy/users.h"

#define URI "sip:pbx.example"
#define FROM "From: <sip:alice@pbx.example>;tag=f\r\n"
#define TO "To: <sip:alice@pbx.example>\r\n"
#define PBX_CHALLENGE "WWW-Authenticate: Digest realm=\"pbx\", nonce=\"%s\", qop=\"auth\"\r\n"
#define PBX_ANSWER                                                                                 \
	"Authorization: Digest username=\"alice\", realm=\"pbx\", nonce=\"%s\", uri=\"" URI "\", " \
	"response=\"0123456789abcdef0123456789abcdef\", qop=auth, nc=00000001, cnonce=\"c\"\r\n"

static char realm[] = REALM, path[] = "/tmp/sluice-users-XXXXXX";

static void prepare(struct config *config)
{
	config->max_registrations = 12;
	config->peers[ALICE].registrar = &config->peers[BOB];
}

static int setup(void **state)
{
	char sha[TLS_HASH_HEX_MAX], error[256];
	struct world *world;
	FILE *file = fdopen(mkstemp(path), "w");

	if (world_setup_with(state, prepare) < 0)
		return -1;
	world = *state;
	assert_non_null(file);
	hash(TLS_HASH_SHA_256, sha, "alice", REALM, "s3cret");
	fprintf(file, "alice:%s:%s\n", REALM, sha);
	fclose(file);
	world->config.peers[ALICE].auth_realm = realm;
	assert_int_equal(
	    users_load(&world->config.peers[ALICE].auth_users, path, REALM, error, sizeof(error)),
	    0);
	return 0;
}

static int teardown(void **state)
{
	struct world *world = *state;
	struct config_peer *alice = &world->config.peers[ALICE];

	users_free(alice->auth_users);
	alice->auth_users = NULL;
	alice->auth_realm = NULL;
	alice->registrar = NULL;
	unlink(path);
	strcpy(path + strlen(path) - 6, "XXXXXX");
	return world_teardown(state);
}

/* One REGISTER of the phone; what it is of, field by field, so that each can be another. */
struct attempted {
	const char *uri, *from, *to, *call_id;
	unsigned cseq;
};

static const struct attempted usual = {URI, FROM, TO, "c1", 3};

static unsigned serial;

static void sends(struct world *world, const struct attempted *register_of, const char *headers)
{
	phone_says(world, ALICE,
		   "REGISTER %s SIP/2.0\r\nVia: SIP/2.0/TLS h;branch=z9hG4bKb%u\r\n"
		   "Max-Forwards: 70\r\n%s%sCall-ID: %s\r\nCSeq: %u REGISTER\r\n"
		   "Contact: <sip:alice@10.0.0.9:5062>\r\n%sContent-Length: 0\r\n\r\n",
		   register_of->uri, ++serial, register_of->from, register_of->to,
		   register_of->call_id, register_of->cseq, headers);
}

static void registers(struct world *world, unsigned cseq, const char *headers)
{
	const struct attempted attempted = {URI, FROM, TO, "c1", cseq};

	sends(world, &attempted, headers);
}

static void pbx_challenges(struct world *world, const char *nonce)
{
	char challenge[256];

	phone_hears(world, BOB, "REGISTER");
	snprintf(challenge, sizeof(challenge), PBX_CHALLENGE, nonce);
	phone_answers_with(world, BOB, "REGISTER", 401, challenge, NULL);
	message_has(phone_hears_status(world, ALICE, 401), "realm=\"pbx\"");
}

/* It has shown its credentials to the relay, and was told the challenge of the PBX. */
static void told_from(struct world *world, unsigned cseq, const char *nonce)
{
	const struct attempt attempt = {"alice", "s3cret", "REGISTER", URI, 1, true};

	registers(world, cseq, "");
	registers(world, cseq + 1, answer(phone_hears_status(world, ALICE, 407), &attempt));
	pbx_challenges(world, nonce);
}

static void told(struct world *world, const char *nonce)
{
	told_from(world, 1, nonce);
}

static const char *pbx_answer(const char *nonce)
{
	static char header[512];

	snprintf(header, sizeof(header), PBX_ANSWER, nonce);
	return header;
}

static void a_phone_that_answers_one_challenge_at_a_time_registers(void **state)
{
	struct world *world = *state;
	struct phone_message *request;
	char contact[128];

	told(world, "n1");
	registers(world, 3, pbx_answer("n1"));
	request = phone_hears(world, BOB, "REGISTER");
	message_has(request, "nonce=\"n1\"");
	snprintf(contact, sizeof(contact), "Contact: <%.*s>;expires=60\r\n",
		 STR_FMT(request->parsed.contact.uri.whole));
	phone_answers_with(world, BOB, "REGISTER", 200, contact, NULL);
	phone_hears_status(world, ALICE, 200);
	assert_int_equal(world_counter(world, "challenges-passed"), 1);
	assert_int_equal(world_counter(world, "auth-required"), 1);
}

/* Whatever is not as it was needs credentials of ours again. */
static void only_the_answer_to_what_was_passed_on_is_taken(void **state)
{
	static const struct {
		struct attempted attempted;
		const char *nonce;
	} facts[] = {
	    {{URI, FROM, TO, "c1", 3}, "n2"},
	    {{URI, FROM, TO, "c2", 3}, "n1"},
	    {{"sip:other.example", FROM, TO, "c1", 3}, "n1"},
	    {{URI, "From: <sip:bob@pbx.example>;tag=f\r\n", TO, "c1", 3}, "n1"},
	    {{URI, FROM, "To: <sip:bob@pbx.example>\r\n", "c1", 3}, "n1"},
	};
	struct world *world = *state;

	told(world, "n1");
	for (unsigned i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		sends(world, &facts[i].attempted, pbx_answer(facts[i].nonce));
		phone_hears_status(world, ALICE, 407);
		assert_true(phone_hears_nothing(world, BOB));
	}
	assert_int_equal(world_counter(world, "challenges-passed"), 0);
	sends(world, &usual, pbx_answer("n1"));
	phone_hears(world, BOB, "REGISTER");
}

static void it_is_taken_from_the_same_connection_only(void **state)
{
	struct world *world = *state;

	told(world, "n1");
	world->phone[ALICE].connection = 777;
	sends(world, &usual, pbx_answer("n1"));
	phone_hears_status(world, ALICE, 407);
	assert_true(phone_hears_nothing(world, BOB));
}

static void it_is_taken_once_and_soon(void **state)
{
	struct world *world = *state;

	told(world, "n1");
	sends(world, &usual, pbx_answer("n1"));
	pbx_challenges(world, "n2");
	/* neither the old one again, nor the one that was told to who showed us nothing */
	registers(world, 4, pbx_answer("n1"));
	phone_hears_status(world, ALICE, 407);
	registers(world, 5, pbx_answer("n2"));
	phone_hears_status(world, ALICE, 407);
	assert_true(phone_hears_nothing(world, BOB));
	told_from(world, 6, "n3");
	world_advance(world, 33000);
	registers(world, 8, pbx_answer("n3"));
	phone_hears_status(world, ALICE, 407);
}

/* A phone that answers both needs nothing of this. */
static void a_phone_that_answers_both_registers(void **state)
{
	struct attempt attempt = {"alice", "s3cret", "REGISTER", URI, 1, true};
	struct world *world = *state;
	struct phone_message *challenge;
	char both[2048];

	registers(world, 1, "");
	challenge = phone_hears_status(world, ALICE, 407);
	registers(world, 2, answer(challenge, &attempt));
	pbx_challenges(world, "n1");
	attempt.count = 2;
	snprintf(both, sizeof(both), "%s%s", pbx_answer("n1"), answer(challenge, &attempt));
	registers(world, 3, both);
	message_lacks(phone_hears(world, BOB, "REGISTER"), REALM "\", nonce");
	assert_int_equal(world_counter(world, "challenges-passed"), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(a_phone_that_answers_one_challenge_at_a_time_registers),
	    TEST(only_the_answer_to_what_was_passed_on_is_taken),
	    TEST(it_is_taken_from_the_same_connection_only),
	    TEST(it_is_taken_once_and_soon),
	    TEST(a_phone_that_answers_both_registers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
