/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of followed files: growth, rotation in all its kinds while one looks
 * and while one does not, truncation, absence, and going on from a stored
 * inode and offset. Each test has a directory of its own.
 */
#include "source_probe.h"

#include <time.h>

#include "daemon/source/lines.h"

static char directory[64];

static void enter(void)
{
	probe_enter(directory);
}

static void leave(void)
{
	probe_leave(directory);
}

static struct source *followed(bool until_end)
{
	const char *const paths[] = {"log", NULL};
	char *error = NULL;
	struct source *source = source_follow_new(paths, until_end, &error);

	ck_assert_msg(source != NULL, "%s", error);
	return source;
}

/* Where the store left off. */
struct place {
	int64_t next_offset;
	int64_t inode;
};

static struct source *resumed(bool until_end, struct place place)
{
	struct source *source = followed(until_end);

	source_seek(source, 0, place.next_offset, place.inode);
	ck_assert_int_eq(source_partition(source, 0)->next_offset, place.next_offset);
	ck_assert_int_eq(source_partition(source, 0)->inode, place.inode);
	return source;
}

static int64_t inode_of(const char *path)
{
	struct stat status;

	ck_assert_int_eq(stat(path, &status), 0);
	return (int64_t)status.st_ino;
}

static void rename_to(const char *from, const char *to)
{
	ck_assert_int_eq(rename(from, to), 0);
}

/* Reads to the end, closes, and gives the place that the last batch told. */
static struct place read_and_stop(const char *expected)
{
	struct source *source = followed(false);
	struct probe probe;

	probe_read(&probe, source, 0);
	ck_assert_str_eq(probe.text, expected);
	ck_assert_int_eq(probe.state, SOURCE_IDLE);
	free(probe.text);
	source_free(&source);
	return (struct place){probe.next_offset, probe.inode};
}

START_TEST(a_file_is_read_to_its_end_and_as_it_grows)
{
	struct source *source;
	const struct source_partition *partition;

	probe_write("log", "one\ntwo\n");
	source = followed(false);
	partition = source_partition(source, 0);
	ck_assert_str_eq(partition->source, "follow");
	ck_assert_str_eq(partition->topic, "log");
	probe_expect(source, 0, "0:one|4:two|", SOURCE_IDLE);
	probe_expect(source, 0, "", SOURCE_IDLE);
	probe_append("log", "three\r\n\n");
	source_wait(source, 10000);
	probe_expect(source, 0, "8:three|15:|", SOURCE_IDLE);
	ck_assert_int_eq(partition->next_offset, 16);
	ck_assert_int_eq(partition->inode, inode_of("log"));
	ck_assert_int_eq(partition->size, 16);
	ck_assert(!source_finished(source));
	probe_expect_notice(source, NULL);
	source_free(&source);
}
END_TEST

START_TEST(a_line_waits_for_its_newline)
{
	struct source *source;

	probe_write("log", "on");
	source = followed(false);
	probe_expect(source, 0, "", SOURCE_IDLE);
	probe_append("log", "e");
	probe_expect(source, 0, "", SOURCE_IDLE);
	ck_assert_int_eq(source_partition(source, 0)->next_offset, 0);
	probe_append("log", "\r");
	probe_expect(source, 0, "", SOURCE_IDLE);
	probe_append("log", "\ntwo\nthr");
	probe_expect(source, 0, "0:one|5:two|", SOURCE_IDLE);
	probe_append("log", "ee\n");
	probe_expect(source, 0, "9:three|", SOURCE_IDLE);
	source_free(&source);
}
END_TEST

START_TEST(a_long_line_that_grows_is_cut_and_given_once)
{
	char *bytes = malloc(LINES_LONGEST);
	struct source *source;
	struct probe probe;

	memset(bytes, 'x', LINES_LONGEST);
	probe_put("log", "w", bytes, LINES_LONGEST);
	source = followed(false);
	for (int i = 0; i < 3; i++) {
		probe_expect(source, 0, "", SOURCE_IDLE);
		probe_put("log", "a", bytes, LINES_LONGEST);
	}
	probe_expect(source, 0, "", SOURCE_IDLE);
	probe_append("log", "\nend\n");
	probe_read(&probe, source, 0);
	ck_assert_int_eq(probe.records, 2);
	ck_assert_uint_eq(probe.size, 2 + LINES_LONGEST + 1 + strlen("4194305:end|"));
	ck_assert_str_eq(probe.text + 2 + LINES_LONGEST, "|4194305:end|");
	probe_expect_notice(source, "log: the line at byte 0 is longer than 1 MiB");
	free(probe.text);
	free(bytes);
	source_free(&source);
}
END_TEST

