/* SPDX-License-Identifier: Apache-2.0
 *
 * Incidents: threads that crossed the thresholds. Found anew from the threads
 * of each list that changed; what is remembered is the number, and the settings in force at detection.
 */
#ifndef MAILSTORM_CORRELATE_INCIDENT_H
#define MAILSTORM_CORRELATE_INCIDENT_H

#include "daemon/correlate/state.h"
#include "daemon/correlate/thread.h"

/* Brings posts, threads and incidents up to date with the facts. Cheap where nothing changed. True where an incident was
 * opened or withdrawn. */
bool settle(struct state *state);

/* The time from which refusals count, TIME_NONE where the list is open. */
int64_t list_closed_at(const struct state *state, const struct list *list);

/* The list's latest incident, which refusals are given to, or 0. */
uint32_t list_latest_incident(const struct state *state, uint32_t list);

#endif
