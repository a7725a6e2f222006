/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of the source of files and standard input: what a line is wherever
 * the blocks fall, packed files whole and broken, and going on where the
 * store left off. Each test has a directory of its own.
 */
#include "source_probe.h"

#include <time.h>
#include <zlib.h>

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

static struct source *opened(const char *path)
{
	const char *const paths[] = {path, NULL};
	char *error = NULL;
	struct source *source = source_files_new(paths, &error);

	ck_assert_msg(source != NULL, "%s", error);
	ck_assert_ptr_null(error);
	return source;
}

static void expect_file(const char *path, const char *expected)
{
	struct source *source = opened(path);

	probe_expect(source, 0, expected, SOURCE_END);
	ck_assert(source_finished(source));
	probe_expect_notice(source, NULL);
	source_free(&source);
	ck_assert_ptr_null(source);
}

static void expect_no_source(const char *const *paths, const char *expected)
{
	char *error = NULL;

	ck_assert_ptr_null(source_files_new(paths, &error));
	ck_assert_str_eq(error, expected);
	free(error);
}

/* Appends a gzip member. */
static void pack(const char *path, const char *mode, const char *bytes, size_t length)
{
	gzFile file = gzopen(path, mode);

	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(gzwrite(file, bytes, (unsigned)length), (int)length);
	ck_assert_int_eq(gzclose(file), Z_OK);
}

START_TEST(lines_come_without_their_newlines_and_with_their_offsets)
{
	probe_write("log", "one\n\nthree\n");
	expect_file("log", "0:one|4:|5:three|");
}
END_TEST

START_TEST(a_last_line_without_newline_is_a_line)
{
	probe_write("log", "one\ntwo");
	expect_file("log", "0:one|4:two|");
}
END_TEST

START_TEST(carriage_returns_go_only_before_a_newline)
{
	probe_write("log", "one\r\n\r\nt\rwo\r\r\nend\r");
	expect_file("log", "0:one|5:|7:t\rwo\r|14:end\r|");
}
END_TEST

START_TEST(nul_bytes_are_kept)
{
	struct source *source;
	struct batch *batch = batch_new();

	probe_put("log", "w", "\0a\0\nb\0", 6);
	source = opened("log");
	ck_assert_int_eq(source_read(source, 0, batch), SOURCE_READY);
	ck_assert_uint_eq(batch->count, 1);
	ck_assert(slice_equal(batch->records[0].bytes, SLICE("\0a\0")));
	batch_clear(batch);
	ck_assert_int_eq(source_read(source, 0, batch), SOURCE_READY);
	ck_assert_uint_eq(batch->count, 1);
	ck_assert(slice_equal(batch->records[0].bytes, SLICE("b\0")));
	ck_assert_int_eq(batch->next_offset, 6);
	batch_free(&batch);
	source_free(&source);
}
END_TEST

START_TEST(an_empty_file_ends_at_once)
{
	probe_write("log", "");
	expect_file("log", "");
}
END_TEST

/* A file of lines of `length` bytes ("xxxx...\n") that goes over the first block's end, then "end\n". */
static void expect_lines_over_blocks(size_t length, const char *newline)
{
	size_t whole = length + strlen(newline);
	size_t count = LINES_BLOCK / whole + 2;
	char *bytes = malloc(count * whole + 5);
	struct source *source;
	struct batch *batch = batch_new();
	int64_t expected = 0;

	for (size_t i = 0; i < count; i++) {
		memset(bytes + i * whole, 'a' + (int)(i % 26), length);
		memcpy(bytes + i * whole + length, newline, strlen(newline));
	}
	memcpy(bytes + count * whole, "end\n", 5);
	probe_put("log", "w", bytes, count * whole + 4);
	source = opened("log");
	for (;;) {
		enum source_state state = source_read(source, 0, batch);

		if (state == SOURCE_END)
			break;
		ck_assert_int_eq(state, SOURCE_READY);
		for (uint32_t i = 0; i < batch->count; i++) {
			struct slice line = batch->records[i].bytes;
			bool last = expected == (int64_t)(count * whole);

			ck_assert_int_eq(batch->records[i].offset, expected);
			ck_assert_uint_eq(line.length, last ? 3 : length);
			ck_assert(memcmp(line.bytes, bytes + expected, line.length) == 0);
			expected += last ? 4 : (int64_t)whole;
		}
		ck_assert_int_eq(batch->next_offset, expected);
		batch_clear(batch);
	}
	ck_assert_int_eq(expected, (int64_t)(count * whole + 4));
	source_free(&source);
	batch_free(&batch);
	free(bytes);
}

