/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table itself: bounds, cost, callbacks that come back in, and the parts it is made of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sip/siphash.h"
#include "sip/timer_heap.h"
#include "sip/txn.h"
#include "world.h"

static void a_full_table_refuses_and_changes_nothing(void **state)
{
	struct world *w = world_new(2);
	struct sip_flow tls = world_tls();

	(void)state;
	assert_int_equal(world_start(w, &tls, "INVITE", "1"), 0);
	world_response(w, &tls, 180, "INVITE", "1");
	assert_int_equal(world_request(w, &tls, "INVITE", "2", 1), 0);
	assert_int_equal(world_request(w, &tls, "OPTIONS", "3", 1), -ENOSPC);
	assert_int_equal(world_start(w, &tls, "BYE", "4"), -ENOSPC);
	assert_int_equal(world_counters(w).full, 2);
	/* what is under way goes on */
	assert_int_equal(world_request(w, &tls, "INVITE", "2", 1), 0);
	assert_int_equal(world_request(w, &tls, "CANCEL", "2", 1), 0);
	assert_int_equal(world_request(w, &tls, "ACK", "9", 1), 0);
	assert_int_equal(sip_client_cancel(w->client, NULL, 0), 0);
	assert_int_equal(world_counters(w).clients + world_counters(w).servers, 3);
	world_diary_is(w, "0 > INVITE\n0 response 180\n0 request INVITE\n0 > 200 CANCEL\n"
			  "0 cancel\n0 loose ACK\n0 > CANCEL\n");
	world_until(w, 32000);
	assert_int_equal(world_request(w, &tls, "OPTIONS", "3", 1), 0);
	world_free(w);
}

static void a_table_that_grows_keeps_what_is_under_way(void **state)
{
	struct world *w = world_new(4);
	struct sip_flow udp = world_udp();
	struct sip_server *invite;
	char branch[8];

	(void)state;
	assert_int_equal(world_request(w, &udp, "INVITE", "1", 1), 0);
	invite = w->server;
	assert_int_equal(world_start(w, &udp, "OPTIONS", "2"), 0);
	assert_int_equal(world_request(w, &udp, "OPTIONS", "3", 3), 0);
	assert_int_equal(world_request(w, &udp, "OPTIONS", "4", 4), 0);
	assert_int_equal(world_request(w, &udp, "OPTIONS", "5", 5), -ENOSPC);
	assert_int_equal(sip_transactions_grow(w->table, SIZE_MAX), -EINVAL);
	assert_int_equal(sip_transactions_grow(w->table, 2), 0); /* it never shrinks */
	assert_int_equal(world_request(w, &udp, "OPTIONS", "5", 5), -ENOSPC);
	assert_int_equal(sip_transactions_grow(w->table, 1000), 0);
	w->silent = true;
	for (unsigned i = 5; i < 1001; i++) {
		snprintf(branch, sizeof(branch), "%u", i);
		assert_int_equal(world_request(w, &udp, "OPTIONS", branch, i), 0);
	}
	assert_int_equal(world_request(w, &udp, "OPTIONS", "1001", 1001), -ENOSPC);
	w->silent = false;
	w->length = 0;
	/* retransmissions, timers and answers find what was there before */
	assert_int_equal(world_request(w, &udp, "INVITE", "1", 1), 0);
	assert_int_equal(world_respond_to(w, invite, 486), 0);
	assert_int_equal(world_response(w, &udp, 200, "OPTIONS", "2"), 0);
	world_until(w, 500);
	world_diary_is(w, "0 > 486 INVITE\n0 response 200\n500 > 486 INVITE\n");
	world_free(w);
}

/* A body of 3,000 bytes, which needs not be looked at. */
static int long_request(struct world *w, unsigned number)
{
	struct sip_flow udp = world_udp();

	return world_receive(w, &udp,
			     "MESSAGE sip:b@h.example SIP/2.0\r\n"
			     "Via: SIP/2.0/UDP c.example;branch=z9hG4bK%u\r\n"
			     "From: <sip:a@c.example>;tag=f\r\nTo: <sip:b@h.example>\r\n"
			     "Call-ID: call\r\nCSeq: %u MESSAGE\r\nContent-Type: text/plain\r\n"
			     "\r\n%3000s",
			     number, number, "x");
}

