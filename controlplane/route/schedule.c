/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "route/schedule.h"

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "route/zone.h"

#define DAY_MIN 1440U
#define ALL_DAYS 0x7fU

static const char *const names[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

static const char must_be_hours[] =
    "must be days and hours, such as mon-fri 08:00-18:00, sat,sun or daily 22:00-06:00";
static const char must_be_day[] = "must be a day, such as 12-25 (each year) or 2026-05-14";

const char *schedule_weekday_name(int weekday)
{
	return names[weekday];
}

/* ---- reading; each moves *text on, or returns false ---- */

static bool read_weekday(const char **text, int *weekday)
{
	for (int i = 0; i < 7; i++) {
		if (strncasecmp(*text, names[i], 3) == 0) {
			*text += 3;
			*weekday = i;
			return true;
		}
	}
	return false;
}

/* "mon", "fri-mon" */
static bool read_range(const char **text, uint8_t *days)
{
	int first, last;

	if (!read_weekday(text, &first))
		return false;
	last = first;
	if (**text == '-') {
		++*text;
		if (!read_weekday(text, &last))
			return false;
	}
	for (int day = first;; day = (day + 1) % 7) {
		*days |= (uint8_t)(1U << day);
		if (day == last)
			return true;
	}
}

static bool read_days(const char **text, uint8_t *days)
{
	*days = 0;
	if (strncasecmp(*text, "daily", 5) == 0) {
		*text += 5;
		*days = ALL_DAYS;
		return true;
	}
	for (;;) {
		if (!read_range(text, days))
			return false;
		if (**text != ',')
			return true;
		++*text;
	}
}

static bool read_digits(const char **text, unsigned digits, unsigned *number)
{
	*number = 0;
	for (unsigned i = 0; i < digits; i++, ++*text) {
		if (!isdigit((unsigned char)**text))
			return false;
		*number = *number * 10 + (unsigned)(**text - '0');
	}
	return true;
}

/* "08:30", "24:00" */
static bool read_clock(const char **text, uint16_t *minute)
{
	unsigned hours, minutes;

	if (!read_digits(text, 2, &hours) || *(*text)++ != ':' || !read_digits(text, 2, &minutes) ||
	    minutes > 59 || hours * 60 + minutes > DAY_MIN)
		return false;
	*minute = (uint16_t)(hours * 60 + minutes);
	return true;
}

const char *schedule_hours_parse(const char *text, struct schedule_hours *result)
{
	struct schedule_hours hours = {.until_min = DAY_MIN};

	if (!read_days(&text, &hours.days))
		return must_be_hours;
	if (*text == ' ') {
		text += strspn(text, " ");
		if (!read_clock(&text, &hours.from_min) || *text++ != '-' ||
		    !read_clock(&text, &hours.until_min) || hours.from_min == hours.until_min ||
		    hours.from_min == DAY_MIN || hours.until_min == 0)
			return must_be_hours;
	}
	if (*text)
		return must_be_hours;
	if (result)
		*result = hours;
	return NULL;
}

const char *schedule_day_parse(const char *text, struct schedule_day *result)
{
	unsigned year = 0, month, day;

	if (strlen(text) == 10 && (!read_digits(&text, 4, &year) || *text++ != '-' || year == 0))
		return must_be_day;
	if (!read_digits(&text, 2, &month) || *text++ != '-' || !read_digits(&text, 2, &day) ||
	    *text || month < 1 || month > 12 || day < 1 ||
	    (int)day > calendar_month_days(year ? year : 2000, (int)month))
		return must_be_day;
	if (result)
		*result = (struct schedule_day){year, (uint8_t)month, (uint8_t)day};
	return NULL;
}

/* ---- asking ---- */

void schedule_moment_of(struct schedule_moment *moment, const struct zone *zone, int64_t unix_s)
{
	int64_t local_s = unix_s + zone_offset_s(zone, unix_s);
	int64_t day = calendar_days_of(local_s);

	calendar_date_of(&moment->date, day);
	moment->weekday = calendar_weekday(day);
	moment->minute = (int)((local_s - day * CALENDAR_DAY_S) / 60);
}

static bool is_closed(const struct schedule *schedule, const struct calendar_date *date)
{
	for (unsigned i = 0; i < schedule->closed_count; i++) {
		const struct schedule_day *day = &schedule->closed[i];

		if (day->month == date->month && day->day == date->day &&
		    (!day->year || day->year == date->year))
			return true;
	}
	return false;
}

static bool covers(const struct schedule_hours *hours, const struct schedule_moment *moment)
{
	int yesterday = (moment->weekday + 6) % 7;
	bool over_midnight = hours->until_min <= hours->from_min;

	if (hours->days & 1U << moment->weekday && moment->minute >= hours->from_min &&
	    (over_midnight || moment->minute < hours->until_min))
		return true;
	return over_midnight && hours->days & 1U << yesterday && moment->minute < hours->until_min;
}

bool schedule_is_open(const struct schedule *schedule, int64_t unix_s)
{
	struct schedule_moment moment;

	schedule_moment_of(&moment, schedule->zone, unix_s);
	if (is_closed(schedule, &moment.date))
		return false;
	for (unsigned i = 0; i < schedule->hours_count; i++)
		if (covers(&schedule->hours[i], &moment))
			return true;
	return false;
}

void schedule_free(struct schedule *schedule)
{
	if (!schedule)
		return;
	zone_free(schedule->zone);
	free(schedule->closed);
	free(schedule);
}
