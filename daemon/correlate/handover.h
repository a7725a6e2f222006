/* SPDX-License-Identifier: Apache-2.0
 *
 * Queue files that hand over to others: the next hop ("queued as"), an
 * expansion by local(8) ("forwarded as"), a content filter, a requeue. Ties the
 * files together, whichever end is read first.
 */
#ifndef MAILSTORM_CORRELATE_HANDOVER_H
#define MAILSTORM_CORRELATE_HANDOVER_H

#include "daemon/correlate/state.h"

/* The file told that it handed over to queue ID `next` (nothing happens where that is not given), through relay;
 * expanded: the address that `next` is the expansion of, or 0. */
void handover_tell(struct state *state, uint32_t file, struct slice next, int64_t time, uint32_t relay,
                   uint32_t expanded);

/* The file has a Message-ID now: ties it to the file that handed it over, */
void handover_offer(struct state *state, uint32_t file, int64_t time);
/* ... which may have made that itself, as it was handed over without, or the one before did and told of none: call also when its
 * client or its sender is told, */
void handover_offer_made(struct state *state, uint32_t file, int64_t time);
/* ... under another name than its queue ID, */
void handover_offer_as(struct state *state, uint32_t file, struct slice name, int64_t time);
/* and to those that it told of before. */
void handover_claims(struct state *state, uint32_t file);

/* The file names the queue ID that it had before. Without a Message-ID of its own it has that file's. */
void handover_origin(struct state *state, uint32_t file);

/* The file has a Message-ID now, which those that go on from it and were read before may wait for. */
void handover_clones(struct state *state, uint32_t file);

/* The file was accepted: what goes on from it, is named itself and was read before takes its time of arrival from it. */
void handover_requeued(struct state *state, uint32_t origin);

/* Does it wait so? */
bool handover_clone_waits(const struct state *state, uint32_t file);

/* Lines like the one that was told of this hand-over last tell nothing new of it until this time, exclusive. */
int64_t handover_until(const struct state *state, struct slice next);

#endif
