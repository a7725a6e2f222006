/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of a truth file: view<TAB>key<TAB>column<TAB>value. A value is text, a
 * number, NULL, ~NUMBER (within 1 %) or LOW..HIGH. See stormgen(1).
 */
#ifndef STORMGEN_TRUTH_WRITE_H
#define STORMGEN_TRUTH_WRITE_H

#include "truth.h"

void row_text(FILE *file, const char *view, const char *key, const char *column, const char *value);
void row_number(FILE *file, const char *view, const char *key, const char *column, uint64_t value);
void row_real(FILE *file, const char *view, const char *key, const char *column, double value);
/* -1: NULL */
void row_time(FILE *file, const char *view, const char *key, const char *column, int64_t time);
/* Milliseconds within 1 %, of microseconds; -1: NULL */
void row_delay(FILE *file, const char *view, const char *key, const char *column, int64_t delay);
void row_range(FILE *file, const char *view, const char *key, const char *column, uint64_t low, uint64_t high);

/* The key of what belongs to the truth's incident: N/REST; N alone where there is no rest. */
struct key {
	char text[240];
};
struct key incident_key(const struct truth *truth, const char *rest);

/* A post's sender, folded; false where it is null. */
bool sender_text(const struct plan *plan, const struct post *post, char *text);

/* The login that its lines tell; false where they tell none. */
bool login_text(const struct plan *plan, const struct post *post, char *text);

struct sums {
	uint64_t posts, automatic, due, delivered, reply_delivered, avoidable, bounced, expired, pending, unaccounted;
	uint64_t bytes;
	uint64_t posters;
	int64_t last_post, last_event, last_minute, closed_at; /* last_minute: up to which minutes are told */
	const char *state;
	uint64_t mailboxes, external, deferred_mailboxes, bounced_mailboxes, expired_mailboxes;
	uint64_t copies_median, copies_p95, copies_max;
	const struct minute_row *peak;
};

uint64_t post_pending(const struct post *post);

/* truth_incident.c */
void write_incident(const struct truth *truth, const struct truth_output *output);
void sum_incident(const struct truth *truth, const struct truth_output *output, struct sums *sums);

/* truth_mailboxes.c: incidents' affected, domains. */
void sum_mailboxes(const struct truth *truth, struct sums *sums);
void write_affected(const struct truth *truth, const struct truth_output *output);
void write_domains(const struct truth *truth, const struct truth_output *output);

/* truth_minutes.c: minutes, hours, timeline. */
void write_minutes(const struct truth *truth, const struct truth_output *output, const struct sums *sums);
void write_hours(const struct truth *truth, const struct truth_output *output);
void write_timeline(const struct truth *truth, const struct truth_output *output, const struct sums *sums);

#endif
