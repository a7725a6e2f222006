/* SPDX-License-Identifier: Apache-2.0
 *
 * Folding and forgetting, see age.h. A queue file of a post is folded once its
 * own host's clock is past the join window; one of ordinary mail once every
 * host's is (of those not more than an hour behind), since a line of another host may still make a post of it.
 */
#include "daemon/correlate/age.h"

#include "daemon/base/memory.h"
#include "daemon/correlate/book.h"
#include "daemon/correlate/coverage.h"
#include "daemon/correlate/deferral.h"
#include "daemon/correlate/done.h"
#include "daemon/correlate/expansion.h"
#include "daemon/correlate/file.h"
#include "daemon/correlate/filter.h"
#include "daemon/correlate/handover.h"
#include "daemon/correlate/host.h"
#include "daemon/correlate/link.h"
#include "daemon/correlate/message.h"
#include "daemon/correlate/refusal.h"
#include "daemon/correlate/relay_settle.h"
#include "daemon/correlate/relay_sweep.h"
#include "daemon/correlate/spill.h"
#include "daemon/correlate/unload.h"

#define AGE_EVERY (20 * SECOND)
#define SLOW_EVERY (5 * MINUTE) /* links and messages stay for hours */
#define AGE_SHARE 32            /* a scan per this many seconds for each million files */
#define FILES_MORE 10000        /* a scan also where files became twice as many, and so many more */
#define FETCH_AHEAD 16          /* files */
#define KEEP_BEGUN HOUR         /* a queue file of which only the beginning was told: an aborted transaction */
#define KEEP_MINUTES (2 * DAY)
#define DEFERRALS_KEPT 4096 /* of a message, longer than lines may be late by rights */
#define KEEP_INCIDENT (31 * DAY)

/* All its recipients have ended, and nothing was told for long: some mail systems tell no end of the file itself. */
static bool age_done(const struct file *file, int64_t clock)
{
	return file_due(file) >= 0 && (int64_t)file->ended == done_named(file) &&
	       (int64_t)file->ended >= file_due(file) && file->last_line < clock - HOUR;
}

/* It went on in another file before the queue manager, or an agent, told anything of it: from the hold queue (MailScanner). */
static bool age_taken(const struct file *file)
{
	return file->requeued && file->queued_at == TIME_NONE && done_named(file) == 0;
}

/* Nothing more is due of it. */
static bool age_ended(const struct file *file)
{
	return file->removed || file->lapsed || file->canceled || age_taken(file);
}

static bool age_only_begun(const struct file *file)
{
	return file->identified_at == TIME_NONE && file->queued_at == TIME_NONE && done_named(file) == 0;
}

static void age_orphan(struct state *state, const struct file *file)
{
	host_hour_of(state, file->host, file->first_line)->orphans += file->lines;
}

static void age_unfinished(struct state *state, const struct file *file)
{
	int64_t orphans, unfinished;

	coverage_of_file(state, file, &orphans, &unfinished);
	if (unfinished > 0)
		host_hour_of(state, file->host, file->accepted)->unfinished += unfinished;
}

static void age_lapse(struct state *state, uint32_t number)
{
	struct file *file = &state->files[number];

	for (uint32_t i = 0; i < file->recipient_count; i++)
		if (file->recipients[i].outcome == RECIPIENT_OPEN)
			unbook_recipient(state, number, i);
	file->lapsed = file->dirty = true;
	for (uint32_t i = 0; file->message && i < file->recipient_count; i++)
		if (!file->recipients[i].booked)
			book_recipient(state, number, i);
	book_missing(state, number);
}

