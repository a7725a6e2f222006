/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes one incident's rows from its figures, see put_incident.h.
 */
#include "daemon/store/put_incident.h"

#include "daemon/base/memory.h"
#include "daemon/correlate/figures.h"
#include "daemon/correlate/thread.h"

#define HEAVY_EVERY (60 * SECOND)    /* wall clock between the figures that take long, while open */
#define HEAVY_PAIRS INT64_C(2000000) /* below that many pairs they do not take long */

static bool delete_rows(struct store *store, int64_t incident, bool heavy)
{
	static const char *const light[] = {"timeline-delete", "amplification-delete", "poster-delete",
	                                    "minute-delete",   "ledger-delete",        "coverage-delete"};
	static const char *const slow[] = {"domain-delete", "affected-delete", "affected-post-delete", "queued-delete"};

	for (size_t i = 0; i < sizeof(light) / sizeof(*light); i++)
		if (!statement_run(store, light[i], "i", incident))
			return false;
	for (size_t i = 0; heavy && i < sizeof(slow) / sizeof(*slow); i++)
		if (!statement_run(store, slow[i], "i", incident))
			return false;
	return true;
}

static bool put_amplification(struct store *store, const struct state *state, const struct incident *incident)
{
	int64_t delivered = 0, due = 0;

	for (uint32_t i = 0; i < incident->post_count; i++) {
		const struct post *post = &state->posts[incident->posts[i]];

		delivered += post->delivered;
		due += post->due;
		if (!statement_run(store, "amplification-put", "iiihaiiii", incident->id, (int64_t)i + 1,
		                   post->posted_at, texts_get(state->texts, post->message_id),
		                   texts_get(state->texts, post->sender), post->due, post->delivered, delivered, due))
			return false;
	}
	return true;
}

static bool put_timeline(struct store *store, const struct incident *incident, const struct figures *figures)
{
	for (uint32_t i = 0; i < figures->timeline_count; i++)
		if (!statement_run(store, "timeline-put", figures->timeline[i].address ? "iiisa" : "iiist",
		                   incident->id, figures->timeline[i].at, (int64_t)i + 1, figures->timeline[i].event,
		                   slice_of(figures->timeline[i].detail)))
			return false;
	return true;
}

static bool put_posters(struct store *store, const struct state *state, const struct incident *incident,
                        const struct figures *figures)
{
	for (uint32_t i = 0; i < figures->poster_count; i++) {
		const struct poster_row *row = &figures->posters_rows[i];

		if (!statement_run(store, "poster-put", "iiaaiiiii", incident->id, (int64_t)i + 1,
		                   texts_get(state->texts, row->sender), texts_get(state->texts, row->login),
		                   row->posts, row->automatic, row->deliveries, row->first_at, row->last_at))
			return false;
	}
	return true;
}

static bool put_minutes(struct store *store, const struct incident *incident, const struct figures *figures)
{
	for (uint32_t i = 0; i < figures->minute_count; i++) {
		const struct minute_row *row = &figures->minutes[i];

		if (!statement_run(store, "minute-put", "iiiiiiiiinnninn", incident->id, row->minute_at, row->posts,
		                   row->auto_replies, row->rejected, row->deliveries, row->deferred, row->bounced,
		                   row->pending, row->oldest_pending_ms, row->delay_p50_ms, row->delay_p95_ms,
		                   row->bystander_deliveries, row->bystander_p50_ms, row->bystander_p95_ms))
			return false;
	}
	return true;
}

