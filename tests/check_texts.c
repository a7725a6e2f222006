/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of interned texts: one number a text, kept while somebody holds it,
 * used again afterwards, and what the store is told to write.
 */
#define _GNU_SOURCE
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/base/texts.h"
#include "tests/suite.h"

START_TEST(the_same_bytes_have_one_number)
{
	struct texts *texts = texts_new(false);
	char copy[] = "joe@example.org";
	uint32_t joe = texts_hold(texts, SLICE("joe@example.org"));

	ck_assert_uint_ne(joe, 0);
	ck_assert_uint_eq(texts_hold(texts, slice_of(copy)), joe);
	memset(copy, 'x', 3);
	ck_assert(slice_is(texts_get(texts, joe), "joe@example.org"));
	ck_assert_uint_ne(texts_hold(texts, SLICE("joe@example.or")), joe);
	ck_assert_uint_ne(texts_hold(texts, SLICE("Joe@example.org")), joe);
	ck_assert_uint_eq(texts_item(texts, joe)->holders, 2);
	texts_free(&texts);
	ck_assert_ptr_null(texts);
	texts_free(&texts);
}
END_TEST

START_TEST(a_text_that_is_not_given_is_none_and_an_empty_one_is_some)
{
	struct texts *texts = texts_new(false);
	uint32_t empty = texts_hold(texts, SLICE(""));

	ck_assert_uint_eq(texts_hold(texts, SLICE_NONE), 0);
	ck_assert_uint_eq(texts_find(texts, SLICE_NONE), 0);
	ck_assert(!slice_given(texts_get(texts, 0)));
	ck_assert_uint_eq(texts_hold_again(texts, 0), 0);
	texts_drop(texts, 0);
	ck_assert_uint_ne(empty, 0);
	ck_assert(slice_given(texts_get(texts, empty)));
	ck_assert_uint_eq(texts_get(texts, empty).length, 0);
	texts_free(&texts);
}
END_TEST

START_TEST(bytes_of_any_value_are_compared_whole)
{
	struct texts *texts = texts_new(false);
	uint32_t a = texts_hold(texts, SLICE("a\0b")), b = texts_hold(texts, SLICE("a\0c"));

	ck_assert_uint_ne(a, b);
	ck_assert(slice_equal(texts_get(texts, b), SLICE("a\0c")));
	ck_assert_uint_eq(texts_find(texts, SLICE("a")), 0);
	texts_free(&texts);
}
END_TEST

/* Of all lengths, what stands within a text and what does not: the bytes that were told of stay where they are. */
START_TEST(texts_of_any_length_stay_in_their_place)
{
	struct texts *texts = texts_new(false);
	struct slice told[3 * TEXT_NEAR];
	uint32_t numbers[3 * TEXT_NEAR];
	char bytes[3 * TEXT_NEAR], other[32];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)('a' + i % 26);
	for (uint32_t i = 0; i < 3 * TEXT_NEAR; i++) {
		numbers[i] = texts_hold(texts, (struct slice){bytes, i});
		told[i] = texts_get(texts, numbers[i]);
	}
	for (uint32_t i = 0; i < 10 * TEXTS_FIRST; i++) {
		snprintf(other, sizeof(other), "%u@example.org", i);
		ck_assert_uint_ne(texts_hold(texts, slice_of(other)), 0);
	}
	for (uint32_t i = 0; i < 3 * TEXT_NEAR; i++) {
		ck_assert_ptr_eq(texts_get(texts, numbers[i]).bytes, told[i].bytes);
		ck_assert_uint_eq(told[i].length, i);
		ck_assert_int_eq(memcmp(told[i].bytes, bytes, i), 0);
		ck_assert_int_eq(told[i].bytes[i], '\0');
		ck_assert_uint_eq(texts_find(texts, (struct slice){bytes, i}), numbers[i]);
	}
	for (uint32_t i = 0; i < 3 * TEXT_NEAR; i += 2)
		texts_drop(texts, numbers[i]);
	for (uint32_t i = 0; i < 3 * TEXT_NEAR; i++)
		ck_assert_uint_eq(texts_find(texts, (struct slice){bytes, i}), i % 2 ? numbers[i] : 0);
	texts_free(&texts);
}
END_TEST

