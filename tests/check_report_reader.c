/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of the reader: one state of the database for all statements, the first
 * error kept, a database read without locks looked after, and what the
 * printers make of its rows. The database is made of the program's own
 * schema.
 */
#define _GNU_SOURCE
#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/report/printer.h"
#include "daemon/report/reader.h"
#include "schema/schema.h"
#include "tests/suite.h"

static char folder[] = "/tmp/check_report_reader.XXXXXX";
static char path[128];
static sqlite3 *writer;

static void write_sql(const char *sql)
{
	char *error = NULL;

	ck_assert_msg(sqlite3_exec(writer, sql, NULL, NULL, &error) == SQLITE_OK, "%s", error);
}

static void make_database(void)
{
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/mail storm.db", folder);
	ck_assert_int_eq(sqlite3_open(path, &writer), SQLITE_OK);
	for (const struct schema_file *file = schema_files; file->name; file++) {
		if (file->name[0] == '0' || strcmp(file->name, "views.sql") == 0)
			write_sql(file->text);
	}
	write_sql("PRAGMA application_id = 0x4D535452; PRAGMA user_version = 1; PRAGMA journal_mode = wal;");
	write_sql("INSERT INTO incident_timeline VALUES (7, 0, 1, 'first-post', 'a'), (7, 1, 2, 'closed', NULL)");
	write_sql("INSERT INTO incident_ledger VALUES (8, 1, 'delivered', 5)");
}

static void remove_database(void)
{
	char command[256];

	sqlite3_close(writer);
	snprintf(command, sizeof(command), "chmod -R u+w %s && rm -rf %s", folder, folder);
	ck_assert_int_eq(system(command), 0);
}

static struct reader *open_reader(void)
{
	char *error = NULL;
	struct reader *reader = reader_open(path, &error);

	ck_assert_msg(reader != NULL, "%s", error);
	return reader;
}

static void close_reader(struct reader **reader)
{
	char *error = NULL;

	ck_assert_msg(reader_close(reader, &error), "%s", error);
	ck_assert_ptr_null(*reader);
	ck_assert(reader_close(reader, &error));
}

START_TEST(all_statements_of_a_reader_see_one_state)
{
	struct reader *reader = open_reader();

	ck_assert_int_eq(reader_number(reader, "show.ledger.all", 8), 1);
	write_sql("DELETE FROM incident_ledger");
	ck_assert_int_eq(reader_number(reader, "show.ledger.all", 8), 1);
	close_reader(&reader);
	reader = open_reader();
	ck_assert_int_eq(reader_number(reader, "show.ledger.all", 8), 0);
	close_reader(&reader);
}
END_TEST

START_TEST(no_incident_is_null_to_a_statement)
{
	struct reader *reader = open_reader();

	ck_assert_int_eq(reader_number(reader, "incident-exists", 0), 0);
	ck_assert_ptr_null(reader_error(reader));
	close_reader(&reader);
}
END_TEST

static int64_t rows_of(struct reader *reader, const char *name, int64_t id)
{
	sqlite3_stmt *rows = reader_prepare(reader, name, id);
	int64_t count = 0;

	ck_assert_ptr_nonnull(rows);
	while (reader_row(reader, rows))
		count++;
	sqlite3_finalize(rows);
	return count;
}

START_TEST(a_parameter_is_given_to_every_statement_until_it_is_taken_back)
{
	struct reader *reader = open_reader();

	ck_assert_int_eq(rows_of(reader, "timeline.csv", 7), 2);
	reader_set(reader, ":since", "1970-01-01T00:00:00.001Z");
	ck_assert_int_eq(rows_of(reader, "timeline.csv", 7), 0);
	reader_set(reader, ":since", NULL);
	reader_set(reader, ":until", "1970-01-01T00:00:00.001Z");
	ck_assert_int_eq(rows_of(reader, "timeline.csv", 7), 2);
	reader_set(reader, ":until", "1970-01-01T00:00:00.000Z");
	ck_assert_int_eq(rows_of(reader, "timeline.csv", 7), 0);
	close_reader(&reader);
}
END_TEST

START_TEST(json_has_times_in_the_readers_zone)
{
	struct reader *reader = open_reader();
	struct zone *zone = zone_load("Asia/Kolkata", NULL);
	sqlite3_stmt *row;

	ck_assert_ptr_nonnull(zone);
	reader_set_zone(reader, zone);
	row = reader_prepare(reader, "timeline.json", 7);
	ck_assert(reader_row(reader, row));
	ck_assert_str_eq(
		(const char *)sqlite3_column_text(row, 0),
		"{\"incident_id\":7,\"at\":\"1970-01-01T05:30:00.000+05:30\",\"event\":\"first-post\",\"detail\":\"a\"}");
	sqlite3_finalize(row);
	close_reader(&reader);
	zone_free(&zone);
}
END_TEST

