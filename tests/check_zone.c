/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of time zones: libc, which can do one zone at a time, is asked for the
 * same answers; what libc does not tell (repeated and skipped local times,
 * damaged files) is held against the tz database's own dates.
 */
#define _GNU_SOURCE
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "daemon/base/calendar.h"
#include "daemon/base/zone.h"
#include "daemon/base/zone_rule.h"
#include "tests/suite.h"

/* Whole hours, halves and quarters; both hemispheres; summer time of half an hour, of two hours, negative, suspended
 * for Ramadan; a day skipped; zones that have only a footer, only transitions. */
static const char *const names[] = {
	"Europe/Berlin",
	"Europe/London",
	"Europe/Dublin",
	"Europe/Lisbon",
	"Europe/Istanbul",
	"Europe/Moscow",
	"America/New_York",
	"America/Los_Angeles",
	"America/St_Johns",
	"America/Sao_Paulo",
	"America/Caracas",
	"America/Nuuk",
	"America/Havana",
	"Africa/Casablanca",
	"Africa/Cairo",
	"Asia/Tehran",
	"Asia/Kolkata",
	"Asia/Kathmandu",
	"Asia/Gaza",
	"Asia/Pyongyang",
	"Asia/Tokyo",
	"Australia/Lord_Howe",
	"Australia/Sydney",
	"Australia/Eucla",
	"Pacific/Apia",
	"Pacific/Chatham",
	"Pacific/Kiritimati",
	"Antarctica/Troll",
	"Atlantic/Azores",
	"Etc/GMT+12",
	"UTC",
	"EST5EDT",
};
#define NAME_COUNT ((int)(sizeof(names) / sizeof(names[0])))

static struct zone *loaded(const char *name)
{
	char *error = NULL;
	struct zone *zone = zone_load(name, &error);

	ck_assert_msg(zone != NULL, "%s", error ? error : "no error told");
	return zone;
}

static long libc_offset(int64_t utc)
{
	time_t t = (time_t)utc;
	struct tm tm;

	ck_assert_ptr_nonnull(localtime_r(&t, &tm));
	return tm.tm_gmtoff;
}

/* libc's own, until it is asked again. */
static const char *libc_name(int64_t utc)
{
	time_t t = (time_t)utc;
	struct tm tm;

	ck_assert_ptr_nonnull(localtime_r(&t, &tm));
	return tm.tm_zone;
}

START_TEST(offsets_and_abbreviations_are_those_of_libc)
{
	struct zone *zone = loaded(names[_i]);
	int64_t utc;

	setenv("TZ", names[_i], 1);
	tzset();
	for (utc = 0; utc < INT64_C(4102444800); utc += 1499 * 201) { /* to 2100, hours and minutes mixed */
		ck_assert_msg(zone_offset(zone, utc) == libc_offset(utc), "%s at %lld: %d, libc %ld", names[_i],
		              (long long)utc, zone_offset(zone, utc), libc_offset(utc));
		ck_assert_msg(strcmp(zone_name(zone, utc), libc_name(utc)) == 0, "%s at %lld: %s, libc %s", names[_i],
		              (long long)utc, zone_name(zone, utc), libc_name(utc));
	}
	zone_free(&zone);
	ck_assert_ptr_null(zone);
}
END_TEST

/* Every half hour of three years: what the clock showed leads back to when it showed it. */
START_TEST(a_local_time_leads_back_to_its_moment)
{
	static const int64_t begins[] = {INT64_C(1293840000) /* 2011 */, INT64_C(1451606400) /* 2016 */,
	                                 INT64_C(2208988800) /* 2040 */};
	struct zone *zone = loaded(names[_i]);
	size_t year;

	for (year = 0; year < 3; year++) {
		int64_t utc;

		for (utc = begins[year]; utc < begins[year] + 366 * CALENDAR_DAY; utc += 1800) {
			int64_t first, second;
			enum zone_reading reading = zone_utc(zone, utc + zone_offset(zone, utc), &first, &second);

			ck_assert_msg(utc == first || utc == second, "%s at %lld", names[_i], (long long)utc);
			ck_assert_int_ne(reading, ZONE_NEVER);
			ck_assert_int_eq(reading == ZONE_TWICE, first < second);
		}
	}
	zone_free(&zone);
}
END_TEST

