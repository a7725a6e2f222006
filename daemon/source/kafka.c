/* SPDX-License-Identifier: Apache-2.0
 *
 * The source of Kafka topics. Every partition is assigned directly, from the
 * place of the store or from its beginning, and read from a queue of its own;
 * one that is not read is held back by that alone. librdkafka 2.0.2 loses or
 * repeats records where batches are read beside pause, resume or seek: none
 * of them is used, and every offset is checked against the one expected. A
 * broker that is away is waited for; what a partition suffers is its own.
 */
#include "daemon/source/kafka.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "daemon/base/memory.h"

static bool kafka_is_down(struct kafka *kafka)
{
	bool down;

	pthread_mutex_lock(&kafka->lock);
	down = kafka->down;
	pthread_mutex_unlock(&kafka->lock);
	return down;
}

static rd_kafka_topic_partition_list_t *kafka_list(const struct source_partition *table, int64_t offset)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);

	rd_kafka_topic_partition_list_add(list, table->topic, table->partition)->offset = offset;
	return list;
}

enum source_state kafka_give_up(struct kafka *kafka, uint32_t index, const char *why)
{
	const struct source_partition *table = kafka->source.partitions[index];

	kafka->partitions[index].state = SOURCE_ERROR;
	return source_fail(&kafka->source, "Kafka topic %s partition %" PRId32 ": %s", table->topic, table->partition,
	                   why);
}

/* The queue must be ours before the first record comes, or records go to the client's own. */
static bool kafka_assign(struct kafka *kafka, uint32_t index, int64_t offset)
{
	static const uint64_t one = 1;
	const struct source_partition *table = kafka->source.partitions[index];
	struct kafka_partition *partition = &kafka->partitions[index];
	rd_kafka_topic_partition_list_t *list = kafka_list(table, offset);
	rd_kafka_error_t *error;

	if (partition->queue)
		rd_kafka_queue_destroy(partition->queue);
	partition->queue = rd_kafka_queue_get_partition(kafka->reader, table->topic, table->partition);
	rd_kafka_queue_forward(partition->queue, NULL);
	rd_kafka_queue_io_event_enable(partition->queue, kafka->wakeup, &one, sizeof(one));
	error = rd_kafka_incremental_assign(kafka->reader, list);
	rd_kafka_topic_partition_list_destroy(list);
	partition->restart_at = 0;
	if (!error)
		return true;
	kafka_give_up(kafka, index, rd_kafka_error_string(error));
	rd_kafka_error_destroy(error);
	return false;
}

void kafka_unassign(struct kafka *kafka, uint32_t index)
{
	struct kafka_partition *partition = &kafka->partitions[index];
	rd_kafka_topic_partition_list_t *list = kafka_list(kafka->source.partitions[index], RD_KAFKA_OFFSET_INVALID);
	rd_kafka_error_t *error = rd_kafka_incremental_unassign(kafka->reader, list);

	rd_kafka_topic_partition_list_destroy(list);
	partition->at_end = false;
	partition->restart_at = source_clock() + (partition->position.reset ? KAFKA_PAUSE : 1);
	partition->position.reset = true;
	if (!error)
		return;
	kafka_give_up(kafka, index, rd_kafka_error_string(error));
	rd_kafka_error_destroy(error);
}

/* The first read: from the place of the store, or from the beginning. False: nothing is to be read. */
static bool kafka_begin(struct kafka *kafka, uint32_t index)
{
	struct kafka_partition *partition = &kafka->partitions[index];
	struct source_partition *table = kafka->source.partitions[index];
	int64_t next = partition->position.next;

	if (kafka->until_end && next > partition->end) {
		source_note(&kafka->source,
		            "Kafka topic %s partition %" PRId32 ": was read to offset %" PRId64
		            " before, but ends at %" PRId64
		            ": it was made anew or has lost its end; read from its beginning",
		            table->topic, table->partition, next, partition->end);
		next = -1;
		table->next_offset = partition->low;
		position_move(&partition->position, next);
	}
	if (kafka->until_end && (next == partition->end || (next < 0 && partition->low >= partition->end))) {
		partition->state = SOURCE_END;
		table->next_offset = partition->end;
		return false;
	}
	/* Where it begins is known: librdkafka would ask for it anew, half a second after it has found no leader at once. */
	if (next < 0)
		next = kafka->until_end ? partition->low : RD_KAFKA_OFFSET_BEGINNING;
	return kafka_assign(kafka, index, next);
}