static bool put_ledger(struct store *store, const struct incident *incident, const struct ledger *ledger)
{
	int64_t ordinal = 0;

#define X(line) \
	if (!statement_run(store, "ledger-put", "iisi", incident->id, ++ordinal, #line, ledger->line)) \
		return false;
	LEDGER_LINES(X)
#undef X
	return true;
}

static bool put_domains(struct store *store, const struct incident *incident, const struct figures *figures)
{
	for (uint32_t i = 0; i < figures->domain_count; i++) {
		const struct domain_row *row = &figures->domains[i];

		if (!statement_run(store, "domain-put", "itsiiii", incident->id, row->domain,
		                   row->local < 0 ? NULL
		                   : row->local   ? "local"
		                                  : "external",
		                   row->mailboxes, row->deliveries, row->deferred, row->bounced))
			return false;
	}
	return true;
}

static bool put_affected(struct store *store, const struct state *state, const struct incident *incident,
                         const struct figures *figures)
{
	for (uint32_t i = 0; i < incident->post_count; i++)
		if (!statement_run(store, "affected-post-put", "iii", incident->id, (int64_t)i + 1,
		                   state->posts[incident->posts[i]].posted_at))
			return false;
	for (uint32_t i = 0; i < figures->affected_count; i++) {
		const struct affected_row *row = &figures->affected[i];

		if (!statement_run(store, "affected-put", "iiiinn", incident->id, (int64_t)row->mailbox,
		                   (int64_t)row->copies, (int64_t)row->failed,
		                   row->first_post ? (int64_t)row->first_post : -1,
		                   row->last_post ? (int64_t)row->last_post : -1))
			return false;
	}
	return true;
}

/* A post's spilled files; texts as they are stored. */
static bool put_queued_of_spilled(struct store *store, const struct state *state, int64_t incident, uint32_t message)
{
	sqlite3_stmt *row = statement_get(store, "queued-spilled");
	bool done = true;
	int result = SQLITE_DONE;

	if (!row)
		return false;
	sqlite3_bind_int64(row, 1, message);
	while (done && (result = sqlite3_step(row)) == SQLITE_ROW)
		done = statement_run(store, "queued-put", "ipttttim", incident,
		                     texts_get(state->texts, state->hosts[sqlite3_column_int64(row, 0)].name),
		                     statement_column(row, 1), statement_column(row, 2), statement_column(row, 3),
		                     statement_column(row, 4), sqlite3_column_int64(row, 5),
		                     sqlite3_column_int64(row, 6));
	sqlite3_reset(row);
	return done && (result == SQLITE_DONE || store_fail(store, "queued-spilled"));
}

static bool put_queued_spilled(struct store *store, const struct state *state, const struct incident *incident)
{
	for (uint32_t i = 0; i < incident->post_count; i++) {
		uint32_t message = state->posts[incident->posts[i]].message;

		if (message && state->messages[message].spilled &&
		    !put_queued_of_spilled(store, state, incident->id, message))
			return false;
	}
	return true;
}

static bool put_queued(struct store *store, const struct state *state, const struct incident *incident,
                       const struct figures *figures)
{
	for (uint32_t i = 0; i < figures->queued_count; i++) {
		const struct queued_row *row = &figures->queued[i];
		const struct file *file = &state->files[row->file];

		if (!statement_run(store, "queued-put", "ippphaim", incident->id,
		                   texts_get(state->texts, state->hosts[file->host].name),
		                   texts_get(state->texts, file->instance), texts_get(state->texts, file->queue_id),
		                   texts_get(state->texts, file->message_id ? file->message_id : file->resent_id),
		                   texts_get(state->texts, file->sender), row->pending, row->oldest_at))
			return false;
	}
	return put_queued_spilled(store, state, incident);
}

static bool put_row(struct store *store, const struct state *state, const struct incident *incident,
                    const struct figures *f)
{
	static const char *const states[] = {"open", "subsiding", "closed"};
	const struct post *root = &state->posts[incident->posts[0]];
	char *settings = settings_storm_json(&incident->settings);
	int64_t due = f->ledger.pairs_due;
	bool done = statement_run(store, "incident-put", "isliphaiimmimmiiiniiiiiindnnndnniiiiinnnnnnssidsim",
	                          incident->id, states[f->state],
	                          texts_get(state->addresses, state->lists[incident->list].address), incident->thread,
	                          texts_get(state->texts, root->subject), texts_get(state->texts, root->message_id),
	                          texts_get(state->texts, root->sender), incident->opened_at, incident->detected_at,
	                          f->peaked_at, f->list_closed_at, f->last_post_at, f->last_delivery_at, f->closed_at,
	                          f->posts, f->replies, f->auto_replies, f->posters, f->rejected_posts, f->members,
	                          f->deliveries, f->reply_deliveries, f->avoidable_deliveries, f->mailboxes,
	                          f->external_mailboxes, f->copies_mean, f->copies_median, f->copies_p95, f->copies_max,
	                          f->posts ? (double)f->deliveries / (double)f->posts : -1.0, f->bytes_delivered,
	                          f->peak_per_minute, f->deferred_mailboxes, f->bounced_mailboxes, f->expired_mailboxes,
	                          f->pending, f->unaccounted, f->delay_p50_ms, f->delay_p95_ms, f->delay_p99_ms,
	                          f->delay_max_ms, f->bystander_p95_ms, f->baseline_p95_ms,
	                          f->baseline_p95_ms < 0 ? NULL
	                          : f->baseline_by_hour  ? "weekday-hour"
	                                                 : "hour-before",
	                          thread_method_name((enum thread_method)incident->method), f->lines_lost,
	                          due ? 100.0 * (double)(due - f->unaccounted) / (double)due : -1.0, settings,
	                          state->log_clock, incident->detected_wall_at);

	free(settings);
	return done;
}

static bool put_figures(struct store *store, struct state *state, const struct coverage_waiting *waiting,
                        struct incident *incident, bool heavy)
{
	struct figures *figures = figures_make(state, incident, heavy);
	int64_t until;
	bool done;

	/* What takes long is made whenever an incident changes its state, so that it is exact once that is over. */
	if (!heavy && (int)figures->state != incident->state) {
		figures_free(&figures);
		heavy = true;
		figures = figures_make(state, incident, heavy);
	}
	until = figures->last_end_at > figures->last_post_at ? figures->last_end_at : figures->last_post_at;
	done = delete_rows(store, incident->id, heavy) && put_row(store, state, incident, figures) &&
	       put_timeline(store, incident, figures) && put_amplification(store, state, incident) &&
	       put_posters(store, state, incident, figures) && put_minutes(store, incident, figures) &&
	       put_ledger(store, incident, &figures->ledger) &&
	       put_coverage(store, state, waiting, incident->id, incident->opened_at, until) &&
	       (!heavy || (put_domains(store, incident, figures) && put_affected(store, state, incident, figures) &&
	                   put_queued(store, state, incident, figures)));

	/* Until that is committed it is not as it is written. */
	incident->dirty =
		incident->dirty || incident->state != (int)figures->state || incident->delayed != figures->delayed;
	incident->state = (int)figures->state;
	incident->delayed = figures->delayed;
	if (heavy)
		incident->heavy_wall = state->wall;
	figures_free(&figures);
	return done;
}

static int64_t incident_pairs(const struct state *state, const struct incident *incident)
{
	int64_t pairs = 0;

	for (uint32_t i = 0; i < incident->post_count; i++)
		pairs += state->posts[incident->posts[i]].due;
	return pairs;
}

bool delete_incident(struct store *store, int64_t incident)
{
	return delete_rows(store, incident, true) && statement_run(store, "post-leave-incident", "i", incident) &&
	       statement_run(store, "thread-leave-incident", "i", incident) &&
	       statement_run(store, "incident-delete", "i", incident);
}

/* Of one that is frozen: all but its list's closing is as it was written last. */
static bool put_closing(struct store *store, const struct state *state, const struct incident *incident)
{
	struct figures *figures = memory_zeroed(1, sizeof(*figures));
	int64_t id = incident->id;
	bool done;

	figures_closing(state, incident, figures);
	figures_timeline_closing(figures);
	done = statement_run(store, "closing-ledger", "imi", id, figures->list_closed_at, figures->rejected_posts) &&
	       statement_run(store, "closing-put", "imi", id, figures->list_closed_at, figures->rejected_posts) &&
	       statement_run(store, "closing-timeline-delete", "i", id) && put_timeline(store, incident, figures);
	if (figures->list_closed_at == TIME_NONE)
		done = done && statement_run(store, "closing-minutes-delete", "i", id) &&
		       statement_run(store, "closing-minutes-put", "i", id);
	figures_free(&figures);
	return done;
}

bool put_incident(struct store *store, struct state *state, const struct coverage_waiting *waiting,
                  struct incident *incident, bool final)
{
	bool heavy;

	if (!incident->id)
		return true;
	if (!incident->live)
		return incident->frozen || !incident->dirty || delete_incident(store, incident->id);
	if (incident->frozen && !incident->cut)
		return !incident->dirty || put_closing(store, state, incident);
	/* Closed, and nothing new of it, nor of what it did to other mail: it stays as it is written. */
	if (incident->state == INCIDENT_CLOSED && !incident->dirty && !incident->delayed && !final)
		return true;
	heavy = final || incident->cut || incident_pairs(state, incident) < HEAVY_PAIRS || !incident->heavy_wall ||
	        state->wall - incident->heavy_wall >= HEAVY_EVERY;
	return put_figures(store, state, waiting, incident, heavy);
}
