/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of lines that repeat each other: whatever a line says is what it says
 * alone, whether it is parsed behind one that it repeats or not. Lines made at
 * random, and those that real servers wrote, are parsed in one batch and each
 * by itself; every field of every event must be the same.
 */
#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#include "daemon/base/memory.h"
#include "daemon/work.h"
#include "tests/event_probe.h"
#include "tests/rules_probe.h"

#define LINES_MOST 4096
#define LINE_MOST 1024

static struct settings *settings;
static char (*lines)[LINE_MOST];
static int64_t stamps[LINES_MOST]; /* of the records */
static unsigned count;

static void lines_set_up(void)
{
	char *error = NULL;

	settings = settings_load(NULL, &error);
	ck_assert_msg(settings != NULL, "%s", error);
	settings->input.timezone = NULL;
	lines = memory_zeroed(LINES_MOST, sizeof(*lines));
	shipped_load();
}

static void lines_tear_down(void)
{
	rules_scratch_free(&scratch);
	rules_free(&rules);
	free(lines);
	settings_free(&settings);
}

/* Parses lines [from, until) of one source as one batch. */
static struct work *parsed(unsigned from, unsigned until)
{
	struct envelope_scratch *envelopes = envelope_scratch_new(settings);
	struct work *work = work_new();

	for (unsigned i = from; i < until; i++)
		batch_append(work->batch, (struct record){.bytes = slice_of(lines[i]), .timestamp = stamps[i]});
	work_parse(work, rules, settings, envelopes, scratch);
	envelope_scratch_free(&envelopes);
	return work;
}

/* What the recipients of one transaction share. */
static void ck_transaction(const struct event *a, const struct event *b, const char *line)
{
	ck_number("a delivery", true, b->kind == EVENT_ATTEMPT && b->outcome == OUTCOME_SENT && !b->manager, line);
	ck_number("kind", a->kind, b->kind, line);
	ck_number("outcome", a->outcome, b->outcome, line);
	ck_number("manager", a->manager, b->manager, line);
	ck_number("resolution", a->resolution, b->resolution, line);
	ck_same("host", a->host, b->host, line);
	ck_same("instance", a->instance, b->instance, line);
	ck_same("program", a->program, b->program, line);
	ck_same("queue ID", a->queue_id, b->queue_id, line);
	ck_same("original recipient", a->original_recipient, b->original_recipient, line);
	ck_same("relay", a->relay, b->relay, line);
	ck_same("next queue ID", a->next_queue_id, b->next_queue_id, line);
	ck_same("sender", a->sender, b->sender, line);
	ck_same("Message-ID", a->message_id, b->message_id, line);
}

static void ck_keys(const struct work *a, const struct keys *of, const struct work *b, const char *line)
{
	const struct keys *alone = &b->keys[0];

	ck_same("key of the mailbox", of->mailbox.text, alone->mailbox.text, line);
	ck_same("key of the original recipient", of->names->via.text, alone->names->via.text, line);
	ck_same("key of the queue ID", of->names->queue_id.text, alone->names->queue_id.text, line);
	ck_number("hash of the mailbox", (int64_t)of->mailbox.hash, (int64_t)alone->mailbox.hash, line);
	ck_number("hash of the queue ID", (int64_t)of->names->queue_id.hash, (int64_t)alone->names->queue_id.hash,
	          line);
	ck_number("hash of the host", (int64_t)of->names->host, (int64_t)alone->names->host, line);
	ck_number("delay", of->delay, alone->delay, line);
	if (of->same_transaction)
		ck_transaction(&a->events[of->event], &b->events[alone->event], line);
	else
		ck_event(&a->events[of->event], &b->events[alone->event], line);
}

/* Line number `of` of the batch, which may be one of several that are told as one. */
static void ck_line(const struct work *a, const struct line *told, uint32_t of, const struct work *b, const char *text)
{
	const struct line *alone = &b->lines[0];

	ck_assert_uint_eq(b->line_count, 1);
	ck_number("result", told->result, alone->result, text);
	ck_number("timed", told->timed, alone->timed, text);
	ck_number("time", told->time, alone->time, text);
	ck_number("time_other", told->time_other, alone->time_other, text);
	ck_number("repeated", told->repeated, alone->repeated, text);
	ck_number("lost", (int64_t)told->lost, (int64_t)alone->lost, text);
	ck_number("last", told->last, alone->last, text);
	ck_number("told", told->told != 0, alone->told != 0, text);
	ck_same("host", told->host.text, alone->host.text, text);
	ck_same("program", told->program, alone->program, text);
	ck_same("reason", slice_of(told->reason), slice_of(alone->reason), text);
	if (told->lines == 1) {
		ck_same("text", told->text, alone->text, text);
		ck_number("events", told->key_count, alone->key_count, text);
	}
	ck_assert_uint_eq(alone->lines, 1);
	if (alone->key_count == 1)
		ck_keys(a, &a->keys[told->key + of], b, text);
}