int64_t age_clock(const struct state *state, uint32_t host)
{
	int64_t clock = state->hosts[host].clock, lifetime = state->settings->input.queue_lifetime;
	int64_t kept = state->settings->retention.mailboxes;
	int64_t least = state->log_clock - (kept > lifetime ? kept - lifetime : 0);

	return clock == TIME_NONE || clock > least || kept <= lifetime ? clock : least;
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

int64_t age_due(const struct state *state, uint32_t number)
{
	const struct file *file = &state->files[number];
	int64_t quiet = file->last_line + state->settings->input.join_window;

	if (!file_named(file))
		return quiet;
	if (age_only_begun(file))
		return file->canceled ? quiet : file->last_line + KEEP_BEGUN;
	if (age_ended(file) || (file->numbered && expansion_over(state, number)))
		return quiet;
	if (age_done(file, INT64_MAX))
		return later(quiet, file->last_line + HOUR);
	return later(quiet, file->accepted + state->settings->input.queue_lifetime);
}

static void age_file(struct state *state, uint32_t number, int64_t slowest)
{
	struct file *file = &state->files[number];
	int64_t window = state->settings->input.join_window;
	int64_t clock = age_clock(state, file->host);
	bool post = file->message && state->messages[file->message].post;
	/* Never before its own host's clock has passed: a line told again would not be late, and be taken for a new one. */
	int64_t quiet;

	if (clock == TIME_NONE)
		return;
	quiet = (post || clock < slowest ? clock : slowest) - window;
	if (!file_named(file)) {
		if (file->last_line < slowest - window) {
			age_orphan(state, file);
			file_forget(state, number);
		}
		return;
	}
	if (age_only_begun(file)) {
		if (file->last_line < slowest - KEEP_BEGUN || (file->canceled && file->last_line < slowest - window)) {
			message_detach(state, number);
			file_forget(state, number);
		}
		return;
	}
	if (!age_ended(file) && file->accepted < clock - state->settings->input.queue_lifetime &&
	    file->last_line < clock - window)
		age_lapse(state, number);
	/* Before any of its recipients goes. */
	message_share(state, file->message);
	file = &state->files[number];
	if (file->last_line < quiet &&
	    (age_ended(file) || age_done(file, clock) || (file->numbered && expansion_over(state, number)))) {
		age_unfinished(state, file);
		message_fold(state, number);
		file_forget(state, number);
		return;
	}
	/* One that ended is folded before long, whole. */
	if (!age_ended(file))
		done_age(state, number, clock - window);
}

/* Until this time age_file() finds nothing to do, whatever is told of the file meanwhile; where it rests, unless
 * something is. Host clocks are never ahead of the log's. */
static int64_t age_look(struct state *state, struct file *file)
{
	int64_t window = state->settings->input.join_window;
	int64_t over = file->last_line + (window < KEEP_BEGUN ? window : KEEP_BEGUN), done;

	file->rests = file_named(file) && !age_only_begun(file) && !age_ended(file) && !file->numbered &&
	              !age_done(file, INT64_MAX);
	if (file->rests)
		over = later(file->last_line + window, file->accepted + state->settings->input.queue_lifetime);
	if (age_ended(file))
		return over;
	if (!done_may_come(state, file))
		done = state->log_clock + 4 * window; /* it may become a post's */
	else if (file->rests && file->ended == file->done.count)
		done = over;
	else
		done = later(file->first_line + window, done_look(state, file) - 1);
	return over < done ? over : done;
}

/* Queue files that were told of long ago are in no cache. */
static void age_fetch(const struct state *state, uint32_t number)
{
	if (number < state->file_look_count && state->log_clock > state->file_looks[number])
		file_fetch(state, number);
	number -= FETCH_AHEAD * 5 / 8;
	if (number < state->file_look_count && state->log_clock > state->file_looks[number])
		__builtin_prefetch(state->files[number].recipients);
}

static void age_files(struct state *state, int64_t slowest)
{
	file_looks_reach(state);
	for (uint32_t i = 1; i < state->file_look_count; i++) {
		age_fetch(state, i + FETCH_AHEAD);
		if (state->log_clock <= state->file_looks[i])
			continue;
		if (state->files[i].live)
			age_file(state, i, slowest);
		state->file_looks[i] = state->files[i].live ? age_look(state, &state->files[i]) : INT64_MAX;
	}
}

static void age_clones(struct state *state)
{
	bool wait = false;

	for (uint32_t i = 1; state->clones_wait && !wait && i < state->file_count; i++)
		wait = handover_clone_waits(state, i);
	state->clones_wait = wait;
}

/* A storm's posts stay for days; what did not change since the last checkpoint mostly will not any more. */
static void age_sets(struct message *message)
{
	for (uint32_t b = 0; b < message->bucket_count; b++)
		for (uint32_t s = 0; s < message->buckets[b].set_count; s++)
			mailbox_set_pack(&message->buckets[b].sets[s].set);
}

/* A message without queue files at hand: what is no post, or whose list was quiet for long, goes. */
static void age_message(struct state *state, uint32_t number, int64_t slowest)
{
	struct message *message = &state->messages[number];

	if (message->deferral_count)
		deferral_age(message, message->deferral_count > DEFERRALS_KEPT
		                              ? slowest - 2 * state->settings->input.join_window
		                              : state->log_clock - DAY);
	age_sets(message);
	if (message->files == 0 && message->spilled == 0 && message->post_count == 0 && !message->changed &&
	    message->last_accepted < state->log_clock - state->settings->storm.thread_gap)
		message_forget(state, number);
}

static void age_slowly(struct state *state, int64_t slowest)
{
	state->past_weight = 0;
	for (uint32_t i = 1; i < state->message_count; i++)
		if (state->messages[i].live) {
			state->past_weight += unload_weight(state, &state->messages[i]);
			age_message(state, i, slowest);
		}
	link_age(state, slowest - 2 * state->settings->input.join_window, state->log_clock - DAY);
}

/* All mail's cells stay while an incident may still be measured against them. What was booked since for an hour that is
 * forgotten was added to its row, and goes each time. */
void age_cells(struct state *state)
{
	int64_t before = state->log_clock - KEEP_MINUTES;

	for (uint32_t i = 1; i < state->incident_count; i++)
		if (state->incidents[i].live && state->incidents[i].opened_at > state->log_clock - KEEP_INCIDENT &&
		    state->incidents[i].opened_at - 2 * HOUR < before)
			before = state->incidents[i].opened_at - 2 * HOUR;
	if (before > state->cells_before + HOUR)
		state->cells_before = time_floor(before, HOUR);
	cells_forget(&state->all, CELL_MINUTE, state->cells_before);
	cells_forget(&state->all, CELL_HOUR, state->cells_before);
}

void age_state(struct state *state)
{
	int64_t files = (int64_t)state->live_files + state->spill->count;
	int64_t every = AGE_EVERY + files * AGE_SHARE;
	int64_t slowest = host_slowest_clock(state), before = state->last_fold;

	/* The log's clock stands still where hosts catch up that are far behind another. */
	if (state->log_clock < state->last_fold + every && files < 2 * state->files_left + FILES_MORE)
		return;
	state->last_fold = state->log_clock;
	filters_look(state);
	relays_settle(state);
	spill_recall_due(state, slowest);
	age_files(state, slowest);
	age_clones(state);
	if (state->log_clock / SLOW_EVERY != before / SLOW_EVERY)
		age_slowly(state, slowest);
	refusal_age(state, slowest - 2 * state->settings->input.join_window);
	state->files_left = (int64_t)state->live_files + state->spill->count;
	relay_sweep(state, slowest - 2 * state->settings->input.join_window);
}
