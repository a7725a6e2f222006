/* SPDX-License-Identifier: Apache-2.0
 *
 * Matching with the shipped rules and with hard ones: which rule takes a line,
 * what stays unparsed, and that no line and no pattern can stop the matching.
 * What a rule file may say is in check_rule_files.c.
 */
#include <pthread.h>
#include <time.h>

#include "tests/rules_probe.h"

START_TEST(the_shipped_rules_hold_all_their_samples)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);
	unsigned run = 0;
	unsigned failures;

	shipped_load();
	failures = rules_check_samples(rules, out, &run);
	fclose(out);
	ck_assert_msg(failures == 0, "%u of %u samples fail:\n%s", failures, run, text);
	ck_assert_uint_gt(run, 100);
	free(text);
}
END_TEST

START_TEST(a_line_that_looks_like_a_delivery_is_never_ignored)
{
	static const char *const lines[] = {
		"4C5D81E3A2: to=<a@example.org>, relay=local, delay=1, dsn=2.0.0, status=teleported (ok)",
		"4C5D81E3A2: rcpt to=<a@example.org> teleported",
		"4C5D81E3A2: status=lost",
		"NOQUEUE: to=<a@example.org>, status=sent (ok)",
	};
	static const char *const programs[] = {"smtp",  "smtpd",  "qmgr",   "cleanup", "local",
	                                       "anvil", "master", "policy", "verify",  "postscreen"};
	static const char *const levels[] = {NULL, "warning", "fatal"};

	shipped_load();
	for (size_t i = 0; i < 4 * 10 * 3; i++) {
		struct envelope envelope = envelope_of("postfix", programs[i / 4 % 10], lines[i % 4]);

		envelope.level = slice_of(levels[i / 40]);
		ck_assert_msg(apply(&envelope) == RULES_UNPARSED, "%s: %s: taken by %s", programs[i / 4 % 10],
		              lines[i % 4], taken);
		ck_assert_str_eq(reason, "no rule");
		ck_assert_ptr_null(taken);
	}
}
END_TEST

START_TEST(a_line_that_postfix_is_not_known_to_write_is_unparsed)
{
	static const char *const programs[] = {"smtp", "smtpd", "qmgr", "cleanup", "local", "bounce", "pipe"};

	shipped_load();
	for (size_t i = 0; i < 7; i++)
		ck_assert_msg(apply_line("postfix", programs[i], "the moon is full tonight") == RULES_UNPARSED, "%s",
		              programs[i]);
}
END_TEST

START_TEST(an_id_of_either_kind_is_taken_and_noqueue_is_none)
{
	static const char *const ids[] = {"4C5D81E3A2", "3mPVKl0Mhjz7sXv", "ABCDEF", "008343FC1DBXXXX", "012345"};
	char line[128];

	shipped_load();
	for (size_t i = 0; i < 5; i++) {
		snprintf(line, sizeof(line), "%s: removed", ids[i]);
		ck_assert_int_eq(apply_line("postfix", "qmgr", line), RULES_EVENT);
		ck_slice(event.queue_id, ids[i]);
	}
	ck_assert_int_eq(apply_line("postfix", "qmgr", "NOQUEUE: removed"), RULES_UNPARSED);
	ck_assert_int_eq(apply_line("postfix", "qmgr", "12345: removed"), RULES_UNPARSED);
}
END_TEST

START_TEST(any_instance_name_may_stand_before_a_known_program)
{
	static const char *const instances[] = {"postfix", "postfix-out", "postfix/submission", "mx1", ""};

	shipped_load();
	for (size_t i = 0; i < 5; i++)
		ck_assert_int_eq(apply_line(instances[i], "qmgr", "4C5D81E3A2: removed"), RULES_EVENT);
	ck_assert_int_eq(apply_line("mx1", "unheard-of", "4C5D81E3A2: removed"), RULES_IGNORED);
	ck_assert_ptr_null(taken);
}
END_TEST

