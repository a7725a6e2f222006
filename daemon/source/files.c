/* SPDX-License-Identifier: Apache-2.0
 *
 * The source of files and standard input: each path one partition, from its
 * beginning, or from where the store left off, to its end. Offsets count the
 * unpacked bytes. A file that fails says so and leaves the others be; lines
 * that were whole before the fault are kept, an unfinished one is not. What is
 * more than a few blocks is read ahead by a thread; it comes to the same.
 */
#include "daemon/source/backend.h"

#include <assert.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "daemon/base/memory.h"
#include "daemon/source/ahead.h"
#include "daemon/source/reading.h"

#define READ_STEPS 16     /* blocks of one call at most, where a line does not end */
#define DIRECT_STEPS 5    /* blocks of a file, the first of a few bytes, before a thread is worth its start */
#define THREADS_AT_MOST 8 /* of files that are read side by side; further ones are read directly */

struct file {
	struct reading reading; /* its thread's, while there is one */
	struct ahead *ahead;    /* NULL: read directly */
	unsigned direct;        /* blocks that were */
	struct reading_place place;
	enum source_state state; /* what the last read came to */
	bool cut_told;
};

struct files {
	struct source source;
	struct file *files; /* beside source.partitions */
	unsigned threads;
};

static void files_tell_place(struct source_partition *partition, const struct file *file)
{
	const struct input *input = file->reading.input;

	partition->next_offset = file->place.offset;
	partition->read_bytes = file->place.done;
	partition->total_bytes = input_total(input);
	if (partition->total_bytes >= 0 && partition->total_bytes < partition->read_bytes)
		partition->total_bytes = partition->read_bytes;
	partition->size = input_size(input);
	if (partition->size >= 0 && partition->size < partition->next_offset)
		partition->size = partition->next_offset;
}

static void file_restart(struct file *file, int64_t offset)
{
	lines_restart(&file->reading.lines, offset);
	file->place = reading_place(&file->reading);
}

static void files_seek(struct source *source, uint32_t index, int64_t next_offset, int64_t inode)
{
	struct files *files = (struct files *)source;
	struct source_partition *partition = source->partitions[index];
	struct file *file = &files->files[index];
	struct input *input = file->reading.input;

	(void)inode;
	if (next_offset == 0 || input_pipe(input) >= 0)
		return;
	if (input_size(input) >= 0 && next_offset > input_size(input)) {
		source_note(source,
		            "%s: has %" PRId64 " bytes and was read to byte %" PRId64
		            " before: another file, read from its beginning",
		            partition->topic, input_size(input), next_offset);
		return;
	}
	if (!input_seek(input, next_offset)) {
		source_note(source, "%s: cannot go on at byte %" PRId64 ": read from its beginning", partition->topic,
		            next_offset);
		return;
	}
	file_restart(file, next_offset);
	files_tell_place(partition, file);
}

/* A packed file that has less than was read of it before: it is another one. */
static enum source_state files_begin_again(struct source *source, struct source_partition *partition, struct file *file)
{
	source_note(source,
	            "%s: is shorter than the %" PRId64 " bytes that were read of it before: another file, read from "
	            "its beginning",
	            partition->topic, file->place.offset);
	if (!input_seek(file->reading.input, 0))
		return source_fail(source, "%s: cannot be read again", partition->topic);
	file_restart(file, 0);
	return SOURCE_BUSY;
}

static enum source_state files_broken(struct source *source, const struct file *file)
{
	int64_t unused = lines_unused(&file->reading.lines);

	if (unused > 0)
		return source_fail(source, "%s; %" PRId64 " bytes of an unfinished line are left out",
		                   input_error(file->reading.input), unused);
	return source_fail(source, "%s", input_error(file->reading.input));
}

