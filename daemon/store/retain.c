/* SPDX-License-Identifier: Apache-2.0
 *
 * Retention: what is older than the settings allow is taken out, by the clock of
 * the log. A round begins every few hours and takes its steps in slices, one
 * within each checkpoint, so that no transaction is long; it remembers
 * nothing, so a round that was broken off is begun again. What it takes out
 * is what nothing recomputes any more: rows of incidents that are frozen,
 * posts whose heads have left memory. Figures stay. Deleted bytes are
 * overwritten (secure_delete); store_tidy() gives space back, also that of the WAL.
 */
#include "daemon/store/retain.h"

#include <stdio.h>

#include "daemon/base/memory.h"
#include "daemon/correlate/done.h"
#include "daemon/store/put_incident.h"
#include "daemon/store/text_rows.h"

#define ROUND_EVERY (6 * HOUR)
#define SLICE_ROWS 20000 /* taken out in one transaction */
#define VACUUM_PAGES 512 /* given back in one transaction */
#define FREE_PAGES 1024  /* so many may stay free: they are used again */

/* Rows that the last statement took out. */
static int64_t retain_changes(const struct store *store)
{
	return sqlite3_changes64(store->database);
}

/* What is older than `before` of one table. */
static bool retain_rows(struct store *store, const char *statement, int64_t before, int64_t *taken)
{
	if (!statement_run(store, statement, "ii", before, (int64_t)SLICE_ROWS))
		return false;
	*taken += retain_changes(store);
	return true;
}

static bool retain_unparsed(struct store *store, struct state *state, int64_t *taken)
{
	return retain_rows(store, "unparsed-expire", state->log_clock - state->settings->retention.unparsed, taken);
}

static bool retain_posts(struct store *store, struct state *state, int64_t *taken)
{
	int64_t before = state->log_clock - state->settings->retention.posts;

	return retain_rows(store, "post-expire", before, taken) && retain_rows(store, "thread-expire", before, taken) &&
	       retain_rows(store, "list-expire", before, taken);
}

static bool retain_hours(struct store *store, struct state *state, int64_t *taken)
{
	return retain_rows(store, "hour-expire", state->log_clock - state->settings->retention.hours, taken);
}

static bool retain_affected(struct store *store, struct state *state, int64_t *taken)
{
	int64_t before = state->log_clock - state->settings->retention.mailboxes;

	for (uint32_t i = 1; i < state->incident_count && *taken < SLICE_ROWS; i++) {
		const struct incident *incident = &state->incidents[i];

		if (!incident->live || !incident->frozen)
			continue;
		if (!statement_run(store, "affected-expire", "iii", incident->id, before, SLICE_ROWS - *taken))
			return false;
		*taken += retain_changes(store);
	}
	return true;
}

/* One incident, with all rows of it. */
static bool retain_incidents(struct store *store, struct state *state, int64_t *taken)
{
	int64_t before = state->log_clock - state->settings->retention.incidents;

	for (uint32_t i = 1; i < state->incident_count; i++) {
		struct incident *incident = &state->incidents[i];

		if (!incident->live || !incident->frozen || incident->post_count)
			continue;
		if (!statement_run(store, "incident-expire", "ii", incident->id, before))
			return false;
		if (!retain_changes(store))
			continue;
		*taken = SLICE_ROWS; /* there may be more of them */
		incident->live = incident->frozen = false;
		incident->dirty = true;
		return delete_incident(store, incident->id);
	}
	return true;
}

/* Members of lists are kept for two halves of the time: those of this half and of the one before. Their count stays. */
static bool retain_members(struct store *store, struct state *state, int64_t *taken)
{
	int64_t half = state->settings->retention.mailboxes / 2, period = state->log_clock / half;
	bool both = period > state->members_period + 1;

	(void)taken;
	if (period == state->members_period)
		return true;
	/* The first, or the halves have become longer. */
	if (state->members_period == 0 || period < state->members_period)
		store->retention.turn = 0;
	else
		store->retention.turn = both ? 2 : 1;
	store->retention.period = period;
	if (!statement_run(store, "state-number-put", "sik", "members_period", period))
		return false;
	if (!store->retention.turn)
		return true;
	return statement_run(store, "members-forget", "i", (int64_t)SET_MEMBERS) &&
	       statement_run(store, both ? "members-forget-all" : "members-turn", "i", (int64_t)SET_MEMBERS);
}

/* Which numbers of addresses are in use, beside those that have holders. */
struct used {
	bool *of;
	uint32_t count;
};

static void used_mark(uint32_t number, void *with)
{
	struct used *used = with;

	if (number < used->count)
		used->of[number] = true;
}

static void used_by_message(struct used *used, const struct message *message, struct mailbox_set *together)
{
	for (uint32_t b = 0; b < message->bucket_count; b++)
		for (uint32_t s = 0; s < message->buckets[b].set_count; s++)
			mailbox_set_unite(together, &message->buckets[b].sets[s].set);
	for (uint32_t i = 0; i < message->via_count; i++)
		used_mark(message->vias[i].mailbox, used);
	for (uint32_t i = 0; i < message->deferral_count; i++)
		used_mark(message->deferrals[i].mailbox, used);
}

/* Recipients that a queue file has let go of: their numbers may not come to stand for others. */
static void used_by_file(struct used *used, const struct file *file)
{
	struct ranges ranges = done_ranges(file);

	for (uint32_t i = 0; i < ranges.count; i++)
		for (uint32_t n = ranges.items[i].first; n < used->count && n <= ranges.items[i].last; n++)
			used_mark(n, used);
	ranges_clear(&ranges);
}

