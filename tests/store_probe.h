/* SPDX-License-Identifier: Apache-2.0
 *
 * A small storm that drips through the whole pipeline into a database, in this
 * process, a checkpoint after each batch; and everything that the database then
 * says, as one text to compare. Each test begins in a folder of its own.
 */
#ifndef MAILSTORM_TESTS_STORE_PROBE_H
#define MAILSTORM_TESTS_STORE_PROBE_H

#include <check.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/pipeline.h"
#include "daemon/source/backend.h"
#include "rules.h"
#include "source_probe.h"

#define DATABASE "storm.db"
#define LINES_MAX 400
#define BATCH 20

static char *lines[LINES_MAX];
static uint32_t line_count;
static struct settings *settings;
static struct rules *rules;
static char folder[64];
static void (*on_batch)(int64_t offset); /* called before each batch; NULL: nobody */
static char *said;                       /* what the last run told the operator */

__attribute__((format(printf, 2, 3))) static void say(int second, const char *format, ...)
{
	va_list values;
	char *text, *line;

	va_start(values, format);
	ck_assert_int_ge(vasprintf(&text, format, values), 0);
	va_end(values);
	ck_assert_int_ge(asprintf(&line, "2016-11-14T09:%02d:%02d.000+00:00 mx1 postfix/%s", second / 60, second % 60,
	                          text),
	                 0);
	free(text);
	ck_assert_uint_lt(line_count, LINES_MAX);
	lines[line_count++] = line;
}

/* One post to twelve mailboxes, the second of which is slow and the third of which there is not. */
static void say_post(int post)
{
	int at = 20 * post;

	say(at, "smtpd[10]: 7C%02d9A61AD: client=desk%d.example.test[10.0.0.%d]", post, post, post + 1);
	say(at, "cleanup[11]: 7C%02d9A61AD: message-id=<%d@desk.example.test>", post, post);
	say(at,
	    "cleanup[11]: 7C%02d9A61AD: info: header Subject: %sbadge from desk[10.0.0.1]; from=<m%d@example.test> "
	    "to=<all@example.test> proto=ESMTP helo=<desk>",
	    post, post ? "Re: " : "", post);
	say(at, "qmgr[12]: 7C%02d9A61AD: from=<m%d@example.test>, size=900, nrcpt=12 (queue active)", post, post);
	for (int i = 0; i < 12; i++)
		say(at + 1,
		    "lmtp[13]: 7C%02d9A61AD: to=<m%d@example.test>, orig_to=<all@example.test>, relay=box[10.0.0.9]:24, "
		    "delay=1, delays=0/0/0/1, dsn=%s)",
		    post, i,
		    i == 1   ? "4.2.0, status=deferred (slow"
		    : i == 2 ? "5.1.1, status=bounced (nobody"
		             : "2.0.0, status=sent (250 ok");
	say(at + 5,
	    "lmtp[13]: 7C%02d9A61AD: to=<m1@example.test>, orig_to=<all@example.test>, relay=box[10.0.0.9]:24, delay=5, "
	    "delays=4/0/0/1, dsn=2.0.0, status=sent (250 ok)",
	    post);
	say(at + 5, "qmgr[12]: 7C%02d9A61AD: removed", post);
	if (post % 3 == 0)
		say(at + 6, "smtpd[10]: nobody knows what %d is", post);
}

/* A source that gives so many lines at a time, and then first has none: they are taken in before it is read again. */
static bool drip_rests;

static void drip_seek(struct source *source, uint32_t partition, int64_t next_offset, int64_t inode)
{
	(void)inode;
	source->partitions[partition]->next_offset = next_offset;
}

static enum source_state drip_read(struct source *source, uint32_t partition, struct batch *batch)
{
	int64_t *next = &source->partitions[partition]->next_offset;

	if (*next >= line_count)
		return SOURCE_END;
	drip_rests = !drip_rests;
	if (!drip_rests)
		return SOURCE_IDLE;
	if (on_batch)
		on_batch(*next);
	for (int i = 0; i < BATCH && *next < line_count; i++, (*next)++)
		batch_append(batch, (struct record){.bytes = slice_of(lines[*next]), .offset = *next});
	batch->next_offset = *next;
	return SOURCE_READY;
}

static void drip_wait(struct source *source, int milliseconds)
{
	(void)source, (void)milliseconds;
}

static bool drip_finished(const struct source *source)
{
	return source->partitions[0]->next_offset >= line_count;
}

static void drip_free(struct source *source)
{
	source_release(source);
	free(source);
}

static const struct source_backend drip = {.seek = drip_seek,
                                           .read = drip_read,
                                           .wait = drip_wait,
                                           .finished = drip_finished,
                                           .free = drip_free};

