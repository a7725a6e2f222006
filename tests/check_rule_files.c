/* SPDX-License-Identifier: Apache-2.0
 *
 * The rule language: what a file may say, how values get into the event, what a
 * fault is called and where it is said to be, and that a sample that does not
 * hold is told. The words are those of mailstorm-rules(5), which is compared.
 */
#include "tests/rules_probe.h"

START_TEST(the_first_rule_that_matches_wins_in_order_of_files_and_rules)
{
	file_write("b.rules", HEAD "rule later\n\tignore\n\tpattern ^hit\n\tsample prog\n\t\thit b\n");
	file_write("a.rules", HEAD "rule first\n\tignore\n\tpattern ^hit\\ a\n\tsample prog\n\t\thit a\n"
	                           "rule second\n\tignore\n\tpattern ^hit\n\tsample prog\n\t\thit c\n");
	folder_load();
	ck_assert_int_eq(apply_line("", "prog", "hit a"), RULES_IGNORED);
	ck_assert_str_eq(taken, "a.rules:5 first");
	ck_assert_int_eq(apply_line("", "prog", "hit b"), RULES_IGNORED);
	ck_assert_str_eq(taken, "a.rules:10 second");
}
END_TEST

START_TEST(a_file_of_a_later_directory_replaces_one_of_the_same_name)
{
	char second[80];
	char command[256];
	const char *directories[] = {folder, second, NULL};
	char *error = NULL;

	file_write("a.rules", HEAD "rule old\n\tignore\n\tpattern ^x\n\tsample prog\n\t\tx\n");
	file_write("b.rules", HEAD "rule kept\n\tignore\n\tpattern ^y\n\tsample prog\n\t\ty\n");
	snprintf(second, sizeof(second), "%s/second", folder);
	snprintf(command, sizeof(command), "cd '%s' && mkdir second && sed s/old/new/ a.rules >second/a.rules", folder);
	ck_assert_int_eq(system(command), 0);
	rules = rules_load(directories, &error);
	ck_assert_ptr_nonnull(rules);
	scratch = rules_scratch_new(rules);
	apply_line("", "prog", "x");
	ck_assert_str_eq(taken, "a.rules:5 new");
	apply_line("", "prog", "y");
	ck_assert_str_eq(taken, "b.rules:5 kept");
	ck_assert_int_eq(strncmp(rules_version(rules), "test 1, test 1; ", 16), 0);
}
END_TEST

START_TEST(the_version_changes_with_any_rule)
{
	char *first;

	load(HEAD "rule a\n\tignore\n\tpattern ^x\n\tsample prog\n\t\tx\n");
	first = strdup(rules_version(rules));
	load(HEAD "rule a\n\tignore\n\tpattern ^x\n\tsample prog\n\t\tx\n");
	ck_assert_str_eq(rules_version(rules), first);
	load(HEAD "rule a\n\tignore\n\tpattern ^[x]\n\tsample prog\n\t\tx\n");
	ck_assert_str_ne(rules_version(rules), first);
	free(first);
}
END_TEST

START_TEST(fixed_values_words_and_refinements_fill_the_event)
{
	load(HEAD "define id\n\t[0-9A-F]+\n"
	          "rule a\n\tevent attempt\n\tset client local, size 7\n"
	          "\tpattern ^(?<queue_id>%{id}) \\ (?<recipient>\\S*) \\ (?<what>\\w+) (?: \\ (?<reason>.*) )?\n"
	          "\tword what\n\t\tok outcome sent\n\t\tno outcome bounced, permanent yes\n\t\t* outcome deferred\n"
	          "\twhen reason matches\n\t\tas[ ](?<next_queue_id>%{id})\n\tthen outcome handed\n"
	          "\twhen outcome handed, recipient LIST|Group\n\tthen manager yes\n"
	          "\tsample prog\n\t\tA1 x ok\n\texpect queue_id A1\n\t\trecipient x\n\t\tclient local\n\t\tsize 7\n"
	          "\t\toutcome sent\n");
	ck_assert_int_eq(apply_line("", "prog", "A1  no"), RULES_EVENT);
	ck_assert_int_eq(event.kind, EVENT_ATTEMPT);
	ck_assert_int_eq(event.outcome, OUTCOME_BOUNCED);
	ck_assert(event.permanent);
	ck_slice(event.client, "local");
	ck_slice(event.recipient, "");
	ck_assert_int_eq(event.size, 7);
	ck_assert(!slice_given(event.reason));
	ck_assert_int_eq(apply_line("", "prog", "A1 group maybe as B2"), RULES_EVENT);
	ck_assert_int_eq(event.outcome, OUTCOME_HANDED);
	ck_slice(event.next_queue_id, "B2");
	ck_assert(event.manager);
	ck_assert(!event.permanent);
}
END_TEST

