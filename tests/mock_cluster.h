/* SPDX-License-Identifier: Apache-2.0
 *
 * What the tests of the Kafka source share: librdkafka's mock cluster, three
 * brokers in this process, on the loopback interface, what is produced to it, and
 * sources that read it. A fault fails the test at once.
 */
#ifndef MAILSTORM_TESTS_MOCK_CLUSTER_H
#define MAILSTORM_TESTS_MOCK_CLUSTER_H

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "tests/source_probe.h"

static rd_kafka_t *producer;
static rd_kafka_mock_cluster_t *cluster;

/* What makes the tests quick, and shows that properties are handed through. */
PROBE_UNUSED static const char *const quick[] = {"fetch.wait.max.ms=10", "topic.metadata.refresh.interval.ms=200",
                                                 "reconnect.backoff.ms=50", "reconnect.backoff.max.ms=100", NULL};

PROBE_UNUSED static void enter(void)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	char why[512];

	rd_kafka_conf_set(conf, "test.mock.num.brokers", "3", NULL, 0);
	rd_kafka_conf_set(conf, "log_level", "2", NULL, 0);
	rd_kafka_conf_set(conf, "linger.ms", "5", NULL, 0);
	producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof(why));
	ck_assert_msg(producer != NULL, "%s", why);
	cluster = rd_kafka_handle_mock_cluster(producer);
	ck_assert_ptr_nonnull(cluster);
}

PROBE_UNUSED static void leave(void)
{
	rd_kafka_destroy(producer);
}

PROBE_UNUSED static void make_topic(const char *topic, int partitions)
{
	ck_assert_int_eq(rd_kafka_mock_topic_create(cluster, topic, partitions, 1), 0);
}

PROBE_UNUSED static void produce(const char *topic, int32_t partition, const char *value, size_t length,
                                 int64_t timestamp)
{
	rd_kafka_resp_err_t code;

	do {
		code = rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(partition),
		                         RD_KAFKA_V_VALUE((void *)(intptr_t)value, length),
		                         RD_KAFKA_V_TIMESTAMP(timestamp), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
		                         RD_KAFKA_V_END);
		if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL)
			rd_kafka_poll(producer, 100);
	} while (code == RD_KAFKA_RESP_ERR__QUEUE_FULL);
	ck_assert_int_eq(code, 0);
}

PROBE_UNUSED static void flush(void)
{
	ck_assert_int_eq(rd_kafka_flush(producer, 20000), 0);
}

PROBE_UNUSED static void say(const char *topic, int32_t partition, const char *value)
{
	produce(topic, partition, value, strlen(value), 1479110940123);
	flush();
}

PROBE_UNUSED static struct source *made(const char *const *topics, const char *const *properties, bool until_end)
{
	char *error = NULL;
	struct source *source = source_kafka_new(rd_kafka_mock_cluster_bootstraps(cluster), topics, "testers",
	                                         properties, until_end, &error);

	ck_assert_msg(source != NULL, "%s", error);
	ck_assert_ptr_null(error);
	return source;
}

PROBE_UNUSED static void await_partitions(struct source *source, uint32_t count)
{
	for (int i = 0; i < 400 && source_count(source) < count; i++)
		source_wait(source, 50);
	ck_assert_uint_eq(source_count(source), count);
}

PROBE_UNUSED static struct source *opened(const char *topic, bool until_end, uint32_t partitions)
{
	const char *const topics[] = {topic, NULL};
	struct source *source = made(topics, quick, until_end);

	await_partitions(source, partitions);
	return source;
}

/* Waits until a notice comes that holds the text; others before it fail the test. */
PROBE_UNUSED static void await_notice(struct source *source, const char *expected)
{
	const char *notice = NULL;

	for (int i = 0; i < 400 && !(notice = source_notice(source)); i++)
		source_wait(source, 50);
	ck_assert_msg(notice && strstr(notice, expected), "notice \"%s\", not \"%s\"", notice ? notice : "none",
	              expected);
}

#endif
