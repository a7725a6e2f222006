/* SPDX-License-Identifier: Apache-2.0
 *
 * A log of many lines for the tests of what reads files: lines of every
 * length, some empty, some of several blocks; the same each time. And its
 * forms on the disk: plain, packed, UTF-16.
 */
#ifndef MAILSTORM_TESTS_LOG_MADE_H
#define MAILSTORM_TESTS_LOG_MADE_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#include "source_probe.h"

/* At least so many bytes, malloc'ed; the last line has no newline. `seed` makes another one. */
PROBE_UNUSED static char *log_made(size_t least, unsigned seed, size_t *length)
{
	char *bytes = NULL;
	FILE *stream = open_memstream(&bytes, length);
	uint32_t random = seed * 2654435761u + 1;

	for (unsigned number = 0; (size_t)ftell(stream) < least; number++) {
		size_t more;

		random = random * 1664525u + 1013904223u;
		more = number % 997 == 996 ? 300000 : (random >> 16) % (number % 5 ? 90 : 400);
		fprintf(stream, "%u line %u ", seed, number);
		for (size_t i = 0; i < more; i++) {
			random = random * 1664525u + 1013904223u;
			fputc('a' + (int)(random >> 24) % 26, stream);
		}
		fputs(number % 7 == 3 ? "\r\n" : number % 11 == 5 ? "\n\n" : "\n", stream);
	}
	fputs("the last one", stream);
	fclose(stream);
	return bytes;
}

/* Appends a gzip member. */
PROBE_UNUSED static void log_pack(const char *path, const char *mode, const char *bytes, size_t length)
{
	gzFile file = gzopen(path, mode);

	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(gzwrite(file, bytes, (unsigned)length), (int)length);
	ck_assert_int_eq(gzclose(file), Z_OK);
}

/* As several members. */
PROBE_UNUSED static void log_pack_in_parts(const char *path, const char *bytes, size_t length)
{
	size_t part = length / 3;

	log_pack(path, "w", bytes, part);
	log_pack(path, "a", bytes + part, part);
	log_pack(path, "a", "", 0);
	log_pack(path, "a", bytes + 2 * part, length - 2 * part);
}

/* As UTF-16 without a mark; the text is ASCII. */
PROBE_UNUSED static void log_widen(const char *path, const char *bytes, size_t length)
{
	char *wide = calloc(length, 2);

	for (size_t i = 0; i < length; i++)
		wide[2 * i] = bytes[i];
	probe_put(path, "w", wide, 2 * length);
	free(wide);
}

/* The records that the log's lines should become, as struct probe has them: malloc'ed. */
PROBE_UNUSED static char *log_records(const char *bytes, size_t length)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	for (size_t at = 0; at < length;) {
		const char *newline = memchr(bytes + at, '\n', length - at);
		size_t line = newline ? (size_t)(newline - bytes) - at : length - at;

		fprintf(stream, "%zu:", at);
		fwrite(bytes + at, 1, newline && line > 0 && newline[-1] == '\r' ? line - 1 : line, stream);
		fputc('|', stream);
		at += line + 1;
	}
	fclose(stream);
	return text;
}

#endif
