/* SPDX-License-Identifier: Apache-2.0
 *
 * What is a storm: a thread whose posts, as far as known, satisfy count or cost
 * within a window. A function of posts; it waits for no clock.
 */
#ifndef MAILSTORM_CORRELATE_STORM_H
#define MAILSTORM_CORRELATE_STORM_H

#include "daemon/correlate/thread.h"

struct verdict {
	bool storm;
	uint32_t crossing; /* index in the thread of the earliest post that satisfies the condition */
	uint32_t begin;    /* index of the incident's first post */
};

struct verdict storm_judge(const struct state *state, const struct list *list, const struct thread *thread,
                           const struct storm_settings *settings);

/* Distinct senders among posts; each with the null sender is one. *known: a sender of any is known. */
uint32_t storm_posters(const struct state *state, const uint32_t *posts, uint32_t count, bool *known);

#endif
