/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of subjects: what a log says of one (RFC 2047, folds as '?', cut at 200
 * bytes) as its author wrote it, and what is compared to tell answers.
 */
#define _GNU_SOURCE
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/correlate/subject.h"
#include "tests/subject_probe.h"
#include "tests/suite.h"

static void check_normal(const char *raw, const char *expected)
{
	bool automatic;
	char *normal = subject_normal(slice_of(raw), &automatic);

	ck_assert_msg(strcmp(normal, expected) == 0, "'%s'\nbecame '%s'\nnot    '%s'", raw, normal, expected);
	free(normal);
}

static void check_shown(const char *raw, const char *expected)
{
	char *shown = subject_shown(slice_of(raw), SLICE("all-staff@lists.example.org"));

	ck_assert_msg(strcmp(shown, expected) == 0, "'%s'\nbecame '%s'\nnot    '%s'", raw, shown, expected);
	free(shown);
}

START_TEST(plain_text_stays_as_it_is)
{
	static const struct pair pairs[] = {
		{"", ""},
		{"Test", "Test"},
		{"What? Me", "What? Me"},
		{"Really?", "Really?"},
		{"1 =? 2 ?= 3", "1 =? 2 ?= 3"},
		{"a  b", "a  b"},
		{"trailing   ", "trailing"},
		{"Gr\xc3\xbc\xc3\x9f"
	         "e",
	         "Gr\xc3\xbc\xc3\x9f"
	         "e"},
		{"Gr??e aus K??ln", "Gr??e aus K??ln"}, /* 8-bit text without SMTPUTF8 */
		{"????? ??????", "????? ??????"},
	};

	EACH(pairs, check_decoded);
}
END_TEST

START_TEST(control_characters_become_spaces_and_broken_bytes_are_marked)
{
	char *decoded;

	check_decoded("=?utf-8?Q?a=1B[2Jb=00c=0A=09d=7F?=", "a [2Jb c  d");
	check_decoded("a\tb\x01"
	              "c",
	              "a b c");
	check_decoded("Gr\xfc\xdf"
	              "e",
	              "Gr\xef\xbf\xbd\xef\xbf\xbd"
	              "e");
	check_decoded("cut \xe6\xb5", "cut \xef\xbf\xbd");
	decoded = subject_decode(SLICE("a\0b"));
	ck_assert_str_eq(decoded, "a b");
	free(decoded);
	decoded = subject_decode(SLICE_NONE);
	ck_assert_str_eq(decoded, "");
	free(decoded);
}
END_TEST

/* Postfix logs a line break as '?', a tab too. */
START_TEST(folds_are_undone_where_mailers_fold)
{
	static const struct pair pairs[] = {
		{"? Folded right behind the name", "Folded right behind the name"},
		{"??By a tab right behind the name", "By a tab right behind the name"},
		{"? =?utf-8?Q?=C3=BC?=", "ü"},
		{"A long subject that fills its line up to the end? and goes on here",
	         "A long subject that fills its line up to the end and goes on here"},
		{"A long subject that fills its line up to the end??and goes on here",
	         "A long subject that fills its line up to the end and goes on here"},
		{"A long subject that fills its line up to the end?   and goes on here",
	         "A long subject that fills its line up to the end and goes on here"},
		{"A short one? No fold", "A short one? No fold"},
		{"A long subject that fills its line up to the end? Why? It goes on",
	         "A long subject that fills its line up to the end Why? It goes on"},
		{"A long subject that fills its line up to the end?really",
	         "A long subject that fills its line up to the end?really"},
		{"A long subject that is a question to the very end?",
	         "A long subject that is a question to the very end?"},
		{"=?utf-8?Q?=C3=BC?=? and plain", "ü and plain"},
	};

	EACH(pairs, check_decoded);
}
END_TEST

