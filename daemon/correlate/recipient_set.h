/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists that have no name: a large explicit recipient set, the same one while
 * four of five mailboxes are (a reply-all drops its author and adds another).
 * Named after the Message-ID of its first post.
 */
#ifndef MAILSTORM_CORRELATE_RECIPIENT_SET_H
#define MAILSTORM_CORRELATE_RECIPIENT_SET_H

#include "daemon/correlate/state.h"

#define RECIPIENT_SET_FROM 50 /* recipients that make a recipient set */

/* Four of five mailboxes of the larger set are in both. */
bool recipient_sets_alike(const struct mailbox_set *a, const struct mailbox_set *b);

/* The lists of all messages that are posts only by their recipients, judged together in the order of their
 * acceptance: lists[i] is that of messages[i], 0 while its recipients are not all named. Those that were of a list whose
 * first post is no longer at hand stay of it. messages is sorted. */
void recipient_sets_assign(struct state *state, uint32_t *messages, uint32_t *lists, uint32_t count);

#endif
