/* SPDX-License-Identifier: Apache-2.0
 *
 * When a pair was first deferred. A pair is booked as deferred once, in the
 * minute of its earliest deferral, whatever hop told of it and in whatever
 * order the lines are read. Remembered only while lines of that time may still come.
 */
#ifndef MAILSTORM_CORRELATE_DEFERRAL_H
#define MAILSTORM_CORRELATE_DEFERRAL_H

#include "daemon/correlate/state.h"

/* What is remembered of a pair, or NULL. Valid until the next call. */
struct deferral *deferral_find(struct message *message, uint32_t mailbox, uint32_t bucket);
void deferral_keep(struct message *message, uint32_t mailbox, uint32_t bucket, int64_t at, uint32_t host);
void deferral_drop(struct message *message, struct deferral *deferral);

/* Forgets those before a time. */
void deferral_age(struct message *message, int64_t before);
void deferral_index(struct message *message);
void deferral_clear(struct message *message);

#endif
