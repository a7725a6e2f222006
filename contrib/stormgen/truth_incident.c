/* SPDX-License-Identifier: Apache-2.0
 *
 * The incident: its own row, amplification, posters, ledger, what is queued.
 */
#include <stdlib.h>

#include "truth_write.h"

static bool same_poster(const struct post *a, const struct post *b)
{
	return !a->null_sender && !b->null_sender && a->author == b->author;
}

/* The first post of the incident that the same person sent. */
static uint32_t first_of_poster(const struct plan *plan, uint32_t number)
{
	for (uint32_t i = plan->incident_first; i < number; i++)
		if (plan->posts[i].in_incident && same_poster(&plan->posts[i], &plan->posts[number]))
			return i;
	return number;
}

static void sum_post(const struct plan *plan, const struct post *post, struct sums *sums)
{
	sums->posts++;
	sums->automatic += post->automatic && post->number > plan->incident_first;
	sums->due += post->told_due;
	sums->delivered += post->delivered;
	if (post->number > plan->incident_first)
		sums->reply_delivered += post->delivered;
	if (post->posted_at > plan->detected_at)
		sums->avoidable += post->delivered;
	sums->bounced += post->bounced;
	sums->expired += post->expired;
	sums->pending += post_pending(post);
	sums->unaccounted += post->unaccounted;
	sums->bytes += post->delivered * post->size;
	sums->posters += first_of_poster(plan, post->number) == post->number;
	sums->last_post = post->posted_at;
}

void sum_incident(const struct truth *truth, const struct truth_output *output, struct sums *sums)
{
	const struct plan *plan = truth->plan;
	int64_t quiet = plan->options->quiet_after;

	*sums = (struct sums){.closed_at = -1};
	for (uint32_t i = plan->incident_first; i < plan->post_count; i++)
		if (plan->posts[i].in_incident)
			sum_post(plan, &plan->posts[i], sums);
	sums->last_event = truth->last_end > sums->last_post ? truth->last_end : sums->last_post;
	sums->last_minute = truth->last_refusal > sums->last_event ? truth->last_refusal : sums->last_event;
	sums->state = output->as_of < sums->last_post + quiet ? "open" : "subsiding";
	if (sums->pending == 0 && output->as_of >= sums->last_event + quiet) {
		sums->state = "closed";
		sums->closed_at = sums->last_event + quiet;
	}
	sum_mailboxes(truth, sums);
	for (uint64_t i = 0; i < truth->row_count; i++)
		if (!sums->peak || truth->rows[i].deliveries > sums->peak->deliveries)
			sums->peak = &truth->rows[i];
}

