/* SPDX-License-Identifier: Apache-2.0
 *
 * The keys of an event: by what the state looks up the texts that it names,
 * folded and hashed. Worked out by the threads that parse, apart from the
 * state, so that its owner only looks up; and so that it can fetch ahead what
 * lines further on will need.
 */
#ifndef MAILSTORM_CORRELATE_KEYS_H
#define MAILSTORM_CORRELATE_KEYS_H

#include "daemon/base/texts.h"
#include "daemon/correlate/state.h"
#include "event.h"
#include "parsers/arena.h"
#include "settings.h"

struct keys {
	struct text_key queue_id;
	struct text_key mailbox; /* the recipient, as mailboxes are counted */
	struct text_key via;     /* the original recipient, as lists are named */
};

/* Folded addresses that differ from the event's own are put into the arena; the rest are slices of the event's. */
struct keys keys_of(const struct settings *settings, const struct event *event, struct arena *arena);

/* Fetches ahead: near: what far fetched the place of; next: what near fetched that of. None changes anything. */
void keys_fetch_far(const struct state *state, const struct keys *keys);
void keys_fetch_near(const struct state *state, const struct keys *keys);
void keys_fetch_next(const struct state *state, const struct keys *keys);

#endif
