/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of "repeats" in rules: which text repeats the one before it, and what
 * is made of it; and that a promise that a pattern does not keep is told.
 */
#include "tests/event_probe.h"
#include "tests/rules_probe.h"

static void shipped_set_up(void)
{
	shipped_load();
}

static void shipped_tear_down(void)
{
	rules_scratch_free(&scratch);
	rules_free(&rules);
}

#define FIRST \
	"4C5D81E3A2: to=<anna@example.org>, relay=mx[192.0.2.25]:25, delay=0.5, delays=0/0/0.3/0.2, dsn=2.0.0, " \
	"status=sent (250 2.0.0 Ok: queued as 9F1B2C3D4E)"

static const struct {
	const char *text;
	bool repeats;
	const char *recipient, *reason, *next_queue_id;
} pairs[] = {
	{FIRST, true, "anna@example.org", "250 2.0.0 Ok: queued as 9F1B2C3D4E", "9F1B2C3D4E"},
	{"4C5D81E3A2: to=<B.b-c+d_e=f@x>, relay=mx[192.0.2.25]:25, delay=0.5, delays=0/0/0.3/0.2, dsn=2.0.0, status=sent ()",
         true, "B.b-c+d_e=f@x", "", NULL},
	{"4C5D81E3A2: to=<b>, relay=mx[192.0.2.25]:25, delay=0.5, delays=0/0/0.3/0.2, dsn=2.0.0, status=sent (a) (b)",
         true, "b", "a) (b", NULL},
	{"4C5D81E3A2: to=<b>, relay=mx[192.0.2.25]:25, delay=0.5, delays=0/0/0.3/0.2, dsn=2.0.0, status=sent (x", false,
         NULL, NULL, NULL},
	{"4C5D81E3A2: to=<b>, relay=mx[192.0.2.25]:25, delay=0.6, delays=0/0/0.3/0.2, dsn=2.0.0, status=sent (x)",
         false, NULL, NULL, NULL},
	{"4C5D81E3A3: to=<b>, relay=mx[192.0.2.25]:25, delay=0.5, delays=0/0/0.3/0.2, dsn=2.0.0, status=sent (x)",
         false, NULL, NULL, NULL},
	{"4C5D81E3A2: to=<>, relay=mx[192.0.2.25]:25, delay=0.5, delays=0/0/0.3/0.2, dsn=2.0.0, status=sent (x)", false,
         NULL, NULL, NULL},
	{"4C5D81E3A2: to=<b c>, relay=mx[192.0.2.25]:25, delay=0.5, delays=0/0/0.3/0.2, dsn=2.0.0, status=sent (x)",
         false, NULL, NULL, NULL},
	{"4C5D81E3A2: to=<b\"c>, relay=mx[192.0.2.25]:25, delay=0.5, delays=0/0/0.3/0.2, dsn=2.0.0, status=sent (x)",
         false, NULL, NULL, NULL},
	{"4C5D81E3A2: to=<b>, relay=mx[192.0.2.25]:25, delay=0.5, delays=0/0/0.3/0.2, dsn=2.0.0, status=sent", false,
         NULL, NULL, NULL},
	{"4C5D81E3A2: to=<b>", false, NULL, NULL, NULL},
	{"4C5D81E3A2: to=<", false, NULL, NULL, NULL},
	{"", false, NULL, NULL, NULL},
};

START_TEST(what_repeats_a_line)
{
	struct slice text = slice_of(pairs[_i].text);
	struct event again;

	ck_assert_int_eq(apply_line("postfix", "smtp", FIRST), RULES_EVENT);
	ck_assert_int_eq(rules_apply_again(scratch, text, &again), pairs[_i].repeats);
	if (!pairs[_i].repeats)
		return;
	ck_slice(again.recipient, pairs[_i].recipient);
	ck_slice(again.reason, pairs[_i].reason);
	ck_slice(again.relay, "mx[192.0.2.25]:25");
	ck_slice(again.queue_id, "4C5D81E3A2");
	ck_assert_int_eq(again.delay, 500000);
	ck_assert_int_eq(again.outcome, OUTCOME_SENT);
	ck_assert_int_eq(again.time, 1479112140000000);
	if (pairs[_i].next_queue_id)
		ck_slice(again.next_queue_id, pairs[_i].next_queue_id);
	else
		ck_assert(!slice_given(again.next_queue_id));
}
END_TEST

