/* SPDX-License-Identifier: Apache-2.0
 *
 * The figures of one incident: sums and sizes over its posts' own facts, made
 * anew whenever those change. Plain data: the store writes them row by row into the
 * tables behind the views. Times in microseconds UTC, TIME_NONE unknown; other
 * numbers -1 unknown. Texts are borrowed from the state.
 */
#ifndef MAILSTORM_CORRELATE_FIGURES_H
#define MAILSTORM_CORRELATE_FIGURES_H

#include "daemon/correlate/post_sets.h"
#include "daemon/correlate/state.h"

enum incident_state { INCIDENT_OPEN, INCIDENT_SUBSIDING, INCIDENT_CLOSED };

/* X(ledger line): in the order of the interface. */
#define LEDGER_LINES(X) \
	X(posts_accepted) \
	X(pairs_due) \
	X(delivered) \
	X(bounced) X(expired) X(discarded) X(removed_by_admin) X(pending) X(unaccounted) X(handed_outside) \
		X(hand_overs) X(attempts) X(repeats) X(auto_replies) X(notifications) X(rejected_posts) \
			X(delivered_after_close)

struct ledger {
#define X(line) int64_t line;
	LEDGER_LINES(X)
#undef X
};

struct minute_row {
	int64_t minute_at;
	int64_t posts, auto_replies, rejected, deliveries, deferred, bounced, pending;
	int64_t oldest_pending_ms, delay_p50_ms, delay_p95_ms;
	int64_t bystander_deliveries, bystander_p50_ms, bystander_p95_ms;
};

struct timeline_row {
	int64_t at;
	const char *event;
	char *detail; /* malloc'ed or NULL */
	bool address; /* the detail is one */
};

struct poster_row {
	uint32_t sender, login; /* texts; 0 unknown */
	int64_t posts, automatic, deliveries, first_at, last_at;
};

struct domain_row {
	struct slice domain;
	int local; /* 1 local, 0 external, -1 unknown */
	int64_t mailboxes, deliveries, deferred, bounced;
};

struct affected_row {
	uint32_t mailbox; /* addresses */
	uint32_t copies, failed;
	uint32_t first_post, last_post; /* of the incident's, from 1; 0: no copy */
};

struct queued_row {
	uint32_t file;
	int64_t pending;
	int64_t oldest_at;
};

struct figures {
	enum incident_state state;
	int64_t peaked_at, list_closed_at, last_post_at, last_delivery_at, last_end_at, closed_at, subsiding_at;
	int64_t posts, replies, auto_replies, posters, rejected_posts, members;
	int64_t deliveries, reply_deliveries, avoidable_deliveries, mailboxes, external_mailboxes;
	double copies_mean;
	int64_t copies_median, copies_p95, copies_max;
	int64_t bytes_delivered, peak_per_minute, deferred_mailboxes, bounced_mailboxes, expired_mailboxes;
	int64_t pending, unaccounted;
	int64_t delay_p50_ms, delay_p95_ms, delay_p99_ms, delay_max_ms;
	int64_t bystander_p95_ms, baseline_p95_ms;
	bool baseline_by_hour; /* the same weekday and hour, else the hour before */
	int64_t lines_lost;
	struct ledger ledger;
	struct minute_row *minutes;
	uint32_t minute_count;
	int64_t *after_p95_ms; /* of other mail in the minutes after these, where that was slow in these; -1 unknown */
	uint32_t after_count;
	bool delayed; /* other mail is not normal again yet, and may become so */
	struct timeline_row *timeline;
	uint32_t timeline_count;
	struct poster_row *posters_rows;
	uint32_t poster_count;
	/* the ones that take long: only where `heavy` was asked for */
	bool heavy;
	struct domain_row *domains;
	uint32_t domain_count;
	struct affected_row *affected; /* by mailbox */
	uint32_t affected_count;
	struct queued_row *queued;
	uint32_t queued_count;
};

struct figures *figures_make(const struct state *state, const struct incident *incident, bool heavy);
void figures_free(struct figures **figures);

/* Parts of figures_make, each in a file of its own. */
void figures_minutes(const struct state *state, const struct incident *incident, struct figures *figures);
void figures_timeline(const struct state *state, const struct incident *incident, struct figures *figures);
void figures_mailboxes(const struct state *state, const struct incident *incident, struct figures *figures);
void figures_queued(const struct state *state, const struct incident *incident, struct figures *figures);

/* When its list was closed and what was refused since: of `figures` only that. Also of one whose posts are not at hand. */
void figures_closing(const struct state *state, const struct incident *incident, struct figures *figures);

/* The timeline's row of that. */
void figures_timeline_closing(struct figures *figures);

/* The p95 that bystander mail is compared with; -1 unknown. The hour before is that before opened_at, or the calendar hour
 * before where its minutes are no longer at hand. */
int64_t figures_baseline(const struct state *state, const struct incident *incident, bool *by_hour);

/* Other mail of which that is the p95 of a minute is delayed. */
bool figures_slow(const struct figures *figures, int64_t bystander_p95_ms);

/* The wall-clock-free "now" of the log. */
int64_t figures_now(const struct state *state);

#endif
