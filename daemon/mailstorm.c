/* SPDX-License-Identifier: Apache-2.0
 *
 * mailstorm(1): reads the database of mailstormd and tells of incidents. This
 * file has the options, the table of commands, and one call each; it never
 * writes a database. Ends with 0, or 1: wrong use, 2: trouble with the database
 * or the output, 3: no such incident.
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
#include <unistd.h>

#include "daemon/report/report.h"
#include "daemon/report/safe.h"

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

enum { EXIT_USAGE = 1, EXIT_DATABASE = 2, EXIT_NO_INCIDENT = 3 };

/* One row, one command. */
static const struct command {
	const char *name;
	const char *argument; /* "ID": the number of an incident; NULL: none */
	const char *summary;
	enum report_result (*run)(struct reader *reader, struct printer *printer, int64_t id);
} commands[] = {
	{"incidents", NULL, "all incidents, one a line", report_incidents},
	{"show", "ID", "one incident in plain sentences, and its figures with their definitions", report_show},
	{"timeline", "ID", "one incident's events, and what was delivered and what waited, by the minute",
         report_timeline},
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

struct options {
	const char *database;
	const char *format;
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
	printf("\nOptions:\n"
	       "  --db PATH        the database (default: " DEFAULT_DATABASE ")\n"
	       "  --format FORMAT  text (default), json or csv\n"
	       "  --help           this text\n"
	       "  --version        the version\n"
	       "\nText is as wide as the terminal, or as COLUMNS says.\n"
	       "Exit status: 0 done, 1 wrong use, 2 trouble with the database or the output, 3 no such incident.\n");
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
	static const struct option names[] = {{"db", required_argument, NULL, 'd'},
	                                      {"format", required_argument, NULL, 'f'},
	                                      {"help", no_argument, NULL, 'h'},
	                                      {"version", no_argument, NULL, 'v'},
	                                      {NULL, 0, NULL, 0}};
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, ":", names, NULL)) != -1) {
		switch (option) {
		case 'd': options->database = optarg; break;
		case 'f': options->format = optarg; break;
		case 'h':
			put_help();
			*status = EXIT_SUCCESS;
			return false;
		case 'v':
			printf("mailstorm " PACKAGE_VERSION "\n");
			*status = EXIT_SUCCESS;
			return false;
		default:
			complain_of_option(argv, option == ':');
			*status = EXIT_USAGE;
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

static int run(const struct command *command, int64_t id, const char *path, struct printer *printer)
{
	char *error = NULL;
	struct reader *reader = reader_open(path, &error);
	enum report_result result;
	int status = EXIT_SUCCESS;

	if (!reader) {
		complain("%s", error);
		free(error);
		return EXIT_DATABASE;
	}
	result = command->run(reader, printer, id);
	if (result == REPORT_DATABASE) {
		complain("%s", reader_error(reader));
		status = EXIT_DATABASE;
	} else if (result == REPORT_NO_INCIDENT) {
		complain("%s: %s: there is no incident %lld", path, command->name, (long long)id);
		status = EXIT_NO_INCIDENT;
	}
	if (!reader_close(&reader, &error)) {
		complain("%s", error);
		free(error);
		status = EXIT_DATABASE;
	}
	return status;
}

int main(int argc, char **argv)
{
	struct options options = {.database = DEFAULT_DATABASE, .format = "text"};
	const struct command *command;
	struct printer *printer;
	int64_t id = 0;
	int status;

	setlocale(LC_CTYPE, "");
	if (read_options(argc, argv, &options, &status)) {
		command = read_command(argv + optind, &id);
		if (!command)
			return EXIT_USAGE;
		printer = printer_new(options.format, stdout, terminal_width(), safe_terminal());
		if (!printer) {
			complain("--format: %s: not text, json or csv", options.format);
			return EXIT_USAGE;
		}
		status = run(command, id, options.database, printer);
		printer_free(&printer);
	}
	if (fflush(stdout) != 0 || ferror(stdout)) {
		complain("standard output: cannot be written: %s", strerror(errno));
		status = EXIT_DATABASE;
	}
	return status;
}