static void kafka_open(struct kafka *kafka, uint32_t partitions)
{
	static const uint64_t one = 1;
	char *error = NULL;

	kafka->reader = kafka_client_new(kafka, partitions, &error);
	if (!kafka->reader) {
		source_fail(&kafka->source, "%s", error);
		free(error);
		kafka->fatal = true;
		return;
	}
	rd_kafka_poll_set_consumer(kafka->reader);
	kafka->events = rd_kafka_queue_get_consumer(kafka->reader);
	rd_kafka_queue_io_event_enable(kafka->events, kafka->wakeup, &one, sizeof(one));
}

/* Takes over what the scout found. */
static void kafka_adopt(struct kafka *kafka)
{
	struct kafka_found *found;
	uint32_t count = 0;

	pthread_mutex_lock(&kafka->lock);
	found = kafka->found;
	kafka->found = NULL;
	kafka->last_found = &kafka->found;
	pthread_mutex_unlock(&kafka->lock);
	for (struct kafka_found *each = found; each; each = each->next)
		count++;
	if (count > 0 && !kafka->reader && !kafka->fatal)
		kafka_open(kafka, count);
	while (found) {
		struct kafka_found *next = found->next;
		struct source_partition *table;

		MEMORY_GROW(kafka->partitions, kafka->source.count, kafka->capacity);
		kafka->partitions[kafka->source.count] = (struct kafka_partition){
			.position.next = -1,
			.state = SOURCE_BUSY,
			.low = found->low,
			.end = kafka->until_end ? found->high : INT64_MAX,
		};
		table = source_add(&kafka->source, "kafka", found->topic, found->partition);
		if (kafka->until_end)
			table->size = found->high;
		free(found->topic);
		free(found);
		found = next;
	}
}

static void kafka_seek(struct source *source, uint32_t index, int64_t next_offset, int64_t inode)
{
	struct kafka *kafka = (struct kafka *)source;

	(void)inode;
	assert(!kafka->partitions[index].queue);
	position_move(&kafka->partitions[index].position, next_offset);
	source->partitions[index]->next_offset = next_offset;
}

/* librdkafka fetches no more for a partition whose queue is full, and its broker's thread may then sleep for a second,
 * though the queue has run empty meanwhile (it has no setting for that before version 2.2). Any request wakes it; of this
 * one no answer is needed. */
static void kafka_poke(struct kafka *kafka, const struct source_partition *table)
{
	rd_kafka_topic_partition_list_t *list;

	if (source_clock() - kafka->poked_at < KAFKA_POKE)
		return;
	list = rd_kafka_topic_partition_list_new(1);
	rd_kafka_topic_partition_list_add(list, table->topic, table->partition)->offset = INT64_MAX;
	rd_kafka_offsets_for_times(kafka->reader, list, 1);
	rd_kafka_topic_partition_list_destroy(list);
	kafka->poked_at = source_clock();
}

/* Nothing came. SOURCE_BUSY where something must be there; not forever, so that a partition without a broker does not
 * hold up the others. */
static enum source_state kafka_nothing(struct kafka *kafka, uint32_t index)
{
	struct kafka_partition *partition = &kafka->partitions[index];
	const struct source_partition *table = kafka->source.partitions[index];
	int64_t low;
	int64_t high = -1;
	bool down = kafka_is_down(kafka);

