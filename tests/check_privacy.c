/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of addresses under a key: which file may be one, what stands for an
 * address, a Message-ID, a list, and what is found in subjects and in log
 * lines. In what is expected ~x~ stands for the hash of x.
 */
#define _GNU_SOURCE
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/memory.h"
#include "daemon/base/privacy.h"
#include "tests/suite.h"

#define KEY SLICE("0123456789abcdef")

typedef struct slice (*form_function)(const struct privacy *, struct slice, struct privacy_text *);

struct example {
	const char *text, *expected;
};

/* The expected text with hashes in place of ~x~. malloc'ed. */
static char *expand(const struct privacy *privacy, const char *expected)
{
	struct privacy_text text = {0};

	privacy_text_add(&text, SLICE(""));
	while (*expected) {
		size_t plain = strcspn(expected, "~"), hashed;
		char hash[PRIVACY_HASH_DIGITS + 1];

		privacy_text_add(&text, (struct slice){expected, plain});
		expected += plain;
		if (!*expected)
			break;
		hashed = strcspn(expected + 1, "~");
		privacy_hash(privacy, (struct slice){expected + 1, hashed}, hash);
		privacy_text_add(&text, slice_of(hash));
		expected += hashed + 2;
	}
	return text.bytes;
}

static void check_examples(form_function form, const struct example *examples, size_t count)
{
	struct privacy *privacy = privacy_new(KEY);

	for (size_t i = 0; i < count; i++) {
		struct privacy_text text = {0};
		char *expected = expand(privacy, examples[i].expected);

		form(privacy, slice_of(examples[i].text), &text);
		ck_assert_msg(strcmp(text.bytes, expected) == 0, "%s: %s, not %s", examples[i].text, text.bytes,
		              expected);
		free(expected);
		free(text.bytes);
	}
	privacy_free(&privacy);
}

#define CHECK_EXAMPLES(form, examples) check_examples(form, examples, sizeof(examples) / sizeof((examples)[0]))

/* From Python: hmac.new(b"0123456789abcdef", b"anna.smith@example.org", "sha256").hexdigest()[:20] */
START_TEST(an_address_is_its_hash_and_its_domain)
{
	static const struct example examples[] = {
		{"anna.smith@example.org", "2fbc30a0abedf971e1fe@example.org"},
		{"root", "~root~"},
		{"", ""},
		{"a b@example.org", "~a b@example.org~@example.org"},
		{"anna@work@example.org", "~anna@work@example.org~@example.org"},
		{"anna@[192.0.2.1]", "~anna@[192.0.2.1]~@[192.0.2.1]"},
		{"root@anna smith", "~root@anna smith~"},
		{"/o=Org/cn=anna", "~/o=Org/cn=anna~"},
		{"anna@", "~anna@~"},
	};

	CHECK_EXAMPLES(privacy_address, examples);
}
END_TEST

START_TEST(the_hash_is_that_of_every_other_program)
{
	struct privacy *privacy = privacy_new(KEY);
	char hash[PRIVACY_HASH_DIGITS + 1];

	privacy_hash(privacy, SLICE("anna.smith@example.org"), hash);
	ck_assert_str_eq(hash, "2fbc30a0abedf971e1fe");
	privacy_free(&privacy);
}
END_TEST

START_TEST(a_login_is_folded)
{
	static const struct example examples[] = {
		{"Anna.Smith@Example.ORG", "~anna.smith@example.org~@example.org"},
		{"EXAMPLE\\Anna", "~example\\anna~"},
	};

	CHECK_EXAMPLES(privacy_login, examples);
}
END_TEST

START_TEST(a_message_id_keeps_its_brackets_and_its_host)
{
	static const struct example examples[] = {
		{"<20161114.Anna@mail.example.org>", "<~20161114.Anna@mail.example.org~@mail.example.org>"},
		{"<no-host>", "<~no-host~>"},
		{"bare@host", "~bare@host~@host"},
		{"<>", "<>"},
		{"", ""},
		{"<anna@x@host>", "<~anna@x@host~@host>"},
		{"<anna@host", "~<anna@host~@host"},
	};

	CHECK_EXAMPLES(privacy_message_id, examples);
}
END_TEST

START_TEST(a_list_is_plain_but_for_a_message_id)
{
	static const struct example examples[] = {
		{"everyone@example.org", "everyone@example.org"},
		{"recipient-set <1.anna@example.org>", "recipient-set <~1.anna@example.org~@example.org>"},
	};

	CHECK_EXAMPLES(privacy_list, examples);
}
END_TEST

