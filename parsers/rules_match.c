/* SPDX-License-Identifier: Apache-2.0
 *
 * Matches a line's body with the rules and fills its events: of the rules that
 * are for its program (rules_route.c) the first that takes the line, and those
 * below it where it says that the line tells more. Owns each thread's scratch:
 * what PCRE2 matches in, the routes, and what is left of a line that tells of
 * several events. Never fails: a pattern that hits its limit makes the line
 * unparsed, with that reason.
 */
#include <assert.h>
#include <stdlib.h>
#include <strings.h>

#include "daemon/base/memory.h"
#include "parsers/rules_parts.h"

/* What a line that was taken has still to tell. */
struct rest {
	const struct rule *each;   /* its list has further members; NULL: no list is under way */
	struct slice members;      /* ... these */
	struct event event;        /* ... put into copies of this */
	const struct route *route; /* whose rules are to be tried from `at` on; NULL: none */
	size_t at;
	struct envelope envelope;
	const char *label;
};

struct rules_scratch {
	struct matcher *matcher;
	struct arena texts; /* that rules made */
	bool more;          /* rest holds something */
	struct rest rest;
	struct repeat repeat;
	struct routes *routes;
};

/* Texts that rules made, handed to a batch. */
struct rules_memory {
	struct arena arena;
};

struct rules_scratch *rules_scratch_new(const struct rules *rules)
{
	struct rules_scratch *scratch = memory_zeroed(1, sizeof(*scratch));

	scratch->matcher = matcher_new(rules->captures);
	scratch->routes = routes_new();
	return scratch;
}

void rules_scratch_free(struct rules_scratch **scratch)
{
	if (!*scratch)
		return;
	routes_free(&(*scratch)->routes);
	matcher_free(&(*scratch)->matcher);
	arena_free(&(*scratch)->texts);
	free(*scratch);
	*scratch = NULL;
}

struct rules_memory *rules_scratch_take(struct rules_scratch *scratch)
{
	struct rules_memory *memory;

	if (!scratch->texts.blocks)
		return NULL;
	memory = memory_zeroed(1, sizeof(*memory));
	memory->arena = scratch->texts;
	scratch->texts.blocks = NULL;
	return memory;
}

void rules_memory_free(struct rules_memory **memory)
{
	if (!*memory)
		return;
	arena_free(&(*memory)->arena);
	free(*memory);
	*memory = NULL;
}

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

/* Where it is not, which is most often so, its first byte mostly is not either, or a few times. */
static bool text_has(struct slice text, struct slice what)
{
	const char *at = text.bytes, *end = text.bytes + text.length;

	for (int i = 0; i < 4; i++, at++) {
		at = memchr(at, what.bytes[0], (size_t)(end - at));
		if (!at || (size_t)(end - at) < what.length)
			return false;
		if (memcmp(at, what.bytes, what.length) == 0)
			return true;
	}
	return memmem(at, (size_t)(end - at), what.bytes, what.length) != NULL;
}

/* Texts are compared without regard to case. */
static bool condition_holds(const struct condition *condition, const struct event *event)
{
	const struct field *field = condition->field;
	struct slice text = field->type == FIELD_TEXT ? field_text(event, field) : SLICE_NONE;

	if (slice_given(condition->has))
		return slice_given(text) && text_has(text, condition->has);
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
		result = pattern_match_again(refinement->pattern, matcher, subject);
		if (result != PATTERN_YES)
			return result;
		pattern_capture(refinement->pattern, matcher, subject, event);
	}
	values_set(event, &refinement->values);
	return PATTERN_YES;
}

/* What comes after all groups of the rule and of its list's member are in. */
static enum pattern_result rule_complete(const struct rule *rule, struct rules_scratch *scratch, struct event *event)
{
	for (size_t i = 0; i < rule->rewrite_count; i++)
		rewrite_apply(&rule->rewrites[i], &scratch->texts, event);
	for (size_t i = 0; i < rule->refinement_count; i++) {
		if (refine(&rule->refinements[i], scratch->matcher, event) == PATTERN_LIMIT)
			return PATTERN_LIMIT;
	}
	return PATTERN_YES;
}

/* The next member of the list becomes an event. */
static enum pattern_result member_take(const struct rule *rule, struct rules_scratch *scratch, struct event *event)
{
	struct rest *rest = &scratch->rest;
	enum pattern_result result = pattern_match(rule->each, scratch->matcher, rest->members);
	struct slice left;

	if (result != PATTERN_YES)
		return result;
	*event = rest->event;
	pattern_capture(rule->each, scratch->matcher, rest->members, event);
	left = pattern_rest(scratch->matcher, rest->members);
	if (left.length == rest->members.length)
		return PATTERN_NO;
	rest->members = left;
	rest->each = left.length ? rule : NULL;
	return rule_complete(rule, scratch, event);
}

static enum pattern_result list_count(const struct rule *rule, struct matcher *matcher, struct slice list,
                                      struct event *event)
{
	struct field_value value = {.field = rule->counted};
	enum pattern_result result = PATTERN_NO;

	while (list.length && (result = pattern_match(rule->count, matcher, list)) == PATTERN_YES) {
		struct slice left = pattern_rest(matcher, list);

		if (left.length == list.length)
			break;
		list = left;
		value.number++;
	}
	field_set(event, &value);
	return result == PATTERN_LIMIT ? PATTERN_LIMIT : PATTERN_YES;
}

