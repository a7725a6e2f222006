/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of the source of files where they are large and read ahead: each
 * comes whole and tells how far it is, a few threads do it, and what is wrong
 * is told as of small ones. Each test has a directory of its own.
 */
#include "log_made.h"

#include <time.h>

#include "daemon/source/lines.h"

#define LARGE (12 * LINES_BLOCK)
#define MANY 10 /* more than are read ahead at once */
#define THREADS 8

static char directory[64];
static char *bytes, *records;
static size_t length;

static void enter(void)
{
	probe_enter(directory);
	bytes = log_made(LARGE, 1, &length);
	records = log_records(bytes, length);
}

static void leave(void)
{
	probe_leave(directory);
	free(bytes);
	free(records);
}

static struct source *opened(const char *path, const char *other)
{
	const char *const paths[] = {path, other, NULL};
	char *error = NULL;
	struct source *source = source_files_new(paths, &error);

	ck_assert_msg(source != NULL, "%s", error);
	return source;
}

static void expect_text(const char *text, const char *expected)
{
	/* Not ck_assert_str_eq: it would print megabytes. */
	ck_assert_msg(strcmp(text, expected) == 0, "%zu bytes of records, not the %zu expected", strlen(text),
	              strlen(expected));
}

static void expect_read(struct source *source, const char *expected, enum source_state state)
{
	struct probe probe;

	probe_read(&probe, source, 0);
	expect_text(probe.text, expected);
	ck_assert_int_eq(probe.state, state);
	free(probe.text);
}

/* Threads of this process that read ahead, by their name. */
static int threads(void)
{
	DIR *tasks = opendir("/proc/self/task");
	int count = 0;

	for (const struct dirent *entry; (entry = readdir(tasks));) {
		char path[300], name[32] = "";
		FILE *file;

		snprintf(path, sizeof(path), "/proc/self/task/%s/comm", entry->d_name);
		file = fopen(path, "r");
		count += file && fgets(name, sizeof(name), file) && strcmp(name, "read-ahead\n") == 0;
		if (file)
			fclose(file);
	}
	closedir(tasks);
	return count;
}

/* One that ended may be seen for a moment more. */
static int threads_but_ended(int expected)
{
	for (int i = 0; i < 5000 && threads() > expected; i++)
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	return threads();
}

struct one {
	char path[16];
	char *records;
	struct probe probe;
};

static void write_one(struct one *one, unsigned number)
{
	size_t size;
	char *log = log_made(LARGE, number, &size);

	snprintf(one->path, sizeof(one->path), "log%u", number);
	one->records = log_records(log, size);
	if (number % 3 == 0)
		probe_put(one->path, "w", log, size);
	else if (number % 3 == 1)
		log_pack_in_parts(one->path, log, size);
	else
		log_widen(one->path, log, size);
	free(log);
	probe_begin(&one->probe);
}

/* One batch of each in turn. Returns the most threads there were at once. */
static int read_in_turns(struct one *all, struct source *source)
{
	struct batch *batch = batch_new();
	bool more = true;
	int most = 0, now;

	while (more) {
		more = false;
		for (uint32_t i = 0; i < MANY; i++) {
			const struct source_partition *partition = source_partition(source, i);
			int64_t before = partition->read_bytes;
			enum source_state state = probe_step(&all[i].probe, source, i, batch);

			ck_assert_int_ge(partition->read_bytes, before);
			ck_assert_int_le(partition->read_bytes, partition->total_bytes);
			more |= state == SOURCE_READY || state == SOURCE_BUSY;
		}
		now = threads_but_ended(THREADS);
		most = now > most ? now : most;
	}
	batch_free(&batch);
	return most;
}

