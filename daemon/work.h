/* SPDX-License-Identifier: Apache-2.0
 *
 * A batch of records on its way through envelope and rules: parsed by any
 * worker thread, then taken in, in order, by the owner of the state. A batch
 * in work belongs to exactly one thread at a time; the queue hands it over.
 */
#ifndef MAILSTORM_WORK_H
#define MAILSTORM_WORK_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/correlate/keys.h"
#include "envelope.h"
#include "event.h"
#include "record.h"
#include "rules.h"

enum line_result {
	LINE_EVENT,
	LINE_IGNORED,
	LINE_UNPARSED, /* reason; time and host only where the envelope was understood */
	LINE_NOTE,     /* of the log pipeline: repeated, lost */
	LINE_EMPTY
};

struct line {
	enum line_result result;
	bool again;         /* it was counted as empty before, when it was held back */
	bool last;          /* of its record: a position may be committed after it */
	bool timed;         /* time and host are set */
	uint32_t record;    /* index in the batch; of several lines: of the first */
	uint32_t lines;     /* lines in a row that repeat the first, see rules_apply_again(), an event each; mostly 1 */
	uint32_t key;       /* LINE_EVENT: index in keys of its first event ... */
	uint32_t key_count; /* ... of so many */
	uint32_t told;      /* index in tolds + 1 of what it tells of the lines after it; 0: nothing */
	uint32_t repeated;
	uint64_t lost;
	int64_t time, time_other;
	struct text_key host; /* "-" where the line names none */
	struct slice program;
	struct slice text; /* LINE_UNPARSED: the line as it came */
	const char *reason;
};

struct work {
	struct batch *batch;
	struct envelope_source
		*source;     /* of the batch's partition, borrowed from its flow; NULL: none. Its works must be
	                                 * parsed in their order, by one worker at a time: one worker thread keeps it */
	struct slice origin; /* path of the file it was read from; not given: no file */
	struct line *lines;
	uint32_t line_count, line_capacity;
	struct keys *keys; /* of all events of all lines */
	uint32_t key_count, key_capacity;
	struct event *events; /* that keys name: of a transaction that is told line after line, the first */
	uint32_t event_count, event_capacity;
	struct envelope_told *tolds;
	uint32_t told_count, told_capacity;
	struct arena folded; /* addresses that keys point to */
	struct envelope_memory *memory;
	struct rules_memory *texts; /* that rules made */
	bool flush;                 /* the partition's end: no record, only lines that were held back */
	int64_t latest;             /* of its lines; INT64_MIN where none tells a time */
	uint32_t next;              /* owner: next line to take */
	bool done;                  /* parsed; behind the queue's lock */
	struct work *after;
};

struct work *work_new(void);
void work_free(struct work **work);

/* Envelope and rules on every line of the batch, and the keys of the events. */
void work_parse(struct work *work, const struct rules *rules, const struct settings *settings,
                struct envelope_scratch *envelopes, struct rules_scratch *scratch);

/* Forgets what the batch gave, keeps the memory. */
void work_clear(struct work *work);

/* Workers: a few threads that parse what they are given, first in, first out. */
struct workers;

struct settings;
struct workers *workers_new(unsigned threads, const struct rules *rules, const struct settings *settings);
void workers_free(struct workers **workers);
void workers_give(struct workers *workers, struct work *work);
void workers_wait(struct workers *workers, struct work *work);

/* The work is taken in: the thread that parses the next one clears this before. The caller's again with workers_spare(), which
 * gives a list (by `after`) of what is cleared by now; `all`: of what is not, too, which it clears itself. */
void workers_spend(struct workers *workers, struct work *work);
struct work *workers_spare(struct workers *workers, bool all);

#endif
