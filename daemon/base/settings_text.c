/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads a configuration file and guards libconfuse against it. That library
 * drops bytes that it does not expect (the '*' of an unquoted *.example.org),
 * takes "//" in an unquoted value for a comment, replaces ${NAME} by the
 * environment, takes the end of the file for a closing brace, and after an
 * unclosed string or a bad escape reads the NEXT file as if it began within
 * a string. All that is refused here, with the line; comments are blanked, since it does not take
 * them everywhere. What remains is a plain run of words, strings and braces.
 */
#define _GNU_SOURCE
#include "daemon/base/settings_text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"

#define TEXT_MOST ((size_t)4 << 20) /* bytes; a file beyond it is none of ours */
#define DEPTH_MOST 2                /* a list's braces within a section's */

struct scan {
	char *at;
	const char *end;
	unsigned line;
	unsigned fault_line; /* where the fault is, if that is not the line in hand */
	unsigned depth;
	unsigned opened[DEPTH_MOST]; /* line of each open brace */
	bool in_word;                /* the byte before is part of an unquoted word */
};

static bool next_is(const struct scan *scan, size_t ahead, char c)
{
	return (size_t)(scan->end - scan->at) > ahead && scan->at[ahead] == c;
}

/* Each of these moves past what it names and returns NULL, or says what is wrong with it. */
static const char *scan_line_comment(struct scan *scan)
{
	while (scan->at < scan->end && *scan->at != '\n')
		*scan->at++ = ' ';
	return NULL;
}

static const char *scan_block_comment(struct scan *scan)
{
	scan->fault_line = scan->line;
	for (scan->at[0] = scan->at[1] = ' ', scan->at += 2; scan->at < scan->end; scan->at++) {
		if (*scan->at == '*' && next_is(scan, 1, '/')) {
			scan->at[0] = scan->at[1] = ' ';
			scan->at += 2;
			scan->fault_line = 0;
			return NULL;
		}
		if (*scan->at == '\n')
			scan->line++;
		else
			*scan->at = ' ';
	}
	return "a comment that is not closed";
}

static const char *scan_string(struct scan *scan)
{
	char quote = *scan->at++;

	for (; scan->at < scan->end && *scan->at != '\n'; scan->at++) {
		unsigned char c = (unsigned char)*scan->at;

		if (c == (unsigned char)quote) {
			scan->at++;
			return NULL;
		}
		if ((c < ' ' && c != '\t') || c == 0x7f)
			return "a control character within a string";
		if (quote == '"' && c == '$' && next_is(scan, 1, '{'))
			return "\"${\" would be taken from the environment; write it between single quotes";
		if (c != '\\')
			continue;
		if (next_is(scan, 1, '\\') || next_is(scan, 1, quote))
			scan->at++;
		else if (quote == '"')
			return "an unknown escape sequence; write \\\\ for a backslash";
	}
	return "a string that is not closed on its line";
}

static const char *scan_brace(struct scan *scan)
{
	if (*scan->at++ == '{') {
		if (scan->depth == DEPTH_MOST)
			return "braces within braces within braces";
		scan->opened[scan->depth++] = scan->line;
		return NULL;
	}
	if (scan->depth == 0)
		return "a closing brace that closes nothing";
	scan->depth--;
	return NULL;
}

static const char *scan_comment(struct scan *scan)
{
	if (scan->in_word)
		return "a comment sign within a word; put the value between quotes";
	return next_is(scan, 1, '*') ? scan_block_comment(scan) : scan_line_comment(scan);
}

/* A byte that is none of the others: part of an unquoted word, white space, '=' or ','. */
static const char *scan_plain(struct scan *scan)
{
	unsigned char c = (unsigned char)*scan->at;

	if (c == '$' && next_is(scan, 1, '{'))
		return "\"${\" would be taken from the environment; write it between single quotes";
	if (strchr("*()|;\\", c) && c)
		return "a special character outside quotes; put the value between quotes";
	if (c == '+' && !next_is(scan, 1, '='))
		return "a \"+\" outside quotes; put the value between quotes";
	if ((c < ' ' && !strchr("\t\n\r", c)) || c == 0x7f || c == 0)
		return "a control character";
	if (c == '\n')
		scan->line++;
	scan->in_word = !strchr(" \t\n\r=+,", c);
	scan->at++;
	return NULL;
}

/* NULL, or what is wrong; the line of it is then in scan->fault_line. */
static const char *scan_all(struct scan *scan)
{
	while (scan->at < scan->end) {
		const char *fault;
		char c = *scan->at;

		if (c == '#' || (c == '/' && (next_is(scan, 1, '/') || next_is(scan, 1, '*')))) {
			fault = scan_comment(scan);
		} else if (c == '"' || c == '\'') {
			fault = scan->in_word ? "a quote within a word" : scan_string(scan);
		} else if (c == '{' || c == '}') {
			fault = scan_brace(scan);
			scan->in_word = false;
		} else {
			fault = scan_plain(scan);
		}
		if (fault) {
			if (!scan->fault_line)
				scan->fault_line = scan->line;
			return fault;
		}
	}
	if (scan->depth == 0)
		return NULL;
	scan->fault_line = scan->opened[scan->depth - 1];
	return "a brace that is not closed";
}

/* All of the file, or as much of it as shows that it is too long, and four zero bytes. NULL: errno. */
static char *file_text(FILE *file, size_t *length)
{
	size_t room = 8192, taken;
	char *text = memory_resized(NULL, room + 4, 1);

	*length = 0;
	while ((taken = fread(text + *length, 1, room - *length, file)) > 0) {
		*length += taken;
		if (*length > TEXT_MOST)
			break;
		room = *length == room ? room * 2 : room;
		text = memory_resized(text, room + 4, 1);
	}
	if (ferror(file)) {
		free(text);
		return NULL;
	}
	memset(text + *length, 0, 4);
	return text;
}

char *settings_text_read(const char *path, size_t *length, char **error)
{
	FILE *file = fopen(path, "re");
	char *text = file ? file_text(file, length) : NULL;
	int cause = errno;
	const char *fault;
	struct scan scan = {.line = 1};

	if (file)
		fclose(file);
	if (!text) {
		if (asprintf(error, "%s: cannot be read: %s", path, strerror(cause)) < 0)
			abort();
		return NULL;
	}
	if (memcmp(text, "\xef\xbb\xbf", 3) == 0) /* a byte order mark */
		memset(text, ' ', 3);
	scan.at = text;
	scan.end = text + *length;
	fault = *length > TEXT_MOST ? "larger than a configuration file can be" : scan_all(&scan);
	if (fault) {
		if (asprintf(error, "%s:%u: %s", path, scan.fault_line ? scan.fault_line : 1, fault) < 0)
			abort();
		free(text);
		return NULL;
	}
	text[(*length)++] = '\n';
	return text;
}