static void write_own(const struct truth *truth, const struct truth_output *output, const struct sums *sums)
{
	static const char *const methods[] = {"list-gap", "subject", "references"};
	const struct plan *plan = truth->plan;
	const struct options *o = plan->options;
	const struct post *first = &plan->posts[plan->incident_first];
	uint64_t members = plan->list_end - plan->list_first - (o->shape == SHAPE_RECIPIENT_SET && sums->posters < 2);
	struct key key = incident_key(truth, "");
	FILE *f = output->file;
	char text[200];

#define TEXT(column, value) row_text(f, "incidents", key.text, column, value)
#define NUMBER(column, value) row_number(f, "incidents", key.text, column, value)
#define REAL(column, value) row_real(f, "incidents", key.text, column, value)
#define TIME(column, value) row_time(f, "incidents", key.text, column, value)
#define DELAY(column, value) row_delay(f, "incidents", key.text, column, value)
	TEXT("state", sums->state);
	if (plan_names_list(plan))
		TEXT("list", plan->list);
	plan_subject(plan, first, text);
	TEXT("subject", o->subjects == SUBJECTS_NONE ? NULL : text);
	TEXT("root_message_id", first->message_id);
	if (sender_text(plan, first, text))
		TEXT("first_poster", text);
	TIME("opened_at", plan->opened_at);
	TIME("detected_at", plan->detected_at);
	TIME("peaked_at", sums->peak && sums->peak->deliveries ? sums->peak->at : -1);
	TIME("list_closed_at", truth->closed_list_at);
	TIME("last_post_at", sums->last_post);
	TIME("last_delivery_at", truth->last_delivery);
	TIME("closed_at", sums->closed_at);
	NUMBER("posts", sums->posts);
	NUMBER("replies", sums->posts - 1);
	NUMBER("auto_replies", sums->automatic);
	NUMBER("posters", sums->posters);
	NUMBER("rejected_posts", truth->rejected);
	if (o->lost == 0 && o->until == 0 && !(o->format == FORMAT_SENDMAIL && o->owner_alias))
		NUMBER("members", members);
	NUMBER("deliveries", sums->delivered);
	NUMBER("reply_deliveries", sums->reply_delivered);
	NUMBER("avoidable_deliveries", sums->avoidable);
	NUMBER("mailboxes", sums->mailboxes);
	if (o->local_domains)
		NUMBER("external_mailboxes", sums->external);
	else
		TEXT("external_mailboxes", NULL);
	if (sums->mailboxes > 0) {
		REAL("copies_mean", (double)sums->delivered / (double)sums->mailboxes);
		NUMBER("copies_median", sums->copies_median);
		NUMBER("copies_p95", sums->copies_p95);
		NUMBER("copies_max", sums->copies_max);
	}
	REAL("amplification", (double)sums->delivered / (double)sums->posts);
	NUMBER("bytes_delivered", sums->bytes);
	if (plan_untimed(plan))
		TEXT("peak_per_minute", NULL);
	else
		NUMBER("peak_per_minute", sums->peak ? sums->peak->deliveries : 0);
	NUMBER("deferred_mailboxes", sums->deferred_mailboxes);
	NUMBER("bounced_mailboxes", sums->bounced_mailboxes);
	NUMBER("expired_mailboxes", sums->expired_mailboxes);
	NUMBER("pending", sums->pending);
	NUMBER("unaccounted", sums->unaccounted);
	DELAY("delay_p50_ms", histogram_percentile(truth->delays, 50));
	DELAY("delay_p95_ms", histogram_percentile(truth->delays, 95));
	DELAY("delay_p99_ms", histogram_percentile(truth->delays, 99));
	DELAY("delay_max_ms", histogram_largest(truth->delays));
	if (o->background > 0) {
		DELAY("bystander_p95_ms", histogram_percentile(truth->bystanders, 95));
		DELAY("baseline_p95_ms", histogram_percentile(truth->baseline, 95));
		if (histogram_count(truth->baseline) > 0)
			TEXT("baseline_method", "hour-before");
	}
	TEXT("thread_method", methods[o->subjects]);
	REAL("coverage_pct", sums->due ? 100.0 * (double)(sums->due - sums->unaccounted) / (double)sums->due : 100);
	TIME("as_of_at", output->as_of);
#undef TEXT
#undef NUMBER
#undef REAL
#undef TIME
#undef DELAY
}

static void write_amplification(const struct truth *truth, FILE *f)
{
	const struct plan *plan = truth->plan;
	uint64_t delivered = 0, due = 0;
	uint32_t n = 0;
	char rest[40], text[200];

	for (uint32_t i = plan->incident_first; i < plan->post_count; i++) {
		const struct post *post = &plan->posts[i];
		struct key key;

		if (!post->in_incident)
			continue;
		delivered += post->delivered;
		due += post->told_due;
		snprintf(rest, sizeof(rest), "%u", ++n);
		key = incident_key(truth, rest);
		row_time(f, "amplification", key.text, "at", post->posted_at);
		row_text(f, "amplification", key.text, "message_id", post->message_id);
		if (sender_text(plan, post, text))
			row_text(f, "amplification", key.text, "sender", text);
		row_number(f, "amplification", key.text, "recipients_due", post->told_due);
		row_number(f, "amplification", key.text, "delivered", post->delivered);
		row_number(f, "amplification", key.text, "cumulative_delivered", delivered);
		row_number(f, "amplification", key.text, "cumulative_due", due);
	}
}

static void write_poster(const struct truth *truth, FILE *f, uint32_t number)
{
	const struct plan *plan = truth->plan;
	const struct post *first = &plan->posts[number];
	uint64_t posts = 0, automatic = 0, deliveries = 0;
	int64_t last = first->posted_at;
	char sender[200];
	struct key key;

	if (!sender_text(plan, first, sender))
		return;
	for (uint32_t i = number; i < plan->post_count; i++) {
		const struct post *post = &plan->posts[i];

		if (!post->in_incident || (i != number && !same_poster(post, first)))
			continue;
		posts++;
		automatic += post->automatic;
		deliveries += post->delivered;
		last = post->posted_at;
	}
	key = incident_key(truth, sender);
	row_text(f, "posters", key.text, "login", login_text(plan, first, sender) ? sender : NULL);
	row_number(f, "posters", key.text, "posts", posts);
	row_number(f, "posters", key.text, "automatic", automatic);
	row_number(f, "posters", key.text, "deliveries", deliveries);
	row_time(f, "posters", key.text, "first_at", first->posted_at);
	row_time(f, "posters", key.text, "last_at", last);
}

