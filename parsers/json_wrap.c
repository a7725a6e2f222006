/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds message, host, tag and time in a JSON object by the fields' names. Each
 * role has candidates in order of trust: the better one wins, wherever it stands
 * in the object. Nested names are joined by dots, so that {"log":{"syslog":...}}
 * and "log.syslog..." are the same. The tokens are jsmn's; their number is
 * bounded, and a line with more is refused. Where an object has the shape of one
 * before it, the tokens are that one's, moved. No text is copied that needs not be.
 */
#include "parsers/json_wrap.h"

#include <limits.h>
#include <stdio.h>

#include "daemon/base/memory.h"
#include "envelope.h"
#include "parsers/json_shape.h"
#include "parsers/json_text.h"
#include "parsers/tag.h"

#define JSMN_STATIC
#define JSMN_STRICT
#define JSMN_PARENT_LINKS
#include <jsmn.h>

#define TOKENS_FIRST 256
#define TOKENS_MOST 65536 /* a journal message of as many byte numbers is longer than any log line */
#define PATH_MAX_LENGTH 40
#define PATH_MAX_DEPTH 4
#define LINE_MAX_LENGTH ((size_t)64 << 20)
#define SHAPES 4 /* of lines read last: so many shippers may be mixed */
#define SHAPE_TOKENS_MOST (4 * JSON_SHAPE_VALUES)
#define NAMES_MOST 20

const char envelope_no_message[] = "JSON without a field that is known for the message";

/* clang-format off */
/* X(role, name), the most trusted first. */
#define FIELDS(X) \
	X(MESSAGE, "message") X(MESSAGE, "MESSAGE") X(MESSAGE, "msg") X(MESSAGE, "log") X(MESSAGE, "@message") \
	X(MESSAGE, "short_message") X(MESSAGE, "event.original") X(MESSAGE, "rawmsg") X(MESSAGE, "body") \
	X(MESSAGE, "line") X(MESSAGE, "Message") X(MESSAGE, "raw_event") X(MESSAGE, "_raw") \
	X(MESSAGE, "result._raw") X(MESSAGE, "event.message") X(MESSAGE, "event.log") X(MESSAGE, "event.line") \
	X(MESSAGE, "event") \
	X(TAG, "syslogtag") X(TAG, "syslog-tag") X(TAG, "syslog_tag") X(TAG, "ident") X(TAG, "SYSLOG_IDENTIFIER") \
	X(TAG, "syslog.identifier") X(TAG, "syslog_identifier") X(TAG, "log.syslog.appname") X(TAG, "appname") \
	X(TAG, "app-name") X(TAG, "app_name") X(TAG, "APP-NAME") X(TAG, "application_name") \
	X(TAG, "_application_name") X(TAG, "syslog_program") X(TAG, "process.program") X(TAG, "process.name") \
	X(TAG, "PROGRAM") X(TAG, "program") X(TAG, "programname") X(TAG, "tag") X(TAG, "SourceName") \
	X(HOST, "hostname") X(HOST, "log.syslog.hostname") X(HOST, "_HOSTNAME") X(HOST, "syslog_hostname") \
	X(HOST, "host") X(HOST, "HOST") X(HOST, "logsource") X(HOST, "host.hostname") X(HOST, "host.name") \
	X(HOST, "fromhost") X(HOST, "beat.hostname") X(HOST, "beat.name") X(HOST, "agent.hostname") \
	X(HOST, "agent.name") X(HOST, "result.host") X(HOST, "source") X(HOST, "Hostname") \
	X(FILE_NAME, "log.file.path") X(FILE_NAME, "file") X(FILE_NAME, "file.path") X(FILE_NAME, "filename") \
	X(TIME, "timereported") X(TIME, "syslog_timestamp") X(TIME, "_SOURCE_REALTIME_TIMESTAMP") \
	X(TIME, "__REALTIME_TIMESTAMP") X(TIME, "ISODATE") X(TIME, "DATE") X(TIME, "timestamp") X(TIME, "time") \
	X(TIME, "@timestamp") X(TIME, "eventtime") X(TIME, "date") X(TIME, "timegenerated") \
	X(TIME, "EventTime")
/* clang-format on */

enum role { MESSAGE, TAG, HOST, FILE_NAME, TIME, ROLES };

static const struct field {
	enum role role;
	unsigned char length;
	const char *name;
} fields[] = {
#define X(role, name) {role, sizeof(name) - 1, name},
	FIELDS(X)
#undef X
};

#define FIELD_COUNT (sizeof(fields) / sizeof(fields[0]))

/* The fields that an object has, the most trusted of each role first. */
struct found {
	unsigned count;
	struct found_field {
		int token; /* of the value */
		const struct field *field;
	} fields[FIELD_COUNT];
};