static void used_by_state(struct used *used, const struct state *state)
{
	struct mailbox_set together = {0};

	for (uint32_t i = 1; i < state->message_count; i++)
		if (state->messages[i].live)
			used_by_message(used, &state->messages[i], &together);
	for (uint32_t i = 1; i < state->file_count; i++)
		if (state->files[i].live && state->files[i].done.count)
			used_by_file(used, &state->files[i]);
	for (uint32_t i = 1; i < state->list_count; i++) {
		mailbox_set_unite(&together, &state->lists[i].members);
		mailbox_set_unite(&together, &state->lists[i].members_before);
	}
	mailbox_set_unite(&together, &state->list_addresses);
	mailbox_set_each(&together, used_mark, used);
	mailbox_set_clear(&together);
}

/* Reports name mailboxes by number. */
static bool used_by_reports(struct used *used, struct store *store)
{
	sqlite3_stmt *statement = statement_get(store, "affected-mailboxes");
	int result;

	if (!statement)
		return false;
	while ((result = sqlite3_step(statement)) == SQLITE_ROW)
		used_mark((uint32_t)sqlite3_column_int64(statement, 0), used);
	sqlite3_reset(statement);
	return result == SQLITE_DONE || store_fail(store, "affected-mailboxes");
}

static bool is_free(const struct texts *texts, const struct used *used, uint32_t number)
{
	return texts_has(texts, number) && !texts_item(texts, number)->holders && !used->of[number];
}

/* Addresses that nothing names any more, and their domains. */
static bool retain_addresses(struct store *store, struct state *state, int64_t *taken)
{
	struct texts *texts = state->addresses;
	struct used used = {memory_zeroed(texts->count, sizeof(bool)), texts->count};
	bool any = false, done = true;

	used_by_state(&used, state);
	for (uint32_t i = 1; i < texts->count && !any; i++)
		any = is_free(texts, &used, i);
	if (any)
		done = used_by_reports(&used, store);
	for (uint32_t i = 1; any && done && i < texts->count && *taken < SLICE_ROWS; i++)
		if (is_free(texts, &used, i)) {
			texts_forget(texts, i);
			++*taken;
		}
	free(used.of);
	done = done && (!any || put_addresses(store, texts)) && statement_run(store, "address-domain-expire", "");
	/* Of addresses that were given back meanwhile, too. */
	*taken += done ? retain_changes(store) : 0;
	return done;
}

static bool (*const steps[])(struct store *, struct state *, int64_t *) = {
	retain_unparsed, retain_affected, retain_incidents, retain_posts,
	retain_hours,    retain_members,  retain_addresses,
};

#define STEPS (sizeof(steps) / sizeof(steps[0]))

bool store_retains(const struct store *store, const struct state *state)
{
	return store->retention.step < STEPS || state->log_clock >= store->retention.round + ROUND_EVERY;
}

bool store_retain(struct store *store, struct state *state)
{
	struct retention *retention = &store->retention;
	int64_t taken = 0;

	retention->turn = 0;
	retention->period = state->members_period;
	retention->next = retention->step;
	if (!store_retains(store, state))
		return true;
	if (retention->step >= STEPS) {
		retention->step = retention->next = 0;
		retention->round = state->log_clock;
	}
	if (!steps[retention->step](store, state, &taken))
		return false;
	retention->next = taken < SLICE_ROWS ? retention->step + 1 : retention->step;
	retention->wipe = retention->wipe || taken || retention->turn;
	return true;
}

void store_retained(struct store *store, struct state *state)
{
	struct retention *retention = &store->retention;

	for (uint32_t i = 1; retention->turn && i < state->list_count; i++) {
		struct list *list = &state->lists[i];

		mailbox_set_clear(&list->members_before);
		if (retention->turn == 1)
			list->members_before = list->members;
		else
			mailbox_set_clear(&list->members);
		list->members = (struct mailbox_set){0};
	}
	state->members_period = retention->period;
	retention->turn = 0;
	retention->step = retention->next;
}

/* An own transaction each, and none that matters: what fails is tried again. */
static int64_t tidy_number(struct store *store, const char *sql)
{
	sqlite3_stmt *statement = NULL;
	int64_t number = 0;

	if (sqlite3_prepare_v2(store->database, sql, -1, &statement, NULL) == SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW)
		number = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return number;
}

void store_tidy(struct store *store, const struct state *state, bool all)
{
	struct retention *retention = &store->retention;
	char vacuum[64];
	int64_t unused;

	if (store_retains(store, state))
		return;
	unused = tidy_number(store, "PRAGMA freelist_count");
	if (unused > (retention->wipe ? 0 : FREE_PAGES)) {
		snprintf(vacuum, sizeof(vacuum), "PRAGMA incremental_vacuum(%d)", all ? INT32_MAX : VACUUM_PAGES);
		sqlite3_exec(store->database, vacuum, NULL, NULL, NULL);
		if (!all && unused > VACUUM_PAGES)
			return;
	}
	if (!retention->wipe)
		return;
	/* Who reads just now keeps the WAL: no waiting for that. */
	sqlite3_busy_timeout(store->database, 0);
	if (sqlite3_wal_checkpoint_v2(store->database, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) == SQLITE_OK)
		retention->wipe = false;
	sqlite3_busy_timeout(store->database, STORE_PATIENCE);
}