static void transactions_keep_no_more_bytes_than_they_may(void **state)
{
	struct world *w = world_new(1000);
	uint64_t most = sip_transactions_bytes_most(w->table);
	struct sip_flow udp = world_udp();
	unsigned taken = 0;

	(void)state;
	w->silent = true;
	w->table->bytes_most = most / 4; /* as if they were four times as long */
	while (taken < 1000 && long_request(w, taken) == 0)
		taken++;
	assert_in_range(taken, most / 4 / 3400, most / 4 / 3000);
	assert_int_equal(long_request(w, 2000), -ENOSPC);
	assert_in_range(world_counters(w).bytes, most / 4 - 6800, most / 4);
	/* what we send ourselves goes out all the same: it may be a BYE */
	assert_int_equal(world_start(w, &udp, "BYE", "own"), 0);
	assert_int_equal(world_respond(w, 200), 0);
	world_free(w);
}

static void a_transaction_that_has_ended_keeps_no_bytes(void **state)
{
	struct world *w = world_new(5);
	struct sip_flow udp = world_udp();

	(void)state;
	w->silent = true;
	assert_int_equal(long_request(w, 1), 0);
	assert_true(world_counters(w).bytes > 3000);
	assert_int_equal(world_respond(w, 200), 0);
	assert_int_equal(world_start(w, &udp, "INVITE", "2"), 0);
	assert_int_equal(world_response(w, &udp, 486, "INVITE", "2"), 0);
	world_until(w, 100000);
	assert_int_equal(world_counters(w).servers + world_counters(w).clients, 0);
	assert_int_equal(world_counters(w).bytes, 0);
	world_free(w);
}

static void a_table_of_no_size_is_refused(void **state)
{
	static const struct sip_transaction_ops ops;

	(void)state;
	assert_null(sip_transactions_new(&ops, NULL, NULL, 0));
	assert_int_equal(errno, EINVAL);
	assert_null(sip_transactions_new(&ops, NULL, NULL, SIZE_MAX));
	sip_transactions_free(NULL);
}

/* Memory of every state at the end: ASan looks for leaks. */
static void a_table_is_freed_in_the_midst_of_everything(void **state)
{
	struct world *w = world_new(20);
	struct sip_flow udp = world_udp();

	(void)state;
	world_request(w, &udp, "INVITE", "1", 1);
	world_request(w, &udp, "INVITE", "2", 2);
	world_respond(w, 180);
	world_request(w, &udp, "INVITE", "3", 3);
	world_respond(w, 200);
	world_request(w, &udp, "INVITE", "4", 4);
	world_respond(w, 486);
	world_request(w, &udp, "INVITE", "5", 5);
	world_respond(w, 486);
	world_request(w, &udp, "ACK", "5", 5);
	assert_int_equal(world_start(w, &udp, "INVITE", "6"), 0);
	sip_client_cancel(w->client, "Reason: SIP\r\n", 0);
	assert_int_equal(world_start(w, &udp, "INVITE", "7"), 0);
	world_response(w, &udp, 180, "INVITE", "7");
	sip_client_cancel(w->client, NULL, 0);
	assert_int_equal(world_start(w, &udp, "INVITE", "8"), 0);
	world_response(w, &udp, 200, "INVITE", "8");
	assert_int_equal(world_start(w, &udp, "BYE", "9"), 0);
	world_free(w);
}

/* ---- callbacks that come back in ---- */

static void accept_and_call(struct world *world, struct sip_server *server)
{
	struct sip_flow tls = world_tls();

	world_start(world, &tls, "INVITE", "out");
	world_respond_to(world, server, 180);
	world_respond_to(world, server, 200);
	sip_server_acknowledged(server, world->now_ms);
	sip_server_detach(server);
	sip_transactions_run(world->table, world->now_ms);
	world->server = NULL;
}

