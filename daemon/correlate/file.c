/* SPDX-License-Identifier: Apache-2.0
 *
 * Queue files and their incarnations, see file.h. Within one second the
 * order of an incarnation's lines is acceptance, Message-ID, queued, attempts,
 * removed; so a line of the second in which one incarnation ended and the
 * next began goes by its kind, and is counted as ambiguous.
 */
#include "daemon/correlate/file.h"

#include "daemon/base/hash.h"
#include "daemon/base/memory.h"
#include "daemon/correlate/done.h"
#include "daemon/correlate/expansion.h"
#include "daemon/correlate/file_recipients.h"
#include "daemon/correlate/queue_id.h"

static int64_t second_of(int64_t time)
{
	return time_floor(time, SECOND);
}

static uint64_t file_hash(uint32_t host, uint32_t queue_id)
{
	return hash_two(host, queue_id);
}

static uint64_t file_hash_of(const void *owner, uint32_t number)
{
	const struct state *state = owner;

	return file_hash(state->files[number].host, state->files[number].queue_id);
}

static uint32_t file_chain(const struct state *state, uint32_t host, uint32_t queue_id)
{
	uint32_t at = 0, number;

	while ((number = table_next(&state->by_queue_id, file_hash(host, queue_id), &at)) != TABLE_NONE)
		if (state->files[number].host == host && state->files[number].queue_id == queue_id)
			return number;
	return 0;
}

bool file_alone(const struct state *state, uint32_t number)
{
	const struct file *file = &state->files[number];

	return !file->next_incarnation && file_chain(state, file->host, file->queue_id) == number;
}

uint32_t file_find(const struct state *state, uint32_t host, struct slice queue_id)
{
	uint32_t text = texts_find(state->texts, queue_id);

	return text ? file_chain(state, host, text) : 0;
}

void file_enchain(struct state *state, uint32_t number)
{
	struct file *file = &state->files[number];
	uint32_t head = file_chain(state, file->host, file->queue_id);

	file->next_incarnation = head;
	if (head)
		table_replace(&state->by_queue_id, file_hash(file->host, file->queue_id), head, number);
	else
		table_add(&state->by_queue_id, file_hash(file->host, file->queue_id), number, file_hash_of, state);
}

static void file_unchain(struct state *state, uint32_t number)
{
	struct file *file = &state->files[number];
	uint32_t head = file_chain(state, file->host, file->queue_id);
	uint64_t hash = file_hash(file->host, file->queue_id);

	if (head == number) {
		if (file->next_incarnation)
			table_replace(&state->by_queue_id, hash, number, file->next_incarnation);
		else
			table_remove(&state->by_queue_id, hash, number);
		return;
	}
	while (state->files[head].next_incarnation != number)
		head = state->files[head].next_incarnation;
	state->files[head].next_incarnation = file->next_incarnation;
}

void file_look(struct state *state, uint32_t number)
{
	state->files[number].rests = false;
	if (number < state->file_look_count)
		state->file_looks[number] = TIME_NONE;
}

void file_looks_reach(struct state *state)
{
	while (state->file_look_count < state->file_count) {
		MEMORY_GROW(state->file_looks, state->file_look_count, state->file_look_capacity);
		state->file_looks[state->file_look_count++] = TIME_NONE;
	}
}

/* Whatever comes of a line, nothing is old enough before. */
static void file_look_since(struct state *state, uint32_t number, int64_t time)
{
	int64_t window = state->settings->input.join_window;

	state->files[number].rests = false;
	file_looks_reach(state);
	state->file_looks[number] = time + (window < HOUR ? window : HOUR);
}

static uint32_t file_room(struct state *state)
{
	if (state->free_file_count) {
		file_look(state, state->free_files[--state->free_file_count]);
		return state->free_files[state->free_file_count];
	}
	MEMORY_GROW(state->files, state->file_count, state->file_capacity);
	return state->file_count++;
}

uint32_t file_put_back(struct state *state, const struct file *file)
{
	uint32_t number = file_room(state);

	state->files[number] = *file;
	state->files[number].live = state->files[number].dirty = true;
	file_enchain(state, number);
	file_unindex(state, number);
	state->live_files++;
	return number;
}

