/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys of events, see keys.h.
 */
#include "daemon/correlate/keys.h"

#include "daemon/correlate/address.h"

static struct text_key keys_address(const struct settings *settings, struct slice address, bool mailbox,
                                    struct arena *arena)
{
	char buffer[ADDRESS_MAX];
	struct slice folded = address_fold(settings, address, mailbox, buffer);

	if (!slice_given(address))
		return (struct text_key){0};
	if (!slice_equal(folded, address)) {
		char *copy = arena_take(arena, folded.length + 1);

		memcpy(copy, folded.bytes, folded.length);
		address = (struct slice){copy, folded.length};
	}
	return text_key(address);
}

struct keys keys_of(const struct settings *settings, const struct event *event, struct arena *arena)
{
	return (struct keys){.queue_id = text_key(event->queue_id),
	                     .mailbox = keys_address(settings, event->recipient, true, arena),
	                     .via = keys_address(settings, event->original_recipient, false, arena)};
}

void keys_fetch_far(const struct state *state, const struct keys *keys)
{
	texts_fetch_far(state->texts, &keys->queue_id);
	texts_fetch_far(state->addresses, &keys->mailbox);
}

void keys_fetch_next(const struct state *state, const struct keys *keys)
{
	texts_fetch_bytes(state->texts, &keys->queue_id);
	texts_fetch_bytes(state->addresses, &keys->mailbox);
}

void keys_fetch_near(const struct state *state, const struct keys *keys)
{
	texts_fetch_near(state->texts, &keys->queue_id);
	texts_fetch_near(state->addresses, &keys->mailbox);
}
