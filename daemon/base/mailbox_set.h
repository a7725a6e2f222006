/* SPDX-License-Identifier: Apache-2.0
 *
 * A set of mailbox numbers that remembers how many tellers each member has
 * (queue files, normally one): level 0 is the set itself, levels above it are
 * the binary digits of the number of further tellers. So a teller that turns out to
 * have spoken of something else can be taken back exactly, up to 128 of them; more
 * are not counted. Levels above 0 are nearly always empty. Roaring bitmaps (CRoaring) underneath; only this module knows them.
 *
 * Chunks of 65,536 numbers are what the store writes; the set remembers which
 * of them changed.
 */
#ifndef MAILSTORM_BASE_MAILBOX_SET_H
#define MAILSTORM_BASE_MAILBOX_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct roaring_bitmap_s;

#define MAILBOX_SET_LEVELS 8

struct mailbox_set {
	struct roaring_bitmap_s *members; /* level 0 */
	struct roaring_bitmap_s **again;  /* the levels above it; NULL: all are empty */
	uint16_t *dirty;                  /* chunk numbers that changed since the store wrote them */
	uint32_t dirty_count;
	uint32_t dirty_capacity : 31;
	bool packed : 1; /* nothing changed since mailbox_set_pack() made it as small as it can be */
};

/* All accept a zeroed struct as the empty set. */
void mailbox_set_clear(struct mailbox_set *set);

/* One teller more. True where the number was not in the set. */
bool mailbox_set_add(struct mailbox_set *set, uint32_t mailbox);
/* One teller of each of the `count` numbers from `from` on, none of which is in the set. */
void mailbox_set_add_new(struct mailbox_set *set, uint32_t from, uint32_t count);
/* Likewise of numbers in any order, each there once; best where those of one chunk are side by side. */
void mailbox_set_add_many(struct mailbox_set *set, const uint32_t *mailboxes, uint32_t count);
/* One teller less. True where it was the last: the number is out. */
bool mailbox_set_remove(struct mailbox_set *set, uint32_t mailbox);
bool mailbox_set_has(const struct mailbox_set *set, uint32_t mailbox);

/* Looks for one number after the other in a set that stays as it is. */
struct mailbox_look {
	const struct mailbox_set *set; /* NULL: an empty one */
	uint32_t from;                 /* none of these numbers is in the set, ... */
	uint64_t until;                /* ... below this */
};
bool mailbox_look(struct mailbox_look *look, uint32_t mailbox);

/* Fetches ahead, in steps, what is read where the set is asked for a mailbox, or given one: each step reads what the one
 * before has fetched. */
#define MAILBOX_SET_FETCHES 4
void mailbox_set_fetch(const struct mailbox_set *set, uint32_t mailbox, unsigned step);

/* Sets found[i] where mailboxes[i] is in the set; the others stay. */
void mailbox_set_find(const struct mailbox_set *set, const uint32_t *mailboxes, uint32_t count, bool *found);
/* In the set, and one teller told of it. */
bool mailbox_set_has_once(const struct mailbox_set *set, uint32_t mailbox);
uint64_t mailbox_set_count(const struct mailbox_set *set);

/* Chunks that are smaller as runs become such; where it is as the store wrote it last, it takes as little memory as it can
 * until it changes again. */
void mailbox_set_pack(struct mailbox_set *set);

/* Tellers of all members together. */
uint64_t mailbox_set_tellers(const struct mailbox_set *set);

/* to gets all tellers of from; from becomes empty. */
void mailbox_set_merge(struct mailbox_set *to, struct mailbox_set *from);

/* to gets the members of with that it lacks, one teller each, and marks what changed. */
void mailbox_set_join(struct mailbox_set *to, const struct mailbox_set *with);

/* Plain algebra on level 0 (results have one teller each, and are never stored). */
void mailbox_set_unite(struct mailbox_set *to, const struct mailbox_set *with);
/* Likewise with those only that more than one teller told of. */
void mailbox_set_unite_again(struct mailbox_set *to, const struct mailbox_set *with);
void mailbox_set_subtract(struct mailbox_set *from, const struct mailbox_set *what);
void mailbox_set_intersect(struct mailbox_set *set, const struct mailbox_set *with);
/* They have a number in common. */
bool mailbox_set_meets(const struct mailbox_set *a, const struct mailbox_set *b);
uint64_t mailbox_set_count_common(const struct mailbox_set *a, const struct mailbox_set *b);
void mailbox_set_copy(struct mailbox_set *to, const struct mailbox_set *from);
/* Calls each with every number, ascending. */
void mailbox_set_each(const struct mailbox_set *set, void (*each)(uint32_t mailbox, void *with), void *with);

/* The chunk of one level as a hash and portable Roaring bytes (malloc'ed, *size bytes), or NULL where it is empty. */
char *mailbox_set_chunk(const struct mailbox_set *set, unsigned level, uint16_t chunk, size_t *size);
/* Puts a chunk back (loading). False where the bytes are not those that were
 * written: CRoaring trusts what it reads. */
bool mailbox_set_restore(struct mailbox_set *set, unsigned level, const char *bytes, size_t size);

#endif
