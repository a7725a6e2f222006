/* SPDX-License-Identifier: Apache-2.0
 *
 * Counting what happens. Events come in the order of told time, so that the
 * minute and hour under way are all that is open. A post outside of the
 * incident is bystander mail to it, as in the design.
 */
#include "truth.h"

#include <assert.h>
#include <stdlib.h>

static void *zeroed(size_t count, size_t size)
{
	void *array = calloc(count ? count : 1, size);

	if (!array)
		abort();
	return array;
}

struct truth *truth_new(struct plan *plan)
{
	struct truth *truth = zeroed(1, sizeof(*truth));

	truth->plan = plan;
	truth->number = 1;
	truth->members = zeroed(plan->members, sizeof(*truth->members));
	truth->domains = zeroed(plan->domain_count, sizeof(*truth->domains));
	truth->minute_delays = histogram_new();
	truth->minute_bystanders = histogram_new();
	truth->delays = histogram_new();
	truth->bystanders = histogram_new();
	truth->bystanders_since = histogram_new();
	truth->baseline = histogram_new();
	truth->hour_hosts = zeroed(plan->host_count, sizeof(*truth->hour_hosts));
	truth->hour_delays = zeroed(plan->host_count, sizeof(*truth->hour_delays));
	for (uint32_t i = 0; i < plan->host_count; i++)
		truth->hour_delays[i] = histogram_new();
	truth->closed_list_at = truth->last_refusal = truth->last_delivery = truth->last_end = -1;
	truth->minute.at = truth->hour_at = -1;
	if (plan->second) {
		truth->second = truth_new(plan->second);
		truth->second->number += plan->incident;
	}
	return truth;
}

void truth_free(struct truth **truth)
{
	struct truth *t = *truth;

	if (!t)
		return;
	truth_free(&t->second);
	for (uint32_t i = 0; i < t->plan->host_count; i++)
		histogram_free(&t->hour_delays[i]);
	histogram_free(&t->minute_delays);
	histogram_free(&t->minute_bystanders);
	histogram_free(&t->delays);
	histogram_free(&t->bystanders);
	histogram_free(&t->bystanders_since);
	histogram_free(&t->baseline);
	free(t->hour_delays);
	free(t->hour_hosts);
	free(t->members);
	free(t->domains);
	free(t->rows);
	free(t->hours);
	free(t);
	*truth = NULL;
}

static uint64_t ended(const struct post *post)
{
	return post->delivered + post->bounced + post->expired;
}

static void measure_pending(struct truth *truth)
{
	struct minute_row *row = &truth->minute;

	row->pending = 0;
	row->oldest_pending = -1;
	for (uint32_t i = 0; i < truth->plan->post_count; i++) {
		const struct post *post = &truth->plan->posts[i];

		if (!post->in_incident)
			continue;
		if (post->posted_at >= row->at + MINUTE)
			break;
		if (ended(post) >= post->due)
			continue;
		if (row->oldest_pending < 0)
			row->oldest_pending = row->at + MINUTE - post->posted_at;
		row->pending += post->due - ended(post);
	}
}

static void close_minute(struct truth *truth)
{
	struct minute_row *row = &truth->minute;
	bool eventful =
		row->posts + row->automatic + row->deliveries + row->deferred + row->bounced + row->rejected > 0;
	int64_t opened = truth->plan->opened_at - truth->plan->opened_at % MINUTE;

	if (!truth->plan->incident)
		return;
	if (row->at < opened) {
		if (row->at >= opened - HOUR)
			histogram_merge(truth->baseline, truth->minute_bystanders);
		return;
	}
	histogram_merge(truth->bystanders_since, truth->minute_bystanders);
	if (eventful || truth->last_end >= row->at) {
		histogram_merge(truth->bystanders, truth->bystanders_since);
		histogram_clear(truth->bystanders_since);
	}
	row->delay_p50 = histogram_percentile(truth->minute_delays, 50);
	row->delay_p95 = histogram_percentile(truth->minute_delays, 95);
	row->bystander_p50 = histogram_percentile(truth->minute_bystanders, 50);
	row->bystander_p95 = histogram_percentile(truth->minute_bystanders, 95);
	measure_pending(truth);
	if (truth->row_count == truth->row_room) {
		truth->row_room = 2 * truth->row_room + 256;
		truth->rows = realloc(truth->rows, truth->row_room * sizeof(*truth->rows));
		if (!truth->rows)
			abort();
	}
	truth->rows[truth->row_count++] = *row;
}