static void call_again(struct world *world, struct sip_client *client, unsigned status)
{
	struct sip_flow tls = world_tls();

	if (status == 180)
		sip_client_cancel(client, NULL, world->now_ms);
	if (status != 487)
		return;
	sip_client_detach(client);
	world->on_response = NULL;
	world_start(world, &tls, "BYE", "next");
	sip_transactions_run(world->table, world->now_ms);
}

static void callbacks_may_use_the_table(void **state)
{
	struct world *w = world_new(10);
	struct sip_flow tls = world_tls();

	(void)state;
	w->on_request = accept_and_call;
	w->on_response = call_again;
	world_request(w, &tls, "INVITE", "in", 1);
	world_response(w, &tls, 180, "INVITE", "out");
	world_response(w, &tls, 487, "INVITE", "out");
	world_until(w, 0);
	world_diary_is(w, "0 request INVITE\n0 > INVITE\n0 > 180 INVITE\n0 > 200 INVITE\n"
			  "0 response 180\n0 > CANCEL\n0 > ACK\n0 response 487\n0 > BYE\n");
	world_free(w);
}

static void try_again(struct world *world, struct sip_client *client)
{
	struct sip_flow tls = world_tls();
	char branch[16];
	static unsigned number;

	(void)client;
	snprintf(branch, sizeof(branch), "n%u", number++);
	world_start(world, &tls, "BYE", branch);
}

/* A user that tries again at once on a broken network must not hold the loop for ever. */
static void a_run_has_an_end(void **state)
{
	struct world *w = world_new(10);

	(void)state;
	w->send_result = -EPIPE;
	w->on_client_ended = try_again;
	try_again(w, NULL);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(sip_transactions_run(w->table, 0), 0);
	assert_int_equal(world_counters(w).transport_failures, 6);
	world_free(w);
}

/* ---- any order of events ---- */

enum { POOL = 12 };
static struct sip_server *server_pool[POOL]; /* what a user may still use */
static struct sip_client *client_pool[POOL];

static void forget_server(struct world *world, struct sip_server *server)
{
	(void)world;
	for (unsigned i = 0; i < POOL; i++)
		if (server_pool[i] == server)
			server_pool[i] = NULL;
}

static void forget_client(struct world *world, struct sip_client *client)
{
	(void)world;
	for (unsigned i = 0; i < POOL; i++)
		if (client_pool[i] == client)
			client_pool[i] = NULL;
}

static void forget_answered(struct world *world, struct sip_client *client, unsigned status)
{
	if (status >= 200)
		forget_client(world, client);
}

static void respond_at_random(struct world *world, unsigned slot, unsigned status)
{
	struct sip_server *server = server_pool[slot];
	const struct sip_message *request = server ? sip_server_request(server) : NULL;
	bool invite = request && request->method == SIP_METHOD_INVITE;

	if (!request) /* none, or acknowledged */
		return;
	(void)world_respond_to(world, server, status);
	if (!invite && status >= 200)
		forget_server(world, server);
}

static void step(struct world *w, unsigned what, unsigned slot, unsigned n)
{
	static const char *const method[] = {"INVITE", "BYE", "INVITE", "OPTIONS"};
	static const unsigned status[] = {100, 180, 200, 486, 408, 300};
	struct sip_flow flow = n % 2 ? world_udp() : world_tls();
	char branch[16];

	snprintf(branch, sizeof(branch), "b%u", slot);
	switch (what) {
	case 0:
		w->server = NULL;
		world_request(w, &flow, method[n / 2 % 4], branch, n % 40);
		if (w->server && server_pool[slot])
			sip_server_detach(server_pool[slot]);
		if (w->server)
			server_pool[slot] = w->server;
		break;
	case 1:
		respond_at_random(w, slot, status[n % 6]);
		break;
	case 2:
		world_request(w, &flow, n / 2 % 2 ? "ACK" : "CANCEL", branch, n % 40);
		break;
	case 3:
		w->client = NULL;
		if (world_start(w, &flow, method[n / 2 % 4], branch) == 0)
			client_pool[slot] = w->client;
		break;
	case 4:
		world_response(w, &flow, status[n / 2 % 6], method[n / 12 % 4], branch);
		break;
	case 5:
		if (client_pool[slot])
			(void)sip_client_cancel(client_pool[slot], NULL, w->now_ms);
		break;
	case 6:
		if (server_pool[slot])
			sip_server_acknowledged(server_pool[slot], w->now_ms);
		break;
	case 7:
		if (n % 8 == 0)
			sip_transactions_connection_lost(w->table, 7, w->now_ms);
		if (n % 8 == 1)
			w->lost_in_send = 7;
		w->send_result = n % 8 == 2 ? -EPIPE : 0;
		break;
	case 8:
		if (n % 4 == 0 && client_pool[slot]) {
			sip_client_detach(client_pool[slot]);
			forget_client(w, client_pool[slot]);
		} else if (n % 4 == 1 && server_pool[slot]) {
			sip_server_detach(server_pool[slot]);
			forget_server(w, server_pool[slot]);
		}
		break;
	default:
		world_until(w, w->now_ms + n % 3000);
	}
}

