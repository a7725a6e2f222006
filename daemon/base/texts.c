/* SPDX-License-Identifier: Apache-2.0
 *
 * Interned texts, see texts.h.
 */
#include "daemon/base/texts.h"

#include "daemon/base/memory.h"

static uint64_t texts_hash_of(const void *owner, uint32_t number)
{
	return texts_item(owner, number)->hash;
}

void texts_write(struct texts *texts, uint32_t number)
{
	struct text *item = texts_item(texts, number);

	if (!texts->track || item->dirty)
		return;
	item->dirty = true;
	MEMORY_GROW(texts->dirty, texts->dirty_count, texts->dirty_capacity);
	texts->dirty[texts->dirty_count++] = number;
}

/* Rooms of texts up to number `end` - 1, which are free. */
static void texts_grow(struct texts *texts, uint32_t end)
{
	uint32_t capacity = texts->chunk_count ? (TEXTS_FIRST / 2) << texts->chunk_count : 0;

	for (; capacity < end; capacity += capacity ? capacity : TEXTS_FIRST) {
		assert(texts->chunk_count < TEXTS_CHUNKS);
		texts->chunks[texts->chunk_count++] =
			memory_resized(NULL, capacity ? capacity : TEXTS_FIRST, sizeof(struct text));
	}
	for (; texts->count < end; texts->count++)
		*texts_item(texts, texts->count) = (struct text){0};
}

struct texts *texts_new(bool track)
{
	struct texts *texts = memory_zeroed(1, sizeof(*texts));

	static_assert(sizeof(struct text) == 64, "a line of the cache");
	texts->track = track;
	texts_grow(texts, 1);
	return texts;
}

/* Its bytes, of a number in use. */
static struct slice text_slice(const struct text *item)
{
	return (struct slice){item->length <= TEXT_NEAR ? item->near : item->far, item->length};
}

static void text_clear(struct text *item)
{
	if (item->used && item->length > TEXT_NEAR)
		free(item->far);
	item->used = false;
}

void texts_free(struct texts **texts)
{
	if (!*texts)
		return;
	for (uint32_t i = 0; i < (*texts)->count; i++)
		text_clear(texts_item(*texts, i));
	for (uint32_t i = 0; i < (*texts)->chunk_count; i++)
		free((*texts)->chunks[i]);
	for (uint32_t i = 0; i < (*texts)->group_count; i++)
		free((*texts)->groups[i].free_numbers);
	free((*texts)->groups);
	free((*texts)->group_of);
	free((*texts)->spare);
	free((*texts)->dirty);
	table_clear(&(*texts)->by_hash);
	free(*texts);
	*texts = NULL;
}

static bool text_is(const struct text *item, struct slice text, uint64_t hash)
{
	return item->used && item->hash == hash && slice_equal(text_slice(item), text);
}

bool texts_is(const struct texts *texts, uint32_t number, const struct text_key *key)
{
	return text_is(texts_item(texts, number), key->text, key->hash);
}

static uint32_t texts_lookup(const struct texts *texts, struct slice text, uint64_t hash)
{
	uint32_t at = 0, number;

	while ((number = table_next(&texts->by_hash, hash, &at)) != TABLE_NONE)
		if (text_is(texts_item(texts, number), text, hash))
			return number;
	return 0;
}

static struct texts_group *texts_group(struct texts *texts, uint32_t number)
{
	while (texts->group_count <= number) {
		MEMORY_GROW(texts->groups, texts->group_count, texts->group_capacity);
		texts->groups[texts->group_count++] = (struct texts_group){0};
	}
	return &texts->groups[number];
}

/* Further numbers, up to a whole TEXTS_RUN. */
static struct texts_run texts_extend(struct texts *texts, uint32_t size)
{
	struct texts_run run = {texts->count, (texts->count + size) / TEXTS_RUN * TEXTS_RUN};

	texts_grow(texts, run.end);
	return run;
}

static struct texts_run texts_spare(struct texts *texts, uint32_t size)
{
	struct texts_run *last = &texts->spare[texts->spare_count - 1], run = *last;

	if (run.end - run.from > size)
		run.end = run.from + size;
	last->from = run.end;
	if (last->from == last->end)
		texts->spare_count--;
	return run;
}

static void texts_run_begin(struct texts *texts, uint32_t group)
{
	struct texts_group *g = texts_group(texts, group);

	g->size = g->size == 0 ? TEXTS_RUN : g->size < TEXTS_RUN_MOST ? g->size * 2 : TEXTS_RUN_MOST;
	g->run = texts->spare_count ? texts_spare(texts, g->size) : texts_extend(texts, g->size);
	while (texts->group_of_count < texts->count / TEXTS_RUN) {
		MEMORY_GROW(texts->group_of, texts->group_of_count, texts->group_of_capacity);
		texts->group_of[texts->group_of_count++] = 0;
	}
	for (uint32_t i = g->run.from / TEXTS_RUN; i < g->run.end / TEXTS_RUN; i++)
		texts->group_of[i] = group;
}

static uint32_t texts_room(struct texts *texts, uint32_t group)
{
	struct texts_group *g = texts_group(texts, group);

	if (g->free_count)
		return g->free_numbers[--g->free_count];
	if (group && g->asked < TEXTS_RUN) {
		g->asked++;
		return texts_room(texts, 0);
	}
	if (g->run.from == g->run.end)
		texts_run_begin(texts, group);
	return g->run.from++;
}

