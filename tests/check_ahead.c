/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of reading ahead: step by step it comes to what reading directly comes
 * to, and it may be stopped at any moment. Each test has a directory of its own.
 */
#include "log_made.h"

#include <poll.h>
#include <signal.h>
#include <time.h>

#include "daemon/source/ahead.h"

#define LOG_BYTES (12 * LINES_BLOCK) /* more than all blocks take */

static char directory[64];

static void enter(void)
{
	probe_enter(directory);
}

static void leave(void)
{
	probe_leave(directory);
}

static struct reading opened(const char *path)
{
	char *error = NULL;
	struct reading reading = {.input = input_open(path, &error)};

	ck_assert_msg(reading.input != NULL, "%s", error);
	return reading;
}

static void write_records(FILE *stream, const struct batch *batch)
{
	for (uint32_t i = 0; i < batch->count; i++) {
		fprintf(stream, "%" PRId64 ":", batch->records[i].offset);
		fwrite(batch->records[i].bytes.bytes, 1, batch->records[i].bytes.length, stream);
		fputc('|', stream);
	}
}

/* Steps until one gives INPUT_NONE or is the last; the records as text, malloc'ed. */
static char *read_ahead(struct ahead *ahead, enum input_result *result)
{
	struct batch *batch = batch_new();
	struct reading_place place;
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	do {
		batch_clear(batch);
		*result = ahead_step(ahead, batch, &place);
		write_records(stream, batch);
	} while (*result != INPUT_NONE && !reading_over(*result, batch));
	fclose(stream);
	batch_free(&batch);
	return text;
}

static void expect_ahead(struct ahead *ahead, const char *expected, enum input_result end)
{
	enum input_result result;
	char *text = read_ahead(ahead, &result);

	/* Not ck_assert_str_eq: it would print megabytes. */
	ck_assert_msg(strcmp(text, expected) == 0, "%zu bytes of records, not the %zu expected", strlen(text),
	              strlen(expected));
	ck_assert_int_eq(result, end);
	free(text);
}

/* One assertion for all records: each one costs a call of the system. */
static void expect_same_batch(const struct batch *ahead, const struct batch *direct)
{
	uint32_t same = 0;

	while (same < ahead->count && same < direct->count &&
	       ahead->records[same].offset == direct->records[same].offset &&
	       ahead->records[same].timestamp == direct->records[same].timestamp &&
	       slice_equal(ahead->records[same].bytes, direct->records[same].bytes))
		same++;
	ck_assert_uint_eq(ahead->count, direct->count);
	ck_assert_uint_eq(same, direct->count);
	ck_assert_int_eq(ahead->next_offset, direct->next_offset);
	ck_assert_uint_eq(ahead->partition, 7);
}

/* Reads the file both ways from that offset, and compares each step; *steps may be NULL. Returns how it ended. The
 * reading that was ahead is left as it is then. */
static enum input_result expect_same(const char *path, int64_t from, struct reading *reading, unsigned *steps)
{
	struct reading direct = opened(path);
	struct batch *batch = batch_new(), *direct_batch = batch_new();
	struct ahead *ahead;
	enum input_result result;
	unsigned count = 0;

	*reading = opened(path);
	ck_assert(input_seek(direct.input, from) && input_seek(reading->input, from));
	lines_restart(&direct.lines, from);
	lines_restart(&reading->lines, from);
	ahead = ahead_new(reading);
	do {
		struct reading_place place, direct_place;

		batch_clear(batch);
		batch->partition = 7;
		batch_clear(direct_batch);
		result = ahead_step(ahead, batch, &place);
		ck_assert_int_eq(result, reading_step(&direct, direct_batch));
		direct_place = reading_place(&direct);
		ck_assert_int_eq(place.offset, direct_place.offset);
		ck_assert_int_eq(place.done, direct_place.done);
		ck_assert_int_eq(place.cut_at, direct_place.cut_at);
		expect_same_batch(batch, direct_batch);
		count++;
	} while (!reading_over(result, batch));
	ahead_free(&ahead);
	ck_assert_ptr_null(ahead);
	ck_assert_str_eq(input_error(reading->input), input_error(direct.input));
	ck_assert_int_eq(lines_unused(&reading->lines), lines_unused(&direct.lines));
	if (steps)
		*steps = count;
	reading_release(&direct);
	batch_free(&batch);
	batch_free(&direct_batch);
	return result;
}