/* One that turned out to be no small one. */
static void files_go_ahead(struct files *files, struct file *file)
{
	if (file->ahead || file->direct < DIRECT_STEPS || files->threads >= THREADS_AT_MOST)
		return;
	file->ahead = ahead_new(&file->reading);
	files->threads += file->ahead ? 1 : 0;
}

static void files_go_directly(struct files *files, struct file *file)
{
	files->threads -= file->ahead ? 1 : 0;
	ahead_free(&file->ahead);
}

static enum input_result files_block(struct files *files, struct file *file, struct batch *batch)
{
	enum input_result result;

	files_go_ahead(files, file);
	if (file->ahead)
		return ahead_step(file->ahead, batch, &file->place);
	result = reading_step(&file->reading, batch);
	file->direct += result == INPUT_BYTES ? 1 : 0;
	file->place = reading_place(&file->reading);
	return result;
}

/* One block. SOURCE_BUSY: no line ended in it. */
static enum source_state files_step(struct source *source, uint32_t index, struct batch *batch)
{
	struct files *files = (struct files *)source;
	struct file *file = &files->files[index];
	enum input_result result = files_block(files, file, batch);

	if (batch->count > 0)
		return SOURCE_READY;
	if (reading_over(result, batch))
		files_go_directly(files, file);
	switch (result) {
	case INPUT_BYTES: return SOURCE_BUSY;
	case INPUT_NONE: return input_pipe(file->reading.input) >= 0 ? SOURCE_IDLE : SOURCE_BUSY;
	case INPUT_END: return SOURCE_END;
	case INPUT_SHORT: return files_begin_again(source, source->partitions[index], file);
	default: return files_broken(source, file);
	}
}

/* What there is to say of the file, once. */
static void files_tell(struct source *source, const char *path, struct file *file)
{
	const char *remark = file->ahead ? NULL : input_remark(file->reading.input);

	if (remark)
		source_note(source, "%s: %s", path, remark);
	if (file->place.cut_at >= 0 && !file->cut_told) {
		source_note(source,
		            "%s: the line at byte %" PRId64
		            " is longer than 1 MiB and was cut there; so are others like it",
		            path, file->place.cut_at);
		file->cut_told = true;
	}
}

static enum source_state files_read(struct source *source, uint32_t index, struct batch *batch)
{
	struct source_partition *partition = source->partitions[index];
	struct file *file = &((struct files *)source)->files[index];
	enum source_state state = file->state;

	if (state == SOURCE_END || state == SOURCE_ERROR)
		return state;
	state = SOURCE_BUSY;
	for (int step = 0; step < READ_STEPS && state == SOURCE_BUSY; step++)
		state = files_step(source, index, batch);
	file->state = state;
	files_tell_place(partition, file);
	files_tell(source, partition->topic, file);
	return state;
}

/* What poll(2) says more of it by. */
static int file_pipe(const struct file *file)
{
	return file->ahead ? ahead_pipe(file->ahead) : input_pipe(file->reading.input);
}

/* Files always have something; only pipes can be waited for. */
static void files_wait(struct source *source, int milliseconds)
{
	const struct files *files = (const struct files *)source;
	struct pollfd *ready = memory_zeroed(source->count, sizeof(*ready));
	nfds_t count = 0;

	for (uint32_t i = 0; i < source->count; i++)
		if (files->files[i].state == SOURCE_IDLE)
			ready[count++] = (struct pollfd){.fd = file_pipe(&files->files[i]), .events = POLLIN};
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
		ahead_free(&files->files[i].ahead);
		reading_release(&files->files[i].reading);
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
		struct file *file = &files->files[i];
		struct source_partition *partition;

		partition = source_add(&files->source, strcmp(paths[i], "-") ? "file" : "stdin", paths[i], 0);
		file->state = SOURCE_BUSY;
		file->reading.input = input_open(paths[i], error);
		if (!file->reading.input) {
			files_free(&files->source);
			return NULL;
		}
		file->place = reading_place(&file->reading);
		files_tell_place(partition, file);
	}
	return &files->source;
}
