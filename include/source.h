/* SPDX-License-Identifier: Apache-2.0
 *
 * Where lines come from. A source is a table of partitions (a Kafka partition,
 * one file, standard input, one followed file), each an ordered run of
 * records with offsets. The pipeline reads partitions one by one, as it likes:
 * a partition that must wait for others is simply not read. A source never
 * skips silently: what is missing is told as a gap of the batch after it.
 *
 * One thread uses a source at a time. A source calls nobody: it is polled.
 */
#ifndef MAILSTORM_SOURCE_H
#define MAILSTORM_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "record.h"

struct source;

enum source_state {
	SOURCE_READY, /* the batch holds at least one record (or only a gap) */
	SOURCE_IDLE,  /* nothing now; more may come. Everything that is there has been read */
	SOURCE_BUSY,  /* nothing now, but more is known to be there (a fetch is under way): wait for it */
	SOURCE_END,   /* no more will ever come from this partition (file read, --until-end reached) */
	SOURCE_ERROR  /* source_error() says what; the partition gives nothing more */
};

struct source_partition {
	const char *source;  /* "kafka", "file", "stdin", "follow" */
	const char *topic;   /* topic name, or the file's path as given; for followed files the path */
	int32_t partition;   /* Kafka partition number; 0 for files. */
	int64_t next_offset; /* next record to be read; kept by the source */
	int64_t inode;       /* followed files: the inode that next_offset belongs to; else 0 */
	int64_t size;        /* end offset if known (bytes, high watermark), for progress and lag; else -1 */
	int64_t read_bytes;  /* files: bytes read of the file as it lies on the disk, packed or not; else 0 */
	int64_t total_bytes; /* files: how many it has; -1 where that is not known, and for Kafka */
};

/* Partitions are only ever appended; indices stay. New ones may appear whenever source_wait() or
 * source_read() returned. */
uint32_t source_count(const struct source *source);
const struct source_partition *source_partition(const struct source *source, uint32_t partition);

/* Where the store left off: must be called once per partition before its first read, for every
 * partition that the store knows (others start at their beginning, Kafka's earliest). inode: 0, or for a
 * followed file that in which `next_offset` was counted: it finishes the rotated file first if that still
 * can be found beside the path. */
void source_seek(struct source *source, uint32_t partition, int64_t next_offset, int64_t inode);

/* Fills the cleared batch with up to a few thousand consecutive records of one partition. Does not block. */
enum source_state source_read(struct source *source, uint32_t partition, struct batch *batch);

/* Blocks until a partition may have something new, at most `milliseconds`. Also runs the source's
 * housekeeping (broker events, new partitions, rotation). */
void source_wait(struct source *source, int milliseconds);

/* Tells the source that everything before the offset is committed in the store: Kafka gets it for lag
 * monitors. Asynchronous; failures are only logged. */
void source_committed(struct source *source, uint32_t partition, int64_t next_offset);

/* Takes one line of note for the operator ("brokers unreachable: ...; retrying"), or NULL. Owned by the
 * source, valid until the next call of it. Call until NULL after each wait. */
const char *source_notice(struct source *source);

/* What keeps lines from being read at present ("the Kafka brokers cannot be reached"; a partition that failed), or NULL.
 * Owned by the source, valid until the next call of it. */
const char *source_trouble(const struct source *source);

/* The text of the last error, never NULL. */
const char *source_error(const struct source *source);

/* True where every partition is at SOURCE_END or SOURCE_ERROR and no new partition can appear. */
bool source_finished(const struct source *source);

/* Batches that it filled must have been cleared before. Clears *source; NULL is accepted. */
void source_free(struct source **source);

/* Kafka. Topics: names, or patterns that begin with '^' (POSIX extended, as librdkafka has them).
 * properties: "name=value" strings, handed to librdkafka in order, after our own defaults.
 * until_end: stop each partition at the high watermark that it had at start; later ones are then not
 * picked up. Returns NULL and sets *error (malloc'ed, caller frees) for bad properties; a broker that
 * cannot be reached is no error: the source waits, and says so once by source_notice(). */
struct source *source_kafka_new(const char *brokers, const char *const *topics, const char *group,
                                const char *const *properties, bool until_end, char **error);

/* Files, each a partition, plain or .gz (told by content); "-" is standard input. NULL and *error where one
 * cannot be opened: all are tried first. Standard input and pipes cannot be read again: source_seek() does
 * nothing to them, their offsets count from what is there now. */
struct source *source_files_new(const char *const *paths, char **error);

/* One followed file per path: read to its end, then what is appended, across rename-and-create rotation,
 * copytruncate and a file that does not exist yet. until_end: stop at the end that is there. */
struct source *source_follow_new(const char *const *paths, bool until_end, char **error);

#endif