START_TEST(a_line_may_lie_anywhere_over_the_end_of_a_block)
{
	/* the block's end falls before, on and after the newline, and between carriage return and newline */
	const size_t lengths[] = {63,
	                          64,
	                          65,
	                          99,
	                          100,
	                          127,
	                          1000,
	                          4094,
	                          4095,
	                          4096,
	                          LINES_BLOCK / 2 - 2,
	                          LINES_BLOCK / 2 - 1,
	                          LINES_BLOCK / 2,
	                          LINES_BLOCK - 3,
	                          LINES_BLOCK - 2,
	                          LINES_BLOCK - 1,
	                          LINES_BLOCK};

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		expect_lines_over_blocks(lengths[i], "\n");
		expect_lines_over_blocks(lengths[i], "\r\n");
	}
}
END_TEST

START_TEST(more_short_lines_than_a_batch_takes_are_all_given)
{
	char *bytes = malloc(200000);
	struct source *source;
	struct batch *batch = batch_new();
	int64_t count = 0;

	memset(bytes, '\n', 200000);
	probe_put("log", "w", bytes, 200000);
	source = opened("log");
	while (source_read(source, 0, batch) == SOURCE_READY) {
		ck_assert_uint_le(batch->count, LINES_BATCH);
		ck_assert_int_eq(batch->records[0].offset, count);
		count += batch->count;
		ck_assert_int_eq(batch->next_offset, count);
		batch_clear(batch);
	}
	ck_assert_int_eq(count, 200000);
	source_free(&source);
	batch_free(&batch);
	free(bytes);
}
END_TEST

/* The next record of the batch; reads one where that is used up. Batches end on a line. */
static const struct record *next_record(struct source *source, struct batch *batch, uint32_t *at)
{
	enum source_state state = SOURCE_READY;

	if (*at < batch->count)
		return &batch->records[(*at)++];
	batch_clear(batch);
	while ((state = source_read(source, 0, batch)) == SOURCE_BUSY)
		;
	ck_assert_int_eq(state, SOURCE_READY);
	*at = 1;
	return batch->records;
}

/* One line of `length` bytes and its newline, between two short ones: `given` bytes of it come. */
static void expect_long_line(size_t length, const char *newline, size_t given)
{
	const int64_t offsets[] = {0, 2, (int64_t)(2 + length + strlen(newline))};
	const size_t lengths[] = {1, given, 1};
	char *bytes = malloc(length + 6);
	struct source *source;
	struct batch *batch = batch_new();
	uint32_t at = 0;
	const char *notice;

	memcpy(bytes, "a\n", 2);
	memset(bytes + 2, 'x', length);
	memcpy(bytes + 2 + length, newline, strlen(newline));
	memcpy(bytes + offsets[2], "b\n", 2);
	probe_put("log", "w", bytes, (size_t)offsets[2] + 2);
	source = opened("log");
	for (int i = 0; i < 3; i++) {
		const struct record *record = next_record(source, batch, &at);

		ck_assert_int_eq(record->offset, offsets[i]);
		ck_assert_uint_eq(record->bytes.length, lengths[i]);
		ck_assert_int_eq(record->bytes.bytes[0], "axb"[i]);
		ck_assert_int_eq(record->bytes.bytes[lengths[i] - 1], "axb"[i]);
		ck_assert(at < batch->count || batch->next_offset == (i < 2 ? offsets[i + 1] : offsets[2] + 2));
	}
	ck_assert_uint_eq(at, batch->count);
	batch_clear(batch);
	ck_assert_int_eq(source_read(source, 0, batch), SOURCE_END);
	notice = source_notice(source);
	ck_assert(given < length ? notice && strstr(notice, "the line at byte 2 is longer than 1 MiB") : !notice);
	source_free(&source);
	batch_free(&batch);
	free(bytes);
}

