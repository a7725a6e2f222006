/* SPDX-License-Identifier: Apache-2.0
 *
 * Recipients that are done, see done.h. Their numbers are ranges, a handful
 * where the list was expanded in one order, and a mailbox set where it was not
 * and they are many. Only recipients under one original recipient are let go,
 * and none of a message to several lists: those may have to be booked anew.
 */
#include "daemon/correlate/done.h"

#include "daemon/base/memory.h"
#include "daemon/correlate/file.h"
#include "daemon/correlate/file_recipients.h"

#define RANGES_MOST 1024 /* so many ranges take as much as a set of scattered numbers */

int64_t done_named(const struct file *file)
{
	return (int64_t)file->recipient_count + (int64_t)file->bundled + (int64_t)file->done.count;
}

bool done_has(const struct file *file, uint32_t mailbox, uint32_t via)
{
	const struct done *done = &file->done;

	if (done->count == 0 || done->via != via)
		return false;
	if (done->many)
		return mailbox_set_has(done->many, mailbox);
	return ranges_has(&done->ranges, mailbox);
}

static void done_add_to_set(struct done *done, const struct ranges *ranges)
{
	for (uint32_t i = 0; i < ranges->count; i++) {
		const struct range *range = &ranges->items[i];

		mailbox_set_add_new(done->many, range->first, range->last - range->first + 1);
	}
}

/* Takes in settled numbers, none of them there yet. */
static void done_merge(struct done *done, const struct ranges *fresh)
{
	done->count += ranges_numbers(fresh);
	if (done->many) {
		done_add_to_set(done, fresh);
		return;
	}
	ranges_merge(&done->ranges, fresh);
	if (done->ranges.count <= RANGES_MOST)
		return;
	done->many = memory_zeroed(1, sizeof(*done->many));
	done_add_to_set(done, &done->ranges);
	ranges_clear(&done->ranges);
}

static bool done_may(const struct recipient *r, int64_t before)
{
	bool ended = r->outcome == RECIPIENT_SENT || r->outcome == RECIPIENT_BOUNCED ||
	             r->outcome == RECIPIENT_EXPIRED || r->outcome == RECIPIENT_DISCARDED;

	return ended && r->booked && r->bucket && !r->manager && !r->passed && r->ended_at < before &&
	       r->deferred_at < before;
}

bool done_may_come(const struct state *state, const struct file *file)
{
	const struct message *message = &state->messages[file->message];

	return file->message && message->post && message->lists <= 1 && !file->numbered && !file->canceled;
}

int64_t done_look(const struct state *state, const struct file *file)
{
	int64_t window = state->settings->input.join_window;

	return file->done.looked + window / 4 + window;
}

/* The first that may go says under which original recipient others may. */
static bool done_takes(struct state *state, struct file *file, uint32_t via, const struct ranges *fresh)
{
	if (file->done.count == 0 && fresh->count == 0)
		file->done.via = texts_hold_again(state->addresses, via);
	return file->done.via == via;
}

/* Takes bundles that may go out of the file, of those told when so many of its recipients were at hand; of these so many
 * are kept. Where the next bundles are. */
static struct bundle **done_gather_bundles(struct state *state, struct file *file, struct bundle **at, uint32_t before,
                                           uint32_t kept, int64_t ended_before, struct ranges *fresh)
{
	while (*at && (*at)->before == before)
		if ((*at)->time < ended_before && done_takes(state, file, (*at)->via, fresh)) {
			for (uint32_t i = 0; i < (*at)->count; i++)
				ranges_add(fresh, (*at)->items[i].mailbox);
			bundle_drop(state, file, at);
		} else {
			(*at)->before = kept;
			file->last_bundle = *at;
			at = &(*at)->next;
		}
	return at;
}

/* Takes those that may go out of the file's recipients, and moves the others up. How many stay at hand. */
static uint32_t done_gather(struct state *state, struct file *file, int64_t before, struct ranges *fresh)
{
	struct bundle **bundles = &file->bundles;
	uint32_t kept = 0;

	for (uint32_t i = 0; i < file->recipient_count; i++) {
		const struct recipient *r = &file->recipients[i];

		bundles = done_gather_bundles(state, file, bundles, i, kept, before, fresh);
		if (!done_may(r, before) || !done_takes(state, file, r->via, fresh)) {
			if (kept != i)
				file->recipients[kept] = *r;
			kept++;
			continue;
		}
		ranges_add(fresh, r->mailbox);
		texts_drop(state->addresses, r->mailbox);
		texts_drop(state->addresses, r->via);
	}
	done_gather_bundles(state, file, bundles, file->recipient_count, kept, before, fresh);
	return kept;
}

void done_age(struct state *state, uint32_t number, int64_t before)
{
	struct file *file = &state->files[number];
	struct ranges fresh = {0};
	uint32_t kept;

	/* A bundle goes as a whole, and is of one minute. */
	before = time_floor(before, MINUTE);
	if (!done_may_come(state, file) || before < file->done.looked + state->settings->input.join_window / 4)
		return;
	file->done.looked = before;
	kept = done_gather(state, file, before, &fresh);
	if (fresh.count == 0)
		return;
	file_let_go(state, number, kept);
	ranges_settle(&fresh);
	done_merge(&file->done, &fresh);
	file_shrink(file);
	file->dirty = true;
	ranges_clear(&fresh);
}

static void done_gather_one(uint32_t mailbox, void *with)
{
	ranges_add(with, mailbox);
}

struct ranges done_ranges(const struct file *file)
{
	struct ranges ranges = {0};

	if (file->done.many)
		mailbox_set_each(file->done.many, done_gather_one, &ranges);
	else
		ranges_merge(&ranges, &file->done.ranges);
	return ranges;
}

bool done_restore(struct file *file, const struct ranges *ranges)
{
	if (!ranges_settled(ranges) || ranges_has(ranges, 0))
		return false;
	if (ranges->count)
		done_merge(&file->done, ranges);
	return true;
}

void done_free(struct done *done)
{
	ranges_clear(&done->ranges);
	if (done->many)
		mailbox_set_clear(done->many);
	free(done->many);
	*done = (struct done){0};
}
