/* SPDX-License-Identifier: Apache-2.0
 *
 * Matches a line's body with the rules and fills the event. Decides which rules
 * a program's lines are tried with (its route), and the first of them that
 * takes the line. Owns each thread's scratch: what PCRE2 matches in, and a
 * cache of routes. A route is the same list, in the same order, whether it
 * was cached or not. Never fails: a pattern that hits its limit makes the line
 * unparsed, with that reason.
 */
#include <fnmatch.h>
#include <stdlib.h>
#include <strings.h>

#include "daemon/base/memory.h"
#include "parsers/rules_parts.h"

#define ROUTES 64     /* a power of two; a Postfix host has some twenty programs and instances */
#define ROUTE_KEY 112 /* longer names are routed anew each time */

/* The rules for one (instance, program, cut). */
struct route {
	bool known;
	bool cut;
	bool claimed;
	uint8_t instance_length;
	uint8_t program_length;
	char key[ROUTE_KEY]; /* instance, program */
	const struct rule **rules;
	size_t count;
	size_t capacity;
};

struct rules_scratch {
	struct matcher *matcher;
	struct route routes[ROUTES];
	struct route unkept;
};

struct rules_scratch *rules_scratch_new(const struct rules *rules)
{
	struct rules_scratch *scratch = memory_zeroed(1, sizeof(*scratch));

	scratch->matcher = matcher_new(rules->captures);
	return scratch;
}

void rules_scratch_free(struct rules_scratch **scratch)
{
	if (!*scratch)
		return;
	for (size_t i = 0; i < ROUTES; i++)
		free((*scratch)->routes[i].rules);
	free((*scratch)->unkept.rules);
	matcher_free(&(*scratch)->matcher);
	free(*scratch);
	*scratch = NULL;
}

/* --- which rules --- */

static bool glob_matches(const char *glob, struct slice name)
{
	char *string = memory_string(name.bytes, name.length);
	bool matches = fnmatch(glob, string, 0) == 0;

	free(string);
	return matches;
}

static bool any_glob_matches(const struct name_list *globs, struct slice name)
{
	for (size_t i = 0; i < globs->count; i++) {
		if (glob_matches(globs->items[i], name))
			return true;
	}
	return false;
}

bool rule_file_claims(const struct rule_file *file, const struct envelope *envelope)
{
	if (envelope->program_cut) {
		/* What is left of the tag is the instance; where nothing is left, the body must tell. */
		struct slice left = slice_given(envelope->instance) && envelope->instance.length ? envelope->instance
		                                                                                 : envelope->program;

		return !left.length || any_glob_matches(&file->instances, left);
	}
	if (name_list_has(&file->programs, envelope->program))
		return true;
	return envelope->instance.length && any_glob_matches(&file->instances, envelope->instance);
}

bool rule_takes_program(const struct rule_file *file, const struct rule *rule, const struct envelope *envelope)
{
	if (!rule->programs.count && !rule->other_programs)
		return true;
	if (envelope->program_cut)
		return rule->programs.count > 0;
	return name_list_has(&rule->programs, envelope->program) ||
	       (rule->other_programs && !name_list_has(&file->programs, envelope->program));
}

static void route_fill(struct route *route, const struct rules *rules, const struct envelope *envelope)
{
	route->count = 0;
	route->claimed = false;
	for (size_t i = 0; i < rules->file_count; i++) {
		const struct rule_file *file = &rules->files[i];

		if (!rule_file_claims(file, envelope))
			continue;
		route->claimed = true;
		for (size_t k = 0; k < file->rule_count; k++) {
			if (!rule_takes_program(file, &file->rules[k], envelope))
				continue;
			MEMORY_GROW(route->rules, route->count, route->capacity);
			route->rules[route->count++] = &file->rules[k];
		}
	}
}

static bool route_is_for(const struct route *route, const struct envelope *envelope)
{
	return route->known && route->cut == envelope->program_cut &&
	       route->instance_length == envelope->instance.length &&
	       route->program_length == envelope->program.length &&
	       memcmp(route->key, envelope->instance.bytes ? envelope->instance.bytes : "", route->instance_length) ==
	               0 &&
	       memcmp(route->key + route->instance_length, envelope->program.bytes ? envelope->program.bytes : "",
	              route->program_length) == 0;
}

static void route_name(struct route *route, const struct envelope *envelope)
{
	route->known = true;
	route->cut = envelope->program_cut;
	route->instance_length = (uint8_t)envelope->instance.length;
	route->program_length = (uint8_t)envelope->program.length;
	if (envelope->instance.length)
		memcpy(route->key, envelope->instance.bytes, envelope->instance.length);
	if (envelope->program.length)
		memcpy(route->key + envelope->instance.length, envelope->program.bytes, envelope->program.length);
}

static unsigned name_hash(struct slice name)
{
	unsigned hash = (unsigned)name.length;

	for (size_t i = 0; i < name.length; i++)
		hash = hash * 31 + (unsigned char)name.bytes[i];
	return hash;
}

static const struct route *route_find(const struct rules *rules, struct rules_scratch *scratch,
                                      const struct envelope *envelope)
{
	struct route *route;

	if (envelope->instance.length + envelope->program.length > ROUTE_KEY) {
		route_fill(&scratch->unkept, rules, envelope);
		return &scratch->unkept;
	}
	route = &scratch->routes[(name_hash(envelope->program) * 7 + name_hash(envelope->instance)) % ROUTES];
	if (!route_is_for(route, envelope)) {
		route_fill(route, rules, envelope);
		route_name(route, envelope);
	}
	return route;
}

