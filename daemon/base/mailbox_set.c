/* SPDX-License-Identifier: Apache-2.0
 *
 * Sets of mailbox numbers over CRoaring, see mailbox_set.h.
 */
#include "daemon/base/mailbox_set.h"

#include <roaring/roaring.h>

#include "daemon/base/hash.h"
#include "daemon/base/memory.h"

/* NULL: nothing is there. */
static roaring_bitmap_t *mailbox_set_level(const struct mailbox_set *set, unsigned level)
{
	if (level == 0)
		return set->members;
	return set->again ? set->again[level - 1] : NULL;
}

void mailbox_set_clear(struct mailbox_set *set)
{
	for (unsigned i = 0; i < MAILBOX_SET_LEVELS; i++)
		if (mailbox_set_level(set, i))
			roaring_bitmap_free(mailbox_set_level(set, i));
	free(set->again);
	free(set->dirty);
	*set = (struct mailbox_set){0};
}

static void mailbox_set_mark(struct mailbox_set *set, uint16_t chunk)
{
	set->packed = false;
	for (uint32_t i = set->dirty_count; i-- > 0;)
		if (set->dirty[i] == chunk)
			return;
	MEMORY_GROW(set->dirty, set->dirty_count, set->dirty_capacity);
	set->dirty[set->dirty_count++] = chunk;
}

static roaring_bitmap_t *mailbox_set_make(struct mailbox_set *set, unsigned level)
{
	roaring_bitmap_t **place = &set->members;

	if (level > 0) {
		if (!set->again)
			set->again = memory_zeroed(MAILBOX_SET_LEVELS - 1, sizeof(*set->again));
		place = &set->again[level - 1];
	}
	if (!*place)
		*place = memory_checked(roaring_bitmap_create());
	return *place;
}

static bool mailbox_set_in(const struct mailbox_set *set, unsigned level, uint32_t mailbox)
{
	const roaring_bitmap_t *numbers = mailbox_set_level(set, level);

	return numbers && roaring_bitmap_contains(numbers, mailbox);
}

/* Levels above 0 are the digits of a binary number: one more. At the largest it stays. */
static void mailbox_set_count_up(struct mailbox_set *set, uint32_t mailbox)
{
	unsigned digit = 1;

	while (digit < MAILBOX_SET_LEVELS && mailbox_set_in(set, digit, mailbox))
		digit++;
	if (digit == MAILBOX_SET_LEVELS)
		return;
	roaring_bitmap_add(mailbox_set_make(set, digit), mailbox);
	while (--digit > 0)
		roaring_bitmap_remove(mailbox_set_level(set, digit), mailbox);
}

/* One less; false at 0. */
static bool mailbox_set_count_down(struct mailbox_set *set, uint32_t mailbox)
{
	unsigned digit = 1;

	while (digit < MAILBOX_SET_LEVELS && !mailbox_set_in(set, digit, mailbox))
		digit++;
	if (digit == MAILBOX_SET_LEVELS)
		return false;
	roaring_bitmap_remove(mailbox_set_level(set, digit), mailbox);
	while (--digit > 0)
		roaring_bitmap_add(mailbox_set_make(set, digit), mailbox);
	return true;
}

#define RUNS_MOST 2048 /* of a chunk: more take more memory than any set of its numbers needs */

/* CRoaring leaves a chunk of runs as it is, however many they become by single numbers. */
static void mailbox_set_limit_runs(struct mailbox_set *set, uint16_t chunk)
{
	roaring_array_t *all = &set->members->high_low_container;
	int32_t at = ra_get_index(all, chunk);

	if (at >= 0 && all->typecodes[at] == RUN_CONTAINER_TYPE_CODE &&
	    ((const run_container_t *)all->containers[at])->n_runs > RUNS_MOST)
		all->containers[at] =
			convert_run_optimize(all->containers[at], all->typecodes[at], &all->typecodes[at]);
}

bool mailbox_set_add(struct mailbox_set *set, uint32_t mailbox)
{
	mailbox_set_mark(set, (uint16_t)(mailbox >> 16));
	if (roaring_bitmap_add_checked(mailbox_set_make(set, 0), mailbox)) {
		mailbox_set_limit_runs(set, (uint16_t)(mailbox >> 16));
		return true;
	}
	mailbox_set_count_up(set, mailbox);
	return false;
}

void mailbox_set_add_new(struct mailbox_set *set, uint32_t from, uint32_t count)
{
	uint32_t last = from + count - 1;

	for (uint32_t chunk = from >> 16; chunk <= last >> 16; chunk++)
		mailbox_set_mark(set, (uint16_t)chunk);
	roaring_bitmap_add_range_closed(mailbox_set_make(set, 0), from, last);
}

