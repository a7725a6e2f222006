/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of a host's silence against its norm: what is usual is told by the
 * host's own minutes, of the day before or of the same weekday and hour.
 */
#include <check.h>
#include <stdlib.h>

#include "daemon/correlate/host.h"
#include "daemon/correlate/silence.h"
#include "tests/suite.h"

#define NOON (INT64_C(1479124800) * SECOND) /* Monday, 2016-11-14 12:00 UTC */

static struct settings *settings;
static struct state *state;
static uint32_t host;

static void set_up(void)
{
	char *error = NULL;

	settings = settings_load(NULL, &error);
	ck_assert_msg(settings != NULL, "%s", error);
	state = state_new(settings);
	state->wall = NOON + 3000 * DAY;
	host = host_of(state, SLICE("mx1"));
}

static void tear_down(void)
{
	state_free(&state);
	settings_free(&settings);
}

static void line(int64_t at)
{
	host_take_line(state, host, at, at);
}

/* A line every so often, the last one before `until`. */
static void lines(int64_t from, int64_t until, int64_t every)
{
	for (int64_t at = from; at < until; at += every)
		line(at);
}

static struct silence at(int64_t now)
{
	state->log_clock = now;
	return silence_of(state, host);
}

static void check_silence(struct silence silence, bool silent, enum silence_norm norm, uint32_t spoke, uint32_t of)
{
	ck_assert_int_eq(silence.norm, norm);
	ck_assert_uint_eq(silence.spoke, spoke);
	ck_assert_uint_eq(silence.of, of);
	ck_assert(silence.silent == silent);
}

START_TEST(less_than_five_minutes_are_never_a_silence)
{
	lines(NOON - 3 * HOUR, NOON, SECOND * 10);
	ck_assert_int_eq(at(NOON + 4 * MINUTE).length, 4 * MINUTE + 10 * SECOND);
	check_silence(at(NOON + 4 * MINUTE), false, SILENCE_UNKNOWN, 0, 0);
	check_silence(at(NOON + 5 * MINUTE), true, SILENCE_DAY_BEFORE, 89, 89);
}
END_TEST

START_TEST(a_busy_host_is_judged_by_the_hours_before)
{
	lines(NOON - HOUR, NOON + 1, MINUTE);
	check_silence(at(NOON + 20 * MINUTE), true, SILENCE_DAY_BEFORE, 6, 6);
	/* Six stretches of eleven minutes do not fit into an hour. */
	check_silence(at(NOON + 22 * MINUTE), false, SILENCE_UNKNOWN, 0, 0);
}
END_TEST

START_TEST(what_is_longer_than_usual_is_told_from_what_is_not)
{
	lines(NOON - DAY, NOON + 1, 20 * MINUTE);
	check_silence(at(NOON + 20 * MINUTE), false, SILENCE_DAY_BEFORE, 72, 144);
	check_silence(at(NOON + 38 * MINUTE), false, SILENCE_DAY_BEFORE, 71, 75);
	check_silence(at(NOON + 40 * MINUTE), true, SILENCE_DAY_BEFORE, 72, 72);
}
END_TEST

START_TEST(one_outage_in_a_hundred_stretches_does_not_numb)
{
	lines(NOON - DAY, NOON - 6 * HOUR, MINUTE);
	lines(NOON - 6 * HOUR + 12 * MINUTE, NOON + 1, MINUTE);
	check_silence(at(NOON + 20 * MINUTE), true, SILENCE_DAY_BEFORE, 143, 144);
	lines(NOON + 30 * MINUTE, NOON + DAY - 6 * HOUR, MINUTE);
	lines(NOON + DAY - 5 * HOUR, NOON + DAY + 1, MINUTE);
	check_silence(at(NOON + DAY + 20 * MINUTE), false, SILENCE_DAY_BEFORE, 136, 144);
}
END_TEST

/* Working hours: from 8 to 18, Monday to Friday, for five weeks before Monday, 2016-11-14. */
static void working_hours(int64_t until)
{
	int64_t monday = NOON - 12 * HOUR;

	for (int64_t day = monday - 35 * DAY; day < until; day += DAY)
		if ((day - monday + 35 * DAY) / DAY % 7 < 5)
			lines(day + 8 * HOUR, day + 18 * HOUR < until ? day + 18 * HOUR : until, MINUTE);
}

START_TEST(nights_are_judged_by_nights)
{
	int64_t midnight = NOON + 12 * HOUR;

	working_hours(NOON + 6 * HOUR);
	check_silence(at(midnight), false, SILENCE_WEEKDAY_HOUR, 0, 8);
	/* Begun work, last week; but this Tuesday nobody is heard: an hour and a half of the last two were usual. */
	check_silence(at(midnight + 8 * HOUR), false, SILENCE_WEEKDAY_HOUR, 0, 8);
	check_silence(at(midnight + 9 * HOUR), false, SILENCE_WEEKDAY_HOUR, 4, 8);
	check_silence(at(midnight + 10 * HOUR), true, SILENCE_WEEKDAY_HOUR, 8, 8);
}
END_TEST

START_TEST(days_are_judged_by_the_same_weekday)
{
	working_hours(NOON);
	check_silence(at(NOON + 10 * MINUTE), true, SILENCE_WEEKDAY_HOUR, 96, 96);
	/* On Saturday it is never heard. */
	working_hours(NOON + 5 * DAY);
	check_silence(at(NOON + 5 * DAY), false, SILENCE_WEEKDAY_HOUR, 0, 8);
}
END_TEST

START_TEST(three_weeks_must_be_recorded)
{
	lines(NOON - 3 * 7 * DAY - HOUR, NOON + 1, MINUTE);
	check_silence(at(NOON + 10 * MINUTE), true, SILENCE_DAY_BEFORE, 288, 288);
	tear_down();
	set_up();
	lines(NOON - 3 * 7 * DAY - 2 * HOUR, NOON + 1, MINUTE);
	check_silence(at(NOON + 10 * MINUTE), true, SILENCE_WEEKDAY_HOUR, 72, 72);
}
END_TEST

START_TEST(a_host_that_is_silent_for_a_week_is_gone)
{
	lines(NOON - 30 * DAY, NOON, MINUTE);
	check_silence(at(NOON + 7 * DAY - MINUTE), true, SILENCE_WEEKDAY_HOUR, 8, 8);
	check_silence(at(NOON + 7 * DAY), false, SILENCE_UNKNOWN, 0, 0);
}
END_TEST

START_TEST(a_host_of_one_line_has_no_norm)
{
	line(NOON);
	check_silence(at(NOON + DAY), false, SILENCE_UNKNOWN, 0, 0);
	ck_assert_ptr_null(silence_norm_name(SILENCE_UNKNOWN));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("silence");
	TCase *tests = tcase_create("silence");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, less_than_five_minutes_are_never_a_silence);
	tcase_add_test(tests, a_busy_host_is_judged_by_the_hours_before);
	tcase_add_test(tests, what_is_longer_than_usual_is_told_from_what_is_not);
	tcase_add_test(tests, one_outage_in_a_hundred_stretches_does_not_numb);
	tcase_add_test(tests, nights_are_judged_by_nights);
	tcase_add_test(tests, days_are_judged_by_the_same_weekday);
	tcase_add_test(tests, three_weeks_must_be_recorded);
	tcase_add_test(tests, a_host_that_is_silent_for_a_week_is_gone);
	tcase_add_test(tests, a_host_of_one_line_has_no_norm);
	suite_add_tcase(suite, tests);
	return suite_run(suite);
}