/* queue_id: one hold is taken over. */
static uint32_t file_new(struct state *state, uint32_t host, uint32_t queue_id, int64_t time, const struct event *event)
{
	uint32_t number = file_room(state);

	file_look_since(state, number, time);
	state->files[number] = (struct file){
		.host = host,
		.queue_id = queue_id,
		.first_line = time,
		.last_line = time,
		.resolution = event->resolution,
		.numbered = expansion_numbers(event),
		.accepted = time,
		.accepted_least = TIME_NONE,
		.accepted_line = TIME_NONE,
		.identified_at = TIME_NONE,
		.queued_at = TIME_NONE,
		.removed_at = TIME_NONE,
		.size = -1,
		.nrcpt = -1,
		.live = true,
		.dirty = true,
	};
	file_enchain(state, number);
	file_date(state, number);
	state->live_files++;
	return number;
}

/* Two significant digits. */
int64_t file_least(int32_t resolution, int64_t time, int64_t delay)
{
	return resolution == SECOND && delay >= 0 && delay <= 2 * SECOND ? time - delay - delay * 6 / 100 - 15000
	                                                                 : INT64_MIN;
}

bool file_least_moves(const struct file *file, int64_t least)
{
	return least > file->accepted_least && !file->id_time && file->accepted < least;
}

bool file_queued(const struct file *file)
{
	return file->queued_at != TIME_NONE || file->numbered || file->requeued || done_named(file) > 0;
}

int64_t file_due(const struct file *file)
{
	return file->nrcpt == FILE_REDIRECTED ? 1 : file->nrcpt;
}

bool file_named(const struct file *file)
{
	return file->accepted_line != TIME_NONE || file->message_id || file->resent_id;
}

bool file_requeues(const struct file *file)
{
	return file->origin_id && !file->origin_filter;
}

bool file_told_again(const struct file *file)
{
	struct recipients_walk walk = recipients_of(file);
	struct recipient first;

	return file->told_late && file->message && recipients_next(&walk, &first) && first.bucket && file->fresh == 0;
}

bool file_owes(const struct file *file)
{
	return !file->canceled && !file->removed_by_admin && !file->requeued && !file->told_late &&
	       (!file->numbered || file->lapsed);
}

bool file_date(struct state *state, uint32_t number)
{
	struct file *file = &state->files[number];
	struct slice id = texts_get(state->texts, file->queue_id);
	int64_t was = file->accepted, time = file->first_line;
	int32_t microsecond;

	file->id_time = !file->numbered && queue_id_time(id, &time) && time < file->first_line + 2 * SECOND &&
	                time > file->first_line - 60 * DAY;
	if (!file->id_time) {
		time = file->first_line;
		microsecond = file->numbered ? -1 : queue_id_microsecond(id);
		if (microsecond >= 0) {
			time = second_of(file->first_line) + microsecond;
			if (file->resolution < SECOND && time > file->first_line + file->resolution)
				time -= SECOND;
			/* A first line may carry the second before: time(2) lags behind gettimeofday(2). */
			if (file->resolution == SECOND && time < file->accepted_least &&
			    time + SECOND < file->last_line + SECOND)
				time += SECOND;
		}
	}
	/* One that goes on from a requeued file came when that did: its delays count from then. */
	if (file_requeues(file) && file->parented && was < time)
		time = was;
	file->accepted = time;
	file->dated_from = file->first_line;
	return time != was;
}

static int64_t file_start(const struct file *file)
{
	return file->accepted_line != TIME_NONE ? file->accepted_line : file->first_line;
}

/* Lines of the incarnation `from` that were told after `time` belong to the one that was accepted then. */
bool file_split(struct state *state, uint32_t from, uint32_t to, int64_t time)
{
	struct file *f = &state->files[from], *t = &state->files[to];
	bool moved = false;

#define MOVE(field, none) (t->field = f->field, f->field = (none))
	if (f->identified_at != TIME_NONE && second_of(f->identified_at) > second_of(time)) {
		MOVE(identified_at, TIME_NONE);
		MOVE(message_id, 0);
		MOVE(resent_id, 0);
		moved = true;
	}
	if (f->queued_at != TIME_NONE && second_of(f->queued_at) > second_of(time)) {
		MOVE(queued_at, TIME_NONE);
		MOVE(sender, 0);
		MOVE(sender_list, 0);
		MOVE(size, -1);
		MOVE(nrcpt, -1);
		moved = true;
	}
	if (f->removed_at != TIME_NONE && second_of(f->removed_at) > second_of(time)) {
		MOVE(removed_at, TIME_NONE);
		MOVE(removed, false);
		MOVE(removed_by_admin, false);
		moved = true;
	}
#undef MOVE
	bundles_spread(state, from);
	for (uint32_t i = 0; i < f->recipient_count;) {
		struct recipient r = f->recipients[i];
		int64_t at = r.ended_at != TIME_NONE ? r.ended_at : r.deferred_at;

		if (at == TIME_NONE || second_of(at) <= second_of(time)) {
			i++;
			continue;
		}
		f->recipients[i] = f->recipients[--f->recipient_count];
		f->ended -= r.outcome != RECIPIENT_OPEN;
		MEMORY_GROW(t->recipients, t->recipient_count, t->recipient_capacity);
		t->recipients[t->recipient_count++] = r;
		t->ended += r.outcome != RECIPIENT_OPEN;
		moved = true;
	}
	if (moved) {
		file_look(state, from);
		file_look(state, to);
		file_unindex(state, from);
		file_unindex(state, to);
		f->dirty = t->dirty = true;
	}
	return moved;
}

