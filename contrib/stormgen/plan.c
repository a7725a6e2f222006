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
		snprintf(host->fqdn, sizeof(host->fqdn), "%s.%s", host->name, plan->list_domain);
		snprintf(host->address, sizeof(host->address), "10.%d.%u.%u", list ? 1 : 2, n / 250, n % 250 + 1);
		snprintf(host->client, sizeof(host->client), "%s[%s]", host->fqdn, host->address);
		host->inode = 131072 + random_mix((uint64_t)o->seed * 977 + i) % 2000000;
		host->pair_time = SECOND / (list ? o->rate : o->mailbox_rate);
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

static int by_time(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

/* Times from 0 to duration: the first at 0, a slow beginning, then ever denser, the last at the end. None so near
 * to the end of a second that the line about it might fall into the next. */
static int64_t *make_times(const struct plan *plan, uint32_t count)
{
	const struct options *o = plan->options;
	uint64_t state = random_mix((uint64_t)o->seed * 31 + 7);
	int64_t *times = array_new(count, sizeof(*times));

	for (uint32_t i = 1; i < count; i++) {
		double u = i + 1 == count ? 1 : random_unit(&state);

		times[i] = (int64_t)((double)o->duration * (0.25 + 0.75 * u) * (0.25 + 0.75 * u));
	}
	qsort(times, count, sizeof(*times), by_time);
	for (uint32_t i = 0; i < count; i++) {
		if (i > 0 && times[i] < times[i - 1] + 20000)
			times[i] = times[i - 1] + 20000;
		times[i] += o->start + 1000;
		if (times[i] % SECOND > 950000)
			times[i] += SECOND - times[i] % SECOND + 1000 + (int64_t)random_below(&state, 9000);
		times[i] -= o->start;
	}
	return times;
}

static void make_posters(struct plan *plan)
{
	uint64_t state = random_mix((uint64_t)plan->options->seed * 131 + 3);

	plan->poster_count = (uint32_t)plan->options->posters;
	if (plan->poster_count > plan->local_members)
		plan->poster_count = plan->local_members;
	plan->posters = array_new(plan->poster_count, sizeof(*plan->posters));
	for (uint32_t i = 0; i < plan->poster_count; i++) {
		uint32_t member = (uint32_t)random_below(&state, plan->local_members), other = 0;

		while (other < i) {
			bool taken = plan->posters[other++] == member;

			member = taken ? (member + 1) % plan->local_members : member;
			other = taken ? 0 : other;
		}
		plan->posters[i] = member;
	}
}

static void make_post(struct plan *plan, uint32_t number, int64_t at, uint64_t *state)
{
	const struct options *o = plan->options;
	struct post *post = &plan->posts[number];
	unsigned desk;

	post->number = number;
	post->author = plan->posters[number < plan->poster_count ? number : random_below(state, plan->poster_count)];
	post->parent = number == 0 || o->announcements ? NOBODY
	               : random_below(state, 3)        ? 0
	                                               : (uint32_t)random_below(state, number);
	post->host = (uint32_t)random_below(state, plan->list_hosts);
	post->size = 1800 + (uint32_t)random_below(state, 9000) + 500 * (number < 20 ? number : 20);
	post->due = plan->members - (o->shape == SHAPE_RECIPIENT_SET);
	post->accepted_at = o->start + at;
	post->posted_at = plan_told_acceptance(plan, post->accepted_at, post->accepted_at + 400);
	snprintf(post->message_id, sizeof(post->message_id), "<%08lX.%u@%s>", random_next(state) & 0xffffffffUL,
	         number + 1, plan->domains[plan->groups[plan_group_of(plan, post->author)].domain].name);
	desk = (unsigned)(random_mix(post->author) % 60000);
	snprintf(post->client, sizeof(post->client), "pc%u.%s[10.9.%u.%u]", desk, plan->list_domain, desk / 250,
	         desk % 250 + 1);
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
		post->null_sender = made % 2 == 0 || o->subjects == SUBJECTS_NONE;
		post->automatic = true;
		if (post->null_sender)
			snprintf(post->client, sizeof(post->client), "vacation.%s[10.9.255.9]", plan->list_domain);
		made++;
	}
}

static void make_posts(struct plan *plan)
{
	const struct options *o = plan->options;
	uint64_t state = random_mix((uint64_t)o->seed * 17 + 5);
	uint32_t count = (uint32_t)o->posts;
	int64_t *times = make_times(plan, count);
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

struct plan *plan_new(const struct options *options)
{
	struct plan *plan = array_new(1, sizeof(*plan));
	int64_t form = options->form;

	plan->options = options;
	plan->list_domain = strchr(options->list, '@') + 1;
	plan->members = (uint32_t)options->members;
	plan->local_members = plan->members - (uint32_t)((double)plan->members * options->external / 100 + 0.5);
	if (plan->local_members == 0)
		plan->local_members = 1;
	plan->resolution = form == FORM_RFC3164 || form == FORM_FILEBEAT || form == FORM_FLUENTBIT ? SECOND : 1;
	plan->has_fates = options->deferred > 0 || options->bounced > 0 || options->expired > 0;
	make_hosts(plan);
	make_domains(plan);
	make_groups(plan);
	make_posters(plan);
	make_posts(plan);
	plan_detect(plan);
	return plan;
}

void plan_free(struct plan **plan)
{
	if (!*plan)
		return;
	free((*plan)->hosts);
	free((*plan)->domains);
	free((*plan)->groups);
	free((*plan)->posters);
	free((*plan)->posts);
	free((*plan)->rejections);
	free(*plan);
	*plan = NULL;
}
