/* SPDX-License-Identifier: Apache-2.0
 *
 * How soon an incident can be seen: storms are produced to Kafka up to the
 * line before the one that crosses the threshold, then, one storm after the
 * other, that line, and a second connection to the database of a running
 * mailstormd looks for the incidents' rows. Meanwhile threads produce ordinary
 * lines from files at the pace of their own time stamps, moved to now or to
 * some time ago. What it sees it prints; any error ends it, with status 1.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <librdkafka/rdkafka.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SECOND INT64_C(1000000)
#define STAMP 32            /* 2016-11-14T08:29:00.001400+00:00 */
#define STREAMS 8           /* at most */
#define REPLIES 10          /* mailstormd's min_replies; fewer open nothing here */
#define MEMBERS 1200        /* over its min_recipients, and REPLIES times it is below its min_pairs */
#define PATIENCE 60         /* seconds until an incident is given up */
#define SETTLE (3 * SECOND) /* after what comes before the thresholds */

static const char usage[] = "usage: bench-latency BROKERS TOPIC PARTITIONS DATABASE SECONDS STREAM...\n"
			    "\n"
			    "STREAM is FILE:FIRST-LAST:AGE[:at-once]: the lines of FILE, which have ISO 8601 time\n"
			    "stamps in UTC, go to these partitions (of a host always to the same) at their own pace,\n"
			    "with time stamps AGE seconds old; with at-once, as fast as they can, before anything\n"
			    "is measured. Hosts of a stream with an AGE are given another name. Storms go to the\n"
			    "partitions below PARTITIONS. For each a line is printed: milliseconds from producing\n"
			    "the line that crosses the threshold until its incident was seen in the database; then\n"
			    "how many lines the streams came to, and how far behind their pace they were at worst.\n";

struct stream {
	const char *path;
	int first, last;
	int64_t age;
	bool at_once, running;
	char *bytes;
	size_t size;
	pthread_t thread;
	struct run *run;
	uint64_t lines;
	int64_t behind; /* at worst */
};

struct run {
	rd_kafka_topic_t *background, *storms;
	rd_kafka_t *client, *quick; /* of these two */
	int partitions;
	int64_t seconds, start;
	atomic_bool stop;
	struct stream streams[STREAMS];
	unsigned stream_count, storms_count;
	int64_t *crossed; /* when each storm crossed its threshold; 0 before, and once its incident was seen */
	unsigned seen;    /* all storms below were */
	sqlite3 *database;
	sqlite3_stmt *version, *incident;
};

static int complain(const char *what, const char *why)
{
	fprintf(stderr, "bench-latency: %s: %s\n", what, why);
	return -1;
}

static int64_t now(void)
{
	struct timespec at;

	clock_gettime(CLOCK_REALTIME, &at);
	return at.tv_sec * SECOND + at.tv_nsec / 1000;
}

static void wait_until(int64_t until)
{
	struct timespec at = {.tv_sec = until / SECOND, .tv_nsec = until % SECOND * 1000};

	while (clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &at, NULL) == EINTR)
		;
}

/* The whole second, 19 characters. */
static void put_second(char *to, int64_t time)
{
	time_t second = (time_t)(time / SECOND);
	struct tm tm;

	gmtime_r(&second, &tm);
	strftime(to, 20, "%Y-%m-%dT%H:%M:%S", &tm);
}

static int64_t second_of(const char *stamp)
{
	struct tm tm = {0};
	char text[20] = "";

	memcpy(text, stamp, 19);
	return strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) ? timegm(&tm) * SECOND : -1;
}

static bool produce(rd_kafka_t *client, rd_kafka_topic_t *topic, int partition, const char *line, size_t length)
{
	while (rd_kafka_produce(topic, partition, RD_KAFKA_MSG_F_COPY, (void *)(uintptr_t)line, length, NULL, 0, NULL) <
	       0) {
		if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL)
			return complain("Kafka", rd_kafka_err2str(rd_kafka_last_error())) == 0;
		rd_kafka_poll(client, 10);
	}
	return true;
}

/* A host's lines keep to one partition; hosts that are numbered are spread evenly. */
static int partition_of(const struct stream *stream, const char *host)
{
	size_t name = strcspn(host, "0123456789 ");

	return stream->first + (int)(strtoul(host + name, NULL, 10) % (unsigned)(stream->last - stream->first + 1));
}

