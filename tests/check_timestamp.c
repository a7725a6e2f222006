/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of time stamps: which characters are one, and which moment it is. The
 * expected seconds are those of date(1).
 */
#define _GNU_SOURCE
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parsers/region_time.h"
#include "parsers/timestamp.h"
#include "tests/suite.h"

#define SECOND ((int64_t)1000000)

/* The stamp as "year-month-day hour:minute:second.fraction resolution zone | rest", or "none". */
static const char *scanned(const char *text, char buffer[160])
{
	struct timestamp stamp;
	size_t length = timestamp_scan(slice_of(text), &stamp);
	char zone[16] = "local";

	if (length == 0)
		return "none";
	if (stamp.zoned)
		snprintf(zone, sizeof(zone), "%+d", stamp.offset);
	snprintf(buffer, 160, "%d-%d-%d %d:%d:%d.%06d/%d %s|%s", stamp.year, stamp.month, stamp.day, stamp.hour,
	         stamp.minute, stamp.second, stamp.fraction, stamp.resolution, zone, text + length);
	return buffer;
}

struct scan_case {
	const char *text, *expected;
};

static void check_scans(const struct scan_case *cases, size_t count)
{
	char buffer[160];
	size_t i;

	for (i = 0; i < count; i++)
		ck_assert_msg(strcmp(scanned(cases[i].text, buffer), cases[i].expected) == 0, "%s: %s, expected %s",
		              cases[i].text, scanned(cases[i].text, buffer), cases[i].expected);
}
#define CHECK_SCANS(cases) check_scans(cases, sizeof(cases) / sizeof((cases)[0]))

START_TEST(stamps_of_rfc3164_and_its_variants_are_read)
{
	static const struct scan_case cases[] = {
		{"Nov 14 08:29:01 host", "0-11-14 8:29:1.000000/1000000 local| host"},
		{"Nov  3 08:29:01 host", "0-11-3 8:29:1.000000/1000000 local| host"},
		{"Nov 03 08:29:01 host", "0-11-3 8:29:1.000000/1000000 local| host"},
		{"Nov 3 08:29:01 host", "0-11-3 8:29:1.000000/1000000 local| host"},
		{"Nov 3 08:29:01", "0-11-3 8:29:1.000000/1000000 local|"},
		{"Nov 14 08:29:01.123 host", "0-11-14 8:29:1.123000/1000 local| host"},
		{"Nov 14 08:29:01.123456 host", "0-11-14 8:29:1.123456/1 local| host"},
		{"Nov 14 08:29:01.1 host", "0-11-14 8:29:1.100000/100000 local| host"},
		{"2016 Nov 14 08:29:01.123 host", "2016-11-14 8:29:1.123000/1000 local| host"},
		{"2016 Nov  4 08:29:01 host", "2016-11-4 8:29:1.000000/1000000 local| host"},
		{"Nov 14 2016 08:29:01 host", "2016-11-14 8:29:1.000000/1000000 local| host"},
		{"Nov  4 2016 08:29:01.5 host", "2016-11-4 8:29:1.500000/100000 local| host"},
		{"Nov 14 08:29:01.123 UTC: host", "0-11-14 8:29:1.123000/1000 +0|: host"},
		{"Nov 14 08:29:01 GMT host", "0-11-14 8:29:1.000000/1000000 +0| host"},
		{"Nov 14 08:29:01 UTCserver tag", "0-11-14 8:29:1.000000/1000000 local| UTCserver tag"},
		{"Nov 14 08:29:01 +0100 host", "0-11-14 8:29:1.000000/1000000 +3600| host"},
		{"Nov 14 08:29:01: host", "0-11-14 8:29:1.000000/1000000 local|: host"},
		{"Dec 31 23:59:60 host", "0-12-31 23:59:60.000000/1000000 local| host"},
		{"Feb 30 00:00:00 host", "0-2-30 0:0:0.000000/1000000 local| host"},
	};

	CHECK_SCANS(cases);
}
END_TEST

