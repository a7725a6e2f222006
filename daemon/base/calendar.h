/* SPDX-License-Identifier: Apache-2.0
 *
 * The proleptic Gregorian calendar, without time zones and without libc:
 * days since 1970-01-01 from a date and back. Pure arithmetic, valid for the
 * years 1 to 9999; whoever calls has checked month and day.
 */
#ifndef MAILSTORM_BASE_CALENDAR_H
#define MAILSTORM_BASE_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

#define CALENDAR_DAY 86400 /* seconds */

static inline bool calendar_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* month 1 to 12 */
static inline int calendar_month_days(int year, int month)
{
	static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return days[month - 1] + (month == 2 && calendar_leap(year) ? 1 : 0);
}

/* Days since 1970-01-01. The year is taken to begin in March, so that the leap day is its last. */
static inline int64_t calendar_days(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * 146097 + day_of_era - 719468;
}

/* The year that a day (since 1970-01-01) is in. */
static inline int calendar_year(int64_t days)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t day_of_era = z - era * 146097;
	int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);

	return (int)(year_of_era + era * 400 + (day_of_year >= 306 ? 1 : 0));
}

/* The day (since 1970-01-01) that a second (since 1970) is in; rounds down. */
static inline int64_t calendar_day_of(int64_t seconds)
{
	return (seconds >= 0 ? seconds : seconds - (CALENDAR_DAY - 1)) / CALENDAR_DAY;
}

/* 0 Sunday to 6 Saturday */
static inline int calendar_weekday(int64_t days)
{
	return (int)(((days + 4) % 7 + 7) % 7);
}

#endif
