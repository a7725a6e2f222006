/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of what the daemon tells of itself: since when something is unread,
 * whatever comes after it; what share of the last hour was not understood;
 * when it is due. Time is an argument, so that hours pass at once.
 */
#define _GNU_SOURCE
#include <check.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/correlate/state.h"
#include "daemon/health.h"
#include "daemon/source/backend.h"
#include "tests/suite.h"

#define NOON (INT64_C(1479124800) * SECOND) /* 2016-11-14 12:00 UTC */

static char folder[64], path[96];
static struct settings *settings;
static struct state *state;
static struct store *store;
static struct source source;
static struct source_partition *partition;
static struct store_position position;
static struct health *health;
static const char *trouble;

static const char *tell_trouble(const struct source *of)
{
	ck_assert_ptr_eq(of, &source);
	return trouble;
}

static const struct source_backend backend = {.trouble = tell_trouble};

static void set_up(void)
{
	char *error = NULL;

	snprintf(folder, sizeof(folder), "/tmp/check_health.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/mailstorm.db", folder);
	settings = settings_load(NULL, &error);
	state = state_new(settings);
	store = store_open(path, &error);
	ck_assert_msg(store != NULL, "%s", error);
	source_prepare(&source, &backend);
	partition = source_add(&source, "kafka", "mail-logs", 0);
	position = (struct store_position){.source = "kafka",
	                                   .topic = "mail-logs",
	                                   .first_at = TIME_NONE,
	                                   .last_at = TIME_NONE};
	health = health_new(true, NOON);
	trouble = NULL;
}

static void tear_down(void)
{
	char command[96];

	health_free(&health);
	store_close(&store);
	source_release(&source);
	state_free(&state);
	settings_free(&settings);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	ck_assert_int_eq(system(command), 0);
}

/* A checkpoint where the partition ends at `size` and is taken in up to `next`. */
static void checkpoint(int64_t now, int64_t size, int64_t next, bool final)
{
	partition->size = size;
	position.next_offset = next;
	ck_assert(store_begin(store));
	ck_assert(store_put_position(store, &position));
	ck_assert(health_put(health, store, state, &source, &position, 1, final, now));
	ck_assert_msg(store_commit(store), "%s", store_error(store));
}