START_TEST(a_refinement_may_want_a_text_within_a_field)
{
	load(HEAD "rule a\n\tevent attempt\n\tpattern ^(?<recipient>\\S+) (?: \\ (?<reason>.*) )?\n"
	          "\twhen reason has \"as B\", recipient x|y, reason matches\n\t\tas[ ](?<next_queue_id>\\w+)\n"
	          "\tthen manager yes\n\twhen reason has \"B2\"\n\tthen permanent yes\n"
	          "\tsample prog\n\t\tx\n\texpect recipient x\n");
	ck_assert_int_eq(apply_line("", "prog", "x it is as B2"), RULES_EVENT);
	ck_slice(event.next_queue_id, "B2");
	ck_assert(event.manager && event.permanent);
	/* As it stands, all of it, within the field alone; and the other conditions hold too. */
	ck_assert_int_eq(apply_line("", "prog", "y it is as b2"), RULES_EVENT);
	ck_assert(!slice_given(event.next_queue_id) && !event.manager && !event.permanent);
	ck_assert_int_eq(apply_line("", "prog", "z it is as B2"), RULES_EVENT);
	ck_assert(!slice_given(event.next_queue_id) && !event.manager && event.permanent);
	ck_assert_int_eq(apply_line("", "prog", "x it is as B"), RULES_EVENT);
	ck_slice(event.next_queue_id, "B");
	ck_assert(event.manager && !event.permanent);
	ck_assert_int_eq(apply_line("", "prog", "x it is as"), RULES_EVENT);
	ck_assert(!slice_given(event.next_queue_id) && !event.manager && !event.permanent);
	ck_assert_int_eq(apply_line("", "prog", "x"), RULES_EVENT);
	ck_assert(!slice_given(event.reason) && !event.manager && !event.permanent);
}
END_TEST

START_TEST(the_text_within_may_begin_a_few_times_before_it_is_there)
{
	load(HEAD "rule a\n\tevent attempt\n\tpattern ^(?<reason>.*)\n\twhen reason has \"ab\"\n\tthen permanent yes\n"
	          "\tsample prog\n\t\tx\n\texpect reason x\n");
	for (int begun = 0; begun < 9; begun++) {
		char text[16] = "", there[64];

		memset(text, 'a', (size_t)begun);
		ck_assert_int_eq(apply_line("", "prog", text), RULES_EVENT);
		ck_assert_msg(!event.permanent, "%s", text);
		snprintf(there, sizeof(there), "%sxab", text);
		ck_assert_int_eq(apply_line("", "prog", there), RULES_EVENT);
		ck_assert_msg(event.permanent, "%s", there);
		snprintf(there, sizeof(there), "%sab%sxa", text, text);
		ck_assert_int_eq(apply_line("", "prog", there), RULES_EVENT);
		ck_assert_msg(event.permanent, "%s", there);
	}
}
END_TEST

START_TEST(a_word_that_the_rule_does_not_list_is_no_match)
{
	load(HEAD "rule a\n\tevent removed\n\tpattern ^(?<what>\\w+)\n\tword what\n\t\tgone outcome admin\n"
	          "\tsample prog\n\t\tgone\n\texpect outcome admin\n"
	          "rule b\n\tignore\n\tpattern ^back\n\tsample prog\n\t\tback\n");
	ck_assert_int_eq(apply_line("", "prog", "back"), RULES_IGNORED);
	ck_assert_str_eq(taken, "t.rules:13 b");
	ck_assert_int_eq(apply_line("", "prog", "other"), RULES_UNPARSED);
}
END_TEST

