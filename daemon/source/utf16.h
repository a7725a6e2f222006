/* SPDX-License-Identifier: Apache-2.0
 *
 * UTF-16 as UTF-8: what exports of Microsoft's are written in, low byte first as a rule.
 */
#ifndef MAILSTORM_SOURCE_UTF16_H
#define MAILSTORM_SOURCE_UTF16_H

#include <stdbool.h>
#include <stddef.h>

#define UTF16_LOOKED_AT 4 /* bytes that tell */

enum utf16_order { UTF16_NONE, UTF16_LOW_FIRST, UTF16_HIGH_FIRST };

/* Whether the first bytes of a file are of UTF-16, and in which order: a byte order mark, or two characters of ASCII, low byte
 * first. */
enum utf16_order utf16_likely(const unsigned char *bytes, size_t length);

/* Writes text out as UTF-8, as much as has room. *used: bytes that were read; half a character waits for its rest, unless
 * `last`, when it becomes U+FFFD, as what is no character does. Returns the bytes written. */
size_t utf16_decode(enum utf16_order order, const unsigned char *bytes, size_t length, bool last, char *out,
                    size_t room, size_t *used);

#endif
