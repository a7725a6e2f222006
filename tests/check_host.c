/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of host clocks: what moves them, which lines are late, and how lines
 * are counted by hour; how long a host was silent.
 */
#include <check.h>
#include <stdlib.h>

#include "daemon/correlate/coverage.h"
#include "daemon/correlate/host.h"
#include "tests/suite.h"

#define NOON (INT64_C(1479124800) * SECOND) /* 2016-11-14 12:00 UTC */
#define LONG_AFTER (NOON + 3000 * DAY)

static struct settings *settings;
static struct state *state;
static uint32_t host;

static void set_up(void)
{
	char *error = NULL;

	settings = settings_load(NULL, &error);
	ck_assert_msg(settings != NULL, "%s", error);
	state = state_new(settings);
	state->wall = LONG_AFTER;
	host = host_of(state, SLICE("mx1"));
}

static void tear_down(void)
{
	state_free(&state);
	settings_free(&settings);
}

static void check_line_of(uint32_t of, int64_t told, int64_t other, int64_t time, bool late, int64_t clock)
{
	struct host_line line = host_take_line(state, of, told, other);

	ck_assert_uint_eq(line.host, of);
	ck_assert_int_eq(line.time, time);
	ck_assert(line.late == late);
	ck_assert_int_eq(state->hosts[of].clock, clock);
}

static void check_line(int64_t told, int64_t time, bool late, int64_t clock)
{
	check_line_of(host, told, told, time, late, clock);
}

START_TEST(a_name_is_a_host)
{
	ck_assert_uint_ne(host, 0);
	ck_assert_uint_eq(host_of(state, SLICE("mx1")), host);
	ck_assert_uint_ne(host_of(state, SLICE("mx2")), host);
	ck_assert_int_eq(state->hosts[host].clock, TIME_NONE);
	ck_assert_uint_eq(state->host_count, 3);
}
END_TEST

START_TEST(the_clock_is_the_latest_time_and_never_goes_back)
{
	check_line(NOON, NOON, false, NOON);
	check_line(NOON + 3 * SECOND, NOON + 3 * SECOND, false, NOON + 3 * SECOND);
	check_line(NOON + SECOND, NOON + SECOND, false, NOON + 3 * SECOND);
	check_line(NOON - 10 * MINUTE, NOON - 10 * MINUTE, true, NOON + 3 * SECOND);
	check_line(NOON - 10 * DAY, NOON - 10 * DAY, true, NOON + 3 * SECOND);
	ck_assert_int_eq(state->log_clock, NOON + 3 * SECOND);
}
END_TEST

START_TEST(a_line_is_late_beyond_the_join_window_of_its_own_host)
{
	int64_t window = settings->input.join_window;
	uint32_t other = host_of(state, SLICE("mx2"));

	check_line(NOON, NOON, false, NOON);
	check_line(NOON - window, NOON - window, false, NOON);
	check_line(NOON - window - 1, NOON - window - 1, true, NOON);
	/* whatever the others' clocks */
	check_line_of(other, NOON - HOUR, NOON - HOUR, NOON - HOUR, false, NOON - HOUR);
	ck_assert_int_eq(state->log_clock, NOON);
	ck_assert_int_eq(state->hosts[host].hours[state->hosts[host].hour_count - 2].late, 1);
}
END_TEST

START_TEST(a_jump_of_up_to_a_day_is_believed_at_once)
{
	check_line(NOON, NOON, false, NOON);
	check_line(NOON + DAY, NOON + DAY, false, NOON + DAY);
}
END_TEST

/* After a quiet weekend the lines are what they say; only the clock waits. */
START_TEST(a_jump_of_more_than_a_day_moves_the_clock_after_100_lines_in_a_row)
{
	int64_t monday = NOON + 2 * DAY;

	check_line(NOON, NOON, false, NOON);
	for (int i = 1; i < 100; i++)
		check_line(monday + i * SECOND, monday + i * SECOND, false, NOON);
	ck_assert_int_eq(state->log_clock, NOON);
	check_line(monday + MINUTE, monday + MINUTE, false, monday + MINUTE);
	check_line(NOON, NOON, true, monday + MINUTE);
}
END_TEST

START_TEST(a_line_of_the_old_time_between_starts_the_count_anew)
{
	int64_t monday = NOON + 2 * DAY;

	check_line(NOON, NOON, false, NOON);
	for (int i = 1; i < 100; i++)
		check_line(monday, monday, false, NOON);
	check_line(NOON + SECOND, NOON + SECOND, false, NOON + SECOND);
	for (int i = 1; i < 100; i++)
		check_line(monday, monday, false, NOON + SECOND);
	check_line(monday, monday, false, monday);
}
END_TEST