START_TEST(levels_literals_and_programs_narrow_a_rule)
{
	struct envelope envelope = envelope_of("site1", "else", "x needle");

	load(HEAD "rule a\n\tprograms prog\n\tignore\n\tpattern ^x\n\tsample prog\n\t\tx\n"
	          "rule b\n\tprograms other\n\tliteral \"needle\"\n\tlevels warning fatal\n\tignore\n\tpattern ^x\n"
	          "\tsample site1/else fatal\n\t\tx needle\n");
	ck_assert_int_eq(apply(&envelope), RULES_UNPARSED);
	envelope.level = SLICE("warning");
	ck_assert_int_eq(apply(&envelope), RULES_IGNORED);
	envelope.level = SLICE("error");
	ck_assert_int_eq(apply(&envelope), RULES_UNPARSED);
	envelope.level = SLICE("fatal");
	envelope.text = SLICE("x need");
	ck_assert_int_eq(apply(&envelope), RULES_UNPARSED);
	envelope.program = SLICE("prog");
	ck_assert_int_eq(apply(&envelope), RULES_IGNORED);
	ck_assert_str_eq(taken, "t.rules:5 a");
	envelope.instance = SLICE("elsewhere");
	envelope.program = SLICE("else");
	ck_assert_int_eq(apply(&envelope), RULES_IGNORED);
	ck_assert_ptr_null(taken);
}
END_TEST

START_TEST(delays_become_microseconds)
{
	static const struct {
		const char *text;
		int64_t microseconds;
	} cases[] = {
		{"0", 0},
		{"0.51", 510000},
		{"86403", 86403000000},
		{"1.0000019", 1000001},
		{"00:00:05", 5000000},
		{"2+01:02:03", 176523000000},
		{"10000000", 10000000000000},
		{"99999999999999999999", -1},
		{"1:2", -1},
		{"1.", -1},
		{".5", -1},
		{"1.x", -1},
		{"+1", -1},
		{"1+2", -1},
		{"::", -1},
	};

	load(HEAD "rule a\n\tevent attempt\n\tpattern ^d=(?<delay>\\S*)$\n\tsample prog\n\t\td=1\n\texpect delay 1\n");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char line[64];

		snprintf(line, sizeof(line), "d=%s", cases[i].text);
		ck_assert_int_eq(apply_line("", "prog", line), RULES_EVENT);
		ck_assert_msg(event.delay == cases[i].microseconds, "%s: %lld", cases[i].text, (long long)event.delay);
	}
}
END_TEST

START_TEST(a_number_beyond_64_bits_is_not_given)
{
	load(HEAD "rule a\n\tevent queued\n\tpattern ^s=(?<size>\\d*)$\n\tsample prog\n\t\ts=1\n\texpect size 1\n");
	apply_line("", "prog", "s=9223372036854775807");
	ck_assert_int_eq(event.size, INT64_MAX);
	apply_line("", "prog", "s=9223372036854775808");
	ck_assert_int_eq(event.size, -1);
	apply_line("", "prog", "s=");
	ck_assert_int_eq(event.size, -1);
}
END_TEST

