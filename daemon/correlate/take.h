/* SPDX-License-Identifier: Apache-2.0
 *
 * The entry of the correlator: takes events one by one, in whatever order
 * they come, and sets facts. Figures are made of them later (incident.h).
 */
#ifndef MAILSTORM_CORRELATE_TAKE_H
#define MAILSTORM_CORRELATE_TAKE_H

#include "daemon/correlate/host.h"
#include "daemon/correlate/keys.h"

/* Takes one event of a line that host_take_line() has judged; nothing of the event is kept but copies. Where its keys say
 * that it is of the same transaction as the event before, it may be that transaction's first. */
void take_event(struct state *state, struct host_line line, const struct event *event, const struct keys *keys);

#endif
