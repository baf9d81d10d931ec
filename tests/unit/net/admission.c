/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may talk to us at all, and how much of us one may take. */
#include "fixture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void an_unknown_source_is_not_read(void **state)
{
	struct fixture *fixture = *state;
	struct client *datagram = client_open(fixture, ON_UDP, "127.0.0.99", -1);
	struct client *stream = client_open(fixture, ON_TCP, "127.0.0.99", -1);

	client_say(datagram, OPTIONS);
	run_until_closed(fixture, stream);
	run_until_counted(fixture, datagram, &fixture->net->counters.unknown_source, 2);
	assert_int_equal(fixture->message_count, 0);
	assert_int_equal(fixture->lost_count, 0);
	assert_int_equal(log_last, LOG_PEER_UNKNOWN);
	assert_non_null(strstr(log_text, "127.0.0.99:"));
	client_free(datagram);
	client_free(stream);
}

/* A peer's address counts for its own transport only. */
static void a_peer_of_another_transport_is_unknown(void **state)
{
	static const struct {
		int listener;
		const char *source;
	} facts[] = {{ON_UDP, "127.0.0.12"},
		     {ON_UDP, "127.0.0.13"},
		     {ON_TCP, "127.0.0.11"},
		     {ON_TCP, "127.0.0.13"}};
	struct fixture *fixture = *state;

	for (unsigned i = 0; i < 4; i++) {
		struct client *client =
		    client_open(fixture, facts[i].listener, facts[i].source, -1);

		if (facts[i].listener == ON_UDP)
			client_say(client, OPTIONS);
		run_until_counted(fixture, client, &fixture->net->counters.unknown_source, i + 1);
		client_free(client);
	}
	assert_int_equal(fixture->message_count, 0);
}

static void a_handshake_that_takes_too_long_is_ended(void **state)
{
	struct fixture *fixture = *state;
	struct net_limits limits = net_limits_default;

	limits.handshake_ms = 60;
	net_limits_set(fixture->net, &limits);
	struct client *silent = client_open(fixture, ON_TLS, "127.0.0.99", -1);
	struct client *slow = client_open(fixture, ON_TLS, "127.0.0.98", -1);
	static const char hello[] = "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03";

	for (size_t i = 0; i < sizeof(hello) && !slow->closed; i++) {
		client_send(slow, hello + i, 1);
		run_for(fixture, slow, 10);
	}
	run_until_closed(fixture, slow);
	run_until_closed(fixture, silent);
	assert_int_equal(fixture->net->counters.timeout, 2);
	assert_int_equal(fixture->net->strangers, 0);
	assert_int_equal(fixture->lost_count, 0);
	client_free(silent);
	client_free(slow);
}

static void garbage_instead_of_tls_is_ended(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_open(fixture, ON_TLS, "127.0.0.99", -1);

	client_say(client, OPTIONS);
	run_until_closed(fixture, client);
	assert_int_equal(fixture->net->counters.tls_failed, 1);
	assert_int_equal(log_last, LOG_TLS_REFUSED);
	client_free(client);
}

static void one_source_has_a_limit_of_connections(void **state)
{
	struct fixture *fixture = *state;
	struct net_limits limits = net_limits_default;
	struct client *client[5];

	limits.per_source = 3;
	net_limits_set(fixture->net, &limits);
	for (unsigned i = 0; i < 5; i++)
		client[i] = client_open(fixture, ON_TCP, "127.0.0.12", -1);
	run_until_counted(fixture, NULL, &fixture->net->counters.limit, 2);
	assert_int_equal(fixture->net->counters.accepted, 3);
	assert_int_equal(fixture->net->connection_count, 3);
	/* one that goes makes room for one */
	for (unsigned i = 0; i < 5; i++)
		client_free(client[i]);
	run_until(fixture, NULL, &fixture->lost_count, 3);
	client[0] = client_open(fixture, ON_TCP, "127.0.0.12", -1);
	client_say(client[0], OPTIONS);
	run_until(fixture, client[0], &fixture->message_count, 1);
	client_free(client[0]);
}

static void one_source_has_a_rate_of_connections(void **state)
{
	struct fixture *fixture = *state;
	struct net_limits limits = net_limits_default;

	limits.rate = 2;
	net_limits_set(fixture->net, &limits);
	for (unsigned i = 0; i < 8; i++) {
		struct client *client = client_open(fixture, ON_TLS, "127.0.0.99", -1);

		run_for(fixture, client, 5);
		client_free(client);
	}
	run_until_counted(fixture, NULL, &fixture->net->counters.limit, 4);
	assert_int_equal(fixture->net->counters.accepted, 4);
}

#define STRANGERS 4U

/* Strangers who fill all handshakes that they may have: half of them are refused. */
static void strangers_come(struct fixture *fixture, struct client *strangers[STRANGERS])
{
	struct net_limits limits = net_limits_default;
	char source[16];

	limits.strangers = STRANGERS / 2;
	net_limits_set(fixture->net, &limits);
	for (unsigned i = 0; i < STRANGERS; i++) {
		snprintf(source, sizeof(source), "127.0.1.%u", i + 1);
		strangers[i] = client_open(fixture, ON_TLS, source, -1);
	}
	run_until_counted(fixture, NULL, &fixture->net->counters.limit, STRANGERS / 2);
}

static void strangers_go(struct client *strangers[STRANGERS])
{
	for (unsigned i = 0; i < STRANGERS; i++)
		client_free(strangers[i]);
}