/* Step by step as directly, and all of it as the log is. */
static void expect_whole(const char *path, const char *records)
{
	struct reading reading;
	struct ahead *ahead;
	unsigned steps;

	ck_assert_int_eq(expect_same(path, 0, &reading, &steps), INPUT_END);
	ck_assert_uint_gt(steps, 2 * AHEAD_BLOCKS);
	reading_release(&reading);
	reading = opened(path);
	ahead = ahead_new(&reading);
	expect_ahead(ahead, records, INPUT_END);
	ahead_free(&ahead);
	reading_release(&reading);
}

START_TEST(every_byte_comes_in_order_plain_packed_and_wide)
{
	size_t length;
	char *bytes = log_made(LOG_BYTES, 1, &length);
	char *records = log_records(bytes, length);

	probe_put("log", "w", bytes, length);
	expect_whole("log", records);
	log_pack_in_parts("log.gz", bytes, length);
	expect_whole("log.gz", records);
	log_widen("wide", bytes, length);
	expect_whole("wide", records);
	free(records);
	free(bytes);
}
END_TEST

START_TEST(short_and_very_long_lines_come_as_directly)
{
	size_t length = 20 << 20;
	char *bytes = malloc(length);
	struct reading reading;

	memset(bytes, '\n', length);
	memset(bytes + (1 << 20), 'x', 14 << 20);
	probe_put("log", "w", bytes, length);
	ck_assert_int_eq(expect_same("log", 0, &reading, NULL), INPUT_END);
	ck_assert_int_eq(reading_place(&reading).offset, (int64_t)length);
	ck_assert_int_eq(reading_place(&reading).cut_at, 1 << 20);
	reading_release(&reading);
	free(bytes);
}
END_TEST

START_TEST(it_goes_on_from_any_offset)
{
	size_t length;
	char *bytes = log_made(LOG_BYTES, 2, &length);
	struct reading reading;

	probe_put("log", "w", bytes, length);
	log_pack_in_parts("log.gz", bytes, length);
	log_widen("wide", bytes, length);
	for (int64_t from = 1; from < (int64_t)length; from = from * 5 + 3) {
		ck_assert_int_eq(expect_same("log", from, &reading, NULL), INPUT_END);
		reading_release(&reading);
		ck_assert_int_eq(expect_same("log.gz", from, &reading, NULL), INPUT_END);
		reading_release(&reading);
		ck_assert_int_eq(expect_same("wide", from, &reading, NULL), INPUT_END);
		reading_release(&reading);
	}
	free(bytes);
}
END_TEST

/* What comes before the fault is a beginning of the log, and most of it. */
static void expect_error(const char *path, const char *records, const char *error)
{
	struct reading reading;
	struct ahead *ahead;
	enum input_result result;
	char *text;

	ck_assert_int_eq(expect_same(path, 0, &reading, NULL), INPUT_ERROR);
	ck_assert_str_eq(input_error(reading.input), error);
	reading_release(&reading);
	reading = opened(path);
	ahead = ahead_new(&reading);
	text = read_ahead(ahead, &result);
	ck_assert_int_eq(result, INPUT_ERROR);
	ck_assert_uint_gt(strlen(text), strlen(records) / 2);
	ck_assert(strncmp(text, records, strlen(text)) == 0);
	ahead_free(&ahead);
	reading_release(&reading);
	free(text);
}

START_TEST(an_error_comes_after_all_that_was_good)
{
	size_t length;
	char *bytes = log_made(LOG_BYTES, 4, &length);
	char *records = log_records(bytes, length);
	size_t first = length / 4 * 3;
	struct stat status;
	off_t second;
	int file;

	log_pack("log.gz", "w", bytes, first);
	ck_assert_int_eq(stat("log.gz", &status), 0);
	second = status.st_size;
	log_pack("log.gz", "a", bytes + first, length - first);
	ck_assert_int_eq(stat("log.gz", &status), 0);
	ck_assert_int_eq(truncate("log.gz", status.st_size - 5), 0);
	expect_error("log.gz", records, "log.gz: the packed data break off: the file is not whole");
	file = open("log.gz", O_WRONLY);
	/* A block of a type that is none (RFC 1951, 3.2.3), behind the head of ten bytes. */
	ck_assert_int_eq(pwrite(file, "\xff", 1, second + 10), 1);
	close(file);
	expect_error("log.gz", records, "log.gz: the packed data are damaged");
	free(records);
	free(bytes);
}
END_TEST