/* What the first line was decides whether the next may repeat it. */
static const struct {
	const char *program, *first;
} not_kept[] = {
	{"smtp",
         "4C5D81E3A2: to=<\"anna\"@example.org>, relay=none, delay=1, delays=1/0/0/0, dsn=4.0.0, status=deferred (x)"},
	{"smtp",
         "4C5D81E3A2: to=<a>b@example.org>, relay=none, delay=1, delays=1/0/0/0, dsn=4.0.0, status=deferred (x)"},
	{"smtp", "4C5D81E3A2: to=<>, relay=none, delay=1, delays=1/0/0/0, dsn=4.0.0, status=deferred (x)"},
	{"smtp",
         "4C5D81E3A2: to=<anna@example.org>, relay=none, delay=1, delays=1/0/0/0, dsn=4.0.0, status=strange (x)"},
	{"smtp", "what nobody knows"},
	{"qmgr", "4C5D81E3A2: removed"},
	{"unclaimed",
         "4C5D81E3A2: to=<anna@example.org>, relay=none, delay=1, delays=1/0/0/0, dsn=4.0.0, status=deferred (x)"},
};

START_TEST(what_no_line_repeats)
{
	struct event again;

	/* Of a line before that one, nothing is left. */
	ck_assert_int_eq(apply_line("postfix", "smtp", FIRST), RULES_EVENT);
	apply_line("", not_kept[_i].program, not_kept[_i].first);
	ck_assert(!rules_apply_again(scratch, slice_of(not_kept[_i].first), &again));
	ck_assert(!rules_apply_again(scratch, slice_of(FIRST), &again));
	ck_assert(!rules_apply_again(
		scratch,
		SLICE("4C5D81E3A2: to=<b>, relay=none, delay=1, delays=1/0/0/0, dsn=4.0.0, status=deferred (x)"),
		&again));
}
END_TEST

/* --- rules of a site ------------------------------------------------------------------------------- */

#define TAKES(pattern) \
	"rule b\n\tevent attempt\n\trepeats recipient\n\tpattern " pattern "\n\tsample prog\n\t\tto=a@b x\n"

#define TAKES_TWO(pattern) \
	"rule b\n\tevent attempt\n\trepeats recipient reason\n\tpattern " pattern "\n\tsample prog\n\t\tto=a xyx\n"

START_TEST(a_rule_above_is_asked_first)
{
	struct event again;

	load(HEAD "rule a\n\tignore\n\tpattern postmaster\n\tsample prog\n\t\tpostmaster\n" TAKES(
		"^to=(?<recipient>\\S++)[ ]x$") "\texpect recipient a@b\n");
	ck_assert_int_eq(apply_line("", "prog", "to=a@b x"), RULES_EVENT);
	ck_assert(!rules_apply_again(scratch, SLICE("to=c@d x"), &again));
	ck_assert(!rules_apply_again(scratch, SLICE("to=postmaster@d x"), &again));
}
END_TEST

START_TEST(without_a_second_text_the_rest_is_the_same)
{
	struct event again;

	load(HEAD TAKES("^to=(?<recipient>\\S++)[ ]x$") "\texpect recipient a@b\n");
	ck_assert_int_eq(apply_line("", "prog", "to=a@b x"), RULES_EVENT);
	ck_assert(rules_apply_again(scratch, SLICE("to=c@d x"), &again));
	ck_slice(again.recipient, "c@d");
	ck_assert(!rules_apply_again(scratch, SLICE("to=c@d xx"), &again));
	ck_assert(!rules_apply_again(scratch, SLICE("to=c@d"), &again));
	ck_assert(!rules_apply_again(scratch, SLICE("to= x"), &again));
}
END_TEST

