/* SPDX-License-Identifier: Apache-2.0
 *
 * Spilled queue files as rows, see spilled.h. A row holds all texts itself, so
 * that numbers may be used again while it is out of memory. Rows are read at any
 * time, and written and deleted with the checkpoint.
 */
#include "daemon/store/spilled.h"

#include "daemon/base/hash.h"
#include "daemon/base/memory.h"
#include "daemon/correlate/done.h"
#include "daemon/correlate/file.h"
#include "daemon/store/objects.h"

static void spilled_link(struct codec *codec, struct spilled_link *link)
{
	codec_u64(codec, &link->key);
	codec_u8(codec, &link->ends);
}

static void spilled_whole(struct codec *codec, struct file *file, struct message *message, bool *has,
                          struct spilled *row)
{
	object_file(codec, file);
	CODEC_ARRAY(codec, row->links, row->link_count, spilled_link);
	codec_bool(codec, has);
	if (*has)
		object_message(codec, message);
}

void spilled_pack(void *with, const struct state *state, const struct file *file, uint32_t message, struct spilled *row)
{
	struct codec codec = {.texts = state->texts, .addresses = state->addresses};
	struct file packed = *file;
	struct message own = state->messages[message];
	bool has = message != 0;
	uint64_t sum; /* of the bytes before it */

	(void)with;
	spilled_whole(&codec, &packed, &own, &has, row);
	sum = hash_bytes(codec.bytes, codec.length, 0);
	row->length = codec.length + sizeof(sum);
	row->bytes = memory_resized(codec.bytes, row->length, 1);
	memcpy(row->bytes + codec.length, &sum, sizeof(sum));
}

/* What was read of a row that is none. */
static bool spilled_fail(struct file *file, struct message *message)
{
	free(file->references);
	free(file->claims);
	free(file->notices);
	free(file->recipients);
	done_free(&file->done);
	free(message->references);
	free(message->buckets);
	free(message->hops);
	free(message->vias);
	free(message->deferrals);
	free(message->notices);
	free(message->posts);
	return false;
}

bool spilled_unpack(void *with, struct state *state, struct spilled *row, struct file *file, struct message *message,
                    bool *has_message)
{
	struct codec codec;
	uint64_t sum;

	(void)with;
	if (row->length < sizeof(sum))
		return false;
	memcpy(&sum, row->bytes + row->length - sizeof(sum), sizeof(sum));
	if (sum != hash_bytes(row->bytes, row->length - sizeof(sum), 0))
		return false;
	codec_begin_read(&codec, row->bytes, row->length - sizeof(sum));
	codec.texts = state->texts;
	codec.addresses = state->addresses;
	free(row->links);
	row->links = NULL;
	spilled_whole(&codec, file, message, has_message, row);
	return (codec_end(&codec) && file->queue_id && file->host == row->host) || spilled_fail(file, message);
}

bool put_spilled(struct store *store, const struct state *state)
{
	const struct spill *spill = state->spill;

	for (uint32_t i = 0; i < spill->gone_count; i++)
		if (!statement_run(store, "spilled-delete", "i", (int64_t)spill->gone[i]))
			return false;
	for (uint32_t i = 0; i < spill->item_count; i++) {
		const struct spilled *row = &spill->items[i];
		struct spilled_queued none = {0}, *told = row->queued ? row->queued : &none;
		struct slice data = {row->bytes, row->length};

		if (row->bytes &&
		    !statement_run(store, "spilled-put", "iiiiiiiiiiisshax", (int64_t)row->unit, (int64_t)row->file,
		                   (int64_t)row->name, (int64_t)row->id, (int64_t)row->host, (int64_t)row->message,
		                   row->due, row->accepted, row->orphans, row->unfinished, row->pending, told->instance,
		                   told->queue_id, slice_of(told->message_id), slice_of(told->sender), data))
			return false;
	}
	return true;
}

