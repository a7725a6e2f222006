/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of the Kafka source against librdkafka's mock cluster: topics, brokers,
 * leaders and records that come, and go. A partition of the mock cluster holds 5 MiB and
 * then loses its oldest records, which is how gaps are made here.
 */
#include "tests/mock_cluster.h"

/* Records of 64 KiB, each a batch of its own, so that the oldest are lost one by one. */
static void overflow(const char *topic, int32_t partition, int count)
{
	char *value = malloc(65536);

	memset(value, 'x', 65536);
	for (int i = 0; i < count; i++) {
		produce(topic, partition, value, 65536, 0);
		flush();
	}
	free(value);
}

static int64_t earliest(const char *topic, int32_t partition)
{
	int64_t low;
	int64_t high;

	ck_assert_int_eq(rd_kafka_query_watermark_offsets(producer, topic, partition, &low, &high, 10000), 0);
	return low;
}

START_TEST(records_that_were_deleted_before_the_start_are_a_gap)
{
	struct source *source;
	struct probe probe;
	int64_t low;
	char expected[64];

	make_topic("log", 1);
	overflow("log", 0, 100);
	low = earliest("log", 0);
	ck_assert_int_gt(low, 10);
	for (int until_end = 0; until_end < 2; until_end++) {
		source = opened("log", until_end, 1);
		source_seek(source, 0, 3, 0);
		probe_read(&probe, source, 0);
		snprintf(expected, sizeof(expected), "gap %" PRId64 "|%" PRId64 ":x", low - 3, low);
		ck_assert_int_eq(strncmp(probe.text, expected, strlen(expected)), 0);
		ck_assert_int_eq(probe.records, 100 - low);
		ck_assert_int_eq(probe.next_offset, 100);
		ck_assert_int_eq(probe.state, until_end ? SOURCE_END : SOURCE_IDLE);
		free(probe.text);
		source_free(&source);
	}
	source = opened("log", true, 1); /* nothing was read before: nothing is missing */
	probe_read(&probe, source, 0);
	snprintf(expected, sizeof(expected), "%" PRId64 ":x", low);
	ck_assert_int_eq(strncmp(probe.text, expected, strlen(expected)), 0);
	free(probe.text);
	source_free(&source);
}
END_TEST

START_TEST(records_that_are_deleted_while_they_wait_are_a_gap_before_a_batch)
{
	const char *const topics[] = {"log", NULL};
	const char *const few[] = {"fetch.wait.max.ms=10", "topic.metadata.refresh.interval.ms=200",
	                           "queued.min.messages=2", NULL};
	struct source *source = NULL;
	struct batch *batch = batch_new();
	int64_t next = 0;
	int64_t gaps = 0;
	int64_t missing = 0;
	enum source_state state;

	make_topic("log", 1);
	overflow("log", 0, 20);
	source = made(topics, few, false);
	await_partitions(source, 1);
	while ((state = source_read(source, 0, batch)) == SOURCE_BUSY)
		source_wait(source, 20);
	ck_assert_int_eq(state, SOURCE_READY);
	ck_assert_int_eq(batch->records[0].offset, 0);
	next = batch->next_offset;
	overflow("log", 0, 130); /* what is not fetched yet is lost */
	for (int i = 0; i < 2000 && next < 150; i++) {
		batch_clear(batch);
		state = source_read(source, 0, batch);
		if (state != SOURCE_READY) {
			source_wait(source, 20);
			continue;
		}
		gaps += batch->gap > 0;
		missing += batch->gap;
		next += batch->gap;
		for (uint32_t r = 0; r < batch->count; r++)
			ck_assert_int_eq(batch->records[r].offset, next++);
		ck_assert_int_eq(batch->next_offset, next);
	}
	ck_assert_int_eq(next, 150);
	ck_assert_int_eq(gaps, 1);
	ck_assert_int_gt(missing, 10);
	probe_expect_notice(source, NULL);
	batch_free(&batch);
	source_free(&source);
}
END_TEST

