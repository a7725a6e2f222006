/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of figures in words: grouping, units, and that nothing is rounded up.
 */
#include <check.h>
#include <stdint.h>
#include <stdlib.h>

#include "daemon/report/words.h"
#include "tests/suite.h"

START_TEST(counts_are_grouped_by_thousands)
{
	char words[WORDS_SIZE];

	ck_assert_str_eq(words_count(words, 0), "0");
	ck_assert_str_eq(words_count(words, 999), "999");
	ck_assert_str_eq(words_count(words, 1000), "1,000");
	ck_assert_str_eq(words_count(words, 186000000), "186,000,000");
	ck_assert_str_eq(words_count(words, -1234), "-1,234");
	ck_assert_str_eq(words_count(words, INT64_MAX), "9,223,372,036,854,775,807");
	ck_assert_str_eq(words_count(words, INT64_MIN), "-9,223,372,036,854,775,808");
}
END_TEST

START_TEST(reals_have_one_decimal_and_are_cut)
{
	char words[WORDS_SIZE];

	ck_assert_str_eq(words_real(words, 0), "0.0");
	ck_assert_str_eq(words_real(words, 79.3), "79.3");
	ck_assert_str_eq(words_real(words, 79.39), "79.3");
	ck_assert_str_eq(words_real(words, 99.9999), "99.9");
	ck_assert_str_eq(words_real(words, 100), "100.0");
	ck_assert_str_eq(words_real(words, 999.99), "999.9");
	ck_assert_str_eq(words_real(words, 850000.7), "850,000");
	ck_assert_str_eq(words_real(words, -2.55), "-2.5");
	ck_assert_str_eq(words_real(words, 1e300), "1e+300");
}
END_TEST

START_TEST(durations_have_two_units_at_most)
{
	char words[WORDS_SIZE];

	ck_assert_str_eq(words_duration(words, 0), "0ms");
	ck_assert_str_eq(words_duration(words, 999), "999ms");
	ck_assert_str_eq(words_duration(words, 1000), "1.0s");
	ck_assert_str_eq(words_duration(words, 59999), "59.9s");
	ck_assert_str_eq(words_duration(words, 60000), "1m00s");
	ck_assert_str_eq(words_duration(words, 3599999), "59m59s");
	ck_assert_str_eq(words_duration(words, 3600000), "1h00m");
	ck_assert_str_eq(words_duration(words, 10920000), "3h02m");
	ck_assert_str_eq(words_duration(words, 86399999), "23h59m");
	ck_assert_str_eq(words_duration(words, 187200000), "2d04h");
	ck_assert_str_eq(words_duration(words, -4250), "-4.2s");
	ck_assert_str_eq(words_duration(words, INT64_MIN), "-106751991167d07h");
}
END_TEST

START_TEST(a_share_is_the_nearest_but_everything_only_of_the_whole)
{
	char words[WORDS_SIZE];

	ck_assert_str_eq(words_share(words, 0, 5), "0 %");
	ck_assert_str_eq(words_share(words, 1, 1000000), "under 0.1 %");
	ck_assert_str_eq(words_share(words, 1, 1000), "0.1 %");
	ck_assert_str_eq(words_share(words, 999, 1000000), "under 0.1 %");
	ck_assert_str_eq(words_share(words, 1, 2), "50 %");
	ck_assert_str_eq(words_share(words, 12, 42), "28.6 %");
	ck_assert_str_eq(words_share(words, 2849, 10000), "28.5 %");
	ck_assert_str_eq(words_share(words, 9996, 10000), "99.9 %");
	ck_assert_str_eq(words_share(words, 2996, 10000), "30 %");
	ck_assert_str_eq(words_share(words, 973, 1000), "97.3 %");
	ck_assert_str_eq(words_share(words, 999999, 1000000), "99.9 %");
	ck_assert_str_eq(words_share(words, INT64_MAX - 1, INT64_MAX), "99.9 %");
	ck_assert_str_eq(words_share(words, 7, 7), "100 %");
}
END_TEST

START_TEST(bytes_have_decimal_units)
{
	char words[WORDS_SIZE];

	ck_assert_str_eq(words_bytes(words, 999), "999 bytes");
	ck_assert_str_eq(words_bytes(words, 1000), "1.0 kB");
	ck_assert_str_eq(words_bytes(words, 999999), "999.9 kB");
	ck_assert_str_eq(words_bytes(words, 4200000000), "4.2 GB");
	ck_assert_str_eq(words_bytes(words, INT64_MAX), "9.2 EB");
	ck_assert_str_eq(words_bytes(words, -1), "-1 bytes");
}
END_TEST

static Suite *words_suite(void)
{
	Suite *suite = suite_create("words");
	TCase *figures = tcase_create("figures");

	tcase_add_test(figures, counts_are_grouped_by_thousands);
	tcase_add_test(figures, reals_have_one_decimal_and_are_cut);
	tcase_add_test(figures, durations_have_two_units_at_most);
	tcase_add_test(figures, a_share_is_the_nearest_but_everything_only_of_the_whole);
	tcase_add_test(figures, bytes_have_decimal_units);
	suite_add_tcase(suite, figures);
	return suite;
}

int main(void)
{
	return suite_run(words_suite());
}
