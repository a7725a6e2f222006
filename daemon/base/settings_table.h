/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of settings and what a value may be. Private to the settings
 * module: settings_table.c holds the rows, settings_value.c reads values,
 * settings_name.c knows names, settings_text.c guards the file's text,
 * settings_load.c puts them together.
 */
#ifndef MAILSTORM_BASE_SETTINGS_TABLE_H
#define MAILSTORM_BASE_SETTINGS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "settings.h"

#define SETTING_SECOND INT64_C(1000000)
#define SETTING_MINUTE (60 * SETTING_SECOND)
#define SETTING_HOUR (60 * SETTING_MINUTE)
#define SETTING_DAY (24 * SETTING_HOUR)

/* X(symbol, name, is it a list of such values) */
#define SETTING_TYPES(X) \
	X(TEXT, "string", false) \
	X(BROKERS, "string", false) \
	X(TOPICS, "strings", true) \
	X(PROPERTIES, "strings", true) \
	X(GLOBS, "strings", true) \
	X(COLUMNS, "strings", true) \
	X(DOMAINS, "strings", true) \
	X(SAME_DOMAINS, "strings", true) \
	X(TIMEZONE, "timezone", false) \
	X(INTEGER, "integer", false) \
	X(NUMBER, "number", false) \
	X(DURATION, "duration", false) \
	X(BOOLEAN, "boolean", false) \
	X(DATE_ORDER, "day-first|month-first", false) \
	X(EXTENSION, "keep|cut", false) \
	X(ADDRESSES, "plain|keyed-hash", false) \
	X(DELIMITER, "character", false)

enum setting_type {
#define X(symbol, name, list) SETTING_##symbol,
	SETTING_TYPES(X)
#undef X
		SETTING_TYPE_COUNT
};

/* Where a row's value goes: struct settings, host_settings or list_settings, `offset` bytes in. */
struct setting {
	const char *section;
	const char *key;
	enum setting_type type;
	size_t offset;
	const char *value;   /* the default, as it would stand in the file; NULL: none */
	const char *inherit; /* shown in place of a default: where the value comes from if not given; or NULL */
	int64_t least;       /* bounds, both included, of integers, numbers and durations (microseconds); */
	int64_t most;        /* 0, 0: none. A duration that is bounded by seconds has whole seconds */
	const char *help;
};

extern const struct setting settings_table[];
extern const size_t settings_table_count;

/* The sections in the order of the table; titled: it takes a name and may stand many times. */
struct setting_section {
	const char *name;
	bool titled;
};
extern const struct setting_section settings_sections[];
extern const size_t settings_section_count;

/* The row, or NULL where there is no such key in that section. */
const struct setting *setting_find(const char *section, const char *key);

const char *setting_type_name(enum setting_type type);
bool setting_is_list(enum setting_type type);

/* Room for the reason why a value is refused. */
#define SETTING_WHY 256

/* Reads one value of the row and puts it into `member` (a list: adds it, if it is not there yet); NULL: only
 * checks. False, with the reason in `why`, where it is not one. */
bool setting_take(const struct setting *row, const char *text, void *member, char *why);

/* "90m" as the largest units that say it whole: "1h30m". Returns `text`, of at least 32 bytes. */
char *setting_duration_text(int64_t microseconds, char *text, size_t size);

#endif
