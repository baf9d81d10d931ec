/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One limit at a time: which call is the first that does not pass, and what it is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "admission/admission.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define TICKETS 16U

enum { ALICE, BOB, CAROL, PEERS };

struct world {
	struct config config;
	struct config_interface interface[2];
	struct config_dial_plan plan[2];
	struct config_peer peer[PEERS]; /* alice and bob share plan and interface 0 */
	struct config_number_limit numbers[2];
	struct config_emergency emergency[1];
	struct admission *admission;
	struct admission_ticket ticket[TICKETS];
	unsigned tickets;
	uint64_t now_ms;
	struct admission_refusal refusal;
};

static int setup(void **state)
{
	struct world *world = calloc(1, sizeof(*world));

	world->interface[0].name = "voice";
	world->interface[1].name = "lan";
	world->plan[0] =
	    (struct config_dial_plan){.name = "carrier", .interface = &world->interface[0]};
	world->plan[1] =
	    (struct config_dial_plan){.name = "pbx", .interface = &world->interface[1]};
	world->peer[ALICE] = (struct config_peer){.name = "alice", .dial_plan = &world->plan[0]};
	world->peer[BOB] = (struct config_peer){.name = "bob", .dial_plan = &world->plan[0]};
	world->peer[CAROL] = (struct config_peer){.name = "carol", .dial_plan = &world->plan[1]};
	world->numbers[0] = (struct config_number_limit){
	    .name = "premium", .number = "0900*", .from = &world->peer[ALICE]};
	world->numbers[1] = (struct config_number_limit){.name = "world", .number = "00*"};
	world->emergency[0].number = "112";
	world->config = (struct config){
	    .max_calls = 1000,
	    .interfaces = world->interface,
	    .interface_count = 2,
	    .dial_plans = world->plan,
	    .dial_plan_count = 2,
	    .peers = world->peer,
	    .peer_count = PEERS,
	    .number_limits = world->numbers,
	    .number_limit_count = 2,
	    .emergency = world->emergency,
	    .emergency_count = 1,
	};
	config_number(&world->config);
	world->now_ms = 1000;
	world->admission = admission_new();
	*state = world;
	return admission_fit(world->admission, &world->config);
}

static int teardown(void **state)
{
	struct world *world = *state;

	for (unsigned i = 0; i < world->tickets; i++)
		admission_release(world->admission, &world->ticket[i]);
	admission_free(world->admission);
	free(world);
	return 0;
}

static struct admission_request request_of(struct world *world, unsigned from, unsigned to,
					   const char *caller, const char *callee)
{
	struct admission_request request = {
	    .config = &world->config,
	    .from = &world->peer[from],
	    .to = &world->peer[to],
	    .caller = caller,
	    .callee = callee,
	    .now_ms = world->now_ms,
	};

	request.emergency = admission_is_emergency(&world->config, request.from, callee, false);
	return request;
}

static enum admission_limit try(struct world *world, unsigned from, unsigned to, const char *caller,
				const char *callee)
{
	struct admission_request request = request_of(world, from, to, caller, callee);
	enum admission_limit limit = admission_check(world->admission, &request, &world->refusal);

	if (limit == ADMISSION_PASS) {
		assert_true(world->tickets < TICKETS);
		admission_take(world->admission, &request, &world->ticket[world->tickets++]);
	}
	return limit;
}

static void end(struct world *world, unsigned ticket)
{
	admission_release(world->admission, &world->ticket[ticket]);
}

