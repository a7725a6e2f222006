/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of addresses: how they are folded, and which senders and List-Id
 * headers are a list's, by the shapes of the list managers.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/correlate/address.h"
#include "tests/suite.h"

static struct settings settings_with(bool fold, enum extension_mode extension)
{
	struct settings settings = {0};

	settings.mailbox.fold_local_part = fold;
	settings.mailbox.extension = extension;
	settings.mailbox.extension_delimiter = '+';
	return settings;
}

static void check_folded(const struct settings *settings, bool mailbox, const char *address, const char *expected)
{
	char buffer[ADDRESS_MAX];
	struct slice folded = address_fold(settings, slice_of(address), mailbox, buffer);

	ck_assert_msg(slice_is(folded, expected), "'%s' became '%.*s', not '%s'", address, (int)folded.length,
	              folded.bytes, expected);
}

struct pair {
	const char *from;
	const char *to;
};

START_TEST(domain_and_local_part_are_folded)
{
	static const struct pair pairs[] = {
		{"Joe.Doe@Example.ORG", "joe.doe@example.org"},
		{"joe", "joe"},
		{"ROOT", "root"},
		{"", ""},
		{"@Example.org", "@example.org"},
		{"joe@", "joe@"},
		{"a@b@Example.org", "a@b@example.org"},
		{"joe@[IPv6:2001:DB8::1]", "joe@[ipv6:2001:db8::1]"},
		{"=?UTF-8?Q?x?=@Example.org", "=?utf-8?q?x?=@example.org"},
	};
	struct settings settings = settings_with(true, EXTENSION_KEEP);

	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		check_folded(&settings, true, pairs[i].from, pairs[i].to);
		check_folded(&settings, false, pairs[i].from, pairs[i].to);
	}
}
END_TEST

START_TEST(an_address_in_a_further_domain_is_the_same_in_the_one)
{
	static char *pairs[] = {(char *)"t.mail.example.com=example.org", (char *)"old.example.org=example.org"};
	struct settings settings = settings_with(true, EXTENSION_CUT);

	settings.mailbox.same_domains = (struct settings_strings){pairs, 2};
	for (int mailbox = 0; mailbox <= 1; mailbox++) {
		check_folded(&settings, mailbox, "joe@t.mail.example.com", "joe@example.org");
		check_folded(&settings, mailbox, "Joe@Old.Example.org", "joe@example.org");
		check_folded(&settings, mailbox, "joe@mail.example.com", "joe@mail.example.com");
		check_folded(&settings, mailbox, "joe@x.old.example.org", "joe@x.old.example.org");
		check_folded(&settings, mailbox, "old.example.org", "old.example.org");
		check_folded(&settings, mailbox, "@old.example.org", "@example.org");
	}
	check_folded(&settings, true, "joe+x@old.example.org", "joe@example.org");
}
END_TEST

START_TEST(an_address_that_is_not_given_stays_so)
{
	struct settings settings = settings_with(true, EXTENSION_KEEP);
	char buffer[ADDRESS_MAX];

	ck_assert(!slice_given(address_fold(&settings, SLICE_NONE, true, buffer)));
	ck_assert(slice_given(address_fold(&settings, SLICE(""), false, buffer)));
}
END_TEST

/* Lists and senders are compared with what managers make of them, and those write small letters. */
START_TEST(the_local_part_of_a_mailbox_alone_keeps_its_case_where_configured)
{
	struct settings settings = settings_with(false, EXTENSION_KEEP);

	check_folded(&settings, true, "Joe.Doe@Example.ORG", "Joe.Doe@example.org");
	check_folded(&settings, false, "Joe.Doe@Example.ORG", "joe.doe@example.org");
	check_folded(&settings, false, "Owner-Staff@Example.ORG", "owner-staff@example.org");
}
END_TEST

