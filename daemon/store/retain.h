/* SPDX-License-Identifier: Apache-2.0
 *
 * Retention, in rounds of small slices, see retain.c.
 */
#ifndef MAILSTORM_STORE_RETAIN_H
#define MAILSTORM_STORE_RETAIN_H

#include "daemon/correlate/state.h"
#include "daemon/store/statement.h"

/* A slice is to be taken: a round is due, or under way. */
bool store_retains(const struct store *store, const struct state *state);

/* One slice, within a checkpoint, after everything else is written. False in trouble. */
bool store_retain(struct store *store, struct state *state);

/* After the commit: memory follows. */
void store_retained(struct store *store, struct state *state);

/* Between checkpoints: gives free pages back, and overwrites what the WAL still has of what was taken out. all: at
 * once, not bit by bit. */
void store_tidy(struct store *store, const struct state *state, bool all);

#endif