START_TEST(where_the_program_was_cut_off_the_body_tells)
{
	struct envelope envelope = envelope_of("", "postfix", "4C5D81E3A2: removed");

	shipped_load();
	envelope.program_cut = true;
	ck_assert_int_eq(apply(&envelope), RULES_EVENT);
	ck_assert_int_eq(event.kind, EVENT_REMOVED);
	ck_assert_int_eq(event.outcome, OUTCOME_NONE);
	envelope.text = SLICE("4C5D81E3A2: client=a[192.0.2.1]");
	ck_assert_int_eq(apply(&envelope), RULES_EVENT);
	ck_assert_int_eq(event.kind, EVENT_ACCEPTED);
	envelope.text = SLICE("4C5D81E3A2: to=<a@b>, relay=none, delay=0, dsn=2.0.0, status=sent (x)");
	envelope.program = SLICE("");
	ck_assert_int_eq(apply(&envelope), RULES_EVENT);
	ck_assert_int_eq(event.outcome, OUTCOME_DISCARDED);
	envelope.program = SLICE("exim");
	ck_assert_int_eq(apply(&envelope), RULES_IGNORED);
}
END_TEST

START_TEST(a_cut_id_of_the_next_queue_file_is_not_told)
{
	shipped_load();
	ck_assert_int_eq(apply_line("postfix", "smtp",
	                            "4C5D81E3A2: to=<a@b>, relay=c[192.0.2.1]:25, delay=0, dsn=2.0.0, "
	                            "status=sent (250 2.0.0 Ok: queued as 3mPVKl0"),
	                 RULES_EVENT);
	ck_assert_int_eq(event.outcome, OUTCOME_SENT);
	ck_assert(!slice_given(event.next_queue_id));
}
END_TEST

START_TEST(the_envelope_goes_into_the_event)
{
	struct envelope envelope = envelope_of("postfix", "qmgr", "4C5D81E3A2: removed");

	shipped_load();
	ck_assert_int_eq(apply(&envelope), RULES_EVENT);
	ck_assert_int_eq(event.time, envelope.time);
	ck_assert_int_eq(event.time_other, envelope.time_other);
	ck_assert_int_eq(event.resolution, 1000000);
	ck_assert_uint_eq(event.repeated, 3);
	ck_slice(event.host, "mail1");
	ck_slice(event.instance, "postfix");
	ck_slice(event.program, "qmgr");
	ck_assert_int_eq(event.size, -1);
	ck_assert(!slice_given(event.recipient));
	ck_assert_str_eq(strchr(taken, ' '), " removed");
	ck_assert_int_eq(strncmp(taken, "postfix.rules:", 14), 0);
}
END_TEST

START_TEST(blanks_behind_the_body_are_not_part_of_it)
{
	shipped_load();
	ck_assert_int_eq(apply_line("postfix", "qmgr", "4C5D81E3A2: removed \t\r\n"), RULES_EVENT);
	ck_assert_int_eq(apply_line("postfix", "cleanup", "4C5D81E3A2: message-id=<a@b> \n"), RULES_EVENT);
	ck_slice(event.message_id, "<a@b>");
}
END_TEST

START_TEST(an_empty_body_is_unparsed)
{
	struct envelope envelope = envelope_of("postfix", "smtp", "");

	shipped_load();
	ck_assert_int_eq(apply(&envelope), RULES_UNPARSED);
	envelope.text = SLICE_NONE;
	ck_assert_int_eq(apply(&envelope), RULES_UNPARSED);
}
END_TEST

/* format has the places where strangers write; each is filled with 1800 bytes of one fragment. */
static void hostile_line(char *line, size_t size, const char *format, const char *fragment)
{
	char filling[1801] = "";
	size_t length = strlen(fragment);
	const char *place = strstr(format, "%s");

	for (size_t at = 0; at + length < sizeof(filling); at += length)
		memcpy(filling + at, fragment, length + 1);
	snprintf(line, size, "%.*s%s%s", (int)(place - format), format, filling, place + 2);
}

