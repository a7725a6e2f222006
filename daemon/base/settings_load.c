/* SPDX-License-Identifier: Apache-2.0
 *
 * Makes the settings out of the table, the configuration file and the rules
 * that tie one value to another. libconfuse reads the file and calls back for
 * every value, so that a fault is named with its line; the first one ends the
 * loading. Its callbacks carry no context: the loading in hand is found
 * through a pointer of this thread that is set during settings_load() only.
 * libconfuse's own reader is one for the process: load settings in one thread.
 */
#define _GNU_SOURCE
#include "settings.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <confuse.h>

#include "daemon/base/memory.h"
#include "daemon/base/settings_name.h"
#include "daemon/base/settings_table.h"
#include "daemon/base/settings_text.h"

struct loading {
	const char *path;
	char *error;     /* the first fault, or NULL */
	unsigned *lines; /* one a row of the table: where it was given, 0: not. Those of host and list: in the
	                  * section in hand */
	struct settings *settings;
};

static _Thread_local struct loading *in_hand;

__attribute__((format(printf, 3, 4))) static void fault(struct loading *loading, unsigned line, const char *format, ...)
{
	char *what;
	va_list arguments;

	if (loading->error)
		return;
	va_start(arguments, format);
	if (vasprintf(&what, format, arguments) < 0)
		abort();
	va_end(arguments);
	if (asprintf(&loading->error, "%s:%u: %s", loading->path, line, what) < 0)
		abort();
	free(what);
}

