/* SPDX-License-Identifier: Apache-2.0
 *
 * Threads: posts of one list that answer each other. A function of the list's
 * posts, made anew whenever they change: by references, else by normalised
 * subject, else by the list alone; never across a quiet of thread_gap.
 */
#ifndef MAILSTORM_CORRELATE_THREAD_H
#define MAILSTORM_CORRELATE_THREAD_H

#include "daemon/correlate/state.h"

const char *thread_method_name(enum thread_method method);

/* The threads of a list, by their roots. free with threads_free(). */
struct threads threads_of(const struct state *state, const struct list *list, int64_t gap);
void threads_free(struct threads *threads);

#endif