START_TEST(iso_stamps_are_read)
{
	static const struct scan_case cases[] = {
		{"2016-11-14T08:29:01.123456+01:00 h", "2016-11-14 8:29:1.123456/1 +3600| h"},
		{"2016-11-14T08:29:01+01:00 h", "2016-11-14 8:29:1.000000/1000000 +3600| h"},
		{"2016-11-14T08:29:01+0100 h", "2016-11-14 8:29:1.000000/1000000 +3600| h"},
		{"2016-11-14T08:29:01-03 h", "2016-11-14 8:29:1.000000/1000000 -10800| h"},
		{"2016-11-14T08:29:01-03:30 h", "2016-11-14 8:29:1.000000/1000000 -12600| h"},
		{"2016-11-14T08:29:01Z h", "2016-11-14 8:29:1.000000/1000000 +0| h"},
		{"2016-11-14T08:29:01 h", "2016-11-14 8:29:1.000000/1000000 local| h"},
		{"2016-11-14 08:29:01 h", "2016-11-14 8:29:1.000000/1000000 local| h"},
		{"2016-11-14 08:29:01.5 +0000 h", "2016-11-14 8:29:1.500000/100000 +0| h"},
		{"2016-11-14 08:29:01,123 h", "2016-11-14 8:29:1.123000/1000 local| h"},
		{"2016-11-14T08:29:01.123456789Z h", "2016-11-14 8:29:1.123456/1 +0| h"},
		{"2016-11-14T08:29:01.000Z", "2016-11-14 8:29:1.000000/1000 +0|"},
		{"2016-12-31T23:59:60Z h", "2016-12-31 23:59:60.000000/1000000 +0| h"},
		{"2016-11-14T08:29:01 - app", "2016-11-14 8:29:1.000000/1000000 local| - app"},
		{"2016-11-14T08:29:01 -host app", "2016-11-14 8:29:1.000000/1000000 local| -host app"},
	};

	CHECK_SCANS(cases);
}
END_TEST

/* systemd's logs-show.c: -o short-full is "%a %Y-%m-%d %H:%M:%S %Z", short-unix "%u.%06u". */
START_TEST(stamps_of_journalctl_are_read)
{
	static const struct scan_case cases[] = {
		{"Mon 2016-11-14 08:29:01 UTC h", "2016-11-14 8:29:1.000000/1000000 +0| h"},
		{"Mon 2016-11-14 08:29:01 GMT h", "2016-11-14 8:29:1.000000/1000000 +0| h"},
		{"Mon 2016-11-14 08:29:01 CET h", "2016-11-14 8:29:1.000000/1000000 local| h"},
		{"Sun 2016-11-13 08:29:01 ACWST h", "2016-11-13 8:29:1.000000/1000000 local| h"},
		{"Sat 2016-11-12 08:29:01 +0545 h", "2016-11-12 8:29:1.000000/1000000 +20700| h"},
		{"Fri 2016-11-11 08:29:01 -03 h", "2016-11-11 8:29:1.000000/1000000 -10800| h"},
		{"Thu 2016-11-10 08:29:01 mx1 h", "2016-11-10 8:29:1.000000/1000000 local| mx1 h"},
		{"Wed 2016-11-09 08:29:01 A h", "2016-11-9 8:29:1.000000/1000000 local| A h"},
		{"Tue 2016-11-08 08:29:01 CET", "2016-11-8 8:29:1.000000/1000000 local| CET"},
		{"Tue Nov  8 08:29:01 CET h", "0-11-8 8:29:1.000000/1000000 local| CET h"},
		{"Mon Nov 14 08:29:01 2016", "0-11-14 8:29:1.000000/1000000 local| 2016"},
		{"Moo 2016-11-14 08:29:01 UTC h", "none"},
		{"Mon 2016-11-14 08:29:01 UTC MAIL h", "2016-11-14 8:29:1.000000/1000000 +0| MAIL h"},
		{"Mon,2016-11-14 08:29:01 UTC h", "none"},
		{"Mon 2016-11-14", "none"},
		{"Mon 2016-13-14 08:29:01 UTC h", "none"},
		{"Mon Mon 2016-11-14 08:29:01 UTC h", "none"},
		{"Mon 1479112141.123456 h", "none"},
		{"1479112141.123456 h", "2016-11-14 8:29:1.123456/1 +0| h"},
		{"1479112141.123 h", "2016-11-14 8:29:1.123000/1000 +0| h"},
		{"1000000000.000000 h", "2001-9-9 1:46:40.000000/1 +0| h"},
		{"1456790399.999999 h", "2016-2-29 23:59:59.999999/1 +0| h"},
		{"1456790400.000000 h", "2016-3-1 0:0:0.000000/1 +0| h"},
		{"1483228799.000000 h", "2016-12-31 23:59:59.000000/1 +0| h"},
		{"9999999999.999999 h", "2286-11-20 17:46:39.999999/1 +0| h"},
		{"147911214.123456 host", "none"},
		{"14791121411.123456 h", "none"},
		{"1479112141.1234567890 h", "none"},
		{"1479112141.123456x h", "none"},
		{"1479112141 host tag", "2016-11-14 8:29:1.000000/1000000 +0| host tag"},
		{"1479112141: host tag", "none"},
		{"147911214 host tags", "none"},
		{"1479112141123 host", "none"},
	};

	CHECK_SCANS(cases);
}
END_TEST

