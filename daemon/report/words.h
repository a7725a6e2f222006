/* SPDX-License-Identifier: Apache-2.0
 *
 * Figures in words: how counts, durations and shares are written for
 * people. The same everywhere and whatever the locale, since reports are
 * compared. Only shares are rounded, and are "100 %" only of the whole.
 */
#ifndef MAILSTORM_REPORT_WORDS_H
#define MAILSTORM_REPORT_WORDS_H

#include <stdint.h>

/* Longest result of each of these, with its NUL. */
#define WORDS_SIZE 40

/* 1234567 -> "1,234,567". */
const char *words_count(char words[WORDS_SIZE], int64_t count);

/* 79.25 -> "79.2"; from 1000 on whole and grouped, cut not rounded. */
const char *words_real(char words[WORDS_SIZE], double value);

/* Milliseconds, as the configuration writes durations, two units at most, cut not rounded:
 * 850 -> "850ms", 4250 -> "4.2s", 129000 -> "2m09s", 10920000 -> "3h02m", 187200000 -> "2d04h". */
const char *words_duration(char words[WORDS_SIZE], int64_t milliseconds);

/* part of whole in percent, one decimal, the nearest: "97.3 %"; "under 0.1 %" where it is that and more than nothing,
 * "100 %" only where it is all. whole > 0. */
const char *words_share(char words[WORDS_SIZE], int64_t part, int64_t whole);

/* Bytes with a decimal unit: 4200000000 -> "4.2 GB". */
const char *words_bytes(char words[WORDS_SIZE], int64_t bytes);

#endif