static void finish_hour(struct truth *truth, struct hour_row *row, const struct histogram *delays)
{
	static const int64_t limits[] = {5 * MINUTE, HOUR, 3 * HOUR};
	uint64_t *counts[] = {row->over_5m, row->over_1h, row->over_3h};

	row->at = truth->hour_at;
	row->p50 = histogram_percentile(delays, 50);
	row->p95 = histogram_percentile(delays, 95);
	row->p99 = histogram_percentile(delays, 99);
	for (unsigned i = 0; i < 3; i++) {
		counts[i][0] = histogram_above(delays, limits[i] + limits[i] / 99);
		counts[i][1] = histogram_above(delays, limits[i] - limits[i] / 99);
	}
	if (truth->hour_count == truth->hour_room) {
		truth->hour_room = 2 * truth->hour_room + 64;
		truth->hours = realloc(truth->hours, truth->hour_room * sizeof(*truth->hours));
		if (!truth->hours)
			abort();
	}
	truth->hours[truth->hour_count++] = *row;
}

static void close_hour(struct truth *truth)
{
	struct hour_row all = {.host = NOBODY};
	struct histogram *delays = histogram_new();
	bool any = false;

	for (uint32_t i = 0; i < truth->plan->host_count; i++) {
		struct hour_row *row = &truth->hour_hosts[i];

		row->host = i;
		if (row->deliveries + row->maybe + row->deferred + row->bounced + row->rejected > 0) {
			any = true;
			all.deliveries += row->deliveries;
			all.maybe += row->maybe;
			all.deferred += row->deferred;
			all.bounced += row->bounced;
			all.rejected += row->rejected;
			histogram_merge(delays, truth->hour_delays[i]);
			finish_hour(truth, row, truth->hour_delays[i]);
		}
		histogram_clear(truth->hour_delays[i]);
		*row = (struct hour_row){0};
	}
	if (any)
		finish_hour(truth, &all, delays);
	histogram_free(&delays);
}

static void turn_minute(struct truth *truth, int64_t next)
{
	if (truth->minute.at >= 0)
		close_minute(truth);
	histogram_clear(truth->minute_delays);
	histogram_clear(truth->minute_bystanders);
	truth->minute = (struct minute_row){.at = next};
	truth->minute_end = next + MINUTE;
}

void truth_clock(struct truth *truth, int64_t now)
{
	while (truth->minute.at < 0 || now >= truth->minute_end) {
		int64_t next = truth->minute.at < 0 ? now - now % MINUTE : truth->minute_end;

		turn_minute(truth, next);
		if (truth->second)
			turn_minute(truth->second, next);
		if (truth->hour_at >= 0 && next >= truth->hour_at + HOUR)
			close_hour(truth);
		truth->hour_at = next - next % HOUR;
	}
}

void truth_end(struct truth *truth)
{
	if (truth->minute.at < 0)
		return;
	close_minute(truth);
	if (truth->second)
		close_minute(truth->second);
	close_hour(truth);
}

/* The post as the truth's own list has it. */
static struct post *own_post(struct truth *truth, const struct post *post)
{
	return post ? &truth->plan->posts[post->number] : NULL;
}

void truth_posted(struct truth *truth, const struct post *any)
{
	for (; truth; truth = truth->second) {
		const struct post *post = own_post(truth, any);

		if (truth->list_first == 0)
			truth->list_first = post->posted_at;
		truth->list_last = post->posted_at;
		if (!post->in_incident)
			continue;
		truth->accepted++;
		truth->minute.posts++;
		truth->minute.automatic += post->automatic;
	}
}

void truth_rejected(struct truth *truth, uint32_t host, int64_t told, bool by_agent)
{
	if (truth->closed_list_at < 0)
		truth->closed_list_at = told;
	truth->rejected++;
	truth->last_refusal = told;
	truth->minute.rejected++;
	truth->hour_hosts[host].rejected += !by_agent;
	truth->hour_hosts[host].bounced += by_agent;
}

void truth_rejected_other(struct truth *truth, uint32_t host)
{
	truth->hour_hosts[host].rejected++;
}