START_TEST(the_extension_of_a_mailbox_alone_is_cut_where_configured)
{
	struct settings settings = settings_with(true, EXTENSION_CUT);

	check_folded(&settings, true, "joe+news+more@example.org", "joe@example.org");
	check_folded(&settings, true, "joe+@example.org", "joe@example.org");
	check_folded(&settings, true, "joe+news", "joe");
	check_folded(&settings, true, "+news@example.org", "+news@example.org");
	check_folded(&settings, true, "joe@sub+dom.example.org", "joe@sub+dom.example.org");
	check_folded(&settings, true, "\"a b+news\"@example.org", "a b@example.org");
	check_folded(&settings, false, "list+bounces-12-joe=example.org@lists.example.org",
	             "list+bounces-12-joe=example.org@lists.example.org");
	settings = settings_with(true, EXTENSION_KEEP);
	check_folded(&settings, true, "joe+news@example.org", "joe+news@example.org");
	settings = settings_with(true, EXTENSION_CUT);
	settings.mailbox.extension_delimiter = '-';
	check_folded(&settings, true, "joe-news@example.org", "joe@example.org");
	check_folded(&settings, true, "joe+news@example.org", "joe+news@example.org");
}
END_TEST

/* Sendmail names a host's own users so. Programs, files and senders are none. */
START_TEST(a_mailbox_without_a_domain_is_of_the_first_local_one)
{
	struct settings settings = settings_with(true, EXTENSION_KEEP);
	char first[] = "example.org", second[] = "example.net", *domains[] = {first, second};

	check_folded(&settings, true, "joe", "joe");
	settings.mailbox.local_domains.items = domains;
	settings.mailbox.local_domains.count = 2;
	check_folded(&settings, true, "joe", "joe@example.org");
	check_folded(&settings, true, "Joe.Doe", "joe.doe@example.org");
	check_folded(&settings, true, "joe@example.net", "joe@example.net");
	check_folded(&settings, true, "|/usr/bin/filter", "|/usr/bin/filter");
	check_folded(&settings, true, "/var/mail/joe", "/var/mail/joe");
	check_folded(&settings, true, "two words", "two words");
	check_folded(&settings, true, "", "");
	check_folded(&settings, false, "joe", "joe");
	settings.mailbox.extension = EXTENSION_CUT;
	check_folded(&settings, true, "joe+news", "joe@example.org");
}
END_TEST

/* Postfix before 3.5 logs a b@x, later ones "a b"@x: one mailbox. */
START_TEST(a_quoted_local_part_is_the_same_as_the_plain_one)
{
	static const struct pair pairs[] = {
		{"\"a b\"@example.org", "a b@example.org"},
		{"\"Joe\"@example.org", "joe@example.org"},
		{"\"a\\\"b\\\\c\"@example.org", "a\"b\\c@example.org"},
		{"\"a@b\"@example.org", "a@b@example.org"},
		{"\"\"@example.org", "@example.org"},
		{"\"@example.org", "\"@example.org"},
		{"\"a@example.org", "\"a@example.org"},
		{"a\"b\"@example.org", "a\"b\"@example.org"},
		{"\"a\\\"@example.org", "a\\@example.org"},
	};
	struct settings settings = settings_with(true, EXTENSION_KEEP);

	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		check_folded(&settings, true, pairs[i].from, pairs[i].to);
}
END_TEST

START_TEST(international_domains_become_a_labels)
{
	static const struct pair pairs[] = {
		{"joe@m\xc3\xbcnchen.example", "joe@xn--mnchen-3ya.example"},
		{"joe@M\xc3\x9cNCHEN.Example", "joe@xn--mnchen-3ya.example"},
		{"joe@mu\xcc\x88nchen.example", "joe@xn--mnchen-3ya.example"}, /* u and diaeresis apart */
		{"joe@XN--MNCHEN-3YA.example", "joe@xn--mnchen-3ya.example"},
		{"joe@stra\xc3\x9f"
	         "e.example",
	         "joe@xn--strae-oqa.example"},
		{"joe@\xe4\xbe\x8b\xe5\xad\x90.example", "joe@xn--fsqu00a.example"},
		{"J\xc3\xb6rg@example.org", "j\xc3\xb6rg@example.org"},
	};
	struct settings settings = settings_with(true, EXTENSION_KEEP);

	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		check_folded(&settings, true, pairs[i].from, pairs[i].to);
}
END_TEST