/* A file, and what its loading says behind "t.rules:". */
/* clang-format off */
static const struct fault {
	const char *text;
	const char *error;
} faults[] = {
	{"", "1: 'parser' and 'version' are wanted"},
	{"parser a b\n", "1: one word is wanted"},
	{"parser a\nparser b\n", "2: parser is given twice"},
	{"parser a\nversion 1\n", "1: 'programs' or 'instances' are wanted"},
	{"programs\n", "1: a name is wanted"},
	{HEAD, "1: no rule in it"},
	{HEAD "frob x\n", "5: unknown keyword 'frob'"},
	{"\tparser x\n", "1: indented, but no statement stands above"},
	{HEAD "rule\n", "5: rule: one word, its name, is wanted"},
	{HEAD "rule a\n\t\tx\n", "6: indented, but no statement stands above"},
	{HEAD "rule a\n  ignore\n", "6: indented with blanks; tabs are wanted"},
	{HEAD "rule a\n\tfrob\n", "6: unknown keyword 'frob' in a rule"},
	{HEAD "rule a\n\tevent frob\n", "6: 'frob' is no kind of event"},
	{HEAD "rule a\n\tignore\n\tevent held\n", "7: a second 'event' or 'ignore'"},
	{HEAD "rule a\n\tignore\n", "5: rule a has no pattern"},
	{HEAD "rule a\n\tpattern x\n", "5: rule a has neither 'event' nor 'ignore'"},
	{HEAD "rule a\n\tignore\n\tpattern x\n", "5: rule a has no sample"},
	{HEAD "rule a\n\tignore\n\tpattern x\n\tpattern y\n", "8: a second pattern"},
	{HEAD "rule a\n\tignore\n\tpattern\n\tsample prog\n\t\tx\n", "7: empty pattern"},
	{HEAD "rule a\n\tignore\n\tset size 1\n\tpattern x\n\tsample prog\n\t\tx\n",
	 "5: rule a sets values of a line that it ignores"},
	{HEAD "rule a\n\tevent held\n\tset size\n", "7: '' is no value of size"},
	{HEAD "rule a\n\tevent held\n\tset size many\n", "7: 'many' is no value of size"},
	{HEAD "rule a\n\tevent held\n\tset outcome lost\n", "7: 'lost' is no value of outcome"},
	{HEAD "rule a\n\tevent held\n\tset manager maybe\n", "7: 'maybe' is no value of manager"},
	{HEAD "rule a\n\tevent held\n\tset colour red\n", "7: 'colour' is no field of an event"},
	{HEAD "rule a\n\tevent held\n\tset size 1,\n\t\tcolour red\n", "8: 'colour' is no field of an event"},
	{HEAD "rule a\n\tlevels loud\n", "6: 'loud' is no level"},
	{HEAD "rule a\n\tliteral x\n", "6: literal: a text between '\"' is wanted"},
	{HEAD "rule a\n\tthen size 1\n", "6: 'then' without a 'when' right above"},
	{HEAD "rule a\n\texpect size 1\n", "6: 'expect' without a 'sample' right above"},
	{HEAD "rule a\n\tsample prog\n", "6: sample: a program, and a line under it, are wanted"},
	{HEAD "rule a\n\tsample prog warning x\n\t\ty\n", "6: sample: 'x' is one word too many"},
	{HEAD "rule a\n\tsample prog\n\t\tx\n\texpect colour red\n", "8: 'colour' is no field of an event"},
	{HEAD "rule a\n\tsample prog\n\t\tx\n\texpect\n", "8: expect: a field is wanted"},
	{HEAD "rule a\n\trepeats\n", "6: repeats: a field is wanted"},
	{HEAD "rule a\n\trepeats colour\n", "6: repeats: 'colour' is no field of text"},
	{HEAD "rule a\n\trepeats size\n", "6: repeats: 'size' is no field of text"},
	{HEAD "rule a\n\trepeats recipient reason code\n", "6: repeats: two fields at most"},
	{HEAD "rule a\n\trepeats recipient\n\trepeats recipient\n", "7: a second repeats"},
	{HEAD "rule a\n\trepeats recipient\n\t\treason\n", "7: 'repeats' takes no more lines"},
	{HEAD "rule a\n\tevent held\n\trepeats recipient reason\n\tpattern (?<recipient>x)\n\tsample prog\n\t\tx\n",
	 "5: the pattern of rule a has no group 'reason'"},
	{HEAD "rule a\n\tevent held\n\tfurther\n\trepeats recipient\n\tpattern (?<recipient>x)\n\tsample prog\n\t\tx\n",
	 "5: rule a has repeats, and does not make one event of a line"},
	{HEAD "rule a\n\tword w\n", "6: word: a group's name, and lines under it, are wanted"},
	{HEAD "rule a\n\tevent held\n\tpattern x\n\tword w\n\t\tx size 1\n\tsample prog\n\t\tx\n",
	 "5: the pattern of rule a has no group 'w'"},
	{HEAD "rule a\n\twhen size matches\n\t\tx\n", "6: size is no text to match"},
	{HEAD "rule a\n\twhen reason matches, dsn matches\n\t\tx\n", "6: only one field may be matched"},
	{HEAD "rule a\n\twhen reason\n", "6: a value of reason, or 'has' or 'matches', is wanted"},
	{HEAD "rule a\n\twhen size has \"1\"\n", "6: size is no text"},
	{HEAD "rule a\n\twhen reason has queued\n", "6: has: a text between '\"' and without ',' is wanted"},
	{HEAD "rule a\n\twhen reason has \"\"\n", "6: has: a text between '\"' and without ',' is wanted"},
	{HEAD "rule a\n\twhen reason has \"a,b\"\n", "6: has: a text between '\"' and without ',' is wanted"},
	{HEAD "rule a\n\twhen reason x\n\t\ty\n", "7: 'when' takes no more lines"},
	{HEAD "rule a\n\twhen reason matches\n", "6: empty pattern"},
	{HEAD "rule a\n\tevent held\n\tpattern x\n\twhen size 1\n\tsample prog\n\t\tx\n",
	 "5: the 'when' number 1 of rule a sets nothing"},
	{HEAD "rule a\n\twhen reason matches\n\t\t(?<colour>x)\n", "6: pattern: group 'colour' is no field of an event"},
	{HEAD "rule a\n\tignore\n\tpattern (?<manager>x)\n\tsample prog\n\t\tx\n",
	 "7: pattern: group 'manager' is no field that a group may fill"},
	{HEAD "rule a\n\tignore\n\tpattern\n\t\tx\n\t\t# a remark\n\t\ty (z\n\t\tx\n\tsample prog\n\t\tx\n",
	 "11: pattern: missing closing parenthesis"},
	{HEAD "rule a\n\tignore\n\tpattern\n\t\tx\n\t\ty [b-a]\n\t\tx\n\tsample prog\n\t\tx\n",
	 "9: pattern: range out of order in character class"},
	{HEAD "define m\n\ta\n\t[b-a]\nrule a\n\tignore\n\tpattern\n\t\tx\n\t\t%{m}\n\tsample prog\n\t\tx\n",
	 "12: pattern: range out of order in character class"},
	{HEAD "rule a\n\tignore\n\tpattern %{gone}\n\tsample prog\n\t\tx\n", "7: no macro 'gone' is defined above"},
	{HEAD "rule a\n\tignore\n\tpattern %{gone\n\tsample prog\n\t\tx\n", "7: '%{' without '}'"},
	{HEAD "rule a\n\tignore\n\tpattern\n\t\tx\\\n\tsample prog\n\t\tx\n",
	 "8: a pattern's line ends in '\\': write a blank as [ ]"},
	{HEAD "rule a\n\tignore\n\tpattern (*UTF)x\n\tsample prog\n\t\tx\n",
	 "7: pattern: using UTF is disabled by the application"},
	{HEAD "define m\n\tx\ndefine m\n\ty\n", "7: macro 'm' is defined twice"},
	{HEAD "rule a\n\tignore\n\tpattern x\n\tsample prog\n\t\tx\nrule a\n", "10: a second rule a"},
};
/* clang-format on */

