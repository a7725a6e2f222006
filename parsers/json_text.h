/* SPDX-License-Identifier: Apache-2.0
 *
 * Texts in JSON: what the escapes of a string mean, and an array of byte
 * numbers as the text that it is.
 */
#ifndef MAILSTORM_PARSERS_JSON_TEXT_H
#define MAILSTORM_PARSERS_JSON_TEXT_H

#include "parsers/arena.h"
#include "slice.h"

/* How long the escape is that the backslash at `at` begins; 0: it is none. */
size_t json_text_escape(struct slice raw, size_t at);

/* The text of a JSON string, given without its quotes: the slice itself where it holds no escapes, else decoded in the
 * arena. A lone surrogate becomes U+FFFD; bytes that are not UTF-8 stay as they are. */
struct slice json_text_decode(struct slice raw, struct arena *arena);

/* The text that an array of byte numbers is ("[72,105]"), which journalctl writes for a message that is not clean
 * UTF-8. Not given where it is another array. */
struct slice json_text_of_bytes(struct slice array, struct arena *arena);

#endif
