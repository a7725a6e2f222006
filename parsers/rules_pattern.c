/* SPDX-License-Identifier: Apache-2.0
 *
 * A pattern: PCRE2 in extended mode over bytes, its named groups bound to event
 * fields. The only file that knows PCRE2. Compiled to machine code where the
 * library can, else interpreted; both with limits, so that a pattern that
 * would run for ever gives PATTERN_LIMIT. A pattern is shared by threads; a
 * matcher (match data, limits, machine stack) is one thread's own.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <assert.h>
#include <pcre2.h>

#include "daemon/base/hash.h"
#include "daemon/base/memory.h"
#include "parsers/rules_parts.h"

/* No line of the tests needs a tenth of this, the hostile ones neither; at the limit a match has lasted some
 * milliseconds. */
#define MATCH_LIMIT 200000
#define DEPTH_LIMIT 20000
#define HEAP_LIMIT_KIB 4096
#define MACHINE_STACK_BYTES (256 * 1024)

struct group {
	uint32_t number;
	enum role role;
	const struct field *field; /* NULL: of another role */
};

struct pattern {
	pcre2_code *code;
	bool machine; /* compiled to machine code */
	uint32_t captures;
	struct group *groups;
	size_t group_count;
	size_t role_at[ROLES]; /* no group before this one is of that role */
};

/* What a short text came to: attempts of one delivery, a line each, mostly tell the same relay and the same reply. */
#define MEMO_SLOTS 64
#define MEMO_TEXT 160
#define MEMO_GROUPS 4

struct memo {
	const struct pattern *pattern; /* NULL: nothing */
	uint8_t length, set;           /* set: 0: no match */
	uint8_t offsets[2 * MEMO_GROUPS];
	char text[MEMO_TEXT];
};

struct matcher {
	struct memo memos[MEMO_SLOTS];
	pcre2_match_data *data;
	pcre2_match_context *context;
	pcre2_jit_stack *stack;
	PCRE2_SIZE *offsets;
	uint32_t set; /* groups that the last match may have set */
};

static bool fillable(const struct field *field)
{
	return field && field->type != FIELD_OUTCOME && field->type != FIELD_FLAG;
}

static void group_add(struct pattern *pattern, uint32_t number, enum role role, const struct field *field)
{
	if (!pattern_has(pattern, role))
		pattern->role_at[role] = pattern->group_count;
	pattern->groups[pattern->group_count++] = (struct group){number, role, field};
}

/* A group has an entry for each of its roles. */
static bool groups_bind(struct pattern *pattern, const char *const names[ROLES], char **error)
{
	uint32_t count, entry_size;
	PCRE2_SPTR entry;

	pcre2_pattern_info(pattern->code, PCRE2_INFO_NAMECOUNT, &count);
	pcre2_pattern_info(pattern->code, PCRE2_INFO_NAMEENTRYSIZE, &entry_size);
	pcre2_pattern_info(pattern->code, PCRE2_INFO_NAMETABLE, &entry);
	pattern->groups = memory_zeroed(ROLES * (size_t)count, sizeof(*pattern->groups));
	for (uint32_t i = 0; i < count; i++, entry += entry_size) {
		const char *name = (const char *)entry + 2;
		uint32_t number = (uint32_t)(entry[0] << 8 | entry[1]);
		const struct field *field = field_find(slice_of(name));
		bool known = fillable(field);

		if (known)
			group_add(pattern, number, ROLE_FIELD, field);
		for (enum role role = ROLE_WORD; role < ROLES; role++) {
			if (!names || !names[role] || strcmp(names[role], name) != 0)
				continue;
			group_add(pattern, number, role, NULL);
			known = true;
		}
		if (!known) {
			*error = rules_text("group '%s' is no field%s", name,
			                    field ? " that a group may fill" : " of an event");
			return false;
		}
	}
	return true;
}

static char *pcre2_text(int code)
{
	PCRE2_UCHAR text[256] = "";

	pcre2_get_error_message(code, text, sizeof(text));
	return memory_string((const char *)text, strlen((const char *)text));
}