/* One line, its time stamp replaced; what is old comes from hosts of its own. */
static bool stream_line(struct stream *stream, const char *second, const char *line, size_t length)
{
	static const char late[] = "late-";
	char text[4096];
	size_t prefix = stream->age ? sizeof(late) - 1 : 0;

	if (length + prefix > sizeof(text) || length <= STAMP + 1)
		return true;
	memcpy(text, second, 19);
	memcpy(text + 19, line + 19, STAMP + 1 - 19);
	memcpy(text + STAMP + 1, late, prefix);
	memcpy(text + STAMP + 1 + prefix, line + STAMP + 1, length - STAMP - 1);
	stream->lines++;
	return produce(stream->run->client, stream->run->background, partition_of(stream, line + STAMP + 1), text,
	               length + prefix);
}

/* Until its end, or the end of the run. */
static void *stream_run(void *of)
{
	struct stream *stream = of;
	int64_t shift = stream->run->start / SECOND * SECOND - second_of(stream->bytes), due = 0;
	const char *at = stream->bytes, *end = at + stream->size, *next;
	char before[19] = "", second[20] = "";

	for (; at < end && !stream->run->stop; at = next + 1) {
		next = memchr(at, '\n', (size_t)(end - at));
		if (!next || next - at < STAMP)
			break;
		if (memcmp(before, at, sizeof(before)) != 0) {
			memcpy(before, at, sizeof(before));
			due = second_of(at) + shift;
			put_second(second, due - stream->age * SECOND);
		}
		if (!stream->at_once) {
			int64_t ahead = due + strtol(at + 20, NULL, 10) - now();

			if (ahead > SECOND / 500)
				wait_until(now() + ahead);
			stream->behind = -ahead > stream->behind ? -ahead : stream->behind;
		}
		if (!stream_line(stream, second, at, (size_t)(next - at)))
			exit(1);
	}
	return NULL;
}

static bool stream_open(struct stream *stream, char *wanted)
{
	char *colon = strchr(wanted, ':'), *rest;
	int file = -1;
	struct stat status;

	if (!colon)
		return complain(wanted, "not FILE:FIRST-LAST:AGE") == 0;
	*colon = '\0';
	stream->path = wanted;
	stream->first = (int)strtol(colon + 1, &rest, 10);
	stream->last = *rest == '-' ? (int)strtol(rest + 1, &rest, 10) : -1;
	stream->age = *rest == ':' ? strtol(rest + 1, &rest, 10) : -1;
	stream->at_once = !strcmp(rest, ":at-once");
	if (stream->first < 0 || stream->last < stream->first || stream->age < 0 || (*rest && !stream->at_once))
		return complain(colon + 1, "not FIRST-LAST:AGE") == 0;
	file = open(wanted, O_RDONLY | O_CLOEXEC);
	if (file < 0 || fstat(file, &status) < 0 || status.st_size < STAMP)
		return complain(wanted, file < 0 ? strerror(errno) : "no lines") == 0;
	stream->size = (size_t)status.st_size;
	stream->bytes = mmap(NULL, stream->size, PROT_READ, MAP_PRIVATE, file, 0);
	close(file);
	return stream->bytes != MAP_FAILED || complain(wanted, strerror(errno)) == 0;
}

/* Those that go at their pace, or those that come at once. */
static bool start_streams(struct run *run, bool at_once)
{
	for (unsigned i = 0; i < run->stream_count; i++) {
		struct stream *stream = &run->streams[i];

		if (stream->at_once != at_once)
			continue;
		stream->running = pthread_create(&stream->thread, NULL, stream_run, stream) == 0;
		if (!stream->running)
			return complain("a thread", "cannot be made") == 0;
	}
	return true;
}

static void end_streams(struct run *run)
{
	uint64_t lines = 0;
	int64_t behind = 0;

	run->stop = true;
	for (unsigned i = 0; i < run->stream_count; i++) {
		struct stream *stream = &run->streams[i];

		if (stream->running)
			pthread_join(stream->thread, NULL);
		lines += stream->lines;
		behind = stream->behind > behind ? stream->behind : behind;
	}
	printf("# lines %" PRIu64 " seconds %.3f behind_ms %.3f\n", lines, (double)(now() - run->start) / SECOND,
	       (double)behind / 1000);
}

