/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What routing reads: a file of a time zone (the operator's, but of another package), or lines of
 * text as pattern, replacement, number, hours and rule, all of which must hold whatever they are.
 */
#include <stdlib.h>
#include <string.h>

#include "route/rewrite.h"
#include "route/schedule.h"
#include "route/zone.h"
#include "route/zone_rule.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask(const struct zone *zone)
{
	static const int64_t moments[] = {INT64_MIN / 2, -1, 0, 1711846800, 4102444800, 1LL << 40};
	struct schedule_moment moment;

	for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++) {
		int32_t offset_s = zone_offset_s(zone, moments[i]);

		if (offset_s > 26 * 3600 || offset_s < -26 * 3600)
			abort();
		schedule_moment_of(&moment, zone, moments[i]);
		if (moment.minute < 0 || moment.minute >= 1440 || moment.weekday > 6)
			abort();
	}
}

static void read_zone(const uint8_t *data, size_t size)
{
	struct zone *zone;

	if (zone_parse(&zone, data, size) == 0)
		ask(zone);
	zone_free(zone);
}

static void translate(const char *pattern, const char *replacement, const char *number)
{
	const struct rewrite rule = {.match = pattern, .replace = replacement};
	char text[REWRITE_TEXT_MAX] = "";

	if (pattern_check(pattern, PATTERN_ROUTE) == NULL &&
	    pattern_weight(pattern) > 4 * PATTERN_MAX)
		abort();
	if (pattern_check(pattern, PATTERN_TRANSLATION) || rewrite_check(pattern, replacement))
		return;
	strncpy(text, number, sizeof(text) - 1);
	if (rewrite_apply(&rule, 1, text, NULL) == 0 && (!text[0] || strlen(text) >= sizeof(text)))
		abort();
}

static void read_lines(const uint8_t *data, size_t size)
{
	char text[1024], *rest = text, *line[5];
	struct schedule_hours hours;
	struct zone_rule rule;

	if (size >= sizeof(text))
		return;
	memcpy(text, data, size);
	text[size] = '\0';
	for (unsigned i = 0; i < 5; i++)
		line[i] = rest ? strsep(&rest, "\n") : "";
	translate(line[0], line[1], line[2]);
	pattern_value_match(line[0], str_of(line[2]));
	if (!schedule_hours_parse(line[3], &hours) && (hours.until_min > 1440 || !hours.days))
		abort();
	if (zone_rule_parse(&rule, line[4]) == 0)
		zone_rule_offset_s(&rule, 1711846800);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 4 && memcmp(data, "TZif", 4) == 0)
		read_zone(data, size);
	else
		read_lines(data, size);
	return 0;
}
