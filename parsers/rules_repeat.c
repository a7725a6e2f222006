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
	}
	repeat->rule = rule;
	repeat->text = text;
	repeat->event = *event;
}

static void text_set(struct event *event, const struct field *field, struct slice text)
{
	field_set(event, &(struct field_value){.field = field, .text = text});
}

/* The text begins as the one that was kept, with this for the first of those that may differ; and the rest of it. */
static bool repeat_begins(const struct repeat *repeat, struct slice text, struct slice *first, struct slice *rest)
{
	if (!repeat->rule || text.length < repeat->from || memcmp(text.bytes, repeat->text.bytes, repeat->from) != 0)
		return false;
	*first = slice_from(text, repeat->from);
	first->length = plain_length(*first);
	*rest = slice_from(text, repeat->from + first->length);
	return first->length > 0;
}

bool repeat_recipient(const struct repeat *repeat, struct slice text, struct slice *recipient)
{
	struct slice rest;

	return repeat_begins(repeat, text, recipient, &rest) && repeat->rule->recipient_apart &&
	       slice_equal(rest, slice_from(repeat->text, repeat->until));
}

bool repeat_take(const struct repeat *repeat, struct slice text, struct event *event)
{
	const struct slice *before = &repeat->text;
	size_t same = repeat->tail - repeat->until, left;
	struct slice first, rest;

	if (!repeat_begins(repeat, text, &first, &rest) || rest.length < same ||
	    memcmp(rest.bytes, before->bytes + repeat->until, same) != 0)
		return false;
	left = rest.length - same;
	if (!repeat->rule->repeats[1]) {
		if (left != 0)
			return false;
	} else if (left == 0 || rest.bytes[rest.length - 1] != before->bytes[before->length - 1]) {
		return false;
	}
	*event = repeat->event;
	text_set(event, repeat->rule->repeats[0], first);
	if (repeat->rule->repeats[1])
		text_set(event, repeat->rule->repeats[1], (struct slice){rest.bytes + same, left - 1});
	return true;
}