/* --- one rule --- */

static void values_set(struct event *event, const struct value_list *values)
{
	for (size_t i = 0; i < values->count; i++)
		field_set(event, &values->items[i]);
}

/* False where the rule does not know the word. */
static bool word_set(const struct rule *rule, struct slice text, struct event *event)
{
	for (size_t i = 0; i < rule->word_count; i++) {
		const struct word *word = &rule->words[i];

		if (word->text && !(text.length == word->length && memcmp(text.bytes, word->text, word->length) == 0))
			continue;
		values_set(event, &word->values);
		return true;
	}
	return false;
}

/* Texts are compared without regard to case. */
static bool condition_holds(const struct condition *condition, const struct event *event)
{
	const struct field *field = condition->any.items[0].field;
	struct slice text = field->type == FIELD_TEXT ? field_text(event, field) : SLICE_NONE;

	for (size_t i = 0; i < condition->any.count; i++) {
		const struct field_value *value = &condition->any.items[i];

		if (field->type != FIELD_TEXT && field_number(event, field) == value->number)
			return true;
		if (slice_given(text) && text.length == value->text.length &&
		    strncasecmp(text.bytes, value->text.bytes, text.length) == 0)
			return true;
	}
	return false;
}

static enum pattern_result refine(const struct refinement *refinement, struct matcher *matcher, struct event *event)
{
	enum pattern_result result;
	struct slice subject;

	if (!(refinement->outcomes >> event->outcome & 1))
		return PATTERN_NO;
	for (size_t i = 0; i < refinement->condition_count; i++) {
		if (!condition_holds(&refinement->conditions[i], event))
			return PATTERN_NO;
	}
	if (refinement->subject) {
		subject = field_text(event, refinement->subject);
		if (!slice_given(subject))
			return PATTERN_NO;
		result = pattern_match(refinement->pattern, matcher, subject);
		if (result != PATTERN_YES)
			return result;
		pattern_capture(refinement->pattern, matcher, subject, event);
	}
	values_set(event, &refinement->values);
	return PATTERN_YES;
}

static enum pattern_result rule_try(const struct rule *rule, struct matcher *matcher, unsigned level, struct slice text,
                                    struct event *event)
{
	enum pattern_result result;

	if (rule->levels && !(rule->levels & level))
		return PATTERN_NO;
	if (rule->literal && !memmem(text.bytes, text.length, rule->literal, rule->literal_length))
		return PATTERN_NO;
	result = pattern_match(rule->pattern, matcher, text);
	if (result != PATTERN_YES || rule->ignore)
		return result;
	field_clear(event);
	event->kind = rule->kind;
	values_set(event, &rule->values);
	if (rule->word_group && !word_set(rule, pattern_word(rule->pattern, matcher, text), event))
		return PATTERN_NO;
	pattern_capture(rule->pattern, matcher, text, event);
	for (size_t i = 0; i < rule->refinement_count; i++) {
		if (refine(&rule->refinements[i], matcher, event) == PATTERN_LIMIT)
			return PATTERN_LIMIT;
	}
	return PATTERN_YES;
}

unsigned rule_level_of(struct slice name)
{
	static const char *const levels[] = {"warning", "error", "fatal", "panic"};

	if (!name.length)
		return 0;
	for (unsigned i = 0; i < 4; i++) {
		if (slice_is(name, levels[i]))
			return 1u << i;
	}
	return 0;
}

/* What a shipper may have left behind the body. */
static struct slice body_of(const struct envelope *envelope)
{
	struct slice text = slice_given(envelope->text) ? envelope->text : SLICE("");

	while (text.length && memchr(" \t\r\n", text.bytes[text.length - 1], 4))
		text.length--;
	return text;
}

static void event_finish(struct event *event, const struct envelope *envelope)
{
	event->time = envelope->time;
	event->time_other = envelope->time_other;
	event->resolution = envelope->resolution;
	event->repeated = envelope->repeated;
	event->host = envelope->host;
	event->instance = envelope->instance;
	event->program = envelope->program;
}

enum rules_result rules_apply(const struct rules *rules, struct rules_scratch *scratch, const struct envelope *envelope,
                              struct event *event, const char **rule, const char **reason)
{
	const struct route *route = route_find(rules, scratch, envelope);
	struct slice text = body_of(envelope);
	unsigned level = rule_level_of(envelope->level);
	const char *label = NULL;

	if (!rule)
		rule = &label;
	*rule = NULL;
	if (!route->claimed)
		return RULES_IGNORED;
	for (size_t i = 0; i < route->count; i++) {
		const struct rule *candidate = route->rules[i];
		enum pattern_result result = rule_try(candidate, scratch->matcher, level, text, event);

		if (result == PATTERN_NO)
			continue;
		*rule = candidate->label;
		if (result == PATTERN_LIMIT) {
			*reason = "match limit";
			return RULES_UNPARSED;
		}
		if (candidate->ignore)
			return RULES_IGNORED;
		event_finish(event, envelope);
		return RULES_EVENT;
	}
	*reason = "no rule";
	return RULES_UNPARSED;
}
