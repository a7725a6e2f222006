/* SPDX-License-Identifier: Apache-2.0
 *
 * A POSIX time zone rule ("CET-1CEST,M3.5.0,M10.5.0/3"): the footer of a TZif
 * file, and one form of the TZ variable. Says which offset holds at a second.
 */
#ifndef MAILSTORM_BASE_ZONE_RULE_H
#define MAILSTORM_BASE_ZONE_RULE_H

#include <stdbool.h>
#include <stdint.h>

#define ZONE_NAME_SIZE 16

struct zone_rule_day {
	char kind; /* 'M' month.week.weekday, 'J' day 1 to 365 without leap days, 'N' day 0 to 365 */
	int month, week, day;
	int32_t time; /* seconds after local midnight; may be negative or more than a day */
};

struct zone_rule {
	int32_t standard; /* seconds east of UTC */
	int32_t daylight; /* the same in summer, where has_daylight */
	bool has_daylight;
	char standard_name[ZONE_NAME_SIZE]; /* "CET"; longer ones are cut */
	char daylight_name[ZONE_NAME_SIZE];
	struct zone_rule_day start, end; /* of daylight saving time */
};

/* False where the text is no such rule. Without ",START,END" the United States' rule of 2007 holds, as in glibc. */
bool zone_rule_parse(const char *text, struct zone_rule *rule);

/* Seconds east of UTC at a second since 1970. */
int32_t zone_rule_offset(const struct zone_rule *rule, int64_t utc);

/* The abbreviation of the time that holds then. The rule's. */
const char *zone_rule_name(const struct zone_rule *rule, int64_t utc);

#endif