struct pattern *pattern_new(struct slice source, const char *const names[ROLES], char **error, size_t *at)
{
	uint32_t const options = PCRE2_EXTENDED | PCRE2_DOTALL | PCRE2_DOLLAR_ENDONLY | PCRE2_DUPNAMES |
	                         PCRE2_NEVER_UTF | PCRE2_NEVER_BACKSLASH_C;
	struct pattern *pattern = memory_zeroed(1, sizeof(*pattern));
	PCRE2_SIZE offset = 0;
	size_t machine_size = 0;
	int code;

	*error = NULL;
	*at = 0;
	pattern->code = pcre2_compile((PCRE2_SPTR)source.bytes, source.length, options, &code, &offset, NULL);
	if (!pattern->code) {
		*error = pcre2_text(code);
		*at = offset;
		goto out;
	}
	pcre2_pattern_info(pattern->code, PCRE2_INFO_CAPTURECOUNT, &pattern->captures);
	if (!groups_bind(pattern, names, error))
		goto out;
	/* A pattern that begins with (*NO_JIT) is "compiled" to nothing. */
	if (pcre2_jit_compile(pattern->code, PCRE2_JIT_COMPLETE) == 0)
		pcre2_pattern_info(pattern->code, PCRE2_INFO_JITSIZE, &machine_size);
	pattern->machine = machine_size > 0;
	return pattern;
out:
	pattern_free(&pattern);
	return NULL;
}

void pattern_free(struct pattern **pattern)
{
	if (!*pattern)
		return;
	pcre2_code_free((*pattern)->code);
	free((*pattern)->groups);
	free(*pattern);
	*pattern = NULL;
}

uint32_t pattern_captures(const struct pattern *pattern)
{
	return pattern->captures;
}

struct matcher *matcher_new(uint32_t captures)
{
	struct matcher *matcher = memory_zeroed(1, sizeof(*matcher));

	matcher->data = memory_checked(pcre2_match_data_create(captures + 1, NULL));
	matcher->context = memory_checked(pcre2_match_context_create(NULL));
	matcher->stack = memory_checked(pcre2_jit_stack_create(32 * 1024, MACHINE_STACK_BYTES, NULL));
	matcher->offsets = pcre2_get_ovector_pointer(matcher->data);
	pcre2_set_match_limit(matcher->context, MATCH_LIMIT);
	pcre2_set_depth_limit(matcher->context, DEPTH_LIMIT);
	pcre2_set_heap_limit(matcher->context, HEAP_LIMIT_KIB);
	pcre2_jit_stack_assign(matcher->context, NULL, matcher->stack);
	return matcher;
}

void matcher_free(struct matcher **matcher)
{
	if (!*matcher)
		return;
	pcre2_match_data_free((*matcher)->data);
	pcre2_match_context_free((*matcher)->context);
	pcre2_jit_stack_free((*matcher)->stack);
	free(*matcher);
	*matcher = NULL;
}

static bool is_limit(int code)
{
	return code == PCRE2_ERROR_MATCHLIMIT || code == PCRE2_ERROR_DEPTHLIMIT || code == PCRE2_ERROR_HEAPLIMIT ||
	       code == PCRE2_ERROR_JIT_STACKLIMIT || code == PCRE2_ERROR_RECURSELOOP || code == PCRE2_ERROR_NOMEMORY;
}

enum pattern_result pattern_match(const struct pattern *pattern, struct matcher *matcher, struct slice text)
{
	PCRE2_SPTR subject = (PCRE2_SPTR)(text.bytes ? text.bytes : "");
	int code;

	if (pattern->machine)
		code = pcre2_jit_match(pattern->code, subject, text.length, 0, 0, matcher->data, matcher->context);
	else
		code = pcre2_match(pattern->code, subject, text.length, 0, 0, matcher->data, matcher->context);
	if (code == PCRE2_ERROR_NOMATCH)
		return PATTERN_NO;
	if (is_limit(code))
		return PATTERN_LIMIT;
	assert(code > 0); /* 0: more groups than the matcher was made for */
	matcher->set = (uint32_t)code;
	return PATTERN_YES;
}

static struct memo *memo_of(struct matcher *matcher, const struct pattern *pattern, struct slice text)
{
	return &matcher->memos[hash_bytes(text.bytes, text.length, (uintptr_t)pattern) % MEMO_SLOTS];
}

