/* SPDX-License-Identifier: Apache-2.0
 *
 * A batch of records: an array that grows and is used again, and what must be
 * given back with it. Aborts when memory runs out.
 */
#include "record.h"

#include <assert.h>
#include <stdlib.h>

#include "daemon/base/memory.h"

struct batch *batch_new(void)
{
	return memory_zeroed(1, sizeof(struct batch));
}

void batch_clear(struct batch *batch)
{
	if (batch->held) {
		assert(batch->release);
		batch->release(batch);
		assert(!batch->held);
	}
	batch->release = NULL;
	batch->partition = 0;
	batch->count = 0;
	batch->next_offset = 0;
	batch->inode = 0;
	batch->gap = 0;
}

void batch_free(struct batch **batch)
{
	if (!*batch)
		return;
	batch_clear(*batch);
	free((*batch)->records);
	free((*batch)->memory);
	free(*batch);
	*batch = NULL;
}

void batch_append(struct batch *batch, struct record record)
{
	if (batch->count == batch->capacity) {
		batch->capacity = batch->capacity ? batch->capacity * 2 : 256;
		batch->records = memory_resized(batch->records, batch->capacity, sizeof(*batch->records));
	}
	batch->records[batch->count++] = record;
}