/* 2016-03-27 02:00 CET became 03:00 CEST at 01:00 UTC, and 2016-10-30 03:00 CEST became 02:00 CET at 01:00 UTC. */
START_TEST(the_changes_of_central_european_time_are_read_as_documented)
{
	static const struct {
		int month, day, hour, minute;
		enum zone_reading reading;
		int64_t first, second;
	} cases[] = {
		{3, 27, 1, 59, ZONE_ONCE, 1459040340, 1459040340},   {3, 27, 2, 0, ZONE_NEVER, 1459040400, 1459040400},
		{3, 27, 2, 30, ZONE_NEVER, 1459042200, 1459042200},  {3, 27, 3, 0, ZONE_ONCE, 1459040400, 1459040400},
		{10, 30, 1, 59, ZONE_ONCE, 1477785540, 1477785540},  {10, 30, 2, 0, ZONE_TWICE, 1477785600, 1477789200},
		{10, 30, 2, 59, ZONE_TWICE, 1477789140, 1477792740}, {10, 30, 3, 0, ZONE_ONCE, 1477792800, 1477792800},
	};
	struct zone *zone = loaded("Europe/Berlin");
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t local = calendar_days(2016, cases[i].month, cases[i].day) * CALENDAR_DAY +
		                cases[i].hour * 3600 + cases[i].minute * 60;
		int64_t first, second;

		ck_assert_int_eq(zone_utc(zone, local, &first, &second), cases[i].reading);
		ck_assert_int_eq(first, cases[i].first);
		ck_assert_int_eq(second, cases[i].second);
	}
	zone_free(&zone);
}
END_TEST

/* Apia had no 30 December 2011: the offset went from -10 to +14 hours. */
START_TEST(a_skipped_day_is_read_as_if_it_had_not_been_skipped)
{
	struct zone *zone = loaded("Pacific/Apia");
	int64_t noon = calendar_days(2011, 12, 30) * CALENDAR_DAY + 43200;
	int64_t first, second;

	ck_assert_int_eq(zone_utc(zone, noon, &first, &second), ZONE_NEVER);
	ck_assert_int_eq(first, noon + 10 * 3600);
	ck_assert_int_eq(second, first);
	zone_free(&zone);
}
END_TEST

START_TEST(the_system_zone_is_that_of_the_environment)
{
	static const struct {
		const char *tz;
		int32_t winter, summer;
	} cases[] = {
		{"Europe/Berlin", 3600, 7200},
		{":Europe/Berlin", 3600, 7200},
		{"CET-1CEST,M3.5.0,M10.5.0/3", 3600, 7200},
		{"<-0330>3:30", -12600, -12600},
		{"", 0, 0},
		{"No/Such_Place", 0, 0},
		{"/usr/share/zoneinfo/Asia/Tokyo", 32400, 32400},
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct zone *zone;

		setenv("TZ", cases[i].tz, 1);
		zone = zone_load(NULL, NULL);
		ck_assert_ptr_nonnull(zone);
		ck_assert_msg(zone_offset(zone, 1479112141) == cases[i].winter, "%s", cases[i].tz);
		ck_assert_msg(zone_offset(zone, 1469112141) == cases[i].summer, "%s", cases[i].tz);
		zone_free(&zone);
	}
}
END_TEST

START_TEST(a_name_that_is_none_is_an_error_that_names_it)
{
	static const char *const bad[] = {"Europe/Berln",   "",       "../zoneinfo/UTC",
	                                  "/etc/localtime", "Europe", "tzdata.zi"};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char *error = NULL;

		ck_assert_ptr_null(zone_load(bad[i], &error));
		ck_assert_ptr_nonnull(error);
		ck_assert_ptr_nonnull(strstr(error, bad[i]));
		free(error);
	}
}
END_TEST

static void write_file(const char *path, const char *bytes, size_t length)
{
	FILE *file = fopen(path, "wb");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(bytes, 1, length, file), length);
	ck_assert_int_eq(fclose(file), 0);
}

