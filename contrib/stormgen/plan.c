/* SPDX-License-Identifier: Apache-2.0
 *
 * Makes the plan: hosts, domains, groups of members, posts. Everything random
 * comes from the seed by hashing, so that a fate can be asked for twice and
 * needs no room.
 */
#include "plan.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const local_domains[] = {"north", "south", "east", "west", "trust", "clinic", "central", "coast"};
static const char *const foreign_domains[] = {"webmail.example", "post.example",    "isp.example",
                                              "college.example", "council.example", "lab.example"};
#define LOCAL_DOMAINS (sizeof(local_domains) / sizeof(local_domains[0]))
#define FOREIGN_DOMAINS (sizeof(foreign_domains) / sizeof(foreign_domains[0]))

static void *array_new(size_t count, size_t size)
{
	void *array = calloc(count ? count : 1, size);

	if (!array)
		abort();
	return array;
}

static void make_hosts(struct plan *plan)
{
	const struct options *o = plan->options;

	plan->list_hosts = (uint32_t)o->hosts;
	plan->host_count = plan->list_hosts + (o->hops > 1 ? (uint32_t)o->mailbox_hosts : 0);
	plan->hosts = array_new(plan->host_count, sizeof(*plan->hosts));
	for (uint32_t i = 0; i < plan->host_count; i++) {
		struct host *host = &plan->hosts[i];
		bool list = i < plan->list_hosts;
		unsigned n = list ? i + 1 : i - plan->list_hosts + 1;

		snprintf(host->name, sizeof(host->name), "%s%u", list ? "lists" : "mailbox", n);
		if (o->format == FORMAT_M365)
			snprintf(host->name, sizeof(host->name), "m365"); /* who wrote a row is not told */
		snprintf(host->fqdn, sizeof(host->fqdn), "%s.%s", host->name, plan->list_domain);
		snprintf(host->address, sizeof(host->address), "10.%d.%u.%u", list ? 1 : 2, n / 250, n % 250 + 1);
		snprintf(host->client, sizeof(host->client), "%s[%s]", host->fqdn, host->address);
		host->inode = 131072 + random_mix((uint64_t)o->seed * 977 + i) % 2000000;
		host->pair_time = (int64_t)((double)SECOND / (list ? o->rate : o->mailbox_rate));
	}
}

static void make_domains(struct plan *plan)
{
	plan->domain_count = LOCAL_DOMAINS + FOREIGN_DOMAINS;
	plan->domains = array_new(plan->domain_count, sizeof(*plan->domains));
	for (uint32_t i = 0; i < plan->domain_count; i++) {
		struct domain *domain = &plan->domains[i];

		domain->external = i >= LOCAL_DOMAINS;
		if (domain->external)
			snprintf(domain->name, sizeof(domain->name), "%s", foreign_domains[i - LOCAL_DOMAINS]);
		else
			snprintf(domain->name, sizeof(domain->name), "%s.%s", local_domains[i], plan->list_domain);
		domain->length = strlen(domain->name);
	}
}

static void make_groups(struct plan *plan)
{
	uint64_t outside = plan->members - plan->local_members;
	uint32_t inside = plan->host_count > plan->list_hosts ? plan->host_count - plan->list_hosts : 4;
	uint32_t foreign = outside < FOREIGN_DOMAINS ? (uint32_t)outside : FOREIGN_DOMAINS;

	if (inside > plan->local_members)
		inside = plan->local_members;
	plan->group_count = inside + foreign;
	plan->groups = array_new(plan->group_count, sizeof(*plan->groups));
	for (uint32_t i = 0; i < inside; i++) {
		struct group *group = &plan->groups[i];

		group->first = (uint32_t)((uint64_t)plan->local_members * i / inside);
		group->end = (uint32_t)((uint64_t)plan->local_members * (i + 1) / inside);
		group->domain = i % LOCAL_DOMAINS;
		group->host = NOBODY;
		if (plan->host_count == plan->list_hosts)
			continue;
		group->host = plan->list_hosts + i;
		snprintf(group->relay, sizeof(group->relay), "%s[%s]:25", plan->hosts[group->host].fqdn,
		         plan->hosts[group->host].address);
		group->relay_length = strlen(group->relay);
	}
	for (uint32_t i = 0; i < foreign; i++) {
		struct group *group = &plan->groups[inside + i];

		group->first = plan->local_members + (uint32_t)(outside * i / foreign);
		group->end = plan->local_members + (uint32_t)(outside * (i + 1) / foreign);
		group->domain = (uint32_t)LOCAL_DOMAINS + i;
		group->host = NOBODY;
		group->external = true;
		snprintf(group->relay, sizeof(group->relay), "mx1.%s[192.0.2.%u]:25", foreign_domains[i], 10 + i);
		group->relay_length = strlen(group->relay);
	}
}