/* An object that was read token by token, for those of its shape. */
struct known {
	struct json_shape shape;
	jsmntok_t tokens[SHAPE_TOKENS_MOST];
	int values[JSON_SHAPE_VALUES]; /* the token of each */
	struct found found;
};

struct json_wrap {
	struct slice json;
	jsmntok_t *room;
	unsigned capacity;
	const jsmntok_t *tokens; /* of the object */
	unsigned count;
	const struct found *found; /* in it */
	struct found own;
	struct known known[SHAPES];
	unsigned last;                                      /* known: fitted last */
	unsigned char first_of_length[PATH_MAX_LENGTH + 1]; /* the fields by their names' length, in lists; */
	unsigned char next_of_length[FIELD_COUNT];          /* FIELD_COUNT ends one */
};

struct json_wrap *json_wrap_new(void)
{
	struct json_wrap *wrap = memory_zeroed(1, sizeof(*wrap));
	size_t i;

	wrap->capacity = TOKENS_FIRST;
	wrap->room = memory_zeroed(wrap->capacity, sizeof(*wrap->room));
	memset(wrap->first_of_length, FIELD_COUNT, sizeof(wrap->first_of_length));
	for (i = 0; i < FIELD_COUNT; i++) {
		wrap->next_of_length[i] = wrap->first_of_length[fields[i].length];
		wrap->first_of_length[fields[i].length] = (unsigned char)i;
	}
	return wrap;
}

void json_wrap_free(struct json_wrap **wrap)
{
	if (!*wrap)
		return;
	free((*wrap)->room);
	free(*wrap);
	*wrap = NULL;
}

static const char *tokenize(struct json_wrap *wrap)
{
	jsmn_parser parser;
	int result;

	if (wrap->json.length > LINE_MAX_LENGTH)
		return "JSON is too long";
	jsmn_init(&parser);
	while ((result = jsmn_parse(&parser, wrap->json.bytes, wrap->json.length, wrap->room, wrap->capacity)) ==
	       JSMN_ERROR_NOMEM) {
		if (wrap->capacity >= TOKENS_MOST)
			return "JSON has too many parts";
		wrap->capacity *= 2;
		wrap->room = memory_resized(wrap->room, wrap->capacity, sizeof(*wrap->room));
	}
	wrap->tokens = wrap->room;
	if (result == JSMN_ERROR_PART)
		return "JSON is cut off";
	if (result <= 0 || parser.pos < wrap->json.length)
		return "not valid JSON";
	wrap->count = parser.toknext;
	if (wrap->tokens[0].type != JSMN_OBJECT)
		return "JSON, but no object";
	if ((size_t)wrap->tokens[0].end < wrap->json.length)
		return "more than one JSON object";
	return NULL;
}

static struct slice token_text(const struct json_wrap *wrap, int token)
{
	const jsmntok_t *t = &wrap->tokens[token];

	return (struct slice){wrap->json.bytes + t->start, (size_t)(t->end - t->start)};
}

/* The dotted path of a value, right-aligned in `room`; not given where the value stands in an array, or too deep. */
static struct slice path_of(const struct json_wrap *wrap, int value, char room[PATH_MAX_LENGTH])
{
	size_t begin = PATH_MAX_LENGTH;
	int depth;

	for (depth = 0; depth < PATH_MAX_DEPTH; depth++) {
		int key = wrap->tokens[value].parent;
		struct slice name;

		if (key < 0 || wrap->tokens[key].type != JSMN_STRING)
			return SLICE_NONE;
		name = token_text(wrap, key);
		value = wrap->tokens[key].parent;
		if (value < 0 || wrap->tokens[value].type != JSMN_OBJECT)
			return SLICE_NONE;
		if (name.length + (depth > 0) > begin)
			return SLICE_NONE;
		if (depth > 0)
			room[--begin] = '.';
		begin -= name.length;
		memcpy(room + begin, name.bytes, name.length);
		if (value == 0)
			return (struct slice){room + begin, PATH_MAX_LENGTH - begin};
	}
	return SLICE_NONE;
}

/* The field of a path, else FIELD_COUNT. */
static size_t field_of(const struct json_wrap *wrap, struct slice path)
{
	size_t i = wrap->first_of_length[path.length];

	while (i < FIELD_COUNT &&
	       (fields[i].name[0] != path.bytes[0] || memcmp(fields[i].name, path.bytes, path.length) != 0))
		i = wrap->next_of_length[i];
	return i;
}