static void strangers_do_not_keep_peers_out(void **state)
{
	struct fixture *fixture = *state;
	struct client *strangers[STRANGERS];

	strangers_come(fixture, strangers);
	struct client *peer = client_open(fixture, ON_TLS, "127.0.0.13", CLIENT);

	run_until_up(fixture, peer);
	client_say(peer, OPTIONS);
	run_until(fixture, peer, &fixture->message_count, 1);
	strangers_go(strangers);
	client_free(peer);
	run_until(fixture, NULL, &fixture->lost_count, 1);
	run_until_none(fixture, NULL, &fixture->net->strangers);
	run_until_none(fixture, NULL, &fixture->net->connection_count);
}

/* client.example has no address in the configuration here, but it was there before. */
static void strangers_do_not_keep_out_who_has_shown_its_certificate_before(void **state)
{
	struct fixture *fixture = *state;
	struct client *peer = client_open(fixture, ON_TLS, "127.0.0.55", CLIENT);
	struct client *strangers[STRANGERS];

	run_until_up(fixture, peer);
	client_free(peer);
	run_until(fixture, NULL, &fixture->lost_count, 1);
	strangers_come(fixture, strangers);
	peer = client_open(fixture, ON_TLS, "127.0.0.55", CLIENT);
	run_until_up(fixture, peer);
	strangers_go(strangers);
	client_free(peer);
	run_until(fixture, NULL, &fixture->lost_count, 2);
	run_until_none(fixture, NULL, &fixture->net->strangers);
}

/* A stolen certificate, used from many addresses, must not take all connections there may be. */
static void a_peer_has_a_limit_of_connections_wherever_they_come_from(void **state)
{
	struct fixture *fixture = *state;
	struct net_limits limits = net_limits_default;
	struct client *clients[3], *other;
	char source[16];

	limits.per_peer = 2;
	net_limits_set(fixture->net, &limits);
	for (unsigned i = 0; i < 3; i++) {
		snprintf(source, sizeof(source), "127.0.3.%u", i + 1);
		clients[i] = client_open(fixture, ON_TLS, source, CLIENT);
		if (i < 2)
			run_until_up(fixture, clients[i]);
	}
	run_until_closed(fixture, clients[2]);
	assert_int_equal(fixture->net->counters.limit, 1);
	assert_int_equal(fixture->net->peers[TLS_PEER].connection_count, 2);
	other = client_open(fixture, ON_TLS, "127.0.3.4", WILDCARD);
	run_until_up(fixture, other);
	client_free(other);
	for (unsigned i = 0; i < 3; i++)
		client_free(clients[i]);
	run_for(fixture, NULL, 5);
}

static void all_connections_have_a_limit(void **state)
{
	struct fixture *fixture = *state;
	struct net_limits limits = net_limits_default;
	struct client *client[3];

	limits.connections = 2;
	net_limits_set(fixture->net, &limits);
	for (unsigned i = 0; i < 3; i++)
		client[i] = client_open(fixture, ON_TCP, "127.0.0.12", -1);
	run_until_counted(fixture, NULL, &fixture->net->counters.limit, 1);
	assert_int_equal(fixture->net->connection_count, 2);
	for (unsigned i = 0; i < 3; i++)
		client_free(client[i]);
}

static void a_configuration_that_cannot_listen_opens_nothing(void **state)
{
	struct fixture *fixture = *state;
	const struct net_ops ops = {NULL, NULL};
	struct config config = fixture->config;
	struct net *net;
	char error[512] = "";

	/* the first port is free, the second is taken */
	memcpy(&fixture->listeners[ON_TCP].socket_address, &fixture->net->listeners[ON_TCP].address,
	       sizeof(struct sockaddr_storage));
	assert_true(net_open(&net, &fixture->loop, &config, &ops, NULL, error, sizeof(error)) < 0);
	assert_null(net);
	assert_non_null(strstr(error, "listener l cannot be opened at tcp 127.0.0.1:"));
	assert_non_null(strstr(error, "in use"));
	/* a tls profile that is no good */
	config.listener_count = 1;
	config.listeners = &fixture->listeners[ON_TLS];
	fixture->tls[0].trust = fixture->tls[0].private_key;
	assert_true(net_open(&net, &fixture->loop, &config, &ops, NULL, error, sizeof(error)) < 0);
	assert_non_null(strstr(error, "tls main: trust"));
	/* a peer that has no address */
	config = fixture->config;
	config.listener_count = 1;
	config.peer_count = 1;
	fixture->peers[0].address = fixture->peers[TLS_PEER].fqdn;
	assert_true(net_open(&net, &fixture->loop, &config, &ops, NULL, error, sizeof(error)) < 0);
	assert_non_null(strstr(error, "is not an IP address"));
	uv_run(&fixture->loop, UV_RUN_NOWAIT);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(an_unknown_source_is_not_read),
	    TEST(a_peer_of_another_transport_is_unknown),
	    TEST(a_handshake_that_takes_too_long_is_ended),
	    TEST(garbage_instead_of_tls_is_ended),
	    TEST(one_source_has_a_limit_of_connections),
	    TEST(one_source_has_a_rate_of_connections),
	    TEST(strangers_do_not_keep_peers_out),
	    TEST(strangers_do_not_keep_out_who_has_shown_its_certificate_before),
	    TEST(a_peer_has_a_limit_of_connections_wherever_they_come_from),
	    TEST(all_connections_have_a_limit),
	    TEST(a_configuration_that_cannot_listen_opens_nothing),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