static void make_posters(struct plan *plan)
{
	const struct options *o = plan->options;
	uint64_t state = random_mix((uint64_t)o->seed * 131 + 3);
	/* Who is named from the second post on only has not got the first. */
	uint32_t most = o->recipients == RECIPIENTS_GROWING ? (uint32_t)o->members : plan->members;

	if (most > plan->local_members)
		most = plan->local_members;
	plan->poster_count = (uint32_t)o->posters;
	if (plan->poster_count > most)
		plan->poster_count = most;
	plan->posters = array_new(plan->poster_count, sizeof(*plan->posters));
	for (uint32_t i = 0; i < plan->poster_count; i++) {
		uint32_t member = (uint32_t)random_below(&state, most), other = 0;

		while (other < i) {
			bool taken = plan->posters[other++] == member;

			member = taken ? (member + 1) % most : member;
			other = taken ? 0 : other;
		}
		plan->posters[i] = member;
	}
}

static void choose_recipients(const struct plan *plan, struct post *post)
{
	const struct options *o = plan->options;

	post->first = o->recipients == RECIPIENTS_APART ? post->number * (uint32_t)o->members : plan->list_first;
	post->count = o->recipients == RECIPIENTS_SAME ? plan->list_end - plan->list_first : (uint32_t)o->members;
	if (o->recipients == RECIPIENTS_GROWING)
		post->count += post->number;
	post->due = post->count;
	if (o->shape == SHAPE_RECIPIENT_SET)
		post->due -= post->author >= post->first && post->author < post->first + post->count;
}

/* The thread that it adds to, and the post in it that it answers. */
static void choose_parent(struct plan *plan, struct post *post, uint64_t *state)
{
	const struct options *o = plan->options;
	uint32_t posts = (uint32_t)o->topic_posts, root, range;

	post->parent = NOBODY;
	if (o->announcements || o->recipients == RECIPIENTS_APART || o->posters == 1 || post->number == 0)
		return;
	if (posts == 0) {
		post->parent = random_below(state, 3) ? 0 : (uint32_t)random_below(state, post->number);
		return;
	}
	/* At times the one before is not over yet. */
	post->topic = post->number / posts;
	if (post->number % posts == 0)
		return;
	post->topic -= post->topic > 0 && random_below(state, 4) == 0;
	root = post->topic * posts;
	range = post->number - root < posts ? post->number - root : posts;
	post->parent = root + (random_below(state, 3) ? 0 : (uint32_t)random_below(state, range));
	if (plan->posts[post->parent].topic != post->topic)
		post->parent = root;
}

static void make_post(struct plan *plan, uint32_t number, int64_t at, uint64_t *state)
{
	const struct options *o = plan->options;
	struct post *post = &plan->posts[number];
	unsigned desk;

	post->number = number;
	post->author = plan->posters[number < plan->poster_count ? number : random_below(state, plan->poster_count)];
	choose_parent(plan, post, state);
	random_next(state);
	post->host = number % plan->list_hosts;
	post->size = 1800 + (uint32_t)random_below(state, 9000) + 500 * (number < 20 ? number : 20);
	choose_recipients(plan, post);
	post->accepted_at = o->start + at;
	/* Where the first line is all that tells the time, no two in one second, whose order nobody could know. */
	if (o->format == FORMAT_SENDMAIL && number > 0 && post->accepted_at < post[-1].accepted_at + SECOND)
		post->accepted_at = post[-1].accepted_at + SECOND;
	post->posted_at = plan_told_acceptance(plan, post->accepted_at, post->accepted_at + 400);
	snprintf(post->message_id, sizeof(post->message_id), "<%08lX.%u@%s>", random_next(state) & 0xffffffffUL,
	         number + 1, plan->domains[plan->groups[plan_group_of(plan, post->author)].domain].name);
	desk = (unsigned)(random_mix(post->author) % 60000);
	snprintf(post->client, sizeof(post->client), "pc%u.%s[10.9.%u.%u]", desk, plan->list_domain, desk / 250,
	         desk % 250 + 1);
	/* Exchange takes it from the mailbox, on the same server. */
	if (o->format == FORMAT_EXCHANGE)
		snprintf(post->client, sizeof(post->client), "%s[%s]", plan->hosts[post->host].name,
		         plan->hosts[post->host].address);
}

