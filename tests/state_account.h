/* SPDX-License-Identifier: Apache-2.0
 *
 * All that a state knows, as it is stored and beyond, as bytes: two states that
 * should be the same are compared by them, object for object.
 */
#ifndef MAILSTORM_TESTS_STATE_ACCOUNT_H
#define MAILSTORM_TESTS_STATE_ACCOUNT_H

#include <check.h>
#include <stdlib.h>

#include "daemon/base/memory.h"
#include "daemon/store/objects.h"

struct object {
	const char *what;
	uint32_t number;
	size_t from;
};

struct account {
	struct codec codec;
	struct object *objects;
	uint32_t count, capacity;
};

static struct codec *next(struct account *account, const char *what, uint32_t number)
{
	MEMORY_GROW(account->objects, account->count, account->capacity);
	account->objects[account->count++] = (struct object){what, number, account->codec.length};
	return &account->codec;
}

static void note(struct codec *codec, uint64_t value)
{
	codec_u64(codec, &value);
}

/* Holders that addresses would have besides, were no recipients in bundles; by number, the caller's. */
static uint32_t *account_bundles(const struct state *state)
{
	uint32_t *more = memory_zeroed(state->addresses->count, sizeof(*more));

	for (uint32_t i = 1; i < state->file_count; i++)
		for (const struct bundle *bundle = state->files[i].bundles; bundle; bundle = bundle->next) {
			more[bundle->via] += bundle->count - 1;
			for (uint32_t k = 0; k < bundle->count; k++)
				more[bundle->items[k].mailbox]++;
		}
	return more;
}

static void account_texts(struct account *account, const char *what, const struct texts *texts, const uint32_t *more)
{
	for (uint32_t i = 1; i < texts->count; i++) {
		const struct text *item = texts_item(texts, i);
		struct codec *codec = next(account, what, i);

		note(codec, item->dirty);
		note(codec, item->stored);
		if (!item->used)
			continue;
		note(codec, item->hash);
		note(codec, item->holders + (more ? more[i] : 0));
		note(codec, item->pinned);
		note(codec, item->known);
	}
}

static int key_compare(const void *a, const void *b)
{
	const struct cell_key *x = &(*(struct cell *const *)a)->key, *y = &(*(struct cell *const *)b)->key;

#define BY(field) \
	if (x->field != y->field) \
	return x->field < y->field ? -1 : 1
	BY(kind);
	BY(at);
	BY(host);
	BY(relay);
	BY(unless);
#undef BY
	return 0;
}

static void account_cell(struct account *account, struct cell *cell)
{
	struct codec *codec = next(account, "cell", cell->key.kind);

	codec_i64(codec, &cell->key.at);
	codec_u32(codec, &cell->key.host);
	codec_u32(codec, &cell->key.relay);
	codec_u32(codec, &cell->key.unless);
	note(codec, cell->dirty);
	object_cell(codec, cell);
}

/* In whatever order they were made. */
static void account_cells(struct account *account, struct cells *cells)
{
	struct cell **sorted = memory_zeroed(cells->count, sizeof(*sorted));
	struct codec *codec = next(account, "cells", cells->count);

	note(codec, cells->arrivals);
	note(codec, cells->arrival_shift);
	note(codec, cells->gone_count);
	note(codec, cells->renumbered);
	for (uint32_t i = 0; i < cells->count; i++)
		sorted[i] = &cells->items[i];
	qsort(sorted, cells->count, sizeof(*sorted), key_compare);
	for (uint32_t i = 0; i < cells->count; i++)
		account_cell(account, sorted[i]);
	free(sorted);
}

static void account_member(uint32_t mailbox, void *with)
{
	note(with, mailbox);
}

static void account_set(struct account *account, const struct keyed_set *set)
{
	struct codec *codec = next(account, "set", set->kind);

	note(codec, set->key);
	note(codec, set->set.packed);
	note(codec, set->set.dirty_count);
	for (unsigned level = 0; level < MAILBOX_SET_LEVELS; level++) {
		struct mailbox_set one = {.members = level == 0       ? set->set.members
		                                     : set->set.again ? set->set.again[level - 1]
		                                                      : NULL};

		note(codec, mailbox_set_count(&one));
		mailbox_set_each(&one, account_member, codec);
	}
}