START_TEST(a_reader_cannot_write)
{
	struct reader *reader = open_reader();
	sqlite3_stmt *statement = reader_prepare(reader, "look", 0);
	sqlite3 *database = sqlite3_db_handle(statement);

	sqlite3_finalize(statement);
	ck_assert_int_eq(sqlite3_exec(database, "DELETE FROM incident_ledger", NULL, NULL, NULL), SQLITE_READONLY);
	close_reader(&reader);
}
END_TEST

START_TEST(the_first_error_is_kept_and_ends_everything)
{
	struct reader *reader;
	char expected[256];

	write_sql("DROP VIEW ledger");
	reader = open_reader();
	snprintf(expected, sizeof(expected), "%s: cannot be read: show.ledger.all: no such table: ledger", path);
	ck_assert_int_eq(reader_number(reader, "show.ledger.all", 8), 0);
	ck_assert_str_eq(reader_error(reader), expected);
	ck_assert_ptr_null(reader_prepare(reader, "look", 0));
	ck_assert_int_eq(reader_number(reader, "user-version", 0), 0);
	ck_assert_str_eq(reader_error(reader), expected);
	close_reader(&reader);
}
END_TEST

START_TEST(a_database_read_without_locks_must_not_come_into_use_meanwhile)
{
	struct reader *reader;
	char wal[160], expected[256];
	char *error = NULL;
	uid_t owner = geteuid();

	sqlite3_close(writer); /* takes the WAL files away */
	writer = NULL;
	snprintf(wal, sizeof(wal), "%s-wal", path);
	ck_assert_int_ne(access(wal, F_OK), 0);
	ck_assert_int_eq(chmod(path, 0444), 0);
	ck_assert_int_eq(chmod(folder, 0555), 0);
	if (owner == 0)
		ck_assert_int_eq(seteuid(65534), 0);
	reader = open_reader();
	ck_assert_int_eq(reader_number(reader, "show.ledger.all", 8), 1);
	close_reader(&reader);

	reader = open_reader();
	ck_assert_int_eq(seteuid(owner), 0);
	ck_assert_int_eq(chmod(folder, 0755), 0);
	close(open(wal, O_CREAT | O_WRONLY, 0644));
	ck_assert(!reader_close(&reader, &error));
	snprintf(expected, sizeof(expected), "%s: cannot be relied on: it came into use while it was read; try again",
	         path);
	ck_assert_str_eq(error, expected);
	ck_assert_ptr_null(reader);
	free(error);
}
END_TEST

/* What a printer makes of the timeline of incident 7, alone or (member) as a part of a whole. */
static void assert_printed(const char *name, const char *member, const char *expected)
{
	static const struct printer_column columns[] = {{"TIME", PRINTER_TIME, 0}, {"DETAIL", PRINTER_SENDER, 0}};
	struct reader *reader = open_reader();
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct printer *printer = printer_new(name, out, 80, SAFE_ASCII, NULL);
	const char *statement = strcmp(name, "json") == 0 ? "timeline.json" : "timeline.csv";

	ck_assert_ptr_nonnull(printer);
	if (member)
		printer_open(printer);
	ck_assert_int_eq(printer_part(printer, reader, member, false, statement, 7, columns, 1), 2);
	if (member) {
		ck_assert_int_eq(printer_part(printer, reader, "none", true, statement, 9, columns, 1), 0);
		printer_close(printer);
	}
	printer_free(&printer);
	fclose(out);
	ck_assert_str_eq(text, expected);
	free(text);
	close_reader(&reader);
}

START_TEST(json_is_rows_in_brackets_or_members_of_a_whole)
{
	assert_printed(
		"json", NULL,
		"[\n{\"incident_id\":7,\"at\":\"1970-01-01T00:00:00.000Z\",\"event\":\"first-post\",\"detail\":\"a\"},\n"
		"{\"incident_id\":7,\"at\":\"1970-01-01T00:00:00.000Z\",\"event\":\"closed\",\"detail\":null}\n]\n");
	write_sql("UPDATE incident_timeline SET detail = char(8238, 155, 128512, 917569) || CAST(x'ff' AS TEXT)");
	assert_printed("json", "events",
	               "{\n\"events\": [\n"
	               "{\"incident_id\":7,\"at\":\"1970-01-01T00:00:00.000Z\",\"event\":\"first-post\","
	               "\"detail\":\"\\u202e\\u009b😀\\udb40\\udc41\\ufffd\"},\n"
	               "{\"incident_id\":7,\"at\":\"1970-01-01T00:00:00.000Z\",\"event\":\"closed\","
	               "\"detail\":\"\\u202e\\u009b😀\\udb40\\udc41\\ufffd\"}\n],\n\"none\": null\n}\n");
}
END_TEST

