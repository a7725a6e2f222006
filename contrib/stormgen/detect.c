/* SPDX-License-Identifier: Apache-2.0
 *
 * Which planned posts are one thread as far as the headers tell, and which
 * threads make a storm, with which post: by the thresholds, count or cost, as
 * the design words them. It looks at the plan only; the posts are in the
 * order of their times.
 */
#include <stdlib.h>

#include "plan.h"

#define THREAD_GAP DAY
#define LIST_GAP_POSTERS 5
#define NORM_FACTOR 3
#define HISTORY_NEEDED (3 * DAY)
#define HISTORY_USED (28 * DAY)

struct judged {
	bool crossed;
	uint32_t first; /* the first post of the thread within the window */
};

static bool list_gap(const struct plan *plan)
{
	return plan->options->subjects == SUBJECTS_NONE && plan->options->recipients != RECIPIENTS_APART;
}

static void find_threads(struct plan *plan)
{
	const struct options *o = plan->options;

	for (uint32_t i = 0; i < plan->post_count; i++) {
		struct post *post = &plan->posts[i];

		if (o->recipients == RECIPIENTS_APART)
			post->thread = i;
		else if (list_gap(plan))
			post->thread =
				i == 0 ? 0 : post[-1].thread + (post->posted_at - post[-1].posted_at >= THREAD_GAP);
		else
			post->thread = o->announcements ? i : post->topic;
		if (post->thread >= plan->thread_count)
			plan->thread_count = post->thread + 1;
	}
}

static uint32_t root_of(const struct plan *plan, uint32_t thread)
{
	uint32_t root = 0;

	while (plan->posts[root].thread != thread)
		root++;
	return root;
}

/* Does it count as a reply of the thread that `root` begins? */
static bool is_reply(const struct plan *plan, uint32_t number, uint32_t root)
{
	const struct post *post = &plan->posts[number];

	return post->thread == plan->posts[root].thread && number != root && !post->automatic;
}

/* Distinct senders of the thread's replies from `first` to `last`. */
static uint32_t count_posters(const struct plan *plan, uint32_t root, uint32_t first, uint32_t last)
{
	uint32_t posters = 0;

	for (uint32_t i = first; i <= last; i++) {
		bool seen = !is_reply(plan, i, root);

		for (uint32_t j = first; j < i && !seen; j++)
			seen = is_reply(plan, j, root) && plan->posts[j].author == plan->posts[i].author;
		posters += !seen;
	}
	return posters;
}

/* Distinct mailboxes that the thread's posts up to `last` are due to: the author is missing until another writes. */
static uint64_t count_due(const struct plan *plan, uint32_t root, uint32_t last)
{
	const struct post *posts = plan->posts;

	for (uint32_t i = root + 1; i <= last; i++)
		if (posts[i].thread == posts[root].thread && posts[i].author != posts[root].author)
			return posts[last].count;
	return posts[last].due;
}

/* The most posts in a window among those of the list before `before`, incidents left out until they were quiet. */
static uint64_t busiest(const struct plan *plan, int64_t before)
{
	const struct post *posts = plan->posts;
	uint64_t most = 0, inside = 0;

	for (uint32_t i = 0, from = 0; i < plan->post_count && posts[i].posted_at < before; i++) {
		inside += !posts[i].unusual && !posts[i].automatic;
		for (; posts[from].posted_at < posts[i].posted_at - plan->options->window; from++)
			inside -= !posts[from].unusual && !posts[from].automatic;
		if (posts[i].posted_at >= before - HISTORY_USED && inside > most)
			most = inside;
	}
	return most;
}

static bool exceeds_norm(const struct plan *plan, uint32_t first, uint64_t replies)
{
	int64_t before = plan->posts[first].posted_at;

	return !list_gap(plan) || plan->posts[0].posted_at > before - HISTORY_NEEDED ||
	       replies >= NORM_FACTOR * busiest(plan, before);
}

static struct judged judge(const struct plan *plan, uint32_t root, uint32_t last)
{
	const struct options *o = plan->options;
	const struct post *posts = plan->posts;
	int64_t begin = posts[last].posted_at - o->window;
	struct judged judged = {.first = last};
	uint64_t replies = 0, pairs = 0, wanted = (uint64_t)o->min_posters;

	for (uint32_t i = last + 1; i-- > root && posts[i].posted_at >= begin;) {
		if (posts[i].thread == posts[root].thread)
			judged.first = i;
		replies += is_reply(plan, i, root);
		pairs += is_reply(plan, i, root) ? posts[i].due : 0;
	}
	if (list_gap(plan) && wanted < LIST_GAP_POSTERS)
		wanted = LIST_GAP_POSTERS;
	judged.crossed = pairs >= (uint64_t)o->min_pairs;
	if (replies >= (uint64_t)o->min_replies && count_due(plan, root, last) >= (uint64_t)o->min_recipients)
		judged.crossed = true;
	judged.crossed = judged.crossed && count_posters(plan, root, judged.first, last) >= wanted &&
	                 exceeds_norm(plan, judged.first, replies);
	return judged;
}

static void take_incident(struct plan *plan, uint32_t root, struct judged judged, uint32_t crossing)
{
	uint32_t first = list_gap(plan) ? judged.first : root;
	int64_t before = plan->posts[first].posted_at;
	bool quiet = false;

	for (uint32_t i = first; i < plan->post_count; i++) {
		struct post *post = &plan->posts[i];

		if (post->thread != plan->posts[root].thread)
			continue;
		quiet = quiet || post->posted_at - before >= plan->options->quiet_after;
		before = post->posted_at;
		post->in_incident = true;
		post->unusual = !quiet;
	}
	plan->detected_late += plan->posts[crossing].posted_at >= plan->options->start + HISTORY_NEEDED;
	if (plan->incidents++ > 0)
		return;
	plan->incident_first = first;
	plan->opened_at = plan->posts[first].posted_at;
	plan->detected_at = plan->posts[crossing].posted_at;
}

void plan_detect(struct plan *plan)
{
	find_threads(plan);
	for (uint32_t thread = 0; thread < plan->thread_count; thread++) {
		uint32_t root = root_of(plan, thread);
		struct judged judged = {0};

		for (uint32_t i = root + 1; i < plan->post_count && !judged.crossed; i++) {
			if (!is_reply(plan, i, root))
				continue;
			judged = judge(plan, root, i);
			if (judged.crossed)
				take_incident(plan, root, judged, i);
		}
	}
	plan->incident = plan->incidents == 1;
}
