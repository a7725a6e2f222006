/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether the planned posts make a storm, and with which post: by the
 * thresholds, count or cost, as the design words them. It looks at the plan
 * only; the posts are in the order of their times.
 */
#include <stdlib.h>

#include "plan.h"

struct judged {
	bool crossed;
	uint32_t first; /* the first post within the window */
};

/* Distinct senders of the replies from `first` to `last`; a null sender is one of his own. */
static uint32_t count_posters(const struct plan *plan, uint32_t first, uint32_t last)
{
	uint32_t posters = 0;

	for (uint32_t i = first; i <= last; i++) {
		const struct post *post = &plan->posts[i];
		bool seen = post->automatic;

		for (uint32_t j = first; j < i && !seen; j++)
			seen = !plan->posts[j].automatic && plan->posts[j].author == post->author;
		posters += !seen;
	}
	return posters;
}

static uint64_t count_due(const struct plan *plan, uint32_t last)
{
	if (plan->options->shape != SHAPE_RECIPIENT_SET)
		return plan->members;
	for (uint32_t i = 1; i <= last; i++)
		if (plan->posts[i].author != plan->posts[0].author)
			return plan->members;
	return plan->posts[0].due;
}

static struct judged judge(const struct plan *plan, uint32_t last)
{
	const struct options *o = plan->options;
	int64_t begin = plan->posts[last].posted_at - o->window;
	struct judged judged = {.first = last};
	uint64_t replies = 0, pairs = 0;
	uint32_t posters, wanted = (uint32_t)o->min_posters;

	while (judged.first > 0 && plan->posts[judged.first - 1].posted_at > begin)
		judged.first--;
	for (uint32_t i = judged.first > 0 ? judged.first : 1; i <= last; i++) {
		replies += !plan->posts[i].automatic;
		pairs += plan->posts[i].automatic ? 0 : plan->posts[i].due;
	}
	posters = count_posters(plan, judged.first > 0 ? judged.first : 1, last);
	if (o->subjects == SUBJECTS_NONE && wanted < 5)
		wanted = 5;
	judged.crossed =
		posters >= wanted &&
		((replies >= (uint64_t)o->min_replies && count_due(plan, last) >= (uint64_t)o->min_recipients) ||
	         pairs >= (uint64_t)o->min_pairs);
	return judged;
}

void plan_detect(struct plan *plan)
{
	const struct options *o = plan->options;

	/* Announcements are threads of one post each, unless nothing but the list ties them. */
	if (o->announcements && o->subjects != SUBJECTS_NONE)
		return;
	for (uint32_t i = 0; i < plan->post_count && !plan->incident; i++) {
		struct judged judged = judge(plan, i);

		plan->incident = judged.crossed;
		plan->detected_at = plan->posts[i].posted_at;
		plan->incident_first = o->subjects == SUBJECTS_NONE ? judged.first : 0;
	}
	if (!plan->incident)
		return;
	plan->opened_at = plan->posts[plan->incident_first].posted_at;
	for (uint32_t i = plan->incident_first; i < plan->post_count; i++)
		plan->posts[i].in_incident = true;
}
