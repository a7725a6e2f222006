/* SPDX-License-Identifier: Apache-2.0
 *
 * Notifications of a message, see notice_set.h.
 */
#include "daemon/correlate/notice_set.h"

#include "daemon/base/memory.h"

static uint64_t notice_hash_of(const void *owner, uint32_t number)
{
	return ((const struct message *)owner)->notices[number];
}

void notice_add(struct message *message, uint64_t hash)
{
	uint32_t at = 0, number;

	while ((number = table_next(&message->by_notice, hash, &at)) != TABLE_NONE)
		if (message->notices[number] == hash)
			return;
	MEMORY_GROW(message->notices, message->notice_count, message->notice_capacity);
	message->notices[message->notice_count] = hash;
	table_add(&message->by_notice, hash, message->notice_count, notice_hash_of, message);
	message->notice_count++;
	message->changed = message->dirty = true;
}

void notice_index(struct message *message)
{
	table_clear(&message->by_notice);
	for (uint32_t i = 0; i < message->notice_count; i++)
		table_add(&message->by_notice, message->notices[i], i, notice_hash_of, message);
}

void notice_clear(struct message *message)
{
	free(message->notices);
	table_clear(&message->by_notice);
	message->notices = NULL;
	message->notice_count = message->notice_capacity = 0;
}
