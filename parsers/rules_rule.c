/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads one rule: the statements under "rule NAME", each keyword by a function
 * of the table below, then what only can be told when all are known (is there
 * a pattern, a kind, a sample; does the pattern have the word's group). Owns
 * nothing: the rule hangs on its file, whole or not.
 */
#include <stdlib.h>

#include "daemon/base/memory.h"
#include "parsers/rules_parts.h"

/* A rule under way. before: the keyword of the statement before this one. */
struct reading {
	struct rules_reader *reader;
	struct rule *rule;
	const struct statement *pattern;
	struct slice before;
	bool kind_given;
};

static bool bare(struct reading *reading, const struct statement *statement)
{
	return !statement->line_count ||
	       rules_fault(reading->reader, statement->lines[0].line, "'%.*s' takes no more lines",
	                   (int)statement->keyword.length, statement->keyword.bytes);
}

static bool read_about(struct reading *reading, const struct statement *statement)
{
	(void)reading;
	(void)statement;
	return true;
}

static bool read_programs(struct reading *reading, const struct statement *statement)
{
	struct rule *rule = reading->rule;
	struct slice text = statement->rest;

	for (size_t i = 0;; i++) {
		while (text.length) {
			struct slice name = slice_word(&text);

			if (slice_is(name, "other"))
				rule->other_programs = true;
			else
				name_list_add(&rule->programs, name);
		}
		if (i == statement->line_count)
			break;
		text = statement->lines[i].text;
	}
	return rule->programs.count || rule->other_programs ||
	       rules_fault(reading->reader, statement->line, "programs: a name is wanted");
}

static bool read_levels(struct reading *reading, const struct statement *statement)
{
	struct slice text = statement->rest;

	while (text.length) {
		struct slice name = slice_word(&text);
		unsigned level = rule_level_of(name);

		if (!level)
			return rules_fault(reading->reader, statement->line, "'%.*s' is no level", (int)name.length,
			                   name.bytes);
		reading->rule->levels |= level;
	}
	if (!reading->rule->levels)
		return rules_fault(reading->reader, statement->line, "levels: a name is wanted");
	return bare(reading, statement);
}

static bool read_event(struct reading *reading, const struct statement *statement)
{
	int kind = event_kind_of(statement->rest);

	if (kind < 0)
		return rules_fault(reading->reader, statement->line, "'%.*s' is no kind of event",
		                   (int)statement->rest.length, statement->rest.bytes);
	if (reading->kind_given)
		return rules_fault(reading->reader, statement->line, "a second 'event' or 'ignore'");
	reading->kind_given = true;
	reading->rule->kind = (enum event_kind)kind;
	return bare(reading, statement);
}

static bool read_ignore(struct reading *reading, const struct statement *statement)
{
	if (reading->kind_given)
		return rules_fault(reading->reader, statement->line, "a second 'event' or 'ignore'");
	if (statement->rest.length)
		return rules_fault(reading->reader, statement->line, "'ignore' stands alone");
	reading->kind_given = true;
	reading->rule->ignore = true;
	return bare(reading, statement);
}

/* The rest of the line, then each line under it. */
static bool read_value_lines(struct reading *reading, const struct statement *statement, struct value_list *list)
{
	if ((statement->rest.length || !statement->line_count) &&
	    !rules_read_values(reading->reader, statement->line, statement->rest, list))
		return false;
	for (size_t i = 0; i < statement->line_count; i++) {
		const struct statement_line *line = &statement->lines[i];

		if (!rules_read_values(reading->reader, line->line, line->text, list))
			return false;
	}
	return true;
}

static bool read_set(struct reading *reading, const struct statement *statement)
{
	return read_value_lines(reading, statement, &reading->rule->values);
}

static bool read_literal(struct reading *reading, const struct statement *statement)
{
	struct slice text = slice_quoted(statement->rest);

	if (!slice_given(text))
		return rules_fault(reading->reader, statement->line, "literal: a text between '\"' is wanted");
	if (slice_given(reading->rule->literal))
		return rules_fault(reading->reader, statement->line, "a second literal");
	reading->rule->literal = text;
	return bare(reading, statement);
}

static bool read_pattern(struct reading *reading, const struct statement *statement)
{
	if (reading->pattern)
		return rules_fault(reading->reader, statement->line, "a second pattern");
	reading->pattern = statement;
	return true;
}

/* A statement that gives a group, named in it, a role, and has lines under it. */
static bool read_role(struct reading *reading, const struct statement *statement, enum role role, struct slice group)
{
	char **name = &reading->rule->groups[role];

	if (*name)
		return rules_fault(reading->reader, statement->line, "a second %.*s", (int)statement->keyword.length,
		                   statement->keyword.bytes);
	if (!group.length || !statement->line_count)
		return rules_fault(reading->reader, statement->line,
		                   "%.*s: a group's name, and lines under it, are wanted",
		                   (int)statement->keyword.length, statement->keyword.bytes);
	*name = memory_string(group.bytes, group.length);
	return true;
}

/* The pattern in the lines under a statement. */
static struct pattern *read_lines_pattern(struct reading *reading, const struct statement *statement)
{
	struct statement pattern = *statement;

	pattern.rest = SLICE("");
	return rules_compile(reading->reader, &pattern, NULL);
}

static bool read_each(struct reading *reading, const struct statement *statement)
{
	struct rule *rule = reading->rule;
	struct slice rest = statement->rest;
	struct slice group = slice_word(&rest);

	if (rest.length)
		return rules_fault(reading->reader, statement->line, "each: one group's name is wanted");
	if (!read_role(reading, statement, ROLE_EACH, group))
		return false;
	rule->each = read_lines_pattern(reading, statement);
	return rule->each && (pattern_fills(rule->each) ||
	                      rules_fault(reading->reader, statement->line, "each: its pattern fills no field"));
}

static bool read_count(struct reading *reading, const struct statement *statement)
{
	struct rule *rule = reading->rule;
	struct slice rest = statement->rest;
	struct slice name = slice_word(&rest);

	rule->counted = field_find(name);
	if (!rule->counted || rule->counted->type != FIELD_NUMBER)
		return rules_fault(reading->reader, statement->line, "count: '%.*s' is no field that counts",
		                   (int)name.length, name.bytes);
	if (!read_role(reading, statement, ROLE_COUNT, rest))
		return false;
	rule->count = read_lines_pattern(reading, statement);
	return rule->count != NULL;
}

static bool read_rewrite(struct reading *reading, const struct statement *statement)
{
	struct rule *rule = reading->rule;

	rule->rewrites = memory_resized(rule->rewrites, rule->rewrite_count + 1, sizeof(*rule->rewrites));
	return rules_read_rewrite(reading->reader, statement, &rule->rewrites[rule->rewrite_count++]) &&
	       bare(reading, statement);
}

static bool read_further(struct reading *reading, const struct statement *statement)
{
	if (statement->rest.length)
		return rules_fault(reading->reader, statement->line, "'further' stands alone");
	reading->rule->further = true;
	return bare(reading, statement);
}

static bool read_repeats(struct reading *reading, const struct statement *statement)
{
	struct rule *rule = reading->rule;
	struct slice text = statement->rest;

	if (rule->repeats[0])
		return rules_fault(reading->reader, statement->line, "a second repeats");
	for (size_t i = 0; text.length; i++) {
		struct slice name = slice_word(&text);
		const struct field *field = field_find(name);

		if (i == REPEATS)
			return rules_fault(reading->reader, statement->line, "repeats: two fields at most");
		if (!field || field->type != FIELD_TEXT)
			return rules_fault(reading->reader, statement->line, "repeats: '%.*s' is no field of text",
			                   (int)name.length, name.bytes);
		rule->repeats[i] = field;
	}
	return (rule->repeats[0] || rules_fault(reading->reader, statement->line, "repeats: a field is wanted")) &&
	       bare(reading, statement);
}

static bool read_word(struct reading *reading, const struct statement *statement)
{
	struct rule *rule = reading->rule;
	struct slice rest = statement->rest;
	struct slice group = slice_word(&rest);

	if (rest.length)
		return rules_fault(reading->reader, statement->line,
		                   "word: a group's name, and lines under it, are wanted");
	if (!read_role(reading, statement, ROLE_WORD, group))
		return false;
	rule->words = memory_zeroed(statement->line_count, sizeof(*rule->words));
	for (size_t i = 0; i < statement->line_count; i++) {
		const struct statement_line *line = &statement->lines[i];
		struct slice text = line->text;
		struct slice name = slice_word(&text);
		struct word *word = &rule->words[rule->word_count++];

		word->length = name.length;
		if (!slice_is(name, "*"))
			word->text = memory_string(name.bytes, name.length);
		if (text.length && !rules_read_values(reading->reader, line->line, text, &word->values))
			return false;
	}
	return true;
}

static bool read_when(struct reading *reading, const struct statement *statement)
{
	struct rule *rule = reading->rule;
	struct refinement *refinement;

	rule->refinements = memory_resized(rule->refinements, rule->refinement_count + 1, sizeof(*rule->refinements));
	refinement = &rule->refinements[rule->refinement_count++];
	*refinement = (struct refinement){.outcomes = UINT32_MAX};
	if (!rules_read_conditions(reading->reader, statement, refinement))
		return false;
	if (!refinement->subject)
		return bare(reading, statement);
	refinement->pattern = read_lines_pattern(reading, statement);
	return refinement->pattern != NULL;
}

static bool read_then(struct reading *reading, const struct statement *statement)
{
	struct rule *rule = reading->rule;

	if (!slice_is(reading->before, "when"))
		return rules_fault(reading->reader, statement->line, "'then' without a 'when' right above");
	return read_value_lines(reading, statement, &rule->refinements[rule->refinement_count - 1].values);
}

static bool read_sample(struct reading *reading, const struct statement *statement)
{
	struct rule *rule = reading->rule;

	rule->samples = memory_resized(rule->samples, rule->sample_count + 1, sizeof(*rule->samples));
	return rules_read_sample(reading->reader, statement, &rule->samples[rule->sample_count++]);
}

/* One more event that the sample above it gives. */
static bool read_expect(struct reading *reading, const struct statement *statement)
{
	struct rule *rule = reading->rule;
	struct sample *sample;
	struct value_list *list;

	if (!slice_is(reading->before, "sample") && !slice_is(reading->before, "expect"))
		return rules_fault(reading->reader, statement->line, "'expect' without a 'sample' right above");
	sample = &rule->samples[rule->sample_count - 1];
	sample->expected = memory_resized(sample->expected, sample->expected_count + 1, sizeof(*sample->expected));
	list = &sample->expected[sample->expected_count++];
	*list = (struct value_list){0};
	if (statement->rest.length && !rules_read_expected(reading->reader, statement->line, statement->rest, list))
		return false;
	for (size_t i = 0; i < statement->line_count; i++) {
		const struct statement_line *line = &statement->lines[i];

		if (!rules_read_expected(reading->reader, line->line, line->text, list))
			return false;
	}
	return list->count || rules_fault(reading->reader, statement->line, "expect: a field is wanted");
}

static const struct {
	const char *keyword;
	bool (*read)(struct reading *, const struct statement *);
} keywords[] = {
	{"about", read_about},     {"programs", read_programs}, {"levels", read_levels},   {"event", read_event},
	{"ignore", read_ignore},   {"set", read_set},           {"literal", read_literal}, {"pattern", read_pattern},
	{"word", read_word},       {"when", read_when},         {"then", read_then},       {"sample", read_sample},
	{"expect", read_expect},   {"further", read_further},   {"each", read_each},       {"count", read_count},
	{"wrap", read_rewrite},    {"unescape", read_rewrite},  {"compact", read_rewrite}, {"qualify", read_rewrite},
	{"repeats", read_repeats},
};

static bool read_statement(struct reading *reading, const struct statement *statement)
{
	for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++) {
		if (!slice_is(statement->keyword, keywords[i].keyword))
			continue;
		if (!keywords[i].read(reading, statement))
			return false;
		reading->before = statement->keyword;
		return true;
	}
	return rules_fault(reading->reader, statement->line, "unknown keyword '%.*s' in a rule",
	                   (int)statement->keyword.length, statement->keyword.bytes);
}

