/* SPDX-License-Identifier: Apache-2.0
 *
 * Loads the rule files of some directories, in the order of their names; a file
 * of a later directory takes the place of an earlier one of the same name. Any
 * fault fails the whole: half a rule set would count lines as unparsed that the
 * rules know. Also frees, and says which version the rules are.
 */
#include "rules.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "daemon/base/memory.h"
#include "parsers/rules_parts.h"

#define RULE_FILE_MAX (16 * 1024 * 1024)

struct found {
	char *name;
	char *path;
};

struct found_list {
	struct found *items;
	size_t count;
	size_t capacity;
};

static bool is_rule_file(const char *name)
{
	size_t length = strlen(name);
	size_t const suffix = sizeof(".rules") - 1;

	return length > suffix && name[0] != '.' && strcmp(name + length - suffix, ".rules") == 0;
}

static void found_add(struct found_list *list, const char *directory, const char *name)
{
	char *path = rules_text("%s/%s", directory, name);

	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->items[i].name, name) == 0) {
			free(list->items[i].path);
			list->items[i].path = path;
			return;
		}
	}
	MEMORY_GROW(list->items, list->count, list->capacity);
	list->items[list->count++] = (struct found){memory_string(name, strlen(name)), path};
}

static bool directory_list(const char *directory, struct found_list *list, char **error)
{
	DIR *stream = opendir(directory);
	const struct dirent *entry;

	if (!stream) {
		*error = rules_text("%s: cannot be listed: %s", directory, strerror(errno));
		return false;
	}
	while ((entry = readdir(stream)) != NULL) {
		if (is_rule_file(entry->d_name))
			found_add(list, directory, entry->d_name);
	}
	closedir(stream);
	return true;
}

static int found_compare(const void *a, const void *b)
{
	return strcmp(((const struct found *)a)->name, ((const struct found *)b)->name);
}

static char *stream_read(FILE *stream, size_t *length)
{
	char *bytes = NULL;
	size_t capacity = 0;

	*length = 0;
	do {
		if (*length == capacity)
			bytes = memory_resized(bytes, capacity = capacity ? capacity * 2 : 65536, 1);
		*length += fread(bytes + *length, 1, capacity - *length, stream);
	} while (!feof(stream) && !ferror(stream) && *length <= RULE_FILE_MAX);
	return bytes;
}

static bool found_read(struct rules *rules, const struct found *found, char **error)
{
	FILE *stream = fopen(found->path, "re");
	char *bytes = NULL;
	size_t length = 0;
	bool good = false;

	if (stream)
		bytes = stream_read(stream, &length);
	if (!stream || ferror(stream))
		*error = rules_text("%s: cannot be read: %s", found->path, strerror(errno));
	else if (length > RULE_FILE_MAX)
		*error = rules_text("%s: larger than %d bytes", found->path, RULE_FILE_MAX);
	else
		good = rules_read(rules, found->path, (struct slice){bytes, length}, error);
	if (stream)
		fclose(stream);
	free(bytes);
	return good;
}

static void rules_name_version(struct rules *rules)
{
	uint64_t hash = 0;
	char *text = rules_text("%s", "");

	for (size_t i = 0; i < rules->file_count; i++) {
		const struct rule_file *file = &rules->files[i];
		char *longer = rules_text("%s%s%s %s", text, i ? ", " : "", file->parser, file->version);

		free(text);
		text = longer;
		hash = (hash ^ file->hash) * 0x9e3779b97f4a7c15u;
		hash ^= hash >> 32;
	}
	rules->version = rules_text("%s; %016" PRIx64, text, hash);
	free(text);
}

struct rules *rules_load(const char *const *directories, char **error)
{
	struct rules *rules = memory_zeroed(1, sizeof(*rules));
	struct found_list list = {0};
	bool good = true;

	*error = NULL;
	for (size_t i = 0; good && directories[i]; i++)
		good = directory_list(directories[i], &list, error);
	if (good && !list.count) {
		*error = rules_text("%s: no *.rules file", directories[0] ? directories[0] : "no directory");
		good = false;
	}
	if (list.count)
		qsort(list.items, list.count, sizeof(*list.items), found_compare);
	for (size_t i = 0; good && i < list.count; i++)
		good = found_read(rules, &list.items[i], error);
	if (good)
		rules_name_version(rules);
	else
		rules_free(&rules);
	for (size_t i = 0; i < list.count; i++) {
		free(list.items[i].name);
		free(list.items[i].path);
	}
	free(list.items);
	return rules;
}

static void value_list_free(struct value_list *list)
{
	free(list->items);
	*list = (struct value_list){0};
}

static void refinement_free(struct refinement *refinement)
{
	for (size_t i = 0; i < refinement->condition_count; i++)
		value_list_free(&refinement->conditions[i].any);
	free(refinement->conditions);
	pattern_free(&refinement->pattern);
	value_list_free(&refinement->values);
}

static void rule_clear(struct rule *rule)
{
	for (size_t i = 0; i < rule->word_count; i++) {
		free(rule->words[i].text);
		value_list_free(&rule->words[i].values);
	}
	for (size_t i = 0; i < rule->refinement_count; i++)
		refinement_free(&rule->refinements[i]);
	for (size_t i = 0; i < rule->sample_count; i++) {
		free(rule->samples[i].text);
		for (size_t k = 0; k < rule->samples[i].expected_count; k++)
			value_list_free(&rule->samples[i].expected[k]);
		free(rule->samples[i].expected);
	}
	free(rule->words);
	free(rule->refinements);
	free(rule->samples);
	name_list_free(&rule->programs);
	value_list_free(&rule->values);
	pattern_free(&rule->pattern);
	pattern_free(&rule->each);
	pattern_free(&rule->count);
	for (size_t i = 0; i < ROLES; i++)
		free(rule->groups[i]);
	free(rule->rewrites);
	free(rule->name);
	free(rule->label);
}

void rule_file_free(struct rule_file *file)
{
	for (size_t i = 0; i < file->rule_count; i++)
		rule_clear(&file->rules[i]);
	free(file->rules);
	name_list_free(&file->programs);
	name_list_free(&file->instances);
	free(file->parser);
	free(file->version);
	free(file->name);
	free(file->short_name);
	free(file->memory);
}

void rules_free(struct rules **rules)
{
	if (!*rules)
		return;
	for (size_t i = 0; i < (*rules)->file_count; i++)
		rule_file_free(&(*rules)->files[i]);
	free((*rules)->files);
	free((*rules)->version);
	free(*rules);
	*rules = NULL;
}

const char *rules_version(const struct rules *rules)
{
	return rules->version;
}
