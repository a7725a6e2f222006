/* SPDX-License-Identifier: Apache-2.0
 *
 * The truth file: its line writers, what concerns all mail (posts, lists,
 * threads, coverage), and the order of the parts. What cannot be said from the
 * plan is left out rather than guessed.
 */
#include "truth_write.h"

#include <inttypes.h>

void row_text(FILE *file, const char *view, const char *key, const char *column, const char *value)
{
	fprintf(file, "%s\t%s\t%s\t%s\n", view, key, column, value ? value : "NULL");
}

void row_number(FILE *file, const char *view, const char *key, const char *column, uint64_t value)
{
	fprintf(file, "%s\t%s\t%s\t%" PRIu64 "\n", view, key, column, value);
}

void row_real(FILE *file, const char *view, const char *key, const char *column, double value)
{
	fprintf(file, "%s\t%s\t%s\t%.9g\n", view, key, column, value);
}

void row_time(FILE *file, const char *view, const char *key, const char *column, int64_t time)
{
	char text[40];

	*text_time(text, time < 0 ? 0 : time) = '\0';
	row_text(file, view, key, column, time < 0 ? NULL : text);
}

void row_delay(FILE *file, const char *view, const char *key, const char *column, int64_t delay)
{
	if (delay < 0)
		row_text(file, view, key, column, NULL);
	else
		fprintf(file, "%s\t%s\t%s\t~%" PRId64 "\n", view, key, column, (delay + 500) / 1000);
}

void row_range(FILE *file, const char *view, const char *key, const char *column, uint64_t low, uint64_t high)
{
	if (low == high)
		row_number(file, view, key, column, low);
	else
		fprintf(file, "%s\t%s\t%s\t%" PRIu64 "..%" PRIu64 "\n", view, key, column, low, high);
}

bool sender_text(const struct plan *plan, const struct post *post, char *text)
{
	if (post->null_sender)
		return false;
	*plan_address_folded(plan, &plan->groups[plan_group_of(plan, post->author)], post->author, text) = '\0';
	return true;
}

uint64_t post_pending(const struct post *post)
{
	return post->told_due - post->delivered - post->bounced - post->expired - post->unaccounted;
}

static void write_post(const struct truth *truth, FILE *file, const struct post *post)
{
	const struct plan *plan = truth->plan;
	const struct options *o = plan->options;
	const char *key = post->message_id;
	char text[200];

	if (o->shape != SHAPE_RECIPIENT_SET)
		row_text(file, "posts", key, "list", o->list);
	row_text(file, "posts", key, "message_id", key);
	row_text(file, "posts", key, "in_incident", post->in_incident ? "1" : "0");
	if (sender_text(plan, post, text)) {
		row_text(file, "posts", key, "sender", text);
		*plan_login(post->author, text) = '\0';
		row_text(file, "posts", key, "login", text);
	} else {
		row_text(file, "posts", key, "login", NULL);
	}
	row_text(file, "posts", key, "client", post->client);
	if (o->subjects == SUBJECTS_NONE) {
		row_text(file, "posts", key, "subject", NULL);
	} else {
		plan_subject(plan, post, text);
		row_text(file, "posts", key, "subject", text);
	}
	row_time(file, "posts", key, "posted_at", post->posted_at);
	row_number(file, "posts", key, "automatic", post->automatic);
	row_number(file, "posts", key, "recipients", post->told_due);
	row_number(file, "posts", key, "delivered", post->delivered);
	row_number(file, "posts", key, "deferred", post->deferred);
	row_number(file, "posts", key, "bounced", post->bounced);
	row_number(file, "posts", key, "expired", post->expired);
	row_number(file, "posts", key, "pending", post_pending(post));
	row_number(file, "posts", key, "bytes", post->size);
}

static uint64_t count_posters(const struct plan *plan)
{
	uint64_t posters = 0;

	for (uint32_t i = 0; i < plan->post_count; i++) {
		bool seen = false;

		for (uint32_t j = 0; j < i && !seen && !plan->posts[i].null_sender; j++)
			seen = !plan->posts[j].null_sender && plan->posts[j].author == plan->posts[i].author;
		posters += !seen;
	}
	return posters;
}

static void write_list(const struct truth *truth, FILE *file)
{
	static const char *const kinds[] = {"alias", "alias", "manager", "manager", "recipient-set"};
	const struct plan *plan = truth->plan;
	const struct options *o = plan->options;
	const char *key = o->shape == SHAPE_RECIPIENT_SET ? "#1" : o->list;
	uint64_t delivered = 0, members = plan->members;

	if (plan->post_count == 0)
		return;
	for (uint32_t i = 0; i < plan->post_count; i++)
		delivered += plan->posts[i].delivered;
	if (o->shape == SHAPE_RECIPIENT_SET && plan->poster_count == 1)
		members--;
	row_text(file, "lists", key, "kind", kinds[o->shape]);
	if (o->lost == 0 && o->until == 0)
		row_number(file, "lists", key, "members", members);
	row_number(file, "lists", key, "posters", count_posters(plan));
	row_number(file, "lists", key, "posts", plan->post_count);
	row_number(file, "lists", key, "deliveries", delivered);
	row_time(file, "lists", key, "first_at", truth->list_first);
	row_time(file, "lists", key, "last_at", truth->list_last);
	row_time(file, "lists", key, "closed_at", truth->closed_list_at);
	if (o->subjects == SUBJECTS_NONE || o->announcements)
		return;
	key = plan->posts[0].message_id;
	row_time(file, "threads", key, "first_at", truth->list_first);
	row_time(file, "threads", key, "last_at", truth->list_last);
	row_number(file, "threads", key, "posts", plan->post_count);
	row_number(file, "threads", key, "deliveries", delivered);
}

static void write_heading(const struct truth *truth, const struct truth_output *output)
{
	const struct plan *plan = truth->plan;

	fprintf(output->file, "# stormgen: %s, %u members, %u posts, %u refused\n# local_domains:",
	        plan->options->storm ? plan->options->storm : "no preset", plan->members, plan->post_count,
	        plan->rejection_count);
	for (uint32_t i = 0; i < plan->domain_count; i++)
		if (!plan->domains[i].external)
			fprintf(output->file, " %s", plan->domains[i].name);
	fprintf(output->file, "\n# lines told again: %" PRIu64 ", taken out: %" PRIu64 "\n", output->told_again,
	        output->taken_out);
}

void truth_write(const struct truth *truth, const struct truth_output *output)
{
	const struct plan *plan = truth->plan;

	write_heading(truth, output);
	row_text(output->file, "counts", "*", "incidents", plan->incident ? "1" : "0");
	row_number(output->file, "counts", "*", "posts", plan->post_count);
	for (uint32_t i = 0; i < plan->host_count; i++)
		if (output->host_lines[i] > 0)
			row_number(output->file, "coverage", plan->hosts[i].name, "lines", output->host_lines[i]);
	if (plan->options->lost > 0 && plan->options->lost_kind == LOST_ANY)
		return; /* nothing else can be said for certain */
	for (uint32_t i = 0; i < plan->post_count; i++)
		write_post(truth, output->file, &plan->posts[i]);
	write_list(truth, output->file);
	write_hours(truth, output);
	if (plan->incident)
		write_incident(truth, output);
}