/* How many were taken for repetitions. */
static unsigned lines_judge(void)
{
	struct work *all = parsed(0, count);
	unsigned at = 0;

	for (uint32_t i = 0; i < all->line_count; i++) {
		const struct line *line = &all->lines[i];

		ck_number("record", line->record, at, lines[at]);
		ck_assert(line->lines == 1 || (line->result == LINE_EVENT && line->key_count == line->lines));
		for (uint32_t k = 0; k < line->lines; k++, at++) {
			struct work *alone = parsed(at, at + 1);

			ck_line(all, line, k, alone, lines[at]);
			work_free(&alone);
		}
	}
	ck_assert_uint_eq(at, count);
	at -= all->line_count;
	work_free(&all);
	return at;
}

/* --- made at random ---------------------------------------------------------------------------- */

static uint64_t random_state;

static unsigned at_random(unsigned below)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)((random_state >> 33) % below);
}

#define ONE_OF(list) ((list)[at_random(sizeof(list) / sizeof((list)[0]))])

static const char *const heads[] = {
	"2016-11-14T08:29:00.123456+00:00 mx1 postfix/smtp[17]: ",
	"2016-11-14T08:29:01.5Z mx1 postfix/lmtp[17]: ",
	"Nov 14 08:29:00 mx2 postfix/smtp[18]: ",
	"<22>Nov 14 08:29:00 mx2 postfix-out/relay/smtp[18]: ",
	"<22>1 2016-11-14T08:29:00Z mx3 postfix/local 4 - - ",
	"Nov 14 08:29:00 mx2 postfix/smtp[18]: warning: ",
	"Nov 14 08:29:00 mx2 postfix[18]: ",
	"Nov 14 08:29:00 relay Nov 14 08:29:00 mx2 postfix/smtp[18]: ",
	"Nov 14 08:29:00 mx2 postfix/error[18]: ",
	"Nov 14 08:29:00 mx2 postfix/smtp[18]:   ",
	"{\"message\": \"Nov 14 08:29:00 mx2 postfix/smtp[18]: ",
};
static const char *const ids[] = {"3tHMbQ3FtNzB6kv", "4C5D81E3A2", "mQwErTy123456", "lAsT12", "20161114", "NOQUEUE"};
static const char *const recipients[] = {
	"<anna@example.org>",
	"<Ben.Brown+x@Sub.example.org>",
	"<c>",
	"<\"a b\"@example.org>",
	"<\"x>, relay=none\"@e.org>",
	"<>",
	"d@example.org",
	"<a@b>, orig_to=<c@d>",
	"<anna@example.org",
	"<e>, relay=x, delay=1, dsn=2.0.0, status=sent (y)",
	"<\xc3\xa4@example.org>",
	"<a b@example.org>",
};
static const char *const middles[] = {
	", relay=mx.example.org[192.0.2.25]:25, delay=0.51, delays=0.02/0/0.3/0.19, dsn=2.0.0, status=sent (",
	", orig_to=<all@example.org>, relay=local, delay=0.1, delays=0/0/0/0.1, dsn=2.0.0, status=sent (",
	", relay=mail[private/dovecot-lmtp], conn_use=3, delay=65, delays=60/0/4/1, dsn=2.0.0, status=sent (",
	", relay=none, delay=3, delays=3/0/0/0, dsn=4.4.1, status=deferred (",
	", relay=none, delay=3, delays=3/0/0/0, dsn=2.0.0, status=sent (",
	", relay=mx.example.org[192.0.2.25]:25, delay=1, delays=1/0/0/0, dsn=5.1.1, status=bounced (",
	", relay=mailman, delay=1, delays=1/0/0/0, dsn=2.0.0, status=sent (",
	", relay=x, delay=1, dsn=2.0.0, status=strange (",
};
static const char *const reasons[] = {
	"250 2.0.0 Ok: queued as 9F1B2C3D4E)",
	"250 OK id=1hXyzA-0003oP-5i)",
	"250 2.0.0 <anna@example.org> 17l9CZ6R3Yz5y Saved)",
	"250 2.6.0 <m1@example.org> [InternalId=4711, Hostname=ex1] 7531 bytes in 0.1, 70.0 KB/sec Queued mail for delivery)",
	"forwarded as 1A2B3C4D5E)",
	"delivered to command: /usr/lib/mailman/mail/mailman post all)",
	"host mx.example.org[192.0.2.25] said: 550 5.1.1 No such user (in reply to RCPT TO command))",
	"connect to mx.example.org[192.0.2.25]:25: Connection timed out)",
	")",
	"a) (b)",
	"no bracket",
	"blanks behind)  ",
	"message repeated 3 times: [ x])",
};

static void line_break(char *line)
{
	size_t length = strlen(line), at = at_random((unsigned)length + 1);

	switch (at_random(4)) {
	case 0: line[at] = '\0'; break;
	case 1: line[at] = at < length ? (char)(1 + at_random(255)) : '\0'; break;
	case 2:
		if (length + 2 < LINE_MOST) {
			memmove(line + at + 1, line + at, length + 1 - at);
			line[at] = (char)(32 + at_random(95));
		}
		break;
	default:
		if (at < length)
			memmove(line + at, line + at + 1, length - at);
		break;
	}
	/* A record of several lines is another test's. */
	for (char *c = line; *c; c++)
		if (*c == '\n')
			*c = '!';
}

