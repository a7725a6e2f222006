/* SPDX-License-Identifier: Apache-2.0
 *
 * Partitions on their way in: per partition a short queue of batches, parsed
 * or being parsed, taken in the order of time across partitions. This is how
 * sources are kept abreast: one that is ahead is not taken from, its queue
 * fills, and it is not read.
 */
#ifndef MAILSTORM_FLOW_H
#define MAILSTORM_FLOW_H

#include "daemon/work.h"
#include "source.h"

struct flows;

/* source is borrowed. max_skew: microseconds that a partition may be taken ahead of one whose lines are on their way. */
struct flows *flows_new(struct source *source, struct workers *workers, int64_t max_skew);
void flows_free(struct flows **flows);

/* Other workers, while nothing is being parsed. */
void flows_use(struct flows *flows, struct workers *workers);

/* Reads what there is room for. False where nothing came and nothing is waiting: everything is taken in. */
bool flows_fill(struct flows *flows);

/* The work to take lines from next, and until which time (exclusive) before another comes first; NULL where there is
 * none now. *partition gets its number. The lines before work->next are taken. */
struct work *flows_next(struct flows *flows, uint32_t *partition, int64_t *until);

/* Lines of the work that flows_next() returned were taken, the latest of them of this time; INT64_MIN: of none. */
void flows_taken(struct flows *flows, uint32_t partition, int64_t latest);

/* A line that tells something of those after it was taken. */
void flows_tell(struct flows *flows, uint32_t partition, const struct envelope_told *told);

/* What the lines taken told of those after them, to be stored with the position: malloc'ed bytes, the caller frees them.
 * NULL where it is as it was when last kept. */
char *flows_told(const struct flows *flows, uint32_t partition, size_t *length);
/* All that was told is stored. */
void flows_kept(struct flows *flows);
/* What was stored, before the first read. False where it is not what it should be. */
bool flows_recall(struct flows *flows, uint32_t partition, struct slice told);

/* All lines of the partition's first work are taken: it goes back. */
void flows_finish(struct flows *flows, uint32_t partition);

/* Something is parsed or being parsed. */
bool flows_waiting(const struct flows *flows);

/* The offset, and inode, that the next line of the partition not yet taken stands at. */
void flows_position(const struct flows *flows, uint32_t partition, int64_t *next_offset, int64_t *inode);

/* Every partition is at its end; *failed: one of them by an error. */
bool flows_ended(const struct flows *flows, bool *failed);

#endif
