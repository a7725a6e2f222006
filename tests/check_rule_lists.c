/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines that tell several events, and texts that rules make anew: what comes out
 * in which order, when a line is taken back as a whole, and that no stranger's
 * text makes more events, or others, than its line tells.
 */
#include "tests/rules_probe.h"

#define SAMPLE "\tsample prog\n\t\t"

/* All events of a line, as "KIND FIELD=VALUE ...; ...", then what ended them. */
static char *events_text(const char *program, const char *line)
{
	static const char *const ends[] = {"?", "", " UNPARSED: "};
	struct rules_memory *memory;
	enum rules_result result = apply_line("", program, line);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (; result == RULES_EVENT; result = rules_more(scratch, &event, &taken, &reason)) {
		fprintf(out, "%s", event_kind_name(event.kind));
		ck_assert(slice_is(event.host, "mail1") && event.time == 1479112140000000);
#define X(member, meaning) \
	if (slice_given(event.member)) \
		fprintf(out, " " #member "=%.*s", (int)event.member.length, event.member.bytes);
		EVENT_TEXTS(X)
#undef X
#define X(member, meaning) \
	if (event.member >= 0) \
		fprintf(out, " " #member "=%lld", (long long)event.member);
		EVENT_NUMBERS(X)
#undef X
		if (event.outcome != OUTCOME_NONE)
			fprintf(out, " %s", event_outcome_name(event.outcome));
		if (event.permanent)
			fprintf(out, " permanent");
		fprintf(out, ";");
	}
	fprintf(out, "%s%s", ends[result], result == RULES_UNPARSED ? reason : "");
	fclose(out);
	memory = rules_scratch_take(scratch);
	rules_memory_free(&memory);
	return text;
}

static void check_events(const char *program, const char *line, const char *wanted)
{
	char *got = events_text(program, line);

	ck_assert_msg(strcmp(got, wanted) == 0, "%s\n is       %s\n expected %s", line, got, wanted);
	free(got);
}

START_TEST(a_rule_with_further_lets_those_below_it_take_the_line_too)
{
	load(HEAD "rule a\n\tevent accepted\n\tfurther\n\tpattern ^(?<queue_id>\\w+)\n" SAMPLE "x\n"
	          "rule b\n\tevent queued\n\tfurther\n\tpattern s=(?<size>\\d+)\n" SAMPLE "x s=1\n"
	          "rule c\n\tevent held\n\tpattern h$\n" SAMPLE "x h\n"
	          "rule d\n\tevent removed\n\tpattern h$\n" SAMPLE "x h h\n"
	          "rule e\n\tignore\n\tpattern i$\n" SAMPLE "- i\n");
	check_events("prog", "x", "accepted queue_id=x;");
	check_events("prog", "x s=1", "accepted queue_id=x;queued size=1;");
	check_events("prog", "x s=1 h", "accepted queue_id=x;queued size=1;held;");
	check_events("prog", "x i", "accepted queue_id=x;");
	check_events("prog", "- h", "held;");
	check_events("prog", "- i", "");
	check_events("prog", "-", " UNPARSED: no rule");
	/* nothing of the line before is left */
	check_events("prog", "x s=2", "accepted queue_id=x;queued size=2;");
	ck_assert_int_eq(apply_line("", "prog", "x s=1 h"), RULES_EVENT);
	ck_assert_int_eq(apply_line("", "prog", "- h"), RULES_EVENT);
	ck_assert_int_eq(rules_more(scratch, &event, NULL, &reason), RULES_IGNORED);
	ck_assert_int_eq(apply_line("", "unclaimed", "x s=1 h"), RULES_IGNORED);
	ck_assert_int_eq(rules_more(scratch, &event, NULL, &reason), RULES_IGNORED);
}
END_TEST

START_TEST(each_event_names_the_rule_that_made_it)
{
	load(HEAD "rule a\n\tevent accepted\n\tfurther\n\tpattern x\n" SAMPLE "x\n"
	          "rule b\n\tevent queued\n\tpattern x\n" SAMPLE "x\n");
	ck_assert_int_eq(apply_line("", "prog", "x"), RULES_EVENT);
	ck_assert_str_eq(taken, "t.rules:5 a");
	ck_assert_int_eq(rules_more(scratch, &event, &taken, &reason), RULES_EVENT);
	ck_assert_str_eq(taken, "t.rules:11 b");
	ck_assert_int_eq(rules_more(scratch, &event, &taken, &reason), RULES_IGNORED);
	ck_assert_ptr_null(taken);
}
END_TEST

START_TEST(a_further_rule_that_gives_up_makes_the_line_unparsed)
{
	char line[4096];

	load(HEAD "rule a\n\tevent accepted\n\tfurther\n\tpattern ^x\n" SAMPLE "x\n"
	          "rule b\n\tevent held\n\tpattern (?:a+)+$\n" SAMPLE "xa\n");
	memset(line, 'a', sizeof(line));
	line[0] = 'x';
	strcpy(line + 2000, "b");
	check_events("prog", line, "accepted; UNPARSED: match limit");
}
END_TEST

START_TEST(each_member_of_a_list_is_an_event)
{
	load(HEAD "rule a\n\tevent attempt\n\tpattern ^to=(?<list>\\S*)\\ q=(?<queue_id>\\w+)$\n"
	          "\teach list\n\t\t^ ,? (?<recipient>\\w+)\n"
	          "\twhen recipient b\n\tthen outcome bounced\n" SAMPLE
	          "to=a,b q=1\n\texpect recipient a\n\t\tqueue_id 1\n"
	          "\texpect recipient b\n\t\tqueue_id 1\n\t\toutcome bounced\n"
	          "rule z\n\tevent removed\n\tpattern ^to=,\n" SAMPLE "to=,\n");
	check_events("prog", "to=a q=1", "attempt queue_id=1 recipient=a;");
	check_events(
		"prog", "to=a,b,c q=1",
		"attempt queue_id=1 recipient=a;attempt queue_id=1 recipient=b bounced;attempt queue_id=1 recipient=c;");
	check_events("prog", "to=a,!b q=1", "attempt queue_id=1 recipient=a; UNPARSED: the rest of a list");
	check_events("prog", "to=,! q=1", "removed;");
	check_events("prog", "to= q=1", " UNPARSED: no rule");
}
END_TEST

START_TEST(rules_after_a_list_are_tried_once)
{
	load(HEAD
	     "rule a\n\tevent attempt\n\tfurther\n\tpattern ^(?<list>\\S*)\n\teach list\n\t\t^ (?<recipient>\\w) ,?\n" SAMPLE
	     "a\n\texpect recipient a\nrule b\n\tevent removed\n\tpattern r$\n" SAMPLE "a r\n");
	check_events("prog", "a,b", "attempt recipient=a;attempt recipient=b;");
	check_events("prog", "a,b r", "attempt recipient=a;attempt recipient=b;removed;");
}
END_TEST

START_TEST(members_are_counted)
{
	load(HEAD
	     "rule a\n\tevent queued\n\tpattern ^x(?:\\ for(?<for>.*))?$\n\tcount recipients for\n\t\t^[ ]\\w+\n" SAMPLE
	     "x\n");
	check_events("prog", "x", "queued;");
	check_events("prog", "x for", "queued recipients=0;");
	check_events("prog", "x for a", "queued recipients=1;");
	check_events("prog", "x for a b cc d", "queued recipients=4;");
	check_events("prog", "x for a b - d", "queued recipients=2;");
}
END_TEST

/* A rule that makes the text anew, a text, and what it becomes. */
static const struct {
	const char *how, *text, *wanted;
} texts[] = {
	{"wrap reason < >", "a", "<a>"},
	{"wrap reason < >", "<a>", "<a>"},
	{"wrap reason < >", "<a", "<<a>"},
	{"wrap reason < >", "", ""},
	{"wrap reason < >", "<", "<<>"},
	{"wrap reason id:( )", "x", "id:(x)"},
	{"unescape reason", "plain", "plain"},
	{"unescape reason", "a\\\"b\\\\c", "a\"b\\c"},
	{"unescape reason", "\\303\\244", "\xc3\xa4"},
	{"unescape reason", "\\t\\n\\r\\q", "\t\n\rq"},
	{"unescape reason", "\\777", "777"},
	{"unescape reason", "\\12", "12"},
	{"unescape reason", "end\\", "end\\"},
	{"compact reason", "mx.example.org [192.0.2.25]:25", "mx.example.org[192.0.2.25]:25"},
	{"compact reason", "mx.example.org. [192.0.2.25]", "mx.example.org[192.0.2.25]"},
	{"compact reason", "mx.example.org (a b) [192.0.2.25]", "mx.example.org[192.0.2.25]"},
	{"compact reason", "(a [b) [192.0.2.25]", "[192.0.2.25]"},
	{"compact reason", "[192.0.2.25] [192.0.2.25]", "192.0.2.25[192.0.2.25]"},
	{"compact reason", "[] [192.0.2.25]", "[192.0.2.25]"},
	{"compact reason", "mx[2001:db8::25]", "mx[2001:db8::25]"},
	{"compact reason", "[::1]", "[::1]"},
	{"compact reason", "nowhere.", "nowhere."},
	{"compact reason", "", ""},
	{"qualify reason dsn", "anna", "anna@example.org"},
	{"qualify reason dsn", "anna@example.com", "anna@example.com"},
	{"qualify reason dsn", "", ""},
	{"qualify reason code", "anna", "anna"},
	{"qualify reason action", "anna", "anna"},
};

START_TEST(texts_are_made_anew)
{
	char rule[512], line[256];

	snprintf(
		rule, sizeof(rule),
		HEAD
		"rule a\n\tevent held\n\tset dsn all@example.org, code nobody\n\tpattern ^:(?<reason>.*)\n\t%s\n" SAMPLE
		":\n",
		texts[_i].how);
	load(rule);
	snprintf(line, sizeof(line), ":%s", texts[_i].text);
	ck_assert_int_eq(apply_line("", "prog", line), RULES_EVENT);
	ck_slice(event.reason, texts[_i].wanted);
}
END_TEST

START_TEST(a_text_made_anew_lives_until_its_memory_is_freed)
{
	struct rules_memory *memory;
	struct event first;

	load(HEAD "rule a\n\tevent held\n\tpattern (?<reason>.*)\n\twrap reason < >\n" SAMPLE "a\n");
	ck_assert_ptr_null(rules_scratch_take(scratch));
	apply_line("", "prog", "first");
	first = event;
	memory = rules_scratch_take(scratch);
	ck_assert_ptr_nonnull(memory);
	apply_line("", "prog", "second");
	ck_slice(first.reason, "<first>");
	ck_slice(event.reason, "<second>");
	rules_memory_free(&memory);
	ck_assert_ptr_null(memory);
	rules_memory_free(&memory);
	ck_slice(event.reason, "<second>");
}
END_TEST

/* clang-format off */
static const struct {
	const char *statement, *error;
} faults[] = {
	{"further on", "6: 'further' stands alone"},
	{"each", "6: each: a group's name, and lines under it, are wanted"},
	{"each list", "6: each: a group's name, and lines under it, are wanted"},
	{"each a b\n\t\tx", "6: each: one group's name is wanted"},
	{"each list\n\t\tx", "6: each: its pattern fills no field"},
	{"each list\n\t\t(?<colour>x)", "6: pattern: group 'colour' is no field of an event"},
	{"each list\n\t\t(?<sender>x)\n\teach list\n\t\t(?<sender>x)", "8: a second each"},
	{"event held\n\teach list\n\t\t(?<sender>x)\n\tpattern x\n\tsample prog\n\t\tx", "5: the pattern of rule a has no group 'list'"},
	{"ignore\n\tfurther\n\tpattern x\n\tsample prog\n\t\tx", "5: rule a sets values of a line that it ignores"},
	{"count", "6: count: '' is no field that counts"},
	{"count sender list\n\t\tx", "6: count: 'sender' is no field that counts"},
	{"count delay list\n\t\tx", "6: count: 'delay' is no field that counts"},
	{"count recipients\n\t\tx", "6: count: a group's name, and lines under it, are wanted"},
	{"wrap colour < >", "6: 'colour' is no field of an event"},
	{"wrap size < >", "6: size is no text"},
	{"wrap sender <", "6: wrap: a field, and what to put before and after it, are wanted"},
	{"wrap sender < > x", "6: 'x' is one word too many"},
	{"unescape sender x", "6: 'x' is one word too many"},
	{"compact", "6: '' is no field of an event"},
	{"qualify sender", "6: '' is no field of an event"},
	{"qualify sender size", "6: size is no text"},
	{"unescape sender\n\t\tx", "7: 'unescape' takes no more lines"},
};
/* clang-format on */

START_TEST(a_fault_is_told_with_its_line)
{
	const char *const directories[] = {folder, NULL};
	char text[512], wanted[600];
	char *error = NULL;

	snprintf(text, sizeof(text), HEAD "rule a\n\t%s\n", faults[_i].statement);
	snprintf(wanted, sizeof(wanted), "%s/t.rules:%s", folder, faults[_i].error);
	file_write("t.rules", text);
	rules = rules_load(directories, &error);
	ck_assert_ptr_null(rules);
	ck_assert_str_eq(error, wanted);
	free(error);
}
END_TEST

START_TEST(a_sample_must_give_as_many_events_as_it_expects)
{
	unsigned failures, run;
	char wanted[512];
	char *printed = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&printed, &length);

	load(HEAD "rule a\n\tevent attempt\n\tpattern ^(?<list>.*)\n\teach list\n\t\t^ (?<recipient>\\w) ,?\n" SAMPLE
	          "a,b\n\texpect recipient a\n" SAMPLE "a\n\texpect recipient a\n\texpect recipient b\n");
	failures = rules_check_samples(rules, out, &run);
	fclose(out);
	snprintf(wanted, sizeof(wanted),
	         "%s/t.rules:10: sample of rule a: a,b\n\twanted: recipient is not given\n\tgot   : recipient 'b'\n"
	         "%s/t.rules:10: sample of rule a: a,b\n\t2 events, not 1\n"
	         "%s/t.rules:13: sample of rule a: a\n\t1 events, not 2\n",
	         folder, folder, folder);
	ck_assert_str_eq(printed, wanted);
	ck_assert_uint_eq(failures, 2);
	free(printed);
}
END_TEST

START_TEST(exim_s_line_of_arrival_tells_all_of_a_message)
{
	shipped_load();
	check_events(
		"exim",
		"1dJ08B-0003oP-5i <= a@b.org H=pc7 (x) [192.0.2.7] P=esmtp S=812 id=m@b.org T=\"Re: \\\"x\\\"\" for l@b.org m@b.org",
		"accepted queue_id=1dJ08B-0003oP-5i client=pc7[192.0.2.7];"
		"identified queue_id=1dJ08B-0003oP-5i message_id=<m@b.org>;"
		"header queue_id=1dJ08B-0003oP-5i header_name=Subject header_value=Re: \"x\";"
		"queued queue_id=1dJ08B-0003oP-5i sender=a@b.org size=812 recipients=2;");
	check_events("exim4", "1dJ08B-0003oP-5i <= <> R=1dJ07z-0003oK-9Q U=exim P=local S=2011",
	             "accepted queue_id=1dJ08B-0003oP-5i client=local;identified queue_id=1dJ08B-0003oP-5i message_id=;"
	             "queued queue_id=1dJ08B-0003oP-5i sender= size=2011;"
	             "spawned queue_id=1dJ07z-0003oK-9Q next_queue_id=1dJ08B-0003oP-5i;");
}
END_TEST

START_TEST(a_list_expanded_by_sendmail_is_one_line_and_many_deliveries)
{
	char line[8192] = "uAE8T1qR004711: to=";
	char *got;
	size_t count = 0;

	shipped_load();
	for (int i = 0; i < 200; i++)
		sprintf(line + strlen(line), i % 2 ? "m%d@b.org," : "<m%d@b.org>,", i);
	strcpy(line + strlen(line) - 1,
	       ", delay=00:00:01, xdelay=00:00:01, mailer=esmtp, pri=1, relay=mx.b.org. [192.0.2.25], dsn=2.0.0, stat=Sent");
	got = events_text("sm-mta", line);
	ck_assert_msg(got[strlen(got) - 1] == ';', "%s", got);
	for (const char *at = got; (at = strstr(at, "attempt queue_id=uAE8T1qR004711 recipient=m")); at++)
		count++;
	ck_assert_uint_eq(count, 200);
	ck_assert_ptr_nonnull(strstr(got, "recipient=m199@b.org relay=mx.b.org[192.0.2.25]"));
	free(got);
}
END_TEST

START_TEST(what_these_systems_are_not_known_to_write_is_unparsed)
{
	static const char *const exim[] = {
		"1dJ08B-0003oP-5i ~> anna@b.org R=x T=y",
		"1dJ08B-0003oP-5i => anna@b.org R=x T=y teleported",
		"1dJ08B-0003oP-5i teleported",
		"teleported",
		"1dJ08B-0003oP-5i <= a@b.org teleported",
		"1dJ08B-0003oP-5i == anna@b.org teleported",
		"1dJ08B-0003oP-5 => anna@b.org R=x T=y",
		"=> anna@b.org R=x T=y",
	};
	static const char *const sendmail[] = {
		"uAE8T1qR004711: to=<a@b.org>, teleported",   "uAE8T1qR004711: to=<a@b.org>, delay=00:00:01",
		"uAE8T1qR004711: from=<a@b.org>, teleported", "teleported",
		"to=<a@b.org>, delay=00:00:01, stat=Sent",    "uAE8T1qR004711: to=<a@b.org>",
	};

	shipped_load();
	for (size_t i = 0; i < sizeof(exim) / sizeof(exim[0]); i++) {
		enum rules_result result = apply_line("", "exim", exim[i]);

		/* "<=" tells of an arrival, whatever follows */
		ck_assert_msg(result == RULES_UNPARSED || i == 4, "%s: taken by %s", exim[i], taken);
	}
	for (size_t i = 0; i < sizeof(sendmail) / sizeof(sendmail[0]); i++)
		ck_assert_msg(apply_line("", "sm-mta", sendmail[i]) == RULES_UNPARSED, "%s: taken by %s", sendmail[i],
		              taken);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("rule_lists");
	TCase *tcase = tcase_create("several events");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, a_rule_with_further_lets_those_below_it_take_the_line_too);
	tcase_add_test(tcase, each_event_names_the_rule_that_made_it);
	tcase_add_test(tcase, a_further_rule_that_gives_up_makes_the_line_unparsed);
	tcase_add_test(tcase, each_member_of_a_list_is_an_event);
	tcase_add_test(tcase, rules_after_a_list_are_tried_once);
	tcase_add_test(tcase, members_are_counted);
	tcase_add_loop_test(tcase, texts_are_made_anew, 0, sizeof(texts) / sizeof(texts[0]));
	tcase_add_test(tcase, a_text_made_anew_lives_until_its_memory_is_freed);
	tcase_add_loop_test(tcase, a_fault_is_told_with_its_line, 0, sizeof(faults) / sizeof(faults[0]));
	tcase_add_test(tcase, a_sample_must_give_as_many_events_as_it_expects);
	tcase_add_test(tcase, exim_s_line_of_arrival_tells_all_of_a_message);
	tcase_add_test(tcase, a_list_expanded_by_sendmail_is_one_line_and_many_deliveries);
	tcase_add_test(tcase, what_these_systems_are_not_known_to_write_is_unparsed);
	suite_add_tcase(suite, tcase);
	return suite_run(suite);
}
