/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/routing.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/routing_match.h"
#include "route/prefix.h"

struct routing {
	struct prefix_key *keys;
	struct prefix_index *index;
};

/* The number that stands for a peer in the index; 0: anybody. */
static unsigned peer_number(const struct config *config, const struct config_peer *peer)
{
	return peer ? (unsigned)(peer - config->peers) + 1 : 0;
}

int routing_compile(struct config *config)
{
	struct routing *routing = calloc(1, sizeof(*routing));

	if (!routing)
		return -ENOMEM;
	config->routing = routing;
	routing->keys = calloc(config->route_count + 1U, sizeof(*routing->keys));
	for (unsigned i = 0; routing->keys && i < config->route_count; i++)
		routing->keys[i] = (struct prefix_key){peer_number(config, config->routes[i].from),
						       config->routes[i].number};
	if (routing->keys)
		routing->index = prefix_index_new(routing->keys, config->route_count);
	return routing->index ? 0 : -ENOMEM;
}

void routing_free(struct config *config)
{
	struct routing *routing = config->routing;

	if (!routing)
		return;
	prefix_index_free(routing->index);
	free(routing->keys);
	free(routing);
	config->routing = NULL;
}

/* ---- which routes ---- */

bool routing_precedes(const struct config_route *a, const struct config_route *b)
{
	unsigned x = pattern_weight(a->number), y = pattern_weight(b->number);

	if (a->priority != b->priority)
		return a->priority < b->priority;
	return x != y ? x > y : a < b;
}

/* The best route of each priority, the lowest priority first. */
struct levels {
	const struct config *config;
	const struct routing_query *query; /* called as routes see it */
	unsigned count;
	const struct config_route *route[ROUTING_LEVELS_MAX];
};

static void insert(struct levels *levels, unsigned place, const struct config_route *route)
{
	unsigned last = levels->count < ROUTING_LEVELS_MAX ? levels->count++ : levels->count - 1;

	for (; last > place; last--)
		levels->route[last] = levels->route[last - 1];
	levels->route[place] = route;
}

/* The number and the caller fit. The conditions cost more, so they come last. */
static void consider(void *user, unsigned key)
{
	struct levels *levels = user;
	const struct config_route *route = &levels->config->routes[key];
	unsigned place = 0;

	while (place < levels->count && levels->route[place]->priority < route->priority)
		place++;
	if (place == ROUTING_LEVELS_MAX)
		return;
	bool same = place < levels->count && levels->route[place]->priority == route->priority;

	if ((same && !routing_precedes(route, levels->route[place])) ||
	    !routing_conditions_hold(route, levels->query, NULL))
		return;
	if (same)
		levels->route[place] = route;
	else
		insert(levels, place, route);
}

/* ---- which targets ---- */

static bool is_known(const struct routing_answer *answer, const struct config_peer *peer)
{
	for (unsigned i = 0; i < answer->count; i++)
		if (answer->target[i].peer == peer)
			return true;
	for (unsigned i = 0; i < answer->left_out_count; i++)
		if (answer->left_out[i].peer == peer)
			return true;
	return false;
}

static unsigned calls_of(const struct routing_query *query, const struct config_peer *peer)
{
	return query->calls ? query->calls(query->user, peer) : 0;
}

static void add_target(struct routing_answer *answer, const struct routing_query *query,
		       struct routing_target target)
{
	unsigned most = target.target ? target.target->max_calls : 0;

	if (is_known(answer, target.peer)) /* a peer is tried once */
		return;
	if (most && calls_of(query, target.peer) >= most)
		target.state = ROUTING_FULL;
	else if (query->is_down && query->is_down(query->user, target.peer))
		target.state = ROUTING_DOWN;
	if (target.state == ROUTING_USED) {
		if (answer->count < ROUTING_TARGETS_MAX)
			answer->target[answer->count++] = target;
	} else if (answer->left_out_count < ROUTING_TARGETS_MAX) {
		answer->left_out[answer->left_out_count++] = target;
	}
}

static void add_route(struct routing_answer *answer, const struct routing_query *query,
		      const struct config_route *route)
{
	struct pick picks[CONFIG_TARGETS_MAX];

	if (route->to) {
		add_target(answer, query,
			   (struct routing_target){.route = route, .peer = route->to});
		return;
	}
	for (unsigned i = 0; i < route->target_count; i++)
		picks[i] = (struct pick){
		    .priority = route->targets[i].priority,
		    .weight = route->targets[i].weight,
		    .load = calls_of(query, route->targets[i].peer),
		    .id = i,
		};
	pick_order(picks, route->target_count, route->balance, query->random, query->user);
	for (unsigned i = 0; i < route->target_count; i++) {
		const struct config_target *target = &route->targets[picks[i].id];

		add_target(answer, query,
			   (struct routing_target){
			       .route = route, .target = target, .peer = target->peer});
	}
}

