/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Years are counted from 1 March, so that the leap day is the last of its year. */
#include "route/calendar.h"

#define ERA_DAYS 146097   /* of 400 years */
#define EPOCH_DAYS 719468 /* from 1 March of the year 0 to the epoch */

bool calendar_is_leap(int64_t year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int calendar_month_days(int64_t year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return days[month - 1] + (month == 2 && calendar_is_leap(year));
}

static int64_t divide_down(int64_t value, int64_t by)
{
	return value / by - (value % by < 0);
}

int64_t calendar_day(int64_t year, int month, int day)
{
	int64_t y = year - (month <= 2);
	int64_t era = divide_down(y, 400);
	int64_t of_era = y - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + of_year - EPOCH_DAYS;
}

void calendar_date_of(struct calendar_date *date, int64_t day)
{
	int64_t from = day + EPOCH_DAYS;
	int64_t era = divide_down(from, ERA_DAYS);
	int64_t rest = from - era * ERA_DAYS;
	int64_t of_era = (rest - rest / 1460 + rest / 36524 - rest / 146096) / 365;
	int64_t of_year = rest - (365 * of_era + of_era / 4 - of_era / 100);
	int64_t month = (5 * of_year + 2) / 153;

	date->day = (int)(of_year - (153 * month + 2) / 5 + 1);
	date->month = (int)(month < 10 ? month + 3 : month - 9);
	date->year = of_era + era * 400 + (date->month <= 2);
}

int calendar_weekday(int64_t day)
{
	int64_t weekday = (day + 4) % 7; /* the epoch was a Thursday */

	return (int)(weekday < 0 ? weekday + 7 : weekday);
}

int64_t calendar_days_of(int64_t seconds)
{
	return divide_down(seconds, CALENDAR_DAY_S);
}
