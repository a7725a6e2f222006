/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads one rule file: bytes to statements (a keyword, the rest of its line and
 * what is indented under it), statements to the file's head, macros and rules
 * (rules_rule.c). The first fault ends the reading and is told with its line;
 * nothing of a faulty file stays. The language: mailstorm-rules(5).
 */
#include <stdarg.h>
#include <stdlib.h>

#include "daemon/base/memory.h"
#include "parsers/rules_parts.h"

char *rules_text(const char *format, ...)
{
	va_list arguments;
	char *text;
	int length;

	va_start(arguments, format);
	length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	text = memory_string(NULL, 0);
	if (length <= 0)
		return text;
	text = memory_resized(text, (size_t)length + 1, 1);
	va_start(arguments, format);
	vsnprintf(text, (size_t)length + 1, format, arguments);
	va_end(arguments);
	return text;
}

bool rules_fault(struct rules_reader *reader, unsigned line, const char *format, ...)
{
	char what[512];
	va_list arguments;

	if (reader->error)
		return false;
	va_start(arguments, format);
	vsnprintf(what, sizeof(what), format, arguments);
	va_end(arguments);
	reader->error = rules_text("%s:%u: %s", reader->name, line, what);
	return false;
}

/* --- bytes to statements --- */

static struct slice ends_trimmed(struct slice text)
{
	while (text.length && memchr(" \t\r", text.bytes[text.length - 1], 3))
		text.length--;
	return text;
}

static struct statement *statement_add(struct rules_reader *reader, unsigned line, bool of_rule, struct slice text)
{
	struct statement *statement;

	MEMORY_GROW(reader->statements, reader->count, reader->capacity);
	statement = &reader->statements[reader->count++];
	*statement = (struct statement){.line = line, .of_rule = of_rule};
	statement->keyword = slice_word(&text);
	statement->rest = text;
	return statement;
}

static void statement_extend(struct statement *statement, unsigned line, struct slice text)
{
	MEMORY_GROW(statement->lines, statement->line_count, statement->line_capacity);
	statement->lines[statement->line_count++] = (struct statement_line){line, text};
}

/* in_rule: the last statement of the file's own level is a "rule", so one tab is a statement of it. */
static bool line_split(struct rules_reader *reader, unsigned line, struct slice text, bool *in_rule)
{
	size_t tabs = 0;
	size_t const own = *in_rule ? 2 : 1; /* tabs before a line that goes on with the statement above */

	text = ends_trimmed(text);
	while (tabs < text.length && text.bytes[tabs] == '\t')
		tabs++;
	if (tabs == text.length || (tabs < own && text.bytes[tabs] == '#'))
		return true;
	if (tabs >= own) {
		struct statement *last = reader->count ? &reader->statements[reader->count - 1] : NULL;

		if (!last || (*in_rule && !last->of_rule))
			return rules_fault(reader, line, "indented, but no statement stands above");
		statement_extend(last, line, slice_from(text, own));
		return true;
	}
	if (text.bytes[tabs] == ' ')
		return rules_fault(reader, line, "indented with blanks; tabs are wanted");
	statement_add(reader, line, tabs == 1, slice_from(text, tabs));
	if (tabs == 0)
		*in_rule = slice_is(reader->statements[reader->count - 1].keyword, "rule");
	return true;
}

static bool split(struct rules_reader *reader, struct slice bytes)
{
	bool in_rule = false;

	for (unsigned line = 1; bytes.length; line++) {
		if (!line_split(reader, line, slice_upto(&bytes, '\n'), &in_rule))
			return false;
	}
	return true;
}

/* --- macros and patterns --- */

/* Text under way, and which line of the file each of its lines came from. */
struct expansion {
	char *text;
	size_t length;
	size_t capacity;
	unsigned *lines;
	size_t count;
	size_t line_capacity;
};

#define EXPANSION_MAX (256 * 1024)

static bool expansion_add(struct rules_reader *reader, struct expansion *to, struct slice text, unsigned line)
{
	if (to->length + text.length > EXPANSION_MAX)
		return rules_fault(reader, line, "pattern longer than %d bytes", EXPANSION_MAX);
	for (size_t i = 0; i < text.length; i++) {
		MEMORY_GROW(to->text, to->length, to->capacity);
		to->text[to->length++] = text.bytes[i];
		if (text.bytes[i] != '\n')
			continue;
		MEMORY_GROW(to->lines, to->count, to->line_capacity);
		to->lines[to->count++] = line;
	}
	return true;
}

