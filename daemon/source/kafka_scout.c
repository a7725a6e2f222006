/* SPDX-License-Identifier: Apache-2.0
 *
 * The scout of the Kafka source: a thread with a client of its own that asks
 * for the topics and their partitions, again and again, and for their ends
 * where reading is to stop there. It hands over what is new behind the lock of
 * struct kafka; all else here is its own. Whatever fails, it asks again.
 */
#include <errno.h>
#include <inttypes.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/base/memory.h"
#include "daemon/source/kafka.h"

struct scouted {
	char *topic;
	int32_t known;                /* partitions 0 ... known - 1 were handed over */
	rd_kafka_topic_t *handle;     /* to ask for it alone */
	rd_kafka_resp_err_t told;     /* why it is not read */
	rd_kafka_resp_err_t told_end; /* why its end is not known */
};

struct kafka_scout {
	struct kafka *kafka;
	rd_kafka_t *client;
	int64_t interval;
	struct scouted *topics; /* those that are named come first */
	uint32_t count;
	uint32_t capacity;
	uint32_t named;
	regex_t *patterns;
	bool *internal; /* beside patterns: it asks for topics that begin with "__" */
	uint32_t pattern_count;
	unsigned failures; /* in a row */
	bool complete;     /* all that the last look showed was handed over */
	bool finished;     /* until_end: what comes from now on is not read */
	pthread_t thread;
	pthread_cond_t changed; /* with kafka->lock, of what follows */
	bool hurry;
	bool stop;
};

static struct scouted *scout_topic(struct kafka_scout *scout, const char *topic)
{
	for (uint32_t i = 0; i < scout->count; i++)
		if (!strcmp(scout->topics[i].topic, topic))
			return &scout->topics[i];
	MEMORY_GROW(scout->topics, scout->count, scout->capacity);
	scout->topics[scout->count] = (struct scouted){.topic = memory_string(topic, strlen(topic))};
	return &scout->topics[scout->count++];
}

static bool scout_wants(const struct kafka_scout *scout, const char *topic)
{
	for (uint32_t i = 0; i < scout->named; i++)
		if (!strcmp(scout->topics[i].topic, topic))
			return true;
	for (uint32_t i = 0; i < scout->pattern_count; i++)
		if ((strncmp(topic, "__", 2) != 0 || scout->internal[i]) &&
		    regexec(&scout->patterns[i], topic, 0, NULL, 0) == 0)
			return true;
	return false;
}

/* A topic is not there, or not for us: told once for each reason. */
static void scout_tell(struct kafka_scout *scout, struct scouted *topic, rd_kafka_resp_err_t code)
{
	if (code && code != topic->told && code != RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE)
		source_note(&scout->kafka->source, "Kafka topic %s: %s; %s", topic->topic, rd_kafka_err2str(code),
		            scout->kafka->until_end ? "it is left out" : "waiting for it");
	topic->told = code;
}

static void scout_hand_over(struct kafka_scout *scout, const char *topic, int32_t partition, int64_t low, int64_t high)
{
	struct kafka *kafka = scout->kafka;
	struct kafka_found *found = memory_zeroed(1, sizeof(*found));

	found->topic = memory_string(topic, strlen(topic));
	found->partition = partition;
	found->low = low;
	found->high = high;
	pthread_mutex_lock(&kafka->lock);
	*kafka->last_found = found;
	kafka->last_found = &found->next;
	pthread_mutex_unlock(&kafka->lock);
}

/* The new partitions of one topic. False where not all could be asked for their ends. */
static bool scout_take_topic(struct kafka_scout *scout, struct scouted *topic, const rd_kafka_metadata_topic_t *shown)
{
	for (; topic->known < shown->partition_cnt; topic->known++) {
		int64_t low = 0;
		int64_t high = 0;
		rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;

		if (scout->kafka->until_end)
			code = rd_kafka_query_watermark_offsets(scout->client, topic->topic, topic->known, &low, &high,
			                                        5000);
		if (code && code != topic->told_end)
			source_note(&scout->kafka->source,
			            "Kafka topic %s partition %" PRId32 ": its end is not known: %s; trying on",
			            topic->topic, topic->known, rd_kafka_err2str(code));
		topic->told_end = code;
		if (code)
			return false;
		scout_hand_over(scout, topic->topic, topic->known, low, high);
	}
	return true;
}