START_TEST(a_fault_is_told_with_its_file_and_line)
{
	const struct fault *fault = &faults[_i];
	const char *const directories[] = {folder, NULL};
	char wanted[512];
	char *error = NULL;

	file_write("t.rules", fault->text);
	snprintf(wanted, sizeof(wanted), "%s/t.rules:%s", folder, fault->error);
	rules = rules_load(directories, &error);
	ck_assert_ptr_null(rules);
	ck_assert_str_eq(error, wanted);
	free(error);
}
END_TEST

START_TEST(a_folder_that_is_not_there_or_empty_is_a_fault)
{
	const char *const gone[] = {"/nonexistent/rules", NULL};
	const char *const empty[] = {folder, NULL};
	char wanted[128];
	char *error = NULL;

	ck_assert_ptr_null(rules_load(gone, &error));
	ck_assert_str_eq(error, "/nonexistent/rules: cannot be listed: No such file or directory");
	free(error);
	file_write(".hidden.rules", "x\n");
	file_write("t.rules~", "x\n");
	file_write(".rules", "x\n");
	ck_assert_ptr_null(rules_load(empty, &error));
	snprintf(wanted, sizeof(wanted), "%s: no *.rules file", folder);
	ck_assert_str_eq(error, wanted);
	free(error);
}
END_TEST

START_TEST(a_folder_under_a_rule_file_s_name_is_a_fault)
{
	const char *const directories[] = {folder, NULL};
	char command[128];
	char *error = NULL;

	snprintf(command, sizeof(command), "mkdir '%s/x.rules'", folder);
	ck_assert_int_eq(system(command), 0);
	ck_assert_ptr_null(rules_load(directories, &error));
	ck_assert_ptr_nonnull(strstr(error, "/x.rules: cannot be read: "));
	free(error);
}
END_TEST