static void mark_automatic(struct plan *plan, uint64_t *state)
{
	const struct options *o = plan->options;
	uint32_t wanted = (uint32_t)o->automatic;

	if (plan->post_count == 0)
		return;
	if (wanted > plan->post_count - 1)
		wanted = plan->post_count - 1;
	for (uint32_t made = 0; made < wanted;) {
		struct post *post = &plan->posts[1 + random_below(state, plan->post_count - 1)];

		if (post->out_of_office)
			continue;
		post->out_of_office = true;
		post->null_sender = made % 2 == 0 || o->subjects == SUBJECTS_NONE || o->null_senders;
		post->automatic = true;
		if (post->null_sender && o->format != FORMAT_EXCHANGE)
			snprintf(post->client, sizeof(post->client), "vacation.%s[10.9.255.9]", plan->list_domain);
		made++;
	}
}

static void make_posts(struct plan *plan)
{
	const struct options *o = plan->options;
	uint64_t state = random_mix((uint64_t)o->seed * 17 + 5);
	uint32_t count = (uint32_t)o->posts;
	int64_t *times = plan_times(plan, count);
	uint32_t accepted = o->close_after > 0 && (uint32_t)o->close_after < count ? (uint32_t)o->close_after : count;

	plan->posts = array_new(accepted, sizeof(*plan->posts));
	plan->rejections = array_new(count - accepted, sizeof(*plan->rejections));
	for (uint32_t i = 0; i < count; i++) {
		if (o->until > 0 && times[i] + 1000 > o->until)
			break;
		if (i < accepted) {
			make_post(plan, i, times[i], &state);
			plan->post_count++;
			continue;
		}
		plan->rejections[plan->rejection_count++] = (struct rejection){
			.at = o->start + times[i],
			.author = plan->posters[random_below(&state, plan->poster_count)],
			.host = (uint32_t)random_below(&state, plan->list_hosts),
		};
	}
	free(times);
	mark_automatic(plan, &state);
}

uint32_t plan_on_list(const struct plan *plan, uint32_t first, uint32_t count)
{
	uint32_t end = first + count;

	if (!plan)
		return 0;
	first = first > plan->list_first ? first : plan->list_first;
	end = end < plan->list_end ? end : plan->list_end;
	return end > first ? end - first : 0;
}

static void count_members(struct plan *plan)
{
	const struct options *o = plan->options;
	uint32_t posts = (uint32_t)o->posts,
		 shared = o->second_list ? (uint32_t)((double)o->members * o->shared / 100) : 0;

	plan->members = (uint32_t)o->members;
	if (o->recipients == RECIPIENTS_APART && posts > 0)
		plan->members *= posts;
	if (o->recipients == RECIPIENTS_GROWING && posts > 0)
		plan->members += posts - 1;
	plan->local_members = plan->members - (uint32_t)((double)plan->members * o->external / 100 + 0.5);
	if (plan->local_members == 0)
		plan->local_members = 1;
	plan->list_end = o->second_list ? (plan->members + shared) / 2 : plan->members;
}

/* The same posts to the other list; each list has its own threads and incidents. */
static struct plan *make_second(const struct plan *plan)
{
	struct plan *second = array_new(1, sizeof(*second));

	*second = *plan;
	second->list = plan->options->second_list;
	second->list_first = plan->list_end - (uint32_t)((double)plan->members * plan->options->shared / 100);
	second->list_end = plan->members;
	second->posts = array_new(plan->post_count, sizeof(*second->posts));
	memcpy(second->posts, plan->posts, plan->post_count * sizeof(*second->posts));
	for (uint32_t i = 0; i < second->post_count; i++)
		choose_recipients(second, &second->posts[i]);
	return second;
}

struct plan *plan_new(const struct options *options)
{
	struct plan *plan = array_new(1, sizeof(*plan));
	int64_t form = options->form;

	plan->options = options;
	plan->list = options->list;
	plan->list_domain = strchr(options->list, '@') + 1;
	count_members(plan);
	plan->resolution =
		options->format == FORMAT_EXCHANGE || options->format == FORMAT_M365 ? 1000
		: form == FORM_RFC3164 || form == FORM_FILEBEAT || form == FORM_FLUENTBIT || form == FORM_NATIVE
			? SECOND
			: 1;
	plan->has_fates = options->deferred > 0 || options->bounced > 0 || options->expired > 0;
	make_hosts(plan);
	make_domains(plan);
	make_groups(plan);
	make_posters(plan);
	make_posts(plan);
	if (options->second_list) {
		plan->second = make_second(plan);
		plan_detect(plan->second);
	}
	plan_detect(plan);
	return plan;
}

void plan_free(struct plan **plan)
{
	if (!*plan)
		return;
	if ((*plan)->second)
		free((*plan)->second->posts);
	free((*plan)->second);
	free((*plan)->hosts);
	free((*plan)->domains);
	free((*plan)->groups);
	free((*plan)->posters);
	free((*plan)->posts);
	free((*plan)->rejections);
	free(*plan);
	*plan = NULL;
}