START_TEST(the_lists_own_tag_is_not_shown)
{
	static const struct pair pairs[] = {
		{"[all-staff] Lunch", "Lunch"},     {"[All-Staff] Lunch", "Lunch"},
		{"[All Staff] Lunch", "Lunch"},     {"[all_staff] Lunch", "Lunch"},
		{"[all-staff 12] Lunch", "Lunch"},  {"[all-staff:12] Lunch", "Lunch"},
		{"  [all-staff]   Lunch", "Lunch"}, {"=?utf-8?Q?=5Ball-staff=5D_Gr=C3=BC=C3=9Fe?=", "Grüße"},
	};

	EACH(pairs, check_shown);
}
END_TEST

START_TEST(what_its_author_wrote_is_shown)
{
	static const struct pair pairs[] = {
		{"Lunch", "Lunch"},
		{"[urgent] Lunch", "[urgent] Lunch"},
		{"[all-staff2] Lunch", "[all-staff2] Lunch"},
		{"[all-staf] Lunch", "[all-staf] Lunch"},
		{"[all] Lunch", "[all] Lunch"},
		{"[all-staff]", "[all-staff]"},
		{"[all-staff Lunch", "[all-staff Lunch"},
		{"Re: [all-staff] Lunch", "Re: [all-staff] Lunch"},
		{"[]  Lunch", "[]  Lunch"},
		{"[", "["},
		{"", ""},
	};
	char *shown;

	EACH(pairs, check_shown);
	shown = subject_shown(SLICE("[x] Lunch"), SLICE_NONE);
	ck_assert_str_eq(shown, "[x] Lunch");
	free(shown);
	shown = subject_shown(SLICE("[x] Lunch"), SLICE("x\0y@example.org"));
	ck_assert_str_eq(shown, "[x] Lunch");
	free(shown);
	shown = subject_shown(SLICE("[] Lunch"), SLICE("@example.org"));
	ck_assert_str_eq(shown, "[] Lunch");
	free(shown);
}
END_TEST

START_TEST(reply_and_forward_prefixes_of_many_languages_are_not_compared)
{
	/* clang-format off */
	static const char *const prefixes[] = {
		"Re: ", "RE: ", "re:", "Fwd: ", "FW: ", "AW: ", "Antwort: ", "WG: ", "Antw: ", "Doorst: ", "SV: ",
		"VS: ", "VB: ", "VL: ", "Odp: ", "PD: ", "R: ", "RIF: ", "I: ", "RES: ", "ENC: ", "RV: ", "TR: ",
		"RÉP : ", "Rép. : ", "Réf. : ", "VÁ: ", "Továbbítás: ", "BLS: ", "TRS: ", "YNT: ", "İLT: ",
		"ilt: ", "YML: ", "ATB: ", "ΑΠ: ", "ΣΧΕΤ: ", "ΠΡΘ: ", "НА: ", "Ответ: ", "Отв: ", "回复: ", "回复：",
		"答复: ", "回覆: ", "转发: ", "轉寄: ", "返信: ", "転送: ", "답장: ", "전달: ", "Trả lời: ", "תגובה: ", "رد: ",
		"Recall: ", "Rückruf: ", "Rappel : ", "Ｒｅ：", "Re[2]: ", "Re^3: ", "Re(4): ", "Re (5): ", "RE : ", "RE\xc2\xa0: ", "Re*2: ", "Re: Re: ",
		"RE: AW: WG: ", "Re:Re:Re:", "Fwd: [x] Re: [x] ", "[x] Re: ", "Re: [x][y] ", "   Re:   ",
		"=?utf-8?Q?R=C3=A9p=C2=A0=3A_?= ", "=?utf-8?B?5Zue5aSN77ya?="};
	/* clang-format on */

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++) {
		char raw[200];

		snprintf(raw, sizeof(raw), "%sMittag ist?", prefixes[i]);
		check_normal(raw, "mittagist");
	}
}
END_TEST

