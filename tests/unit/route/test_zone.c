/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "route/schedule.h"
#include "route/zone.h"
#include "route/zone_rule.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A file of version 2 whose first block is empty but for one type. */
static size_t make_file(uint8_t *out, unsigned times, const int64_t *time, const uint8_t *type,
			unsigned types, const int32_t *offset, const char *rule)
{
	uint8_t *at = out;

	memset(out, 0, 2048);
	for (unsigned block = 0; block < 2; block++) {
		memcpy(at, "TZif2", 5);
		at[39] = (uint8_t)(block ? types : 1);
		at[43] = 4;
		at[35] = (uint8_t)(block ? times : 0);
		at += 44;
		if (!block) {
			at += 6 + 4;
			continue;
		}
		for (unsigned i = 0; i < times; i++, at += 8)
			for (unsigned b = 0; b < 8; b++)
				at[b] = (uint8_t)((uint64_t)time[i] >> (56 - 8 * b));
		memcpy(at, type, times);
		at += times;
		for (unsigned i = 0; i < types; i++, at += 6)
			for (unsigned b = 0; b < 4; b++)
				at[b] = (uint8_t)((uint32_t)offset[i] >> (24 - 8 * b));
		at += 4;
	}
	at += sprintf((char *)at, "\n%s\n", rule);
	return (size_t)(at - out);
}

static void offsets_change_at_the_transitions_and_by_the_rule_after(void **state)
{
	static const int64_t time[] = {1000, 2000};
	static const uint8_t type[] = {1, 0};
	static const int32_t offset[] = {3600, 7200};
	/* 2024-03-31 01:00 UTC, 2024-10-27 01:00 UTC */
	static const struct {
		int64_t unix_s;
		int32_t offset_s;
	} facts[] = {
	    {-5000000000, 3600}, {999, 3600},        {1000, 7200},       {1999, 7200},
	    {2000, 3600},        {1711846799, 3600}, {1711846800, 7200}, {1729990799, 7200},
	    {1729990800, 3600},  {4102444800, 3600},
	};
	uint8_t data[2048];
	size_t length = make_file(data, 2, time, type, 2, offset, "CET-1CEST,M3.5.0,M10.5.0/3");
	struct zone *zone;

	(void)state;
	assert_int_equal(zone_parse(&zone, data, length), 0);
	for (size_t i = 0; i < COUNT(facts); i++)
		assert_int_equal(zone_offset_s(zone, facts[i].unix_s), facts[i].offset_s);
	zone_free(zone);
	assert_int_equal(zone_offset_s(NULL, 5), 0);
	for (size_t cut = 0; cut < length; cut++) /* every file that ends early */
		assert_int_equal(zone_parse(&zone, data, cut), -EINVAL);
}

static void a_damaged_file_is_refused(void **state)
{
	static const int64_t descending[] = {2000, 1000};
	static const int64_t ascending[] = {1000, 2000};
	static const uint8_t good[] = {0, 0}, beyond[] = {0, 3};
	static const int32_t offset[] = {3600, 7200}, far[] = {3600, 100 * 3600};
	uint8_t data[2048];
	struct zone *zone;

	(void)state;
	assert_int_equal(
	    zone_parse(&zone, data, make_file(data, 2, descending, good, 2, offset, "")), -EINVAL);
	assert_int_equal(
	    zone_parse(&zone, data, make_file(data, 2, ascending, beyond, 2, offset, "")), -EINVAL);
	assert_int_equal(zone_parse(&zone, data, make_file(data, 2, ascending, good, 2, far, "")),
			 -EINVAL);
	assert_int_equal(
	    zone_parse(&zone, data, make_file(data, 2, ascending, good, 2, offset, "nonsense,")),
	    -EINVAL);
	size_t length = make_file(data, 2, ascending, good, 2, offset, "");
	assert_int_equal(zone_parse(&zone, data, length), 0);
	zone_free(zone);
	data[4] = 0; /* version 1 */
	assert_int_equal(zone_parse(&zone, data, length), -EINVAL);
}

