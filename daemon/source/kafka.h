/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the Kafka source share. kafka.c reads the partitions,
 * kafka_take.c judges what comes, kafka_client.c makes the two clients and hears
 * their complaints, kafka_scout.c looks for partitions in a thread of its own.
 * The owner's thread has all but what stands behind the lock.
 *
 * Two clients, because the scout's questions block, and because the reader's
 * limits of memory are divided among the partitions, whose number the scout
 * knows first.
 */
#ifndef MAILSTORM_SOURCE_KAFKA_H
#define MAILSTORM_SOURCE_KAFKA_H

#include <librdkafka/rdkafka.h>

#include "daemon/source/backend.h"
#include "daemon/source/position.h"

#define KAFKA_BATCH 4096           /* records of one batch at most */
#define KAFKA_PATIENCE 30000       /* milliseconds without a record that should be there, until that is told */
#define KAFKA_PAUSE 1000           /* milliseconds between two tries, and between two commits */
#define KAFKA_GOODBYE 3            /* seconds, see kafka_client_free() */
#define KAFKA_POKE 20              /* milliseconds between two pokes */
#define KAFKA_MEMORY (256LL << 20) /* bytes fetched ahead, in all partitions */

struct kafka_messages {
	rd_kafka_message_t **items;
	size_t count;
	size_t next; /* those before it are used */
};

struct kafka_partition {
	rd_kafka_queue_t *queue; /* NULL until it is assigned */
	struct position position;
	struct kafka_messages stash; /* were fetched, and wait for a batch of their own */
	enum source_state state;     /* SOURCE_END and SOURCE_ERROR stay */
	int64_t low;                 /* where it began, of until_end */
	int64_t end;                 /* where until_end stops; else INT64_MAX */
	int64_t restart_at;          /* source_clock() from when it may be assigned anew; 0: it is assigned */
	int64_t waiting_since;       /* for records that should be there; 0: not */
	int64_t committed;
	int64_t damaged_at; /* offset of the last report of damage, and how often it came in a row */
	unsigned damaged_times;
	bool at_end; /* the broker said so, and no record came since */
	bool gone;   /* the broker does not know it, or does not let us */
	bool stuck;  /* it was told that it waits */
	bool dry;    /* nothing was there while no broker answered */
	bool unsent; /* `committed` is still to be sent to the broker */
};

struct kafka_found {
	struct kafka_found *next;
	char *topic;
	int32_t partition;
	int64_t low; /* watermarks, asked for only where until_end */
	int64_t high;
};

struct kafka {
	struct source source;
	char *brokers;
	char *group;
	char **topics;     /* names and patterns, NULL-terminated */
	char **properties; /* NULL-terminated */
	bool until_end;
	int wakeup;                         /* eventfd: a queue has something, the scout found something */
	rd_kafka_t *reader;                 /* NULL until partitions were found */
	rd_kafka_queue_t *events;           /* of the reader, all but records */
	struct kafka_partition *partitions; /* beside source.partitions */
	uint32_t capacity;
	rd_kafka_message_t *fetched[KAFKA_BATCH];
	int64_t looked_at;    /* source_clock() of the last look at watermarks */
	int64_t poked_at;     /* of the last kafka_poke() */
	int64_t committed_at; /* of the last commit */
	bool committing;      /* one is under way */
	bool commit_failed;   /* it was told */
	bool fatal;           /* source_error() tells of the client as a whole */
	bool hole_told;

	struct kafka_scout *scout;
	pthread_mutex_t lock; /* of what follows */
	struct kafka_found *found;
	struct kafka_found **last_found;
	bool scouted;      /* until_end: no partition will be found any more */
	bool down;         /* it was told that no broker answers */
	char trouble[512]; /* what a broker's connection complained of last */
};

/* Fills the batch from messages, until they are used up or a gap must stand before one. */
void kafka_fill(struct kafka *kafka, uint32_t index, struct kafka_messages *messages, struct batch *batch);

/* Destroys the messages that were not used. */
void kafka_drop(struct kafka_messages *messages);

/* The partition gives nothing more; why becomes the error. Returns SOURCE_ERROR. */
enum source_state kafka_give_up(struct kafka *kafka, uint32_t index, const char *why);

/* Takes the partition off the client; it is assigned anew, from its beginning, at restart_at. */
void kafka_unassign(struct kafka *kafka, uint32_t index);

/* Makes the client. partitions: among how many memory is divided; 0 for the scout's, which reads nothing. NULL and
 * *error (malloc'ed) for a property that librdkafka does not take. */
rd_kafka_t *kafka_client_new(struct kafka *kafka, uint32_t partitions, char **error);

/* Waits KAFKA_GOODBYE seconds at most. False: it is still at it, and the struct kafka it was made with must stay. So it
 * is in librdkafka 2.0.2 for half a minute while a commit waits for a broker, and for ever where a topic was deleted
 * that was read. NULL is accepted. */
bool kafka_client_free(rd_kafka_t *client);

/* The interval of looking for partitions: topic.metadata.refresh.interval.ms, ours or the user's. */
int64_t kafka_client_interval(rd_kafka_t *client);

/* No broker answers, or one does again: tells it once. From any thread. */
void kafka_down(struct kafka *kafka, const char *why);
void kafka_up(struct kafka *kafka);

/* Wakes the owner. From any thread. */
void kafka_wake(struct kafka *kafka);

/* Starts looking, as kafka->scout. False and *error for a bad pattern or property. Stopping waits for the question
 * that is asked just then, seconds at most. False as kafka_client_free(). */
bool kafka_scout_start(struct kafka *kafka, char **error);
bool kafka_scout_stop(struct kafka *kafka);

/* The scout looks again soon. */
void kafka_scout_hurry(struct kafka_scout *scout);

#endif