static enum pattern_result rule_lists(const struct rule *rule, struct rules_scratch *scratch, struct slice each,
                                      struct slice count, struct event *event)
{
	if (slice_given(count) && list_count(rule, scratch->matcher, count, event) == PATTERN_LIMIT)
		return PATTERN_LIMIT;
	if (!slice_given(each))
		return rule_complete(rule, scratch, event);
	scratch->rest.members = each;
	scratch->rest.event = *event;
	return member_take(rule, scratch, event);
}

static enum pattern_result rule_try(const struct rule *rule, struct rules_scratch *scratch, unsigned level,
                                    struct slice text, struct event *event)
{
	struct matcher *matcher = scratch->matcher;
	enum pattern_result result;

	if (rule->levels && !(rule->levels & level))
		return PATTERN_NO;
	if (slice_given(rule->literal) && !text_has(text, rule->literal))
		return PATTERN_NO;
	result = pattern_match(rule->pattern, matcher, text);
	if (result != PATTERN_YES || rule->ignore)
		return result;
	field_clear(event);
	event->kind = rule->kind;
	values_set(event, &rule->values);
	if (rule->words && !word_set(rule, pattern_text(rule->pattern, ROLE_WORD, matcher, text), event))
		return PATTERN_NO;
	pattern_capture(rule->pattern, matcher, text, event);
	repeat_keep(&scratch->repeat, rule, text, event);
	if (rule->each || rule->count)
		return rule_lists(rule, scratch, pattern_text(rule->pattern, ROLE_EACH, matcher, text),
		                  pattern_text(rule->pattern, ROLE_COUNT, matcher, text), event);
	return rule_complete(rule, scratch, event);
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

/* Tries the route's rules from `at` on. */
static enum rules_result route_try(const struct route *route, size_t at, struct rules_scratch *scratch,
                                   const struct envelope *envelope, struct event *event, const char **rule,
                                   const char **reason)
{
	struct slice text = body_of(envelope);
	unsigned level = rule_level_of(envelope->level);

	scratch->rest.each = NULL;
	for (; at < route->count; at++) {
		const struct rule *candidate = route->rules[at];
		enum pattern_result result = rule_try(candidate, scratch, level, text, event);

		if (result == PATTERN_NO)
			continue;
		*rule = candidate->label;
		if (result == PATTERN_LIMIT) {
			scratch->repeat.rule = NULL;
			*reason = "match limit";
			return RULES_UNPARSED;
		}
		if (candidate->ignore)
			return RULES_IGNORED;
		event_finish(event, envelope);
		/* No rule was tried before that might take a line that only repeats this one. */
		if (at == 0)
			event_finish(&scratch->repeat.event, envelope);
		else
			scratch->repeat.rule = NULL;
		if (!candidate->further && !scratch->rest.each)
			return RULES_EVENT;
		scratch->more = true;
		scratch->rest.route = candidate->further ? route : NULL;
		scratch->rest.at = at + 1;
		scratch->rest.label = candidate->label;
		scratch->rest.envelope = *envelope;
		return RULES_EVENT;
	}
	*reason = "no rule";
	return RULES_UNPARSED;
}

enum rules_result rules_apply(const struct rules *rules, struct rules_scratch *scratch, const struct envelope *envelope,
                              struct event *event, const char **rule, const char **reason)
{
	const struct route *route = routes_find(scratch->routes, rules, envelope);
	const char *label;

	if (!rule)
		rule = &label;
	*rule = NULL;
	scratch->more = false;
	scratch->repeat.rule = NULL;
	if (!route->claimed)
		return RULES_IGNORED;
	return route_try(route, 0, scratch, envelope, event, rule, reason);
}

const struct repeat *rules_scratch_repeat(const struct rules_scratch *scratch)
{
	return &scratch->repeat;
}

bool rules_apply_again(struct rules_scratch *scratch, struct slice text, struct event *event)
{
	const struct repeat *repeat = &scratch->repeat;

	assert(!scratch->more);
	return repeat_take(repeat, text, event) && rule_complete(repeat->rule, scratch, event) == PATTERN_YES;
}

bool rules_recipient_again(const struct rules_scratch *scratch, struct slice text, struct slice *recipient)
{
	assert(!scratch->more);
	return repeat_recipient(&scratch->repeat, text, recipient);
}

/* The list under way, one member on. */
static enum rules_result rest_member(struct rules_scratch *scratch, struct event *event, const char **rule,
                                     const char **reason)
{
	struct rest *rest = &scratch->rest;
	const struct rule *of = rest->each;

	rest->each = NULL;
	*rule = rest->label;
	switch (member_take(of, scratch, event)) {
	case PATTERN_YES: break;
	case PATTERN_NO: *reason = "the rest of a list"; return RULES_UNPARSED;
	case PATTERN_LIMIT: *reason = "match limit"; return RULES_UNPARSED;
	}
	event_finish(event, &rest->envelope);
	scratch->more = rest->each || rest->route;
	return RULES_EVENT;
}

enum rules_result rules_more(struct rules_scratch *scratch, struct event *event, const char **rule, const char **reason)
{
	struct rest *rest = &scratch->rest;
	struct envelope envelope;
	const char *label, *why;
	enum rules_result result;

	if (!rule)
		rule = &label;
	*rule = NULL;
	if (!scratch->more)
		return RULES_IGNORED;
	scratch->more = false;
	if (rest->each)
		return rest_member(scratch, event, rule, reason);
	envelope = rest->envelope;
	result = route_try(rest->route, rest->at, scratch, &envelope, event, rule, &why);
	if (result != RULES_UNPARSED)
		return result;
	if (!*rule) /* no further rule takes it */
		return RULES_IGNORED;
	*reason = why;
	return RULES_UNPARSED;
}