START_TEST(files_side_by_side_come_whole_and_a_few_are_read_ahead)
{
	struct one all[MANY];
	const char *paths[MANY + 1] = {NULL};
	struct source *source;
	char *error;

	for (unsigned i = 0; i < MANY; i++) {
		write_one(&all[i], i);
		paths[i] = all[i].path;
	}
	source = source_files_new(paths, &error);
	ck_assert_int_eq(read_in_turns(all, source), THREADS);
	ck_assert(source_finished(source));
	ck_assert_int_eq(threads_but_ended(0), 0);
	for (uint32_t i = 0; i < MANY; i++) {
		const struct source_partition *partition = source_partition(source, i);

		fclose(all[i].probe.stream);
		expect_text(all[i].probe.text, all[i].records);
		ck_assert_int_eq(all[i].probe.state, SOURCE_END);
		ck_assert_int_eq(partition->read_bytes, partition->total_bytes);
		free(all[i].probe.text);
		free(all[i].records);
	}
	source_free(&source);
}
END_TEST

/* Standard input becomes the reading end of a pipe; returns the writing end. */
static int piped(void)
{
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	close(ends[0]);
	return ends[1];
}

START_TEST(small_files_have_no_thread_and_large_ones_none_at_their_end)
{
	struct batch *batch = batch_new();
	struct probe probe;
	struct source *source;
	int end;

	probe_put("small", "w", bytes, LARGE / 5);
	source = opened("small", NULL);
	probe_begin(&probe);
	while (probe_step(&probe, source, 0, batch) == SOURCE_READY)
		ck_assert_int_eq(threads(), 0);
	ck_assert_int_eq(probe.state, SOURCE_END);
	source_free(&source);

	/* One would be seen for certain where it waits for more. */
	end = piped();
	source = opened("-", NULL);
	ck_assert_int_eq(write(end, "one\n", 4), 4);
	ck_assert_int_eq(probe_step(&probe, source, 0, batch), SOURCE_READY);
	ck_assert_int_eq(probe_step(&probe, source, 0, batch), SOURCE_IDLE);
	ck_assert_int_eq(threads(), 0);
	source_free(&source);
	close(end);

	probe_put("large", "w", bytes, length);
	source = opened("large", NULL);
	for (int i = 0; i < 6; i++)
		ck_assert_int_eq(probe_step(&probe, source, 0, batch), SOURCE_READY);
	ck_assert_int_eq(threads(), 1);
	while (probe_step(&probe, source, 0, batch) == SOURCE_READY)
		continue;
	ck_assert_int_eq(probe.state, SOURCE_END);
	ck_assert_int_eq(threads_but_ended(0), 0);
	source_free(&source);
	fclose(probe.stream);
	free(probe.text);
	batch_free(&batch);
}
END_TEST

START_TEST(a_fault_is_told_after_all_that_was_good)
{
	struct source *source;
	struct probe probe;
	struct stat status;

	log_pack("log.gz", "w", bytes, length);
	ck_assert_int_eq(stat("log.gz", &status), 0);
	ck_assert_int_eq(truncate("log.gz", status.st_size - 1), 0);
	source = opened("log.gz", NULL);
	probe_read(&probe, source, 0);
	ck_assert_int_eq(probe.state, SOURCE_ERROR);
	ck_assert_str_eq(source_error(source), "log.gz: the packed data break off: the file is not whole; 12 bytes of "
	                                       "an unfinished line are left out");
	/* All lines but the last, which has no newline. */
	*strrchr(records, ':') = '\0';
	strrchr(records, '|')[1] = '\0';
	expect_text(probe.text, records);
	ck_assert_int_eq(source_partition(source, 0)->next_offset, (int64_t)length - 12);
	ck_assert(source_finished(source));
	free(probe.text);
	source_free(&source);
}
END_TEST

START_TEST(garbage_behind_packed_data_is_told_once)
{
	struct source *source;

	log_pack("log.gz", "w", bytes, length);
	probe_append("log.gz", "garbage\n");
	source = opened("log.gz", NULL);
	expect_read(source, records, SOURCE_END);
	probe_expect_notice(source, "log.gz: bytes behind the packed data are not read");
	probe_expect_notice(source, NULL);
	source_free(&source);
}
END_TEST

START_TEST(a_packed_file_shorter_than_before_is_read_from_its_beginning)
{
	struct source *source;
	char expected[80];

	log_pack_in_parts("log.gz", bytes, length);
	source = opened("log.gz", NULL);
	source_seek(source, 0, (int64_t)length * 20, 0);
	ck_assert_int_eq(source_partition(source, 0)->next_offset, (int64_t)length * 20);
	expect_read(source, records, SOURCE_END);
	snprintf(expected, sizeof(expected), "log.gz: is shorter than the %zu bytes", length * 20);
	probe_expect_notice(source, expected);
	probe_expect_notice(source, NULL);
	source_free(&source);
}
END_TEST

