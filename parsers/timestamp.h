/* SPDX-License-Identifier: Apache-2.0
 *
 * The time stamps that begin a log line: RFC 3164 with its variants, ISO 8601.
 * Reading the characters and finding the moment they mean are two steps, since
 * the host, which tells the time zone, comes after the stamp.
 */
#ifndef MAILSTORM_PARSERS_TIMESTAMP_H
#define MAILSTORM_PARSERS_TIMESTAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/zone.h"
#include "slice.h"

struct timestamp {
	int year;       /* 0: the stamp has none */
	int month, day; /* from 1; the day is not checked against the month's length */
	int hour, minute;
	int second;         /* 60 in a leap second */
	int32_t fraction;   /* microseconds */
	int32_t resolution; /* microseconds that it resolves: 1000000, 100000, ... 1 */
	bool zoned;         /* it says its own offset */
	int32_t offset;     /* seconds east of UTC, where zoned */
};

/* Reads a stamp at the beginning of `text`; returns its length, 0 where there is none. `*stamp` is then not to be used.
 *   Nov 14 08:29:01, Nov  3 ..., Nov 3 ..., Nov 03 ...   (RFC 3164)
 *   2016 Nov 14 08:29:01, Nov 14 2016 08:29:01           (with the year)
 *   2016-11-14T08:29:01, 2016-11-14 08:29:01             (ISO 8601)
 *   Mon 2016-11-14 08:29:01 CET, Mon Nov 14 08:29:01     (with the weekday; a zone's name tells nothing)
 *   1479112141.123456, 1479112141                        (seconds since 1970, ten digits)
 * each with a fraction of 1 to 9 digits after '.' or ',' and all but the last with a zone: Z, +01:00, +0100, +01, or a
 * blank and one of these or UTC or GMT. */
size_t timestamp_scan(struct slice text, struct timestamp *stamp);

/* Seconds since 1970, as digits with or without a fraction and exponent ("1479112141.25", "1.479112141e9"); more than
 * 11 digits before the point are milliseconds, more than 14 microseconds, more than 17 nanoseconds. False where the
 * text is not wholly that. */
bool timestamp_number(struct slice text, int64_t *time, int32_t *resolution);

/* The last answers by zone and hour; one a thread. Cleared memory is an empty one. */
#define TIMESTAMP_SLOTS 64
struct timestamp_cache {
	struct timestamp_slot {
		const struct zone *zone; /* NULL: unused */
		uint32_t key;
		int64_t hour;     /* UTC, microseconds, where this local hour begins */
		int64_t from, to; /* the hints for which that is so; to is excluded */
	} slots[TIMESTAMP_SLOTS];
};

/* The moment that the stamp means, in microseconds since 1970. A stamp without an offset is local time in `zone`: *time
 * is the earlier, *other the later reading of one that came twice; else both are the same. One that the clock was put
 * forward over is read as if it had not been yet.
 * A stamp without a year gets the latest year that makes it not more than a day later than `hint` (microseconds since
 * 1970: when the line was read or shipped): right on both sides of New Year, and February 29 finds its leap year.
 * hint 0 or less: not known; the year is then 1970 (1972 for February 29), which nobody will take for a true one.
 * False where there is no such date. */
bool timestamp_resolve(struct timestamp_cache *cache, const struct timestamp *stamp, const struct zone *zone,
                       int64_t hint, int64_t *time, int64_t *other);

#endif