START_TEST(lines_up_to_one_mebibyte_are_whole)
{
	expect_long_line(LINES_LONGEST - 1, "\n", LINES_LONGEST - 1);
	expect_long_line(LINES_LONGEST, "\n", LINES_LONGEST);
	expect_long_line(LINES_LONGEST, "\r\n", LINES_LONGEST);
}
END_TEST

START_TEST(longer_lines_are_cut_and_given_once)
{
	expect_long_line(LINES_LONGEST + 1, "\n", LINES_LONGEST);
	expect_long_line(LINES_LONGEST + 1, "\r\n", LINES_LONGEST);
	expect_long_line(2 * LINES_LONGEST - 1, "\n", LINES_LONGEST);
	expect_long_line(2 * LINES_LONGEST, "\r\n", LINES_LONGEST);
	expect_long_line(3 * LINES_LONGEST + 7, "\n", LINES_LONGEST);
	expect_long_line(40 * LINES_LONGEST, "\n", LINES_LONGEST);
}
END_TEST

START_TEST(a_long_last_line_without_newline_is_cut_too)
{
	char *bytes = malloc(3 * LINES_LONGEST);
	struct source *source;
	struct probe probe;

	memset(bytes, 'x', 3 * LINES_LONGEST);
	probe_put("log", "w", bytes, 3 * LINES_LONGEST);
	source = opened("log");
	probe_read(&probe, source, 0);
	ck_assert_int_eq(probe.state, SOURCE_END);
	ck_assert_int_eq(probe.records, 1);
	ck_assert_uint_eq(probe.size, 3 + LINES_LONGEST);
	ck_assert_int_eq(probe.next_offset, (int64_t)(3 * LINES_LONGEST));
	free(probe.text);
	source_free(&source);
	free(bytes);
}
END_TEST

START_TEST(a_file_goes_on_where_it_was_left)
{
	struct source *source;

	probe_write("log", "one\ntwo\nthree\n");
	source = opened("log");
	source_seek(source, 0, 4, 0);
	ck_assert_int_eq(source_partition(source, 0)->next_offset, 4);
	probe_expect(source, 0, "4:two|8:three|", SOURCE_END);
	source_free(&source);

	source = opened("log");
	source_seek(source, 0, 14, 0);
	probe_expect(source, 0, "", SOURCE_END);
	probe_expect_notice(source, NULL);
	source_free(&source);
}
END_TEST

START_TEST(a_file_that_is_shorter_than_what_was_read_is_another_one)
{
	struct source *source;

	probe_write("log", "one\n");
	source = opened("log");
	source_seek(source, 0, 5, 0);
	probe_expect(source, 0, "0:one|", SOURCE_END);
	probe_expect_notice(source, "log: has 4 bytes and was read to byte 5 before");
	source_free(&source);

	pack("log.gz", "w", "one\ntwo\n", 8);
	source = opened("log.gz");
	source_seek(source, 0, 9, 0);
	probe_expect(source, 0, "0:one|4:two|", SOURCE_END);
	probe_expect_notice(source, "log.gz: is shorter than the 9 bytes");
	source_free(&source);
}
END_TEST

START_TEST(the_time_stamp_is_the_time_of_modification)
{
	const struct timespec times[2] = {{1479110940, 0}, {1479110940, 123456789}};
	struct source *source;
	struct batch *batch = batch_new();

	probe_write("log", "one\n");
	ck_assert_int_eq(utimensat(AT_FDCWD, "log", times, 0), 0);
	source = opened("log");
	ck_assert_int_eq(source_read(source, 0, batch), SOURCE_READY);
	ck_assert_int_eq(batch->records[0].timestamp, 1479110940123456);
	ck_assert_int_eq(batch->gap, 0);
	ck_assert_int_eq(batch->inode, 0);
	batch_free(&batch);
	source_free(&source);
}
END_TEST