/* So many numbers in each, on the average: then they are added run by run. CRoaring keeps a chunk that begins so as runs,
 * which of a list's mailboxes are few. */
#define RUNS_LONG 4

/* Numbers from mailboxes[from] on that follow each other. */
static uint32_t run_of(const uint32_t *mailboxes, uint32_t from, uint32_t count)
{
	uint32_t length = 1;

	while (from + length < count && mailboxes[from + length] == mailboxes[from] + length)
		length++;
	return length;
}

void mailbox_set_add_many(struct mailbox_set *set, const uint32_t *mailboxes, uint32_t count)
{
	uint32_t chunk = UINT32_MAX, runs = 0;

	for (uint32_t i = 0; i < count; i++) {
		runs += i == 0 || mailboxes[i] != mailboxes[i - 1] + 1;
		if (mailboxes[i] >> 16 != chunk) {
			chunk = mailboxes[i] >> 16;
			mailbox_set_mark(set, (uint16_t)chunk);
		}
	}
	if (runs * RUNS_LONG > count) {
		roaring_bitmap_add_many(mailbox_set_make(set, 0), count, mailboxes);
		for (uint32_t i = 0; i < count; i++)
			if (i == 0 || mailboxes[i] >> 16 != mailboxes[i - 1] >> 16)
				mailbox_set_limit_runs(set, (uint16_t)(mailboxes[i] >> 16));
		return;
	}
	for (uint32_t i = 0, length; i < count; i += length) {
		length = run_of(mailboxes, i, count);
		roaring_bitmap_add_range_closed(mailbox_set_make(set, 0), mailboxes[i], mailboxes[i] + length - 1);
	}
}

bool mailbox_set_remove(struct mailbox_set *set, uint32_t mailbox)
{
	if (!mailbox_set_has(set, mailbox))
		return false;
	mailbox_set_mark(set, (uint16_t)(mailbox >> 16));
	if (mailbox_set_count_down(set, mailbox))
		return false;
	roaring_bitmap_remove(set->members, mailbox);
	return true;
}

bool mailbox_set_has(const struct mailbox_set *set, uint32_t mailbox)
{
	return set->members && roaring_bitmap_contains(set->members, mailbox);
}

#define CHUNK 65536

/* Of a container's numbers, the first from `low` on; or a lower one that is not there, and none before it is. */
static uint32_t container_next(const void *container, uint8_t kind, uint16_t low)
{
	uint64_t word;
	int32_t at;

	container = container_unwrap_shared(container, &kind);
	if (kind == ARRAY_CONTAINER_TYPE_CODE) {
		const array_container_t *numbers = container;

		at = binarySearch(numbers->array, numbers->cardinality, low);
		at = at < 0 ? -at - 1 : at;
		return at < numbers->cardinality ? numbers->array[at] : CHUNK;
	}
	if (kind == RUN_CONTAINER_TYPE_CODE) {
		const run_container_t *runs = container;

		at = interleavedBinarySearch(runs->runs, runs->n_runs, low);
		at = at < 0 ? -at - 1 : at;
		if (at > 0 && low - runs->runs[at - 1].value <= runs->runs[at - 1].length)
			return low;
		return at < runs->n_runs ? runs->runs[at].value : CHUNK;
	}
	word = ((const bitset_container_t *)container)->array[low / 64] >> low % 64;
	return word ? low + (uint32_t)__builtin_ctzll(word) : (low | 63U) + 1;
}

/* CRoaring searches for each number anew; but a list's mailboxes come one after the other, and most are in no set yet. */
bool mailbox_look(struct mailbox_look *look, uint32_t mailbox)
{
	uint32_t first = mailbox & ~(uint32_t)(CHUNK - 1);
	const roaring_array_t *all;
	int32_t at;

	if (!look->set || !look->set->members || (mailbox >= look->from && mailbox < look->until))
		return false;
	all = &look->set->members->high_low_container;
	at = ra_get_index(all, (uint16_t)(mailbox >> 16));
	look->from = mailbox;
	look->until =
		(uint64_t)first +
		(at < 0 ? CHUNK : container_next(all->containers[at], all->typecodes[at], (uint16_t)(mailbox - first)));
	return look->until == mailbox;
}

/* Where its numbers are searched for one. */
static void container_fetch(const void *container, uint8_t kind, uint16_t low)
{
	container = container_unwrap_shared(container, &kind);
	if (kind == ARRAY_CONTAINER_TYPE_CODE) {
		const array_container_t *numbers = container;

		__builtin_prefetch(numbers->array + numbers->cardinality / 2);
		__builtin_prefetch(numbers->array + numbers->cardinality);
	} else if (kind == RUN_CONTAINER_TYPE_CODE) {
		const run_container_t *runs = container;

		__builtin_prefetch(runs->runs + runs->n_runs / 2);
	} else {
		__builtin_prefetch(&((const bitset_container_t *)container)->array[low / 64]);
	}
}