START_TEST(a_subject_loses_its_addresses_only)
{
	static const struct example examples[] = {
		{"Test", "Test"},
		{"user: <important> 10 % off = fine", "user: <important> 10 % off = fine"},
		{"Mail for Anna.Smith@Example.org, again", "Mail for ~anna.smith@example.org~@Example.org, again"},
		{"ask <anna@example.org>.", "ask <~anna@example.org~@example.org>."},
		{"anna@example.org.", "~anna@example.org~@example.org."},
		{"'anna@example.org'", "'~anna@example.org~@example.org'"},
		{"\"anna smith\"@example.org!", "~anna smith@example.org~@example.org!"},
		{"a@b.example c@d.example", "~a@b.example~@b.example ~c@d.example~@d.example"},
		{"a@b@c.example", "~a@b@c.example~@c.example"},
		{"meet @ noon", "~meet@~ @ noon"},
		{"@", "@"},
		{"anna%40example.org", "~anna@example.org~%40example.org"},
		{"\xc3\xa4nne@example.org", "~\xc3\xa4nne@example.org~@example.org"},
	};

	CHECK_EXAMPLES(privacy_prose, examples);
}
END_TEST

START_TEST(a_log_line_loses_whatever_may_be_an_address)
{
	static const struct example examples[] = {
		{"connect from mx.example.org[192.0.2.1]:25", "connect from mx.example.org[192.0.2.1]:25"},
		{"relay=mx.example.org, delay=0.1, dsn=2.0.0, status=sent",
	         "relay=mx.example.org, delay=0.1, dsn=2.0.0, status=sent"},
		{"from=<> to=<anna@example.org>", "from=<> to=<~anna@example.org~@example.org>"},
		{"to=<anna>, from=root,", "to=<~anna~>, from=~root~,"},
		{"from=anna@example.org,", "from=~anna@example.org~@example.org,"},
		{"sasl_username=Anna,", "sasl_username=~anna~,"},
		{"user=\"anna smith\" x", "user=\"~anna smith~\" x"},
		{"{\"user\":\"anna\",\"n\":1}", "{\"user\":\"~anna~\",\"n\":1}"},
		{"unknown user: anna", "unknown user: ~anna~"},
		{"<bounces+anna=example.org@lists.example>",
	         "<~bounces+anna=example.org@lists.example~@lists.example>"},
		{"sent to anna=example.org ok", "sent to ~anna=example.org~ ok"},
		{"via anna%example.org ok", "via ~anna%example.org~ ok"},
		{"uucp host!anna ok", "uucp ~host!anna~ ok"},
		{"login of CORP\\anna ok", "login of ~corp\\anna~ ok"},
		{"orcpt=rfc822;anna+40example.org", "orcpt=~rfc822~;~anna@example.org~+40example.org"},
		{"to=\\u003canna\\u0040example.org", "to=~\\u003canna@example.org~\\u0040example.org"},
		{"to=<anna.smi", "to=<~anna.smi~"},
		{"<@relay.example:anna@example.org>", "<@relay.example:~anna@example.org~@example.org>"},
	};

	CHECK_EXAMPLES(privacy_line, examples);
}
END_TEST

START_TEST(the_last_word_of_a_line_that_may_be_cut_goes)
{
	struct privacy *privacy = privacy_new(KEY);
	struct privacy_text text = {0};
	char line[1100];

	memset(line, 'x', sizeof(line));
	memcpy(line + sizeof(line) - 9, " anna.smi", 9);
	privacy_line(privacy, (struct slice){line, sizeof(line)}, &text);
	ck_assert_ptr_null(strstr(text.bytes, "anna"));
	free(text.bytes);
	privacy_free(&privacy);
}
END_TEST

START_TEST(no_local_part_is_left_whatever_stands_around_it)
{
	static const char *const pieces[] = {"<",  ">",   "\"", "'",  " ", "=", "to=", "user=",   "x",
	                                     "\\", "(",   ")",  ",",  ":", ";", "[",   "]",       "%",
	                                     "@",  "a@b", "+",  "\t", ".", "{", "}",   "\xc3\xa4"};
	static const char *const signs[] = {"@", "%40", "\\u0040", "&#64;", " @ ", "\"@", "=d@", "%d.example@"};
	struct privacy *privacy = privacy_new(KEY);
	struct privacy_text text = {0}, cleaned = {0};
	unsigned random = 1;

	for (unsigned i = 0; i < 50000; i++) {
		text.length = cleaned.length = 0;
		for (unsigned k = 0; k < 12; k++) {
			random = random * 1103515245 + 12345;
			if (k % 4 == 3) {
				privacy_text_add(&text, SLICE("secret"));
				privacy_text_add(&text,
				                 slice_of(signs[(random >> 16) % (sizeof(signs) / sizeof(*signs))]));
				privacy_text_add(&text, SLICE("d.example"));
			} else {
				privacy_text_add(&text,
				                 slice_of(pieces[(random >> 16) % (sizeof(pieces) / sizeof(*pieces))]));
			}
		}
		privacy_line(privacy, (struct slice){text.bytes, text.length}, &cleaned);
		ck_assert_msg(!strstr(cleaned.bytes, "secret"), "%s: %s", text.bytes, cleaned.bytes);
		cleaned.length = 0;
		privacy_prose(privacy, (struct slice){text.bytes, text.length}, &cleaned);
		ck_assert_msg(!strstr(cleaned.bytes, "secret"), "%s: %s", text.bytes, cleaned.bytes);
	}
	free(text.bytes);
	free(cleaned.bytes);
	privacy_free(&privacy);
}
END_TEST

