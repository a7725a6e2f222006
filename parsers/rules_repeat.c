/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines that repeat each other. A delivery agent writes a line for each
 * recipient of one transaction, and they differ in the recipient, and maybe in
 * what the other server said of it. A rule may promise that nothing else in
 * them depends on these two texts: then a line that is, byte for byte, the one
 * before it but for them, is not matched again.
 *
 * The promise (mailstorm-rules(5), "repeats") is about recipients of plain
 * characters only, so that no line is taken for a repetition in which they
 * might end elsewhere; and it is tested with each sample of the rule.
 */
#include "parsers/rules_parts.h"

/* Letters, digits and what else stands in an address that no log has to quote. */
static bool is_plain(unsigned char c)
{
	static const bool plain[256] = {
		['0' ... '9'] = true, ['a' ... 'z'] = true, ['A' ... 'Z'] = true, ['.'] = true, ['@'] = true,
		['_'] = true,         ['-'] = true,         ['+'] = true,         ['='] = true,
	};

	return plain[c];
}

static size_t plain_length(struct slice text)
{
	size_t length = 0;

	while (length < text.length && is_plain((unsigned char)text.bytes[length]))
		length++;
	return length;
}

static bool is_within(struct slice part, struct slice text)
{
	return slice_given(part) && part.bytes >= text.bytes && part.bytes + part.length <= text.bytes + text.length;
}

void repeat_keep(struct repeat *repeat, const struct rule *rule, struct slice text, const struct event *event)
{
	struct slice first, second;

	repeat->rule = NULL;
	repeat->second = SLICE_NONE;
	if (!rule->repeats[0])
		return;
	first = field_text(event, rule->repeats[0]);
	if (!is_within(first, text) || first.length == 0 || plain_length(first) != first.length)
		return;
	repeat->from = (size_t)(first.bytes - text.bytes);
	repeat->until = repeat->from + first.length;
	repeat->tail = text.length;
	if (repeat->until < text.length && is_plain((unsigned char)text.bytes[repeat->until]))
		return;
	if (rule->repeats[1]) {
		second = field_text(event, rule->repeats[1]);
		if (!is_within(second, text) || second.bytes + second.length + 1 != text.bytes + text.length)
			return;
		repeat->tail = (size_t)(second.bytes - text.bytes);
		if (repeat->tail < repeat->until)
			return;
		repeat->second = second;
	}
	repeat->rule = rule;
	repeat->text = text;
	repeat->event = *event;
}

void repeat_complete(struct repeat *repeat)
{
	repeat->completed = repeat->rule && repeat->rule->recipient_apart;
}

static void text_set(struct event *event, const struct field *field, struct slice text)
{
	field_set(event, &(struct field_value){.field = field, .text = text});
}

/* The text repeats the one that was kept, with these two. */
static bool repeat_is(const struct repeat *repeat, struct slice text, struct slice *first, struct slice *second)
{
	const struct slice *before = &repeat->text;
	size_t same = repeat->tail - repeat->until, left;
	struct slice rest;
	size_t length;

	if (!repeat->rule || text.length < repeat->from || memcmp(text.bytes, before->bytes, repeat->from) != 0)
		return false;
	length = plain_length(slice_from(text, repeat->from));
	rest = slice_from(text, repeat->from + length);
	if (length == 0 || rest.length < same || memcmp(rest.bytes, before->bytes + repeat->until, same) != 0)
		return false;
	*first = (struct slice){text.bytes + repeat->from, length};
	*second = SLICE_NONE;
	left = rest.length - same;
	if (!repeat->rule->repeats[1])
		return left == 0;
	if (left == 0 || rest.bytes[rest.length - 1] != before->bytes[before->length - 1])
		return false;
	*second = (struct slice){rest.bytes + same, left - 1};
	return true;
}

bool repeat_recipient(const struct repeat *repeat, struct slice text, struct slice *recipient)
{
	struct slice second;

	return repeat->completed && repeat_is(repeat, text, recipient, &second) && slice_equal(second, repeat->second);
}

bool repeat_take(const struct repeat *repeat, struct slice text, struct event *event)
{
	struct slice first, second;

	if (!repeat_is(repeat, text, &first, &second))
		return false;
	*event = repeat->event;
	text_set(event, repeat->rule->repeats[0], first);
	if (repeat->rule->repeats[1])
		text_set(event, repeat->rule->repeats[1], second);
	return true;
}