START_TEST(the_table_tells_names_size_and_progress)
{
	const char *const paths[] = {"a", "b", NULL};
	char *error;
	struct source *source;
	const struct source_partition *a;
	const struct source_partition *b;

	probe_write("a", "one\n");
	pack("b", "w", "two\n", 4);
	source = source_files_new(paths, &error);
	ck_assert_uint_eq(source_count(source), 2);
	a = source_partition(source, 0);
	b = source_partition(source, 1);
	ck_assert_str_eq(a->source, "file");
	ck_assert_str_eq(a->topic, "a");
	ck_assert_int_eq(a->partition, 0);
	ck_assert_int_eq(a->size, 4);
	ck_assert_int_eq(a->total_bytes, 4);
	ck_assert_str_eq(b->topic, "b");
	ck_assert_int_eq(b->size, -1);
	ck_assert_int_gt(b->total_bytes, 18);
	ck_assert(!source_finished(source));
	probe_expect(source, 1, "0:two|", SOURCE_END);
	ck_assert(!source_finished(source));
	probe_expect(source, 0, "0:one|", SOURCE_END);
	ck_assert(source_finished(source));
	ck_assert_int_eq(a->read_bytes, 4);
	ck_assert_int_eq(b->read_bytes, b->total_bytes);
	ck_assert_int_eq(b->next_offset, 4);
	source_committed(source, 0, 4);
	source_free(&source);
}
END_TEST

START_TEST(packed_files_are_told_by_their_content)
{
	pack("log", "w", "one\r\ntwo", 8);
	expect_file("log", "0:one|5:two|");
	probe_write("plain.gz", "\x1f one\n");
	expect_file("plain.gz", "0:\x1f one|");
	probe_write("short.gz", "\x1f");
	expect_file("short.gz", "0:\x1f|");
}
END_TEST

START_TEST(members_of_a_packed_file_follow_each_other)
{
	pack("log", "w", "one\ntw", 6);
	pack("log", "a", "", 0);
	pack("log", "a", "o\nthree\n", 8);
	expect_file("log", "0:one|4:two|8:three|");
}
END_TEST

START_TEST(zeroes_behind_packed_data_are_padding)
{
	char zeroes[3000] = {0};

	pack("log", "w", "one\n", 4);
	probe_put("log", "a", zeroes, sizeof(zeroes));
	expect_file("log", "0:one|");
}
END_TEST

START_TEST(garbage_behind_packed_data_is_told)
{
	struct source *source;

	pack("log", "w", "one\n", 4);
	probe_append("log", "garbage\n");
	source = opened("log");
	probe_expect(source, 0, "0:one|", SOURCE_END);
	probe_expect_notice(source, "log: bytes behind the packed data are not read");
	probe_expect_notice(source, NULL);
	source_free(&source);
}
END_TEST

START_TEST(a_packed_file_goes_on_where_it_was_left)
{
	size_t length = 40 << 20;
	char *bytes = malloc(length);
	struct source *source;

	memset(bytes, 'x', length);
	memcpy(bytes + length - 8, "\none\ntw\n", 8);
	pack("log", "w", bytes, length);
	source = opened("log");
	source_seek(source, 0, (int64_t)length - 7, 0);
	probe_expect(source, 0, "41943033:one|41943037:tw|", SOURCE_END);
	source_free(&source);
	source = opened("log");
	source_seek(source, 0, (int64_t)length, 0);
	probe_expect(source, 0, "", SOURCE_END);
	probe_expect_notice(source, NULL);
	source_free(&source);
	free(bytes);
}
END_TEST

/* 1000 different lines, so that they pack badly; malloc'ed. */
static char *many_lines(size_t *length)
{
	char *bytes = NULL;
	FILE *stream = open_memstream(&bytes, length);

	for (unsigned i = 0; i < 1000; i++)
		fprintf(stream, "line %u %x\n", i, i * 2654435761u);
	fclose(stream);
	return bytes;
}

START_TEST(a_packed_file_that_breaks_off_keeps_its_whole_lines_and_is_an_error)
{
	size_t length;
	char *bytes = many_lines(&length);
	struct stat status;

	pack("whole", "w", bytes, length);
	ck_assert_int_eq(stat("whole", &status), 0);
	for (off_t at = 3; at < status.st_size; at += at < 20 || at > status.st_size - 10 ? 1 : 97) {
		struct source *source;
		struct probe probe;
		char *packed = malloc((size_t)at);
		FILE *file = fopen("whole", "r");

		ck_assert_uint_eq(fread(packed, 1, (size_t)at, file), (size_t)at);
		fclose(file);
		probe_put("log", "w", packed, (size_t)at);
		free(packed);
		source = opened("log");
		probe_read(&probe, source, 0);
		ck_assert_int_eq(probe.state, SOURCE_ERROR);
		ck_assert_ptr_nonnull(strstr(source_error(source), "log: the packed data break off"));
		ck_assert(probe.next_offset == 0 || bytes[probe.next_offset - 1] == '\n');
		ck_assert_int_eq(source_partition(source, 0)->next_offset, probe.next_offset);
		ck_assert(at < status.st_size - 8 || probe.records == 1000);
		ck_assert(source_finished(source));
		free(probe.text);
		source_free(&source);
	}
	free(bytes);
}
END_TEST

