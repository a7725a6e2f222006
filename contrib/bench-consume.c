/* SPDX-License-Identifier: Apache-2.0
 *
 * The least that reading a topic can cost with librdkafka: all partitions from
 * their beginning to the end that they had at the start, in batches, and
 * nothing is done with the messages but to count them and their bytes. What
 * contrib/bench compares mailstormd with. Any error ends it, with status 1; 2
 * is wrong usage.
 */
#include <inttypes.h>
#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 10000
#define PATIENCE_MS 5 /* a batch waits so long to become full */

static const char usage[] = "usage: bench-consume BROKERS TOPIC [PROPERTY=VALUE ...]\n"
			    "\n"
			    "Reads all partitions of TOPIC to their end and prints the number of messages,\n"
			    "and of their bytes. PROPERTY is one of librdkafka's.\n";

struct count {
	uint64_t messages, bytes, wanted;
	bool failed;
};

static int complain(const char *what, const char *why)
{
	fprintf(stderr, "bench-consume: %s: %s\n", what, why);
	return -1;
}

/* "name=value" */
static int set_property(rd_kafka_conf_t *conf, const char *text)
{
	const char *equals = strchr(text, '=');
	char *name = equals ? strndup(text, (size_t)(equals - text)) : NULL;
	char why[512] = "not PROPERTY=VALUE";
	bool good = name && rd_kafka_conf_set(conf, name, equals + 1, why, sizeof(why)) == RD_KAFKA_CONF_OK;

	free(name);
	return good ? 0 : complain(text, why);
}

/* Not part of a group that shares partitions: all are assigned. */
static rd_kafka_t *open_client(const char *brokers, char **properties)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	rd_kafka_t *client = NULL;
	char why[512];
	int result = 0;

	rd_kafka_conf_set(conf, "bootstrap.servers", brokers, NULL, 0);
	rd_kafka_conf_set(conf, "group.id", "bench-consume", NULL, 0);
	rd_kafka_conf_set(conf, "enable.auto.commit", "false", NULL, 0);
	for (; result == 0 && *properties; properties++)
		result = set_property(conf, *properties);
	if (result == 0) {
		client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof(why));
		if (!client)
			complain("librdkafka", why);
	}
	if (!client)
		rd_kafka_conf_destroy(conf);
	return client;
}

/* All partitions of the topic, from their beginning. */
static rd_kafka_topic_partition_list_t *list_all(rd_kafka_t *client, const char *topic)
{
	rd_kafka_topic_t *handle = rd_kafka_topic_new(client, topic, NULL);
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(8);
	const struct rd_kafka_metadata *metadata = NULL;
	rd_kafka_resp_err_t code = rd_kafka_metadata(client, 0, handle, &metadata, 15000);

	if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
		code = metadata->topics[0].err;
	for (int i = 0; code == RD_KAFKA_RESP_ERR_NO_ERROR && i < metadata->topics[0].partition_cnt; i++)
		rd_kafka_topic_partition_list_add(list, topic, i)->offset = RD_KAFKA_OFFSET_BEGINNING;
	if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
		complain(topic, rd_kafka_err2str(code));
	if (metadata)
		rd_kafka_metadata_destroy(metadata);
	rd_kafka_topic_destroy(handle);
	return list;
}

/* How many messages they hold: a partition's end is told by the broker only after a wait. */
static bool assign(rd_kafka_t *client, const rd_kafka_topic_partition_list_t *list, uint64_t *wanted)
{
	rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;

	for (int i = 0; code == RD_KAFKA_RESP_ERR_NO_ERROR && i < list->cnt; i++) {
		int64_t low = 0, high = 0;

		code = rd_kafka_query_watermark_offsets(client, list->elems[i].topic, list->elems[i].partition, &low,
		                                        &high, 15000);
		*wanted += (uint64_t)(high - low);
	}
	if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
		code = rd_kafka_assign(client, list);
	return code == RD_KAFKA_RESP_ERR_NO_ERROR || complain("librdkafka", rd_kafka_err2str(code)) == 0;
}

static void count_message(struct count *count, const rd_kafka_message_t *message)
{
	if (message->err) {
		complain("librdkafka", rd_kafka_message_errstr(message));
		count->failed = true;
		return;
	}
	count->messages++;
	count->bytes += message->len;
}

static void consume(rd_kafka_t *client, struct count *count)
{
	static rd_kafka_message_t *messages[BATCH];
	rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(client);

	while (count->messages < count->wanted && !count->failed) {
		ssize_t got = rd_kafka_consume_batch_queue(queue, PATIENCE_MS, messages, BATCH);

		for (ssize_t i = 0; i < got; i++) {
			count_message(count, messages[i]);
			rd_kafka_message_destroy(messages[i]);
		}
	}
	rd_kafka_queue_destroy(queue);
}

int main(int argc, char **argv)
{
	struct count count = {0};
	rd_kafka_topic_partition_list_t *list;
	rd_kafka_t *client;

	if (argc > 1 && !strcmp(argv[1], "--help")) {
		fputs(usage, stdout);
		return 0;
	}
	if (argc < 3 || argv[1][0] == '-') {
		fputs(usage, stderr);
		return 2;
	}
	client = open_client(argv[1], argv + 3);
	if (!client)
		return 1;
	list = list_all(client, argv[2]);
	count.failed = list->cnt == 0 || !assign(client, list, &count.wanted);
	consume(client, &count);
	printf("%" PRIu64 " messages, %" PRIu64 " bytes\n", count.messages, count.bytes);
	rd_kafka_topic_partition_list_destroy(list);
	rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
	return count.failed ? 1 : 0;
}
