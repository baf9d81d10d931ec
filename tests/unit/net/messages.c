/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fixture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TURNS 10000U /* of the loop; what waits to be sent is gone long before */

static void a_message_of_each_transport_is_handed_on_with_its_peer(void **state)
{
	static const struct {
		int listener, party, peer;
		const char *source;
	} facts[] = {{ON_UDP, -1, UDP_PEER, "127.0.0.11"},
		     {ON_TCP, -1, TCP_PEER, "127.0.0.12"},
		     {ON_TLS, CLIENT, TLS_PEER, "127.0.0.99"}};
	struct fixture *fixture = *state;

	for (unsigned i = 0; i < 3; i++) {
		struct client *client =
		    client_open(fixture, facts[i].listener, facts[i].source, facts[i].party);

		if (facts[i].party >= 0)
			run_until_up(fixture, client);
		client_say(client, OPTIONS);
		run_until(fixture, client, &fixture->message_count, i + 1);
		assert_ptr_equal(fixture->message[i].peer, &fixture->peers[facts[i].peer]);
		assert_string_equal(fixture->message[i].text, OPTIONS);
		const struct sip_flow *flow = &fixture->message[i].flow;

		assert_int_equal(flow->listener, facts[i].listener);
		assert_int_equal(flow->connection == 0, facts[i].listener == ON_UDP);
		assert_int_equal(net_flow_encrypted(fixture->net, flow), facts[i].party >= 0);
		assert_int_equal(net_send(fixture->net, flow, "ANSWER", 6), 0);
		run_until_heard(fixture, client, "ANSWER");
		client_free(client);
	}
	assert_int_equal(fixture->net->counters.messages, 3);
	assert_int_equal(fixture->net->counters.sent, 3);
}

/* A stream of three messages, one with a body, and keep-alives, cut at every size. */
static void a_stream_is_cut_into_messages_however_it_arrives(void **state)
{
	static const char stream[] = OPTIONS "\r\n" OPTIONS "\r\n\r\n"
					     "INVITE sip:a SIP/2.0\r\nl: 4\r\n\r\nbody";
	struct fixture *fixture = *state;

	for (size_t size = 1; size < sizeof(stream); size += size < 8 ? 1 : 37) {
		struct client *client = client_open(fixture, ON_TCP, "127.0.0.12", -1);

		fixture->message_count = 0;
		memset(&fixture->net->peers[TCP_PEER].source, 0, sizeof(struct net_source));
		run_until(fixture, client, &fixture->net->peers[TCP_PEER].connection_count, 1);
		for (size_t at = 0; at < sizeof(stream) - 1; at += size) {
			size_t left = sizeof(stream) - 1 - at;

			client_send(client, stream + at, left < size ? left : size);
			if (size < 100)
				uv_run(&fixture->loop, UV_RUN_NOWAIT);
		}
		run_until(fixture, client, &fixture->message_count, 3);
		assert_string_equal(fixture->message[1].text, OPTIONS);
		assert_non_null(strstr(fixture->message[2].text, "\r\n\r\nbody"));
		client_free(client);
		run_until(fixture, NULL, &fixture->lost_count, 1);
		fixture->lost_count = 0;
		assert_int_equal(fixture->net->peers[TCP_PEER].connection_count, 0);
	}
}

static void a_ping_is_answered(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_open(fixture, ON_TLS, "127.0.0.13", CLIENT);

	run_until_up(fixture, client);
	client_say(client, "\r\n\r\n");
	run_until_heard(fixture, client, "\r\n");
	assert_int_equal(client->in_length, 2);
	client_free(client);
}

static void a_stream_that_is_not_sip_is_closed(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_open(fixture, ON_TCP, "127.0.0.12", -1);

	client_say(client, "GET / HTTP/1.0\r\n\r\n"); /* no Content-Length */
	run_until_closed(fixture, client);
	assert_int_equal(fixture->net->counters.framing, 1);
	assert_int_equal(fixture->message_count, 0);
	assert_int_equal(log_last == LOG_MESSAGE_REFUSED || log_last == LOG_PEER_DOWN, 1);
	client_free(client);
	run_until(fixture, NULL, &fixture->lost_count, 1);
}

