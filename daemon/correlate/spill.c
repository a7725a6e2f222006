/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of queue files out of memory: those that wait for the checkpoint, those
 * that came back since the last one, and the filter over all names. See spill.h.
 * A row that cannot be read again leaves the state unwhole: it says so, and the
 * pipeline ends without a further checkpoint.
 */
#include "daemon/correlate/spill.h"

#include "daemon/base/hash.h"
#include "daemon/base/memory.h"
#include "daemon/correlate/host.h"

#define FILTER_LEAST (1u << 16) /* bits */
#define FILTER_BITS 24          /* a name at least, when it is made */
#define FILTER_PROBES 4

struct spill *spill_new(void)
{
	struct spill *spill = memory_zeroed(1, sizeof(*spill));

	spill->next_unit = 1;
	return spill;
}

void spilled_clear(struct spilled *row)
{
	if (row->queued) {
		free(row->queued->instance);
		free(row->queued->queue_id);
		free(row->queued->message_id);
		free(row->queued->sender);
	}
	free(row->queued);
	free(row->links);
	free(row->bytes);
	*row = (struct spilled){0};
}

static void spill_clear_rows(struct spill *spill)
{
	for (uint32_t i = 0; i < spill->item_count; i++)
		spilled_clear(&spill->items[i]);
	spill->item_count = spill->gone_count = 0;
	table_clear(&spill->by_name);
	table_clear(&spill->by_id);
	table_clear(&spill->by_unit);
	table_clear(&spill->by_gone);
}

void spill_free(struct spill **at)
{
	struct spill *spill = *at;

	if (!spill)
		return;
	spill_clear_rows(spill);
	free(spill->items);
	free(spill->gone);
	free(spill->filter.words);
	free(spill);
	*at = NULL;
}

uint64_t spill_name(const struct state *state, uint32_t host, struct slice queue_id)
{
	(void)state;
	return hash_bytes(queue_id.bytes, queue_id.length, hash_number(host));
}

uint64_t spill_id(const struct state *state, struct slice message_id)
{
	uint64_t hash;

	if (!slice_given(message_id) || message_id.length == 0)
		return 0;
	hash = hash_bytes(message_id.bytes, message_id.length, 2);
	return state->privacy ? privacy_number(state->privacy, hash) : hash;
}

/* --- the filter --- */

static void filter_set(struct spill_filter *filter, uint64_t key)
{
	for (int i = 0; key && i < FILTER_PROBES; i++) {
		uint64_t bit = hash_two(key, (uint64_t)i) & (filter->bits - 1);

		filter->words[bit / 64] |= UINT64_C(1) << bit % 64;
	}
	filter->added += key != 0;
}

static bool filter_may(const struct spill_filter *filter, uint64_t key)
{
	for (int i = 0; filter->bits && i < FILTER_PROBES; i++) {
		uint64_t bit = hash_two(key, (uint64_t)i) & (filter->bits - 1);

		if (!(filter->words[bit / 64] >> bit % 64 & 1))
			return false;
	}
	return filter->bits && key;
}

static bool spill_is_gone(const struct spill *spill, uint32_t unit)
{
	uint32_t at = 0, number;

	while ((number = table_next(&spill->by_gone, hash_number(unit), &at)) != TABLE_NONE)
		if (spill->gone[number] == unit)
			return true;
	return false;
}

static void filter_add_row(const struct spilled *row, struct spill_filter *filter)
{
	filter_set(filter, row->name);
	filter_set(filter, row->id);
}

struct renewal {
	const struct spill *spill;
	struct spill_filter *filter;
};

/* Of the rows of the store those that did not come back since they were written. */
static void filter_add_stored(const struct spilled *row, void *with)
{
	struct renewal *renewal = with;

	if (!spill_is_gone(renewal->spill, row->unit))
		filter_add_row(row, renewal->filter);
}

/* Made anew where it is full: what came back for good is no longer in it, and it has the room that it needs. */
static void filter_renew(struct spill *spill)
{
	struct spill_filter filter = {.bits = FILTER_LEAST};
	struct renewal renewal = {spill, &filter};

	while (filter.bits < (uint64_t)spill->count * 2 * FILTER_BITS)
		filter.bits *= 2;
	filter.words = memory_zeroed(filter.bits / 64, sizeof(*filter.words));
	if (spill->store && !spill->store->all(spill->store->with, filter_add_stored, &renewal))
		spill->failed = true;
	for (uint32_t i = 0; i < spill->item_count; i++)
		if (spill->items[i].bytes)
			filter_add_row(&spill->items[i], &filter);
	free(spill->filter.words);
	spill->filter = filter;
}

static void filter_add(struct spill *spill, const struct spilled *row)
{
	if (spill->filter.bits < FILTER_BITS / 2 * (spill->filter.added + 2))
		filter_renew(spill);
	filter_add_row(row, &spill->filter);
}

/* --- rows --- */

static uint64_t spill_hash_name(const void *owner, uint32_t number)
{
	return ((const struct spill *)owner)->items[number].name;
}

