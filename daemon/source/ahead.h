/* SPDX-License-Identifier: Apache-2.0
 *
 * A thread that reads one file or pipe ahead, a few blocks: it waits for the
 * disk, unpacks and cuts into lines while the owner of the source is busy with
 * what was read before. The owner gets just what it would have got by reading
 * itself: the same batches, and a pipe has nothing only where it is empty.
 */
#ifndef MAILSTORM_SOURCE_AHEAD_H
#define MAILSTORM_SOURCE_AHEAD_H

#include "daemon/source/reading.h"

#define AHEAD_BLOCKS 4

struct ahead;

/* Goes on with the reading from where it is. It is the thread's until ahead_free(), but for what never changes:
 * input_pipe(), input_time(), input_size(), input_total(). NULL where the system gives no thread. */
struct ahead *ahead_new(struct reading *reading);

/* Stops the thread, at any moment; blocks that were not asked for are lost, so the reading can only go on from another
 * place, unless it was over. */
void ahead_free(struct ahead **ahead);

/* What reading_step() does, and *place behind it. Waits only as long as that would take, also for blocks that are
 * on their way. Not to be called again once the reading is over. */
enum input_result ahead_step(struct ahead *ahead, struct batch *batch, struct reading_place *place);

/* Of a pipe that had nothing: the descriptor to poll(2) for more; -1 for files. */
int ahead_pipe(const struct ahead *ahead);

#endif
