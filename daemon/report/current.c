/* SPDX-License-Identifier: Apache-2.0
 *
 * Walks the sets of an incident's posts as figures_mailboxes.c does, and lets
 * statements ask for what they say of a mailbox, see current.h.
 */
#include "daemon/report/current.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/correlate/post.h"
#include "daemon/report/held.h"
#include "daemon/report/when.h"

struct current_row {
	uint32_t copies, failed;
	int64_t first, last; /* acceptance of posts delivered to it; where copies > 0 */
};

struct current_outcome {
	int64_t post;
	const char *outcome;
};

struct current {
	struct held held;
	uint32_t mailbox;         /* the one; 0: all */
	struct current_row *rows; /* of number `base` on */
	uint32_t base, count;
	struct current_outcome *outcomes;
	uint32_t outcome_count, outcome_capacity;
	int64_t pending;
	const struct post *post; /* at hand */
};

/* Room for a row of every mailbox that may be asked for. */
static void make_rows(struct current *current)
{
	int64_t count = current->mailbox ? 1 : reader_number(current->held.reader, "addresses", 0) + 1;

	current->count = count > 0 && count <= INT32_MAX ? (uint32_t)count : 0;
	current->rows = memory_zeroed(current->count, sizeof(*current->rows));
}

/* NULL for a mailbox that is not asked for, or has no address. */
static struct current_row *row_of(struct current *current, uint32_t mailbox)
{
	uint32_t at = mailbox - current->base;

	return mailbox >= current->base && at < current->count ? &current->rows[at] : NULL;
}

static void tally_delivered(uint32_t mailbox, void *with)
{
	struct current *current = with;
	struct current_row *row = row_of(current, mailbox);
	int64_t at = current->post->posted_at;

	if (!row)
		return;
	if (row->copies == 0 || at < row->first)
		row->first = at;
	if (row->copies++ == 0 || at > row->last)
		row->last = at;
}

static void tally_failed(uint32_t mailbox, void *with)
{
	struct current_row *row = row_of(with, mailbox);

	if (row)
		row->failed++;
}

/* What became of the post at hand for the one mailbox; NULL where it was not for it. */
static const char *outcome_of(const struct current *current, const struct post_sets *sets)
{
	const struct {
		const struct mailbox_set *set;
		const char *outcome;
	} order[] = {{&sets->outside, "handed outside"}, {&sets->delivered, "delivered"}, {&sets->bounced, "bounced"},
	             {&sets->expired, "expired"},        {&sets->discarded, "discarded"}, {&sets->admin, "removed"},
	             {&sets->open, "pending"},           {&sets->named, "unaccounted"}};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if (mailbox_set_has(order[i].set, current->mailbox))
			return order[i].outcome;
	}
	return NULL;
}

/* Each mailbox of a set that is asked for. */
static void each(struct current *current, const struct mailbox_set *set, void (*take)(uint32_t mailbox, void *with))
{
	if (!current->mailbox)
		mailbox_set_each(set, take, current);
	else if (mailbox_set_has(set, current->mailbox))
		take(current->mailbox, current);
}

static void tally(struct current *current)
{
	for (uint32_t i = 1; i < current->held.state->post_count; i++) {
		struct post_sets sets;
		const char *outcome;

		current->post = &current->held.state->posts[i];
		if (!post_sets_of(current->held.state, current->post, &sets))
			continue;
		each(current, &sets.delivered, tally_delivered);
		each(current, &sets.bounced, tally_failed);
		each(current, &sets.expired, tally_failed);
		outcome = current->mailbox ? outcome_of(current, &sets) : NULL;
		current->pending += outcome && strcmp(outcome, "pending") == 0;
		if (outcome) {
			MEMORY_GROW(current->outcomes, current->outcome_count, current->outcome_capacity);
			current->outcomes[current->outcome_count++] =
				(struct current_outcome){current->post->id, outcome};
		}
		post_sets_clear(&sets);
	}
}

static const struct current_row *row_for(sqlite3_context *context, sqlite3_value **values)
{
	static const struct current_row nothing;
	const struct current *current = sqlite3_user_data(context);
	int64_t at = sqlite3_value_int64(values[0]) - current->base;

	return at >= 0 && at < current->count ? &current->rows[at] : &nothing;
}

static void copies_now(sqlite3_context *context, int count, sqlite3_value **values)
{
	(void)count;
	sqlite3_result_int64(context, row_for(context, values)->copies);
}

static void failed_now(sqlite3_context *context, int count, sqlite3_value **values)
{
	(void)count;
	sqlite3_result_int64(context, row_for(context, values)->failed);
}

/* Microseconds as the views have them. */
static void put_time(sqlite3_context *context, int64_t at)
{
	char text[WHEN_SIZE];

	sqlite3_result_text(context, when_view(text, at / 1000 - (at % 1000 < 0)), -1, SQLITE_TRANSIENT);
}

static void first_post_now(sqlite3_context *context, int count, sqlite3_value **values)
{
	const struct current_row *row = row_for(context, values);

	(void)count;
	if (row->copies)
		put_time(context, row->first);
}

static void last_post_now(sqlite3_context *context, int count, sqlite3_value **values)
{
	const struct current_row *row = row_for(context, values);

	(void)count;
	if (row->copies)
		put_time(context, row->last);
}

static void outcome_now(sqlite3_context *context, int count, sqlite3_value **values)
{
	const struct current *current = sqlite3_user_data(context);

	(void)count;
	for (uint32_t i = 0; i < current->outcome_count; i++) {
		if (current->outcomes[i].post == sqlite3_value_int64(values[0]))
			sqlite3_result_text(context, current->outcomes[i].outcome, -1, SQLITE_STATIC);
	}
}

struct current *current_load(struct reader *reader, int64_t incident, uint32_t mailbox, bool *foreign)
{
	struct current *current = memory_zeroed(1, sizeof(*current));

	current->held = held_new(reader);
	current->mailbox = current->base = mailbox;
	if (!held_load_posts(&current->held, incident) || !held_load_sets(&current->held, mailbox)) {
		*foreign = current->held.foreign;
		current_free(&current);
		return NULL;
	}
	make_rows(current);
	tally(current);
	reader_set_function(reader, "copies_now", 1, copies_now, current);
	reader_set_function(reader, "failed_now", 1, failed_now, current);
	reader_set_function(reader, "first_post_now", 1, first_post_now, current);
	reader_set_function(reader, "last_post_now", 1, last_post_now, current);
	reader_set_function(reader, "outcome_now", 1, outcome_now, current);
	return current;
}

void current_free(struct current **current)
{
	if (!*current)
		return;
	held_clear(&(*current)->held);
	free((*current)->rows);
	free((*current)->outcomes);
	free(*current);
	*current = NULL;
}

int64_t current_pending(const struct current *current)
{
	return current->pending;
}
