/* SPDX-License-Identifier: Apache-2.0
 *
 * Parses and applies POSIX time zone rules (POSIX.1-2017, 8.3 "TZ", with the
 * extended hours of RFC 8536 3.3.1). Strict: a text that is not wholly a rule
 * is refused, the caller decides what then holds. Keeps nothing.
 */
#include "daemon/base/zone_rule.h"

#include <string.h>

#include "daemon/base/calendar.h"

static void keep_name(char name[ZONE_NAME_SIZE], const char *begin, const char *end)
{
	size_t length = (size_t)(end - begin) < ZONE_NAME_SIZE ? (size_t)(end - begin) : ZONE_NAME_SIZE - 1;

	memcpy(name, begin, length);
	name[length] = '\0';
}

static bool scan_name(const char **text, char name[ZONE_NAME_SIZE])
{
	const char *p = *text;
	const char *begin;

	if (*p == '<') {
		for (begin = ++p; *p && *p != '>'; p++)
			if (strchr("+-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", *p) == NULL)
				return false;
		if (*p != '>' || p - begin < 3)
			return false;
		keep_name(name, begin, p);
		*text = p + 1;
		return true;
	}
	for (begin = p; (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z'); p++)
		;
	keep_name(name, begin, p);
	*text = p;
	return p - begin >= 3;
}

static bool scan_number(const char **text, int most, int *number)
{
	const char *p = *text;
	int n = 0;

	if (*p < '0' || *p > '9')
		return false;
	for (; *p >= '0' && *p <= '9'; p++) {
		n = n * 10 + (*p - '0');
		if (n > most)
			return false;
	}
	*text = p;
	*number = n;
	return true;
}

#define OFFSET_HOURS 24 /* RFC 8536, 3.3.1 */
#define TIME_HOURS 167

/* [+-]hh[:mm[:ss]] */
static bool scan_time(const char **text, int most, int32_t *seconds)
{
	int sign = 1;
	int hours, minutes = 0, rest = 0;

	if (**text == '-' || **text == '+')
		sign = *(*text)++ == '-' ? -1 : 1;
	if (!scan_number(text, most, &hours))
		return false;
	if (**text == ':') {
		++*text;
		if (!scan_number(text, 59, &minutes))
			return false;
		if (**text == ':') {
			++*text;
			if (!scan_number(text, 59, &rest))
				return false;
		}
	}
	*seconds = sign * (hours * 3600 + minutes * 60 + rest);
	return true;
}

static bool scan_month_day(const char **text, struct zone_rule_day *day)
{
	if (!scan_number(text, 12, &day->month) || day->month < 1 || *(*text)++ != '.')
		return false;
	if (!scan_number(text, 5, &day->week) || day->week < 1 || *(*text)++ != '.')
		return false;
	return scan_number(text, 6, &day->day);
}

/* ,DATE[/time] */
static bool scan_day(const char **text, struct zone_rule_day *day)
{
	bool good;

	if (**text != ',')
		return false;
	++*text;
	day->kind = **text == 'M' || **text == 'J' ? *(*text)++ : 'N';
	day->time = 2 * 3600;
	if (day->kind == 'M')
		good = scan_month_day(text, day);
	else
		good = scan_number(text, 365, &day->day) && (day->kind == 'N' || day->day > 0);
	if (!good)
		return false;
	if (**text != '/')
		return true;
	++*text;
	return scan_time(text, TIME_HOURS, &day->time);
}

bool zone_rule_parse(const char *text, struct zone_rule *rule)
{
	memset(rule, 0, sizeof(*rule));
	if (!scan_name(&text, rule->standard_name) || !scan_time(&text, OFFSET_HOURS, &rule->standard))
		return false;
	rule->standard = -rule->standard; /* the text counts west of Greenwich */
	if (*text == '\0')
		return true;
	if (!scan_name(&text, rule->daylight_name))
		return false;
	rule->has_daylight = true;
	rule->daylight = rule->standard + 3600;
	if (*text && *text != ',') {
		if (!scan_time(&text, OFFSET_HOURS, &rule->daylight))
			return false;
		rule->daylight = -rule->daylight;
	}
	if (*text == '\0')
		text = ",M3.2.0,M11.1.0";
	return scan_day(&text, &rule->start) && scan_day(&text, &rule->end) && *text == '\0';
}

/* Seconds since 1970, local time, of the change in a year. */
static int64_t day_in_year(const struct zone_rule_day *day, int year)
{
	int64_t first = calendar_days(year, 1, 1);
	int64_t days;

	if (day->kind == 'J') {
		days = first + day->day - 1 + (calendar_leap(year) && day->day >= 60 ? 1 : 0);
	} else if (day->kind == 'N') {
		days = first + day->day;
	} else {
		int length = calendar_month_days(year, day->month);
		int of_month;

		first = calendar_days(year, day->month, 1);
		of_month = (day->day - calendar_weekday(first) + 7) % 7 + (day->week - 1) * 7;
		if (of_month >= length) /* week 5 is the last one */
			of_month -= 7;
		days = first + of_month;
	}
	return days * CALENDAR_DAY + day->time;
}

static bool is_summer(const struct zone_rule *rule, int64_t utc)
{
	int year;
	int64_t start, end;

	if (!rule->has_daylight)
		return false;
	year = calendar_year(calendar_day_of(utc + rule->standard));
	start = day_in_year(&rule->start, year) - rule->standard;
	end = day_in_year(&rule->end, year) - rule->daylight;
	if (start < end)
		return utc >= start && utc < end;
	return utc >= start || utc < end;
}

int32_t zone_rule_offset(const struct zone_rule *rule, int64_t utc)
{
	return is_summer(rule, utc) ? rule->daylight : rule->standard;
}

const char *zone_rule_name(const struct zone_rule *rule, int64_t utc)
{
	return is_summer(rule, utc) ? rule->daylight_name : rule->standard_name;
}