START_TEST(a_file_cut_anywhere_is_refused)
{
	char directory[] = "/tmp/check_zone.XXXXXX";
	char path[64];
	char bytes[8192];
	FILE *file = fopen("/usr/share/zoneinfo/Europe/Berlin", "rb");
	size_t length, cut;

	ck_assert_ptr_nonnull(file);
	length = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	ck_assert_uint_gt(length, 500);
	ck_assert_ptr_nonnull(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/Cut", directory);
	setenv("TZDIR", directory, 1);
	for (cut = 0; cut < length; cut++) {
		char *error = NULL;

		write_file(path, bytes, cut);
		ck_assert_msg(zone_load("Cut", &error) == NULL, "%zu of %zu bytes", cut, length);
		free(error);
	}
	unlink(path);
	rmdir(directory);
}
END_TEST

START_TEST(a_rule_is_refused_unless_it_is_one_as_a_whole)
{
	static const char *const good[] = {"UTC0",
	                                   "EST5EDT",
	                                   "<+0330>-3:30",
	                                   "WST3WDT4,0/0,J365/23",
	                                   "IST-1GMT0,M10.5.0,M3.5.0/1",
	                                   "<-03>3<-02>,M3.5.0/-2,M10.5.0/-1"};
	static const char *const bad[] = {"",
	                                  "X",
	                                  "CET",
	                                  "CET-1CEST,",
	                                  "CET-1CEST,M3.5.0",
	                                  "CET-1CEST,M13.5.0,M10.5.0",
	                                  "CET-1CEST,M3.6.0,M10.5.0",
	                                  "CET-1CEST,M3.5.0,M10.5.0/3x",
	                                  "CET-168",
	                                  "CET-25",
	                                  "CET-1CEST-25,M3.5.0,M10.5.0",
	                                  "CET-1CEST,M3",
	                                  "CET-1CEST,J0,J365",
	                                  "<+03-3"};
	struct zone_rule rule;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ck_assert_msg(zone_rule_parse(good[i], &rule), "%s", good[i]);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(!zone_rule_parse(bad[i], &rule), "%s", bad[i]);
}
END_TEST

/* libc applies such rules too. */
START_TEST(rules_say_what_libc_says)
{
	static const char *const rules[] = {"CET-1CEST,M3.5.0,M10.5.0/3",
	                                    "AEST-10AEDT,M10.1.0,M4.1.0/3",
	                                    "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
	                                    "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
	                                    "EST5EDT,J60/2,J300/2",
	                                    "EST5EDT,59/2,299/2",
	                                    "<+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45"};
	struct zone_rule rule;
	int64_t utc;

	setenv("TZ", rules[_i], 1);
	tzset();
	ck_assert(zone_rule_parse(rules[_i], &rule));
	for (utc = 946684800; utc < 1577836800; utc += 7201)
		ck_assert_msg(zone_rule_offset(&rule, utc) == libc_offset(utc), "%s at %lld", rules[_i],
		              (long long)utc);
}
END_TEST

START_TEST(the_calendar_agrees_with_libc)
{
	int64_t day;

	for (day = -30000; day < 60000; day++) {
		time_t t = (time_t)(day * CALENDAR_DAY);
		struct tm tm;

		gmtime_r(&t, &tm);
		ck_assert_int_eq(calendar_days(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday), day);
		ck_assert_int_eq(calendar_year(day), tm.tm_year + 1900);
		ck_assert_int_eq(calendar_weekday(day), tm.tm_wday);
		ck_assert_int_eq(calendar_day_of(day * CALENDAR_DAY + 86399), day);
		ck_assert_int_eq(calendar_day_of(day * CALENDAR_DAY), day);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("zone");
	TCase *tests = tcase_create("zone");

	suite_add_tcase(suite, tests);
	tcase_set_timeout(tests, 60);
	tcase_add_loop_test(tests, offsets_and_abbreviations_are_those_of_libc, 0, NAME_COUNT);
	tcase_add_loop_test(tests, a_local_time_leads_back_to_its_moment, 0, NAME_COUNT);
	tcase_add_test(tests, the_changes_of_central_european_time_are_read_as_documented);
	tcase_add_test(tests, a_skipped_day_is_read_as_if_it_had_not_been_skipped);
	tcase_add_test(tests, the_system_zone_is_that_of_the_environment);
	tcase_add_test(tests, a_name_that_is_none_is_an_error_that_names_it);
	tcase_add_test(tests, a_file_cut_anywhere_is_refused);
	tcase_add_test(tests, a_rule_is_refused_unless_it_is_one_as_a_whole);
	tcase_add_loop_test(tests, rules_say_what_libc_says, 0, 7);
	tcase_add_test(tests, the_calendar_agrees_with_libc);
	return suite_run(suite);
}
