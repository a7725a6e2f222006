/* SPDX-License-Identifier: Apache-2.0
 *
 * The splitting of lines.h. What stands in memory: at most LINES_LONGEST + 1
 * bytes that were carried, then a block. One byte more than the longest line
 * is kept, since it may be the carriage return of a line that is just whole.
 * Aborts when memory runs out; any bytes are good input.
 */
#include "daemon/source/lines.h"

#include <assert.h>
#include <stdlib.h>

#include "daemon/base/memory.h"

#define HEAD (LINES_LONGEST + 1)

char *lines_room(const struct lines *lines, struct batch *batch, size_t *have)
{
	assert(batch->count == 0);
	if (batch->memory_size < HEAD + LINES_BLOCK) {
		free(batch->memory);
		batch->memory_size = HEAD + LINES_BLOCK;
		batch->memory = memory_checked(malloc(batch->memory_size));
	}
	if (lines->carried)
		memcpy(batch->memory, lines->carry, lines->carried);
	*have = lines->carried;
	return batch->memory;
}

/* length: of the line without its newline, as far as it stands at `bytes`; used: what it takes of the stream. */
static void lines_give(struct lines *lines, struct batch *batch, const char *bytes, size_t length, int64_t used,
                       int64_t timestamp)
{
	if (length > LINES_LONGEST) {
		length = LINES_LONGEST;
		lines->cut_at = lines->cut ? lines->cut_at : lines->offset;
		lines->cut = true;
	}
	batch_append(batch, (struct record){{bytes, length}, lines->offset, timestamp});
	lines->offset += used;
}

/* The end of an overlong line of which only the head was kept. Returns where the next line begins, or NULL where
 * the end is still to come; *have is then the head alone. */
static char *lines_skip(struct lines *lines, struct batch *batch, size_t *have, int64_t timestamp, bool last)
{
	char *newline = memchr(batch->memory + HEAD, '\n', *have - HEAD);
	size_t used = newline ? (size_t)(newline - batch->memory) + 1 : *have;

	if (!newline && !last) {
		lines->skipped += (int64_t)(*have - HEAD);
		*have = HEAD;
		return NULL;
	}
	lines_give(lines, batch, batch->memory, HEAD, (int64_t)used + lines->skipped, timestamp);
	lines->skipped = 0;
	return batch->memory + used;
}

static void lines_carry(struct lines *lines, const char *bytes, size_t length)
{
	if (length > lines->carry_size) {
		lines->carry_size = length < 4096 ? 4096 : length;
		lines->carry = memory_resized(lines->carry, lines->carry_size, 1);
	}
	if (length)
		memcpy(lines->carry, bytes, length);
	lines->carried = length;
}

bool lines_split(struct lines *lines, struct batch *batch, size_t have, int64_t timestamp, bool last)
{
	char *at = batch->memory;
	char *newline;
	size_t rest;

	if (lines->skipped > 0)
		at = lines_skip(lines, batch, &have, timestamp, last);
	if (!at) {
		at = batch->memory;
		goto out;
	}
	while (batch->count < LINES_BATCH && (newline = memchr(at, '\n', (size_t)(batch->memory + have - at)))) {
		size_t length = (size_t)(newline - at);

		if (length && newline[-1] == '\r')
			length--;
		lines_give(lines, batch, at, length, newline + 1 - at, timestamp);
		at = newline + 1;
	}
out:
	rest = (size_t)(batch->memory + have - at);
	lines->full = batch->count >= LINES_BATCH && rest > 0;
	if (!lines->full && last && rest > 0) {
		lines_give(lines, batch, at, rest, (int64_t)rest, timestamp);
		rest = 0;
	}
	if (!lines->full && rest > HEAD) {
		lines->skipped = (int64_t)(rest - HEAD);
		rest = HEAD;
	}
	lines_carry(lines, at, rest);
	batch->next_offset = lines->offset;
	return batch->count > 0;
}

int64_t lines_unused(const struct lines *lines)
{
	return (int64_t)lines->carried + lines->skipped;
}

void lines_restart(struct lines *lines, int64_t offset)
{
	lines->offset = offset;
	lines->skipped = 0;
	lines->carried = 0;
	lines->full = false;
}

void lines_release(struct lines *lines)
{
	free(lines->carry);
	*lines = (struct lines){0};
}
