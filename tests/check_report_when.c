/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of times as people name and read them: what a view has, in UTC and in
 * zones, across changes of the clock; bounds as dates, times and durations; and
 * what is none of these.
 */
#define _GNU_SOURCE
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/report/when.h"
#include "tests/suite.h"

#define NEWEST INT64_C(1479127800000) /* 2016-11-14T12:50:00Z */

static struct zone *loaded(const char *name)
{
	char *error = NULL;
	struct zone *zone = zone_load(name, &error);

	ck_assert_msg(zone != NULL, "%s", error);
	return zone;
}

START_TEST(a_views_time_is_read_and_written_to_the_millisecond)
{
	static const struct {
		const char *text;
		int64_t milliseconds;
	} cases[] = {
		{"1970-01-01T00:00:00.000Z", 0},
		{"1969-12-31T23:59:59.999Z", -1},
		{"2016-11-14T08:29:11.123Z", INT64_C(1479112151123)},
		{"2016-02-29T23:59:59.999Z", INT64_C(1456790399999)},
		{"0001-01-01T00:00:00.000Z", INT64_C(-62135596800000)},
		{"9999-12-31T23:59:59.999Z", INT64_C(253402300799999)},
	};
	char text[WHEN_SIZE];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t milliseconds;

		ck_assert(when_of(cases[i].text, &milliseconds));
		ck_assert_int_eq(milliseconds, cases[i].milliseconds);
		ck_assert_str_eq(when_view(text, cases[i].milliseconds), cases[i].text);
	}
}
END_TEST

START_TEST(another_text_is_no_time_of_a_view)
{
	static const char *const texts[] = {
		"",
		"2016-11-14",
		"2016-11-14T08:29:11Z",
		"2016-11-14 08:29:11.123Z",
		"2016-11-14T08:29:11.123",
		"2016-11-14T08:29:11.1234",
		"2016-11-14T08:29:11.123ZZ",
		"2016-11-31T08:29:11.123Z",
		"2016-11-14T24:29:11.123Z",
		"2016-11-14T08:60:11.123Z",
		"2016-11-14T08:29:60.123Z",
		"0000-11-14T08:29:11.123Z",
		"2015-02-29T08:29:11.123Z",
		"2016-11-14T08:29:11:123Z",
		"2016-11-14T08:29.11.123Z",
		"2016-11-14T08:29:11.12xZ",
		"2016\x1b[2J-11-14T08:29Z",
	};
	int64_t milliseconds;
	char text[WHEN_SIZE];

	ck_assert(!when_of(NULL, &milliseconds));
	ck_assert_str_eq(when_words(text, NULL, NULL), "?");
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		ck_assert_msg(!when_of(texts[i], &milliseconds), "%s", texts[i]);
		ck_assert_str_eq(when_words(text, texts[i], NULL), "?");
	}
}
END_TEST

START_TEST(without_a_zone_times_are_utc)
{
	static const char iso[] = "2016-11-14T08:29:11.999Z";
	char text[WHEN_SIZE];

	ck_assert_str_eq(when_words(text, iso, NULL), "2016-11-14 08:29:11");
	ck_assert_str_eq(when_iso(text, iso, NULL), iso);
	ck_assert_int_eq(when_clock(1479112151, NULL), 1479112151);
}
END_TEST

/* 2016-10-30 03:00 CEST became 02:00 CET at 01:00 UTC, 2016-03-27 02:00 CET 03:00 CEST. */
START_TEST(a_zone_tells_the_repeated_hour_apart)
{
	static const struct {
		const char *iso, *words, *offset;
	} cases[] = {
		{"2016-10-30T00:30:00.500Z", "2016-10-30 02:30:00 CEST", "2016-10-30T02:30:00.500+02:00"},
		{"2016-10-30T01:30:00.500Z", "2016-10-30 02:30:00 CET", "2016-10-30T02:30:00.500+01:00"},
		{"2016-03-27T00:59:59.999Z", "2016-03-27 01:59:59 CET", "2016-03-27T01:59:59.999+01:00"},
		{"2016-03-27T01:00:00.000Z", "2016-03-27 03:00:00 CEST", "2016-03-27T03:00:00.000+02:00"},
		{"2016-12-31T23:30:00.000Z", "2017-01-01 00:30:00 CET", "2017-01-01T00:30:00.000+01:00"},
	};
	struct zone *zone = loaded("Europe/Berlin");
	char text[WHEN_SIZE];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_str_eq(when_words(text, cases[i].iso, zone), cases[i].words);
		ck_assert_str_eq(when_iso(text, cases[i].iso, zone), cases[i].offset);
	}
	zone_free(&zone);
}
END_TEST

START_TEST(a_zone_may_be_west_or_odd_or_old)
{
	static const struct {
		const char *zone, *words, *offset;
	} cases[] = {
		{"America/St_Johns", "2016-11-14 04:59:11 NST", "2016-11-14T04:59:11.123-03:30"},
		{"Asia/Kathmandu", "2016-11-14 14:14:11 +0545", "2016-11-14T14:14:11.123+05:45"},
		{"UTC", "2016-11-14 08:29:11 UTC", "2016-11-14T08:29:11.123+00:00"},
	};
	struct zone *zone;
	char text[WHEN_SIZE];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		zone = loaded(cases[i].zone);
		ck_assert_str_eq(when_words(text, "2016-11-14T08:29:11.123Z", zone), cases[i].words);
		ck_assert_str_eq(when_iso(text, "2016-11-14T08:29:11.123Z", zone), cases[i].offset);
		ck_assert_str_eq(when_iso(text, "x", zone), "x");
		ck_assert_ptr_null(when_iso(text, NULL, zone));
		zone_free(&zone);
	}
	zone = loaded("Europe/Amsterdam"); /* local mean time then: some seconds that ISO 8601 has no room for */
	ck_assert_int_eq(strlen(when_iso(text, "1850-01-01T00:00:00.000Z", zone)),
	                 strlen("1850-01-01T00:00:00.000+00:00"));
	zone_free(&zone);
}
END_TEST

