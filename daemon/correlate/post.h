/* SPDX-License-Identifier: Apache-2.0
 *
 * Posts: what messages are counted as. Made anew from their message's facts
 * whenever those change; kept in order in their lists.
 */
#ifndef MAILSTORM_CORRELATE_POST_H
#define MAILSTORM_CORRELATE_POST_H

#include "daemon/correlate/post_sets.h"
#include "daemon/correlate/state.h"

/* Brings the posts of all messages that changed up to date; their lists are marked changed. */
void posts_settle(struct state *state);

/* The sets of one post; false where its message is no longer at hand. */
bool post_sets_of(const struct state *state, const struct post *post, struct post_sets *sets);

/* Calls each with every cell of the post's message that is this post's. */
void post_cells(const struct state *state, const struct post *post,
                void (*each)(const struct cells *cells, const struct cell *cell, void *with), void *with);

/* Puts a loaded post into its list. */
void post_enlist(struct state *state, uint32_t post);

/* Order of posts: (posted_at, Message-ID). */
int post_compare(const struct state *state, uint32_t a, uint32_t b);

/* A post under this Message-ID is known of which only the head is at hand. */
bool post_known(const struct state *state, uint32_t message_id);

/* Forgets a head; its row in the store stays. The caller takes it out of its list. */
void post_drop_head(struct state *state, uint32_t post);

/* Gives a post back. */
void post_forget(struct state *state, uint32_t post);

#endif
