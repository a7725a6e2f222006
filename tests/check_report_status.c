/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of "mailstorm status" at a given moment: whether a storm would be seen,
 * and why not, in words, in JSON and as the result that becomes the exit
 * status. The database is made of the program's own schema, and by hand.
 */
#define _GNU_SOURCE
#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/report/report.h"
#include "schema/schema.h"
#include "tests/suite.h"

#define NOON INT64_C(1479124800000) /* 2016-11-14 12:00 UTC, milliseconds */
#define RUN "INSERT INTO health_run VALUES (1, 1, 1479114000000000, 1479124790500000, "
#define SOURCE(part, next) \
	"INSERT INTO source VALUES ('kafka', 'mail-logs', " part ", " next ", 0, 1000, 950, 45, 5, 0," \
	" 1479114000000000, 1479124789000000, NULL);"
#define HOST(name, lost) \
	"INSERT INTO coverage_host VALUES (0, '" name "', 1479114000000000, 1479124789000000, 1000, 5, 0, " lost \
	", 0, 0, 0, 2, 60000);"

static char folder[] = "/tmp/check_report_status.XXXXXX";
static char path[128];
static sqlite3 *writer;

static void write_sql(const char *sql)
{
	char *error = NULL;

	ck_assert_msg(sqlite3_exec(writer, sql, NULL, NULL, &error) == SQLITE_OK, "%s", error);
}

