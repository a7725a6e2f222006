/* SPDX-License-Identifier: Apache-2.0
 *
 * Recipients of a queue file, see file_recipients.h: a plain array. Of a post
 * the sets mostly tell that a recipient is new. Else it is looked for: mostly
 * they ascend, since mailboxes of one server have numbers that stand together
 * and lists are expanded in one order; where they are more than a few and do
 * not, an index is made, and kept as far as it is asked. Bundles are spread
 * where one may be of them.
 */
#include "daemon/correlate/file_recipients.h"

#include "daemon/base/hash.h"
#include "daemon/base/memory.h"
#include "daemon/correlate/bucket.h"

#define INDEX_FROM 16
#define ROOM_LEAST 4 /* at first */

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

bool recipient_names(const struct recipient *r)
{
	return !r->manager && (!r->passed || (r->via && r->itself));
}

bool recipient_is_named(const struct recipient *r)
{
	return r->booked && r->bucket && recipient_names(r);
}

void file_unindex(struct state *state, uint32_t number)
{
	struct file *file = &state->files[number];

	table_clear(&file->by_recipient);
	file->indexed = file->ascending = file->named = 0;
	for (uint32_t i = 0; i < file->recipient_count; i++) {
		file->named += recipient_is_named(&file->recipients[i]);
		file_reach(file, file->recipients[i].mailbox);
	}
}

/* Each of its recipients at hand is behind the one before it, by mailbox and original recipient. */
static bool file_ascends(struct file *file)
{
	uint32_t *at = &file->ascending;

	while (*at < file->recipient_count &&
	       (*at == 0 ||
	        recipient_before(&file->recipients[*at - 1], file->recipients[*at].mailbox, file->recipients[*at].via)))
		++*at;
	return *at == file->recipient_count;
}

/* Those that were added since. */
static void file_index_rest(struct file *file)
{
	if (!file->by_recipient.block)
		table_reserve(&file->by_recipient, file->recipient_count);
	for (; file->indexed < file->recipient_count; file->indexed++)
		table_add(&file->by_recipient, file_recipient_hash_of(file, file->indexed), file->indexed,
		          file_recipient_hash_of, file);
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

bool file_has_at_hand(struct file *file, uint32_t mailbox, uint32_t via, uint32_t *number)
{
	uint32_t at = 0;

	if (file->recipient_count <= INDEX_FROM) {
		for (*number = 0; *number < file->recipient_count; ++*number)
			if (file->recipients[*number].mailbox == mailbox && file->recipients[*number].via == via)
				return true;
		return false;
	}
	if (file_ascends(file))
		return file_search(file, mailbox, via, number);
	file_index_rest(file);
	while ((*number = table_next(&file->by_recipient, file_recipient_hash(mailbox, via), &at)) != TABLE_NONE)
		if (file->recipients[*number].mailbox == mailbox && file->recipients[*number].via == via)
			return true;
	return false;
}

bool file_has(struct state *state, uint32_t number, uint32_t mailbox, uint32_t via, uint32_t *at)
{
	struct file *file = &state->files[number];

	if (mailbox > file->largest)
		return false;
	if (file_has_at_hand(file, mailbox, via, at))
		return true;
	if (!file->bundles)
		return false;
	bundles_spread(state, number);
	return file_has_at_hand(file, mailbox, via, at);
}

/* All of its recipients are booked as named. */
static bool file_sets_tell(const struct file *file)
{
	return file->message && !file->numbered && file->named == file->recipient_count;
}

/* Each recipient that is booked is in the set of those that its hop named, whatever list it is booked under. */
bool file_may_have(const struct state *state, uint32_t number, uint32_t mailbox)
{
	const struct file *file = &state->files[number];
	const struct message *message = &state->messages[file->message];

	if (!file_sets_tell(file))
		return true;
	for (uint32_t i = 0; i < message->bucket_count; i++) {
		const struct mailbox_set *named = bucket_set(&message->buckets[i], SET_NAMED, file->hop, false);

		if (named && mailbox_set_has(named, mailbox))
			return true;
	}
	return false;
}

int file_named_sets(const struct state *state, uint32_t number, struct mailbox_look *looks, int most)
{
	const struct file *file = &state->files[number];
	const struct message *message = &state->messages[file->message];
	int count = 0;

	if (!file_sets_tell(file))
		return -1;
	for (uint32_t i = 0; i < message->bucket_count; i++) {
		const struct mailbox_set *named = bucket_set(&message->buckets[i], SET_NAMED, file->hop, false);

		if (named && count == most)
			return -1;
		if (named)
			looks[count++] = (struct mailbox_look){.set = named};
	}
	return count;
}

/* Room for one more at hand: for no more than the file says it has. */
static void file_room_for_recipient(struct file *file)
{
	int64_t most = file->nrcpt - (int64_t)file->done.count - (int64_t)file->bundled;
	uint32_t room = file->recipient_capacity ? 2 * file->recipient_capacity : ROOM_LEAST;

	if (file->recipient_count < file->recipient_capacity)
		return;
	if (most > file->recipient_count && most < room)
		room = (uint32_t)most;
	file->recipients = memory_resized(file->recipients, room, sizeof(*file->recipients));
	file->recipient_capacity = room;
}

void file_recipient_add(struct state *state, uint32_t number, const struct recipient *recipient)
{
	struct file *file = &state->files[number];

	file_room_for_recipient(file);
	file->recipients[file->recipient_count++] = *recipient;
	file_reach(file, recipient->mailbox);
}

struct recipient *file_recipient(struct state *state, uint32_t number, uint32_t mailbox, uint32_t via)
{
	struct file *file = &state->files[number];
	uint32_t found;

	if (file_may_have(state, number, mailbox) && file_has(state, number, mailbox, via, &found)) {
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

void file_let_go(struct state *state, uint32_t number, uint32_t kept)
{
	state->files[number].recipient_count = kept;
	file_unindex(state, number);
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
