/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of the Kafka source against librdkafka's mock cluster: what is read, from
 * where, to where, and what is committed.
 */
#include "daemon/source/position.h"
#include "tests/mock_cluster.h"

static void expect_no_source(const char *brokers, const char *topic, const char *property, const char *expected)
{
	const char *const topics[] = {topic, NULL};
	const char *const properties[] = {property, NULL};
	char *error = NULL;

	ck_assert_ptr_null(source_kafka_new(brokers, topics, "testers", properties, false, &error));
	ck_assert_msg(strstr(error, expected) != NULL, "error \"%s\", not \"%s\"", error, expected);
	free(error);
}

static void expect_verdict(struct position position, int64_t offset, enum position_verdict verdict, int64_t missing,
                           int64_t hole)
{
	int64_t gap = -1;
	int64_t jump = -1;

	ck_assert_int_eq(position_judge(&position, offset, &gap, &jump), verdict);
	ck_assert_int_eq(gap, missing);
	ck_assert_int_eq(jump, hole);
}

START_TEST(an_offset_is_judged_by_the_one_expected)
{
	struct position position = {.next = 7, .reset = true, .damage = true};

	expect_verdict((struct position){.next = 7}, 7, POSITION_NEXT, 0, 0);
	expect_verdict((struct position){.next = 7}, 6, POSITION_AGAIN, 0, 0);
	expect_verdict((struct position){.next = 7}, 0, POSITION_AGAIN, 0, 0);
	expect_verdict((struct position){.next = 7}, 10, POSITION_NEXT, 0, 3);
	expect_verdict((struct position){.next = 7, .damage = true}, 7, POSITION_NEXT, 0, 0);
	expect_verdict((struct position){.next = 7, .damage = true}, 10, POSITION_GAP, 3, 0);
	expect_verdict((struct position){.next = 7, .damage = true}, 6, POSITION_AGAIN, 0, 0);
	expect_verdict((struct position){.next = 7, .reset = true}, 7, POSITION_NEXT, 0, 0);
	expect_verdict((struct position){.next = 7, .reset = true}, 10, POSITION_GAP, 3, 0);
	expect_verdict((struct position){.next = 7, .reset = true}, 6, POSITION_ANEW, 0, 0);
	expect_verdict((struct position){.next = -1}, 5, POSITION_NEXT, 0, 0);
	expect_verdict((struct position){.next = -1, .reset = true}, 5, POSITION_NEXT, 0, 0);
	position_move(&position, 9);
	expect_verdict(position, 10, POSITION_NEXT, 0, 1);
	expect_verdict(position, 8, POSITION_AGAIN, 0, 0);
}
END_TEST

START_TEST(records_come_with_offset_time_and_bytes)
{
	struct source *source;
	struct batch *batch = batch_new();
	const struct source_partition *table;
	int64_t came = 0;

	make_topic("log", 1);
	produce("log", 0, "one\0", 4, 1479110940123);
	produce("log", 0, "", 0, 1479110940124);
	produce("log", 0, NULL, 0, 1479110940125);
	flush();
	source = opened("log", false, 1);
	table = source_partition(source, 0);
	ck_assert_str_eq(table->source, "kafka");
	ck_assert_str_eq(table->topic, "log");
	ck_assert_int_eq(table->partition, 0);
	/* In one batch, or in more. */
	while (came < 3) {
		batch_clear(batch);
		if (source_read(source, 0, batch) == SOURCE_BUSY)
			source_wait(source, 100);
		for (uint32_t i = 0; i < batch->count; i++, came++) {
			const struct record *record = &batch->records[i];

			ck_assert_int_eq(record->offset, came);
			ck_assert_int_eq(record->timestamp, (1479110940123 + came) * 1000);
			ck_assert(slice_given(record->bytes));
			ck_assert(slice_equal(record->bytes, came == 0 ? SLICE("one\0") : SLICE("")));
		}
		ck_assert_int_eq(batch->gap, 0);
	}
	ck_assert_int_eq(came, 3);
	ck_assert_int_eq(batch->next_offset, 3);
	ck_assert_int_eq(table->next_offset, 3);
	ck_assert_int_eq(table->size, 3);
	batch_clear(batch);
	ck_assert_uint_eq(batch->count, 0);
	ck_assert_int_eq(source_read(source, 0, batch), SOURCE_IDLE);
	ck_assert(!source_finished(source));
	probe_expect_notice(source, NULL);
	batch_free(&batch);
	source_free(&source);
}
END_TEST

