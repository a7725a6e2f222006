/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of encoded words (RFC 2047) as they stand in logs, through the subjects
 * that they are in: character sets, words that are folded, split and cut, and what is none.
 */
#define _GNU_SOURCE
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/correlate/subject.h"
#include "tests/subject_probe.h"
#include "tests/suite.h"

START_TEST(encoded_words_are_decoded)
{
	static const struct pair pairs[] = {
		{"=?UTF-8?Q?Gr=C3=BC=C3=9Fe_aus_K=c3=b6ln?=", "Grüße aus Köln"},
		{"=?utf-8?b?R3LDvMOfZQ==?=", "Grüße"},
		{"=?iso-8859-1?q?Gr=FC=DFe?=", "Grüße"},
		{"=?ISO-8859-1*de?Q?Gr=FC=DFe?=", "Grüße"},
		{"=?iso-8859-15?Q?100_=A4?=", "100 €"},
		{"=?windows-1251?B?z/Do4uXy?=", "Привет"},
		{"=?koi8-r?B?8NLJ18XU?=", "Привет"},
		{"=?iso-2022-jp?B?GyRCJUYlOSVIGyhC?=", "テスト"},
		{"=?Shift_JIS?B?g2WDWINn?=", "テスト"},
		{"=?euc-kr?B?uN7Azw==?=", "메일"},
		{"=?gb2312?B?suLK1A==?=", "测试"},
		{"=?big5?B?tPq41Q==?=", "測試"},
		{"=?windows-1252?Q?=93quoted=94_=96_dash?=", "“quoted” – dash"},
		{"=?iso-8859-1?Q?=93quoted=94?=", "“quoted”"}, /* as browsers and mailers take it */
		{"=?us-ascii?Q?plain?=", "plain"},
		{"=?utf-8?Q?\?=", ""},
		{"=?utf-8?Q?a=3Fb=5Fc?=", "a?b_c"},
		{"Re: =?utf-8?Q?=C3=BC?= und mehr", "Re: ü und mehr"},
		{"=?utf-8?Q?with space?=", "with space"}, /* not allowed, but sent */
	};

	EACH(pairs, check_decoded);
}
END_TEST

START_TEST(white_space_between_encoded_words_is_none)
{
	static const struct pair pairs[] = {
		{"=?utf-8?Q?a?= =?utf-8?Q?b?=", "ab"},
		{"=?utf-8?Q?a?=? =?utf-8?Q?b?=", "ab"},  /* folded by a space */
		{"=?utf-8?Q?a?=?\?=?utf-8?Q?b?=", "ab"}, /* by a tab */
		{"=?utf-8?Q?a?=  =?iso-8859-1?B?/A==?=", "aü"},
		{"=?utf-8?Q?a_?= =?utf-8?Q?_b?=", "a  b"},
		{"=?utf-8?Q?a?= b", "a b"},
		{"a =?utf-8?Q?b?=", "a b"},
	};

	EACH(pairs, check_decoded);
}
END_TEST

/* RFC 2047 forbids it, and many do it. */
START_TEST(a_character_that_is_split_between_two_words_is_whole)
{
	static const struct pair pairs[] = {
		{"=?utf-8?B?R3LD?= =?utf-8?B?vMOfZQ==?=", "Grüße"},
		{"=?utf-8?Q?Gr=C3?=? =?UTF-8?B?vMOfZQ==?=", "Grüße"},
		{"=?utf-8?Q?=E6?= =?utf-8?Q?=B5?= =?utf-8?Q?=8B?=", "测"},
		{"=?utf-8?Q?Gr=C3?=", "Gr"}, /* its rest never comes */
	};

	EACH(pairs, check_decoded);
}
END_TEST

