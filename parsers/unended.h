/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of tables that are held back: a row whose quoted cell goes on in the next
 * lines of its file (RFC 4180), until it is whole or proves to have been cut.
 */
#ifndef MAILSTORM_PARSERS_UNENDED_H
#define MAILSTORM_PARSERS_UNENDED_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "slice.h"

struct unended {
	uint64_t file; /* hash of the file's name, 0: not told */
	uint32_t lines;
	char *raw; /* the lines as they came, a newline behind each */
	char *row; /* without their wrappers, a newline between them */
	size_t raw_length, row_length;
};

/* Of one source. All zero: none. */
struct unended_rows {
	struct unended *items;
	uint32_t count, capacity;
};

/* The row of the file that is under way, or NULL; valid until the next change. */
struct unended *unended_find(const struct unended_rows *rows, uint64_t file);

/* One line more, the first one included. False where it is too much: nothing changes. */
bool unended_add(struct unended_rows *rows, uint64_t file, struct slice raw, struct slice line);

void unended_drop(struct unended_rows *rows, uint64_t file);
void unended_clear(struct unended_rows *rows);

/* Each as "held FILE LINES LENGTH LENGTH", a newline, both texts, a newline. */
void unended_save(const struct unended_rows *rows, FILE *out);
/* Reads one, and takes it off. False where it is none. */
bool unended_restore(struct unended_rows *rows, struct slice *saved);

#endif
