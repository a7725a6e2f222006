/* SPDX-License-Identifier: Apache-2.0
 *
 * Text that strangers wrote, made fit to be shown. Subjects and addresses in
 * the database are hostile input: what would steer a terminal, hide, reorder
 * or pile up is replaced by something visible (\x1b, \u202e), and bytes that
 * are no UTF-8 too. What comes out is measured in terminal columns. Works for
 * any bytes; the caller has set LC_CTYPE.
 */
#ifndef MAILSTORM_REPORT_SAFE_H
#define MAILSTORM_REPORT_SAFE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum safe_target {
	SAFE_ASCII, /* a terminal that shows ASCII only: all else is replaced */
	SAFE_UTF8,  /* a terminal that shows UTF-8 */
	SAFE_FILE   /* a UTF-8 file: keeps TAB and LF, and does not ask the locale what is printable */
};

/* SAFE_UTF8 where the locale's encoding is UTF-8, else SAFE_ASCII. */
enum safe_target safe_terminal(void);

/* The bytes made safe; malloc'ed, NUL-terminated. */
char *safe_text(const char *bytes, size_t length, enum safe_target target);

/* The first character of the bytes (length > 0): its code point, and its bytes in *used. Not UTF-8: returns
 * UINT32_MAX, and *used is 1. */
uint32_t safe_decode(const char *bytes, size_t length, size_t *used);

/* True for characters that are never shown as they are: controls, line and paragraph separators, marks that change
 * the direction of text, invisible ones, non-characters. */
bool safe_hidden(uint32_t character);

/* Columns that safe text takes. */
int safe_width(const char *safe, size_t length);

/* Bytes of the longest beginning of safe text that takes at most `columns`; *width gets what it takes. Marks stay with
 * the character that they are put on. */
size_t safe_fit(const char *safe, size_t length, int columns, int *width);

/* Bytes of the first line of safe text that is broken at spaces to at most `columns` columns (in a word only where it
 * is longer than a line); *next gets where the next line begins. */
size_t safe_line(const char *safe, size_t length, int columns, size_t *next);

/* Writes safe text over exactly `columns` columns: filled up with spaces on the right (or on the left), or cut
 * with a sign of it (an ellipsis, "~" in ASCII). */
void safe_put(FILE *out, const char *safe, int columns, bool to_the_right, enum safe_target target);

#endif