static const struct macro *macro_find(const struct rules_reader *reader, struct slice name)
{
	for (size_t i = 0; i < reader->macro_count; i++) {
		if (slice_equal(reader->macros[i].name, name))
			return &reader->macros[i];
	}
	return NULL;
}

/* One line of a pattern: %{name} becomes the macro's text. */
static bool line_expand(struct rules_reader *reader, struct expansion *to, struct slice text, unsigned line)
{
	if (text.length && text.bytes[text.length - 1] == '\\')
		return rules_fault(reader, line, "a pattern's line ends in '\\': write a blank as [ ]");
	while (text.length) {
		const char *at = text.length > 2 ? memmem(text.bytes, text.length, "%{", 2) : NULL;
		struct slice before = slice_first(text, at ? (size_t)(at - text.bytes) : text.length);
		const struct macro *macro;
		struct slice name;

		if (!expansion_add(reader, to, before, line))
			return false;
		if (!at)
			return true;
		text = slice_from(text, before.length + 2);
		if (!memchr(text.bytes, '}', text.length))
			return rules_fault(reader, line, "'%%{' without '}'");
		name = slice_upto(&text, '}');
		macro = macro_find(reader, name);
		if (!macro)
			return rules_fault(reader, line, "no macro '%.*s' is defined above", (int)name.length,
			                   name.bytes);
		if (!expansion_add(reader, to, slice_of(macro->text), line))
			return false;
	}
	return true;
}

char *rules_expand(struct rules_reader *reader, const struct statement *statement, unsigned **lines)
{
	struct expansion to = {0};
	bool good = line_expand(reader, &to, statement->rest, statement->line);

	for (size_t i = 0; good && i < statement->line_count; i++) {
		const struct statement_line *line = &statement->lines[i];

		good = expansion_add(reader, &to, SLICE("\n"), line->line) &&
		       line_expand(reader, &to, line->text, line->line);
	}
	good = good && expansion_add(reader, &to, SLICE("\n"), statement->line);
	if (good) {
		to.text[to.length - 1] = '\0';
		if (lines)
			*lines = to.lines;
		else
			free(to.lines);
		return to.text;
	}
	free(to.text);
	free(to.lines);
	return NULL;
}

/* The last entry of lines is the end of the text, not a line. */
static unsigned line_at(const struct statement *statement, const unsigned *lines, const char *text, size_t offset)
{
	size_t count = 0;

	for (size_t i = 0; i < offset && text[i]; i++)
		count += text[i] == '\n';
	return count ? lines[count - 1] : statement->line;
}

struct pattern *rules_compile(struct rules_reader *reader, const struct statement *statement,
                              const char *const names[ROLES])
{
	unsigned *lines = NULL;
	char *text = rules_expand(reader, statement, &lines);
	struct pattern *pattern = NULL;
	char *error = NULL;
	size_t at = 0;

	if (!text)
		return NULL;
	if (slice_trim(slice_of(text)).length == 0)
		rules_fault(reader, statement->line, "empty pattern");
	else
		pattern = pattern_new(slice_of(text), names, &error, &at);
	if (error)
		rules_fault(reader, line_at(statement, lines, text, at), "pattern: %s", error);
	if (pattern && pattern_captures(pattern) > reader->file->captures)
		reader->file->captures = pattern_captures(pattern);
	free(error);
	free(lines);
	free(text);
	return pattern;
}

/* --- the file's own statements --- */

static bool read_word(struct rules_reader *reader, const struct statement *statement, char **out)
{
	struct slice rest = statement->rest;
	struct slice word = slice_word(&rest);

	if (*out)
		return rules_fault(reader, statement->line, "%.*s is given twice", (int)statement->keyword.length,
		                   statement->keyword.bytes);
	if (!word.length || rest.length || statement->line_count)
		return rules_fault(reader, statement->line, "one word is wanted");
	*out = memory_string(word.bytes, word.length);
	return true;
}

