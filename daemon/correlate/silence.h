/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether a host is silent against its norm: from the minutes in which it
 * had lines, as coverage keeps them for five weeks. Log time alone decides.
 */
#ifndef MAILSTORM_CORRELATE_SILENCE_H
#define MAILSTORM_CORRELATE_SILENCE_H

#include "daemon/correlate/state.h"

enum silence_norm {
	SILENCE_UNKNOWN,      /* too little is known of the host, or it is gone for a week */
	SILENCE_WEEKDAY_HOUR, /* the same two hours of the last four weeks */
	SILENCE_DAY_BEFORE    /* the day before its last line */
};

struct silence {
	int64_t length; /* microseconds from its last line to the log's clock */
	bool silent;    /* against its norm */
	enum silence_norm norm;
	uint32_t spoke, of; /* stretches in which it had a line, and stretches that were looked at */
};

/* Of a host that has a clock. */
struct silence silence_of(const struct state *state, uint32_t host);

/* "weekday-hour", "day-before"; NULL where unknown. */
const char *silence_norm_name(enum silence_norm norm);

#endif