START_TEST(comments_and_blank_lines_may_stand_anywhere)
{
	load("# one\n\n" HEAD "# two\ndefine m\n\t# of the pattern\n\tx\n\nrule a\n\n\t# three\n\tignore\r\n"
	     "\tpattern\n\t\t^ %{m} # of the pattern\n\n\t\ty $\n# four\n\t# five\n\tsample prog\n\n\t\txy\n");
	ck_assert_int_eq(apply_line("", "prog", "xy"), RULES_IGNORED);
}
END_TEST

/* What a sample's check prints, behind the line that names it. */
static char *samples_checked(const char *text, unsigned *failures, unsigned *run)
{
	char *printed = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&printed, &length);

	load(text);
	*failures = rules_check_samples(rules, out, run);
	fclose(out);
	return printed;
}

START_TEST(a_sample_that_does_not_hold_is_told_field_by_field)
{
	unsigned failures, run;
	char wanted[512];
	char *printed = samples_checked(
		HEAD "rule a\n\tevent attempt\n\tset manager yes\n\tpattern ^(?<queue_id>\\w+)\\ (?<delay>[\\d.]+)\n"
		     "\tsample prog\n\t\tA1 0.5\n\texpect queue_id A1\n\t\tdelay 0.5\n\t\tmanager yes\n"
		     "\tsample prog\n\t\tA1 0.5\n\texpect queue_id A2\n\t\tdelay 0.5\n\t\tsender\n",
		&failures, &run);

	snprintf(wanted, sizeof(wanted),
	         "%s/t.rules:14: sample of rule a: A1 0.5\n"
	         "\twanted: queue_id 'A2'\n\tgot   : queue_id 'A1'\n"
	         "\twanted: sender ''\n\tgot   : sender is not given\n"
	         "\twanted: manager is not given\n\tgot   : manager 'yes'\n",
	         folder);
	ck_assert_str_eq(printed, wanted);
	ck_assert_uint_eq(failures, 1);
	ck_assert_uint_eq(run, 2);
	free(printed);
}
END_TEST

START_TEST(a_sample_that_another_rule_takes_or_none_is_told)
{
	unsigned failures, run;
	char wanted[512];
	char *printed = samples_checked(HEAD "rule a\n\tignore\n\tpattern ^x\n\tsample prog\n\t\tx\n"
	                                     "rule b\n\tignore\n\tpattern ^xy\n\tsample prog\n\t\txy\n"
	                                     "\tsample prog\n\t\tz\n\tsample unclaimed\n\t\txy\n",
	                                &failures, &run);

	snprintf(wanted, sizeof(wanted),
	         "%s/t.rules:13: sample of rule b: xy\n\ttaken by t.rules:5 a\n"
	         "%s/t.rules:15: sample of rule b: z\n\tunparsed: no rule\n"
	         "%s/t.rules:17: sample of rule b: xy\n\tno file claims its program\n",
	         folder, folder, folder);
	ck_assert_str_eq(printed, wanted);
	ck_assert_uint_eq(failures, 3);
	ck_assert_uint_eq(run, 4);
	free(printed);
}
END_TEST

START_TEST(a_sample_s_tag_tells_instance_program_and_level)
{
	unsigned failures, run;
	char *printed =
		samples_checked(HEAD
	                        "rule a\n\tprograms prog\n\tlevels error\n\tevent held\n\tpattern ^(?<reason>.*)$\n"
	                        "\tsample site/x/prog error\n\t\tone\n\t\ttwo\n\texpect reason one two\n"
	                        "\tsample site cut error\n\t\tone\n\texpect reason one\n",
	                        &failures, &run);

	ck_assert_str_eq(printed, "");
	ck_assert_uint_eq(failures, 0);
	ck_assert_uint_eq(run, 2);
	free(printed);
}
END_TEST

static char *manual_read(void)
{
	const char *top = getenv("TOP_SRCDIR");
	char path[512];
	char *text;
	FILE *stream;
	size_t length;

	snprintf(path, sizeof(path), "%s/parsers/mailstorm-rules.5", top ? top : ".");
	stream = fopen(path, "r");
	ck_assert_ptr_nonnull(stream);
	text = malloc(1 << 20);
	length = fread(text, 1, (1 << 20) - 1, stream);
	fclose(stream);
	text[length] = '\0';
	return text;
}

