/* SPDX-License-Identifier: Apache-2.0
 *
 * The place in a Kafka partition, and what an offset that comes means there.
 * Offsets of one partition rise, but not by one each: compaction takes records
 * out, and the marks of transactions and what was aborted use offsets up. Such
 * a hole is no loss, so a jump alone proves nothing. It is a gap where the
 * broker refused the expected offset as out of its range (the records were
 * deleted), or where records were there and could not be decoded.
 */
#ifndef MAILSTORM_SOURCE_POSITION_H
#define MAILSTORM_SOURCE_POSITION_H

#include <stdbool.h>
#include <stdint.h>

struct position {
	int64_t next; /* the offset expected; -1: whatever comes first */
	bool reset;   /* the broker refused it; what comes next is the partition's earliest */
	bool damage;  /* records at it were reported as not readable */
};

enum position_verdict {
	POSITION_NEXT,  /* as expected, or behind a hole that is no loss */
	POSITION_AGAIN, /* was told before */
	POSITION_GAP,   /* records are missing before it */
	POSITION_ANEW   /* the partition begins before the place and ends before it too: it is another one */
};

/* What `offset` means: of a record, or of the partition's end, which is the offset of the record to come.
 * *missing: how many, where it is a gap; *hole: the offsets that were jumped without loss, else 0. */
enum position_verdict position_judge(const struct position *position, int64_t offset, int64_t *missing, int64_t *hole);

/* Goes to an offset; what spoke of the old place is forgotten. */
void position_move(struct position *position, int64_t next);

#endif