START_TEST(a_domain_that_is_no_name_is_folded_as_it_stands)
{
	struct settings settings = settings_with(true, EXTENSION_KEEP);
	char buffer[ADDRESS_MAX];
	struct slice folded;

	check_folded(&settings, true, "joe@Br\xf6ken.Example", "joe@br\xf6ken.example"); /* Latin-1 */
	check_folded(&settings, true, "joe@Not Valid\xc3\xbc!.Example", "joe@not valid\xc3\xbc!.example");
	folded = address_fold(&settings, SLICE("joe@M\xc3\xbcnchen.example\0.Evil"), true, buffer);
	ck_assert(slice_equal(folded, SLICE("joe@m\xc3\xbcnchen.example\0.evil")));
}
END_TEST

START_TEST(an_enormous_address_is_cut_and_stays_in_its_buffer)
{
	struct settings settings = settings_with(true, EXTENSION_KEEP);
	char *address = malloc(100000), *buffer = malloc(ADDRESS_MAX);

	for (size_t at = 0; at < 100000; at += 251) {
		struct slice folded;

		memset(address, 'A', 100000);
		memcpy(address + at, "\xc3\xbc", at + 2 < 100000 ? 2 : 0);
		address[at] = '@';
		folded = address_fold(&settings, (struct slice){address, 100000}, true, buffer);
		ck_assert_uint_gt(folded.length, 0);
		ck_assert_uint_le(folded.length, ADDRESS_MAX);
		ck_assert(folded.bytes[0] == (at ? 'a' : '@'));
	}
	free(address);
	free(buffer);
}
END_TEST

START_TEST(the_domain_stands_behind_the_last_at)
{
	static const struct pair pairs[] = {{"joe@example.org", "example.org"},
	                                    {"a@b@example.org", "example.org"},
	                                    {"joe", "joe"},
	                                    {"joe@", ""},
	                                    {"", ""}};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		ck_assert(slice_is(address_domain(slice_of(pairs[i].from)), pairs[i].to));
}
END_TEST

static void check_list(const char *sender, const char *expected)
{
	char buffer[ADDRESS_MAX];
	struct slice list = address_list_of_sender(slice_of(sender), buffer);

	ck_assert_msg(expected ? slice_is(list, expected) : !slice_given(list), "'%s' is of '%.*s', not of '%s'",
	              sender, (int)list.length, list.bytes ? list.bytes : "", expected ? expected : "(none)");
}

