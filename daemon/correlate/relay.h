/* SPDX-License-Identifier: Apache-2.0
 *
 * Relays: the next hops that queue files were handed to, by name and port, so
 * that a verdict holds for all addresses of a host. A loopback relay belongs to the host that
 * logged it. A relay is "ours" once a queue file that it was handed is read, or by configuration.
 */
#ifndef MAILSTORM_CORRELATE_RELAY_H
#define MAILSTORM_CORRELATE_RELAY_H

#include "daemon/correlate/state.h"

/* What a program delivers to. */
enum relay_kind {
	RELAY_PLAIN,  /* a host, or mailboxes of this one */
	RELAY_LMTP,   /* an LMTP server (RFC 2033): final delivery */
	RELAY_PROGRAM /* pipe(8) and smtp(8): also a program of this host, which may be a content filter, see filter.h */
};

/* The number of the relay of a relay= value ("HOST[ADDRESS]:PORT"), or 0 where the value names no host
 * ("none", "local", a transport), a socket, this host itself or an LMTP server, and the
 * line named no next queue file either. What a program of this host was given is under a relay of the host; also where
 * the settings name the transport or port outright. */
uint32_t relay_of(struct state *state, uint32_t host, struct slice value, enum relay_kind kind, bool names_next);

/* Puts a loaded relay into the table. */
bool relay_enchain(struct state *state, uint32_t relay);

/* Nothing names it any longer: its number may be used again. */
void relay_forget(struct state *state, uint32_t relay);

void relay_is_ours(struct state *state, uint32_t relay);

/* The settings may be others than when the relays were read first: what they name now is ours too. A verdict is not taken
 * back. */
void relays_judge(struct state *state);

/* A delivery that was booked under (relay, unless) counts. */
bool relay_counts(const struct state *state, uint32_t relay, uint32_t unless);

#endif
