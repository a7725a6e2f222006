/* SPDX-License-Identifier: Apache-2.0
 *
 * What time does to the state: settled queue files are folded, overdue ones
 * lapse, what nobody will ask for again is forgotten.
 */
#ifndef MAILSTORM_CORRELATE_AGE_H
#define MAILSTORM_CORRELATE_AGE_H

#include "daemon/correlate/state.h"

/* Cheap unless the log's clock moved on by some seconds since the last time. */
void age_state(struct state *state);

/* The host's clock, for its files. Of a host that fell silent for good it goes on, so far behind that its files too are
 * not kept longer than mailboxes are. */
int64_t age_clock(const struct state *state, uint32_t host);

/* The time that a file's host's clock, or for ordinary mail the slowest one, must be past for age_state() to change it. */
int64_t age_due(const struct state *state, uint32_t file);

/* Forgets cells of all mail that are too old to be asked for; only once they are written, and each time they are. */
void age_cells(struct state *state);

#endif