#define CALLS_OF(object) offsetof(struct world, object)
static const struct {
	size_t key; /* the limit that is set to 2 */
	unsigned from, to;
	const char *caller, *callee;
	enum admission_limit limit; /* of the third call */
	const char *name;
	struct { /* a call that passes all the same */
		unsigned from, to;
		const char *caller, *callee;
	} other;
} facts[] = {
    {CALLS_OF(config.max_calls),
     ALICE,
     CAROL,
     "1",
     "2",
     ADMISSION_CALLS,
     "",
     {ALICE, CAROL, "1", "112"}},
    {CALLS_OF(config.calls_per_s),
     ALICE,
     CAROL,
     "1",
     "2",
     ADMISSION_CALLS_RATE,
     "",
     {ALICE, CAROL, "1", "112"}},
    {CALLS_OF(interface[1].max_calls),
     ALICE,
     CAROL,
     "1",
     "2",
     ADMISSION_INTERFACE,
     "lan",
     {ALICE, BOB, "1", "2"}},
    {CALLS_OF(interface[1].calls_per_s),
     CAROL,
     ALICE,
     "1",
     "2",
     ADMISSION_INTERFACE_RATE,
     "lan",
     {BOB, ALICE, "1", "2"}},
    {CALLS_OF(plan[0].max_calls),
     ALICE,
     BOB,
     "1",
     "2",
     ADMISSION_PLAN,
     "carrier",
     {CAROL, CAROL, "1", "2"}},
    {CALLS_OF(plan[0].calls_per_s),
     ALICE,
     BOB,
     "1",
     "2",
     ADMISSION_PLAN_RATE,
     "carrier",
     {CAROL, CAROL, "1", "2"}},
    {CALLS_OF(peer[ALICE].max_calls_in),
     ALICE,
     CAROL,
     "1",
     "2",
     ADMISSION_PEER,
     "alice",
     {CAROL, ALICE, "1", "2"}},
    {CALLS_OF(peer[ALICE].max_calls),
     ALICE,
     CAROL,
     "1",
     "2",
     ADMISSION_PEER,
     "alice",
     {BOB, CAROL, "1", "2"}},
    {CALLS_OF(peer[ALICE].calls_per_s_in),
     ALICE,
     CAROL,
     "1",
     "2",
     ADMISSION_PEER_RATE,
     "alice",
     {BOB, CAROL, "1", "2"}},
    {CALLS_OF(peer[CAROL].max_calls_out),
     ALICE,
     CAROL,
     "1",
     "2",
     ADMISSION_TO_PEER,
     "carol",
     {CAROL, ALICE, "1", "2"}},
    {CALLS_OF(peer[CAROL].max_calls),
     ALICE,
     CAROL,
     "1",
     "2",
     ADMISSION_TO_PEER,
     "carol",
     {ALICE, BOB, "1", "2"}},
    {CALLS_OF(peer[CAROL].calls_per_s_out),
     ALICE,
     CAROL,
     "1",
     "2",
     ADMISSION_TO_PEER_RATE,
     "carol",
     {CAROL, ALICE, "1", "2"}},
    {CALLS_OF(numbers[0].max_calls),
     ALICE,
     CAROL,
     "1",
     "09001",
     ADMISSION_NUMBERS,
     "premium",
     {BOB, CAROL, "1", "09001"}},
    {CALLS_OF(numbers[1].max_calls),
     BOB,
     CAROL,
     "1",
     "0044",
     ADMISSION_NUMBERS,
     "world",
     {ALICE, CAROL, "1", "0900"}},
    {CALLS_OF(numbers[1].calls_per_minute),
     BOB,
     CAROL,
     "1",
     "0044",
     ADMISSION_NUMBERS_RATE,
     "world",
     {BOB, CAROL, "1", "04"}},
    {CALLS_OF(plan[0].caller_max_calls),
     ALICE,
     CAROL,
     "1",
     "2",
     ADMISSION_CALLER,
     "carrier",
     {ALICE, CAROL, "3", "2"}},
    {CALLS_OF(plan[0].caller_calls_per_minute),
     ALICE,
     CAROL,
     "1",
     "2",
     ADMISSION_CALLER_RATE,
     "carrier",
     {BOB, CAROL, "1", "2"}},
};