START_TEST(until_end_stops_at_the_end_that_is_there)
{
	struct source *source;

	probe_write("log", "one\ntw");
	source = followed(true);
	probe_expect(source, 0, "0:one|", SOURCE_END);
	ck_assert_int_eq(source_partition(source, 0)->next_offset, 4);
	ck_assert(source_finished(source));
	probe_append("log", "o\n");
	probe_expect(source, 0, "", SOURCE_END);
	source_free(&source);
}
END_TEST

START_TEST(an_unfinished_line_is_read_after_a_restart)
{
	struct place place;
	struct source *source;

	probe_write("log", "one\ntw");
	place = read_and_stop("0:one|");
	probe_append("log", "o\n");
	source = resumed(false, place);
	probe_expect(source, 0, "4:two|", SOURCE_IDLE);
	probe_expect_notice(source, NULL);
	source_free(&source);
}
END_TEST

START_TEST(a_file_that_is_not_there_yet_is_waited_for)
{
	struct source *source = followed(false);

	probe_expect(source, 0, "", SOURCE_IDLE);
	probe_expect_notice(source, "log: No such file or directory; waiting for it");
	probe_expect(source, 0, "", SOURCE_IDLE);
	probe_expect_notice(source, NULL);
	source_wait(source, 1);
	probe_write("log", "one\n");
	source_wait(source, 10000);
	probe_expect(source, 0, "0:one|", SOURCE_IDLE);
	source_free(&source);
}
END_TEST

START_TEST(until_end_does_not_wait_for_a_file_that_is_not_there)
{
	struct source *source = followed(true);

	probe_expect(source, 0, "", SOURCE_END);
	probe_expect_notice(source, "log: No such file or directory");
	ck_assert(source_finished(source));
	source_free(&source);
}
END_TEST

START_TEST(only_regular_files_are_followed)
{
	const char *const folder[] = {"/tmp", NULL};
	const char *const twice[] = {"log", "other", "log", NULL};
	char *error = NULL;

	ck_assert_ptr_null(source_follow_new(folder, false, &error));
	ck_assert_str_eq(error, "/tmp: only regular files can be followed");
	free(error);
	ck_assert_ptr_null(source_follow_new(twice, false, &error));
	ck_assert_str_eq(error, "log: given twice");
	free(error);
}
END_TEST

START_TEST(rotation_by_renaming_finishes_the_old_file_first)
{
	struct source *source;
	int64_t old;
	struct probe probe;

	probe_write("log", "one\n");
	source = followed(false);
	probe_expect(source, 0, "0:one|", SOURCE_IDLE);
	old = inode_of("log");
	probe_append("log", "two\n");
	rename_to("log", "log.1");
	probe_append("log.1", "three\n");
	probe_write("log", "new\n");
	probe_read(&probe, source, 0);
	ck_assert_str_eq(probe.text, "4:two|8:three|0:new|");
	ck_assert_int_eq(probe.state, SOURCE_IDLE);
	ck_assert_int_eq(probe.inode, inode_of("log"));
	ck_assert_int_ne(probe.inode, old);
	free(probe.text);
	probe_append("log", "er\n");
	probe_expect(source, 0, "4:er|", SOURCE_IDLE);
	probe_expect_notice(source, NULL);
	source_free(&source);
}
END_TEST

START_TEST(the_old_file_may_grow_while_its_successor_is_empty)
{
	struct source *source;

	probe_write("log", "one\n");
	source = followed(false);
	probe_expect(source, 0, "0:one|", SOURCE_IDLE);
	rename_to("log", "log.1");
	probe_expect(source, 0, "", SOURCE_IDLE);
	probe_write("log", "");
	probe_expect(source, 0, "", SOURCE_IDLE);
	usleep(600000);
	probe_expect(source, 0, "", SOURCE_IDLE);
	probe_append("log.1", "two\n");
	source_wait(source, 10000);
	probe_expect(source, 0, "4:two|", SOURCE_IDLE);
	probe_append("log", "new\n");
	probe_expect(source, 0, "0:new|", SOURCE_IDLE);
	source_free(&source);
}
END_TEST