static bool memo_is(const struct memo *memo, const struct pattern *pattern, struct slice text)
{
	return memo->pattern == pattern && memo->length == text.length &&
	       memcmp(memo->text, text.bytes, text.length) == 0;
}

/* Offsets are within the text, or PCRE2_UNSET, which UINT8_MAX stands for. */
static void memo_keep(struct memo *memo, const struct pattern *pattern, const struct matcher *matcher,
                      struct slice text, enum pattern_result result)
{
	memo->pattern = pattern;
	memo->length = (uint8_t)text.length;
	memo->set = result == PATTERN_YES ? (uint8_t)matcher->set : 0;
	memcpy(memo->text, text.bytes, text.length);
	for (uint32_t i = 0; i < 2 * (uint32_t)memo->set; i++)
		memo->offsets[i] = matcher->offsets[i] == PCRE2_UNSET ? UINT8_MAX : (uint8_t)matcher->offsets[i];
}

static enum pattern_result memo_tell(const struct memo *memo, struct matcher *matcher)
{
	if (!memo->set)
		return PATTERN_NO;
	matcher->set = memo->set;
	for (uint32_t i = 0; i < 2 * (uint32_t)memo->set; i++)
		matcher->offsets[i] = memo->offsets[i] == UINT8_MAX ? PCRE2_UNSET : memo->offsets[i];
	return PATTERN_YES;
}

enum pattern_result pattern_match_again(const struct pattern *pattern, struct matcher *matcher, struct slice text)
{
	enum pattern_result result;
	struct memo *memo;

	if (text.length == 0 || text.length > MEMO_TEXT || pattern->captures >= MEMO_GROUPS)
		return pattern_match(pattern, matcher, text);
	memo = memo_of(matcher, pattern, text);
	if (memo_is(memo, pattern, text))
		return memo_tell(memo, matcher);
	result = pattern_match(pattern, matcher, text);
	if (result != PATTERN_LIMIT)
		memo_keep(memo, pattern, matcher, text, result);
	return result;
}

static inline struct slice group_text(uint32_t number, const struct matcher *matcher, struct slice text)
{
	PCRE2_SIZE start, end;

	if (number >= matcher->set)
		return SLICE_NONE;
	start = matcher->offsets[2 * number];
	end = matcher->offsets[2 * number + 1];
	if (start == PCRE2_UNSET)
		return SLICE_NONE;
	/* \K in a lookaround can end a group before it starts */
	return (struct slice){(text.bytes ? text.bytes : "") + start, end > start ? end - start : 0};
}

void pattern_capture(const struct pattern *pattern, const struct matcher *matcher, struct slice text,
                     struct event *event)
{
	for (size_t i = 0; i < pattern->group_count; i++) {
		const struct group *group = &pattern->groups[i];
		struct slice captured = group_text(group->number, matcher, text);

		if (!slice_given(captured) || !group->field)
			continue;
		if (group->field->type == FIELD_TEXT)
			*(struct slice *)((char *)event + group->field->offset) = captured;
		else
			field_capture(event, group->field, captured);
	}
}

bool pattern_fills(const struct pattern *pattern)
{
	return pattern_has(pattern, ROLE_FIELD);
}

bool pattern_fills_field(const struct pattern *pattern, const struct field *field)
{
	for (size_t i = 0; i < pattern->group_count; i++) {
		if (pattern->groups[i].field == field)
			return true;
	}
	return false;
}

bool pattern_has(const struct pattern *pattern, enum role role)
{
	for (size_t i = 0; i < pattern->group_count; i++) {
		if (pattern->groups[i].role == role)
			return true;
	}
	return false;
}

struct slice pattern_text(const struct pattern *pattern, enum role role, const struct matcher *matcher,
                          struct slice text)
{
	struct slice found = SLICE_NONE;

	for (size_t i = pattern->role_at[role]; i < pattern->group_count && !slice_given(found); i++) {
		if (pattern->groups[i].role == role)
			found = group_text(pattern->groups[i].number, matcher, text);
	}
	return found;
}

struct slice pattern_rest(const struct matcher *matcher, struct slice text)
{
	return slice_from(text, matcher->offsets[1]);
}
