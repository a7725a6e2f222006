/* SPDX-License-Identifier: Apache-2.0
 *
 * The source of followed files: each path one partition, read to its end and
 * then on as it grows, through rotation by renaming, truncation in place and
 * absence. A place is an inode and an offset in it; every batch is of one
 * inode. A rotated file is read to its end before its successor is begun;
 * what cannot be found again is told as a gap. A line is one when its newline
 * has come, or when its file is finished and has a successor.
 */
#include "daemon/source/backend.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "daemon/base/memory.h"
#include "daemon/source/lines.h"
#include "daemon/source/rotated.h"

#define READ_STEPS 16   /* blocks of one call at most, where a line does not end */
#define POLL_TIME 250   /* milliseconds between two looks at the files */
#define SETTLE_TIME 500 /* milliseconds that a rotated file must be silent once its successor has lines */

struct followed {
	int fd; /* -1: none open */
	int64_t inode;
	struct lines lines;
	bool resume;      /* the place of source_seek() is still to be found */
	bool at_end;      /* the last read came to the end of the file */
	bool truncated;   /* it was cut off since it was opened */
	bool open_ended;  /* the file was finished with a line that had no newline */
	int64_t settling; /* source_clock() when the successor's lines were seen first; 0: not */
	int64_t gap;      /* for the next batch */
	int trouble;      /* errno that was told of the path last */
	bool cut_told;
	enum source_state state; /* what the last read came to */
};

struct follow {
	struct source source;
	struct followed *files; /* beside source.partitions */
	bool until_end;
};

static int64_t follow_position(const struct followed *file)
{
	return file->lines.offset + lines_unused(&file->lines);
}

static void follow_close(struct followed *file)
{
	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
	file->at_end = false;
	file->open_ended = false;
	file->truncated = false;
	file->settling = 0;
}

static void follow_begin(struct followed *file, int fd, int64_t inode, int64_t offset)
{
	follow_close(file);
	file->fd = fd;
	file->inode = inode;
	file->resume = false;
	file->trouble = 0;
	lines_restart(&file->lines, offset);
}

/* Opens a regular file. -1 with errno. */
static int follow_open(const char *path, struct stat *status)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd >= 0 && fstat(fd, status) == 0 && S_ISREG(status->st_mode))
		return fd;
	if (fd >= 0) {
		close(fd);
		errno = EINVAL;
	}
	return -1;
}

/* Whether a line may begin there: behind a newline, or, of a finished file, at the end. */
static bool follow_fits(int fd, const struct stat *status, int64_t offset, bool finished)
{
	char before = '\0';

	if (offset == 0 || (finished && offset == status->st_size))
		return true;
	return offset <= status->st_size && pread(fd, &before, 1, offset - 1) == 1 && before == '\n';
}

/* The path cannot be opened: says so once; the reader waits, or ends where it must. */
static enum source_state follow_missing(struct follow *follow, const char *path, struct followed *file, int why)
{
	bool told = file->trouble == why;
	const char *text = why == EINVAL ? "not a regular file" : strerror(why);

	file->trouble = why;
	if (follow->until_end && why != ENOENT)
		return source_fail(&follow->source, "%s: %s", path, text);
	if (!told)
		source_note(&follow->source, "%s: %s%s", path, text, follow->until_end ? "" : "; waiting for it");
	return follow->until_end ? SOURCE_END : SOURCE_IDLE;
}

/* Begins at the place of source_seek(), as near as it can be found. current: the open file of the path, or -1. */
static bool follow_resume(struct follow *follow, const char *path, struct followed *file, int current,
                          const struct stat *status)
{
	int64_t offset = file->lines.offset;
	bool same = current >= 0 && (file->inode == 0 || file->inode == (int64_t)status->st_ino);
	struct stat old_status;
	char *old_path;
	int old;

	if (same && follow_fits(current, status, offset, false)) {
		follow_begin(file, current, (int64_t)status->st_ino, offset);
		return true;
	}
	old_path = same ? NULL : rotated_by_inode(path, file->inode);
	old = old_path ? follow_open(old_path, &old_status) : -1;
	free(old_path);
	if (old >= 0 && follow_fits(old, &old_status, offset, true)) {
		follow_begin(file, old, (int64_t)old_status.st_ino, offset);
		if (current >= 0)
			close(current);
		return true;
	}
	if (old >= 0)
		close(old);
	if (current < 0)
		return false;
	if (same)
		source_note(&follow->source,
		            "%s: was written anew since it was read to byte %" PRId64
		            "; read from its beginning, lines may be missing before it",
		            path, offset);
	else
		source_note(&follow->source,
		            "%s: the file that was read to byte %" PRId64 " is gone; its successor is read from "
		            "its beginning, lines may be missing before it",
		            path, offset);
	follow_begin(file, current, (int64_t)status->st_ino, 0);
	file->gap = 1;
	file->truncated = same;
	return true;
}