/* Where the second text stands, and what follows it. */
static const struct {
	const char *pattern, *first, *next;
	bool repeats;
} ends[] = {
	{"^to=(?<recipient>\\S++)[ ]x(?<reason>.*)x$", "to=a xyx", "to=b xzzx", true},
	{"^to=(?<recipient>\\S++)[ ]x(?<reason>.*)x$", "to=a xyx", "to=b xx", true},
	{"^to=(?<recipient>\\S++)[ ]x(?<reason>.*)x$", "to=a xyx", "to=b x", false},
	/* Not before the last byte. */
	{"^to=(?<recipient>\\S++)[ ](?<reason>\\S*+)[ ]?x$", "to=a y x", "to=b y x", false},
	{"^to=(?<recipient>\\S++)[ ](?<reason>\\S*+)$", "to=a y", "to=b y", false},
	/* Before the first. */
	{"^x(?<reason>[^ ]*+)[ ]to=(?<recipient>\\S++)$", "xy to=a", "xy to=b", false},
	/* Around the first. */
	{"^to=(?<reason>(?<recipient>\\S++).*)x$", "to=a yx", "to=b yx", false},
	/* Right behind the first, which ends where it might go on. */
	{"^to=(?<recipient>[ab])(?<reason>.*)x$", "to=abcx", "to=bb cx", false},
	{"^to=(?<recipient>[ab])(?<reason>.*)x$", "to=a,cx", "to=b,cx", true},
};

/* The recipient is the first of the texts. */
START_TEST(another_text_that_differs_is_no_recipient)
{
	struct slice recipient;

	load(HEAD
	     "rule b\n\tevent attempt\n\trepeats code\n\tpattern ^to=(?<code>\\S++)[ ]x$\n\tsample prog\n\t\tto=a x\n");
	ck_assert_int_eq(apply_line("", "prog", "to=a x"), RULES_EVENT);
	ck_assert(rules_apply_again(scratch, SLICE("to=b x"), &event));
	ck_assert(!rules_recipient_again(scratch, SLICE("to=b x"), &recipient));
}
END_TEST

START_TEST(where_the_texts_end)
{
	char rule[512];
	struct event again;

	snprintf(rule, sizeof(rule), HEAD TAKES_TWO("%s") "\texpect recipient a\n", ends[_i].pattern);
	load(rule);
	ck_assert_int_eq(apply_line("", "prog", ends[_i].first), RULES_EVENT);
	ck_assert_int_eq(rules_apply_again(scratch, slice_of(ends[_i].next), &again), ends[_i].repeats);
	if (!ends[_i].repeats)
		return;
	ck_slice(again.recipient, "b");
	ck_assert_int_eq(apply_line("", "prog", ends[_i].next), RULES_EVENT);
	ck_assert(slice_equal(again.recipient, event.recipient) && slice_equal(again.reason, event.reason));
}
END_TEST

/* What is made of the recipient after the pattern took the line: then no line has the event of the one before. Of the last
 * one nothing is. Each event is what the line gives alone. */
static const char *const made_after[] = {
	"\twhen\trecipient b@y\n\tthen\tmanager yes\n",
	"\twhen\trecipient has \"b@\"\n\tthen\tmanager yes\n",
	"\twhen\trecipient matches\n\t\t^b\n\tthen\tmanager yes\n",
	"\twhen\treason matches\n\t\t^(?<recipient>y)$\n",
	"\twhen\treason matches\n\t\t^y$\n\tthen\trecipient c\n",
	"\twrap\trecipient < >\n",
	"\tqualify\tsender recipient\n",
	"\twhen\treason matches\n\t\t^(?<next_queue_id>y)$\n\tthen\tmanager yes\n",
};