static void each_limit_refuses_what_is_above_it_and_nothing_else(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(facts); i++) {
		struct world *world;
		enum admission_limit limit;

		setup((void **)&world);
		*(unsigned *)(void *)((char *)world + facts[i].key) = 2;
		for (unsigned j = 0; j < 2; j++)
			assert_int_equal(try(world, facts[i].from, facts[i].to, facts[i].caller,
					     facts[i].callee),
					 ADMISSION_PASS);
		limit = try(world, facts[i].from, facts[i].to, facts[i].caller, facts[i].callee);
		if (limit != facts[i].limit || strcmp(world->refusal.name, facts[i].name) != 0 ||
		    world->refusal.limit != 2)
			fail_msg("fact %zu: limit %d of %s, %u", i, (int)limit, world->refusal.name,
				 world->refusal.limit);
		if (try(world, facts[i].other.from, facts[i].other.to, facts[i].other.caller,
			facts[i].other.callee) != ADMISSION_PASS)
			fail_msg("fact %zu: the other call does not pass", i);
		assert_int_equal(try(world, facts[i].from, facts[i].to, facts[i].caller, "112"),
				 ADMISSION_PASS);
		/* a place that becomes free, or a pause, lets the next one pass */
		for (unsigned j = 0; j < world->tickets; j++)
			end(world, j);
		world->now_ms += 60000;
		assert_int_equal(
		    try(world, facts[i].from, facts[i].to, facts[i].caller, facts[i].callee),
		    ADMISSION_PASS);
		teardown((void **)&world);
	}
}

static void a_refused_call_takes_nothing_from_the_other_limits(void **state)
{
	struct world *world = *state;

	world->config.calls_per_s = 3;
	world->peer[ALICE].max_calls_in = 1;
	assert_int_equal(try(world, ALICE, CAROL, "1", "2"), ADMISSION_PASS);
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(try(world, ALICE, CAROL, "1", "2"), ADMISSION_PEER);
	assert_int_equal(try(world, BOB, CAROL, "1", "2"), ADMISSION_PASS);
	assert_int_equal(try(world, BOB, CAROL, "1", "2"), ADMISSION_PASS);
	assert_int_equal(try(world, BOB, CAROL, "1", "2"), ADMISSION_CALLS_RATE);
	assert_int_equal(
	    admission_peer(world->admission, &world->peer[ALICE], ADMISSION_IN).refused_calls, 10);
	assert_int_equal(admission_total(world->admission).refused_rate, 1);
	assert_int_equal(admission_total(world->admission).calls, 3);
}

static void a_call_within_one_plan_counts_once(void **state)
{
	struct world *world = *state;

	try(world, ALICE, BOB, "1", "2");
	assert_int_equal(admission_plan(world->admission, &world->plan[0]).calls, 1);
	assert_int_equal(admission_interface(world->admission, &world->interface[0]).calls, 1);
	try(world, ALICE, CAROL, "1", "2");
	assert_int_equal(admission_plan(world->admission, &world->plan[0]).calls, 2);
	assert_int_equal(admission_plan(world->admission, &world->plan[1]).calls, 1);
	try(world, CAROL, CAROL, "1", "2");
	assert_int_equal(
	    admission_peer(world->admission, &world->peer[CAROL], ADMISSION_BOTH).calls, 2);
}

static void a_call_that_goes_on_to_another_peer_counts_there(void **state)
{
	struct world *world = *state;
	struct admission_request request = request_of(world, ALICE, BOB, "", "");

	try(world, ALICE, CAROL, "1", "2");
	admission_move(world->admission, &request, &world->ticket[0]);
	assert_int_equal(admission_peer(world->admission, &world->peer[CAROL], ADMISSION_OUT).calls,
			 0);
	assert_int_equal(admission_peer(world->admission, &world->peer[BOB], ADMISSION_OUT).calls,
			 1);
	assert_int_equal(admission_plan(world->admission, &world->plan[1]).calls, 0);
	assert_int_equal(admission_plan(world->admission, &world->plan[0]).calls, 1);
	end(world, 0);
	assert_int_equal(admission_plan(world->admission, &world->plan[0]).calls, 0);
	assert_int_equal(admission_total(world->admission).calls, 0);
	assert_int_equal(admission_total(world->admission).calls_peak, 1);
}

static void a_target_is_asked_without_taking_anything(void **state)
{
	struct world *world = *state;
	struct admission_request request = request_of(world, ALICE, CAROL, "", "");

	world->peer[CAROL].max_calls_out = 1;
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(admission_check_callee(world->admission, &request),
				 ADMISSION_PASS);
	try(world, ALICE, CAROL, "1", "2");
	assert_int_equal(admission_check_callee(world->admission, &request), ADMISSION_TO_PEER);
	request.emergency = true;
	assert_int_equal(admission_check_callee(world->admission, &request), ADMISSION_PASS);
	assert_int_equal(
	    admission_peer(world->admission, &world->peer[CAROL], ADMISSION_OUT).refused_calls, 1);
}

