/* SPDX-License-Identifier: Apache-2.0
 *
 * Output: one buffer that is written when full; or, where lines are shuffled,
 * doubled, lost, or go to several places, line by line through a heap of
 * lines that wait. A write error is kept and told at the end.
 */
#define _GNU_SOURCE
#include "sink.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plan.h"
#include "text.h"

#define BUFFER (1U << 20)

struct waiting {
	int64_t until;
	uint64_t number;
	int64_t time;
	uint32_t host, length;
	char *line;
};

struct file_of_host {
	FILE *file;
	const char *name;
};

static void fail(struct sink *sink, const char *what)
{
	if (!sink->error && asprintf(&sink->error, "%s: %s", what, strerror(errno)) < 0)
		abort();
}

static void write_buffer(struct sink *sink)
{
	const char *p = sink->buffer;

	while (p < sink->at && !sink->error) {
		ssize_t n = write(sink->fd, p, (size_t)(sink->at - p));

		if (n < 0 && errno != EINTR)
			fail(sink, "output");
		else if (n > 0)
			p += n;
	}
	sink->at = sink->buffer;
}

/* DIRECTORY/HOST.log; Exim's main log, whose lines tell no host, in a folder of the host's. */
static char *host_path(const struct options *options, const char *host)
{
	bool folder = options->format == FORMAT_EXIM && options->form == FORM_NATIVE;
	char *path = NULL;

	if (folder) {
		if (asprintf(&path, "%s/%s", options->output_dir, host) < 0)
			abort();
		(void)mkdir(path, 0750); /* it may be there; else the file cannot be opened */
		free(path);
	}
	if (asprintf(&path, "%s/%s%s", options->output_dir, host, folder ? "/mainlog" : ".log") < 0)
		abort();
	return path;
}

static char *open_host_files(struct sink *sink, const struct options *options, const struct host *hosts)
{
	char *error = NULL;

	for (uint32_t i = 0; i < sink->host_count; i++) {
		char *path = host_path(options, hosts[i].name);

		sink->files[i].file = fopen(path, "w");
		if (!sink->files[i].file) {
			if (asprintf(&error, "%s: %s", path, strerror(errno)) < 0)
				abort();
			free(path);
			return error;
		}
		free(path);
	}
	return NULL;
}

struct sink *sink_new(const struct options *options, const struct host *hosts, uint32_t host_count, char **error)
{
	struct sink *sink = calloc(1, sizeof(*sink));

