/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of what is made to fit: the columns of a grid, paragraphs, and the
 * minutes of a timeline.
 */
#define _GNU_SOURCE
#include <check.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/report/bars.h"
#include "daemon/report/grid.h"
#include "daemon/report/prose.h"
#include "tests/suite.h"

static const struct grid_column columns[] = {{"ID", GRID_WORD, 0},
                                             {"SUBJECT", GRID_TEXT, 2},
                                             {"LIST", GRID_TEXT, 0},
                                             {"POSTS", GRID_FIGURE, 1}};

/* What two rows look like on a terminal of that width. */
static void assert_rows(int width, const char *expected)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct grid *grid = grid_new(out, columns, 4, width, SAFE_UTF8);

	grid_add(grid, (const char *const[]){"1", "Out of office again", "all@example.org", "1,234"});
	grid_add(grid, (const char *const[]){"22", "収件人", "everyone-in-the-house@example.org", "5"});
	grid_end(&grid);
	ck_assert_ptr_null(grid);
	fclose(out);
	ck_assert_str_eq(text, expected);
	free(text);
}

START_TEST(a_grid_is_as_wide_as_its_contents_where_there_is_room)
{
	assert_rows(80, "ID  SUBJECT              LIST                               POSTS\n"
	                "1   Out of office again  all@example.org                    1,234\n"
	                "22  収件人               everyone-in-the-house@example.org      5\n");
}
END_TEST

START_TEST(a_grid_cuts_its_widest_texts_first)
{
	assert_rows(50, "ID  SUBJECT             LIST                 POSTS\n"
	                "1   Out of office aga…  all@example.org      1,234\n"
	                "22  収件人              everyone-in-the-ho…      5\n");
}
END_TEST

START_TEST(a_narrow_grid_leaves_out_what_can_be_spared_and_keeps_the_rest)
{
	assert_rows(40, "ID  LIST                           POSTS\n"
	                "1   all@example.org                1,234\n"
	                "22  everyone-in-the-house@exampl…      5\n");
	assert_rows(20, "ID  LIST\n"
	                "1   all@example.org\n"
	                "22  everyone-in-the…\n");
	assert_rows(1, "ID  LIST\n"
	               "1   all@example.o…\n"
	               "22  everyone-in-t…\n");
}
END_TEST

static void assert_names(int width, const char *expected)
{
	static const struct grid_column of[] = {{"MAILBOX", GRID_NAME, 0},
	                                        {"COPIES", GRID_FIGURE, 0},
	                                        {"WHEN", GRID_WORD, 1}};
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct grid *grid = grid_new(out, of, 3, width, SAFE_UTF8);

	grid_add(grid, (const char *const[]){"somebody.with.a.long.name@example.org", "1", "2016-11-14 08:29:11"});
	grid_end(&grid);
	fclose(out);
	ck_assert_str_eq(text, expected);
	free(text);
}

START_TEST(a_name_is_cut_only_where_nothing_else_can_go)
{
	assert_names(66, "MAILBOX                                COPIES  WHEN\n"
	                 "somebody.with.a.long.name@example.org       1  2016-11-14 08:29:11\n");
	assert_names(65, "MAILBOX                               COPIES  WHEN\n"
	                 "somebody.with.a.long.name@example.o…       1  2016-11-14 08:29:11\n");
	assert_names(64, "MAILBOX                                COPIES\n"
	                 "somebody.with.a.long.name@example.org       1\n");
	assert_names(44, "MAILBOX                               COPIES\n"
	                 "somebody.with.a.long.name@example.o…       1\n");
}
END_TEST

START_TEST(a_last_column_of_prose_goes_on_below_itself)
{
	static const struct grid_column of[] = {{"N", GRID_FIGURE, 0}, {"WHAT IT IS", GRID_PROSE, 0}};
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct grid *grid = grid_new(out, of, 2, 36, SAFE_UTF8);

	grid_add(grid, (const char *const[]){"12", "Mailboxes that got at least one post of it."});
	grid_end(&grid);
	fclose(out);
	ck_assert_str_eq(text, " N  WHAT IT IS\n"
	                       "12  Mailboxes that got at least one\n"
	                       "    post of it.\n");
	free(text);
}
END_TEST

START_TEST(a_grid_without_rows_has_its_headings)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct grid *grid = grid_new(out, columns, 4, 80, SAFE_UTF8);

	grid_end(&grid);
	fclose(out);
	ck_assert_str_eq(text, "ID  SUBJECT  LIST  POSTS\n");
	free(text);
}
END_TEST