START_TEST(times_that_do_not_agree_confirm_nothing)
{
	int64_t far = NOON + 2 * DAY;

	check_line(NOON, NOON, false, NOON);
	for (int i = 0; i < 300; i++)
		check_line(far + i * 2 * DAY, far + i * 2 * DAY, false, NOON);
	for (int i = 0; i < 300; i++)
		check_line(far + (300 - i) * 2 * DAY, far + (300 - i) * 2 * DAY, false, NOON);
	/* 99 of one day, then a broken one: that does not decide. */
	for (int i = 0; i < 99; i++)
		check_line(far, far, false, NOON);
	check_line(far + 900 * DAY, far + 900 * DAY, false, NOON);
}
END_TEST

START_TEST(a_time_beyond_the_wall_clock_moves_nothing)
{
	state->wall = NOON + MINUTE;
	check_line(NOON, NOON, false, NOON);
	for (int i = 0; i < 300; i++)
		check_line(NOON + HOUR, NOON, i >= 100, NOON);
	for (int i = 0; i < 300; i++)
		check_line(NOON + 3 * DAY, NOON, i >= 100, NOON);
	ck_assert_int_eq(state->log_clock, NOON);
	ck_assert_int_eq(state->hosts[1].hours[0].late, 600);
	check_line(NOON + SECOND, NOON + SECOND, false, NOON + SECOND);
	check_line(NOON + DAY, NOON + SECOND, false, NOON + SECOND);
}
END_TEST

/* A host whose clock is a little fast: its lines count at their own times, as they will when they are read again. */
START_TEST(a_clock_that_is_a_little_fast_is_no_lie)
{
	int64_t window = settings->input.join_window;

	state->wall = NOON;
	check_line(NOON + SECOND, NOON + SECOND, false, NOON);
	check_line(NOON + window, NOON + window, false, NOON);
	check_line(NOON + window + 1, NOON, false, NOON);
	ck_assert_int_eq(state->log_clock, NOON);
}
END_TEST

START_TEST(a_host_whose_first_line_is_impossible_begins_now)
{
	state->wall = NOON;
	check_line(NOON + DAY, NOON, true, TIME_NONE);
	check_line(NOON - HOUR, NOON - HOUR, false, NOON - HOUR);
}
END_TEST

/* 03:00 CEST became 02:00 CET at 01:00 UTC: what the clock showed at 00:30 UTC it showed again at 01:30 UTC. */
START_TEST(the_repeated_hour_is_told_by_the_order_of_lines)
{
	int64_t change = NOON;

	check_line(change - 90 * MINUTE, change - 90 * MINUTE, false, change - 90 * MINUTE);
	/* the first pass */
	for (int64_t m = -60; m < 0; m++)
		check_line_of(host, change + m * MINUTE, change + m * MINUTE + HOUR, change + m * MINUTE, false,
		              change + m * MINUTE);
	/* told a little late within it */
	check_line_of(host, change - 4 * MINUTE, change - 4 * MINUTE + HOUR, change - 4 * MINUTE, false,
	              change - MINUTE);
	/* the second; the order in which the two readings come does not matter */
	for (int64_t m = -60; m < 0; m++)
		check_line_of(host, change + m * MINUTE + HOUR, change + m * MINUTE, change + m * MINUTE + HOUR, false,
		              change + m * MINUTE + HOUR);
	check_line_of(host, change + 56 * MINUTE, change - 4 * MINUTE, change + 56 * MINUTE, false,
	              change + 59 * MINUTE);
	check_line(change + HOUR, change + HOUR, false, change + HOUR);
}
END_TEST

START_TEST(the_first_line_of_a_host_is_of_the_first_pass)
{
	check_line_of(host, NOON + HOUR, NOON, NOON, false, NOON);
}
END_TEST

/* In a live run a late line of the first pass cannot be of a second that is still to come. */
START_TEST(the_second_pass_is_not_before_it_has_come)
{
	state->wall = NOON + 50 * MINUTE;
	check_line(NOON + 49 * MINUTE, NOON + 49 * MINUTE, false, NOON + 49 * MINUTE);
	check_line_of(host, NOON + 10 * MINUTE, NOON + 70 * MINUTE, NOON + 10 * MINUTE, true, NOON + 49 * MINUTE);
}
END_TEST

