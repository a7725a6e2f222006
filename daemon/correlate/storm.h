/* SPDX-License-Identifier: Apache-2.0
 *
 * What is a storm: a thread whose posts, as far as known, satisfy count or cost
 * within a window. A function of posts; it waits for no clock.
 */
#ifndef MAILSTORM_CORRELATE_STORM_H
#define MAILSTORM_CORRELATE_STORM_H

#include "daemon/correlate/thread.h"

#define STORM_LOOKS_BACK (28 * DAY) /* a norm, from the window's beginning */
#define NORM_NONE (-1)              /* the list had no history */

struct verdict {
	bool storm;
	uint32_t crossing; /* index in the thread of the earliest post that satisfies the condition */
	uint32_t begin;    /* index of the incident's first post */
	int64_t norm; /* of a thread by the list alone: the busiest window before the one that crossed, or NORM_NONE */
};

struct verdict storm_judge(const struct state *state, const struct list *list, const struct thread *thread,
                           const struct storm_settings *settings);

/* In a thread by the list alone, the window was judged, and of what it looks back on some has left memory since: what it
 * was held to be stands. */
bool storm_is_settled(const struct list *list, int64_t begin, int64_t end);

/* Marks the posts of an incident as unusual, which a norm leaves out. A thread by the list alone goes on as an incident
 * with whatever is posted after it, since nights are shorter than thread_gap: of such a one it marks those up to the
 * crossing and of each later window that crosses the incident's own norm, and after either those until the first quiet. */
void storm_leave_out(struct state *state, const struct incident *incident);

/* How many of its posts there are until it was for a thread_gap without one that storm_leave_out() would mark. */
uint32_t storm_lasts(const struct state *state, const struct incident *incident);

/* Distinct senders among posts; each with the null sender is one. *known: a sender of any is known. */
uint32_t storm_posters(const struct state *state, const uint32_t *posts, uint32_t count, bool *known);

#endif
