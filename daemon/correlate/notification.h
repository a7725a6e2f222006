/* SPDX-License-Identifier: Apache-2.0
 *
 * Notifications that name the message they are about by its Message-ID, in rows
 * of their own (Exchange's DSN), on whatever host and in whatever order.
 */
#ifndef MAILSTORM_CORRELATE_NOTIFICATION_H
#define MAILSTORM_CORRELATE_NOTIFICATION_H

#include "daemon/correlate/state.h"

/* hash: of the notification itself. */
void notification_told(struct state *state, struct slice about, uint64_t hash, int64_t at);

/* Gives each to its message, where that is known by now. Called before figures are made. */
void notification_assign(struct state *state);

/* Those told before this time are about messages of which nothing is known. */
void notification_forget(struct state *state, int64_t before);

#endif