/* Posts with the null sender are no person's: how many, and what they caused. */
static void write_posters(const struct truth *truth, FILE *f)
{
	const struct plan *plan = truth->plan;
	struct key key = incident_key(truth, "");
	uint64_t named = 0, nulls = 0, deliveries = 0;

	for (uint32_t i = plan->incident_first; i < plan->post_count; i++) {
		const struct post *post = &plan->posts[i];

		if (!post->in_incident)
			continue;
		nulls += post->null_sender;
		deliveries += post->null_sender ? post->delivered : 0;
		if (post->null_sender || first_of_poster(plan, i) != i)
			continue;
		named++;
		write_poster(truth, f, i);
	}
	row_number(f, "posters", key.text, "named", named);
	row_number(f, "posters", key.text, "null_posts", nulls);
	row_number(f, "posters", key.text, "null_deliveries", deliveries);
}

/* By minutes, since that is how exactly it can be known: those of the closing minute itself may count or not. */
static void write_after_close(const struct truth *truth, FILE *f)
{
	int64_t minute = truth->closed_list_at - truth->closed_list_at % MINUTE;
	uint64_t low = 0, high = 0;

	for (uint64_t i = 0; i < truth->row_count && truth->closed_list_at >= 0; i++) {
		low += truth->rows[i].at > minute ? truth->rows[i].deliveries : 0;
		high += truth->rows[i].at >= minute ? truth->rows[i].deliveries : 0;
	}
	row_range(f, "ledger", incident_key(truth, "delivered_after_close").text, "count", low, high);
}

static void write_ledger(const struct truth *truth, const struct truth_output *output, const struct sums *sums)
{
	const struct options *o = truth->plan->options;
	FILE *f = output->file;

#define LINE(name, value) row_number(f, "ledger", incident_key(truth, name).text, "count", value)
	LINE("posts_accepted", sums->posts);
	LINE("pairs_due", sums->due);
	LINE("delivered", sums->delivered);
	LINE("bounced", sums->bounced);
	LINE("expired", sums->expired);
	LINE("discarded", 0);
	LINE("removed_by_admin", 0);
	LINE("pending", sums->pending);
	LINE("unaccounted", sums->unaccounted);
	LINE("handed_outside", truth->handed_outside);
	if (o->duplicates == 0 && !o->second_list) {
		row_range(f, "ledger", incident_key(truth, "hand_overs").text, "count", truth->hand_overs,
		          truth->hand_overs + truth->maybe_hand_overs);
		row_range(f, "ledger", incident_key(truth, "attempts").text, "count", truth->attempts,
		          truth->attempts + truth->maybe_hand_overs);
		LINE("repeats", 0);
	}
	LINE("auto_replies", sums->automatic);
	if (!plan_untimed(truth->plan))
		LINE("notifications", truth->notifications);
	LINE("rejected_posts", truth->rejected);
#undef LINE
	if (!plan_untimed(truth->plan))
		write_after_close(truth, f);
}

static void write_queued(const struct truth *truth, const struct truth_output *output)
{
	FILE *f = output->file;
	char rest[100];

	row_number(f, "queued", incident_key(truth, "").text, "count", output->queued_count);
	for (uint64_t i = 0; i < output->queued_count; i++) {
		const struct queued_row *row = &output->queued[i];
		struct key key;

		snprintf(rest, sizeof(rest), "%s/%s", truth->plan->hosts[row->host].name, row->id);
		key = incident_key(truth, rest);
		row_text(f, "queued", key.text, "message_id", row->post->message_id);
		row_number(f, "queued", key.text, "recipients_pending", row->pending);
		row_time(f, "queued", key.text, "oldest_at", row->at);
	}
}

void write_incident(const struct truth *truth, const struct truth_output *output)
{
	struct sums sums;

	sum_incident(truth, output, &sums);
	write_own(truth, output, &sums);
	write_amplification(truth, output->file);
	write_posters(truth, output->file);
	write_ledger(truth, output, &sums);
	write_affected(truth, output);
	write_domains(truth, output);
	write_minutes(truth, output, &sums);
	write_queued(truth, output);
	write_timeline(truth, output, &sums);
}