START_TEST(topics_are_found_by_name_and_by_pattern_each_partition_once)
{
	const char *const topics[] = {"^mail", "log", "^mail-b", "mail-a", "log", NULL};
	struct source *source;
	const char *const expected[] = {"log/0", "log/1", "mail-a/0", "mail-b/0"};

	make_topic("mail-b", 1);
	make_topic("log", 2);
	make_topic("mail-a", 1);
	make_topic("other-mail", 1);
	source = made(topics, quick, true);
	await_partitions(source, 4);
	source_wait(source, 300);
	ck_assert_uint_eq(source_count(source), 4);
	for (uint32_t i = 0; i < 4; i++) {
		const struct source_partition *table = source_partition(source, i);
		char name[64];

		snprintf(name, sizeof(name), "%s/%d", table->topic, table->partition);
		ck_assert_str_eq(name, expected[i]);
	}
	source_free(&source);
}
END_TEST

START_TEST(kafka_own_topics_are_not_of_a_pattern_that_does_not_ask_for_them)
{
	const char *const any[] = {"^.*", NULL};
	const char *const own[] = {"^__", NULL};
	struct source *source;

	make_topic("__consumer_offsets", 1);
	make_topic("log", 1);
	source = made(any, quick, true);
	await_partitions(source, 1);
	ck_assert_str_eq(source_partition(source, 0)->topic, "log");
	source_free(&source);
	source = made(own, quick, true);
	await_partitions(source, 1);
	ck_assert_str_eq(source_partition(source, 0)->topic, "__consumer_offsets");
	source_free(&source);
}
END_TEST

START_TEST(a_topic_that_comes_later_is_read)
{
	const char *const topics[] = {"named", "^mail", NULL};
	struct source *source = made(topics, quick, false);

	await_notice(source, "Kafka topic named: Broker: Unknown topic or partition; waiting for it");
	ck_assert_uint_eq(source_count(source), 0);
	make_topic("mail", 1);
	say("mail", 0, "one");
	await_partitions(source, 1);
	probe_expect(source, 0, "0:one|", SOURCE_IDLE);
	make_topic("named", 1);
	say("named", 0, "two");
	await_partitions(source, 2);
	probe_expect(source, 1, "0:two|", SOURCE_IDLE);
	say("mail", 0, "three");
	source_wait(source, 1000);
	usleep(200000);
	probe_expect(source, 0, "1:three|", SOURCE_IDLE);
	probe_expect_notice(source, NULL);
	source_free(&source);
}
END_TEST