START_TEST(no_stranger_s_text_makes_matching_give_up)
{
	static const char *const formats[] = {
		"smtp 4C5D81E3A2: to=<a@b>, relay=c[192.0.2.1]:25, delay=1, dsn=5.7.1, status=bounced (host c[192.0.2.1] "
		"said: 550 %s (in reply to RCPT TO command))",
		"smtp 4C5D81E3A2: to=<a@b>, relay=c[192.0.2.1]:25, delay=1, dsn=2.0.0, status=sent (250 %s)",
		"smtp 4C5D81E3A2: to=<\"%s\"@b>, relay=c[192.0.2.1]:25, delay=1, dsn=5.0.0, status=bounced (no)",
		"smtp 4C5D81E3A2: to=<%s@b>, orig_to=<c>, relay=local, delay=1, dsn=5.0.0, status=bounced (no)",
		"cleanup 4C5D81E3A2: info: header Subject: %s from c[192.0.2.1]; from=<a@b> to=<c@d> proto=ESMTP helo=<e>",
		"cleanup 4C5D81E3A2: info: header Subject: s from c[192.0.2.1]; from=<%s@b> to=<c@d> proto=ESMTP helo=<e>",
		"cleanup 4C5D81E3A2: message-id=%s",
		"smtpd NOQUEUE: reject: RCPT from c[192.0.2.1]: 550 5.7.1 <%s@b>: Recipient address rejected: no; "
		"from=<a@b> to=<c@d> proto=ESMTP helo=<e>",
		"smtpd NOQUEUE: reject: RCPT from c[192.0.2.1]: 550 5.7.1 no; from=<%s@b> to=<c@d> proto=ESMTP helo=<e>",
		"postscreen NOQUEUE: reject: RCPT from [192.0.2.1]:25: 550 5.7.1 no; from=<a@b>, to=<c@d>, proto=ESMTP, "
		"helo=<%s>",
		"qmgr 4C5D81E3A2: from=<%s@b>, size=1, nrcpt=2 (queue active)",
	};
	static const char *const fragments[] = {
		"a",
		"user ",
		"x>, relay=",
		" from x; from=<a> to=<b>",
		"\"",
		"\\\"",
		"\"a\" ",
		"; from=<a> to=<b>",
		"(",
		"queued as ",
		"> to=<",
		">, orig_to=<",
		", status=sent (",
		"list is ",
		"> proto=",
		" [InternalId=1,",
	};
	size_t const fragment_count = sizeof(fragments) / sizeof(fragments[0]);

	shipped_load();
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]) * fragment_count; i++) {
		char line[4096];
		char *body;

		hostile_line(line, sizeof(line), formats[i / fragment_count], fragments[i % fragment_count]);
		body = strchr(line, ' ');
		*body++ = '\0';
		ck_assert_msg(apply_line("postfix", line, body) == RULES_EVENT, "%s with '%s': %s",
		              formats[i / fragment_count], fragments[i % fragment_count], reason);
	}
}
END_TEST

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

START_TEST(a_pattern_that_would_run_for_ever_makes_the_line_unparsed)
{
	static const char *const verbs[] = {"", "(*NO_JIT)"};
	char text[512];
	char line[64];
	double began;

	memset(line, 'a', sizeof(line));
	memcpy(line + sizeof(line) - 2, "!", 2);
	snprintf(text, sizeof(text),
	         HEAD "rule slow\n\tignore\n\tpattern %s^(?:a|a|aa)+$\n\tsample prog\n\t\ta\n"
	              "rule next\n\tignore\n\tpattern ^a\n\tsample prog\n\t\tab\n",
	         verbs[_i]);
	load(text);
	began = seconds_now();
	ck_assert_int_eq(apply_line("", "prog", line), RULES_UNPARSED);
	ck_assert_str_eq(reason, "match limit");
	ck_assert_str_eq(taken, "t.rules:5 slow");
	ck_assert_msg(seconds_now() - began < 2, "it took %.1f s", seconds_now() - began);
	ck_assert_int_eq(apply_line("", "prog", "ab"), RULES_IGNORED);
	ck_assert_str_eq(taken, "t.rules:10 next");
}
END_TEST

