/* SPDX-License-Identifier: Apache-2.0
 *
 * The sets of one post, made of its message's facts: who was named, reached,
 * failed, is waiting. Every figure is a size of such a set. Relays' verdicts and
 * the knowledge which addresses are lists are applied here, when figures are made.
 */
#ifndef MAILSTORM_CORRELATE_POST_SETS_H
#define MAILSTORM_CORRELATE_POST_SETS_H

#include "daemon/correlate/state.h"

/* By what a message is a post, first that names a list wins. */
enum list_evidence { BY_VIA, BY_SENDER, BY_HEADER, BY_MANAGER, BY_RECIPIENTS, BY_NOTHING };

struct post_sets {
	struct mailbox_set named;
	struct mailbox_set direct;    /* of them: not named through the list */
	struct mailbox_set delivered; /* at the last hop, or handed outside */
	struct mailbox_set outside;   /* of them: handed to a host whose lines are not read */
	struct mailbox_set deferred, bounced, expired, discarded, admin, open; /* each less what ended better */
	int64_t due, missing[MISSING_KINDS];
	int64_t attempts, repeats, hand_overs;
};

/* How the message names lists. addresses: gets up to `room` list addresses, largest first; *count how many. */
enum list_evidence post_lists(const struct state *state, const struct message *message, uint32_t *addresses,
                              unsigned room, unsigned *count);

/* The sets of the message's part for one list address (all of it where the list is the only one). first: the
 * list is its largest, which takes what no list names. */
void post_sets_make(const struct state *state, const struct message *message, enum list_evidence by, uint32_t address,
                    bool first, bool only, struct post_sets *sets);
void post_sets_clear(struct post_sets *sets);

/* Whether a bucket belongs to the list; false for those that name none. */
bool post_bucket_names(const struct bucket *bucket, enum list_evidence by, uint32_t address);

#endif