START_TEST(a_damaged_packed_file_is_an_error)
{
	size_t length;
	char *bytes = many_lines(&length);
	struct source *source;
	struct probe probe;
	int file;

	pack("log", "w", bytes, length);
	free(bytes);
	file = open("log", O_WRONLY);
	ck_assert_int_eq(pwrite(file, "\xff\xff\xff\xff\xff\xff\xff\xff", 8, 3000), 8);
	close(file);
	source = opened("log");
	probe_read(&probe, source, 0);
	ck_assert_int_eq(probe.state, SOURCE_ERROR);
	ck_assert_ptr_nonnull(strstr(source_error(source), "log: the packed data are damaged"));
	free(probe.text);
	source_free(&source);
}
END_TEST

START_TEST(one_broken_file_leaves_the_others_be)
{
	const char *const paths[] = {"a", "b", NULL};
	char *error;
	struct source *source;

	probe_write("a", "\x1f\x8b\x08");
	probe_write("b", "one\n");
	source = source_files_new(paths, &error);
	probe_expect(source, 0, "", SOURCE_ERROR);
	ck_assert_str_eq(source_error(source), "a: the packed data break off: the file is not whole");
	probe_expect(source, 1, "0:one|", SOURCE_END);
	probe_expect(source, 0, "", SOURCE_ERROR);
	ck_assert(source_finished(source));
	source_free(&source);
}
END_TEST