START_TEST(every_kind_field_outcome_and_keyword_is_in_the_manual)
{
	/* clang-format off */
	static const char *const names[] = {
#define X(symbol, name, meaning) name,
		EVENT_KINDS(X)
#undef X
#define X(member, meaning) #member,
		EVENT_TEXTS(X) EVENT_NUMBERS(X)
#undef X
#define X(symbol, name) name,
		EVENT_OUTCOMES(X)
#undef X
		"outcome", "manager", "permanent", "notification", "automatic", "parser",  "version", "programs",
		"instances", "define", "rule", "about", "levels", "event", "ignore", "set", "literal", "pattern",
		"word", "when", "then", "sample", "expect", "further", "each", "count", "wrap", "unescape", "compact",
		"qualify",
	};
	/* clang-format on */
	char *text = manual_read();

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char item[64];

		snprintf(item, sizeof(item), "\n.It Cm %s", names[i]);
		ck_assert_msg(strstr(text, item) != NULL, "mailstorm-rules(5) has no item '%s'", names[i]);
	}
	free(text);
}
END_TEST

/* The page's literal blocks, each with its file's name in a remark before all else. */
static void manual_examples_write(char *text)
{
	char *block = text;

	while ((block = strstr(block, "\n.Bd -literal -offset indent\n# "))) {
		char *name = strstr(block, "\n# ") + 3;
		char *end = strstr(name, "\n.Ed\n");
		char *from, *to;

		*strchr(name, '\n') = ' ';
		*end = '\0';
		for (from = to = name; *from; from++, to++) {
			*to = *from;
			from += from[0] == '\\' && from[1] == 'e';
		}
		*to = '\0';
		from = strchr(name, ' ');
		*from++ = '\0';
		file_write(name, from);
		block = end + 1;
	}
}

START_TEST(the_manual_s_examples_hold)
{
	char *text = manual_read();
	unsigned run = 0;

	manual_examples_write(text);
	folder_load();
	ck_assert_uint_eq(rules_check_samples(rules, stdout, &run), 0);
	ck_assert_uint_eq(run, 5);
	ck_assert_int_eq(strncmp(rules_version(rules), "exim 1, maildesk 1; ", 20), 0);
	free(text);
}
END_TEST

static TCase *files(void)
{
	TCase *tcase = tcase_create("files");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, the_first_rule_that_matches_wins_in_order_of_files_and_rules);
	tcase_add_test(tcase, a_file_of_a_later_directory_replaces_one_of_the_same_name);
	tcase_add_test(tcase, the_version_changes_with_any_rule);
	tcase_add_test(tcase, fixed_values_words_and_refinements_fill_the_event);
	tcase_add_test(tcase, a_refinement_may_want_a_text_within_a_field);
	tcase_add_test(tcase, the_text_within_may_begin_a_few_times_before_it_is_there);
	tcase_add_test(tcase, a_word_that_the_rule_does_not_list_is_no_match);
	tcase_add_test(tcase, levels_literals_and_programs_narrow_a_rule);
	tcase_add_test(tcase, delays_become_microseconds);
	tcase_add_test(tcase, a_number_beyond_64_bits_is_not_given);
	tcase_add_loop_test(tcase, a_fault_is_told_with_its_file_and_line, 0,
	                    (int)(sizeof(faults) / sizeof(faults[0])));
	tcase_add_test(tcase, a_folder_that_is_not_there_or_empty_is_a_fault);
	tcase_add_test(tcase, a_folder_under_a_rule_file_s_name_is_a_fault);
	tcase_add_test(tcase, comments_and_blank_lines_may_stand_anywhere);
	tcase_add_test(tcase, a_sample_that_does_not_hold_is_told_field_by_field);
	tcase_add_test(tcase, a_sample_that_another_rule_takes_or_none_is_told);
	tcase_add_test(tcase, a_sample_s_tag_tells_instance_program_and_level);
	tcase_add_test(tcase, every_kind_field_outcome_and_keyword_is_in_the_manual);
	tcase_add_test(tcase, the_manual_s_examples_hold);
	return tcase;
}

int main(void)
{
	Suite *suite = suite_create("rule_files");

	suite_add_tcase(suite, files());
	return suite_run(suite);
}