START_TEST(each_list_managers_senders_are_their_lists)
{
	static const struct pair pairs[] = {
		/* Mailman 2 and 3: plain, VERP, probe */
		{"staff-bounces@lists.example.org", "staff@lists.example.org"},
		{"staff-bounces+joe=example.com@lists.example.org", "staff@lists.example.org"},
		{"staff-bounces+6fcb0a2c@lists.example.org", "staff@lists.example.org"},
		{"all-staff-bounces+joe-owner=example.com@lists.example.org", "all-staff@lists.example.org"},
		{"staff-request@lists.example.org", "staff@lists.example.org"},
		{"staff-admin@lists.example.org", "staff@lists.example.org"},
		/* Sympa: plain, VERP, of a welcome message, of a tracked one */
		{"staff-owner@lists.example.org", "staff@lists.example.org"},
		{"bounce+joe==a==example.com==staff@lists.example.org", "staff@lists.example.org"},
		{"bounce+joe.doe+x==a==mail.example.com==all-staff==w@lists.example.org",
	         "all-staff@lists.example.org"},
		{"bounce+joe==a==example.com==staff==1234@lists.example.org", "staff@lists.example.org"},
		{"bounce+staff--joe==example.com@lists.example.org", "staff@lists.example.org"},
		/* mlmmj */
		{"staff+bounces-42-joe=example.com@lists.example.org", "staff@lists.example.org"},
		{"staff+bounces-42@lists.example.org", "staff@lists.example.org"}, /* Postfix adds the member */
		{"staff-bounces-42-joe=example.com@lists.example.org", "staff@lists.example.org"},
		/* Majordomo, an owner- alias of Postfix, LISTSERV and its probe */
		{"owner-staff@lists.example.org", "staff@lists.example.org"},
		{"owner-staff-outgoing@lists.example.org", "staff-outgoing@lists.example.org"},
		{"owner-staff*joe**example.com@lists.example.org", "staff@lists.example.org"},
		/* ezmlm */
		{"staff-return-42-joe=example.com@lists.example.org", "staff@lists.example.org"},
		{"all-staff-return-1-joe-return=example.com@lists.example.org", "all-staff@lists.example.org"},
		/* Google Groups */
		{"staff+bncbcaabbbxyzq4hdnvgeyh6ayjbqm@googlegroups.com", "staff@googlegroups.com"},
		{"staff+bnccj3l9aq0eohbxqebgggq@example.org", "staff@example.org"},
		{"all-staff+bncbdm73n5wweirb5dzxsygkgqe_x-5qgi@googlegroups.com", "all-staff@googlegroups.com"},
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		check_list(pairs[i].from, pairs[i].to);
}
END_TEST

START_TEST(senders_that_only_look_alike_are_no_lists)
{
	static const char *const senders[] = {
		"joe@example.org",
		"",
		"staff",
		"bounces",
		"owner",
		"owner-staff",        /* no domain */
		"owner-@example.org", /* no list */
		"owner-*joe**example.com@example.org",
		"-bounces@example.org",
		"+bounces@example.org",
		"-request@example.org",
		"owner@example.org",
		"bounces@example.org",
		"request@example.org",
		"bounces+12345-ab-joe=example.com@sender.example.net", /* a mailer's VERP names no list */
		"bounce-12345_html-67@bounce.example.net",
		"bounce+abc123@example.net",
		"bounce+joe==a==example.com@example.net",
		"bounce+--joe==example.com@example.net",
		"joe+bounces-test@example.org", /* an extension */
		"john+bounces@example.org",
		"joe+bounces-5th@example.org",
		"joe+bounces-@example.org",
		"staff+bounces-digest-joe=example.com@lists.example.org", /* mlmmj: a digest, no post */
		"joe+bnc@example.org",
		"joe+bncbankstatements@example.org",
		"joe+bnc.my.own.letters.of.news@example.org",
		"joe-return-@example.org",
		"joe+owner@example.org", /* mlmmj: to its owners */
		"returns-42@example.org",
		"bounce+12345.abc-joe=example.com@mailer.example.net",
		"sentto-1-2-3-joe=example.com@returns.groups.example.com",
		"joe-bounces-often@example.org",
		"point-of-no-return-ticket@example.org",
		"tax-return-2016@example.org",
		"tax-return-2016.05-x@example.org",
		"homeowner-club@example.org",
		"preowner@example.org",
		"joe.bounces@example.org",
		"mailer-daemon@example.org",
		"double-bounce-x@example.org",
		"no-reply@example.org",
		"0102015d-000000@eu-west-1.amazonses.example",
		"srs0=hhh=tt=example.com=joe@fwd.example.net",
		"prvs=1234567890=joe@example.org",
		"@staff-bounces",
	};

	for (size_t i = 0; i < sizeof(senders) / sizeof(*senders); i++)
		check_list(senders[i], NULL);
	ck_assert(!slice_given(address_list_of_sender(SLICE_NONE, NULL)));
}
END_TEST

/* The words that list managers use are people's as well: such a sender may be a list's, but need not. */
START_TEST(a_shape_that_people_have_too_is_told)
{
	static const char *const persons[] = {"owner-occupied@example.org",
	                                      "owner-staff@example.org",
	                                      "hr-admin@example.org",
	                                      "it-request@example.org",
	                                      "home-owner@example.org",
	                                      "site-errors@example.org",
	                                      "joe@example.org",
	                                      "john+bounces@example.org",
	                                      "prvs=1234567890=hr-admin@example.org"};
	static const char *const managers[] = {"staff-bounces@example.org",
	                                       "staff-bounces+joe=example.com@example.org",
	                                       "owner-staff*joe**example.com@example.org",
	                                       "staff+bounces-42-joe=example.com@example.org",
	                                       "bounce+joe==a==example.com==staff@example.org",
	                                       "srs0=hhh=tt=lists.example.org=staff-bounces@fwd.example.net"};

	for (size_t i = 0; i < sizeof(persons) / sizeof(*persons); i++)
		ck_assert_msg(address_may_be_a_persons(slice_of(persons[i])), "%s", persons[i]);
	for (size_t i = 0; i < sizeof(managers) / sizeof(*managers); i++)
		ck_assert_msg(!address_may_be_a_persons(slice_of(managers[i])), "%s", managers[i]);
}
END_TEST

START_TEST(mlmmj_sends_digests_from_an_address_of_their_own)
{
	static const char *const others[] = {"", "staff+bounces-1-joe=example.com@example.org",
	                                     "staff+bounces-digested@example.org", "+bounces-digest"};

	ck_assert(address_sends_digests(SLICE("staff+bounces-digest-joe=example.com@example.org")));
	ck_assert(address_sends_digests(SLICE("staff+bounces-digest@example.org")));
	ck_assert(!address_sends_digests(SLICE_NONE));
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		ck_assert_msg(!address_sends_digests(slice_of(others[i])), "%s", others[i]);
}
END_TEST

START_TEST(what_forwarders_put_around_a_lists_sender_is_taken_off)
{
	static const struct pair pairs[] = {
		{"srs0=hhh=tt=lists.example.org=staff-bounces@fwd.example.net", "staff@lists.example.org"},
		{"srs0+hhh=tt=lists.example.org=owner-staff@fwd.example.net", "staff@lists.example.org"},
		{"srs0=hhh=tt=lists.example.org=staff-bounces+joe=example.com@fwd.example.net",
	         "staff@lists.example.org"},
		{"srs1=ggg=one.example.net==hhh=tt=lists.example.org=staff-bounces@two.example.net",
	         "staff@lists.example.org"},
		{"prvs=0123456789=staff-bounces@lists.example.org", "staff@lists.example.org"},
		{"srs0=hhh=tt=lists.example.org=prvs=0123456789=staff-owner@fwd.example.net",
	         "staff@lists.example.org"},
	};
	static const char *const broken[] = {"srs0=@x.example",
	                                     "srs0=hhh@x.example",
	                                     "srs0=hhh=tt@x.example",
	                                     "srs0=hhh=tt==joe@x.example",
	                                     "srs0=hhh=tt=dom=@x.example",
	                                     "srs1=a@x.example",
	                                     "srs1=a=b==c=d@x.example",
	                                     "prvs=@x.example"};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		check_list(pairs[i].from, pairs[i].to);
	for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++)
		check_list(broken[i], NULL);
}
END_TEST

