/* SPDX-License-Identifier: Apache-2.0
 *
 * mailstorm(1): reads the database of mailstormd and tells of incidents. This
 * file has the options, the table of commands, and one call each; it never
 * writes a database. Ends with 0, or 1: wrong use, 2: trouble with the database
 * or the output, 3: no such incident, and of "status" 4: a storm is open, 5:
 * silence.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <locale.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "daemon/base/zone.h"
#include "daemon/report/report.h"
#include "daemon/report/safe.h"
#include "daemon/report/when.h"

#ifndef LOCALSTATEDIR
#define LOCALSTATEDIR "/var"
#endif
#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif

#define DEFAULT_DATABASE LOCALSTATEDIR "/lib/mailstorm/mailstorm.db"
#define WIDTH_LEAST 40
#define WIDTH_MOST 1000
#define WIDTH_DEFAULT 80

enum { EXIT_USAGE = 1, EXIT_DATABASE = 2, EXIT_NO_INCIDENT = 3, EXIT_OPEN = 4, EXIT_SILENT = 5 };

/* What getopt returns for each option; those from OPTION_SINCE on belong to some commands only. */
enum option_id {
	OPTION_DB = 1,
	OPTION_FORMAT,
	OPTION_TZ,
	OPTION_HELP,
	OPTION_VERSION,
	OPTION_SINCE,
	OPTION_UNTIL,
	OPTION_MESSAGE_IDS,
	OPTION_MAILBOX,
	OPTION_KEY_FILE,
	OPTION_IDS,
	OPTION_HOST,
	OPTION_SILENCE,
	OPTION_END
};

#define BIT(option) (1U << (option))
#define BOUNDS (BIT(OPTION_SINCE) | BIT(OPTION_UNTIL))

/* One row, one option. */
static const struct option_row {
	enum option_id id;
	const char *name;
	const char *value; /* NULL: takes none */
	const char *summary;
} option_rows[] = {
	{OPTION_DB, "db", "PATH", "the database (default: " DEFAULT_DATABASE ")"},
	{OPTION_SINCE, "since", "TIME", "from then on: a date, a time, or a duration before the newest event"},
	{OPTION_UNTIL, "until", "TIME", "up to then"},
	{OPTION_TZ, "tz", "ZONE", "times in this zone (Europe/London; local: the system's), not in UTC"},
	{OPTION_FORMAT, "format", "FORMAT", "text (default), json or csv"},
	{OPTION_MAILBOX, "mailbox", "ADDRESS", "affected: this mailbox only, and each post for it"},
	{OPTION_KEY_FILE, "key-file", "PATH", "the key, where addresses are stored as hashes"},
	{OPTION_MESSAGE_IDS, "message-ids", NULL, "posts: the Message-IDs to clear from mailboxes, one a line"},
	{OPTION_IDS, "ids", NULL, "queued: the queue IDs of one host, one a line, for postsuper"},
	{OPTION_HOST, "host", "NAME", "queued, hours: this host only"},
	{OPTION_SILENCE, "max-silence", "DURATION", "status: what is too long without a line of a host"},
	{OPTION_HELP, "help", NULL, "this text"},
	{OPTION_VERSION, "version", NULL, "the version"},
};

#define OPTION_COUNT (sizeof(option_rows) / sizeof(option_rows[0]))

