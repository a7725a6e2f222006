/* SPDX-License-Identifier: Apache-2.0
 *
 * The database: opened, brought to this program's version, locked against a
 * second writer. What is committed is state and offsets together, so that
 * after any end of the process the next one goes on as if nothing had been.
 */
#ifndef MAILSTORM_STORE_H
#define MAILSTORM_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "slice.h"

struct privacy;
struct state;
struct store;

#define STORE_APPLICATION_ID 0x4D535452 /* "MSTR" */

/* How far one partition of a source was taken in. */
struct store_position {
	const char *source;
	const char *topic;
	int32_t partition;
	int64_t next_offset;
	int64_t inode;
	int64_t lines, events, ignored, unparsed, gap;
	int64_t first_at, last_at; /* TIME_NONE: no line with a time */
};

/* Opens or makes the database. NULL and *error ("PATH: what: why", malloc'ed) where it is none of ours, is of a newer
 * version, is being written by another process, or cannot be read. */
struct store *store_open(const char *path, char **error);
void store_close(struct store **store);

/* How addresses are written: under a key (of that file, for the help of readers), or plain (NULL). False where the
 * database has them otherwise, or under another key. Call it before anything is read or written. */
bool store_use(struct store *store, const struct privacy *privacy, const char *key_file);

/* "PATH: what: why" of the last failure. */
const char *store_error(const struct store *store);
/* What the operator should know of the database's file, once; free it. NULL: nothing. */
char *store_note(struct store *store);

/* Fills an empty state with what was committed last. False in trouble. */
bool store_load(struct store *store, struct state *state);

/* Reads where a partition was left. *found: false where it is new; *position then stays. False in trouble. */
bool store_position(struct store *store, struct store_position *position, bool *found);

/* What the partition's lines before that told of those after it: malloc'ed bytes, the caller frees them; NULL: nothing.
 * False in trouble. */
bool store_told(struct store *store, const struct store_position *position, char **told, size_t *length);

/* One checkpoint is: begin, any of the puts, state and figures, commit. All return false in trouble; then
 * store_rollback() undoes it, and everything is to be written again: the state stays marked. */
bool store_begin(struct store *store);
bool store_put_position(struct store *store, const struct store_position *position);
/* length 0: nothing is told any more. */
bool store_put_told(struct store *store, const struct store_position *position, const char *told, size_t length);
/* A sampled line of time `at`, which may be TIME_NONE; taken: the log's clock. */
bool store_put_unparsed(struct store *store, const struct store_position *position, int64_t offset, int64_t at,
                        int64_t taken, struct slice program, const char *reason, struct slice line);
/* What changed of the state. */
bool store_put_state(struct store *store, struct state *state);
/* What changed of posts, threads, lists, hours, coverage and incidents. final: also the figures that take long. */
bool store_put_figures(struct store *store, struct state *state, bool final);

/* How the daemon is, for "mailstorm status"; *_wall: of the wall clock. */
struct store_health {
	bool live; /* it waits for more lines */
	int64_t started_wall, checkpoint_wall;
	int64_t stopped_wall;                  /* TIME_NONE while it runs */
	int64_t log_at;                        /* the log's clock; TIME_NONE: nothing was read yet */
	int64_t recent_lines, recent_unparsed; /* of the last hour */
	const char *trouble;                   /* what keeps lines from being read, or NULL */
};
bool store_put_health(struct store *store, const struct store_health *health);
/* end_offset: -1 unknown; unread_since_wall: TIME_NONE where nothing waits. */
bool store_put_health_source(struct store *store, const struct store_position *position, int64_t end_offset,
                             int64_t unread_since_wall);
/* Clocks and silences. */
bool store_put_health_hosts(struct store *store, const struct state *state);
bool store_commit(struct store *store);
void store_rollback(struct store *store);
/* What was committed outlasts a power cut, too; otherwise the last moments may not, and are read again. */
void store_sync(struct store *store);

/* Marks of what was written are taken off: call after a successful commit. */
void store_written(struct state *state);

#endif
