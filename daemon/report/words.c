/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers to words. Each function fills the caller's array and returns it; all
 * values are accepted, also those that make no sense (negative counts, times
 * that are none): a report shows what the database holds.
 */
#include "daemon/report/words.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

const char *words_count(char words[WORDS_SIZE], int64_t count)
{
	char digits[24];
	size_t at = 0;
	int length;

	length = snprintf(digits, sizeof(digits), "%" PRIu64, count < 0 ? -(uint64_t)count : (uint64_t)count);
	if (count < 0)
		words[at++] = '-';
	for (int i = 0; i < length; i++) {
		if (i > 0 && (length - i) % 3 == 0)
			words[at++] = ',';
		words[at++] = digits[i];
	}
	words[at] = '\0';
	return words;
}

const char *words_real(char words[WORDS_SIZE], double value)
{
	if (!isfinite(value) || fabs(value) >= 9e18)
		snprintf(words, WORDS_SIZE, "%g", value);
	else if (fabs(value) >= 1000)
		words_count(words, (int64_t)value);
	else /* the small addend makes up for decimals that binary fractions miss, as 79.3 does */
		snprintf(words, WORDS_SIZE, "%.1f", trunc(value * 10 + copysign(1e-9, value)) / 10);
	return words;
}

const char *words_duration(char words[WORDS_SIZE], int64_t milliseconds)
{
	uint64_t ms = milliseconds < 0 ? -(uint64_t)milliseconds : (uint64_t)milliseconds;
	const char *sign = milliseconds < 0 ? "-" : "";
	uint64_t s = ms / 1000;

	if (ms < 1000)
		snprintf(words, WORDS_SIZE, "%s%" PRIu64 "ms", sign, ms);
	else if (s < 60)
		snprintf(words, WORDS_SIZE, "%s%" PRIu64 ".%" PRIu64 "s", sign, s, ms % 1000 / 100);
	else if (s < 3600)
		snprintf(words, WORDS_SIZE, "%s%" PRIu64 "m%02" PRIu64 "s", sign, s / 60, s % 60);
	else if (s < 86400)
		snprintf(words, WORDS_SIZE, "%s%" PRIu64 "h%02" PRIu64 "m", sign, s / 3600, s % 3600 / 60);
	else
		snprintf(words, WORDS_SIZE, "%s%" PRIu64 "d%02" PRIu64 "h", sign, s / 86400, s % 86400 / 3600);
	return words;
}

const char *words_share(char words[WORDS_SIZE], int64_t part, int64_t whole)
{
	long double exact = 1000.0L * part / whole;
	int64_t tenths = llroundl(exact);

	if (tenths >= 1000 && part < whole)
		tenths = 999;
	if (exact < 1 && part > 0)
		snprintf(words, WORDS_SIZE, "under 0.1 %%");
	else if (tenths % 10 == 0)
		snprintf(words, WORDS_SIZE, "%" PRId64 " %%", tenths / 10);
	else
		snprintf(words, WORDS_SIZE, "%" PRId64 ".%" PRId64 " %%", tenths / 10,
		         tenths < 0 ? -(tenths % 10) : tenths % 10);
	return words;
}

const char *words_bytes(char words[WORDS_SIZE], int64_t bytes)
{
	static const char *const units[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
	size_t unit = 0;
	int64_t tenths;

	if (bytes < 1000) {
		snprintf(words, WORDS_SIZE, "%" PRId64 " bytes", bytes);
		return words;
	}
	for (tenths = bytes / 100; tenths >= 10000; tenths /= 1000)
		unit++;
	snprintf(words, WORDS_SIZE, "%" PRId64 ".%" PRId64 " %s", tenths / 10, tenths % 10, units[unit]);
	return words;
}
