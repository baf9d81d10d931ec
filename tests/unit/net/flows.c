/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calling peers: connections made, reused, refused. */
#include "fixture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void ask(struct fixture *fixture, int peer)
{
	assert_int_equal(net_flow(fixture->net, &fixture->peers[peer], flow_ready, fixture), 0);
}

static struct net_peer_status status_of(struct fixture *fixture, int peer)
{
	struct net_peer_status status;

	net_peer_status(fixture->net, &fixture->peers[peer], &status);
	return status;
}

static void a_udp_flow_is_ready_at_once(void **state)
{
	struct fixture *fixture = *state;

	ask(fixture, UDP_PEER);
	assert_int_equal(fixture->ready_count, 1);
	assert_int_equal(fixture->ready_status, 0);
	assert_int_equal(fixture->ready_flow.transport, SIP_UDP);
	assert_int_equal(fixture->ready_flow.listener, ON_UDP);
}

static void a_peer_is_called_and_the_connection_is_reused(void **state)
{
	static const struct {
		int peer, party;
	} facts[] = {{TCP_PEER, -1}, {TLS_CALLED, CALLED}, {TLS_BY_NAME, LOCALHOST}};
	struct fixture *fixture = *state;

	for (unsigned i = 0; i < 3; i++) {
		fixture->ready_count = 0;
		ask(fixture, facts[i].peer);
		ask(fixture, facts[i].peer); /* waits for the same */
		struct client *client = client_accept(fixture, facts[i].peer, facts[i].party);
		struct sockaddr_in from;
		socklen_t length = sizeof(from);

		run_until(fixture, client, &fixture->ready_count, 2);
		if (fixture->ready_status != 0)
			fail_msg("%s", fixture->ready_error);
		/* it comes from the listener's address */
		assert_int_equal(getpeername(client->fd, (struct sockaddr *)&from, &length), 0);
		assert_int_equal(from.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
		assert_int_equal(net_flow_encrypted(fixture->net, &fixture->ready_flow),
				 facts[i].party >= 0);
		assert_int_equal(net_send(fixture->net, &fixture->ready_flow, "REQUEST", 7), 0);
		run_until_heard(fixture, client, "REQUEST");
		ask(fixture, facts[i].peer);
		assert_int_equal(fixture->ready_count, 3);
		assert_int_equal(fixture->net->counters.connected, i + 1);
		/* requests come back on it, too */
		fixture->message_count = 0;
		client_say(client, OPTIONS);
		run_until(fixture, client, &fixture->message_count, 1);
		assert_ptr_equal(fixture->message[0].peer, &fixture->peers[facts[i].peer]);
		client_free(client);
		run_until(fixture, NULL, &fixture->lost_count, i + 1);
		assert_string_equal(status_of(fixture, facts[i].peer).last_error, "");
	}
}

static void a_tls_connection_that_the_peer_made_is_reused(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_open(fixture, ON_TLS, "127.0.0.99", CLIENT);

	run_until(fixture, client, &fixture->net->peers[TLS_PEER].connection_count, 1);
	ask(fixture, TLS_PEER);
	assert_int_equal(fixture->ready_count, 1);
	assert_int_equal(net_send(fixture->net, &fixture->ready_flow, "REQUEST", 7), 0);
	run_until_heard(fixture, client, "REQUEST");
	/* it is nobody else's */
	ask(fixture, TLS_CALLED);
	assert_int_equal(fixture->ready_count, 1);
	client_free(client);
}

static void a_tcp_connection_that_the_peer_made_is_not_reused(void **state)
{
	struct fixture *fixture = *state;
	struct client *inbound = client_open(fixture, ON_TCP, "127.0.0.12", -1);

	run_until(fixture, inbound, &fixture->net->peers[TCP_PEER].connection_count, 1);
	ask(fixture, TCP_PEER);
	assert_int_equal(fixture->ready_count, 0);
	struct client *outbound = client_accept(fixture, TCP_PEER, -1);

	run_until(fixture, outbound, &fixture->ready_count, 1);
	assert_int_equal(fixture->ready_status, 0);
	client_free(inbound);
	client_free(outbound);
}

static void a_callee_must_be_who_was_configured(void **state)
{
	static const struct {
		int party;
		const char *error;
	} facts[] = {{CLIENT, "identity client.example is not called.example"},
		     {WILDCARD_EXACT, "identity *.example is not called.example"},
		     {NOBODY, "is not called.example"},
		     {EXPIRED, "certificate expired on"},
		     {OTHER_CLIENT, "not signed by a trusted authority"},
		     {CODE_SIGNING, "does not allow server authentication"}};

	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		void *own;

		assert_int_equal(setup(&own), 0);
		struct fixture *fixture = own;

		ask(fixture, TLS_CALLED);
		struct client *client = client_accept(fixture, TLS_CALLED, facts[i].party);

		run_until(fixture, client, &fixture->ready_count, 1);
		assert_true(fixture->ready_status < 0);
		if (!strstr(fixture->ready_error, facts[i].error))
			fail_msg("\"%s\" lacks \"%s\"", fixture->ready_error, facts[i].error);
		assert_string_equal(status_of(fixture, TLS_CALLED).last_error,
				    fixture->ready_error);
		assert_int_equal(log_last, LOG_PEER_DOWN);
		assert_int_equal(fixture->lost_count, 0);
		client_free(client);
		assert_int_equal(teardown(&own), 0);
	}
}

