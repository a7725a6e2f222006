/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of ranges: what was gathered in any order is settled into as few as
 * there can be, up to the largest number, and found there and nowhere else.
 */
#include <check.h>
#include <signal.h>
#include <stdlib.h>

#include "daemon/base/ranges.h"
#include "tests/suite.h"

#define LARGEST UINT32_MAX

/* Numbers, ended by 0. */
static struct ranges gathered(const uint32_t *numbers)
{
	struct ranges ranges = {0};

	while (*numbers)
		ranges_add(&ranges, *numbers++);
	ranges_settle(&ranges);
	return ranges;
}

static void ck_ranges(const struct ranges *ranges, const struct range *expected, uint32_t count)
{
	uint32_t numbers = 0;

	ck_assert_uint_eq(ranges->count, count);
	ck_assert_uint_eq(ranges->capacity, count);
	for (uint32_t i = 0; i < count; i++) {
		ck_assert_uint_eq(ranges->items[i].first, expected[i].first);
		ck_assert_uint_eq(ranges->items[i].last, expected[i].last);
		numbers += expected[i].last - expected[i].first + 1;
	}
	ck_assert(ranges_settled(ranges));
	ck_assert_uint_eq(ranges_numbers(ranges), numbers);
}

#define NUMBERS(...) ((const uint32_t[]){__VA_ARGS__, 0})
#define CK_RANGES(ranges, ...) \
	ck_ranges(ranges, (const struct range[]){__VA_ARGS__}, \
	          sizeof((struct range[]){__VA_ARGS__}) / sizeof(struct range))

START_TEST(what_follows_on_is_one_range_in_whatever_order_it_came)
{
	static const uint32_t orders[][8] = {{3, 4, 5, 6, 9, 10, 12}, {12, 10, 9, 6, 5, 4, 3}, {5, 12, 4, 10, 3, 9, 6},
	                                     {9, 10, 3, 4, 12, 5, 6}, {4, 3, 6, 5, 10, 9, 12}, {12, 3, 9, 4, 10, 5, 6}};

	for (size_t i = 0; i < sizeof(orders) / sizeof(*orders); i++) {
		struct ranges ranges = gathered(orders[i]);

		CK_RANGES(&ranges, {3, 6}, {9, 10}, {12, 12});
		ranges_clear(&ranges);
		ck_ranges(&ranges, NULL, 0);
	}
}
END_TEST

START_TEST(nothing_follows_the_largest_number)
{
	struct ranges ranges = gathered(NUMBERS(1, LARGEST, 2, LARGEST - 1)), more = {0};

	CK_RANGES(&ranges, {1, 2}, {LARGEST - 1, LARGEST});
	ck_assert(!ranges_has(&ranges, 0) && ranges_has(&ranges, 1) && !ranges_has(&ranges, 3));
	ck_assert(!ranges_has(&ranges, LARGEST - 2) && ranges_has(&ranges, LARGEST));
	ranges_add(&more, 0);
	ranges_merge(&ranges, &more);
	CK_RANGES(&ranges, {0, 2}, {LARGEST - 1, LARGEST});
	ranges_clear(&more);
	ranges_add(&more, LARGEST);
	ranges_add(&more, 0);
	ck_assert_uint_eq(more.count, 2);
	ranges_clear(&more);
	ranges_add(&more, 0);
	ranges_add(&more, LARGEST);
	ck_assert_uint_eq(more.count, 2);
	ranges_clear(&ranges);
	ranges_clear(&more);
}
END_TEST

START_TEST(merging_fills_gaps_and_goes_before_between_and_behind)
{
	static const struct {
		uint32_t more[8];
		struct range expected[6];
		uint32_t count;
	} cases[] = {{{0}, {{10, 12}, {20, 22}, {30, 30}}, 3},
	             {{13, 14, 15, 16, 17, 18, 19}, {{10, 22}, {30, 30}}, 2},
	             {{1, 2}, {{1, 2}, {10, 12}, {20, 22}, {30, 30}}, 4},
	             {{8, 9}, {{8, 12}, {20, 22}, {30, 30}}, 3},
	             {{31, 40}, {{10, 12}, {20, 22}, {30, 31}, {40, 40}}, 4},
	             {{15, 25, 27}, {{10, 12}, {15, 15}, {20, 22}, {25, 25}, {27, 27}, {30, 30}}, 6},
	             {{9, 13, 19, 23, 29, 31}, {{9, 13}, {19, 23}, {29, 31}}, 3}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct ranges ranges = gathered(NUMBERS(10, 11, 12, 20, 21, 22, 30)), more = gathered(cases[i].more);

		ranges_merge(&ranges, &more);
		ck_ranges(&ranges, cases[i].expected, cases[i].count);
		ranges_clear(&ranges);
		ranges_clear(&more);
	}
}
END_TEST

START_TEST(a_number_is_found_from_the_first_of_a_range_to_its_last)
{
	struct ranges ranges = gathered(NUMBERS(3, 5, 6, 7, 10, 11, 20)), none = {0};
	static const bool there[22] =
		{[3] = true, [5] = true, [6] = true, [7] = true, [10] = true, [11] = true, [20] = true};

	for (uint32_t i = 0; i < 22; i++)
		ck_assert_msg(ranges_has(&ranges, i) == there[i], "%u", i);
	ck_assert(!ranges_has(&none, 0) && !ranges_has(&none, 1));
	ranges_clear(&ranges);
}
END_TEST

START_TEST(a_number_that_is_there_is_no_new_one)
{
	struct ranges ranges = gathered(NUMBERS(10, 11, 12)), more = gathered(NUMBERS(12, 13));

	ranges_merge(&ranges, &more);
}
END_TEST

START_TEST(ranges_that_descend_overlap_touch_or_end_before_they_begin_are_not_settled)
{
	static const struct {
		struct range items[2];
		bool settled;
	} cases[] = {{{{1, 2}, {4, 5}}, true},       {{{1, 2}, {3, 5}}, false}, {{{1, 2}, {2, 5}}, false},
	             {{{4, 5}, {1, 2}}, false},      {{{1, 9}, {4, 5}}, false}, {{{2, 1}, {4, 5}}, false},
	             {{{1, 2}, {5, 4}}, false},      {{{4, 4}, {4, 4}}, false}, {{{0, 0}, {2, LARGEST}}, true},
	             {{{0, LARGEST}, {0, 0}}, false}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct range items[2] = {cases[i].items[0], cases[i].items[1]};
		struct ranges ranges = {items, 2, 2};

		ck_assert_msg(ranges_settled(&ranges) == cases[i].settled, "case %zu", i);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ranges");
	TCase *tests = tcase_create("ranges");

	tcase_add_test(tests, what_follows_on_is_one_range_in_whatever_order_it_came);
	tcase_add_test(tests, nothing_follows_the_largest_number);
	tcase_add_test(tests, merging_fills_gaps_and_goes_before_between_and_behind);
	tcase_add_test(tests, a_number_is_found_from_the_first_of_a_range_to_its_last);
	tcase_add_test_raise_signal(tests, a_number_that_is_there_is_no_new_one, SIGABRT);
	tcase_add_test(tests, ranges_that_descend_overlap_touch_or_end_before_they_begin_are_not_settled);
	suite_add_tcase(suite, tests);
	return suite_run(suite);
}
