/* SPDX-License-Identifier: Apache-2.0
 *
 * Recipients of a queue file, see file_recipients.h: a plain array. Mostly they
 * ascend, since mailboxes of one server have numbers that stand together and
 * lists are expanded in one order; where they are more than a few and do not,
 * there is an index.
 */
#include "daemon/correlate/file_recipients.h"

#include "daemon/base/hash.h"
#include "daemon/base/memory.h"

#define INDEX_FROM 16
#define ROOM_LEAST 4 /* at first, however many the file says it has */
#define ROOM_MOST 64

static uint64_t file_recipient_hash(uint32_t mailbox, uint32_t via)
{
	return hash_two(mailbox, via);
}

static uint64_t file_recipient_hash_of(const void *owner, uint32_t number)
{
	const struct recipient *r = &((const struct file *)owner)->recipients[number];

	return file_recipient_hash(r->mailbox, r->via);
}

static bool recipient_before(const struct recipient *r, uint32_t mailbox, uint32_t via)
{
	return r->mailbox != mailbox ? r->mailbox < mailbox : r->via < via;
}

static bool recipients_ascend(const struct file *file)
{
	for (uint32_t i = 1; i < file->recipient_count; i++)
		if (!recipient_before(&file->recipients[i - 1], file->recipients[i].mailbox, file->recipients[i].via))
			return false;
	return true;
}

bool file_ascends(const struct file *file)
{
	if (file->recipient_count > INDEX_FROM)
		return !file->by_recipient.slots;
	return recipients_ascend(file);
}

void file_index(struct state *state, uint32_t number)
{
	struct file *file = &state->files[number];

	table_clear(&file->by_recipient);
	if (file->recipient_count <= INDEX_FROM || recipients_ascend(file))
		return;
	table_reserve(&file->by_recipient, file->recipient_count);
	for (uint32_t i = 0; i < file->recipient_count; i++)
		table_add(&file->by_recipient, file_recipient_hash_of(file, i), i, file_recipient_hash_of, file);
}

/* Recipients that ascend: mostly the one looked for is new, and behind the last. */
static bool file_search(const struct file *file, uint32_t mailbox, uint32_t via, uint32_t *number)
{
	uint32_t low = 0, high = file->recipient_count;

	if (recipient_before(&file->recipients[high - 1], mailbox, via))
		return false;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (recipient_before(&file->recipients[middle], mailbox, via))
			low = middle + 1;
		else
			high = middle;
	}
	*number = low;
	return file->recipients[low].mailbox == mailbox && file->recipients[low].via == via;
}

bool file_has(const struct file *file, uint32_t mailbox, uint32_t via, uint32_t *number)
{
	uint32_t at = 0;

	if (file->by_recipient.slots) {
		while ((*number = table_next(&file->by_recipient, file_recipient_hash(mailbox, via), &at)) !=
		       TABLE_NONE)
			if (file->recipients[*number].mailbox == mailbox && file->recipients[*number].via == via)
				return true;
		return false;
	}
	if (file->recipient_count > INDEX_FROM)
		return file_search(file, mailbox, via, number);
	for (*number = 0; *number < file->recipient_count; ++*number)
		if (file->recipients[*number].mailbox == mailbox && file->recipients[*number].via == via)
			return true;
	return false;
}

/* The last recipient is new. */
static void file_index_last(struct state *state, uint32_t number)
{
	struct file *file = &state->files[number];
	uint32_t last = file->recipient_count - 1;

	if (last < INDEX_FROM)
		return;
	if (file->by_recipient.slots)
		table_add(&file->by_recipient, file_recipient_hash_of(file, last), last, file_recipient_hash_of, file);
	else if (last == INDEX_FROM || !recipient_before(&file->recipients[last - 1], file->recipients[last].mailbox,
	                                                 file->recipients[last].via))
		file_index(state, number);
}

/* Room for one more: at first for as many as the file says it has, which mostly all come at once. */
static void file_room_for_recipient(struct file *file)
{
	int64_t first = file->nrcpt < ROOM_LEAST ? ROOM_LEAST : file->nrcpt > ROOM_MOST ? ROOM_MOST : file->nrcpt;

	MEMORY_GROW_FROM(file->recipients, file->recipient_count, file->recipient_capacity, (uint32_t)first);
}

void file_recipient_add(struct state *state, uint32_t number, const struct recipient *recipient)
{
	struct file *file = &state->files[number];

	file_room_for_recipient(file);
	file->recipients[file->recipient_count++] = *recipient;
	file_index_last(state, number);
}

struct recipient *file_recipient(struct state *state, uint32_t number, uint32_t mailbox, uint32_t via)
{
	struct file *file = &state->files[number];
	uint32_t found;

	if (file_has(file, mailbox, via, &found)) {
		texts_drop(state->addresses, mailbox);
		texts_drop(state->addresses, via);
		return &file->recipients[found];
	}
	file_recipient_add(state, number,
	                   &(struct recipient){.mailbox = mailbox,
	                                       .via = via,
	                                       .ended_at = TIME_NONE,
	                                       .deferred_at = TIME_NONE});
	return &file->recipients[file->recipient_count - 1];
}

void file_fetch_recipient(const struct file *file, uint32_t mailbox, uint32_t via)
{
	if (file->by_recipient.slots)
		table_prefetch(&file->by_recipient, file_recipient_hash(mailbox, via));
}

void file_let_go(struct state *state, uint32_t number, uint32_t kept)
{
	struct file *file = &state->files[number];

	file->recipient_count = kept;
	if (file->by_recipient.slots)
		file_index(state, number);
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