/* One row, one command. */
static const struct command {
	const char *name;
	const char *argument; /* "ID": the number of an incident; NULL: none */
	const char *summary;
	enum report_result (*run)(struct reader *reader, struct printer *printer, const struct report_request *request);
	unsigned options; /* that it takes beside those that all take */
} commands[] = {
	{"incidents", NULL, "all incidents, one a line", report_incidents, BOUNDS},
	{"show", "ID", "one incident in plain sentences, and its figures with their definitions", report_show, 0},
	{"timeline", "ID", "one incident's events, and what was delivered and what waited, by the minute",
         report_timeline, BOUNDS},
	{"posts", "ID", "its posts", report_posts, BOUNDS | BIT(OPTION_MESSAGE_IDS) | BIT(OPTION_KEY_FILE)},
	{"affected", "ID", "the mailboxes that it reached or failed to reach", report_affected,
         BIT(OPTION_MAILBOX) | BIT(OPTION_KEY_FILE)},
	{"queued", "ID", "what of it is still queued, by host and instance", report_queued,
         BIT(OPTION_IDS) | BIT(OPTION_HOST)},
	{"ledger", "ID", "how everything that was due ended", report_ledger, 0},
	{"lists", NULL, "all lists, the busiest first", report_lists, BOUNDS},
	{"hours", NULL, "all mail by the hour", report_hours, BOUNDS | BIT(OPTION_HOST)},
	{"status", NULL, "sources, hosts, and whether all is well", report_status, BIT(OPTION_SILENCE)},
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

struct options {
	const char *values[OPTION_END]; /* as given; "" where the option has none; NULL: not given */
	struct zone *zone;
};

/* "mailstorm: ..." to standard error; what stands in it may come from anywhere. */
__attribute__((format(printf, 1, 2))) static void complain(const char *format, ...)
{
	char *text = NULL, *safe;
	va_list arguments;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		abort();
	va_end(arguments);
	safe = safe_text(text, strlen(text), safe_terminal());
	fprintf(stderr, "mailstorm: %s\n", safe);
	free(safe);
	free(text);
}

static void put_help(void)
{
	printf("Usage: mailstorm [OPTION]... COMMAND [ID]\n"
	       "Tells of mail storms from the database of mailstormd, which it never changes.\n"
	       "\nCommands:\n");
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		printf("  %-9s %-3s  %s\n", commands[i].name, commands[i].argument ? commands[i].argument : "",
		       commands[i].summary);
	printf("\nOptions:\n");
	for (size_t i = 0; i < OPTION_COUNT; i++)
		printf("  --%-11s %-8s  %s\n", option_rows[i].name, option_rows[i].value ? option_rows[i].value : "",
		       option_rows[i].summary);
	printf("\nText is as wide as the terminal, or as COLUMNS says.\n"
	       "Exit status: 0 done, 1 wrong use, 2 trouble with the database or the output, 3 no such incident;\n"
	       "of status also: 4 a storm is open, 5 one might not be seen, or silence for longer than --max-silence.\n");
}

/* The columns of the terminal. */
static int terminal_width(void)
{
	const char *columns = getenv("COLUMNS");
	long width = columns ? strtol(columns, NULL, 10) : 0;
	struct winsize size;

	if (width <= 0)
		width = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
	if (width <= 0)
		width = WIDTH_DEFAULT;
	return width < WIDTH_LEAST ? WIDTH_LEAST : width > WIDTH_MOST ? WIDTH_MOST : (int)width;
}

/* About the option that getopt just stumbled over. */
static void complain_of_option(char **argv, bool lacks_value)
{
	const char *given = argv[optind - 1];
	const char letter[] = {'-', (char)optopt, '\0'};

	if (strncmp(given, "--", 2) != 0)
		given = letter;
	complain("%s: %s (see mailstorm --help)", given, lacks_value ? "needs a value" : "not an option");
}

/* True where the program goes on; else *status is what it ends with. */
static bool read_options(int argc, char **argv, struct options *options, int *status)
{
	struct option names[OPTION_COUNT + 1] = {{.name = NULL}};
	int option, at = 0;

	for (size_t i = 0; i < OPTION_COUNT; i++)
		names[i] = (struct option){option_rows[i].name, option_rows[i].value ? required_argument : no_argument,
		                           NULL, (int)option_rows[i].id};
	opterr = 0;
	while ((option = getopt_long(argc, argv, ":", names, &at)) != -1) {
		if (option <= 0 || option >= OPTION_END) {
			complain_of_option(argv, option == ':');
			*status = EXIT_USAGE;
			return false;
		}
		if (optarg && !*optarg) {
			complain("--%s: the value is empty (see mailstorm --help)", names[at].name);
			*status = EXIT_USAGE;
			return false;
		}
		options->values[option] = optarg ? optarg : "";
		if (option == OPTION_HELP || option == OPTION_VERSION) {
			*status = EXIT_SUCCESS;
			if (option == OPTION_HELP)
				put_help();
			else
				printf("mailstorm " PACKAGE_VERSION "\n");
			return false;
		}
	}
	return true;
}

/* The number of an incident; 0 where the text is none. */
static int64_t incident_of(const char *text)
{
	char *end;
	long long id;

	errno = 0;
	id = strtoll(text, &end, 10);
	return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 ? id : 0;
}

/* The command that the arguments ask for, and its incident; NULL after a complaint. */
static const struct command *read_command(char *const *arguments, int64_t *id)
{
	const struct command *command = NULL;
	size_t given = 0, wanted;

	if (!arguments[0]) {
		complain("no command (see mailstorm --help)");
		return NULL;
	}
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		if (strcmp(commands[i].name, arguments[0]) == 0)
			command = &commands[i];
	}
	if (!command) {
		complain("%s: not a command (see mailstorm --help)", arguments[0]);
		return NULL;
	}
	while (arguments[1 + given])
		given++;
	wanted = command->argument ? 1 : 0;
	if (given < wanted)
		complain("%s: needs the number of an incident (see mailstorm incidents)", command->name);
	else if (given > wanted)
		complain("%s: %s: too many arguments", command->name, arguments[1 + wanted]);
	else if (wanted == 0 || (*id = incident_of(arguments[1])) > 0)
		return command;
	else
		complain("%s: %s: not the number of an incident", command->name, arguments[1]);
	return NULL;
}

