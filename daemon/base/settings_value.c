/* SPDX-License-Identifier: Apache-2.0
 *
 * What a value may be: one function a type, each of which checks a text, says
 * why it is refused, and puts what it means into its place. Everything is
 * strict: a duration has a unit, an integer is decimal, a time zone must be
 * there. Values of kafka.properties may be passwords and are never repeated.
 * The names and globs that need more than a line are in settings_name.c.
 */
#include "daemon/base/settings_table.h"

#include <errno.h>
#include <math.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "daemon/base/memory.h"
#include "daemon/base/settings_name.h"
#include "daemon/base/zone.h"

static const struct unit {
	const char *name;
	int64_t size;
} units[] = {
	/* largest first */
	{"d", SETTING_DAY},    {"h", SETTING_HOUR},           {"m", SETTING_MINUTE},
	{"s", SETTING_SECOND}, {"ms", SETTING_SECOND / 1000},
};

#define UNIT_COUNT (sizeof(units) / sizeof(units[0]))

bool settings_duration(const char *text, int64_t *microseconds)
{
	int64_t sum = 0;
	size_t next = 0; /* units come largest first, each once */

	do {
		size_t digits = strspn(text, "0123456789");
		size_t letters = strspn(text + digits, "dhms");
		int64_t number;

		errno = 0;
		number = strtoll(text, NULL, 10);
		if (digits == 0 || errno)
			return false;
		while (next < UNIT_COUNT &&
		       !(strlen(units[next].name) == letters && strncmp(units[next].name, text + digits, letters) == 0))
			next++;
		if (next == UNIT_COUNT || __builtin_mul_overflow(number, units[next].size, &number) ||
		    __builtin_add_overflow(sum, number, &sum))
			return false;
		next++;
		text += digits + letters;
	} while (*text);
	*microseconds = sum;
	return true;
}

char *setting_duration_text(int64_t microseconds, char *text, size_t size)
{
	size_t length = 0;

	for (size_t i = 0; i < UNIT_COUNT; i++) {
		if (microseconds < units[i].size)
			continue;
		length += (size_t)snprintf(text + length, size - length, "%lld%s",
		                           (long long)(microseconds / units[i].size), units[i].name);
		microseconds %= units[i].size;
	}
	return text;
}

static bool refuse(char *why, const char *text, const char *reason)
{
	snprintf(why, SETTING_WHY, "\"%.60s\" %s", text, reason);
	return false;
}

static bool refuse_bounds(const struct setting *row, char *why, const char *text)
{
	char least[32], most[32];

	if (row->type == SETTING_DURATION)
		snprintf(why, SETTING_WHY, "\"%.60s\" is out of bounds, %s to %s", text,
		         setting_duration_text(row->least, least, sizeof(least)),
		         setting_duration_text(row->most, most, sizeof(most)));
	else
		snprintf(why, SETTING_WHY, "\"%.60s\" is out of bounds, %lld to %lld", text, (long long)row->least,
		         (long long)row->most);
	return false;
}

static void put_text(void *member, const char *text)
{
	char **place = member;

	if (!place)
		return;
	free(*place);
	*place = memory_string(text, strlen(text));
}

static void put_in_list(void *member, const char *text)
{
	struct settings_strings *list = member;

	if (!list)
		return;
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i], text) == 0)
			return;
	list->items = memory_resized(list->items, list->count + 2, sizeof(*list->items));
	list->items[list->count++] = memory_string(text, strlen(text));
	list->items[list->count] = NULL;
}

static bool take_TEXT(const struct setting *row, const char *text, void *member, char *why)
{
	(void)row;
	(void)why;
	put_text(member, text);
	return true;
}

static bool take_BROKERS(const struct setting *row, const char *text, void *member, char *why)
{
	(void)row;
	if (text[0] == ',' || text[strlen(text) - 1] == ',' || strstr(text, ",,"))
		return refuse(why, text, "has an empty broker");
	put_text(member, text);
	return true;
}

static bool take_TOPICS(const struct setting *row, const char *text, void *member, char *why)
{
	static const char characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	regex_t pattern;

	(void)row;
	if (text[0] == '^') {
		if (strchr(text, '{')) /* a few of them, nested, and regcomp(3) takes all memory */
			return refuse(why, text, "has a {, which topic patterns may not");
		if (regcomp(&pattern, text, REG_EXTENDED | REG_NOSUB) != 0)
			return refuse(why, text, "is not a regular expression");
		regfree(&pattern);
	} else if (text[strspn(text, characters)] || strlen(text) > 249 || text[strspn(text, ".")] == '\0') {
		return refuse(why, text, "is not a topic's name");
	}
	put_in_list(member, text);
	return true;
}

static bool take_PROPERTIES(const struct setting *row, const char *text, void *member, char *why)
{
	size_t name = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789._-");

	(void)row;
	if (name == 0 || text[name] != '=') {
		snprintf(why, SETTING_WHY, "a value that is not \"name=value\"");
		return false;
	}
	put_in_list(member, text);
	return true;
}

static bool take_GLOBS(const struct setting *row, const char *text, void *member, char *why)
{
	const char *fault = setting_glob_fault(text);
	char *folded;

	(void)row;
	if (fault)
		return refuse(why, text, fault);
	folded = memory_string(text, strlen(text)); /* the names that it is held against are in lower case */
	setting_fold_ascii(folded);
	put_in_list(member, folded);
	free(folded);
	return true;
}