START_TEST(the_old_file_may_grow_for_a_moment_after_its_successor_has_lines)
{
	struct source *source;
	struct batch *batch = batch_new();

	probe_write("log", "one\n");
	source = followed(false);
	probe_expect(source, 0, "0:one|", SOURCE_IDLE);
	rename_to("log", "log.1");
	probe_write("log", "new\n");
	ck_assert_int_eq(source_read(source, 0, batch), SOURCE_BUSY);
	probe_append("log.1", "late\n");
	probe_expect(source, 0, "4:late|0:new|", SOURCE_IDLE);
	batch_free(&batch);
	source_free(&source);
}
END_TEST

START_TEST(the_last_line_of_a_rotated_file_needs_no_newline)
{
	struct source *source;
	struct place place;

	probe_write("log", "one\ntwo");
	source = followed(false);
	probe_expect(source, 0, "0:one|", SOURCE_IDLE);
	rename_to("log", "log.1");
	probe_expect(source, 0, "", SOURCE_IDLE);
	probe_write("log", "new\n");
	probe_expect(source, 0, "4:two|0:new|", SOURCE_IDLE);
	source_free(&source);

	place = (struct place){7, inode_of("log.1")};
	source = resumed(false, place);
	probe_expect(source, 0, "0:new|", SOURCE_IDLE);
	probe_expect_notice(source, NULL);
	source_free(&source);
}
END_TEST

START_TEST(rotations_that_nobody_looked_at_are_all_read)
{
	struct source *source;

	probe_write("log", "one\n");
	source = followed(false);
	probe_expect(source, 0, "0:one|", SOURCE_IDLE);
	rename_to("log", "log.3");
	probe_append("log.3", "two\n");
	probe_write("log.2", "three\n");
	probe_write("log.1", "four\n");
	probe_write("log.4", "older\n");
	probe_write("log.10", "older\n");
	probe_write("log.offset", "other\n");
	probe_write("log2", "other\n");
	probe_write("log", "five\n");
	probe_expect(source, 0, "4:two|0:three|0:four|0:five|", SOURCE_IDLE);
	probe_expect_notice(source, NULL);
	source_free(&source);
}
END_TEST

START_TEST(rotations_with_dates_are_read_in_their_order)
{
	struct source *source;

	probe_write("log", "one\n");
	source = followed(true);
	probe_write("log-20240103", "four\n");
	probe_write("log-20240102", "three\n");
	probe_write("log-20231231", "older\n");
	rename_to("log", "log-20240101");
	probe_write("log", "five\n");
	source_seek(source, 0, 0, inode_of("log-20240101"));
	probe_expect(source, 0, "0:one|0:three|0:four|0:five|", SOURCE_END);
	source_free(&source);
}
END_TEST

START_TEST(rotations_whose_names_do_not_tell_go_by_time)
{
	const struct timespec old[2] = {{1000, 0}, {1000, 0}};
	const struct timespec mine[2] = {{2000, 0}, {2000, 0}};
	const struct timespec next[2] = {{2000, 1}, {2000, 1}};
	const struct timespec after[2] = {{3000, 0}, {3000, 0}};
	struct source *source;

	probe_write("saved", "one\n");
	probe_write("log.7", "older\n");
	probe_write("log.8", "three\n");
	probe_write("log-2024-01-01-120000", "two\n");
	probe_write("log", "four\n");
	ck_assert_int_eq(utimensat(AT_FDCWD, "saved", mine, 0), 0);
	ck_assert_int_eq(utimensat(AT_FDCWD, "log.7", old, 0), 0);
	ck_assert_int_eq(utimensat(AT_FDCWD, "log-2024-01-01-120000", next, 0), 0);
	ck_assert_int_eq(utimensat(AT_FDCWD, "log.8", after, 0), 0);
	source = resumed(true, (struct place){0, inode_of("saved")});
	/* log.7 is the generation after log.8, so it follows that */
	ck_assert_int_eq(unlink("log.7"), 0);
	probe_expect(source, 0, "0:one|0:two|0:three|0:four|", SOURCE_END);
	source_free(&source);
}
END_TEST

START_TEST(a_file_that_was_deleted_is_finished_through_its_descriptor)
{
	struct source *source;

	probe_write("log", "one\n");
	source = followed(false);
	probe_expect(source, 0, "0:one|", SOURCE_IDLE);
	probe_append("log", "two\n");
	ck_assert_int_eq(unlink("log"), 0);
	probe_expect(source, 0, "4:two|", SOURCE_IDLE);
	probe_write("log", "new\n");
	probe_expect(source, 0, "0:new|", SOURCE_IDLE);
	source_free(&source);
}
END_TEST