static void check_sql(const char *sql, const char *expected)
{
	sqlite3 *reader;
	sqlite3_stmt *row;
	const char *text;

	ck_assert_int_eq(sqlite3_open_v2(path, &reader, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	ck_assert_msg(sqlite3_prepare_v2(reader, sql, -1, &row, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(reader));
	ck_assert_int_eq(sqlite3_step(row), SQLITE_ROW);
	text = (const char *)sqlite3_column_text(row, 0);
	ck_assert_str_eq(text ? text : "NULL", expected);
	sqlite3_finalize(row);
	sqlite3_close(reader);
}

/* unread, and since when, seconds after noon. */
static void check_unread(const char *expected)
{
	check_sql(
		"SELECT unread || ' since ' || ifnull(strftime('%s', unread_since_wall_at) - 1479124800, '-') FROM sources",
		expected);
}

START_TEST(what_is_unread_is_so_since_it_was_seen_first)
{
	checkpoint(NOON, 100, 100, false);
	check_unread("0 since -");
	checkpoint(NOON + 10 * SECOND, 150, 100, false);
	check_unread("50 since 10");
	/* More comes, and some is read: what was there after ten seconds is not all read yet. */
	checkpoint(NOON + 20 * SECOND, 400, 149, false);
	check_unread("251 since 10");
	/* Now it is; the rest was there at this moment, at the latest. */
	checkpoint(NOON + 30 * SECOND, 400, 150, false);
	check_unread("250 since 30");
	checkpoint(NOON + 95 * SECOND, 9000, 399, false);
	check_unread("8601 since 30");
	checkpoint(NOON + 105 * SECOND, 9000, 9000, false);
	check_unread("0 since -");
}
END_TEST

START_TEST(a_busy_partition_that_is_read_soon_is_never_behind_for_long)
{
	for (int i = 0; i < 100; i++) {
		char expected[64];

		checkpoint(NOON + i * 10 * SECOND, 1000 * (i + 1), 1000 * i, false);
		snprintf(expected, sizeof(expected), "1000 since %d", i * 10);
		check_unread(expected);
	}
}
END_TEST

START_TEST(an_end_that_is_not_known_is_unknown)
{
	checkpoint(NOON, -1, 7, false);
	check_sql("SELECT end_offset || unread || unread_since_wall_at FROM sources", "NULL");
	check_sql("SELECT count(*) FROM sources WHERE end_offset IS NULL AND unread IS NULL", "1");
}
END_TEST

START_TEST(a_rotated_file_is_behind_until_the_new_one_is_reached)
{
	position.inode = partition->inode = 7;
	checkpoint(NOON, 500, 400, false);
	check_unread("100 since 0");
	/* The source reads the next file already; the first is not taken in yet. */
	partition->inode = 8;
	checkpoint(NOON + 10 * SECOND, 30, 450, false);
	check_sql(
		"SELECT ifnull(unread, 'unknown') || ' ' || (strftime('%s', unread_since_wall_at) - 1479124800) FROM sources",
		"unknown 0");
	position.inode = 8;
	checkpoint(NOON + 20 * SECOND, 30, 30, false);
	check_unread("0 since -");
}
END_TEST

START_TEST(the_last_hour_is_the_last_hour)
{
	for (int minute = 0; minute < 90; minute++) {
		health_lines(health, LINE_EVENT, 3, NOON + minute * MINUTE);
		health_lines(health, LINE_IGNORED, 1, NOON + minute * MINUTE);
		if (minute < 31)
			health_lines(health, LINE_UNPARSED, 2, NOON + minute * MINUTE + SECOND);
	}
	checkpoint(NOON + 89 * MINUTE, 0, 0, false);
	check_sql("SELECT recent_lines || ' ' || recent_unparsed FROM health", "182 2");
	checkpoint(NOON + 90 * MINUTE, 0, 0, false);
	check_sql("SELECT recent_lines || ' ' || recent_unparsed FROM health", "177 0");
	checkpoint(NOON + 300 * MINUTE, 0, 0, false);
	check_sql("SELECT recent_lines || ' ' || recent_unparsed FROM health", "0 0");
}
END_TEST

START_TEST(it_is_written_now_and_then_and_at_the_end)
{
	ck_assert(health_due(health, NOON));
	checkpoint(NOON, 0, 0, false);
	ck_assert(!health_due(health, NOON + 4 * SECOND));
	checkpoint(NOON + 4 * SECOND, 0, 0, false);
	check_sql("SELECT checkpoint_wall_at FROM health", "2016-11-14T12:00:00.000Z");
	ck_assert(health_due(health, NOON + 5 * SECOND));
	trouble = "no broker";
	checkpoint(NOON + 5 * SECOND, 0, 0, false);
	check_sql(
		"SELECT live || ' ' || started_wall_at || ' ' || checkpoint_wall_at || ' ' || ifnull(stopped_wall_at, '-') ||"
		" ' ' || ifnull(log_at, '-') || ' ' || trouble FROM health",
		"1 2016-11-14T12:00:00.000Z 2016-11-14T12:00:05.000Z - - no broker");
	checkpoint(NOON + 6 * SECOND, 0, 0, true);
	check_sql("SELECT stopped_wall_at FROM health", "2016-11-14T12:00:06.000Z");
	/* A clock that was put back holds nothing up. */
	ck_assert(health_due(health, NOON - HOUR));
	health_free(&health);
	health = health_new(false, NOON);
	ck_assert(!health_due(health, NOON + HOUR));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("health");
	TCase *tests = tcase_create("health");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, what_is_unread_is_so_since_it_was_seen_first);
	tcase_add_test(tests, a_busy_partition_that_is_read_soon_is_never_behind_for_long);
	tcase_add_test(tests, an_end_that_is_not_known_is_unknown);
	tcase_add_test(tests, a_rotated_file_is_behind_until_the_new_one_is_reached);
	tcase_add_test(tests, the_last_hour_is_the_last_hour);
	tcase_add_test(tests, it_is_written_now_and_then_and_at_the_end);
	suite_add_tcase(suite, tests);
	return suite_run(suite);
}
