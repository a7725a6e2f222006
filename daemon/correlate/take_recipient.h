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

/* What an attempt names. */
struct named {
	uint32_t mailbox;  /* addresses, held */
	uint32_t via;      /* addresses, held: the original recipient, or 0 */
	uint32_t relay;    /* relays: where it was sent, or 0 */
	uint32_t expanded; /* addresses: what local(8) expanded into the next queue file, or 0 */
};

/* What an attempt that names its recipient names. The mailbox and the original recipient are held for the caller. */
struct named take_named(struct state *state, uint32_t file, struct host_line line, const struct event *event,
                        const struct keys *keys);

/* Takes it; both holds are taken over. That the next queue file was named is told before, but where an address was
 * expanded into that. */
void take_recipient(struct state *state, uint32_t file, struct host_line line, const struct event *event,
                    const struct named *named);

/* The file's sender is known from now on: recipients that were read before, and name the submitter as their original
 * recipient, have none. */
void take_submitter(struct state *state, uint32_t file, struct slice program);

/* What all ways to take a recipient share: whether the configuration says that mail delivered to its address goes to a list
 * manager; whether nobody knows when a delivery was; the delay of one told at a time, -1 where its line tells none; and
 * its address's number, held: those of mailboxes of one server, next hop or the last, stand together (texts.h). */
bool take_configured_manager(const struct state *state, struct slice mailbox, struct slice via);
bool take_untimed(const struct event *event);
uint32_t take_delay_ms(const struct file *file, int64_t delay, int64_t time);
uint32_t take_mailbox(struct state *state, const struct keys *keys, uint32_t relay, uint32_t host);

/* All that were deferred have expired: the file says so once. */
void take_expiry(struct state *state, uint32_t file, struct host_line line);

#endif