/* A named pipe; *end is its writing end. */
static struct reading piped(int *end)
{
	struct reading reading;

	ck_assert_int_eq(mkfifo("pipe", 0600), 0);
	reading = opened("pipe");
	*end = open("pipe", O_WRONLY | O_CLOEXEC);
	ck_assert_int_ge(*end, 0);
	return reading;
}

/* Nothing (ready 0), or something within ten seconds. */
static void expect_pipe(const struct ahead *ahead, int ready)
{
	struct pollfd wait = {.fd = ahead_pipe(ahead), .events = POLLIN};

	ck_assert_int_ge(wait.fd, 0);
	ck_assert_int_eq(poll(&wait, 1, ready ? 10000 : 20), ready);
}

static void say(int end, const char *bytes, size_t length)
{
	ck_assert_int_eq(write(end, bytes, length), (ssize_t)length);
}

START_TEST(a_pipe_has_nothing_only_where_it_is_empty)
{
	int end;
	struct reading reading = piped(&end);
	struct ahead *ahead = ahead_new(&reading);

	expect_ahead(ahead, "", INPUT_NONE);
	expect_pipe(ahead, 0);
	say(end, "one\ntw", 6);
	expect_pipe(ahead, 1);
	expect_ahead(ahead, "0:one|", INPUT_NONE);
	expect_pipe(ahead, 0);
	say(end, "o\n", 2);
	expect_ahead(ahead, "4:two|", INPUT_NONE);
	/* What was written is there at once, whatever the thread is about. */
	for (int i = 0; i < 1000; i++) {
		char expected[32];

		snprintf(expected, sizeof(expected), "%d:x|", 8 + 2 * i);
		say(end, "x\n", 2);
		expect_ahead(ahead, expected, INPUT_NONE);
	}
	say(end, "end", 3);
	close(end);
	expect_ahead(ahead, "2008:end|", INPUT_END);
	ahead_free(&ahead);
	reading_release(&reading);
}
END_TEST

/* The file's bytes come in pieces of every size; the records are those of the log, whatever the pieces. */
static void expect_in_pieces(const char *path, const char *records)
{
	FILE *file = fopen(path, "r");
	int end;
	struct reading reading = piped(&end);
	struct ahead *ahead = ahead_new(&reading);
	char *all = NULL;
	size_t size, got;
	FILE *stream = open_memstream(&all, &size);
	char *piece = malloc(65536);
	enum input_result result = INPUT_NONE;

	for (size_t wanted = 4; (got = fread(piece, 1, wanted, file)) > 0; wanted = wanted * 3 % 65521) {
		char *text;

		ck_assert_int_eq(result, INPUT_NONE);
		say(end, piece, got);
		text = read_ahead(ahead, &result);
		fputs(text, stream);
		free(text);
	}
	close(end);
	free(piece);
	piece = read_ahead(ahead, &result);
	fputs(piece, stream);
	fclose(stream);
	ck_assert_int_eq(result, INPUT_END);
	ck_assert_msg(strcmp(all, records) == 0, "%zu bytes, not %zu", size, strlen(records));
	fclose(file);
	free(piece);
	free(all);
	ahead_free(&ahead);
	reading_release(&reading);
	unlink("pipe");
}

START_TEST(a_pipe_may_be_fed_in_pieces_plain_packed_and_wide)
{
	size_t length;
	char *bytes = log_made(LOG_BYTES, 6, &length);
	char *records = log_records(bytes, length);

	probe_put("log", "w", bytes, length);
	expect_in_pieces("log", records);
	log_pack_in_parts("log.gz", bytes, length);
	expect_in_pieces("log.gz", records);
	log_widen("wide", bytes, length);
	expect_in_pieces("wide", records);
	free(records);
	free(bytes);
}
END_TEST

START_TEST(a_pipe_without_a_writer_has_nothing)
{
	struct reading reading;
	struct ahead *ahead;
	int end;

	ck_assert_int_eq(mkfifo("pipe", 0600), 0);
	reading = opened("pipe");
	ahead = ahead_new(&reading);
	expect_ahead(ahead, "", INPUT_NONE);
	expect_pipe(ahead, 0);
	end = open("pipe", O_WRONLY);
	expect_pipe(ahead, 0);
	close(end);
	expect_pipe(ahead, 1);
	expect_ahead(ahead, "", INPUT_END);
	ahead_free(&ahead);
	reading_release(&reading);
}
END_TEST

