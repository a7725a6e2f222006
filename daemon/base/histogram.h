/* SPDX-License-Identifier: Apache-2.0
 *
 * Delays in buckets whose width is at most 1/128 of their value: mergeable,
 * exact below 256 ms, within 0.4 % above. Sparse: a sorted array of the
 * buckets that are in use.
 */
#ifndef MAILSTORM_BASE_HISTOGRAM_H
#define MAILSTORM_BASE_HISTOGRAM_H

#include <stdint.h>

struct histogram_bucket {
	uint32_t bucket;
	uint32_t count;
};

struct histogram {
	struct histogram_bucket *buckets;
	uint32_t used;
	uint32_t capacity;
	uint64_t total;
};

/* Milliseconds to a bucket number and to the value that a bucket stands for (its middle). Negative counts as 0. */
uint32_t histogram_bucket_of(int64_t milliseconds);
int64_t histogram_value_of(uint32_t bucket);

void histogram_clear(struct histogram *histogram);
/* Adds `by` to the bucket; by may be negative, a bucket at 0 is dropped. */
void histogram_add(struct histogram *histogram, uint32_t bucket, int32_t by);
/* to += sign * from */
void histogram_merge(struct histogram *to, const struct histogram *from, int sign);
/* to += from with each value later by `shift` milliseconds. */
void histogram_merge_shifted(struct histogram *to, const struct histogram *from, int64_t shift);
/* Nearest rank: the value of the ceil(percent/100 * total)-th; -1 where there is none. percent 100 is the largest. */
int64_t histogram_percentile(const struct histogram *histogram, unsigned percent);

#endif
