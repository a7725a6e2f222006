/* SPDX-License-Identifier: Apache-2.0
 *
 * Characters of ASCII, whatever the locale: the words and domains of SMTP differ
 * in the case of no other letters (RFC 5321, 2.4).
 */
#ifndef MAILSTORM_BASE_ASCII_H
#define MAILSTORM_BASE_ASCII_H

#include <stdbool.h>

static inline bool ascii_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A capital letter's small one; any other byte as it is. */
static inline char ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

#endif