/* An acceptance: the incarnation that has this very line, or one that waits for its beginning, or a new one. */
static uint32_t file_of_acceptance(struct state *state, uint32_t head, int64_t time)
{
	uint32_t waiting = 0;

	for (uint32_t at = head; at; at = state->files[at].next_incarnation) {
		const struct file *file = &state->files[at];

		if (file->accepted_line == time || file->id_time)
			return at;
		if (file->accepted_line == TIME_NONE && second_of(file->first_line) >= second_of(time) &&
		    (!waiting || file->first_line < state->files[waiting].first_line))
			waiting = at;
	}
	return waiting;
}

static bool file_conflicts(const struct state *state, const struct file *file, const struct event *event)
{
	if (event->kind == EVENT_IDENTIFIED && slice_given(event->message_id) && file->message_id)
		return !slice_equal(texts_get(state->texts, file->message_id), event->message_id);
	if (event->kind == EVENT_QUEUED && !file->numbered && file->queued_at != TIME_NONE && !file->id_time)
		return (file->nrcpt != event->recipients && file->nrcpt != FILE_REDIRECTED) ||
		       file->size != event->size;
	return false;
}

/* The incarnation accepted last at or before the line; else the one that begins first. */
static uint32_t file_of_line(struct state *state, uint32_t head, const struct event *event, int64_t time,
                             bool *ambiguous)
{
	uint32_t best = 0, first = 0;
	int64_t slack = event->kind == EVENT_REMOVED || event->kind == EVENT_SPAWNED ? 0 : SECOND;

	for (uint32_t at = head; at; at = state->files[at].next_incarnation) {
		const struct file *file = &state->files[at];
		int64_t start = file_start(file);

		if (file_conflicts(state, file, event))
			continue;
		if (!first || start < file_start(&state->files[first]))
			first = at;
		if (second_of(start) > second_of(time))
			continue;
		if (file->removed_at != TIME_NONE && time > file->removed_at + slack && !file->id_time)
			continue;
		/* An end told in the second of a later beginning is that of the earlier one. */
		if (second_of(start) == second_of(time) && best &&
		    (event->kind == EVENT_REMOVED || event->kind == EVENT_ATTEMPT)) {
			*ambiguous = true;
			if (!state->files[best].removed || event->kind == EVENT_ATTEMPT)
				continue;
		}
		if (!best || start > file_start(&state->files[best])) {
			if (best && second_of(file_start(&state->files[best])) == second_of(start))
				*ambiguous = true;
			best = at;
		}
	}
	if (best)
		return best;
	/* Told before the only beginning that is known, which has no line of its own yet. */
	return first && state->files[first].accepted_line == TIME_NONE &&
	                       second_of(file_start(&state->files[first])) > second_of(time)
	               ? first
	               : 0;
}

/* Services of one server count their files each for itself, and begin anew: the Message-ID tells which of a number is meant.
 * It comes first from then on, since the rest of its row goes by that. */
static uint32_t file_of_number(struct state *state, uint32_t head, const struct event *event)
{
	uint32_t found = head;

	while (found && file_conflicts(state, &state->files[found], event))
		found = state->files[found].next_incarnation;
	if (found && found != head) {
		file_unchain(state, found);
		file_enchain(state, found);
	}
	return found;
}

