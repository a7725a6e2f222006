/* SPDX-License-Identifier: Apache-2.0
 *
 * Ascending ranges of numbers, see ranges.h.
 */
#include "daemon/base/ranges.h"

#include <assert.h>

#include "daemon/base/memory.h"

void ranges_clear(struct ranges *ranges)
{
	free(ranges->items);
	*ranges = (struct ranges){0};
}

/* The number is the next behind another; behind the largest there is none. */
static bool follows(uint32_t number, uint32_t other)
{
	return number > other && number - other == 1;
}

void ranges_add(struct ranges *ranges, uint32_t number)
{
	struct range *last = ranges->count ? &ranges->items[ranges->count - 1] : NULL;

	if (last && follows(number, last->last)) {
		last->last = number;
	} else if (last && follows(last->first, number)) {
		last->first = number;
	} else {
		MEMORY_GROW(ranges->items, ranges->count, ranges->capacity);
		ranges->items[ranges->count++] = (struct range){number, number};
	}
}

bool ranges_settled(const struct ranges *ranges)
{
	for (uint32_t i = 0; i < ranges->count; i++) {
		const struct range *range = &ranges->items[i];

		if (range->last < range->first)
			return false;
		if (i > 0 && (range->first <= range[-1].last || follows(range->first, range[-1].last)))
			return false;
	}
	return true;
}

static int by_first(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return (x->first > y->first) - (x->first < y->first);
}

/* Ascending ranges that touch become one. */
static void ranges_join(struct ranges *ranges)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < ranges->count; i++) {
		const struct range *range = &ranges->items[i];

		assert(kept == 0 || range->first > ranges->items[kept - 1].last);
		if (kept > 0 && follows(range->first, ranges->items[kept - 1].last))
			ranges->items[kept - 1].last = range->last;
		else
			ranges->items[kept++] = *range;
	}
	ranges->count = kept;
}

static void ranges_fit(struct ranges *ranges, uint32_t capacity)
{
	if (ranges->capacity == capacity)
		return;
	ranges->items = memory_resized(ranges->items, capacity, sizeof(*ranges->items));
	ranges->capacity = capacity;
}

void ranges_settle(struct ranges *ranges)
{
	if (!ranges_settled(ranges)) {
		qsort(ranges->items, ranges->count, sizeof(*ranges->items), by_first);
		ranges_join(ranges);
	}
	ranges_fit(ranges, ranges->count);
}

void ranges_merge(struct ranges *ranges, const struct ranges *more)
{
	uint32_t from = ranges->count, left = more->count, at = from + left;

	ranges_fit(ranges, at);
	ranges->count = at;
	while (left > 0) {
		bool own = from > 0 && ranges->items[from - 1].first > more->items[left - 1].first;

		ranges->items[--at] = own ? ranges->items[--from] : more->items[--left];
	}
	ranges_join(ranges);
	ranges_fit(ranges, ranges->count);
}

bool ranges_has(const struct ranges *ranges, uint32_t number)
{
	uint32_t low = 0, high = ranges->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (ranges->items[middle].last < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low < ranges->count && ranges->items[low].first <= number;
}

uint32_t ranges_numbers(const struct ranges *ranges)
{
	uint32_t numbers = 0;

	for (uint32_t i = 0; i < ranges->count; i++)
		numbers += ranges->items[i].last - ranges->items[i].first + 1;
	return numbers;
}