START_TEST(a_grid_writes_on_after_the_thousand_rows_that_it_measures)
{
	static const struct grid_column of[] = {{"TEXT", GRID_TEXT, 0}, {"N", GRID_FIGURE, 0}};
	char *text = NULL;
	size_t size, lines = 0;
	FILE *out = open_memstream(&text, &size);
	struct grid *grid = grid_new(out, of, 2, 80, SAFE_UTF8);

	for (int i = 0; i < 1500; i++)
		grid_add(grid, (const char *const[]){"abcd", "1"});
	grid_add(grid, (const char *const[]){"abcdef", "1,234"});
	fflush(out);
	ck_assert_uint_gt(size, 0); /* before the end */
	grid_end(&grid);
	fclose(out);
	for (const char *at = text; (at = strchr(at, '\n')) != NULL; at++)
		lines++;
	ck_assert_uint_eq(lines, 1502);
	ck_assert_str_eq(text + size - strlen("abcd  1\nabc…  1,234\n"), "abcd  1\nabc…  1,234\n");
	free(text);
}
END_TEST

START_TEST(a_paragraph_is_broken_but_not_within_a_time_or_a_count)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct prose *prose = prose_new(out, 30, SAFE_UTF8, NULL);

	prose_end(prose);
	prose_say(prose, "The list was closed by %s after %s.", prose_time(prose, "2016-11-14T08:29:11.000Z"),
	          prose_many(prose, 1234, "reply", "replies"));
	prose_end(prose);
	prose_say(prose, "%s: %s %s", prose_text(prose, "\x1b[2J"), prose_time(prose, NULL),
	          prose_many(prose, 1, "reply", "replies"));
	prose_end(prose);
	ck_assert_ptr_null(prose_text(prose, NULL));
	prose_free(&prose);
	fclose(out);
	ck_assert_str_eq(text, "The list was closed by\n"
	                       "2016-11-14 08:29:11 UTC after\n"
	                       "1,234 replies.\n\n"
	                       "\\x1b[2J: an unknown time\n"
	                       "1 reply\n\n");
	free(text);
}
END_TEST

static void assert_row(const struct bars *bars, size_t i, struct bars_row row)
{
	ck_assert_uint_lt(i, bars->count);
	ck_assert_int_eq(bars->rows[i].from, row.from);
	ck_assert_int_eq(bars->rows[i].to, row.to);
	ck_assert_int_eq(bars->rows[i].deliveries, row.deliveries);
	ck_assert_int_eq(bars->rows[i].pending, row.pending);
	ck_assert_int_eq(bars->rows[i].folded, row.folded);
}

START_TEST(minutes_stand_alone_where_they_fit)
{
	const struct bars_minute minutes[] = {{0, 5, 9, true}, {60, 0, 9, false}, {120, 9, 0, false}};
	struct bars bars;

	bars_make(&bars, minutes, 3, 10, 80);
	ck_assert_uint_eq(bars.count, 3);
	ck_assert_int_eq(bars.step, 1);
	ck_assert_int_eq(bars.most_deliveries, 9);
	ck_assert_int_eq(bars.most_pending, 9);
	assert_row(&bars, 0, (struct bars_row){.from = 0, .to = 60, .deliveries = 5, .pending = 9});
	assert_row(&bars, 1, (struct bars_row){.from = 60, .to = 120, .deliveries = 0, .pending = 9});
	assert_row(&bars, 2, (struct bars_row){.from = 120, .to = 180, .deliveries = 9, .pending = 0});
	bars_clear(&bars);
	bars_make(&bars, minutes, 0, 10, 80);
	ck_assert_uint_eq(bars.count, 0);
	bars_clear(&bars);
}
END_TEST

START_TEST(a_quiet_time_is_folded_unless_something_marked_fell_in_it)
{
	const struct bars_minute minutes[] = {{0, 8000, 50, false},  {60, 99, 40, false}, {120, 1, 45, false},
	                                      {180, 0, 30, false},   {240, 0, 30, true},  {300, 0, 30, false},
	                                      {360, 100, 20, false}, {420, 0, 20, false}, {480, -3, 10, false}};
	struct bars bars;

	bars_make(&bars, minutes, 9, 10, 80);
	ck_assert_uint_eq(bars.count, 6);
	assert_row(&bars, 0, (struct bars_row){.from = 0, .to = 60, .deliveries = 8000, .pending = 50});
	assert_row(&bars, 1,
	           (struct bars_row){.from = 60, .to = 240, .deliveries = 100, .pending = 45, .folded = true});
	assert_row(&bars, 2, (struct bars_row){.from = 240, .to = 300, .pending = 30});
	assert_row(&bars, 3, (struct bars_row){.from = 300, .to = 360, .pending = 30});
	assert_row(&bars, 4, (struct bars_row){.from = 360, .to = 420, .deliveries = 100, .pending = 20});
	assert_row(&bars, 5,
	           (struct bars_row){.from = 420, .to = 540, .deliveries = -3, .pending = 20, .folded = true});
	bars_clear(&bars);
}
END_TEST

