/* SPDX-License-Identifier: Apache-2.0
 *
 * What is over leaves memory and stays in the store: the sets of posts whose
 * list was quiet for long, then the posts themselves. An incident that is
 * closed and whose thread has ended, or that had no post for 30 days, or for as long
 * as mailboxes are kept or settings.limits allow, is frozen: its rows stand as they were last written. So is one by
 * the list alone that began so long ago, without the posts after its storm.
 */
#ifndef MAILSTORM_CORRELATE_UNLOAD_H
#define MAILSTORM_CORRELATE_UNLOAD_H

#include "daemon/correlate/state.h"

/* Call when all is written. Cheap unless the log's clock moved on by an hour. */
void unload(struct state *state);

/* What a message takes in memory that is kept for its thread alone, or was not unloaded yet; 0: it is kept for more. */
int64_t unload_weight(const struct state *state, const struct message *message);

/* What is over leaves memory after a checkpoint only, and waits for one: it was not unloaded for hours, or never, and became
 * much. */
bool unload_waits(const struct state *state);

/* Something is older than that and was not unloaded yet. */
bool unload_overdue(const struct state *state, int64_t before);

#endif
