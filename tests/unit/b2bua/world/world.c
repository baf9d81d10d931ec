/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/clock.h"
#include "b2bua/page.h"
#include "main/log.h"
#include "policy/routing.h"
#include "private.h"

struct world *world_now;

/* ---- the configuration ---- */

struct config_listener world_listeners[] = {
    {.name = "tls",
     .transport = SIP_TLS,
     .address = "198.51.100.1",
     .port = 5061,
     .host = "relay.example"},
    {.name = "tcp",
     .transport = SIP_TCP,
     .address = "198.51.100.1",
     .port = 5060,
     .host = "relay.example"},
};

static struct config_dial_plan plans[] = {
    {.name = "secured",
     .security = SECURITY_SECURED,
     .media_interface = "voice",
     .media_timeout_ms = 30000,
     .dscp = 46,
     .suites = {SDES_AES_CM_128_HMAC_SHA1_80, SDES_AES_CM_128_HMAC_SHA1_32},
     .suite_count = 2,
     .media_source = MEDIA_SOURCE_ANY,
     .allow_downgrade = true},
    {.name = "unsecured",
     .security = SECURITY_UNSECURED,
     .media_interface = "voice",
     .media_timeout_ms = 30000,
     .dscp = 46},
    {.name = "strict",
     .security = SECURITY_SECURED,
     .media_interface = "voice",
     .media_timeout_ms = 30000,
     .dscp = 46,
     .suites = {SDES_AES_CM_128_HMAC_SHA1_80},
     .suite_count = 1},
};

#define PEER(peer_name, ip, way, plan, on)                                                   \
	{                                                                                    \
		.name = peer_name, .fqdn = peer_name ".example", .address = ip,              \
		.port = (way) == SIP_TLS ? 5061 : 5060, .transport = way, .dial_plan = plan, \
		.listener = on                                                               \
	}
struct config_peer world_peers[PHONES] = {
    [ALICE] = PEER("alice", "192.0.2.11", SIP_TLS, &plans[0], &world_listeners[0]),
    [BOB] = PEER("bob", "192.0.2.12", SIP_TLS, &plans[0], &world_listeners[0]),
    [CAROL] = PEER("carol", "192.0.2.13", SIP_TCP, &plans[1], &world_listeners[1]),
    [DAVE] = PEER("dave", "192.0.2.14", SIP_TLS, &plans[2], &world_listeners[0]),
};
static struct config_route routes[] = {
    {.name = "alice", .number = "2001", .to = &world_peers[ALICE]},
    {.name = "bob", .number = "2002", .to = &world_peers[BOB]},
    {.name = "carol", .number = "2003", .to = &world_peers[CAROL]},
    {.name = "dave", .number = "2004", .to = &world_peers[DAVE]},
};

void world_address(struct sockaddr_storage *storage, const char *ip, uint16_t port)
{
	struct sockaddr_in *in = (struct sockaddr_in *)storage;

	memset(storage, 0, sizeof(*storage));
	in->sin_family = AF_INET;
	in->sin_port = htons(port);
	inet_pton(AF_INET, ip, &in->sin_addr);
}

int world_setup(void **state)
{
	return world_setup_with(state, NULL);
}

void world_drained(void *user)
{
	((struct world *)user)->drained = true;
}