START_TEST(words_that_only_begin_like_a_prefix_are_compared)
{
	static const struct pair pairs[] = {
		{"Regarding lunch", "regardinglunch"},
		{"Re lunch", "relunch"},
		{"Rest: now", "rest:now"},
		{"Iced: tea", "iced:tea"},
		{"Fwdx: tea", "fwdx:tea"},
		{"NB: closed", "nb:closed"},
		{"Lunch: Re: tea", "lunch:re:tea"},
		{"[urgent]", "[urgent]"},
		{"[urgent", "[urgent"},
		{"12:30", "12:30"},
		{":", ":"},
	};

	EACH(pairs, check_normal);
}
END_TEST

START_TEST(case_form_width_white_space_and_question_marks_are_not_compared)
{
	static const struct pair pairs[] = {
		{"GRÜSSE", "grüsse"},
		{"Grüße", "grüsse"},
		{"Gru\xcc\x88ße", "grüsse"},
		{"Grüße?", "grüsse"},
		{"G r\tü\xc2\xa0s\xe3\x80\x80se", "grüsse"},
		{"ΣΟΦΟΣ", "σοφοσ"},
		{"ｆｕｌｌ　ｗｉｄｔｈ？", "fullwidth"},
		{"", ""},
		{"Re:", ""},
		{"Re: [x] Fwd:", ""},
		{" ? ", ""},
	};

	EACH(pairs, check_normal);
}
END_TEST

START_TEST(a_fold_does_not_change_what_is_compared)
{
	check_normal("A long subject that fills its line up to the end? and goes on here",
	             "alongsubjectthatfillsitslineuptotheendandgoesonhere");
	check_normal("A long subject that fills its line??up to the end and goes on here",
	             "alongsubjectthatfillsitslineuptotheendandgoesonhere");
	check_normal("=?utf-8?Q?A_long_subject_that_fills_its_line_up?=? =?utf-8?Q?_to_the_end_and_goes_on_here?=",
	             "alongsubjectthatfillsitslineuptotheendandgoesonhere");
}
END_TEST

/* A subject in base64 words as mailers make them, behind a prefix, cut where Postfix cuts a header. */
static char *logged(const char *prefix, const char *text)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char *raw = NULL;
	size_t size = 0, length = strlen(text);
	FILE *stream = open_memstream(&raw, &size);

	fputs(prefix, stream);
	for (size_t at = 0; at < length; at += 42) {
		size_t end = at + 42 < length ? at + 42 : length;

		fputs(at ? "? =?utf-8?B?" : "=?utf-8?B?", stream);
		for (size_t i = at; i < end; i += 3) {
			unsigned bits = 0;

			for (size_t k = 0; k < 3; k++)
				bits = bits << 8 | (i + k < end ? (unsigned char)text[i + k] : 0);
			fprintf(stream, "%c%c%c%c", digits[bits >> 18], digits[bits >> 12 & 63],
			        i + 1 < end ? digits[bits >> 6 & 63] : '=', i + 2 < end ? digits[bits & 63] : '=');
		}
		fputs("?=", stream);
	}
	fclose(stream);
	if (size > 200 - strlen("Subject: "))
		raw[200 - strlen("Subject: ")] = '\0';
	return raw;
}

START_TEST(a_long_subject_is_the_same_however_early_it_was_cut)
{
	static const char *const texts[] = {
		"Пожалуйста, не отвечайте всем на это письмо, это тестовая рассылка для всех сотрудников",
		"请大家不要再回复全部了这只是一封发给全体员工的测试邮件谢谢大家的理解与配合请大家不要再回复全部了谢谢大家的配合",
		"Bitte nicht mehr allen antworten, diese Nachricht war nur ein Test und ging versehentlich an viele Empfänger",
	};
	static const char *const prefixes[] = {"Re: ", "AW: ", "RE: AW: ", "Antwort: ", "Re: [all-staff] "};

	for (size_t t = 0; t < 3; t++) {
		bool automatic;
		char *raw = logged("", texts[t]), *first = subject_normal(slice_of(raw), &automatic);

		ck_assert_uint_ge(strlen(first), 50);
		free(raw);
		for (size_t p = 0; p < 5; p++) {
			raw = logged(prefixes[p], texts[t]);
			check_normal(raw, first);
			free(raw);
		}
		free(first);
	}
}
END_TEST

