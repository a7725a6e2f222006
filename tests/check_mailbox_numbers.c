/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of many numbers that are looked for in a mailbox set, or go into it,
 * together: about the border of two chunks, in sets of all kinds. A plain array
 * is the judge.
 */
#include <check.h>
#include <roaring/roaring.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/hash.h"
#include "daemon/base/mailbox_set.h"
#include "tests/mailbox_set_dirty.h"
#include "tests/suite.h"

#define RANGE_FROM 50000
#define RANGE_SPAN 32000
#define RANGE_MOST 70

/* Numbers from `from` on, every other one, then those between, descending. */
static void range_numbers(uint32_t from, uint32_t count, uint32_t *numbers)
{
	uint32_t even = (count + 1) / 2;

	for (uint32_t i = 0; i < count; i++)
		numbers[i] = from + (i < even ? 2 * i : 2 * (count - 1 - i) + 1);
}

/* Every third one is told to be found before. What is fetched ahead is read of no place that is not the set's. */
static void ck_ranges(const struct mailbox_set *set, const bool *there)
{
	uint32_t numbers[RANGE_MOST];
	bool found[RANGE_MOST];

	for (uint32_t from = RANGE_FROM; from + RANGE_MOST <= RANGE_FROM + RANGE_SPAN; from += 3) {
		range_numbers(from, RANGE_MOST, numbers);
		for (uint32_t i = 0; i < RANGE_MOST; i++)
			found[i] = i % 3 == 0;
		for (unsigned step = 0; step < MAILBOX_SET_FETCHES; step++)
			mailbox_set_fetch(set, numbers[0], step);
		mailbox_set_find(set, numbers, RANGE_MOST - 1, found);
		for (uint32_t i = 0; i < RANGE_MOST; i++)
			if (found[i] != (i % 3 == 0 || (i < RANGE_MOST - 1 && there[numbers[i] - RANGE_FROM])))
				ck_abort_msg("%u, of those from %u on", numbers[i], from);
	}
}

/* What makes arrays, bitsets, and, once packed, runs of the two chunks: one in so many, in stretches of so many. */
static const struct {
	uint32_t one_in, stretch;
} shapes[] = {{40, 1}, {2, 1}, {3, 500}};

static void range_fill(struct mailbox_set *set, bool *there, int shape)
{
	uint64_t dice = 7;

	memset(there, 0, RANGE_SPAN * sizeof(*there));
	for (uint32_t i = 0; i < RANGE_SPAN; i++) {
		if (i % shapes[shape].stretch == 0)
			dice = hash_number(dice + 1);
		there[i] = dice % shapes[shape].one_in == 0;
		if (there[i])
			mailbox_set_add(set, RANGE_FROM + i);
	}
}

static bool finds(const struct mailbox_set *set, uint32_t number)
{
	bool found = false;

	mailbox_set_find(set, &number, 1, &found);
	return found;
}

/* _i: the shape, then packed or not. */
START_TEST(numbers_are_found_together)
{
	static bool there[RANGE_SPAN], none[RANGE_SPAN];
	struct mailbox_look nowhere = {0};
	struct mailbox_set set = {0};

	ck_assert(!mailbox_look(&nowhere, 0));
	ck_ranges(&set, none);
	range_fill(&set, there, _i / 2);
	if (_i % 2) {
		set.dirty_count = 0;
		mailbox_set_pack(&set);
		ck_assert(set.packed);
	}
	ck_ranges(&set, there);
	ck_assert(!finds(&set, 0));
	ck_assert(!finds(&set, UINT32_MAX));
	mailbox_set_add(&set, UINT32_MAX);
	ck_assert(finds(&set, UINT32_MAX));
	ck_assert(!finds(&set, UINT32_MAX - 1));
	mailbox_set_clear(&set);
}
END_TEST

static void ck_once(const struct mailbox_set *set, const bool *there)
{
	uint64_t members = 0;

	for (uint32_t number = RANGE_FROM; number < RANGE_FROM + RANGE_SPAN; number++) {
		bool is = there[number - RANGE_FROM];

		members += is;
		if (mailbox_set_has(set, number) != is || mailbox_set_has_once(set, number) != is)
			ck_abort_msg("number %u", number);
	}
	ck_assert_uint_eq(mailbox_set_count(set), members);
	ck_assert_uint_eq(mailbox_set_tellers(set), members);
}

/* What comes behind, then what comes before it. */
static void halves_numbers(uint32_t from, uint32_t count, uint32_t *numbers)
{
	for (uint32_t i = 0; i < count; i++)
		numbers[i] = from + (i + count / 2) % count;
}

