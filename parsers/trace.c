/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds the rows in the JSON of a message trace, see trace.h. A document may be
 * long, and stand on one line or be laid out over many; so nothing of it is kept
 * but the innermost object that is open. Whether an object is a row is told by
 * its names. A line that cannot be JSON ends a document that was cut off.
 */
#include "parsers/trace.h"

#include <strings.h>

#include "daemon/base/memory.h"
#include "parsers/json_text.h"

#define JSMN_STATIC
#define JSMN_STRICT
#define JSMN_PARENT_LINKS
#include <jsmn.h>

#define TOKENS 256
#define TOKENS_MOST (1 << 20)
#define LINES_MOST 200 /* of one object, or between two */
#define OBJECT_LONGEST ((size_t)64 << 10)

/* Names of the reporting service, and of Graph. */
static const struct {
	const char *name;
	enum column column;
} names[] = {
	{"MessageId", COLUMN_MESSAGE_ID}, {"internetMessageId", COLUMN_MESSAGE_ID},
	{"Received", COLUMN_TIME},        {"receivedDateTime", COLUMN_TIME},
	{"SenderAddress", COLUMN_SENDER}, {"RecipientAddress", COLUMN_RECIPIENT},
	{"Subject", COLUMN_SUBJECT},      {"Status", COLUMN_STATUS},
	{"ToIP", COLUMN_SERVER_IP},       {"FromIP", COLUMN_CLIENT_IP},
	{"Size", COLUMN_BYTES},           {"MessageTraceId", COLUMN_INTERNAL_ID},
	{"id", COLUMN_NETWORK_ID},
};

/* The first line of a document over several: brackets alone, or up to the array that holds the rows. */
static bool trace_begins(struct slice line)
{
	char last = line.length ? line.bytes[line.length - 1] : '\0';

	if (!line.bytes || line.length > 512 || (last != '{' && last != '['))
		return false;
	return line.length <= 4 || memmem(line.bytes, line.length, "\"value\"", 7) ||
	       memmem(line.bytes, line.length, "\"results\"", 9) || memmem(line.bytes, line.length, "\"d\"", 3);
}

bool trace_likely(const struct trace *trace, struct slice line)
{
	if (trace && trace->depth)
		return true;
	if (line.bytes[0] != '{' && line.bytes[0] != '[')
		return false;
	if (trace && trace_begins(line))
		return true;
	return memmem(line.bytes, line.length, "ecipientAddress", 15) != NULL;
}

static void trace_keep(struct trace *trace, struct slice text)
{
	if (trace->length + text.length > OBJECT_LONGEST) {
		trace->open = false;
		return;
	}
	if (trace->length + text.length > trace->capacity) {
		trace->capacity = 2 * (trace->length + text.length);
		trace->begun = memory_resized(trace->begun, trace->capacity, 1);
	}
	if (text.length)
		memcpy(trace->begun + trace->length, text.bytes, text.length);
	trace->length += text.length;
}

/* The object that begins in an earlier line (or at `from`) and ends before `to`. */
static struct slice trace_object(struct trace *trace, struct slice line, size_t from, size_t to, struct arena *arena)
{
	struct slice part = {line.bytes + from, to - from};
	char *whole;

	if (!trace->length)
		return part;
	whole = arena_take(arena, trace->length + part.length);
	memcpy(whole, trace->begun, trace->length);
	memcpy(whole + trace->length, part.bytes, part.length);
	return (struct slice){whole, trace->length + part.length};
}

/* Inside of a string: false at its end. */
static bool trace_string(struct trace *trace, char c)
{
	if (trace->escaped)
		trace->escaped = false;
	else if (c == '\\')
		trace->escaped = true;
	else if (c == '"')
		return false;
	return true;
}

static bool has_name(struct slice text, const char *name)
{
	return text.length && memmem(text.bytes, text.length, name, strlen(name));
}

