/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/route_test.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "b2bua/number.h"

static_assert(NUMBER_TEXT_MAX == REWRITE_TEXT_MAX, "a number fits either way");

static const struct config_peer *find_peer(const struct config *config, const char *name)
{
	for (unsigned i = 0; i < config->peer_count; i++)
		if (strcmp(config->peers[i].name, name) == 0)
			return &config->peers[i];
	return NULL;
}

static struct str header_of(void *user, const char *name, unsigned nth)
{
	const struct route_test *test = user;
	size_t length = strlen(name);

	for (size_t i = 0; i < json_array_size(test->headers); i++) {
		const char *text = json_string_value(json_array_get(test->headers, i));

		if (text && strncasecmp(text, name, length) == 0 && text[length] == ':' &&
		    nth-- == 0)
			return str_of(text + length + 1 + strspn(text + length + 1, " "));
	}
	return (struct str){0};
}

static bool is_down(void *user, const struct config_peer *peer)
{
	const struct route_test *test = user;

	return test->is_down && test->is_down(test->user, peer);
}

static unsigned calls(void *user, const struct config_peer *peer)
{
	const struct route_test *test = user;

	return test->calls ? test->calls(test->user, peer) : 0;
}

static uint32_t draw(void *user)
{
	const struct route_test *test = user;

	return test->random(test->user);
}

/* ---- rules ---- */

/* Why a route that matches is not used. */
static void tell_rival(const struct config_route *route, const struct config_route *rival,
		       char text[static ROUTING_TEXT_MAX])
{
	const char *why = "stands before it in the file";

	if (rival->priority < route->priority)
		why = "has a lower priority number";
	else if (pattern_weight(rival->number) > pattern_weight(route->number))
		why = "says more of the number";
	snprintf(text, ROUTING_TEXT_MAX, "matches, but route %s %s", rival->name, why);
}

/* The route that takes the call instead: of the same priority, or one that refuses it before. */
static const struct config_route *rival_of(const struct config *config,
					   const struct routing_query *query,
					   const struct config_route *route)
{
	char ignored[ROUTING_TEXT_MAX];

	for (unsigned i = 0; i < config->route_count; i++) {
		const struct config_route *other = &config->routes[i];

		if ((other->priority == route->priority ||
		     (other->refuse && other->priority < route->priority)) &&
		    other != route && routing_precedes(other, route) &&
		    routing_matches(other, query, ignored))
			return other;
	}
	return NULL;
}

static json_t *rule_json(const struct config *config, const struct routing_query *query,
			 const struct config_route *route)
{
	char text[ROUTING_TEXT_MAX];
	bool matches = routing_matches(route, query, text);
	const struct config_route *rival = matches ? rival_of(config, query, route) : NULL;

	if (rival)
		tell_rival(route, rival, text);
	return json_pack("{s:s, s:i, s:b, s:b, s:s}", "route", route->name, "priority",
			 (int)route->priority, "matches", matches, "used", matches && !rival, "why",
			 text);
}

static bool is_shown(const struct config *config, const struct routing_query *query,
		     const struct config_route *route)
{
	return config->route_count <= ROUTE_TEST_RULES_MAX ||
	       ((!route->from || route->from == query->from) &&
		pattern_match(route->number, str_of(query->called), NULL));
}

static void add_rules(json_t *object, const struct config *config,
		      const struct routing_query *query)
{
	json_t *rules = json_array();
	unsigned shown = 0;

	for (unsigned i = 0; i < config->route_count; i++) {
		if (!is_shown(config, query, &config->routes[i]))
			continue;
		json_array_append_new(rules, rule_json(config, query, &config->routes[i]));
		shown++;
	}
	json_object_set_new(object, "rules", rules);
	json_object_set_new(object, "not_shown",
			    json_integer((json_int_t)config->route_count - shown));
}

/* ---- targets ---- */

static json_t *target_json(const struct routing_answer *answer, const struct routing_target *target)
{
	static const char *const states[] = {
	    [ROUTING_USED] = "used",
	    [ROUTING_DOWN] = "left out: it is down",
	    [ROUTING_FULL] = "left out: it has max_calls calls",
	    [ROUTING_LAST] = "used: all are down, this is the best",
	};
	char called[REWRITE_TEXT_MAX], caller[REWRITE_TEXT_MAX], text[ROUTING_TEXT_MAX];
	json_t *object;

	memcpy(called, answer->called, sizeof(called));
	memcpy(caller, answer->caller, sizeof(caller));
	if (routing_numbers(target, called, caller, text) < 0)
		return json_pack("{s:s, s:s, s:s}", "route", target->route->name, "peer",
				 target->peer->name, "state", text);
	object = json_pack("{s:s, s:s, s:s, s:s, s:s}", "route", target->route->name, "peer",
			   target->peer->name, "state", states[target->state], "called", called,
			   "caller", caller);
	if (target->target) {
		json_object_set_new(object, "priority",
				    json_integer((json_int_t)target->target->priority));
		json_object_set_new(object, "weight",
				    json_integer((json_int_t)target->target->weight));
	}
	return object;
}

static void add_targets(json_t *object, const struct routing_answer *answer)
{
	json_t *targets = json_array();

	for (unsigned i = 0; i < answer->count; i++)
		json_array_append_new(targets, target_json(answer, &answer->target[i]));
	for (unsigned i = 0; i < answer->left_out_count; i++)
		json_array_append_new(targets, target_json(answer, &answer->left_out[i]));
	json_object_set_new(object, "targets", targets);
}

/* ---- the whole ---- */

json_t *route_test(const struct config *config, const struct route_test *test, char *error,
		   size_t size)
{
	static const char *const outcomes[] = {
	    [ROUTING_TARGETS] = "called",        [ROUTING_NO_ROUTE] = "no-route",
	    [ROUTING_REFUSED] = "route-refused", [ROUTING_BUSY] = "targets-full",
	    [ROUTING_BAD_NUMBER] = "bad-number",
	};
	char called[NUMBER_TEXT_MAX], caller[NUMBER_TEXT_MAX];
	struct routing_query query = {
	    .from = find_peer(config, test->from),
	    .called = called,
	    .caller = caller,
	    .unix_s = test->unix_s,
	    .header = header_of,
	    .is_down = is_down,
	    .calls = calls,
	    .random = draw,
	    .user = (void *)(uintptr_t)test,
	};
	struct routing_answer answer;
	json_t *object;

	if (!query.from) {
		snprintf(error, size, "there is no peer %.64s: see 'sluicectl peer list'",
			 test->from);
		return NULL;
	}
	if (number_normalise(called, str_of(test->called)) < 0 ||
	    number_normalise(caller, str_of(test->caller ? test->caller : "")) < 0) {
		snprintf(error, size, "a number is too long, or has a malformed escape");
		return NULL;
	}
	routing_find(config, &query, &answer);
	object = json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:s, s:s}", "from", query.from->name,
			   "called", called, "caller", caller, "routed_called", answer.called,
			   "routed_caller", answer.caller, "at", (json_int_t)test->unix_s,
			   "outcome", outcomes[answer.outcome], "text", answer.text);
	if (answer.outcome == ROUTING_REFUSED)
		json_object_set_new(object, "status",
				    json_integer((json_int_t)answer.route->refuse));
	query.called = answer.called;
	query.caller = answer.caller;
	add_rules(object, config, &query);
	add_targets(object, &answer);
	return object;
}
