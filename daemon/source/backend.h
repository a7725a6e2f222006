/* SPDX-License-Identifier: Apache-2.0
 *
 * What a source is inside: a table of partitions, a list of notices, the text
 * of the last error, and a backend that reads. A backend embeds struct source
 * as its first member. Only the owner touches the partitions and the error text;
 * notices may be written by a backend's own threads and are behind the lock.
 */
#ifndef MAILSTORM_SOURCE_BACKEND_H
#define MAILSTORM_SOURCE_BACKEND_H

#include <pthread.h>

#include "source.h"

struct source;

/* Each does what the function of the same name in source.h says. committed and trouble may be NULL. free frees all that the
 * backend added and the backend itself, but not what source_release() frees. */
struct source_backend {
	void (*seek)(struct source *source, uint32_t partition, int64_t next_offset, int64_t inode);
	enum source_state (*read)(struct source *source, uint32_t partition, struct batch *batch);
	void (*wait)(struct source *source, int milliseconds);
	void (*committed)(struct source *source, uint32_t partition, int64_t next_offset);
	const char *(*trouble)(const struct source *source);
	bool (*finished)(const struct source *source);
	void (*free)(struct source *source);
};

struct source_note {
	struct source_note *next;
	char text[];
};

struct source {
	const struct source_backend *backend;
	struct source_partition **partitions; /* owned, each on its own: pointers to them stay */
	uint32_t count;
	uint32_t capacity;
	char *error;
	pthread_mutex_t lock; /* of what follows */
	struct source_note *notes;
	struct source_note **last_note;
	struct source_note *taken; /* the one that source_notice() gave last */
};

/* Sets up the embedded part; source_release() is its counterpart, for the backend's free and for a backend that
 * could not be made. */
void source_prepare(struct source *source, const struct source_backend *backend);
void source_release(struct source *source);

/* Adds a partition with nothing known but its names. topic is copied. */
struct source_partition *source_add(struct source *source, const char *kind, const char *topic, int32_t partition);

/* One line for source_notice(). From any thread. */
__attribute__((format(printf, 2, 3))) void source_note(struct source *source, const char *format, ...);

/* Keeps the text for source_error(). For the owner's thread only. Returns SOURCE_ERROR. */
__attribute__((format(printf, 2, 3))) enum source_state source_fail(struct source *source, const char *format, ...);

/* A malloc'ed text, for char **error. */
__attribute__((format(printf, 1, 2))) char *source_text(const char *format, ...);

/* True where a path stands twice in the list; *error then says which. */
bool source_twice(const char *const *paths, char **error);

/* Milliseconds of a clock that never jumps: for patience, never for what a record says. */
int64_t source_clock(void);

#endif