START_TEST(what_no_clock_shows_is_no_stamp)
{
	static const char *const texts[] = {"",
	                                    "N",
	                                    "Nov 14 08:29:0",
	                                    "Nov 14 24:00:00 h",
	                                    "Nov 14 08:60:00 h",
	                                    "Nov 14 08:29:61 h",
	                                    "Nov 32 08:29:01 h",
	                                    "Nov 0 08:29:01 h",
	                                    "Nov 00 08:29:01 h",
	                                    "nov 14 08:29:01 h",
	                                    "NOV 14 08:29:01 h",
	                                    "Nox 14 08:29:01 h",
	                                    "Nov   4 08:29:01 h",
	                                    "Nov 14  08:29:01 h",
	                                    "Nov-14 08:29:01 h",
	                                    "Nov 14T08:29:01 h",
	                                    "Nov 14 08:29:01x host",
	                                    "Nov 14 0829:01 hosts",
	                                    "Nov 14 8:29:01 host",
	                                    "2016-13-14T08:29:01Z h",
	                                    "2016-00-14T08:29:01Z h",
	                                    "2016-11-00T08:29:01Z h",
	                                    "2016-11-32T08:29:01Z h",
	                                    "2016-11-14X08:29:01Z h",
	                                    "2016-11-14T08:29:01.1234567890Z",
	                                    "2016-11-14T08:29:01+1 h",
	                                    "2016-11-14T08:29:01+01:6 h",
	                                    "2016-11-14T08:29:01+01:60 h",
	                                    "2016-11-14T08:29:01+99:00 h",
	                                    "2016-11-14T08:29:01.123Z,10.0.0.1,mx",
	                                    "0000-11-14T08:29:01Z h",
	                                    "2016/11/14 08:29:01 h",
	                                    "20161114T082901Z host",
	                                    "1478 Nov",
	                                    "3F2A1B: to=<a@example.com>",
	                                    "2016-11-14T08:29:01\x80\x81\x82"};
	char buffer[160];
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		ck_assert_msg(strcmp(scanned(texts[i], buffer), "none") == 0, "%s: %s", texts[i], buffer);
}
END_TEST

START_TEST(a_stamp_cut_anywhere_is_read_within_its_bytes)
{
	static const char *const whole[] = {"2016 Nov 14 08:29:01.123456 +01:00 h",
	                                    "2016-11-14T08:29:01.123456+01:00 h", "Nov 14 2016 08:29:01.123 UTC h"};
	size_t i, cut;

	for (i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
		for (cut = 0; cut <= strlen(whole[i]); cut++) {
			char *copy = malloc(cut ? cut : 1); /* for the address sanitizer */
			struct timestamp stamp;

			memcpy(copy, whole[i], cut);
			ck_assert_uint_le(timestamp_scan((struct slice){copy, cut}, &stamp), cut);
			free(copy);
		}
	}
}
END_TEST

