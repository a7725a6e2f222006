/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines out of a stream of bytes. The reader puts bytes straight into a
 * batch's memory; this finds the lines in them and carries what is left to
 * the next batch. A line ends at its newline; a carriage return before that
 * is not of the line. A line of more than LINES_LONGEST bytes is given once,
 * cut there, when its newline has been seen.
 */
#ifndef MAILSTORM_SOURCE_LINES_H
#define MAILSTORM_SOURCE_LINES_H

#include "record.h"

#define LINES_LONGEST ((size_t)1 << 20)
#define LINES_BLOCK ((size_t)1 << 19)
#define LINES_BATCH 16384 /* records of one batch at most */

/* All zero: the beginning of a stream. */
struct lines {
	int64_t offset;  /* of the first byte of which no record was made */
	int64_t skipped; /* bytes of an overlong line that were thrown away behind what is carried */
	int64_t cut_at;  /* offset of the first line that was cut */
	bool cut;        /* there was one */
	bool full;       /* what is carried may hold whole lines: lines_split() before more is read */
	char *carry;
	size_t carried;
	size_t carry_size;
};

/* Readies the batch's memory: what is carried stands at its beginning, *have bytes, and behind it is room for
 * LINES_BLOCK bytes more (unless lines->full). */
char *lines_room(const struct lines *lines, struct batch *batch, size_t *have);

/* Makes records of the lines in the first `have` bytes of the batch's memory; keeps the rest. last: the stream ends
 * here, a line without newline is one too. Sets next_offset. True where the batch holds a record. */
bool lines_split(struct lines *lines, struct batch *batch, size_t have, int64_t timestamp, bool last);

/* Bytes that were read and of which no record was made. */
int64_t lines_unused(const struct lines *lines);

/* Begins anew at that offset of a stream. */
void lines_restart(struct lines *lines, int64_t offset);
void lines_release(struct lines *lines);

#endif