START_TEST(a_truncated_file_is_read_from_its_beginning)
{
	struct source *source;

	probe_write("log", "one\ntwo\n");
	source = followed(false);
	probe_expect(source, 0, "0:one|4:two|", SOURCE_IDLE);
	ck_assert_int_eq(truncate("log", 0), 0);
	probe_append("log", "new\n");
	source_wait(source, 10000);
	probe_expect(source, 0, "0:new|", SOURCE_IDLE);
	probe_expect_notice(source, "log: was truncated; read from its beginning");
	probe_append("log", "more\n");
	probe_expect(source, 0, "4:more|", SOURCE_IDLE);
	probe_expect_notice(source, NULL);
	source_free(&source);
}
END_TEST

START_TEST(truncation_loses_an_unfinished_line_and_says_so)
{
	struct source *source;

	probe_write("log", "one\ntw");
	source = followed(false);
	probe_expect(source, 0, "0:one|", SOURCE_IDLE);
	ck_assert_int_eq(truncate("log", 0), 0);
	probe_append("log", "new\n");
	probe_expect(source, 0, "gap 2|0:new|", SOURCE_IDLE);
	source_free(&source);
}
END_TEST

START_TEST(truncation_is_seen_though_the_file_outgrew_its_old_size)
{
	struct source *source;

	probe_write("log", "one\n");
	source = followed(false);
	probe_expect(source, 0, "0:one|", SOURCE_IDLE);
	ck_assert_int_eq(truncate("log", 0), 0);
	probe_append("log", "longer than before\n");
	probe_expect(source, 0, "0:longer than before|", SOURCE_IDLE);
	probe_expect_notice(source, "log: was truncated");
	source_free(&source);
}
END_TEST

START_TEST(a_hole_that_truncation_left_is_no_line)
{
	struct source *source;
	char *bytes = malloc(10000);
	int file;

	memset(bytes, 'x', 10000);
	bytes[9999] = '\n';
	probe_put("log", "w", bytes, 10000);
	free(bytes);
	source = followed(false);
	source_wait(source, 0);
	{
		struct probe probe;

		probe_read(&probe, source, 0);
		ck_assert_int_eq(probe.records, 1);
		free(probe.text);
	}
	file = open("log", O_WRONLY);
	ck_assert_int_eq(ftruncate(file, 0), 0);
	ck_assert_int_eq(pwrite(file, "new\n", 4, 10000), 4);
	close(file);
	probe_expect(source, 0, "10000:new|", SOURCE_IDLE);
	source_free(&source);
}
END_TEST

START_TEST(nul_bytes_at_the_beginning_are_kept)
{
	struct source *source;
	struct batch *batch = batch_new();

	probe_put("log", "w", "\0a\n", 3);
	source = followed(true);
	ck_assert_int_eq(source_read(source, 0, batch), SOURCE_READY);
	ck_assert_uint_eq(batch->count, 1);
	ck_assert(slice_equal(batch->records[0].bytes, SLICE("\0a")));
	batch_free(&batch);
	source_free(&source);
}
END_TEST

START_TEST(after_a_restart_the_same_file_goes_on)
{
	struct place place;
	struct source *source;

	probe_write("log", "one\ntwo\n");
	place = read_and_stop("0:one|4:two|");
	ck_assert_int_eq(place.next_offset, 8);
	ck_assert_int_eq(place.inode, inode_of("log"));
	source = resumed(true, (struct place){4, place.inode});
	probe_expect(source, 0, "4:two|", SOURCE_END);
	source_free(&source);
	source = resumed(false, place);
	probe_expect(source, 0, "", SOURCE_IDLE);
	probe_append("log", "three\n");
	probe_expect(source, 0, "8:three|", SOURCE_IDLE);
	probe_expect_notice(source, NULL);
	source_free(&source);
}
END_TEST