START_TEST(epoch_numbers_are_read_in_any_unit)
{
	static const struct {
		const char *text;
		int64_t time;
		int32_t resolution;
	} cases[] = {
		{"1479112141", 1479112141 * SECOND, 1000000},    {"1479112141.25", 1479112141250000, 10000},
		{"1479112141.123456", 1479112141123456, 1},      {"1479112141.4569998", 1479112141457000, 1},
		{"1479112141.123456789", 1479112141123457, 1},   {"1479112141.", 1479112141 * SECOND, 1000000},
		{"1479112141123", 1479112141123000, 1000},       {"1479112141123.5", 1479112141123500, 100},
		{"1479112141123456", 1479112141123456, 1},       {"1479112141123456789", 1479112141123457, 1},
		{"1.479112141e9", 1479112141 * SECOND, 1000000}, {"1.479112141123E+9", 1479112141123000, 1000},
		{"1.479112141123E12", 1479112141123000, 1000},   {"0001479112141", 1479112141 * SECOND, 1000000},
	};
	static const char *const bad[] =
		{"",    ".",     "e9",   "null", "true", "-1479112141", "1479112141x", "1479112141.1.1",         "1e",
	         "1e+", "1e400", "1e99", "0",    "0.0",  "0.5",         "12 ",         "99999999999999999999999"};
	int64_t time;
	int32_t resolution;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_msg(timestamp_number(slice_of(cases[i].text), &time, &resolution), "%s", cases[i].text);
		ck_assert_msg(time == cases[i].time && resolution == cases[i].resolution, "%s: %lld/%d", cases[i].text,
		              (long long)time, resolution);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(!timestamp_number(slice_of(bad[i]), &time, &resolution), "%s", bad[i]);
}
END_TEST

static struct zone *loaded(const char *name)
{
	char *error = NULL;
	struct zone *zone = zone_load(name, &error);

	ck_assert_msg(zone != NULL, "%s", error ? error : "no error told");
	return zone;
}

static struct timestamp stamp_of(const char *text)
{
	struct timestamp stamp;

	ck_assert_msg(timestamp_scan(slice_of(text), &stamp) > 0, "%s", text);
	return stamp;
}

/* Seconds; both readings must be the same. */
static int64_t resolved(struct timestamp_cache *cache, const char *text, const struct zone *zone, int64_t hint)
{
	struct timestamp stamp = stamp_of(text);
	int64_t time, other;

	ck_assert_msg(timestamp_resolve(cache, &stamp, zone, hint, &time, &other), "%s", text);
	ck_assert_int_eq(time, other);
	ck_assert_int_eq(time % SECOND, stamp.fraction);
	return time / SECOND;
}

struct year_case {
	const char *stamp;
	int64_t hint;     /* seconds */
	int64_t expected; /* seconds */
};

static void check_years(const struct year_case *cases, size_t count, const char *name)
{
	struct timestamp_cache cache = {0};
	struct zone *zone = loaded(name);
	size_t round, i;

	for (round = 0; round < 2; round++) /* once new, once remembered */
		for (i = 0; i < count; i++)
			ck_assert_msg(resolved(&cache, cases[i].stamp, zone, cases[i].hint * SECOND) ==
			                      cases[i].expected,
			              "%s at hint %lld: %lld", cases[i].stamp, (long long)cases[i].hint,
			              (long long)resolved(&cache, cases[i].stamp, zone, cases[i].hint * SECOND));
	zone_free(&zone);
}
#define CHECK_YEARS(cases, zone) check_years(cases, sizeof(cases) / sizeof((cases)[0]), zone)