static void a_failed_call_is_not_tried_again_at_once(void **state)
{
	struct fixture *fixture = *state;
	struct net_limits limits = net_limits_default;

	limits.backoff_first_ms = 50;
	limits.backoff_max_ms = 100;
	net_limits_set(fixture->net, &limits);
	close(fixture->server[TCP_PEER]);
	fixture->server[TCP_PEER] = -1;
	ask(fixture, TCP_PEER);
	run_until(fixture, NULL, &fixture->ready_count, 1);
	assert_true(fixture->ready_status < 0);
	assert_non_null(strstr(fixture->ready_error, "connection refused"));
	ask(fixture, TCP_PEER); /* told at once */
	assert_int_equal(fixture->ready_count, 2);
	assert_int_equal(fixture->net->peers[TCP_PEER].backoff_ms, 50);
	for (unsigned i = 0; i < 3; i++) {
		run_for(fixture, NULL, fixture->net->peers[TCP_PEER].backoff_ms + 10);
		ask(fixture, TCP_PEER);
		run_until(fixture, NULL, &fixture->ready_count, 3 + i);
		assert_int_equal(fixture->net->peers[TCP_PEER].backoff_ms, 100);
	}
}

static void a_name_that_does_not_resolve_is_told(void **state)
{
	struct fixture *fixture = *state;

	fixture->peers[TLS_BY_NAME].fqdn = (char *)(uintptr_t) "a..b";
	ask(fixture, TLS_BY_NAME);
	run_until(fixture, NULL, &fixture->ready_count, 1);
	assert_true(fixture->ready_status < 0);
	assert_non_null(strstr(fixture->ready_error, "a..b: "));
}

static void a_callee_that_does_not_answer_is_given_up(void **state)
{
	struct fixture *fixture = *state;
	struct net_limits limits = net_limits_default;

	limits.handshake_ms = 50;
	net_limits_set(fixture->net, &limits);
	ask(fixture, TLS_CALLED);
	run_until(fixture, NULL, &fixture->ready_count, 1); /* the kernel accepts; nobody speaks */
	assert_true(fixture->ready_status < 0);
	assert_non_null(strstr(fixture->ready_error, "handshake took too long"));
	assert_int_equal(fixture->net->counters.timeout, 1);
}

