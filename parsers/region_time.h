/* SPDX-License-Identifier: Apache-2.0
 *
 * Date and time as Windows writes them in the formats of a region, which is how
 * PowerShell exports them: "11/14/2016 8:29:01 AM", "14.11.2016 08:29:01".
 */
#ifndef MAILSTORM_PARSERS_REGION_TIME_H
#define MAILSTORM_PARSERS_REGION_TIME_H

#include "parsers/timestamp.h"
#include "settings.h"

enum region_time {
	REGION_TIME_NONE, /* no such time */
	REGION_TIME_READ,
	REGION_TIME_EITHER /* "3/4/2016": nothing says which of them is the day */
};

/* Reads a text that is nothing but a time; *stamp is set, without a zone, where it was read. The year has four digits.
 * order: of day and month, where both may be either. */
enum region_time region_time_scan(struct slice text, enum date_order order, struct timestamp *stamp);

#endif