static uint64_t spill_hash_id(const void *owner, uint32_t number)
{
	return ((const struct spill *)owner)->items[number].id;
}

static uint64_t spill_hash_unit(const void *owner, uint32_t number)
{
	return hash_number(((const struct spill *)owner)->items[number].unit);
}

static uint64_t spill_hash_gone(const void *owner, uint32_t number)
{
	return hash_number(((const struct spill *)owner)->gone[number]);
}

void spill_add(struct spill *spill, const struct spilled *row)
{
	uint32_t number = spill->item_count;

	MEMORY_GROW(spill->items, spill->item_count, spill->item_capacity);
	spill->items[spill->item_count++] = *row;
	spill->count++;
	table_add(&spill->by_name, row->name, number, spill_hash_name, spill);
	if (row->id)
		table_add(&spill->by_id, row->id, number, spill_hash_id, spill);
	table_add(&spill->by_unit, hash_number(row->unit), number, spill_hash_unit, spill);
	filter_add(spill, row);
}

static void spill_mention(struct state *state, uint32_t relay, int by)
{
	if (!relay || relay >= state->relay_count)
		return;
	state->relays[relay].spilled += (uint32_t)by;
	state->relays[relay].dirty = true;
}

void spill_mention_relays(struct state *state, const struct file *file, int by)
{
	for (uint32_t i = 0; i < file->recipient_count; i++) {
		spill_mention(state, file->recipients[i].relay, by);
		spill_mention(state, file->recipients[i].unless, by);
	}
	for (const struct bundle *bundle = file->bundles; bundle; bundle = bundle->next)
		spill_mention(state, bundle->relay, by * (int)bundle->count);
	for (uint32_t i = 0; i < file->claim_count; i++)
		spill_mention(state, file->claims[i].relay, by);
}

void spill_loaded(struct state *state, const struct spilled *row)
{
	struct host_hour *hour = host_hour_of(state, row->host, row->accepted);

	hour->spilled_orphans += row->orphans;
	hour->spilled_unfinished += row->unfinished;
	if (row->message)
		state->messages[row->message].spilled++;
	state->spill->count++;
}

bool spill_begin(struct spill *spill, const struct spill_store *store)
{
	spill->store = store;
	if (spill->count)
		filter_renew(spill);
	return !spill->failed;
}

void spill_written(struct spill *spill)
{
	spill_clear_rows(spill);
}

struct taken {
	struct spilled *rows;
	uint32_t count, capacity;
};

static void spill_keep(const struct spilled *row, void *with)
{
	struct taken *taken = with;
	struct spilled *copy;

	MEMORY_GROW(taken->rows, taken->count, taken->capacity);
	copy = &taken->rows[taken->count++];
	*copy = *row;
	copy->bytes = memory_string(row->bytes, row->length);
	copy->queued = NULL;
	copy->links = NULL;
	copy->link_count = 0;
}

uint32_t spill_take(struct spill *spill, uint32_t unit, struct spilled **rows)
{
	struct taken taken = {0};
	uint32_t at = 0, number;

	while ((number = table_next(&spill->by_unit, hash_number(unit), &at)) != TABLE_NONE) {
		if (spill->items[number].unit != unit || !spill->items[number].bytes)
			continue;
		MEMORY_GROW(taken.rows, taken.count, taken.capacity);
		taken.rows[taken.count++] = spill->items[number];
		spill->items[number].bytes = NULL;
		spill->items[number].queued = NULL;
		spill->items[number].links = NULL;
	}
	if (!taken.count && !spill_is_gone(spill, unit)) {
		if (!spill->store->rows(spill->store->with, unit, spill_keep, &taken))
			spill->failed = true;
		if (taken.count) {
			MEMORY_GROW(spill->gone, spill->gone_count, spill->gone_capacity);
			spill->gone[spill->gone_count] = unit;
			table_add(&spill->by_gone, hash_number(unit), spill->gone_count++, spill_hash_gone, spill);
		}
	}
	spill->count -= taken.count;
	*rows = taken.rows;
	return taken.count;
}

static const struct table *spill_table(const struct spill *spill, enum spill_by by)
{
	return by == SPILL_BY_NAME ? &spill->by_name : &spill->by_id;
}

void spill_units(struct spill *spill, enum spill_by by, uint64_t key, spill_unit *each, void *with)
{
	uint32_t at = 0, number;

	if (!spill->count || (by != SPILL_BY_POST && !filter_may(&spill->filter, key)))
		return;
	if (by == SPILL_BY_POST) {
		for (uint32_t i = 0; i < spill->item_count; i++)
			if (spill->items[i].bytes && spill->items[i].message == key)
				each(spill->items[i].unit, with);
	} else {
		while ((number = table_next(spill_table(spill, by), key, &at)) != TABLE_NONE)
			if (spill->items[number].bytes)
				each(spill->items[number].unit, with);
	}
	if (!spill->store->units(spill->store->with, by, key, each, with))
		spill->failed = true;
}
