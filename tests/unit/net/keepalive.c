/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CRLF keep-alives, and connections that are idle. */
#include "fixture.h"

#include <string.h>

static uint64_t up(struct fixture *fixture, struct client *client, int peer)
{
	run_until(fixture, client, &fixture->net->peers[peer].connection_count, 1);
	return TAILQ_FIRST(&fixture->net->peers[peer].connections)->number;
}

static void limit(struct fixture *fixture, unsigned idle_ms, unsigned pong_ms)
{
	struct net_limits limits = net_limits_default;

	limits.idle_ms = idle_ms;
	limits.pong_ms = pong_ms;
	net_limits_set(fixture->net, &limits);
	net_keepalive_tick(fixture->net, 5);
}

static void an_idle_connection_of_a_dialog_is_pinged(void **state)
{
	struct fixture *fixture = *state;
	const struct net_counters *counters = &fixture->net->counters;

	limit(fixture, 3600000, 3600000);
	for (int tls = 0; tls < 2; tls++) {
		int peer = tls ? TLS_PEER : TCP_PEER;
		uint64_t before = counters->keepalive;
		struct client *client =
		    client_open(fixture, tls ? ON_TLS : ON_TCP, "127.0.0.12", tls ? CLIENT : -1);
		uint64_t number = up(fixture, client, peer);

		fixture->peers[peer].keepalive_ms = 40;
		run_for(fixture, client, 100);
		assert_int_equal(counters->keepalive, before); /* no dialog, no ping */
		net_connection_hold(fixture->net, number);
		run_until_heard(fixture, client, "\r\n\r\n");
		run_for(fixture, client, 200); /* whoever ignores it is left alone */
		assert_false(client->closed);
		assert_true(counters->keepalive > before + 2);
		assert_true(counters->keepalive < before + 12);
		net_connection_unhold(fixture->net, number);
		before = counters->keepalive;
		run_for(fixture, client, 100);
		assert_int_equal(counters->keepalive, before);
		client_free(client);
		run_until(fixture, NULL, &fixture->lost_count, 1 + (unsigned)tls);
	}
}

static void a_connection_with_traffic_is_not_pinged(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_open(fixture, ON_TCP, "127.0.0.12", -1);

	limit(fixture, 3600000, 3600000);
	fixture->peers[TCP_PEER].keepalive_ms = 200;
	net_connection_hold(fixture->net, up(fixture, client, TCP_PEER));
	for (unsigned i = 0; i < 8; i++) {
		client_say(client, OPTIONS);
		run_until(fixture, client, &fixture->message_count, i + 1);
		run_for(fixture, client, 50);
	}
	assert_int_equal(fixture->net->counters.keepalive, 0);
	client_free(client);
}

static void who_stops_to_answer_is_dead(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_open(fixture, ON_TCP, "127.0.0.12", -1);

	limit(fixture, 3600000, 60);
	fixture->peers[TCP_PEER].keepalive_ms = 30;
	net_connection_hold(fixture->net, up(fixture, client, TCP_PEER));
	for (unsigned i = 0; i < 3; i++) {
		client->in_length = 0;
		client->in[0] = '\0';
		run_until_heard(fixture, client, "\r\n\r\n");
		client_say(client, "\r\n");
	}
	run_for(fixture, client, 5);
	assert_false(client->closed);
	run_until_closed(fixture, client);
	run_until(fixture, client, &fixture->lost_count, 1);
	assert_int_equal(fixture->net->counters.keepalive_lost, 1);
	assert_non_null(strstr(log_text, "no answer to keep-alive"));
	client_free(client);
}

/* Two CRLFs of a ping that the network cut are no answer: nothing is concluded from them. */
static void half_a_ping_is_no_answer(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_open(fixture, ON_TCP, "127.0.0.12", -1);

	limit(fixture, 3600000, 30);
	fixture->peers[TCP_PEER].keepalive_ms = 1000;
	net_connection_hold(fixture->net, up(fixture, client, TCP_PEER));
	client_say(client, "\r\n");
	run_for(fixture, client, 20);
	client_say(client, "\r\n");
	run_for(fixture, client, 20);
	fixture->peers[TCP_PEER].keepalive_ms = 40;
	run_for(fixture, client, 200);
	assert_false(client->closed);
	assert_int_equal(fixture->net->counters.keepalive_lost, 0);
	client_free(client);
}

static void an_idle_connection_ends_unless_a_dialog_needs_it(void **state)
{
	struct fixture *fixture = *state;

	limit(fixture, 60, 3600000);
	for (int held = 0; held < 2; held++) {
		struct client *client = client_open(fixture, ON_TCP, "127.0.0.12", -1);
		uint64_t number = up(fixture, client, TCP_PEER);

		if (held) {
			net_connection_hold(fixture->net, number);
			run_for(fixture, client, 200);
			assert_false(client->closed);
			net_connection_unhold(fixture->net, number);
		}
		run_until_closed(fixture, client);
		run_until(fixture, client, &fixture->lost_count, 1 + (unsigned)held);
		assert_non_null(strstr(log_text, "idle"));
		client_free(client);
	}
}

static void connections_that_are_gone_are_nothing_to_hold(void **state)
{
	struct fixture *fixture = *state;

	net_connection_hold(fixture->net, 0);
	net_connection_hold(fixture->net, 4711);
	net_connection_unhold(fixture->net, 0);
	net_connection_unhold(fixture->net, 4711);
	net_connection_alias(fixture->net, 4711);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(an_idle_connection_of_a_dialog_is_pinged),
	    TEST(a_connection_with_traffic_is_not_pinged),
	    TEST(who_stops_to_answer_is_dead),
	    TEST(half_a_ping_is_no_answer),
	    TEST(an_idle_connection_ends_unless_a_dialog_needs_it),
	    TEST(connections_that_are_gone_are_nothing_to_hold),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
