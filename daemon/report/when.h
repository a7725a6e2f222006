/* SPDX-License-Identifier: Apache-2.0
 *
 * Times as people name and read them. The views have ISO 8601 in UTC; a
 * reader may ask for a time zone instead, and name the bounds of a report by a
 * date, a time or a duration. Where a zone is an argument, NULL is UTC as the
 * views have it.
 */
#ifndef MAILSTORM_REPORT_WHEN_H
#define MAILSTORM_REPORT_WHEN_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/zone.h"

/* Longest text of each of these, with its NUL. */
#define WHEN_SIZE 64

/* Milliseconds since 1970 of a view's "2016-11-14T08:29:11.123Z"; false for any other text, and for NULL. */
bool when_of(const char *iso, int64_t *milliseconds);

/* The same way back. */
const char *when_view(char text[WHEN_SIZE], int64_t milliseconds);

/* For people, to the second: "2016-11-14 08:29:11", with a zone "2016-11-14 09:29:11 CET"; "?" for what is no time. */
const char *when_words(char text[WHEN_SIZE], const char *iso, const struct zone *zone);

/* For programs: with a zone "2016-11-14T09:29:11.123+01:00"; what is no time stays as it is (and NULL, NULL). */
const char *when_iso(char text[WHEN_SIZE], const char *iso, const struct zone *zone);

/* Seconds since 1970 as a clock of the zone shows them, counted as if it were UTC. */
int64_t when_clock(int64_t second, const struct zone *zone);

/* What somebody means by a bound: a date ("2016-11-14": its beginning, or as the end of a time its end), a date and a
 * time ("2016-11-14T08:29", with seconds, with "Z" or "+01:00"; else it is the zone's), or a duration ("2h", "1d12h")
 * before `newest`. A local time that came twice is the earlier, as the end of a time the later. False: none of these,
 * or a duration where newest is not known (INT64_MIN). */
bool when_read(const char *text, bool end, const struct zone *zone, int64_t newest, int64_t *milliseconds);

/* "90s", "15m", "2h", "1d12h": milliseconds, above 0; false for any other text. */
bool when_duration(const char *text, int64_t *milliseconds);

#endif
