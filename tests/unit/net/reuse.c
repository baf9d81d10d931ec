/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which connection a request takes (RFC 5923), and that of a request too large for UDP. */
#include "fixture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void ask(struct fixture *fixture, int peer)
{
	assert_int_equal(net_flow(fixture->net, &fixture->peers[peer], flow_ready, fixture), 0);
}

static struct net_connection *only(struct fixture *fixture, int peer)
{
	return TAILQ_FIRST(&fixture->net->peers[peer].connections);
}

/* Whether a connection that the peer made is taken for requests to it. */
static void the_certificate_and_the_alias_decide_on_reuse(void **state)
{
	static const struct {
		enum connection_reuse reuse;
		bool alias, taken;
	} facts[] = {
	    {CONNECTION_REUSE_CERTIFICATE, false, true}, {CONNECTION_REUSE_CERTIFICATE, true, true},
	    {CONNECTION_REUSE_ALIAS, false, false},      {CONNECTION_REUSE_ALIAS, true, true},
	    {CONNECTION_REUSE_OWN, false, false},        {CONNECTION_REUSE_OWN, true, false},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		void *own;

		assert_int_equal(setup(&own), 0);
		struct fixture *fixture = own;
		struct client *client = client_open(fixture, ON_TLS, "127.0.0.99", CLIENT);
		struct sip_flow flow;

		fixture->peers[TLS_PEER].connection_reuse = facts[i].reuse;
		run_until(fixture, client, &fixture->net->peers[TLS_PEER].connection_count, 1);
		flow = only(fixture, TLS_PEER)->flow;
		if (facts[i].alias)
			net_connection_alias(fixture->net, flow.connection);
		assert_int_equal(net_flow_reusable(fixture->net, &flow), facts[i].taken);
		ask(fixture, TLS_PEER);
		assert_int_equal(fixture->ready_count, facts[i].taken);
		if (facts[i].taken)
			assert_int_equal(fixture->ready_flow.connection, flow.connection);
		client_free(client);
		assert_int_equal(teardown(&own), 0);
	}
}

static void a_connection_that_was_offered_is_taken_first(void **state)
{
	struct fixture *fixture = *state;
	struct client *first = client_open(fixture, ON_TLS, "127.0.0.99", CLIENT);
	struct client *second;
	uint64_t number;

	run_until(fixture, first, &fixture->net->peers[TLS_PEER].connection_count, 1);
	second = client_open(fixture, ON_TLS, "127.0.0.98", CLIENT);
	run_until(fixture, second, &fixture->net->peers[TLS_PEER].connection_count, 2);
	number =
	    TAILQ_LAST(&fixture->net->peers[TLS_PEER].connections, net_connection_list)->number;
	ask(fixture, TLS_PEER);
	assert_int_not_equal(fixture->ready_flow.connection, number);
	net_connection_alias(fixture->net, number);
	ask(fixture, TLS_PEER);
	assert_int_equal(fixture->ready_flow.connection, number);
	client_free(first);
	client_free(second);
}

/* Phones that share one identity: what is meant for one, with its keys, is not for another. */
static void the_connection_of_one_phone_is_not_taken_for_another(void **state)
{
	struct fixture *fixture = *state;
	struct client *phone;

	fixture->peers[TLS_PEER].registrar = &fixture->peers[TLS_CALLED];
	phone = client_open(fixture, ON_TLS, "127.0.0.99", CLIENT);
	run_until(fixture, phone, &fixture->net->peers[TLS_PEER].connection_count, 1);
	net_connection_alias(fixture->net, only(fixture, TLS_PEER)->number);
	ask(fixture, TLS_PEER);
	assert_int_equal(fixture->ready_count, 0);
	client_free(phone);
}

/* An alias over TCP would redirect a peer's calls to whoever has its address. */
static void an_alias_over_tcp_is_not_heeded(void **state)
{
	struct fixture *fixture = *state;
	struct client *inbound = client_open(fixture, ON_TCP, "127.0.0.12", -1);

	run_until(fixture, inbound, &fixture->net->peers[TCP_PEER].connection_count, 1);
	net_connection_alias(fixture->net, only(fixture, TCP_PEER)->number);
	assert_false(only(fixture, TCP_PEER)->alias);
	ask(fixture, TCP_PEER);
	assert_int_equal(fixture->ready_count, 0);
	struct client *outbound = client_accept(fixture, TCP_PEER, -1);

	run_until(fixture, outbound, &fixture->ready_count, 1);
	client_free(inbound);
	client_free(outbound);
}