/* Deterministic; ASan is the judge. Afterwards nothing is left over. */
static void no_order_of_events_hurts(void **state)
{
	struct world *w = world_new(15);
	uint32_t seed = 4711;

	(void)state;
	w->silent = true;
	w->on_server_ended = forget_server;
	w->on_client_ended = forget_client;
	w->on_response = forget_answered;
	for (unsigned i = 0; i < 100000; i++) {
		seed = seed * 1664525 + 1013904223;
		step(w, (seed >> 28) % 10, (seed >> 20) % POOL, seed >> 8 & 0xfff);
	}
	assert_true(world_counters(w).full > 0);
	assert_true(world_counters(w).merged > 0);
	assert_true(world_counters(w).timeouts > 0);
	assert_true(world_counters(w).unacknowledged > 0);
	w->send_result = 0;
	for (unsigned i = 0; i < POOL; i++) {
		if (server_pool[i])
			sip_server_detach(server_pool[i]);
		server_pool[i] = NULL;
	}
	world_until(w, w->now_ms + 500000);
	for (unsigned i = 0; i < POOL; i++)
		assert_null(client_pool[i]);
	assert_int_equal(world_counters(w).clients, 0);
	assert_int_equal(world_counters(w).servers, 0);
	world_free(w);
}

/* ---- cost ---- */

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static int quiet_send(void *user, const struct sip_flow *flow, const char *data, size_t length)
{
	(void)user;
	(void)flow;
	(void)data;
	(void)length;
	return 0;
}

static void quiet_ended(void *user, struct sip_client *client, enum sip_client_end reason)
{
	(void)user;
	(void)client;
	(void)reason;
}

static void quiet_request(void *user, struct sip_server *server, const struct sip_message *request,
			  const struct sip_flow *flow)
{
	(void)user;
	(void)server;
	(void)request;
	(void)flow;
}

static void give_request(struct sip_transactions *table, unsigned number)
{
	struct sip_flow udp = world_udp();
	struct sip_message m;
	char text[512];
	int length = snprintf(text, sizeof(text),
			      "OPTIONS sip:b@h.example SIP/2.0\r\n"
			      "Via: SIP/2.0/UDP c.example;branch=z9hG4bK%u\r\n"
			      "From: <sip:a@c.example>;tag=f\r\nTo: <sip:b@h.example>\r\n"
			      "Call-ID: %u\r\nCSeq: 1 OPTIONS\r\n\r\n",
			      number, number);

	assert_int_equal(sip_message_parse(&m, text, (size_t)length, NULL), 0);
	assert_int_equal(sip_transactions_receive(table, &m, &udp, 0), 0);
}

/* Nanoseconds to find one of count transactions again. */
static double lookup_cost_ns(struct sip_transactions *table, unsigned count)
{
	enum { LOOKUPS = 20000 };
	double before = seconds();

	for (unsigned i = 0; i < LOOKUPS; i++)
		give_request(table, (unsigned)((uint64_t)i * 7919 % count));
	return (seconds() - before) * 1e9 / LOOKUPS;
}

