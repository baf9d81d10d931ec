/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A peer that must show digest credentials (RFC 3261 22, RFC 8760): asked, believed, refused. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "digest.h"
#include "policy/users.h"
#include "world.h"

#define URI "sip:2002@relay.example"

static char realm[] = REALM, path[] = "/tmp/sluice-users-XXXXXX";

static int setup(void **state)
{
	char md5[TLS_HASH_HEX_MAX], sha[TLS_HASH_HEX_MAX], error[256];
	struct world *world;
	FILE *file = fdopen(mkstemp(path), "w");

	if (world_setup(state) < 0)
		return -1;
	world = *state;
	assert_non_null(file);
	hash(TLS_HASH_MD5, md5, "alice", REALM, "s3cret");
	hash(TLS_HASH_SHA_256, sha, "alice", REALM, "s3cret");
	fprintf(file, "alice:%s:%s\nalice:%s:%s\n", REALM, md5, REALM, sha);
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

	users_free(world->config.peers[ALICE].auth_users);
	world->config.peers[ALICE].auth_users = NULL;
	world->config.peers[ALICE].auth_realm = NULL;
	unlink(path);
	strcpy(path + strlen(path) - 6, "XXXXXX");
	return world_teardown(state);
}

static const struct attempt right = {"alice", "s3cret", "INVITE", URI, 1, true};

static struct phone_message *challenged(struct world *world)
{
	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	return phone_hears_status(world, ALICE, 401);
}

static void who_shows_nothing_is_challenged_and_costs_nothing(void **state)
{
	struct world *world = *state;
	struct phone_message *challenge = challenged(world);
	const char *sha = strstr(challenge->text, "algorithm=SHA-256"),
		   *md5 = strstr(challenge->text, "algorithm=MD5");

	message_has(challenge, "\r\nWWW-Authenticate: Digest realm=\"relay.example\", nonce=\"");
	message_has(challenge, ", qop=\"auth\"\r\n");
	message_lacks(challenge, "stale");
	assert_true(sha && md5 && sha < md5); /* RFC 8760 2.1 */
	assert_int_equal(world_counter(world, "auth-required"), 1);
	json_t *transactions = b2bua_transaction_counters(world->b2bua);

	assert_int_equal(json_integer_value(json_object_get(transactions, "servers")), 0);
	json_decref(transactions);
	phone_acks(world, ALICE, NULL);
	assert_true(phone_hears_nothing(world, ALICE));
	assert_true(phone_hears_nothing(world, BOB));
}

static void right_credentials_of_either_algorithm_make_a_call(void **state)
{
	struct world *world = *state;

	for (unsigned i = 0; i < 2; i++) {
		struct attempt attempt = right;
		struct phone_message *challenge = challenged(world);

		attempt.sha256 = i;
		phone_invites_with(world, ALICE, "2002", answer(challenge, &attempt),
				   sdp_srtp_alice);
		/* they are not for the other side */
		message_lacks(phone_hears(world, BOB, "INVITE"), "Authorization");
		phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
		phone_hears_status(world, ALICE, 200);
		phone_acks(world, ALICE, NULL);
		phone_hears(world, BOB, "ACK");
		/* in the dialog nobody is asked again */
		phone_requests(world, ALICE, "BYE", "", NULL);
		phone_hears_status(world, ALICE, 200);
		phone_answers(world, BOB, "BYE", 200, NULL);
	}
	assert_int_equal(world->credentials_wrong, 0);
}

static void a_cancel_is_never_challenged(void **state)
{
	struct world *world = *state;
	struct phone_message *challenge = challenged(world);

	phone_invites_with(world, ALICE, "2002", answer(challenge, &right), sdp_srtp_alice);
	phone_hears(world, BOB, "INVITE");
	phone_cancels(world, ALICE);
	phone_hears_status(world, ALICE, 200);
	phone_hears_status(world, ALICE, 487);
}

