/* SPDX-License-Identifier: Apache-2.0
 *
 * mailstormd, the daemon: options, then one call of the pipeline. Exit status:
 * 0 done, 1 command line, configuration or rules, 2 run-time failure.
 */
#include <errno.h>
#include <getopt.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "daemon/base/memory.h"
#include "daemon/base/privacy.h"
#include "daemon/explain.h"
#include "daemon/pipeline.h"
#include "rules.h"

#ifndef VERSION
#define VERSION "0"
#endif
#define CONFIGURATION SYSCONFDIR "/mailstorm/mailstormd.conf"

static volatile sig_atomic_t stop_wanted, reload_wanted;

/* clang-format off */
static const char help[] =
	"usage: mailstormd [-c FILE] [-v] [--syslog] [input option ...]\n"
	"       mailstormd [-c FILE] --check-config | --explain\n"
	"\n"
	"Reads mail delivery logs and finds reply-all storms in them.\n"
	"\n"
	"  -c FILE              configuration (default " CONFIGURATION ")\n"
	"  --explain            say what becomes of each line of standard input, then exit\n"
	"  --check-config       check configuration, rules and their samples, then exit\n"
	"  --db PATH            the database\n"
	"  --rules DIRECTORY    more rules\n"
	"\n"
	"Input, one kind:\n"
	"  --file PATH ...      finished logs, plain or gzip; - is standard input; then exit\n"
	"  --follow PATH        a growing log, across rotation; may be repeated\n"
	"  --brokers LIST       Kafka\n"
	"  --topic NAME         a topic, or ^PATTERN; may be repeated\n"
	"  --group NAME         Kafka consumer group, for lag monitors\n"
	"  -X PROPERTY=VALUE    a librdkafka property; may be repeated\n"
	"  --until-end          Kafka, --follow: stop at the end that is there now\n"
	"\n"
	"  -v, --verbose        say more; twice: everything\n"
	"  --syslog             to syslog instead of standard error\n"
	"  --help, --version\n";
/* clang-format on */

/* What the command line said. */
struct options {
	const char *configuration, *database, *rules, *brokers, *group;
	struct settings_strings files, follow, topics, properties;
	bool check, explain, until_end, syslog;
	int verbose;
};

/* What a reload exchanges. Old ones stay until the end: the state may still borrow from them. */
struct loaded {
	const struct options *options;
	struct settings *settings[64];
	struct rules *rules[64];
	unsigned count;
	struct notice *notice;
	struct service *service;
};

static void on_signal(int number)
{
	if (number == SIGHUP)
		reload_wanted = 1;
	else
		stop_wanted = 1;
}

static void strings_add(struct settings_strings *strings, char *item)
{
	strings->items = memory_resized(strings->items, strings->count + 2, sizeof(char *));
	strings->items[strings->count++] = item;
	strings->items[strings->count] = NULL;
}

enum {
	OPTION_CHECK = 256,
	OPTION_EXPLAIN,
	OPTION_DB,
	OPTION_RULES,
	OPTION_FILE,
	OPTION_FOLLOW,
	OPTION_BROKERS,
	OPTION_TOPIC,
	OPTION_GROUP,
	OPTION_UNTIL_END,
	OPTION_SYSLOG,
	OPTION_HELP,
	OPTION_VERSION
};

/* clang-format off */
static const struct option long_options[] = {
	{"check-config", no_argument, NULL, OPTION_CHECK},
	{"explain", no_argument, NULL, OPTION_EXPLAIN},
	{"db", required_argument, NULL, OPTION_DB},
	{"rules", required_argument, NULL, OPTION_RULES},
	{"file", required_argument, NULL, OPTION_FILE},
	{"follow", required_argument, NULL, OPTION_FOLLOW},
	{"brokers", required_argument, NULL, OPTION_BROKERS},
	{"topic", required_argument, NULL, OPTION_TOPIC},
	{"group", required_argument, NULL, OPTION_GROUP},
	{"until-end", no_argument, NULL, OPTION_UNTIL_END},
	{"verbose", no_argument, NULL, 'v'},
	{"syslog", no_argument, NULL, OPTION_SYSLOG},
	{"help", no_argument, NULL, OPTION_HELP},
	{"version", no_argument, NULL, OPTION_VERSION},
	{NULL, 0, NULL, 0},
};
/* clang-format on */

