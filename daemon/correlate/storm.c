/* SPDX-License-Identifier: Apache-2.0
 *
 * Thresholds, see storm.h.
 */
#include "daemon/correlate/storm.h"

#include "daemon/base/memory.h"
#include "daemon/base/order.h"
#include "daemon/correlate/post.h"
#include "daemon/correlate/post_sets.h"

#define LIST_GAP_POSTERS 5
#define HISTORY_NEEDED (3 * DAY)

uint32_t storm_posters(const struct state *state, const uint32_t *posts, uint32_t count, bool *known)
{
	uint32_t *senders = memory_zeroed(count, sizeof(*senders)), n = 0, distinct = 0, nulls = 0;

	*known = false;
	for (uint32_t i = 0; i < count; i++) {
		const struct post *post = &state->posts[posts[i]];

		*known = *known || post->sender_known;
		if (post->null_sender)
			nulls++;
		else if (post->sender_known)
			senders[n++] = post->sender;
	}
	if (n)
		qsort(senders, n, sizeof(*senders), order_uint32);
	for (uint32_t i = 0; i < n; i++)
		distinct += i == 0 || senders[i] != senders[i - 1];
	free(senders);
	return distinct + nulls;
}

/* A thread seen through a window that slides over its posts. */
struct sliding {
	const struct state *state;
	const struct list *list;
	const struct thread *thread;
	const struct storm_settings *settings;
	uint32_t first;   /* index in the thread of the window's first post */
	int64_t replies;  /* in the window, automatic ones left out; the thread's first post is none */
	int64_t pairs;    /* committed by them */
	int64_t posters;  /* distinct senders of them, each with the null sender one */
	int64_t known;    /* replies whose sender is known */
	uint32_t *ranks;  /* of each post: the rank of its sender among the thread's */
	uint32_t *counts; /* by rank: replies in the window */
	uint32_t united;  /* posts whose mailboxes are in `recipients` */
	struct mailbox_set recipients;
	int64_t most_due;
	bool judged;     /* it is an incident, whose posts reach enough, and `norm` holds for all its windows */
	int64_t norm;    /* the busiest window before this one, as asked for last */
	int64_t *busy;   /* of each post of the list: the posts of the window that it ends; made when wanted */
	uint32_t *queue; /* posts of the list, each busier than those behind it: the first is the busiest */
	uint32_t queue_begin, queue_end, queued;
};

struct ranked {
	uint32_t sender;
	uint32_t index;
};

static int ranked_compare(const void *a, const void *b)
{
	return order_uint32(&((const struct ranked *)a)->sender, &((const struct ranked *)b)->sender);
}

static void sliding_rank(struct sliding *sliding)
{
	uint32_t count = sliding->thread->count, rank = 0;
	struct ranked *order = memory_zeroed(count, sizeof(*order));

	for (uint32_t i = 0; i < count; i++)
		order[i] = (struct ranked){sliding->state->posts[sliding->thread->posts[i]].sender, i};
	if (count)
		qsort(order, count, sizeof(*order), ranked_compare);
	sliding->ranks = memory_zeroed(count, sizeof(*sliding->ranks));
	sliding->counts = memory_zeroed(count, sizeof(*sliding->counts));
	for (uint32_t i = 0; i < count; i++) {
		rank += i && order[i].sender != order[i - 1].sender;
		sliding->ranks[order[i].index] = rank;
	}
	free(order);
}

/* A post comes into the window (by = 1) or goes out of it (-1). */
static void sliding_count(struct sliding *sliding, uint32_t index, int by)
{
	const struct post *post = &sliding->state->posts[sliding->thread->posts[index]];
	uint32_t *count = &sliding->counts[sliding->ranks[index]];

	if (index == 0 || post->automatic)
		return;
	sliding->replies += by;
	sliding->pairs += by * post->due;
	sliding->known += post->sender_known ? by : 0;
	if (post->null_sender) {
		sliding->posters += by;
	} else if (post->sender_known) {
		*count += (uint32_t)by;
		if (*count == (by > 0 ? 1 : 0))
			sliding->posters += by;
	}
}

static void sliding_move(struct sliding *sliding, uint32_t last)
{
	const struct post *posts = sliding->state->posts;
	int64_t begin = posts[sliding->thread->posts[last]].posted_at - sliding->settings->window;

	sliding_count(sliding, last, 1);
	for (; posts[sliding->thread->posts[sliding->first]].posted_at < begin; sliding->first++)
		sliding_count(sliding, sliding->first, -1);
}

