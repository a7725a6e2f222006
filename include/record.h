/* SPDX-License-Identifier: Apache-2.0
 *
 * A record is what a source hands on: bytes and where they stood. A batch is
 * a run of consecutive records of ONE partition, in the source's own order,
 * with the memory that the records point into. The source fills batches, the
 * pipeline owns them and gives them back; nothing in a batch outlives it.
 */
#ifndef MAILSTORM_RECORD_H
#define MAILSTORM_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "slice.h"

struct record {
	struct slice bytes; /* one Kafka message value, or one line without its newline */
	int64_t offset;     /* Kafka: message offset. File: byte offset of the line's beginning */
	int64_t timestamp;  /* microseconds since 1970 UTC: the Kafka message's time stamp, or the file's
	                     * modification time; 0 where the source has none. It tells the YEAR of a
	                     * time stamp without one, nothing else */
};

struct batch {
	uint32_t partition; /* index in the source's partition table (source.h) */
	uint32_t count;     /* records in use */
	uint32_t capacity;  /* records allocated */
	struct record *records;
	int64_t next_offset; /* where to read on once all records of this batch are taken in */
	int64_t inode;       /* followed files: the inode that next_offset is counted in; else 0. A batch
	                          * is of one inode; what is stored with next_offset goes to source_seek() */
	int64_t gap;         /* offsets (messages) or bytes that are missing BEFORE this batch's first
	                          * record: deleted from the topic, or a file that was truncated; 0 = none.
	                          * 1 also where it is not known how many, which a notice then says.
	                          * A source ends a batch early so that a gap always stands before one */
	char *memory;        /* what the slices point into, where the batch owns it; else NULL */
	size_t memory_size;
	void *held;                      /* what the source must release with the batch (Kafka messages), else NULL */
	void (*release)(struct batch *); /* sets held to NULL and count to 0; NULL where nothing is held */
};

/* An empty batch. Never fails (aborts when out of memory). */
struct batch *batch_new(void);

/* Releases what is held and forgets the records; keeps the memory for the next filling. */
void batch_clear(struct batch *batch);

/* batch_clear, then frees all. Clears *batch; NULL is accepted. */
void batch_free(struct batch **batch);

/* Appends a record whose bytes stay valid until batch_clear(). */
void batch_append(struct batch *batch, struct record record);

#endif