static void storm_set_up(void)
{
	const char *top = getenv("TOP_SRCDIR");
	char path[4096], *error = NULL;
	const char *const directories[] = {path, NULL};

	snprintf(path, sizeof(path), "%s/parsers", top ? top : ".");
	rules = rules_load(directories, &error);
	ck_assert_msg(rules != NULL, "%s", error);
	probe_enter(folder);
	probe_write("conf",
	            "storm {\nmin_recipients = 5\nmin_replies = 5\nmin_posters = 2\nquiet_after = \"60s\"\n}\n");
	settings = settings_load("conf", &error);
	ck_assert_msg(settings != NULL, "%s", error);
	settings->store.checkpoint = 0;
	for (int post = 0; post < 12; post++)
		say_post(post);
}

static void storm_tear_down(void)
{
	probe_leave(folder);
	settings_free(&settings);
	rules_free(&rules);
	while (line_count)
		free(lines[--line_count]);
	free(said);
	said = NULL;
}

/* Reads on from where the database was left; what pipeline_run() gives. */
static bool storm_run(void)
{
	static const volatile sig_atomic_t stop;
	struct pipeline_options options = {.settings = settings,
	                                   .rules = rules,
	                                   .source = memory_zeroed(1, sizeof(struct source)),
	                                   .database = DATABASE,
	                                   .service = service_new(),
	                                   .live = true,
	                                   .resume = true,
	                                   .stop = &stop};
	size_t length;
	FILE *stream;
	bool done;

	free(said);
	stream = open_memstream(&said, &length);
	options.notice = notice_new("run", NOTICE_INFO, stream);
	source_prepare(options.source, &drip);
	source_add(options.source, "kafka", "mail", 0);
	done = pipeline_run(&options);
	source_free(&options.source);
	notice_free(&options.notice);
	service_free(&options.service);
	ck_assert_int_eq(fclose(stream), 0);
	return done;
}

static char *probe_file(const char *path, size_t *length)
{
	FILE *file = fopen(path, "r");
	char *bytes;

	ck_assert_msg(file != NULL, "%s", path);
	fseek(file, 0, SEEK_END);
	*length = (size_t)ftell(file);
	rewind(file);
	bytes = memory_zeroed(1, *length + 1);
	ck_assert_uint_eq(fread(bytes, 1, *length, file), *length);
	fclose(file);
	return bytes;
}

/* Rows of a statement, each a line of its columns, appended to a stream. */
static void dump_rows(sqlite3 *database, const char *sql, FILE *out)
{
	sqlite3_stmt *statement;

	ck_assert_msg(sqlite3_prepare_v2(database, sql, -1, &statement, NULL) == SQLITE_OK, "%s: %s",
	              sqlite3_errmsg(database), sql);
	while (sqlite3_step(statement) == SQLITE_ROW) {
		for (int i = 0; i < sqlite3_column_count(statement); i++)
			fprintf(out, "%s|", (const char *)sqlite3_column_text(statement, i));
		fputc('\n', out);
	}
	ck_assert_msg(sqlite3_finalize(statement) == SQLITE_OK, "%s: %s", sqlite3_errmsg(database), sql);
}

/* The statements that tests/dump.sh runs: every view, but for numbers and wall-clock times. */
static char *dump_statements(sqlite3 *database)
{
	const char *top = getenv("TOP_SRCDIR");
	char path[4096], *text, *at, *sql = NULL;
	size_t length;
	FILE *out;

	snprintf(path, sizeof(path), "%s/tests/dump.sql", top ? top : ".");
	text = probe_file(path, &length);
	while ((at = strstr(text, "(WITHOUT)")))
		memcpy(at, "('')     ", 9);
	out = open_memstream(&sql, &length);
	dump_rows(database, text, out);
	fclose(out);
	free(text);
	return sql;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The lines of a text in order, as one text. */
static char *sorted(char *text)
{
	char *rows[4096], *all = NULL, *save = NULL;
	size_t count = 0, length;
	FILE *out = open_memstream(&all, &length);

	for (char *row = strtok_r(text, "\n", &save); row; row = strtok_r(NULL, "\n", &save)) {
		ck_assert_uint_lt(count, 4096);
		rows[count++] = row;
	}
	qsort(rows, count, sizeof(*rows), by_text);
	for (size_t i = 0; i < count; i++)
		fprintf(out, "%s\n", rows[i]);
	fclose(out);
	free(text);
	return all;
}

/* What the database says, all of it; it must be sound. */
static char *storm_dump(void)
{
	char *statements, *text = NULL, *save = NULL;
	sqlite3 *database;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	ck_assert_int_eq(sqlite3_open_v2(DATABASE, &database, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	dump_rows(database, "PRAGMA integrity_check", out);
	fflush(out);
	ck_assert_str_eq(text, "ok|\n");
	statements = dump_statements(database);
	for (char *sql = strtok_r(statements, "\n", &save); sql; sql = strtok_r(NULL, "\n", &save)) {
		sql[strlen(sql) - 1] = '\0';
		dump_rows(database, sql, out);
	}
	fclose(out);
	free(statements);
	ck_assert_int_eq(sqlite3_close(database), SQLITE_OK);
	return sorted(text);
}

static void storm_forget(void)
{
	unlink(DATABASE);
	unlink(DATABASE "-wal");
	unlink(DATABASE "-shm");
	unlink(DATABASE "-journal");
}

#endif
