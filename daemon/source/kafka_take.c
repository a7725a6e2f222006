/* SPDX-License-Identifier: Apache-2.0
 *
 * What comes out of a partition's queue: records, the word that there are no
 * more, the word that the place is out of the broker's range, reports of
 * damage. Each is judged by its offset; records go into the batch as they lie
 * in librdkafka's memory. A partition whose damage does not pass is given up.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "daemon/base/memory.h"
#include "daemon/source/kafka.h"

#define DAMAGE_TIMES 10 /* reports of the same damage in a row, until the partition is given up */

struct kafka_held {
	size_t count;
	rd_kafka_message_t *messages[];
};

static void kafka_release(struct batch *batch)
{
	struct kafka_held *held = batch->held;

	for (size_t i = 0; i < held->count; i++)
		rd_kafka_message_destroy(held->messages[i]);
	free(held);
	batch->held = NULL;
	batch->count = 0;
}

void kafka_drop(struct kafka_messages *messages)
{
	while (messages->next < messages->count)
		rd_kafka_message_destroy(messages->items[messages->next++]);
}

static void kafka_tell_anew(struct kafka *kafka, uint32_t index, int64_t begins)
{
	const struct source_partition *table = kafka->source.partitions[index];

	source_note(&kafka->source,
	            "Kafka topic %s partition %" PRId32 ": offset %" PRId64
	            " is not of it, it was made anew or has lost its "
	            "end; read from its beginning at offset %" PRId64,
	            table->topic, table->partition, table->next_offset, begins);
}

static void kafka_tell_hole(struct kafka *kafka, uint32_t index, int64_t hole)
{
	const struct source_partition *table = kafka->source.partitions[index];

	if (hole > 0 && !kafka->hole_told)
		source_note(&kafka->source,
		            "Kafka topic %s partition %" PRId32 ": no records at %" PRId64 " offsets from %" PRId64
		            ", which the "
		            "broker has not deleted: compaction or transactions; this is not told again",
		            table->topic, table->partition, hole, table->next_offset);
	kafka->hole_told |= hole > 0;
}

/* Goes to an offset that came: a record's, or the end's. False: it must come again, for the next batch. *again: it was
 * there before. */
static bool kafka_go(struct kafka *kafka, uint32_t index, int64_t offset, struct batch *batch, bool *again)
{
	struct kafka_partition *partition = &kafka->partitions[index];
	int64_t missing;
	int64_t hole;
	enum position_verdict verdict = position_judge(&partition->position, offset, &missing, &hole);

	*again = verdict == POSITION_AGAIN;
	if (*again)
		return true;
	if ((verdict == POSITION_GAP || verdict == POSITION_ANEW) && batch->count > 0)
		return false;
	if (verdict == POSITION_ANEW)
		kafka_tell_anew(kafka, index, offset);
	kafka_tell_hole(kafka, index, hole);
	batch->gap += missing;
	position_move(&partition->position, offset);
	kafka->source.partitions[index]->next_offset = offset;
	return true;
}

/* Everything before until_end's end was given. */
static void kafka_end(struct kafka *kafka, uint32_t index)
{
	struct kafka_partition *partition = &kafka->partitions[index];
	struct source_partition *table = kafka->source.partitions[index];

	partition->state = SOURCE_END;
	if (table->next_offset < partition->end)
		table->next_offset = partition->end;
}

/* The broker has no more. */
static bool kafka_take_end(struct kafka *kafka, uint32_t index, int64_t offset, struct batch *batch)
{
	const struct source_partition *table = kafka->source.partitions[index];
	struct kafka_partition *partition = &kafka->partitions[index];
	int64_t low;
	int64_t high;
	bool again;

	if (!kafka_go(kafka, index, offset < partition->end ? offset : partition->end, batch, &again))
		return false;
	partition->at_end = !again;
	partition->gone = false;
	if (offset >= partition->end) {
		kafka_end(kafka, index);
	} else if (kafka->until_end && !again &&
	           !rd_kafka_get_watermark_offsets(kafka->reader, table->topic, table->partition, &low, &high) &&
	           high >= 0 && high <= offset) {
		source_note(&kafka->source,
		            "Kafka topic %s partition %" PRId32 ": ends at offset %" PRId64 ", but ended at %" PRId64
		            " before",
		            table->topic, table->partition, offset, partition->end);
		partition->state = SOURCE_END;
	}
	return true;
}