/* 2016-12-31 12:00 UTC = 1483185600, 2017-01-01 00:00 UTC = 1483228800 */
START_TEST(the_year_is_right_on_both_sides_of_new_year)
{
	static const struct year_case cases[] = {
		{"Dec 31 23:59:59", 1483228799, 1483228799}, /* read at once */
		{"Dec 31 23:59:59", 1483228800, 1483228799}, /* read in the new year */
		{"Dec 31 23:59:59", 1485907200, 1483228799}, /* read a month later */
		{"Jan  1 00:00:00", 1483228800, 1483228800},
		{"Jan  1 00:00:01", 1483228799, 1483228801}, /* the host's clock is a bit ahead */
		{"Jan  1 12:00:00", 1483185600, 1483272000}, /* a day ahead: the most */
		{"Jan  1 12:00:01", 1483185600, 1451649601}, /* more than that: a year ago */
		{"Nov 14 08:29:01", 1483228800, 1479112141},
		{"Nov 14 08:29:01", 1479112141, 1479112141},
		{"Nov 14 08:29:01", 1479112141 - 86400, 1479112141},
		{"Nov 14 08:29:01", 1479112141 - 86401, 1447489741},
		{"Nov 14 08:29:01", 1510648140 - 86400, 1479112141},
		{"Nov 14 08:29:01", 1510648141 - 86400, 1510648141}, /* and next year's */
	};

	CHECK_YEARS(cases, "UTC");
}
END_TEST

/* 2017-01-01 00:00 in Auckland (+13) is 2016-12-31 11:00 UTC; in Los Angeles (-8) 2017-01-01 08:00 UTC. */
START_TEST(new_year_comes_at_its_own_time_in_every_zone)
{
	static const struct year_case east[] = {{"Jan  1 00:00:00", 1483182000, 1483182000},
	                                        {"Dec 31 23:59:59", 1483182000, 1483181999},
	                                        {"Jan  1 00:00:00", 1483182000 - 86400, 1483182000},
	                                        {"Jan  1 00:00:00", 1483182000 - 86401, 1451559600}};
	static const struct year_case west[] = {{"Jan  1 00:00:00", 1483257600, 1483257600},
	                                        {"Dec 31 23:59:59", 1483257600, 1483257599},
	                                        {"Dec 31 23:59:59", 1483257599 - 86400, 1483257599},
	                                        {"Dec 31 23:59:59", 1483257598 - 86400, 1451635199}};

	CHECK_YEARS(east, "Pacific/Auckland");
	CHECK_YEARS(west, "America/Los_Angeles");
}
END_TEST

/* Noon of February 29 UTC: 2012 = 1330516800, 2016 = 1456747200, 2096 = 3981355200; 2100 is no leap year. */
START_TEST(the_leap_day_finds_its_year)
{
	static const struct year_case cases[] = {
		{"Feb 29 12:00:00", 1456747200, 1456747200},
		{"Feb 29 12:00:00", 1456747200 - 86400, 1456747200},
		{"Feb 29 12:00:00", 1456747200 - 86401, 1330516800},
		{"Feb 29 12:00:00", 1483228800, 1456747200},
		{"Feb 29 12:00:00", 1582977600 - 86401, 1456747200},
		{"Feb 29 12:00:00", INT64_C(4233600000), INT64_C(3981355200)},
	};

	CHECK_YEARS(cases, "UTC");
}
END_TEST

START_TEST(without_a_hint_the_year_is_1970)
{
	static const struct year_case cases[] = {{"Nov 14 08:29:01", 0, 27419341},
	                                         {"Feb 29 12:00:00", 0, 68212800},
	                                         {"Nov 14 08:29:01", -5, 27419341},
	                                         {"Nov 14 08:29:01", 1479112141, 1479112141},
	                                         {"Nov 14 08:29:01", INT64_C(9000000000000), 27419341}};

	CHECK_YEARS(cases, "UTC");
}
END_TEST