	if (!sink || !(sink->buffer = malloc(BUFFER)) || !(sink->files = calloc(host_count, sizeof(*sink->files))) ||
	    !(sink->host_lines = calloc(host_count, sizeof(*sink->host_lines))))
		abort();
	sink->at = sink->buffer;
	sink->end = sink->buffer + BUFFER - SINK_ROOM;
	sink->host_count = host_count;
	sink->duplicates = options->duplicates / 100;
	sink->disorder = options->disorder;
	sink->lost = options->lost / 100;
	sink->lose_any = options->lost > 0 && options->lost_kind == LOST_ANY;
	sink->random = random_mix((uint64_t)options->seed + 99);
	sink->fd = -1;
	sink->by_line =
		sink->duplicates > 0 || sink->disorder > 0 || sink->lose_any || options->kafka || options->output_dir;
	for (uint32_t i = 0; i < host_count; i++)
		sink->files[i].name = hosts[i].name;
	*error = NULL;
	if (options->kafka) {
		sink->kafka = kafka_new(options, error);
	} else if (options->output_dir) {
		*error = open_host_files(sink, options, hosts);
	} else if (strcmp(options->output, "-") == 0) {
		sink->fd = STDOUT_FILENO;
	} else {
		sink->fd = open(options->output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
		if (sink->fd < 0 && asprintf(error, "%s: %s", options->output, strerror(errno)) < 0)
			abort();
	}
	if (*error)
		sink_free(&sink);
	return sink;
}

/* Writes one line out. It may be the one in the buffer. */
static void put(struct sink *sink, uint32_t host, int64_t time, const char *line, size_t length)
{
	sink->lines++;
	sink->host_lines[host]++;
	if (time > sink->latest)
		sink->latest = time;
	if (sink->kafka) {
		kafka_line(sink->kafka, sink->files[host].name, host, time, line, length - 1);
	} else if (sink->files[host].file) {
		if (fwrite(line, 1, length, sink->files[host].file) != length)
			fail(sink, sink->files[host].name);
	} else {
		if (line != sink->at)
			memcpy(sink->at, line, length);
		sink->at += length;
		if (sink->at >= sink->end)
			write_buffer(sink);
	}
}

static bool sooner(const struct waiting *a, const struct waiting *b)
{
	return a->until != b->until ? a->until < b->until : a->number < b->number;
}

static void wait_push(struct sink *sink, struct waiting line)
{
	uint64_t at = sink->waiting_count++;

	if (sink->waiting_count > sink->waiting_room) {
		sink->waiting_room = 2 * sink->waiting_room + 1024;
		sink->waiting = realloc(sink->waiting, sink->waiting_room * sizeof(*sink->waiting));
		if (!sink->waiting)
			abort();
	}
	line.number = sink->waiting_number++;
	while (at > 0 && sooner(&line, &sink->waiting[(at - 1) / 2])) {
		sink->waiting[at] = sink->waiting[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	sink->waiting[at] = line;
}

static struct waiting wait_pop(struct sink *sink)
{
	struct waiting first = sink->waiting[0], last = sink->waiting[--sink->waiting_count];
	uint64_t at = 0, child;

	while ((child = 2 * at + 1) < sink->waiting_count) {
		if (child + 1 < sink->waiting_count && sooner(&sink->waiting[child + 1], &sink->waiting[child]))
			child++;
		if (!sooner(&sink->waiting[child], &last))
			break;
		sink->waiting[at] = sink->waiting[child];
		at = child;
	}
	if (sink->waiting_count > 0)
		sink->waiting[at] = last;
	return first;
}

static void let_out(struct sink *sink, int64_t now)
{
	while (sink->waiting_count > 0 && sink->waiting[0].until <= now) {
		struct waiting line = wait_pop(sink);

		put(sink, line.host, line.time, line.line, line.length);
		free(line.line);
	}
}

/* Copies the line in the buffer, to be written between now and `within` later. */
static void put_aside(struct sink *sink, uint32_t host, int64_t time, size_t length, int64_t within)
{
	struct waiting line = {.time = time, .host = host, .length = (uint32_t)length};

	line.until = time + (int64_t)random_below(&sink->random, (uint64_t)within + 1);
	line.line = malloc(length);
	if (!line.line)
		abort();
	memcpy(line.line, sink->at, length);
	wait_push(sink, line);
}

void sink_line(struct sink *sink, uint32_t host, int64_t time, char *end)
{
	size_t length = (size_t)(end - sink->at);

	assert(length <= SINK_ROOM);
	if (!sink->by_line) {
		put(sink, host, time, sink->at, length);
		return;
	}
	if (sink->lose_any && random_chance(random_next(&sink->random), sink->lost)) {
		sink->taken_out++;
		return;
	}
	if (sink->duplicates > 0 && random_chance(random_next(&sink->random), sink->duplicates)) {
		sink->told_again++;
		put_aside(sink, host, time, length, sink->disorder > 2 * SECOND ? sink->disorder : 2 * SECOND);
	}
	if (sink->disorder > 0)
		put_aside(sink, host, time, length, sink->disorder);
	else
		put(sink, host, time, sink->at, length);
	/* The line's own time is what shuffling goes by: none is let out more than the allowed time late. */
	let_out(sink, time);
}

void sink_header(struct sink *sink, uint32_t host, char *end)
{
	size_t length = (size_t)(end - sink->at);

	if (sink->kafka)
		kafka_line(sink->kafka, sink->files[host].name, host, sink->latest, sink->at, length - 1);
	else if (sink->files[host].file)
		(void)!fwrite(sink->at, 1, length, sink->files[host].file);
	else
		sink->at = end;
}

bool sink_finish(struct sink *sink)
{
	let_out(sink, INT64_MAX);
	if (sink->fd >= 0)
		write_buffer(sink);
	for (uint32_t i = 0; i < sink->host_count; i++)
		if (sink->files[i].file && fflush(sink->files[i].file) != 0)
			fail(sink, sink->files[i].name);
	if (sink->kafka && !sink->error)
		sink->error = kafka_finish(sink->kafka);
	return !sink->error;
}

void sink_free(struct sink **sink)
{
	struct sink *s = *sink;

	if (!s)
		return;
	for (uint32_t i = 0; i < s->host_count; i++)
		if (s->files[i].file)
			fclose(s->files[i].file);
	if (s->fd > STDOUT_FILENO)
		close(s->fd);
	kafka_free(&s->kafka);
	while (s->waiting_count > 0)
		free(s->waiting[--s->waiting_count].line);
	free(s->waiting);
	free(s->files);
	free(s->host_lines);
	free(s->buffer);
	free(s->error);
	free(s);
	*sink = NULL;
}
