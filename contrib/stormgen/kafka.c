/* SPDX-License-Identifier: Apache-2.0
 *
 * Producing lines to Kafka: one message a line, no newline. The partition is
 * chosen here, by the key's host or by turns or at random, so that a run is the
 * same with any librdkafka. The topic is made if it does not exist. A message
 * that cannot be delivered is an error of the run.
 */
#define _GNU_SOURCE
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>

#include "sink.h"
#include "text.h"

struct kafka {
	rd_kafka_t *client;
	rd_kafka_topic_t *topic;
	int64_t key;
	int32_t partitions, turn;
	uint64_t random;
	uint64_t failed;
	rd_kafka_resp_err_t first_error;
};

static void on_report(rd_kafka_t *client, const rd_kafka_message_t *message, void *opaque)
{
	struct kafka *kafka = opaque;

	(void)client;
	if (!message->err)
		return;
	if (kafka->failed++ == 0)
		kafka->first_error = message->err;
}

static bool set_all(rd_kafka_conf_t *conf, const struct options *options, char *reason, size_t size)
{
	return rd_kafka_conf_set(conf, "bootstrap.servers", options->kafka, reason, size) == RD_KAFKA_CONF_OK &&
	       rd_kafka_conf_set(conf, "linger.ms", "50", reason, size) == RD_KAFKA_CONF_OK &&
	       rd_kafka_conf_set(conf, "compression.codec", "lz4", reason, size) == RD_KAFKA_CONF_OK &&
	       rd_kafka_conf_set(conf, "enable.idempotence", "true", reason, size) == RD_KAFKA_CONF_OK &&
	       rd_kafka_conf_set(conf, "queue.buffering.max.messages", "1000000", reason, size) == RD_KAFKA_CONF_OK;
}

/* Whether it was there already, or cannot be made here: the first message will tell. */
static void make_topic(struct kafka *kafka, const char *name)
{
	char reason[256];
	rd_kafka_NewTopic_t *topic = rd_kafka_NewTopic_new(name, kafka->partitions, 1, reason, sizeof(reason));
	rd_kafka_queue_t *queue = rd_kafka_queue_new(kafka->client);
	rd_kafka_event_t *event;

	if (topic) {
		rd_kafka_CreateTopics(kafka->client, &topic, 1, NULL, queue);
		event = rd_kafka_queue_poll(queue, 15000);
		if (event)
			rd_kafka_event_destroy(event);
		rd_kafka_NewTopic_destroy(topic);
	}
	rd_kafka_queue_destroy(queue);
}

struct kafka *kafka_new(const struct options *options, char **error)
{
	struct kafka *kafka = calloc(1, sizeof(*kafka));
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	char reason[512] = "";

	if (!kafka)
		abort();
	kafka->key = options->key;
	kafka->partitions = (int32_t)options->partitions;
	kafka->random = random_mix((uint64_t)options->seed + 7);
	rd_kafka_conf_set_opaque(conf, kafka);
	rd_kafka_conf_set_dr_msg_cb(conf, on_report);
	if (set_all(conf, options, reason, sizeof(reason)))
		kafka->client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason, sizeof(reason));
	if (!kafka->client) {
		rd_kafka_conf_destroy(conf);
		if (asprintf(error, "%s: %s", options->kafka, reason) < 0)
			abort();
		kafka_free(&kafka);
		return NULL;
	}
	make_topic(kafka, options->topic);
	kafka->topic = rd_kafka_topic_new(kafka->client, options->topic, NULL);
	return kafka;
}

void kafka_line(struct kafka *kafka, const char *host, uint32_t number, int64_t time, const char *line, size_t length)
{
	int32_t partition = (int32_t)(random_mix(number) % (uint64_t)kafka->partitions);
	rd_kafka_resp_err_t err;

	if (kafka->key == KEY_NONE)
		partition = kafka->turn++ % kafka->partitions;
	else if (kafka->key == KEY_RANDOM)
		partition = (int32_t)random_below(&kafka->random, (uint64_t)kafka->partitions);
	for (;;) {
		err = rd_kafka_producev(kafka->client, RD_KAFKA_V_RKT(kafka->topic), RD_KAFKA_V_PARTITION(partition),
		                        RD_KAFKA_V_KEY(kafka->key == KEY_HOST ? host : NULL,
		                                       kafka->key == KEY_HOST ? strlen(host) : 0),
		                        RD_KAFKA_V_VALUE((void *)(uintptr_t)line, length),
		                        RD_KAFKA_V_TIMESTAMP(time / 1000), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
		                        RD_KAFKA_V_END);
		rd_kafka_poll(kafka->client, err == RD_KAFKA_RESP_ERR__QUEUE_FULL ? 100 : 0);
		if (err != RD_KAFKA_RESP_ERR__QUEUE_FULL)
			break;
	}
	if (err && kafka->failed++ == 0)
		kafka->first_error = err;
}

char *kafka_finish(struct kafka *kafka)
{
	char *error = NULL;

	rd_kafka_flush(kafka->client, 120000);
	kafka->failed += (uint64_t)rd_kafka_outq_len(kafka->client);
	if (kafka->failed > 0 && asprintf(&error, "%lu messages were not delivered: %s", kafka->failed,
	                                  rd_kafka_err2str(kafka->first_error)) < 0)
		abort();
	return error;
}

void kafka_free(struct kafka **kafka)
{
	if (!*kafka)
		return;
	if ((*kafka)->topic)
		rd_kafka_topic_destroy((*kafka)->topic);
	if ((*kafka)->client)
		rd_kafka_destroy((*kafka)->client);
	free(*kafka);
	*kafka = NULL;
}
