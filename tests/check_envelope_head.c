/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of envelope_head(): of lines that begin with the bytes it tells, each
 * has the same envelope, whatever follows: notes of the log pipeline, lines
 * within lines, rows of tables, all that a line may prove to be further on.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "envelope.h"
#include "settings.h"
#include "tests/event_probe.h"
#include "tests/suite.h"

static struct settings *settings;

static void set_up(void)
{
	char *error = NULL;

	settings = settings_load(NULL, &error);
	ck_assert_msg(settings != NULL, "%s", error);
}

static void tear_down(void)
{
	settings_free(&settings);
}

static const char *const begins[] = {
	"Nov 14 08:29:00 mx2 postfix/smtp[18]: ",
	"2016-11-14T08:29:00Z mx2 postfix/smtp[18]: ",
	"<22>1 2016-11-14T08:29:00Z mx3 postfix/local 4 - - ",
	"<22>1 2016-11-14T08:29:00Z mx3 - 4 - - postfix/local[3]: ",
	"Nov 14 08:29:00 mx2 rsyslogd-2177: ",
	"Nov 14 08:29:00 mx2 systemd-journald[3]: ",
	"Nov 14 08:29:00 mx2 syslog-ng[3]: ",
	"Nov 14 08:29:00 mx2 ",
	"Nov 14 08:29:00 postfix/smtp[18]: ",
	"Nov 14 08:29:00 mx2 Aug 12: ",
	"Nov 14 08:29:00 relay Nov 14 08:29:01 mx2 postfix/smtp[18]: ",
	"2016-11-14 08:29:00 ",
	"2016-11-14T08:29:00Z Nov 14 08:29:01 mx2 postfix/smtp[18]: ",
	"2016-11-14T08:29:00Z 2016-11-14T08:29:00Z 2016-11-14T08:29:00Z ",
	"postfix-1  | Nov 14 08:29:01 mx2 postfix/smtp[18]: ",
	"Mon 2016-11-14 08:29:00 CET mx2 postfix/smtp[18]: ",
	"Mon 2016-11-14 08:29:00 CET mx2 postfix@-.service[18]: ",
	"1479112140 mx2 postfix/smtp[18]: ",
	"<23>",
	"",
};
static const char *const goes_on[] = {
	"4C5D81E3A2: to=<anna@example.org>, relay=none",
	"4C5D81E3A2: x",
	"message repeated 3 times: [ 4C5D81E3A2: removed]",
	"message repeated 3 timex: [ 4C5D81E3A2: removed]",
	"last message repeated 3 times",
	"last message repeated 3 timex",
	"--- last message repeated 3 times ---",
	"--- last message repeaten 3 times ---",
	"imuxsock lost 17 messages from pid 3 due to rate-limiting",
	"imuxsock lost 17 messages of pid 3",
	"Suppressed 17 messages from postfix.service",
	"Suppressed 17 messages of postfix.service",
	"Nov 14 08:29:01 mx3 postfix/qmgr[3]: 4C5D81E3A2: removed",
	"Nov 14 08:29:01 mx3",
	"08:29:01 mx3 postfix/qmgr[3]: 4C5D81E3A2: removed",
	"08:29:01 mx3 postfix is no tag: x",
	"2016-11-14T08:29:00Z,a,b,c,d,e",
	"2016-11-14T08:29:00Z a",
	"warning: 4C5D81E3A2: x",
	"[ID 197553 mail.info] 4C5D81E3A2: x",
	"[ID 197553 mail.info  4C5D81E3A2: x",
	"a,b,2016-11-14T08:29:00Z,c,SEND",
	"a,b,2016-11-14T08:29:00Z;c,SEND",
	"{\"message\": \"x\"}",
};

static void ck_envelope(const struct envelope *a, const struct envelope *b, const char *line)
{
	ck_number("time", a->time, b->time, line);
	ck_number("time_other", a->time_other, b->time_other, line);
	ck_number("resolution", a->resolution, b->resolution, line);
	ck_number("program_cut", a->program_cut, b->program_cut, line);
	ck_number("repeated", a->repeated, b->repeated, line);
	ck_number("repeats", a->repeats, b->repeats, line);
	ck_number("lost", (int64_t)a->lost, (int64_t)b->lost, line);
	ck_same("host", a->host, b->host, line);
	ck_same("instance", a->instance, b->instance, line);
	ck_same("program", a->program, b->program, line);
	ck_same("level", a->level, b->level, line);
}

