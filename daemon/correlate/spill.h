/* SPDX-License-Identifier: Apache-2.0
 *
 * Pending queue files out of memory. Where more are at hand than the limit
 * allows, those that will be told of last, as far as one can guess, are packed
 * into rows that go to the store with the next checkpoint; a line about one of
 * them, or its time, brings it back as it was. What is at hand then is all that a line can touch, so
 * the results are those of a run without a limit.
 *
 * What leaves and comes back together is a unit: all files of a message that is
 * no post, with the message; or one file of a post, whose message stays, since its sets are
 * needed for figures. In memory a filter of some bits a name tells that a name is not among them.
 */
#ifndef MAILSTORM_CORRELATE_SPILL_H
#define MAILSTORM_CORRELATE_SPILL_H

#include "daemon/correlate/state.h"
#include "event.h"

enum spill_end { SPILL_FILE = 1, SPILL_PARENT = 2, SPILL_MESSAGE = 4 };

/* A hand-over link that the file is an end of. */
struct spilled_link {
	uint64_t key;
	uint8_t ends; /* enum spill_end */
};

/* How the file is told as queued; NULL where it owes nothing of a post. */
struct spilled_queued {
	char *instance, *queue_id, *message_id, *sender; /* NULL: unknown */
};

/* One queue file out of memory. */
struct spilled {
	uint32_t unit;
	uint32_t file; /* its number when it left: files of one unit name each other by it */
	uint64_t name; /* of host and queue ID */
	uint64_t id;   /* of the Message-ID, where its message left with it; else 0 */
	uint32_t host;
	uint32_t message; /* messages: the post that it is of; 0: none */
	int64_t due;      /* once its host's clock, or for ordinary mail the slowest one, is past it, time changes it */
	int64_t accepted;
	int64_t orphans, unfinished; /* what it counts as while it waits: see coverage.h */
	int64_t pending;             /* recipients that it owes of a post */
	struct spilled_queued *queued;
	struct spilled_link *links;
	uint32_t link_count;
	char *bytes; /* packed: file, links, and the message that left with it */
	size_t length;
};

enum spill_by { SPILL_BY_NAME, SPILL_BY_ID, SPILL_BY_POST };

typedef void spill_unit(uint32_t unit, void *with);
typedef void spill_row(const struct spilled *row, void *with);

/* What keeps the rows: store/, or memory in tests. All return false in trouble, which the state then tells. */
struct spill_store {
	void *with;
	/* Fills in bytes, malloc'ed. message: messages, what leaves with the file, or 0. */
	void (*pack)(void *with, const struct state *state, const struct file *file, uint32_t message,
	             struct spilled *row);
	/* The other way: *has_message where one is in the row. Texts are held. */
	bool (*unpack)(void *with, struct state *state, struct spilled *row, struct file *file, struct message *message,
	               bool *has_message);
	/* The units that have a row with this key. */
	bool (*units)(void *with, enum spill_by by, uint64_t key, spill_unit *each, void *each_with);
	/* Those of a host that are due before these times, of posts and of ordinary mail; at most `most`. */
	bool (*due)(void *with, uint32_t host, int64_t posts, int64_t others, int64_t most, spill_unit *each,
	            void *each_with);
	/* The rows of a unit; the row is valid during the call. */
	bool (*rows)(void *with, uint32_t unit, spill_row *each, void *each_with);
	/* All rows, without their bytes: for the filter. */
	bool (*all)(void *with, spill_row *each, void *each_with);
};

struct spill_filter {
	uint64_t *words;
	uint64_t bits;  /* a power of two; 0: empty */
	uint64_t added; /* names since it was made */
};

/* The attempt that was looked at last: lines of one delivery stand together, and nothing more comes back for them. */
#define RECALLED_MAX 64

struct spill_recalled {
	uint32_t host;
	uint32_t next_unit; /* as it was then: nothing left since, if it still is */
	uint8_t length, next_length;
	char queue_id[RECALLED_MAX], next_queue_id[RECALLED_MAX];
};

struct spill {
	const struct spill_store *store;
	struct spilled *items; /* left since the last checkpoint; without bytes: came back since */
	uint32_t item_count, item_capacity;
	struct table by_name, by_id, by_unit;
	uint32_t *gone; /* units that came back since the last checkpoint: their rows are to be deleted */
	uint32_t gone_count, gone_capacity;
	struct table by_gone;
	uint32_t next_unit;
	int64_t count; /* files out of memory */
	struct spill_filter filter;
	struct spill_recalled recalled;
	bool failed; /* the store could not be read: the state is no longer whole */
};

struct spill *spill_new(void);
void spill_free(struct spill **spill);

/* --- spill.c: the rows --- */

uint64_t spill_name(const struct state *state, uint32_t host, struct slice queue_id);
uint64_t spill_id(const struct state *state, struct slice message_id);
/* Adds a row; takes over what it points to. */
void spill_add(struct spill *spill, const struct spilled *row);
void spilled_clear(struct spilled *row);
/* Takes the rows of a unit out: *rows malloc'ed, for the caller to clear. Their count; 0 where the unit is at hand. */
uint32_t spill_take(struct spill *spill, uint32_t unit, struct spilled **rows);
/* Calls each with every unit that may have this key. */
void spill_units(struct spill *spill, enum spill_by by, uint64_t key, spill_unit *each, void *with);
/* A stored row, while the state is loaded. */
void spill_loaded(struct state *state, const struct spilled *row);
/* From now on rows are kept there, for as long as the state lives; without it nothing is spilled. Call once the state is
 * loaded. False in trouble. */
bool spill_begin(struct spill *spill, const struct spill_store *store);
/* After a commit: rows are where they belong. */
void spill_written(struct spill *spill);

/* A file's mentions of relays, which keep those from being swept: by = 1 as it leaves, -1 when it is back. */
void spill_mention_relays(struct state *state, const struct file *file, int by);

/* --- spill_out.c: who leaves --- */

/* Where more files are at hand than settings allow, spills some, until an eighth less are. */
void spill_over(struct state *state);
/* Rows wait for a checkpoint, so many that one should be made now. */
bool spill_waits(const struct state *state);

/* --- spill_back.c: who comes back --- */

/* What a line of this host may touch is at hand afterwards. */
void spill_recall(struct state *state, uint32_t host, const struct event *event);
/* All files of a post are. */
void spill_recall_post(struct state *state, uint32_t message);
/* What time changes by now is. */
void spill_recall_due(struct state *state, int64_t slowest);

#endif
