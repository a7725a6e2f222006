/* SPDX-License-Identifier: Apache-2.0
 *
 * Notifications by Message-ID, see notification.h. Of several messages under one
 * Message-ID the one accepted last before it is meant.
 */
#include "daemon/correlate/notification.h"

#include "daemon/base/memory.h"
#include "daemon/correlate/message_parts.h"
#include "daemon/correlate/notice_set.h"

void notification_told(struct state *state, struct slice about, uint64_t hash, int64_t at)
{
	if (!about.length)
		return;
	MEMORY_GROW(state->notifications, state->notification_count, state->notification_capacity);
	state->notifications[state->notification_count++] =
		(struct notification){texts_hold(state->texts, about), hash, at};
}

static struct message *notification_message(const struct state *state, const struct notification *notification)
{
	int64_t until = notification->at + state->settings->input.join_window;
	struct message *found = NULL;

	for (uint32_t at = message_chain(state, notification->about); at; at = state->messages[at].next) {
		struct message *message = &state->messages[at];

		if (message->first_accepted != TIME_NONE && message->first_accepted <= until &&
		    (!found || message->first_accepted > found->first_accepted))
			found = message;
	}
	return found;
}

void notification_assign(struct state *state)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < state->notification_count; i++) {
		struct notification notification = state->notifications[i];
		struct message *message = notification_message(state, &notification);

		if (!message) {
			state->notifications[kept++] = notification;
			continue;
		}
		notice_add(message, notification.hash);
		texts_drop(state->texts, notification.about);
	}
	state->notification_count = kept;
}

void notification_forget(struct state *state, int64_t before)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < state->notification_count; i++) {
		if (state->notifications[i].at >= before)
			state->notifications[kept++] = state->notifications[i];
		else
			texts_drop(state->texts, state->notifications[i].about);
	}
	state->notification_count = kept;
}
