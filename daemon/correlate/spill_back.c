/* SPDX-License-Identifier: Apache-2.0
 *
 * Which spilled queue files come back, and how: see spill.h. A line touches the
 * files of its queue ID, those that these were made from, the ends of their
 * hand-over links, and all ordinary mail under their Message-IDs.
 */
#include "daemon/base/memory.h"
#include "daemon/correlate/age.h"
#include "daemon/correlate/file.h"
#include "daemon/correlate/host.h"
#include "daemon/correlate/link.h"
#include "daemon/correlate/message.h"
#include "daemon/correlate/notice_set.h"
#include "daemon/correlate/spill.h"
#include "daemon/correlate/via.h"

#define DUE_MOST 100000 /* units of a host that come back at a time because they are due */

struct units {
	uint32_t *items;
	uint32_t count, capacity;
};

static void units_add(uint32_t unit, void *with)
{
	struct units *units = with;

	MEMORY_GROW(units->items, units->count, units->capacity);
	units->items[units->count++] = unit;
}

/* --- one unit --- */

/* A message without its files. The codec held what is held again by the index. */
static uint32_t back_message(struct state *state, const struct message *message)
{
	uint32_t number = message_put_back(state, message);
	struct message *m = &state->messages[number];

	notice_index(m);
	if (!via_index(state, m))
		state->spill->failed = true;
	for (uint32_t i = 0; i < m->via_count; i++)
		texts_drop(state->addresses, m->vias[i].via);
	return number;
}

static void back_links(struct state *state, const struct spilled *row, uint32_t file, uint32_t message)
{
	for (uint32_t i = 0; i < row->link_count; i++) {
		struct link *link = link_find(state, row->links[i].key);
		uint8_t ends = row->links[i].ends;

		if (!link)
			continue;
		if (ends & SPILL_FILE && link->file_unit == row->unit) {
			link->file = file;
			link->file_unit = 0;
		}
		if (ends & SPILL_PARENT && link->parent_unit == row->unit) {
			link->parent = file;
			link->parent_unit = 0;
		}
		if (ends & SPILL_MESSAGE)
			link->message = message;
		link->dirty = true;
	}
}

static void back_enlist(struct state *state, uint32_t number)
{
	struct file *file = &state->files[number];
	struct message *message = &state->messages[file->message];

	if (!file->message)
		return;
	MEMORY_GROW(message->file_list, message->files, message->file_capacity);
	file->slot = message->files;
	message->file_list[message->files++] = number;
	message->dirty = true;
}

/* The number that a file of this unit has now; of one that is not in it, what it was. */
static uint32_t back_number(const struct spilled *rows, const uint32_t *numbers, uint32_t count, uint32_t was)
{
	for (uint32_t i = 0; i < count; i++)
		if (rows[i].file == was)
			return numbers[i];
	return was;
}

static uint32_t back_file(struct state *state, struct spilled *row, uint32_t *message)
{
	const struct spill_store *store = state->spill->store;
	struct host_hour *hour = host_hour_of(state, row->host, row->accepted);
	struct file file = {0};
	struct message own = {0};
	bool has = false;

	if (!store->unpack(store->with, state, row, &file, &own, &has)) {
		state->spill->failed = true;
		return 0;
	}
	spill_mention_relays(state, &file, -1);
	hour->spilled_orphans -= row->orphans;
	hour->spilled_unfinished -= row->unfinished;
	if (has)
		*message = back_message(state, &own);
	if (row->message)
		state->messages[row->message].spilled--;
	return file_put_back(state, &file);
}

static void spill_restore(struct state *state, struct spilled *rows, uint32_t count)
{
	uint32_t *numbers = memory_zeroed(count, sizeof(*numbers)), message = 0;

	for (uint32_t i = 0; i < count && !state->spill->failed; i++)
		numbers[i] = back_file(state, &rows[i], &message);
	for (uint32_t i = 0; i < count && !state->spill->failed; i++) {
		struct file *file = &state->files[numbers[i]];

		file->message = rows[i].message ? rows[i].message : message;
		file->parent = back_number(rows, numbers, count, file->parent);
		if (file->parent >= state->file_count)
			file->parent = 0;
		back_enlist(state, numbers[i]);
		back_links(state, &rows[i], numbers[i], file->message);
	}
	/* A name alone holds no mailbox. */
	for (uint32_t i = 0; message && i < state->messages[message].via_count; i++)
		texts_drop(state->addresses, state->messages[message].vias[i].mailbox);
	free(numbers);
}

static void spill_recall_units(struct state *state, struct units *units)
{
	for (uint32_t i = 0; i < units->count && !state->spill->failed; i++) {
		struct spilled *rows;
		uint32_t count = spill_take(state->spill, units->items[i], &rows);

		spill_restore(state, rows, count);
		for (uint32_t k = 0; k < count; k++)
			spilled_clear(&rows[k]);
		free(rows);
	}
	free(units->items);
	*units = (struct units){0};
}

/* --- by name --- */

