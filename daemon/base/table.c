/* SPDX-License-Identifier: Apache-2.0
 *
 * The hash index of table.h: growing, adding, removing. Aborts when memory
 * runs out, as all of the state does: a restart continues from the store.
 */
#include "daemon/base/table.h"

#include "daemon/base/memory.h"

static void table_put(struct table_block *block, uint64_t hash, uint32_t value)
{
	uint32_t at = (uint32_t)(hash >> 32);

	while (block->slots[at & block->mask].value != 0)
		at++;
	block->slots[at & block->mask] = (struct table_slot){(uint32_t)hash, value + 1};
}

/* Slots for so many. */
static struct table_block *table_block_new(uint32_t count)
{
	struct table_block *block;
	uint32_t size = 16;

	while (size < count * 2)
		size *= 2;
	block = memory_zeroed(1, sizeof(*block) + size * sizeof(*block->slots));
	block->mask = size - 1;
	return block;
}

void table_reserve(struct table *table, uint32_t count)
{
	assert(!table->block);
	table->block = table_block_new(count);
}

static void table_resize(struct table *table, uint64_t (*full_hash)(const void *, uint32_t), const void *owner)
{
	struct table_block *old = table->block, *block = table_block_new(table_count(table) + 1);

	for (uint32_t i = 0; old && i <= old->mask; i++)
		if (old->slots[i].value != 0 && old->slots[i].value != UINT32_MAX)
			table_put(block, full_hash(owner, old->slots[i].value - 1), old->slots[i].value - 1);
	block->used = block->live = table_count(table);
	table->block = block;
	free(old);
}

void table_add(struct table *table, uint64_t hash, uint32_t value,
               uint64_t (*full_hash)(const void *owner, uint32_t value), const void *owner)
{
	assert(value < UINT32_MAX - 1);
	if (!table->block || (uint64_t)(table->block->used + 1) * 3 > (uint64_t)(table->block->mask + 1) * 2)
		table_resize(table, full_hash, owner);
	table_put(table->block, hash, value);
	table->block->used++;
	table->block->live++;
}

static struct table_slot *table_slot_of(struct table *table, uint64_t hash, uint32_t value)
{
	uint32_t at = (uint32_t)(hash >> 32);

	if (!table->block)
		return NULL;
	for (;; at++) {
		struct table_slot *slot = &table->block->slots[at & table->block->mask];

		if (slot->value == 0)
			return NULL;
		if (slot->value == value + 1)
			return slot;
	}
}

bool table_remove(struct table *table, uint64_t hash, uint32_t value)
{
	struct table_slot *slot = table_slot_of(table, hash, value);

	if (!slot)
		return false;
	slot->value = UINT32_MAX;
	table->block->live--;
	return true;
}

bool table_replace(struct table *table, uint64_t hash, uint32_t value, uint32_t by)
{
	struct table_slot *slot = table_slot_of(table, hash, value);

	if (!slot)
		return false;
	slot->value = by + 1;
	return true;
}

void table_clear(struct table *table)
{
	free(table->block);
	table->block = NULL;
}
