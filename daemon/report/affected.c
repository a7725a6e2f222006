/* SPDX-License-Identifier: Apache-2.0
 *
 * The mailboxes of an incident, as of the last checkpoint: streamed, since
 * there may be millions. Or one of them, which is what the help desk asks: how
 * many copies, and what became of each post for it. The facts come from the
 * state where it still has them (current.h), else from the view.
 */
#include "daemon/report/report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/correlate/address.h"
#include "daemon/report/current.h"
#include "daemon/report/key.h"
#include "daemon/report/mailbox_number.h"
#include "daemon/report/prose.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct printer_column outcome_columns[] = {
	{"POSTED", PRINTER_TIME, 0},  {"OUTCOME", PRINTER_WORD, 0},    {"SENDER", PRINTER_SENDER, 0},
	{"SUBJECT", PRINTER_TEXT, 2}, {"MESSAGE-ID", PRINTER_TEXT, 1},
};

static const char forgotten[] = "Which mailboxes it reached is no longer kept (retention.mailboxes).";

/* NULL: the view is what there is. */
static struct current *load_current(struct reader *reader, int64_t id, uint32_t mailbox)
{
	bool foreign = false;
	struct current *current = current_load(reader, id, mailbox, &foreign);

	if (foreign)
		fputs("mailstorm: affected: the database is of another version's mailstormd, or damaged: if the storm goes on,"
		      " this may be some minutes old\n",
		      stderr);
	return current;
}

/* What stands for the folded mailbox in a database of keyed hashes, in its place. False without the key. */
static bool hash_mailbox(struct reader *reader, const char *key_file, char buffer[ADDRESS_MAX + 1], char **why)
{
	struct privacy *privacy = key_load(reader, key_file, why);
	struct privacy_text form = {0};

	if (!privacy)
		return false;
	privacy_address(privacy, slice_of(buffer), &form);
	snprintf(buffer, ADDRESS_MAX + 1, "%s", form.bytes);
	free(form.bytes);
	privacy_free(&privacy);
	return true;
}

/* The mailbox as the database knows it, in buffer, and its number, 0 where nothing is known of it. False without the
 * key that it takes. */
static bool find_mailbox(struct reader *reader, const struct report_request *request, char buffer[ADDRESS_MAX + 1],
                         uint32_t *found)
{
	const char *given = request->mailbox;
	bool hashed = key_needed(reader);
	struct slice folded;

	snprintf(buffer, ADDRESS_MAX + 1, "%s", given);
	*found = mailbox_number(reader, buffer);
	if (*found == 0 && hashed) {
		if (!hash_mailbox(reader, request->key_file, buffer, request->trouble))
			return false;
		*found = mailbox_number(reader, buffer);
	}
	if (*found == 0) {
		folded = address_fold(NULL, (struct slice){given, strlen(given)}, false, buffer);
		buffer[folded.length] = '\0';
		if (hashed && !hash_mailbox(reader, request->key_file, buffer, request->trouble))
			return false;
		*found = mailbox_number(reader, buffer);
	}
	return true;
}

static void say_failed(struct prose *prose, int64_t failed, int64_t pending)
{
	if (failed > 0)
		prose_say(prose, " %s bounced or expired for it.", prose_many(prose, failed, "post", "posts"));
	if (pending > 0)
		prose_say(prose, " %s still queued for it.", prose_many(prose, pending, "post is", "posts are"));
}

/* facts: copies, failed, first_post_at, last_post_at from its column `at` on; NULL: there are none. */
static void say_mailbox(struct prose *prose, const struct report_request *request, const char *mailbox,
                        sqlite3_stmt *facts, int at, int64_t pending)
{
	int64_t copies = facts ? sqlite3_column_int64(facts, at) : 0;
	const char *name = prose_text(prose, mailbox);

	if (copies == 0)
		prose_say(prose, "No post of incident %" PRId64 " was delivered to %s.", request->id, name);
	else
		prose_say(prose, "%s received %s of incident %" PRId64 ", accepted between %s and %s.", name,
		          prose_many(prose, copies, "post", "posts"), request->id,
		          prose_time(prose, (const char *)sqlite3_column_text(facts, at + 2)),
		          prose_time(prose, (const char *)sqlite3_column_text(facts, at + 3)));
	say_failed(prose, facts ? sqlite3_column_int64(facts, at + 1) : 0, pending);
	prose_end(prose);
}