/* _i: the shape, then packed or not, then a range, numbers in some order, or in two runs. */
START_TEST(new_numbers_are_added_together)
{
	static bool there[RANGE_SPAN];
	uint32_t numbers[RANGE_MOST];
	struct mailbox_set set = {0};
	uint64_t dice = 11;

	range_fill(&set, there, _i / 6);
	set.dirty_count = 0;
	if (_i / 3 % 2)
		mailbox_set_pack(&set);
	for (int i = 0; i < 3000; i++) {
		uint32_t from = (uint32_t)((dice = hash_number(dice + 1)) % (RANGE_SPAN - RANGE_MOST)) + RANGE_FROM;
		uint32_t count = 1 + (uint32_t)(dice >> 40) % RANGE_MOST;
		bool any = true;

		while (any && count > 0) {
			any = false;
			for (uint32_t k = 0; k < count; k++)
				any = any || there[from + k - RANGE_FROM];
			count /= any ? 2 : 1;
		}
		if (_i % 3 == 1)
			range_numbers(from, count, numbers);
		else
			halves_numbers(from, count, numbers);
		if (count > 0 && _i % 3)
			mailbox_set_add_many(&set, numbers, count);
		else if (count > 0)
			mailbox_set_add_new(&set, from, count);
		memset(&there[from - RANGE_FROM], true, count);
	}
	ck_assert(!set.packed);
	ck_once(&set, there);
	ck_ranges(&set, there);
	mailbox_set_clear(&set);
}
END_TEST

/* What the store has yet to write may become smaller, too, and has not been all that it can. */
START_TEST(a_set_that_is_dirty_may_be_packed)
{
	static bool there[RANGE_SPAN];
	struct mailbox_set set = {0};

	range_fill(&set, there, _i);
	mailbox_set_pack(&set);
	ck_assert(!set.packed);
	ck_assert_uint_eq(set.dirty_count, 2);
	ck_once(&set, there);
	ck_ranges(&set, there);
	mailbox_set_clear(&set);
}
END_TEST

/* One run, then every other number of the chunk, _i at a time. */
START_TEST(runs_that_become_many_take_no_more_than_a_bitmap)
{
	uint32_t numbers[RANGE_MOST], count = 0;
	struct mailbox_set set = {0};
	roaring_statistics_t room;

	mailbox_set_add_new(&set, 0, 100);
	for (uint32_t number = 101; number < 65536; number += 2) {
		numbers[count++] = number;
		if (_i == 1)
			mailbox_set_add(&set, number);
		else if (count % (uint32_t)_i == 0 || number == 65535)
			mailbox_set_add_many(&set, numbers, count);
		if (count % (uint32_t)_i == 0)
			count = 0;
		roaring_bitmap_statistics(set.members, &room);
		ck_assert_uint_le(room.n_bytes_array_containers + room.n_bytes_run_containers +
		                          room.n_bytes_bitset_containers,
		                  8192 + 8 * (uint32_t)_i);
	}
	ck_assert_uint_eq(mailbox_set_count(&set), 100 + (65536 - 100) / 2);
	for (uint32_t number = 0; number < 65536; number++)
		ck_assert(mailbox_set_has(&set, number) == (number < 100 || number % 2));
	mailbox_set_clear(&set);
}
END_TEST

START_TEST(new_numbers_mark_their_chunks)
{
	static const uint16_t chunks[] = {0, 1, 2, 0xffff};
	struct mailbox_set set = {0};

	mailbox_set_add_new(&set, 65535, 1);
	check_dirty(&set, chunks, 1);
	mailbox_set_add_new(&set, 65536, 64);
	check_dirty(&set, chunks, 2);
	set.dirty_count = 0;
	mailbox_set_pack(&set);
	mailbox_set_add_new(&set, 65500, 35);
	check_dirty(&set, chunks, 1);
	mailbox_set_add_new(&set, 131060, 13);
	check_dirty(&set, chunks, 3);
	mailbox_set_add_new(&set, UINT32_MAX - 1, 2);
	check_dirty(&set, chunks, 4);
	ck_assert(!set.packed);
	ck_assert_uint_eq(mailbox_set_count(&set), 1 + 64 + 35 + 13 + 2);
	mailbox_set_clear(&set);
}
END_TEST

START_TEST(new_numbers_in_any_order_mark_their_chunks)
{
	static const uint16_t chunks[] = {0, 1, 2, 0xffff};
	static const uint32_t numbers[] = {65536, 70000, 65535, 0, 131071, 131072, UINT32_MAX};
	struct mailbox_set set = {0};

	mailbox_set_add_many(&set, numbers, 0);
	check_dirty(&set, chunks, 0);
	mailbox_set_add_many(&set, numbers + 2, 2);
	check_dirty(&set, chunks, 1);
	set.dirty_count = 0;
	mailbox_set_pack(&set);
	mailbox_set_add_many(&set, numbers, 2);
	check_dirty(&set, chunks + 1, 1);
	ck_assert(!set.packed);
	mailbox_set_remove(&set, 0);
	mailbox_set_add_many(&set, numbers + 3, 4);
	check_dirty(&set, chunks, 4);
	ck_assert_uint_eq(mailbox_set_count(&set), 7);
	mailbox_set_clear(&set);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("mailbox_numbers");
	TCase *tests = tcase_create("mailbox_numbers");

	suite_add_tcase(suite, tests);
	tcase_add_loop_test(tests, numbers_are_found_together, 0, 6);
	tcase_add_loop_test(tests, new_numbers_are_added_together, 0, 18);
	tcase_add_loop_test(tests, runs_that_become_many_take_no_more_than_a_bitmap, 1, 3);
	tcase_add_loop_test(tests, a_set_that_is_dirty_may_be_packed, 0, 3);
	tcase_add_test(tests, new_numbers_mark_their_chunks);
	tcase_add_test(tests, new_numbers_in_any_order_mark_their_chunks);
	return suite_run(suite);
}