START_TEST(each_hour_has_its_counters_in_order)
{
	static const int64_t hours[] = {5, 3, 4, 5, 0, 3, 5};
	const struct host *h;

	for (int i = 0; i < 7; i++)
		host_take_line(state, host, NOON + hours[i] * HOUR + i * MINUTE, NOON + hours[i] * HOUR + i * MINUTE);
	h = &state->hosts[host];
	ck_assert_uint_eq(h->hour_count, 4);
	for (uint32_t i = 0; i < 4; i++) {
		static const int64_t at[] = {0, 3, 4, 5}, lines[] = {1, 2, 1, 3}, late[] = {1, 2, 1, 0};
		static const int64_t first[] = {4, 1, 2, 0}, last[] = {4, 5, 2, 6};
		static const uint64_t minutes[] = {1 << 4, 1 << 1 | 1 << 5, 1 << 2, 1 << 0 | 1 << 3 | 1 << 6};

		ck_assert_int_eq(h->hours[i].hour, NOON + at[i] * HOUR);
		ck_assert_int_eq(h->hours[i].lines, lines[i]);
		ck_assert_int_eq(h->hours[i].late, late[i]);
		ck_assert_int_eq(h->hours[i].first_at, NOON + at[i] * HOUR + first[i] * MINUTE);
		ck_assert_int_eq(h->hours[i].last_at, NOON + at[i] * HOUR + last[i] * MINUTE);
		ck_assert_uint_eq(h->hours[i].minutes, minutes[i]);
	}
}
END_TEST

/* Orphans and unfinished recipients are counted long after the line that moved the host's clock. */
START_TEST(an_hour_that_is_counted_in_marks_its_host)
{
	check_line(NOON, NOON, false, NOON);
	state->hosts[host].dirty = false;
	host_hour_of(state, host, NOON)->orphans++;
	ck_assert(state->hosts[host].dirty);
	state->hosts[host].dirty = false;
	host_hour_of(state, host, NOON - HOUR)->unfinished++;
	ck_assert(state->hosts[host].dirty);
}
END_TEST

START_TEST(hours_before_1970_are_whole_too)
{
	struct host_hour *hour;

	check_line(-MINUTE, -MINUTE, false, -MINUTE);
	hour = host_hour_of(state, host, -MINUTE);
	ck_assert_int_eq(hour->hour, -HOUR);
	ck_assert_uint_eq(hour->minutes, UINT64_C(1) << 59);
	ck_assert_ptr_eq(host_hour_of(state, host, -HOUR), hour);
	ck_assert_int_eq(host_hour_of(state, host, 0)->hour, 0);
}
END_TEST

static void check_gap(int64_t from, int64_t until, int64_t minutes)
{
	struct coverage_waiting *waiting = coverage_waiting_new(state);
	struct coverage_row *rows = coverage_make(state, waiting, from, until);

	ck_assert_int_eq(rows[host].gap_ms, minutes < 0 ? -1 : minutes * 60000);
	free(rows);
	coverage_waiting_free(&waiting);
}

START_TEST(in_some_hours_a_host_is_silent_from_their_beginning_to_their_end)
{
	static const int64_t told[] = {0, 40, 70};

	for (int i = 0; i < 3; i++)
		check_line(NOON + told[i] * MINUTE, NOON + told[i] * MINUTE, false, NOON + told[i] * MINUTE);
	check_gap(INT64_MIN, INT64_MAX, 39);
	check_gap(NOON + 5 * MINUTE, NOON + 5 * MINUTE, 39);
	check_gap(NOON + HOUR, NOON + HOUR, 10); /* silent before, and no time has passed since */
	state->log_clock = NOON + 90 * MINUTE;
	check_gap(NOON + HOUR, NOON + HOUR, 19);
	state->log_clock = NOON + DAY;
	check_gap(NOON + HOUR, NOON + HOUR, 49);
	check_gap(NOON + HOUR, NOON + 2 * HOUR, 109);
	check_gap(NOON - HOUR, NOON, 39); /* of the time before its first line nobody knows */
	check_gap(NOON + 3 * HOUR, NOON + 3 * HOUR, -1);
	check_gap(INT64_MIN, INT64_MAX, 39);
}
END_TEST

/* Hours are kept for five weeks; older ones become one. */
START_TEST(of_hours_that_were_summed_up_no_silence_is_known)
{
	for (int64_t i = 0; i < 1000; i++)
		host_take_line(state, host, NOON + i * HOUR, NOON + i * HOUR);
	ck_assert_uint_lt(state->hosts[host].hour_count, 1000);
	check_gap(INT64_MIN, INT64_MAX, 59);
}
END_TEST

static void take_each(uint32_t of, int64_t time, int64_t other, uint32_t lines)
{
	for (uint32_t i = 0; i < lines; i++)
		host_take_line(state, of, time, other);
}

/* How many of them were only counted. */
static uint32_t take_together(uint32_t of, int64_t time, int64_t other, uint32_t lines)
{
	struct host_line line = host_take_line(state, of, time, other);
	uint32_t more = 0;

	for (uint32_t i = 1; i < lines; i++)
		line = host_take_next(state, line, time, other, &more);
	host_take_more(state, line, more);
	return more;
}

