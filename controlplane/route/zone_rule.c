/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "route/zone_rule.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "route/calendar.h"

/* ---- reading; each moves *text on, or returns false ---- */

static bool read_number(const char **text, int min, int max, int *number)
{
	const char *c = *text;
	int value = 0;

	for (; isdigit((unsigned char)*c) && value <= max; c++)
		value = value * 10 + (*c - '0');
	if (c == *text || value < min || value > max)
		return false;
	*text = c;
	*number = value;
	return true;
}

static bool read_name(const char **text)
{
	const char *c = *text;
	size_t length;

	if (*c == '<') {
		c = strchr(c, '>');
		*text = c ? c + 1 : *text;
		return c;
	}
	for (length = 0; isalpha((unsigned char)c[length]);)
		length++;
	*text += length;
	return length >= 3;
}

/* [+-]hh[:mm[:ss]] */
static bool read_time(const char **text, int hours_max, int32_t *seconds)
{
	int sign = **text == '-' ? -1 : 1, hours, minutes = 0, rest = 0;

	if (**text == '-' || **text == '+')
		++*text;
	if (!read_number(text, 0, hours_max, &hours))
		return false;
	if (**text == ':' && (++*text, !read_number(text, 0, 59, &minutes)))
		return false;
	if (**text == ':' && (++*text, !read_number(text, 0, 59, &rest)))
		return false;
	*seconds = sign * (hours * 3600 + minutes * 60 + rest);
	return true;
}

static bool read_weekday(const char **text, struct zone_date *date)
{
	date->kind = ZONE_DATE_WEEKDAY;
	return read_number(text, 1, 12, &date->month) && *(*text)++ == '.' &&
	       read_number(text, 1, 5, &date->week) && *(*text)++ == '.' &&
	       read_number(text, 0, 6, &date->weekday);
}

static bool read_date(const char **text, struct zone_date *date)
{
	bool good;

	if (**text != ',')
		return false;
	++*text;
	if (**text == 'M') {
		++*text;
		good = read_weekday(text, date);
	} else if (**text == 'J') {
		++*text;
		date->kind = ZONE_DATE_JULIAN;
		good = read_number(text, 1, 365, &date->day);
	} else {
		date->kind = ZONE_DATE_DAY;
		good = read_number(text, 0, 365, &date->day);
	}
	date->time_s = 2 * 3600;
	if (good && **text == '/') {
		++*text;
		good = read_time(text, 167, &date->time_s);
	}
	return good;
}

int zone_rule_parse(struct zone_rule *rule, const char *text)
{
	int32_t west_s;

	*rule = (struct zone_rule){0};
	if (!read_name(&text) || !read_time(&text, 24, &west_s))
		return -EINVAL;
	rule->standard_s = -west_s;
	if (*text == '\0')
		return 0;
	rule->has_summer = true;
	rule->summer_s = rule->standard_s + 3600;
	if (!read_name(&text))
		return -EINVAL;
	if (*text && *text != ',') {
		if (!read_time(&text, 24, &west_s))
			return -EINVAL;
		rule->summer_s = -west_s;
	}
	return read_date(&text, &rule->start) && read_date(&text, &rule->end) && *text == '\0'
		   ? 0
		   : -EINVAL;
}

/* ---- asking ---- */

/* Days since the epoch of the date in that year. */
static int64_t day_of(const struct zone_date *date, int64_t year)
{
	int64_t first, day;

	if (date->kind == ZONE_DATE_JULIAN)
		return calendar_day(year, 1, 1) + date->day - 1 +
		       (calendar_is_leap(year) && date->day >= 60);
	if (date->kind == ZONE_DATE_DAY)
		return calendar_day(year, 1, 1) + date->day;
	first = calendar_day(year, date->month, 1);
	day = first + (date->weekday - calendar_weekday(first) + 7) % 7 + (date->week - 1) * 7;
	return day >= first + calendar_month_days(year, date->month) ? day - 7 : day;
}

static int64_t moment_of(const struct zone_date *date, int64_t year, int32_t offset_s)
{
	return day_of(date, year) * CALENDAR_DAY_S + date->time_s - offset_s;
}

int32_t zone_rule_offset_s(const struct zone_rule *rule, int64_t unix_s)
{
	struct calendar_date date;
	int64_t start, end;
	bool summer;

	if (!rule->has_summer)
		return rule->standard_s;
	calendar_date_of(&date, calendar_days_of(unix_s + rule->standard_s));
	start = moment_of(&rule->start, date.year, rule->standard_s);
	end = moment_of(&rule->end, date.year, rule->summer_s);
	/* in the south the summer is that around the turn of the year */
	summer = start < end ? unix_s >= start && unix_s < end : unix_s >= start || unix_s < end;
	return summer ? rule->summer_s : rule->standard_s;
}