/* The second field of a row whose detail is the SQL expression. */
static void assert_csv(const char *expression, const char *expected)
{
	char sql[256], all[512];

	snprintf(sql, sizeof(sql), "UPDATE incident_timeline SET event = '', detail = %s", expression);
	write_sql(sql);
	snprintf(all, sizeof(all),
	         "incident_id,at,event,detail\r\n7,1970-01-01T00:00:00.000Z,\"\",%s\r\n"
	         "7,1970-01-01T00:00:00.000Z,\"\",%s\r\n",
	         expected, expected);
	assert_printed("csv", NULL, all);
}

START_TEST(csv_quotes_what_must_be_and_no_text_is_a_formula)
{
	assert_csv("NULL", "");
	assert_csv("''", "\"\"");
	assert_csv("'plain text'", "plain text");
	assert_csv("'a,b'", "\"a,b\"");
	assert_csv("'say \"no\"'", "\"say \"\"no\"\"\"");
	assert_csv("' a'", "\" a\"");
	assert_csv("'a' || char(10) || 'b'", "\"a\nb\"");
	assert_csv("'=1+1'", "\"'=1+1\"");
	assert_csv("'+1'", "\"'+1\"");
	assert_csv("'-1'", "\"'-1\"");
	assert_csv("'@SUM(A1)'", "\"'@SUM(A1)\"");
	assert_csv("char(9) || '=1'", "\"'\t=1\"");
	assert_csv("char(10) || '=1'", "\"'\n=1\"");
	assert_csv("char(13) || '=1'", "\"'\\x0d=1\"");
	assert_csv("char(65309) || '1'", "\"'\uff1d1\"");
	assert_csv("'a=1'", "a=1");
	assert_csv("char(27) || '[2J'", "\\x1b[2J");
}
END_TEST

START_TEST(numbers_in_csv_are_no_formulas)
{
	write_sql("UPDATE incident_timeline SET incident_id = -7");
	{
		struct reader *reader = open_reader();
		char *text = NULL;
		size_t size;
		FILE *out = open_memstream(&text, &size);
		struct printer *printer = printer_new("csv", out, 80, SAFE_ASCII, NULL);

		ck_assert_int_eq(printer_table(printer, reader, "timeline", -7, NULL, 0), 2);
		printer_free(&printer);
		fclose(out);
		ck_assert_str_eq(text, "incident_id,at,event,detail\r\n-7,1970-01-01T00:00:00.000Z,first-post,a\r\n"
		                       "-7,1970-01-01T00:00:00.000Z,closed,\r\n");
		free(text);
		close_reader(&reader);
	}
}
END_TEST

START_TEST(a_format_that_is_none_has_no_printer)
{
	ck_assert_ptr_null(printer_new("xml", stdout, 80, SAFE_ASCII, NULL));
	ck_assert_ptr_null(printer_new("", stdout, 80, SAFE_ASCII, NULL));
}
END_TEST

static Suite *reader_suite(void)
{
	Suite *suite = suite_create("reader and printers");
	TCase *reading = tcase_create("reading");
	TCase *printing = tcase_create("printing");

	tcase_add_checked_fixture(reading, make_database, remove_database);
	tcase_add_checked_fixture(printing, make_database, remove_database);
	tcase_add_test(reading, all_statements_of_a_reader_see_one_state);
	tcase_add_test(reading, no_incident_is_null_to_a_statement);
	tcase_add_test(reading, a_parameter_is_given_to_every_statement_until_it_is_taken_back);
	tcase_add_test(reading, json_has_times_in_the_readers_zone);
	tcase_add_test(reading, a_reader_cannot_write);
	tcase_add_test(reading, the_first_error_is_kept_and_ends_everything);
	tcase_add_test(reading, a_database_read_without_locks_must_not_come_into_use_meanwhile);
	tcase_add_test(printing, json_is_rows_in_brackets_or_members_of_a_whole);
	tcase_add_test(printing, csv_quotes_what_must_be_and_no_text_is_a_formula);
	tcase_add_test(printing, numbers_in_csv_are_no_formulas);
	tcase_add_test(printing, a_format_that_is_none_has_no_printer);
	suite_add_tcase(suite, reading);
	suite_add_tcase(suite, printing);
	return suite;
}

int main(void)
{
	return suite_run(reader_suite());
}
