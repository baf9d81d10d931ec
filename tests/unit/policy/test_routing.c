/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "policy/routing.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char head[] =
    "listeners: [{name: udp, transport: udp, address: 10.0.0.1}]\n"
    "dial_plans: [{name: d, security: unsecured, media_interface: voice}]\n"
    "peers:\n"
    "- {name: pbx, transport: udp, address: 10.0.1.1, dial_plan: d, called_in: national}\n"
    "- {name: office, transport: udp, address: 10.0.1.2, dial_plan: d}\n"
    "- {name: a, transport: udp, address: 10.0.2.1, dial_plan: d, called_out: zeros,\n"
    "   caller_out: zeros}\n"
    "- {name: b, transport: udp, address: 10.0.2.2, dial_plan: d}\n"
    "- {name: c, transport: udp, address: 10.0.2.3, dial_plan: d}\n"
    "translations:\n"
    "- name: national\n"
    "  rules:\n"
    "  - {strip: \"00\", add: \"+\"}\n"
    "  - {match: \"0{[1-9]*}\", replace: \"+49{1}\"}\n"
    "- {name: zeros, rules: [{strip: \"+\", add: \"00\"}]}\n"
    "- {name: prefix, rules: [{add: \"7\"}]}\n"
    "schedules:\n"
    "- {name: day, open: [\"mon-fri 08:00-18:00\"]}\n"
    "routes:\n";

static void print_error_text(void *user, const char *text)
{
	(void)user;
	print_error("%s\n", text);
}

static struct config *load(const char *routes)
{
	char path[] = "/tmp/sluice-routing-XXXXXX";
	int fd = mkstemp(path);
	FILE *file = fdopen(fd, "w");

	assert_non_null(file);
	fputs(head, file);
	fputs(routes, file);
	fclose(file);
	struct config *config = config_load(path, print_error_text, NULL);
	unlink(path);
	assert_non_null(config);
	return config;
}

static const struct config_peer *peer(const struct config *config, const char *name)
{
	for (unsigned i = 0; i < config->peer_count; i++)
		if (strcmp(config->peers[i].name, name) == 0)
			return &config->peers[i];
	fail_msg("no peer %s", name);
	return NULL;
}

/* What a test says of the world. */
struct facts {
	const char *tenant; /* X-Tenant; NULL: none */
	const char *down;   /* names */
	const char *full;   /* names, of those with 10 calls */
	uint32_t seed;
};

static struct str header(void *user, const char *name, unsigned nth)
{
	const struct facts *facts = user;

	return strcmp(name, "X-Tenant") == 0 && nth == 0 ? str_of(facts->tenant) : (struct str){0};
}

static bool is_down(void *user, const struct config_peer *peer)
{
	const struct facts *facts = user;

	return facts->down && strstr(facts->down, peer->name);
}

static unsigned calls(void *user, const struct config_peer *peer)
{
	const struct facts *facts = user;

	return facts->full && strstr(facts->full, peer->name) ? 10 : 2;
}

static uint32_t seeded(void *user)
{
	struct facts *facts = user;

	facts->seed = facts->seed * 1664525U + 1013904223U;
	return facts->seed >> 8;
}

/* Thursday, 26 November 2026, 12:00 UTC */
#define NOON 1795694400

static void find(const struct config *config, const char *from, const char *called,
		 struct facts *facts, int64_t unix_s, struct routing_answer *answer)
{
	const struct routing_query query = {
	    .from = peer(config, from),
	    .called = called,
	    .caller = "+4930100",
	    .unix_s = unix_s,
	    .header = header,
	    .is_down = is_down,
	    .calls = calls,
	    .random = seeded,
	    .user = facts,
	};

	routing_find(config, &query, answer);
}

/* "r1:a r1:b r2:c", the targets in their order; else the outcome */
static void show(const struct routing_answer *answer, char text[static 256])
{
	static const char *const outcomes[] = {"", "no route", "refused", "busy", "bad number"};
	size_t used = 0;

	snprintf(text, 256, "%s", outcomes[answer->outcome]);
	for (unsigned i = 0; i < answer->count; i++)
		used +=
		    (size_t)snprintf(text + used, 256 - used, "%s%s:%s", i ? " " : "",
				     answer->target[i].route->name, answer->target[i].peer->name);
}

