/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of the times in queue IDs: against the logs of a real Postfix, where
 * the line that begins a queue file is written at once after its ID was made, and
 * against IDs that are made here as mail_queue.h makes them.
 */
#define _GNU_SOURCE
#include <check.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#include "daemon/base/calendar.h"
#include "daemon/correlate/queue_id.h"
#include "tests/suite.h"

static const char digits[] = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz";

/* As MQID_LG_ENCODE_SEC, _USEC and _INUM do. */
static void encode(char *to, uint64_t number, unsigned base, size_t least)
{
	char reversed[32];
	size_t length = 0;

	for (; number || length < least; number /= base)
		reversed[length++] = digits[number % base];
	while (length)
		*to++ = reversed[--length];
	*to = '\0';
}

static void make_long(char *id, uint64_t seconds, uint64_t microseconds, uint64_t inode)
{
	encode(id, seconds, 52, 6);
	encode(id + strlen(id), microseconds, 52, 4);
	strcat(id, "z");
	encode(id + strlen(id), inode, 51, 1);
}

START_TEST(a_long_id_holds_the_whole_time)
{
	static const uint64_t seconds[] = {0, 1, 1479111000, 1795527612, 2147483648, 19770609663};
	static const uint64_t microseconds[] = {0, 1, 499999, 999999};
	static const uint64_t inodes[] = {1, 50, 51, 2601, 10117715, UINT64_MAX};

	for (size_t s = 0; s < 6; s++)
		for (size_t m = 0; m < 4; m++)
			for (size_t i = 0; i < 6; i++) {
				char id[64];
				int64_t time = 0;

				make_long(id, seconds[s], microseconds[m], inodes[i]);
				ck_assert_msg(queue_id_time(slice_of(id), &time), "%s", id);
				ck_assert_msg(time == (int64_t)(seconds[s] * 1000000 + microseconds[m]), "%s: %lld", id,
				              (long long)time);
				ck_assert_int_eq(queue_id_microsecond(slice_of(id)), -1);
			}
}
END_TEST

/* A client= line of 13:40:12 named it. */
START_TEST(a_known_long_id_is_read)
{
	int64_t time, day = calendar_days(2026, 11, 24) * CALENDAR_DAY;

	ck_assert(queue_id_time(SLICE("4jYkT83rQgz1TGgL"), &time));
	ck_assert_int_eq(time / 1000000, day + 13 * 3600 + 40 * 60 + 12);
}
END_TEST

START_TEST(what_is_no_long_id_has_no_time)
{
	static const char *const ids[] = {
		"",
		"z",
		"zzzzzzzzzzzzzzzz",
		"4jYkT83rQg",               /* no mark */
		"4jYkT83rQgz",              /* no inode */
		"z1TGgL",                   /* no time */
		"4jYkT83rQz1TGgL",          /* a digit too few */
		"4jYkT830000003rQgz1",      /* far too many */
		"4aYkT83rQgz1TGgL",         /* a vowel in the seconds */
		"4jYkT8AAAAz1TGgL",         /* and in the microseconds */
		"4jYkT83rQgz1TGaL",         /* and in the inode */
		"4jYkT8zzzzz1TGgL",         /* more than 999999 microseconds: 52^4 - 1 */
		"4jYkT83rQgzyyyyyyyyyyyyy", /* an inode of more than 64 bits */
		"7124E9A614A",
		"u9ABCDEFz12345",
		"1hXyZ0-0003oP-5",
		"1hXyZ0_0003oP_5i",
		"1hXyZ0-0003oP-5!",
		"4jYkT83rQg z1TGgL",
	};
	int64_t time;

	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++)
		ck_assert_msg(!queue_id_time(slice_of(ids[i]), &time), "%s", ids[i]);
	ck_assert(!queue_id_time(SLICE_NONE, &time));
	ck_assert(!queue_id_time(SLICE("4jYkT8\0rQgz1TGgL"), &time));
	/* All nines of the alphabet: no sum may overflow. */
	ck_assert(!queue_id_time(SLICE("zzzzzzzzzzzzzzzzzzzzzzzzzzz1"), &time));
}
END_TEST

START_TEST(an_exim_id_holds_seconds_and_a_fraction)
{
	int64_t time = 0;

	/* Up to 4.96 the fraction counts half milliseconds. */
	ck_assert(queue_id_time(SLICE("1xVrKH-00002V-1n"), &time));
	ck_assert_int_eq(time, INT64_C(1795529813) * 1000000 + 111 * 500);
	/* From 4.97 on, microseconds. */
	ck_assert(queue_id_time(SLICE("10HmaX-000000005vi-0001"), &time));
	ck_assert_int_eq(time, INT64_C(920371185) * 1000000 + 1);
}
END_TEST

START_TEST(a_short_id_holds_the_microsecond)
{
	static const unsigned long inodes[] = {1, 15, 0x9A614A, 0xffffffffffffffff};

	for (unsigned microsecond = 0; microsecond < 1000000; microsecond += 997)
		for (size_t i = 0; i < 4; i++) {
			char id[64];
			int64_t time;

			snprintf(id, sizeof(id), "%05X%lX", microsecond, inodes[i]);
			ck_assert_int_eq(queue_id_microsecond(slice_of(id)), (int)microsecond);
			ck_assert(!queue_id_time(slice_of(id), &time));
		}
	ck_assert_int_eq(queue_id_microsecond(SLICE("F423F1")), 999999);
}
END_TEST

