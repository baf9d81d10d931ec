/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Meaning of routes, schedules and translations, and what is made of them for use. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/load.h"
#include "policy/routing.h"
#include "route/zone.h"

/* ---- schedules ---- */

static void load_zone(struct load *load, struct config_schedule *schedule)
{
	int rc = zone_load(&schedule->compiled->zone, schedule->zone);

	if (rc < 0)
		load_error_at(load, &schedule->zone,
			      "%szone: %s: %s; must be a file under " ZONE_FOLDER
			      " (package tzdata), such as Europe/Berlin",
			      load_label(load, &schema_schedule, schedule).text,
			      load_show(schedule->zone).text,
			      rc == -EINVAL ? "not a time zone file" : strerror(-rc));
}

/* What could not be read is reported already, and stands as NULL. */
static void compile_schedule(struct load *load, struct config_schedule *schedule)
{
	struct schedule *compiled = calloc(1, sizeof(*compiled));

	schedule->compiled = compiled;
	if (compiled)
		compiled->closed = calloc(schedule->closed_count + 1U, sizeof(*compiled->closed));
	if (!compiled || !compiled->closed) {
		load->out_of_memory = true;
		return;
	}
	for (unsigned i = 0; i < schedule->open_count; i++)
		if (schedule->open[i] &&
		    !schedule_hours_parse(schedule->open[i],
					  &compiled->hours[compiled->hours_count]))
			compiled->hours_count++;
	for (unsigned i = 0; i < schedule->closed_count; i++)
		if (schedule->closed[i] &&
		    !schedule_day_parse(schedule->closed[i],
					&compiled->closed[compiled->closed_count]))
			compiled->closed_count++;
	/* UTC needs no file */
	if (schedule->zone && strcmp(schedule->zone, "UTC") != 0)
		load_zone(load, schedule);
}

/* ---- translations ---- */

__attribute__((format(printf, 4, 5))) static void refuse_rewrite(struct load *load,
								 const struct rewrite *rule,
								 const void *field,
								 const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	/* the label of a rule is looked for among all: only for errors */
	load_error_at(load, field, "%s%s", load_label(load, &schema_rewrite, rule).text, text);
}

static void check_rewrite(struct load *load, const struct rewrite *rule)
{
	bool plain = load_given(load, &rule->strip) || load_given(load, &rule->add);
	bool pattern = load_given(load, &rule->match) || load_given(load, &rule->replace);
	const char *wrong;

	if (load_bad(load, &rule->strip) || load_bad(load, &rule->add) ||
	    load_bad(load, &rule->match) || load_bad(load, &rule->replace))
		return;
	if (plain == pattern)
		refuse_rewrite(load, rule, &rule->match,
			       "must have either strip, add or both, or match and replace");
	else if (pattern && (!rule->match || !rule->replace))
		refuse_rewrite(load, rule, rule->match ? &rule->match : &rule->replace,
			       "%s is missing; match and replace go together",
			       rule->match ? "replace" : "match");
	else if (pattern && (wrong = rewrite_check(rule->match, rule->replace)))
		refuse_rewrite(load, rule, &rule->replace, "replace: %s %s",
			       load_show(rule->replace).text, wrong);
}

/* ---- routes ---- */

static void check_destination(struct load *load, const struct config_route *route)
{
	int ways = load_given(load, &route->to) + (route->target_count > 0) +
		   load_given(load, &route->refuse);

	if (load_bad(load, &route->to) || load_bad(load, &route->targets) ||
	    load_bad(load, &route->refuse) || ways == 1)
		return;
	load_error_at(load, &route->number, "%s%s; must have one of to, targets and refuse",
		      load_label(load, &schema_route, route).text,
		      ways ? "goes to more than one place" : "goes nowhere");
}