void mailbox_set_fetch(const struct mailbox_set *set, uint32_t mailbox, unsigned step)
{
	const roaring_array_t *all;
	int32_t at;

	if (!set->members)
		return;
	all = &set->members->high_low_container;
	if (step == 0) {
		__builtin_prefetch(all);
		__builtin_prefetch(set->dirty);
		return;
	}
	if (step == 1) {
		__builtin_prefetch(all->keys);
		__builtin_prefetch(all->containers);
		__builtin_prefetch(all->typecodes);
		return;
	}
	at = ra_get_index(all, (uint16_t)(mailbox >> 16));
	if (at >= 0 && step == 2)
		__builtin_prefetch(all->containers[at]);
	else if (at >= 0)
		container_fetch(all->containers[at], all->typecodes[at], (uint16_t)mailbox);
}

void mailbox_set_find(const struct mailbox_set *set, const uint32_t *mailboxes, uint32_t count, bool *found)
{
	struct mailbox_look look = {.set = set};

	for (uint32_t i = 0; set->members && i < count; i++)
		found[i] |= mailbox_look(&look, mailboxes[i]);
}

bool mailbox_set_has_once(const struct mailbox_set *set, uint32_t mailbox)
{
	if (!mailbox_set_has(set, mailbox))
		return false;
	for (unsigned digit = 1; digit < MAILBOX_SET_LEVELS; digit++)
		if (mailbox_set_in(set, digit, mailbox))
			return false;
	return true;
}

uint64_t mailbox_set_count(const struct mailbox_set *set)
{
	return set->members ? roaring_bitmap_get_cardinality(set->members) : 0;
}

/* Of a set that may still grow: what is no runs yet becomes runs where they take less. What is runs mostly stays so, and
 * to count them costs as much as anything here. */
static void mailbox_set_seek_runs(roaring_bitmap_t *numbers)
{
	roaring_array_t *all = &numbers->high_low_container;

	for (int32_t at = 0; at < all->size; at++)
		if (all->typecodes[at] != RUN_CONTAINER_TYPE_CODE)
			all->containers[at] =
				convert_run_optimize(all->containers[at], all->typecodes[at], &all->typecodes[at]);
}

void mailbox_set_pack(struct mailbox_set *set)
{
	if (set->packed)
		return;
	for (unsigned i = 0; i < MAILBOX_SET_LEVELS; i++) {
		roaring_bitmap_t *numbers = mailbox_set_level(set, i);

		if (!numbers)
			continue;
		if (set->dirty_count) {
			mailbox_set_seek_runs(numbers);
		} else {
			roaring_bitmap_run_optimize(numbers);
			roaring_bitmap_shrink_to_fit(numbers);
		}
	}
	if (set->dirty_count)
		return;
	free(set->dirty);
	set->dirty = NULL;
	set->dirty_capacity = 0;
	set->packed = true;
}

struct merge {
	struct mailbox_set *to;
	unsigned times;
};

uint64_t mailbox_set_tellers(const struct mailbox_set *set)
{
	uint64_t tellers = mailbox_set_count(set);

	for (unsigned i = 1; i < MAILBOX_SET_LEVELS; i++)
		if (mailbox_set_level(set, i))
			tellers += roaring_bitmap_get_cardinality(mailbox_set_level(set, i)) << (i - 1);
	return tellers;
}

static void mailbox_set_merge_one(uint32_t mailbox, void *with)
{
	const struct merge *merge = with;

	for (unsigned i = 0; i < merge->times; i++)
		mailbox_set_add(merge->to, mailbox);
}

/* Marks every chunk that `with` has something in. */
static void mailbox_set_mark_all(struct mailbox_set *set, const roaring_bitmap_t *with)
{
	roaring_uint32_iterator_t *at = memory_checked(roaring_create_iterator(with));

	while (at->has_value) {
		uint32_t chunk = at->current_value >> 16;

		mailbox_set_mark(set, (uint16_t)chunk);
		if (chunk == UINT16_MAX)
			break;
		roaring_move_uint32_iterator_equalorlarger(at, (chunk + 1) << 16);
	}
	roaring_free_uint32_iterator(at);
}

