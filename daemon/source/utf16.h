/* SPDX-License-Identifier: Apache-2.0
 *
 * UTF-16, low byte first, as UTF-8: what exports of Microsoft's are written in.
 */
#ifndef MAILSTORM_SOURCE_UTF16_H
#define MAILSTORM_SOURCE_UTF16_H

#include <stdbool.h>
#include <stddef.h>

#define UTF16_LOOKED_AT 4 /* bytes that tell */

/* The first bytes of a file are of UTF-16: a byte order mark, or two characters of ASCII. */
bool utf16_likely(const unsigned char *bytes, size_t length);

/* Writes text out as UTF-8, as much as has room. *used: bytes that were read; half a character waits for its rest, unless
 * `last`, when it becomes U+FFFD, as what is no character does. Returns the bytes written. */
size_t utf16_decode(const unsigned char *bytes, size_t length, bool last, char *out, size_t room, size_t *used);

#endif
