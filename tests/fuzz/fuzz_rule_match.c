/* SPDX-License-Identifier: Apache-2.0
 *
 * Any line through the shipped rules (TOP_SRCDIR names the sources). The input's
 * first line is the tag, with the level behind a blank; what follows is the
 * body. Checks what no line may break: texts can be read, those of Postfix lie
 * within the body, and an event of it is about the queue file and the recipient
 * that the line's beginning names. And a line that repeats it with another recipient and reason, as far as it is taken for one,
 * gives what it gives alone.
 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rules.h"

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static struct rules *rules;
static struct rules_scratch *scratch, *alone;

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
	const char *top = getenv("TOP_SRCDIR");
	char path[4096];
	const char *directories[] = {path, NULL};
	char *error = NULL;

	(void)count;
	(void)arguments;
	snprintf(path, sizeof(path), "%s/parsers", top ? top : ".");
	rules = rules_load(directories, &error);
	if (!rules) {
		fprintf(stderr, "%s\n", error);
		exit(1);
	}
	scratch = rules_scratch_new(rules);
	alone = rules_scratch_new(rules);
	return 0;
}

static struct slice head(struct slice *text, char end)
{
	const char *found = text->length ? memchr(text->bytes, end, text->length) : NULL;
	struct slice first = slice_first(*text, found ? (size_t)(found - text->bytes) : text->length);

	*text = slice_from(*text, first.length + (found ? 1 : 0));
	return first;
}

static void tag_split(struct slice tag, struct envelope *envelope)
{
	size_t slash = tag.length;

	while (slash && tag.bytes[slash - 1] != '/')
		slash--;
	envelope->instance = slash ? slice_first(tag, slash - 1) : SLICE("");
	envelope->program = slice_from(tag, slash);
	envelope->program_cut = !slash && slice_starts(tag, "postfix");
}

static void within(struct slice part, struct slice whole)
{
	if (slice_given(part) && !slice_is(part, "local"))
		assert(part.bytes >= whole.bytes && part.bytes + part.length <= whole.bytes + whole.length);
}

/* What follows "ID: ". */
static struct slice after_id(const struct event *event, struct slice text)
{
	size_t length = event->queue_id.length;

	assert(length >= 6 && length <= 32);
	assert(slice_equal(slice_first(text, length), event->queue_id));
	assert(slice_starts(slice_from(text, length), ": "));
	return slice_from(text, length + 2);
}

static void of_its_kind(const struct event *event, struct slice text)
{
	struct slice rest = slice_given(event->queue_id) ? after_id(event, text) : text;

	switch (event->kind) {
	case EVENT_ATTEMPT:
		if (slice_given(event->recipient)) {
			assert(slice_starts(rest, "to="));
			assert(event->recipient.bytes == rest.bytes + 3 + (rest.bytes[3] == '<'));
		} else {
			assert(slice_starts(rest, "from=<") || slice_starts(rest, "status="));
		}
		break;
	case EVENT_IDENTIFIED:
		assert(slice_starts(rest, slice_given(event->message_id) ? "message-id=" : "resent-message-id="));
		break;
	case EVENT_QUEUED: assert(slice_starts(rest, "from=") && event->recipients >= -1); break;
	case EVENT_ACCEPTED: assert(slice_starts(rest, "client=") || slice_starts(rest, "uid=")); break;
	case EVENT_REJECTED:
		assert(slice_starts(rest, "reject: ") || slice_starts(rest, "milter-") ||
		       slice_starts(rest, "proxy-reject: ") || slice_starts(rest, "NOQUEUE: "));
		break;
	case EVENT_HEADER: assert(slice_given(event->header_name) && slice_given(event->header_value)); break;
	case EVENT_SPAWNED: assert(slice_given(event->next_queue_id)); break;
	case EVENT_REMOVED:
		assert(slice_is(rest, "removed") || event->outcome == OUTCOME_DISCARDED ||
		       event->outcome == OUTCOME_CANCELED);
		break;
	default: assert(event->kind == EVENT_HELD || event->kind == EVENT_REQUEUED); break;
	}
}