/* libconfuse found a fault of its own. */
__attribute__((format(printf, 2, 0))) static void on_fault(cfg_t *section, const char *format, va_list arguments)
{
	char text[SETTING_WHY];
	bool root = strcmp(section->name, "root") == 0;

	vsnprintf(text, sizeof(text), format, arguments);
	for (char *c = text; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	fault(in_hand, (unsigned)section->line, "%s%s%s", root ? "" : section->name, root ? "" : ": ", text);
}

/* libconfuse took a value: of a list, the last one of it. */
static int on_value(cfg_t *section, cfg_opt_t *option)
{
	const struct setting *row = setting_find(section->name, option->name);
	unsigned line = (unsigned)section->line;
	char why[SETTING_WHY];
	unsigned *given;

	if (!row) { /* "store|path": a way into a section from outside it */
		fault(in_hand, line, "no such option '%s'", option->name);
		return -1;
	}
	given = &in_hand->lines[row - settings_table];
	if (*given && !setting_is_list(row->type)) {
		fault(in_hand, line, "%s.%s: was given on line %u already", row->section, row->key, *given);
		return -1;
	}
	if (!*given)
		*given = line;
	if (setting_take(row, cfg_opt_getnstr(option, cfg_opt_size(option) - 1), NULL, why))
		return 0;
	fault(in_hand, line, "%s.%s: %s", row->section, row->key, why);
	return -1;
}

static bool add_host(struct settings *settings, const char *glob, const char **why)
{
	*why = setting_glob_fault(glob);
	for (size_t i = 0; !*why && i < settings->host_count; i++)
		if (strcasecmp(settings->hosts[i].glob, glob) == 0)
			*why = "has a section already";
	if (*why)
		return false;
	settings->hosts = memory_resized(settings->hosts, settings->host_count + 1, sizeof(*settings->hosts));
	settings->hosts[settings->host_count++] = (struct host_settings){.glob = memory_string(glob, strlen(glob))};
	return true;
}

static bool add_list(struct settings *settings, const char *address, const char **why)
{
	char *folded = setting_fold_address(address);

	*why = folded ? NULL : "is not an address";
	for (size_t i = 0; !*why && i < settings->list_count; i++)
		if (strcmp(settings->lists[i].address, folded) == 0)
			*why = "has a section already";
	if (*why) {
		free(folded);
		return false;
	}
	settings->lists = memory_resized(settings->lists, settings->list_count + 1, sizeof(*settings->lists));
	settings->lists[settings->list_count++] = (struct list_settings){.address = folded};
	return true;
}

/* libconfuse has read a section to its end. One with a title gets its place in the settings. */
static int on_section(cfg_t *root, cfg_opt_t *option)
{
	cfg_t *section = cfg_opt_getnsec(option, cfg_opt_size(option) - 1);
	const char *title = cfg_title(section);
	const char *why = NULL;

	if (!title)
		return 0;
	for (size_t i = 0; i < settings_table_count; i++)
		if (strcmp(settings_table[i].section, option->name) == 0)
			in_hand->lines[i] = 0;
	if (strcmp(option->name, "host") == 0 ? add_host(in_hand->settings, title, &why)
	                                      : add_list(in_hand->settings, title, &why))
		return 0;
	fault(in_hand, (unsigned)root->line, "%s: \"%.60s\" %s", option->name, title, why);
	return -1;
}

/* libconfuse's form of the table. Every value is a string to it: it would read 010 as eight. */
static cfg_t *parser_new(void)
{
	size_t sections = settings_section_count;
	cfg_opt_t *root = memory_zeroed(sections + 1, sizeof(*root));
	cfg_opt_t **keys = memory_zeroed(sections, sizeof(*keys));
	cfg_t *parser;

	for (size_t s = 0; s < sections; s++) {
		size_t count = 0;

		keys[s] = memory_zeroed(settings_table_count + 1, sizeof(**keys));
		for (size_t i = 0; i < settings_table_count; i++) {
			const struct setting *row = &settings_table[i];
			cfg_flag_t list = setting_is_list(row->type) ? CFGF_LIST : CFGF_NONE;

			if (strcmp(row->section, settings_sections[s].name) != 0)
				continue;
			keys[s][count] = (cfg_opt_t)CFG_STR(row->key, NULL, CFGF_NODEFAULT);
			keys[s][count].flags |= list;
			keys[s][count++].validcb = on_value;
		}
		keys[s][count] = (cfg_opt_t)CFG_END();
		root[s] = (cfg_opt_t)CFG_SEC(settings_sections[s].name, keys[s], CFGF_NONE);
		if (settings_sections[s].titled)
			root[s].flags |= CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES;
		root[s].validcb = on_section;
	}
	root[sections] = (cfg_opt_t)CFG_END();
	parser = memory_checked(cfg_init(root, CFGF_NONE));
	cfg_set_error_function(parser, on_fault);
	for (size_t s = 0; s < sections; s++)
		free(keys[s]);
	free(keys);
	free(root);
	return parser;
}

/* Puts the section's values, which on_value() has checked, and else the defaults, into their places. */
static void fill(const char *name, cfg_t *section, void *base)
{
	char why[SETTING_WHY];

	for (size_t i = 0; i < settings_table_count; i++) {
		const struct setting *row = &settings_table[i];
		cfg_opt_t *option;
		void *member = (char *)base + row->offset;
		bool taken = true;

		if (strcmp(row->section, name) != 0)
			continue;
		option = section ? cfg_getopt(section, row->key) : NULL;
		for (unsigned n = 0; option && n < cfg_opt_size(option); n++)
			taken &= setting_take(row, cfg_opt_getnstr(option, n), member, why);
		if (row->value && (!option || cfg_opt_size(option) == 0))
			taken &= setting_take(row, row->value, member, why);
		assert(taken);
	}
}

static void fill_all(struct settings *settings, cfg_t *parser)
{
	for (size_t s = 0; s < settings_section_count; s++)
		if (!settings_sections[s].titled)
			fill(settings_sections[s].name, cfg_getsec(parser, settings_sections[s].name), settings);
	for (size_t i = 0; i < settings->host_count; i++)
		fill("host", cfg_getnsec(parser, "host", (unsigned)i), &settings->hosts[i]);
	for (size_t i = 0; i < settings->list_count; i++) {
		settings->lists[i].storm = settings->storm;
		fill("list", cfg_getnsec(parser, "list", (unsigned)i), &settings->lists[i]);
	}
}

static unsigned line_of(const struct loading *loading, const char *section, const char *key)
{
	return loading->lines[setting_find(section, key) - settings_table];
}

/* What each value allows and both together do not. */
static void check_together(struct loading *loading, cfg_t *parser)
{
	static const char gap[] = "must not be longer than thread_gap: a thread would end before it is quiet";
	const struct settings *settings = loading->settings;
	unsigned line;

	if (settings->kafka.brokers && settings->kafka.topics.count == 0)
		fault(loading, line_of(loading, "kafka", "brokers"), "kafka.brokers: brokers without kafka.topics");
	if (settings->input.join_window > settings->input.queue_lifetime) {
		line = line_of(loading, "input", "join_window");
		fault(loading, line ? line : line_of(loading, "input", "queue_lifetime"),
		      "input.join_window: must not be longer than input.queue_lifetime");
	}
	if (settings->privacy.addresses == ADDRESSES_KEYED_HASH && !settings->privacy.key_file)
		fault(loading, line_of(loading, "privacy", "addresses"),
		      "privacy.addresses: keyed-hash without privacy.key_file");
	if (settings->storm.quiet_after > settings->storm.thread_gap) {
		line = line_of(loading, "storm", "quiet_after");
		fault(loading, line ? line : line_of(loading, "storm", "thread_gap"), "storm.quiet_after: %s", gap);
	}
	for (size_t i = 0; i < settings->list_count; i++)
		if (settings->lists[i].storm.quiet_after > settings->lists[i].storm.thread_gap)
			fault(loading, (unsigned)cfg_getnsec(parser, "list", (unsigned)i)->line,
			      "list.quiet_after: of \"%s\" %s", settings->lists[i].address, gap);
}

static int by_address(const void *a, const void *b)
{
	return strcmp(((const struct list_settings *)a)->address, ((const struct list_settings *)b)->address);
}

/* Reads the guarded text and completes the settings. Faults are in loading->error. */
static void load_text(struct loading *loading, char *text, size_t length)
{
	cfg_t *parser = parser_new();
	FILE *file = memory_checked(fmemopen(text, length, "r"));

	parser->filename = memory_string(loading->path, strlen(loading->path));
	in_hand = loading;
	if (cfg_parse_fp(parser, file) != CFG_SUCCESS)
		fault(loading, (unsigned)parser->line, "cannot be understood");
	in_hand = NULL;
	fclose(file);
	if (!loading->error) {
		fill_all(loading->settings, parser);
		check_together(loading, parser);
	}
	cfg_free(parser);
}

struct settings *settings_load(const char *path, char **error)
{
	struct loading loading = {.path = path ? path : "defaults"};
	size_t length = 1;
	char *text = path ? settings_text_read(path, &length, error) : memory_string("\n", 1);

	if (!text)
		return NULL;
	loading.settings = memory_zeroed(1, sizeof(*loading.settings));
	loading.lines = memory_zeroed(settings_table_count, sizeof(*loading.lines));
	load_text(&loading, text, length);
	free(loading.lines);
	free(text);
	if (loading.error) {
		*error = loading.error;
		settings_free(&loading.settings);
		return NULL;
	}
	if (loading.settings->list_count)
		qsort(loading.settings->lists, loading.settings->list_count, sizeof(*loading.settings->lists),
		      by_address);
	return loading.settings;
}