/* Sets one option; -1: go on, else the exit status. */
static int options_set(struct options *options, int option)
{
	switch (option) {
	case 'c': options->configuration = optarg; return -1;
	case 'X': strings_add(&options->properties, optarg); return -1;
	case 'v': options->verbose++; return -1;
	case OPTION_EXPLAIN: options->explain = true; return -1;
	case OPTION_CHECK: options->check = true; return -1;
	case OPTION_DB: options->database = optarg; return -1;
	case OPTION_RULES: options->rules = optarg; return -1;
	case OPTION_FILE: strings_add(&options->files, optarg); return -1;
	case OPTION_FOLLOW: strings_add(&options->follow, optarg); return -1;
	case OPTION_BROKERS: options->brokers = optarg; return -1;
	case OPTION_TOPIC: strings_add(&options->topics, optarg); return -1;
	case OPTION_GROUP: options->group = optarg; return -1;
	case OPTION_UNTIL_END: options->until_end = true; return -1;
	case OPTION_SYSLOG: options->syslog = true; return -1;
	case OPTION_HELP: fputs(help, stdout); return 0;
	case OPTION_VERSION: puts("mailstormd " VERSION); return 0;
	default: fputs("mailstormd: see mailstormd --help\n", stderr); return 1;
	}
}

/* An empty value, as of a variable that is not set, would be a file that never comes. */
static int options_empty(const char *name, int letter)
{
	if (name)
		fprintf(stderr, "mailstormd: --%s: the value is empty; see mailstormd --help\n", name);
	else
		fprintf(stderr, "mailstormd: -%c: the value is empty; see mailstormd --help\n", letter);
	return 1;
}

static int options_read(struct options *options, int count, char **words)
{
	int option, number = -1;

	while ((option = getopt_long(count, words, "c:X:v", long_options, &number)) != -1) {
		int status;

		if (option != '?' && optarg && !*optarg)
			return options_empty(option < OPTION_CHECK ? NULL : long_options[number].name, option);
		status = options_set(options, option);
		if (status >= 0)
			return status;
	}
	/* --file takes what follows too. */
	for (; optind < count; optind++) {
		if (options->files.count && !*words[optind])
			return options_empty("file", 0);
		if (!options->files.count) {
			fprintf(stderr, "mailstormd: %s: not an option; see mailstormd --help\n", words[optind]);
			return 1;
		}
		strings_add(&options->files, words[optind]);
	}
	if ((options->files.count != 0) + (options->follow.count != 0) + (options->brokers != NULL) > 1) {
		fputs("mailstormd: --file, --follow and --brokers: one kind of input at a time\n", stderr);
		return 1;
	}
	return -1;
}

/* The installed rules, then the site's. */
static struct rules *load_rules(const struct options *options, const struct settings *settings, char **error)
{
	const char *directories[3] = {0};
	const char *more = options->rules ? options->rules : settings->rules.directory;
	int count = 0;

	if (!more || access(RULES_DIRECTORY, F_OK) == 0)
		directories[count++] = RULES_DIRECTORY;
	if (more)
		directories[count++] = more;
	return rules_load(directories, error);
}

static bool load(void *with, const struct settings **settings, const struct rules **rules)
{
	struct loaded *loaded = with;
	const char *path = loaded->options->configuration;
	char *error = NULL;
	unsigned at = loaded->count;

	if (at == sizeof(loaded->settings) / sizeof(*loaded->settings)) {
		notice_write(loaded->notice, NOTICE_WARNING, "loaded too often; restart to load again");
		return false;
	}
	if (!path && access(CONFIGURATION, F_OK) == 0)
		path = CONFIGURATION;
	loaded->settings[at] = settings_load(path, &error);
	if (loaded->settings[at])
		loaded->rules[at] = load_rules(loaded->options, loaded->settings[at], &error);
	if (!loaded->settings[at] || !loaded->rules[at]) {
		notice_write(loaded->notice, NOTICE_ERROR, "%s", error);
		free(error);
		settings_free(&loaded->settings[at]);
		return false;
	}
	loaded->count++;
	*settings = loaded->settings[at];
	*rules = loaded->rules[at];
	return true;
}

static int explain(const struct rules *rules, const struct settings *settings, struct notice *notice)
{
	if (explain_run(stdin, stdout, rules, settings, (int64_t)time(NULL) * 1000000))
		return 0;
	notice_write(notice, NOTICE_ERROR, "standard input or output: %s", strerror(errno));
	return 2;
}

/* The key that addresses are stored under; NULL also where they are plain. False after a notice. */
static bool load_key(const struct settings *settings, struct notice *notice, struct privacy **privacy)
{
	char *error = NULL;

	if (settings->privacy.addresses == ADDRESSES_PLAIN)
		return true;
	*privacy = privacy_load(settings->privacy.key_file, &error);
	if (!*privacy)
		notice_write(notice, NOTICE_ERROR, "%s", error);
	free(error);
	return *privacy != NULL;
}

