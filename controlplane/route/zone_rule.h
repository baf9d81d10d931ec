/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rule at the end of a TZif file: a TZ variable as POSIX has it (8.3), with the hours of RFC
 * 8536 3.3.1: "CET-1CEST,M3.5.0,M10.5.0/3".
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define ZONE_RULE_MAX 128U /* bytes of its text, NUL included */

struct zone_date {
	enum { ZONE_DATE_WEEKDAY, ZONE_DATE_JULIAN, ZONE_DATE_DAY } kind;
	int month, week, weekday; /* WEEKDAY: 1-12, 1-5 (5: the last), 0-6 (0: Sunday) */
	int day;                  /* JULIAN: 1-365, never 29 February; DAY: 0-365 */
	int32_t time_s;           /* of the local clock before the change */
};

struct zone_rule {
	int32_t standard_s, summer_s; /* east of UTC */
	bool has_summer;
	struct zone_date start, end; /* of summer time */
};

/* 0 or -EINVAL. */
int zone_rule_parse(struct zone_rule *rule, const char *text);
int32_t zone_rule_offset_s(const struct zone_rule *rule, int64_t unix_s);
