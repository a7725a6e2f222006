/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds the moment that a time stamp means: the year where it has none, the
 * offset where it has none. A log has many lines an hour, so the answer for a
 * whole local hour is kept where it is one answer; the hours that daylight
 * saving time begins or ends in are worked out line by line. The wall clock
 * is never asked. The characters are read in timestamp_scan.c.
 */
#include "parsers/timestamp.h"

#include "daemon/base/calendar.h"

#define MICRO ((int64_t)1000000)
#define DAY (CALENDAR_DAY * MICRO)
#define HINT_MAX (INT64_C(253402300799) * MICRO) /* the year 9999 */

/* Seconds since 1970 as the stamp's clock shows them, counted as if UTC. */
static int64_t local_seconds(const struct timestamp *stamp, int year)
{
	return calendar_days(year, stamp->month, stamp->day) * CALENDAR_DAY + stamp->hour * 3600 + stamp->minute * 60 +
	       stamp->second;
}

static bool date_exists(const struct timestamp *stamp, int year)
{
	return stamp->day <= calendar_month_days(year, stamp->month);
}

/* Both readings, in seconds UTC. */
static enum zone_reading readings(const struct timestamp *stamp, int year, const struct zone *zone, int64_t *first,
                                  int64_t *second)
{
	int64_t local = local_seconds(stamp, year);

	if (!stamp->zoned)
		return zone_utc(zone, local, first, second);
	*first = *second = local - stamp->offset;
	return ZONE_ONCE;
}

/* The latest year not more than a day after the hint; 0 where no year has that date. */
static int choose_year(const struct timestamp *stamp, const struct zone *zone, int64_t hint)
{
	int64_t limit = hint + DAY;
	int year, latest;

	if (hint <= 0) {
		latest = date_exists(stamp, 1970) ? 1970 : 1972;
		return date_exists(stamp, latest) ? latest : 0;
	}
	latest = calendar_year(limit / DAY) + 1;          /* one more, for local time that runs ahead */
	for (year = latest; year > latest - 11; year--) { /* leap years are 8 years apart at the most */
		int64_t first, second;

		if (!date_exists(stamp, year))
			continue;
		readings(stamp, year, zone, &first, &second);
		if (first * MICRO + stamp->fraction <= limit)
			return year;
	}
	return 0;
}

/* The year after `year` that has the stamp's date. */
static int next_year(const struct timestamp *stamp, int year)
{
	do
		year++;
	while (!date_exists(stamp, year));
	return year;
}

/* Keeps the answer for the hour of the stamp, if the whole hour has the same. */
static void remember(struct timestamp_slot *slot, uint32_t key, const struct timestamp *stamp, int year,
                     const struct zone *zone, int64_t hint)
{
	struct timestamp edge = *stamp;
	int64_t begin, end, ignored;

	edge.minute = edge.second = 0;
	edge.fraction = 0;
	if (readings(&edge, year, zone, &begin, &ignored) != ZONE_ONCE)
		return;
	edge.minute = edge.second = 59;
	if (readings(&edge, year, zone, &end, &ignored) != ZONE_ONCE || end - begin != 3599)
		return;
	slot->zone = zone;
	slot->key = key;
	slot->hour = begin * MICRO;
	slot->from = INT64_MIN;
	slot->to = INT64_MAX;
	if (stamp->year != 0)
		return;
	if (hint <= 0) {
		slot->to = 1;
		return;
	}
	/* The hints for which every second of this hour gets this year: a leap second past its end, and the
	 * next such hour less what daylight saving time may move it by. */
	slot->from = slot->hour + 3601 * MICRO - DAY;
	edge.minute = edge.second = 0;
	readings(&edge, next_year(stamp, year), zone, &begin, &ignored);
	slot->to = (begin - 2 * 3600) * MICRO - DAY;
	if (slot->from < 1)
		slot->from = 1;
}

static void set_both(const struct timestamp *stamp, int64_t first, int64_t second, int64_t *time, int64_t *other)
{
	*time = first * MICRO + stamp->fraction;
	*other = second * MICRO + stamp->fraction;
}

bool timestamp_resolve(struct timestamp_cache *cache, const struct timestamp *stamp, const struct zone *zone,
                       int64_t hint, int64_t *time, int64_t *other)
{
	uint32_t key = (((uint32_t)stamp->year * 16 + (uint32_t)stamp->month) * 32 + (uint32_t)stamp->day) * 32 +
	               (uint32_t)stamp->hour;
	struct timestamp_slot *slot =
		&cache->slots[(key * 2654435761u ^ (uint32_t)((uintptr_t)zone >> 4)) % TIMESTAMP_SLOTS];
	int64_t first, second;
	int year = stamp->year;

	if (stamp->month < 1 || stamp->month > 12 || stamp->day < 1 || stamp->day > 31)
		return false;
	if (hint > HINT_MAX)
		hint = 0;
	if (!stamp->zoned && slot->zone == zone && slot->key == key && hint >= slot->from && hint < slot->to) {
		*time = *other = slot->hour + (stamp->minute * 60 + stamp->second) * MICRO + stamp->fraction;
		return true;
	}
	if (year == 0)
		year = choose_year(stamp, zone, hint);
	if (year == 0 || !date_exists(stamp, year))
		return false;
	readings(stamp, year, zone, &first, &second);
	set_both(stamp, first, second, time, other);
	if (!stamp->zoned)
		remember(slot, key, stamp, year, zone, hint);
	return true;
}
