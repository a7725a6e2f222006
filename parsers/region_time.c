/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads times of a region, see region_time.h. No region that Windows knows puts
 * the month before the day but with slashes, so these alone leave the order open.
 * Blanks may be those that do not break; the word for the half of the day may
 * stand before the hour or behind the seconds.
 */
#include "parsers/region_time.h"

#include "daemon/base/ascii.h"

#define NUMBERS 3

static const struct half {
	const char *word;
	bool afternoon;
} halves[] = {
	{"am", false},  {"a.m.", false}, {"a. m.", false}, {"pm", true},    {"p.m.", true},  {"p. m.", true},
	{"πμ", false},  {"π.μ.", false}, {"上午", false},  {"午前", false}, {"오전", false}, {"μμ", true},
	{"μ.μ.", true}, {"下午", true},  {"午後", true},   {"오후", true},
};

/* What stands at the beginning of *text is taken off. */
static bool take(struct slice *text, const char *word)
{
	size_t length = strlen(word);

	if (text->length < length)
		return false;
	for (size_t i = 0; i < length; i++)
		if (ascii_lower(text->bytes[i]) != word[i])
			return false;
	*text = slice_from(*text, length);
	return true;
}

static bool take_blanks(struct slice *text)
{
	size_t before = text->length;

	while (take(text, " ") || take(text, "\xc2\xa0") || take(text, "\xe2\x80\xaf"))
		;
	return text->length < before;
}

/* A number of up to `most` digits; its digits, 0 where there is none. */
static int take_number(struct slice *text, int most, int *number)
{
	int digits = 0;

	*number = 0;
	for (; digits < most && text->length && ascii_is_digit(text->bytes[0]); digits++) {
		*number = *number * 10 + (text->bytes[0] - '0');
		*text = slice_from(*text, 1);
	}
	return text->length && ascii_is_digit(text->bytes[0]) ? 0 : digits;
}

/* Half of the day; NULL where none is said. */
static const struct half *take_half(struct slice *text)
{
	for (size_t i = 0; i < sizeof(halves) / sizeof(halves[0]); i++)
		if (take(text, halves[i].word))
			return &halves[i];
	return NULL;
}

/* Three numbers with the same mark between them; *slashes: it is '/'. */
static bool take_date(struct slice *text, int numbers[NUMBERS], int digits[NUMBERS], bool *slashes)
{
	char mark = '\0';

	for (int i = 0; i < NUMBERS; i++) {
		digits[i] = take_number(text, 4, &numbers[i]);
		if (!digits[i] || !text->length)
			return false;
		if (i == NUMBERS - 1)
			break;
		if (!mark)
			mark = text->bytes[0];
		if (text->bytes[0] != mark || !memchr("/.-", mark, 3))
			return false;
		*text = slice_from(*text, 1);
		if (mark == '.')
			take_blanks(text);
	}
	*slashes = mark == '/';
	if (mark == '.')
		take(text, ".");
	return take_blanks(text);
}

/* Which of the three numbers is which. */
static enum region_time take_order(const int numbers[NUMBERS], const int digits[NUMBERS], bool slashes,
                                   enum date_order order, struct timestamp *stamp)
{
	bool year_first = digits[0] == 4;
	int first = numbers[0], second = numbers[1];

	if (year_first ? digits[1] > 2 || digits[2] > 2 : digits[2] != 4 || digits[0] > 2 || digits[1] > 2)
		return REGION_TIME_NONE;
	if (year_first) {
		stamp->year = first;
		stamp->month = second;
		stamp->day = numbers[2];
	} else {
		bool either = slashes && first != second && first <= 12 && second <= 12;
		bool month_first = slashes && (either ? order == DATE_ORDER_MONTH : second > 12);

		if (either && order == DATE_ORDER_UNKNOWN)
			return REGION_TIME_EITHER;
		stamp->year = numbers[2];
		stamp->month = month_first ? first : second;
		stamp->day = month_first ? second : first;
	}
	return stamp->year && stamp->month >= 1 && stamp->month <= 12 && stamp->day >= 1 && stamp->day <= 31
	               ? REGION_TIME_READ
	               : REGION_TIME_NONE;
}

static bool take_mark(struct slice *text)
{
	return take(text, ":") || take(text, ".");
}

/* Hours, minutes, and seconds where there are some. */
static bool take_clock(struct slice *text, struct timestamp *stamp)
{
	const struct half *half = take_half(text);
	bool seconds;

	take_blanks(text);
	if (!take_number(text, 2, &stamp->hour) || !take_mark(text) || take_number(text, 2, &stamp->minute) != 2)
		return false;
	seconds = take_mark(text);
	stamp->second = 0;
	if (seconds && take_number(text, 2, &stamp->second) != 2)
		return false;
	stamp->fraction = 0;
	stamp->resolution = 1000000;
	take_blanks(text);
	if (!half)
		half = take_half(text);
	if (half && (stamp->hour < 1 || stamp->hour > 12))
		return false;
	if (half)
		stamp->hour = stamp->hour % 12 + (half->afternoon ? 12 : 0);
	return stamp->hour < 24 && stamp->minute < 60 && stamp->second <= 60;
}

enum region_time region_time_scan(struct slice text, enum date_order order, struct timestamp *stamp)
{
	int numbers[NUMBERS], digits[NUMBERS];
	bool slashes;

	*stamp = (struct timestamp){0};
	if (!take_date(&text, numbers, digits, &slashes) || !take_clock(&text, stamp) || text.length)
		return REGION_TIME_NONE;
	return take_order(numbers, digits, slashes, order, stamp);
}