/* Opens the path, where nothing is open. SOURCE_READY: now it is. */
static enum source_state follow_find(struct follow *follow, const char *path, struct followed *file)
{
	struct stat status;
	int fd = follow_open(path, &status);
	int why = errno;

	if (file->resume && follow_resume(follow, path, file, fd, &status))
		return SOURCE_READY;
	if (fd < 0)
		return follow_missing(follow, path, file, why);
	follow_begin(file, fd, (int64_t)status.st_ino, 0);
	return SOURCE_READY;
}

/* The file was cut off, or cut off and written to beyond where it was read: from its beginning again. */
static void follow_truncated(struct follow *follow, const char *path, struct followed *file)
{
	file->gap += lines_unused(&file->lines);
	file->at_end = false;
	file->truncated = true;
	lines_restart(&file->lines, 0);
	source_note(&follow->source, "%s: was truncated; read from its beginning", path);
}

/* Whether the file may still get lines though it has a successor. SOURCE_READY: no more. */
static enum source_state follow_settle(const struct follow *follow, struct followed *file, const struct stat *successor)
{
	if (follow->until_end)
		return SOURCE_READY;
	if (successor->st_size == 0) {
		file->settling = 0;
		return SOURCE_IDLE;
	}
	if (file->settling == 0)
		file->settling = source_clock();
	return source_clock() - file->settling < SETTLE_TIME ? SOURCE_BUSY : SOURCE_READY;
}

/* Opens what comes after the file that is finished: `between`, or the path itself where that is NULL. Names change
 * while one looks: where it is not the file that was seen, SOURCE_BUSY, and all is looked at again. */
static enum source_state follow_successor(const char *path, const char *between, struct followed *file,
                                          const struct stat *current)
{
	struct stat status;
	int fd = follow_open(between ? between : path, &status);
	bool good = fd >= 0 && status.st_ino != (ino_t)file->inode &&
	            (status.st_ino == current->st_ino) == (between == NULL);

	if (good) {
		follow_begin(file, fd, (int64_t)status.st_ino, 0);
		return SOURCE_READY;
	}
	if (fd >= 0)
		close(fd);
	return SOURCE_BUSY;
}

static void follow_give_last(struct followed *file, struct batch *batch, int64_t timestamp)
{
	size_t have;

	lines_room(&file->lines, batch, &have);
	lines_split(&file->lines, batch, have, timestamp, true);
	file->open_ended = true;
}

static int64_t follow_time(const struct stat *status)
{
	return (int64_t)status->st_mtim.tv_sec * 1000000 + status->st_mtim.tv_nsec / 1000;
}

/* The file at its end has another inode than the path, or the path is not there. */
static enum source_state follow_left(struct follow *follow, const char *path, struct followed *file,
                                     const struct stat *mine, const struct stat *current, struct batch *batch)
{
	char *between = rotated_after(path, mine, (int64_t)current->st_ino);
	enum source_state state = SOURCE_READY;

	if (!between && current->st_ino == 0)
		state = follow->until_end ? SOURCE_END : SOURCE_IDLE;
	else if (!between)
		state = follow_settle(follow, file, current);
	if (state == SOURCE_READY && lines_unused(&file->lines) > 0)
		follow_give_last(file, batch, follow_time(mine));
	else if (state == SOURCE_READY)
		state = follow_successor(path, between, file, current);
	free(between);
	return state;
}

