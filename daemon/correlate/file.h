/* SPDX-License-Identifier: Apache-2.0
 *
 * Queue files: found by host, queue ID and time. Queue IDs are used again, so
 * an ID stands for a chain of incarnations; which one a line belongs to is
 * decided here. A file's facts are set by take.c, its bookings by book.c.
 */
#ifndef MAILSTORM_CORRELATE_FILE_H
#define MAILSTORM_CORRELATE_FILE_H

#include "daemon/correlate/bucket.h"
#include "daemon/correlate/keys.h"
#include "daemon/correlate/state.h"
#include "event.h"

/* The queue file that a line belongs to, made where it is new. *ambiguous: two incarnations share the line's second.
 * *split: an older incarnation lost facts to this one and must be placed again, or 0. */
uint32_t file_of(struct state *state, uint32_t host, const struct event *event, const struct keys *keys, int64_t time,
                 bool *ambiguous, uint32_t *split);

/* Moves to `to`, accepted at `time`, what `from` was told after that second. True where anything moved. */
bool file_split(struct state *state, uint32_t from, uint32_t to, int64_t time);

/* The newest file of a queue ID on a host, or 0. */
uint32_t file_find(const struct state *state, uint32_t host, struct slice queue_id);

/* Works out the acceptance anew from the queue ID and the first line. True where it changed. */
bool file_date(struct state *state, uint32_t file);

/* No other incarnation of its queue ID is known. */
bool file_alone(const struct state *state, uint32_t file);

/* An attempt that ended at `time` tells that its file was not accepted before this: a short delay=, where the log has whole
 * seconds and so leaves the second of a short queue ID open. INT64_MIN: it tells nothing. */
int64_t file_least(int32_t resolution, int64_t time, int64_t delay);
/* That is news, and moves the file's acceptance. */
bool file_least_moves(const struct file *file, int64_t least);

/* The queue manager took it, as its own line or what became of a recipient tells, or it went on in another file: it was accepted
 * to the end. */
bool file_queued(const struct file *file);

/* In place of nrcpt: a check redirected it. One recipient takes the place of all, whom the queue manager counts all the
 * same. */
#define FILE_REDIRECTED (-2)

/* How many recipients are due, as the queue manager says; -1: it has not said. */
int64_t file_due(const struct file *file);

/* A line told its beginning or its Message-ID. */
bool file_named(const struct file *file);

/* It goes on from another queue file of its host, in place of that: a requeue, not a content filter. */
bool file_requeues(const struct file *file);

/* Its lines were told again, long after: it came late, and names nobody whom its hop had not named before. What nrcpt
 * counts and it does not name was counted then. Only of a post's file. */
bool file_told_again(const struct file *file);

/* What it owes counts as unfinished. Not that of one which came late: it may be one that is told again, or its lines may
 * come in no order; nor, before it lapses, that of a server that tells whole messages again and again. */
bool file_owes(const struct file *file);

/* For the processor to fetch what will be needed: where the number of a host's queue ID stands; the file that it is
 * taken for, by its hash alone, 0: none. */
void file_fetch_place(const struct state *state, uint32_t host, uint32_t queue_id);
uint32_t file_guess(const struct state *state, uint32_t host, uint32_t queue_id);
void file_fetch(const struct state *state, uint32_t file);
/* And then, in steps, its message and the set of those that its hop named, with the mailbox: each step reads what the one
 * before has fetched. */
#define FILE_FETCHES (1 + BUCKET_FETCHES)
void file_fetch_more(const struct state *state, uint32_t file, uint32_t mailbox, unsigned step);

/* Puts a loaded file into the chain of its queue ID. */
void file_enchain(struct state *state, uint32_t file);

/* Takes over a file that had left memory: its number. It is not yet in its message's list. */
uint32_t file_put_back(struct state *state, const struct file *file);

/* Each file has a time in file_looks. */
void file_looks_reach(struct state *state);

/* What time does to the file must be looked at anew: it changed in other ways than by a line about it. */
void file_look(struct state *state, uint32_t file);

/* Gives the file and all it holds back. */
void file_forget(struct state *state, uint32_t file);

#endif