/* The object that is open is a row that another object is in, as in one of a tracking log's events: it has named what rows do. */
static bool trace_goes_on(const struct trace *trace, struct slice line, size_t from, size_t to)
{
	struct slice kept = {trace->begun, trace->length}, rest = {line.bytes + from, to - from};

	return trace->open && (has_name(kept, "\"EventId\"") || has_name(rest, "\"EventId\""));
}

bool trace_take(struct trace *trace, struct slice line, struct arena *arena,
                void (*found)(void *with, struct slice object), void *with)
{
	size_t from = 0;

	if (trace->depth && (!memchr("{}[]\",", line.bytes[0], 6) || ++trace->lines > LINES_MOST)) {
		trace_clear(trace);
		return false;
	}
	for (size_t i = 0; i < line.length; i++) {
		char c = line.bytes[i];

		if (trace->in_string) {
			trace->in_string = trace_string(trace, c);
		} else if (c == '"') {
			trace->in_string = true;
		} else if (c == '{' || c == '[') {
			trace->depth++;
			if (c == '{' && (trace->inner || trace_goes_on(trace, line, from, i))) {
				trace->inner++;
			} else if (c == '{') {
				trace->open = true;
				trace->length = 0;
				from = i;
			}
		} else if (c == '}' || c == ']') {
			if (c == '}' && trace->inner) {
				trace->inner--;
			} else if (c == '}' && trace->open) {
				found(with, trace_object(trace, line, from, i + 1, arena));
				trace->open = false;
				trace->length = 0;
			}
			if (trace->depth && --trace->depth == 0)
				from = i + 1;
		}
	}
	trace->in_string = trace->escaped = false; /* no string goes on in the next line */
	if (trace->open)
		trace_keep(trace, slice_from(line, from));
	return true;
}

static enum column trace_column(struct slice name)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i].name) == name.length && strncasecmp(names[i].name, name.bytes, name.length) == 0)
			return names[i].column;
	return COLUMN_COUNT;
}

static void trace_value(struct tracking_row *out, enum column column, struct slice value)
{
	if (column < COLUMN_COUNT && value.length)
		out->row.values[column] = value;
}

/* ISO 8601, or "/Date(MILLISECONDS)/". */
static bool trace_time(struct slice text, struct tracking_row *out)
{
	const char *end;

	if (slice_starts(text, "/Date(")) {
		text = slice_from(text, 6);
		end = memchr(text.bytes, ')', text.length);
		out->numbered = true;
		return end &&
		       timestamp_number(slice_first(text, (size_t)(end - text.bytes)), &out->time, &out->resolution);
	}
	if (!text.length || !timestamp_scan(text, &out->stamp))
		return false;
	if (!out->stamp.zoned) {
		out->stamp.zoned = true;
		out->stamp.offset = 0;
	}
	return true;
}

/* An array of texts as one, as a table has it, with semicolons between them; not given where there is anything else in it. */
static struct slice trace_list(struct slice object, const jsmntok_t *tokens, int count, int array, struct arena *arena)
{
	char *made = arena_take(arena, (size_t)(tokens[array].end - tokens[array].start));
	size_t length = 0;

	for (int i = array + 1; i < count && tokens[i].start < tokens[array].end; i++) {
		struct slice part = {object.bytes + tokens[i].start, (size_t)(tokens[i].end - tokens[i].start)};

		if (tokens[i].type != JSMN_STRING)
			return SLICE_NONE;
		part = json_text_decode(part, arena);
		if (i > array + 1)
			made[length++] = ';';
		memcpy(made + length, part.bytes, part.length);
		length += part.length;
	}
	return (struct slice){made, length};
}

/* A value as text; not given where it is none. */
static struct slice trace_text(struct slice object, const jsmntok_t *tokens, int count, int value, struct arena *arena)
{
	const jsmntok_t *token = &tokens[value];

	if (token->type == JSMN_ARRAY)
		return trace_list(object, tokens, count, value, arena);
	if (token->type != JSMN_STRING && token->type != JSMN_PRIMITIVE)
		return SLICE_NONE;
	if (token->type == JSMN_PRIMITIVE && object.bytes[token->start] == 'n') /* null, or a word that says nothing */
		return SLICE_NONE;
	return json_text_decode((struct slice){object.bytes + token->start, (size_t)(token->end - token->start)},
	                        arena);
}