/* False after a complaint where an option was given that the command has no use for. */
static bool check_options(const struct command *command, const struct options *options)
{
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		enum option_id id = option_rows[i].id;

		if (id >= OPTION_SINCE && options->values[id] && !(command->options & BIT(id))) {
			complain("%s: --%s: not an option of this command (see mailstorm --help)", command->name,
			         option_rows[i].name);
			return false;
		}
	}
	return true;
}

static bool load_zone(struct options *options)
{
	const char *name = options->values[OPTION_TZ];
	char *error = NULL;

	if (!name)
		return true;
	options->zone = zone_load(strcmp(name, "local") == 0 ? NULL : name, &error);
	if (!options->zone)
		complain("--tz: %s", error);
	free(error);
	return options->zone != NULL;
}

static int64_t now_milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

/* False after a complaint. */
static bool make_request(const struct options *options, struct report_request *request)
{
	const char *silence = options->values[OPTION_SILENCE];

	request->message_ids = options->values[OPTION_MESSAGE_IDS] != NULL;
	request->ids = options->values[OPTION_IDS] != NULL;
	request->mailbox = options->values[OPTION_MAILBOX];
	request->key_file = options->values[OPTION_KEY_FILE];
	request->host = options->values[OPTION_HOST];
	request->now = now_milliseconds();
	if (!silence || when_duration(silence, &request->silence))
		return true;
	complain("--max-silence: %s: not a duration (90s, 15m, 2h, 1d)", silence);
	return false;
}

/* The latest event in the database, milliseconds; INT64_MIN where there is none. */
static int64_t newest_event(struct reader *reader)
{
	sqlite3_stmt *row = reader_prepare(reader, "newest", 0);
	int64_t newest = INT64_MIN;

	if (row && reader_row(reader, row))
		when_of((const char *)sqlite3_column_text(row, 0), &newest);
	sqlite3_finalize(row);
	return newest;
}

/* Gives the reader a bound of the report. False after a complaint. A duration before the newest event bounds nothing where
 * there is none yet. */
static bool set_bound(struct reader *reader, const struct options *options, enum option_id id, char text[WHEN_SIZE])
{
	const char *given = options->values[id], *name = id == OPTION_SINCE ? "since" : "until";
	int64_t newest, at;

	text[0] = '\0';
	if (!given)
		return true;
	newest = newest_event(reader);
	if (newest == INT64_MIN && when_duration(given, &at))
		return true;
	if (!when_read(given, id == OPTION_UNTIL, options->zone, newest, &at)) {
		complain("--%s: %s: neither a time (2016-11-14, 2016-11-14T08:29) nor a duration (2h, 1d12h)", name,
		         given);
		return false;
	}
	reader_set(reader, id == OPTION_SINCE ? ":since" : ":until", when_view(text, at));
	return true;
}

