/* SPDX-License-Identifier: Apache-2.0
 *
 * What is told by time: the incident's minutes, all mail by the hour, and the
 * timeline. Where a threshold is passed by so little that rounding decides,
 * nothing is said.
 */
#include <stdlib.h>

#include "truth_write.h"

static void write_minute(const struct truth *truth, FILE *f, const struct minute_row *row)
{
	const struct options *o = truth->plan->options;
	struct key whole;
	char at[48];
	const char *key;

	*text_time(at, row->at) = '\0';
	whole = incident_key(truth, at);
	key = whole.text;
	row_number(f, "minutes", key, "posts", row->posts);
	row_number(f, "minutes", key, "auto_replies", row->automatic);
	row_number(f, "minutes", key, "rejected", row->rejected);
	if (plan_untimed(truth->plan))
		return;
	row_number(f, "minutes", key, "deliveries", row->deliveries);
	row_number(f, "minutes", key, "deferred", row->deferred);
	row_number(f, "minutes", key, "bounced", row->bounced);
	if (o->lost == 0 && o->until == 0) {
		row_number(f, "minutes", key, "pending", row->pending);
		if (row->oldest_pending < 0)
			row_text(f, "minutes", key, "oldest_pending_ms", NULL);
		else
			row_number(f, "minutes", key, "oldest_pending_ms", (uint64_t)row->oldest_pending / 1000);
	}
	row_delay(f, "minutes", key, "delay_p50_ms", row->delay_p50);
	row_delay(f, "minutes", key, "delay_p95_ms", row->delay_p95);
	row_range(f, "minutes", key, "bystander_deliveries", row->bystanders, row->bystanders + row->maybe);
	if (row->maybe > 0)
		return;
	row_delay(f, "minutes", key, "bystander_p50_ms", row->bystander_p50);
	row_delay(f, "minutes", key, "bystander_p95_ms", row->bystander_p95);
}

void write_minutes(const struct truth *truth, const struct truth_output *output, const struct sums *sums)
{
	for (uint64_t i = 0; i < truth->row_count && truth->rows[i].at <= sums->last_minute; i++)
		write_minute(truth, output->file, &truth->rows[i]);
}

void write_hours(const struct truth *truth, const struct truth_output *output)
{
	FILE *f = output->file;

	for (uint64_t i = 0; i < truth->hour_count; i++) {
		const struct hour_row *row = &truth->hours[i];
		char key[96], *p = text_time(key, row->at);

		*p++ = '/';
		*text_put(p, row->host == NOBODY ? "*" : truth->plan->hosts[row->host].name) = '\0';
		row_range(f, "hours", key, "deliveries", row->deliveries, row->deliveries + row->maybe);
		row_number(f, "hours", key, "deferred", row->deferred);
		row_number(f, "hours", key, "bounced", row->bounced);
		row_number(f, "hours", key, "rejected", row->rejected);
		if (row->maybe > 0)
			continue;
		row_delay(f, "hours", key, "delay_p50_ms", row->p50);
		row_delay(f, "hours", key, "delay_p95_ms", row->p95);
		row_delay(f, "hours", key, "delay_p99_ms", row->p99);
		row_range(f, "hours", key, "over_5m", row->over_5m[0], row->over_5m[1]);
		row_range(f, "hours", key, "over_1h", row->over_1h[0], row->over_1h[1]);
		row_range(f, "hours", key, "over_3h", row->over_3h[0], row->over_3h[1]);
	}
}

enum verdict { VERDICT_NORMAL, VERDICT_DELAYED, VERDICT_UNSURE };

static enum verdict judge(const struct minute_row *row, int64_t baseline)
{
	int64_t limit = 2 * baseline > MINUTE ? 2 * baseline : MINUTE;

	if (row->bystander_p95 < 0)
		return row->maybe ? VERDICT_UNSURE : VERDICT_NORMAL;
	if (llabs(row->bystander_p95 - limit) < limit / 20)
		return VERDICT_UNSURE;
	return row->bystander_p95 > limit ? VERDICT_DELAYED : VERDICT_NORMAL;
}

