/* SPDX-License-Identifier: Apache-2.0
 *
 * The hash index of table.h: growing, adding, removing. Aborts when memory
 * runs out, as all of the state does: a restart continues from the store.
 */
#include "daemon/base/table.h"

#include "daemon/base/memory.h"

static void table_put(struct table *table, uint64_t hash, uint32_t value)
{
	uint32_t at = (uint32_t)(hash >> 32);

	while (table->slots[at & table->mask].value != 0)
		at++;
	table->slots[at & table->mask] = (struct table_slot){(uint32_t)hash, value + 1};
}

/* Slots for so many. */
static void table_make(struct table *table, uint32_t count)
{
	uint32_t size = 16;

	while (size < count * 2)
		size *= 2;
	table->slots = memory_zeroed(size, sizeof(*table->slots));
	table->mask = size - 1;
}

void table_reserve(struct table *table, uint32_t count)
{
	assert(!table->slots);
	table_make(table, count);
}

static void table_resize(struct table *table, uint64_t (*full_hash)(const void *, uint32_t), const void *owner)
{
	uint32_t old_size = table->slots ? table->mask + 1 : 0;
	struct table_slot *old = table->slots;

	table_make(table, table->live + 1);
	table->used = table->live;
	for (uint32_t i = 0; i < old_size; i++)
		if (old[i].value != 0 && old[i].value != UINT32_MAX)
			table_put(table, full_hash(owner, old[i].value - 1), old[i].value - 1);
	free(old);
}

void table_add(struct table *table, uint64_t hash, uint32_t value,
               uint64_t (*full_hash)(const void *owner, uint32_t value), const void *owner)
{
	assert(value < UINT32_MAX - 1);
	if (!table->slots || (uint64_t)(table->used + 1) * 3 > (uint64_t)(table->mask + 1) * 2)
		table_resize(table, full_hash, owner);
	table_put(table, hash, value);
	table->used++;
	table->live++;
}

static struct table_slot *table_slot_of(struct table *table, uint64_t hash, uint32_t value)
{
	uint32_t at = (uint32_t)(hash >> 32);

	if (!table->slots)
		return NULL;
	for (;; at++) {
		struct table_slot *slot = &table->slots[at & table->mask];

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
	table->live--;
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
	free(table->slots);
	*table = (struct table){0};
}
