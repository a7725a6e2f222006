/* SPDX-License-Identifier: Apache-2.0
 *
 * The part that all sources share: the table of partitions, notices and the
 * error text, and the way to the backend. It decides nothing about reading.
 * Aborts when memory runs out.
 */
#include "daemon/source/backend.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "daemon/base/memory.h"

uint32_t source_count(const struct source *source)
{
	return source->count;
}

const struct source_partition *source_partition(const struct source *source, uint32_t partition)
{
	assert(partition < source->count);
	return source->partitions[partition];
}

void source_seek(struct source *source, uint32_t partition, int64_t next_offset, int64_t inode)
{
	assert(partition < source->count);
	source->backend->seek(source, partition, next_offset, inode);
}

enum source_state source_read(struct source *source, uint32_t partition, struct batch *batch)
{
	assert(partition < source->count);
	assert(batch->count == 0 && !batch->held);
	batch->partition = partition;
	return source->backend->read(source, partition, batch);
}

void source_wait(struct source *source, int milliseconds)
{
	source->backend->wait(source, milliseconds);
}

void source_committed(struct source *source, uint32_t partition, int64_t next_offset)
{
	assert(partition < source->count);
	if (source->backend->committed)
		source->backend->committed(source, partition, next_offset);
}

const char *source_notice(struct source *source)
{
	struct source_note *note;

	pthread_mutex_lock(&source->lock);
	free(source->taken);
	note = source->notes;
	if (note) {
		source->notes = note->next;
		if (!source->notes)
			source->last_note = &source->notes;
	}
	source->taken = note;
	pthread_mutex_unlock(&source->lock);
	return note ? note->text : NULL;
}

const char *source_trouble(const struct source *source)
{
	return source->backend->trouble ? source->backend->trouble(source) : NULL;
}

const char *source_error(const struct source *source)
{
	return source->error ? source->error : "no error";
}

bool source_finished(const struct source *source)
{
	return source->backend->finished(source);
}

void source_free(struct source **source)
{
	if (!*source)
		return;
	(*source)->backend->free(*source);
	*source = NULL;
}

void source_prepare(struct source *source, const struct source_backend *backend)
{
	source->backend = backend;
	source->last_note = &source->notes;
	pthread_mutex_init(&source->lock, NULL);
}

void source_release(struct source *source)
{
	while (source->notes) {
		struct source_note *next = source->notes->next;

		free(source->notes);
		source->notes = next;
	}
	free(source->taken);
	for (uint32_t i = 0; i < source->count; i++) {
		free((char *)source->partitions[i]->topic);
		free(source->partitions[i]);
	}
	free(source->partitions);
	free(source->error);
	pthread_mutex_destroy(&source->lock);
}

struct source_partition *source_add(struct source *source, const char *kind, const char *topic, int32_t partition)
{
	struct source_partition *added = memory_zeroed(1, sizeof(*added));

	added->source = kind;
	added->topic = memory_string(topic, strlen(topic));
	added->partition = partition;
	added->size = -1;
	added->total_bytes = -1;
	MEMORY_GROW(source->partitions, source->count, source->capacity);
	source->partitions[source->count++] = added;
	return added;
}

__attribute__((format(printf, 1, 0))) static char *text_made(const char *format, va_list arguments)
{
	char *text;

	return vasprintf(&text, format, arguments) < 0 ? memory_checked(NULL) : text;
}

void source_note(struct source *source, const char *format, ...)
{
	va_list arguments;
	struct source_note *note;
	char *text;

	va_start(arguments, format);
	text = text_made(format, arguments);
	va_end(arguments);
	note = memory_checked(malloc(sizeof(*note) + strlen(text) + 1));
	note->next = NULL;
	memcpy(note->text, text, strlen(text) + 1);
	free(text);

	pthread_mutex_lock(&source->lock);
	*source->last_note = note;
	source->last_note = &note->next;
	pthread_mutex_unlock(&source->lock);
}

enum source_state source_fail(struct source *source, const char *format, ...)
{
	va_list arguments;

	free(source->error);
	va_start(arguments, format);
	source->error = text_made(format, arguments);
	va_end(arguments);
	return SOURCE_ERROR;
}

char *source_text(const char *format, ...)
{
	va_list arguments;
	char *text;

	va_start(arguments, format);
	text = text_made(format, arguments);
	va_end(arguments);
	return text;
}

bool source_twice(const char *const *paths, char **error)
{
	for (size_t i = 0; paths[i]; i++)
		for (size_t j = 0; j < i; j++)
			if (!strcmp(paths[i], paths[j])) {
				*error = source_text("%s: given twice", paths[i]);
				return true;
			}
	return false;
}

int64_t source_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