/* At the end of the file: SOURCE_READY where there is a record, or where reading goes on (another file, or this one
 * anew), else what to say. */
static enum source_state follow_ended(struct follow *follow, const char *path, struct followed *file,
                                      struct batch *batch)
{
	struct stat mine;
	struct stat current = {0};

	if (fstat(file->fd, &mine) < 0)
		return source_fail(&follow->source, "%s: %s", path, strerror(errno));
	if (mine.st_size < follow_position(file)) {
		follow_truncated(follow, path, file);
		return SOURCE_READY;
	}
	if (mine.st_size > follow_position(file)) {
		file->settling = 0;
		return SOURCE_READY;
	}
	if (stat(path, &current) < 0 || !S_ISREG(current.st_mode))
		current = (struct stat){0};
	if (current.st_ino == mine.st_ino)
		return follow->until_end ? SOURCE_END : SOURCE_IDLE;
	return follow_left(follow, path, file, &mine, &current, batch);
}

/* Where the text begins, in a file that was cut off under a writer that did not notice: it went on at its old place
 * and left a hole before it. 0 where there is none. */
static int64_t follow_hole(int fd)
{
	off_t data = lseek(fd, 0, SEEK_DATA);
	char page[4096];
	ssize_t got = pread(fd, page, sizeof(page), data > 0 ? data : 0);
	ssize_t blank = 0;

	while (blank < got && page[blank] == '\0')
		blank++;
	return (data > 0 ? data : 0) + blank;
}

/* One block. SOURCE_READY with an empty batch: look again. */
static enum source_state follow_step(struct follow *follow, const char *path, struct followed *file,
                                     struct batch *batch)
{
	struct stat status = {0};
	bool was_at_end = file->at_end;
	ssize_t got = 0;
	size_t have;
	char *memory;

	if (file->fd < 0)
		return follow_find(follow, path, file);
	fstat(file->fd, &status);
	memory = lines_room(&file->lines, batch, &have);
	if (!file->lines.full)
		got = pread(file->fd, memory + have, LINES_BLOCK, follow_position(file));
	if (got < 0)
		return source_fail(&follow->source, "%s: %s", path, strerror(errno));
	file->at_end = got == 0 && !file->lines.full;
	if (file->at_end)
		return follow_ended(follow, path, file, batch);
	if (was_at_end && !file->open_ended && !follow_fits(file->fd, &status, file->lines.offset, false)) {
		follow_truncated(follow, path, file);
		return SOURCE_READY;
	}
	if (file->truncated && follow_position(file) == 0 && memory[0] == '\0' && follow_hole(file->fd) > 0) {
		lines_restart(&file->lines, follow_hole(file->fd));
		return SOURCE_READY;
	}
	lines_split(&file->lines, batch, have + (size_t)got, follow_time(&status), false);
	return SOURCE_READY;
}

static void follow_tell_place(struct source_partition *partition, const struct followed *file)
{
	struct stat status;

	partition->next_offset = file->lines.offset;
	partition->inode = file->inode;
	if (file->fd < 0 || fstat(file->fd, &status) < 0)
		return;
	partition->size = status.st_size;
	partition->read_bytes = follow_position(file);
	partition->total_bytes = partition->size < partition->read_bytes ? partition->read_bytes : partition->size;
}

static enum source_state follow_read(struct source *source, uint32_t index, struct batch *batch)
{
	struct follow *follow = (struct follow *)source;
	struct followed *file = &follow->files[index];
	struct source_partition *partition = source->partitions[index];
	enum source_state state = SOURCE_READY;

	if (file->state == SOURCE_END || file->state == SOURCE_ERROR)
		return file->state;
	for (int step = 0; step < READ_STEPS && state == SOURCE_READY && batch->count == 0; step++)
		state = follow_step(follow, partition->topic, file, batch);
	if (state == SOURCE_READY && batch->count == 0)
		state = SOURCE_BUSY;
	if (state == SOURCE_READY) {
		batch->inode = file->inode;
		batch->gap = file->gap;
		file->gap = 0;
	}
	file->state = state;
	follow_tell_place(partition, file);
	if (file->lines.cut && !file->cut_told) {
		source_note(source,
		            "%s: the line at byte %" PRId64
		            " is longer than 1 MiB and was cut there; so are others like it",
		            partition->topic, file->lines.cut_at);
		file->cut_told = true;
	}
	return state;
}