static void calls_go_where_the_routes_say(void **state)
{
	struct config *config = load(
	    "- {name: all, number: \"*\", to: c, priority: 9}\n"
	    "- {name: gold, number: \"+49*\", to: c, header: \"X-Tenant: gold*\", priority: 0,\n"
	    "   from: office}\n"
	    "- {name: germany, number: \"+49*\", to: a}\n"
	    "- {name: berlin, number: \"+4930*\", to: b}\n"
	    "- {name: paid, number: \"+49900*\", refuse: 603}\n"
	    "- {name: bob, number: \"20??\", to: b, schedule: day}\n"
	    "- {name: night, number: \"20??\", to: c}\n");
	static const struct {
		const char *from, *called, *tenant;
		int64_t unix_s;
		const char *expected;
	} rows[] = {
	    {"office", "+4989", NULL, NOON, "germany:a all:c"},
	    {"office", "+4930", NULL, NOON, "berlin:b all:c"},
	    {"office", "+44", NULL, NOON, "all:c"},
	    {"office", "+4989", "Gold-7", NOON, "gold:c"}, /* the first in the file */
	    {"office", "+49900123", NULL, NOON, "refused"},
	    {"office", "2001", NULL, NOON, "bob:b all:c"},
	    {"office", "2001", NULL, NOON + 6 * 3600, "night:c"}, /* 18:00 */
	    {"office", "20011", NULL, NOON, "all:c"},
	    {"pbx", "030123", NULL, NOON, "berlin:b all:c"}, /* by called_in */
	    {"pbx", "00441", NULL, NOON, "all:c"},
	    {"pbx", "0900123", NULL, NOON, "refused"},
	};
	struct routing_answer answer;
	char text[256];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct facts facts = {.tenant = rows[i].tenant, .seed = 1};

		find(config, rows[i].from, rows[i].called, &facts, rows[i].unix_s, &answer);
		show(&answer, text);
		if (strcmp(text, rows[i].expected) != 0)
			fail_msg("%s from %s: %s, not %s", rows[i].called, rows[i].from, text,
				 rows[i].expected);
	}
	config_free(config);
}

static void a_header_decides_before_others_when_its_priority_does(void **state)
{
	struct config *config =
	    load("- {name: plain, number: \"+4930*\", to: a, priority: 1}\n"
		 "- {name: gold, number: \"*\", to: b, header: \"X-Tenant: gold*\"}\n");
	struct facts gold = {.tenant = "GOLDEN"}, silver = {.tenant = "silver"};
	struct routing_answer answer;
	char text[256];

	(void)state;
	find(config, "office", "+4930", &gold, NOON, &answer);
	show(&answer, text);
	assert_string_equal(text, "gold:b plain:a");
	find(config, "office", "+4930", &silver, NOON, &answer);
	show(&answer, text);
	assert_string_equal(text, "plain:a");
	find(config, "office", "1", &silver, NOON, &answer);
	assert_int_equal(answer.outcome, ROUTING_NO_ROUTE);
	assert_string_equal(answer.text, "no route matches \"1\" from office");
	config_free(config);
}

static void targets_are_left_out_when_down_or_full(void **state)
{
	struct config *config = load("- name: out\n  number: \"*\"\n  targets:\n"
				     "  - {peer: a, priority: 1, max_calls: 10}\n"
				     "  - {peer: b, priority: 2, max_calls: 10}\n"
				     "- {name: spare, number: \"*\", priority: 5, to: c}\n");
	static const struct {
		const char *down, *full, *expected;
		unsigned left_out;
	} rows[] = {
	    {"", "", "out:a out:b spare:c", 0}, {"a", "", "out:b spare:c", 1},
	    {"", "a", "out:b spare:c", 1},      {"a", "b", "spare:c", 2},
	    {"a b c", "", "out:a", 2}, /* all are down: the best is tried */
	    {"b c", "a", "out:b", 2},
	};
	struct routing_answer answer;
	char text[256];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct facts facts = {.down = rows[i].down, .full = rows[i].full};

		find(config, "office", "1", &facts, NOON, &answer);
		show(&answer, text);
		assert_string_equal(text, rows[i].expected);
		assert_int_equal(answer.left_out_count, rows[i].left_out);
	}
	config_free(config);
}

static void a_route_whose_targets_are_all_full_is_busy(void **state)
{
	struct config *config =
	    load("- {name: out, number: \"*\", targets: [{peer: a, max_calls: 10}]}\n");
	struct facts facts = {.full = "a"};
	struct routing_answer answer;

	(void)state;
	find(config, "office", "1", &facts, NOON, &answer);
	assert_int_equal(answer.outcome, ROUTING_BUSY);
	assert_string_equal(answer.text, "route out: all its targets have max_calls calls");
	config_free(config);
}