static void wrong_credentials_are_refused_by_name(void **state)
{
	static const struct {
		struct attempt attempt;
		unsigned status;
		const char *name;
		unsigned held_against;
	} facts[] = {
	    {{"alice", "secret", "INVITE", URI, 1, true}, 401, "auth-failed", 1},
	    {{"alice", "", "INVITE", URI, 1, false}, 401, "auth-failed", 1},
	    {{"mallory", "s3cret", "INVITE", URI, 1, true}, 401, "auth-failed", 1},
	    {{"alice", "s3cret", "REGISTER", URI, 1, true}, 401, "auth-failed", 1},
	    {{"alice", "s3cret", "INVITE", "sip:2003@relay.example", 1, true}, 400, "auth-uri", 0},
	    {{"alice", "s3cret", "INVITE", URI, 0, true}, 401, "auth-replayed", 0},
	    {{"ali\\\"ce", "s3cret", "INVITE", URI, 1, true}, 401, "auth-failed", 1},
	};
	struct world *world = *state;

	for (unsigned i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		struct phone_message *challenge = challenged(world), *refusal;
		uint64_t before = world_counter(world, facts[i].name);

		world->credentials_wrong = 0;
		phone_invites_with(world, ALICE, "2002", answer(challenge, &facts[i].attempt),
				   sdp_srtp_alice);
		refusal = phone_hears_status(world, ALICE, facts[i].status);
		if (facts[i].status == 401 && !facts[i].held_against)
			message_has(refusal, ", stale=true");
		else
			message_lacks(refusal, "stale");
		assert_int_equal(world_counter(world, facts[i].name), before + 1);
		assert_int_equal(world->credentials_wrong, facts[i].held_against);
		assert_true(phone_hears_nothing(world, BOB));
	}
}

static void malformed_credentials_are_refused(void **state)
{
	static const char *const headers[] = {
	    "Authorization: Digest realm=\"relay.example\"\r\n",
	    "Authorization: Digest username=\"alice\", realm=\"relay.example\", nonce=\"n\", "
	    "uri=\"" URI "\", response=\"0123456789abcdef0123456789abcdef\"\r\n",
	};
	struct world *world = *state;

	for (unsigned i = 0; i < 2; i++) {
		phone_invites_with(world, ALICE, "2002", headers[i], sdp_srtp_alice);
		message_lacks(phone_hears_status(world, ALICE, 400), "Authenticate");
	}
	assert_int_equal(world_counter(world, "auth-malformed"), 2);
}

static void credentials_are_taken_once(void **state)
{
	struct world *world = *state;
	struct phone_message *challenge = challenged(world);
	struct attempt second = right;
	char header[1024];

	snprintf(header, sizeof(header), "%s", answer(challenge, &right));
	phone_invites_with(world, ALICE, "2002", header, sdp_srtp_alice);
	phone_hears(world, BOB, "INVITE");
	phone_invites_with(world, ALICE, "2002", header, sdp_srtp_alice);
	message_has(phone_hears_status(world, ALICE, 401), "stale=true");
	assert_int_equal(world_counter(world, "auth-replayed"), 1);
	second.count = 2; /* the same nonce goes on with the next count */
	phone_invites_with(world, ALICE, "2002", answer(challenge, &second), sdp_srtp_alice);
	phone_hears(world, BOB, "INVITE");
}

static void an_old_nonce_is_stale_and_a_fresh_one_comes(void **state)
{
	struct world *world = *state;
	struct phone_message *challenge = challenged(world);

	world_advance(world, 301000);
	phone_invites_with(world, ALICE, "2002", answer(challenge, &right), sdp_srtp_alice);
	challenge = phone_hears_status(world, ALICE, 401);
	message_has(challenge, ", stale=true");
	assert_int_equal(world_counter(world, "auth-stale"), 1);
	assert_int_equal(world->credentials_wrong, 0);
	phone_invites_with(world, ALICE, "2002", answer(challenge, &right), sdp_srtp_alice);
	phone_hears(world, BOB, "INVITE");
}

/* Known from before our start: right, but it cannot be known whether it was used. */
static void a_nonce_that_is_not_ours_is_stale(void **state)
{
	static struct phone_message made_up = {.text =
						   "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c0\""};
	struct world *world = *state;

	phone_invites_with(world, ALICE, "2002", answer(&made_up, &right), sdp_srtp_alice);
	message_has(phone_hears_status(world, ALICE, 401), "stale=true");
}