static void a_message_above_the_limit_closes_the_stream(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_open(fixture, ON_TLS, "127.0.0.13", CLIENT);
	char *big = malloc(70000);

	assert_non_null(big);
	run_until_up(fixture, client);
	memset(big, 'a', 70000);
	memcpy(big, "OPTIONS sip:a SIP/2.0\r\nX: ", 26);
	for (int i = 0; i < 7 && !client->closed; i++) {
		client_send(client, big + 10000 * i, 10000);
		run_for(fixture, client, 3);
	}
	run_until_closed(fixture, client);
	assert_int_equal(fixture->net->counters.framing, 1);
	free(big);
	client_free(client);
}

static void a_message_that_takes_too_long_closes_the_stream(void **state)
{
	struct fixture *fixture = *state;
	struct net_limits limits = net_limits_default;

	limits.partial_ms = 60;
	net_limits_set(fixture->net, &limits);
	struct client *client = client_open(fixture, ON_TCP, "127.0.0.12", -1);

	run_until(fixture, client, &fixture->net->peers[TCP_PEER].connection_count, 1);
	/* byte after byte does not wind the clock up */
	for (int i = 0; i < 40 && !client->closed; i++) {
		client_say(client, i ? "a" : "O");
		run_for(fixture, client, 10);
	}
	assert_true(client->closed);
	assert_int_equal(fixture->net->counters.timeout, 1);
	client_free(client);
}

static void an_idle_stream_is_closed_and_a_busy_one_is_not(void **state)
{
	struct fixture *fixture = *state;
	struct net_limits limits = net_limits_default;

	limits.idle_ms = 80;
	net_limits_set(fixture->net, &limits);
	struct client *client = client_open(fixture, ON_TCP, "127.0.0.12", -1);

	for (unsigned i = 0; i < 10; i++) {
		client_say(client, OPTIONS);
		run_until(fixture, client, &fixture->message_count, i + 1);
		run_for(fixture, client, 20);
	}
	assert_false(client->closed);
	run_until_closed(fixture, client);
	assert_int_equal(fixture->net->counters.timeout, 0);
	assert_int_equal(fixture->message_count, 10);
	client_free(client);
}

static void a_connection_that_is_gone_takes_no_message(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_open(fixture, ON_TCP, "127.0.0.12", -1);

	client_say(client, OPTIONS);
	run_until(fixture, client, &fixture->message_count, 1);
	struct sip_flow flow = fixture->message[0].flow;

	assert_ptr_equal(net_connection_peer(fixture->net, flow.connection),
			 &fixture->peers[TCP_PEER]);
	client_free(client);
	run_until(fixture, NULL, &fixture->lost_count, 1);
	assert_int_equal(fixture->lost, flow.connection);
	assert_int_equal(net_send(fixture->net, &flow, "x", 1), -ENOTCONN);
	assert_null(net_connection_peer(fixture->net, flow.connection));
	assert_false(net_flow_encrypted(fixture->net, &flow));
	/* its number is not given to the next one */
	client = client_open(fixture, ON_TCP, "127.0.0.12", -1);
	client_say(client, OPTIONS);
	run_until(fixture, client, &fixture->message_count, 2);
	assert_true(fixture->message[1].flow.connection > flow.connection);
	assert_int_equal(net_send(fixture->net, &flow, "x", 1), -ENOTCONN);
	client_free(client);
}

static void send_much(struct fixture *fixture, int listener, const char *source, int party)
{
	struct client *client = client_open(fixture, listener, source, party);
	char *big = malloc(60000);
	int result = 0, sent = 0;

	assert_non_null(big);
	memset(big, 'x', 60000);
	if (party >= 0)
		run_until_up(fixture, client);
	client_say(client, OPTIONS);
	run_until(fixture, client, &fixture->message_count, 1);
	while (sent < 1000 &&
	       (result = net_send(fixture->net, &fixture->message[0].flow, big, 60000)) == 0)
		sent++;
	assert_int_equal(result, -ENOBUFS);
	assert_true(sent >= 16); /* a MiB, and what the kernel takes */
	/* nothing was torn: it drains and goes on */
	run_for(fixture, NULL, 5);
	for (unsigned turn = 0; turn < TURNS; turn++) {
		result = net_send(fixture->net, &fixture->message[0].flow, "AGAIN", 5);
		if (result != -ENOBUFS)
			break;
		run_for(fixture, client, 1);
	}
	assert_int_equal(result, 0);
	run_until_heard(fixture, client, "AGAIN");
	free(big);
	client_free(client);
}

