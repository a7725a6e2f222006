/* SPDX-License-Identifier: Apache-2.0
 *
 * What the daemon holds of an incident, read from the state that it writes
 * with every checkpoint: for the commands that must tell how things are now.
 * The daemon forgets what is long over; then the views are final. Only for
 * report/'s own files.
 */
#ifndef MAILSTORM_REPORT_HELD_H
#define MAILSTORM_REPORT_HELD_H

#include "daemon/correlate/state.h"
#include "daemon/report/reader.h"
#include "daemon/store/objects.h"

struct held {
	struct reader *reader;
	struct state *state;
	bool foreign; /* the state is of another version's daemon, or damaged */
};

struct held held_new(struct reader *reader);
void held_clear(struct held *held);

/* All of these are false where it is not held any more, where it is foreign, and in trouble (reader_error()). */

/* The incident's posts (posts[1] on, in no order), all with a message. */
bool held_load_posts(struct held *held, int64_t incident);

/* After that: their messages, which get numbers of their own, with all sets, or (mailbox > 0) with what tells of that one. */
bool held_load_sets(struct held *held, uint32_t mailbox);

/* Calls take for all objects of a kind, or (number > 0) for one, which must be there. */
typedef void held_take(struct state *state, uint32_t number, struct codec *codec);
bool held_objects(struct held *held, enum object_kind kind, uint32_t number, held_take *take);

/* Binds a number to a parameter of a statement that has it. */
void held_bind(sqlite3_stmt *statement, const char *name, int64_t value);

#endif
