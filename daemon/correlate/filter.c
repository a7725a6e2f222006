/* SPDX-License-Identifier: Apache-2.0
 *
 * Content filters that tell no next queue file, see filter.h. One mailbox that
 * came back is enough, so few are looked at.
 */
#include "daemon/correlate/filter.h"

#include "daemon/correlate/bundle.h"
#include "daemon/correlate/hop.h"
#include "daemon/correlate/relay.h"

#define FILES_LOOKED_AT 16 /* of a message */
#define BACK_LOOKED_AT 4   /* mailboxes of a file that came back */
#define GIVEN_LOOKED_AT 256

/* The relay of the file's host that is not known to be a filter and was given this recipient, or the list that it was expanded
 * from, while another delivered it; or 0. */
static uint32_t filter_given(const struct state *state, const struct file *file, const struct recipient *back)
{
	struct recipients_walk walk = recipients_of(file);
	struct recipient r;

	for (unsigned i = 0; i < GIVEN_LOOKED_AT && recipients_next(&walk, &r); i++)
		if ((r.mailbox == back->mailbox || r.mailbox == back->via) && r.outcome == RECIPIENT_SENT && r.relay &&
		    r.relay != back->relay && state->relays[r.relay].program && !state->relays[r.relay].ours)
			return r.relay;
	return 0;
}

/* What was given by one file and came back by the other. Where the first one is of the host too, another program's delivery
 * proves nothing: the first may be what a filter gave back to a mailbox's program, the second what a list manager sends to
 * that mailbox, through the filter. */
static uint32_t filter_between(const struct state *state, const struct file *given, const struct file *back)
{
	struct recipients_walk walk = recipients_of(back);
	uint32_t relay = 0;
	struct recipient r;
	bool within;

	if (given->host != back->host || !back->sender || given->sender != back->sender ||
	    given->accepted >= back->accepted || !hop_within(state, back))
		return 0;
	within = hop_within(state, given);
	for (unsigned i = 0; !relay && i < BACK_LOOKED_AT && recipients_next(&walk, &r); i++)
		if (r.outcome == RECIPIENT_SENT && !(within && state->relays[r.relay].program))
			relay = filter_given(state, given, &r);
	return relay;
}

static void filter_look(struct state *state, const struct message *message)
{
	uint32_t count = message->files < FILES_LOOKED_AT ? message->files : FILES_LOOKED_AT;

	for (uint32_t i = 0; i < count; i++)
		for (uint32_t k = 0; k < count; k++)
			relay_is_ours(state, filter_between(state, &state->files[message->file_list[i]],
			                                    &state->files[message->file_list[k]]));
}

/* One of these may be a filter. */
static bool filters_possible(const struct state *state)
{
	for (uint32_t i = 1; i < state->relay_count; i++)
		if (state->relays[i].program && !state->relays[i].ours)
			return true;
	return false;
}

void filters_look(struct state *state)
{
	if (!filters_possible(state))
		return;
	for (uint32_t i = 1; i < state->message_count; i++)
		if (state->messages[i].live && state->messages[i].files > 1)
			filter_look(state, &state->messages[i]);
}