/* A number that a text was taken for: right, of another text, free, or none. */
START_TEST(a_guess_is_believed_only_where_it_is_right)
{
	struct texts *texts = texts_new(false);
	struct text_key joe = text_key(SLICE("joe@example.org")), ann = text_key(SLICE("ann@example.org"));
	struct text_key none = text_key(SLICE_NONE);
	uint32_t number = texts_hold_key(texts, &joe), second;

	ck_assert_uint_eq(texts_hold_guessed(texts, &joe, number, 0), number);
	ck_assert_uint_eq(texts_item(texts, number)->holders, 2);
	ck_assert_uint_eq(texts_hold_guessed(texts, &joe, 0, 0), number);
	second = texts_hold_guessed(texts, &ann, number, 0);
	ck_assert_uint_ne(second, number);
	ck_assert(slice_is(texts_get(texts, second), "ann@example.org"));
	ck_assert_uint_eq(texts_hold_guessed(texts, &none, number, 0), 0);
	ck_assert_uint_eq(texts_hold_guessed(texts, &joe, second, 0), number);
	ck_assert_uint_eq(texts_item(texts, number)->holders, 4);
	texts_drop(texts, second);
	/* What stands there still is no text any more. */
	ck_assert_uint_eq(texts_hold_guessed(texts, &ann, second, 0), second);
	ck_assert_uint_eq(texts_item(texts, second)->holders, 1);
	ck_assert_uint_eq(texts_find(texts, SLICE("ann@example.org")), second);
	texts_free(&texts);
}
END_TEST

START_TEST(a_text_stays_until_its_last_holder_drops_it)
{
	struct texts *texts = texts_new(false);
	uint32_t number = texts_hold(texts, SLICE("list@example.org"));

	ck_assert_uint_eq(texts_hold_again(texts, number), number);
	texts_drop(texts, number);
	ck_assert_uint_eq(texts_find(texts, SLICE("list@example.org")), number);
	texts_drop(texts, number);
	ck_assert_uint_eq(texts_find(texts, SLICE("list@example.org")), 0);
	texts_free(&texts);
}
END_TEST

START_TEST(finding_does_not_hold)
{
	struct texts *texts = texts_new(false);
	uint32_t number = texts_hold(texts, SLICE("a"));

	ck_assert_uint_eq(texts_find(texts, SLICE("a")), number);
	texts_drop(texts, number);
	ck_assert_uint_eq(texts_find(texts, SLICE("a")), 0);
	texts_free(&texts);
}
END_TEST

START_TEST(numbers_stay_dense_since_free_ones_are_used_again)
{
	struct texts *texts = texts_new(false);
	char text[32];

	for (int i = 0; i < 10000; i++) {
		uint32_t number = texts_hold(texts, (snprintf(text, sizeof(text), "address %d", i), slice_of(text)));

		ck_assert_uint_le(number, 1);
		texts_drop(texts, number);
	}
	ck_assert_uint_eq(texts->count, TEXTS_RUN);
	texts_free(&texts);
}
END_TEST

/* Texts of a few groups in turn. */
START_TEST(numbers_of_a_group_stand_together)
{
	struct texts *texts = texts_new(false);
	uint32_t last[3] = {0}, breaks[3] = {0};
	char text[32];

	for (uint32_t i = 0; i < 30000; i++) {
		struct text_key key = text_key((snprintf(text, sizeof(text), "address %u", i), slice_of(text)));
		uint32_t group = i % 3, number = texts_hold_in(texts, &key, group * 7);

		ck_assert(slice_is(texts_get(texts, number), text));
		/* The first of a group stand anywhere. */
		breaks[group] += i >= 3 * (TEXTS_RUN + 1) && number != last[group] + 1;
		last[group] = number;
	}
	/* Runs of 16 (15), 32, ... 8192: nine breaks; and never more than twice the numbers that are needed. */
	for (int i = 0; i < 3; i++)
		ck_assert_uint_le(breaks[i], 9);
	ck_assert_uint_lt(texts->count, 2 * 30000 + 3 * TEXTS_RUN);
	texts_free(&texts);
}
END_TEST