static void calls_are_shared_by_weight_or_by_load(void **state)
{
	struct config *config = load(
	    "- {name: w, number: \"1\", targets: [{peer: a, weight: 75}, {peer: b, weight: 25}]}\n"
	    "- {name: l, number: \"2\", balance: least-calls, targets: [{peer: a}, {peer: b}]}\n");
	struct facts facts = {.seed = 99, .full = "a"};
	struct routing_answer answer;
	unsigned first = 0;

	(void)state;
	for (unsigned i = 0; i < 4000; i++) {
		find(config, "office", "1", &facts, NOON, &answer);
		assert_int_equal(answer.count, 2);
		first += answer.target[0].peer == peer(config, "a");
		find(config, "office", "2", &facts, NOON, &answer);
		assert_ptr_equal(answer.target[0].peer, peer(config, "b"));
	}
	assert_in_range(first, 2850, 3150); /* 75 % of 4000; the standard deviation is 27 */
	config_free(config);
}

static void numbers_are_translated_for_each_target(void **state)
{
	struct config *config = load(
	    "- {name: out, number: \"+49*\", called: prefix, targets: [{peer: a, priority: 1},\n"
	    "   {peer: b, priority: 2}]}\n- {name: in, number: \"*\", to: a}\n");
	struct facts facts = {0};
	struct routing_answer answer;
	char called[REWRITE_TEXT_MAX], caller[REWRITE_TEXT_MAX], text[ROUTING_TEXT_MAX];

	(void)state;
	find(config, "pbx", "030123", &facts, NOON, &answer);
	assert_string_equal(answer.called, "+4930123");
	for (unsigned i = 0; i < 2; i++) {
		strcpy(called, answer.called);
		strcpy(caller, answer.caller);
		assert_int_equal(routing_numbers(&answer.target[i], called, caller, text), 0);
		assert_string_equal(called, "7+4930123");
		assert_string_equal(caller, i ? "+4930100" : "004930100");
	}
	find(config, "pbx", "0044", &facts, NOON, &answer);
	strcpy(called, answer.called);
	assert_int_equal(routing_numbers(&answer.target[0], called, caller, text), 0);
	assert_string_equal(called, "0044");
	config_free(config);
}

static void it_is_told_why_a_route_does_not_match(void **state)
{
	struct config *config =
	    load("- {name: r, from: pbx, number: \"+49*\", to: a, header: \"X-Tenant: gold*\",\n"
		 "   schedule: day}\n");
	static const struct {
		const char *from, *called, *tenant;
		int64_t unix_s;
		const char *why;
	} rows[] = {
	    {"office", "+49", "gold", NOON, "from: it is for calls of pbx"},
	    {"pbx", "+48", "gold", NOON, "number: \"+48\" is not \"+49*\""},
	    {"pbx", "+49", "gold", NOON + 86400 * 2,
	     "schedule: day is closed: it is sat 2026-11-28 12:00 in UTC"},
	    {"pbx", "+49", NULL, NOON, "header: there is no X-Tenant"},
	    {"pbx", "+49", "tin", NOON, "header: X-Tenant is \"tin\", not \"gold*\""},
	    {"pbx", "+49", "gold", NOON, "number \"+49*\", from, header, schedule: matches"},
	};
	char text[ROUTING_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct facts facts = {.tenant = rows[i].tenant};
		const struct routing_query query = {.from = peer(config, rows[i].from),
						    .called = rows[i].called,
						    .unix_s = rows[i].unix_s,
						    .header = header,
						    .user = &facts};

		assert_int_equal(routing_matches(&config->routes[0], &query, text),
				 i == COUNT(rows) - 1);
		assert_string_equal(text, rows[i].why);
	}
	config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(calls_go_where_the_routes_say),
	    cmocka_unit_test(a_header_decides_before_others_when_its_priority_does),
	    cmocka_unit_test(targets_are_left_out_when_down_or_full),
	    cmocka_unit_test(a_route_whose_targets_are_all_full_is_busy),
	    cmocka_unit_test(calls_are_shared_by_weight_or_by_load),
	    cmocka_unit_test(numbers_are_translated_for_each_target),
	    cmocka_unit_test(it_is_told_why_a_route_does_not_match),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