int world_setup_with(void **state, void (*prepare)(struct config *config))
{
	struct world *world = calloc(1, sizeof(*world));

	if (!world)
		return -1;
	log_set_level(LOG_LEVEL_ERROR);
	world_now = world;
	for (unsigned i = 0; i < 3; i++) {
		plans[i].max_calls = 0;
		plans[i].prack = PRACK_SUPPORTED;
		plans[i].session_expires_s = 0;
		plans[i].session_min_s = 90;
		plans[i].refer = REFER_REFUSE;
		plans[i].replaces = REPLACES_PEER;
		plans[i].redirect = REDIRECT_REFUSE;
	}
	for (unsigned i = 0; i < PHONES; i++)
		world_peers[i].trust = false;
	for (unsigned i = 0; i < 2; i++)
		world_address(&world_listeners[i].socket_address, world_listeners[i].address,
			      world_listeners[i].port);
	world->config = (struct config){
	    .max_calls = 100,
	    .max_registrations = 20,
	    .listeners = world_listeners,
	    .listener_count = 2,
	    .dial_plans = plans,
	    .dial_plan_count = 3,
	    .peers = world_peers,
	    .peer_count = PHONES,
	    .routes = routes,
	    .route_count = 4,
	};
	if (routing_compile(&world->config) < 0) {
		routing_free(&world->config);
		free(world);
		return -1;
	}
	config_number(&world->config);
	world->now_ms = 1000000;
	world->armed_ms = -1;
	world->media_up = true;
	world->hello.suites = UINT32_MAX;
	for (unsigned i = 0; i < PHONES; i++) {
		world->phone[i].world = world;
		world->phone[i].number = (enum phone_number)i;
		world->phone[i].name = world_peers[i].name;
		world->phone[i].connection = 100 + i;
	}
	if (prepare)
		prepare(&world->config);
	if (b2bua_new(&world->b2bua, NULL, &world->config) < 0) {
		routing_free(&world->config);
		free(world);
		return -1;
	}
	b2bua_attach(world->b2bua, (struct net *)world, (struct media *)world);
	*state = world;
	return 0;
}

int world_teardown(void **state)
{
	struct world *world = *state;

	b2bua_free(world->b2bua);
	routing_free(&world->config);
	free(world);
	world_now = NULL;
	return 0;
}

void world_routes_changed(struct world *world)
{
	routing_free(&world->config);
	assert_int_equal(routing_compile(&world->config), 0);
}

struct config_route *world_route(struct world *world, unsigned count,
				 const enum phone_number phones[])
{
	static struct config_target targets[PHONES];
	static struct config_route route;

	assert_true(count <= PHONES);
	for (unsigned i = 0; i < count; i++)
		targets[i] = (struct config_target){
		    .peer = &world->config.peers[phones[i]], .priority = i, .weight = 1};
	route = (struct config_route){
	    .name = "out",
	    .number = "*",
	    .targets = targets,
	    .target_count = count,
	    .codes = codes_default,
	    .tries = 4,
	    .failover_ms = 30000,
	    .target_timeout_ms = 5000,
	};
	world->config.routes = &route;
	world->config.route_count = 1;
	world_routes_changed(world);
	return &route;
}

/* ---- time ---- */

struct clock *clock_new(uv_loop_t *loop, void (*due)(void *user), void *user)
{
	(void)loop;
	world_now->due = due;
	world_now->due_user = user;
	return (struct clock *)world_now;
}

void clock_free(struct clock *clock)
{
	(void)clock;
}

uint64_t clock_now_ms(const struct clock *clock)
{
	return ((const struct world *)clock)->now_ms;
}

void clock_arm(struct clock *clock, int64_t delay_ms)
{
	struct world *world = (struct world *)clock;

	world->armed_ms = delay_ms < 0 ? -1 : (int64_t)world->now_ms + delay_ms;
}

void world_advance(struct world *world, uint64_t ms)
{
	uint64_t until = world->now_ms + ms;

	while (world->armed_ms >= 0 && (uint64_t)world->armed_ms <= until) {
		if ((uint64_t)world->armed_ms > world->now_ms)
			world->now_ms = (uint64_t)world->armed_ms;
		world->armed_ms = -1;
		world->due(world->due_user);
	}
	world->now_ms = until;
}

/* ---- what it shows ---- */

uint64_t world_counter(struct world *world, const char *name)
{
	json_t *counters = b2bua_counters(world->b2bua);
	uint64_t value = (uint64_t)json_integer_value(json_object_get(counters, name));

	json_decref(counters);
	return value;
}

unsigned world_calls(struct world *world)
{
	return b2bua_calls(world->b2bua);
}

json_t *b2bua_call_list(const struct b2bua *b2bua)
{
	const struct page_filter any = {0};
	int status;
	json_t *page = b2bua_call_page(b2bua, &any, NULL, PAGE_CALLS_MAX, &status);
	json_t *list = json_incref(json_object_get(page, "calls"));

	json_decref(page);
	return list;
}
