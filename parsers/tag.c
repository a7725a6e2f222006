/* SPDX-License-Identifier: Apache-2.0
 *
 * Splits a tag into instance and program. Postfix tags its lines syslog_name/
 * program, and syslog_name may hold slashes itself ("postfix/submission/smtpd"),
 * so the program is the last component. A tag that shippers cut at its first
 * slash says only the instance, and so does the systemd unit that journalctl
 * may write in its place; the rules then go by the text.
 */
#include "parsers/tag.h"

/* Without "[123]", "[123" and ":" at the end. */
static struct slice without_pid(struct slice tag)
{
	size_t end = tag.length;
	size_t i;

	if (end && tag.bytes[end - 1] == ':')
		tag.length = --end;
	if (end && tag.bytes[end - 1] == ']')
		end--;
	for (i = end; i > 0 && tag.bytes[i - 1] >= '0' && tag.bytes[i - 1] <= '9'; i--)
		;
	if (i >= 2 && i < end && tag.bytes[i - 1] == '[')
		tag.length = i - 1;
	return tag;
}

/* "postfix@postfix-out.service", "exim4.service", as journalctl -o with-unit writes it: the service is the program, and what
 * it is a service of the instance, where that has a name ("-" is the default one's). False where the tag is no unit. */
static bool split_unit(struct slice tag, struct tag *out)
{
	static const struct slice suffix = {".service", 8};
	struct slice instance;
	const char *at;

	if (tag.length <= suffix.length || !slice_equal(slice_from(tag, tag.length - suffix.length), suffix))
		return false;
	tag.length -= suffix.length;
	at = memchr(tag.bytes, '@', tag.length);
	out->program = at ? slice_first(tag, (size_t)(at - tag.bytes)) : tag;
	out->cut = slice_is(out->program, "postfix");
	instance = at ? slice_from(tag, out->program.length + 1) : SLICE_NONE;
	if (instance.length && !slice_is(instance, "-"))
		out->instance = instance;
	return true;
}

struct tag tag_split(struct slice tag, bool may_be_cut)
{
	struct tag out = {.instance = SLICE(""), .program = SLICE_NONE, .cut = true};
	size_t i;

	tag = without_pid(tag);
	if (tag.length == 0)
		return out;
	for (i = tag.length; i > 0 && tag.bytes[i - 1] != '/'; i--)
		;
	if (i == 0 && split_unit(tag, &out))
		return out;
	if (i > 1)
		out.instance = slice_first(tag, i - 1);
	if (i == tag.length) /* it ends in the slash */
		return out;
	out.program = slice_from(tag, i);
	if (i > 0) {
		out.cut = false;
	} else if (may_be_cut && slice_starts(tag, "postfix-")) { /* of "postfix-out/smtp" the instance is left */
		out.instance = tag;
		out.program = SLICE("postfix");
	} else {
		out.cut = slice_is(tag, "postfix");
	}
	return out;
}

bool tag_numbered(struct slice tag)
{
	return tag.length && tag.bytes[tag.length - 1] == ']' && without_pid(tag).length < tag.length;
}
