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

struct key incident_key(const struct truth *truth, const char *rest)
{
	struct key key;

	snprintf(key.text, sizeof(key.text), "%u%s%s", truth->number, *rest ? "/" : "", rest);
	return key;
}

bool sender_text(const struct plan *plan, const struct post *post, char *text)
{
	if (post->null_sender)
		return false;
	*plan_address_folded(plan, &plan->groups[plan_group_of(plan, post->author)], post->author, text) = '\0';
	return true;
}

bool login_text(const struct plan *plan, const struct post *post, char *text)
{
	if (post->null_sender || (plan->options->format != FORMAT_POSTFIX && plan->options->format != FORMAT_EXIM))
		return false;
	*plan_login(post->author, text) = '\0';
	return true;
}

uint64_t post_pending(const struct post *post)
{
	return post->told_due - post->delivered - post->bounced - post->expired - post->unaccounted;
}

/* A message to two lists is two posts under one Message-ID. */
static void post_key(const struct plan *plan, const char *message_id, char *key)
{
	char *p = text_put(key, message_id);

	if (plan->options->second_list) {
		*p++ = ' ';
		p = text_put(p, plan->list);
	}
	*p = '\0';
}

static void write_post(const struct truth *truth, FILE *file, const struct post *post)
{
	const struct plan *plan = truth->plan;
	const struct options *o = plan->options;
	char key[240], text[200];

	post_key(plan, post->message_id, key);
	if (plan_names_list(plan))
		row_text(file, "posts", key, "list", plan->list);
	row_text(file, "posts", key, "message_id", post->message_id);
	row_text(file, "posts", key, "in_incident", post->in_incident ? "1" : "0");
	if (sender_text(plan, post, text))
		row_text(file, "posts", key, "sender", text);
	row_text(file, "posts", key, "login", login_text(plan, post, text) ? text : NULL);
	if (!plan_untimed(plan))
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

static void write_thread(const struct plan *plan, FILE *file, uint32_t thread)
{
	const struct post *first = NULL, *last = NULL;
	uint64_t posts = 0, delivered = 0;
	char key[240];

	for (uint32_t i = 0; i < plan->post_count; i++) {
		const struct post *post = &plan->posts[i];

		if (post->thread != thread)
			continue;
		first = first ? first : post;
		last = post;
		posts++;
		delivered += post->delivered;
	}
	post_key(plan, first->message_id, key);
	row_time(file, "threads", key, "first_at", first->posted_at);
	row_time(file, "threads", key, "last_at", last->posted_at);
	row_number(file, "threads", key, "posts", posts);
	row_number(file, "threads", key, "deliveries", delivered);
}

/* A recipient set that one post went to; they are numbered by their posts. */
static void write_set(const struct post *post, FILE *file)
{
	char key[16];

	snprintf(key, sizeof(key), "#%u", post->number + 1);
	row_text(file, "lists", key, "kind", "recipient-set");
	row_number(file, "lists", key, "members", post->due);
	row_number(file, "lists", key, "posters", 1);
	row_number(file, "lists", key, "posts", 1);
	row_number(file, "lists", key, "deliveries", post->delivered);
	row_time(file, "lists", key, "first_at", post->posted_at);
	row_time(file, "lists", key, "last_at", post->posted_at);
	row_time(file, "lists", key, "closed_at", -1);
}

static const char *list_kind(const struct plan *plan)
{
	const struct options *o = plan->options;

	if (!plan_names_list(plan))
		return "recipient-set";
	if (o->shape != SHAPE_VIRTUAL)
		return o->shape == SHAPE_ALIAS ? "alias" : "manager";
	/* Of an alias with an owner Sendmail tells the owner alone. */
	return o->format == FORMAT_SENDMAIL                               ? "manager"
	       : o->format == FORMAT_EXCHANGE || o->format == FORMAT_M365 ? "group"
	                                                                  : "alias";
}

static void write_list(const struct truth *truth, FILE *file)
{
	const struct plan *plan = truth->plan;
	const struct options *o = plan->options;
	const char *key = plan_names_list(plan) ? plan->list : "#1";
	uint64_t delivered = 0, members = plan->list_end - plan->list_first;

	for (uint32_t i = 0; i < plan->post_count; i++)
		delivered += plan->posts[i].delivered;
	if (o->shape == SHAPE_RECIPIENT_SET && plan->poster_count == 1)
		members--;
	row_text(file, "lists", key, "kind", list_kind(plan));
	if (o->lost == 0 && o->until == 0 && !(o->format == FORMAT_SENDMAIL && o->owner_alias))
		row_number(file, "lists", key, "members", members);
	row_number(file, "lists", key, "posters", count_posters(plan));
	row_number(file, "lists", key, "posts", plan->post_count);
	row_number(file, "lists", key, "deliveries", delivered);
	row_time(file, "lists", key, "first_at", truth->list_first);
	row_time(file, "lists", key, "last_at", truth->list_last);
	row_time(file, "lists", key, "closed_at", truth->closed_list_at);
}

static void write_lists(const struct truth *truth, FILE *file)
{
	const struct plan *plan = truth->plan;

	if (plan->post_count == 0)
		return;
	if (plan->options->recipients != RECIPIENTS_APART)
		write_list(truth, file);
	else
		for (uint32_t i = 0; i < plan->post_count; i++)
			write_set(&plan->posts[i], file);
	/* Announcements that have one subject would be one thread. */
	for (uint32_t thread = 0; thread < plan->thread_count && !plan->options->announcements; thread++)
		write_thread(plan, file, thread);
}

/* What mailstormd.conf(5) has to say for this truth: the thresholds above all. */
static void write_settings(const struct plan *plan, FILE *file)
{
	const struct options *o = plan->options;
	const char *between = "";

	fprintf(file,
	        "#conf storm {\n#conf min_recipients = %" PRId64 "\n#conf min_replies = %" PRId64
	        "\n#conf min_posters = %" PRId64 "\n#conf min_pairs = %" PRId64 "\n#conf window = %" PRId64
	        "s\n#conf quiet_after = %" PRId64 "s\n#conf }\n",
	        o->min_recipients, o->min_replies, o->min_posters, o->min_pairs, o->window / SECOND,
	        o->quiet_after / SECOND);
	fprintf(file, "#conf input {\n#conf timezone = \"%s\"\n#conf }\n", o->timezone);
	if (!o->local_domains)
		return;
	fprintf(file, "#conf mailbox {\n#conf local_domains = { ");
	for (uint32_t i = 0; i < plan->domain_count; i++) {
		if (plan->domains[i].external)
			continue;
		fprintf(file, "%s\"%s\"", between, plan->domains[i].name);
		between = ", ";
	}
	fprintf(file, " }\n#conf }\n");
}

static void write_heading(const struct truth *truth, const struct truth_output *output)
{
	const struct plan *plan = truth->plan;
	char last[40];

	fprintf(output->file, "# stormgen: %s, %u members, %u posts, %u refused\n# local_domains:",
	        plan->options->storm ? plan->options->storm : "no preset", plan->members, plan->post_count,
	        plan->rejection_count);
	for (uint32_t i = 0; i < plan->domain_count; i++)
		if (!plan->domains[i].external)
			fprintf(output->file, " %s", plan->domains[i].name);
	*text_time(last, output->as_of) = '\0';
	fprintf(output->file, "\n# last line: %s\n", last);
	write_settings(plan, output->file);
	fprintf(output->file, "# lines told again: %" PRIu64 ", taken out: %" PRIu64 "\n", output->told_again,
	        output->taken_out);
}

static void write_counts(const struct truth *truth, FILE *file)
{
	const struct plan *plan = truth->plan, *second = plan->second;
	char key[40];

	row_number(file, "counts", "*", "incidents", plan->incidents + (second ? second->incidents : 0));
	row_number(file, "counts", "*", "posts", plan->post_count + (second ? second->post_count : 0));
	if (plan->options->subjects != SUBJECTS_NONE || plan->options->duration < 4 * DAY)
		return;
	*text_time(key, plan->options->start + 3 * DAY) = '\0';
	row_number(file, "counts", key, "detected_from", plan->detected_late);
}

void truth_write(const struct truth *truth, const struct truth_output *output)
{
	const struct plan *plan = truth->plan;

	write_heading(truth, output);
	write_counts(truth, output->file);
	for (uint32_t i = 0; i < plan->host_count; i++)
		if (output->host_lines[i] > 0 && (!plan_untimed(plan) || plan->options->trace == TRACE_SUMMARY))
			row_number(output->file, "coverage", plan->hosts[i].name, "lines", output->host_lines[i]);
	if (plan->options->lost > 0 && plan->options->lost_kind == LOST_ANY)
		return; /* nothing else can be said for certain */
	if (!plan_untimed(plan))
		write_hours(truth, output);
	for (; truth; truth = truth->second) {
		for (uint32_t i = 0; i < plan->post_count; i++)
			write_post(truth, output->file, &truth->plan->posts[i]);
		write_lists(truth, output->file);
		if (truth->plan->incident)
			write_incident(truth, output);
	}
}