START_TEST(after_a_restart_the_rotated_files_are_finished_first)
{
	struct place place;
	struct source *source;

	probe_write("log", "one\n");
	place = read_and_stop("0:one|");
	probe_append("log", "two\n");
	rename_to("log", "log.2");
	probe_write("log.1", "three\nfour");
	probe_write("log", "five\n");
	probe_write("log.3", "older\n");
	source = resumed(false, place);
	probe_expect(source, 0, "4:two|0:three|6:four|0:five|", SOURCE_IDLE);
	probe_expect_notice(source, NULL);
	source_free(&source);
	source = resumed(true, place);
	probe_expect(source, 0, "4:two|0:three|6:four|0:five|", SOURCE_END);
	source_free(&source);
}
END_TEST

START_TEST(after_a_restart_rotation_may_be_half_done)
{
	struct place place;
	struct source *source;

	probe_write("log", "one\n");
	place = read_and_stop("0:one|");
	probe_append("log", "two\nthr");
	rename_to("log", "log.1");
	source = resumed(false, place);
	probe_expect(source, 0, "4:two|", SOURCE_IDLE);
	probe_append("log.1", "ee\n");
	probe_expect(source, 0, "8:three|", SOURCE_IDLE);
	probe_write("log", "new\n");
	probe_expect(source, 0, "0:new|", SOURCE_IDLE);
	source_free(&source);
	source = resumed(true, place);
	probe_expect(source, 0, "4:two|8:three|0:new|", SOURCE_END);
	source_free(&source);
}
END_TEST

START_TEST(after_a_restart_a_file_that_is_gone_is_a_gap)
{
	struct place place;
	struct source *source;

	probe_write("log", "one\n");
	place = read_and_stop("0:one|");
	rename_to("log", "log.2.gz");
	probe_write("log", "new\n");
	source = resumed(false, place);
	probe_expect(source, 0, "gap 1|0:new|", SOURCE_IDLE);
	probe_expect_notice(source, "log: the file that was read to byte 4 is gone");
	probe_append("log", "more\n");
	probe_expect(source, 0, "4:more|", SOURCE_IDLE);
	probe_expect_notice(source, NULL);
	source_free(&source);
}
END_TEST

START_TEST(after_a_restart_a_missing_path_is_waited_for)
{
	struct source *source = resumed(false, (struct place){4, 1});

	probe_expect(source, 0, "", SOURCE_IDLE);
	probe_expect_notice(source, "log: No such file or directory; waiting for it");
	ck_assert_int_eq(source_partition(source, 0)->next_offset, 4);
	probe_write("log", "new\n");
	probe_expect(source, 0, "gap 1|0:new|", SOURCE_IDLE);
	source_free(&source);
}
END_TEST

START_TEST(after_a_restart_a_truncated_file_is_a_gap)
{
	struct place place;
	struct source *source;

	probe_write("log", "one\ntwo\n");
	place = read_and_stop("0:one|4:two|");
	ck_assert_int_eq(truncate("log", 0), 0);
	probe_append("log", "new\n");
	source = resumed(false, place);
	probe_expect(source, 0, "gap 1|0:new|", SOURCE_IDLE);
	probe_expect_notice(source, "log: was written anew since it was read to byte 8");
	source_free(&source);

	probe_append("log", "and longer than it was before\n");
	source = resumed(false, place);
	probe_expect(source, 0, "gap 1|0:new|4:and longer than it was before|", SOURCE_IDLE);
	source_free(&source);
}
END_TEST

START_TEST(every_batch_is_of_one_inode_and_any_of_them_can_be_gone_on_from)
{
	struct source *source;
	struct batch *batch = batch_new();
	struct place places[8] = {{0, 0}};
	const char *rest[] = {"0:one|0:two|0:three|0:four|", "0:two|0:three|0:four|", "0:three|0:four|", "0:four|", ""};
	int count = 0;

	probe_write("log.3", "one\n");
	probe_write("log.2", "two");
	probe_write("log.1", "three\n");
	probe_write("log", "four\n");
	places[0].inode = inode_of("log.3");
	source = resumed(true, places[0]);
	while (source_read(source, 0, batch) == SOURCE_READY) {
		ck_assert_uint_eq(batch->count, 1);
		places[++count] = (struct place){batch->next_offset, batch->inode};
		batch_clear(batch);
	}
	ck_assert_int_eq(count, 4);
	batch_free(&batch);
	source_free(&source);
	for (int i = 0; i <= count; i++) {
		source = resumed(true, places[i]);
		probe_expect(source, 0, rest[i], SOURCE_END);
		probe_expect_notice(source, NULL);
		source_free(&source);
	}
}
END_TEST

