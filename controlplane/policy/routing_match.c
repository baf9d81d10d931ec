/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/routing_match.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 2, 3))) static void say(char *text, const char *format, ...)
{
	va_list args;

	if (!text)
		return;
	va_start(args, format);
	vsnprintf(text, ROUTING_TEXT_MAX, format, args);
	va_end(args);
}

/* "X-Tenant: gold*": the name and what follows the colon and spaces. */
static const char *split_header(const char *header, char name[static 64])
{
	size_t length = strcspn(header, ":");

	snprintf(name, 64, "%.*s", (int)length, header);
	return header + length + 1 + strspn(header + length + 1, " ");
}

static bool header_holds(const struct config_route *route, const struct routing_query *query,
			 char *text)
{
	char name[64];
	const char *wanted;
	struct str value = {0}, first = {0};

	if (!route->header)
		return true;
	wanted = split_header(route->header, name);
	for (unsigned i = 0; query->header && i < 8; i++) {
		value = query->header(query->user, name, i);
		if (!value.ptr)
			break;
		if (pattern_value_match(wanted, value))
			return true;
		first = i ? first : value;
	}
	if (first.ptr)
		say(text, "header: %s is \"%.*s\", not \"%s\"", name,
		    (int)(first.len < 60 ? first.len : 60), first.ptr, wanted);
	else
		say(text, "header: there is no %s", name);
	return false;
}

static bool schedule_holds(const struct config_route *route, const struct routing_query *query,
			   char *text)
{
	const struct config_schedule *schedule = route->schedule;
	struct schedule_moment moment;

	if (!schedule || schedule_is_open(schedule->compiled, query->unix_s))
		return true;
	if (!text)
		return false;
	schedule_moment_of(&moment, schedule->compiled->zone, query->unix_s);
	say(text, "schedule: %s is closed: it is %s %04lld-%02d-%02d %02d:%02d in %s",
	    schedule->name, schedule_weekday_name(moment.weekday), (long long)moment.date.year,
	    moment.date.month, moment.date.day, moment.minute / 60, moment.minute % 60,
	    schedule->zone);
	return false;
}

bool routing_conditions_hold(const struct config_route *route, const struct routing_query *query,
			     char *text)
{
	return schedule_holds(route, query, text) && header_holds(route, query, text);
}

bool routing_matches(const struct config_route *route, const struct routing_query *query,
		     char text[static ROUTING_TEXT_MAX])
{
	if (route->from && route->from != query->from) {
		say(text, "from: it is for calls of %s", route->from->name);
		return false;
	}
	if (!pattern_match(route->number, str_of(query->called), NULL)) {
		say(text, "number: \"%.80s\" is not \"%s\"", query->called, route->number);
		return false;
	}
	if (!routing_conditions_hold(route, query, text))
		return false;
	say(text, "number \"%s\"%s%s%s%s matches", route->number, route->from ? ", from" : "",
	    route->header ? ", header" : "", route->schedule ? ", schedule" : "",
	    route->from || route->header || route->schedule ? ":" : "");
	return true;
}