/* The values of an object, each in the column that `column` says its name is of; COLUMN_COUNT: in none. */
static bool trace_values(struct slice object, enum column (*column)(struct slice name), struct arena *arena,
                         struct tracking_row *out)
{
	jsmntok_t few[TOKENS], *tokens = few;
	jsmn_parser parser;
	int count;

	jsmn_init(&parser);
	count = jsmn_parse(&parser, object.bytes, object.length, tokens, TOKENS);
	if (count == JSMN_ERROR_NOMEM) { /* a list of many recipients */
		jsmn_init(&parser);
		count = jsmn_parse(&parser, object.bytes, object.length, NULL, 0);
		if (count < 1 || count > TOKENS_MOST)
			return false;
		tokens = arena_take(arena, (size_t)count * sizeof(*tokens));
		jsmn_init(&parser);
		count = jsmn_parse(&parser, object.bytes, object.length, tokens, (unsigned)count);
	}
	if (count < 1 || tokens[0].type != JSMN_OBJECT)
		return false;
	*out = (struct tracking_row){.program = SLICE("m365"), .host = SLICE("m365")};
	for (int i = 1; i + 1 < count; i++) {
		const jsmntok_t *name = &tokens[i];
		enum column of;

		if (name->parent != 0 || name->type != JSMN_STRING || tokens[i + 1].parent != i)
			continue;
		of = column((struct slice){object.bytes + name->start, (size_t)(name->end - name->start)});
		if (of < COLUMN_COUNT)
			trace_value(out, of, trace_text(object, tokens, count, i + 1, arena));
	}
	return true;
}

bool trace_row(struct slice object, struct arena *arena, struct tracking_row *out)
{
	return trace_values(object, trace_column, arena, out) && out->row.values[COLUMN_RECIPIENT].length &&
	       out->row.values[COLUMN_STATUS].length && trace_time(out->row.values[COLUMN_TIME], out);
}

bool trace_event(struct slice object, struct arena *arena, struct tracking_row *out)
{
	struct slice event;

	if (!trace_values(object, column_of, arena, out))
		return false;
	event = out->row.values[COLUMN_EVENT];
	if (!event.length || event.bytes[0] < 'A' || event.bytes[0] > 'Z' || /* a number is Windows' own event log's */
	    !trace_time(out->row.values[COLUMN_TIME], out))
		return false;
	out->program = SLICE("exchange");
	out->host = tracking_host(&out->row, arena);
	return true;
}

void trace_clear(struct trace *trace)
{
	free(trace->begun);
	*trace = (struct trace){0};
}

void trace_save(const struct trace *trace, FILE *out)
{
	if (!trace->depth)
		return;
	fprintf(out, "document %u %u", trace->depth, trace->lines);
	if (trace->open) {
		fprintf(out, " %zu", trace->length);
		if (trace->inner)
			fprintf(out, " %u", trace->inner);
		fputc('\n', out);
		fwrite(trace->begun, 1, trace->length, out);
	}
	fputc('\n', out);
}

bool trace_restore(struct trace *trace, struct slice saved)
{
	const char *end = memchr(saved.bytes, '\n', saved.length);
	size_t head = end ? (size_t)(end - saved.bytes) : 0, length = 0;
	char *text = memory_string(saved.bytes, head);
	int found = sscanf(text, "document %u %u %zu %u", &trace->depth, &trace->lines, &length, &trace->inner);

	free(text);
	saved = slice_from(saved, head + 1);
	if (found < 2 || !trace->depth || saved.length != (found >= 3 ? length + 1 : 0) || length > OBJECT_LONGEST) {
		trace->depth = trace->inner = 0;
		return false;
	}
	trace->open = found >= 3;
	if (trace->open)
		trace_keep(trace, slice_first(saved, length));
	return true;
}
