/* SPDX-License-Identifier: Apache-2.0
 *
 * The threads of one list as plain data; made by thread.c.
 */
#ifndef MAILSTORM_CORRELATE_THREAD_LIST_H
#define MAILSTORM_CORRELATE_THREAD_LIST_H

#include <stdint.h>

/* From strongest to weakest. */
enum thread_method { THREAD_REFERENCES, THREAD_SUBJECT, THREAD_LIST_GAP };

struct thread {
	uint32_t *posts; /* in order; the first is the root */
	uint32_t count;
	enum thread_method method; /* the one that tied most of its posts; the weaker of two */
};

struct threads {
	struct thread *items;
	uint32_t count;
};

#endif
