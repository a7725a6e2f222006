/* SPDX-License-Identifier: Apache-2.0
 *
 * Makes the rows of "queued" from the queue files that the state holds, see
 * queue_now.h: a file counts with the recipients that are open in it, as
 * figures_mailboxes.c counts them. The table is the connection's own: nothing
 * is written to the database.
 */
#include "daemon/report/queue_now.h"

#include <stdlib.h>

#include "daemon/base/memory.h"
#include "daemon/base/order.h"
#include "daemon/correlate/done.h"
#include "daemon/report/held.h"
#include "daemon/report/when.h"

static void take_host(struct state *state, uint32_t number, struct codec *codec)
{
	while (state->host_count <= number) {
		MEMORY_GROW(state->hosts, state->host_count, state->host_capacity);
		memset(&state->hosts[state->host_count++], 0, sizeof(*state->hosts));
	}
	object_host(codec, &state->hosts[number]);
}

static void clear_file(struct file *file)
{
	free(file->references);
	free(file->claims);
	free(file->notices);
	free(file->recipients);
	done_free(&file->done);
}

static int by_message(const void *a, const void *b)
{
	return order_uint32(&((const struct post *)a)->message, &((const struct post *)b)->message);
}

/* Of posts that are sorted by their messages. */
static bool is_of_incident(const struct state *state, const struct file *file)
{
	struct post of = {.message = file->message};

	return bsearch(&of, state->posts + 1, state->post_count - 1, sizeof(of), by_message) != NULL;
}

static int64_t pending_of(const struct file *file)
{
	int64_t pending = file->booked_missing_kind == MISSING_OPEN + 1 ? file->booked_missing : 0;

	for (uint32_t i = 0; i < file->recipient_count; i++)
		pending += file->recipients[i].booked_open;
	return pending;
}

/* Keeps those of the incident that owe something. */
static void take_file(struct state *state, uint32_t number, struct codec *codec)
{
	struct file file = {.host = 0};

	(void)number;
	object_file(codec, &file);
	if (codec->failed || !is_of_incident(state, &file) || pending_of(&file) == 0) {
		clear_file(&file);
		return;
	}
	MEMORY_GROW(state->files, state->file_count, state->file_capacity);
	state->files[state->file_count++] = file;
}

/* Runs a statement that gives no rows, again and again. */
static bool run(struct held *held, sqlite3_stmt *statement)
{
	reader_row(held->reader, statement);
	sqlite3_reset(statement);
	return !reader_error(held->reader);
}

static bool put_row(struct held *held, sqlite3_stmt *row, const struct file *file, int64_t incident)
{
	char oldest[WHEN_SIZE];
	uint32_t host = file->host < held->state->host_count ? held->state->hosts[file->host].name : 0;

	held_bind(row, ":id", incident);
	held_bind(row, ":host_text", host);
	held_bind(row, ":instance", file->instance);
	held_bind(row, ":queue_id", file->queue_id);
	held_bind(row, ":message", file->message_id ? file->message_id : file->resent_id);
	held_bind(row, ":sender", file->sender);
	held_bind(row, ":pending", pending_of(file));
	sqlite3_bind_text(row, sqlite3_bind_parameter_index(row, ":oldest"),
	                  when_view(oldest, file->accepted / 1000 - (file->accepted % 1000 < 0)), -1, SQLITE_TRANSIENT);
	return run(held, row);
}

static bool put_rows(struct held *held, int64_t incident)
{
	sqlite3_stmt *row;

	reader_number(held->reader, "queue-now.make", 0);
	row = reader_prepare(held->reader, "queue-now.put", 0);
	for (uint32_t i = 1; row && i < held->state->file_count; i++) {
		if (!put_row(held, row, &held->state->files[i], incident))
			break;
	}
	sqlite3_finalize(row);
	return !reader_error(held->reader);
}

/* The hosts' names, by number. */
static bool put_hosts(struct held *held)
{
	sqlite3_stmt *put;

	reader_number(held->reader, "queue-now.make-hosts", 0);
	put = reader_prepare(held->reader, "queue-now.put-host", 0);
	for (uint32_t host = 1; put && host < held->state->host_count; host++) {
		held_bind(put, ":number", host);
		held_bind(put, ":text", held->state->hosts[host].name);
		if (!run(held, put))
			break;
	}
	sqlite3_finalize(put);
	return !reader_error(held->reader);
}

static bool put_spilled(struct held *held, int64_t incident)
{
	sqlite3_stmt *rows;

	/* A database that no daemon of this version wrote has none. */
	if (!reader_number(held->reader, "queue-now.has-spilled", 0))
		return !reader_error(held->reader);
	if (!put_hosts(held))
		return false;
	rows = reader_prepare(held->reader, "queue-now.spilled", 0);
	for (uint32_t i = 1; rows && i < held->state->post_count; i++) {
		held_bind(rows, ":id", incident);
		held_bind(rows, ":message", held->state->posts[i].message);
		if (!run(held, rows))
			break;
	}
	sqlite3_finalize(rows);
	return !reader_error(held->reader);
}

bool queue_now_load(struct reader *reader, int64_t incident, bool *foreign)
{
	struct held held = held_new(reader);
	bool loaded = held_load_posts(&held, incident);

	if (loaded)
		qsort(held.state->posts + 1, held.state->post_count - 1, sizeof(*held.state->posts), by_message);
	loaded = loaded && held_objects(&held, OBJECT_HOST, 0, take_host) &&
	         held_objects(&held, OBJECT_FILE, 0, take_file) && put_rows(&held, incident) &&
	         put_spilled(&held, incident);

	*foreign = held.foreign;
	held_clear(&held);
	return loaded;
}