static void recall_key(struct state *state, enum spill_by by, uint64_t key)
{
	struct units units = {0};

	spill_units(state->spill, by, key, units_add, &units);
	spill_recall_units(state, &units);
}

static void recall_name(struct state *state, uint32_t host, struct slice queue_id)
{
	if (slice_given(queue_id) && queue_id.length)
		recall_key(state, SPILL_BY_NAME, spill_name(state, host, queue_id));
}

static void recall_id(struct state *state, struct slice message_id)
{
	recall_key(state, SPILL_BY_ID, spill_id(state, message_id));
}

static void recall_link(struct state *state, struct slice message_id, struct slice queue_id)
{
	uint64_t key = slice_given(queue_id) ? link_key_of(state, message_id, queue_id) : 0;
	const struct link *link = key ? link_find(state, key) : NULL;
	struct units units = {0};

	if (link && link->file_unit)
		units_add(link->file_unit, &units);
	if (link && link->parent_unit)
		units_add(link->parent_unit, &units);
	spill_recall_units(state, &units);
}

/* What ties a file to others. */
static void recall_ties(struct state *state, uint32_t number, const struct event *event)
{
	const struct file *file = &state->files[number];
	uint32_t named = file->message_id ? file->message_id : file->resent_id;
	struct slice id = texts_get(state->texts, named);

	if (!named)
		id = slice_given(event->message_id) ? event->message_id : event->resent_message_id;
	recall_id(state, id);
	recall_name(state, state->files[number].host, texts_get(state->texts, state->files[number].origin_id));
	recall_link(state, id, texts_get(state->texts, state->files[number].queue_id));
	recall_link(state, id, event->next_queue_id);
	for (uint32_t i = 0; i < state->files[number].claim_count; i++)
		recall_link(state, id, texts_get(state->texts, state->files[number].claims[i].queue_id));
}

static bool recalled_is(const struct spill *spill, uint32_t host, const struct event *event)
{
	const struct spill_recalled *last = &spill->recalled;

	return event->kind == EVENT_ATTEMPT && last->next_unit == spill->next_unit && last->host == host &&
	       slice_equal(event->queue_id, (struct slice){last->queue_id, last->length}) &&
	       slice_equal(slice_given(event->next_queue_id) ? event->next_queue_id : SLICE(""),
	                   (struct slice){last->next_queue_id, last->next_length});
}

/* An attempt alone: other lines tell of more that it may touch. */
static void recalled_keep(struct spill *spill, uint32_t host, const struct event *event)
{
	struct spill_recalled *last = &spill->recalled;

	last->next_unit = 0;
	if (event->kind != EVENT_ATTEMPT || event->queue_id.length > RECALLED_MAX ||
	    event->next_queue_id.length > RECALLED_MAX || slice_given(event->message_id) ||
	    slice_given(event->resent_message_id) || slice_given(event->origin_queue_id))
		return;
	last->host = host;
	last->next_unit = spill->next_unit;
	last->length = (uint8_t)event->queue_id.length;
	last->next_length = (uint8_t)event->next_queue_id.length;
	memcpy(last->queue_id, event->queue_id.bytes, last->length);
	if (last->next_length)
		memcpy(last->next_queue_id, event->next_queue_id.bytes, last->next_length);
}

void spill_recall(struct state *state, uint32_t host, const struct event *event)
{
	uint32_t next;

	if (!state->spill->count || !slice_given(event->queue_id) || recalled_is(state->spill, host, event))
		return;
	recall_name(state, host, event->queue_id);
	recall_name(state, host, event->next_queue_id);
	recall_name(state, host, event->origin_queue_id);
	recall_id(state, event->message_id);
	recall_id(state, event->resent_message_id);
	recall_link(state, event->message_id, event->queue_id);
	recall_link(state, event->resent_message_id, event->queue_id);
	for (uint32_t at = file_find(state, host, event->queue_id); at; at = next) {
		recall_ties(state, at, event);
		next = state->files[at].next_incarnation;
	}
	recalled_keep(state->spill, host, event);
}

void spill_recall_post(struct state *state, uint32_t message)
{
	if (state->messages[message].spilled)
		recall_key(state, SPILL_BY_POST, message);
}

void spill_recall_due(struct state *state, int64_t slowest)
{
	const struct spill *spill = state->spill;
	struct units units = {0};

	for (uint32_t i = 0; i < spill->item_count; i++) {
		const struct spilled *row = &spill->items[i];
		int64_t clock = age_clock(state, row->host);

		if (row->bytes && row->due < (row->message || clock < slowest ? clock : slowest))
			units_add(row->unit, &units);
	}
	spill_recall_units(state, &units);
	for (uint32_t i = 1; spill->count && i < state->host_count; i++) {
		int64_t clock = age_clock(state, i);

		if (clock != TIME_NONE &&
		    !spill->store->due(spill->store->with, i, clock, clock < slowest ? clock : slowest, DUE_MOST,
		                       units_add, &units))
			state->spill->failed = true;
		spill_recall_units(state, &units);
	}
}