START_TEST(durations_go_from_large_to_small)
{
	static const struct {
		const char *text;
		int64_t milliseconds;
	} cases[] = {
		{"1s", 1000},         {"90s", 90000},
		{"15m", 900000},      {"2h", 7200000},
		{"1d12h", 129600000}, {"1w2d3h4m5s", INT64_C(788645000)},
		{"0d1s", 1000},       {"10000d", INT64_C(864000000000)},
	};
	static const char *const none[] = {"",
	                                   "1",
	                                   "h",
	                                   "1x",
	                                   "1h1d",
	                                   "1h1h",
	                                   "-1h",
	                                   "1.5h",
	                                   "0s",
	                                   "1h ",
	                                   " 1h",
	                                   "99999999999999999999s",
	                                   "9223372036854775807w",
	                                   "1000001w"};
	int64_t milliseconds;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_msg(when_duration(cases[i].text, &milliseconds), "%s", cases[i].text);
		ck_assert_int_eq(milliseconds, cases[i].milliseconds);
	}
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		ck_assert_msg(!when_duration(none[i], &milliseconds), "%s", none[i]);
}
END_TEST

static void check_bound(const char *text, bool end, const struct zone *zone, const char *expected)
{
	char view[WHEN_SIZE];
	int64_t milliseconds;

	ck_assert_msg(when_read(text, end, zone, NEWEST, &milliseconds), "%s", text);
	ck_assert_str_eq(when_view(view, milliseconds), expected);
}

START_TEST(a_bound_is_a_date_a_time_or_a_duration)
{
	struct zone *zone = loaded("America/New_York");

	check_bound("2016-11-14", false, NULL, "2016-11-14T00:00:00.000Z");
	check_bound("2016-11-14", true, NULL, "2016-11-15T00:00:00.000Z");
	check_bound("2016-12-31", true, NULL, "2017-01-01T00:00:00.000Z");
	check_bound("2016-11-14T08:29", true, NULL, "2016-11-14T08:29:00.000Z");
	check_bound("2016-11-14 08:29:11", false, NULL, "2016-11-14T08:29:11.000Z");
	check_bound("2016-11-14T08:29:11.25", false, NULL, "2016-11-14T08:29:11.250Z");
	check_bound("2016-11-14T08:29:11.123456", false, NULL, "2016-11-14T08:29:11.123Z");
	check_bound("2016-11-14T08:29Z", false, zone, "2016-11-14T08:29:00.000Z");
	check_bound("2016-11-14T08:29+01:00", false, zone, "2016-11-14T07:29:00.000Z");
	check_bound("2016-11-14T08:29-0330", false, NULL, "2016-11-14T11:59:00.000Z");
	check_bound("2h", false, zone, "2016-11-14T10:50:00.000Z");
	check_bound("2016-11-14", false, zone, "2016-11-14T05:00:00.000Z");
	check_bound("2016-11-14T08:29", false, zone, "2016-11-14T13:29:00.000Z");
	/* the day of the change has 25 hours */
	check_bound("2016-11-06", false, zone, "2016-11-06T04:00:00.000Z");
	check_bound("2016-11-06", true, zone, "2016-11-07T05:00:00.000Z");
	/* 01:30 came twice */
	check_bound("2016-11-06T01:30", false, zone, "2016-11-06T05:30:00.000Z");
	check_bound("2016-11-06T01:30", true, zone, "2016-11-06T06:30:00.000Z");
	zone_free(&zone);
}
END_TEST

START_TEST(another_text_is_no_bound)
{
	static const char *const texts[] = {
		"",
		"x",
		"today",
		"2016",
		"2016-11",
		"2016-11-1",
		"2016-13-01",
		"2016-02-30",
		"2016-11-14T",
		"2016-11-14T8:29",
		"2016-11-14T08",
		"2016-11-14T08:29:",
		"2016-11-14T08:29:11.",
		"2016-11-14T08:29.5",
		"2016-11-14T08:29 UTC",
		"2016-11-14T08:29+1",
		"2016-11-14T08:29+01:",
		"2016-11-14T08:29+01:60",
		"2016-11-14T25:00",
		"2016-11-14Z",
		"2016-11-14T08:29Zx",
		"-2h",
	};
	int64_t milliseconds;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		ck_assert_msg(!when_read(texts[i], false, NULL, NEWEST, &milliseconds), "%s", texts[i]);
	ck_assert(!when_read("2h", false, NULL, INT64_MIN, &milliseconds));
	ck_assert(when_read("2016-11-14", false, NULL, INT64_MIN, &milliseconds));
}
END_TEST

static Suite *when_suite(void)
{
	Suite *suite = suite_create("when");
	TCase *times = tcase_create("times");

	tcase_add_test(times, a_views_time_is_read_and_written_to_the_millisecond);
	tcase_add_test(times, another_text_is_no_time_of_a_view);
	tcase_add_test(times, without_a_zone_times_are_utc);
	tcase_add_test(times, a_zone_tells_the_repeated_hour_apart);
	tcase_add_test(times, a_zone_may_be_west_or_odd_or_old);
	tcase_add_test(times, durations_go_from_large_to_small);
	tcase_add_test(times, a_bound_is_a_date_a_time_or_a_duration);
	tcase_add_test(times, another_text_is_no_bound);
	suite_add_tcase(suite, times);
	return suite;
}

int main(void)
{
	return suite_run(when_suite());
}
