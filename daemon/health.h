/* SPDX-License-Identifier: Apache-2.0
 *
 * What the pipeline notes of itself for "mailstorm status": when it ran, what
 * share of the lines of the last hour was not understood, how far behind its
 * sources it is. Wall-clock times, which never decide a figure.
 */
#ifndef MAILSTORM_HEALTH_H
#define MAILSTORM_HEALTH_H

#include "daemon/store/store.h"
#include "daemon/work.h"
#include "source.h"

struct health;

/* live: the run waits for more lines. now, here and below: microseconds of the wall clock. */
struct health *health_new(bool live, int64_t now);
void health_free(struct health **health);

/* So many lines were taken in. */
void health_lines(struct health *health, enum line_result result, uint32_t lines, int64_t now);

/* The daemon has to write how it is, though nothing else changed. */
bool health_due(const struct health *health, int64_t now);

/* Within a checkpoint, after the positions were told: writes it all, or tries to, every five seconds; final: at once, and
 * that the run has ended. False in trouble. */
bool health_put(struct health *health, struct store *store, const struct state *state, const struct source *source,
                const struct store_position *positions, uint32_t count, bool final, int64_t now);

#endif
