/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers, delays, queue IDs and times as text: the shapes that Postfix
 * prints (format_tv.c, mail_queue.h), written anew and without printf since
 * they stand in every line.
 */
#include "text.h"

static const char digit_pairs[] = "00010203040506070809"
				  "10111213141516171819"
				  "20212223242526272829"
				  "30313233343536373839"
				  "40414243444546474849"
				  "50515253545556575859"
				  "60616263646566676869"
				  "70717273747576777879"
				  "80818283848586878889"
				  "90919293949596979899";

char *text_number(char *p, uint64_t number)
{
	char digits[20];
	size_t at = sizeof(digits);

	while (number >= 100) {
		at -= 2;
		memcpy(digits + at, digit_pairs + 2 * (number % 100), 2);
		number /= 100;
	}
	if (number >= 10) {
		at -= 2;
		memcpy(digits + at, digit_pairs + 2 * number, 2);
	} else {
		digits[--at] = (char)('0' + number);
	}
	return text_bytes(p, digits + at, sizeof(digits) - at);
}

char *text_digits(char *p, uint64_t number, unsigned width)
{
	for (unsigned i = width; i > 0; i--) {
		p[i - 1] = (char)('0' + number % 10);
		number /= 10;
	}
	return p + width;
}

char *text_delay(char *p, int64_t microseconds, int64_t *shown)
{
	int64_t unit, value;

	if (microseconds < 0)
		microseconds = 0;
	unit = microseconds < SECOND ? 10000 : microseconds < 10 * SECOND ? 100000 : SECOND;
	value = (microseconds + unit / 2) / unit * unit;
	if (shown)
		*shown = value;
	p = text_number(p, (uint64_t)(value / SECOND));
	value = value % SECOND / 10000;
	if (value == 0)
		return p;
	*p++ = '.';
	*p++ = (char)('0' + value / 10);
	if (value % 10)
		*p++ = (char)('0' + value % 10);
	return p;
}

static char *base_number(char *p, uint64_t number, unsigned base, unsigned width)
{
	static const char safe[] = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz";
	char digits[16];
	size_t at = sizeof(digits);

	while (number != 0 || sizeof(digits) - at < width) {
		digits[--at] = safe[number % base];
		number /= base;
	}
	return text_bytes(p, digits + at, sizeof(digits) - at);
}

static char *hex_number(char *p, uint64_t number, unsigned width)
{
	char digits[16];
	size_t at = sizeof(digits);

	while (number != 0 || sizeof(digits) - at < width) {
		digits[--at] = "0123456789ABCDEF"[number % 16];
		number /= 16;
	}
	return text_bytes(p, digits + at, sizeof(digits) - at);
}

char *text_queue_id(char *p, bool long_form, int64_t time, uint64_t inode)
{
	uint64_t seconds = (uint64_t)(time / SECOND), micro = (uint64_t)(time % SECOND);

	if (!long_form)
		return hex_number(hex_number(p, micro, 5), inode, 1);
	p = base_number(p, seconds, 52, 6);
	p = base_number(p, micro, 52, 4);
	*p++ = 'z';
	return base_number(p, inode, 51, 1);
}

int64_t text_days(int64_t year, unsigned month, unsigned day)
{
	int64_t era, day_of_era;
	unsigned year_of_era, day_of_year;

	year -= month <= 2;
	era = (year >= 0 ? year : year - 399) / 400;
	year_of_era = (unsigned)(year - era * 400);
	day_of_year = (153 * (month + (month > 2 ? -3U : 9U)) + 2) / 5 + day - 1;
	day_of_era = (int64_t)year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
	return era * 146097 + day_of_era - 719468;
}

void text_date(int64_t days, int64_t *year, unsigned *month, unsigned *day)
{
	int64_t era;
	unsigned day_of_era, year_of_era, day_of_year, shifted;

	days += 719468;
	era = (days >= 0 ? days : days - 146096) / 146097;
	day_of_era = (unsigned)(days - era * 146097);
	year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	shifted = (5 * day_of_year + 2) / 153;
	*day = day_of_year - (153 * shifted + 2) / 5 + 1;
	*month = shifted < 10 ? shifted + 3 : shifted - 9;
	*year = (int64_t)year_of_era + era * 400 + (*month <= 2);
}

char *text_time(char *p, int64_t time)
{
	int64_t days = time / DAY, rest = time % DAY, year;
	unsigned month, day;

	text_date(days, &year, &month, &day);
	p = text_digits(p, (uint64_t)year, 4);
	*p++ = '-';
	p = text_digits(p, month, 2);
	*p++ = '-';
	p = text_digits(p, day, 2);
	*p++ = 'T';
	p = text_digits(p, (uint64_t)(rest / HOUR), 2);
	*p++ = ':';
	p = text_digits(p, (uint64_t)(rest / MINUTE % 60), 2);
	*p++ = ':';
	p = text_digits(p, (uint64_t)(rest / SECOND % 60), 2);
	*p++ = '.';
	p = text_digits(p, (uint64_t)(rest / 1000 % 1000), 3);
	*p++ = 'Z';
	return p;
}