START_TEST(dates_that_do_not_exist_are_refused)
{
	static const char *const bad[] = {"Feb 30 12:00:00",     "Apr 31 12:00:00",      "2015-02-29T12:00:00Z",
	                                  "2016-06-31 12:00:00", "Feb 29 2015 12:00:00", "1900-02-29T12:00:00Z"};
	struct timestamp_cache cache = {0};
	struct zone *zone = loaded("UTC");
	int64_t time, other;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct timestamp stamp = stamp_of(bad[i]);

		ck_assert_msg(!timestamp_resolve(&cache, &stamp, zone, 1479112141 * SECOND, &time, &other), "%s",
		              bad[i]);
	}
	zone_free(&zone);
}
END_TEST

START_TEST(a_stamp_with_an_offset_asks_no_zone)
{
	struct timestamp_cache cache = {0};
	struct zone *zone = loaded("Asia/Kolkata");

	ck_assert_int_eq(resolved(&cache, "2016-11-14T08:29:01Z h", zone, 0), 1479112141);
	ck_assert_int_eq(resolved(&cache, "2016-11-14T09:29:01+01:00 h", zone, 0), 1479112141);
	ck_assert_int_eq(resolved(&cache, "2016-11-14T04:59:01-03:30 h", zone, 0), 1479112141);
	ck_assert_int_eq(resolved(&cache, "Nov 14 08:29:01 UTC: h", zone, 1479112141 * SECOND), 1479112141);
	ck_assert_int_eq(resolved(&cache, "2016-11-14T13:59:01 h", zone, 0), 1479112141);
	ck_assert_int_eq(resolved(&cache, "2016-12-31T23:59:60Z h", zone, 0), 1483228800);
	ck_assert_int_eq(resolved(&cache, "0001-01-01T00:00:00Z h", zone, 0), INT64_C(-62135596800));
	ck_assert_int_eq(resolved(&cache, "9999-12-31T23:59:59Z h", zone, 0), INT64_C(253402300799));
	zone_free(&zone);
}
END_TEST

/* The clocks of Berlin: back on 2016-10-30 at 03:00 summer time, forward on 2016-03-27 at 02:00. */
START_TEST(the_repeated_hour_has_two_readings_and_the_skipped_one_the_earlier_offset)
{
	static const struct {
		const char *stamp;
		int64_t time, other;
	} cases[] = {
		{"Oct 30 01:59:59.5 h", 1477785599500000, 1477785599500000},
		{"Oct 30 02:00:00.5 h", 1477785600500000, 1477789200500000},
		{"Oct 30 02:59:59.5 h", 1477789199500000, 1477792799500000},
		{"Oct 30 03:00:00.5 h", 1477792800500000, 1477792800500000},
		{"Mar 27 01:59:59.5 h", 1459040399500000, 1459040399500000},
		{"Mar 27 02:30:00.5 h", 1459042200500000, 1459042200500000},
		{"Mar 27 03:00:00.5 h", 1459040400500000, 1459040400500000},
		{"2016-10-30T02:15:00.5 h", 1477786500500000, 1477790100500000},
	};
	struct timestamp_cache cache = {0};
	struct zone *zone = loaded("Europe/Berlin");
	size_t round, i;

	for (round = 0; round < 2; round++) {
		for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
			struct timestamp stamp = stamp_of(cases[i].stamp);
			int64_t time, other;

			ck_assert(timestamp_resolve(&cache, &stamp, zone, 1479112141 * SECOND, &time, &other));
			ck_assert_msg(time == cases[i].time && other == cases[i].other, "%s: %lld %lld", cases[i].stamp,
			              (long long)time, (long long)other);
		}
	}
	zone_free(&zone);
}
END_TEST

