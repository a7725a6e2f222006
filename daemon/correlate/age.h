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

/* Forgets cells of all mail that are too old to be asked for; only once they are written. */
void age_cells(struct state *state);

#endif
