/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of delay histograms: how exact a bucket is, that counts can be taken
 * back and merged in any order, and that percentiles are nearest-rank.
 */
#include <check.h>
#include <stdlib.h>

#include "daemon/base/hash.h"
#include "daemon/base/histogram.h"
#include "tests/suite.h"

static void put(struct histogram *histogram, int64_t value, int32_t by)
{
	histogram_add(histogram, histogram_bucket_of(value), by);
}

static void check_same(const struct histogram *a, const struct histogram *b)
{
	ck_assert_uint_eq(a->total, b->total);
	ck_assert_uint_eq(a->used, b->used);
	for (uint32_t i = 0; i < a->used; i++) {
		ck_assert_uint_eq(a->buckets[i].bucket, b->buckets[i].bucket);
		ck_assert_uint_eq(a->buckets[i].count, b->buckets[i].count);
	}
}

START_TEST(values_below_256_are_exact)
{
	for (int64_t value = 0; value < 256; value++)
		ck_assert_int_eq(histogram_value_of(histogram_bucket_of(value)), value);
}
END_TEST

START_TEST(a_bucket_stands_for_its_values_within_four_per_mille)
{
	uint32_t before = 0;

	for (int64_t value = 1; value < INT64_MAX - value / 512; value += value / 512 + 1) {
		uint32_t bucket = histogram_bucket_of(value);
		int64_t error = histogram_value_of(bucket) - value;

		ck_assert_uint_ge(bucket, before);
		ck_assert_uint_le(bucket, before + 1);
		ck_assert_msg((error < 0 ? -error : error) <= value / 250, "%lld stands for %lld",
		              (long long)histogram_value_of(bucket), (long long)value);
		before = bucket;
	}
}
END_TEST

START_TEST(a_buckets_value_is_in_the_bucket)
{
	for (uint32_t bucket = 0; bucket <= histogram_bucket_of(INT64_MAX); bucket++)
		ck_assert_uint_eq(histogram_bucket_of(histogram_value_of(bucket)), bucket);
}
END_TEST

START_TEST(negative_and_enormous_delays_are_delays)
{
	ck_assert_uint_eq(histogram_bucket_of(-1), 0);
	ck_assert_uint_eq(histogram_bucket_of(INT64_MIN), 0);
	ck_assert_int_gt(histogram_value_of(histogram_bucket_of(INT64_MAX)), INT64_MAX / 256 * 255);
	/* A number that no delay has, from a damaged store. */
	ck_assert_int_eq(histogram_value_of(UINT32_MAX), histogram_value_of(histogram_bucket_of(INT64_MAX)));
}
END_TEST

START_TEST(buckets_are_kept_in_order_whatever_the_order_of_adding)
{
	struct histogram up = {0}, down = {0};

	for (int i = 0; i < 500; i++)
		put(&up, i * 40, 1 + i % 3);
	for (int i = 499; i >= 0; i--)
		put(&down, i * 40, 1 + i % 3);
	check_same(&up, &down);
	for (uint32_t i = 1; i < up.used; i++)
		ck_assert_uint_lt(up.buckets[i - 1].bucket, up.buckets[i].bucket);
	histogram_clear(&up);
	histogram_clear(&down);
	ck_assert_uint_eq(up.total, 0);
	ck_assert_uint_eq(up.used, 0);
}
END_TEST

START_TEST(what_is_taken_back_is_gone)
{
	struct histogram histogram = {0}, other = {0};

	put(&other, 30, 1);
	put(&histogram, 30, 1);
	put(&histogram, 7, 2);
	put(&histogram, 700, 1);
	put(&histogram, 7, -1);
	put(&histogram, 700, -1);
	put(&histogram, 7, -1);
	check_same(&histogram, &other);
	histogram_clear(&histogram);
	histogram_clear(&other);
}
END_TEST

START_TEST(a_count_never_falls_below_nothing)
{
	struct histogram histogram = {0};

	put(&histogram, 7, -1);
	ck_assert_uint_eq(histogram.used, 0);
	put(&histogram, 7, 2);
	put(&histogram, 9, 1);
	put(&histogram, 7, -5);
	ck_assert_uint_eq(histogram.total, 1);
	ck_assert_uint_eq(histogram.used, 1);
	ck_assert_uint_eq(histogram.buckets[0].bucket, 9);
	histogram_add(&histogram, 7, 0);
	ck_assert_uint_eq(histogram.used, 1);
	histogram_clear(&histogram);
}
END_TEST

