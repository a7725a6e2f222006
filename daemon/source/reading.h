/* SPDX-License-Identifier: Apache-2.0
 *
 * One file or pipe that is being read: its bytes, the lines in them, and how
 * far it is. One thread uses it at a time.
 */
#ifndef MAILSTORM_SOURCE_READING_H
#define MAILSTORM_SOURCE_READING_H

#include "daemon/source/input.h"
#include "daemon/source/lines.h"

struct reading {
	struct input *input;
	struct lines lines; /* of a stream that begins with the input */
};

/* How far it is, to be kept while it is read on. */
struct reading_place {
	int64_t offset; /* unpacked: of the first byte of which no record was made */
	int64_t done;   /* bytes of the file as it lies on the disk */
	int64_t cut_at; /* offset of the first line that was too long and cut; -1: none yet */
};

/* One block of it, as records of the empty batch; it may hold none, of the middle of a long line. INPUT_END with
 * records: those of the last bytes; the next step tells the end again. The other results come without any. */
enum input_result reading_step(struct reading *reading, struct batch *batch);

/* Such a step was the last one: the end, or an error. */
bool reading_over(enum input_result result, const struct batch *batch);

struct reading_place reading_place(const struct reading *reading);

void reading_release(struct reading *reading);

#endif