START_TEST(what_is_no_short_id_has_no_microsecond)
{
	static const char *const ids[] = {
		"",
		"12345",  /* no inode */
		"F42401", /* 1000000 microseconds */
		"FFFFF1",
		"7124e9A614A",
		"7124E9A614G",
		"NOQUEUE",
		"4jYkT83rQgz1TGgL",
		"123456789012345678901234567890",
		"-12345F",
		"12 456",
	};

	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++)
		ck_assert_msg(queue_id_microsecond(slice_of(ids[i])) == -1, "%s", ids[i]);
	ck_assert_int_eq(queue_id_microsecond(SLICE_NONE), -1);
}
END_TEST

/* The line that begins a queue file, in any of the log's forms. */
struct beginning {
	int64_t time;
	int64_t resolution;
	char id[64];
};

static int month_of(const char *name)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	const char *at = strstr(months, name);

	ck_assert_ptr_nonnull(at);
	return (int)(at - months) / 3 + 1;
}

/* The line's time; where it tells no year, it is the one of the ID, if that tells one. */
static bool read_time(const char *line, struct beginning *found)
{
	int64_t time = 0;
	int year, month, day, hour, minute, second, microsecond = 0;
	char name[4];

	found->resolution = 1;
	if (sscanf(line, "%4d-%2d-%2dT%2d:%2d:%2d.%6d+00:00 ", &year, &month, &day, &hour, &minute, &second,
	           &microsecond) != 7) {
		if (sscanf(line, "%3[A-Za-z] %d %2d:%2d:%2d ", name, &day, &hour, &minute, &second) != 5)
			return false;
		year = queue_id_time(slice_of(found->id), &time) ? calendar_year(time / 1000000 / CALENDAR_DAY) : 2016;
		month = month_of(name);
		found->resolution = 1000000;
	}
	found->time =
		((calendar_days(year, month, day) * CALENDAR_DAY + hour * 3600 + minute * 60 + second) * 1000000) +
		microsecond;
	return true;
}

static bool read_beginning(const char *line, struct beginning *found)
{
	static const char *const marks[] = {": client=", ": uid="};

	for (size_t i = 0; i < 2; i++) {
		const char *mark = strstr(line, marks[i]), *id = mark;

		while (id && id > line && id[-1] != ' ')
			id--;
		if (!mark || mark == id || mark - id >= (long)sizeof(found->id) || strncmp(id, "NOQUEUE", 7) == 0)
			continue;
		memcpy(found->id, id, (size_t)(mark - id));
		found->id[mark - id] = '\0';
		return read_time(line, found);
	}
	return false;
}

/* The time in the ID is at most the line's, and not long before it. Returns 1 for a long ID, 0 for a short one. */
static int check_beginning(const struct beginning *found)
{
	int64_t time, latest = found->time + found->resolution, behind;
	int32_t microsecond = queue_id_microsecond(slice_of(found->id));
	bool whole = queue_id_time(slice_of(found->id), &time);

	ck_assert_msg(whole != (microsecond >= 0), "%s", found->id);
	if (!whole) {
		/* The latest second not after the line. */
		time = found->time - found->time % 1000000 + microsecond;
		if (time > latest)
			time -= 1000000;
	}
	behind = latest - time;
	ck_assert_msg(behind >= 0 && behind < found->resolution + 500000, "%s: %lld us before its line", found->id,
	              (long long)behind);
	return whole;
}

START_TEST(ids_of_a_real_postfix_hold_the_time_of_the_line_that_begins_them)
{
	static const char *const needed[] = {"short in seconds", "short in microseconds", "long in seconds"};
	const char *top = getenv("TOP_SRCDIR");
	char pattern[4096], line[4096];
	unsigned counts[4] = {0};
	glob_t logs;

	snprintf(pattern, sizeof(pattern), "%s/tests/data/postfix/*/*.log.gz", top ? top : ".");
	ck_assert_int_eq(glob(pattern, 0, NULL, &logs), 0);
	for (size_t i = 0; i < logs.gl_pathc; i++) {
		gzFile log = gzopen(logs.gl_pathv[i], "rb");
		struct beginning found;

		ck_assert_ptr_nonnull(log);
		while (gzgets(log, line, sizeof(line)))
			if (read_beginning(line, &found))
				counts[check_beginning(&found) * 2 + (found.resolution == 1)]++;
		gzclose(log);
	}
	globfree(&logs);
	for (size_t i = 0; i < 3; i++)
		ck_assert_msg(counts[i] > 0, "no ID: %s", needed[i]);
	ck_assert_uint_gt(counts[0] + counts[1] + counts[2] + counts[3], 50);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("queue_id");
	TCase *tests = tcase_create("queue_id");

	suite_add_tcase(suite, tests);
	tcase_add_test(tests, a_long_id_holds_the_whole_time);
	tcase_add_test(tests, a_known_long_id_is_read);
	tcase_add_test(tests, what_is_no_long_id_has_no_time);
	tcase_add_test(tests, an_exim_id_holds_seconds_and_a_fraction);
	tcase_add_test(tests, a_short_id_holds_the_microsecond);
	tcase_add_test(tests, what_is_no_short_id_has_no_microsecond);
	tcase_add_test(tests, ids_of_a_real_postfix_hold_the_time_of_the_line_that_begins_them);
	return suite_run(suite);
}
