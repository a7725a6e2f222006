/* SPDX-License-Identifier: Apache-2.0
 *
 * Texts by number: each distinct byte string once, with a count of its
 * holders. Addresses have a table of their own, whose numbers are the mailbox
 * numbers in sets: small, dense, used again only when nobody holds them. A
 * pinned text (a mailbox in a set) is never given back. Number 0 is "none".
 *
 * Numbers are given out in runs, each to one group of texts (the mailboxes of one
 * server), and are used again in that group: so a set of them is mostly whole runs,
 * which a bitmap holds in little room. The first few of a group, which may stay the
 * only ones, are taken from group 0.
 *
 * What is known of a text takes one line of the processor's cache, its bytes too
 * where they are few, as those of addresses are: a text that is looked for in a
 * large state is in no cache. It never moves while its number is in use.
 */
#ifndef MAILSTORM_BASE_TEXTS_H
#define MAILSTORM_BASE_TEXTS_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/hash.h"
#include "daemon/base/table.h"
#include "slice.h"

#define TEXT_NEAR 47 /* bytes that may stand within a text */

struct text {
	uint64_t hash;
	uint32_t holders;
	uint32_t length : 27;
	bool used : 1; /* else the number is free */
	bool pinned : 1;
	bool dirty : 1;  /* not as the store has it; listed in texts.dirty */
	bool stored : 1; /* the store has a row */
	bool known : 1;  /* names no person: the store may have it as it is, whatever privacy asks */
	union {
		char near[TEXT_NEAR + 1]; /* up to so many, and a NUL behind */
		char *far;                /* more, and a NUL behind */
	};
};

/* Texts in the first chunk and in the second; in each after that twice as many, up to number 2^31. */
#define TEXTS_FIRST_BITS 10
#define TEXTS_FIRST ((uint32_t)1 << TEXTS_FIRST_BITS)
#define TEXTS_CHUNKS (32 - TEXTS_FIRST_BITS)

#define TEXTS_RUN 16         /* numbers in the first run of a group; those after are twice as long, */
#define TEXTS_RUN_MOST 16384 /* ... up to this */

/* Numbers from `from` on, below `end`, that are no group's. */
struct texts_run {
	uint32_t from, end;
};

struct texts_group {
	struct texts_run run; /* what is left of the one begun last */
	uint32_t size;        /* of that */
	uint32_t asked;       /* so often, up to TEXTS_RUN */
	uint32_t *free_numbers;
	uint32_t free_count, free_capacity;
};

struct texts {
	struct text *chunks[TEXTS_CHUNKS];
	uint32_t count; /* numbers below have a text's room */
	uint32_t chunk_count;
	struct table by_hash;
	struct texts_group *groups; /* by number; 0: texts of which nothing is known */
	uint32_t group_count, group_capacity;
	uint32_t *group_of; /* by number of the text / TEXTS_RUN */
	uint32_t group_of_count, group_of_capacity;
	struct texts_run *spare; /* that stayed free when texts were loaded */
	uint32_t spare_count, spare_capacity;
	uint32_t *dirty; /* numbers whose row must be written or deleted, where track is set */
	uint32_t dirty_count;
	uint32_t dirty_capacity;
	bool track;
};

/* A text and its hash, which any thread may work out. */
struct text_key {
	struct slice text;
	uint64_t hash;
};

/* What is known of a text below texts.count. */
static inline struct text *texts_item(const struct texts *texts, uint32_t number)
{
	/* Its binary digits beyond those of the first chunk's numbers; and the chunk's first number. */
	unsigned chunk = 32 - TEXTS_FIRST_BITS - (unsigned)__builtin_clz(number | (TEXTS_FIRST - 1));
	uint32_t first = chunk ? (TEXTS_FIRST / 2) << chunk : 0;

	return &texts->chunks[chunk][number - first];
}

/* Whether any number stands for a text. */
static inline bool texts_has(const struct texts *texts, uint32_t number)
{
	return number && number < texts->count && texts_item(texts, number)->used;
}

static inline struct text_key text_key(struct slice text)
{
	return (struct text_key){text, slice_given(text) ? hash_bytes(text.bytes, text.length, 0) : 0};
}

struct texts *texts_new(bool track);
void texts_free(struct texts **texts);

/* The number of a text, one holder more; made where it is new. A text that is not given is 0. */
uint32_t texts_hold(struct texts *texts, struct slice text);
uint32_t texts_hold_key(struct texts *texts, const struct text_key *key);
/* Likewise; a new one gets a number beside those of its group, a small number of the caller's. */
uint32_t texts_hold_in(struct texts *texts, const struct text_key *key, uint32_t group);
/* Likewise, where it may be this number, below texts.count. */
uint32_t texts_hold_guessed(struct texts *texts, const struct text_key *key, uint32_t guess, uint32_t group);
uint32_t texts_hold_again(struct texts *texts, uint32_t number);
/* One holder less. 0 is accepted. */
void texts_drop(struct texts *texts, uint32_t number);
/* Keeps the number for good. */
void texts_pin(struct texts *texts, uint32_t number);
/* Gives the number of a text without holders back, a pinned one too. */
void texts_forget(struct texts *texts, uint32_t number);
/* Its row must be written, whatever the store has. */
void texts_write(struct texts *texts, uint32_t number);
/* Whether the text names no person (a host, a queue ID, a list). */
void texts_set_known(struct texts *texts, uint32_t number, bool known);
/* It may be given back with its last holder, which there must be. */
void texts_unpin(struct texts *texts, uint32_t number);
/* Whether a number, used or not, stands for this text. */
bool texts_is(const struct texts *texts, uint32_t number, const struct text_key *key);
/* The number of a text that is there, without holding it, or 0. */
uint32_t texts_find(const struct texts *texts, struct slice text);
/* The text of a number; not given for 0. */
struct slice texts_get(const struct texts *texts, uint32_t number);
/* For the processor to fetch what a lookup will read: first where the text's number stands; then what is known of the
 * text that texts_guess() takes it for, by its hash alone, 0: none. */
void texts_fetch_hash(const struct texts *texts, uint64_t hash);
uint32_t texts_guess(const struct texts *texts, uint64_t hash);
void texts_fetch(const struct texts *texts, uint32_t number);
/* By bytes, as slice_compare(); 0, none, is before all. */
int texts_compare(const struct texts *texts, uint32_t a, uint32_t b);
/* Puts a text at the number that the store gave it (loading). False where the number is taken, or 0. */
bool texts_restore(struct texts *texts, uint32_t number, struct slice text);
/* After loading: the numbers that stayed free may be used. */
void texts_restored(struct texts *texts);

#endif
