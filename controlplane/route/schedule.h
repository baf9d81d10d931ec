/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When a route is open: hours of days of the week by the clocks of one time zone, less whole days.
 *
 *   "mon-fri 08:00-18:00"   "sat,sun"   "daily 22:00-06:00" (into the next day)
 *   "12-25" (each year)     "2026-05-14"
 *
 * Thread: made by one; any may ask.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "route/calendar.h"

#define SCHEDULE_HOURS_MAX 32U
#define SCHEDULE_DAYS_MAX 400U

struct zone;

struct schedule_hours {
	uint8_t days;       /* bit (1 << weekday), 0: Sunday */
	uint16_t from_min;  /* of the day */
	uint16_t until_min; /* not itself; at or before from_min: of the next day */
};

struct schedule_day {
	unsigned year; /* 0: every */
	uint8_t month, day;
};

struct schedule {
	struct zone *zone; /* NULL: UTC; owned */
	unsigned hours_count, closed_count;
	struct schedule_hours hours[SCHEDULE_HOURS_MAX];
	struct schedule_day *closed; /* owned */
};

/* Each: NULL when right, else what it must be. The result may be NULL. */
const char *schedule_hours_parse(const char *text, struct schedule_hours *hours);
const char *schedule_day_parse(const char *text, struct schedule_day *day);

struct schedule_moment { /* what the clocks of the zone show */
	struct calendar_date date;
	int weekday; /* 0: Sunday */
	int minute;  /* of the day */
};
void schedule_moment_of(struct schedule_moment *moment, const struct zone *zone, int64_t unix_s);

bool schedule_is_open(const struct schedule *schedule, int64_t unix_s);
void schedule_free(struct schedule *schedule); /* NULL is fine */

const char *schedule_weekday_name(int weekday); /* "mon" */