/* TLS 1.3: the handshake looks good to us before the callee has judged our certificate. */
static void a_callee_that_refuses_our_certificate_is_heard(void **state)
{
	struct fixture *fixture = *state;

	ask(fixture, TLS_CALLED);
	struct client *client = client_accept(fixture, TLS_CALLED, CALLED);

	/* it trusts nobody */
	client_distrust(client);
	run_until(fixture, client, &fixture->ready_count, 1);
	assert_int_equal(fixture->ready_status, 0);
	(void)net_send(fixture->net, &fixture->ready_flow, OPTIONS, strlen(OPTIONS));
	run_until(fixture, client, &fixture->lost_count, 1);
	assert_non_null(
	    strstr(status_of(fixture, TLS_CALLED).last_error, "the other side refused"));
	/* and it is not run against again at once */
	ask(fixture, TLS_CALLED);
	assert_int_equal(fixture->ready_count, 2);
	assert_true(fixture->ready_status < 0);
	client_free(client);
}

static void who_forgets_is_not_called(void **state)
{
	struct fixture *fixture = *state;
	static struct fixture other; /* of a call that may be answered after this test failed */

	other.ready_count = 0;
	ask(fixture, TLS_CALLED);
	assert_int_equal(net_flow(fixture->net, &fixture->peers[TLS_CALLED], flow_ready, &other),
			 0);
	net_flow_forget(fixture->net, fixture);
	struct client *client = client_accept(fixture, TLS_CALLED, CALLED);

	run_until(fixture, client, &other.ready_count, 1);
	assert_int_equal(other.ready_status, 0);
	assert_int_equal(fixture->ready_count, 0);
	client_free(client);
}

static void only_so_many_wait_for_a_peer(void **state)
{
	struct fixture *fixture = *state;
	struct net_limits limits = net_limits_default;

	limits.waiters = 2;
	net_limits_set(fixture->net, &limits);
	ask(fixture, TLS_CALLED);
	ask(fixture, TLS_CALLED);
	assert_int_equal(net_flow(fixture->net, &fixture->peers[TLS_CALLED], flow_ready, fixture),
			 -ENOBUFS);
}

/* teardown finds what is left */
static void all_may_be_closed_while_calls_are_being_made(void **state)
{
	struct fixture *fixture = *state;

	ask(fixture, TCP_PEER);
	ask(fixture, TLS_CALLED);
	ask(fixture, TLS_BY_NAME);
	net_close(fixture->net);
	fixture->net = NULL;
	run_to_the_end(fixture);
	assert_int_equal(fixture->ready_count, 0);
}

static void close_when_ready(void *user, int status, const struct sip_flow *flow, const char *error)
{
	struct fixture *fixture = user;

	flow_ready(user, status, flow, error);
	net_close(fixture->net);
	fixture->net = NULL;
}

static void all_may_be_closed_when_a_flow_is_ready_or_failed(void **state)
{
	static const struct {
		int peer, party;
	} facts[] = {{TCP_PEER, -1}, {TLS_CALLED, CALLED}, {TLS_CALLED, CLIENT}};

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		void *own;

		assert_int_equal(setup(&own), 0);
		struct fixture *fixture = own;

		for (int n = 0; n < 2; n++)
			assert_int_equal(net_flow(fixture->net, &fixture->peers[facts[i].peer],
						  close_when_ready, fixture),
					 0);
		struct client *client = client_accept(fixture, facts[i].peer, facts[i].party);

		run_until(fixture, client, &fixture->ready_count, 1);
		run_for(fixture, client, 5);
		assert_int_equal(fixture->ready_count, 1);
		client_free(client);
		assert_int_equal(teardown(&own), 0);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(a_udp_flow_is_ready_at_once),
	    TEST(a_peer_is_called_and_the_connection_is_reused),
	    TEST(a_tls_connection_that_the_peer_made_is_reused),
	    TEST(a_tcp_connection_that_the_peer_made_is_not_reused),
	    cmocka_unit_test(a_callee_must_be_who_was_configured),
	    TEST(a_failed_call_is_not_tried_again_at_once),
	    TEST(a_name_that_does_not_resolve_is_told),
	    TEST(a_callee_that_does_not_answer_is_given_up),
	    TEST(a_callee_that_refuses_our_certificate_is_heard),
	    TEST(who_forgets_is_not_called),
	    TEST(only_so_many_wait_for_a_peer),
	    TEST(all_may_be_closed_while_calls_are_being_made),
	    cmocka_unit_test(all_may_be_closed_when_a_flow_is_ready_or_failed),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