/* A line of the storm's server, of now; the queue ID carries the microsecond of the post. */
static bool storm_line(struct run *run, unsigned storm, const char *format, ...) __attribute__((format(printf, 3, 4)));
static bool storm_line(struct run *run, unsigned storm, const char *format, ...)
{
	int64_t at = now();
	char text[2048], second[20];
	va_list arguments;
	int head, length;

	put_second(second, at);
	head = snprintf(text, sizeof(text), "%s.%06d+00:00 storms%u postfix/", second, (int)(at % SECOND),
	                storm % (unsigned)run->partitions);
	va_start(arguments, format);
	length = vsnprintf(text + head, sizeof(text) - (size_t)head, format, arguments);
	va_end(arguments);
	return produce(run->quick, run->storms, (int)(storm % (unsigned)run->partitions), text,
	               (size_t)(head + length));
}

/* One post to a storm's list, up to the line that names its second recipient. *at: just before that line. */
static bool storm_post(struct run *run, unsigned storm, unsigned number, int64_t *at)
{
	unsigned poster = number % 5;
	char id[32], list[64];
	bool good;

	snprintf(list, sizeof(list), "storm-%u@latency.example", storm);
	snprintf(id, sizeof(id), "%05X%05X%02X", (unsigned)(now() % SECOND), storm, number);
	good = storm_line(run, storm, "smtpd[2448]: %s: client=pc%u.latency.example[10.9.1.%u]", id, poster, poster) &&
	       storm_line(run, storm,
	                  "cleanup[5259]: %s: info: header Subject: %sTest %u from pc%u.latency.example[10.9.1.%u]; "
	                  "from=<poster%u@latency.example> to=<%s> proto=ESMTP helo=<pc>",
	                  id, number ? "Re: " : "", storm, poster, poster, poster, list) &&
	       (number == 0 ||
	        storm_line(
			run, storm,
			"cleanup[5259]: %s: info: header In-Reply-To: <%u.0@latency.example> from "
			"pc%u.latency.example[10.9.1.%u]; from=<poster%u@latency.example> to=<%s> proto=ESMTP helo=<pc>",
			id, storm, poster, poster, poster, list)) &&
	       storm_line(run, storm, "cleanup[5259]: %s: message-id=<%u.%u@latency.example>", id, storm, number) &&
	       storm_line(run, storm,
	                  "qmgr[1200]: %s: from=<poster%u@latency.example>, size=2957, nrcpt=%d (queue active)", id,
	                  poster, MEMBERS);
	for (unsigned member = 0; member < 2 && good; member++) {
		*at = now();
		good = storm_line(
			run, storm,
			"lmtp[36232]: %s: to=<member%u@latency.example>, orig_to=<%s>, "
			"relay=storms.latency.example[private/dovecot-lmtp], delay=0.08, delays=0.01/0.02/0.02/0.03, "
			"dsn=2.0.0, status=sent (250 2.0.0 Saved)",
			id, member, list);
	}
	return good;
}