START_TEST(a_long_storm_gets_longer_steps_that_lie_on_the_clock)
{
	struct bars_minute minutes[100];
	struct bars bars;
	int64_t deliveries = 0;

	for (int i = 0; i < 100; i++) /* from 08:57 on */
		minutes[i] = (struct bars_minute){.second = (8 * 60 + 57 + i) * 60, .deliveries = 10, .pending = i};
	bars_make(&bars, minutes, 100, 30, 80);
	ck_assert_int_eq(bars.step, 5);
	ck_assert_uint_eq(bars.count, 21);
	ck_assert_int_eq(bars.most_deliveries, 50);
	ck_assert_int_eq(bars.most_pending, 99);
	assert_row(&bars, 0,
	           (struct bars_row){.from = (8 * 60 + 57) * 60, .to = 9 * 3600, .deliveries = 30, .pending = 2});
	assert_row(&bars, 1, (struct bars_row){.from = 9 * 3600, .to = 9 * 3600 + 300, .deliveries = 50, .pending = 7});
	for (size_t i = 0; i < bars.count; i++)
		deliveries += bars.rows[i].deliveries;
	ck_assert_int_eq(deliveries, 1000);
	bars_clear(&bars);
}
END_TEST

START_TEST(a_long_thin_tail_does_not_make_the_storm_coarse)
{
	enum { STORM = 40, ALL = 6 * 1440 };
	struct bars_minute *minutes = calloc(ALL, sizeof(*minutes));
	struct bars bars;

	for (int i = 0; i < ALL; i++)
		minutes[i] = (struct bars_minute){.second = i * 60,
		                                  .deliveries = i < STORM ? 100000 : i % 7 == 0,
		                                  .pending = 3};
	bars_make(&bars, minutes, ALL, 60, 320);
	ck_assert_int_eq(bars.step, 1);
	ck_assert_uint_eq(bars.count, STORM + 1);
	ck_assert_int_eq(bars.rows[STORM].to, ALL * 60);
	bars_clear(&bars);
	free(minutes);
}
END_TEST

START_TEST(a_bar_shows_something_where_there_is_something)
{
	ck_assert_int_eq(bars_length(0, 100, 80), 0);
	ck_assert_int_eq(bars_length(-5, 100, 80), 0);
	ck_assert_int_eq(bars_length(1, 1000000, 80), 1);
	ck_assert_int_eq(bars_length(50, 100, 80), 40);
	ck_assert_int_eq(bars_length(99, 100, 80), 79);
	ck_assert_int_eq(bars_length(100, 100, 80), 80);
	ck_assert_int_eq(bars_length(200, 100, 80), 80);
	ck_assert_int_eq(bars_length(INT64_MAX - 1, INT64_MAX, 80), 79);
	ck_assert_int_eq(bars_length(5, 0, 80), 0);
}
END_TEST

static Suite *layout_suite(void)
{
	Suite *suite = suite_create("layout");
	TCase *grids = tcase_create("grids and paragraphs");
	TCase *minutes = tcase_create("minutes");

	tcase_add_test(grids, a_grid_is_as_wide_as_its_contents_where_there_is_room);
	tcase_add_test(grids, a_grid_cuts_its_widest_texts_first);
	tcase_add_test(grids, a_narrow_grid_leaves_out_what_can_be_spared_and_keeps_the_rest);
	tcase_add_test(grids, a_name_is_cut_only_where_nothing_else_can_go);
	tcase_add_test(grids, a_last_column_of_prose_goes_on_below_itself);
	tcase_add_test(grids, a_grid_without_rows_has_its_headings);
	tcase_add_test(grids, a_grid_writes_on_after_the_thousand_rows_that_it_measures);
	tcase_add_test(grids, a_paragraph_is_broken_but_not_within_a_time_or_a_count);
	tcase_add_test(minutes, minutes_stand_alone_where_they_fit);
	tcase_add_test(minutes, a_quiet_time_is_folded_unless_something_marked_fell_in_it);
	tcase_add_test(minutes, a_long_storm_gets_longer_steps_that_lie_on_the_clock);
	tcase_add_test(minutes, a_long_thin_tail_does_not_make_the_storm_coarse);
	tcase_add_test(minutes, a_bar_shows_something_where_there_is_something);
	suite_add_tcase(suite, grids);
	suite_add_tcase(suite, minutes);
	return suite;
}

int main(void)
{
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		return 77;
	return suite_run(layout_suite());
}
