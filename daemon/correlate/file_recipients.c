/* SPDX-License-Identifier: Apache-2.0
 *
 * Recipients of a queue file, see file_recipients.h: a plain array, with an
 * index once they are more than a few.
 */
#include "daemon/correlate/file_recipients.h"

#include "daemon/base/hash.h"
#include "daemon/base/memory.h"

#define INDEX_FROM 16

static uint64_t file_recipient_hash(uint32_t mailbox, uint32_t via)
{
	return hash_two(mailbox, via);
}

static uint64_t file_recipient_hash_of(const void *owner, uint32_t number)
{
	const struct recipient *r = &((const struct file *)owner)->recipients[number];

	return file_recipient_hash(r->mailbox, r->via);
}

void file_index(struct state *state, uint32_t number)
{
	struct file *file = &state->files[number];

	table_clear(&file->by_recipient);
	for (uint32_t i = 0; file->recipient_count > INDEX_FROM && i < file->recipient_count; i++)
		table_add(&file->by_recipient, file_recipient_hash_of(file, i), i, file_recipient_hash_of, file);
}

bool file_has(const struct file *file, uint32_t mailbox, uint32_t via, uint32_t *number)
{
	uint32_t at = 0;

	if (file->recipient_count > INDEX_FROM) {
		while ((*number = table_next(&file->by_recipient, file_recipient_hash(mailbox, via), &at)) !=
		       TABLE_NONE)
			if (file->recipients[*number].mailbox == mailbox && file->recipients[*number].via == via)
				return true;
		return false;
	}
	for (*number = 0; *number < file->recipient_count; ++*number)
		if (file->recipients[*number].mailbox == mailbox && file->recipients[*number].via == via)
			return true;
	return false;
}

struct recipient *file_recipient(struct state *state, uint32_t number, uint32_t mailbox, uint32_t via)
{
	struct file *file = &state->files[number];
	uint64_t hash = file_recipient_hash(mailbox, via);
	uint32_t found;

	if (file_has(file, mailbox, via, &found)) {
		texts_drop(state->addresses, mailbox);
		texts_drop(state->addresses, via);
		return &file->recipients[found];
	}
	MEMORY_GROW(file->recipients, file->recipient_count, file->recipient_capacity);
	file->recipients[file->recipient_count] =
		(struct recipient){.mailbox = mailbox, .via = via, .ended_at = TIME_NONE, .deferred_at = TIME_NONE};
	file->recipient_count++;
	if (file->recipient_count == INDEX_FROM + 1)
		file_index(state, number);
	else if (file->recipient_count > INDEX_FROM)
		table_add(&file->by_recipient, hash, file->recipient_count - 1, file_recipient_hash_of, file);
	return &file->recipients[file->recipient_count - 1];
}

void file_fetch_recipient(const struct file *file, uint32_t mailbox, uint32_t via)
{
	if (file->recipient_count > INDEX_FROM)
		table_prefetch(&file->by_recipient, file_recipient_hash(mailbox, via));
}

void file_let_go(struct state *state, uint32_t number, uint32_t recipient)
{
	struct file *file = &state->files[number];
	uint32_t last = file->recipient_count - 1;

	texts_drop(state->addresses, file->recipients[recipient].mailbox);
	texts_drop(state->addresses, file->recipients[recipient].via);
	if (file->recipient_count > INDEX_FROM) {
		table_remove(&file->by_recipient, file_recipient_hash_of(file, recipient), recipient);
		if (recipient != last)
			table_replace(&file->by_recipient, file_recipient_hash_of(file, last), last, recipient);
	}
	file->recipients[recipient] = file->recipients[last];
	if (--file->recipient_count == INDEX_FROM)
		table_clear(&file->by_recipient);
}

void file_shrink(struct file *file)
{
	if (file->recipient_capacity < 4 * (file->recipient_count + 4))
		return;
	file->recipient_capacity = file->recipient_count + file->recipient_count / 4;
	if (file->recipient_capacity == 0) {
		free(file->recipients);
		file->recipients = NULL;
		return;
	}
	file->recipients = memory_resized(file->recipients, file->recipient_capacity, sizeof(*file->recipients));
}
