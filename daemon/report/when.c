/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads and writes times, see when.h. Strict: a text that is not wholly one of
 * the forms is none, and no date that the calendar does not have. Keeps
 * nothing, and never asks what time it is.
 */
#define _GNU_SOURCE
#include "daemon/report/when.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/base/calendar.h"

#define DURATION_MOST (INT64_C(1000) * 366 * CALENDAR_DAY * 1000)

/* A number of exactly so many digits. */
static bool scan_digits(const char **text, int digits, int *number)
{
	*number = 0;
	for (int i = 0; i < digits; i++, ++*text) {
		if (**text < '0' || **text > '9')
			return false;
		*number = *number * 10 + (**text - '0');
	}
	return true;
}

static bool scan_mark(const char **text, char mark)
{
	if (**text != mark)
		return false;
	++*text;
	return true;
}

/* YYYY-MM-DD: seconds since 1970 of its midnight. */
static bool scan_date(const char **text, int64_t *second)
{
	int year, month, day;

	if (!scan_digits(text, 4, &year) || !scan_mark(text, '-') || !scan_digits(text, 2, &month) ||
	    !scan_mark(text, '-') || !scan_digits(text, 2, &day))
		return false;
	if (year < 1 || month < 1 || month > 12 || day < 1 || day > calendar_month_days(year, month))
		return false;
	*second = calendar_days(year, month, day) * CALENDAR_DAY;
	return true;
}

/* HH:MM[:SS[.digits]]: milliseconds of the day. */
static bool scan_time(const char **text, int64_t *milliseconds)
{
	int hour, minute, second = 0, part = 0;

	if (!scan_digits(text, 2, &hour) || !scan_mark(text, ':') || !scan_digits(text, 2, &minute))
		return false;
	if (scan_mark(text, ':')) {
		if (!scan_digits(text, 2, &second))
			return false;
		if (scan_mark(text, '.')) {
			if (**text < '0' || **text > '9')
				return false;
			for (int scale = 100; **text >= '0' && **text <= '9'; ++*text, scale /= 10)
				part += (**text - '0') * scale;
		}
	}
	if (hour > 23 || minute > 59 || second > 59)
		return false;
	*milliseconds = ((hour * 60 + minute) * INT64_C(60) + second) * 1000 + part;
	return true;
}

