/* SPDX-License-Identifier: Apache-2.0
 *
 * The small things that rule files are made of: words, name lists, "FIELD
 * VALUE" pairs, conditions, samples. Values that are texts stay slices into
 * the file's memory. A word that is no field, or no value of its field, is a
 * fault of the reader's file.
 */
#include <stdlib.h>

#include "daemon/base/memory.h"
#include "parsers/rules_parts.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

struct slice slice_trim(struct slice text)
{
	while (text.length && (is_blank(text.bytes[0]) || text.bytes[0] == '\n'))
		text = slice_from(text, 1);
	while (text.length && (is_blank(text.bytes[text.length - 1]) || text.bytes[text.length - 1] == '\n'))
		text.length--;
	return text;
}

struct slice slice_quoted(struct slice text)
{
	if (text.length < 3 || text.bytes[0] != '"' || text.bytes[text.length - 1] != '"')
		return SLICE_NONE;
	return slice_from(slice_first(text, text.length - 1), 1);
}

struct slice slice_word(struct slice *text)
{
	struct slice rest = slice_trim(*text);
	size_t length = 0;

	while (length < rest.length && !is_blank(rest.bytes[length]))
		length++;
	*text = slice_trim(slice_from(rest, length));
	return slice_first(rest, length);
}

struct slice slice_upto(struct slice *text, char end)
{
	const char *found = text->length ? memchr(text->bytes, end, text->length) : NULL;
	struct slice head = slice_first(*text, found ? (size_t)(found - text->bytes) : text->length);

	*text = slice_from(*text, head.length + (found ? 1 : 0));
	return head;
}

void name_list_add(struct name_list *list, struct slice name)
{
	list->items = memory_resized(list->items, list->count + 1, sizeof(*list->items));
	list->items[list->count++] = memory_string(name.bytes, name.length);
}

bool name_list_has(const struct name_list *list, struct slice name)
{
	for (size_t i = 0; i < list->count; i++) {
		if (slice_is(name, list->items[i]))
			return true;
	}
	return false;
}

void name_list_free(struct name_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct name_list){0};
}

void value_list_add(struct value_list *list, const struct field_value *value)
{
	list->items = memory_resized(list->items, list->count + 1, sizeof(*list->items));
	list->items[list->count++] = *value;
}

static const struct field *read_field(struct rules_reader *reader, unsigned line, struct slice name)
{
	const struct field *field = field_find(name);

	if (!field)
		rules_fault(reader, line, "'%.*s' is no field of an event", (int)name.length, name.bytes);
	return field;
}

static bool read_value(struct rules_reader *reader, unsigned line, const struct field *field, struct slice text,
                       struct value_list *list)
{
	struct field_value value;

	if (!field_value_of(field, text, &value))
		return rules_fault(reader, line, "'%.*s' is no value of %s", (int)text.length, text.bytes, field->name);
	value_list_add(list, &value);
	return true;
}

bool rules_read_values(struct rules_reader *reader, unsigned line, struct slice text, struct value_list *list)
{
	do {
		struct slice pair = slice_trim(slice_upto(&text, ','));
		struct slice name = slice_word(&pair);
		const struct field *field = read_field(reader, line, name);

		if (!field || !read_value(reader, line, field, pair, list))
			return false;
	} while (text.length);
	return true;
}

bool rules_read_expected(struct rules_reader *reader, unsigned line, struct slice text, struct value_list *list)
{
	struct slice name = slice_word(&text);
	const struct field *field = read_field(reader, line, name);

	return field && read_value(reader, line, field, text, list);
}

static void condition_add(struct refinement *refinement, const struct condition *condition)
{
	refinement->conditions = memory_resized(refinement->conditions, refinement->condition_count + 1,
	                                        sizeof(*refinement->conditions));
	refinement->conditions[refinement->condition_count++] = *condition;
}

static bool read_condition(struct rules_reader *reader, unsigned line, const struct field *field, struct slice text,
                           struct refinement *refinement)
{
	struct condition condition = {.field = field};
	uint32_t outcomes = 0;
	bool good = true;

	if (!text.length)
		return rules_fault(reader, line, "a value of %s, or 'has' or 'matches', is wanted", field->name);
	while (good && text.length)
		good = read_value(reader, line, field, slice_upto(&text, '|'), &condition.any);
	if (field->type == FIELD_OUTCOME) {
		for (size_t i = 0; i < condition.any.count; i++)
			outcomes |= 1u << condition.any.items[i].number;
		refinement->outcomes &= outcomes;
		free(condition.any.items);
		return good;
	}
	condition_add(refinement, &condition);
	return good;
}

