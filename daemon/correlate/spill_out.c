/* SPDX-License-Identifier: Apache-2.0
 *
 * Which queue files leave memory, and how: see spill.h. Mail waits in turn: of
 * what is quiet that was told of longest ago is told of next, so what became
 * quiet last leaves first, but for what has missed its turn. What they booked
 * stays booked; their places in links, in the post's count and in coverage are kept.
 */
#include "daemon/base/memory.h"
#include "daemon/correlate/age.h"
#include "daemon/correlate/coverage.h"
#include "daemon/correlate/done.h"
#include "daemon/correlate/file.h"
#include "daemon/correlate/handover.h"
#include "daemon/correlate/host.h"
#include "daemon/correlate/link.h"
#include "daemon/correlate/message.h"
#include "daemon/correlate/spill.h"
#include "daemon/correlate/transaction.h"

#define WAITING_LEAST 1000 /* rows that wait for a checkpoint of their own at least */
#define DONE_MANY 2048     /* more recipients that are done has only a file of a storm's first hop */
#define TURN (2 * HOUR)    /* a queue manager tries again within so long: Postfix's maximal_backoff_time is 4000 s */

/* In the order in which they leave. */
enum leaves {
	LEAVES_MISSED, /* nothing was told of it for longer than TURN: the oldest first */
	LEAVES_QUIET,  /* not within the join window: the latest first */
	LEAVES_BUSY    /* the oldest first */
};

/* What may leave together: a file, or all files of the message that it is the first of. */
struct candidate {
	enum leaves leaves;
	int64_t last_line;
	uint32_t file;
	uint32_t files;
};

struct leaving {
	struct state *state;
	struct spilled *rows;
	uint32_t count, capacity;
	uint32_t *row_of; /* by file: number of its row + 1 */
};

static bool is_of_post(const struct state *state, const struct file *file)
{
	return file->message && state->messages[file->message].post;
}

/* False where the file stays, or goes with another. */
static bool spill_candidate(const struct state *state, uint32_t number, struct candidate *candidate)
{
	const struct file *file = &state->files[number];
	const struct message *message = &state->messages[file->message];

	*candidate = (struct candidate){.last_line = file->last_line, .file = number, .files = 1};
	if (!file->live || handover_clone_waits(state, number))
		return false;
	/* The first hop's file of a storm: every line of the next hops would bring it back, for little memory. */
	if (file->done.count > DONE_MANY && done_named(file) - file->done.count < file->done.count / 8)
		return false;
	if (!file->message)
		return true;
	/* What is left of the rows of a server that numbers its files depends on those of other servers. */
	if (message->post)
		return !file->numbered;
	if (message->file_list[0] != number)
		return false;
	candidate->files = message->files;
	for (uint32_t i = 1; i < message->files; i++)
		if (state->files[message->file_list[i]].last_line > candidate->last_line)
			candidate->last_line = state->files[message->file_list[i]].last_line;
	return true;
}

static enum leaves spill_leaves(const struct state *state, const struct candidate *candidate)
{
	int64_t quiet = state->log_clock - candidate->last_line;

	return quiet > TURN ? LEAVES_MISSED : quiet > state->settings->input.join_window ? LEAVES_QUIET : LEAVES_BUSY;
}

static int spill_order(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->leaves != y->leaves)
		return x->leaves < y->leaves ? -1 : 1;
	if (x->last_line != y->last_line)
		return (x->last_line < y->last_line) == (x->leaves != LEAVES_QUIET) ? -1 : 1;
	return x->file < y->file ? -1 : x->file > y->file;
}

static char *spill_text(const struct state *state, uint32_t number)
{
	struct slice text = texts_get(state->texts, number);

	return slice_given(text) ? memory_string(text.bytes, text.length) : NULL;
}

static void spill_tell_queued(const struct state *state, const struct file *file, struct spilled *row)
{
	row->pending = file->booked_missing_kind == MISSING_OPEN + 1 ? file->booked_missing : 0;
	for (uint32_t i = 0; i < file->recipient_count; i++)
		row->pending += file->recipients[i].booked_open;
	if (!row->pending)
		return;
	row->queued = memory_zeroed(1, sizeof(*row->queued));
	row->queued->instance = spill_text(state, file->instance);
	row->queued->queue_id = spill_text(state, file->queue_id);
	row->queued->message_id = spill_text(state, file->message_id ? file->message_id : file->resent_id);
	row->queued->sender = spill_text(state, file->sender);
}

static void leaving_add(struct leaving *leaving, uint32_t number, uint32_t unit)
{
	struct state *state = leaving->state;
	const struct file *file = &state->files[number];
	struct spilled row = {.unit = unit,
	                      .file = number,
	                      .host = file->host,
	                      .accepted = file->accepted,
	                      .due = age_due(state, number),
	                      .name = spill_name(state, file->host, texts_get(state->texts, file->queue_id))};

	coverage_of_file(state, file, &row.orphans, &row.unfinished);
	if (is_of_post(state, file)) {
		row.message = file->message;
		spill_tell_queued(state, file, &row);
	} else {
		row.id =
			spill_id(state, texts_get(state->texts, file->message_id ? file->message_id : file->resent_id));
	}
	MEMORY_GROW(leaving->rows, leaving->count, leaving->capacity);
	leaving->rows[leaving->count++] = row;
	leaving->row_of[number] = leaving->count;
}