/* What is known may be old: rather the best of those that are down than nothing. */
static void take_last_resort(struct routing_answer *answer)
{
	for (unsigned i = 0; i < answer->left_out_count; i++) {
		if (answer->left_out[i].state != ROUTING_DOWN)
			continue;
		answer->target[0] = answer->left_out[i];
		answer->target[0].state = ROUTING_LAST;
		answer->count = 1;
		memmove(&answer->left_out[i], &answer->left_out[i + 1],
			(--answer->left_out_count - i) * sizeof(answer->left_out[0]));
		return;
	}
}

static void find_targets(const struct levels *levels, struct routing_answer *answer)
{
	const struct config_route *first = levels->route[0];

	answer->route = first;
	if (first->refuse) {
		answer->outcome = ROUTING_REFUSED;
		snprintf(answer->text, sizeof(answer->text), "route %s refuses \"%.100s\" with %u",
			 first->name, answer->called, first->refuse);
		return;
	}
	for (unsigned i = 0; i < levels->count && !levels->route[i]->refuse; i++)
		add_route(answer, levels->query, levels->route[i]);
	if (!answer->count)
		take_last_resort(answer);
	if (answer->count)
		return;
	answer->outcome = ROUTING_BUSY;
	snprintf(answer->text, sizeof(answer->text),
		 "route %s: all its targets have max_calls calls", first->name);
}

/* ---- numbers ---- */

/* config_translation NULL: stays. */
static int translate(const struct config_translation *translation, const char *owner,
		     const char *key, char number[static REWRITE_TEXT_MAX],
		     char text[static ROUTING_TEXT_MAX])
{
	unsigned rule = 0;

	if (!translation ||
	    rewrite_apply(translation->rules, translation->rule_count, number, &rule) != -EINVAL)
		return 0;
	snprintf(text, ROUTING_TEXT_MAX,
		 "%s: %s: rule %u of translation %s makes no number of "
		 "\"%.80s\"",
		 owner, key, rule + 1, translation->name, number);
	return -EINVAL;
}

int routing_numbers(const struct routing_target *target, char called[static REWRITE_TEXT_MAX],
		    char caller[static REWRITE_TEXT_MAX], char text[static ROUTING_TEXT_MAX])
{
	const struct config_route *route = target->route;
	const struct config_peer *peer = target->peer;
	int rc = translate(route->called, route->name, "called", called, text);

	if (rc == 0)
		rc = translate(peer->called_out, peer->name, "called_out", called, text);
	/* a caller that shows no number has none to translate */
	if (rc == 0 && caller[0])
		rc = translate(route->caller, route->name, "caller", caller, text);
	if (rc == 0 && caller[0])
		rc = translate(peer->caller_out, peer->name, "caller_out", caller, text);
	return rc;
}

int routing_caller(const struct config_peer *from, const struct routing_target *target,
		   char caller[static REWRITE_TEXT_MAX])
{
	char text[ROUTING_TEXT_MAX];
	int rc = translate(from->caller_in, from->name, "caller_in", caller, text);

	if (rc == 0)
		rc = translate(target->route->caller, target->route->name, "caller", caller, text);
	if (rc == 0)
		rc = translate(target->peer->caller_out, target->peer->name, "caller_out", caller,
			       text);
	return rc;
}

/* ---- the whole ---- */

void routing_find(const struct config *config, const struct routing_query *query,
		  struct routing_answer *answer)
{
	const struct config_peer *from = query->from;
	struct routing_query seen = *query;
	struct levels levels = {.config = config, .query = &seen};

	*answer = (struct routing_answer){.outcome = ROUTING_TARGETS};
	snprintf(answer->called, sizeof(answer->called), "%s", query->called);
	snprintf(answer->caller, sizeof(answer->caller), "%s", query->caller);
	if (translate(from->called_in, from->name, "called_in", answer->called, answer->text) < 0 ||
	    (answer->caller[0] && translate(from->caller_in, from->name, "caller_in",
					    answer->caller, answer->text) < 0)) {
		answer->outcome = ROUTING_BAD_NUMBER;
		return;
	}
	seen.called = answer->called;
	seen.caller = answer->caller;
	prefix_index_find(config->routing->index, peer_number(config, from), str_of(seen.called),
			  consider, &levels);
	if (levels.count) {
		find_targets(&levels, answer);
		return;
	}
	answer->outcome = ROUTING_NO_ROUTE;
	snprintf(answer->text, sizeof(answer->text), "no route matches \"%.100s\" from %s",
		 answer->called, from->name);
}
