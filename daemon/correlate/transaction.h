/* SPDX-License-Identifier: Apache-2.0
 *
 * Recipients of one mail transaction (RFC 5321 3.3): a delivery agent tells of
 * them line after line, the same of all but when and how long it took. Those of
 * a post that were delivered, and of which nothing was known before, are put
 * down as they come and booked together. While one is open its queue file does
 * not know of them: it must be closed before anything else of the state is read
 * or changed than the clocks and hours of hosts.
 */
#ifndef MAILSTORM_CORRELATE_TRANSACTION_H
#define MAILSTORM_CORRELATE_TRANSACTION_H

#include "daemon/correlate/host.h"
#include "daemon/correlate/keys.h"
#include "daemon/correlate/take_recipient.h"

/* Takes the event where it goes on with the transaction that is open. False where it does not: nothing changed. */
bool transaction_take(struct state *state, struct host_line line, const struct keys *keys);

/* Opens a transaction with its first attempt, where nothing was known of the recipient; the holds of what it names are taken
 * over. False where it is to be taken the long way. None is open. */
bool transaction_begin(struct state *state, uint32_t file, struct host_line line, const struct event *event,
                       const struct keys *keys, const struct named *named);

/* An attempt was taken the long way: opens a transaction where lines after it may go on with it. None is open. */
void transaction_open(struct state *state, uint32_t file, struct host_line line, const struct event *event,
                      const struct keys *keys);

/* Books what waits. None is open from now on. */
void transaction_close(struct state *state);

#endif
