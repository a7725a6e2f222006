/* SPDX-License-Identifier: Apache-2.0
 *
 * Delay histograms, see histogram.h.
 */
#include "daemon/base/histogram.h"

#include "daemon/base/memory.h"

#define BUCKET_MAX (127 + 56 * 128) /* of INT64_MAX */

uint32_t histogram_bucket_of(int64_t milliseconds)
{
	uint64_t value = milliseconds > 0 ? (uint64_t)milliseconds : 0;
	unsigned shift;

	if (value < 256)
		return (uint32_t)value;
	shift = 63 - (unsigned)__builtin_clzll(value) - 7;
	return 128 + shift * 128 + (uint32_t)((value >> shift) - 128);
}

int64_t histogram_value_of(uint32_t bucket)
{
	unsigned shift;

	if (bucket < 256)
		return bucket;
	if (bucket > BUCKET_MAX)
		bucket = BUCKET_MAX;
	shift = (bucket - 128) / 128;
	return (int64_t)(((uint64_t)((bucket - 128) % 128 + 128) << shift) + ((UINT64_C(1) << shift) - 1) / 2);
}

void histogram_clear(struct histogram *histogram)
{
	free(histogram->buckets);
	*histogram = (struct histogram){0};
}

static uint32_t histogram_place(const struct histogram *histogram, uint32_t bucket)
{
	uint32_t low = 0, high = histogram->used;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (histogram->buckets[middle].bucket < bucket)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void histogram_add(struct histogram *histogram, uint32_t bucket, int32_t by)
{
	uint32_t at = histogram_place(histogram, bucket);
	struct histogram_bucket *found;

	if (at == histogram->used || histogram->buckets[at].bucket != bucket) {
		if (by <= 0)
			return;
		MEMORY_GROW(histogram->buckets, histogram->used, histogram->capacity);
		memmove(&histogram->buckets[at + 1], &histogram->buckets[at],
		        (histogram->used - at) * sizeof(*histogram->buckets));
		histogram->buckets[at] = (struct histogram_bucket){bucket, 0};
		histogram->used++;
	}
	found = &histogram->buckets[at];
	if (by < 0 && found->count < (uint32_t)-by)
		by = -(int32_t)found->count;
	found->count += (uint32_t)by;
	histogram->total += (uint64_t)(int64_t)by;
	if (found->count == 0) {
		memmove(found, found + 1, (histogram->used - at - 1) * sizeof(*found));
		histogram->used--;
	}
}

void histogram_merge(struct histogram *to, const struct histogram *from, int sign)
{
	for (uint32_t i = 0; i < from->used; i++)
		histogram_add(to, from->buckets[i].bucket, sign * (int32_t)from->buckets[i].count);
}

void histogram_merge_shifted(struct histogram *to, const struct histogram *from, int64_t shift)
{
	for (uint32_t i = 0; i < from->used; i++)
		histogram_add(to, histogram_bucket_of(histogram_value_of(from->buckets[i].bucket) + shift),
		              (int32_t)from->buckets[i].count);
}

int64_t histogram_percentile(const struct histogram *histogram, unsigned percent)
{
	uint64_t rank = (histogram->total * percent + 99) / 100;
	uint64_t seen = 0;

	if (histogram->total == 0)
		return -1;
	if (rank == 0)
		rank = 1;
	for (uint32_t i = 0; i < histogram->used; i++) {
		seen += histogram->buckets[i].count;
		if (seen >= rank)
			return histogram_value_of(histogram->buckets[i].bucket);
	}
	return histogram_value_of(histogram->buckets[histogram->used - 1].bucket);
}