void mailbox_set_merge(struct mailbox_set *to, struct mailbox_set *from)
{
	bool apart = from->members && mailbox_set_count_common(to, from) == 0;

	for (unsigned i = 0; i < MAILBOX_SET_LEVELS; i++) {
		struct mailbox_set one = {.members = mailbox_set_level(from, i)};
		struct merge merge = {to, i ? 1u << (i - 1) : 1};

		if (i == 0 && apart) {
			mailbox_set_mark_all(to, from->members);
			mailbox_set_unite(to, &one);
		} else {
			mailbox_set_each(&one, mailbox_set_merge_one, &merge);
		}
	}
	mailbox_set_clear(from);
}

void mailbox_set_join(struct mailbox_set *to, const struct mailbox_set *with)
{
	if (!with->members || mailbox_set_count_common(to, with) == mailbox_set_count(with))
		return;
	mailbox_set_mark_all(to, with->members);
	mailbox_set_unite(to, with);
}

void mailbox_set_unite(struct mailbox_set *to, const struct mailbox_set *with)
{
	if (with->members)
		roaring_bitmap_or_inplace(mailbox_set_make(to, 0), with->members);
}

void mailbox_set_unite_again(struct mailbox_set *to, const struct mailbox_set *with)
{
	for (unsigned i = 1; i < MAILBOX_SET_LEVELS; i++)
		mailbox_set_unite(to, &(struct mailbox_set){.members = mailbox_set_level(with, i)});
}

void mailbox_set_subtract(struct mailbox_set *from, const struct mailbox_set *what)
{
	if (from->members && what->members)
		roaring_bitmap_andnot_inplace(from->members, what->members);
}

void mailbox_set_intersect(struct mailbox_set *set, const struct mailbox_set *with)
{
	if (set->members && with->members)
		roaring_bitmap_and_inplace(set->members, with->members);
	else
		mailbox_set_clear(set);
}

bool mailbox_set_meets(const struct mailbox_set *a, const struct mailbox_set *b)
{
	return a->members && b->members && roaring_bitmap_intersect(a->members, b->members);
}

uint64_t mailbox_set_count_common(const struct mailbox_set *a, const struct mailbox_set *b)
{
	return a->members && b->members ? roaring_bitmap_and_cardinality(a->members, b->members) : 0;
}

void mailbox_set_copy(struct mailbox_set *to, const struct mailbox_set *from)
{
	mailbox_set_clear(to);
	if (from->members)
		to->members = memory_checked(roaring_bitmap_copy(from->members));
}

struct walk {
	void (*each)(uint32_t mailbox, void *with);
	void *with;
};

static bool mailbox_set_visit(uint32_t mailbox, void *with)
{
	const struct walk *walk = with;

	walk->each(mailbox, walk->with);
	return true;
}

void mailbox_set_each(const struct mailbox_set *set, void (*each)(uint32_t mailbox, void *with), void *with)
{
	struct walk walk = {each, with};

	if (set->members)
		roaring_iterate(set->members, mailbox_set_visit, &walk);
}

char *mailbox_set_chunk(const struct mailbox_set *set, unsigned level, uint16_t chunk, size_t *size)
{
	uint64_t first = (uint64_t)chunk << 16;
	roaring_bitmap_t *part;
	char *bytes = NULL;

	*size = 0;
	if (!mailbox_set_level(set, level))
		return NULL;
	part = memory_checked(roaring_bitmap_from_range(first, first + 65536, 1));
	roaring_bitmap_and_inplace(part, mailbox_set_level(set, level));
	if (!roaring_bitmap_is_empty(part)) {
		roaring_bitmap_run_optimize(part);
		uint64_t hash;

		*size = sizeof(hash) + roaring_bitmap_portable_size_in_bytes(part);
		bytes = memory_checked(malloc(*size));
		roaring_bitmap_portable_serialize(part, bytes + sizeof(hash));
		hash = hash_bytes(bytes + sizeof(hash), *size - sizeof(hash), level);
		memcpy(bytes, &hash, sizeof(hash));
	}
	roaring_bitmap_free(part);
	return bytes;
}

bool mailbox_set_restore(struct mailbox_set *set, unsigned level, const char *bytes, size_t size)
{
	roaring_bitmap_t *part;
	uint64_t hash;

	if (level >= MAILBOX_SET_LEVELS || size <= sizeof(hash))
		return false;
	memcpy(&hash, bytes, sizeof(hash));
	bytes += sizeof(hash);
	size -= sizeof(hash);
	if (hash != hash_bytes(bytes, size, level))
		return false;
	part = roaring_bitmap_portable_deserialize_safe(bytes, size);
	if (!part)
		return false;
	roaring_bitmap_or_inplace(mailbox_set_make(set, level), part);
	roaring_bitmap_free(part);
	return true;
}
