/* SPDX-License-Identifier: GPL-2.0-or-later */
/* More messages than one source may send, and more than the loop has read. */
#include "fixture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../clock.h"
#include "../patience.h"
#include "policy/syntax.h"

static const struct sockaddr *host(const char *text)
{
	static struct sockaddr_storage address;

	assert_int_equal(net_address_parse(&address, text, 4321), 0);
	return (const struct sockaddr *)&address;
}

static void each_source_has_its_own_rate_of_messages(void **state)
{
	struct rates *rates = rates_new();
	unsigned admitted = 0;

	(void)state;
	assert_non_null(rates);
	for (unsigned i = 0; i < 100; i++)
		admitted += rates_admit(rates, host("192.0.2.1"), 10, 5000);
	assert_int_equal(admitted, 20);
	assert_false(rates_admit(rates, host("192.0.2.1"), 10, 5050));
	assert_true(rates_admit(rates, host("192.0.2.1"), 10, 5100));
	assert_true(rates_admit(rates, host("192.0.2.2"), 10, 5100));
	assert_true(rates_admit(rates, host("2001:db8::1"), 1, 5100));
	assert_true(rates_admit(rates, host("2001:db8::2"), 1, 5100)); /* one site */
	assert_false(rates_admit(rates, host("2001:db8::3"), 1, 5100));
	rates_free(rates);
}

static void who_floods_is_not_forgotten_for_others(void **state)
{
	struct rates *rates = rates_new();
	unsigned admitted = 0;
	uint64_t now_ms = 5000;

	(void)state;
	assert_non_null(rates);
	for (uint32_t i = 0; i < 100000; i++) {
		struct sockaddr_in other = {.sin_family = AF_INET, .sin_addr = {htonl(i)}};

		now_ms += i % 100 == 0;
		(void)rates_admit(rates, (const struct sockaddr *)&other, 1, now_ms);
		admitted += rates_admit(rates, host("192.0.2.1"), 1, now_ms);
	}
	assert_in_range(admitted, 2, 4); /* of one second: what it may, and no new bucket */
	rates_free(rates);
}

/* From now on that peer is anybody of 127.0.0.0/24. */
static void make_network(struct fixture *fixture, struct config_peer *peer)
{
	static char network[] = "127.0.0.0/24";

	peer->network = network;
	assert_int_not_equal(network_parse(network, &peer->network_address, &peer->network_bits),
			     0);
	fixture->net->by_address_count = 0;
	free(fixture->net->peers_by_network);
	fixture->net->by_network_count = 0;
	assert_int_equal(net_network_index(fixture->net), 0);
}

static void limit_messages(struct fixture *fixture, unsigned per_s)
{
	struct net_limits limits = fixture->net->limits;

	limits.messages = per_s;
	net_limits_set(fixture->net, &limits);
}

static void a_phone_that_floods_takes_nothing_from_others_and_a_known_address_may(void **state)
{
	struct fixture *fixture = *state;
	struct client *known = client_open(fixture, ON_UDP, "127.0.0.11", -1);
	struct client *phone = client_open(fixture, ON_UDP, "127.0.0.77", -1);
	struct net_counters *counters = &fixture->net->counters;

	limit_messages(fixture, 5);
	for (unsigned i = 0; i < 30; i++)
		client_say(known, OPTIONS);
	run_until(fixture, known, &fixture->message_count, 30);
	make_network(fixture, &fixture->peers[UDP_PEER]);
	for (unsigned i = 0; i < 30; i++)
		client_say(phone, OPTIONS);
	run_until_counted(fixture, phone, &counters->rate, 20);
	assert_int_equal(fixture->message_count, 40);
	assert_int_equal(log_last, LOG_MESSAGE_REFUSED);
	client_say(known, OPTIONS); /* another phone */
	run_until(fixture, known, &fixture->message_count, 41);
	assert_int_equal(counters->rate, 20);
	client_free(known);
	client_free(phone);
}

static void count_one(void *user, const struct net_ban *ban)
{
	(void)ban;
	++*(unsigned *)user;
}

static void a_connection_that_floods_is_closed_and_its_source_banned_in_the_end(void **state)
{
	static char users[] = "/users";
	struct fixture *fixture = *state;
	struct net_counters *counters = &fixture->net->counters;
	unsigned times = 0, bans = 0;

	limit_messages(fixture, 1);
	fixture->peers[TCP_PEER].auth_users_file = users;
	make_network(fixture, &fixture->peers[TCP_PEER]);
	/* five weigh enough at once, six within seconds: weights fade (net/ban.h) */
	while (bans == 0 && times < 6) {
		struct client *phone = client_open(fixture, ON_TCP, "127.0.0.78", -1);

		for (unsigned n = 0; n < 5; n++)
			client_say(phone, OPTIONS);
		run_until_closed(fixture, phone);
		client_free(phone);
		assert_int_equal(counters->rate, ++times);
		net_ban_each(fixture->net, count_one, &bans);
	}
	assert_int_equal(net_ban_lift(fixture->net, "127.0.0.78"), 0);
	assert_in_range(times, 5, 6);
	fixture->peers[TCP_PEER].auth_users_file = NULL;
}

