/* SPDX-License-Identifier: Apache-2.0
 *
 * Which posts are one thread, see thread.h.
 */
#include "daemon/correlate/thread.h"

#include "daemon/base/hash.h"
#include "daemon/base/memory.h"

/* One segment of a list between two quiets: a union-find forest over its posts. */
struct segment {
	const struct state *state;
	const uint32_t *posts;
	uint32_t count;
	uint32_t *parent;
	uint8_t *tie;      /* enum thread_method by which a post was tied; NO_TIE */
	bool *tied;        /* by references to another post of the segment */
	bool *names_known; /* it names another post of the segment */
};

#define NO_TIE 3

const char *thread_method_name(enum thread_method method)
{
	static const char *const names[] = {"references", "subject", "list-gap"};

	return names[method];
}

static uint32_t segment_root(struct segment *segment, uint32_t i)
{
	while (segment->parent[i] != i) {
		segment->parent[i] = segment->parent[segment->parent[i]];
		i = segment->parent[i];
	}
	return i;
}

/* The earlier root stays the root. */
static void segment_unite(struct segment *segment, uint32_t a, uint32_t b)
{
	a = segment_root(segment, a);
	b = segment_root(segment, b);
	if (a < b)
		segment->parent[b] = a;
	else
		segment->parent[a] = b;
}

struct named {
	uint32_t text;
	uint32_t post;
	bool own; /* the post's own Message-ID or subject, not one it refers to */
};

static int named_compare(const void *a, const void *b)
{
	const struct named *x = a, *y = b;

	if (x->text != y->text)
		return x->text < y->text ? -1 : 1;
	if (x->post != y->post)
		return x->post < y->post ? -1 : 1;
	return (int)y->own - (int)x->own;
}

/* An empty Message-ID stands for itself: it ties nothing. */
static bool names_something(const struct segment *segment, uint32_t text)
{
	struct slice id = texts_get(segment->state->texts, text);

	return id.length > 0 && !slice_is(id, "<>");
}

/* Ties the posts of one name, which are `count` entries in order. */
static void segment_tie(struct segment *segment, const struct named *names, uint32_t count)
{
	const struct named *owner = NULL;

	for (uint32_t i = 0; i < count && !owner; i++)
		owner = names[i].own ? &names[i] : NULL;
	for (uint32_t i = 0; i < count; i++) {
		if (owner && owner->post != names[i].post)
			segment->names_known[names[i].post] = true;
		if (i == 0 || names[i].post == names[i - 1].post)
			continue;
		segment_unite(segment, names[i].post, names[i - 1].post);
		segment->tied[names[i].post] = segment->tied[names[i - 1].post] = true;
		segment->tie[names[i].post] = THREAD_REFERENCES;
	}
}

/* Posts that name the same Message-ID, their own or another, known or not. */
static void segment_by_references(struct segment *segment)
{
	struct named *names = NULL;
	uint32_t count = 0, capacity = 0;

	for (uint32_t i = 0; i < segment->count; i++) {
		const struct post *post = &segment->state->posts[segment->posts[i]];

		if (post->message_id && names_something(segment, post->message_id)) {
			MEMORY_GROW(names, count, capacity);
			names[count++] = (struct named){post->message_id, i, true};
		}
		for (uint32_t k = 0; k < post->reference_count; k++) {
			if (post->references[k] == post->message_id || !names_something(segment, post->references[k]))
				continue;
			MEMORY_GROW(names, count, capacity);
			names[count++] = (struct named){post->references[k], i, false};
		}
	}
	if (count)
		qsort(names, count, sizeof(*names), named_compare);
	for (uint32_t first = 0, i = 1; i <= count; i++)
		if (i == count || names[i].text != names[first].text) {
			segment_tie(segment, names + first, i - first);
			first = i;
		}
	free(names);
}

/* A post that names no known one joins the thread that has its subject. */
static void segment_by_subject(struct segment *segment)
{
	struct named *subjects = NULL;
	uint32_t count = 0, capacity = 0;

	for (uint32_t i = 0; i < segment->count; i++) {
		uint32_t subject = segment->state->posts[segment->posts[i]].normal_subject;

		if (!subject)
			continue;
		MEMORY_GROW(subjects, count, capacity);
		subjects[count++] = (struct named){subject, i, true};
	}
	if (count)
		qsort(subjects, count, sizeof(*subjects), named_compare);
	for (uint32_t i = 0, first = 0; i < count; i++) {
		if (subjects[i].text != subjects[first].text)
			first = i;
		if (i == first || segment->names_known[subjects[i].post])
			continue;
		segment_unite(segment, subjects[i].post, subjects[first].post);
		if (segment->tie[subjects[i].post] == NO_TIE)
			segment->tie[subjects[i].post] = THREAD_SUBJECT;
	}
	free(subjects);
}

