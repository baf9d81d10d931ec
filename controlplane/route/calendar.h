/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Gregorian calendar, in days since 1 January 1970, for any year that fits. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define CALENDAR_DAY_S 86400

struct calendar_date {
	int64_t year;
	int month; /* 1-12 */
	int day;   /* 1-31 */
};

bool calendar_is_leap(int64_t year);
int calendar_month_days(int64_t year, int month);
int64_t calendar_day(int64_t year, int month, int day);
void calendar_date_of(struct calendar_date *date, int64_t day);
int calendar_weekday(int64_t day);         /* 0: Sunday */
int64_t calendar_days_of(int64_t seconds); /* whole days since the epoch, rounded down */
