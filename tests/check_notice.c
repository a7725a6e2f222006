/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of the daemon's own log: which notices are written, how a line looks,
 * and that nothing in it can steer a terminal or forge a second line.
 */
#define _GNU_SOURCE
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/notice.h"
#include "tests/suite.h"

/* The bytes that one notice of `text` at `level` leaves where `least` is wanted; malloc'ed. */
static char *written(enum notice_level least, enum notice_level level, const char *text)
{
	char *bytes = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&bytes, &size);
	struct notice *notice = notice_new("mailstormd", least, stream);

	notice_write(notice, level, "%s", text);
	notice_free(&notice);
	ck_assert_ptr_null(notice);
	fclose(stream);
	return bytes;
}

static void check_written(const char *text, const char *expected)
{
	char *bytes = written(NOTICE_DEBUG, NOTICE_INFO, text);

	ck_assert_str_eq(bytes, expected);
	free(bytes);
}

START_TEST(each_level_has_its_word)
{
	static const char *const expected[] = {"mailstormd: debug: read\n", "mailstormd: read\n",
	                                       "mailstormd: warning: read\n", "mailstormd: error: read\n"};

	for (int level = NOTICE_DEBUG; level <= NOTICE_ERROR; level++) {
		char *bytes = written(NOTICE_DEBUG, (enum notice_level)level, "read");

		ck_assert_str_eq(bytes, expected[level]);
		free(bytes);
	}
}
END_TEST

START_TEST(levels_below_the_least_are_not_written)
{
	for (int least = NOTICE_DEBUG; least <= NOTICE_ERROR; least++) {
		for (int level = NOTICE_DEBUG; level <= NOTICE_ERROR; level++) {
			char *bytes = written((enum notice_level)least, (enum notice_level)level, "read");

			ck_assert_int_eq(*bytes != '\0', level >= least);
			free(bytes);
		}
	}
}
END_TEST

START_TEST(what_is_wanted_can_be_asked)
{
	struct notice *notice = notice_new("mailstormd", NOTICE_WARNING, stderr);

	ck_assert(!notice_wanted(notice, NOTICE_DEBUG));
	ck_assert(!notice_wanted(notice, NOTICE_INFO));
	ck_assert(notice_wanted(notice, NOTICE_WARNING));
	ck_assert(notice_wanted(notice, NOTICE_ERROR));
	notice_free(&notice);
	notice_free(&notice);
}
END_TEST

START_TEST(control_characters_and_line_ends_become_question_marks)
{
	check_written("a\nmailstormd: b\r\tc\x1b[2Jd\x7f", "mailstormd: a?mailstormd: b??c?[2Jd?\n");
	check_written("\xc2\x9b"
	              "2J",
	              "mailstormd: ??2J\n"); /* the CSI of ISO 6429 */
	check_written("a\xe2\x80\xae"
	              "b\xe2\x80\xa8"
	              "c",
	              "mailstormd: a???b???c\n"); /* U+202E, U+2028 */
}
END_TEST

START_TEST(utf8_stays_and_other_bytes_become_question_marks)
{
	check_written("Gr\xc3\xbc\xc3\x9f"
	              "e \xe2\x82\xac \xf0\x9f\x93\xa7",
	              "mailstormd: Gr\xc3\xbc\xc3\x9f"
	              "e \xe2\x82\xac "
	              "\xf0\x9f\x93\xa7\n");
	check_written("a\xff"
	              "b\xc3",
	              "mailstormd: a?b?\n");
	check_written("\xc0\xaf\xed\xa0\x80", "mailstormd: ?????\n");
	check_written("", "mailstormd: \n");
}
END_TEST

START_TEST(a_text_of_2000_bytes_is_whole_and_a_longer_one_is_cut)
{
	char text[2002];
	char *bytes;

	memset(text, 'x', sizeof(text));
	text[2000] = '\0';
	bytes = written(NOTICE_INFO, NOTICE_ERROR, text);
	ck_assert_uint_eq(strlen(bytes), strlen("mailstormd: error: ") + 2000 + 1);
	ck_assert_ptr_null(strchr(bytes, '.'));
	free(bytes);

	text[2000] = 'x';
	text[2001] = '\0';
	bytes = written(NOTICE_INFO, NOTICE_ERROR, text);
	ck_assert_uint_eq(strlen(bytes), strlen("mailstormd: error: ") + 2000 + 1);
	ck_assert_str_eq(bytes + strlen(bytes) - 5, "x...\n");
	free(bytes);
}
END_TEST

START_TEST(a_cut_leaves_no_half_character)
{
	char text[4001];

	for (size_t lead = 0; lead < 4; lead++) {
		char *bytes;

		memset(text, 'x', lead);
		for (size_t at = lead; at + 4 < sizeof(text); at += 4)
			memcpy(text + at, "\xf0\x9f\x93\xa7", 5);
		bytes = written(NOTICE_INFO, NOTICE_INFO, text);
		ck_assert_ptr_null(strchr(bytes, '?'));
		ck_assert_str_eq(bytes + strlen(bytes) - 8, "\xf0\x9f\x93\xa7...\n");
		ck_assert_uint_le(strlen(bytes), strlen("mailstormd: ") + 2000 + 1);
		free(bytes);
	}
}
END_TEST

START_TEST(syslog_takes_a_notice_where_nobody_listens)
{
	struct notice *notice = notice_new("mailstormd", NOTICE_DEBUG, NULL);

	notice_write(notice, NOTICE_WARNING, "offset %d", 7);
	notice_free(&notice);
	ck_assert_ptr_null(notice);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("notice");
	TCase *lines = tcase_create("lines");

	tcase_add_test(lines, each_level_has_its_word);
	tcase_add_test(lines, levels_below_the_least_are_not_written);
	tcase_add_test(lines, what_is_wanted_can_be_asked);
	tcase_add_test(lines, control_characters_and_line_ends_become_question_marks);
	tcase_add_test(lines, utf8_stays_and_other_bytes_become_question_marks);
	tcase_add_test(lines, a_text_of_2000_bytes_is_whole_and_a_longer_one_is_cut);
	tcase_add_test(lines, a_cut_leaves_no_half_character);
	tcase_add_test(lines, syslog_takes_a_notice_where_nobody_listens);
	suite_add_tcase(suite, lines);
	return suite_run(suite);
}