START_TEST(a_number_is_used_again_in_its_group)
{
	struct texts *texts = texts_new(false);
	struct text_key keys[4] = {text_key(SLICE("a")), text_key(SLICE("b")), text_key(SLICE("c")),
	                           text_key(SLICE("d"))};
	uint32_t a, b;

	for (uint32_t i = 0; i < 2 * TEXTS_RUN; i++) {
		char text[32];
		struct text_key key = text_key((snprintf(text, sizeof(text), "first %u", i), slice_of(text)));

		texts_hold_in(texts, &key, 5 + i % 2);
	}
	a = texts_hold_in(texts, &keys[0], 5);
	b = texts_hold_in(texts, &keys[1], 6);
	texts_drop(texts, a);
	ck_assert_uint_eq(texts_hold_in(texts, &keys[2], 6), b + 1);
	ck_assert_uint_eq(texts_hold_in(texts, &keys[3], 5), a);
	/* One that is there keeps its number, whatever group asks. */
	ck_assert_uint_eq(texts_hold_in(texts, &keys[1], 5), b);
	texts_free(&texts);
}
END_TEST

/* Mailboxes come and go, a restart between: the numbers do not grow without end. */
START_TEST(numbers_are_bounded_over_restarts)
{
	char text[32];
	uint32_t count = 0;

	for (int restart = 0; restart < 200; restart++) {
		struct texts *texts = texts_new(false);

		for (uint32_t i = 1; i <= 40; i++)
			ck_assert(texts_restore(texts, i * 50,
			                        (snprintf(text, sizeof(text), "kept %u", i), slice_of(text))));
		if (count)
			ck_assert(texts_restore(texts, count - 1, SLICE("the last")));
		texts_restored(texts);
		for (uint32_t i = 0; i < 1000; i++) {
			struct text_key key = text_key((snprintf(text, sizeof(text), "new %u", i), slice_of(text)));

			texts_hold_in(texts, &key, i % 5);
		}
		if (restart == 0)
			count = texts->count;
		ck_assert_uint_le(texts->count, count + TEXTS_RUN);
		texts_free(&texts);
	}
}
END_TEST

START_TEST(a_pinned_text_outlives_its_holders)
{
	struct texts *texts = texts_new(false);
	uint32_t number = texts_hold(texts, SLICE("mailbox"));

	texts_pin(texts, number);
	texts_drop(texts, number);
	ck_assert_uint_eq(texts_find(texts, SLICE("mailbox")), number);
	ck_assert_uint_eq(texts_hold(texts, SLICE("mailbox")), number);
	ck_assert_uint_ne(texts_hold(texts, SLICE("other")), number);
	texts_free(&texts);
}
END_TEST

/* A number of its own does not inherit a pin. */
START_TEST(a_number_used_again_is_free_of_its_past)
{
	struct texts *texts = texts_new(false);
	uint32_t number = texts_hold(texts, SLICE("first"));

	texts_drop(texts, number);
	ck_assert_uint_eq(texts_hold(texts, SLICE("second")), number);
	ck_assert(slice_is(texts_get(texts, number), "second"));
	ck_assert_uint_eq(texts_item(texts, number)->holders, 1);
	ck_assert(!texts_item(texts, number)->pinned);
	texts_free(&texts);
}
END_TEST

START_TEST(the_store_is_told_of_each_number_that_changed_once)
{
	struct texts *texts = texts_new(true);
	uint32_t a = texts_hold(texts, SLICE("a")), b = texts_hold(texts, SLICE("b"));

	texts_hold(texts, SLICE("a"));
	ck_assert_uint_eq(texts->dirty_count, 2);
	ck_assert_uint_eq(texts->dirty[0], a);
	ck_assert_uint_eq(texts->dirty[1], b);
	/* as a checkpoint does */
	for (uint32_t i = 0; i < texts->dirty_count; i++)
		texts_item(texts, texts->dirty[i])->dirty = false;
	texts->dirty_count = 0;
	texts_hold_again(texts, b);
	texts_drop(texts, b);
	ck_assert_uint_eq(texts->dirty_count, 0);
	texts_drop(texts, b);
	ck_assert_uint_eq(texts_hold(texts, SLICE("c")), b);
	ck_assert_uint_eq(texts->dirty_count, 1);
	ck_assert_uint_eq(texts->dirty[0], b);
	texts_free(&texts);
}
END_TEST