/* Which names mean something, their reader knows; others are columns that are not read. */
static bool take_COLUMNS(const struct setting *row, const char *text, void *member, char *why)
{
	size_t names = 1;

	(void)row;
	for (const char *c = text; *c; c++)
		names += *c == ',';
	if (text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_ ,")] || names < 4)
		return refuse(why, text, "is not a list of columns, separated by commas");
	put_in_list(member, text);
	return true;
}

static bool take_DOMAINS(const struct setting *row, const char *text, void *member, char *why)
{
	char *folded = setting_fold_domain(text);

	(void)row;
	if (!folded)
		return refuse(why, text, "is not a domain");
	put_in_list(member, folded);
	free(folded);
	return true;
}

static bool take_SAME_DOMAINS(const struct setting *row, const char *text, void *member, char *why)
{
	const char *mark = strchr(text, '=');
	char *first = memory_string(text, mark ? (size_t)(mark - text) : 0);
	char *other = setting_fold_domain(first), *domain = mark ? setting_fold_domain(mark + 1) : NULL;
	bool good = other && domain && strcmp(other, domain) != 0;

	(void)row;
	if (good) {
		char *pair = memory_zeroed(strlen(other) + strlen(domain) + 2, 1);

		sprintf(pair, "%s=%s", other, domain);
		put_in_list(member, pair);
		free(pair);
	}
	free(first);
	free(other);
	free(domain);
	return good || refuse(why, text, "is not two domains, \"other=domain\"");
}

static bool take_TIMEZONE(const struct setting *row, const char *text, void *member, char *why)
{
	char *fault = NULL;
	struct zone *zone = zone_load(text, &fault);

	(void)row;
	free(fault);
	if (!zone)
		return refuse(why, text, "is not a time zone of the tz database");
	zone_free(&zone);
	put_text(member, text);
	return true;
}

static bool take_INTEGER(const struct setting *row, const char *text, void *member, char *why)
{
	int64_t number;

	errno = 0;
	number = strtoll(text, NULL, 10);
	if (text[strspn(text, "0123456789")])
		return refuse(why, text, "is not a whole number");
	if (errno || number < row->least || number > row->most)
		return refuse_bounds(row, why, text);
	if (member)
		*(int64_t *)member = number;
	return true;
}

/* Decimal, no exponent: the point is '.' in every locale of the programs, which never set one. */
static bool take_NUMBER(const struct setting *row, const char *text, void *member, char *why)
{
	char *end;
	double number = strtod(text, &end);

	if (*end || text[strspn(text, "0123456789.")])
		return refuse(why, text, "is not a number");
	if (!isfinite(number) || number < (double)row->least || number > (double)row->most)
		return refuse_bounds(row, why, text);
	if (member)
		*(double *)member = number;
	return true;
}

static bool take_DURATION(const struct setting *row, const char *text, void *member, char *why)
{
	int64_t duration;

	if (!settings_duration(text, &duration))
		return refuse(why, text, "is not a duration such as 90s, 5m or 1h30m");
	if (duration < row->least || duration > row->most)
		return refuse_bounds(row, why, text);
	if (row->least >= SETTING_SECOND && duration % SETTING_SECOND)
		return refuse(why, text, "is not in whole seconds");
	if (member)
		*(int64_t *)member = duration;
	return true;
}

static bool take_BOOLEAN(const struct setting *row, const char *text, void *member, char *why)
{
	static const char *const words[] = {"false", "true", "no", "yes", "off", "on"};

	(void)row;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasecmp(text, words[i]) != 0)
			continue;
		if (member)
			*(bool *)member = i % 2 == 1;
		return true;
	}
	return refuse(why, text, "is neither true nor false");
}

static bool take_DATE_ORDER(const struct setting *row, const char *text, void *member, char *why)
{
	bool month = strcmp(text, "month-first") == 0;

	(void)row;
	if (!month && strcmp(text, "day-first") != 0)
		return refuse(why, text, "is neither day-first nor month-first");
	if (member)
		*(enum date_order *)member = month ? DATE_ORDER_MONTH : DATE_ORDER_DAY;
	return true;
}

static bool take_EXTENSION(const struct setting *row, const char *text, void *member, char *why)
{
	bool cut = strcmp(text, "cut") == 0;

	(void)row;
	if (!cut && strcmp(text, "keep") != 0)
		return refuse(why, text, "is neither keep nor cut");
	if (member)
		*(enum extension_mode *)member = cut ? EXTENSION_CUT : EXTENSION_KEEP;
	return true;
}

static bool take_ADDRESSES(const struct setting *row, const char *text, void *member, char *why)
{
	bool hashed = strcmp(text, "keyed-hash") == 0;

	(void)row;
	if (!hashed && strcmp(text, "plain") != 0)
		return refuse(why, text, "is neither plain nor keyed-hash");
	if (member)
		*(enum addresses_mode *)member = hashed ? ADDRESSES_KEYED_HASH : ADDRESSES_PLAIN;
	return true;
}

static bool take_DELIMITER(const struct setting *row, const char *text, void *member, char *why)
{
	(void)row;
	if (strlen(text) != 1 || !strchr("!#$%&'*+-/=?^_`{|}~.", text[0]))
		return refuse(why, text,
		              "is not one character that may stand in a local part and is no letter or digit");
	if (member)
		*(char *)member = text[0];
	return true;
}

bool setting_take(const struct setting *row, const char *text, void *member, char *why)
{
	static bool (*const take[])(const struct setting *, const char *, void *, char *) = {
#define X(symbol, name, list) take_##symbol,
		SETTING_TYPES(X)
#undef X
	};

	if (text[0] == '\0') {
		snprintf(why, SETTING_WHY, "an empty value");
		return false;
	}
	for (const char *c = text; *c; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f) {
			snprintf(why, SETTING_WHY, "a control character in the value");
			return false;
		}
	}
	return take[row->type](row, text, member, why);
}
