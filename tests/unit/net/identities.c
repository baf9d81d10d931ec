/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Over TLS a caller is who its certificate says, whatever its address. */
#include "fixture.h"

#include <stdio.h>
#include <string.h>

#define NOBODY_KNOWN -1

static const struct {
	const char *what;
	int listener, party;
	int peer; /* or NOBODY_KNOWN */
	enum log_event event;
	const char *log; /* contains */
} facts[] = {
    {"a URI name", ON_TLS, CLIENT, TLS_PEER, LOG_PEER_UP, "peer tls is up"},
    {"a DNS name", ON_TLS, CALLED, TLS_CALLED, LOG_PEER_UP, "peer called is up"},
    {"a wildcard that is allowed", ON_TLS, WILDCARD, TLS_WILDCARD, LOG_PEER_UP, "peer wild is up"},
    {"a wildcard that is not", ON_TLS, WILDCARD_EXACT, NOBODY_KNOWN, LOG_PEER_UNKNOWN, "*.example"},
    {"no configured name", ON_TLS, NOBODY, NOBODY_KNOWN, LOG_PEER_UNKNOWN, "a.nobody.example"},
    {"serverAuth only, allowed", ON_TLS, SERVER_AUTH, TLS_SERVER_AUTH, LOG_PEER_UP, "peer sao"},
    {"serverAuth only, not allowed", ON_TLS, CLIENT_SERVER_AUTH, NOBODY_KNOWN, LOG_TLS_REFUSED,
     "does not allow client authentication"},
    {"neither, where serverAuth is allowed", ON_TLS, CODE_SIGNING, NOBODY_KNOWN, LOG_TLS_REFUSED,
     "does not allow client authentication"},
    {"an unknown authority", ON_TLS, OTHER_CLIENT, NOBODY_KNOWN, LOG_TLS_REFUSED,
     "not signed by a trusted authority"},
    {"expired", ON_TLS, EXPIRED, NOBODY_KNOWN, LOG_TLS_REFUSED, "expired on"},
    {"the other listener's peer", ON_TLS_OTHER, OTHER, TLS_OF_OTHER, LOG_PEER_UP, "peer other"},
    /* its name is a peer's, but the authority has no say in who that peer is */
    {"another listener's authority", ON_TLS_OTHER, OTHER_CLIENT, NOBODY_KNOWN, LOG_PEER_UNKNOWN,
     "client.example"},
};

static void check(size_t at)
{
	void *state;

	assert_int_equal(setup(&state), 0);
	struct fixture *fixture = state;
	struct client *client =
	    client_open(fixture, facts[at].listener, "127.0.0.99", facts[at].party);

	if (facts[at].peer == NOBODY_KNOWN) {
		run_until_closed(fixture, client);
		assert_int_equal(
		    fixture->net->counters.tls_failed + fixture->net->counters.unknown_identity, 1);
		assert_int_equal(fixture->lost_count, 0);
	} else {
		struct net_peer_status status;

		run_until_up(fixture, client);
		run_until(fixture, client, &fixture->net->peers[facts[at].peer].connection_count,
			  1);
		net_peer_status(fixture->net, &fixture->peers[facts[at].peer], &status);
		assert_int_equal(status.connections, 1);
		assert_true(status.identity_seen);
		assert_string_equal(status.tls_version, "TLSv1.3");
		assert_true(status.certificate_not_after > 0);
		assert_string_equal(status.last_error, "");
	}
	if (log_last != facts[at].event || !strstr(log_text, facts[at].log))
		fail_msg("%s: event %d: %s", facts[at].what, log_last, log_text);
	assert_int_equal(fixture->message_count, 0);
	client_free(client);
	assert_int_equal(teardown(&state), 0);
}

static void a_caller_is_who_its_certificate_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
		check(i);
}

static void a_refusal_is_told_of_the_peer_at_that_address(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_open(fixture, ON_TLS, "127.0.0.13", EXPIRED);
	struct net_peer_status status;

	run_until_closed(fixture, client);
	net_peer_status(fixture->net, &fixture->peers[TLS_PEER], &status);
	assert_non_null(strstr(status.last_error, "certificate expired on"));
	client_free(client);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_caller_is_who_its_certificate_says),
	    cmocka_unit_test_setup_teardown(a_refusal_is_told_of_the_peer_at_that_address, setup,
					    teardown),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