/* A busy kernel may leave what was sent to ksoftirqd: the loop stands still until it is there. */
#define AWAIT(condition)                                           \
	do {                                                       \
		uint64_t end = clock_outside_ms() + patience_ms(); \
		while (!(condition)) {                             \
			assert_true(clock_outside_ms() < end);     \
			usleep(200);                               \
		}                                                  \
	} while (0)

static void find_udp(void *user, const struct net_socket_status *status)
{
	*(struct net_socket_status *)user = *status;
}

static struct net_socket_status udp_status(const struct fixture *fixture)
{
	struct net_socket_status status = {0};

	net_socket_each(fixture->net, find_udp, &status);
	assert_non_null(status.name);
	return status;
}

struct waits {
	const struct config_peer *peer;
	uint64_t ms;
};

static void hear_wait(void *user, const struct config_peer *peer, uint64_t wait_ms)
{
	struct waits *waits = user;

	if (peer == waits->peer && wait_ms > waits->ms)
		waits->ms = wait_ms;
}

/* Of a peer's connections; peer NULL: of datagrams. */
static uint64_t backlog_ms(const struct fixture *fixture, const struct config_peer *peer)
{
	struct waits waits = {.peer = peer};

	net_backlog_each(fixture->net, hear_wait, &waits);
	return waits.ms;
}

static void a_socket_that_is_never_seen_empty_is_behind(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_open(fixture, ON_UDP, "127.0.0.11", -1);
	uint64_t bytes;

	client_say(client, OPTIONS);
	AWAIT((bytes = udp_status(fixture).waiting_bytes) > 0);
	for (unsigned i = 1; i < 200; i++)
		client_say(client, OPTIONS);
	AWAIT(udp_status(fixture).waiting_bytes == 200 * bytes);
	assert_int_equal(backlog_ms(fixture, NULL), 0);
	uv_run(&fixture->loop, UV_RUN_NOWAIT);
	assert_in_range(fixture->message_count, 1, 199);
	clock_pass_ms(30);
	uv_run(&fixture->loop, UV_RUN_NOWAIT);
	assert_in_range(fixture->message_count, 2, 199);
	assert_int_equal(backlog_ms(fixture, NULL), 30);
	for (unsigned i = 0; fixture->message_count < 150 && i < 100; i++)
		uv_run(&fixture->loop, UV_RUN_NOWAIT);
	assert_in_range(fixture->message_count, 150, 199);
	/* a quarter is left, and waits for a third of the time that the rest took */
	assert_in_range(backlog_ms(fixture, NULL), 1, 15);
	run_until(fixture, client, &fixture->message_count, 200);
	run_for(fixture, client, 5);
	assert_int_equal(backlog_ms(fixture, NULL), 0);
	client_free(client);
}

static unsigned heard_of(const struct fixture *fixture, const char *call_id)
{
	unsigned n = 0;

	for (unsigned i = 0; i < fixture->message_count && i < MESSAGES_MAX; i++)
		n += strstr(fixture->message[i].text, call_id) != NULL;
	return n;
}

/* What the kernel has for us on the connections of that peer. */
static unsigned waiting_bytes(const struct fixture *fixture, int peer)
{
	const struct net_connection *connection;
	unsigned sum = 0;

	TAILQ_FOREACH (connection, &fixture->net->peers[peer].connections, of_peer) {
		int bytes = 0, fd;

		assert_int_equal(uv_fileno((const uv_handle_t *)&connection->tcp, &fd), 0);
		assert_int_equal(ioctl(fd, FIONREAD, &bytes), 0);
		sum += (unsigned)bytes;
	}
	return sum;
}

/* A read of the first takes what its buffer holds, which is no fifth of what it sent. */
static void a_connection_that_floods_is_read_once_a_turn(void **state)
{
	static const char beside[] =
	    "OPTIONS sip:b SIP/2.0\r\nCall-ID: other\r\nContent-Length: 0\r\n\r\n";
	struct fixture *fixture = *state;
	struct client *flood = client_open(fixture, ON_TCP, "127.0.0.12", -1);
	struct client *other = client_open(fixture, ON_TCP, "127.0.0.12", -1);

	run_until(fixture, other, &fixture->net->peers[TCP_PEER].connection_count, 2);
	for (unsigned i = 0; i < 300; i++)
		client_say(flood, OPTIONS);
	client_say(other, beside);
	AWAIT(waiting_bytes(fixture, TCP_PEER) == 300 * strlen(OPTIONS) + strlen(beside));
	for (unsigned i = 0; i < 3 && !heard_of(fixture, "other"); i++)
		uv_run(&fixture->loop, UV_RUN_NOWAIT);
	assert_int_equal(heard_of(fixture, "other"), 1);
	assert_true(fixture->message_count < 200);
	run_until(fixture, flood, &fixture->message_count, 301);
	client_free(flood);
	client_free(other);
}