START_TEST(what_is_produced_later_is_read_and_wakes)
{
	struct source *source;

	make_topic("log", 1);
	source = opened("log", false, 1);
	probe_expect(source, 0, "", SOURCE_IDLE);
	for (int i = 0; i < 3; i++) {
		struct probe probe = {0};
		char value[16];
		char expected[32];

		snprintf(value, sizeof(value), "v%d", i);
		snprintf(expected, sizeof(expected), "%d:v%d|", i, i);
		say("log", 0, value);
		for (int tries = 0; tries < 100 && probe.records == 0; tries++) {
			free(probe.text);
			source_wait(source, 1000);
			probe_read(&probe, source, 0);
		}
		ck_assert_str_eq(probe.text, expected);
		ck_assert_int_eq(probe.state, SOURCE_IDLE);
		free(probe.text);
	}
	source_free(&source);
}
END_TEST

/* 100,000 records over 8 partitions: each batch is kept while others are read, then checked. */
START_TEST(every_record_of_many_partitions_comes_exactly_once)
{
	enum { PARTITIONS = 8, EACH = 12500 };
	struct source *source;
	struct batch *kept[PARTITIONS];
	int64_t next[PARTITIONS] = {0};
	char value[64];
	int ended = 0;

	make_topic("log", PARTITIONS);
	for (int i = 0; i < PARTITIONS * EACH; i++) {
		int length = snprintf(value, sizeof(value), "record %d of %d", i / PARTITIONS, i % PARTITIONS);

		produce("log", i % PARTITIONS, value, (size_t)length, 0);
	}
	flush();
	source = opened("log", true, PARTITIONS);
	for (int i = 0; i < PARTITIONS; i++)
		kept[i] = batch_new();
	for (unsigned round = 0; ended < PARTITIONS && round < 100000; round++) {
		int32_t at = (int32_t)(round * 5 % PARTITIONS);
		uint32_t index = (uint32_t)at;
		enum source_state state;

		if (at >= 4 && round < 400) /* held back for a while */
			continue;
		for (uint32_t i = 0; i < kept[at]->count; i++) {
			struct slice bytes = kept[at]->records[i].bytes;
			int length = snprintf(value, sizeof(value), "record %" PRId64 " of %d", next[at], at);

			ck_assert_int_eq(kept[at]->records[i].offset, next[at]);
			ck_assert(slice_equal(bytes, (struct slice){value, (size_t)length}));
			next[at]++;
		}
		ck_assert_int_eq(kept[at]->gap, 0);
		batch_clear(kept[at]);
		if (next[at] < 0)
			continue;
		state = source_read(source, index, kept[at]);
		if (state == SOURCE_END) {
			ck_assert_int_eq(next[at], EACH);
			next[at] = -1;
			ended++;
		} else if (state != SOURCE_READY) {
			source_wait(source, 10);
		}
	}
	ck_assert_int_eq(ended, PARTITIONS);
	ck_assert(source_finished(source));
	probe_expect_notice(source, NULL);
	for (int i = 0; i < PARTITIONS; i++)
		batch_free(&kept[i]);
	source_free(&source);
}
END_TEST

START_TEST(a_partition_goes_on_where_it_was_left)
{
	struct source *source;

	make_topic("log", 2);
	say("log", 0, "one");
	say("log", 0, "two");
	say("log", 0, "three");
	say("log", 1, "other");
	source = opened("log", false, 2);
	source_seek(source, 0, 1, 0);
	source_seek(source, 1, 1, 0);
	ck_assert_int_eq(source_partition(source, 0)->next_offset, 1);
	probe_expect(source, 0, "1:two|2:three|", SOURCE_IDLE);
	probe_expect(source, 1, "", SOURCE_IDLE);
	probe_expect_notice(source, NULL);
	source_free(&source);
}
END_TEST

START_TEST(an_empty_topic_is_idle_and_at_its_end)
{
	struct source *source;

	make_topic("log", 1);
	source = opened("log", false, 1);
	probe_expect(source, 0, "", SOURCE_IDLE);
	source_free(&source);
	source = opened("log", true, 1);
	probe_expect(source, 0, "", SOURCE_END);
	ck_assert_int_eq(source_partition(source, 0)->next_offset, 0);
	ck_assert(source_finished(source));
	source_free(&source);
}
END_TEST

START_TEST(until_end_stops_where_the_end_was_at_start)
{
	const char *const topics[] = {"log", "^later", NULL};
	struct source *source;

	make_topic("log", 2);
	say("log", 0, "one");
	say("log", 0, "two");
	source = made(topics, quick, true);
	await_partitions(source, 2);
	ck_assert_int_eq(source_partition(source, 0)->size, 2);
	ck_assert(!source_finished(source));
	say("log", 0, "three");
	say("log", 1, "three");
	make_topic("later", 1);
	usleep(500000);
	probe_expect(source, 0, "0:one|1:two|", SOURCE_END);
	ck_assert_int_eq(source_partition(source, 0)->next_offset, 2);
	probe_expect(source, 1, "", SOURCE_END);
	probe_expect(source, 0, "", SOURCE_END);
	source_wait(source, 50);
	ck_assert_uint_eq(source_count(source), 2);
	ck_assert(source_finished(source));
	source_free(&source);
}
END_TEST