/* The statements that tell of one mailbox. */
struct one {
	const char *table, *csv, *json;
};

/* As of now, or as the view has it; in a database of before version 9 by its address. */
static const struct one *one_of(struct reader *reader, const struct current *current)
{
	static const struct one now = {"affected-one-now", "affected-one-now.csv", "affected-one-now.json"};
	static const struct one final = {"affected-one", "affected-one.csv", "affected-one.json"};
	static const struct one before = {"affected-one-before", "affected-one-before.csv", "affected-one-before.json"};

	return current ? &now : reader_number(reader, "has-hashes", 0) ? &final : &before;
}

static void one_text(struct reader *reader, struct printer *printer, const struct report_request *request,
                     const char *mailbox, const struct current *current)
{
	struct prose *prose =
		prose_new(printer_out(printer), printer_width(printer), printer_target(printer), printer_zone(printer));
	sqlite3_stmt *facts = reader_prepare(reader, one_of(reader, current)->csv, request->id);
	bool found = facts && reader_row(reader, facts);

	if (!current && reader_number(reader, "affected-forgotten", request->id) > 0) {
		prose_say(prose, "%s", forgotten);
		prose_end(prose);
	} else if (!reader_error(reader))
		say_mailbox(prose, request, mailbox, found ? facts : NULL, 2, current ? current_pending(current) : 0);
	sqlite3_finalize(facts);
	prose_free(&prose);
	if (current && reader_number(reader, "outcomes.count", request->id) > 0)
		printer_part(printer, reader, NULL, false, "outcomes.text", request->id, outcome_columns,
		             COUNT(outcome_columns));
}

static void one_json(struct reader *reader, struct printer *printer, const struct report_request *request,
                     const struct current *current)
{
	printer_open(printer);
	printer_part(printer, reader, "affected", true, one_of(reader, current)->json, request->id, NULL, 0);
	if (current)
		printer_part(printer, reader, "posts", false, "outcomes.json", request->id, NULL, 0);
	printer_close(printer);
}

static void put_one(struct reader *reader, struct printer *printer, const struct report_request *request,
                    const char *mailbox, uint32_t found)
{
	char number[16];
	struct current *current = found ? load_current(reader, request->id, found) : NULL;

	snprintf(number, sizeof(number), "%" PRIu32, found);
	reader_set(reader, ":mailbox", mailbox);
	reader_set(reader, ":number", number);
	if (printer_is_text(printer))
		one_text(reader, printer, request, mailbox, current);
	else if (strcmp(printer_name(printer), "json") == 0)
		one_json(reader, printer, request, current);
	else
		printer_table(printer, reader, one_of(reader, current)->table, request->id, NULL, 0);
	reader_set(reader, ":number", NULL);
	current_free(&current);
}

static void put_all(struct reader *reader, struct printer *printer, const struct report_request *request)
{
	static const struct printer_column columns[] = {
		{"MAILBOX", PRINTER_NAME, 0},    {"COPIES", PRINTER_COUNT, 0},   {"FAILED", PRINTER_COUNT, 0},
		{"FIRST POST", PRINTER_TIME, 1}, {"LAST POST", PRINTER_TIME, 2},
	};
	struct current *current = load_current(reader, request->id, 0);
	int64_t rows = printer_table(printer, reader, current ? "affected-now" : "affected", request->id, columns,
	                             COUNT(columns));

	if (rows == 0 && printer_is_text(printer))
		fprintf(printer_out(printer), "%s\n",
		        !current && reader_number(reader, "affected-forgotten", request->id) > 0 ? forgotten
		                                                                                 : "No mailbox.");
	current_free(&current);
}

enum report_result report_affected(struct reader *reader, struct printer *printer, const struct report_request *request)
{
	enum report_result result = report_check_incident(reader, request);
	char mailbox[ADDRESS_MAX + 1];
	uint32_t found = 0;

	if (result != REPORT_OK)
		return result;
	if (!request->mailbox)
		put_all(reader, printer, request);
	else if (find_mailbox(reader, request, mailbox, &found))
		put_one(reader, printer, request, mailbox, found);
	else
		result = REPORT_NO_KEY;
	reader_set(reader, ":mailbox", NULL);
	if (result != REPORT_OK && !reader_error(reader))
		return result;
	return reader_error(reader) ? REPORT_DATABASE : REPORT_OK;
}