static void kafka_take_damage(struct kafka *kafka, uint32_t index, const rd_kafka_message_t *message)
{
	const struct source_partition *table = kafka->source.partitions[index];
	struct kafka_partition *partition = &kafka->partitions[index];
	const char *text = rd_kafka_message_errstr(message);

	partition->position.damage = true;
	if (partition->damaged_times == 0 || partition->damaged_at != message->offset) {
		source_note(&kafka->source, "Kafka topic %s partition %" PRId32 ": %s", table->topic, table->partition,
		            text);
		partition->damaged_times = 0;
		partition->damaged_at = message->offset;
	}
	if (++partition->damaged_times >= DAMAGE_TIMES)
		kafka_give_up(kafka, index, text);
}

/* What stands in the queue in a record's place. False as in kafka_go(). */
static bool kafka_take_event(struct kafka *kafka, uint32_t index, const rd_kafka_message_t *message,
                             struct batch *batch)
{
	struct kafka_partition *partition = &kafka->partitions[index];
	const struct source_partition *table = kafka->source.partitions[index];

	switch (message->err) {
	case RD_KAFKA_RESP_ERR__PARTITION_EOF: return kafka_take_end(kafka, index, message->offset, batch);
	case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
		if (!partition->restart_at)
			kafka_unassign(kafka, index);
		return true;
	case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
	case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
	case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
	case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
		if (kafka->until_end)
			kafka_give_up(kafka, index, rd_kafka_message_errstr(message));
		else if (!partition->gone)
			source_note(&kafka->source, "Kafka topic %s partition %" PRId32 ": %s; trying on", table->topic,
			            table->partition, rd_kafka_message_errstr(message));
		partition->gone = true;
		return true;
	default: /* without an offset: of a commit that failed, which is told elsewhere */
		if (message->offset >= 0)
			kafka_take_damage(kafka, index, message);
		return true;
	}
}

static bool kafka_take_record(struct kafka *kafka, uint32_t index, rd_kafka_message_t *message, struct batch *batch,
                              struct kafka_held *held)
{
	struct kafka_partition *partition = &kafka->partitions[index];
	rd_kafka_timestamp_type_t kind;
	int64_t timestamp = rd_kafka_message_timestamp(message, &kind);
	const char *bytes = message->payload ? message->payload : "";
	bool again;

	if (message->offset >= partition->end) {
		kafka_end(kafka, index);
		rd_kafka_message_destroy(message);
		return true;
	}
	if (!kafka_go(kafka, index, message->offset, batch, &again))
		return false;
	if (again) {
		rd_kafka_message_destroy(message);
		return true;
	}
	position_move(&partition->position, message->offset + 1);
	kafka->source.partitions[index]->next_offset = message->offset + 1;
	partition->at_end = false;
	partition->damaged_times = 0;
	held->messages[held->count++] = message;
	batch_append(batch,
	             (struct record){{bytes, message->payload ? message->len : 0},
	                             message->offset,
	                             kind == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE || timestamp < 0 ? 0 : timestamp * 1000});
	if (message->offset + 1 >= partition->end)
		kafka_end(kafka, index);
	return true;
}

void kafka_fill(struct kafka *kafka, uint32_t index, struct kafka_messages *messages, struct batch *batch)
{
	const struct kafka_partition *partition = &kafka->partitions[index];
	size_t count = messages->count - messages->next;
	struct kafka_held *held = memory_checked(malloc(sizeof(*held) + count * sizeof(held->messages[0])));

	held->count = 0;
	while (messages->next < messages->count && partition->state == SOURCE_BUSY && !partition->restart_at) {
		rd_kafka_message_t *message = messages->items[messages->next];

		if (message->err) {
			if (!kafka_take_event(kafka, index, message, batch))
				break;
			rd_kafka_message_destroy(message);
		} else if (!kafka_take_record(kafka, index, message, batch, held)) {
			break;
		}
		messages->next++;
	}
	if (partition->state != SOURCE_BUSY || partition->restart_at)
		kafka_drop(messages);
	batch->next_offset = kafka->source.partitions[index]->next_offset;
	if (held->count == 0) {
		free(held);
		return;
	}
	batch->held = held;
	batch->release = kafka_release;
}