/* ---- who one may say that one is ---- */

/* alice and others, with the same password, each with what its line says of its identities. */
static void write_users(struct world *world, const char *const lines[][2], unsigned count)
{
	char sha[TLS_HASH_HEX_MAX], error[256];
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	for (unsigned i = 0; i < count; i++) {
		hash(TLS_HASH_SHA_256, sha, lines[i][0], REALM, "s3cret");
		fprintf(file, "%s:%s:%s%s\n", lines[i][0], REALM, sha, lines[i][1]);
	}
	fclose(file);
	users_free(world->config.peers[ALICE].auth_users);
	world->config.peers[ALICE].auth_users = NULL;
	if (users_load(&world->config.peers[ALICE].auth_users, path, REALM, error, sizeof(error)) <
	    0)
		fail_msg("%s", error);
}

static const char *const families[][2] = {
    {"alice", ""},
    {"bob", ":4930123,%62oss"},
    {"carol", ":carol@one.example,desk@two.example"},
    {"pbx", ":*"},
    {"*", ""},
};

static void says(struct world *world, const char *method, const char *uri, const char *headers)
{
	static unsigned serial;

	serial++;
	phone_says(world, ALICE,
		   "%s %s SIP/2.0\r\nVia: SIP/2.0/TLS h;branch=z9hG4bKclaim%u\r\n"
		   "Max-Forwards: 70\r\nCall-ID: claim%u\r\nCSeq: %u %s\r\n"
		   "Contact: <sip:alice@192.0.2.11:5061>\r\n%sContent-Length: 0\r\n\r\n",
		   method, uri, serial, serial, serial, method, headers);
}

/* What becomes of a request with right credentials of user: its status. */
static unsigned claimed(struct world *world, const char *method, const char *user,
			const char *headers)
{
	const char *uri =
	    strcmp(method, "INVITE") == 0 ? "sip:9@relay.example" : "sip:relay.example";
	struct attempt attempt = {user, "s3cret", method, uri, 1, true};
	struct phone *alice = &world->phone[ALICE];
	char all[2048];

	alice->received = 0;
	memset(alice->taken, 0, sizeof(alice->taken));
	says(world, method, uri, headers);
	snprintf(all, sizeof(all), "%s%s", headers,
		 answer(phone_hears_status(world, ALICE, 401), &attempt));
	alice->received = 0;
	memset(alice->taken, 0, sizeof(alice->taken));
	says(world, method, uri, all);
	assert_true(alice->received > 0);
	return alice->inbox[0].parsed.status;
}

static void a_user_is_itself_or_whom_the_file_allows(void **state)
{
	static const struct {
		const char *user, *from;
		unsigned status; /* 404: it went on to the routes */
	} facts[] = {
	    {"alice", "sip:alice@a.example", 404},
	    {"alice", "sip:%61lice@a.example", 404}, /* in whatever spelling */
	    {"alice", "sip:alice2@a.example", 403},
	    {"alice", "sip:Alice@a.example", 403}, /* user parts have case (RFC 3261 19.1.4) */
	    {"alice", "sip:bob@a.example", 403},
	    {"alice", "sip:a.example", 403},
	    {"alice", "tel:+4930999", 403},
	    {"alice", "sip:anonymous@anonymous.invalid", 404},
	    {"alice", "sip:anonymous@a.example", 403},
	    {"bob", "sip:bob@a.example", 404},
	    {"bob", "sip:4930-123@a.example", 404},
	    {"bob", "tel:4930123", 404},
	    {"bob", "sip:boss@a.example", 404},
	    {"bob", "sip:alice@a.example", 403},
	    {"carol", "sip:carol@a.example", 404}, /* its own name, wherever */
	    {"carol", "sip:desk@TWO.example", 404},
	    {"carol", "sip:desk@one.example", 403},
	    {"pbx", "sip:4930555@a.example", 404},
	    {"*", "sip:alice@a.example", 403}, /* a name, no rule */
	};
	struct world *world = *state;
	char headers[256];
	unsigned refused = 0;

	write_users(world, families, 5);
	for (unsigned i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		unsigned status;

		snprintf(headers, sizeof(headers), "From: <%s>;tag=t\r\nTo: <sip:x@h>\r\n",
			 facts[i].from);
		status = claimed(world, "INVITE", facts[i].user, headers);
		if (status != facts[i].status)
			fail_msg("%s as %s: %u", facts[i].user, facts[i].from, status);
		refused += facts[i].status == 403;
	}
	assert_int_equal(world_counter(world, "auth-identity"), refused);
	assert_int_equal(world->credentials_wrong, 0);
}