/* The number may be used again, by its group. */
static void texts_give_back(struct texts *texts, uint32_t number)
{
	uint32_t at = number / TEXTS_RUN;
	struct texts_group *g = texts_group(texts, at < texts->group_of_count ? texts->group_of[at] : 0);

	MEMORY_GROW(g->free_numbers, g->free_count, g->free_capacity);
	g->free_numbers[g->free_count++] = number;
}

static void texts_put(struct texts *texts, uint32_t number, struct slice text, uint64_t hash)
{
	struct text *item = texts_item(texts, number);

	assert(text.length < UINT32_C(1) << 27);
	item->length = (uint32_t)text.length;
	if (text.length > TEXT_NEAR) {
		item->far = memory_string(text.bytes, text.length);
	} else {
		memcpy(item->near, text.bytes, text.length);
		item->near[text.length] = '\0';
	}
	item->hash = hash;
	item->holders = 0;
	item->used = true;
	item->pinned = false;
	item->known = false;
	table_add(&texts->by_hash, hash, number, texts_hash_of, texts);
}

uint32_t texts_hold_in(struct texts *texts, const struct text_key *key, uint32_t group)
{
	uint32_t number;

	if (!slice_given(key->text))
		return 0;
	number = texts_lookup(texts, key->text, key->hash);
	if (!number) {
		number = texts_room(texts, group);
		texts_put(texts, number, key->text, key->hash);
		texts_write(texts, number);
	}
	texts_item(texts, number)->holders++;
	return number;
}

uint32_t texts_hold_guessed(struct texts *texts, const struct text_key *key, uint32_t guess, uint32_t group)
{
	if (!slice_given(key->text) || !texts_is(texts, guess, key))
		return texts_hold_in(texts, key, group);
	return texts_hold_again(texts, guess);
}

uint32_t texts_hold_key(struct texts *texts, const struct text_key *key)
{
	return texts_hold_in(texts, key, 0);
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
	__builtin_prefetch(texts_item(texts, number));
}

uint32_t texts_hold_again(struct texts *texts, uint32_t number)
{
	if (number)
		texts_item(texts, number)->holders++;
	return number;
}

void texts_forget(struct texts *texts, uint32_t number)
{
	struct text *item = texts_item(texts, number);

	assert(number && item->used && item->holders == 0);
	table_remove(&texts->by_hash, item->hash, number);
	text_clear(item);
	texts_write(texts, number);
	texts_give_back(texts, number);
}

void texts_drop(struct texts *texts, uint32_t number)
{
	struct text *item = texts_item(texts, number);

	if (!number)
		return;
	assert(item->holders > 0);
	if (--item->holders == 0 && !item->pinned)
		texts_forget(texts, number);
}

void texts_pin(struct texts *texts, uint32_t number)
{
	texts_item(texts, number)->pinned = true;
}

void texts_set_known(struct texts *texts, uint32_t number, bool known)
{
	struct text *item = texts_item(texts, number);

	if (!number || item->known == known)
		return;
	item->known = known;
	texts_write(texts, number);
}

void texts_unpin(struct texts *texts, uint32_t number)
{
	assert(texts_item(texts, number)->holders > 0);
	texts_item(texts, number)->pinned = false;
}

uint32_t texts_find(const struct texts *texts, struct slice text)
{
	return slice_given(text) ? texts_lookup(texts, text, hash_bytes(text.bytes, text.length, 0)) : 0;
}

struct slice texts_get(const struct texts *texts, uint32_t number)
{
	if (!number)
		return SLICE_NONE;
	assert(texts_has(texts, number));
	return text_slice(texts_item(texts, number));
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
	if (number >= texts->count)
		texts_grow(texts, number + 1);
	if (texts_item(texts, number)->used)
		return false;
	texts_put(texts, number, text, hash_bytes(text.bytes, text.length, 0));
	texts_item(texts, number)->stored = true;
	return true;
}

/* The numbers from `from` on that stayed free, up to `end`: whole runs are for whoever comes, single ones for texts of no
 * group. The lowest are used first. */
static void texts_restored_free(struct texts *texts, uint32_t from, uint32_t end)
{
	uint32_t first = (from + TEXTS_RUN - 1) / TEXTS_RUN * TEXTS_RUN, last = end / TEXTS_RUN * TEXTS_RUN;

	if (first >= last)
		first = last = end;
	for (uint32_t i = end; i > last; i--)
		texts_give_back(texts, i - 1);
	for (uint32_t i = first; i > from; i--)
		texts_give_back(texts, i - 1);
	if (first == last)
		return;
	MEMORY_GROW(texts->spare, texts->spare_count, texts->spare_capacity);
	texts->spare[texts->spare_count++] = (struct texts_run){first, last};
}

void texts_restored(struct texts *texts)
{
	uint32_t end;

	texts_extend(texts, TEXTS_RUN - 1);
	end = texts->count;
	for (uint32_t i = end; i-- > 0;) {
		if (i > 0 && !texts_item(texts, i)->used)
			continue;
		if (i + 1 < end)
			texts_restored_free(texts, i + 1, end);
		end = i;
	}
}
