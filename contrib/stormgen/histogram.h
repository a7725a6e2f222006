/* SPDX-License-Identifier: Apache-2.0
 *
 * A histogram of delays in microseconds: exact below 2048, then 1024 steps to
 * an octave, so that a percentile is off by less than one in two thousand.
 * Finer than the daemon's own, and not its code: it is here to judge it.
 */
#ifndef STORMGEN_HISTOGRAM_H
#define STORMGEN_HISTOGRAM_H

#include <stdint.h>

struct histogram;

struct histogram *histogram_new(void);
void histogram_free(struct histogram **histogram);
void histogram_clear(struct histogram *histogram);
void histogram_add(struct histogram *histogram, int64_t value, uint64_t count);
void histogram_merge(struct histogram *into, const struct histogram *from);

uint64_t histogram_count(const struct histogram *histogram);

/* Nearest rank: the smallest value that at least `percent` of all do not exceed. -1 where there is none. */
int64_t histogram_percentile(const struct histogram *histogram, double percent);

int64_t histogram_largest(const struct histogram *histogram);

/* How many are above the value, as far as the steps can tell. */
uint64_t histogram_above(const struct histogram *histogram, int64_t value);

#endif
