/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the characters of a time stamp, by hand and from left to right, since
 * every line has one. Says what the stamp says, and refuses what no clock
 * shows (hour 24, month 13); whether the date exists is timestamp.c's to say.
 */
#include "parsers/timestamp.h"

#include "daemon/base/ascii.h"
#include "daemon/base/calendar.h"

/* A number of exactly `digits` digits at *at, which moves on; -1 where there is none. */
static inline int scan_digits(struct slice text, size_t *at, int digits)
{
	int n = 0;

	if (text.length - *at < (size_t)digits)
		return -1;
	for (; digits > 0; digits--, ++*at) {
		char c = text.bytes[*at];

		if (!ascii_is_digit(c))
			return -1;
		n = n * 10 + (c - '0');
	}
	return n;
}

static inline bool at_char(struct slice text, size_t at, char c)
{
	return at < text.length && text.bytes[at] == c;
}

static inline bool skip_char(struct slice text, size_t *at, char c)
{
	if (!at_char(text, *at, c))
		return false;
	++*at;
	return true;
}

/* "Nov" -> 11; 0 where it is no month. C locale: no log writer translates it. */
static inline int scan_month(const char *p)
{
#define NAME(a, b, c) ((uint32_t)(a) << 16 | (uint32_t)(b) << 8 | (uint32_t)(c))
	switch (NAME((unsigned char)p[0], (unsigned char)p[1], (unsigned char)p[2])) {
	case NAME('J', 'a', 'n'): return 1;
	case NAME('F', 'e', 'b'): return 2;
	case NAME('M', 'a', 'r'): return 3;
	case NAME('A', 'p', 'r'): return 4;
	case NAME('M', 'a', 'y'): return 5;
	case NAME('J', 'u', 'n'): return 6;
	case NAME('J', 'u', 'l'): return 7;
	case NAME('A', 'u', 'g'): return 8;
	case NAME('S', 'e', 'p'): return 9;
	case NAME('O', 'c', 't'): return 10;
	case NAME('N', 'o', 'v'): return 11;
	case NAME('D', 'e', 'c'): return 12;
	default: return 0;
	}
#undef NAME
}

/* hh:mm:ss */
static inline bool scan_clock(struct slice text, size_t *at, struct timestamp *stamp)
{
	const char *p = text.bytes + *at;

	if (text.length - *at < 8 || p[2] != ':' || p[5] != ':')
		return false;
	if (!ascii_is_digit(p[0]) || !ascii_is_digit(p[1]) || !ascii_is_digit(p[3]) || !ascii_is_digit(p[4]) ||
	    !ascii_is_digit(p[6]) || !ascii_is_digit(p[7]))
		return false;
	stamp->hour = (p[0] - '0') * 10 + (p[1] - '0');
	stamp->minute = (p[3] - '0') * 10 + (p[4] - '0');
	stamp->second = (p[6] - '0') * 10 + (p[7] - '0');
	*at += 8;
	return stamp->hour < 24 && stamp->minute < 60 && stamp->second <= 60;
}

/* .123456; none is good too. False for more digits than a nanosecond clock has. */
static inline bool scan_fraction(struct slice text, size_t *at, struct timestamp *stamp)
{
	int digits = 0;

	stamp->fraction = 0;
	stamp->resolution = 1000000;
	if (*at + 1 >= text.length || (text.bytes[*at] != '.' && text.bytes[*at] != ',') ||
	    !ascii_is_digit(text.bytes[*at + 1]))
		return true;
	for (++*at; *at < text.length && ascii_is_digit(text.bytes[*at]); ++*at, digits++) {
		if (digits >= 6)
			continue;
		stamp->resolution /= 10;
		stamp->fraction += (text.bytes[*at] - '0') * stamp->resolution;
	}
	return digits <= 9;
}

/* True where a stamp may end here: at a blank, a colon, or the end. */
static inline bool at_end(struct slice text, size_t at)
{
	return at >= text.length || text.bytes[at] == ' ' || text.bytes[at] == ':' || text.bytes[at] == '\t';
}

/* +hh, +hhmm, +hh:mm */
static bool scan_offset(struct slice text, size_t *at, struct timestamp *stamp)
{
	size_t p = *at;
	int sign = text.bytes[p++] == '-' ? -1 : 1;
	int hours = scan_digits(text, &p, 2);
	int minutes = 0;

	if (hours < 0 || hours > 15)
		return false;
	if (skip_char(text, &p, ':') || (p < text.length && ascii_is_digit(text.bytes[p])))
		minutes = scan_digits(text, &p, 2);
	if (minutes < 0 || minutes > 59 || !at_end(text, p))
		return false;
	stamp->zoned = true;
	stamp->offset = sign * (hours * 3600 + minutes * 60);
	*at = p;
	return true;
}