static bool refinements_do_something(struct reading *reading, unsigned line)
{
	const struct rule *rule = reading->rule;

	for (size_t i = 0; i < rule->refinement_count; i++) {
		const struct refinement *refinement = &rule->refinements[i];

		if (!refinement->values.count && !(refinement->pattern && pattern_fills(refinement->pattern)))
			return rules_fault(reading->reader, line, "the 'when' number %zu of rule %s sets nothing",
			                   i + 1, rule->name);
	}
	return true;
}

static bool repeats_can_be(struct reading *reading, unsigned line)
{
	const struct rule *rule = reading->rule;

	if (rule->repeats[0] && (rule->ignore || rule->each || rule->count || rule->further))
		return rules_fault(reading->reader, line, "rule %s has repeats, and does not make one event of a line",
		                   rule->name);
	for (size_t i = 0; i < REPEATS && rule->repeats[i]; i++)
		if (!pattern_fills_field(rule->pattern, rule->repeats[i]))
			return rules_fault(reading->reader, line, "the pattern of rule %s has no group '%s'",
			                   rule->name, rule->repeats[i]->name);
	return true;
}

static bool values_have(const struct value_list *values, const struct field *field)
{
	for (size_t i = 0; i < values->count; i++)
		if (values->items[i].field == field)
			return true;
	return false;
}