/* Lord Howe Island puts its clocks by half an hour, so half of an hour is repeated, half is not. */
START_TEST(an_hour_that_is_half_repeated_is_not_remembered_as_a_whole)
{
	static const char *const stamps[] = {"2016-04-03T01:29:59 h", "2016-04-03T01:30:00 h", "2016-04-03T01:59:59 h",
	                                     "2016-04-03T02:00:00 h"};
	static const int64_t times[] = {1459607399, 1459607400, 1459609199, 1459611000};
	static const int64_t others[] = {1459607399, 1459609200, 1459610999, 1459611000};
	struct timestamp_cache cache = {0};
	struct zone *zone = loaded("Australia/Lord_Howe");
	size_t i;

	for (i = 0; i < 12; i++) {
		struct timestamp stamp = stamp_of(stamps[i * 3 % 4]);
		int64_t time, other;

		ck_assert(timestamp_resolve(&cache, &stamp, zone, 0, &time, &other));
		ck_assert_int_eq(time, times[i * 3 % 4] * SECOND);
		ck_assert_int_eq(other, others[i * 3 % 4] * SECOND);
	}
	zone_free(&zone);
}
END_TEST

/* The memory is an optimisation only: random stamps, zones and hints, with it and without. */
START_TEST(what_is_remembered_is_what_would_be_found)
{
	static const char *const names[] = {"Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia"};
	struct timestamp_cache cache = {0};
	struct zone *zones[4];
	uint32_t random = 1;
	int i;

	for (i = 0; i < 4; i++)
		zones[i] = loaded(names[i]);
	for (i = 0; i < 400000; i++) {
		struct timestamp_cache empty = {0};
		struct timestamp stamp = {0};
		int64_t hint, time, other, time_found = 0, other_found = 0;
		const struct zone *zone;
		bool good;

		random = random * 1664525u + 1013904223u;
		zone = zones[random >> 30];
		stamp.year = random >> 28 & 1 ? 2015 + (int)(random >> 26 & 3) : 0;
		stamp.month = 1 + (int)(random >> 8 & 3) * 3 + (int)(random >> 13 & 1);
		stamp.day = 26 + (int)(random >> 16) % 6;
		stamp.hour = (int)(random >> 20 & 7) % 4;
		random = random * 1664525u + 1013904223u;
		stamp.minute = (int)(random >> 24) % 60;
		stamp.second = (int)(random >> 16 & 255) % 61;
		stamp.resolution = 1000000;
		hint = (1420070400 + (int64_t)(random >> 3 & 4095) * 34567) * SECOND;
		good = timestamp_resolve(&empty, &stamp, zone, hint, &time, &other);
		ck_assert_int_eq(timestamp_resolve(&cache, &stamp, zone, hint, &time_found, &other_found), good);
		if (good)
			ck_assert(time == time_found && other == other_found);
	}
	for (i = 0; i < 4; i++)
		zone_free(&zones[i]);
}
END_TEST

/* The time of a region, as above, "either" or "none". */
static const char *of_region(const char *text, enum date_order order, char buffer[160])
{
	struct timestamp stamp;

	switch (region_time_scan(slice_of(text), order, &stamp)) {
	case REGION_TIME_NONE: return "none";
	case REGION_TIME_EITHER: return "either";
	case REGION_TIME_READ: break;
	}
	snprintf(buffer, 160, "%d-%d-%d %d:%d:%d", stamp.year, stamp.month, stamp.day, stamp.hour, stamp.minute,
	         stamp.second);
	return buffer;
}