START_TEST(reading_goes_on_where_it_was_left)
{
	const char *rest;
	int64_t offset;

	/* The first line behind the second megabyte. */
	for (rest = records; (offset = strtoll(rest, NULL, 10)) < 2 << 20;)
		rest = strchr(rest, '|') + 1;
	log_pack_in_parts("log.gz", bytes, length);
	probe_put("log", "w", bytes, length);
	for (int i = 0; i < 2; i++) {
		struct source *source = opened(i ? "log.gz" : "log", NULL);

		source_seek(source, 0, offset, 0);
		ck_assert_int_eq(source_partition(source, 0)->next_offset, offset);
		expect_read(source, rest, SOURCE_END);
		probe_expect_notice(source, NULL);
		source_free(&source);
	}
}
END_TEST

static int64_t milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

START_TEST(standard_input_is_idle_where_it_is_empty_and_wakes_who_waits)
{
	int end = piped();
	struct source *source = opened("-", NULL);
	struct probe probe;
	size_t at = 0;
	size_t lines = 0;
	char *all = NULL;
	FILE *stream = open_memstream(&all, &lines);

	while (at < length) {
		size_t piece = length - at < 50000 ? length - at : 50000;
		int64_t began;

		ck_assert_int_eq(write(end, bytes + at, piece), (ssize_t)piece);
		at += piece;
		/* The thread has taken it out of the pipe by now. */
		nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
		began = milliseconds();
		source_wait(source, 20000);
		ck_assert_int_lt(milliseconds() - began, 10000);
		probe_read(&probe, source, 0);
		ck_assert_int_eq(probe.state, SOURCE_IDLE);
		fputs(probe.text, stream);
		free(probe.text);
		began = milliseconds();
		source_wait(source, 2);
		ck_assert_int_ge(milliseconds() - began, 1);
	}
	close(end);
	probe_read(&probe, source, 0);
	ck_assert_int_eq(probe.state, SOURCE_END);
	fputs(probe.text, stream);
	free(probe.text);
	fclose(stream);
	expect_text(all, records);
	ck_assert_int_eq(source_partition(source, 0)->read_bytes, (int64_t)length);
	free(all);
	source_free(&source);
}
END_TEST

START_TEST(a_source_may_be_freed_at_any_moment)
{
	int end = piped();

	probe_put("log", "w", bytes, length);
	for (int reads = 0; reads < 12; reads++) {
		struct source *source = opened("log", "-");
		struct batch *batch = batch_new();

		for (int i = 0; i < reads; i++) {
			ck_assert_int_eq(write(end, "one\n", 4), 4);
			ck_assert_int_eq(source_read(source, 0, batch), SOURCE_READY);
			batch_clear(batch);
			ck_assert_int_eq(source_read(source, 1, batch), SOURCE_READY);
			batch_clear(batch);
		}
		ck_assert_int_eq(source_read(source, 1, batch), SOURCE_IDLE);
		source_free(&source);
		batch_free(&batch);
	}
	close(end);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("source_large");
	TCase *large = tcase_create("large");

	tcase_add_checked_fixture(large, enter, leave);
	tcase_set_timeout(large, 120);
	tcase_add_test(large, files_side_by_side_come_whole_and_a_few_are_read_ahead);
	tcase_add_test(large, small_files_have_no_thread_and_large_ones_none_at_their_end);
	tcase_add_test(large, a_fault_is_told_after_all_that_was_good);
	tcase_add_test(large, garbage_behind_packed_data_is_told_once);
	tcase_add_test(large, a_packed_file_shorter_than_before_is_read_from_its_beginning);
	tcase_add_test(large, reading_goes_on_where_it_was_left);
	tcase_add_test(large, standard_input_is_idle_where_it_is_empty_and_wakes_who_waits);
	tcase_add_test(large, a_source_may_be_freed_at_any_moment);
	suite_add_tcase(suite, large);
	return suite_run(suite);
}
