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

static bool is_of_incident(const struct state *state, const struct file *file)
{
	for (uint32_t i = 1; i < state->post_count; i++) {
		if (state->posts[i].message == file->message)
			return true;
	}
	return false;
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
	reader_row(held->reader, row);
	sqlite3_reset(row);
	return !reader_error(held->reader);
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

/* Those of one post, on one host. */
static bool put_spilled(struct held *held, int64_t incident, uint32_t message, uint32_t host)
{
	sqlite3_stmt *rows = reader_prepare(held->reader, "queue-now.spilled", 0);

	if (!rows)
		return false;
	held_bind(rows, ":id", incident);
	held_bind(rows, ":message", message);
	held_bind(rows, ":host_number", host);
	held_bind(rows, ":host_text", held->state->hosts[host].name);
	reader_row(held->reader, rows);
	sqlite3_finalize(rows);
	return !reader_error(held->reader);
}

static bool put_all_spilled(struct held *held, int64_t incident)
{
	/* A database that no daemon of this version wrote has none. */
	if (!reader_number(held->reader, "queue-now.has-spilled", 0))
		return !reader_error(held->reader);
	for (uint32_t i = 1; i < held->state->post_count; i++)
		for (uint32_t host = 1; host < held->state->host_count; host++)
			if (!put_spilled(held, incident, held->state->posts[i].message, host))
				return false;
	return true;
}

bool queue_now_load(struct reader *reader, int64_t incident, bool *foreign)
{
	struct held held = held_new(reader);
	bool loaded = held_load_posts(&held, incident) && held_objects(&held, OBJECT_HOST, 0, take_host) &&
	              held_objects(&held, OBJECT_FILE, 0, take_file) && put_rows(&held, incident) &&
	              put_all_spilled(&held, incident);

	*foreign = held.foreign;
	held_clear(&held);
	return loaded;
}