static void rules_are_read_as_posix_has_them(void **state)
{
	static const char *const good[] = {"UTC0",
					   "CET-1CEST,M3.5.0,M10.5.0/3",
					   "<+0330>-3:30",
					   "EST5EDT,M3.2.0,M11.1.0",
					   "<-03>3<-02>,M3.5.0/-2,M10.5.0/-1",
					   "XXX0YYY,J60,J300/167",
					   "XXX0YYY-2:00:30,59/1:30,300"};
	static const char *const bad[] = {"",
					  "U0",
					  "UTC",
					  "CET-25",
					  "CET-1CEST",
					  "CET-1CEST,M3.5.0",
					  "CET-1CEST,M13.5.0,M1.1.0",
					  "CET-1CEST,M3.6.0,M1.1.0",
					  "CET-1CEST,M3.5.7,M1.1.0",
					  "CET-1CEST,J0,J1",
					  "CET-1CEST,J366,J1",
					  "CET-1CEST,366,1",
					  "CET-1CEST,M3.5.0/168,M1.1.0",
					  "<CET-1",
					  "CET-1CEST,M3.5.0,M10.5.0x"};
	struct zone_rule rule;

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		if (zone_rule_parse(&rule, good[i]) < 0)
			fail_msg("%s is refused", good[i]);
	for (size_t i = 0; i < COUNT(bad); i++)
		if (zone_rule_parse(&rule, bad[i]) == 0)
			fail_msg("%s is read", bad[i]);
}

/* libc's own opinion, every three hours and a bit over eighty years, rules and tables. */
static void clocks_show_what_libc_says(void **state)
{
	static const char *const names[] = {
	    "Europe/Berlin",    "America/New_York", "Australia/Sydney",
	    "America/Santiago", "Asia/Kolkata",     "Africa/Casablanca",
	    "Europe/Dublin",    "Pacific/Apia",     "Etc/UTC"};
	unsigned compared = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct zone *zone;

		if (zone_load(&zone, names[i]) == -ENOENT)
			continue; /* a machine without tzdata */
		assert_non_null(zone);
		setenv("TZ", names[i], 1);
		tzset();
		for (int64_t t = 0; t < 80LL * 365 * 86400; t += 11003) {
			time_t seconds = (time_t)t;
			struct tm local;

			localtime_r(&seconds, &local);
			if (zone_offset_s(zone, t) != local.tm_gmtoff)
				fail_msg("%s at %lld: %d, not %ld", names[i], (long long)t,
					 zone_offset_s(zone, t), local.tm_gmtoff);
			compared++;
		}
		zone_free(zone);
	}
	unsetenv("TZ");
	if (!compared)
		skip();
}

static void names_cannot_leave_their_folder(void **state)
{
	static const char *const bad[] = {
	    "", "/etc/passwd", "../shadow", "Europe/../../etc/x", "a//b", "Europe Berlin", ".x"};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_non_null(zone_name_check(bad[i]));
	assert_null(zone_name_check("America/Argentina/Buenos_Aires"));
	assert_null(zone_name_check("Etc/GMT+5"));
	struct zone *zone;
	assert_int_equal(zone_load(&zone, "No/Such_Zone"), -ENOENT);
	assert_int_equal(zone_load(&zone, "Europe"), -ENOENT); /* a folder */
}

static void the_calendar_agrees_with_libc(void **state)
{
	(void)state;
	for (int64_t day = -200000; day < 200000; day += 17) {
		time_t seconds = (time_t)(day * CALENDAR_DAY_S);
		struct calendar_date date;
		struct tm utc;

		gmtime_r(&seconds, &utc);
		calendar_date_of(&date, day);
		assert_int_equal(date.year, utc.tm_year + 1900);
		assert_int_equal(date.month, utc.tm_mon + 1);
		assert_int_equal(date.day, utc.tm_mday);
		assert_int_equal(calendar_weekday(day), utc.tm_wday);
		assert_int_equal(calendar_day(date.year, date.month, date.day), day);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(offsets_change_at_the_transitions_and_by_the_rule_after),
	    cmocka_unit_test(a_damaged_file_is_refused),
	    cmocka_unit_test(rules_are_read_as_posix_has_them),
	    cmocka_unit_test(clocks_show_what_libc_says),
	    cmocka_unit_test(names_cannot_leave_their_folder),
	    cmocka_unit_test(the_calendar_agrees_with_libc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
