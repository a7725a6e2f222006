/* SPDX-License-Identifier: Apache-2.0
 *
 * Where lines go: a file, a file per host, Kafka. On the way they may be
 * shuffled, told twice or lost. Lines arrive in the order of their times. In
 * the plain case the sink is nothing but a buffer that the lines are composed
 * in.
 */
#ifndef STORMGEN_SINK_H
#define STORMGEN_SINK_H

#include <stdbool.h>
#include <stdint.h>

#include "options.h"

#define SINK_ROOM 262144 /* bytes that are always free for the next line */

struct host;
struct kafka;

struct sink {
	char *buffer, *at, *end; /* the next line is composed at `at`; end: where SINK_ROOM is no longer there */
	bool by_line;            /* lines are looked at one by one */
	bool lose_any;
	double lost, duplicates;
	int64_t disorder;
	uint64_t random;
	uint64_t lines, told_again, taken_out;
	uint64_t *host_lines; /* by host, as written */
	int64_t latest;       /* time of the latest line that was written */
	struct waiting *waiting;
	uint64_t waiting_count, waiting_room, waiting_number;
	int fd;
	struct file_of_host *files;
	uint32_t host_count;
	struct kafka *kafka;
	char *error; /* what went wrong first; lines are dropped from then on */
};

/* NULL and *error (malloc'ed) where it cannot be opened. hosts: for file names and keys; must outlive the sink. */
struct sink *sink_new(const struct options *options, const struct host *hosts, uint32_t host_count, char **error);

/* The line from sink->at to `end`, newline included, is complete. time: its time stamp; now: the world's. */
void sink_line(struct sink *sink, uint32_t host, int64_t time, char *end);

/* A line of no time and, unless the lines of each go to a place of their own, of no host, at sink->at to `end`. */
void sink_header(struct sink *sink, uint32_t host, char *end);

/* Lets out all that waits and writes it. False where something went wrong, sink->error says what. */
bool sink_finish(struct sink *sink);

void sink_free(struct sink **sink);

/* kafka.c: the only file that knows librdkafka. Keys are host names. */
struct kafka *kafka_new(const struct options *options, char **error);
void kafka_line(struct kafka *kafka, const char *host, uint32_t number, int64_t time, const char *line, size_t length);
/* Waits until all is delivered; NULL, or what went wrong (malloc'ed). */
char *kafka_finish(struct kafka *kafka);
void kafka_free(struct kafka **kafka);

#endif
