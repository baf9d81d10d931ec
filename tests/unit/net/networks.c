/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Peers that are a network, and what becomes of those in it who show wrong credentials. */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/syntax.h"

static struct config_peer phones[] = {
    {.network = "127.0.1.0/24", .transport = SIP_UDP},
    {.network = "127.0.0.0/8", .transport = SIP_UDP},
    {.network = "127.0.1.0/25", .transport = SIP_TCP},
    {.network = "127.0.1.7/32", .transport = SIP_UDP},
    {.network = "2001:db8::/32", .transport = SIP_UDP},
    {.network = "2001:db8:8000::/33", .transport = SIP_UDP},
};
#define PHONES (sizeof(phones) / sizeof(phones[0]))

static void the_longest_prefix_of_the_transport_is_the_peer(void **state)
{
	static const struct {
		const char *address;
		enum sip_transport transport;
		int peer; /* -1: nobody */
	} facts[] = {
	    {"127.0.1.200", SIP_UDP, 0},      {"127.0.1.0", SIP_UDP, 0},
	    {"127.0.1.7", SIP_UDP, 3},        {"127.0.2.1", SIP_UDP, 1},
	    {"128.0.0.1", SIP_UDP, -1},       {"127.0.1.7", SIP_TCP, 2},
	    {"127.0.1.200", SIP_TCP, -1},     {"2001:db8::1", SIP_UDP, 4},
	    {"2001:db8:8000::1", SIP_UDP, 5}, {"2001:db9::1", SIP_UDP, -1},
	    {"2001:db8::1", SIP_TCP, -1},     {"::", SIP_UDP, -1},
	    {"0.0.0.0", SIP_UDP, -1},
	};
	struct net_peer peers[PHONES] = {0};
	struct net net = {.peers = peers, .peer_count = PHONES};

	(void)state;
	for (unsigned i = 0; i < PHONES; i++) {
		peers[i].config = &phones[i];
		assert_int_not_equal(network_parse(phones[i].network, &phones[i].network_address,
						   &phones[i].network_bits),
				     0);
	}
	assert_int_equal(net_network_index(&net), 0);
	for (unsigned i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		struct sockaddr_storage address;
		struct net_peer *found;

		assert_int_equal(net_address_parse(&address, facts[i].address, 5060), 0);
		found = net_peer_by_network(&net, facts[i].transport, (struct sockaddr *)&address);
		if (found != (facts[i].peer < 0 ? NULL : &peers[facts[i].peer]))
			fail_msg("%s", facts[i].address);
	}
	free(net.peers_by_network);
}

static void prefixes_have_nothing_behind_them(void **state)
{
	static const struct {
		const char *text;
		bool right;
	} facts[] = {
	    {"192.0.2.0/24", true},   {"192.0.2.128/25", true}, {"192.0.2.1/32", true},
	    {"10.0.0.0/8", true},     {"2001:db8::/32", true},  {"2001:db8::1/128", true},
	    {"192.0.2.1/24", false},  {"192.0.2.0/33", false},  {"192.0.2.0/0", false},
	    {"192.0.2.0/", false},    {"192.0.2.0", false},     {"/24", false},
	    {"192.0.2/24", false},    {"2001:db8::/16", false}, {"2001:db8::/129", false},
	    {"192.0.2.0/24x", false}, {"192.0.2.0/-1", false},  {"", false},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
		if ((syntax_network(facts[i].text) == NULL) != facts[i].right)
			fail_msg("%s", facts[i].text);
}

/* A datagram of a banned phone is not looked at; a peer without digest is never banned. */
static void wrong_credentials_ban_the_address_they_come_from(void **state)
{
	static char users[] = "/users";
	struct fixture *fixture = *state;
	struct config_peer *peer = &fixture->peers[UDP_PEER];
	struct net_peer *udp = &fixture->net->peers[UDP_PEER];
	struct client *client = client_open(fixture, ON_UDP, "127.0.0.11", -1);
	struct sip_flow flow;

	for (unsigned i = 0; i < 2; i++) {
		client_say(client, OPTIONS);
		run_until(fixture, client, &fixture->message_count, i + 1);
		flow = fixture->message[i].flow;
		for (unsigned n = 0; n < 20; n++)
			net_credentials_wrong(fixture->net, &flow);
	}
	assert_int_equal(fixture->net->counters.banned, 0); /* it is known by its address */
	/* now it is one of many in a network */
	peer->auth_users_file = users;
	assert_int_not_equal(
	    network_parse("127.0.0.0/24", &peer->network_address, &peer->network_bits), 0);
	fixture->net->by_address_count = 0;
	free(fixture->net->peers_by_network);
	fixture->net->by_network_count = 0;
	assert_int_equal(net_network_index(fixture->net), 0);
	client_say(client, OPTIONS);
	run_until(fixture, client, &fixture->message_count, 3);
	assert_ptr_equal(fixture->message[2].peer, udp->config);
	for (unsigned n = 0; n < 10; n++)
		net_credentials_wrong(fixture->net, &flow);
	client_say(client, OPTIONS);
	run_until_counted(fixture, client, &fixture->net->counters.banned, 1);
	assert_int_equal(fixture->message_count, 3);
	assert_int_equal(net_ban_lift(fixture->net, "127.0.0.11"), 0);
	client_say(client, OPTIONS);
	run_until(fixture, client, &fixture->message_count, 4);
	peer->auth_users_file = NULL;
	client_free(client);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_longest_prefix_of_the_transport_is_the_peer),
	    cmocka_unit_test(prefixes_have_nothing_behind_them),
	    cmocka_unit_test_setup_teardown(wrong_credentials_ban_the_address_they_come_from, setup,
					    teardown),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
