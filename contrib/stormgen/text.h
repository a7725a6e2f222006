/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing text without printf: every function puts bytes at p and returns
 * where the next ones go. The caller sees to the room. Nothing here allocates,
 * nothing can fail. Also the random numbers, so that a seed gives one storm.
 */
#ifndef STORMGEN_TEXT_H
#define STORMGEN_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define SECOND INT64_C(1000000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

static inline char *text_bytes(char *p, const char *bytes, size_t length)
{
	memcpy(p, bytes, length);
	return p + length;
}

static inline char *text_put(char *p, const char *string)
{
	return text_bytes(p, string, strlen(string));
}

/* Decimal digits. */
char *text_number(char *p, uint64_t number);

/* Exactly `width` decimal digits, zero padded. */
char *text_digits(char *p, uint64_t number, unsigned width);

/* A delay as Postfix's format_tv() shows it: two digits that matter, at most two decimals. *shown, if not NULL,
 * gets what the text says, in microseconds. */
char *text_delay(char *p, int64_t microseconds, int64_t *shown);

/* A queue ID as mail_queue_enter() makes it (mail_queue.h): long, or short hexadecimal. */
char *text_queue_id(char *p, bool long_form, int64_t time, uint64_t inode);

/* YYYY-MM-DDTHH:MM:SS.sssZ */
char *text_time(char *p, int64_t time);

/* Days since 1970 of a date of the Gregorian calendar, and back. */
int64_t text_days(int64_t year, unsigned month, unsigned day);
void text_date(int64_t days, int64_t *year, unsigned *month, unsigned *day);

/* splitmix64: a good hash of one number. */
static inline uint64_t random_mix(uint64_t x)
{
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

static inline uint64_t random_next(uint64_t *state)
{
	*state += UINT64_C(0x9e3779b97f4a7c15);
	return random_mix(*state);
}

/* From 0 to below `bound`; bound 0 gives 0. */
static inline uint64_t random_below(uint64_t *state, uint64_t bound)
{
	return bound ? (uint64_t)(((__uint128_t)random_next(state) * bound) >> 64) : 0;
}

/* From 0 to below 1. */
static inline double random_unit(uint64_t *state)
{
	return (double)(random_next(state) >> 11) * 0x1p-53;
}

/* True in `share` (0 to 1) of all hashes. */
static inline bool random_chance(uint64_t hash, double share)
{
	return (double)(hash >> 11) * 0x1p-53 < share;
}

#endif