START_TEST(a_pattern_that_recurses_without_end_makes_the_line_unparsed)
{
	char line[4096];

	memset(line, '(', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	load(HEAD "rule deep\n\tignore\n\tpattern ^( \\( (?1)* \\) )+$\n\tsample prog\n\t\t(())\n");
	ck_assert_int_eq(apply_line("", "prog", line), RULES_UNPARSED);
	ck_assert(strcmp(reason, "match limit") == 0 || strcmp(reason, "no rule") == 0);
}
END_TEST

START_TEST(a_refinement_that_would_run_for_ever_makes_the_line_unparsed)
{
	char line[64];

	memset(line, 'a', sizeof(line));
	memcpy(line + sizeof(line) - 2, "!", 2);
	load(HEAD "rule slow\n\tevent attempt\n\tpattern ^(?<reason>.*)\n\twhen reason matches\n\t\t^(?:a|a|aa)+$\n"
	          "\tthen manager yes\n\tsample prog\n\t\tb\n\texpect reason b\n");
	ck_assert_int_eq(apply_line("", "prog", line), RULES_UNPARSED);
	ck_assert_str_eq(reason, "match limit");
}
END_TEST

/* Texts that come again are told as the first time, each as its own: more of them than are remembered, some too long to
 * be, with groups that took part and others that did not, of two refinements of one field. */
START_TEST(a_refinement_tells_the_same_of_a_text_however_often_it_comes)
{
	char line[400], padding[300];

	memset(padding, '-', sizeof(padding));
	load(HEAD "rule a\n\tevent attempt\n\tpattern ^(?<reason>.*)\n"
	          "\twhen reason matches\n\t\t^ (?: x(?<dsn>\\d+) | y(?<code>\\d+) | z\\d* ) [ ] (?<action>\\S+) $\n"
	          "\twhen reason matches\n\t\t^ [yz] \\d+ [ ]\n\tthen manager yes\n"
	          "\tsample prog\n\t\tb\n\texpect reason b\n");
	for (unsigned round = 0; round < 6; round++) {
		for (unsigned i = 0; i < 400; i++) {
			/* The whole of them in a row, then each twice. */
			unsigned text = round < 3 ? i : i / 2;
			char kind = "xyzw"[text % 4];
			int length = text % 5 == 0 ? 200 + (int)text % 90 : (int)text % 30 + 1;
			char number[16], action[300];

			snprintf(number, sizeof(number), "%u", text * 7919);
			snprintf(action, sizeof(action), "%.*s", length, padding);
			snprintf(line, sizeof(line), "%c%s %s", kind, number, action);
			ck_assert_int_eq(apply_line("", "prog", line), RULES_EVENT);
			ck_assert(slice_given(event.dsn) == (kind == 'x'));
			ck_assert(slice_given(event.code) == (kind == 'y'));
			ck_assert(slice_given(event.action) == (kind != 'w'));
			ck_assert(event.manager == (kind == 'y' || kind == 'z'));
			if (kind == 'x')
				ck_slice(event.dsn, number);
			if (kind == 'y')
				ck_slice(event.code, number);
			if (kind != 'w') {
				ck_slice(event.action, action);
				ck_assert_ptr_eq(event.action.bytes, line + 2 + strlen(number));
			}
		}
	}
}
END_TEST

START_TEST(a_scratch_remembers_no_other_program_s_rules)
{
	char program[200];

	load(HEAD "rule mine\n\tprograms prog\n\tignore\n\tpattern ^x\n\tsample prog\n\t\tx\n"
	          "rule others\n\tprograms other\n\tignore\n\tpattern ^x\n\tsample site/p\n\t\tx\n");
	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 0; i < 300; i++) {
			snprintf(program, sizeof(program), "p%u%0*d", i, i % 7 == 0 ? 150 : 1, 0);
			ck_assert_int_eq(apply_line("site", program, "x"), RULES_IGNORED);
			ck_assert_str_eq(taken, "t.rules:11 others");
			ck_assert_int_eq(apply_line("sit", program, "x"), RULES_IGNORED);
			ck_assert_ptr_null(taken);
			ck_assert_int_eq(apply_line("site", "prog", "x"), RULES_IGNORED);
			ck_assert_str_eq(taken, "t.rules:5 mine");
		}
	}
	/* the same bytes, split elsewhere */
	ck_assert_int_eq(apply_line("sitep", "rog", "x"), RULES_IGNORED);
	ck_assert_str_eq(taken, "t.rules:11 others");
}
END_TEST