/* Both bounds. False after a complaint. */
static bool set_bounds(struct reader *reader, const struct options *options, char since[WHEN_SIZE],
                       char until[WHEN_SIZE])
{
	if (!set_bound(reader, options, OPTION_SINCE, since) || !set_bound(reader, options, OPTION_UNTIL, until))
		return false;
	if (*since && *until && strcmp(since, until) >= 0) {
		complain("--since: %s: not before --until: %s", options->values[OPTION_SINCE],
		         options->values[OPTION_UNTIL]);
		return false;
	}
	return true;
}

/* What the program ends with, and a complaint where it ends badly. */
static int status_of(enum report_result result, const struct command *command, const char *path, struct reader *reader,
                     const struct report_request *request)
{
	int64_t id = request->id;

	switch (result) {
	case REPORT_OK: return EXIT_SUCCESS;
	case REPORT_OPEN: return EXIT_OPEN;
	case REPORT_SILENT: return EXIT_SILENT;
	case REPORT_DATABASE: complain("%s", reader_error(reader)); return EXIT_DATABASE;
	case REPORT_NO_INCIDENT:
		complain("%s: %s: there is no incident %lld", path, command->name, (long long)id);
		return EXIT_NO_INCIDENT;
	case REPORT_NO_KEY:
		complain("%s: addresses are stored as keyed hashes, and this needs the key (--key-file): %s",
		         command->name, *request->trouble ? *request->trouble : "no key file is known");
		return EXIT_USAGE;
	case REPORT_NO_HOST:
		complain("%s: --ids: several hosts have some of it queued, and a queue ID means something on its own"
		         " host only: choose one with --host (see mailstorm queued %lld)",
		         command->name, (long long)id);
		return EXIT_USAGE;
	}
	abort();
}

static int run(const struct command *command, struct report_request *request, const struct options *options,
               struct printer *printer)
{
	const char *path = options->values[OPTION_DB] ? options->values[OPTION_DB] : DEFAULT_DATABASE;
	char since[WHEN_SIZE], until[WHEN_SIZE], *error = NULL;
	struct reader *reader = reader_open(path, &error);
	int status = EXIT_USAGE;

	if (!reader) {
		complain("%s", error);
		free(error);
		return EXIT_DATABASE;
	}
	reader_set_zone(reader, options->zone);
	if (set_bounds(reader, options, since, until))
		status = status_of(command->run(reader, printer, request), command, path, reader, request);
	if (!reader_close(&reader, &error)) {
		complain("%s", error);
		free(error);
		status = EXIT_DATABASE;
	}
	return status;
}

/* From the command line to the exit status. */
static int obey(char *const *arguments, struct options *options)
{
	const char *format = options->values[OPTION_FORMAT] ? options->values[OPTION_FORMAT] : "text";
	char *trouble = NULL;
	struct report_request request = {.id = 0, .trouble = &trouble};
	const struct command *command = read_command(arguments, &request.id);
	struct printer *printer;
	int status = EXIT_USAGE;

	if (!command || !check_options(command, options) || !load_zone(options) || !make_request(options, &request))
		return EXIT_USAGE;
	printer = printer_new(format, stdout, terminal_width(), safe_terminal(), options->zone);
	if (printer)
		status = run(command, &request, options, printer);
	else
		complain("--format: %s: not text, json or csv", format);
	printer_free(&printer);
	free(trouble);
	return status;
}

int main(int argc, char **argv)
{
	struct options options = {.zone = NULL};
	int status;

	setlocale(LC_CTYPE, "");
	if (read_options(argc, argv, &options, &status))
		status = obey(argv + optind, &options);
	zone_free(&options.zone);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		complain("standard output: cannot be written: %s", strerror(errno));
		status = EXIT_DATABASE;
	}
	return status;
}