static bool read_names(struct rules_reader *reader, const struct statement *statement, struct name_list *list)
{
	struct slice text = statement->rest;
	size_t before = list->count;

	for (size_t i = 0;; i++) {
		while (text.length)
			name_list_add(list, slice_word(&text));
		if (i == statement->line_count)
			break;
		text = slice_trim(statement->lines[i].text);
	}
	return list->count > before || rules_fault(reader, statement->line, "a name is wanted");
}

static bool read_macro(struct rules_reader *reader, const struct statement *statement)
{
	struct statement body = *statement;
	struct macro macro;

	macro.name = slice_word(&body.rest);
	if (!macro.name.length)
		return rules_fault(reader, statement->line, "define: a name is wanted");
	if (macro_find(reader, macro.name))
		return rules_fault(reader, statement->line, "macro '%.*s' is defined twice", (int)macro.name.length,
		                   macro.name.bytes);
	macro.text = rules_expand(reader, &body, NULL);
	if (!macro.text)
		return false;
	MEMORY_GROW(reader->macros, reader->macro_count, reader->macro_capacity);
	reader->macros[reader->macro_count++] = macro;
	return true;
}

static bool read_file_statement(struct rules_reader *reader, const struct statement *statement)
{
	struct rule_file *file = reader->file;

	if (slice_is(statement->keyword, "parser"))
		return read_word(reader, statement, &file->parser);
	if (slice_is(statement->keyword, "version"))
		return read_word(reader, statement, &file->version);
	if (slice_is(statement->keyword, "programs"))
		return read_names(reader, statement, &file->programs);
	if (slice_is(statement->keyword, "instances"))
		return read_names(reader, statement, &file->instances);
	if (slice_is(statement->keyword, "define"))
		return read_macro(reader, statement);
	return rules_fault(reader, statement->line, "unknown keyword '%.*s'", (int)statement->keyword.length,
	                   statement->keyword.bytes);
}

static bool read_statements(struct rules_reader *reader)
{
	const struct rule_file *file = reader->file;
	size_t at = 0;

	while (at < reader->count) {
		const struct statement *statement = &reader->statements[at];
		bool good;

		if (slice_is(statement->keyword, "rule") && !statement->of_rule) {
			good = rules_read_rule(reader, &at);
		} else {
			good = read_file_statement(reader, statement);
			at++;
		}
		if (!good)
			return false;
	}
	if (!file->parser || !file->version)
		return rules_fault(reader, 1, "'parser' and 'version' are wanted");
	if (!file->programs.count && !file->instances.count)
		return rules_fault(reader, 1, "'programs' or 'instances' are wanted");
	return file->rule_count || rules_fault(reader, 1, "no rule in it");
}

static uint64_t hash_of(struct slice bytes)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (size_t i = 0; i < bytes.length; i++)
		hash = (hash ^ (unsigned char)bytes.bytes[i]) * 0x100000001b3u;
	return hash;
}

static void reader_free(struct rules_reader *reader)
{
	for (size_t i = 0; i < reader->count; i++)
		free(reader->statements[i].lines);
	for (size_t i = 0; i < reader->macro_count; i++)
		free(reader->macros[i].text);
	free(reader->statements);
	free(reader->macros);
	free(reader->error);
}

bool rules_read(struct rules *rules, const char *name, struct slice bytes, char **error)
{
	const char *slash = strrchr(name, '/');
	struct rule_file file = {
		.short_name = memory_string(slash ? slash + 1 : name, strlen(slash ? slash + 1 : name)),
		.name = memory_string(name, strlen(name)),
		.memory = memory_string(bytes.bytes, bytes.length),
		.hash = hash_of(bytes),
	};
	struct rules_reader reader = {.name = name, .file = &file};
	bool good = split(&reader, (struct slice){file.memory, bytes.length}) && read_statements(&reader);

	if (good) {
		rules->files = memory_resized(rules->files, rules->file_count + 1, sizeof(*rules->files));
		rules->files[rules->file_count++] = file;
		if (file.captures > rules->captures)
			rules->captures = file.captures;
	} else {
		*error = reader.error;
		reader.error = NULL;
		rule_file_free(&file);
	}
	reader_free(&reader);
	return good;
}
