/* SPDX-License-Identifier: Apache-2.0
 *
 * Encoded words of RFC 2047, =?charset?B|Q?text?=, as they stand in logged
 * headers: folded by '?', cut where the log cut the header, with characters that
 * broken mailers split between two words. Character sets are iconv(3)'s.
 */
#ifndef MAILSTORM_CORRELATE_ENCODED_WORD_H
#define MAILSTORM_CORRELATE_ENCODED_WORD_H

#include "slice.h"

/* Decodes the encoded words that `raw` begins with, as many as stand behind each other, to UTF-8 in `to`:
 * at most 4 bytes for each of raw, which is the room that must be there. What is of no known character
 * set, or not of its own, is copied. Returns how many bytes of raw they are, 0 where it begins with none;
 * *written bytes are in `to`. */
size_t encoded_words(struct slice raw, char *to, size_t *written);

#endif
