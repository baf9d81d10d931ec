/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "route/schedule.h"
#include "route/zone.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct schedule *make(const char *const hours[], const char *const closed[],
			     const char *zone)
{
	struct schedule *schedule = calloc(1, sizeof(*schedule));

	schedule->closed = calloc(8, sizeof(*schedule->closed));
	for (unsigned i = 0; hours[i]; i++)
		assert_null(
		    schedule_hours_parse(hours[i], &schedule->hours[schedule->hours_count++]));
	for (unsigned i = 0; closed && closed[i]; i++)
		assert_null(
		    schedule_day_parse(closed[i], &schedule->closed[schedule->closed_count++]));
	if (zone && zone_load(&schedule->zone, zone) < 0) {
		schedule_free(schedule);
		return NULL;
	}
	return schedule;
}

/* "2026-03-29 01:30" in UTC */
static int64_t utc(const char *text)
{
	struct tm tm = {0};

	assert_non_null(strptime(text, "%Y-%m-%d %H:%M", &tm));
	return timegm(&tm);
}

struct fact {
	const char *at; /* UTC */
	bool open;
};

static void check(struct schedule *schedule, const struct fact *facts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (schedule_is_open(schedule, utc(facts[i].at)) != facts[i].open)
			fail_msg("at %s", facts[i].at);
	schedule_free(schedule);
}

static void it_is_open_in_its_hours(void **state)
{
	static const char *const hours[] = {"mon-fri 08:00-18:00", "sat 09:00-13:00", NULL};
	static const char *const closed[] = {"12-25", "2026-11-23", NULL};
	static const struct fact facts[] = {
	    {"2026-11-24 07:59", false}, {"2026-11-24 08:00", true},
	    {"2026-11-24 17:59", true},  {"2026-11-24 18:00", false},
	    {"2026-11-28 08:30", false}, {"2026-11-28 12:59", true},  /* Saturday */
	    {"2026-11-29 12:00", false},                              /* Sunday */
	    {"2026-12-25 12:00", false}, {"2028-12-25 12:00", false}, /* Friday, Monday */
	    {"2026-11-23 12:00", false}, {"2027-11-23 12:00", true},  /* Monday, Tuesday */
	};

	(void)state;
	check(make(hours, closed, NULL), facts, COUNT(facts));
}

static void a_night_belongs_to_the_day_that_it_begins_on(void **state)
{
	static const char *const hours[] = {"fri,sat 22:00-06:00", NULL};
	static const struct fact facts[] = {
	    {"2026-11-27 21:59", false}, {"2026-11-27 22:00", true}, {"2026-11-28 05:59", true},
	    {"2026-11-28 06:00", false}, {"2026-11-29 05:00", true}, {"2026-11-30 05:00", false},
	    {"2026-11-27 05:00", false},
	};

	(void)state;
	check(make(hours, NULL, NULL), facts, COUNT(facts));
}

/* 08:00 by the clocks of Berlin: 07:00 UTC in winter, 06:00 in summer, from 29 March 2026 on. */
static void summer_time_moves_it(void **state)
{
	static const char *const hours[] = {"daily 08:00-09:00", NULL};
	static const struct fact facts[] = {
	    {"2026-03-28 06:30", false}, {"2026-03-28 07:30", true}, {"2026-03-29 06:30", true},
	    {"2026-03-29 07:30", false}, {"2026-10-24 06:30", true}, {"2026-10-25 06:30", false},
	    {"2026-10-25 07:30", true},  {"2050-07-01 06:30", true},
	};
	struct schedule *schedule = make(hours, NULL, "Europe/Berlin");

	(void)state;
	if (!schedule)
		skip(); /* a machine without tzdata */
	check(schedule, facts, COUNT(facts));
}

/* 02:30 is there twice in the night that summer time ends in, and not once when it begins. */
static void the_hour_that_is_there_twice_is_open_twice(void **state)
{
	static const char *const hours[] = {"sun 02:00-03:00", NULL};
	static const struct fact facts[] = {
	    {"2026-10-25 00:30", true},  {"2026-10-25 01:30", true},  {"2026-10-25 02:00", false},
	    {"2026-03-29 00:30", false}, {"2026-03-29 01:00", false}, {"2026-03-29 01:30", false},
	};
	struct schedule *schedule = make(hours, NULL, "Europe/Berlin");

	(void)state;
	if (!schedule)
		skip();
	check(schedule, facts, COUNT(facts));
}

static void what_is_no_time_is_refused(void **state)
{
	static const char *const hours[] = {"",
					    "mon-",
					    "monday",
					    "mon 8:00-9:00",
					    "mon 08:00",
					    "mon 08:00-",
					    "mon 08:00-25:00",
					    "mon 08:60-09:00",
					    "mon 08:00-08:00",
					    "daily,mon",
					    "mon,",
					    "mon 24:00-01:00",
					    "mon 08:00-09:00 ",
					    "mon 01:00-00:00"};
	static const char *const good[] = {
	    "mon",     "MON-Fri",           "fri-mon 10:00-11:00", "daily",
	    "sat,sun", "daily 22:00-06:00", "mon 00:00-24:00",     "mon-wed,fri 00:00-12:30"};
	static const char *const days[] = {"",         "1-1",        "13-01",    "02-30", "12-32",
					   "26-12-25", "2026-02-29", "2026-1-1", "12-25x"};

	(void)state;
	for (size_t i = 0; i < COUNT(hours); i++)
		if (!schedule_hours_parse(hours[i], NULL))
			fail_msg("%s is read", hours[i]);
	for (size_t i = 0; i < COUNT(good); i++)
		if (schedule_hours_parse(good[i], NULL))
			fail_msg("%s is refused", good[i]);
	for (size_t i = 0; i < COUNT(days); i++)
		if (!schedule_day_parse(days[i], NULL))
			fail_msg("%s is read", days[i]);
	assert_null(schedule_day_parse("02-29", NULL));
	assert_null(schedule_day_parse("2028-02-29", NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_is_open_in_its_hours),
	    cmocka_unit_test(a_night_belongs_to_the_day_that_it_begins_on),
	    cmocka_unit_test(summer_time_moves_it),
	    cmocka_unit_test(the_hour_that_is_there_twice_is_open_twice),
	    cmocka_unit_test(what_is_no_time_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