static void what_a_peer_sends_too_fast_waits_as_its_own(void **state)
{
	struct fixture *fixture = *state;
	struct client *flood = client_open(fixture, ON_TCP, "127.0.0.12", -1);
	uint64_t number;

	run_until(fixture, flood, &fixture->net->peers[TCP_PEER].connection_count, 1);
	for (unsigned i = 0; i < 1500; i++)
		client_say(flood, OPTIONS);
	AWAIT(waiting_bytes(fixture, TCP_PEER) > 65536); /* four times as much as a turn reads */
	uv_run(&fixture->loop, UV_RUN_NOWAIT);
	assert_in_range(fixture->message_count, 1, 700);
	clock_pass_ms(30);
	uv_run(&fixture->loop, UV_RUN_NOWAIT);
	assert_in_range(fixture->message_count, 2, 1400);
	assert_in_range(backlog_ms(fixture, &fixture->peers[TCP_PEER]), 1, 30);
	assert_int_equal(backlog_ms(fixture, &fixture->peers[UDP_PEER]), 0);
	assert_int_equal(backlog_ms(fixture, NULL), 0);
	number = TAILQ_FIRST(&fixture->net->peers[TCP_PEER].connections)->number;
	assert_true(net_connection_behind(fixture->net, number));
	run_until(fixture, flood, &fixture->message_count, 1500);
	run_for(fixture, flood, 5);
	assert_false(net_connection_behind(fixture->net, number));
	assert_false(net_connection_behind(fixture->net, number + 1));
	client_free(flood);
}

static void datagrams_without_room_are_counted(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_open(fixture, ON_UDP, "127.0.0.11", -1);
	struct net_listener *listener = &fixture->net->listeners[ON_UDP];
	int fd, least = 1;
	uint64_t lost = 0;

	assert_int_equal(uv_fileno(&listener->uv.handle, &fd), 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &least, sizeof(least)), 0);
	assert_int_equal(net_datagrams_lost(fixture->net), 0);
	for (unsigned i = 0; i < 100; i++)
		client_say(client, OPTIONS);
	AWAIT((lost = net_datagrams_lost(fixture->net)) > 0);
	assert_int_equal(fixture->net->counters.udp_lost, lost);
	for (unsigned turn = 0; fixture->message_count + lost < 100 && turn < 10000; turn++) {
		run_for(fixture, client, 1);
		lost += net_datagrams_lost(fixture->net);
	}
	assert_int_equal(fixture->message_count + lost, 100);
	assert_int_equal(fixture->net->counters.udp_lost, lost);
	client_free(client);
}

static void what_the_kernel_granted_is_told(void **state)
{
	struct fixture *fixture = *state;
	struct net_socket_status status;

	fixture->config.udp_receive_kib = 1048576; /* a GiB: more than it gives */
	log_last = LOG_NOTE;
	net_receive_buffer(&fixture->net->listeners[ON_UDP]);
	status = udp_status(fixture);
	assert_true(status.receive_bytes > 0);
	if (status.receive_bytes < 1ULL << 30) {
		assert_int_equal(log_last, LOG_CONFIG_WARNING);
		assert_non_null(strstr(log_text, "net.core.rmem_max=1073741824"));
	}
	log_last = LOG_NOTE;
	fixture->config.udp_receive_kib = 64;
	net_receive_buffer(&fixture->net->listeners[ON_UDP]);
	assert_int_equal(udp_status(fixture).receive_bytes, 65536);
	assert_int_equal(log_last, LOG_NOTE);
}

#define FLOOD_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_source_has_its_own_rate_of_messages),
	    cmocka_unit_test(who_floods_is_not_forgotten_for_others),
	    FLOOD_TEST(a_phone_that_floods_takes_nothing_from_others_and_a_known_address_may),
	    FLOOD_TEST(a_connection_that_floods_is_closed_and_its_source_banned_in_the_end),
	    FLOOD_TEST(a_socket_that_is_never_seen_empty_is_behind),
	    FLOOD_TEST(a_connection_that_floods_is_read_once_a_turn),
	    FLOOD_TEST(what_a_peer_sends_too_fast_waits_as_its_own),
	    FLOOD_TEST(datagrams_without_room_are_counted),
	    FLOOD_TEST(what_the_kernel_granted_is_told),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