static void find_fields(struct json_wrap *wrap)
{
	char room[PATH_MAX_LENGTH];
	int tokens[FIELD_COUNT] = {0}; /* 0 is the object itself */
	unsigned i;

	for (i = 1; i < wrap->count; i++) {
		const jsmntok_t *token = &wrap->tokens[i];
		struct slice path;
		size_t field;

		if (token->type == JSMN_OBJECT || token->parent < 0 || wrap->tokens[token->parent].type != JSMN_STRING)
			continue;
		path = path_of(wrap, (int)i, room);
		field = slice_given(path) ? field_of(wrap, path) : FIELD_COUNT;
		if (field < FIELD_COUNT && !tokens[field])
			tokens[field] = (int)i;
	}
	wrap->own.count = 0;
	for (i = 0; i < FIELD_COUNT; i++)
		if (tokens[i])
			wrap->own.fields[wrap->own.count++] = (struct found_field){tokens[i], &fields[i]};
	wrap->found = &wrap->own;
}

/* A message may be told as an array of bytes: then more is asked of the object than its values. */
static bool has_message_array(const struct json_wrap *wrap)
{
	for (unsigned i = 0; i < wrap->found->count; i++)
		if (wrap->found->fields[i].field->role == MESSAGE &&
		    wrap->tokens[wrap->found->fields[i].token].type == JSMN_ARRAY)
			return true;
	return false;
}

/* The object is of a shape that is known. */
static bool find_shape(struct json_wrap *wrap)
{
	for (unsigned i = 0; i < SHAPES; i++) {
		unsigned number = (wrap->last + i) % SHAPES;
		struct known *known = &wrap->known[number];

		if (!json_shape_fits(&known->shape, wrap->json))
			continue;
		for (unsigned k = 0; k < known->shape.count; k++) {
			known->tokens[known->values[k]].start = known->shape.values[k].start;
			known->tokens[known->values[k]].end = known->shape.values[k].end;
		}
		wrap->tokens = known->tokens;
		wrap->found = &known->found;
		wrap->last = number;
		return true;
	}
	return false;
}

/* The next objects may be like this one. It takes the place of the one that was looked at last. */
static void learn_shape(struct json_wrap *wrap)
{
	unsigned number = (wrap->last + SHAPES - 1) % SHAPES, count = 0;
	struct known *known = &wrap->known[number];
	struct json_value values[JSON_SHAPE_VALUES];

	known->shape.count = 0;
	if (wrap->count > SHAPE_TOKENS_MOST || has_message_array(wrap))
		return;
	for (unsigned i = 1; i < wrap->count; i++) {
		const jsmntok_t *token = &wrap->tokens[i];
		bool string = token->type == JSMN_STRING;

		/* What stands in an object itself is a name. */
		if ((!string && token->type != JSMN_PRIMITIVE) || wrap->tokens[token->parent].type == JSMN_OBJECT)
			continue;
		if (count == JSON_SHAPE_VALUES)
			return;
		known->values[count] = (int)i;
		values[count++] = (struct json_value){token->start, token->end, string};
	}
	memcpy(known->tokens, wrap->tokens, wrap->count * sizeof(*known->tokens));
	known->found = *wrap->found;
	json_shape_learn(&known->shape, wrap->json, values, count);
	if (known->shape.count)
		wrap->last = number;
}

/* Where the fields of the object are. NULL, else why it is none. */
static const char *find(struct json_wrap *wrap)
{
	bool shaped = json_shape_may_be(wrap->json);
	const char *why;

	if (shaped && find_shape(wrap))
		return NULL;
	why = tokenize(wrap);
	if (why)
		return why;
	find_fields(wrap);
	if (shaped)
		learn_shape(wrap);
	return NULL;
}

/* A field's text; not given where it is empty, "-" or no text. */
static struct slice field_text(const struct json_wrap *wrap, const struct found_field *found, struct arena *arena)
{
	const jsmntok_t *token = &wrap->tokens[found->token];
	struct slice text = SLICE_NONE;

	if (token->type == JSMN_STRING)
		text = json_text_decode(token_text(wrap, found->token), arena);
	else if (token->type == JSMN_ARRAY && found->field->role == MESSAGE)
		text = json_text_of_bytes(token_text(wrap, found->token), arena);
	return text.length == 0 || slice_is(text, "-") ? SLICE_NONE : text;
}

static struct slice first_text(const struct json_wrap *wrap, enum role role, struct arena *arena)
{
	struct slice text = SLICE_NONE;

	for (unsigned i = 0; i < wrap->found->count && !slice_given(text); i++)
		if (wrap->found->fields[i].field->role == role)
			text = field_text(wrap, &wrap->found->fields[i], arena);
	return text;
}

/* No message was read: why, NULL where it is empty. An array that is not empty is by its failure none of bytes, but a journal
 * entry's several messages, say. */