/* Stops after so many steps of the file, then reads all of it from its beginning. */
static void expect_stopped(const char *path, unsigned steps, const char *records)
{
	struct reading reading = opened(path);
	struct ahead *ahead = ahead_new(&reading);
	struct batch *batch = batch_new();
	struct reading_place place;

	for (unsigned i = 0; i < steps; i++) {
		batch_clear(batch);
		ck_assert_int_eq(ahead_step(ahead, batch, &place), INPUT_BYTES);
	}
	if (steps % 2)
		nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL); /* all blocks are full */
	ahead_free(&ahead);
	ck_assert(input_seek(reading.input, 0));
	lines_restart(&reading.lines, 0);
	ahead = ahead_new(&reading);
	expect_ahead(ahead, records, INPUT_END);
	ahead_free(&ahead);
	ahead_free(&ahead);
	reading_release(&reading);
	batch_free(&batch);
}

START_TEST(it_stops_at_any_moment_and_may_begin_anew)
{
	size_t length;
	char *bytes = log_made(LOG_BYTES, 7, &length);
	char *records = log_records(bytes, length);

	probe_put("log", "w", bytes, length);
	log_pack_in_parts("log.gz", bytes, length);
	for (unsigned steps = 0; steps < 12; steps++) {
		expect_stopped("log", steps, records);
		expect_stopped("log.gz", steps, records);
	}
	free(records);
	free(bytes);
}
END_TEST

START_TEST(a_pipe_that_says_nothing_holds_nobody_up)
{
	int end;
	struct reading reading = piped(&end);
	struct ahead *ahead = ahead_new(&reading);

	ahead_free(&ahead);
	for (int i = 0; i < 50; i++) {
		ahead = ahead_new(&reading);
		say(end, "one\n", 4);
		if (i % 3)
			nanosleep(&(struct timespec){.tv_nsec = 100000L * i}, NULL);
		if (i % 2)
			expect_pipe(ahead, 0);
		ahead_free(&ahead);
	}
	ahead = ahead_new(&reading);
	free(read_ahead(ahead, &(enum input_result){0}));
	nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
	ahead_free(&ahead);
	close(end);
	reading_release(&reading);
}
END_TEST

static volatile sig_atomic_t signals;

static void on_signal(int number)
{
	(void)number;
	signals++;
}

START_TEST(signals_are_left_to_the_owner)
{
	struct sigaction action = {.sa_handler = on_signal};
	int end;
	struct reading reading = piped(&end);
	struct ahead *ahead;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaction(SIGUSR1, &action, NULL);
	ahead = ahead_new(&reading);
	sigprocmask(SIG_BLOCK, &set, NULL);
	kill(getpid(), SIGUSR1);
	nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
	ck_assert_int_eq(signals, 0);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	ck_assert_int_eq(signals, 1);
	ahead_free(&ahead);
	close(end);
	reading_release(&reading);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ahead");
	TCase *ahead = tcase_create("ahead");

	tcase_add_checked_fixture(ahead, enter, leave);
	tcase_set_timeout(ahead, 120);
	tcase_add_test(ahead, every_byte_comes_in_order_plain_packed_and_wide);
	tcase_add_test(ahead, short_and_very_long_lines_come_as_directly);
	tcase_add_test(ahead, it_goes_on_from_any_offset);
	tcase_add_test(ahead, an_error_comes_after_all_that_was_good);
	tcase_add_test(ahead, a_pipe_has_nothing_only_where_it_is_empty);
	tcase_add_test(ahead, a_pipe_may_be_fed_in_pieces_plain_packed_and_wide);
	tcase_add_test(ahead, a_pipe_without_a_writer_has_nothing);
	tcase_add_test(ahead, it_stops_at_any_moment_and_may_begin_anew);
	tcase_add_test(ahead, a_pipe_that_says_nothing_holds_nobody_up);
	tcase_add_test(ahead, signals_are_left_to_the_owner);
	suite_add_tcase(suite, ahead);
	return suite_run(suite);
}