static void what_waits_to_be_sent_is_bounded(void **state)
{
	send_much(*state, ON_TCP, "127.0.0.12", -1);
}

static void what_waits_to_be_sent_over_tls_is_bounded(void **state)
{
	send_much(*state, ON_TLS, "127.0.0.13", CLIENT);
}

static void datagrams_are_sent_up_to_what_one_holds(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_open(fixture, ON_UDP, "127.0.0.11", -1);
	char *big = malloc(65536);

	assert_non_null(big);
	memset(big, 'x', 65536);
	memcpy(big + 59997, "END", 3);
	client_say(client, "\r\n\r\n"); /* keep-alive */
	client_say(client, "\r\n" OPTIONS);
	run_until(fixture, client, &fixture->message_count, 1);
	assert_string_equal(fixture->message[0].text, OPTIONS);
	assert_int_equal(net_send(fixture->net, &fixture->message[0].flow, big, 65508), -EMSGSIZE);
	assert_int_equal(net_send(fixture->net, &fixture->message[0].flow, big, 60000), 0);
	run_until_heard(fixture, client, "END");
	assert_int_equal(client->in_length, 60000);
	fixture->message[0].flow.listener = ON_TCP;
	assert_int_equal(net_send(fixture->net, &fixture->message[0].flow, big, 1), -ENOTCONN);
	fixture->message[0].flow.listener = 99;
	assert_int_equal(net_send(fixture->net, &fixture->message[0].flow, big, 1), -ENOTCONN);
	free(big);
	client_free(client);
}

static void close_net(struct fixture *fixture, const struct sip_flow *flow)
{
	struct net *net = fixture->net;

	fixture->net = NULL;
	net_close(net);
	assert_int_equal(net_send(net, flow, "x", 1), -ENOTCONN);
}

static void all_may_be_closed_from_within_a_message(void **state)
{
	static const struct {
		int listener, party;
		const char *source;
	} facts[] = {
	    {ON_UDP, -1, "127.0.0.11"}, {ON_TCP, -1, "127.0.0.12"}, {ON_TLS, CLIENT, "127.0.0.13"}};

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		void *own;

		assert_int_equal(setup(&own), 0);
		struct fixture *fixture = own;
		struct client *client =
		    client_open(fixture, facts[i].listener, facts[i].source, facts[i].party);

		fixture->on_message = close_net;
		if (facts[i].party >= 0)
			run_until_up(fixture, client);
		client_say(client, OPTIONS OPTIONS);
		run_until(fixture, client, &fixture->message_count, 1);
		run_for(fixture, client, 10);
		assert_int_equal(fixture->message_count, 1);
		assert_int_equal(fixture->lost_count, 0);
		client_free(client);
		assert_int_equal(teardown(&own), 0);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(a_message_of_each_transport_is_handed_on_with_its_peer),
	    TEST(a_stream_is_cut_into_messages_however_it_arrives),
	    TEST(a_ping_is_answered),
	    TEST(a_stream_that_is_not_sip_is_closed),
	    TEST(a_message_above_the_limit_closes_the_stream),
	    TEST(a_message_that_takes_too_long_closes_the_stream),
	    TEST(an_idle_stream_is_closed_and_a_busy_one_is_not),
	    TEST(a_connection_that_is_gone_takes_no_message),
	    TEST(what_waits_to_be_sent_is_bounded),
	    TEST(what_waits_to_be_sent_over_tls_is_bounded),
	    TEST(datagrams_are_sent_up_to_what_one_holds),
	    cmocka_unit_test(all_may_be_closed_from_within_a_message),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