static const char *why_no_message(const struct json_wrap *wrap)
{
	bool known = wrap->count == 1;

	for (unsigned i = 0; i < wrap->found->count; i++) {
		const jsmntok_t *token = &wrap->tokens[wrap->found->fields[i].token];
		bool message = wrap->found->fields[i].field->role == MESSAGE;

		if (message && token->type == JSMN_ARRAY && token->size > 0)
			return "message is an array, but not of bytes";
		known = known || message;
	}
	return known ? NULL : envelope_no_message;
}

/* "source" is a host in hand-made templates, a path of Filebeat's and Splunk's, a stream of Docker's. */
static bool is_host(struct slice text)
{
	return !memchr(text.bytes, '/', text.length) && !memchr(text.bytes, '\\', text.length) &&
	       !slice_is(text, "stdout") && !slice_is(text, "stderr");
}

/* The first tag that still has its slash or its pid, else the first one. A better place in the order does not outweigh
 * that: beside programname, which is cut, "tag" may hold the whole. */
static void find_tag(const struct json_wrap *wrap, struct arena *arena, struct json_line *out)
{
	out->tag = SLICE_NONE;
	for (unsigned i = 0; i < wrap->found->count; i++) {
		const struct found_field *found = &wrap->found->fields[i];
		struct slice text = found->field->role == TAG ? field_text(wrap, found, arena) : SLICE_NONE;
		bool whole;

		if (!slice_given(text))
			continue;
		whole = memchr(text.bytes, '/', text.length) != NULL ||
		        tag_numbered(text.bytes[text.length - 1] == ':' ? slice_first(text, text.length - 1) : text);
		if (!whole && slice_given(out->tag))
			continue;
		out->tag = text;
		out->tag_column = !whole;
		if (whole)
			break;
	}
}

/* An epoch number, bare or in quotes, or a written stamp. */
static bool read_time(const struct json_wrap *wrap, int token, struct arena *arena, struct json_time *time)
{
	struct slice text;

	if (wrap->tokens[token].type != JSMN_STRING && wrap->tokens[token].type != JSMN_PRIMITIVE)
		return false;
	text = json_text_decode(token_text(wrap, token), arena);
	time->number = timestamp_number(text, &time->time, &time->resolution);
	if (time->number) {
		if (time->time % 1000000 == 0) /* of a stamp in whole seconds: "1479112141.0", "1479112141000" */
			time->resolution = 1000000;
		return true;
	}
	if (text.length == 0 || timestamp_scan(text, &time->stamp) != text.length)
		return false;
	if (time->stamp.fraction == 0)
		time->stamp.resolution = 1000000;
	return true;
}

const char *json_wrap_read(struct json_wrap *wrap, struct arena *arena, struct slice line, struct json_line *out)
{
	const char *why;

	memset(out, 0, sizeof(*out));
	wrap->json = line;
	why = find(wrap);
	if (why)
		return why;
	out->message = first_text(wrap, MESSAGE, arena);
	why = slice_given(out->message) ? NULL : why_no_message(wrap);
	out->host = first_text(wrap, HOST, arena);
	if (slice_given(out->host) && !is_host(out->host))
		out->host = SLICE_NONE;
	find_tag(wrap, arena, out);
	out->file = first_text(wrap, FILE_NAME, arena);
	for (unsigned i = 0; i < wrap->found->count && !out->time.given; i++)
		if (wrap->found->fields[i].field->role == TIME)
			out->time.given = read_time(wrap, wrap->found->fields[i].token, arena, &out->time);
	return why;
}

/* A name as people may see it. */
static bool is_word(struct slice name)
{
	for (size_t i = 0; i < name.length; i++) {
		char c = name.bytes[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		      memchr("_.-", c, 3) || (c == '@' && i == 0)))
			return false;
	}
	return name.length > 0;
}

char *json_wrap_names(struct json_wrap *wrap, struct slice line)
{
	char room[PATH_MAX_LENGTH];
	char text[NAMES_MOST * (PATH_MAX_LENGTH + 2) + sizeof("...")] = "";
	size_t length = 0;
	unsigned names = 0;

	wrap->json = line;
	if (tokenize(wrap))
		return memory_string("", 0);
	for (unsigned i = 1; i < wrap->count; i++) {
		const jsmntok_t *token = &wrap->tokens[i];
		struct slice name;

		if (token->type == JSMN_OBJECT || wrap->tokens[token->parent].type != JSMN_STRING)
			continue;
		name = path_of(wrap, (int)i, room);
		if (!slice_given(name))
			continue;
		if (names++ == NAMES_MOST) {
			length += (size_t)sprintf(text + length, ", ...");
			break;
		}
		if (!is_word(name))
			name = SLICE("?");
		length += (size_t)sprintf(text + length, "%s%.*s", length ? ", " : "", (int)name.length, name.bytes);
	}
	return memory_string(text, length);
}
