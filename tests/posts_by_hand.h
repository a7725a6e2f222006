/* SPDX-License-Identifier: Apache-2.0
 *
 * Posts made by hand in a state: what threads and storms are judged by, without
 * a log. Times are in minutes after a noon; the caller appends in order of time.
 * What a test needs beside, it sets in the post.
 */
#ifndef MAILSTORM_TESTS_POSTS_BY_HAND_H
#define MAILSTORM_TESTS_POSTS_BY_HAND_H

#include <check.h>
#include <stdlib.h>

#include "daemon/base/memory.h"
#include "daemon/correlate/list.h"
#include "daemon/correlate/thread.h"

#define NOON (INT64_C(1479124800) * SECOND)

struct by_hand {
	double minute;
	const char *id;       /* Message-ID; NULL: unknown */
	const char *names[4]; /* References */
	const char *subject;  /* normalised; NULL: none */
	const char *sender;   /* NULL: unknown; "": the null sender */
};

static struct settings *settings;
static struct state *state;
static uint32_t list;

static void set_up(void)
{
	char *error = NULL;

	settings = settings_load(NULL, &error);
	ck_assert_msg(settings != NULL, "%s", error);
	state = state_new(settings);
	list = list_of(state, texts_hold(state->addresses, SLICE("list@example.org")), LIST_ALIAS);
}

static void tear_down(void)
{
	state_free(&state);
	settings_free(&settings);
}

static struct post *append(struct by_hand made)
{
	struct list *to = &state->lists[list];
	struct post post = {.list = list, .live = true, .posted_at = NOON + (int64_t)(made.minute * (double)MINUTE)};

	post.message_id = texts_hold(state->texts, slice_of(made.id));
	post.normal_subject = texts_hold(state->texts, slice_of(made.subject));
	post.sender = texts_hold(state->texts, slice_of(made.sender));
	post.sender_known = made.sender != NULL;
	post.null_sender = made.sender && !*made.sender;
	post.references = memory_zeroed(4, sizeof(uint32_t));
	while (post.reference_count < 4 && made.names[post.reference_count]) {
		post.references[post.reference_count] =
			texts_hold(state->texts, slice_of(made.names[post.reference_count]));
		post.reference_count++;
	}
	MEMORY_GROW(state->posts, state->post_count, state->post_capacity);
	state->posts[state->post_count] = post;
	MEMORY_GROW(to->posts, to->post_count, to->post_capacity);
	to->posts[to->post_count++] = state->post_count;
	ck_assert(to->post_count < 2 || state->posts[to->posts[to->post_count - 2]].posted_at <= post.posted_at);
	return &state->posts[state->post_count++];
}

#endif