/* A zone directly after the stamp or after one blank. False where something that is no stamp follows. */
static inline bool scan_zone(struct slice text, size_t *at, struct timestamp *stamp)
{
	size_t p = *at;
	bool blank;

	stamp->zoned = false;
	stamp->offset = 0;
	blank = skip_char(text, &p, ' ');
	if (p < text.length && (text.bytes[p] == '+' || text.bytes[p] == '-')) {
		if (!scan_offset(text, &p, stamp))
			return blank;
		*at = p;
		return true;
	}
	if (at_char(text, p, 'Z') && at_end(text, p + 1) && !blank)
		p += 1;
	else if (blank && (slice_starts(slice_from(text, p), "UTC") || slice_starts(slice_from(text, p), "GMT")) &&
	         at_end(text, p + 3))
		p += 3;
	else
		return at_end(text, *at);
	stamp->zoned = true;
	*at = p;
	return true;
}

static inline bool scan_rest(struct slice text, size_t *at, struct timestamp *stamp)
{
	return scan_clock(text, at, stamp) && scan_fraction(text, at, stamp) && scan_zone(text, at, stamp);
}

/* Mmm dd [yyyy] hh:mm:ss */
static inline size_t scan_named(struct slice text, size_t at, struct timestamp *stamp)
{
	if (text.length - at < 14 || (stamp->month = scan_month(text.bytes + at)) == 0)
		return 0;
	at += 3;
	if (!skip_char(text, &at, ' '))
		return 0;
	skip_char(text, &at, ' ');
	if (!ascii_is_digit(text.bytes[at]))
		return 0;
	stamp->day = text.bytes[at++] - '0';
	if (ascii_is_digit(text.bytes[at]))
		stamp->day = stamp->day * 10 + (text.bytes[at++] - '0');
	if (stamp->day < 1 || stamp->day > 31 || !skip_char(text, &at, ' '))
		return 0;
	if (stamp->year == 0 && text.length - at > 4 && text.bytes[at + 4] == ' ') {
		stamp->year = scan_digits(text, &at, 4);
		if (stamp->year < 1 || !skip_char(text, &at, ' '))
			return 0;
	}
	return scan_rest(text, &at, stamp) ? at : 0;
}

/* yyyy-mm-ddThh:mm:ss and yyyy Mmm dd hh:mm:ss */
static size_t scan_year_first(struct slice text, struct timestamp *stamp)
{
	size_t at = 0;

	stamp->year = scan_digits(text, &at, 4);
	if (stamp->year < 1)
		return 0;
	if (skip_char(text, &at, ' '))
		return scan_named(text, at, stamp);
	if (!skip_char(text, &at, '-'))
		return 0;
	stamp->month = scan_digits(text, &at, 2);
	if (stamp->month < 1 || stamp->month > 12 || !skip_char(text, &at, '-'))
		return 0;
	stamp->day = scan_digits(text, &at, 2);
	if (stamp->day < 1 || stamp->day > 31)
		return 0;
	if (!skip_char(text, &at, 'T') && !skip_char(text, &at, ' '))
		return 0;
	return scan_rest(text, &at, stamp) ? at : 0;
}

/* 1479112141.123456, as journalctl -o short-unix writes it, or 1479112141 and a blank, as templates of shippers do: ten
 * digits, which last from 2001 to 2286 */
static size_t scan_unix(struct slice text, struct timestamp *stamp)
{
	size_t at = 0;
	int64_t seconds = 0, days;

	for (; at < 10 && ascii_is_digit(text.bytes[at]); at++)
		seconds = seconds * 10 + (text.bytes[at] - '0');
	if (at < 10 || (!at_char(text, at, '.') && !at_char(text, at, ' ')) || !scan_fraction(text, &at, stamp) ||
	    !at_end(text, at))
		return 0;
	days = calendar_day_of(seconds);
	seconds -= days * CALENDAR_DAY;
	stamp->year = calendar_year(days);
	stamp->month = 1;
	stamp->day = (int)(days - calendar_days(stamp->year, 1, 1)) + 1;
	for (; stamp->day > calendar_month_days(stamp->year, stamp->month); stamp->month++)
		stamp->day -= calendar_month_days(stamp->year, stamp->month);
	stamp->hour = (int)(seconds / 3600);
	stamp->minute = (int)(seconds / 60 % 60);
	stamp->second = (int)(seconds % 60);
	stamp->zoned = true;
	stamp->offset = 0;
	return at;
}

