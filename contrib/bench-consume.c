/* SPDX-License-Identifier: Apache-2.0
 *
 * The least that reading a topic can cost with librdkafka: all partitions from
 * their beginning to their end, in batches, and nothing is done with the
 * messages but to count them and their bytes. What contrib/bench compares
 * mailstormd with. Any error ends it, with status 1; 2 is wrong usage.
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
	uint64_t messages, bytes;
	int partitions; /* which are not yet at their end */
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
	rd_kafka_conf_set(conf, "enable.partition.eof", "true", NULL, 0);
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

/* All partitions of the topic, from their beginning; how many, or -1. */
static int assign_all(rd_kafka_t *client, const char *topic)
{
	rd_kafka_topic_t *handle = rd_kafka_topic_new(client, topic, NULL);
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(8);
	const struct rd_kafka_metadata *metadata = NULL;
	rd_kafka_resp_err_t code = rd_kafka_metadata(client, 0, handle, &metadata, 15000);
	int count = -1;

	if (code == RD_KAFKA_RESP_ERR_NO_ERROR && metadata->topic_cnt == 1) {
		count = metadata->topics[0].partition_cnt;
		code = metadata->topics[0].err;
	}
	for (int i = 0; i < count; i++)
		rd_kafka_topic_partition_list_add(list, topic, i)->offset = RD_KAFKA_OFFSET_BEGINNING;
	if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
		code = rd_kafka_assign(client, list);
	if (metadata)
		rd_kafka_metadata_destroy(metadata);
	rd_kafka_topic_partition_list_destroy(list);
	rd_kafka_topic_destroy(handle);
	return code == RD_KAFKA_RESP_ERR_NO_ERROR && count > 0 ? count : complain(topic, rd_kafka_err2str(code));
}

static void count_message(struct count *count, const rd_kafka_message_t *message)
{
	if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
		count->partitions--;
	} else if (message->err) {
		complain("librdkafka", rd_kafka_message_errstr(message));
		count->failed = true;
	} else {
		count->messages++;
		count->bytes += message->len;
	}
}

static void consume(rd_kafka_t *client, struct count *count)
{
	static rd_kafka_message_t *messages[BATCH];
	rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(client);

	while (count->partitions > 0 && !count->failed) {
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
	count.partitions = assign_all(client, argv[2]);
	if (count.partitions < 0)
		count.failed = true;
	else
		consume(client, &count);
	printf("%" PRIu64 " messages, %" PRIu64 " bytes\n", count.messages, count.bytes);
	rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
	return count.failed ? 1 : 0;
}