static struct spilled spilled_row(sqlite3_stmt *row)
{
	return (struct spilled){.unit = (uint32_t)sqlite3_column_int64(row, 0),
	                        .file = (uint32_t)sqlite3_column_int64(row, 1),
	                        .name = (uint64_t)sqlite3_column_int64(row, 2),
	                        .id = (uint64_t)sqlite3_column_int64(row, 3),
	                        .host = (uint32_t)sqlite3_column_int64(row, 4),
	                        .message = (uint32_t)sqlite3_column_int64(row, 5),
	                        .due = sqlite3_column_int64(row, 6),
	                        .accepted = sqlite3_column_int64(row, 7),
	                        .orphans = sqlite3_column_int64(row, 8),
	                        .unfinished = sqlite3_column_int64(row, 9)};
}

static bool spilled_units(struct store *store, sqlite3_stmt *statement, const char *name, spill_unit *each,
                          void *each_with)
{
	int result;

	while ((result = sqlite3_step(statement)) == SQLITE_ROW)
		each((uint32_t)sqlite3_column_int64(statement, 0), each_with);
	return statement_end(store, statement, result, name);
}

static sqlite3_stmt *spilled_statement(struct store *store, const char *name)
{
	return store_read(store) ? statement_get(store, name) : NULL;
}

static bool spilled_by(void *with, enum spill_by by, uint64_t key, spill_unit *each, void *each_with)
{
	struct store *store = with;
	const char *name = by == SPILL_BY_NAME ? "spilled-by-name"
	                   : by == SPILL_BY_ID ? "spilled-by-id"
	                                       : "spilled-by-post";
	sqlite3_stmt *statement = spilled_statement(store, name);

	if (!statement)
		return false;
	sqlite3_bind_int64(statement, 1, (int64_t)key);
	return spilled_units(store, statement, name, each, each_with);
}

static bool spilled_due(void *with, uint32_t host, int64_t posts, int64_t others, int64_t most, spill_unit *each,
                        void *each_with)
{
	struct store *store = with;

	for (int post = 0; post < 2; post++) {
		sqlite3_stmt *statement = spilled_statement(store, "spilled-due");

		if (!statement)
			return false;
		sqlite3_bind_int64(statement, 1, host);
		sqlite3_bind_int64(statement, 2, post);
		sqlite3_bind_int64(statement, 3, post ? posts : others);
		sqlite3_bind_int64(statement, 4, most);
		if (!spilled_units(store, statement, "spilled-due", each, each_with))
			return false;
	}
	return true;
}

static bool spilled_rows(void *with, uint32_t unit, spill_row *each, void *each_with)
{
	struct store *store = with;
	sqlite3_stmt *statement = spilled_statement(store, "spilled-unit");
	int result;

	if (!statement)
		return false;
	sqlite3_bind_int64(statement, 1, unit);
	while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
		struct spilled row = spilled_row(statement);
		struct slice data = statement_opened(store, statement, 10);

		row.bytes = (char *)(uintptr_t)data.bytes;
		row.length = data.length;
		each(&row, each_with);
	}
	return statement_end(store, statement, result, "spilled-unit");
}

static bool spilled_all(void *with, spill_row *each, void *each_with)
{
	struct store *store = with;
	sqlite3_stmt *statement = statement_get(store, "spilled-all");
	int result;

	if (!statement)
		return false;
	while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
		struct spilled row = spilled_row(statement);

		each(&row, each_with);
	}
	return statement_end(store, statement, result, "spilled-all");
}

struct loading {
	struct state *state;
	bool whole;
};

static void load_row(const struct spilled *row, void *with)
{
	struct loading *loading = with;
	const struct state *state = loading->state;

	if (!row->host || row->host >= state->host_count ||
	    (row->message && (row->message >= state->message_count || !state->messages[row->message].post)))
		loading->whole = false;
	else
		spill_loaded(loading->state, row);
}

bool load_spilled(struct store *store, struct state *state)
{
	struct loading loading = {state, true};

	store->spill = (struct spill_store){.with = store,
	                                    .pack = spilled_pack,
	                                    .unpack = spilled_unpack,
	                                    .units = spilled_by,
	                                    .due = spilled_due,
	                                    .rows = spilled_rows,
	                                    .all = spilled_all};
	return spilled_all(store, load_row, &loading) && loading.whole && spill_begin(state->spill, &store->spill);
}
