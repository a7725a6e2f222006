/* SPDX-License-Identifier: Apache-2.0
 *
 * A hash index: it finds 32-bit numbers (indices into the owner's array) by
 * 64-bit hashes. The owner keeps the objects and decides equality; an index
 * entry is 8 bytes. Linear probing, at most two thirds full. Chosen over a
 * library's table because tens of millions of queue files and recipients must
 * stay under a hundred bytes each.
 */
#ifndef MAILSTORM_BASE_TABLE_H
#define MAILSTORM_BASE_TABLE_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#define TABLE_NONE UINT32_MAX

struct table_slot {
	uint32_t tag;   /* low half of the hash */
	uint32_t value; /* the owner's number + 1; 0: free; UINT32_MAX: deleted */
};

struct table_block {
	uint32_t mask; /* slots - 1 */
	uint32_t used; /* live and deleted */
	uint32_t live;
	struct table_slot slots[];
};

/* One pointer, since most of those that objects have stay empty. */
struct table {
	struct table_block *block; /* NULL while empty */
};

/* How many numbers are in it. */
static inline uint32_t table_count(const struct table *table)
{
	return table->block ? table->block->live : 0;
}

/* Walks the entries whose hash may equal `hash`: start with *at = 0, ends with TABLE_NONE. */
static inline uint32_t table_next(const struct table *table, uint64_t hash, uint32_t *at)
{
	const struct table_block *block = table->block;

	if (!block)
		return TABLE_NONE;
	for (;;) {
		const struct table_slot *slot = &block->slots[((uint32_t)(hash >> 32) + (*at)++) & block->mask];

		if (slot->value == 0)
			return TABLE_NONE;
		if (slot->value != UINT32_MAX && slot->tag == (uint32_t)hash)
			return slot->value - 1;
	}
}

/* The first of them, of an owner whose numbers begin with 1; 0: none. */
static inline uint32_t table_guess(const struct table *table, uint64_t hash)
{
	uint32_t at = 0, number = table_next(table, hash, &at);

	return number == TABLE_NONE ? 0 : number;
}

/* The slot that a hash would be read from next, for the processor to fetch ahead. */
static inline void table_prefetch(const struct table *table, uint64_t hash)
{
	if (table->block)
		__builtin_prefetch(&table->block->slots[(uint32_t)(hash >> 32) & table->block->mask]);
}

/* Adds a number under a hash; the same number is never added twice by its owner. full_hash tells the hash of a
 * number that is in the table, for growing. */
void table_add(struct table *table, uint64_t hash, uint32_t value,
               uint64_t (*full_hash)(const void *owner, uint32_t value), const void *owner);

/* Room for so many in an empty table: they are added without its growing. */
void table_reserve(struct table *table, uint32_t count);

/* Takes a number out; false where it was not there. */
bool table_remove(struct table *table, uint64_t hash, uint32_t value);

/* The same number under the same hash gets a new value (the owner moved an object). */
bool table_replace(struct table *table, uint64_t hash, uint32_t value, uint32_t by);

void table_clear(struct table *table);

#endif