START_TEST(subjects_are_compared_by_their_first_64_bytes)
{
	char a[100], b[100];
	bool automatic;
	char *normal;

	memset(a, 'x', sizeof(a));
	a[64] = '\0';
	check_normal(a, a);
	memcpy(b, a, sizeof(b));
	b[63] = 'y';
	check_normal(b, b);
	a[64] = 'z';
	a[65] = '\0';
	normal = subject_normal(slice_of(a), &automatic);
	a[64] = '\0';
	ck_assert_str_eq(normal, a);
	free(normal);
	/* The last character is a whole one. */
	memcpy(b + 63, "\xc3\xbc", 3);
	a[63] = '\0';
	check_normal(b, a);
}
END_TEST

static void check_automatic(const char *raw, bool expected)
{
	bool automatic = !expected;
	char *normal = subject_normal(slice_of(raw), &automatic);

	ck_assert_msg(automatic == expected, "'%s' is %sautomatic", raw, automatic ? "" : "not ");
	if (expected)
		ck_assert_msg(strcmp(normal, "mittag") == 0, "'%s' became '%s'", raw, normal);
	free(normal);
}

START_TEST(automatic_replies_are_told_by_their_prefix)
{
	/* clang-format off */
	static const char *const raws[] = {
		"Automatic reply: Mittag", "Automatic reply: Re: Mittag", "Automatische Antwort: AW: Mittag",
		"Out of Office: Mittag", "Out of Office AutoReply: Mittag", "Out of the office: Mittag",
		"AutoReply: Mittag", "Auto-Reply: Mittag", "Abwesenheitsnotiz: Mittag",
		"Réponse automatique : Mittag", "=?utf-8?Q?R=C3=A9ponse_automatique=C2=A0=3A?= Mittag",
		"Respuesta automática: Mittag", "Risposta automatica: R: Mittag", "Resposta automática: Mittag",
		"Automatisch antwoord: Mittag", "Autosvar: Mittag", "Automatiskt svar: SV: Mittag",
		"Automaattinen vastaus: Mittag", "Odpowiedź automatyczna: Mittag", "Automatická odpověď: Mittag",
		"Автоматический ответ: Mittag", "自動応答: Mittag", "自动答复: Mittag", "自动答复：Mittag",
		"Otomatik yanıt: Mittag", "[x] Automatic reply: [x] Mittag", "Αυτόματη απάντηση: Mittag",
		"자동 회신: Mittag"};
	/* clang-format on */

	for (size_t i = 0; i < sizeof(raws) / sizeof(*raws); i++)
		check_automatic(raws[i], true);
}
END_TEST

START_TEST(people_who_write_of_or_answer_an_automatic_reply_are_not_automatic)
{
	static const char *const raws[] = {"Mittag",
	                                   "Re: Mittag",
	                                   "Re: Automatic reply: Mittag",
	                                   "AW: Automatische Antwort: Mittag",
	                                   "Out of office tomorrow",
	                                   "Automatic replies: please stop",
	                                   "Vacations: when",
	                                   "Please stop. Automatic reply: x",
	                                   ""};

	for (size_t i = 0; i < sizeof(raws) / sizeof(*raws); i++)
		check_automatic(raws[i], false);
}
END_TEST

/* Bytes again and again, up to 100 kB. */
static struct slice repeated(const char *what, char *bytes)
{
	size_t n = strlen(what), length = 0;

	for (; length + n < 100000; length += n)
		memcpy(bytes + length, what, n);
	return (struct slice){bytes, length};
}