void truth_named(struct truth *truth, struct post *post, uint64_t count)
{
	post->told_due += count;
	if (!truth->second)
		return;
	post->told_due = post->due; /* one queue file names all, of both lists */
	own_post(truth->second, post)->told_due = own_post(truth->second, post)->due;
}

void truth_notified(struct truth *truth, const struct post *post)
{
	for (; truth && post; truth = truth->second)
		truth->notifications += own_post(truth, post)->in_incident;
}

struct delivery {
	const struct group *group;
	int64_t told, delay, whole;
	bool outside;
};

static void pass_by(struct truth *truth, int64_t delay, uint64_t count)
{
	truth->minute.bystanders += count;
	if (count > 0)
		histogram_add(truth->minute_bystanders, delay, count);
}

static void deliver(struct truth *truth, struct post *post, const struct delivery *delivery, uint64_t count)
{
	post->delivered += count;
	if (!post->in_incident) {
		pass_by(truth, delivery->delay, count);
		return;
	}
	if (count == 0)
		return;
	truth->minute.deliveries += count;
	histogram_add(truth->minute_delays, delivery->delay, count);
	histogram_add(truth->delays, delivery->whole, count);
	truth->domains[delivery->group->domain].deliveries += count;
	truth->last_delivery = truth->last_end = delivery->told;
	if (delivery->outside)
		truth->handed_outside += count;
}

void truth_delivered(struct truth *truth, struct post *post, const struct group *group, uint32_t host, int64_t told,
                     int64_t delay, int64_t whole, struct pairs count, bool outside)
{
	struct delivery delivery = {group, told, delay, whole, outside};

	if (count.all == 0)
		return;
	truth->hour_hosts[host].deliveries += count.all;
	histogram_add(truth->hour_delays[host], delay, count.all);
	for (unsigned list = 0; truth; truth = truth->second, list++) {
		if (!post) {
			pass_by(truth, delay, count.all);
			continue;
		}
		deliver(truth, own_post(truth, post), &delivery, count.of[list]);
		pass_by(truth, delay, count.all - count.of[list]);
	}
}

void truth_delivered_maybe(struct truth *truth, uint32_t host, int64_t told, int64_t delay)
{
	(void)told;
	(void)delay;
	truth->hour_hosts[host].maybe++;
	for (; truth; truth = truth->second)
		truth->minute.maybe++;
}

void truth_deferred(struct truth *truth, struct post *any, const struct group *group, uint32_t host, struct pairs count)
{
	truth->hour_hosts[host].deferred += count.all;
	for (unsigned list = 0; truth && any; truth = truth->second, list++) {
		struct post *post = own_post(truth, any);

		post->deferred += count.of[list];
		if (!post->in_incident)
			continue;
		truth->minute.deferred += count.of[list];
		truth->domains[group->domain].deferred += count.of[list];
	}
}

void truth_bounced(struct truth *truth, struct post *any, const struct group *group, uint32_t host, int64_t told,
                   struct pairs count)
{
	truth->hour_hosts[host].bounced += count.all;
	for (unsigned list = 0; truth && any; truth = truth->second, list++) {
		struct post *post = own_post(truth, any);

		post->bounced += count.of[list];
		if (!post->in_incident || count.of[list] == 0)
			continue;
		truth->minute.bounced += count.of[list];
		truth->domains[group->domain].bounced += count.of[list];
		truth->last_end = told;
	}
}

void truth_expired(struct truth *truth, struct post *any, int64_t told, struct pairs count)
{
	for (unsigned list = 0; truth && any; truth = truth->second, list++) {
		struct post *post = own_post(truth, any);

		post->expired += count.of[list];
		if (post->in_incident && count.of[list] > 0)
			truth->last_end = told;
	}
}

void truth_told(struct truth *truth, struct post *post, const struct group *group, uint32_t member, bool delivered,
                bool outside)
{
	struct domain_record *domain = &truth->domains[group->domain];

	if (!post)
		return;
	post->told_due++;
	post->delivered += delivered;
	post->bounced += !delivered;
	if (delivered)
		truth_member_delivered(truth, post, member);
	else
		truth_member_flag(truth, post, member, MEMBER_BOUNCED);
	if (!post->in_incident)
		return;
	domain->deliveries += delivered;
	domain->bounced += !delivered;
	truth->handed_outside += delivered && outside;
	truth->attempts++;
}
