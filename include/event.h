/* SPDX-License-Identifier: Apache-2.0
 *
 * An event is a line, normalised: what every mail system's log can say, in the
 * words of RFC 5321, RFC 3464 and of Postfix. Rules make events, the message
 * stage takes them. The field list is written once, below: it is the struct's
 * members, the names of a rule's capture groups, and what --explain prints.
 *
 * Slices stay valid until the batch they came from is released.
 */
#ifndef MAILSTORM_EVENT_H
#define MAILSTORM_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "slice.h"

/* X(symbol, name in rule files, meaning) */
#define EVENT_KINDS(X) \
	X(ACCEPTED, "accepted", "a queue file was begun: client, login, or a local submission") \
	X(IDENTIFIED, "identified", "the Message-ID of a queue file") \
	X(HEADER, "header", \
	  "one logged header of a queue file: name and value; with action 'redirect': one recipient takes the place of all") \
	X(QUEUED, "queued", "sender, size, number of recipients") \
	X(ATTEMPT, "attempt", "one recipient: sent, deferred, bounced, expired, discarded or held") \
	X(EXPANDED, "expanded", "a list became these members (Exchange EXPAND)") \
	X(HELD, "held", "the queue file was put on hold, or released (outcome 'released')") \
	X(REQUEUED, "requeued", "the queue file goes through the queue again") \
	X(REJECTED, "rejected", "a recipient, sender or message was refused (SMTP reply)") \
	X(SPAWNED, "spawned", \
	  "a notification about this queue file was queued as next_queue_id; with message_id: this queue " \
	  "file is one, next_queue_id, about that message") \
	X(CLOSED, "closed", "a mark that a list was closed (from an operator's own log)") \
	X(REMOVED, "removed", "the queue file is gone; outcome says how where it was not by delivery")

enum event_kind {
#define X(symbol, name, meaning) EVENT_##symbol,
	EVENT_KINDS(X)
#undef X
		EVENT_KIND_COUNT
};

/* Text fields: X(member, meaning). The member's name is the capture group's name. */
#define EVENT_TEXTS(X) \
	X(queue_id, "queue ID, case kept; not given for NOQUEUE") \
	X(client, "SMTP client as logged: HOST[ADDRESS]; 'local' for a local submission") \
	X(login, "SASL user name, or local uid") \
	X(origin_queue_id, "queue ID before this one: orig_queue_id= of a content filter, orig_id= of a requeue") \
	X(message_id, \
	  "Message-ID as logged, angle brackets kept (RFC 5322 3.6.4); on spawned: of the message told about, by the notification's own line") \
	X(resent_message_id, "Resent-Message-ID as logged (RFC 5322 3.6.6)") \
	X(header_name, "name of the logged header, without colon") \
	X(header_value, "its value as logged: maybe cut, folds as '?'") \
	X(sender, "envelope sender without angle brackets; empty: the null sender") \
	X(recipient, "envelope recipient without angle brackets") \
	X(original_recipient, "the address before alias or group expansion (orig_to=); not given if the same") \
	X(relay, "next hop as logged: HOST[ADDRESS]:PORT, a transport's name, or 'none'") \
	X(dsn, "enhanced status code (RFC 3463), 'D.D.D'") \
	X(code, "SMTP reply code, three digits") \
	X(reason, "the reply or explanation, as logged") \
	X(next_queue_id, "queue ID of the next queue file: 'queued as', 'forwarded as', or of a notification") \
	X(transport, "name of the delivering program or transport where it is not the program (relay=mailman)") \
	X(action, "what the log said in a word: SMTP command of a reject, verb of a header check")

/* Numbers: X(member, unit and meaning). -1 where not given. */
#define EVENT_NUMBERS(X) \
	X(size, "bytes of the message (size=)") \
	X(recipients, "recipients of the queue file (nrcpt=, recipient-count)") \
	X(delay, "microseconds from arrival to this attempt's end (delay=, in seconds in the log)") \
	X(connections, "uses of the cached connection (conn_use=)")

/* Outcomes of attempt, removed, held: X(symbol, name) */
#define EVENT_OUTCOMES(X) \
	X(NONE, "none") \
	X(SENT, "sent") \
	X(DEFERRED, "deferred") \
	X(BOUNCED, "bounced") \
	X(EXPIRED, "expired") /* on an attempt with a recipient: of that one; without: of all that were deferred */ \
	X(DISCARDED, "discarded") \
	X(HELD, "held") \
	X(RELEASED, "released") \
	X(PROBE, "probe")       /* an address verification probe: no mail */ \
	X(ADMIN, "admin")       /* removed by the administrator: postsuper -d; on an attempt: that recipient */ \
	X(CANCELED, "canceled") /* the transaction was aborted: there never was a message */ \
	X(HANDED, "handed")     /* sent, and always a hand-over: 'forwarded as' of local(8) */

enum event_outcome {
#define X(symbol, name) OUTCOME_##symbol,
	EVENT_OUTCOMES(X)
#undef X
		OUTCOME_COUNT
};

struct event {
	enum event_kind kind;
	enum event_outcome outcome;
	bool manager;      /* delivered to a list manager's transport or program: the recipient is its list */
	bool permanent;    /* a rejection for good (5xx) of this very recipient as unknown or closed: closes a
	                      * list. Greylisting, blocked clients and size limits are not */
	bool notification; /* spawned: true for a delay or failure notice, false for a success report */
	bool automatic;    /* header: says the message was sent automatically (Auto-Submitted: not "no") */

	int64_t time;       /* microseconds UTC, from the envelope */
	int64_t time_other; /* see envelope.h */
	int32_t resolution; /* microseconds */
	uint32_t repeated;  /* how many times the log says this line was told */
	struct slice host;
	struct slice instance;
	struct slice program;

#define X(member, meaning) struct slice member;
	EVENT_TEXTS(X)
#undef X
#define X(member, meaning) int64_t member;
	EVENT_NUMBERS(X)
#undef X
};

const char *event_kind_name(enum event_kind kind);
const char *event_outcome_name(enum event_outcome outcome);
/* -1 where no kind or outcome has that name. */
int event_kind_of(struct slice name);
int event_outcome_of(struct slice name);

#endif