static int scout_order(const void *a, const void *b)
{
	return strcmp((*(const rd_kafka_metadata_topic_t *const *)a)->topic,
	              (*(const rd_kafka_metadata_topic_t *const *)b)->topic);
}

/* What a look showed, in the order of the names. False where a part of it must be asked for again. */
static bool scout_take(struct kafka_scout *scout, const rd_kafka_metadata_t *shown)
{
	size_t count = (size_t)shown->topic_cnt;
	const rd_kafka_metadata_topic_t **sorted = memory_zeroed(count, sizeof(*sorted));
	bool complete = true;

	for (size_t i = 0; i < count; i++)
		sorted[i] = &shown->topics[i];
	qsort(sorted, count, sizeof(*sorted), scout_order);
	for (size_t i = 0; i < count && !scout->finished; i++) {
		struct scouted *topic;

		if (!scout_wants(scout, sorted[i]->topic))
			continue;
		topic = scout_topic(scout, sorted[i]->topic);
		scout_tell(scout, topic, sorted[i]->err);
		complete &= sorted[i]->err != RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE;
		complete &= sorted[i]->err || scout_take_topic(scout, topic, sorted[i]);
	}
	free(sorted);
	return complete;
}

/* A list of all topics does not hold what is not there. */
static void scout_tell_missing(struct kafka_scout *scout, const rd_kafka_metadata_t *shown)
{
	for (uint32_t i = 0; i < scout->count && !scout->finished; i++) {
		bool there = false;

		for (int t = 0; t < shown->topic_cnt && !there; t++)
			there = !strcmp(shown->topics[t].topic, scout->topics[i].topic);
		if (!there)
			scout_tell(scout, &scout->topics[i], RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
	}
}

/* Named topics are asked for one by one: asked for all that it knows, librdkafka 2.0.2 has the broker make those that
 * were deleted. */
static rd_kafka_resp_err_t scout_ask(struct kafka_scout *scout, int timeout)
{
	const rd_kafka_metadata_t *shown;
	rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
	bool complete = true;

	if (scout->pattern_count > 0) {
		code = rd_kafka_metadata(scout->client, 1, NULL, &shown, timeout);
		if (code)
			return code;
		complete = scout_take(scout, shown);
		scout_tell_missing(scout, shown);
		rd_kafka_metadata_destroy(shown);
	}
	for (uint32_t i = 0; i < scout->named && scout->pattern_count == 0; i++) {
		code = rd_kafka_metadata(scout->client, 0, scout->topics[i].handle, &shown, timeout);
		if (code)
			return code;
		complete &= scout_take(scout, shown);
		rd_kafka_metadata_destroy(shown);
	}
	scout->complete = complete;
	return code;
}

static void scout_look(struct kafka_scout *scout)
{
	struct kafka *kafka = scout->kafka;
	unsigned seconds = scout->failures < 4 ? scout->failures + 1 : 5;
	rd_kafka_resp_err_t code = scout_ask(scout, (int)seconds * 1000);
	bool news;

	while (rd_kafka_poll(scout->client, 0) > 0)
		;
	scout->failures = code ? scout->failures + 1 : 0;
	if (scout->failures >= 3)
		kafka_down(kafka, rd_kafka_err2str(code));
	else if (!code)
		kafka_up(kafka);
	news = !scout->finished;
	scout->finished |= kafka->until_end && scout->complete && !code;
	pthread_mutex_lock(&kafka->lock);
	kafka->scouted = scout->finished;
	news &= scout->finished || kafka->found;
	pthread_mutex_unlock(&kafka->lock);
	if (news)
		kafka_wake(kafka);
}

/* True: it is time to stop. */
static bool scout_rest(struct kafka_scout *scout)
{
	struct kafka *kafka = scout->kafka;
	int64_t rest = scout->complete && scout->failures == 0 ? scout->interval : KAFKA_PAUSE;
	struct timespec until;
	bool stop;

	clock_gettime(CLOCK_MONOTONIC, &until);
	pthread_mutex_lock(&kafka->lock);
	if ((kafka->down || scout->hurry) && rest > KAFKA_PAUSE)
		rest = KAFKA_PAUSE;
	until.tv_sec += rest / 1000;
	until.tv_nsec += rest % 1000 * 1000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	scout->hurry = false;
	while (!scout->stop && !scout->hurry)
		if (pthread_cond_timedwait(&scout->changed, &kafka->lock, &until) == ETIMEDOUT)
			break;
	stop = scout->stop;
	pthread_mutex_unlock(&kafka->lock);
	return stop;
}

static void *scout_run(void *argument)
{
	struct kafka_scout *scout = argument;

	do
		scout_look(scout);
	while (!scout_rest(scout));
	return NULL;
}

void kafka_scout_hurry(struct kafka_scout *scout)
{
	pthread_mutex_lock(&scout->kafka->lock);
	scout->hurry = true;
	pthread_cond_signal(&scout->changed);
	pthread_mutex_unlock(&scout->kafka->lock);
}

static bool scout_add_pattern(struct kafka_scout *scout, const char *pattern, char **error)
{
	char why[256];
	int code = regcomp(&scout->patterns[scout->pattern_count], pattern, REG_EXTENDED | REG_NOSUB);

	if (code) {
		regerror(code, &scout->patterns[scout->pattern_count], why, sizeof(why));
		*error = source_text("Kafka topic pattern %s: %s", pattern, why);
		return false;
	}
	scout->internal[scout->pattern_count++] = strncmp(pattern, "^__", 3) == 0;
	return true;
}

/* Without patterns, each named topic is asked for by itself. */
static bool scout_add_handle(struct kafka_scout *scout, struct scouted *topic, char **error)
{
	topic->handle = rd_kafka_topic_new(scout->client, topic->topic, NULL);
	if (!topic->handle)
		*error = source_text("Kafka topic %s: %s", topic->topic, rd_kafka_err2str(rd_kafka_last_error()));
	return topic->handle != NULL;
}

static bool scout_free(struct kafka_scout **scout)
{
	bool gone;

	for (uint32_t i = 0; i < (*scout)->count; i++) {
		if ((*scout)->topics[i].handle)
			rd_kafka_topic_destroy((*scout)->topics[i].handle);
		free((*scout)->topics[i].topic);
	}
	free((*scout)->topics);
	for (uint32_t i = 0; i < (*scout)->pattern_count; i++)
		regfree(&(*scout)->patterns[i]);
	free((*scout)->patterns);
	free((*scout)->internal);
	gone = kafka_client_free((*scout)->client);
	pthread_cond_destroy(&(*scout)->changed);
	free(*scout);
	*scout = NULL;
	return gone;
}

static bool scout_prepare(struct kafka_scout *scout, char **error)
{
	char **topics = scout->kafka->topics;
	uint32_t count = 0;

	while (topics[count])
		count++;
	if (count == 0) {
		*error = source_text("no Kafka topic is given");
		return false;
	}
	scout->patterns = memory_zeroed(count, sizeof(*scout->patterns));
	scout->internal = memory_zeroed(count, sizeof(*scout->internal));
	scout->client = kafka_client_new(scout->kafka, 0, error);
	if (!scout->client)
		return false;
	scout->interval = kafka_client_interval(scout->client);
	for (uint32_t i = 0; i < count; i++) {
		if (topics[i][0] == '^' && !scout_add_pattern(scout, topics[i], error))
			return false;
		if (topics[i][0] != '^')
			scout_topic(scout, topics[i]);
	}
	scout->named = scout->count;
	for (uint32_t i = 0; i < scout->named && scout->pattern_count == 0; i++)
		if (!scout_add_handle(scout, &scout->topics[i], error))
			return false;
	return true;
}

bool kafka_scout_start(struct kafka *kafka, char **error)
{
	struct kafka_scout *scout = memory_zeroed(1, sizeof(*scout));
	pthread_condattr_t attributes;
	int code;

	scout->kafka = kafka;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&scout->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	if (!scout_prepare(scout, error)) {
		scout_free(&scout);
		return false;
	}
	kafka->scout = scout;
	code = pthread_create(&scout->thread, NULL, scout_run, scout);
	if (code == 0)
		return true;
	*error = source_text("Kafka: no thread: %s", strerror(code));
	scout_free(&kafka->scout);
	return false;
}

bool kafka_scout_stop(struct kafka *kafka)
{
	if (!kafka->scout)
		return true;
	pthread_mutex_lock(&kafka->lock);
	kafka->scout->stop = true;
	pthread_cond_signal(&kafka->scout->changed);
	pthread_mutex_unlock(&kafka->lock);
	pthread_join(kafka->scout->thread, NULL);
	return scout_free(&kafka->scout);
}
