/* SPDX-License-Identifier: Apache-2.0
 *
 * Buckets of a message: the facts that belong together whatever list they will
 * be counted under, and their sets.
 */
#ifndef MAILSTORM_CORRELATE_BUCKET_H
#define MAILSTORM_CORRELATE_BUCKET_H

#include "daemon/correlate/state.h"

/* The message's bucket with the same lists as this one, made where it is new. */
uint32_t bucket_number(struct state *state, struct message *message, const struct bucket *like);

/* A set of a bucket; NULL where it has none and `make` is false. */
struct mailbox_set *bucket_set(struct bucket *bucket, enum bucket_set kind, uint32_t key, bool make);

#endif
