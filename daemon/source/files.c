/* SPDX-License-Identifier: Apache-2.0
 *
 * The source of files and standard input: each path one partition, from its
 * beginning, or from where the store left off, to its end. Offsets count the
 * unpacked bytes. A file that fails says so and leaves the others be; lines
 * that were whole before the fault are kept, an unfinished one is not.
 */
#include "daemon/source/backend.h"

#include <assert.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "daemon/base/memory.h"
#include "daemon/source/input.h"
#include "daemon/source/lines.h"

#define READ_STEPS 16 /* blocks of one call at most, where a line does not end */

struct file {
	struct input *input;
	struct lines lines;
	enum source_state state; /* what the last read came to */
	bool cut_told;
};

struct files {
	struct source source;
	struct file *files; /* beside source.partitions */
};

static void files_tell_place(struct source_partition *partition, const struct file *file)
{
	partition->next_offset = file->lines.offset;
	partition->read_bytes = input_done(file->input);
	partition->total_bytes = input_total(file->input);
	if (partition->total_bytes >= 0 && partition->total_bytes < partition->read_bytes)
		partition->total_bytes = partition->read_bytes;
	partition->size = input_size(file->input);
	if (partition->size >= 0 && partition->size < partition->next_offset)
		partition->size = partition->next_offset;
}

static void files_seek(struct source *source, uint32_t index, int64_t next_offset, int64_t inode)
{
	struct files *files = (struct files *)source;
	struct source_partition *partition = source->partitions[index];
	struct file *file = &files->files[index];

	(void)inode;
	if (next_offset == 0 || input_pipe(file->input) >= 0)
		return;
	if (input_size(file->input) >= 0 && next_offset > input_size(file->input)) {
		source_note(source,
		            "%s: has %" PRId64 " bytes and was read to byte %" PRId64
		            " before: another file, read from its beginning",
		            partition->topic, input_size(file->input), next_offset);
		return;
	}
	if (!input_seek(file->input, next_offset)) {
		source_note(source, "%s: cannot go on at byte %" PRId64 ": read from its beginning", partition->topic,
		            next_offset);
		return;
	}
	lines_restart(&file->lines, next_offset);
	files_tell_place(partition, file);
}

/* A packed file that has less than was read of it before: it is another one. */
static enum source_state files_begin_again(struct source *source, struct source_partition *partition, struct file *file)
{
	source_note(source,
	            "%s: is shorter than the %" PRId64 " bytes that were read of it before: another file, read from "
	            "its beginning",
	            partition->topic, file->lines.offset);
	if (!input_seek(file->input, 0))
		return source_fail(source, "%s: cannot be read again", partition->topic);
	lines_restart(&file->lines, 0);
	return SOURCE_BUSY;
}

static enum source_state files_broken(struct source *source, const struct file *file)
{
	int64_t unused = lines_unused(&file->lines);

	if (unused > 0)
		return source_fail(source, "%s; %" PRId64 " bytes of an unfinished line are left out",
		                   input_error(file->input), unused);
	return source_fail(source, "%s", input_error(file->input));
}

/* One block. SOURCE_BUSY: no line ended in it. */
static enum source_state files_step(struct source *source, uint32_t index, struct batch *batch)
{
	struct source_partition *partition = source->partitions[index];
	struct file *file = &((struct files *)source)->files[index];
	int64_t timestamp = input_time(file->input);
	enum input_result result = INPUT_BYTES;
	size_t have;
	size_t got = 0;
	char *memory = lines_room(&file->lines, batch, &have);

	if (!file->lines.full)
		result = input_read(file->input, memory + have, LINES_BLOCK, &got);
	switch (result) {
	case INPUT_BYTES:
		return lines_split(&file->lines, batch, have + got, timestamp, false) ? SOURCE_READY : SOURCE_BUSY;
	case INPUT_NONE: return input_pipe(file->input) >= 0 ? SOURCE_IDLE : SOURCE_BUSY;
	case INPUT_END: return lines_split(&file->lines, batch, have, timestamp, true) ? SOURCE_READY : SOURCE_END;
	case INPUT_SHORT: return files_begin_again(source, partition, file);
	default: return files_broken(source, file);
	}
}

static enum source_state files_read(struct source *source, uint32_t index, struct batch *batch)
{
	struct source_partition *partition = source->partitions[index];
	struct file *file = &((struct files *)source)->files[index];
	enum source_state state = file->state;
	const char *remark;

	if (state == SOURCE_END || state == SOURCE_ERROR)
		return state;
	state = SOURCE_BUSY;
	for (int step = 0; step < READ_STEPS && state == SOURCE_BUSY; step++)
		state = files_step(source, index, batch);
	file->state = state;
	files_tell_place(partition, file);
	remark = input_remark(file->input);
	if (remark)
		source_note(source, "%s: %s", partition->topic, remark);
	if (file->lines.cut && !file->cut_told) {
		source_note(source,
		            "%s: the line at byte %" PRId64
		            " is longer than 1 MiB and was cut there; so are others like it",
		            partition->topic, file->lines.cut_at);
		file->cut_told = true;
	}
	return state;
}

/* Files always have something; only pipes can be waited for. */
static void files_wait(struct source *source, int milliseconds)
{
	struct files *files = (struct files *)source;
	struct pollfd *ready = memory_zeroed(source->count, sizeof(*ready));
	nfds_t count = 0;

	for (uint32_t i = 0; i < source->count; i++)
		if (files->files[i].state == SOURCE_IDLE)
			ready[count++] = (struct pollfd){.fd = input_pipe(files->files[i].input), .events = POLLIN};
	if (count > 0)
		poll(ready, count, milliseconds);
	free(ready);
}

static bool files_finished(const struct source *source)
{
	const struct files *files = (const struct files *)source;

	for (uint32_t i = 0; i < source->count; i++)
		if (files->files[i].state != SOURCE_END && files->files[i].state != SOURCE_ERROR)
			return false;
	return true;
}

static void files_free(struct source *source)
{
	struct files *files = (struct files *)source;

	for (uint32_t i = 0; i < source->count; i++) {
		input_free(&files->files[i].input);
		lines_release(&files->files[i].lines);
	}
	free(files->files);
	source_release(source);
	free(files);
}

static const struct source_backend files_backend = {
	.seek = files_seek,
	.read = files_read,
	.wait = files_wait,
	.finished = files_finished,
	.free = files_free,
};

struct source *source_files_new(const char *const *paths, char **error)
{
	struct files *files;
	size_t count = 0;

	*error = NULL;
	if (source_twice(paths, error))
		return NULL;
	while (paths[count])
		count++;
	files = memory_zeroed(1, sizeof(*files));
	files->files = memory_zeroed(count, sizeof(*files->files));
	source_prepare(&files->source, &files_backend);
	for (size_t i = 0; i < count; i++) {
		struct source_partition *partition;

		partition = source_add(&files->source, strcmp(paths[i], "-") ? "file" : "stdin", paths[i], 0);
		files->files[i].state = SOURCE_BUSY;
		files->files[i].input = input_open(paths[i], error);
		if (!files->files[i].input) {
			files_free(&files->source);
			return NULL;
		}
		files_tell_place(partition, &files->files[i]);
	}
	return &files->source;
}
