/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of what reaches a terminal: hostile bytes become visible, width is
 * that of the terminal, cuts and line breaks keep characters whole.
 */
#define _GNU_SOURCE
#include <check.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/report/safe.h"
#include "tests/suite.h"

/* Asserts what becomes of a literal, which may hold NUL. */
#define ASSERT_SAFE(literal, target, expected) assert_safe(literal, sizeof(literal) - 1, target, expected)

static void assert_safe(const char *bytes, size_t length, enum safe_target target, const char *expected)
{
	char *safe = safe_text(bytes, length, target);

	ck_assert_str_eq(safe, expected);
	free(safe);
}

START_TEST(plain_text_stays_as_it_is)
{
	ASSERT_SAFE("", SAFE_UTF8, "");
	ASSERT_SAFE("Re: Test <a@b>", SAFE_UTF8, "Re: Test <a@b>");
	ASSERT_SAFE("Grüße, 収件人 😀", SAFE_UTF8, "Grüße, 収件人 😀");
	ASSERT_SAFE("שלום", SAFE_UTF8, "שלום");
}
END_TEST

START_TEST(what_steers_a_terminal_is_made_visible)
{
	ASSERT_SAFE("a\x1b[31mb\x07\r\n\t\x7f", SAFE_UTF8, "a\\x1b[31mb\\x07\\x0d\\x0a\\x09\\x7f");
	ASSERT_SAFE("a\0b", SAFE_UTF8, "a\\x00b");
	ASSERT_SAFE("\xc2\x9b"
	            "31m\xc2\x85",
	            SAFE_UTF8, "\\u009b31m\\u0085");
}
END_TEST

START_TEST(what_reorders_or_hides_text_is_made_visible)
{
	ASSERT_SAFE("\u202e\u2066\u200f\u061c", SAFE_UTF8, "\\u202e\\u2066\\u200f\\u061c");
	ASSERT_SAFE("a\u200b\u2060\ufeff\u00ad", SAFE_UTF8, "a\\u200b\\u2060\\ufeff\\u00ad");
	ASSERT_SAFE("\u2028\u2029", SAFE_UTF8, "\\u2028\\u2029");
	ASSERT_SAFE("\U000e0041\U0010ffff", SAFE_UTF8, "\\U000e0041\\U0010ffff");
}
END_TEST

START_TEST(bytes_that_are_no_utf8_are_shown_one_by_one)
{
	ASSERT_SAFE("\x80\xff\xfe", SAFE_UTF8, "\\x80\\xff\\xfe");
	ASSERT_SAFE("\xc0\xaf\xe0\x80\xaf\xf0\x80\x80\xaf", SAFE_UTF8, "\\xc0\\xaf\\xe0\\x80\\xaf\\xf0\\x80\\x80\\xaf");
	ASSERT_SAFE("\xed\xa0\x80", SAFE_UTF8, "\\xed\\xa0\\x80");
	ASSERT_SAFE("\xf4\x90\x80\x80\xf5", SAFE_UTF8, "\\xf4\\x90\\x80\\x80\\xf5");
	ASSERT_SAFE("ab\xe2\x82", SAFE_UTF8, "ab\\xe2\\x82");
	ASSERT_SAFE("\xc3(", SAFE_UTF8, "\\xc3(");
}
END_TEST

START_TEST(marks_do_not_pile_up_and_have_something_to_stand_on)
{
	ASSERT_SAFE("e\u0301", SAFE_UTF8, "e\u0301");
	ASSERT_SAFE("\u0301e", SAFE_UTF8, "\\u0301e");
	ASSERT_SAFE("e\u0301\u0301\u0301\u0301\u0301\u0301", SAFE_UTF8, "e\u0301\u0301\u0301\u0301\\u0301\\u0301");
	ASSERT_SAFE("e\u0301\u0301\u0301e\u0301\u0301\u0301", SAFE_UTF8, "e\u0301\u0301\u0301e\u0301\u0301\u0301");
}
END_TEST

START_TEST(an_ascii_terminal_gets_ascii)
{
	ASSERT_SAFE("Grüße 😀\x1b", SAFE_ASCII, "Gr\\u00fc\\u00dfe \\U0001f600\\x1b");
}
END_TEST