START_TEST(an_enormous_sender_is_no_list)
{
	char *sender = malloc(ADDRESS_MAX + 1), *buffer = malloc(ADDRESS_MAX);
	struct slice list;

	memset(sender, 'a', ADDRESS_MAX);
	memcpy(sender, "owner-", 6);
	sender[ADDRESS_MAX - 2] = '@';
	ck_assert(!slice_given(address_list_of_sender((struct slice){sender, ADDRESS_MAX}, buffer)));
	list = address_list_of_sender((struct slice){sender, ADDRESS_MAX - 1}, buffer);
	ck_assert_uint_eq(list.length, ADDRESS_MAX - 7);
	free(sender);
	free(buffer);
}
END_TEST

static void check_header(const char *value, const char *expected)
{
	char buffer[ADDRESS_MAX];
	struct slice list = address_list_of_header(slice_of(value), buffer);

	ck_assert_msg(expected ? slice_is(list, expected) : !slice_given(list), "'%s' is of '%.*s', not of '%s'", value,
	              (int)list.length, list.bytes ? list.bytes : "", expected ? expected : "(none)");
}

START_TEST(a_list_id_names_its_list)
{
	static const struct pair pairs[] = {
		{"Staff of Example <staff.lists.example.org>", "staff@lists.example.org"},
		{"<Staff.Lists.Example.Org>", "staff@lists.example.org"},
		{"\"a <b> c\" <staff.example.org>", "staff@example.org"},
		{"=?utf-8?Q?Alle?=? <all-staff.example.org>", "all-staff@example.org"},
		{"<staff.example.org> (comment)", "staff@example.org"},
		{"<staff@lists.example.org>", "staff@lists.example.org"},
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		check_header(pairs[i].from, pairs[i].to);
}
END_TEST

START_TEST(a_list_id_that_is_cut_or_names_nothing_is_none)
{
	static const char *const values[] = {"",
	                                     "staff.example.org",
	                                     "<>",
	                                     "<staff>",
	                                     "<.example.org>",
	                                     "<staff.>",
	                                     "<@example.org>",
	                                     "<staff@>",
	                                     "Staff <staff.lists.exa",
	                                     "<staff .example.org>",
	                                     "<sta\"ff.example.org>",
	                                     "<staff.?example.org>",
	                                     "<"};
	char *value = malloc(3000), *buffer = malloc(ADDRESS_MAX);

	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
		check_header(values[i], NULL);
	ck_assert(!slice_given(address_list_of_header(SLICE_NONE, buffer)));
	memset(value, 'a', 3000);
	value[0] = '<';
	value[9] = '.';
	value[2999] = '>';
	ck_assert(!slice_given(address_list_of_header((struct slice){value, 3000}, buffer)));
	value[ADDRESS_MAX] = '>';
	ck_assert_uint_eq(address_list_of_header((struct slice){value, 3000 - 1}, buffer).length, ADDRESS_MAX - 1);
	free(value);
	free(buffer);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("address");
	TCase *tests = tcase_create("address");

	suite_add_tcase(suite, tests);
	tcase_add_test(tests, domain_and_local_part_are_folded);
	tcase_add_test(tests, an_address_in_a_further_domain_is_the_same_in_the_one);
	tcase_add_test(tests, an_address_that_is_not_given_stays_so);
	tcase_add_test(tests, the_local_part_of_a_mailbox_alone_keeps_its_case_where_configured);
	tcase_add_test(tests, the_extension_of_a_mailbox_alone_is_cut_where_configured);
	tcase_add_test(tests, a_mailbox_without_a_domain_is_of_the_first_local_one);
	tcase_add_test(tests, a_quoted_local_part_is_the_same_as_the_plain_one);
	tcase_add_test(tests, international_domains_become_a_labels);
	tcase_add_test(tests, a_domain_that_is_no_name_is_folded_as_it_stands);
	tcase_add_test(tests, an_enormous_address_is_cut_and_stays_in_its_buffer);
	tcase_add_test(tests, the_domain_stands_behind_the_last_at);
	tcase_add_test(tests, each_list_managers_senders_are_their_lists);
	tcase_add_test(tests, senders_that_only_look_alike_are_no_lists);
	tcase_add_test(tests, a_shape_that_people_have_too_is_told);
	tcase_add_test(tests, mlmmj_sends_digests_from_an_address_of_their_own);
	tcase_add_test(tests, what_forwarders_put_around_a_lists_sender_is_taken_off);
	tcase_add_test(tests, an_enormous_sender_is_no_list);
	tcase_add_test(tests, a_list_id_names_its_list);
	tcase_add_test(tests, a_list_id_that_is_cut_or_names_nothing_is_none);
	return suite_run(suite);
}