/* Whether the posts up to `last` are due to enough distinct mailboxes: by the largest number due to one, else by the
 * mailboxes named. */
static bool sliding_reaches(struct sliding *sliding, uint32_t last)
{
	for (; sliding->united <= last; sliding->united++) {
		const struct post *post = &sliding->state->posts[sliding->thread->posts[sliding->united]];
		struct post_sets sets;

		if (post->due > sliding->most_due)
			sliding->most_due = post->due;
		if (!post_sets_of(sliding->state, post, &sets))
			continue;
		mailbox_set_unite(&sliding->recipients, &sets.named);
		post_sets_clear(&sets);
	}
	return sliding->most_due >= sliding->settings->min_recipients ||
	       (int64_t)mailbox_set_count(&sliding->recipients) >= sliding->settings->min_recipients;
}

/* Not of an incident of an earlier thread, as far as this judging has come. */
static bool storm_is_usual(const struct post *post)
{
	return !post->unusual && !post->automatic;
}

/* How busy the list was without incidents: for each of its posts, how many there were in the window that it ends. */
static int64_t *storm_business(const struct state *state, const struct list *list, int64_t window)
{
	int64_t *busy = memory_zeroed(list->post_count, sizeof(*busy)), inside = 0;

	for (uint32_t i = 0, from = 0; i < list->post_count; i++) {
		int64_t begin = state->posts[list->posts[i]].posted_at - window;

		inside += storm_is_usual(&state->posts[list->posts[i]]);
		for (; state->posts[list->posts[from]].posted_at < begin; from++)
			inside -= storm_is_usual(&state->posts[list->posts[from]]);
		busy[i] = inside;
	}
	return busy;
}

