/* SPDX-License-Identifier: Apache-2.0
 *
 * A Kafka broker for demonstrations and tests on machines that have none:
 * librdkafka's mock cluster, on the loopback interface, in memory, with the
 * topics that are asked for. It ends on SIGTERM or SIGINT, with its parent,
 * or when the pipe that is its standard input closes. It is no broker to keep
 * anything in: a partition holds 5 MiB and then loses its oldest records.
 */
#include <errno.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

static const char usage[] = "usage: demo-broker [--brokers N] FILE TOPIC[:PARTITIONS] ...\n"
			    "\n"
			    "Runs a Kafka cluster in memory, on the loopback interface, and writes its\n"
			    "bootstrap servers into FILE once it can be used.\n"
			    "\n"
			    "  TOPIC:PARTITIONS  topics to make; one partition where no number is given\n"
			    "  --brokers N       brokers of the cluster (1)\n"
			    "  --help            this text\n"
			    "\n"
			    "It ends on SIGTERM or SIGINT, with its parent process, or when the pipe that\n"
			    "is its standard input closes; FILE is then removed. A partition holds 5 MiB;\n"
			    "beyond that its oldest records are lost.\n";

static int complain(const char *what, const char *why)
{
	fprintf(stderr, "demo-broker: %s: %s\n", what, why);
	return -1;
}

/* "TOPIC:PARTITIONS" */
static int make_topic(rd_kafka_mock_cluster_t *cluster, const char *wanted, int brokers)
{
	char *topic = strdup(wanted);
	char *colon = topic ? strrchr(topic, ':') : NULL;
	char *rest = NULL;
	long partitions = 1;
	rd_kafka_resp_err_t code;

	if (!topic)
		return complain(wanted, strerror(errno));
	if (colon) {
		partitions = strtol(colon + 1, &rest, 10);
		*colon = '\0';
	}
	if (!*topic || partitions < 1 || partitions > 10000 || (colon && (rest == colon + 1 || *rest))) {
		free(topic);
		return complain(wanted, "not TOPIC:PARTITIONS");
	}
	code = rd_kafka_mock_topic_create(cluster, topic, (int)partitions, brokers < 3 ? brokers : 3);
	free(topic);
	return code ? complain(wanted, rd_kafka_err2str(code)) : 0;
}

/* Whoever waits for the file finds it whole. */
static int write_file(const char *path, const char *servers)
{
	char *part = NULL;
	FILE *file;
	int result = 0;

	if (asprintf(&part, "%s.part", path) < 0)
		return complain(path, strerror(errno));
	file = fopen(part, "w");
	if (!file || fprintf(file, "%s\n", servers) < 0)
		result = complain(path, strerror(errno));
	if (file && fclose(file) != 0 && result == 0)
		result = complain(path, strerror(errno));
	if (result == 0 && rename(part, path) < 0)
		result = complain(path, strerror(errno));
	free(part);
	return result;
}

static int open_signals(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	return signalfd(-1, &signals, SFD_CLOEXEC);
}

/* Until a signal comes, the parent is another, or standard input closes; only a pipe or socket is heard: what a shell
 * starts in the background has /dev/null. */
static void wait_for_end(int signals, pid_t parent)
{
	struct pollfd ready[2] = {{.fd = signals, .events = POLLIN}, {.fd = -1, .events = POLLIN}};
	struct stat status;
	char bytes[256];

	if (fstat(STDIN_FILENO, &status) == 0 && (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode)))
		ready[1].fd = STDIN_FILENO;
	while (getppid() == parent) {
		if (poll(ready, 2, 500) < 0 && errno != EINTR)
			return;
		if (ready[0].revents)
			return;
		if (ready[1].revents && read(STDIN_FILENO, bytes, sizeof(bytes)) <= 0)
			return;
	}
}

static int run(int brokers, const char *path, char **topics)
{
	pid_t parent = getppid();
	int signals = open_signals(); /* before librdkafka's threads, which take the mask over */
	char why[512];
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	rd_kafka_t *client;
	rd_kafka_mock_cluster_t *cluster;
	int result = 0;

	rd_kafka_conf_set(conf, "log_level", "3", NULL, 0); /* it warns that it has no servers: it is one */
	client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof(why));
	cluster = client ? rd_kafka_mock_cluster_new(client, brokers) : NULL;
	if (!client)
		return complain("librdkafka", why);
	if (!cluster)
		result = complain("librdkafka", "no mock cluster");
	for (; result == 0 && *topics; topics++)
		result = make_topic(cluster, *topics, brokers);
	if (result == 0)
		result = write_file(path, rd_kafka_mock_cluster_bootstraps(cluster));
	if (result == 0) {
		wait_for_end(signals, parent);
		unlink(path);
	}
	if (cluster)
		rd_kafka_mock_cluster_destroy(cluster);
	rd_kafka_destroy(client);
	close(signals);
	return result;
}

int main(int argc, char **argv)
{
	int brokers = 1;
	int at = 1;

	if (argc > 1 && !strcmp(argv[1], "--help")) {
		fputs(usage, stdout);
		return 0;
	}
	if (argc > 2 && !strcmp(argv[1], "--brokers")) {
		brokers = atoi(argv[2]);
		at = 3;
	}
	if (argc < at + 2 || brokers < 1 || brokers > 100 || argv[at][0] == '-') {
		fputs(usage, stderr);
		return 2;
	}
	return run(brokers, argv[at], argv + at + 1) == 0 ? 0 : 1;
}
