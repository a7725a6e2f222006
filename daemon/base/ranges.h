/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers that mostly follow each other, as ranges: what follows on is one
 * range, however long. Once settled they ascend and no two touch; only while
 * numbers are gathered they stand as they came. Where numbers are scattered a
 * mailbox set takes less; when to go over to one is the owner's to decide.
 */
#ifndef MAILSTORM_BASE_RANGES_H
#define MAILSTORM_BASE_RANGES_H

#include <stdbool.h>
#include <stdint.h>

struct range {
	uint32_t first, last;
};

struct ranges {
	struct range *items;
	uint32_t count, capacity;
};

/* Accepts a zeroed struct, as all do. */
void ranges_clear(struct ranges *ranges);

/* Gathers one number more, which none of the ranges has. */
void ranges_add(struct ranges *ranges, uint32_t number);
/* What was gathered becomes ascending ranges, no two of which touch, in as little memory as they need. */
void ranges_settle(struct ranges *ranges);
/* Takes more numbers in, none of them there yet. Both are settled. */
void ranges_merge(struct ranges *ranges, const struct ranges *more);

bool ranges_settled(const struct ranges *ranges);
/* Of settled ones. */
bool ranges_has(const struct ranges *ranges, uint32_t number);
/* How many numbers: fewer than 2^32 where they are settled and 0 is not one of them. */
uint32_t ranges_numbers(const struct ranges *ranges);

#endif