/* The first post of the list that is not before a time. */
static uint32_t storm_post_at(const struct state *state, const struct list *list, int64_t time)
{
	uint32_t low = 0, high = list->post_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (state->posts[list->posts[middle]].posted_at < time)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The busiest of the list's posts `from` to `until`; neither ever goes back. */
static int64_t sliding_busiest(struct sliding *sliding, uint32_t from, uint32_t until)
{
	for (; sliding->queued < until; sliding->queued++) {
		while (sliding->queue_end > sliding->queue_begin &&
		       sliding->busy[sliding->queue[sliding->queue_end - 1]] <= sliding->busy[sliding->queued])
			sliding->queue_end--;
		sliding->queue[sliding->queue_end++] = sliding->queued;
	}
	while (sliding->queue_begin < sliding->queue_end && sliding->queue[sliding->queue_begin] < from)
		sliding->queue_begin++;
	return sliding->queue_begin < sliding->queue_end ? sliding->busy[sliding->queue[sliding->queue_begin]] : 0;
}

bool storm_is_settled(const struct list *list, int64_t begin, int64_t end)
{
	return list->last_at != TIME_NONE && begin - STORM_LOOKS_BACK <= list->last_at && end <= list->judged_at;
}

static bool sliding_has_history(const struct sliding *sliding)
{
	const struct list *list = sliding->list;
	int64_t begun = list->first_at, first = sliding->state->posts[list->posts[0]].posted_at,
		before = sliding->state->posts[sliding->thread->posts[sliding->first]].posted_at;

	if (begun == TIME_NONE || first < begun)
		begun = first;
	return begun <= before - HISTORY_NEEDED;
}

/* The list's busiest window before this one. */
static int64_t sliding_norm(struct sliding *sliding)
{
	const struct state *state = sliding->state;
	const struct list *list = sliding->list;
	int64_t before = state->posts[sliding->thread->posts[sliding->first]].posted_at;

	if (!sliding->busy) {
		sliding->busy = storm_business(state, list, sliding->settings->window);
		sliding->queue = memory_zeroed(list->post_count, sizeof(*sliding->queue));
	}
	return sliding_busiest(sliding, storm_post_at(state, list, before - STORM_LOOKS_BACK),
	                       storm_post_at(state, list, before));
}

/* Enough is more than the list's norm: a multiple of its busiest window, where it has a history. */
static bool sliding_exceeds_norm(struct sliding *sliding)
{
	bool history = sliding_has_history(sliding);

	if (!sliding->judged)
		sliding->norm = history ? sliding_norm(sliding) : NORM_NONE;
	if (sliding->norm == NORM_NONE)
		return !history;
	return (double)sliding->replies >= sliding->settings->norm_factor * (double)sliding->norm;
}

static bool sliding_is_settled(const struct sliding *sliding, uint32_t last)
{
	const struct post *posts = sliding->state->posts;

	return storm_is_settled(sliding->list, posts[sliding->thread->posts[sliding->first]].posted_at,
	                        posts[sliding->thread->posts[last]].posted_at);
}

/* The replies of the window that ends with post `last`: count or cost. */
static bool sliding_crosses(struct sliding *sliding, uint32_t last)
{
	const struct storm_settings *settings = sliding->settings;
	bool list_gap = sliding->thread->method == THREAD_LIST_GAP;
	int64_t wanted =
		list_gap && settings->min_posters < LIST_GAP_POSTERS ? LIST_GAP_POSTERS : settings->min_posters;

	if (sliding->known && sliding->posters < wanted)
		return false;
	if (sliding->pairs < settings->min_pairs &&
	    (sliding->replies < settings->min_replies || !(sliding->judged || sliding_reaches(sliding, last))))
		return false;
	return !list_gap || ((sliding->judged || !sliding_is_settled(sliding, last)) && sliding_exceeds_norm(sliding));
}

static void sliding_clear(struct sliding *sliding)
{
	mailbox_set_clear(&sliding->recipients);
	free(sliding->ranks);
	free(sliding->counts);
	free(sliding->busy);
	free(sliding->queue);
}

struct verdict storm_judge(const struct state *state, const struct list *list, const struct thread *thread,
                           const struct storm_settings *settings)
{
	struct sliding sliding = {.state = state, .list = list, .thread = thread, .settings = settings};
	struct verdict verdict = {0};

	if (thread->count == 0)
		return verdict;
	sliding_rank(&sliding);
	for (uint32_t i = 1; i < thread->count && !verdict.storm; i++) {
		sliding_move(&sliding, i);
		if (!state->posts[thread->posts[i]].automatic && sliding_crosses(&sliding, i))
			verdict = (struct verdict){true, i, thread->method == THREAD_LIST_GAP ? sliding.first : 0,
			                           sliding.norm};
	}
	sliding_clear(&sliding);
	return verdict;
}

/* A thread of which some window was judged: under what it was held to be then. */
static struct sliding sliding_judged(const struct state *state, const struct incident *incident,
                                     const struct thread *thread)
{
	return (struct sliding){.state = state,
	                        .list = &state->lists[incident->list],
	                        .thread = thread,
	                        .settings = &incident->settings,
	                        .judged = true,
	                        .norm = incident->norm};
}

/* Moves on to post `i`. True where it is of the storm, and all from *from on up to it are. */
static bool sliding_storms(struct sliding *sliding, uint32_t i, int64_t detected_at, uint32_t *from)
{
	const struct post *posts = sliding->state->posts;
	const uint32_t *numbers = sliding->thread->posts;
	const struct post *post = &posts[numbers[i]];

	sliding_move(sliding, i);
	if (sliding->thread->method != THREAD_LIST_GAP || post->posted_at <= detected_at ||
	    (!post->automatic && sliding_crosses(sliding, i))) {
		if (*from < sliding->first)
			*from = sliding->first;
		return true;
	}
	return *from == i && post->posted_at - posts[numbers[i - 1]].posted_at <= sliding->settings->quiet_after;
}

void storm_leave_out(struct state *state, const struct incident *incident)
{
	struct thread thread = {incident->posts, incident->post_count, (enum thread_method)incident->method};
	struct sliding sliding = sliding_judged(state, incident, &thread);
	uint32_t marked = 0; /* of the posts before it, those that need be */

	sliding_rank(&sliding);
	for (uint32_t i = 0; i < thread.count; i++)
		if (sliding_storms(&sliding, i, incident->detected_at, &marked))
			for (; marked <= i; marked++)
				state->posts[thread.posts[marked]].unusual = true;
	sliding_clear(&sliding);
}

uint32_t storm_lasts(const struct state *state, const struct incident *incident)
{
	struct thread thread = {incident->posts, incident->post_count, (enum thread_method)incident->method};
	struct sliding sliding = sliding_judged(state, incident, &thread);
	int64_t last = incident->opened_at; /* post of the storm */
	uint32_t count = 0, from = 0;

	sliding_rank(&sliding);
	for (; count < thread.count; count++) {
		int64_t at = state->posts[thread.posts[count]].posted_at;

		if (at - last >= incident->settings.thread_gap)
			break;
		if (sliding_storms(&sliding, count, incident->detected_at, &from)) {
			last = at;
			from = count + 1;
		}
	}
	sliding_clear(&sliding);
	return count;
}
