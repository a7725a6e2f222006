/* SPDX-License-Identifier: Apache-2.0
 *
 * Times in queue IDs, see queue_id.h.
 */
#include "daemon/correlate/queue_id.h"

/* Six digits hold the seconds up to the year 2597; Postfix pads to that. */
#define SECOND_DIGITS_MIN 6
#define SECOND_DIGITS_MAX 7
#define MICROSECOND_DIGITS 4
#define INODE_DIGITS 12 /* of 64 bits */
#define INODE_HEX_DIGITS 16

/* 0-9, then consonants upper and lower case: no vowels, so that no words arise. */
static int queue_id_digit(char c)
{
	static const char digits[] = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

static bool queue_id_number(struct slice digits, int64_t *number)
{
	*number = 0;
	for (size_t i = 0; i < digits.length; i++) {
		int digit = queue_id_digit(digits.bytes[i]);

		if (digit < 0)
			return false;
		*number = *number * 52 + digit;
	}
	return true;
}

/* An inode in base 51: 'z' marks where it begins, and is none of its digits. */
static bool queue_id_inode(struct slice digits)
{
	if (digits.length == 0 || digits.length > INODE_DIGITS)
		return false;
	for (size_t i = 0; i < digits.length; i++)
		if (digits.bytes[i] == 'z' || queue_id_digit(digits.bytes[i]) < 0)
			return false;
	return true;
}

#define EXIM_SECOND_DIGITS 6
#define EXIM_OLD 16
#define EXIM_NEW 23

static bool queue_id_base62(struct slice digits, int64_t *number)
{
	static const char set[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

	*number = 0;
	for (size_t i = 0; i < digits.length; i++) {
		const char *at = digits.bytes[i] ? strchr(set, digits.bytes[i]) : NULL;

		if (!at)
			return false;
		*number = *number * 62 + (at - set);
	}
	return true;
}

/* Exim: SSSSSS-PPPPPP-FF up to 4.96, SSSSSS-PPPPPPPPPPP-FFFF from 4.97 on. The fraction counts 500 us, or 1 us; with a
 * localhost_number 5000 us, or 2 us, and the number is in it, too. */
static bool queue_id_exim(struct slice id, int64_t *time)
{
	int64_t seconds, fraction;
	bool old = id.length == EXIM_OLD;
	size_t last = old ? 13 : 18;

	if ((!old && id.length != EXIM_NEW) || id.bytes[EXIM_SECOND_DIGITS] != '-' || id.bytes[last] != '-' ||
	    !queue_id_base62(slice_first(id, EXIM_SECOND_DIGITS), &seconds) ||
	    !queue_id_base62(slice_from(id, last + 1), &fraction))
		return false;
	if (old)
		fraction = fraction < 2000 ? fraction * 500 : fraction % 200 * 5000;
	else if (fraction >= 1000000)
		fraction = fraction % 500000 * 2;
	*time = seconds * 1000000 + fraction;
	return true;
}

bool queue_id_is_exims(struct slice id)
{
	int64_t time;

	return queue_id_exim(id, &time);
}

bool queue_id_time(struct slice id, int64_t *time)
{
	size_t mark = id.length;
	int64_t seconds, microseconds;

	if (queue_id_exim(id, time))
		return true;
	while (mark > 0 && id.bytes[mark - 1] != 'z')
		mark--;
	if (mark == 0 || !queue_id_inode(slice_from(id, mark)))
		return false;
	mark--;
	if (mark < SECOND_DIGITS_MIN + MICROSECOND_DIGITS || mark > SECOND_DIGITS_MAX + MICROSECOND_DIGITS ||
	    !queue_id_number(slice_first(id, mark - MICROSECOND_DIGITS), &seconds) ||
	    !queue_id_number(slice_first(slice_from(id, mark - MICROSECOND_DIGITS), MICROSECOND_DIGITS),
	                     &microseconds) ||
	    microseconds > 999999)
		return false;
	*time = seconds * 1000000 + microseconds;
	return true;
}

int32_t queue_id_microsecond(struct slice id)
{
	int32_t microseconds = 0;

	if (id.length < 6 || id.length > 5 + INODE_HEX_DIGITS)
		return -1;
	for (size_t i = 0; i < id.length; i++) {
		char c = id.bytes[i];
		int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;

		if (digit < 0)
			return -1;
		if (i < 5)
			microseconds = microseconds * 16 + digit;
	}
	return microseconds < 1000000 ? microseconds : -1;
}