/* Each line against each that begins so; how many pairs there were. */
static unsigned heads_judge(const char *begin)
{
	char text[2][256];
	unsigned pairs_judged = 0;
	size_t const ends = sizeof(goes_on) / sizeof(goes_on[0]);

	for (size_t i = 0; i < ends * ends; i++) {
		struct envelope_scratch *scratches[2] = {envelope_scratch_new(settings),
		                                         envelope_scratch_new(settings)};
		struct envelope_head head;
		struct envelope first, second;
		const char *why;
		size_t length;

		snprintf(text[0], sizeof(text[0]), "%s%s", begin, goes_on[i / ends]);
		snprintf(text[1], sizeof(text[1]), "%s%s", begin, goes_on[i % ends]);
		length = strlen(text[1]);
		if (envelope_open(scratches[0], slice_of(text[0]), 1479112140000000, &first, &why) == ENVELOPE_OK &&
		    (head = envelope_head(scratches[0])).length && length > head.length &&
		    memcmp(text[0], text[1], head.length) == 0) {
			ck_assert_int_eq(envelope_open(scratches[1], slice_of(text[1]),
			                               head.hinted ? 1479112140000000 : 0, &second, &why),
			                 ENVELOPE_OK);
			ck_envelope(&first, &second, text[1]);
			ck_same("text", slice_from(slice_of(text[1]), head.text), second.text, text[1]);
			ck_assert_ptr_eq(first.text.bytes, text[0] + head.text);
			pairs_judged++;
		}
		envelope_scratch_free(&scratches[0]);
		envelope_scratch_free(&scratches[1]);
	}
	return pairs_judged;
}

START_TEST(what_begins_alike_has_the_same_envelope)
{
	unsigned judged = 0;

	for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
		judged += heads_judge(begins[i]);
	ck_assert_uint_gt(judged, 20);
}
END_TEST

/* Columns of which the time is not the first can stand in any line: then no line's beginning tells what it is. */
START_TEST(where_rows_may_begin_as_they_like_no_head_tells)
{
	static char *const columns[] = {"client-ip,client-hostname,date-time,server-ip,event-id"};

	settings->input.columns = (struct settings_strings){(char **)columns, 1};
	ck_assert_uint_eq(heads_judge(begins[0]), 0);
	ck_assert_uint_eq(heads_judge(begins[1]), 0);
	settings->input.columns = (struct settings_strings){0};
}
END_TEST

static size_t head_after(struct envelope_scratch *scratch, const char *line)
{
	struct envelope envelope;
	const char *why;

	envelope_open(scratch, slice_of(line), 0, &envelope, &why);
	return envelope_head(scratch).length;
}

START_TEST(only_a_line_of_its_own_has_a_head)
{
	static const char plain[] = "Nov 14 08:29:00 mx2 postfix/smtp[18]: 4C5D81E3A2: removed";
	static const char *const others[] = {
		"",
		"what is it",
		"{\"message\": \"Nov 14 08:29:00 mx2 postfix/smtp[18]: 4C5D81E3A2: removed\"}",
		"2016-11-14T08:29:00.000Z,,,192.0.2.1,ex1,,,SMTP,RECEIVE,1,<m@e>,,a@e,,1,1,,,s,b@e,b@e,",
		"Nov 14 08:29:00 mx2 last message repeated 3 times",
		"Nov 14 08:29:00 relay Nov 14 08:29:01 mx2 postfix/smtp[18]: 4C5D81E3A2: removed",
		"Nov 14 08:29:00 mx2 postfix/smtp[18]: removed",
	};
	struct envelope_scratch *scratch = envelope_scratch_new(settings);

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		ck_assert_uint_eq(head_after(scratch, plain),
		                  strlen("Nov 14 08:29:00 mx2 postfix/smtp[18]: 4C5D81E3A2"));
		ck_assert_msg(head_after(scratch, others[i]) == 0, "%s", others[i]);
	}
	envelope_scratch_free(&scratch);
}
END_TEST

/* Likewise where a header told them. */
START_TEST(behind_a_header_no_head_tells)
{
	static const char plain[] = "Nov 14 08:29:00 mx2 postfix/smtp[18]: 4C5D81E3A2: removed";
	struct envelope_scratch *scratch = envelope_scratch_new(settings);
	struct envelope_source *source = envelope_source_new();

	envelope_use(scratch, source);
	ck_assert_uint_gt(head_after(scratch, plain), 0);
	ck_assert_uint_eq(head_after(scratch, "#Fields: client-ip,date-time,message-id,recipient-address,event-id"), 0);
	ck_assert_uint_eq(head_after(scratch, plain), 0);
	envelope_scratch_free(&scratch);
	envelope_source_free(&source);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("envelope_head");
	TCase *heads = tcase_create("heads");

	tcase_add_checked_fixture(heads, set_up, tear_down);
	tcase_add_test(heads, what_begins_alike_has_the_same_envelope);
	tcase_add_test(heads, where_rows_may_begin_as_they_like_no_head_tells);
	tcase_add_test(heads, only_a_line_of_its_own_has_a_head);
	tcase_add_test(heads, behind_a_header_no_head_tells);
	suite_add_tcase(suite, heads);
	return suite_run(suite);
}