START_TEST(until_end_leaves_out_a_topic_that_is_not_there)
{
	const char *const topics[] = {"missing", "log", NULL};
	const char *const patterns[] = {"missing", "^log", NULL};

	make_topic("log", 1);
	make_topic("missing", 1);
	rd_kafka_mock_topic_set_error(cluster, "missing", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
	for (int by_pattern = 0; by_pattern < 2; by_pattern++) {
		struct source *source = made(by_pattern ? patterns : topics, quick, true);

		await_partitions(source, 1);
		await_notice(source, "Kafka topic missing: Broker: Unknown topic or partition; it is left out");
		probe_expect(source, 0, "", SOURCE_END);
		for (int i = 0; i < 100 && !source_finished(source); i++)
			source_wait(source, 50);
		ck_assert(source_finished(source));
		ck_assert_uint_eq(source_count(source), 1);
		source_free(&source);
	}
}
END_TEST

START_TEST(a_named_topic_that_is_not_there_is_waited_for)
{
	const char *const topics[] = {"log", NULL};
	struct source *source;

	make_topic("log", 1);
	say("log", 0, "one");
	rd_kafka_mock_topic_set_error(cluster, "log", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
	source = made(topics, quick, false);
	await_notice(source, "Kafka topic log: Broker: Unknown topic or partition; waiting for it");
	source_wait(source, 1500);
	probe_expect_notice(source, NULL);
	rd_kafka_mock_topic_set_error(cluster, "log", RD_KAFKA_RESP_ERR_NO_ERROR);
	await_partitions(source, 1);
	probe_expect(source, 0, "0:one|", SOURCE_IDLE);
	probe_expect_notice(source, NULL);
	source_free(&source);
}
END_TEST

START_TEST(a_topic_that_is_deleted_is_told_and_can_be_given_up)
{
	struct source *source;

	make_topic("log", 1);
	say("log", 0, "one");
	source = opened("log", false, 1);
	probe_expect(source, 0, "0:one|", SOURCE_IDLE);
	rd_kafka_mock_topic_set_error(cluster, "log", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
	await_notice(source, "Kafka topic log: Broker: Unknown topic or partition");
	probe_expect(source, 0, "", SOURCE_IDLE);
	source_free(&source);
}
END_TEST

START_TEST(brokers_that_are_down_at_start_are_told_once_and_waited_for)
{
	const char *const topics[] = {"log", NULL};
	struct source *source;

	make_topic("log", 1);
	say("log", 0, "one");
	ck_assert_int_eq(rd_kafka_mock_broker_set_down(cluster, -1), 0);
	source = made(topics, quick, false);
	await_notice(source, "Kafka brokers cannot be reached: ");
	for (int i = 0; i < 20; i++)
		source_wait(source, 100);
	probe_expect_notice(source, NULL);
	ck_assert_uint_eq(source_count(source), 0);
	ck_assert(!source_finished(source));
	ck_assert_int_eq(rd_kafka_mock_broker_set_up(cluster, -1), 0);
	await_notice(source, "Kafka brokers can be reached again");
	await_partitions(source, 1);
	probe_expect(source, 0, "0:one|", SOURCE_IDLE);
	probe_expect_notice(source, NULL);
	source_free(&source);
}
END_TEST

START_TEST(brokers_that_go_down_later_are_told_once_and_nothing_is_lost)
{
	struct source *source;

	make_topic("log", 3);
	say("log", 0, "one");
	source = opened("log", false, 3);
	probe_expect(source, 0, "0:one|", SOURCE_IDLE);
	probe_expect(source, 1, "", SOURCE_IDLE);
	probe_expect(source, 2, "", SOURCE_IDLE);
	ck_assert_int_eq(rd_kafka_mock_broker_set_down(cluster, -1), 0);
	await_notice(source, "Kafka brokers cannot be reached: ");
	probe_expect(source, 0, "", SOURCE_IDLE);
	for (int i = 0; i < 10; i++)
		source_wait(source, 100);
	probe_expect_notice(source, NULL);
	ck_assert_int_eq(rd_kafka_mock_broker_set_up(cluster, -1), 0);
	await_notice(source, "Kafka brokers can be reached again");
	say("log", 0, "two");
	say("log", 2, "three");
	for (int i = 0; i < 100 && source_partition(source, 0)->size < 2; i++)
		source_wait(source, 100);
	probe_expect(source, 0, "1:two|", SOURCE_IDLE);
	for (int i = 0; i < 100 && source_partition(source, 2)->size < 1; i++)
		source_wait(source, 100);
	probe_expect(source, 2, "0:three|", SOURCE_IDLE);
	probe_expect_notice(source, NULL);
	source_free(&source);
}
END_TEST

START_TEST(a_source_can_be_given_up_while_no_broker_answers)
{
	const char *const topics[] = {"log", NULL};
	struct source *source;

	make_topic("log", 1);
	ck_assert_int_eq(rd_kafka_mock_broker_set_down(cluster, -1), 0);
	source = made(topics, quick, true);
	source_wait(source, 100);
	source_free(&source);
	ck_assert_int_eq(rd_kafka_mock_broker_set_up(cluster, -1), 0);
	source = opened("log", false, 1);
	probe_expect(source, 0, "", SOURCE_IDLE);
	ck_assert_int_eq(rd_kafka_mock_broker_set_down(cluster, -1), 0);
	source_committed(source, 0, 1);
	await_notice(source, "Kafka brokers cannot be reached: ");
	source_free(&source);
}
END_TEST

START_TEST(a_partition_without_a_leader_is_told_and_holds_nobody_up)
{
	struct source *source;
	struct batch *batch = batch_new();
	enum source_state state = SOURCE_BUSY;

	make_topic("log", 2);
	say("log", 0, "one");
	say("log", 1, "two");
	ck_assert_int_eq(rd_kafka_mock_partition_set_leader(cluster, "log", 1, -1), 0);
	source = opened("log", false, 2);
	probe_expect(source, 0, "0:one|", SOURCE_IDLE);
	ck_assert_int_eq(source_read(source, 1, batch), SOURCE_BUSY);
	for (int i = 0; i < 600 && state == SOURCE_BUSY; i++) {
		source_wait(source, 100);
		state = source_read(source, 1, batch);
	}
	ck_assert_int_eq(state, SOURCE_IDLE);
	probe_expect_notice(source, "Kafka topic log partition 1: nothing comes at offset 0 since 30 seconds");
	probe_expect_notice(source, NULL);
	ck_assert_int_eq(rd_kafka_mock_partition_set_leader(cluster, "log", 1, 2), 0);
	for (int i = 0; i < 300 && source_partition(source, 1)->next_offset == 0; i++) {
		source_wait(source, 100);
		batch_clear(batch);
		source_read(source, 1, batch);
	}
	ck_assert_uint_eq(batch->count, 1);
	ck_assert(slice_is(batch->records[0].bytes, "two"));
	probe_expect_notice(source, "Kafka topic log partition 1: records come again");
	batch_free(&batch);
	source_free(&source);
}
END_TEST

START_TEST(a_leader_that_changes_loses_nothing)
{
	struct source *source;

	make_topic("log", 1);
	ck_assert_int_eq(rd_kafka_mock_partition_set_leader(cluster, "log", 0, 1), 0);
	say("log", 0, "one");
	source = opened("log", false, 1);
	probe_expect(source, 0, "0:one|", SOURCE_IDLE);
	ck_assert_int_eq(rd_kafka_mock_partition_set_leader(cluster, "log", 0, 3), 0);
	say("log", 0, "two");
	for (int i = 0; i < 200 && source_partition(source, 0)->size < 2; i++)
		source_wait(source, 50);
	probe_expect(source, 0, "1:two|", SOURCE_IDLE);
	source_free(&source);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("source_kafka_changes");
	TCase *kafka = tcase_create("kafka");

	tcase_add_checked_fixture(kafka, enter, leave);
	tcase_set_timeout(kafka, 120);
	tcase_add_test(kafka, records_that_were_deleted_before_the_start_are_a_gap);
	tcase_add_test(kafka, records_that_are_deleted_while_they_wait_are_a_gap_before_a_batch);
	tcase_add_test(kafka, topics_are_found_by_name_and_by_pattern_each_partition_once);
	tcase_add_test(kafka, kafka_own_topics_are_not_of_a_pattern_that_does_not_ask_for_them);
	tcase_add_test(kafka, a_topic_that_comes_later_is_read);
	tcase_add_test(kafka, until_end_leaves_out_a_topic_that_is_not_there);
	tcase_add_test(kafka, a_named_topic_that_is_not_there_is_waited_for);
	tcase_add_test(kafka, a_topic_that_is_deleted_is_told_and_can_be_given_up);
	tcase_add_test(kafka, brokers_that_are_down_at_start_are_told_once_and_waited_for);
	tcase_add_test(kafka, brokers_that_go_down_later_are_told_once_and_nothing_is_lost);
	tcase_add_test(kafka, a_source_can_be_given_up_while_no_broker_answers);
	tcase_add_test(kafka, a_partition_without_a_leader_is_told_and_holds_nobody_up);
	tcase_add_test(kafka, a_leader_that_changes_loses_nothing);
	suite_add_tcase(suite, kafka);
	return suite_run(suite);
}