START_TEST(a_word_that_the_log_cut_is_decoded_as_far_as_it_goes)
{
	static const struct pair pairs[] = {
		{"=?utf-8?B?R3LDvMOfZQ==?", "Grüße"},
		{"=?utf-8?B?R3LDvMOfZQ==", "Grüße"},
		{"=?utf-8?B?R3LDvMO", "Grü"},
		{"=?utf-8?B?R3LDv", "Gr"},
		{"=?utf-8?Q?Gr=C3=BC=C3=9", "Grü"},
		{"=?utf-8?Q?Gr=C3=BC=C3=", "Grü"},
		{"=?utf-8?Q?Gr=C3=BC=C3", "Grü"},
		{"=?utf-8?Q?Gr=C3=BC=", "Grü"},
		{"=?utf-8?Q?Gr=C3=BC?= =?utf-8?Q?=C3=9Fe?=? =?utf-8?", "Grüße"},
		{"=?utf-8?Q?Gr=C3=BC?= =?utf-8?Q?=C3=9Fe?=? =?ut", "Grüße"},
		{"=?utf-8?Q?Gr=C3=BC?= =", "Grü"},
		{"=?utf-8?Q?a?= =?utf-8?Q?", "a"},
	};

	EACH(pairs, check_decoded);
}
END_TEST

START_TEST(what_cannot_be_decoded_stays_as_it_is)
{
	static const struct pair pairs[] = {
		{"=?x-unheard-of?Q?a=20b?=", "=?x-unheard-of?Q?a=20b?="},
		{"=?utf-8?X?abc?=", "=?utf-8?X?abc?="},
		{"=?utf-8?Q?a=FFb?=", "=?utf-8?Q?a=FFb?="},
		{"=?us-ascii?Q?a=E4b?=", "=?us-ascii?Q?a=E4b?="},
		{"=?utf-8?Q?a?b?=", "=?utf-8?Q?a?b?="},
		{"=??Q?abc?=", "=??Q?abc?="},
		{"=?*en?Q?abc?=", "=?*en?Q?abc?="},
		{"=?utf-8//TRANSLIT?Q?abc?=", "=?utf-8//TRANSLIT?Q?abc?="},
		{"=?../../etc/x?Q?abc?=", "=?../../etc/x?Q?abc?="},
		{"=?utf-8?B?a b?= x", "=?utf-8?B?a b?= x"},
		{"=?", "=?"},
		{"=?utf-8?", "=?utf-8?"},
		{"=?utf-8?Q", "=?utf-8?Q"},
		{"=?utf-8?Q?ok?= =?x-unheard-of?Q?a?= =?utf-8?Q?ok?=", "ok=?x-unheard-of?Q?a?=ok"},
	};

	EACH(pairs, check_decoded);
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

START_TEST(decoding_never_takes_more_than_four_bytes_for_one)
{
	static const char *const parts[] = {"=?utf-8?B?77e6?=",      "=?big5-hkscs?B?iGI=?=",
	                                    "=?tscii?Q?=AA=AA?=",    "\xff",
	                                    "=?iso-8859-1?Q?\x80?=", "=?utf-7?Q?+AOQ-?=",
	                                    "=?utf-16?B?3j/YPd4/?="};
	char *bytes = malloc(100000);

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		struct slice raw = repeated(parts[i], bytes);
		char *decoded = subject_decode(raw);

		ck_assert_uint_le(strlen(decoded), raw.length * 4);
		free(decoded);
	}
	free(bytes);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("encoded_word");
	TCase *tests = tcase_create("encoded_word");

	suite_add_tcase(suite, tests);
	tcase_add_test(tests, encoded_words_are_decoded);
	tcase_add_test(tests, white_space_between_encoded_words_is_none);
	tcase_add_test(tests, a_character_that_is_split_between_two_words_is_whole);
	tcase_add_test(tests, a_word_that_the_log_cut_is_decoded_as_far_as_it_goes);
	tcase_add_test(tests, what_cannot_be_decoded_stays_as_it_is);
	tcase_add_test(tests, decoding_never_takes_more_than_four_bytes_for_one);
	return suite_run(suite);
}