/* A blank and the name of a zone: how long both are, 0 where there is none. Whose name it is only the system knows that
 * wrote it. */
static size_t zone_name_length(struct slice text)
{
	size_t at = 1;

	if (!at_char(text, 0, ' '))
		return 0;
	while (at < text.length && text.bytes[at] >= 'A' && text.bytes[at] <= 'Z')
		at++;
	return at > 2 && at_char(text, at, ' ') ? at : 0;
}

/* Www, and what follows it: "Mon 2016-11-14 08:29:01 CET", as journalctl -o short-full writes it, or Mmm dd hh:mm:ss */
static size_t scan_weekday(struct slice text, struct timestamp *stamp)
{
	static const char names[] = "SunMonTueWedThuFriSat";
	struct slice rest = slice_from(text, 4);
	size_t day = 0, length;

	while (day < sizeof(names) - 1 && memcmp(names + day, text.bytes, 3) != 0)
		day += 3;
	if (day == sizeof(names) - 1)
		return 0;
	stamp->year = 0;
	if (!ascii_is_digit(rest.bytes[0]))
		length = scan_named(rest, 0, stamp);
	else if ((length = scan_year_first(rest, stamp)) > 0 && !stamp->zoned)
		length += zone_name_length(slice_from(rest, length));
	return length ? 4 + length : 0;
}

size_t timestamp_scan(struct slice text, struct timestamp *stamp)
{
	size_t length;

	if (text.length < 14)
		return 0;
	if (ascii_is_digit(text.bytes[0]))
		return ascii_is_digit(text.bytes[4]) ? scan_unix(text, stamp) : scan_year_first(text, stamp);
	stamp->year = 0;
	length = scan_named(text, 0, stamp);
	return length || text.bytes[3] != ' ' ? length : scan_weekday(text, stamp);
}

/* [+-]digits; the number is kept within what an exponent can sensibly be. */
static bool scan_exponent(struct slice text, size_t at, int *exponent)
{
	int sign = 1;
	size_t begin;

	if (at_char(text, at, '-') || at_char(text, at, '+'))
		sign = text.bytes[at++] == '-' ? -1 : 1;
	for (begin = at; at < text.length && ascii_is_digit(text.bytes[at]) && at - begin < 3; at++)
		*exponent = *exponent * 10 + (text.bytes[at] - '0');
	*exponent *= sign;
	return at == text.length && at > begin;
}

bool timestamp_number(struct slice text, int64_t *time, int32_t *resolution)
{
	int64_t digits = 0; /* the first 18 significant digits, as an integer */
	int count = 0;      /* of them */
	int point = 0;      /* digits before the decimal point */
	bool past_point = false, any = false;
	int exponent = 0, unit, shift;
	size_t at;

	for (at = 0; at < text.length && (ascii_is_digit(text.bytes[at]) || text.bytes[at] == '.'); at++) {
		if (text.bytes[at] == '.') {
			if (past_point)
				return false;
			past_point = true;
			continue;
		}
		any = true;
		if (count == 0 && text.bytes[at] == '0') { /* leading zeros */
			point -= past_point;
			continue;
		}
		point += !past_point;
		if (count < 18) {
			digits = digits * 10 + (text.bytes[at] - '0');
			count++;
		}
	}
	if (!any)
		return false;
	if (at < text.length && (text.bytes[at] == 'e' || text.bytes[at] == 'E')) {
		if (!scan_exponent(text, at + 1, &exponent))
			return false;
	} else if (at < text.length) {
		return false;
	}
	point += exponent;
	if (count == 0 || point > 20 || point < 1) /* zero, or a time within 1970's first second: no log's */
		return false;
	unit = point > 17 ? 9 : point > 14 ? 6 : point > 11 ? 3 : 0;
	shift = point - unit + 6 - count; /* digits * 10^shift is in microseconds */
	for (*resolution = 1; shift > 0; shift--) {
		if (digits > INT64_MAX / 10)
			return false;
		digits *= 10;
		if (*resolution < 1000000)
			*resolution *= 10;
	}
	for (; shift < -1; shift++)
		digits /= 10;
	if (shift == -1)
		digits = (digits + 5) / 10;
	*time = digits;
	return true;
}
