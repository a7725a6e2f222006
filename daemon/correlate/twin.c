/* SPDX-License-Identifier: Apache-2.0
 *
 * Recipients of one queue file of Exim that are one address, see twin.h. Keeps
 * nothing; a line that is told later brings one back, until it is looked at again.
 */
#include "daemon/correlate/twin.h"

#include "daemon/correlate/book.h"
#include "daemon/correlate/bundle.h"
#include "daemon/correlate/queue_id.h"

bool twins_may_be(const struct state *state, uint32_t number)
{
	const struct file *file = &state->files[number];

	return file->message && state->messages[file->message].lists > 1 && !file->numbered &&
	       queue_id_is_exims(texts_get(state->texts, file->queue_id));
}

/* It waits, or was withdrawn before and told of again. */
static bool twin_waits(const struct recipient *r)
{
	return r->outcome == RECIPIENT_OPEN ||
	       (r->outcome == RECIPIENT_REQUEUED && r->passed && r->deferred_at != TIME_NONE);
}

static bool twin_ended(const struct recipient *r)
{
	return r->outcome != RECIPIENT_OPEN && r->outcome != RECIPIENT_REQUEUED && !r->manager;
}

static void twin_withdraw(struct state *state, uint32_t number, struct recipient *r)
{
	struct file *file = &state->files[number];

	unbook_recipient(state, number, (uint32_t)(r - file->recipients));
	file->ended += r->outcome == RECIPIENT_OPEN;
	r->outcome = RECIPIENT_REQUEUED;
	r->passed = true;
	r->ended_at = file->last_line;
	r->deferred_at = TIME_NONE;
	file->dirty = true;
}

void twins_withdraw(struct state *state, uint32_t number)
{
	struct file *file = &state->files[number];
	struct recipients_walk walk = recipients_of(file);
	struct mailbox_set waiting = {0}, ended = {0};
	bool any = false, some = false;
	struct recipient r;

	if (!twins_may_be(state, number))
		return;
	for (uint32_t i = 0; i < file->recipient_count; i++)
		if (twin_waits(&file->recipients[i]))
			any = mailbox_set_add(&waiting, file->recipients[i].mailbox) || any;
	while (any && recipients_next(&walk, &r))
		if (twin_ended(&r) && mailbox_set_has(&waiting, r.mailbox))
			some = mailbox_set_add(&ended, r.mailbox) || some;
	for (uint32_t i = 0; some && i < file->recipient_count; i++)
		if (twin_waits(&file->recipients[i]) && mailbox_set_has(&ended, file->recipients[i].mailbox))
			twin_withdraw(state, number, &file->recipients[i]);
	mailbox_set_clear(&waiting);
	mailbox_set_clear(&ended);
}