/* Mostly a line that differs from the one before in its recipient, its reason, or nothing. */
static void lines_make(uint64_t seed)
{
	const char *head = heads[0], *id = ids[0], *recipient = recipients[0], *middle = middles[0],
		   *answer = reasons[0];

	random_state = seed * 977 + 5;
	for (count = 0; count < 200; count++) {
		recipient = at_random(8) ? recipients[at_random(3)] : ONE_OF(recipients);
		answer = at_random(3) ? answer : ONE_OF(reasons);
		if (at_random(30) == 0)
			head = ONE_OF(heads);
		if (at_random(30) == 0)
			id = ONE_OF(ids);
		if (at_random(30) == 0)
			middle = ONE_OF(middles);
		snprintf(lines[count], LINE_MOST, "%s%s: to=%s%s%s%s", head, id, recipient, middle, answer,
		         head[0] == '{' ? "\"}" : "");
		if (at_random(8) == 0)
			line_break(lines[count]);
		stamps[count] = at_random(20) ? 1479112140000000 : 1579112140000000;
	}
}

START_TEST(a_line_means_what_it_means_alone)
{
	unsigned repetitions = 0, made = 0;

	for (uint64_t seed = 1; seed <= 150; seed++) {
		lines_make(seed);
		repetitions += lines_judge();
		made += count;
	}
	/* Neither none nor all. */
	ck_assert_uint_gt(repetitions, made / 5);
	ck_assert_uint_lt(repetitions, made * 4 / 5);
}
END_TEST

/* --- written by real servers ---------------------------------------------------------------------- */

static void log_judge(const char *path, unsigned *read, unsigned *repetitions)
{
	gzFile file = gzopen(path, "rb");

	ck_assert_ptr_nonnull(file);
	do {
		for (count = 0; count < LINES_MOST && gzgets(file, lines[count], LINE_MOST); count++) {
			lines[count][strcspn(lines[count], "\n")] = '\0';
			stamps[count] = 1800000000000000;
		}
		*read += count;
		*repetitions += lines_judge();
	} while (count == LINES_MOST);
	gzclose(file);
}

START_TEST(real_lines_mean_what_they_mean_alone)
{
	static const char *const logs[] = {"postfix/aliases/lists", "postfix/filter/mxa",    "postfix/filter/mxb",
	                                   "postfix/rsyslog/lists", "postfix/rsyslog/store", "postfix/virtual/lists",
	                                   "postfix/virtual/store", "exim/aliases/lists",    "exim/aliases/store"};
	const char *top = getenv("TOP_SRCDIR");
	unsigned read = 0, repetitions = 0;

	for (size_t i = 0; i < sizeof(logs) / sizeof(logs[0]); i++) {
		char path[512];

		snprintf(path, sizeof(path), "%s/tests/data/%s.log.gz", top ? top : ".", logs[i]);
		log_judge(path, &read, &repetitions);
	}
	ck_assert_uint_gt(read, 5000);
	ck_assert_uint_gt(repetitions, read / 100);
}
END_TEST

/* What a line tells of its source is not told again by one that repeats it: here, that a document ended early. */
START_TEST(what_is_told_is_told_once)
{
	static const char text[] = "Nov 14 08:29:00 mx2 postfix/smtp[18]: 4C5D81E3A2: to=<a>, relay=none, delay=3, "
				   "delays=3/0/0/0, dsn=4.4.1, status=deferred (x)";
	struct envelope_scratch *envelopes = envelope_scratch_new(settings);
	struct envelope_source *source = envelope_source_new();
	struct work *work = work_new();

	batch_append(work->batch, (struct record){.bytes = SLICE("[{\"RecipientAddress\":")});
	for (int i = 0; i < 3; i++)
		batch_append(work->batch, (struct record){.bytes = slice_of(text)});
	work->source = source;
	work_parse(work, rules, settings, envelopes, scratch);
	ck_assert_uint_eq(work->line_count, 3);
	ck_assert(work->tolds[work->lines[1].told - 1].cut);
	ck_assert_uint_eq(work->lines[1].lines, 1);
	ck_assert_uint_eq(work->lines[2].told, 0);
	ck_assert_uint_eq(work->lines[2].lines, 2);
	ck_assert_int_eq(work->lines[2].result, LINE_EVENT);
	ck_assert_uint_eq(work->told_count, 2);
	work_free(&work);
	envelope_source_free(&source);
	envelope_scratch_free(&envelopes);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("repeat");
	TCase *batches = tcase_create("batches");

	tcase_set_timeout(batches, 120);
	tcase_add_checked_fixture(batches, lines_set_up, lines_tear_down);
	tcase_add_test(batches, a_line_means_what_it_means_alone);
	tcase_add_test(batches, real_lines_mean_what_they_mean_alone);
	tcase_add_test(batches, what_is_told_is_told_once);
	suite_add_tcase(suite, batches);
	return suite_run(suite);
}
