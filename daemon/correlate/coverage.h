/* SPDX-License-Identifier: Apache-2.0
 *
 * What the evidence is worth, per host: lines read, lost, not understood,
 * and the longest silence.
 */
#ifndef MAILSTORM_CORRELATE_COVERAGE_H
#define MAILSTORM_CORRELATE_COVERAGE_H

#include "daemon/correlate/state.h"

struct coverage_waiting;

struct coverage_row {
	int64_t first_at, last_at; /* TIME_NONE: no line */
	int64_t lines, unparsed, repeated, lost, orphans, unfinished, ambiguous, late;
	int64_t gap_ms; /* the longest run of whole minutes without a line; -1: no line */
};

/* What a queue file counts as while it waits for its beginning or its end, and for good once it is forgotten. */
void coverage_of_file(const struct state *state, const struct file *file, int64_t *orphans, int64_t *unfinished);

/* What all queue files at hand count as, by host and hour of acceptance: good until the state changes. */
struct coverage_waiting *coverage_waiting_new(const struct state *state);
void coverage_waiting_free(struct coverage_waiting **waiting);

/* One row per host number, over the hours that touch [from, until], or all: from INT64_MIN on. In some hours a host is
 * silent from their beginning, if it had lines before, and to their end, as far as the log's clock has come; in all, between
 * its first line and its last. malloc'ed. */
struct coverage_row *coverage_make(const struct state *state, const struct coverage_waiting *waiting, int64_t from,
                                   int64_t until);

#endif