static void check_same_host(const struct host *a, const struct host *b)
{
	ck_assert_int_eq(a->clock, b->clock);
	ck_assert_int_eq(a->ahead_since, b->ahead_since);
	ck_assert_int_eq(a->ahead_time, b->ahead_time);
	ck_assert_uint_eq(a->hour_count, b->hour_count);
	for (uint32_t i = 0; i < a->hour_count; i++)
		ck_assert_mem_eq(&a->hours[i], &b->hours[i], sizeof(a->hours[i]));
}

/* Ordinary times, late ones, days ahead, beyond the wall clock, and the hour that is told twice. */
START_TEST(lines_of_one_time_are_counted_together_as_each_by_itself)
{
	uint32_t other = host_of(state, SLICE("mx2"));
	int64_t now = NOON;
	unsigned all = 0, none = 0, some = 0;

	srand(7);
	for (unsigned i = 0; i < 3000; i++) {
		uint32_t lines = 2 + (uint32_t)rand() % 200, more;
		int kind = rand() % 12;
		int64_t time = now + rand() % 3 * SECOND;

		now += rand() % 20 * SECOND;
		time += kind == 0 ? -HOUR : kind == 1 ? 3 * DAY : kind == 2 ? 9000 * DAY : kind == 3 ? -6 * MINUTE : 0;
		take_each(host, time, kind == 4 ? time - HOUR : time, lines);
		more = take_together(other, time, kind == 4 ? time - HOUR : time, lines);
		all += more == lines - 1;
		none += more == 0;
		some += more > 0 && more < lines - 1;
		check_same_host(&state->hosts[host], &state->hosts[other]);
		now = state->hosts[host].clock > now ? state->hosts[host].clock : now;
	}
	ck_assert_uint_gt(all, 1500);
	ck_assert_uint_gt(none, 200);
	ck_assert_uint_gt(some, 20);
}
END_TEST

START_TEST(the_slowest_clock_is_of_a_host_that_keeps_up)
{
	uint32_t two = host_of(state, SLICE("mx2")), three = host_of(state, SLICE("mx3"));

	host_of(state, SLICE("silent"));
	ck_assert_int_eq(host_slowest_clock(state), state->log_clock);
	check_line(NOON, NOON, false, NOON);
	ck_assert_int_eq(host_slowest_clock(state), NOON);
	host_take_line(state, two, NOON - 20 * MINUTE, NOON - 20 * MINUTE);
	host_take_line(state, three, NOON - 2 * HOUR - 1, NOON - 2 * HOUR - 1);
	ck_assert_int_eq(host_slowest_clock(state), NOON - 20 * MINUTE);
	host_take_line(state, three, NOON - 2 * HOUR, NOON - 2 * HOUR);
	ck_assert_int_eq(host_slowest_clock(state), NOON - 2 * HOUR);
	/* The log as a whole went on without lines. */
	state->log_clock = NOON + DAY;
	ck_assert_int_eq(host_slowest_clock(state), NOON + DAY);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("host");
	TCase *tests = tcase_create("host");

	suite_add_tcase(suite, tests);
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, a_name_is_a_host);
	tcase_add_test(tests, the_clock_is_the_latest_time_and_never_goes_back);
	tcase_add_test(tests, a_line_is_late_beyond_the_join_window_of_its_own_host);
	tcase_add_test(tests, a_jump_of_up_to_a_day_is_believed_at_once);
	tcase_add_test(tests, a_jump_of_more_than_a_day_moves_the_clock_after_100_lines_in_a_row);
	tcase_add_test(tests, a_line_of_the_old_time_between_starts_the_count_anew);
	tcase_add_test(tests, times_that_do_not_agree_confirm_nothing);
	tcase_add_test(tests, a_time_beyond_the_wall_clock_moves_nothing);
	tcase_add_test(tests, a_clock_that_is_a_little_fast_is_no_lie);
	tcase_add_test(tests, a_host_whose_first_line_is_impossible_begins_now);
	tcase_add_test(tests, the_repeated_hour_is_told_by_the_order_of_lines);
	tcase_add_test(tests, the_first_line_of_a_host_is_of_the_first_pass);
	tcase_add_test(tests, the_second_pass_is_not_before_it_has_come);
	tcase_add_test(tests, each_hour_has_its_counters_in_order);
	tcase_add_test(tests, an_hour_that_is_counted_in_marks_its_host);
	tcase_add_test(tests, hours_before_1970_are_whole_too);
	tcase_add_test(tests, in_some_hours_a_host_is_silent_from_their_beginning_to_their_end);
	tcase_add_test(tests, of_hours_that_were_summed_up_no_silence_is_known);
	tcase_add_test(tests, lines_of_one_time_are_counted_together_as_each_by_itself);
	tcase_add_test(tests, the_slowest_clock_is_of_a_host_that_keeps_up);
	return suite_run(suite);
}