START_TEST(several_files_are_followed_each_by_itself)
{
	const char *const paths[] = {"a", "b", NULL};
	char *error;
	struct source *source;

	probe_write("a", "one\n");
	source = source_follow_new(paths, false, &error);
	ck_assert_uint_eq(source_count(source), 2);
	probe_expect(source, 1, "", SOURCE_IDLE);
	probe_expect(source, 0, "0:one|", SOURCE_IDLE);
	probe_write("b", "two\n");
	source_wait(source, 10000);
	probe_expect(source, 0, "", SOURCE_IDLE);
	probe_expect(source, 1, "0:two|", SOURCE_IDLE);
	source_free(&source);
}
END_TEST

START_TEST(waiting_ends_when_the_time_is_over)
{
	struct source *source;
	struct timespec before;
	struct timespec after;
	double seconds;

	probe_write("log", "one\n");
	source = followed(false);
	probe_expect(source, 0, "0:one|", SOURCE_IDLE);
	clock_gettime(CLOCK_MONOTONIC, &before);
	source_wait(source, 300);
	clock_gettime(CLOCK_MONOTONIC, &after);
	seconds = (double)(after.tv_sec - before.tv_sec) + (double)(after.tv_nsec - before.tv_nsec) / 1e9;
	ck_assert_double_ge(seconds, 0.29);
	source_free(&source);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("source_follow");
	TCase *growth = tcase_create("growth");
	TCase *rotation = tcase_create("rotation");
	TCase *restart = tcase_create("restart");

	tcase_add_checked_fixture(growth, enter, leave);
	tcase_add_test(growth, a_file_is_read_to_its_end_and_as_it_grows);
	tcase_add_test(growth, a_line_waits_for_its_newline);
	tcase_add_test(growth, a_long_line_that_grows_is_cut_and_given_once);
	tcase_add_test(growth, until_end_stops_at_the_end_that_is_there);
	tcase_add_test(growth, a_file_that_is_not_there_yet_is_waited_for);
	tcase_add_test(growth, until_end_does_not_wait_for_a_file_that_is_not_there);
	tcase_add_test(growth, only_regular_files_are_followed);
	tcase_add_test(growth, nul_bytes_at_the_beginning_are_kept);
	tcase_add_test(growth, several_files_are_followed_each_by_itself);
	tcase_add_test(growth, waiting_ends_when_the_time_is_over);
	suite_add_tcase(suite, growth);
	tcase_add_checked_fixture(rotation, enter, leave);
	tcase_add_test(rotation, rotation_by_renaming_finishes_the_old_file_first);
	tcase_add_test(rotation, the_old_file_may_grow_while_its_successor_is_empty);
	tcase_add_test(rotation, the_old_file_may_grow_for_a_moment_after_its_successor_has_lines);
	tcase_add_test(rotation, the_last_line_of_a_rotated_file_needs_no_newline);
	tcase_add_test(rotation, rotations_that_nobody_looked_at_are_all_read);
	tcase_add_test(rotation, rotations_with_dates_are_read_in_their_order);
	tcase_add_test(rotation, rotations_whose_names_do_not_tell_go_by_time);
	tcase_add_test(rotation, a_file_that_was_deleted_is_finished_through_its_descriptor);
	tcase_add_test(rotation, a_truncated_file_is_read_from_its_beginning);
	tcase_add_test(rotation, truncation_loses_an_unfinished_line_and_says_so);
	tcase_add_test(rotation, truncation_is_seen_though_the_file_outgrew_its_old_size);
	tcase_add_test(rotation, a_hole_that_truncation_left_is_no_line);
	suite_add_tcase(suite, rotation);
	tcase_add_checked_fixture(restart, enter, leave);
	tcase_add_test(restart, an_unfinished_line_is_read_after_a_restart);
	tcase_add_test(restart, after_a_restart_the_same_file_goes_on);
	tcase_add_test(restart, after_a_restart_the_rotated_files_are_finished_first);
	tcase_add_test(restart, after_a_restart_rotation_may_be_half_done);
	tcase_add_test(restart, after_a_restart_a_file_that_is_gone_is_a_gap);
	tcase_add_test(restart, after_a_restart_a_missing_path_is_waited_for);
	tcase_add_test(restart, after_a_restart_a_truncated_file_is_a_gap);
	tcase_add_test(restart, every_batch_is_of_one_inode_and_any_of_them_can_be_gone_on_from);
	suite_add_tcase(suite, restart);
	return suite_run(suite);
}
