/* SPDX-License-Identifier: Apache-2.0
 *
 * Hosts: each has a clock, the latest time of its lines, and per hour what
 * coverage says of it. A line is judged here: which reading of an ambiguous
 * local time, whether its time can be true, whether it is late.
 */
#ifndef MAILSTORM_CORRELATE_HOST_H
#define MAILSTORM_CORRELATE_HOST_H

#include "daemon/correlate/state.h"

/* The number of a host, made where it is new. */
uint32_t host_of(struct state *state, struct slice name);
uint32_t host_of_key(struct state *state, const struct text_key *name);
/* ... and what it may be, by its name's hash alone, or 0. */
uint32_t host_guess(const struct state *state, uint64_t hash);

/* The first label of a host's name, which may have an address or a port behind it: NAME[ADDRESS], NAME:PORT. */
struct slice host_label(struct slice name);

/* Puts a loaded host into the table. False where another has its name. */
bool host_enchain(struct state *state, uint32_t host);

struct host_line {
	uint32_t host;
	int64_t time; /* the line's time; the host's clock where the line's own cannot be true: beyond the wall clock by
	               * more than the join window, which clocks of hosts may differ by */
	bool late; /* older than the join window, or of a time that cannot be true after a hundred such lines in a row,
	               * or before any other line; all of them count as late */
	bool settled; /* one more of this time would be judged the same, and move no clock */
};

/* Takes the time of one line: moves the host's clock and counts the line. time_other as in envelope.h. A
 * time more than a day ahead of the clock is the line's own, and moves the clock once 100 lines in a row
 * agree. */
struct host_line host_take_line(struct state *state, uint32_t host, int64_t time, int64_t time_other);

/* One more line of the host, of the same time, right behind `before`: as host_take_line(). Where that one was settled it is
 * only counted, in *more, and then by host_take_more(), before anything else is taken of the host. */
struct host_line host_take_next(struct state *state, struct host_line before, int64_t time, int64_t time_other,
                                uint32_t *more);
void host_take_more(struct state *state, struct host_line line, uint32_t more);

/* The host's counters for the hour of a time. Valid until the next call. */
struct host_hour *host_hour_of(struct state *state, uint32_t host, int64_t time);

/* The earliest clock among hosts that are at most two hours behind the log; the log's own without one. */
int64_t host_slowest_clock(const struct state *state);

#endif