/* Made by mailstormd, maybe in a moment. */
static bool database_open(struct run *run, const char *path)
{
	for (int tries = 0; tries < 600; tries++) {
		sqlite3_close(run->database);
		if (sqlite3_open_v2(path, &run->database, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
		    sqlite3_busy_timeout(run->database, 5000) == SQLITE_OK &&
		    sqlite3_prepare_v2(run->database, "PRAGMA data_version", -1, &run->version, NULL) == SQLITE_OK &&
		    sqlite3_prepare_v2(run->database, "SELECT id FROM incidents WHERE list = ?", -1, &run->incident,
		                       NULL) == SQLITE_OK)
			return true;
		sqlite3_finalize(run->version);
		wait_until(now() + SECOND / 10);
	}
	return complain(path, sqlite3_errmsg(run->database)) == 0;
}

static int64_t database_version(struct run *run)
{
	int64_t version = sqlite3_step(run->version) == SQLITE_ROW ? sqlite3_column_int64(run->version, 0) : -1;

	sqlite3_reset(run->version);
	return version;
}

static bool incident_there(struct run *run, unsigned storm)
{
	char list[64];
	bool there;

	snprintf(list, sizeof(list), "storm-%u@latency.example", storm);
	sqlite3_bind_text(run->incident, 1, list, -1, SQLITE_TRANSIENT);
	there = sqlite3_step(run->incident) == SQLITE_ROW;
	sqlite3_reset(run->incident);
	return there;
}

/* Crosses a storm's threshold. */
static bool cross(struct run *run, unsigned storm)
{
	if (incident_there(run, storm))
		return complain("a storm's incident", "was there before its threshold was crossed") == 0;
	return storm_post(run, storm, REPLIES, &run->crossed[storm]);
}

/* Somebody committed: which of the storms that crossed, and were not seen yet, are incidents? */
static void look(struct run *run, unsigned crossed)
{
	for (unsigned storm = run->seen; storm < crossed; storm++) {
		if (run->crossed[storm] && incident_there(run, storm)) {
			printf("%.3f\n", (double)(now() - run->crossed[storm]) / 1000);
			run->crossed[storm] = 0;
		}
	}
	while (run->seen < crossed && !run->crossed[run->seen])
		run->seen++;
}

/* All storms up to one post before their thresholds. */
static bool prepare_storms(struct run *run)
{
	int64_t at;

	for (unsigned i = 0; i < run->storms_count * REPLIES; i++) {
		if (!storm_post(run, i / REPLIES, i % REPLIES, &at))
			return false;
		if (i % 50 == 49)
			wait_until(now() + SECOND / 20);
	}
	wait_until(now() + SETTLE);
	return true;
}

/* They cross their thresholds four a second, whether those before were seen or not, and not in step with anything. */
static bool run_storms(struct run *run)
{
	int64_t due = now(), version = -1, latest;
	unsigned crossed = 0, random = 1;

	while (run->seen < run->storms_count) {
		if (crossed < run->storms_count && now() >= due) {
			if (!cross(run, crossed++))
				return false;
			random = random * 1664525U + 1013904223U;
			due += 150000 + random / 65536 * 200000 / 65536;
		}
		latest = database_version(run);
		if (latest != version)
			look(run, crossed);
		if (run->seen < crossed && now() - run->crossed[run->seen] > PATIENCE * SECOND)
			return complain("a storm's incident", "was not seen in time") == 0;
		version = latest;
		wait_until(now() + SECOND / 1000);
	}
	return true;
}

/* Ordinary lines come in batches, as from a shipper; the storm's lines at once. */
static rd_kafka_t *client_new(const char *brokers, const char *linger)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	rd_kafka_t *client;
	char why[512];

	rd_kafka_conf_set(conf, "bootstrap.servers", brokers, NULL, 0);
	rd_kafka_conf_set(conf, "compression.codec", "lz4", NULL, 0);
	rd_kafka_conf_set(conf, "linger.ms", linger, NULL, 0);
	rd_kafka_conf_set(conf, "queue.buffering.max.messages", "1000000", NULL, 0);
	client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof(why));
	if (!client)
		complain("librdkafka", why);
	return client;
}

static bool run_all(struct run *run, const char *brokers, const char *topic, const char *database)
{
	bool good;

	run->client = client_new(brokers, "50");
	run->quick = client_new(brokers, "0");
	if (!run->client || !run->quick)
		return false;
	run->background = rd_kafka_topic_new(run->client, topic, NULL);
	run->storms = rd_kafka_topic_new(run->quick, topic, NULL);
	run->start = now();
	run->storms_count = (unsigned)run->seconds * 4;
	run->crossed = calloc(run->storms_count, sizeof(*run->crossed));
	if (!run->crossed)
		return false;
	good = database_open(run, database) && start_streams(run, false) && prepare_storms(run) &&
	       start_streams(run, true) && run_storms(run);
	end_streams(run);
	good = rd_kafka_flush(run->client, 10000) == RD_KAFKA_RESP_ERR_NO_ERROR && good;
	sqlite3_finalize(run->version);
	sqlite3_finalize(run->incident);
	sqlite3_close(run->database);
	free(run->crossed);
	return good;
}

int main(int argc, char **argv)
{
	static struct run run;

	if (argc > 1 && !strcmp(argv[1], "--help")) {
		fputs(usage, stdout);
		return 0;
	}
	if (argc < 7 || argc - 6 > STREAMS || (run.partitions = atoi(argv[3])) < 1 ||
	    (run.seconds = atoi(argv[5])) < 1) {
		fputs(usage, stderr);
		return 2;
	}
	for (int i = 6; i < argc; i++) {
		struct stream *stream = &run.streams[run.stream_count++];

		stream->run = &run;
		if (!stream_open(stream, argv[i]))
			return 2;
	}
	return run_all(&run, argv[1], argv[2], argv[4]) ? 0 : 1;
}