static void account_message(struct account *account, uint32_t number, struct message *message)
{
	struct codec *codec = next(account, "message", number);

	object_message(codec, message);
	note(codec, message->dirty);
	note(codec, message->lists);
	note(codec, message->files);
	for (uint32_t i = 0; i < message->files; i++)
		note(codec, message->file_list[i]);
	for (uint32_t i = 0; i < message->bucket_count; i++) {
		struct bucket *bucket = &message->buckets[i];

		note(next(account, "bucket", i), bucket->handed_settled);
		for (uint32_t k = 0; k < bucket->set_count; k++)
			account_set(account, &bucket->sets[k]);
		account_cells(account, &bucket->cells);
	}
}

static void account_file(struct account *account, uint32_t number, struct file *file)
{
	struct codec *codec = next(account, "file", number);

	object_file(codec, file);
	note(codec, file->dirty);
	note(codec, file->rests);
}

static void account_host(struct account *account, uint32_t number, struct host *host)
{
	object_host(next(account, "host", number), host);
}

static void account_relay(struct account *account, uint32_t number, struct relay *relay)
{
	struct codec *codec = next(account, "relay", number);

	object_relay(codec, relay);
	note(codec, relay->settled);
	note(codec, relay->dirty);
}

static void account_link(struct account *account, uint32_t number, struct link *link)
{
	struct codec *codec = next(account, "link", number);

	object_link(codec, link);
	note(codec, link->live);
	note(codec, link->dirty);
}

static void account_list(struct account *account, uint32_t number, struct list *list)
{
	struct keyed_set members = {.kind = SET_MEMBERS, .set = list->members};

	object_list(next(account, "list", number), list);
	account_set(account, &members);
}

static void account_post(struct account *account, uint32_t number, struct post *post)
{
	object_post(next(account, "post", number), post);
}

#define ACCOUNT(kind) \
	for (uint32_t i = 1; i < state->kind##_count; i++) \
	account_##kind(account, i, &state->kind##s[i])

static void account_state(struct account *account, struct state *state)
{
	uint32_t *more = account_bundles(state);

	account->count = 0;
	codec_begin_write(&account->codec);
	account_texts(account, "text", state->texts, NULL);
	account_texts(account, "address", state->addresses, more);
	free(more);
	ACCOUNT(host);
	ACCOUNT(relay);
	ACCOUNT(file);
	ACCOUNT(message);
	ACCOUNT(link);
	ACCOUNT(list);
	ACCOUNT(post);
	account_cells(account, &state->all);
	next(account, "end", 0);
}

/* Which of the numbers in these bytes differs: each ends with a byte below 128. */
static unsigned differs_at(const char *a, const char *b, size_t length)
{
	unsigned at = 1;

	for (size_t i = 0; i < length && a[i] == b[i]; i++)
		at += !(a[i] & 0x80);
	return at;
}

static void ck_same_account(const struct account *a, const struct account *b, const char *when)
{
	for (uint32_t i = 0; i + 1 < a->count && i + 1 < b->count; i++) {
		const struct object *x = &a->objects[i], *y = &b->objects[i];
		size_t length = x[1].from - x->from, other = y[1].from - y->from;
		const char *bytes = a->codec.bytes + x->from, *others = b->codec.bytes + y->from;

		ck_assert_msg(strcmp(x->what, y->what) == 0 && x->number == y->number, "%s: %s %u, the long way %s %u",
		              when, x->what, x->number, y->what, y->number);
		ck_assert_msg(length == other && memcmp(bytes, others, length) == 0,
		              "%s: %s %u is not as the long way leaves it: number %u of its account", when, x->what,
		              x->number, differs_at(bytes, others, length < other ? length : other));
	}
	ck_assert_msg(a->count == b->count, "%s: %u objects, the long way %u", when, a->count, b->count);
}

#endif
