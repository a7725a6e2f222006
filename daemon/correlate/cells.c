/* SPDX-License-Identifier: Apache-2.0
 *
 * Counts and histograms by time, see cells.h.
 */
#include "daemon/correlate/cells.h"

#include "daemon/base/hash.h"
#include "daemon/base/memory.h"

#define ARRIVALS_MAX 4096
#define MINUTE_MS INT64_C(60000)
#define SECOND INT64_C(1000000)

static void cell_clear(struct cell *cell)
{
	histogram_clear(&cell->delays);
	free(cell->seconds);
	cell->seconds = NULL;
}

void cells_clear(struct cells *cells)
{
	for (uint32_t i = 0; i < cells->count; i++)
		cell_clear(&cells->items[i]);
	free(cells->items);
	free(cells->gone);
	table_clear(&cells->by_key);
	*cells = (struct cells){0};
}

static uint64_t cells_hash(struct cell_key key)
{
	return hash_two(hash_two((uint64_t)key.at, key.host),
	                hash_two(key.relay, (uint64_t)key.unless << 2 | key.kind));
}

static uint64_t cells_hash_of(const void *owner, uint32_t number)
{
	return cells_hash(((const struct cells *)owner)->items[number].key);
}

static bool cells_same(struct cell_key a, struct cell_key b)
{
	return a.at == b.at && a.host == b.host && a.relay == b.relay && a.unless == b.unless && a.kind == b.kind;
}

static uint32_t *cells_last(struct cells *cells, struct cell_key key)
{
	return &cells->last[key.kind][(key.relay + 5 * key.host + 3 * key.unless) % 16];
}

static struct cell *cells_add(struct cells *cells, struct cell_key key, uint64_t hash)
{
	MEMORY_GROW(cells->items, cells->count, cells->capacity);
	cells->items[cells->count] = (struct cell){.key = key, .last_at = INT64_MIN, .dirty = true};
	table_add(&cells->by_key, hash, cells->count, cells_hash_of, cells);
	*cells_last(cells, key) = cells->count;
	return &cells->items[cells->count++];
}

static struct cell *cells_find(struct cells *cells, struct cell_key key, uint64_t hash)
{
	uint32_t at = 0, number;

	while ((number = table_next(&cells->by_key, hash, &at)) != TABLE_NONE)
		if (cells_same(cells->items[number].key, key)) {
			*cells_last(cells, key) = number;
			return &cells->items[number];
		}
	return NULL;
}

static void cell_merge(struct cell *to, const struct cell *from)
{
	histogram_merge(&to->delays, &from->delays, 1);
	to->deferred += from->deferred;
	to->bounced += from->bounced;
	to->rejected += from->rejected;
	to->ended += from->ended;
	to->lacking += from->lacking;
	to->last_at = from->last_at > to->last_at ? from->last_at : to->last_at;
	for (int i = 0; i < 3; i++)
		to->over[i] += from->over[i];
	if (from->seconds && !to->seconds)
		to->seconds = memory_zeroed(60, sizeof(*to->seconds));
	for (int i = 0; from->seconds && i < 60; i++)
		to->seconds[i] += from->seconds[i];
	to->dirty = true;
}

/* The cell of a key whose time has the cells' own resolution. */
static struct cell *cells_at(struct cells *cells, struct cell_key key)
{
	uint32_t last = *cells_last(cells, key);
	struct cell *cell;
	uint64_t hash;

	if (last < cells->count && cells_same(cells->items[last].key, key)) {
		cells->items[last].dirty = true;
		return &cells->items[last];
	}
	hash = cells_hash(key);
	cell = cells_find(cells, key, hash);
	if (!cell) {
		cell = cells_add(cells, key, hash);
		cells->arrivals += key.kind == CELL_ARRIVAL;
	}
	cell->dirty = true;
	return cell;
}

/* Makes the cells anew with arrival times at a coarser resolution, or the same; those of which all was
 * taken back go. */
