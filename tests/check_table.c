/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of the hash index: what was added is found, what was taken out is not,
 * also where all hashes fall into one place and where the index grew or was worn.
 */
#include <check.h>
#include <stdlib.h>

#include "daemon/base/hash.h"
#include "daemon/base/table.h"
#include "tests/suite.h"

#define NUMBERS 20000

/* The owner of numbers: their hashes, by number. */
static uint64_t hashes[NUMBERS];

static uint64_t hash_of(const void *owner, uint32_t value)
{
	ck_assert_ptr_eq(owner, hashes);
	ck_assert_uint_lt(value, NUMBERS);
	return hashes[value];
}

static void add(struct table *table, uint32_t value)
{
	table_add(table, hashes[value], value, hash_of, hashes);
}

/* How often a walk over a hash gives the number. */
static unsigned found(const struct table *table, uint64_t hash, uint32_t value)
{
	uint32_t at = 0, number;
	unsigned times = 0;

	while ((number = table_next(table, hash, &at)) != TABLE_NONE)
		times += number == value;
	return times;
}

START_TEST(an_empty_table_has_nothing)
{
	struct table table = {0};
	uint32_t at = 0;

	ck_assert_uint_eq(table_next(&table, 7, &at), TABLE_NONE);
	ck_assert(!table_remove(&table, 7, 3));
	ck_assert(!table_replace(&table, 7, 3, 4));
	table_prefetch(&table, 7);
	table_clear(&table);
}
END_TEST

START_TEST(each_number_is_found_once_under_its_hash)
{
	struct table table = {0};

	for (uint32_t i = 0; i < NUMBERS; i++) {
		hashes[i] = hash_number(i);
		add(&table, i);
	}
	ck_assert_uint_eq(table_count(&table), NUMBERS);
	for (uint32_t i = 0; i < NUMBERS; i++) {
		ck_assert_uint_eq(found(&table, hashes[i], i), 1);
		ck_assert_uint_eq(found(&table, hash_number(i + NUMBERS), i), 0);
	}
	table_clear(&table);
	ck_assert_ptr_null(table.block);
	ck_assert_uint_eq(found(&table, hashes[0], 0), 0);
}
END_TEST

START_TEST(a_table_with_room_takes_so_many_without_growing)
{
	static const uint32_t counts[] = {1, 7, 8, 9, 16, 1000, NUMBERS};

	for (size_t k = 0; k < sizeof(counts) / sizeof(counts[0]); k++) {
		struct table table = {0};
		const struct table_block *block;

		table_reserve(&table, counts[k]);
		ck_assert_uint_eq(table_count(&table), 0);
		block = table.block;
		for (uint32_t i = 0; i < counts[k]; i++) {
			hashes[i] = hash_number(i);
			ck_assert_uint_eq(found(&table, hashes[i], i), 0);
			add(&table, i);
		}
		ck_assert_ptr_eq(table.block, block);
		ck_assert_uint_eq(table_count(&table), counts[k]);
		for (uint32_t i = 0; i < counts[k]; i++)
			ck_assert_uint_eq(found(&table, hashes[i], i), 1);
		table_clear(&table);
	}
}
END_TEST

START_TEST(numbers_of_one_hash_are_all_walked)
{
	struct table table = {0};
	uint32_t at = 0, number, seen[100] = {0};

	for (uint32_t i = 0; i < 100; i++) {
		hashes[i] = UINT64_C(0xffffffff00000001);
		add(&table, i);
	}
	while ((number = table_next(&table, hashes[0], &at)) != TABLE_NONE)
		seen[number]++;
	for (uint32_t i = 0; i < 100; i++)
		ck_assert_uint_eq(seen[i], 1);
	table_clear(&table);
}
END_TEST

/* The upper half says where to look, the lower half is compared: neither alone is enough. */
START_TEST(hashes_that_share_a_half_are_told_apart)
{
	struct table table = {0};

	hashes[0] = UINT64_C(0x0000000500000001);
	hashes[1] = UINT64_C(0x0000000500000002);
	hashes[2] = UINT64_C(0x0000000a00000001);
	for (uint32_t i = 0; i < 3; i++)
		add(&table, i);
	ck_assert_uint_eq(found(&table, hashes[0], 0), 1);
	ck_assert_uint_eq(found(&table, hashes[0], 1), 0);
	ck_assert_uint_eq(found(&table, hashes[1], 1), 1);
	ck_assert_uint_eq(found(&table, hashes[2], 2), 1);
	table_clear(&table);
}
END_TEST