/* First of five minutes in a row that are all of `wanted`, from row `from` on; rows: none. False: it is not sure. */
static bool five_in_a_row(const struct truth *truth, const struct sums *sums, int64_t baseline, enum verdict wanted,
                          uint64_t from, uint64_t *found)
{
	uint64_t run = 0;

	*found = truth->row_count;
	for (uint64_t i = from; i < truth->row_count && truth->rows[i].at <= sums->last_minute; i++) {
		enum verdict verdict = judge(&truth->rows[i], baseline);

		if (verdict == VERDICT_UNSURE)
			return false;
		run = verdict == wanted ? run + 1 : 0;
		if (run == 5) {
			*found = i - 4;
			return true;
		}
	}
	return true;
}

static void write_bystanders(const struct truth *truth, FILE *f, const struct sums *sums)
{
	int64_t baseline = histogram_percentile(truth->baseline, 95);
	uint64_t first, normal;

	if (baseline < 0 || !five_in_a_row(truth, sums, baseline, VERDICT_DELAYED, 0, &first))
		return;
	if (first == truth->row_count) {
		row_text(f, "timeline", incident_key(truth, "bystanders-delayed").text, "at", NULL);
		row_text(f, "timeline", incident_key(truth, "bystanders-normal").text, "at", NULL);
		return;
	}
	row_time(f, "timeline", incident_key(truth, "bystanders-delayed").text, "at", truth->rows[first].at);
	if (five_in_a_row(truth, sums, baseline, VERDICT_NORMAL, first, &normal) && normal < truth->row_count)
		row_time(f, "timeline", incident_key(truth, "bystanders-normal").text, "at", truth->rows[normal].at);
}

/* Was it quiet long enough for the incident to subside before its last post? */
static bool paused(const struct plan *plan)
{
	int64_t before = plan->opened_at;

	for (uint32_t i = plan->incident_first + 1; i < plan->post_count; i++) {
		if (!plan->posts[i].in_incident)
			continue;
		if (plan->posts[i].posted_at - before >= plan->options->quiet_after)
			return true;
		before = plan->posts[i].posted_at;
	}
	return false;
}

void write_timeline(const struct truth *truth, const struct truth_output *output, const struct sums *sums)
{
	const struct plan *plan = truth->plan;
	int64_t automatic = -1, reply = -1, subsiding = sums->last_post + plan->options->quiet_after;
	FILE *f = output->file;

	for (uint32_t i = plan->post_count; i-- > plan->incident_first;) {
		if (!plan->posts[i].in_incident)
			continue;
		if (i > plan->incident_first)
			reply = plan->posts[i].posted_at;
		if (plan->posts[i].automatic)
			automatic = plan->posts[i].posted_at;
	}
	row_time(f, "timeline", incident_key(truth, "first-post").text, "at", plan->opened_at);
	row_time(f, "timeline", incident_key(truth, "first-reply").text, "at", reply);
	row_time(f, "timeline", incident_key(truth, "threshold").text, "at", plan->detected_at);
	row_time(f, "timeline", incident_key(truth, "peak-minute").text, "at",
	         sums->peak && sums->peak->deliveries ? sums->peak->at : -1);
	row_time(f, "timeline", incident_key(truth, "auto-replies-begin").text, "at", automatic);
	row_time(f, "timeline", incident_key(truth, "list-closed").text, "at", truth->closed_list_at);
	row_time(f, "timeline", incident_key(truth, "last-post").text, "at", sums->last_post);
	row_time(f, "timeline", incident_key(truth, "last-delivery").text, "at", truth->last_delivery);
	row_time(f, "timeline", incident_key(truth, "queue-dry").text, "at", sums->pending == 0 ? truth->last_end : -1);
	if (!paused(plan)) {
		row_time(f, "timeline", incident_key(truth, "subsiding").text, "at",
		         output->as_of >= subsiding ? subsiding : -1);
		row_time(f, "timeline", incident_key(truth, "closed").text, "at", sums->closed_at);
	}
	write_bystanders(truth, f, sums);
}
