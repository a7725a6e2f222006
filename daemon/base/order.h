/* SPDX-License-Identifier: Apache-2.0
 *
 * Orders of numbers, for qsort(3): smallest first.
 */
#ifndef MAILSTORM_BASE_ORDER_H
#define MAILSTORM_BASE_ORDER_H

#include <stdint.h>

static inline int order_uint32(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static inline int order_int64(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

#endif
