/* SPDX-License-Identifier: Apache-2.0
 *
 * Collects a paragraph in memory. The unit separator (a control character,
 * which no safe text holds) stands for a space at which no line is broken.
 */
#define _GNU_SOURCE
#include "daemon/report/prose.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/report/when.h"
#include "daemon/report/words.h"

#define FIXED_SPACE '\x1f'

struct prose {
	FILE *out;
	int width;
	enum safe_target target;
	const struct zone *zone;
	FILE *paragraph;
	char *text;
	size_t length;
	char **values;
	size_t count;
	size_t capacity;
};

static void begin(struct prose *prose)
{
	prose->paragraph = memory_checked(open_memstream(&prose->text, &prose->length));
}

struct prose *prose_new(FILE *out, int width, enum safe_target target, const struct zone *zone)
{
	struct prose *prose = memory_zeroed(1, sizeof(*prose));

	prose->out = out;
	prose->width = width;
	prose->target = target;
	prose->zone = zone;
	begin(prose);
	return prose;
}

/* Takes the paragraph's memory and the values' back. */
static void forget(struct prose *prose)
{
	free(prose->text);
	prose->text = NULL;
	for (size_t i = 0; i < prose->count; i++)
		free(prose->values[i]);
	prose->count = 0;
}

void prose_free(struct prose **prose)
{
	if (!*prose)
		return;
	fclose((*prose)->paragraph);
	forget(*prose);
	free((*prose)->values);
	free(*prose);
	*prose = NULL;
}

void prose_say(struct prose *prose, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vfprintf(prose->paragraph, format, arguments);
	va_end(arguments);
}

void prose_end(struct prose *prose)
{
	size_t at = 0;

	if (fclose(prose->paragraph) != 0)
		abort();
	for (size_t next; at < prose->length; at += next) {
		size_t line = safe_line(prose->text + at, prose->length - at, prose->width, &next);

		for (size_t i = at; i < at + line; i++)
			putc(prose->text[i] == FIXED_SPACE ? ' ' : prose->text[i], prose->out);
		putc('\n', prose->out);
	}
	if (prose->length > 0)
		putc('\n', prose->out);
	forget(prose);
	begin(prose);
}

static const char *keep(struct prose *prose, char *value)
{
	MEMORY_GROW(prose->values, prose->count, prose->capacity);
	return prose->values[prose->count++] = value;
}

/* Keeps words whose spaces break no line. */
static const char *keep_words(struct prose *prose, const char *words)
{
	char *copy = memory_string(words, strlen(words));

	for (char *at = copy; (at = strchr(at, ' ')) != NULL;)
		*at = FIXED_SPACE;
	return keep(prose, copy);
}

const char *prose_text(struct prose *prose, const char *text)
{
	return text ? keep(prose, safe_text(text, strlen(text), prose->target)) : NULL;
}

const char *prose_count(struct prose *prose, int64_t count)
{
	return keep_words(prose, words_count((char[WORDS_SIZE]){0}, count));
}

const char *prose_many(struct prose *prose, int64_t count, const char *one, const char *many)
{
	char words[WORDS_SIZE];
	char *text = NULL;

	if (asprintf(&text, "%s%c%s", words_count(words, count), FIXED_SPACE, count == 1 ? one : many) < 0)
		abort();
	return keep(prose, text);
}

const char *prose_real(struct prose *prose, double value)
{
	return keep_words(prose, words_real((char[WORDS_SIZE]){0}, value));
}

const char *prose_share(struct prose *prose, int64_t part, int64_t whole)
{
	return keep_words(prose, words_share((char[WORDS_SIZE]){0}, part, whole));
}

const char *prose_bytes(struct prose *prose, int64_t bytes)
{
	return keep_words(prose, words_bytes((char[WORDS_SIZE]){0}, bytes));
}

const char *prose_duration(struct prose *prose, int64_t milliseconds)
{
	return keep_words(prose, words_duration((char[WORDS_SIZE]){0}, milliseconds));
}

const char *prose_time(struct prose *prose, const char *iso)
{
	char words[WHEN_SIZE];

	when_words(words, iso, prose->zone);
	if (strcmp(words, "?") == 0)
		return "an unknown time";
	return keep_words(prose, prose->zone ? words : strcat(words, " UTC"));
}
