/* SPDX-License-Identifier: Apache-2.0
 *
 * Blocks in a list, filled one after the other. A piece that is larger than a
 * block gets one of its own. Nothing is given back before the whole is.
 */
#include "parsers/arena.h"

#include "daemon/base/memory.h"

#define BLOCK_SIZE ((size_t)64 * 1024)

struct arena_block {
	struct arena_block *next;
	size_t size, used;
	_Alignas(max_align_t) char bytes[];
};

void *arena_take(struct arena *arena, size_t size)
{
	struct arena_block *block = arena->blocks;
	char *piece;

	size = (size + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
	if (!block || block->size - block->used < size) {
		size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;

		block = memory_checked(malloc(sizeof(*block) + room));
		block->next = arena->blocks;
		block->size = room;
		block->used = 0;
		arena->blocks = block;
	}
	piece = block->bytes + block->used;
	block->used += size;
	return piece;
}

static void free_blocks(struct arena_block *block)
{
	while (block) {
		struct arena_block *next = block->next;

		free(block);
		block = next;
	}
}

void arena_reset(struct arena *arena)
{
	struct arena_block *kept = arena->blocks;

	if (!kept)
		return;
	free_blocks(kept->next);
	kept->next = NULL;
	kept->used = 0;
	if (kept->size > BLOCK_SIZE)
		arena_free(arena);
}

void arena_free(struct arena *arena)
{
	free_blocks(arena->blocks);
	arena->blocks = NULL;
}