START_TEST(a_subject_of_100_kb_takes_no_time)
{
	static const char *const parts[] = {"Re: ",
	                                    "Re:",
	                                    "[x] ",
	                                    "[",
	                                    "Re[",
	                                    " ",
	                                    "?",
	                                    "? ",
	                                    "??",
	                                    "=?",
	                                    "=?utf-8?Q?",
	                                    "=?utf-8?Q?a?= ",
	                                    "=?utf-8?Q?a?=",
	                                    "=?utf-8?B?4?=",
	                                    "=?a?q?b?=",
	                                    "=",
	                                    "=?utf-8?B?",
	                                    "Automatic reply: ",
	                                    "\xcc\x88",
	                                    "\xef\xb7\xba",
	                                    "\xff",
	                                    "=?x?Q?a?= ",
	                                    "=?utf-8?Q?a?=? x",
	                                    "x",
	                                    "I: [",
	                                    "\xe4\xbd\xa0"};
	char *bytes = malloc(100000);
	struct timespec begin, end;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		struct slice raw = repeated(parts[i], bytes);
		bool automatic;

		free(subject_normal(raw, &automatic));
		free(subject_shown(raw, SLICE("x@example.org")));
		raw.bytes++; /* in the midst of a part */
		raw.length--;
		free(subject_normal(raw, &automatic));
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	ck_assert_int_lt(end.tv_sec - begin.tv_sec, 20); /* 78 of them; one that is quadratic takes longer */
	free(bytes);
}
END_TEST

START_TEST(a_post_begins_with_its_lists_tag_or_a_reply_prefix)
{
	static const char *const posts[] = {"Re: Lunch",         "[staff] Lunch",       "  [Staff 12] Lunch",
	                                    "AW: [staff] Lunch", "=?utf-8?q?Re=3A_x?=", "[staff] Re: Lunch"};
	static const char *const others[] = {"",
	                                     "Staff Digest, Vol 1, Issue 1",
	                                     "Message for list staff from joe@example.org to be approved",
	                                     "staff@example.org post from joe@example.org requires approval",
	                                     "[other] Lunch",
	                                     "[staff]",
	                                     "Lunch Re: x"};
	struct slice list = SLICE("staff@lists.example.org");

	for (size_t i = 0; i < sizeof(posts) / sizeof(*posts); i++)
		ck_assert_msg(subject_of_post(slice_of(posts[i]), list), "%s", posts[i]);
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		ck_assert_msg(!subject_of_post(slice_of(others[i]), list), "%s", others[i]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("subject");
	TCase *tests = tcase_create("subject");

	suite_add_tcase(suite, tests);
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, plain_text_stays_as_it_is);
	tcase_add_test(tests, control_characters_become_spaces_and_broken_bytes_are_marked);
	tcase_add_test(tests, folds_are_undone_where_mailers_fold);
	tcase_add_test(tests, the_lists_own_tag_is_not_shown);
	tcase_add_test(tests, what_its_author_wrote_is_shown);
	tcase_add_test(tests, reply_and_forward_prefixes_of_many_languages_are_not_compared);
	tcase_add_test(tests, words_that_only_begin_like_a_prefix_are_compared);
	tcase_add_test(tests, case_form_width_white_space_and_question_marks_are_not_compared);
	tcase_add_test(tests, a_fold_does_not_change_what_is_compared);
	tcase_add_test(tests, a_long_subject_is_the_same_however_early_it_was_cut);
	tcase_add_test(tests, subjects_are_compared_by_their_first_64_bytes);
	tcase_add_test(tests, automatic_replies_are_told_by_their_prefix);
	tcase_add_test(tests, people_who_write_of_or_answer_an_automatic_reply_are_not_automatic);
	tcase_add_test(tests, a_post_begins_with_its_lists_tag_or_a_reply_prefix);
	tcase_add_test(tests, a_subject_of_100_kb_takes_no_time);
	return suite_run(suite);
}
