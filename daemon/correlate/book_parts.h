/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of booking share among themselves: book.c, book_alike.c and
 * book_place.c.
 */
#ifndef MAILSTORM_CORRELATE_BOOK_PARTS_H
#define MAILSTORM_CORRELATE_BOOK_PARTS_H

#include "daemon/correlate/state.h"

/* The number of the bucket that the recipient is booked in. */
uint32_t book_bucket(struct state *state, struct message *message, const struct file *file, const struct recipient *r);

/* Deliveries in the cells of all mail, and of the bucket where they are of a post: some of one minute, under the relay and
 * the condition of this recipient; booked (by = 1) or taken back (-1). */
void book_deliveries(struct state *state, struct bucket *bucket, const struct file *file, const struct recipient *like,
                     const struct delivery *deliveries, uint32_t count, int by);

/* Likewise, by when the file came to the last hop. */
void book_arrivals(struct state *state, struct bucket *bucket, const struct file *file, const struct recipient *like,
                   const struct delivery *deliveries, uint32_t count, int by);

#endif