static void set_up(void)
{
	strcpy(folder + sizeof(folder) - 7, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/mailstorm.db", folder);
	ck_assert_int_eq(sqlite3_open(path, &writer), SQLITE_OK);
	for (const struct schema_file *file = schema_files; file->name; file++)
		if (file->name[0] == '0' || strcmp(file->name, "views.sql") == 0)
			write_sql(file->text);
	write_sql("PRAGMA application_id = 0x4D535452; PRAGMA user_version = 1;");
}

static void tear_down(void)
{
	unlink(path);
	ck_assert_int_eq(rmdir(folder), 0);
}

/* What status says at that moment, and how it ends. The files were written ten seconds before. */
static char *status(const char *format, int64_t now, enum report_result expected)
{
	struct timespec written[2] = {{.tv_sec = now / 1000 - 10}, {.tv_sec = now / 1000 - 10}};
	struct report_request request = {.now = now};
	char *text = NULL, *error = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct printer *printer = printer_new(format, out, 200, SAFE_UTF8, NULL);
	struct reader *reader;

	if (writer)
		sqlite3_close(writer);
	writer = NULL;
	ck_assert_int_eq(utimensat(AT_FDCWD, path, written, 0), 0);
	reader = reader_open(path, &error);
	ck_assert_msg(reader != NULL, "%s", error);
	ck_assert_int_eq(report_status(reader, printer, &request), expected);
	ck_assert_msg(reader_close(&reader, &error), "%s", error);
	printer_free(&printer);
	fclose(out);
	return text;
}

static void check_status(const char *format, int64_t now, enum report_result result, const char *expected)
{
	char *text = status(format, now, result);

	ck_assert_str_eq(text, expected);
	free(text);
}

/* The first paragraphs alone: the tables are compared once. */
static void check_words(int64_t now, enum report_result result, const char *expected)
{
	char *text = status("text", now, result), *end = strstr(text, "\nSOURCE");

	if (end)
		*end = '\0';
	ck_assert_str_eq(text, expected);
	free(text);
}

#define QUIET "No mail storm is going on.\n\n"
#define READ \
	"No log line was read yet; the last checkpoint was at 2016-11-14 11:59:50 UTC. Of 955 lines of mail programs, 5 (0.5 %) were not understood: see the view unparsed.\n"

START_TEST(all_is_well)
{
	write_sql(RUN "NULL, 1479124789000000, 100, 1, NULL);" SOURCE("0", "500") HOST("mx1", "7"));
	write_sql("INSERT INTO health_source VALUES ('kafka', 'mail-logs', 0, 520, 1479124785250000);"
	          "INSERT INTO health_host VALUES ('mx1', 1479124789000000, 1500, 0, NULL, NULL, NULL);");
	check_status(
		"text", NOON, REPORT_OK,
		QUIET
		"The newest log line is of 2016-11-14 11:59:49 UTC; the last checkpoint was at 2016-11-14 11:59:50 UTC. Of 955 lines of mail programs, 5 (0.5 %) were not understood: see the view unparsed. At least\n"
		"7 lines were lost before they could be read.\n\n"
		"SOURCE  TOPIC      PARTITION  OFFSET  UNREAD   FOR  LINES  IGNORED  UNPARSED  UNPARSED %  LAST LINE (UTC)\n"
		"kafka   mail-logs          0     500      20  5.2s  1,000       45         5         0.5  2016-11-14 11:59:49\n\n"
		"HOST  LAST LINE (UTC)      SILENT FOR  NORM  LINES  UNPARSED  LOST  LATE  LONGEST GAP\n"
		"mx1   2016-11-14 11:59:49        1.5s  -     1,000         5     7     2        1m00s\n");
	check_status(
		"json", NOON, REPORT_OK,
		"{\n"
		"\"status\": {\"as_of_at\":\"2016-11-14T11:59:49.000Z\",\"written_at\":\"2016-11-14T11:59:50.000Z\",\"live\":1,"
		"\"started_at\":\"2016-11-14T09:00:00.000Z\",\"checkpoint_at\":\"2016-11-14T11:59:50.500Z\",\"stopped_at\":null,"
		"\"recent_lines\":100,\"recent_unparsed\":1,\"trouble\":null,\"incidents_open\":0,\"incidents_subsiding\":0,"
		"\"pending\":0,\"oldest_pending_at\":null,\"lines\":1000,\"ignored\":45,\"unparsed\":5,\"lost\":7},\n"
		"\"blind\": [],\n"
		"\"sources\": [\n"
		"{\"source\":\"kafka\",\"topic\":\"mail-logs\",\"partition\":0,\"next_offset\":500,\"lines\":1000,\"events\":950,"
		"\"ignored\":45,\"unparsed\":5,\"first_at\":\"2016-11-14T09:00:00.000Z\",\"last_at\":\"2016-11-14T11:59:49.000Z\","
		"\"end_offset\":520,\"unread\":20,\"unread_since_at\":\"2016-11-14T11:59:45.250Z\"}\n"
		"],\n"
		"\"hosts\": [\n"
		"{\"host\":\"mx1\",\"last_at\":\"2016-11-14T11:59:49.000Z\",\"silence_ms\":1500,\"lines\":1000,\"unparsed\":5,"
		"\"lost\":7,\"late\":2,\"gap_ms_max\":60000,\"clock_at\":\"2016-11-14T11:59:49.000Z\",\"silent\":0,\"norm\":null,"
		"\"norm_spoke\":null,\"norm_of\":null}\n"
		"]\n"
		"}\n");
	check_status(
		"csv", NOON, REPORT_OK,
		"source,topic,partition,next_offset,lines,events,ignored,unparsed,first_at,last_at,end_offset,unread,"
		"unread_since_wall_at\r\n"
		"kafka,mail-logs,0,500,1000,950,45,5,2016-11-14T09:00:00.000Z,2016-11-14T11:59:49.000Z,520,20,"
		"2016-11-14T11:59:45.250Z\r\n");
}
END_TEST

START_TEST(a_checkpoint_older_than_a_minute_is_blind)
{
	write_sql(RUN "NULL, 1479124789000000, 100, 1, NULL);" SOURCE("0", "500"));
	check_words(NOON + 50500, REPORT_OK, QUIET READ);
	check_words(NOON + 50501, REPORT_SILENT,
	            QUIET "A storm might not be seen: The last checkpoint is 1m00s old: does mailstormd run?\n\n" READ);
}
END_TEST

START_TEST(what_was_stopped_is_blind)
{
	write_sql(RUN "1479124790500000, 1479124789000000, 100, 1, 'no matter');" SOURCE("0", "500"));
	check_words(NOON, REPORT_SILENT, QUIET "A storm might not be seen: mailstormd was stopped 9.5s ago.\n\n" READ);
}
END_TEST

START_TEST(a_finished_log_waits_for_nobody)
{
	write_sql(RUN "1479124790500000, 1479124789000000, 100, 50, NULL);" SOURCE(
		"0",
		"500") "UPDATE health_run SET live = 0;"
	               "INSERT INTO health_source VALUES ('kafka', 'mail-logs', 0, 520, 1479124000000000);"
	               "INSERT INTO health_host VALUES ('mx1', 1479120000000000, 4790500, 1, 'day-before', 24, 24);");
	check_words(NOON + INT64_C(86400000) * 30, REPORT_OK, QUIET READ);
}
END_TEST

START_TEST(unread_lines_of_over_a_minute_are_blind)
{
	write_sql(RUN "NULL, 1479124789000000, 100, 1, NULL);" SOURCE("0", "500") SOURCE("3", "2500"));
	write_sql("UPDATE source SET lines = 0, ignored = 0, unparsed = 0 WHERE partition = 3;"
	          "INSERT INTO health_source VALUES ('kafka', 'mail-logs', 0, 501, 1479124730500000),"
	          " ('kafka', 'mail-logs', 3, 14845, 1479124730499000)");
	check_words(
		NOON, REPORT_SILENT,
		QUIET
		"A storm might not be seen: 12,345 of mail-logs, partition 3, are unread, the oldest for 1m00s or longer.\n\n" READ);
}
END_TEST

START_TEST(a_host_that_is_silent_against_its_norm_is_blind)
{
	write_sql(RUN "NULL, 1479124789000000, 100, 1, NULL);" SOURCE(
		"0", "500") "INSERT INTO health_host VALUES ('mx1', 1479124789000000, 900000, 0, 'day-before', 12, 24),"
	                    " ('mx2\x1b[2J', 1479124000000000, 790500, 1, 'weekday-hour', 71, 72);");
	check_words(
		NOON, REPORT_SILENT,
		QUIET
		"A storm might not be seen: Host mx2\\x1b[2J is silent for 13m10s: of 72 stretches half as long it was heard in 71 before.\n\n" READ);
}
END_TEST

START_TEST(more_than_one_per_cent_unparsed_is_blind)
{
	write_sql(RUN "NULL, 1479124789000000, 1000, 11, NULL);" SOURCE(
		"0", "500") "UPDATE source SET lines = 1045, unparsed = 10;");
	check_words(
		NOON, REPORT_SILENT,
		QUIET
		"A storm might not be seen: Of the lines of mail programs that were read in the last hour, 1.1 % was not understood.\n\n"
		"No log line was read yet; the last checkpoint was at 2016-11-14 11:59:50 UTC. Of 1,000 lines of mail programs, 10 (1 %) were not understood: see the view unparsed.\n");
	tear_down();
	set_up();
	write_sql(SOURCE("0", "500") "UPDATE source SET lines = 1044, unparsed = 10;");
	check_words(
		NOON, REPORT_SILENT,
		QUIET
		"A storm might not be seen: Of the lines of mail programs, 1 % was not understood.\n\n"
		"No log line was read yet; the database was written last at 2016-11-14 11:59:50 UTC. Of 999 lines of mail programs, 10 (1 %) were not understood: see the view unparsed.\n");
}
END_TEST

START_TEST(a_storm_goes_before_blindness_and_both_are_told)
{
	char *text;

	write_sql(RUN "NULL, 1479124789000000, 100, 1, 'the Kafka brokers cannot be reached');" SOURCE("0", "500"));
	write_sql(
		"INSERT INTO incident (id, state, list, thread_id, opened_at, detected_at, last_post_at, posts, replies,"
		" auto_replies, rejected_posts, members, deliveries, reply_deliveries, avoidable_deliveries, mailboxes,"
		" deferred_mailboxes, bounced_mailboxes, expired_mailboxes, pending, unaccounted, thread_method, lines_lost,"
		" settings, as_of_at) VALUES (4, 'open', 'all@example.org', 1, 1479120000000000, 1479120000000000,"
		" 1479124000000000, 20, 19, 0, 0, 1200, 9000, 8000, 7000, 1200, 0, 0, 0, 1500, 0, 'references', 0, '{}',"
		" 1479124789000000);"
		"INSERT INTO incident_minute VALUES (4, 1479124680000000, 0, 0, 0, 0, 0, 0, 1600, 9, NULL, NULL, 0, NULL, NULL),"
		" (4, 1479124740000000, 0, 0, 0, 0, 0, 0, 1500, 3600250, NULL, NULL, 0, NULL, NULL);");
	check_words(
		NOON, REPORT_OPEN,
		"1 mail storm is open: incident 4 on all@example.org. 1,500 copies are still queued, the oldest since 2016-11-14 10:59:59 UTC.\n\n"
		"A storm might not be seen: It cannot read: the Kafka brokers cannot be reached.\n\n"
		"The newest log line is of 2016-11-14 11:59:49 UTC; the last checkpoint was at 2016-11-14 11:59:50 UTC. Of 955 lines of mail programs, 5 (0.5 %) were not understood: see the view unparsed.\n");
	text = status("json", NOON, REPORT_OPEN);
	ck_assert_ptr_nonnull(strstr(text, "\"pending\":1500,\"oldest_pending_at\":\"2016-11-14T10:59:59.750Z\","));
	ck_assert_ptr_nonnull(strstr(text,
	                             "\"blind\": [\n{\"reason\":\"trouble\",\"name\":\"the Kafka brokers cannot be "
	                             "reached\",\"partition\":null,\"part\":null,\"count\":null,\"ms\":null}\n],\n"));
	free(text);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("report_status");
	TCase *tests = tcase_create("status");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, all_is_well);
	tcase_add_test(tests, a_checkpoint_older_than_a_minute_is_blind);
	tcase_add_test(tests, what_was_stopped_is_blind);
	tcase_add_test(tests, a_finished_log_waits_for_nobody);
	tcase_add_test(tests, unread_lines_of_over_a_minute_are_blind);
	tcase_add_test(tests, a_host_that_is_silent_against_its_norm_is_blind);
	tcase_add_test(tests, more_than_one_per_cent_unparsed_is_blind);
	tcase_add_test(tests, a_storm_goes_before_blindness_and_both_are_told);
	suite_add_tcase(suite, tests);
	return suite_run(suite);
}