START_TEST(what_cannot_be_opened_is_said_before_anything_is_read)
{
	const char *const missing[] = {"log", "missing", NULL};
	const char *const folder[] = {"/tmp", NULL};
	const char *const twice[] = {"log", "log", NULL};
	const char *const xz[] = {"x.xz", NULL};

	probe_write("log", "one\n");
	probe_put("x.xz", "w",
	          "\xfd"
	          "7zXZ\0data",
	          10);
	expect_no_source(missing, "missing: No such file or directory");
	expect_no_source(folder, "/tmp: Is a directory");
	expect_no_source(twice, "log: given twice");
	expect_no_source(xz, "x.xz: packed by xz: unpack it first");
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

static void say(int end, const char *text)
{
	ck_assert_int_eq(write(end, text, strlen(text)), (ssize_t)strlen(text));
}

START_TEST(standard_input_is_idle_until_lines_come_and_ends_when_closed)
{
	int end = piped();
	struct source *source = opened("-");
	int64_t now = (int64_t)time(NULL) * 1000000;
	struct batch *batch = batch_new();

	ck_assert_str_eq(source_partition(source, 0)->source, "stdin");
	ck_assert_str_eq(source_partition(source, 0)->topic, "-");
	ck_assert_int_eq(source_partition(source, 0)->size, -1);
	probe_expect(source, 0, "", SOURCE_IDLE);
	source_wait(source, 10);
	probe_expect(source, 0, "", SOURCE_IDLE);
	say(end, "on");
	source_wait(source, 10000);
	probe_expect(source, 0, "", SOURCE_IDLE);
	say(end, "e\ntwo\nth");
	source_wait(source, 10000);
	ck_assert_int_eq(source_read(source, 0, batch), SOURCE_READY);
	ck_assert_uint_eq(batch->count, 2);
	ck_assert(slice_is(batch->records[1].bytes, "two"));
	ck_assert_int_ge(batch->records[0].timestamp, now - 60000000);
	ck_assert_int_le(batch->records[0].timestamp, now + 60000000);
	probe_expect(source, 0, "", SOURCE_IDLE);
	ck_assert(!source_finished(source));
	close(end);
	probe_expect(source, 0, "8:th|", SOURCE_END);
	ck_assert(source_finished(source));
	batch_free(&batch);
	source_free(&source);
}
END_TEST

START_TEST(standard_input_may_be_packed_and_come_byte_by_byte)
{
	int end = piped();
	struct source *source = opened("-");
	FILE *file;
	int byte;

	pack("log", "w", "one\ntwo\n", 8);
	file = fopen("log", "r");
	while ((byte = fgetc(file)) != EOF) {
		struct probe probe;

		say(end, (char[]){(char)byte, '\0'});
		if (byte == 0)
			ck_assert_int_eq(write(end, "", 1), 1);
		probe_read(&probe, source, 0);
		ck_assert_int_eq(probe.state, SOURCE_IDLE);
		free(probe.text);
	}
	fclose(file);
	close(end);
	probe_expect(source, 0, "", SOURCE_END);
	ck_assert_int_eq(source_partition(source, 0)->next_offset, 8);
	source_free(&source);
}
END_TEST

START_TEST(standard_input_does_not_seek)
{
	int end = piped();
	struct source *source = opened("-");

	source_seek(source, 0, 100, 0);
	say(end, "one\n");
	close(end);
	probe_expect(source, 0, "0:one|", SOURCE_END);
	source_free(&source);
}
END_TEST

START_TEST(a_named_pipe_waits_for_its_writer)
{
	struct source *source;
	int end;

	ck_assert_int_eq(mkfifo("pipe", 0600), 0);
	source = opened("pipe");
	probe_expect(source, 0, "", SOURCE_IDLE);
	end = open("pipe", O_WRONLY);
	probe_expect(source, 0, "", SOURCE_IDLE);
	say(end, "one\n");
	probe_expect(source, 0, "0:one|", SOURCE_IDLE);
	close(end);
	probe_expect(source, 0, "", SOURCE_END);
	source_free(&source);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("source_files");
	TCase *files = tcase_create("files");

	tcase_add_checked_fixture(files, enter, leave);
	tcase_set_timeout(files, 120);
	tcase_add_test(files, lines_come_without_their_newlines_and_with_their_offsets);
	tcase_add_test(files, a_last_line_without_newline_is_a_line);
	tcase_add_test(files, carriage_returns_go_only_before_a_newline);
	tcase_add_test(files, nul_bytes_are_kept);
	tcase_add_test(files, an_empty_file_ends_at_once);
	tcase_add_test(files, a_line_may_lie_anywhere_over_the_end_of_a_block);
	tcase_add_test(files, more_short_lines_than_a_batch_takes_are_all_given);
	tcase_add_test(files, lines_up_to_one_mebibyte_are_whole);
	tcase_add_test(files, longer_lines_are_cut_and_given_once);
	tcase_add_test(files, a_long_last_line_without_newline_is_cut_too);
	tcase_add_test(files, a_file_goes_on_where_it_was_left);
	tcase_add_test(files, a_file_that_is_shorter_than_what_was_read_is_another_one);
	tcase_add_test(files, the_time_stamp_is_the_time_of_modification);
	tcase_add_test(files, the_table_tells_names_size_and_progress);
	tcase_add_test(files, packed_files_are_told_by_their_content);
	tcase_add_test(files, members_of_a_packed_file_follow_each_other);
	tcase_add_test(files, zeroes_behind_packed_data_are_padding);
	tcase_add_test(files, garbage_behind_packed_data_is_told);
	tcase_add_test(files, a_packed_file_goes_on_where_it_was_left);
	tcase_add_test(files, a_packed_file_that_breaks_off_keeps_its_whole_lines_and_is_an_error);
	tcase_add_test(files, a_damaged_packed_file_is_an_error);
	tcase_add_test(files, one_broken_file_leaves_the_others_be);
	tcase_add_test(files, what_cannot_be_opened_is_said_before_anything_is_read);
	tcase_add_test(files, standard_input_is_idle_until_lines_come_and_ends_when_closed);
	tcase_add_test(files, standard_input_may_be_packed_and_come_byte_by_byte);
	tcase_add_test(files, standard_input_does_not_seek);
	tcase_add_test(files, a_named_pipe_waits_for_its_writer);
	suite_add_tcase(suite, files);
	return suite_run(suite);
}
