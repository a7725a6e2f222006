/* SPDX-License-Identifier: Apache-2.0
 *
 * One recipient of a queue file, as the lines about attempts tell of it.
 */
#ifndef MAILSTORM_CORRELATE_TAKE_RECIPIENT_H
#define MAILSTORM_CORRELATE_TAKE_RECIPIENT_H

#include "daemon/correlate/host.h"
#include "daemon/correlate/keys.h"
#include "daemon/correlate/state.h"
#include "event.h"

/* Takes an attempt that names its recipient. */
void take_recipient(struct state *state, uint32_t file, struct host_line line, const struct event *event,
                    const struct keys *keys);

/* All that were deferred have expired: the file says so once. */
void take_expiry(struct state *state, uint32_t file, struct host_line line);

#endif