/* "Z" or ±HH:MM, to the end of the text: seconds east of UTC. */
static bool scan_offset(const char **text, int64_t *offset)
{
	int sign, hours, minutes;

	*offset = 0;
	if (scan_mark(text, 'Z') || scan_mark(text, 'z'))
		return **text == '\0';
	sign = **text == '-' ? -1 : 1;
	if (!scan_mark(text, '+') && !scan_mark(text, '-'))
		return false;
	if (!scan_digits(text, 2, &hours))
		return false;
	*text += **text == ':';
	if (!scan_digits(text, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*offset = sign * (hours * 60 + minutes) * INT64_C(60);
	return **text == '\0';
}

bool when_of(const char *iso, int64_t *milliseconds)
{
	static const char shape[] = "0000-00-00T00:00:00.000Z";
	const char *text = iso;
	int64_t day, time;

	if (!iso || strlen(iso) != sizeof(shape) - 1 || iso[10] != 'T' || iso[19] != '.' || iso[23] != 'Z')
		return false;
	if (!scan_date(&text, &day) || text++ != iso + 10 || !scan_time(&text, &time) || text != iso + 23)
		return false;
	*milliseconds = day * 1000 + time;
	return true;
}

static int64_t floor_second(int64_t milliseconds)
{
	return milliseconds / 1000 - (milliseconds % 1000 < 0);
}

const char *when_view(char text[WHEN_SIZE], int64_t milliseconds)
{
	int64_t second = floor_second(milliseconds);
	time_t time = (time_t)second;
	struct tm parts;

	if (gmtime_r(&time, &parts) == NULL)
		snprintf(text, WHEN_SIZE, "?");
	else
		snprintf(text, WHEN_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", parts.tm_year + 1900, parts.tm_mon + 1,
		         parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, (int)(milliseconds - second * 1000));
	return text;
}

int64_t when_clock(int64_t second, const struct zone *zone)
{
	return zone ? second + zone_offset(zone, second) : second;
}

const char *when_words(char text[WHEN_SIZE], const char *iso, const struct zone *zone)
{
	int64_t milliseconds, second;
	char local[WHEN_SIZE];

	if (!when_of(iso, &milliseconds)) {
		snprintf(text, WHEN_SIZE, "?");
		return text;
	}
	second = floor_second(milliseconds);
	when_view(local, when_clock(second, zone) * 1000);
	snprintf(text, WHEN_SIZE, "%.10s %.8s%s%.20s", local, local + 11, zone ? " " : "",
	         zone ? zone_name(zone, second) : "");
	return text;
}

const char *when_iso(char text[WHEN_SIZE], const char *iso, const struct zone *zone)
{
	int64_t milliseconds, offset, minutes;
	char local[WHEN_SIZE];

	if (!zone || !when_of(iso, &milliseconds))
		return iso;
	/* old local times had seconds in their offset, ISO 8601 has none */
	offset = zone_offset(zone, floor_second(milliseconds));
	minutes = offset / 60;
	when_view(local, milliseconds + minutes * 60000);
	snprintf(text, WHEN_SIZE, "%.23s%c%02d:%02d", local, minutes < 0 ? '-' : '+', (int)(llabs(minutes) / 60),
	         (int)(llabs(minutes) % 60));
	return text;
}

bool when_duration(const char *text, int64_t *milliseconds)
{
	static const struct {
		char letter;
		int64_t seconds;
	} units[] = {{'w', 7 * CALENDAR_DAY}, {'d', CALENDAR_DAY}, {'h', 3600}, {'m', 60}, {'s', 1}};
	size_t unit = 0;

	*milliseconds = 0;
	while (*text) {
		int64_t number = 0;

		if (*text < '0' || *text > '9')
			return false;
		for (; *text >= '0' && *text <= '9'; text++) {
			number = number * 10 + (*text - '0');
			if (number > DURATION_MOST)
				return false;
		}
		while (unit < sizeof(units) / sizeof(units[0]) && units[unit].letter != *text)
			unit++;
		if (unit == sizeof(units) / sizeof(units[0]) || number > DURATION_MOST / units[unit].seconds / 1000)
			return false;
		*milliseconds += number * units[unit].seconds * 1000;
		unit++; /* from the largest unit to the smallest, each once */
		text++;
	}
	return *milliseconds > 0;
}

/* Milliseconds of a second and a part on the zone's clock. */
static int64_t from_clock(int64_t milliseconds, bool end, const struct zone *zone)
{
	int64_t local = floor_second(milliseconds), first, second;

	if (!zone)
		return milliseconds;
	zone_utc(zone, local, &first, &second);
	return (end ? second : first) * 1000 + (milliseconds - local * 1000);
}

bool when_read(const char *text, bool end, const struct zone *zone, int64_t newest, int64_t *milliseconds)
{
	int64_t day, time, offset;

	if (when_duration(text, milliseconds)) {
		if (newest == INT64_MIN)
			return false;
		*milliseconds = newest - *milliseconds;
		return true;
	}
	if (!scan_date(&text, &day))
		return false;
	if (*text == '\0') {
		*milliseconds = from_clock((day + (end ? CALENDAR_DAY : 0)) * 1000, end, zone);
		return true;
	}
	if ((!scan_mark(&text, 'T') && !scan_mark(&text, ' ')) || !scan_time(&text, &time))
		return false;
	*milliseconds = day * 1000 + time;
	if (*text == '\0')
		*milliseconds = from_clock(*milliseconds, end, zone);
	else if (scan_offset(&text, &offset))
		*milliseconds -= offset * 1000;
	else
		return false;
	return true;
}