static void of_postfix(const struct event *event, struct slice text)
{
#define X(member, meaning) within(event->member, text);
	EVENT_TEXTS(X)
#undef X
	of_its_kind(event, text);
}

static unsigned sum;

static void readable(struct slice part)
{
	for (size_t i = 0; slice_given(part) && i < part.length; i++)
		sum += (unsigned char)part.bytes[i];
}

/* All events of a line; rules may have made texts of them. */
static void of_any_kind(const struct event *first)
{
	struct rules_memory *memory;
	struct event event = *first;
	const char *rule;
	const char *reason = NULL;
	enum rules_result result = RULES_EVENT;

	while (result == RULES_EVENT) {
#define X(member, meaning) readable(event.member);
		EVENT_TEXTS(X)
#undef X
#define X(member, meaning) assert(event.member >= -1);
		EVENT_NUMBERS(X)
#undef X
		result = rules_more(scratch, &event, &rule, &reason);
		assert(result == RULES_IGNORED || rule);
	}
	assert(result == RULES_IGNORED || reason);
	memory = rules_scratch_take(scratch);
	rules_memory_free(&memory);
}

static bool same(struct slice a, struct slice b)
{
	return slice_given(a) == slice_given(b) && slice_equal(a, b);
}

static void same_event(const struct event *a, const struct event *b)
{
	assert(a->kind == b->kind && a->outcome == b->outcome && a->manager == b->manager &&
	       a->permanent == b->permanent && a->notification == b->notification && a->automatic == b->automatic);
#define X(member, meaning) assert(same(a->member, b->member));
	EVENT_TEXTS(X)
#undef X
#define X(member, meaning) assert(a->member == b->member);
	EVENT_NUMBERS(X)
#undef X
}

/* The line once more, with another recipient, and the bytes behind the last '(' in another order. */
static void repeated(const struct envelope *envelope, const struct event *event)
{
	static const char other[] = "b.B-1@example.net";
	struct slice text = envelope->text, first = event->recipient;
	struct envelope again = *envelope;
	struct event got, wanted;
	const char *rule, *reason;
	size_t before, length;
	char *made, *open;

	if (!slice_given(first) || first.bytes < text.bytes || first.bytes + first.length > text.bytes + text.length)
		return;
	before = (size_t)(first.bytes - text.bytes);
	length = text.length - first.length + sizeof(other) - 1;
	made = malloc(length + 1);
	memcpy(made, text.bytes, before);
	memcpy(made + before, other, sizeof(other) - 1);
	memcpy(made + before + sizeof(other) - 1, first.bytes + first.length, text.length - before - first.length);
	open = memrchr(made, '(', length);
	for (size_t a = open ? (size_t)(open - made) + 1 : length, b = length - 1; a + 1 < b; a++, b--) {
		char byte = made[a];

		made[a] = made[b - 1];
		made[b - 1] = byte;
	}
	again.text = (struct slice){made, length};
	if (rules_apply_again(scratch, again.text, &got)) {
		assert(rules_apply(rules, alone, &again, &wanted, &rule, &reason) == RULES_EVENT);
		same_event(&got, &wanted);
	}
	free(made);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct slice text = {(const char *)bytes, size};
	struct slice tag = head(&text, '\n');
	struct envelope envelope = {.text = text};
	struct event event;
	const char *rule;
	const char *reason = NULL;

	tag_split(head(&tag, ' '), &envelope);
	envelope.level = tag;
	while (text.length && memchr(" \t\r\n", text.bytes[text.length - 1], 4))
		text.length--;
	switch (rules_apply(rules, scratch, &envelope, &event, &rule, &reason)) {
	case RULES_EVENT:
		assert(rule);
		if (strncmp(rule, "postfix.rules:", 14) == 0)
			of_postfix(&event, text);
		of_any_kind(&event);
		envelope.text = text;
		repeated(&envelope, &event);
		break;
	case RULES_IGNORED: break;
	case RULES_UNPARSED: assert(reason); break;
	}
	return 0;
}
