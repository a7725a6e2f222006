/* SPDX-License-Identifier: Apache-2.0
 *
 * Texts that stand in a log otherwise than other logs have them, written anew:
 * put between brackets, freed from the backslashes of a C string, a host and its
 * address without what stands between, a local part with its domain. Owns
 * nothing; what it makes lives in the thread's arena, until the batch is done.
 */
#include "parsers/rules_parts.h"

/* An empty text stays empty; one that is so enclosed already stays as it is. */
static struct slice enclosed(struct slice text, struct slice before, struct slice after, struct arena *arena)
{
	size_t length = before.length + text.length + after.length;
	char *made;

	if (!text.length)
		return text;
	if (text.length >= before.length + after.length && memcmp(text.bytes, before.bytes, before.length) == 0 &&
	    memcmp(text.bytes + text.length - after.length, after.bytes, after.length) == 0)
		return text;
	made = arena_take(arena, length);
	memcpy(made, before.bytes, before.length);
	memcpy(made + before.length, text.bytes, text.length);
	memcpy(made + before.length + text.length, after.bytes, after.length);
	return (struct slice){made, length};
}

/* The bytes that the escape at the beginning of `text` takes, what it means in *meant: "\n", "\r", "\t", "\NNN", or the
 * byte behind the backslash. */
static size_t escape_read(struct slice text, char *meant)
{
	unsigned value = 0;
	size_t i;

	if (text.length < 2) {
		*meant = '\\';
		return 1;
	}
	for (i = 1; i < 4 && i < text.length && text.bytes[i] >= '0' && text.bytes[i] <= '7'; i++)
		value = value * 8 + (unsigned)(text.bytes[i] - '0');
	if (i == 4 && value < 256) {
		*meant = (char)value;
		return i;
	}
	switch (text.bytes[1]) {
	case 'n': *meant = '\n'; break;
	case 'r': *meant = '\r'; break;
	case 't': *meant = '\t'; break;
	default: *meant = text.bytes[1]; break;
	}
	return 2;
}

static struct slice unescaped(struct slice text, struct arena *arena)
{
	char *made;
	size_t length = 0;

	if (!text.length || !memchr(text.bytes, '\\', text.length))
		return text;
	made = arena_take(arena, text.length);
	while (text.length) {
		size_t taken = 1;

		if (text.bytes[0] == '\\')
			taken = escape_read(text, &made[length++]);
		else
			made[length++] = text.bytes[0];
		text = slice_from(text, taken);
	}
	return (struct slice){made, length};
}

/* "mx.example.org. (mx) [192.0.2.25]:25": what stands before the address loses its last dot, and the HELO name and
 * the blanks after it; an address there its brackets. */
static struct slice compacted(struct slice text, struct arena *arena)
{
	const char *open = text.length ? memrchr(text.bytes, '[', text.length) : NULL;
	size_t at = open ? (size_t)(open - text.bytes) : 0;
	struct slice name = slice_first(text, at);
	struct slice address = slice_from(text, at);
	const char *blank = name.length ? memchr(name.bytes, ' ', name.length) : NULL;
	char *made;

	if (!open)
		return text;
	if (blank)
		name.length = (size_t)(blank - name.bytes);
	if (name.length && name.bytes[0] == '(')
		name.length = 0;
	if (name.length > 1 && name.bytes[0] == '[' && name.bytes[name.length - 1] == ']')
		name = (struct slice){name.bytes + 1, name.length - 2};
	if (name.length && name.bytes[name.length - 1] == '.')
		name.length--;
	if (name.length == at)
		return text;
	if (!name.length)
		return address;
	made = arena_take(arena, name.length + address.length);
	memcpy(made, name.bytes, name.length);
	memcpy(made + name.length, address.bytes, address.length);
	return (struct slice){made, name.length + address.length};
}

/* An address that has a domain, or none that has one to take it from, stays as it is. */
static struct slice qualified(struct slice text, struct slice from, struct arena *arena)
{
	const char *at = from.length ? memrchr(from.bytes, '@', from.length) : NULL;
	struct slice domain = at ? slice_from(from, (size_t)(at - from.bytes)) : SLICE("");
	char *made;

	if (!text.length || !domain.length || memrchr(text.bytes, '@', text.length))
		return text;
	made = arena_take(arena, text.length + domain.length);
	memcpy(made, text.bytes, text.length);
	memcpy(made + text.length, domain.bytes, domain.length);
	return (struct slice){made, text.length + domain.length};
}

void rewrite_apply(const struct rewrite *rewrite, struct arena *arena, struct event *event)
{
	struct slice text = field_text(event, rewrite->field);
	struct field_value value = {.field = rewrite->field};

	if (!slice_given(text))
		return;
	switch (rewrite->kind) {
	case REWRITE_WRAP: value.text = enclosed(text, rewrite->before, rewrite->after, arena); break;
	case REWRITE_UNESCAPE: value.text = unescaped(text, arena); break;
	case REWRITE_COMPACT: value.text = compacted(text, arena); break;
	case REWRITE_QUALIFY: value.text = qualified(text, field_text(event, rewrite->from), arena); break;
	}
	field_set(event, &value);
}
