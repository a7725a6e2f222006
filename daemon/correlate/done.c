/* SPDX-License-Identifier: Apache-2.0
 *
 * Recipients that are done, see done.h. Their numbers are an ascending array
 * while they are few, a mailbox set once they are many. Only recipients under
 * one original recipient are let go, and none of a message to several lists:
 * those may have to be booked anew.
 */
#include "daemon/correlate/done.h"

#include "daemon/base/memory.h"
#include "daemon/base/order.h"
#include "daemon/correlate/file.h"
#include "daemon/correlate/file_recipients.h"

#define MANY 2048

int64_t done_named(const struct file *file)
{
	return (int64_t)file->recipient_count + (int64_t)file->done.count;
}

bool done_has(const struct file *file, uint32_t mailbox, uint32_t via)
{
	const struct done *done = &file->done;

	if (done->count == 0 || done->via != via)
		return false;
	if (done->many)
		return mailbox_set_has(done->many, mailbox);
	return bsearch(&mailbox, done->numbers, done->count, sizeof(*done->numbers), order_uint32) != NULL;
}

static void done_make_many(struct done *done)
{
	done->many = memory_zeroed(1, sizeof(*done->many));
	for (uint32_t i = 0; i < done->count; i++)
		mailbox_set_add(done->many, done->numbers[i]);
	free(done->numbers);
	done->numbers = NULL;
}

/* Merges ascending numbers, none of them there yet. */
static void done_merge(struct done *done, const uint32_t *fresh, uint32_t count)
{
	uint32_t from = done->count, at = done->count + count;

	if (!done->many && at > MANY)
		done_make_many(done);
	done->count += count;
	for (uint32_t i = 0; done->many && i < count; i++)
		mailbox_set_add(done->many, fresh[i]);
	if (done->many)
		return;
	done->numbers = memory_resized(done->numbers, done->count, sizeof(*done->numbers));
	while (count > 0)
		done->numbers[--at] =
			from > 0 && done->numbers[from - 1] > fresh[count - 1] ? done->numbers[--from] : fresh[--count];
}

static bool done_may(const struct file *file, const struct recipient *r, int64_t before)
{
	bool ended = r->outcome == RECIPIENT_SENT || r->outcome == RECIPIENT_BOUNCED ||
	             r->outcome == RECIPIENT_EXPIRED || r->outcome == RECIPIENT_DISCARDED;

	return ended && r->booked && r->bucket && !r->manager && !r->passed && r->ended_at < before &&
	       r->deferred_at < before && (file->done.count == 0 || r->via == file->done.via);
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

void done_age(struct state *state, uint32_t number, int64_t before)
{
	struct file *file = &state->files[number];
	uint32_t *fresh = NULL, count = 0, capacity = 0, kept = 0, via = file->done.via;
	bool ascend = true;

	if (!done_may_come(state, file) || before < file->done.looked + state->settings->input.join_window / 4)
		return;
	file->done.looked = before;
	for (uint32_t i = 0; i < file->recipient_count; i++) {
		const struct recipient *r = &file->recipients[i];

		if (!done_may(file, r, before) || (count > 0 && r->via != via)) {
			file->recipients[kept++] = *r;
			continue;
		}
		if (file->done.count == 0 && count == 0)
			via = texts_hold_again(state->addresses, r->via);
		MEMORY_GROW(fresh, count, capacity);
		fresh[count++] = r->mailbox;
		ascend = ascend && (count == 1 || fresh[count - 2] < r->mailbox);
		texts_drop(state->addresses, r->mailbox);
		texts_drop(state->addresses, r->via);
	}
	if (count > 0) {
		if (!ascend)
			qsort(fresh, count, sizeof(*fresh), order_uint32);
		file_let_go(state, number, kept);
		file->done.via = via;
		done_merge(&file->done, fresh, count);
		file_shrink(file);
		file->dirty = true;
	}
	free(fresh);
}

struct list_out {
	uint32_t *numbers;
	uint32_t count;
};

static void done_list_one(uint32_t mailbox, void *with)
{
	struct list_out *out = with;

	out->numbers[out->count++] = mailbox;
}

uint32_t *done_list(const struct file *file)
{
	struct list_out out = {memory_zeroed(file->done.count, sizeof(*out.numbers)), 0};

	if (file->done.many)
		mailbox_set_each(file->done.many, done_list_one, &out);
	else if (file->done.count)
		memcpy(out.numbers, file->done.numbers, file->done.count * sizeof(*out.numbers));
	return out.numbers;
}

bool done_restore(struct file *file, const uint32_t *numbers, uint32_t count)
{
	for (uint32_t i = 1; i < count; i++)
		if (numbers[i] <= numbers[i - 1])
			return false;
	if (count)
		done_merge(&file->done, numbers, count);
	return true;
}

void done_free(struct done *done)
{
	free(done->numbers);
	if (done->many)
		mailbox_set_clear(done->many);
	free(done->many);
	*done = (struct done){0};
}
