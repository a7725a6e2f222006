/* SPDX-License-Identifier: Apache-2.0
 *
 * Cells are counts and delay histograms by time: what a post, or all mail, has
 * booked for a minute, an hour and host, or an arrival time. Whether a
 * delivery counts may depend on relays that turn out to be ours only later,
 * so each cell carries the condition: it counts unless its `relay` is ours,
 * and unless `unless` (the relay under which the same pair was booked before)
 * is NOT ours. The condition is judged when figures are made.
 */
#ifndef MAILSTORM_CORRELATE_CELLS_H
#define MAILSTORM_CORRELATE_CELLS_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/histogram.h"
#include "daemon/base/table.h"

enum cell_kind {
	CELL_MINUTE,  /* at = microseconds of the minute's beginning, delays = delay= of the line */
	CELL_HOUR,    /* at = the hour's beginning; host */
	CELL_ARRIVAL, /* at = the last hop's acceptance; delays = delay= from then on */
	CELL_KINDS
};

struct cell_key {
	int64_t at;
	uint32_t host;
	uint32_t relay;  /* 0: delivered at the last hop */
	uint32_t unless; /* 0: none */
	uint32_t kind;
};

struct cell {
	struct cell_key key;
	struct histogram delays; /* total = deliveries */
	int64_t deferred;
	int64_t bounced;
	int64_t rejected;
	int64_t ended;     /* pairs that expired, were discarded or removed */
	int64_t lacking;   /* deliveries taken back that were booked before the cell was forgotten; not stored */
	int64_t last_at;   /* latest line that booked a delivery or an end here */
	int64_t over[3];   /* deliveries whose delay was over 5 min, 1 h, 3 h */
	uint32_t *seconds; /* CELL_MINUTE of a post: deliveries in each of its 60 seconds; else NULL */
	bool dirty;
	bool stored; /* the store has a row of it, maybe an old one */
};

struct cells {
	bool by_second; /* minutes count their seconds too */
	struct cell *items;
	uint32_t count;
	uint32_t capacity;
	struct table by_key;
	uint32_t last[CELL_KINDS][16]; /* the cells found last, by kind, relay and host */
	uint32_t arrivals;             /* cells of CELL_ARRIVAL */
	struct cell_key *gone;         /* of cells whose rows the store must delete */
	uint32_t gone_count, gone_capacity;
	bool renumbered; /* arrival cells changed their keys: the store must write all anew */
	unsigned
		arrival_shift; /* arrival times stand for 2^shift microseconds; grows with their number, so that it is a
	                         * function of the arrival times told, whatever their order */
};

void cells_clear(struct cells *cells);

/* The cell of a key, made where it is new and marked dirty. Valid until the next call. */
struct cell *cells_get(struct cells *cells, struct cell_key key);

/* One delivery: when it was told, and its delay=. */
struct delivery {
	int64_t at;
	int64_t delay_ms;
};

/* Books deliveries (by = 1), or takes them back (-1): all but last_at, which goes only with the cell's last delivery. */
void cells_deliver(struct cells *cells, struct cell_key key, const struct delivery *deliveries, uint32_t count, int by);

/* An empty cell of a key as it is stored, not marked (loading). */
struct cell *cells_restore(struct cells *cells, struct cell_key key);

/* Moves all of `from` into `to`; from becomes empty. */
void cells_merge(struct cells *to, struct cells *from);

/* The time that an arrival cell stands for. */
int64_t cells_arrival_time(const struct cells *cells, const struct cell *cell);

/* Gives cells other keys: rekey may change a key, or return false where the cell goes. What comes under one key is
 * added up. */
void cells_rekey(struct cells *cells, bool (*rekey)(struct cell_key *key, void *with), void *with);

/* Forgets cells of a kind whose time is before `before`. One made anew has what was booked since, and taken back. */
void cells_forget(struct cells *cells, enum cell_kind kind, int64_t before);

#endif