	if (partition->dry && !down) /* its patience begins when a broker answers again */
		partition->waiting_since = 0;
	partition->dry = down;
	rd_kafka_get_watermark_offsets(kafka->reader, table->topic, table->partition, &low, &high);
	/* An offset beyond the end has a reset to come. */
	if (partition->at_end || (!partition->position.reset && high >= 0 && partition->position.next == high)) {
		partition->waiting_since = 0;
		return SOURCE_IDLE;
	}
	if (partition->waiting_since == 0)
		partition->waiting_since = source_clock();
	if (!down && partition->position.next >= 0 && high > partition->position.next &&
	    source_clock() - partition->waiting_since < KAFKA_PAUSE)
		kafka_poke(kafka, table);
	/* An outage is everybody's: what was fetched before must not run ahead. */
	if (partition->dry || source_clock() - partition->waiting_since < KAFKA_PATIENCE)
		return SOURCE_BUSY;
	if (!partition->stuck && !partition->gone)
		source_note(&kafka->source,
		            "Kafka topic %s partition %" PRId32 ": nothing comes at offset %" PRId64
		            " since %d seconds; others are "
		            "read on",
		            table->topic, table->partition, table->next_offset, KAFKA_PATIENCE / 1000);
	partition->stuck = true;
	return SOURCE_IDLE;
}

/* A partition has records again. Others that waited so long may have suffered the same, and follow. */
static void kafka_again(struct kafka *kafka, uint32_t index)
{
	const struct source_partition *table = kafka->source.partitions[index];

	if (!kafka->partitions[index].gone)
		source_note(&kafka->source, "Kafka topic %s partition %" PRId32 ": records come again", table->topic,
		            table->partition);
	for (uint32_t i = 0; i < kafka->source.count; i++) {
		kafka->partitions[i].stuck = false;
		kafka->partitions[i].waiting_since = 0;
	}
}

static void kafka_look_at_size(struct kafka *kafka, uint32_t index)
{
	struct source_partition *table = kafka->source.partitions[index];
	int64_t low;
	int64_t high;

	if (!kafka->until_end &&
	    !rd_kafka_get_watermark_offsets(kafka->reader, table->topic, table->partition, &low, &high) && high >= 0)
		table->size = high;
}

/* Fetched messages that did not fit into this batch wait for the next. */
static void kafka_stash(struct kafka_partition *partition, struct kafka_messages *messages)
{
	size_t count = messages->count - messages->next;

	if (count == 0)
		return;
	partition->stash.items = memory_resized(NULL, count, sizeof(*partition->stash.items));
	memcpy(partition->stash.items, messages->items + messages->next, count * sizeof(*messages->items));
	partition->stash.count = count;
	partition->stash.next = 0;
}

static void kafka_fetch(struct kafka *kafka, uint32_t index, struct batch *batch)
{
	struct kafka_partition *partition = &kafka->partitions[index];
	struct kafka_messages fresh = {kafka->fetched, 0, 0};
	ssize_t count;

	if (partition->stash.items) {
		kafka_fill(kafka, index, &partition->stash, batch);
		if (partition->stash.next < partition->stash.count)
			return;
		free(partition->stash.items);
		partition->stash = (struct kafka_messages){NULL, 0, 0};
		return;
	}
	count = rd_kafka_consume_batch_queue(partition->queue, 0, kafka->fetched, KAFKA_BATCH);
	fresh.count = count > 0 ? (size_t)count : 0;
	kafka_fill(kafka, index, &fresh, batch);
	kafka_stash(partition, &fresh);
}

static enum source_state kafka_read(struct source *source, uint32_t index, struct batch *batch)
{
	struct kafka *kafka = (struct kafka *)source;
	struct kafka_partition *partition;

