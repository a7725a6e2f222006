/* SPDX-License-Identifier: Apache-2.0
 *
 * Recipients that are alike, see bundle.h: a list in the order of telling.
 */
#include "daemon/correlate/bundle.h"

#include "daemon/base/memory.h"
#include "daemon/correlate/file_recipients.h"
#include "daemon/correlate/state.h"

void bundle_add(struct state *state, uint32_t number, const struct bundle *like, uint32_t bucket,
                const struct bundled *items)
{
	struct file *file = &state->files[number];
	struct bundle *bundle = memory_resized(NULL, sizeof(*bundle) + like->count * sizeof(*items), 1);

	*bundle = *like;
	bundle->next = NULL;
	bundle->bucket = bucket;
	bundle->before = file->recipient_count;
	memcpy(bundle->items, items, like->count * sizeof(*items));
	texts_hold_again(state->addresses, bundle->via);
	for (uint32_t i = 0; i < bundle->count; i++) {
		texts_pin(state->addresses, items[i].mailbox);
		texts_drop(state->addresses, items[i].mailbox);
		file_reach(file, items[i].mailbox);
	}
	*(file->bundles ? &file->last_bundle->next : &file->bundles) = bundle;
	file->last_bundle = bundle;
	file->bundled += bundle->count;
}

struct recipient bundle_recipient(const struct bundle *bundle, const struct bundled *item)
{
	return (struct recipient){.mailbox = item->mailbox,
	                          .via = bundle->via,
	                          .relay = bundle->relay,
	                          .delay_ms = item->delay_ms,
	                          .ended_at = bundle->time + item->behind,
	                          .deferred_at = TIME_NONE,
	                          .bucket = bundle->bucket,
	                          .attempts = 1,
	                          .outcome = RECIPIENT_SENT,
	                          .booked = true,
	                          .booked_end = true,
	                          .counted_end = true};
}

struct recipients_walk recipients_of(const struct file *file)
{
	return (struct recipients_walk){.file = file, .bundle = file->bundles};
}

bool recipients_next(struct recipients_walk *walk, struct recipient *recipient)
{
	const struct bundle *bundle = walk->bundle;

	if (!bundle || walk->at < bundle->before) {
		if (walk->at == walk->file->recipient_count)
			return false;
		*recipient = walk->file->recipients[walk->at++];
		return true;
	}
	*recipient = bundle_recipient(bundle, &bundle->items[walk->in++]);
	if (walk->in == bundle->count) {
		walk->bundle = bundle->next;
		walk->in = 0;
	}
	return true;
}

void bundles_spread(struct state *state, uint32_t number)
{
	struct file *file = &state->files[number];
	uint32_t count = file->recipient_count + file->bundled;
	struct recipients_walk walk = recipients_of(file);
	struct recipient *all;

	if (!file->bundles)
		return;
	all = memory_resized(NULL, count, sizeof(*all));
	for (uint32_t i = 0; recipients_next(&walk, &all[i]);)
		i++;
	for (const struct bundle *bundle = file->bundles; bundle; bundle = bundle->next) {
		for (uint32_t i = 0; i < bundle->count; i++) {
			texts_hold_again(state->addresses, bundle->items[i].mailbox);
			texts_hold_again(state->addresses, bundle->via);
		}
		texts_drop(state->addresses, bundle->via);
	}
	bundles_free(file->bundles);
	free(file->recipients);
	file->bundles = file->last_bundle = NULL;
	file->bundled = 0;
	file->recipients = all;
	file->recipient_count = file->recipient_capacity = count;
	file_unindex(state, number);
}

void bundle_drop(struct state *state, struct file *file, struct bundle **at)
{
	struct bundle *bundle = *at;

	file->bundled -= bundle->count;
	texts_drop(state->addresses, bundle->via);
	*at = bundle->next;
	free(bundle);
}

void bundles_free(struct bundle *bundles)
{
	while (bundles) {
		struct bundle *bundle = bundles;

		bundles = bundle->next;
		free(bundle);
	}
}
