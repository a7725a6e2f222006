/* SPDX-License-Identifier: Apache-2.0
 *
 * UTF-16 by the Unicode standard, 3.9. Any bytes are good input: a surrogate
 * without its other half, and an odd byte at the end, become U+FFFD. A byte
 * order mark is left in, as U+FEFF.
 */
#include "daemon/source/utf16.h"

#include <stdint.h>

#define REPLACEMENT 0xfffd
#define LONGEST 4 /* bytes of UTF-8 */

enum utf16_order utf16_likely(const unsigned char *bytes, size_t length)
{
	if (length >= 2 && bytes[0] == 0xfe && bytes[1] == 0xff)
		return UTF16_HIGH_FIRST;
	if (length >= 2 && bytes[0] == 0xff && bytes[1] == 0xfe)
		return UTF16_LOW_FIRST;
	return length >= 4 && bytes[0] && bytes[0] < 0x80 && !bytes[1] && bytes[2] && bytes[2] < 0x80 && !bytes[3]
	               ? UTF16_LOW_FIRST
	               : UTF16_NONE;
}

static size_t utf8_put(uint32_t c, char *out)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

static uint32_t unit_at(enum utf16_order order, const unsigned char *bytes)
{
	bool swapped = order == UTF16_HIGH_FIRST;

	return (uint32_t)bytes[swapped] | (uint32_t)bytes[!swapped] << 8;
}

/* The character at the beginning of at least one whole unit; the bytes it takes, 0 where its second half is to come. */
static size_t character(enum utf16_order order, const unsigned char *bytes, size_t length, bool last, uint32_t *c)
{
	uint32_t low;

	*c = unit_at(order, bytes);
	if (*c < 0xd800 || *c > 0xdfff)
		return 2;
	if (*c <= 0xdbff && length < 4 && !last)
		return 0;
	low = length >= 4 ? unit_at(order, bytes + 2) : 0;
	if (*c > 0xdbff || low < 0xdc00 || low > 0xdfff) {
		*c = REPLACEMENT;
		return 2;
	}
	*c = 0x10000 + ((*c - 0xd800) << 10) + (low - 0xdc00);
	return 4;
}

size_t utf16_decode(enum utf16_order order, const unsigned char *bytes, size_t length, bool last, char *out,
                    size_t room, size_t *used)
{
	size_t written = 0;

	*used = 0;
	while (length - *used >= 2 && room - written >= LONGEST) {
		uint32_t c;
		size_t taken = character(order, bytes + *used, length - *used, last, &c);

		if (!taken)
			return written;
		*used += taken;
		written += utf8_put(c, out + written);
	}
	if (last && length - *used == 1 && room - written >= LONGEST) {
		*used = length;
		written += utf8_put(REPLACEMENT, out + written);
	}
	return written;
}