START_TEST(until_end_with_all_read_before_ends_at_once)
{
	struct source *source;

	make_topic("log", 1);
	say("log", 0, "one");
	source = opened("log", true, 1);
	source_seek(source, 0, 1, 0);
	probe_expect(source, 0, "", SOURCE_END);
	ck_assert_int_eq(source_partition(source, 0)->next_offset, 1);
	probe_expect_notice(source, NULL);
	source_free(&source);
}
END_TEST

START_TEST(a_stored_offset_beyond_the_end_is_told_and_all_is_read)
{
	for (int until_end = 0; until_end < 2; until_end++) {
		struct source *source;
		char topic[16];

		snprintf(topic, sizeof(topic), "log%d", until_end);
		make_topic(topic, 1);
		say(topic, 0, "one");
		say(topic, 0, "two");
		source = opened(topic, until_end, 1);
		source_seek(source, 0, 1000, 0);
		probe_expect(source, 0, "0:one|1:two|", until_end ? SOURCE_END : SOURCE_IDLE);
		probe_expect_notice(source, "made anew or has lost its end; read from its beginning");
		probe_expect_notice(source, NULL);
		ck_assert_int_eq(source_partition(source, 0)->next_offset, 2);
		source_free(&source);
	}
}
END_TEST

START_TEST(a_stored_offset_beyond_the_end_of_an_empty_partition_waits_at_its_beginning)
{
	struct source *source;

	make_topic("log", 1);
	source = opened("log", false, 1);
	source_seek(source, 0, 1000, 0);
	probe_expect(source, 0, "", SOURCE_IDLE);
	probe_expect_notice(source, "offset 1000 is not of it");
	say("log", 0, "one");
	source_wait(source, 1000);
	usleep(200000);
	probe_expect(source, 0, "0:one|", SOURCE_IDLE);
	source_free(&source);
}
END_TEST

/* What the broker holds for the group, or -1. */
static int64_t committed(const char *group, const char *topic, int32_t partition)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
	rd_kafka_t *consumer;
	int64_t offset;

	rd_kafka_conf_set(conf, "bootstrap.servers", rd_kafka_mock_cluster_bootstraps(cluster), NULL, 0);
	rd_kafka_conf_set(conf, "group.id", group, NULL, 0);
	consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, NULL, 0);
	rd_kafka_topic_partition_list_add(list, topic, partition);
	ck_assert_int_eq(rd_kafka_committed(consumer, list, 10000), 0);
	offset = list->elems[0].offset;
	rd_kafka_topic_partition_list_destroy(list);
	rd_kafka_destroy(consumer);
	return offset < 0 ? -1 : offset;
}

START_TEST(offsets_are_committed_only_when_the_store_has_them)
{
	struct source *source;

	make_topic("log", 2);
	say("log", 0, "one");
	say("log", 0, "two");
	say("log", 1, "three");
	source = opened("log", false, 2);
	probe_expect(source, 0, "0:one|1:two|", SOURCE_IDLE);
	probe_expect(source, 1, "0:three|", SOURCE_IDLE);
	source_wait(source, 1500);
	ck_assert_int_eq(committed("testers", "log", 0), -1);
	source_committed(source, 0, 1);
	for (int i = 0; i < 100 && committed("testers", "log", 0) < 1; i++)
		source_wait(source, 100);
	ck_assert_int_eq(committed("testers", "log", 0), 1);
	ck_assert_int_eq(committed("testers", "log", 1), -1);
	source_committed(source, 0, 2);
	source_committed(source, 1, 1);
	source_free(&source); /* what is left is sent then */
	ck_assert_int_eq(committed("testers", "log", 0), 2);
	ck_assert_int_eq(committed("testers", "log", 1), 1);
	source = opened("log", false, 2); /* and is not where reading begins */
	probe_expect(source, 0, "0:one|1:two|", SOURCE_IDLE);
	probe_expect_notice(source, NULL);
	source_free(&source);
}
END_TEST

