/* SPDX-License-Identifier: Apache-2.0
 *
 * First deferrals of pairs, see deferral.h.
 */
#include "daemon/correlate/deferral.h"

#include "daemon/base/hash.h"
#include "daemon/base/memory.h"

static uint64_t deferral_hash_of(const void *owner, uint32_t number)
{
	const struct message *message = owner;

	return hash_two(message->deferrals[number].mailbox, message->deferrals[number].bucket);
}

struct deferral *deferral_find(struct message *message, uint32_t mailbox, uint32_t bucket)
{
	uint32_t at = 0, number;

	while ((number = table_next(&message->by_deferral, hash_two(mailbox, bucket), &at)) != TABLE_NONE)
		if (message->deferrals[number].mailbox == mailbox && message->deferrals[number].bucket == bucket)
			return &message->deferrals[number];
	return NULL;
}

void deferral_keep(struct message *message, uint32_t mailbox, uint32_t bucket, int64_t at, uint32_t host)
{
	MEMORY_GROW(message->deferrals, message->deferral_count, message->deferral_capacity);
	message->deferrals[message->deferral_count] = (struct deferral){mailbox, bucket, at, host};
	table_add(&message->by_deferral, hash_two(mailbox, bucket), message->deferral_count, deferral_hash_of, message);
	message->deferral_count++;
}

void deferral_drop(struct message *message, struct deferral *deferral)
{
	uint32_t number = (uint32_t)(deferral - message->deferrals), last = message->deferral_count - 1;

	table_remove(&message->by_deferral, deferral_hash_of(message, number), number);
	if (number != last) {
		table_replace(&message->by_deferral, deferral_hash_of(message, last), last, number);
		message->deferrals[number] = message->deferrals[last];
	}
	message->deferral_count--;
}

void deferral_index(struct message *message)
{
	table_clear(&message->by_deferral);
	for (uint32_t i = 0; i < message->deferral_count; i++)
		table_add(&message->by_deferral, deferral_hash_of(message, i), i, deferral_hash_of, message);
}

void deferral_age(struct message *message, int64_t before)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < message->deferral_count; i++)
		if (message->deferrals[i].at >= before)
			message->deferrals[kept++] = message->deferrals[i];
	if (kept == message->deferral_count)
		return;
	message->deferral_count = kept;
	message->dirty = true;
	deferral_index(message);
}

void deferral_clear(struct message *message)
{
	free(message->deferrals);
	table_clear(&message->by_deferral);
	message->deferrals = NULL;
	message->deferral_count = message->deferral_capacity = 0;
}
