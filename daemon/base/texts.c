/* SPDX-License-Identifier: Apache-2.0
 *
 * Interned texts, see texts.h.
 */
#include "daemon/base/texts.h"

#include "daemon/base/memory.h"

static uint64_t texts_hash_of(const void *owner, uint32_t number)
{
	return ((const struct texts *)owner)->items[number].hash;
}

static void texts_mark(struct texts *texts, uint32_t number)
{
	if (!texts->track || texts->items[number].dirty)
		return;
	texts->items[number].dirty = true;
	MEMORY_GROW(texts->dirty, texts->dirty_count, texts->dirty_capacity);
	texts->dirty[texts->dirty_count++] = number;
}

struct texts *texts_new(bool track)
{
	struct texts *texts = memory_zeroed(1, sizeof(*texts));

	texts->track = track;
	MEMORY_GROW(texts->items, texts->count, texts->capacity);
	texts->items[texts->count++] = (struct text){0};
	return texts;
}

void texts_free(struct texts **texts)
{
	if (!*texts)
		return;
	for (uint32_t i = 0; i < (*texts)->count; i++)
		free((*texts)->items[i].bytes);
	free((*texts)->items);
	free((*texts)->free_numbers);
	free((*texts)->dirty);
	table_clear(&(*texts)->by_hash);
	free(*texts);
	*texts = NULL;
}

static uint32_t texts_lookup(const struct texts *texts, struct slice text, uint64_t hash)
{
	uint32_t at = 0, number;

	while ((number = table_next(&texts->by_hash, hash, &at)) != TABLE_NONE) {
		const struct text *found = &texts->items[number];

		if (found->hash == hash && found->length == text.length &&
		    memcmp(found->bytes, text.bytes, text.length) == 0)
			return number;
	}
	return 0;
}

static uint32_t texts_room(struct texts *texts)
{
	if (texts->free_count)
		return texts->free_numbers[--texts->free_count];
	MEMORY_GROW(texts->items, texts->count, texts->capacity);
	texts->items[texts->count] = (struct text){0};
	return texts->count++;
}

static void texts_put(struct texts *texts, uint32_t number, struct slice text, uint64_t hash)
{
	struct text *item = &texts->items[number];

	item->bytes = memory_string(text.bytes, text.length);
	item->length = (uint32_t)text.length;
	item->hash = hash;
	item->holders = 0;
	item->pinned = false;
	item->known = false;
	table_add(&texts->by_hash, hash, number, texts_hash_of, texts);
}

uint32_t texts_hold_key(struct texts *texts, const struct text_key *key)
{
	uint32_t number;

	if (!slice_given(key->text))
		return 0;
	number = texts_lookup(texts, key->text, key->hash);
	if (!number) {
		number = texts_room(texts);
		texts_put(texts, number, key->text, key->hash);
		texts_mark(texts, number);
	}
	texts->items[number].holders++;
	return number;
}

uint32_t texts_hold(struct texts *texts, struct slice text)
{
	struct text_key key = text_key(text);

	return texts_hold_key(texts, &key);
}

void texts_fetch_hash(const struct texts *texts, uint64_t hash)
{
	table_prefetch(&texts->by_hash, hash);
}

uint32_t texts_guess(const struct texts *texts, uint64_t hash)
{
	return table_guess(&texts->by_hash, hash);
}

void texts_fetch(const struct texts *texts, uint32_t number)
{
	__builtin_prefetch(&texts->items[number]);
}

void texts_fetch_bytes(const struct texts *texts, uint32_t number)
{
	__builtin_prefetch(texts->items[number].bytes);
}

uint32_t texts_hold_again(struct texts *texts, uint32_t number)
{
	if (number)
		texts->items[number].holders++;
	return number;
}

void texts_forget(struct texts *texts, uint32_t number)
{
	struct text *item = &texts->items[number];

	assert(number && item->bytes && item->holders == 0);
	table_remove(&texts->by_hash, item->hash, number);
	free(item->bytes);
	item->bytes = NULL;
	texts_mark(texts, number);
	MEMORY_GROW(texts->free_numbers, texts->free_count, texts->free_capacity);
	texts->free_numbers[texts->free_count++] = number;
}

void texts_drop(struct texts *texts, uint32_t number)
{
	struct text *item = &texts->items[number];

	if (!number)
		return;
	assert(item->holders > 0);
	if (--item->holders == 0 && !item->pinned)
		texts_forget(texts, number);
}

void texts_pin(struct texts *texts, uint32_t number)
{
	texts->items[number].pinned = true;
}

void texts_write(struct texts *texts, uint32_t number)
{
	texts_mark(texts, number);
}

void texts_set_known(struct texts *texts, uint32_t number, bool known)
{
	if (!number || texts->items[number].known == known)
		return;
	texts->items[number].known = known;
	texts_mark(texts, number);
}

void texts_unpin(struct texts *texts, uint32_t number)
{
	assert(texts->items[number].holders > 0);
	texts->items[number].pinned = false;
}

uint32_t texts_find(const struct texts *texts, struct slice text)
{
	return slice_given(text) ? texts_lookup(texts, text, hash_bytes(text.bytes, text.length, 0)) : 0;
}

struct slice texts_get(const struct texts *texts, uint32_t number)
{
	if (!number)
		return SLICE_NONE;
	assert(number < texts->count && texts->items[number].bytes);
	return (struct slice){texts->items[number].bytes, texts->items[number].length};
}

int texts_compare(const struct texts *texts, uint32_t a, uint32_t b)
{
	if (!a || !b)
		return (a != 0) - (b != 0);
	return slice_compare(texts_get(texts, a), texts_get(texts, b));
}

bool texts_restore(struct texts *texts, uint32_t number, struct slice text)
{
	if (number == 0)
		return false;
	while (texts->count <= number) {
		MEMORY_GROW(texts->items, texts->count, texts->capacity);
		texts->items[texts->count++] = (struct text){0};
	}
	if (texts->items[number].bytes)
		return false;
	texts_put(texts, number, text, hash_bytes(text.bytes, text.length, 0));
	texts->items[number].stored = true;
	return true;
}

void texts_restored(struct texts *texts)
{
	for (uint32_t i = texts->count - 1; i > 0; i--) {
		if (texts->items[i].bytes)
			continue;
		MEMORY_GROW(texts->free_numbers, texts->free_count, texts->free_capacity);
		texts->free_numbers[texts->free_count++] = i;
	}
}