static void follow_seek(struct source *source, uint32_t index, int64_t next_offset, int64_t inode)
{
	struct followed *file = &((struct follow *)source)->files[index];

	follow_close(file);
	lines_restart(&file->lines, next_offset);
	file->inode = inode;
	file->resume = next_offset > 0 || inode != 0;
	follow_tell_place(source->partitions[index], file);
}

/* Whether a file that was read to its end has something new. */
static bool follow_stirs(const char *path, const struct followed *file)
{
	struct stat mine;
	struct stat current;
	bool there = stat(path, &current) == 0;

	if (file->fd < 0)
		return there && S_ISREG(current.st_mode);
	if (fstat(file->fd, &mine) < 0 || mine.st_size != follow_position(file))
		return true;
	return there && current.st_ino != mine.st_ino && current.st_size > 0 &&
	       (file->settling == 0 || source_clock() - file->settling >= SETTLE_TIME);
}

static void follow_wait(struct source *source, int milliseconds)
{
	struct follow *follow = (struct follow *)source;
	int64_t until = source_clock() + milliseconds;

	for (uint32_t i = 0; i < source->count; i++)
		follow_tell_place(source->partitions[i], &follow->files[i]);
	for (;;) {
		int64_t left = until - source_clock();
		int64_t nap = left < POLL_TIME ? left : POLL_TIME;
		struct timespec time = {.tv_nsec = nap * 1000000};

		for (uint32_t i = 0; i < source->count; i++)
			if ((follow->files[i].state == SOURCE_IDLE || follow->files[i].state == SOURCE_BUSY) &&
			    follow_stirs(source->partitions[i]->topic, &follow->files[i]))
				return;
		if (left <= 0 || nanosleep(&time, NULL) < 0)
			return;
	}
}

/* A file that is not there yet, or no more, is no failure; but nothing comes of it. */
static const char *follow_trouble(const struct source *source)
{
	const struct follow *follow = (const struct follow *)source;

	for (uint32_t i = 0; i < source->count; i++) {
		if (follow->files[i].state == SOURCE_ERROR)
			return source_error(source);
		if (follow->files[i].fd < 0 && follow->files[i].trouble)
			return "a followed file cannot be opened";
	}
	return NULL;
}

static bool follow_finished(const struct source *source)
{
	const struct follow *follow = (const struct follow *)source;

	for (uint32_t i = 0; i < source->count; i++)
		if (follow->files[i].state != SOURCE_END && follow->files[i].state != SOURCE_ERROR)
			return false;
	return true;
}

static void follow_free(struct source *source)
{
	struct follow *follow = (struct follow *)source;

	for (uint32_t i = 0; i < source->count; i++) {
		follow_close(&follow->files[i]);
		lines_release(&follow->files[i].lines);
	}
	free(follow->files);
	source_release(source);
	free(follow);
}

static const struct source_backend follow_backend = {
	.seek = follow_seek,
	.read = follow_read,
	.wait = follow_wait,
	.trouble = follow_trouble,
	.finished = follow_finished,
	.free = follow_free,
};

struct source *source_follow_new(const char *const *paths, bool until_end, char **error)
{
	struct follow *follow;
	struct stat status;
	size_t count = 0;

	*error = NULL;
	if (source_twice(paths, error))
		return NULL;
	for (; paths[count]; count++)
		if (stat(paths[count], &status) == 0 && !S_ISREG(status.st_mode)) {
			*error = source_text("%s: only regular files can be followed", paths[count]);
			return NULL;
		}
	follow = memory_zeroed(1, sizeof(*follow));
	follow->files = memory_zeroed(count, sizeof(*follow->files));
	follow->until_end = until_end;
	source_prepare(&follow->source, &follow_backend);
	for (size_t i = 0; i < count; i++) {
		follow->files[i].fd = -1;
		follow->files[i].state = SOURCE_BUSY;
		source_add(&follow->source, "follow", paths[i], 0);
	}
	return &follow->source;
}