START_TEST(what_is_sealed_opens_with_its_key_only)
{
	struct privacy *privacy = privacy_new(KEY), *other = privacy_new(SLICE("0123456789abcdeX"));
	struct privacy_text sealed = {0}, again = {0}, text = {0};

	ck_assert_str_ne(privacy_check(privacy), privacy_check(other));
	privacy_seal(privacy, SLICE("anna@example.org"), &sealed);
	privacy_seal(privacy, SLICE("anna@example.org"), &again);
	ck_assert(slice_equal((struct slice){sealed.bytes, sealed.length}, (struct slice){again.bytes, again.length}));
	ck_assert_ptr_null(memmem(sealed.bytes, sealed.length, "anna", 4));
	ck_assert(slice_is(privacy_open(privacy, (struct slice){sealed.bytes, sealed.length}, &text),
	                   "anna@example.org"));
	ck_assert(!slice_given(privacy_open(other, (struct slice){sealed.bytes, sealed.length}, &text)));
	sealed.bytes[sealed.length - 1] ^= 1;
	ck_assert(!slice_given(privacy_open(privacy, (struct slice){sealed.bytes, sealed.length}, &text)));
	ck_assert(!slice_given(privacy_open(privacy, SLICE("short"), &text)));
	free(sealed.bytes);
	free(again.bytes);
	free(text.bytes);
	privacy_free(&privacy);
	privacy_free(&other);
}
END_TEST

/* Loads a key file of these bytes and this mode; what is told in place of it, or "". malloc'ed. */
static char *load(const char *bytes, size_t length, mode_t mode)
{
	char path[] = "/tmp/check_privacy.XXXXXX", *error = NULL;
	int file = mkstemp(path);
	struct privacy *privacy;

	ck_assert_int_ge(file, 0);
	ck_assert_int_eq(write(file, bytes, length), (ssize_t)length);
	ck_assert_int_eq(fchmod(file, mode), 0);
	close(file);
	privacy = privacy_load(path, &error);
	ck_assert((privacy == NULL) == (error != NULL));
	unlink(path);
	if (privacy) {
		struct privacy *same = privacy_new(KEY);

		ck_assert_str_eq(privacy_check(privacy), privacy_check(same));
		privacy_free(&same);
	}
	privacy_free(&privacy);
	return error ? error : memory_string("", 0);
}

START_TEST(a_key_file_is_of_some_length_and_nobody_elses_to_read)
{
	static const struct {
		const char *bytes;
		size_t length;
		mode_t mode;
		const char *told;
	} files[] = {
		{"0123456789abcdef", 16, 0600, ""},
		{"0123456789abcdef\r\n\n", 19, 0640, ""},
		{"0123456789abcdef", 16, 0644, "others may read or write it"},
		{"0123456789abcdef", 16, 0602, "others may read or write it"},
		{"0123456789abcdef", 16, 0660, "its group may write it"},
		{"0123456789abcde\n", 16, 0600, "it is shorter than 16 bytes"},
		{"", 0, 0600, "it is shorter than 16 bytes"},
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char *told = load(files[i].bytes, files[i].length, files[i].mode);

		ck_assert_msg(*files[i].told ? strstr(told, files[i].told) != NULL : !*told, "%s", told);
		free(told);
	}
}
END_TEST

START_TEST(what_is_no_key_file_is_told_by_name)
{
	char *error = NULL;

	ck_assert_ptr_null(privacy_load("/nonexistent/key", &error));
	ck_assert_str_eq(error, "/nonexistent/key: cannot be used as key file: No such file or directory");
	free(error);
	ck_assert_ptr_null(privacy_load("/tmp", &error));
	ck_assert_str_eq(error, "/tmp: cannot be used as key file: it is not a file");
	free(error);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("privacy");
	TCase *tests = tcase_create("privacy");

	tcase_add_test(tests, an_address_is_its_hash_and_its_domain);
	tcase_add_test(tests, the_hash_is_that_of_every_other_program);
	tcase_add_test(tests, a_login_is_folded);
	tcase_add_test(tests, a_message_id_keeps_its_brackets_and_its_host);
	tcase_add_test(tests, a_list_is_plain_but_for_a_message_id);
	tcase_add_test(tests, a_subject_loses_its_addresses_only);
	tcase_add_test(tests, a_log_line_loses_whatever_may_be_an_address);
	tcase_add_test(tests, the_last_word_of_a_line_that_may_be_cut_goes);
	tcase_add_test(tests, no_local_part_is_left_whatever_stands_around_it);
	tcase_add_test(tests, what_is_sealed_opens_with_its_key_only);
	tcase_add_test(tests, a_key_file_is_of_some_length_and_nobody_elses_to_read);
	tcase_add_test(tests, what_is_no_key_file_is_told_by_name);
	suite_add_tcase(suite, tests);
	return suite_run(suite);
}
