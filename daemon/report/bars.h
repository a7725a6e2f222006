/* SPDX-License-Identifier: Apache-2.0
 *
 * Puts the minutes of an incident together so that they fit on a terminal: a
 * row is some minutes, or a quiet time folded into one. Plain data, no output.
 */
#ifndef MAILSTORM_REPORT_BARS_H
#define MAILSTORM_REPORT_BARS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bars_minute {
	int64_t second; /* its first, since 1970 UTC */
	int64_t deliveries;
	int64_t pending; /* at its end */
	bool marked;     /* something fell in it that must not be folded away */
};

struct bars_row {
	int64_t from; /* seconds since 1970: its first, and the first after it */
	int64_t to;
	int64_t deliveries; /* in all its minutes */
	int64_t pending;    /* the most at the end of one of them */
	bool marked;
	bool folded; /* a quiet time: shown without bars */
};

struct bars {
	struct bars_row *rows;
	size_t count;
	int64_t step;            /* minutes a row that is not folded stands for */
	int64_t most_deliveries; /* of the rows that are not folded */
	int64_t most_pending;
};

/* minutes: in order of time. Takes the smallest step with which there are at most `rows` rows, or the largest there
 * is. A row is quiet where nothing marked fell in it and its deliveries would not show in a bar of `parts` parts. */
void bars_make(struct bars *bars, const struct bars_minute *minutes, size_t count, size_t rows, int64_t parts);
void bars_clear(struct bars *bars);

/* Parts of a bar of that many, for a value of at most `most`: at least one where there is something to show. */
int bars_length(int64_t value, int64_t most, int parts);

#endif