START_TEST(nothing_is_noted_for_the_store_where_nobody_asked)
{
	struct texts *texts = texts_new(false);

	texts_drop(texts, texts_hold(texts, SLICE("a")));
	ck_assert_uint_eq(texts->dirty_count, 0);
	texts_free(&texts);
}
END_TEST

START_TEST(restored_texts_keep_their_numbers_and_gaps_are_filled)
{
	struct texts *texts = texts_new(true);
	uint32_t fresh[3];

	ck_assert(texts_restore(texts, 5, SLICE("five")));
	ck_assert(texts_restore(texts, 2, SLICE("two")));
	ck_assert(!texts_restore(texts, 5, SLICE("another five")));
	ck_assert(!texts_restore(texts, 0, SLICE("none")));
	texts_restored(texts);
	ck_assert_uint_eq(texts->dirty_count, 0);
	ck_assert_uint_eq(texts_find(texts, SLICE("five")), 5);
	ck_assert_uint_eq(texts_hold(texts, SLICE("two")), 2);
	fresh[0] = texts_hold(texts, SLICE("a"));
	fresh[1] = texts_hold(texts, SLICE("b"));
	fresh[2] = texts_hold(texts, SLICE("c"));
	ck_assert_uint_eq(fresh[0] + fresh[1] + fresh[2], 1 + 3 + 4);
	ck_assert_uint_eq(texts_hold(texts, SLICE("d")), 6);
	texts_free(&texts);
}
END_TEST

START_TEST(a_hundred_thousand_texts_are_all_found_again)
{
	struct texts *texts = texts_new(false);
	char text[32];

	for (uint32_t i = 1; i <= 100000; i++) {
		snprintf(text, sizeof(text), "user%u@example.org", i);
		ck_assert_uint_eq(texts_hold(texts, slice_of(text)), i);
	}
	for (uint32_t i = 1; i <= 100000; i++) {
		snprintf(text, sizeof(text), "user%u@example.org", i);
		ck_assert_uint_eq(texts_find(texts, slice_of(text)), i);
	}
	texts_free(&texts);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("texts");
	TCase *tests = tcase_create("texts");

	suite_add_tcase(suite, tests);
	tcase_add_test(tests, the_same_bytes_have_one_number);
	tcase_add_test(tests, a_text_that_is_not_given_is_none_and_an_empty_one_is_some);
	tcase_add_test(tests, bytes_of_any_value_are_compared_whole);
	tcase_add_test(tests, texts_of_any_length_stay_in_their_place);
	tcase_add_test(tests, a_guess_is_believed_only_where_it_is_right);
	tcase_add_test(tests, a_text_stays_until_its_last_holder_drops_it);
	tcase_add_test(tests, finding_does_not_hold);
	tcase_add_test(tests, numbers_stay_dense_since_free_ones_are_used_again);
	tcase_add_test(tests, numbers_of_a_group_stand_together);
	tcase_add_test(tests, a_number_is_used_again_in_its_group);
	tcase_add_test(tests, numbers_are_bounded_over_restarts);
	tcase_add_test(tests, a_pinned_text_outlives_its_holders);
	tcase_add_test(tests, a_number_used_again_is_free_of_its_past);
	tcase_add_test(tests, the_store_is_told_of_each_number_that_changed_once);
	tcase_add_test(tests, nothing_is_noted_for_the_store_where_nobody_asked);
	tcase_add_test(tests, restored_texts_keep_their_numbers_and_gaps_are_filled);
	tcase_add_test(tests, a_hundred_thousand_texts_are_all_found_again);
	return suite_run(suite);
}