START_TEST(what_stands_behind_a_number_taken_out_is_still_found)
{
	struct table table = {0};

	for (uint32_t i = 0; i < 8; i++) {
		hashes[i] = UINT64_C(0x300000000) + i;
		add(&table, i);
	}
	ck_assert(table_remove(&table, hashes[0], 0));
	ck_assert(table_remove(&table, hashes[3], 3));
	ck_assert(!table_remove(&table, hashes[3], 3));
	ck_assert_uint_eq(table_count(&table), 6);
	for (uint32_t i = 0; i < 8; i++)
		ck_assert_uint_eq(found(&table, hashes[i], i), i != 0 && i != 3);
	add(&table, 3);
	ck_assert_uint_eq(found(&table, hashes[3], 3), 1);
	table_clear(&table);
}
END_TEST

START_TEST(a_number_that_moved_is_found_under_its_new_value)
{
	struct table table = {0};

	hashes[1] = hashes[5] = hash_number(77);
	add(&table, 1);
	ck_assert(table_replace(&table, hashes[1], 1, 5));
	ck_assert(!table_replace(&table, hashes[1], 1, 5));
	ck_assert_uint_eq(found(&table, hashes[1], 1), 0);
	ck_assert_uint_eq(found(&table, hashes[1], 5), 1);
	ck_assert_uint_eq(table_count(&table), 1);
	table_clear(&table);
}
END_TEST

/* A queue that never holds more than a few, for very long: the slots of those gone are used again. */
START_TEST(a_worn_table_does_not_grow)
{
	struct table table = {0};

	for (uint32_t i = 0; i < NUMBERS; i++)
		hashes[i] = hash_number(i);
	for (uint32_t i = 0; i < NUMBERS; i++) {
		add(&table, i);
		if (i >= 10)
			ck_assert(table_remove(&table, hashes[i - 10], i - 10));
	}
	ck_assert_uint_eq(table_count(&table), 10);
	ck_assert_uint_le(table.block->mask + 1, 64);
	for (uint32_t i = 0; i < NUMBERS; i++)
		ck_assert_uint_eq(found(&table, hashes[i], i), i >= NUMBERS - 10);
	table_clear(&table);
}
END_TEST

/* Any mixture of the three verbs leaves what a plain array of flags says. */
START_TEST(a_random_history_leaves_what_was_added_and_not_taken_out)
{
	static bool in[NUMBERS];
	struct table table = {0};
	uint64_t dice = 1;
	uint32_t live = 0;

	for (uint32_t i = 0; i < NUMBERS; i++) {
		hashes[i] = hash_number(i) & UINT64_C(0x0000003f000000ff); /* crowded */
		in[i] = false;
	}
	for (int round = 0; round < 6000; round++) {
		uint32_t value = (uint32_t)((dice = hash_number(dice + 1)) % 300);

		ck_assert(in[value] == table_remove(&table, hashes[value], value));
		live += in[value] ? UINT32_MAX : 0;
		in[value] = (dice >> 40) % 3 != 0;
		if (in[value]) {
			add(&table, value);
			live++;
		}
		ck_assert_uint_eq(table_count(&table), live);
	}
	for (uint32_t i = 0; i < 300; i++)
		ck_assert_uint_eq(found(&table, hashes[i], i), in[i]);
	table_clear(&table);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("table");
	TCase *tests = tcase_create("table");

	suite_add_tcase(suite, tests);
	tcase_add_test(tests, an_empty_table_has_nothing);
	tcase_add_test(tests, each_number_is_found_once_under_its_hash);
	tcase_add_test(tests, a_table_with_room_takes_so_many_without_growing);
	tcase_add_test(tests, numbers_of_one_hash_are_all_walked);
	tcase_add_test(tests, hashes_that_share_a_half_are_told_apart);
	tcase_add_test(tests, what_stands_behind_a_number_taken_out_is_still_found);
	tcase_add_test(tests, a_number_that_moved_is_found_under_its_new_value);
	tcase_add_test(tests, a_worn_table_does_not_grow);
	tcase_add_test(tests, a_random_history_leaves_what_was_added_and_not_taken_out);
	return suite_run(suite);
}
