/* SPDX-License-Identifier: Apache-2.0
 *
 * A named time zone of the tz database, loaded once and then read only, so
 * that several may be used at once and by several threads. libc knows only
 * one zone at a time, that of the process.
 */
#ifndef MAILSTORM_BASE_ZONE_H
#define MAILSTORM_BASE_ZONE_H

#include <stdint.h>

struct zone;

/* name: a tz database name ("Europe/Berlin"), looked up in $TZDIR or /usr/share/zoneinfo; NULL: the system's, that
 * is $TZ as in tzset(3), else /etc/localtime, and UTC where neither says anything that can be read. NULL and *error
 * (malloc'ed) where a named zone does not exist or is damaged; never for a NULL name. */
struct zone *zone_load(const char *name, char **error);

/* Clears *zone; NULL is accepted. */
void zone_free(struct zone **zone);

/* Seconds east of UTC at a second since 1970. */
int32_t zone_offset(const struct zone *zone, int64_t utc);

/* The abbreviation that people know that time by: "CET", "-03"; "UTC" where the zone tells none. The zone's. */
const char *zone_name(const struct zone *zone, int64_t utc);

enum zone_reading {
	ZONE_ONCE,  /* the usual: *first == *second */
	ZONE_TWICE, /* the local time came twice: *first is the earlier second, *second the later */
	ZONE_NEVER  /* the clock was put forward over it: both as if it had not been yet */
};

/* local: seconds since 1970 as a clock in this zone would show them, counted as if it were UTC. */
enum zone_reading zone_utc(const struct zone *zone, int64_t local, int64_t *first, int64_t *second);

#endif