	kafka_adopt(kafka);
	partition = &kafka->partitions[index];
	if (kafka->fatal)
		return SOURCE_ERROR;
	if (partition->state == SOURCE_BUSY && !partition->queue && !kafka_begin(kafka, index))
		return partition->state;
	if (partition->state != SOURCE_BUSY)
		return partition->state;
	if (partition->restart_at && partition->restart_at > source_clock())
		return kafka_nothing(kafka, index);
	if (partition->restart_at && !kafka_assign(kafka, index, RD_KAFKA_OFFSET_BEGINNING))
		return partition->state;
	kafka_fetch(kafka, index, batch);
	if (batch->count > 0 || batch->gap > 0) {
		if (partition->stuck)
			kafka_again(kafka, index);
		if (partition->dry)
			kafka_up(kafka);
		partition->dry = false;
		partition->gone = false;
		partition->waiting_since = 0;
		kafka_look_at_size(kafka, index);
		return SOURCE_READY;
	}
	if (kafka->fatal)
		return SOURCE_ERROR;
	return partition->state == SOURCE_BUSY ? kafka_nothing(kafka, index) : partition->state;
}

/* One commit at a time: librdkafka starts no partition while one is under way. */
static void kafka_commit(struct kafka *kafka)
{
	rd_kafka_topic_partition_list_t *list;
	rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;

	if (!kafka->reader || kafka->committing || source_clock() - kafka->committed_at < KAFKA_PAUSE ||
	    kafka_is_down(kafka))
		return;
	list = rd_kafka_topic_partition_list_new(16);
	for (uint32_t i = 0; i < kafka->source.count; i++) {
		struct kafka_partition *partition = &kafka->partitions[i];
		const struct source_partition *table = kafka->source.partitions[i];

		if (partition->unsent)
			rd_kafka_topic_partition_list_add(list, table->topic, table->partition)->offset =
				partition->committed;
		partition->unsent = false;
	}
	if (list->cnt > 0) {
		code = rd_kafka_commit(kafka->reader, list, 1);
		kafka->committing = code == RD_KAFKA_RESP_ERR_NO_ERROR;
		kafka->committed_at = source_clock();
	}
	rd_kafka_topic_partition_list_destroy(list);
	if (code && !kafka->commit_failed)
		source_note(&kafka->source, "Kafka: the offsets of group %s could not be committed: %s", kafka->group,
		            rd_kafka_err2str(code));
	kafka->commit_failed |= code != RD_KAFKA_RESP_ERR_NO_ERROR;
}

static void kafka_committed(struct source *source, uint32_t index, int64_t next_offset)
{
	struct kafka_partition *partition = &((struct kafka *)source)->partitions[index];

	partition->unsent |= partition->committed != next_offset;
	partition->committed = next_offset;
}

/* The client's own queue: callbacks, complaints without a partition, and no records. */
static void kafka_serve(struct kafka *kafka)
{
	rd_kafka_message_t *message;

	while (kafka->reader && (message = rd_kafka_consumer_poll(kafka->reader, 0))) {
		if (message->err)
			source_note(&kafka->source, "Kafka: %s", rd_kafka_message_errstr(message));
		assert(message->err);
		rd_kafka_message_destroy(message);
	}
}

static void kafka_wait(struct source *source, int milliseconds)
{
	struct kafka *kafka = (struct kafka *)source;
	struct pollfd ready = {.fd = kafka->wakeup, .events = POLLIN};
	uint64_t count;

	kafka_serve(kafka);
	if (poll(&ready, 1, milliseconds < KAFKA_PAUSE ? milliseconds : KAFKA_PAUSE) > 0 &&
	    read(kafka->wakeup, &count, sizeof(count)) < 0)
		assert(errno == EAGAIN || errno == EINTR);
	kafka_serve(kafka);
	kafka_adopt(kafka);
	kafka_commit(kafka);
	if (!kafka->reader || source_clock() - kafka->looked_at < KAFKA_PAUSE)
		return;
	kafka->looked_at = source_clock();
	for (uint32_t i = 0; i < source->count; i++)
		kafka_look_at_size(kafka, i);
}

static const char *kafka_trouble(const struct source *source)
{
	struct kafka *kafka = (struct kafka *)source;

	if (kafka_is_down(kafka))
		return "the Kafka brokers cannot be reached";
	for (uint32_t i = 0; i < source->count; i++)
		if (kafka->partitions[i].state == SOURCE_ERROR)
			return source_error(source);
	return kafka->fatal ? source_error(source) : NULL;
}