static int check_config(const struct rules *rules)
{
	unsigned run, failures = rules_check_samples(rules, stderr, &run);

	printf("configuration and rules are good: %u samples, %u failed\n", run, failures);
	return failures ? 1 : 0;
}

static struct source *open_kafka(const struct options *options, const struct settings *settings, char **error)
{
	const char *brokers = options->brokers ? options->brokers : settings->kafka.brokers;
	const struct settings_strings *topics = options->topics.count ? &options->topics : &settings->kafka.topics;
	struct settings_strings properties = {0};
	struct source *source;

	if (!brokers || !topics->count) {
		*error = memory_string("no input: give --file, --follow, or brokers and topics", 54);
		return NULL;
	}
	for (size_t i = 0; i < settings->kafka.properties.count; i++)
		strings_add(&properties, settings->kafka.properties.items[i]);
	for (size_t i = 0; i < options->properties.count; i++)
		strings_add(&properties, options->properties.items[i]);
	if (!properties.items)
		properties.items = memory_zeroed(1, sizeof(char *));
	source = source_kafka_new(brokers, (const char *const *)topics->items,
	                          options->group ? options->group : settings->kafka.group,
	                          (const char *const *)properties.items, options->until_end, error);
	free(properties.items);
	return source;
}

static int run(const struct options *options, struct loaded *loaded, const struct settings *settings,
               const struct rules *rules, const struct privacy *privacy)
{
	struct pipeline_options pipeline = {.settings = settings,
	                                    .privacy = privacy,
	                                    .service = loaded->service,
	                                    .rules = rules,
	                                    .notice = loaded->notice,
	                                    .stop = &stop_wanted,
	                                    .reload = &reload_wanted,
	                                    .load = load,
	                                    .load_with = loaded,
	                                    .database = options->database ? options->database : settings->store.path,
	                                    .live = !options->files.count && !options->until_end,
	                                    .resume = !options->files.count,
	                                    .progress =
	                                            options->files.count && !options->syslog && isatty(STDERR_FILENO)};
	char *error = NULL;
	bool done;

	if (options->files.count)
		pipeline.source = source_files_new((const char *const *)options->files.items, &error);
	else if (options->follow.count)
		pipeline.source =
			source_follow_new((const char *const *)options->follow.items, options->until_end, &error);
	else
		pipeline.source = open_kafka(options, settings, &error);
	if (!pipeline.source) {
		notice_write(loaded->notice, NOTICE_ERROR, "%s", error);
		free(error);
		return 1;
	}
	done = pipeline_run(&pipeline);
	source_free(&pipeline.source);
	return done ? 0 : 2;
}

/* The state's arrays grow large: the kernel moves those without a copy, and has them back once they are freed. */
#define MAPPED_FROM (1 << 18)

int main(int count, char **words)
{
	struct options options = {0};
	struct loaded loaded = {.options = &options};
	struct sigaction action = {.sa_handler = on_signal};
	const struct settings *settings;
	const struct rules *rules;
	struct privacy *privacy = NULL;
	int status = options_read(&options, count, words);

	mallopt(M_MMAP_THRESHOLD, MAPPED_FROM);
	if (status < 0) {
		loaded.notice = notice_new("mailstormd",
		                           options.verbose > 1 ? NOTICE_DEBUG
		                           : options.verbose   ? NOTICE_INFO
		                                               : NOTICE_WARNING,
		                           options.syslog ? NULL : stderr);
		loaded.service = service_new();
		sigaction(SIGTERM, &action, NULL);
		sigaction(SIGINT, &action, NULL);
		sigaction(SIGHUP, &action, NULL);
		status = 1;
		if (load(&loaded, &settings, &rules) && load_key(settings, loaded.notice, &privacy))
			status = options.check     ? check_config(rules)
			         : options.explain ? explain(rules, settings, loaded.notice)
			                           : run(&options, &loaded, settings, rules, privacy);
		notice_free(&loaded.notice);
		service_free(&loaded.service);
	}
	privacy_free(&privacy);
	for (unsigned i = 0; i < loaded.count; i++) {
		settings_free(&loaded.settings[i]);
		rules_free(&loaded.rules[i]);
	}
	free(options.files.items);
	free(options.follow.items);
	free(options.topics.items);
	free(options.properties.items);
	return status;
}