static void a_lookup_costs_the_same_among_100000(void **state)
{
	static const struct sip_transaction_ops ops = {
	    .send = quiet_send, .request = quiet_request, .client_ended = quiet_ended};
	enum { FEW = 100, MANY = 100000 };
	struct sip_transactions *table = sip_transactions_new(&ops, NULL, NULL, MANY);
	struct sip_transaction_counters counters;
	double few_ns, many_ns;
	unsigned n = 0;

	(void)state;
	assert_non_null(table);
	for (; n < FEW; n++)
		give_request(table, n);
	few_ns = lookup_cost_ns(table, FEW);
	for (; n < MANY; n++)
		give_request(table, n);
	many_ns = lookup_cost_ns(table, MANY);
	sip_transactions_counters(table, &counters);
	assert_int_equal(counters.servers, MANY);
	assert_int_equal(counters.retransmissions_received, 40000);
	print_message("a request again among %d: %.0f ns, among %d: %.0f ns\n", FEW, few_ns, MANY,
		      many_ns);
	/* memory is farther away, but nothing is searched: a list would be 1000 times slower */
	assert_true(many_ns < few_ns * 20 + 20000);
	sip_transactions_run(table, 3500); /* 100,000 timers at once */
	sip_transactions_free(table);
}

/* ---- parts ---- */

/* The key and the input of the first test vector of its authors: 00 01 02 … */
static void siphash_gives_the_value_of_its_authors(void **state)
{
	struct siphash_key key = {UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)};
	static const char input[] = "\0\1\2\3\4\5\6\7\10\11\12\13\14\15\16";

	(void)state;
	assert_int_equal(siphash(&key, (struct str){input, 15}), UINT64_C(0xa129ca6149be45e5));
	assert_int_equal(siphash(&key, (struct str){NULL, 0}), UINT64_C(0x726fdb47dd0e0e31));
}

static void the_heap_gives_the_earliest_first(void **state)
{
	enum { COUNT = 1000 };
	static struct timer_node node[COUNT];
	struct timer_heap heap;
	uint64_t last = 0;
	uint32_t seed = 1;

	(void)state;
	assert_int_equal(timer_heap_init(&heap, COUNT), 0);
	for (unsigned i = 0; i < COUNT; i++)
		timer_heap_insert(&heap, &node[i], i * 7919 % COUNT);
	for (unsigned i = 0; i < COUNT; i++) {
		seed = seed * 1664525 + 1013904223;
		timer_heap_move(&heap, &node[i], seed % 5000);
	}
	for (unsigned i = 0; i < COUNT; i += 3)
		timer_heap_remove(&heap, &node[i]);
	timer_heap_remove(&heap, &node[0]); /* harmless */
	timer_heap_move(&heap, &node[0], 3);
	assert_int_equal(heap.count, COUNT - 334);
	while (heap.count > 0) {
		struct timer_node *first = timer_heap_first(&heap);

		assert_true(first->due_ms >= last);
		last = first->due_ms;
		timer_heap_remove(&heap, first);
	}
	assert_null(timer_heap_first(&heap));
	timer_heap_free(&heap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_full_table_refuses_and_changes_nothing),
	    cmocka_unit_test(a_table_that_grows_keeps_what_is_under_way),
	    cmocka_unit_test(transactions_keep_no_more_bytes_than_they_may),
	    cmocka_unit_test(a_transaction_that_has_ended_keeps_no_bytes),
	    cmocka_unit_test(a_table_of_no_size_is_refused),
	    cmocka_unit_test(a_table_is_freed_in_the_midst_of_everything),
	    cmocka_unit_test(callbacks_may_use_the_table),
	    cmocka_unit_test(a_run_has_an_end),
	    cmocka_unit_test(no_order_of_events_hurts),
	    cmocka_unit_test(a_lookup_costs_the_same_among_100000),
	    cmocka_unit_test(siphash_gives_the_value_of_its_authors),
	    cmocka_unit_test(the_heap_gives_the_earliest_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