static void *thread_match(void *unused)
{
	struct rules_scratch *own = rules_scratch_new(rules);
	struct envelope envelope = envelope_of("postfix", "smtp",
	                                       "4C5D81E3A2: to=<a@b>, relay=c[192.0.2.1]:25, delay=0.5, dsn=2.0.0, "
	                                       "status=sent (250 2.0.0 Ok: queued as 9F1B2C3D4E)");
	struct event mine;
	const char *why;
	intptr_t good = 0;

	(void)unused;
	for (unsigned i = 0; i < 20000; i++) {
		good += rules_apply(rules, own, &envelope, &mine, NULL, &why) == RULES_EVENT &&
		        slice_is(mine.next_queue_id, "9F1B2C3D4E") && mine.delay == 500000;
	}
	rules_scratch_free(&own);
	return (void *)good;
}

START_TEST(threads_share_the_rules)
{
	pthread_t threads[4];

	shipped_load();
	for (unsigned i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, thread_match, NULL), 0);
	for (unsigned i = 0; i < 4; i++) {
		void *good;

		pthread_join(threads[i], &good);
		ck_assert_int_eq((intptr_t)good, 20000);
	}
}
END_TEST

START_TEST(names_of_kinds_and_outcomes_are_read_back)
{
	for (int i = 0; i < EVENT_KIND_COUNT; i++)
		ck_assert_int_eq(event_kind_of(slice_of(event_kind_name((enum event_kind)i))), i);
	for (int i = 0; i < OUTCOME_COUNT; i++)
		ck_assert_int_eq(event_outcome_of(slice_of(event_outcome_name((enum event_outcome)i))), i);
	ck_assert_int_eq(event_kind_of(SLICE("Removed")), -1);
	ck_assert_int_eq(event_kind_of(SLICE("")), -1);
	ck_assert_int_eq(event_outcome_of(SLICE_NONE), -1);
	ck_assert_int_eq(event_kind_of(SLICE("accepted")), EVENT_ACCEPTED);
	ck_assert_int_eq(event_outcome_of(SLICE("handed")), OUTCOME_HANDED);
}
END_TEST

static TCase *matching(void)
{
	TCase *tcase = tcase_create("matching");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, the_shipped_rules_hold_all_their_samples);
	tcase_add_test(tcase, a_line_that_looks_like_a_delivery_is_never_ignored);
	tcase_add_test(tcase, a_line_that_postfix_is_not_known_to_write_is_unparsed);
	tcase_add_test(tcase, an_id_of_either_kind_is_taken_and_noqueue_is_none);
	tcase_add_test(tcase, any_instance_name_may_stand_before_a_known_program);
	tcase_add_test(tcase, where_the_program_was_cut_off_the_body_tells);
	tcase_add_test(tcase, a_cut_id_of_the_next_queue_file_is_not_told);
	tcase_add_test(tcase, the_envelope_goes_into_the_event);
	tcase_add_test(tcase, blanks_behind_the_body_are_not_part_of_it);
	tcase_add_test(tcase, an_empty_body_is_unparsed);
	tcase_add_test(tcase, no_stranger_s_text_makes_matching_give_up);
	tcase_add_loop_test(tcase, a_pattern_that_would_run_for_ever_makes_the_line_unparsed, 0, 2);
	tcase_add_test(tcase, a_pattern_that_recurses_without_end_makes_the_line_unparsed);
	tcase_add_test(tcase, a_refinement_that_would_run_for_ever_makes_the_line_unparsed);
	tcase_add_test(tcase, a_refinement_tells_the_same_of_a_text_however_often_it_comes);
	tcase_add_test(tcase, a_scratch_remembers_no_other_program_s_rules);
	tcase_add_test(tcase, threads_share_the_rules);
	tcase_add_test(tcase, names_of_kinds_and_outcomes_are_read_back);
	return tcase;
}

int main(void)
{
	Suite *suite = suite_create("rules");

	suite_add_tcase(suite, matching());
	return suite_run(suite);
}