static void file_touch(struct state *state, uint32_t number, int64_t time, int32_t resolution)
{
	struct file *file = &state->files[number];

	if (time < file->first_line) {
		file->first_line = time;
		file->resolution = resolution;
		file_look(state, number);
	}
	if (time > file->last_line)
		file->last_line = time;
	if (file->rests)
		file_look_since(state, number, time);
	file->lines++;
	file->dirty = true;
}

/* Mostly it is that of the line before. */
static uint32_t file_hold_id(struct state *state, const struct text_key *queue_id)
{
	if (texts_is(state->texts, state->queue_id_last, queue_id))
		return texts_hold_again(state->texts, state->queue_id_last);
	return state->queue_id_last = texts_hold_key(state->texts, queue_id);
}

uint32_t file_of(struct state *state, uint32_t host, const struct event *event, const struct keys *keys, int64_t time,
                 bool *ambiguous, uint32_t *split)
{
	uint32_t text = file_hold_id(state, &keys->names->queue_id);
	uint32_t head = file_chain(state, host, text), found = 0, before = 0;

	*ambiguous = false;
	*split = 0;
	texts_set_known(state->texts, text, true);
	if (head && state->files[head].numbered)
		found = file_of_number(state, head, event);
	else if (head && event->kind == EVENT_ACCEPTED)
		found = file_of_acceptance(state, head, time);
	else if (head)
		found = file_of_line(state, head, event, time, ambiguous);
	if (found) {
		texts_drop(state->texts, text);
		file_touch(state, found, time, event->resolution);
		return found;
	}
	found = file_new(state, host, text, time, event);
	state->files[found].lines = 1;
	for (uint32_t at = head; at && event->kind == EVENT_ACCEPTED && !state->files[head].numbered;
	     at = state->files[at].next_incarnation)
		if (file_start(&state->files[at]) < time &&
		    (!before || file_start(&state->files[at]) > file_start(&state->files[before])))
			before = at;
	if (before)
		*split = before;
	return found;
}

void file_fetch_place(const struct state *state, uint32_t host, uint32_t queue_id)
{
	table_prefetch(&state->by_queue_id, file_hash(host, queue_id));
}

uint32_t file_guess(const struct state *state, uint32_t host, uint32_t queue_id)
{
	return table_guess(&state->by_queue_id, file_hash(host, queue_id));
}

void file_fetch(const struct state *state, uint32_t number)
{
	memory_fetch(&state->files[number], sizeof(struct file));
}

void file_fetch_more(const struct state *state, uint32_t number, uint32_t mailbox, unsigned step)
{
	const struct file *file = &state->files[number];
	const struct message *message = &state->messages[file->message];

	if (!file->message)
		return;
	if (step == 0)
		memory_fetch(message, sizeof(*message));
	else
		buckets_fetch(message, SET_NAMED, file->hop, mailbox, step - 1);
}

void file_forget(struct state *state, uint32_t number)
{
	struct file *file = &state->files[number];

	file_unchain(state, number);
	for (uint32_t i = 0; i < file->recipient_count; i++) {
		texts_drop(state->addresses, file->recipients[i].mailbox);
		texts_drop(state->addresses, file->recipients[i].via);
	}
	free(file->recipients);
	table_clear(&file->by_recipient);
	while (file->bundles)
		bundle_drop(state, file, &file->bundles);
	texts_drop(state->addresses, file->done.via);
	done_free(&file->done);
	for (uint32_t i = 0; i < file->reference_count; i++)
		texts_drop(state->texts, file->references[i]);
	free(file->references);
	free(file->notices);
	for (uint32_t i = 0; i < file->claim_count; i++) {
		texts_drop(state->texts, file->claims[i].queue_id);
		texts_drop(state->addresses, file->claims[i].expanded);
	}
	free(file->claims);
	texts_drop(state->texts, file->queue_id);
	texts_drop(state->texts, file->instance);
	texts_drop(state->texts, file->message_id);
	texts_drop(state->texts, file->resent_id);
	texts_drop(state->texts, file->sender);
	texts_drop(state->texts, file->client);
	texts_drop(state->texts, file->login);
	texts_drop(state->texts, file->subject);
	texts_drop(state->texts, file->origin_id);
	texts_drop(state->addresses, file->sender_list);
	texts_drop(state->addresses, file->header_list);
	texts_drop(state->addresses, file->expanded);
	*file = (struct file){.dirty = true};
	MEMORY_GROW(state->free_files, state->free_file_count, state->free_file_capacity);
	state->free_files[state->free_file_count++] = number;
	state->live_files--;
}
