/* SPDX-License-Identifier: Apache-2.0
 *
 * The keys of an event: by what the state looks up the texts that it names,
 * folded and hashed. Worked out by the threads that parse, apart from the
 * state, so that its owner only looks up; and so that it can fetch ahead what
 * lines further on will need: a large state is in no cache.
 */
#ifndef MAILSTORM_CORRELATE_KEYS_H
#define MAILSTORM_CORRELATE_KEYS_H

#include "daemon/base/texts.h"
#include "daemon/correlate/state.h"
#include "event.h"
#include "parsers/arena.h"
#include "settings.h"

/* What all recipients of one transaction share. */
struct names {
	struct text_key queue_id, message_id;
	struct text_key via; /* the original recipient, as lists are named */
	uint64_t host;       /* hash of the host's name */
	/* What keys_fetch() takes them for, by their hashes alone: numbers, 0: none. */
	uint32_t queue_id_guess, host_guess, file_guess;
};

struct keys {
	struct text_key mailbox; /* the recipient, as mailboxes are counted */
	struct names *names;     /* in the arena */
	int64_t delay;           /* the event's own: of a transaction's next recipient nothing else is read */
	uint32_t event;          /* the caller's number of the event; of the same transaction: of that one's first */
	uint32_t mailbox_guess;  /* what keys_fetch() takes it for */
	bool same_transaction; /* a delivery, told as the event before: all but the recipient, the delay and the reply */
	bool goes_on;          /* the next one is of the same transaction */
};

/* host: the hash. Folded addresses that differ from the event's own are put into the arena; the rest are slices of the
 * event's. */
struct keys keys_of(const struct settings *settings, const struct event *event, uint64_t host, struct arena *arena);

/* Likewise of an event after another, whose keys are `before`: they may be of one transaction, and then both say so. */
struct keys keys_after(const struct settings *settings, const struct event *event, uint64_t host,
                       const struct event *event_before, struct keys *before, struct arena *arena);

/* A delivery that the next event may be of one transaction with. */
bool keys_may_go_on(const struct event *event);

/* Of such a delivery's next one, which is the same but for the recipient. */
struct keys keys_of_next(const struct settings *settings, struct slice recipient, struct keys *before,
                         struct arena *arena);

/* Before the event at `at` is taken: fetches, in steps, what those some places further on will need. Changes nothing but
 * their guesses. */
void keys_fetch(const struct state *state, struct keys *keys, uint32_t at, uint32_t count);

#endif
