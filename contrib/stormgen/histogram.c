/* SPDX-License-Identifier: Apache-2.0
 *
 * Counts by logarithmic steps, one array. The lowest and highest step in use
 * are remembered so that clearing and merging touch only what was used.
 */
#include "histogram.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define STEP_BITS 10
#define STEPS (1U << STEP_BITS)
#define OCTAVES 36

struct histogram {
	uint64_t count;
	int64_t largest;
	uint32_t low, high; /* steps in use: low to below high */
	uint32_t counts[OCTAVES * STEPS];
};

static uint32_t step_of(int64_t value)
{
	uint64_t v = value < 0 ? 0 : (uint64_t)value;
	unsigned shift;

	if (v < STEPS)
		return (uint32_t)v;
	shift = 63U - (unsigned)__builtin_clzll(v) - STEP_BITS;
	assert(shift + 1 < OCTAVES);
	return (shift + 1) * STEPS + (uint32_t)(v >> shift) - STEPS;
}

/* The middle of a step. */
static int64_t value_of(uint32_t step)
{
	unsigned shift;
	int64_t low;

	if (step < 2 * STEPS)
		return step;
	shift = step / STEPS - 1;
	low = (int64_t)(step % STEPS + STEPS) << shift;
	return low + (INT64_C(1) << shift) / 2;
}

struct histogram *histogram_new(void)
{
	struct histogram *histogram = calloc(1, sizeof(*histogram));

	if (!histogram)
		abort();
	histogram->low = OCTAVES * STEPS;
	return histogram;
}

void histogram_free(struct histogram **histogram)
{
	free(*histogram);
	*histogram = NULL;
}

void histogram_clear(struct histogram *histogram)
{
	if (histogram->high > histogram->low)
		memset(histogram->counts + histogram->low, 0,
		       (histogram->high - histogram->low) * sizeof(histogram->counts[0]));
	histogram->count = 0;
	histogram->largest = 0;
	histogram->low = OCTAVES * STEPS;
	histogram->high = 0;
}

void histogram_add(struct histogram *histogram, int64_t value, uint64_t count)
{
	uint32_t step = step_of(value);

	if (count == 0)
		return;
	histogram->counts[step] += (uint32_t)count;
	histogram->count += count;
	if (value > histogram->largest)
		histogram->largest = value;
	if (step < histogram->low)
		histogram->low = step;
	if (step >= histogram->high)
		histogram->high = step + 1;
}

void histogram_merge(struct histogram *into, const struct histogram *from)
{
	for (uint32_t step = from->low; step < from->high; step++)
		into->counts[step] += from->counts[step];
	into->count += from->count;
	if (from->largest > into->largest)
		into->largest = from->largest;
	if (from->low < into->low)
		into->low = from->low;
	if (from->high > into->high)
		into->high = from->high;
}

uint64_t histogram_count(const struct histogram *histogram)
{
	return histogram->count;
}

int64_t histogram_percentile(const struct histogram *histogram, double percent)
{
	double exact = (double)histogram->count * percent / 100;
	uint64_t rank = (uint64_t)exact, seen = 0;

	if (histogram->count == 0)
		return -1;
	if ((double)rank < exact || rank == 0)
		rank++;
	for (uint32_t step = histogram->low; step < histogram->high; step++) {
		seen += histogram->counts[step];
		if (seen >= rank)
			return value_of(step);
	}
	return histogram->largest;
}

int64_t histogram_largest(const struct histogram *histogram)
{
	return histogram->count ? histogram->largest : -1;
}

uint64_t histogram_above(const struct histogram *histogram, int64_t value)
{
	uint64_t above = 0;

	for (uint32_t step = histogram->low; step < histogram->high; step++)
		if (value_of(step) > value)
			above += histogram->counts[step];
	return above;
}
