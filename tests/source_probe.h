/* SPDX-License-Identifier: Apache-2.0
 *
 * What the tests of the sources share: files in a directory of their own, and
 * a reader that turns a source's records into one text to compare. A fault
 * fails the test at once.
 */
#ifndef MAILSTORM_TESTS_SOURCE_PROBE_H
#define MAILSTORM_TESTS_SOURCE_PROBE_H

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source.h"
#include "tests/suite.h"

#define PROBE_UNUSED __attribute__((unused))

/* A directory that the process then works in; probe_leave() removes it. */
PROBE_UNUSED static void probe_enter(char directory[64])
{
	snprintf(directory, 64, "/tmp/check_source.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	ck_assert_int_eq(chdir(directory), 0);
}

PROBE_UNUSED static void probe_leave(const char *directory)
{
	DIR *all = opendir(directory);
	struct dirent *entry;

	while ((entry = readdir(all)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			unlinkat(dirfd(all), entry->d_name, 0);
	closedir(all);
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(rmdir(directory), 0);
}

PROBE_UNUSED static void probe_put(const char *path, const char *mode, const void *bytes, size_t length)
{
	FILE *file = fopen(path, mode);

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(bytes, 1, length, file), length);
	ck_assert_int_eq(fclose(file), 0);
}

PROBE_UNUSED static void probe_write(const char *path, const char *text)
{
	probe_put(path, "w", text, strlen(text));
}

PROBE_UNUSED static void probe_append(const char *path, const char *text)
{
	probe_put(path, "a", text, strlen(text));
}

/* What reading came to: the records as "OFFSET:BYTES|", a gap as "gap N|", and where it stands. */
struct probe {
	char *text;
	size_t size;
	FILE *stream;
	enum source_state state;
	int64_t next_offset; /* of the last batch */
	int64_t inode;       /* of the last batch */
	int64_t records;
};

PROBE_UNUSED static void probe_begin(struct probe *probe)
{
	memset(probe, 0, sizeof(*probe));
	probe->stream = open_memstream(&probe->text, &probe->size);
}

/* One batch. Checks what every batch must keep to. */
PROBE_UNUSED static enum source_state probe_step(struct probe *probe, struct source *source, uint32_t partition,
                                                 struct batch *batch)
{
	const struct source_partition *table;

	batch_clear(batch);
	probe->state = source_read(source, partition, batch);
	table = source_partition(source, partition);
	if (probe->state != SOURCE_READY)
		return probe->state;
	ck_assert(batch->count > 0 || batch->gap > 0);
	ck_assert_uint_eq(batch->partition, partition);
	if (batch->gap)
		fprintf(probe->stream, "gap %" PRId64 "|", batch->gap);
	for (uint32_t i = 0; i < batch->count; i++) {
		const struct record *record = &batch->records[i];

		fprintf(probe->stream, "%" PRId64 ":", record->offset);
		fwrite(record->bytes.bytes, 1, record->bytes.length, probe->stream);
		fputc('|', probe->stream);
		ck_assert(slice_given(record->bytes));
		ck_assert_int_gt(batch->next_offset, record->offset);
		ck_assert(i == 0 || record->offset > record[-1].offset);
	}
	ck_assert_int_eq(table->next_offset, batch->next_offset);
	ck_assert_int_eq(table->inode, batch->inode);
	probe->next_offset = batch->next_offset;
	probe->inode = batch->inode;
	probe->records += batch->count;
	return probe->state;
}

/* Reads one partition until it has no more for now; SOURCE_BUSY is waited for. The text is the caller's to free,
 * with the stream closed. */
PROBE_UNUSED static void probe_read(struct probe *probe, struct source *source, uint32_t partition)
{
	struct batch *batch = batch_new();

	probe_begin(probe);
	for (int busy = 0; busy < 1000;) {
		enum source_state state = probe_step(probe, source, partition, batch);

		if (state == SOURCE_BUSY) {
			busy++;
			source_wait(source, 20);
		} else if (state != SOURCE_READY) {
			break;
		}
	}
	fclose(probe->stream);
	batch_free(&batch);
}

/* Reads until there is no more, and compares all of it. */
PROBE_UNUSED static void probe_expect(struct source *source, uint32_t partition, const char *expected,
                                      enum source_state state)
{
	struct probe probe;

	probe_read(&probe, source, partition);
	ck_assert_str_eq(probe.text, expected);
	ck_assert_int_eq(probe.state, state);
	free(probe.text);
}

PROBE_UNUSED static void probe_expect_notice(struct source *source, const char *expected)
{
	const char *notice = source_notice(source);

	if (!expected) {
		ck_assert_msg(!notice, "a notice: %s", notice);
		return;
	}
	ck_assert_msg(notice && strstr(notice, expected), "notice \"%s\", not \"%s\"", notice ? notice : "none",
	              expected);
}

#endif