static void check_targets(struct load *load, const struct config_route *route)
{
	for (unsigned i = 0; i < route->target_count; i++) {
		const struct config_target *target = &route->targets[i];

		for (unsigned j = 0; target->peer && j < i; j++)
			if (route->targets[j].peer == target->peer)
				load_error_at(load, &target->peer,
					      "%speer: %s is a target of this route already; once "
					      "is enough",
					      load_label(load, &schema_target, target).text,
					      load_show(target->peer->name).text);
	}
}

static void compile_codes(struct config_route *route)
{
	if (!route->failover_code_count)
		route->codes = codes_default;
	for (unsigned i = 0; i < route->failover_code_count; i++)
		if (route->failover_codes[i])
			codes_add(&route->codes, route->failover_codes[i]);
}

/* By number and priority, then by who calls (any peer, NULL, first), then as in the file. */
static int route_order(const void *a, const void *b)
{
	const struct config_route *x = *(const struct config_route *const *)a;
	const struct config_route *y = *(const struct config_route *const *)b;
	int order = strcmp(x->number, y->number);

	if (order != 0)
		return order;
	if (x->priority != y->priority)
		return x->priority < y->priority ? -1 : 1;
	if (x->from != y->from)
		return (x->from > y->from) - (x->from < y->from);
	return (x > y) - (x < y);
}

static void refuse_route(struct load *load, const struct config_route *route,
			 const struct config_route *earlier)
{
	load_error_at(load, &route->number,
		      "%snumber: %s never gets here, route %s at line %u takes it; must be another "
		      "number, from or priority",
		      load_label(load, &schema_route, route).text, load_show(route->number).text,
		      earlier->name ? earlier->name : "?", load_line(load, &earlier->number));
}

static bool compete(const struct config_route *a, const struct config_route *b)
{
	return a->priority == b->priority && strcmp(a->number, b->number) == 0;
}

/* routes: in route_order(). Those with conditions leave something to others. */
static void check_reached(struct load *load, const struct config_route *const *routes,
			  unsigned count)
{
	const struct config_route *any = NULL, *same = NULL;

	for (unsigned i = 0; i < count; i++) {
		const struct config_route *route = routes[i];
		bool always = !route->header && !route->schedule;

		if (i == 0 || !compete(route, routes[i - 1]))
			any = same = NULL;
		if (same && same->from == route->from)
			refuse_route(load, route, same);
		else if (any && any < route)
			refuse_route(load, route, any);
		else if (always)
			same = route;
		if (always && !route->from && !any)
			any = route;
	}
}

/* A route whose calls an equal one before it always takes is a mistake of the file. */
static void check_order(struct load *load)
{
	const struct config *config = load->config;
	const struct config_route **routes = calloc(config->route_count + 1U, sizeof(*routes));
	unsigned count = 0;

	if (!routes) {
		load->out_of_memory = true;
		return;
	}
	for (unsigned i = 0; i < config->route_count; i++) {
		const struct config_route *route = &config->routes[i];
		bool from_known = route->from || !load_given(load, &route->from);

		if (route->number && from_known && !load_bad(load, &route->from))
			routes[count++] = route;
	}
	qsort(routes, count, sizeof(*routes), route_order);
	check_reached(load, routes, count);
	free(routes);
}

void check_routes(struct load *load)
{
	struct config *config = load->config;

	for (unsigned i = 0; i < config->schedule_count; i++)
		compile_schedule(load, &config->schedules[i]);
	for (unsigned i = 0; i < config->translation_count; i++)
		for (unsigned j = 0; j < config->translations[i].rule_count; j++)
			check_rewrite(load, &config->translations[i].rules[j]);
	for (unsigned i = 0; i < config->route_count; i++) {
		check_destination(load, &config->routes[i]);
		check_targets(load, &config->routes[i]);
		compile_codes(&config->routes[i]);
	}
	check_order(load);
	if (load->error_count == 0 && !load->out_of_memory && routing_compile(config) < 0)
		load->out_of_memory = true;
}