START_TEST(a_file_keeps_lines_and_marks_but_no_controls)
{
	ASSERT_SAFE("a\tb\nc\rd\x1b\u202e\u0301\xff ü", SAFE_FILE,
	            "a\tb\nc\\x0d"
	            "d\\x1b\\u202e\u0301\\xff ü");
}
END_TEST

START_TEST(width_is_that_of_the_terminal)
{
	ck_assert_int_eq(safe_width("", 0), 0);
	ck_assert_int_eq(safe_width("abc", 3), 3);
	ck_assert_int_eq(safe_width("ü", 2), 1);
	ck_assert_int_eq(safe_width("収件", 6), 4);
	ck_assert_int_eq(safe_width("e\u0301", 3), 1);
}
END_TEST

START_TEST(a_wide_character_is_not_halved_and_a_mark_stays_with_its_letter)
{
	int width;

	ck_assert_uint_eq(safe_fit("収件", 6, 3, &width), 3);
	ck_assert_int_eq(width, 2);
	ck_assert_uint_eq(safe_fit("e\u0301x", 4, 1, &width), 3);
	ck_assert_int_eq(width, 1);
	ck_assert_uint_eq(safe_fit("abc", 3, 0, &width), 0);
	ck_assert_uint_eq(safe_fit("abc", 3, 9, &width), 3);
	ck_assert_int_eq(width, 3);
}
END_TEST

static void assert_put(const char *safe, int columns, bool to_the_right, enum safe_target target, const char *expected)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	safe_put(out, safe, columns, to_the_right, target);
	fclose(out);
	ck_assert_str_eq(text, expected);
	free(text);
}

START_TEST(a_cell_takes_its_columns_exactly)
{
	assert_put("ab", 4, false, SAFE_UTF8, "ab  ");
	assert_put("ab", 4, true, SAFE_UTF8, "  ab");
	assert_put("abcd", 4, false, SAFE_UTF8, "abcd");
	assert_put("abcde", 4, false, SAFE_UTF8, "abc…");
	assert_put("abcde", 4, false, SAFE_ASCII, "abc~");
	assert_put("収件人", 4, false, SAFE_UTF8, "収… ");
	assert_put("収件人", 4, true, SAFE_UTF8, " 収…");
	assert_put("abc", 1, false, SAFE_UTF8, "…");
	assert_put("abc", 0, false, SAFE_UTF8, "");
}
END_TEST

static void assert_line(const char *text, int columns, size_t line, size_t next)
{
	size_t got_next;

	ck_assert_uint_eq(safe_line(text, strlen(text), columns, &got_next), line);
	ck_assert_uint_eq(got_next, next);
}

START_TEST(lines_break_at_spaces_and_within_words_that_are_too_long)
{
	assert_line("one two", 7, 7, 7);
	assert_line("one two", 6, 3, 4);
	assert_line("one two", 3, 3, 4);
	assert_line("one  two", 5, 4, 5);
	assert_line("abcdefgh ij", 5, 5, 5);
	assert_line("収", 1, 3, 3);
	assert_line("", 5, 0, 0);
}
END_TEST

static Suite *safe_suite(void)
{
	Suite *suite = suite_create("safe text");
	TCase *replaced = tcase_create("what is replaced");
	TCase *measured = tcase_create("how it is measured");

	tcase_add_test(replaced, plain_text_stays_as_it_is);
	tcase_add_test(replaced, what_steers_a_terminal_is_made_visible);
	tcase_add_test(replaced, what_reorders_or_hides_text_is_made_visible);
	tcase_add_test(replaced, bytes_that_are_no_utf8_are_shown_one_by_one);
	tcase_add_test(replaced, marks_do_not_pile_up_and_have_something_to_stand_on);
	tcase_add_test(replaced, an_ascii_terminal_gets_ascii);
	tcase_add_test(replaced, a_file_keeps_lines_and_marks_but_no_controls);
	tcase_add_test(measured, width_is_that_of_the_terminal);
	tcase_add_test(measured, a_wide_character_is_not_halved_and_a_mark_stays_with_its_letter);
	tcase_add_test(measured, a_cell_takes_its_columns_exactly);
	tcase_add_test(measured, lines_break_at_spaces_and_within_words_that_are_too_long);
	suite_add_tcase(suite, replaced);
	suite_add_tcase(suite, measured);
	return suite;
}

int main(void)
{
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		return 77;
	return suite_run(safe_suite());
}
