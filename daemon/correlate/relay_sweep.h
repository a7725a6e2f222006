/* SPDX-License-Identifier: Apache-2.0
 *
 * Relays that are over: mail to the world names ever new ones. Where there are
 * many, those go that are not ours, that nothing at hand was handed to, and that no
 * delivery of late names; their deliveries are then told as those of an outside host, for good. The verdict that one
 * is ours comes by a hand-over link, and as long as there is one that names the relay it stays.
 */
#ifndef MAILSTORM_CORRELATE_RELAY_SWEEP_H
#define MAILSTORM_CORRELATE_RELAY_SWEEP_H

#include "daemon/correlate/state.h"

/* Cheap unless relays became a quarter more than were left the last time. Deliveries since that time are of late. */
void relay_sweep(struct state *state, int64_t since);

#endif