static void only_a_trusted_peer_is_believed_that_a_call_is_an_emergency(void **state)
{
	struct world *world = *state;
	struct config_peer *peer = &world->peer[ALICE];

	assert_true(admission_is_emergency(&world->config, peer, "112", false));
	assert_false(admission_is_emergency(&world->config, peer, "1122", false));
	assert_false(admission_is_emergency(&world->config, peer, "2", true));
	peer->trust = true;
	assert_true(admission_is_emergency(&world->config, peer, "2", true));
	assert_false(admission_is_emergency(&world->config, peer, "2", false));
}

static void the_shortest_of_all_durations_counts(void **state)
{
	struct world *world = *state;
	static const struct {
		unsigned from_s, to_s, number_s;
		const char *callee;
		unsigned duration_s;
	} durations[] = {
	    {0, 0, 0, "00", 0}, {9, 0, 0, "00", 9}, {0, 8, 0, "00", 8},  {9, 8, 7, "00", 7},
	    {9, 8, 7, "01", 8}, {5, 8, 7, "00", 5}, {5, 8, 7, "112", 0}, {0, 0, 7, "00", 7},
	};

	for (size_t i = 0; i < COUNT(durations); i++) {
		struct admission_request request =
		    request_of(world, BOB, CAROL, "1", durations[i].callee);

		world->plan[0].max_call_s = durations[i].from_s;
		world->plan[1].max_call_s = durations[i].to_s;
		world->numbers[1].max_call_s = durations[i].number_s;
		if (admission_duration_s(&request) != durations[i].duration_s)
			fail_msg("fact %zu: %u", i, admission_duration_s(&request));
	}
}

static void counts_go_on_in_the_next_version_of_the_configuration(void **state)
{
	struct world *world = *state;
	struct world *next;

	world->peer[CAROL].max_calls_out = 2;
	try(world, ALICE, CAROL, "1", "2");
	try(world, ALICE, CAROL, "1", "2");
	setup((void **)&next);
	/* carol stands elsewhere in the file now, and may take one more */
	next->peer[ALICE] =
	    (struct config_peer){.name = "carol", .dial_plan = &next->plan[1], .max_calls_out = 3};
	next->peer[CAROL] = (struct config_peer){.name = "erin", .dial_plan = &next->plan[1]};
	assert_int_equal(config_succeed(&next->config, &world->config), 0);
	assert_int_equal(admission_fit(world->admission, &next->config), 0);
	assert_true(config_peer_same(&next->peer[ALICE], &world->peer[CAROL]));
	assert_false(config_peer_same(&next->peer[CAROL], &world->peer[ALICE]));
	assert_false(config_peer_same(&next->peer[CAROL], &world->peer[CAROL]));
	struct admission_request request = request_of(next, BOB, ALICE, "1", "2");

	assert_int_equal(admission_check(world->admission, &request, &world->refusal),
			 ADMISSION_PASS);
	admission_take(world->admission, &request, &world->ticket[world->tickets++]);
	assert_int_equal(admission_check(world->admission, &request, &world->refusal),
			 ADMISSION_TO_PEER);
	assert_int_equal(world->refusal.limit, 3);
	assert_int_equal(admission_peer(world->admission, &next->peer[CAROL], ADMISSION_OUT).calls,
			 0);
	teardown((void **)&next);
}

#define LIMIT_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_limit_refuses_what_is_above_it_and_nothing_else),
	    LIMIT_TEST(a_refused_call_takes_nothing_from_the_other_limits),
	    LIMIT_TEST(a_call_within_one_plan_counts_once),
	    LIMIT_TEST(a_call_that_goes_on_to_another_peer_counts_there),
	    LIMIT_TEST(a_target_is_asked_without_taking_anything),
	    LIMIT_TEST(only_a_trusted_peer_is_believed_that_a_call_is_an_emergency),
	    LIMIT_TEST(the_shortest_of_all_durations_counts),
	    LIMIT_TEST(counts_go_on_in_the_next_version_of_the_configuration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
