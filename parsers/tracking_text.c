/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes rows out for the rules, see tracking_text.h. Decides which status is
 * whose: statuses stand in the order of the recipients with ';' between them,
 * but a status may hold a ';' itself. So a ';' divides only outside of brackets,
 * and where what follows can begin a status. If there are not as many statuses
 * as recipients then, it is one status for all of them.
 */
#include "parsers/tracking_text.h"

#define COLUMN_ROOM 64 /* for a name and its quotes */

struct writing {
	char *bytes;
	size_t length;
};

static bool is_blank(char c)
{
	return (unsigned char)c <= ' ' || c == 0x7f;
}

static void write_bytes(struct writing *w, struct slice text)
{
	memcpy(w->bytes + w->length, text.bytes, text.length);
	w->length += text.length;
}

static void write_escaped(struct writing *w, struct slice text)
{
	for (size_t i = 0; i < text.length; i++) {
		char c = text.bytes[i];

		if (c == '"' || c == '\\')
			w->bytes[w->length++] = '\\';
		w->bytes[w->length++] = is_blank(c) ? ' ' : c;
	}
}

/* name="value"; HOST[ADDRESS] where there is a second one. Nothing where both are empty. */
static void write_pair(struct writing *w, const char *name, struct slice value, struct slice address, const char *after)
{
	if (!value.length && !address.length)
		return;
	write_bytes(w, SLICE(" "));
	write_bytes(w, slice_of(name));
	write_bytes(w, SLICE("=\""));
	write_escaped(w, value.length ? value : slice_given(address) ? SLICE("unknown") : value);
	if (address.length) {
		write_bytes(w, SLICE("["));
		write_escaped(w, address);
		write_bytes(w, SLICE("]"));
	}
	write_bytes(w, slice_of(after));
	write_bytes(w, SLICE("\""));
}

static void write_value(struct writing *w, const char *name, struct slice value)
{
	write_pair(w, name, value, SLICE_NONE, "");
}

/* One word: the event, the source. */
static void write_word(struct writing *w, struct slice word)
{
	size_t from = w->length;

	for (size_t i = 0; i < word.length; i++) {
		char c = word.bytes[i];

		w->bytes[w->length++] = c > ' ' && c < 0x7f && c != '"' && c != '\\' ? c : '?';
	}
	if (w->length == from)
		w->bytes[w->length++] = '-';
}

static struct slice trimmed(struct slice s)
{
	while (s.length && is_blank(s.bytes[0]))
		s = slice_from(s, 1);
	while (s.length && is_blank(s.bytes[s.length - 1]))
		s.length--;
	return s;
}

/* Takes what stands before the first ';' off, and it. */
static struct slice take_part(struct slice *rest)
{
	const char *end = rest->length ? memchr(rest->bytes, ';', rest->length) : NULL;
	struct slice part = end ? slice_first(*rest, (size_t)(end - rest->bytes)) : *rest;

	*rest = slice_from(*rest, end ? part.length + 1 : part.length);
	return trimmed(part);
}

/* What follows a ';' may begin a status: none at all, a code, a block, To, Cc or Bcc. */
static bool begins_status(struct slice rest)
{
	return rest.length == 0 || memchr("0123456789;[{", rest.bytes[0], 13) || slice_starts(rest, "To") ||
	       slice_starts(rest, "Cc") || slice_starts(rest, "Bcc");
}

/* Where the first status of a list ends. */
static size_t status_end(struct slice rest)
{
	size_t i, depth = 0;

	for (i = 0; i < rest.length; i++) {
		char c = rest.bytes[i];

		depth += c == '[';
		depth -= c == ']' && depth;
		if (c == ';' && !depth && begins_status(slice_from(rest, i + 1)))
			break;
	}
	return i;
}

/* Takes the first status off, and the ';' behind it. */
static struct slice take_status(struct slice *rest)
{
	struct slice status = slice_first(*rest, status_end(*rest));

	*rest = slice_from(*rest, status.length + 1);
	return trimmed(status);
}

static size_t count_recipients(struct slice list)
{
	size_t count = 0;

	while (list.length)
		count += take_part(&list).length > 0;
	return count;
}