START_TEST(what_follows_from_a_recipient_is_made_anew)
{
	static const char *const lines[] = {"to=a@x xyx", "to=b@y xyx", "to=b@y xzx", "to=a@x xyx"};
	struct event again[4];
	char rule[512];

	snprintf(rule, sizeof(rule), HEAD "%s%s\tsample prog\n\t\tto=a xyx\n",
	         "rule b\n\tevent attempt\n\trepeats recipient reason\n\tset\tsender s\n"
	         "\tpattern ^to=(?<recipient>\\S++)[ ]x(?<reason>.*)x$\n",
	         made_after[_i]);
	load(rule);
	ck_assert_int_eq(apply_line("", "prog", lines[0]), RULES_EVENT);
	for (int i = 0; i < 4; i++) {
		bool apart = _i == sizeof(made_after) / sizeof(made_after[0]) - 1 && i != 2;
		struct slice recipient;

		ck_assert_int_eq(rules_recipient_again(scratch, slice_of(lines[i]), &recipient), apart);
		ck_assert(rules_apply_again(scratch, slice_of(lines[i]), &again[i]));
		if (apart)
			ck_assert(slice_equal(recipient, again[i].recipient));
	}
	for (int i = 0; i < 4; i++) {
		ck_assert_int_eq(apply_line("", "prog", lines[i]), RULES_EVENT);
		ck_event(&again[i], &event, lines[i]);
	}
}
END_TEST

/* A promise that the pattern does not keep is told by the rule's samples. */
static const struct {
	const char *pattern, *told;
} broken[] = {
	{"^to=(?<recipient>[a-z]@[a-z])[ ]x$", "\talone: taken by none\n"},
	{"^to=(?<recipient>(?:a@b|B\\S++|[0.]\\S*+|a))[ ]x$ | ^to=(?<recipient>\\S++)[ ]x$", ""},
	{"^to=(?:(?<sender>0)|(?<recipient>\\S++))[ ]x$",
         "\twanted: recipient is not given\n\tgot   : recipient '0'\n"},
	{"^to=(?<recipient>\\S++)[ ](?(?<=to=a[ ])(?<code>x)|x)$", "\twanted: code 'x'\n\tgot   : code is not given\n"},
};

START_TEST(a_broken_promise_is_told)
{
	char rule[512], *said = NULL;
	unsigned run;
	size_t size;
	FILE *out = open_memstream(&said, &size);

	snprintf(rule, sizeof(rule), HEAD TAKES("%s") "\texpect recipient a@b\n", broken[_i].pattern);
	load(rule);
	ck_assert_uint_eq(rules_check_samples(rules, out, &run), broken[_i].told[0] != '\0');
	fclose(out);
	ck_assert_uint_eq(run, 1);
	ck_assert_msg(strstr(said, broken[_i].told) != NULL, "%s", said);
	free(said);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("rule_repeats");
	TCase *texts = tcase_create("texts"), *sites = tcase_create("sites");

	tcase_add_checked_fixture(texts, shipped_set_up, shipped_tear_down);
	tcase_add_loop_test(texts, what_repeats_a_line, 0, sizeof(pairs) / sizeof(pairs[0]));
	tcase_add_loop_test(texts, what_no_line_repeats, 0, sizeof(not_kept) / sizeof(not_kept[0]));
	suite_add_tcase(suite, texts);
	tcase_add_checked_fixture(sites, set_up, tear_down);
	tcase_add_test(sites, a_rule_above_is_asked_first);
	tcase_add_test(sites, without_a_second_text_the_rest_is_the_same);
	tcase_add_test(sites, another_text_that_differs_is_no_recipient);
	tcase_add_loop_test(sites, where_the_texts_end, 0, sizeof(ends) / sizeof(ends[0]));
	tcase_add_loop_test(sites, what_follows_from_a_recipient_is_made_anew, 0,
	                    sizeof(made_after) / sizeof(made_after[0]));
	tcase_add_loop_test(sites, a_broken_promise_is_told, 0, sizeof(broken) / sizeof(broken[0]));
	suite_add_tcase(suite, sites);
	return suite_run(suite);
}