START_TEST(times_of_every_region_are_read)
{
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{"11/14/2016 8:29:01 AM", "2016-11-14 8:29:1"},
		{"14/11/2016 08:29:01", "2016-11-14 8:29:1"},
		{"14/11/2016 08:29", "2016-11-14 8:29:0"},
		{"14.11.2016 08:29:01", "2016-11-14 8:29:1"},
		{"3.4.2016 8.29.01", "2016-4-3 8:29:1"},
		{"3. 4. 2016 8:29:01", "2016-4-3 8:29:1"},
		{"3-4-2016 08:29:01", "2016-4-3 8:29:1"},
		{"2016/11/03 8:29:01", "2016-11-3 8:29:1"},
		{"2016-11-03 8:29:01 p. m.", "2016-11-3 20:29:1"},
		{"2016. 11. 03. 8:29:01", "2016-11-3 8:29:1"},
		{"2016/11/03 \xe4\xb8\x8b\xe5\x8d\x88 08:29:01", "2016-11-3 20:29:1"},
		{"2016-11-03 \xec\x98\xa4\xec\xa0\x84 8:29:01", "2016-11-3 8:29:1"},
		{"14/11/2016 8:29:01 \xce\xbc\xce\xbc", "2016-11-14 20:29:1"},
		{"11/14/2016 12:29:01\xe2\x80\xaf"
	         "AM",
	         "2016-11-14 0:29:1"},
		{"11/14/2016 12:29:01 pm", "2016-11-14 12:29:1"},
		/* the same read either way */
		{"11/11/2016 08:29:01", "2016-11-11 8:29:1"},
		{"3/4/2016 08:29:01", "either"},
		/* none */
		{"11/14/16 08:29:01", "none"},
		{"14/14/2016 08:29:01", "none"},
		{"11/14/2016 13:29:01 PM", "none"},
		{"11/14/2016 0:29:01 AM", "none"},
		{"11/14/2016 24:29:01", "none"},
		{"11/14/2016 08:60:01", "none"},
		{"11/14/2016 08:29:01 Z", "none"},
		{"11/14/2016", "none"},
		{"11/14-2016 08:29:01", "none"},
		{"11/14/20160 08:29:01", "none"},
		{"0/0/2016 08:29:01", "none"},
		{"1/2/0000 08:29:01", "either"},
		{"13/2/0000 08:29:01", "none"},
		{"", "none"},
	};
	char buffer[160];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_str_eq(of_region(cases[i].text, DATE_ORDER_UNKNOWN, buffer), cases[i].expected);
	ck_assert_str_eq(of_region("3/4/2016 08:29:01", DATE_ORDER_DAY, buffer), "2016-4-3 8:29:1");
	ck_assert_str_eq(of_region("3/4/2016 08:29:01", DATE_ORDER_MONTH, buffer), "2016-3-4 8:29:1");
	/* what cannot be is not read so, whatever is configured */
	ck_assert_str_eq(of_region("14/11/2016 08:29:01", DATE_ORDER_MONTH, buffer), "2016-11-14 8:29:1");
	ck_assert_str_eq(of_region("11/14/2016 08:29:01", DATE_ORDER_DAY, buffer), "2016-11-14 8:29:1");
	ck_assert_str_eq(of_region("3.4.2016 08:29:01", DATE_ORDER_MONTH, buffer), "2016-4-3 8:29:1");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("timestamp");
	TCase *characters = tcase_create("characters");
	TCase *moments = tcase_create("moments");

	suite_add_tcase(suite, characters);
	tcase_add_test(characters, stamps_of_rfc3164_and_its_variants_are_read);
	tcase_add_test(characters, iso_stamps_are_read);
	tcase_add_test(characters, stamps_of_journalctl_are_read);
	tcase_add_test(characters, what_no_clock_shows_is_no_stamp);
	tcase_add_test(characters, a_stamp_cut_anywhere_is_read_within_its_bytes);
	tcase_add_test(characters, epoch_numbers_are_read_in_any_unit);
	tcase_add_test(characters, times_of_every_region_are_read);
	suite_add_tcase(suite, moments);
	tcase_set_timeout(moments, 60);
	tcase_add_test(moments, the_year_is_right_on_both_sides_of_new_year);
	tcase_add_test(moments, new_year_comes_at_its_own_time_in_every_zone);
	tcase_add_test(moments, the_leap_day_finds_its_year);
	tcase_add_test(moments, without_a_hint_the_year_is_1970);
	tcase_add_test(moments, dates_that_do_not_exist_are_refused);
	tcase_add_test(moments, a_stamp_with_an_offset_asks_no_zone);
	tcase_add_test(moments, the_repeated_hour_has_two_readings_and_the_skipped_one_the_earlier_offset);
	tcase_add_test(moments, an_hour_that_is_half_repeated_is_not_remembered_as_a_whole);
	tcase_add_test(moments, what_is_remembered_is_what_would_be_found);
	return suite_run(suite);
}