START_TEST(merging_adds_and_takes_away)
{
	struct histogram a = {0}, b = {0}, sum = {0}, both = {0};
	uint64_t dice = 1;

	for (int i = 0; i < 2000; i++) {
		int64_t value = (int64_t)((dice = hash_number(dice + 1)) % 100000);

		put(i % 3 ? &a : &b, value, 1);
		put(&both, value, 1);
	}
	histogram_merge(&sum, &b, 1);
	histogram_merge(&sum, &a, 1);
	check_same(&sum, &both);
	histogram_merge(&sum, &b, -1);
	check_same(&sum, &a);
	histogram_merge(&sum, &a, -1);
	ck_assert_uint_eq(sum.total, 0);
	ck_assert_uint_eq(sum.used, 0);
	histogram_clear(&a);
	histogram_clear(&b);
	histogram_clear(&sum);
	histogram_clear(&both);
}
END_TEST

START_TEST(a_shifted_merge_moves_each_value)
{
	struct histogram from = {0}, to = {0};

	put(&from, 10, 2);
	put(&from, 200, 3);
	histogram_merge_shifted(&to, &from, 40);
	ck_assert_uint_eq(to.total, 5);
	ck_assert_uint_eq(to.used, 2);
	ck_assert_int_eq(histogram_value_of(to.buckets[0].bucket), 50);
	ck_assert_uint_eq(to.buckets[0].count, 2);
	ck_assert_int_eq(histogram_value_of(to.buckets[1].bucket), 240);
	ck_assert_uint_eq(to.buckets[1].count, 3);
	histogram_merge_shifted(&to, &from, -60); /* before the acceptance: nothing is delivered before it was sent */
	ck_assert_uint_eq(to.total, 10);
	ck_assert_uint_eq(to.buckets[0].bucket, 0);
	ck_assert_uint_eq(to.buckets[0].count, 2);
	histogram_clear(&from);
	histogram_clear(&to);
}
END_TEST

/* The value at rank ceil(percent/100 * n) of 1..n. */
START_TEST(percentiles_are_nearest_rank)
{
	for (int n = 1; n <= 250; n++) {
		struct histogram histogram = {0};

		for (int i = n; i >= 1; i--)
			put(&histogram, i, 1);
		for (unsigned percent = 0; percent <= 100; percent++) {
			int rank = (n * (int)percent + 99) / 100;

			ck_assert_int_eq(histogram_percentile(&histogram, percent), rank ? rank : 1);
		}
		histogram_clear(&histogram);
	}
}
END_TEST

START_TEST(the_median_of_an_even_number_is_the_lower_one)
{
	struct histogram histogram = {0};

	put(&histogram, 10, 1);
	put(&histogram, 20, 1);
	ck_assert_int_eq(histogram_percentile(&histogram, 50), 10);
	histogram_clear(&histogram);
}
END_TEST

START_TEST(nothing_has_no_percentile)
{
	struct histogram histogram = {0};

	ck_assert_int_eq(histogram_percentile(&histogram, 50), -1);
	put(&histogram, 5, 1);
	put(&histogram, 5, -1);
	ck_assert_int_eq(histogram_percentile(&histogram, 100), -1);
	histogram_clear(&histogram);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("histogram");
	TCase *tests = tcase_create("histogram");

	suite_add_tcase(suite, tests);
	tcase_add_test(tests, values_below_256_are_exact);
	tcase_add_test(tests, a_bucket_stands_for_its_values_within_four_per_mille);
	tcase_add_test(tests, a_buckets_value_is_in_the_bucket);
	tcase_add_test(tests, negative_and_enormous_delays_are_delays);
	tcase_add_test(tests, buckets_are_kept_in_order_whatever_the_order_of_adding);
	tcase_add_test(tests, what_is_taken_back_is_gone);
	tcase_add_test(tests, a_count_never_falls_below_nothing);
	tcase_add_test(tests, merging_adds_and_takes_away);
	tcase_add_test(tests, a_shifted_merge_moves_each_value);
	tcase_add_test(tests, percentiles_are_nearest_rank);
	tcase_add_test(tests, the_median_of_an_even_number_is_the_lower_one);
	tcase_add_test(tests, nothing_has_no_percentile);
	return suite_run(suite);
}