START_TEST(a_commit_that_fails_is_told_once_and_reading_goes_on)
{
	struct source *source;

	make_topic("log", 1);
	source = opened("log", false, 1);
	probe_expect(source, 0, "", SOURCE_IDLE);
	rd_kafka_mock_push_request_errors(cluster, 8 /* OffsetCommit */, 2,
	                                  RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
	                                  RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED);
	source_committed(source, 0, 1);
	await_notice(source, "Kafka: the offsets of group testers could not be committed");
	source_committed(source, 0, 2);
	for (int i = 0; i < 15; i++)
		source_wait(source, 100);
	say("log", 0, "one");
	for (int i = 0; i < 100 && source_partition(source, 0)->size < 1; i++)
		source_wait(source, 50);
	probe_expect(source, 0, "0:one|", SOURCE_IDLE);
	probe_expect_notice(source, NULL);
	source_free(&source);
}
END_TEST

START_TEST(bad_settings_are_refused)
{
	expect_no_source("127.0.0.1:1", "log", "no.such.thing=1", "Kafka property no.such.thing=1: ");
	expect_no_source("127.0.0.1:1", "log", "fetch.wait.max.ms=many", "Kafka property fetch.wait.max.ms=many: ");
	expect_no_source("127.0.0.1:1", "log", "nonsense", "Kafka property nonsense: not name=value");
	expect_no_source("127.0.0.1:1", "log", "=1", "Kafka property =1: not name=value");
	expect_no_source("127.0.0.1:1", "^[a", NULL, "Kafka topic pattern ^[a: ");
	expect_no_source("127.0.0.1:1", NULL, NULL, "no Kafka topic is given");
	expect_no_source(NULL, "log", NULL, "no Kafka brokers are given");
	expect_no_source("127.0.0.1:1", "log", "max.poll.interval.ms=1", "Kafka: ");
}
END_TEST

START_TEST(brokers_may_be_given_as_a_property_and_later_properties_win)
{
	const char *const topics[] = {"log", NULL};
	char brokers[256];
	const char *const properties[] = {"bootstrap.servers=127.0.0.1:1", brokers, "fetch.wait.max.ms=10", NULL};
	char *error = NULL;
	struct source *source;

	make_topic("log", 1);
	snprintf(brokers, sizeof(brokers), "metadata.broker.list=%s", rd_kafka_mock_cluster_bootstraps(cluster));
	source = source_kafka_new(NULL, topics, NULL, properties, true, &error);
	ck_assert_msg(source != NULL, "%s", error);
	await_partitions(source, 1);
	probe_expect(source, 0, "", SOURCE_END);
	source_free(&source);
}
END_TEST

START_TEST(what_the_source_stands_on_cannot_be_changed)
{
	const char *const topics[] = {"log", NULL};
	const char *const properties[] = {"auto.offset.reset=latest", "enable.auto.commit=true", "fetch.wait.max.ms=10",
	                                  "enable.partition.eof=true", NULL};
	struct source *source;

	make_topic("log", 1);
	say("log", 0, "one");
	source = made(topics, properties, false);
	probe_expect_notice(source, "Kafka property auto.offset.reset=latest is not used");
	probe_expect_notice(source, "Kafka property enable.auto.commit=true is not used");
	probe_expect_notice(source, NULL);
	await_partitions(source, 1);
	probe_expect(source, 0, "0:one|", SOURCE_IDLE);
	source_free(&source);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("source_kafka");
	TCase *rules = tcase_create("rules");
	TCase *kafka = tcase_create("kafka");

	tcase_add_test(rules, an_offset_is_judged_by_the_one_expected);
	suite_add_tcase(suite, rules);
	tcase_add_checked_fixture(kafka, enter, leave);
	tcase_set_timeout(kafka, 120);
	tcase_add_test(kafka, records_come_with_offset_time_and_bytes);
	tcase_add_test(kafka, what_is_produced_later_is_read_and_wakes);
	tcase_add_test(kafka, every_record_of_many_partitions_comes_exactly_once);
	tcase_add_test(kafka, a_partition_goes_on_where_it_was_left);
	tcase_add_test(kafka, an_empty_topic_is_idle_and_at_its_end);
	tcase_add_test(kafka, until_end_stops_where_the_end_was_at_start);
	tcase_add_test(kafka, until_end_with_all_read_before_ends_at_once);
	tcase_add_test(kafka, a_stored_offset_beyond_the_end_is_told_and_all_is_read);
	tcase_add_test(kafka, a_stored_offset_beyond_the_end_of_an_empty_partition_waits_at_its_beginning);
	tcase_add_test(kafka, offsets_are_committed_only_when_the_store_has_them);
	tcase_add_test(kafka, a_commit_that_fails_is_told_once_and_reading_goes_on);
	tcase_add_test(kafka, bad_settings_are_refused);
	tcase_add_test(kafka, brokers_may_be_given_as_a_property_and_later_properties_win);
	tcase_add_test(kafka, what_the_source_stands_on_cannot_be_changed);
	suite_add_tcase(suite, kafka);
	return suite_run(suite);
}
