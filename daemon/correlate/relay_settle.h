/* SPDX-License-Identifier: Apache-2.0
 *
 * A verdict that a relay is ours is never taken back: what was booked under such
 * a relay counts nothing, and what was booked under the condition that it is
 * ours counts without one. So once a verdict is in, cells need not name the relay: those under it go, those of
 * the condition are added to those that have none, and book.c books no further ones.
 */
#ifndef MAILSTORM_CORRELATE_RELAY_SETTLE_H
#define MAILSTORM_CORRELATE_RELAY_SETTLE_H

#include "daemon/correlate/state.h"

/* Cheap unless a relay became ours since the last time, or the state was loaded: then no line may be taken before. */
void relays_settle(struct state *state);

#endif