static void leaving_add_unit(struct leaving *leaving, const struct candidate *candidate)
{
	const struct state *state = leaving->state;
	const struct file *file = &state->files[candidate->file];
	uint32_t unit = state->spill->next_unit++;

	if (!file->message || is_of_post(state, file)) {
		leaving_add(leaving, candidate->file, unit);
		return;
	}
	for (uint32_t i = 0; i < candidate->files; i++)
		leaving_add(leaving, state->messages[file->message].file_list[i], unit);
}

static void row_link(struct spilled *row, uint64_t key, uint8_t ends)
{
	if (row->link_count && row->links[row->link_count - 1].key == key) {
		row->links[row->link_count - 1].ends |= ends;
		return;
	}
	row->links = memory_resized(row->links, row->link_count + 1, sizeof(*row->links));
	row->links[row->link_count++] = (struct spilled_link){key, ends};
}

/* The ends of links that leave are named by their units. */
static void leaving_link(struct leaving *leaving, struct link *link)
{
	struct state *state = leaving->state;
	struct spilled *file = leaving->row_of[link->file] ? &leaving->rows[leaving->row_of[link->file] - 1] : NULL;
	struct spilled *parent =
		leaving->row_of[link->parent] ? &leaving->rows[leaving->row_of[link->parent] - 1] : NULL;
	bool message = link->message && !state->messages[link->message].post;

	if (file) {
		row_link(file, link->key,
		         SPILL_FILE |
		                 (message && state->files[link->file].message == link->message ? SPILL_MESSAGE : 0));
		link->file_unit = file->unit;
	}
	if (parent) {
		row_link(parent, link->key,
		         SPILL_PARENT |
		                 (message && state->files[link->parent].message == link->message ? SPILL_MESSAGE : 0));
		link->parent_unit = parent->unit;
	}
	if (file)
		link->file = 0;
	if (parent)
		link->parent = 0;
	link->dirty = link->dirty || file || parent;
}

static void leaving_pack(struct leaving *leaving, struct spilled *row)
{
	struct state *state = leaving->state;
	const struct spill_store *store = state->spill->store;
	const struct file *file = &state->files[row->file];
	struct host_hour *hour;
	bool first = file->message && !row->message && state->messages[file->message].file_list[0] == row->file;

	spill_mention_relays(state, file, 1);
	store->pack(store->with, state, file, first ? file->message : 0, row);
	free(row->links);
	row->links = NULL;
	row->link_count = 0;
	hour = host_hour_of(state, row->host, row->accepted);
	hour->spilled_orphans += row->orphans;
	hour->spilled_unfinished += row->unfinished;
}

/* Files go, and their message with the last of them where it is no post. */
static void leaving_go(struct leaving *leaving, struct spilled *row)
{
	struct state *state = leaving->state;

	if (row->message) {
		state->messages[row->message].spilled++;
		state->messages[row->message].dirty = true;
	}
	message_fold(state, row->file);
	file_forget(state, row->file);
	spill_add(state->spill, row);
}

static void spill_all(struct state *state, const struct candidate *candidates, uint32_t count, uint32_t wanted)
{
	struct leaving leaving = {.state = state, .row_of = memory_zeroed(state->file_count, sizeof(uint32_t))};

	for (uint32_t i = 0; i < count && leaving.count < wanted; i++)
		leaving_add_unit(&leaving, &candidates[i]);
	for (uint32_t i = 1; i < state->link_count; i++)
		if (state->links[i].live && state->links[i].file < state->file_count &&
		    state->links[i].parent < state->file_count)
			leaving_link(&leaving, &state->links[i]);
	for (uint32_t i = 0; i < leaving.count; i++)
		leaving_pack(&leaving, &leaving.rows[i]);
	for (uint32_t i = 0; i < leaving.count; i++)
		leaving_go(&leaving, &leaving.rows[i]);
	free(leaving.rows);
	free(leaving.row_of);
}

void spill_over(struct state *state)
{
	uint32_t most = (uint32_t)state->settings->limits.pending_messages, count = 0;
	struct candidate *candidates;

	if (!state->spill->store || state->live_files <= most)
		return;
	transaction_close(state);
	candidates = memory_zeroed(state->file_count, sizeof(*candidates));
	for (uint32_t i = 1; i < state->file_count; i++) {
		if (!spill_candidate(state, i, &candidates[count]))
			continue;
		candidates[count].leaves = spill_leaves(state, &candidates[count]);
		count++;
	}
	if (count)
		qsort(candidates, count, sizeof(*candidates), spill_order);
	spill_all(state, candidates, count, state->live_files - most + most / 8);
	free(candidates);
}

bool spill_waits(const struct state *state)
{
	int64_t most = state->settings->limits.pending_messages / 8;

	return state->spill->item_count > (most > WAITING_LEAST ? most : WAITING_LEAST);
}
