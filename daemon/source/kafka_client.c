/* SPDX-License-Identifier: Apache-2.0
 *
 * The clients of the Kafka source: our own defaults, then every property of
 * the configuration in order, then what the source stands on and nobody may
 * change. What a client complains of becomes a notice here; that no broker
 * answers is told once, and once that one does again.
 */
#include "daemon/source/kafka.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "daemon/base/memory.h"

struct property {
	const char *name;
	const char *value;
};

/* Before the configuration's. */
static const struct property defaults[] = {
	{"client.id", "mailstorm"},
	{"socket.keepalive.enable", "true"},
	{"check.crcs", "true"},
	{"reconnect.backoff.max.ms", "3000"},
	{"topic.metadata.refresh.interval.ms", "10000"},
};

/* After it. Offsets are ours to keep; that one is out of range must be told, not mended behind our back. */
static const struct property demands[] = {
	{"enable.auto.commit", "false"},
	{"enable.auto.offset.store", "false"},
	{"enable.partition.eof", "true"},
	{"auto.offset.reset", "error"},
};

void kafka_wake(struct kafka *kafka)
{
	uint64_t one = 1;

	while (write(kafka->wakeup, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

void kafka_down(struct kafka *kafka, const char *why)
{
	char text[sizeof(kafka->trouble)];
	bool before;

	pthread_mutex_lock(&kafka->lock);
	before = kafka->down;
	kafka->down = true;
	snprintf(text, sizeof(text), "%s", kafka->trouble[0] ? kafka->trouble : why);
	pthread_mutex_unlock(&kafka->lock);
	if (before)
		return;
	source_note(&kafka->source, "Kafka brokers cannot be reached: %s; trying on", text);
	kafka_scout_hurry(kafka->scout);
	kafka_wake(kafka);
}

void kafka_up(struct kafka *kafka)
{
	bool before;

	pthread_mutex_lock(&kafka->lock);
	before = kafka->down;
	kafka->down = false;
	kafka->trouble[0] = '\0';
	pthread_mutex_unlock(&kafka->lock);
	if (!before)
		return;
	source_note(&kafka->source, "Kafka brokers can be reached again");
	kafka_wake(kafka);
}

/* Served by the thread that polls the client: the owner's or the scout's. */
static void client_complaint(rd_kafka_t *client, int code, const char *reason, void *opaque)
{
	struct kafka *kafka = opaque;
	char text[512];

	switch (code) {
	case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN: kafka_down(kafka, reason); break;
	case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART: /* of each partition, again and again; the scout tells it once */
	case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
	case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION: break;
	case RD_KAFKA_RESP_ERR__FATAL: /* only of the reader, in the owner's thread */
		code = rd_kafka_fatal_error(client, text, sizeof(text));
		source_fail(&kafka->source, "Kafka: %s: %s", rd_kafka_err2name(code), text);
		kafka->fatal = true;
		break;
	case RD_KAFKA_RESP_ERR__TRANSPORT:
	case RD_KAFKA_RESP_ERR__RESOLVE:
	case RD_KAFKA_RESP_ERR__TIMED_OUT:
	case RD_KAFKA_RESP_ERR__AUTHENTICATION:
	case RD_KAFKA_RESP_ERR__SSL:
		pthread_mutex_lock(&kafka->lock);
		snprintf(kafka->trouble, sizeof(kafka->trouble), "%s", reason);
		pthread_mutex_unlock(&kafka->lock);
		break;
	default: source_note(&kafka->source, "Kafka: %s", reason);
	}
}

/* From librdkafka's own threads. What it says of connections comes by client_complaint() too. */
static void client_log(const rd_kafka_t *client, int level, const char *facility, const char *text)
{
	struct kafka *kafka = rd_kafka_opaque(client);

	if (level > 4 || !strcmp(facility, "FAIL") || !strcmp(facility, "ERROR"))
		return;
	source_note(&kafka->source, "Kafka: %s", text);
}

/* The scout's client: the reader's says the same. */
static void client_silence(const rd_kafka_t *client, int level, const char *facility, const char *text)
{
	(void)client, (void)level, (void)facility, (void)text;
}

static void client_commit_done(rd_kafka_t *client, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t *offsets,
                               void *opaque)
{
	struct kafka *kafka = opaque;
	bool failed = code != RD_KAFKA_RESP_ERR_NO_ERROR && code != RD_KAFKA_RESP_ERR__NO_OFFSET;

	(void)client, (void)offsets;
	kafka->committing = false;
	if (failed && !kafka->commit_failed)
		source_note(&kafka->source,
		            "Kafka: the offsets of group %s could not be committed, so that its lag looks "
		            "longer than it is: %s",
		            kafka->group, rd_kafka_err2str(code));
	kafka->commit_failed = failed;
}

static bool client_set(rd_kafka_conf_t *conf, const char *name, const char *value, char **error)
{
	char why[512];

	if (rd_kafka_conf_set(conf, name, value, why, sizeof(why)) == RD_KAFKA_CONF_OK)
		return true;
	*error = source_text("Kafka property %s=%s: %s", name, value, why);
	return false;
}

static bool client_set_number(rd_kafka_conf_t *conf, const char *name, int64_t value, char **error)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRId64, value);
	return client_set(conf, name, text, error);
}

/* Each partition has a queue of its own, to which the limits apply; one answer of the broker may come on top of it.
 * Half of the memory is for the records, half for what librdkafka needs to keep them, some 500 bytes each. */
static bool client_set_memory(rd_kafka_conf_t *conf, uint32_t partitions, char **error)
{
	int64_t half = KAFKA_MEMORY / 2 / partitions;
	int64_t answer = half / 4 < 65536 ? 65536 : half / 4 > 1 << 20 ? 1 << 20 : half / 4;
	int64_t queue = (half - answer) / 1024;

	/* How long a full queue is left alone; versions before 2.2 have no such setting: see kafka_poke(). */
	rd_kafka_conf_set(conf, "fetch.queue.backoff.ms", "20", NULL, 0);
	return client_set_number(conf, "queued.max.messages.kbytes", queue < 64 ? 64 : queue, error) &&
	       client_set_number(conf, "queued.min.messages", half / 512 < 100 ? 100 : half / 512, error) &&
	       client_set_number(conf, "fetch.message.max.bytes", answer, error);
}

/* One "name=value". *debug: it turns on librdkafka's own log, which then goes where it goes by default. */
static bool client_set_property(struct kafka *kafka, rd_kafka_conf_t *conf, const char *text, bool *debug, char **error)
{
	const char *equals = strchr(text, '=');
	char *name;
	bool good;

	if (!equals || equals == text) {
		*error = source_text("Kafka property %s: not name=value", text);
		return false;
	}
	name = memory_string(text, (size_t)(equals - text));
	good = client_set(conf, name, equals + 1, error);
	*debug |= !strcmp(name, "debug");
	for (size_t i = 0; good && i < sizeof(demands) / sizeof(demands[0]); i++)
		if (!strcmp(name, demands[i].name) && strcmp(equals + 1, demands[i].value) != 0 && !kafka->scout &&
		    strcmp(equals + 1, "earliest") != 0)
			source_note(&kafka->source, "Kafka property %s is not used: the source needs %s", text,
			            demands[i].value);
	free(name);
	return good;
}

static bool client_configure(struct kafka *kafka, rd_kafka_conf_t *conf, uint32_t partitions, char **error)
{
	bool good = !kafka->brokers || client_set(conf, "bootstrap.servers", kafka->brokers, error);
	bool debug = false;
	size_t size = 0;

	for (size_t i = 0; good && i < sizeof(defaults) / sizeof(defaults[0]); i++)
		good = client_set(conf, defaults[i].name, defaults[i].value, error);
	/* In a run that ends: while only partitions at their end are asked for, the broker makes all others wait. */
	if (kafka->until_end)
		good = good && client_set(conf, "fetch.wait.max.ms", "10", error);
	good = good && client_set(conf, "group.id", kafka->group, error);
	good = good && (partitions == 0 || client_set_memory(conf, partitions, error));
	for (size_t i = 0; good && kafka->properties[i]; i++)
		good = client_set_property(kafka, conf, kafka->properties[i], &debug, error);
	for (size_t i = 0; good && i < sizeof(demands) / sizeof(demands[0]); i++)
		good = client_set(conf, demands[i].name, demands[i].value, error);
	if (good && partitions == 0) /* it takes no part in a group */
		good = client_set(conf, "group.id", "", error);
	if (good && !kafka->brokers &&
	    (rd_kafka_conf_get(conf, "bootstrap.servers", NULL, &size) != RD_KAFKA_CONF_OK || size <= 1)) {
		*error = source_text("no Kafka brokers are given");
		good = false;
	}
	if (!debug)
		rd_kafka_conf_set_log_cb(conf, partitions == 0 ? client_silence : client_log);
	return good;
}

rd_kafka_t *kafka_client_new(struct kafka *kafka, uint32_t partitions, char **error)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	rd_kafka_t *client = NULL;
	char why[512];

	rd_kafka_conf_set_opaque(conf, kafka);
	rd_kafka_conf_set_error_cb(conf, client_complaint);
	rd_kafka_conf_set_offset_commit_cb(conf, client_commit_done);
	if (client_configure(kafka, conf, partitions, error)) {
		client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof(why));
		if (client)
			conf = NULL;
		else
			*error = source_text("Kafka: %s", why);
	}
	if (conf)
		rd_kafka_conf_destroy(conf);
	return client;
}

static void *client_destroy(void *client)
{
	rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
	return NULL;
}

bool kafka_client_free(rd_kafka_t *client)
{
	struct timespec until;
	pthread_t thread;

	if (!client)
		return true;
	if (pthread_create(&thread, NULL, client_destroy, client)) {
		client_destroy(client);
		return true;
	}
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += KAFKA_GOODBYE;
	if (pthread_timedjoin_np(thread, NULL, &until) == 0)
		return true;
	pthread_detach(thread);
	return false;
}

int64_t kafka_client_interval(rd_kafka_t *client)
{
	char value[32] = "";
	size_t size = sizeof(value);
	int64_t interval;

	rd_kafka_conf_get(rd_kafka_conf(client), "topic.metadata.refresh.interval.ms", value, &size);
	interval = strtoll(value, NULL, 10);
	return interval > 0 ? interval : 10000; /* -1: librdkafka's own refresh is off */
}