static bool refinement_touches(const struct refinement *refinement, const struct field *field)
{
	for (size_t i = 0; i < refinement->condition_count; i++)
		if (refinement->conditions[i].field == field)
			return true;
	return refinement->subject == field || values_have(&refinement->values, field) ||
	       (refinement->pattern && pattern_fills_field(refinement->pattern, field));
}

/* What comes after the pattern has nothing to do with the field. */
static bool stands_apart(const struct rule *rule, const struct field *field)
{
	for (size_t i = 0; i < rule->rewrite_count; i++)
		if (rule->rewrites[i].field == field || rule->rewrites[i].from == field)
			return false;
	for (size_t i = 0; i < rule->refinement_count; i++)
		if (refinement_touches(&rule->refinements[i], field))
			return false;
	return true;
}

static bool read_done(struct reading *reading, unsigned line)
{
	struct rules_reader *reader = reading->reader;
	struct rule *rule = reading->rule;

	if (!reading->kind_given)
		return rules_fault(reader, line, "rule %s has neither 'event' nor 'ignore'", rule->name);
	if (!reading->pattern)
		return rules_fault(reader, line, "rule %s has no pattern", rule->name);
	if (!rule->sample_count)
		return rules_fault(reader, line, "rule %s has no sample", rule->name);
	if (rule->ignore && (rule->values.count || rule->refinement_count || rule->groups[ROLE_WORD] || rule->each ||
	                     rule->count || rule->rewrite_count || rule->further))
		return rules_fault(reader, line, "rule %s sets values of a line that it ignores", rule->name);
	rule->pattern = rules_compile(reader, reading->pattern, (const char *const *)rule->groups);
	if (!rule->pattern)
		return false;
	for (enum role role = ROLE_WORD; role < ROLES; role++)
		if (rule->groups[role] && !pattern_has(rule->pattern, role))
			return rules_fault(reader, line, "the pattern of rule %s has no group '%s'", rule->name,
			                   rule->groups[role]);
	rule->recipient_apart =
		rule->repeats[0] == field_find(SLICE("recipient")) && stands_apart(rule, rule->repeats[0]);
	return refinements_do_something(reading, line) && repeats_can_be(reading, line);
}