/* A post that nothing else can tie joins the one before it. */
static void segment_by_list(struct segment *segment)
{
	for (uint32_t i = 0; i < segment->count; i++) {
		if (segment->tied[i] || segment->state->posts[segment->posts[i]].normal_subject || segment->count == 1)
			continue;
		segment_unite(segment, i, i ? i - 1 : 1);
		if (segment->tie[i] == NO_TIE)
			segment->tie[i] = THREAD_LIST_GAP;
	}
}

static enum thread_method segment_method(const struct segment *segment, const uint32_t *members, uint32_t count)
{
	uint32_t ties[4] = {0};
	enum thread_method method = THREAD_LIST_GAP;

	for (uint32_t i = 1; i < count; i++)
		ties[segment->tie[members[i]]]++;
	for (int m = THREAD_LIST_GAP; m >= THREAD_REFERENCES; m--)
		if (ties[m] > ties[method])
			method = (enum thread_method)m;
	if (ties[method] == 0 && count)
		method = segment->state->posts[segment->posts[members[0]]].normal_subject ? THREAD_SUBJECT
		                                                                          : THREAD_LIST_GAP;
	return method;
}

/* Gives each root its thread, then each thread its posts in order. */
static void segment_give(struct segment *segment, struct threads *threads, uint32_t *capacity)
{
	uint32_t *size = memory_zeroed(segment->count, sizeof(*size)), *at = memory_zeroed(segment->count, sizeof(*at));
	uint32_t *members = memory_zeroed(segment->count, sizeof(*members)), next = 0;

	for (uint32_t i = 0; i < segment->count; i++)
		size[segment_root(segment, i)]++;
	for (uint32_t root = 0; root < segment->count; root++) {
		at[root] = next;
		next += size[root];
	}
	for (uint32_t i = 0; i < segment->count; i++)
		members[at[segment_root(segment, i)]++] = i;
	for (uint32_t root = 0; root < segment->count; root++) {
		struct thread thread = {.count = size[root]};
		const uint32_t *own = members + at[root] - size[root];

		if (!size[root])
			continue;
		thread.posts = memory_zeroed(thread.count, sizeof(*thread.posts));
		for (uint32_t i = 0; i < thread.count; i++)
			thread.posts[i] = segment->posts[own[i]];
		thread.method = segment_method(segment, own, thread.count);
		MEMORY_GROW(threads->items, threads->count, *capacity);
		threads->items[threads->count++] = thread;
	}
	free(size);
	free(at);
	free(members);
}

static void segment_thread(const struct state *state, const uint32_t *posts, uint32_t count, struct threads *threads,
                           uint32_t *capacity)
{
	struct segment segment = {state,
	                          posts,
	                          count,
	                          memory_zeroed(count, sizeof(uint32_t)),
	                          memory_zeroed(count, 1),
	                          memory_zeroed(count, sizeof(bool)),
	                          memory_zeroed(count, sizeof(bool))};

	for (uint32_t i = 0; i < count; i++) {
		segment.parent[i] = i;
		segment.tie[i] = NO_TIE;
	}
	segment_by_references(&segment);
	segment_by_subject(&segment);
	segment_by_list(&segment);
	segment_give(&segment, threads, capacity);
	free(segment.parent);
	free(segment.tie);
	free(segment.tied);
	free(segment.names_known);
}

struct threads threads_of(const struct state *state, const struct list *list, int64_t gap)
{
	struct threads threads = {0};
	uint32_t capacity = 0, from = 0;

	for (uint32_t i = 1; i <= list->post_count; i++) {
		if (i < list->post_count &&
		    state->posts[list->posts[i]].posted_at - state->posts[list->posts[i - 1]].posted_at < gap)
			continue;
		segment_thread(state, list->posts + from, i - from, &threads, &capacity);
		from = i;
	}
	return threads;
}

void threads_free(struct threads *threads)
{
	for (uint32_t i = 0; i < threads->count; i++)
		free(threads->items[i].posts);
	free(threads->items);
	*threads = (struct threads){0};
}