/* The peer is called by another profile than that which it came by: other suites, other
 * certificate of ours. */
static void a_connection_of_another_tls_profile_is_not_taken(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_open(fixture, ON_TLS, "127.0.0.99", CLIENT);

	run_until(fixture, client, &fixture->net->peers[TLS_PEER].connection_count, 1);
	fixture->net->peers[TLS_PEER].listener = &fixture->net->listeners[ON_TLS_OTHER];
	ask(fixture, TLS_PEER);
	assert_int_equal(fixture->ready_count, 0);
	client_free(client);
}

/* ---- large requests to a UDP peer ---- */

static int large(struct fixture *fixture)
{
	return net_flow_large(fixture->net, &fixture->peers[UDP_PEER], flow_ready, fixture);
}

/* Where the UDP peer would listen on TCP. */
static void listens(struct fixture *fixture, int peer)
{
	fixture->net->peers[UDP_PEER].large->address = fixture->net->peers[peer].address;
}

static void a_large_request_to_a_udp_peer_goes_by_tcp(void **state)
{
	struct fixture *fixture = *state;

	listens(fixture, TCP_PEER);
	assert_int_equal(large(fixture), 0);
	assert_int_equal(fixture->ready_count, 0);
	struct client *client = client_accept(fixture, TCP_PEER, -1);

	run_until(fixture, client, &fixture->ready_count, 1);
	assert_int_equal(fixture->ready_status, 0);
	assert_int_equal(fixture->ready_flow.transport, SIP_TCP);
	assert_ptr_equal(net_connection_peer(fixture->net, fixture->ready_flow.connection),
			 &fixture->peers[UDP_PEER]);
	assert_int_equal(net_send(fixture->net, &fixture->ready_flow, "REQUEST", 7), 0);
	run_until_heard(fixture, client, "REQUEST");
	/* the answer is the UDP peer's */
	client_say(client, OPTIONS);
	run_until(fixture, client, &fixture->message_count, 1);
	assert_ptr_equal(fixture->message[0].peer, &fixture->peers[UDP_PEER]);
	assert_int_equal(large(fixture), 0); /* on the same */
	assert_int_equal(fixture->ready_count, 2);
	assert_int_equal(fixture->net->counters.large, 2);
	/* what is small still goes by datagram */
	ask(fixture, UDP_PEER);
	assert_int_equal(fixture->ready_flow.transport, SIP_UDP);
	client_free(client);
}

static void tcp_that_is_refused_is_told_and_not_tried_again_at_once(void **state)
{
	struct fixture *fixture = *state;

	listens(fixture, TCP_PEER);
	close(fixture->server[TCP_PEER]);
	fixture->server[TCP_PEER] = -1;
	assert_int_equal(large(fixture), 0);
	run_until(fixture, NULL, &fixture->ready_count, 1);
	assert_true(fixture->ready_status < 0);
	assert_int_equal(large(fixture), 0);
	assert_int_equal(fixture->ready_count, 2);
	assert_int_equal(fixture->net->counters.large_refused, 2);
}

static void a_large_request_stays_where_tcp_may_not_be(void **state)
{
	struct fixture *fixture = *state;
	struct net_peer *peer = &fixture->net->peers[UDP_PEER];

	assert_int_equal(
	    net_flow_large(fixture->net, &fixture->peers[TCP_PEER], flow_ready, fixture),
	    -EOPNOTSUPP);
	peer->large = NULL;
	fixture->net->large_count = 0;
	free(fixture->net->large);
	fixture->peers[UDP_PEER].large_requests = LARGE_REQUESTS_UDP;
	assert_int_equal(net_large_open(fixture->net), 0);
	assert_int_equal(large(fixture), -EOPNOTSUPP);
	assert_int_equal(fixture->ready_count, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_certificate_and_the_alias_decide_on_reuse),
	    TEST(a_connection_that_was_offered_is_taken_first),
	    TEST(the_connection_of_one_phone_is_not_taken_for_another),
	    TEST(an_alias_over_tcp_is_not_heeded),
	    TEST(a_connection_of_another_tls_profile_is_not_taken),
	    TEST(a_large_request_to_a_udp_peer_goes_by_tcp),
	    TEST(tcp_that_is_refused_is_told_and_not_tried_again_at_once),
	    TEST(a_large_request_stays_where_tcp_may_not_be),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
