/* SPDX-License-Identifier: Apache-2.0
 *
 * A recipient of a queue file at hand: what its lines told, and what was booked
 * of it. Many that are alike are bundles instead, see bundle.h.
 */
#ifndef MAILSTORM_CORRELATE_RECIPIENT_H
#define MAILSTORM_CORRELATE_RECIPIENT_H

#include <stdbool.h>
#include <stdint.h>

enum recipient_outcome {
	RECIPIENT_OPEN,
	RECIPIENT_SENT,
	RECIPIENT_HANDED, /* sent, and told to be a hand-over */
	RECIPIENT_BOUNCED,
	RECIPIENT_EXPIRED,
	RECIPIENT_DISCARDED,
	RECIPIENT_REQUEUED, /* goes on in a further queue file of the same host */
	RECIPIENT_ADMIN     /* an administrator removed it, of its queue file this one */
};

/* One recipient of one queue file: facts first, then what book.c booked for it. */
struct recipient {
	uint32_t mailbox; /* addresses */
	uint32_t via;     /* addresses: the original recipient, or 0 */
	uint32_t relay;   /* relays, or 0 */
	uint32_t delay_ms;
	int64_t ended_at;    /* time of the line that told the end, or TIME_NONE */
	int64_t deferred_at; /* of the first deferral, or TIME_NONE */
	uint32_t bucket;     /* booked in bucket number - 1 of the file's message; 0: nowhere or as plain mail */
	uint32_t unless;     /* relays: the condition that the delivery was booked under */
	uint16_t attempts;   /* lines about it, as read */
	uint16_t repeats;    /* of them: sent again */
	uint8_t outcome;
	bool manager : 1;      /* delivered to a list manager: the address is its list */
	bool late : 1;         /* told late: books no minutes */
	bool booked : 1;       /* its facts are in the message's sets (or in plain cells) */
	bool booked_end : 1;   /* its delivery, bounce grew a set: booked in minute cells */
	bool booked_defer : 1; /* its deferral likewise */
	bool booked_open : 1;  /* it is in the set of open ones */
	bool counted_end : 1;  /* arrival cell holds it */
	bool late_defer : 1;
	bool passed : 1;     /* forwarded, and the next queue file was read: names no mailbox */
	bool told_again : 1; /* its delivery told of a pair that was delivered already */
	bool expanded : 1;   /* the log says itself that via became this mailbox, */
	bool grouped : 1;    /* ... and that via is a group */
	bool untimed : 1;    /* delivered, nobody knows when: books no cells */
	bool itself : 1;     /* booked as the address of a list of its message: books no cells */
	bool misplaced : 1;  /* message_share() books it again; not stored */
};

#endif