static bool name_is_taken(const struct rule_file *file, struct slice name)
{
	for (size_t i = 0; i < file->rule_count; i++) {
		if (slice_is(name, file->rules[i].name))
			return true;
	}
	return false;
}

bool rules_read_rule(struct rules_reader *reader, size_t *at)
{
	const struct statement *head = &reader->statements[(*at)++];
	struct reading reading = {.reader = reader};
	struct rule_file *file = reader->file;
	struct slice rest = head->rest;
	struct slice name = slice_word(&rest);

	if (!name.length || rest.length)
		return rules_fault(reader, head->line, "rule: one word, its name, is wanted");
	if (name_is_taken(file, name))
		return rules_fault(reader, head->line, "a second rule %.*s", (int)name.length, name.bytes);
	file->rules = memory_resized(file->rules, file->rule_count + 1, sizeof(*file->rules));
	reading.rule = &file->rules[file->rule_count++];
	*reading.rule = (struct rule){.line = head->line, .name = memory_string(name.bytes, name.length)};
	reading.rule->label = rules_text("%s:%u %s", file->short_name, head->line, reading.rule->name);
	while (*at < reader->count && reader->statements[*at].of_rule) {
		if (!read_statement(&reading, &reader->statements[(*at)++]))
			return false;
	}
	return read_done(&reading, head->line);
}