static bool kafka_finished(const struct source *source)
{
	struct kafka *kafka = (struct kafka *)source;
	bool finished;

	if (kafka->fatal)
		return true;
	pthread_mutex_lock(&kafka->lock);
	finished = kafka->scouted && !kafka->found;
	pthread_mutex_unlock(&kafka->lock);
	for (uint32_t i = 0; finished && i < source->count; i++)
		finished = kafka->partitions[i].state == SOURCE_END || kafka->partitions[i].state == SOURCE_ERROR;
	return finished;
}

static void kafka_free_strings(char **strings)
{
	for (size_t i = 0; strings[i]; i++)
		free(strings[i]);
	free(strings);
}

/* The last offsets get a moment; the client is not asked to leave the group, which it never joined. */
static bool kafka_close(struct kafka *kafka)
{
	int64_t until = source_clock() + KAFKA_PAUSE;

	for (;;) {
		kafka->committed_at = 0;
		kafka_commit(kafka);
		if (!kafka->committing || kafka_is_down(kafka) || source_clock() >= until)
			break;
		kafka_serve(kafka);
		poll(NULL, 0, 10);
	}
	for (uint32_t i = 0; i < kafka->source.count; i++) {
		kafka_drop(&kafka->partitions[i].stash);
		free(kafka->partitions[i].stash.items);
		if (kafka->partitions[i].queue)
			rd_kafka_queue_destroy(kafka->partitions[i].queue);
	}
	if (kafka->events)
		rd_kafka_queue_destroy(kafka->events);
	return kafka_client_free(kafka->reader);
}

static void kafka_free(struct source *source)
{
	struct kafka *kafka = (struct kafka *)source;
	bool gone = kafka_scout_stop(kafka);

	if (!kafka_close(kafka) || !gone)
		return; /* left to a client that still may speak of it */
	while (kafka->found) {
		struct kafka_found *next = kafka->found->next;

		free(kafka->found->topic);
		free(kafka->found);
		kafka->found = next;
	}
	if (kafka->wakeup >= 0)
		close(kafka->wakeup);
	free(kafka->partitions);
	free(kafka->brokers);
	free(kafka->group);
	kafka_free_strings(kafka->topics);
	kafka_free_strings(kafka->properties);
	pthread_mutex_destroy(&kafka->lock);
	source_release(source);
	free(kafka);
}

static const struct source_backend kafka_backend = {
	.seek = kafka_seek,
	.read = kafka_read,
	.wait = kafka_wait,
	.committed = kafka_committed,
	.trouble = kafka_trouble,
	.finished = kafka_finished,
	.free = kafka_free,
};

static char **kafka_copy_strings(const char *const *strings)
{
	size_t count = 0;
	char **copy;

	while (strings && strings[count])
		count++;
	copy = memory_zeroed(count + 1, sizeof(*copy));
	for (size_t i = 0; i < count; i++)
		copy[i] = memory_string(strings[i], strlen(strings[i]));
	return copy;
}

struct source *source_kafka_new(const char *brokers, const char *const *topics, const char *group,
                                const char *const *properties, bool until_end, char **error)
{
	struct kafka *kafka = memory_zeroed(1, sizeof(*kafka));

	*error = NULL;
	if (!group || !*group)
		group = "mailstorm";
	source_prepare(&kafka->source, &kafka_backend);
	pthread_mutex_init(&kafka->lock, NULL);
	kafka->brokers = brokers ? memory_string(brokers, strlen(brokers)) : NULL;
	kafka->group = memory_string(group, strlen(group));
	kafka->topics = kafka_copy_strings(topics);
	kafka->properties = kafka_copy_strings(properties);
	kafka->until_end = until_end;
	kafka->last_found = &kafka->found;
	kafka->wakeup = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (kafka->wakeup < 0)
		*error = source_text("Kafka: %s", strerror(errno));
	if (kafka->wakeup >= 0 && kafka_scout_start(kafka, error))
		return &kafka->source;
	kafka_free(&kafka->source);
	return NULL;
}
