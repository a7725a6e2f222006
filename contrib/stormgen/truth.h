/* SPDX-License-Identifier: Apache-2.0
 *
 * What happened in the simulated world, counted as it happens, by what was
 * done and never by what was printed. Minutes and hours are closed as time
 * passes; only the members' copies and the finished rows are kept.
 *
 * A "told" time is a time as a line's stamp resolves it.
 */
#ifndef STORMGEN_TRUTH_H
#define STORMGEN_TRUTH_H

#include <stdio.h>

#include "histogram.h"
#include "plan.h"

struct minute_row {
	int64_t at;
	uint32_t posts, automatic, rejected;
	uint64_t deliveries, deferred, bounced, pending;
	int64_t oldest_pending, delay_p50, delay_p95; /* -1: none */
	uint64_t bystanders, maybe; /* maybe: part of bystanders that a reader may see as no mailbox's */
	int64_t bystander_p50, bystander_p95;
};

struct hour_row {
	int64_t at;
	uint32_t host; /* NOBODY: all */
	uint64_t deliveries, maybe, deferred, bounced, rejected;
	int64_t p50, p95, p99;
	uint64_t over_5m[2], over_1h[2], over_3h[2]; /* at least, at most: 1 % apart */
};

#define MEMBER_DEFERRED 1
#define MEMBER_BOUNCED 2
#define MEMBER_EXPIRED 4

struct member_record {
	uint16_t copies, failed;
	uint16_t first_post, last_post; /* numbers; of those delivered */
	uint8_t flags;
};

struct domain_record {
	uint64_t deliveries, deferred, bounced;
};

struct truth {
	struct plan *plan;
	struct truth *second; /* of plan->second: to each the other's posts are bystander mail; hours are here only */
	unsigned number;      /* of its incident */
	struct member_record *members; /* of the incident */
	struct domain_record *domains;
	/* the minute under way, and those that are over */
	struct minute_row minute;
	int64_t minute_end; /* told time from which truth_clock() has to be called */
	struct histogram *minute_delays, *minute_bystanders;
	struct minute_row *rows;
	uint64_t row_count, row_room;
	/* the hour under way, and those that are over */
	int64_t hour_at;
	struct hour_row *hour_hosts;
	struct histogram **hour_delays;
	struct hour_row *hours;
	uint64_t hour_count, hour_room;
	/* the incident */
	struct histogram *delays, *bystanders, *bystanders_since, *baseline;
	uint64_t accepted; /* posts of the incident so far */
	uint64_t attempts, hand_overs, maybe_hand_overs, handed_outside, notifications, rejected, lost_lines;
	int64_t closed_list_at, last_refusal, last_delivery, last_end; /* told; -1: never */
	int64_t list_first, list_last;                                 /* unused lists have no row */
};

struct queued_row {
	uint32_t host;
	const char *id;
	const struct post *post;
	uint64_t pending;
	int64_t at;
};

struct truth *truth_new(struct plan *plan);
void truth_free(struct truth **truth);

/* Told time has come to `now`: closes what is over. Call whenever now >= minute_end. */
void truth_clock(struct truth *truth, int64_t now);

void truth_posted(struct truth *truth, const struct post *post);
/* by_agent: the mail was taken, and came back. */
void truth_rejected(struct truth *truth, uint32_t host, int64_t told, bool by_agent);
/* Mail to an address that is no list. */
void truth_rejected_other(struct truth *truth, uint32_t host);

/* `count` members of one group got the post at its last hop, or ordinary mail was delivered (post NULL). delay: as
 * the line says; whole: from the first hop's acceptance. outside: handed to a host without lines. */
void truth_delivered(struct truth *truth, struct post *post, const struct group *group, uint32_t host, int64_t told,
                     int64_t delay, int64_t whole, struct pairs count, bool outside);

/* Mail to an address that is no mailbox, such as a list manager's: a reader may count it or not. */
void truth_delivered_maybe(struct truth *truth, uint32_t host, int64_t told, int64_t delay);

/* How it ended for a member, and nobody knows when. */
void truth_told(struct truth *truth, struct post *post, const struct group *group, uint32_t member, bool delivered,
                bool outside);

/* First deferrals, bounces and expiries of `count` members of one group. */
void truth_deferred(struct truth *truth, struct post *post, const struct group *group, uint32_t host,
                    struct pairs count);
void truth_bounced(struct truth *truth, struct post *post, const struct group *group, uint32_t host, int64_t told,
                   struct pairs count);
void truth_expired(struct truth *truth, struct post *post, int64_t told, struct pairs count);
/* A queue file names so many recipients of the post for the first time. */
void truth_named(struct truth *truth, struct post *post, uint64_t count);
/* A notification about the post was queued. */
void truth_notified(struct truth *truth, const struct post *post);

/* The same events, member by member; the above count them. */
static inline struct member_record *truth_member(struct truth *truth, const struct post *post, uint32_t member)
{
	const struct plan *plan = truth->plan;

	if (!plan->posts[post->number].in_incident || member < plan->list_first || member >= plan->list_end)
		return NULL;
	return &truth->members[member];
}

static inline void truth_member_delivered(struct truth *truth, const struct post *post, uint32_t member)
{
	for (; truth && post; truth = truth->second) {
		struct member_record *record = truth_member(truth, post, member);

		if (!record)
			continue;
		if (record->copies++ == 0) {
			record->first_post = record->last_post = (uint16_t)post->number;
			continue;
		}
		if (post->number < record->first_post)
			record->first_post = (uint16_t)post->number;
		if (post->number > record->last_post)
			record->last_post = (uint16_t)post->number;
	}
}

static inline void truth_member_flag(struct truth *truth, const struct post *post, uint32_t member, uint8_t flag)
{
	for (; truth && post; truth = truth->second) {
		struct member_record *record = truth_member(truth, post, member);

		if (!record)
			continue;
		record->flags |= flag;
		if (flag != MEMBER_DEFERRED)
			record->failed++;
	}
}

/* Ends the last minute and hour. */
void truth_end(struct truth *truth);

struct truth_output {
	FILE *file;
	const uint64_t *host_lines;
	uint64_t told_again, taken_out;
	int64_t as_of;
	const struct queued_row *queued;
	uint64_t queued_count;
};

/* truth_write.c, truth_incident.c: all of it as view<TAB>key<TAB>column<TAB>value. */
void truth_write(const struct truth *truth, const struct truth_output *output);

#endif