/* "TEXT", quotes and all */
static bool read_has(struct rules_reader *reader, unsigned line, const struct field *field, struct slice text,
                     struct refinement *refinement)
{
	struct condition condition = {.field = field, .has = slice_quoted(text)};

	if (field->type != FIELD_TEXT)
		return rules_fault(reader, line, "%s is no text", field->name);
	if (!slice_given(condition.has))
		return rules_fault(reader, line, "has: a text between '\"' and without ',' is wanted");
	condition_add(refinement, &condition);
	return true;
}

bool rules_read_conditions(struct rules_reader *reader, const struct statement *when, struct refinement *refinement)
{
	struct slice text = when->rest;

	do {
		struct slice part = slice_trim(slice_upto(&text, ','));
		const struct field *field = read_field(reader, when->line, slice_word(&part));

		if (!field)
			return false;
		if (slice_starts(part, "has ")) {
			if (!read_has(reader, when->line, field, slice_from(part, strlen("has ")), refinement))
				return false;
			continue;
		}
		if (!slice_is(part, "matches")) {
			if (!read_condition(reader, when->line, field, part, refinement))
				return false;
			continue;
		}
		if (field->type != FIELD_TEXT)
			return rules_fault(reader, when->line, "%s is no text to match", field->name);
		if (refinement->subject)
			return rules_fault(reader, when->line, "only one field may be matched");
		refinement->subject = field;
	} while (text.length);
	return true;
}

static bool read_wrap(struct rules_reader *reader, unsigned line, struct slice *text, struct rewrite *rewrite)
{
	rewrite->before = slice_word(text);
	rewrite->after = slice_word(text);
	return rewrite->after.length ||
	       rules_fault(reader, line, "wrap: a field, and what to put before and after it, are wanted");
}

static const struct field *read_text_field(struct rules_reader *reader, unsigned line, struct slice name)
{
	const struct field *field = read_field(reader, line, name);

	if (field && field->type != FIELD_TEXT) {
		rules_fault(reader, line, "%s is no text", field->name);
		return NULL;
	}
	return field;
}

bool rules_read_rewrite(struct rules_reader *reader, const struct statement *statement, struct rewrite *rewrite)
{
	struct slice rest = statement->rest;

	*rewrite = (struct rewrite){.field = read_text_field(reader, statement->line, slice_word(&rest))};
	if (!rewrite->field)
		return false;
	if (slice_is(statement->keyword, "wrap")) {
		rewrite->kind = REWRITE_WRAP;
		if (!read_wrap(reader, statement->line, &rest, rewrite))
			return false;
	} else if (slice_is(statement->keyword, "qualify")) {
		rewrite->kind = REWRITE_QUALIFY;
		rewrite->from = read_text_field(reader, statement->line, slice_word(&rest));
		if (!rewrite->from)
			return false;
	} else {
		rewrite->kind = slice_is(statement->keyword, "compact") ? REWRITE_COMPACT : REWRITE_UNESCAPE;
	}
	return !rest.length ||
	       rules_fault(reader, statement->line, "'%.*s' is one word too many", (int)rest.length, rest.bytes);
}

/* What stands before the last '/' of a tag is the instance. */
static void read_tag(struct slice tag, struct sample *sample)
{
	size_t slash = tag.length;

	while (slash && tag.bytes[slash - 1] != '/')
		slash--;
	if (slash)
		sample->instance = slice_first(tag, slash - 1);
	sample->program = slice_from(tag, slash);
}

/* The lines of a long text are joined with one blank. */
static char *read_sample_text(const struct statement *statement)
{
	char *text = memory_string(NULL, 0);
	size_t length = 0;

	for (size_t i = 0; i < statement->line_count; i++) {
		struct slice line = slice_trim(statement->lines[i].text);

		text = memory_resized(text, length + line.length + 2, 1);
		if (i)
			text[length++] = ' ';
		memcpy(text + length, line.bytes, line.length);
		length += line.length;
		text[length] = '\0';
	}
	return text;
}

bool rules_read_sample(struct rules_reader *reader, const struct statement *statement, struct sample *sample)
{
	struct slice rest = statement->rest;
	struct slice tag = slice_word(&rest);
	struct slice level;

	*sample = (struct sample){.line = statement->line};
	if (!tag.length || !statement->line_count)
		return rules_fault(reader, statement->line, "sample: a program, and a line under it, are wanted");
	read_tag(tag, sample);
	level = slice_word(&rest);
	if (slice_is(level, "cut")) {
		sample->program_cut = true;
		level = slice_word(&rest);
	}
	if (level.length)
		sample->level = level;
	if (rest.length)
		return rules_fault(reader, statement->line, "sample: '%.*s' is one word too many", (int)rest.length,
		                   rest.bytes);
	sample->text = read_sample_text(statement);
	return true;
}