static void cells_rescale(struct cells *cells, unsigned shift)
{
	struct cells old = *cells;

	*cells = (struct cells){.arrival_shift = shift,
	                        .renumbered = true,
	                        .by_second = old.by_second,
	                        .gone = old.gone,
	                        .gone_count = old.gone_count,
	                        .gone_capacity = old.gone_capacity};
	for (uint32_t i = 0; i < old.count; i++) {
		struct cell *from = &old.items[i];
		struct cell_key key = from->key;

		if (key.kind != CELL_ARRIVAL) {
			*cells_add(cells, key, cells_hash(key)) = *from;
			continue;
		}
		key.at >>= shift - old.arrival_shift;
		if (from->delays.total)
			cell_merge(cells_at(cells, key), from);
		histogram_clear(&from->delays);
	}
	free(old.items);
	table_clear(&old.by_key);
}

static int by_condition(const void *a, const void *b)
{
	const struct cell_key *x = a, *y = b;

	if (x->relay != y->relay)
		return x->relay < y->relay ? -1 : 1;
	if (x->unless != y->unless)
		return x->unless < y->unless ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

/* By how many bits arrival times must be shifted for few enough to be left. Times that differ in no bit above the lowest so
 * many are one then. */
static unsigned cells_shift(const struct cells *cells)
{
	struct cell_key *keys = memory_zeroed(cells->arrivals, sizeof(*keys));
	uint32_t count = 0, left = 0, apart[65] = {0};
	unsigned shift = 0;

	for (uint32_t i = 0; i < cells->count; i++)
		if (cells->items[i].key.kind == CELL_ARRIVAL && cells->items[i].delays.total)
			keys[count++] = cells->items[i].key;
	qsort(keys, count, sizeof(*keys), by_condition);
	for (uint32_t i = 0; i < count; i++) {
		bool same = i > 0 && keys[i].relay == keys[i - 1].relay && keys[i].unless == keys[i - 1].unless;

		apart[same ? 64 - __builtin_clzll((uint64_t)keys[i].at ^ (uint64_t)keys[i - 1].at) : 64]++;
	}
	free(keys);
	for (unsigned bits = 64; bits > 0 && (left += apart[bits]) <= ARRIVALS_MAX; bits--)
		shift = bits - 1;
	return shift;
}

/* Makes the resolution of arrival times so low that few enough are left, and no lower. */
static void cells_coarsen(struct cells *cells)
{
	if (cells->arrivals > ARRIVALS_MAX)
		cells_rescale(cells, cells->arrival_shift + cells_shift(cells));
}

struct cell *cells_get(struct cells *cells, struct cell_key key)
{
	if (key.kind == CELL_ARRIVAL)
		key.at >>= cells->arrival_shift;
	return cells_at(cells, key);
}

struct cell *cells_restore(struct cells *cells, struct cell_key key)
{
	struct cell *cell = cells_add(cells, key, cells_hash(key));

	cells->arrivals += key.kind == CELL_ARRIVAL;
	cell->dirty = false;
	cell->stored = true;
	return cell;
}

/* Deliveries of one delay and second since `from`: how many of these are, from the first on. */
static uint32_t deliveries_same(int64_t from, const struct delivery *deliveries, uint32_t count)
{
	int64_t second = (deliveries[0].at - from) / SECOND;
	uint32_t same = 1;

	while (same < count && deliveries[same].delay_ms == deliveries[0].delay_ms &&
	       (deliveries[same].at - from) / SECOND == second)
		same++;
	return same;
}

static void cell_deliver(struct cell *cell, const struct delivery *same, uint32_t count, int by)
{
	int64_t before = (int64_t)cell->delays.total;
	int all = by * (int)count;

	for (uint32_t i = 0; by > 0 && i < count; i++)
		cell->last_at = same[i].at > cell->last_at ? same[i].at : cell->last_at;
	if (cell->seconds)
		cell->seconds[(same->at - cell->key.at) / SECOND % 60] += (uint32_t)all;
	histogram_add(&cell->delays, histogram_bucket_of(same->delay_ms), all);
	cell->lacking += (int64_t)cell->delays.total - before - all;
	cell->over[0] += same->delay_ms > 5 * MINUTE_MS ? all : 0;
	cell->over[1] += same->delay_ms > 60 * MINUTE_MS ? all : 0;
	cell->over[2] += same->delay_ms > 180 * MINUTE_MS ? all : 0;
	if (!cell->delays.total && !cell->bounced && !cell->ended)
		cell->last_at = INT64_MIN;
}

void cells_deliver(struct cells *cells, struct cell_key key, const struct delivery *deliveries, uint32_t count, int by)
{
	struct cell *cell = cells_get(cells, key);

	if (cells->by_second && key.kind == CELL_MINUTE && !cell->seconds)
		cell->seconds = memory_zeroed(60, sizeof(*cell->seconds));
	for (uint32_t i = 0, same; i < count; i += same) {
		same = deliveries_same(cell->key.at, &deliveries[i], count - i);
		cell_deliver(cell, &deliveries[i], same, by);
	}
	cells_coarsen(cells);
}

void cells_merge(struct cells *to, struct cells *from)
{
	if (to->arrival_shift < from->arrival_shift)
		cells_rescale(to, from->arrival_shift);
	for (uint32_t i = 0; i < from->count; i++) {
		const struct cell *cell = &from->items[i];
		struct cell_key key = cell->key;

		if (key.kind == CELL_ARRIVAL && !cell->delays.total)
			continue;
		if (key.kind == CELL_ARRIVAL)
			key.at >>= to->arrival_shift - from->arrival_shift;
		cell_merge(cells_at(to, key), cell);
	}
	cells_coarsen(to);
	cells_clear(from);
}

int64_t cells_arrival_time(const struct cells *cells, const struct cell *cell)
{
	int64_t width = INT64_C(1) << cells->arrival_shift;

	return cell->key.at * width + width / 2;
}

void cells_rekey(struct cells *cells, bool (*rekey)(struct cell_key *key, void *with), void *with)
{
	struct cells old = *cells;

	*cells = (struct cells){.arrival_shift = old.arrival_shift,
	                        .renumbered = old.renumbered,
	                        .by_second = old.by_second,
	                        .gone = old.gone,
	                        .gone_count = old.gone_count,
	                        .gone_capacity = old.gone_capacity};
	for (uint32_t i = 0; i < old.count; i++) {
		struct cell *from = &old.items[i];
		struct cell_key key = from->key;
		bool stays = rekey(&key, with);

		if (stays && cells_same(key, from->key) && !cells_find(cells, key, cells_hash(key))) {
			cells->arrivals += key.kind == CELL_ARRIVAL;
			*cells_add(cells, key, cells_hash(key)) = *from;
			continue;
		}
		if (from->stored && (!stays || !cells_same(key, from->key))) {
			MEMORY_GROW(cells->gone, cells->gone_count, cells->gone_capacity);
			cells->gone[cells->gone_count++] = from->key;
		}
		if (stays) {
			struct cell *to = cells_at(cells, key);

			cell_merge(to, from);
			to->stored = to->stored || (from->stored && cells_same(key, from->key));
		}
		cell_clear(from);
	}
	free(old.items);
	table_clear(&old.by_key);
}

static bool cells_any_before(const struct cells *cells, enum cell_kind kind, int64_t before)
{
	for (uint32_t i = 0; i < cells->count; i++)
		if (cells->items[i].key.kind == kind && cells->items[i].key.at < before)
			return true;
	return false;
}

void cells_forget(struct cells *cells, enum cell_kind kind, int64_t before)
{
	struct cells kept = {.arrival_shift = cells->arrival_shift,
	                     .renumbered = cells->renumbered,
	                     .by_second = cells->by_second,
	                     .gone = cells->gone,
	                     .gone_count = cells->gone_count,
	                     .gone_capacity = cells->gone_capacity};

	if (!cells_any_before(cells, kind, before))
		return;
	for (uint32_t i = 0; i < cells->count; i++) {
		struct cell *cell = &cells->items[i];

		if (cell->key.kind == kind && cell->key.at < before) {
			cell_clear(cell);
			continue;
		}
		*cells_add(&kept, cell->key, cells_hash(cell->key)) = *cell;
		kept.arrivals += cell->key.kind == CELL_ARRIVAL;
	}
	free(cells->items);
	table_clear(&cells->by_key);
	*cells = kept;
}