/* There are as many statuses as recipients; a ';' may stand behind the last one. */
static bool statuses_fit(struct slice statuses, size_t recipients)
{
	size_t count = 1;

	for (size_t end; (end = status_end(statuses)) < statuses.length; count++)
		statuses = slice_from(statuses, end + 1);
	return count == recipients || (count == recipients + 1 && !statuses.length);
}

static void write_recipients(struct writing *w, const struct row *row)
{
	struct slice recipients = row->values[COLUMN_RECIPIENT], statuses = row->values[COLUMN_STATUS];
	size_t count = count_recipients(recipients);
	bool own = count > 1 && statuses.length && statuses_fit(statuses, count);

	if (!own)
		write_value(w, "recipient-status", trimmed(statuses));
	while (recipients.length) {
		struct slice recipient = take_part(&recipients);

		if (!recipient.length)
			continue;
		write_value(w, "recipient", recipient);
		if (own)
			write_value(w, "status", take_status(&statuses));
	}
}

/* A summary of Microsoft 365 has both in one: ADDRESS##STATUS, STATUS;ADDRESS##... */
static void write_summary(struct writing *w, struct slice list)
{
	while (list.length) {
		struct slice part = take_part(&list);
		const char *mark = part.length ? memmem(part.bytes, part.length, "##", 2) : NULL;
		size_t length = mark ? (size_t)(mark - part.bytes) : part.length;

		if (!length)
			continue;
		write_value(w, "recipient", slice_first(part, length));
		write_value(w, "status", trimmed(slice_from(part, length + 2)));
	}
}

/* Enough for all of it: each byte may get a backslash, each part of a list a name and quotes. */
static size_t text_room(const struct row *row, struct slice latency)
{
	size_t room = (COLUMN_COUNT + 4) * COLUMN_ROOM + 2 * latency.length;

	for (int i = 0; i < COLUMN_COUNT; i++)
		room += 2 * row->values[i].length;
	for (int i = COLUMN_RECIPIENT; i <= COLUMN_STATUS; i++)
		for (size_t k = 0; k < row->values[i].length; k++)
			room += row->values[i].bytes[k] == ';' ? COLUMN_ROOM : 0;
	return room;
}

/* The server's own number; 0 where it refused the message before that had one. */
static struct slice row_id(const struct row *row)
{
	struct slice number = row->values[COLUMN_INTERNAL_ID], network = row->values[COLUMN_NETWORK_ID];

	if (number.length && !slice_is(number, "0"))
		return number;
	return network.length ? network : row->values[COLUMN_MESSAGE_ID];
}

struct slice tracking_text(const struct row *row, struct slice latency, struct arena *arena)
{
	const struct slice *v = row->values;
	struct writing w = {.bytes = arena_take(arena, text_room(row, latency))};
	struct slice id = row_id(row);

	write_word(&w, v[COLUMN_EVENT].length ? v[COLUMN_EVENT] : SLICE("TRACE"));
	write_bytes(&w, SLICE(" "));
	write_word(&w, v[COLUMN_SOURCE]);
	write_value(&w, "id", id);
	write_value(&w, "message-id", v[COLUMN_MESSAGE_ID]);
	write_value(&w, "reference", v[COLUMN_REFERENCE]);
	write_value(&w, "related-recipient-address", v[COLUMN_RELATED]);
	write_value(&w, "sender-address", v[COLUMN_SENDER]);
	write_value(&w, "return-path", v[COLUMN_RETURN_PATH]);
	write_value(&w, "total-bytes", v[COLUMN_BYTES]);
	write_value(&w, "recipient-count", v[COLUMN_NUMBER]);
	write_value(&w, "latency", latency);
	write_pair(&w, "client", v[COLUMN_CLIENT], v[COLUMN_CLIENT_IP], "");
	write_pair(&w, "server", v[COLUMN_SERVER], v[COLUMN_SERVER_IP], ":25");
	write_value(&w, "source-context", v[COLUMN_CONTEXT]);
	write_value(&w, "connector-id", v[COLUMN_CONNECTOR]);
	write_value(&w, "message-subject", v[COLUMN_SUBJECT]);
	if (!v[COLUMN_RECIPIENT].length && !v[COLUMN_EVENT].length)
		write_summary(&w, v[COLUMN_STATUS]);
	else
		write_recipients(&w, row);
	return (struct slice){w.bytes, w.length};
}