static void nobody_registers_for_another(void **state)
{
	static const struct {
		const char *from, *to;
		unsigned status;
	} facts[] = {
	    {"alice", "alice", 405}, /* no registrar: it was looked at no further before */
	    {"alice", "bob", 403},
	    {"bob", "alice", 403},
	};
	struct world *world = *state;
	char headers[256];

	for (unsigned i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		snprintf(headers, sizeof(headers), "From: <sip:%s@h>;tag=t\r\nTo: <sip:%s@h>\r\n",
			 facts[i].from, facts[i].to);
		assert_int_equal(claimed(world, "REGISTER", "alice", headers), facts[i].status);
	}
}

static void an_asserted_identity_counts_only_where_it_may_be(void **state)
{
	static const char headers[] = "From: <sip:alice@h>;tag=t\r\nTo: <sip:x@h>\r\n"
				      "P-Asserted-Identity: <sip:alice@h>, <tel:4930999>\r\n";
	struct world *world = *state;

	assert_int_equal(claimed(world, "INVITE", "alice", headers), 404);
	world->config.peers[ALICE].trust = true;
	assert_int_equal(claimed(world, "INVITE", "alice", headers), 403);
	world->config.peers[ALICE].trust = false;
}

static void a_peer_that_vouches_for_its_users_may_say_what_it_likes(void **state)
{
	struct world *world = *state;

	world->config.peers[ALICE].auth_identity = AUTH_IDENTITY_ANY;
	assert_int_not_equal(
	    claimed(world, "INVITE", "alice", "From: <sip:4930999@h>;tag=t\r\nTo: <sip:x@h>\r\n"),
	    403);
	assert_int_equal(world_counter(world, "auth-identity"), 0);
	world->config.peers[ALICE].auth_identity = AUTH_IDENTITY_USER;
}

static void all_methods_outside_dialogs_are_asked_and_other_peers_are_not(void **state)
{
	static const char *const methods[] = {"OPTIONS", "REGISTER", "MESSAGE", "SUBSCRIBE"};
	struct world *world = *state;

	for (unsigned i = 0; i < 4; i++)
		for (unsigned who = ALICE; who <= BOB; who++) {
			phone_says(world, (enum phone_number)who,
				   "%s sip:relay.example SIP/2.0\r\n"
				   "Via: SIP/2.0/TLS h;branch=z9hG4bKm%u%u\r\nMax-Forwards: 70\r\n"
				   "From: <sip:a@h>;tag=1\r\nTo: <sip:relay.example>\r\n"
				   "Call-ID: m%u%u\r\nCSeq: 1 %s\r\nContent-Length: 0\r\n\r\n",
				   methods[i], i, who, i, who, methods[i]);
			phone_hears_status(world, (enum phone_number)who,
					   who == ALICE ? 401U
					   : i == 0     ? 200U
							: 405U);
		}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(who_shows_nothing_is_challenged_and_costs_nothing),
	    TEST(right_credentials_of_either_algorithm_make_a_call),
	    TEST(a_cancel_is_never_challenged),
	    TEST(wrong_credentials_are_refused_by_name),
	    TEST(malformed_credentials_are_refused),
	    TEST(credentials_are_taken_once),
	    TEST(an_old_nonce_is_stale_and_a_fresh_one_comes),
	    TEST(a_nonce_that_is_not_ours_is_stale),
	    TEST(a_user_is_itself_or_whom_the_file_allows),
	    TEST(nobody_registers_for_another),
	    TEST(an_asserted_identity_counts_only_where_it_may_be),
	    TEST(a_peer_that_vouches_for_its_users_may_say_what_it_likes),
	    TEST(all_methods_outside_dialogs_are_asked_and_other_peers_are_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
