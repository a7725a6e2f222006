/* SPDX-License-Identifier: Apache-2.0
 *
 * Splits a tag into instance and program. Postfix tags its lines syslog_name/
 * program, and syslog_name may hold slashes itself ("postfix/submission/smtpd"),
 * so the program is the last component. A tag that shippers cut at its first
 * slash says only the instance; the rules then go by the text.
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

struct tag tag_split(struct slice tag, bool may_be_cut)
{
	struct tag out = {.instance = SLICE(""), .program = SLICE_NONE, .cut = true};
	size_t i;

	tag = without_pid(tag);
	if (tag.length == 0)
		return out;
	for (i = tag.length; i > 0 && tag.bytes[i - 1] != '/'; i--)
		;
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
