/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files rules*.c share: a rule as it stands in memory. The reader
 * makes it, the matcher only looks at it. Everything hangs on struct rules
 * and is never changed once rules_load() has returned it, so threads may
 * share it; what a thread changes while it matches is in its rules_scratch.
 *
 * The language itself: mailstorm-rules(5).
 */
#ifndef MAILSTORM_RULES_PARTS_H
#define MAILSTORM_RULES_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "parsers/arena.h"
#include "rules.h"

/* --- fields: rules_field.c ------------------------------------------------------------------ */

enum field_type {
	FIELD_TEXT,    /* struct slice */
	FIELD_NUMBER,  /* int64_t, decimal digits */
	FIELD_SECONDS, /* int64_t microseconds, from decimal seconds or [D+]HH:MM:SS */
	FIELD_OUTCOME, /* enum event_outcome, by name */
	FIELD_FLAG     /* bool, yes or no */
};

struct field {
	const char *name;
	enum field_type type;
	size_t offset; /* in struct event */
};

/* One value for one field. text points into memory that lives as long as the rules. */
struct field_value {
	const struct field *field;
	struct slice text;
	int64_t number; /* also outcome, and flag as 0 or 1 */
};

static inline struct slice field_text(const struct event *event, const struct field *field)
{
	return *(const struct slice *)((const char *)event + field->offset);
}

const struct field *field_find(struct slice name);
size_t field_count(void);
const struct field *field_at(size_t index);

/* False where the text is not a value of the field's type. */
bool field_value_of(const struct field *field, struct slice text, struct field_value *out);

void field_set(struct event *event, const struct field_value *value);
/* A captured text: one that is not of the field's type (a number out of range) leaves the field as it is. */
void field_capture(struct event *event, const struct field *field, struct slice text);
bool field_has(const struct event *event, const struct field_value *value);
/* Of a field that is no text; outcome, and flag as 0 or 1, too. */
int64_t field_number(const struct event *event, const struct field *field);
/* Every field not given, kind aside. */
void field_clear(struct event *event);
/* The field's value in the words of a rule file, into buffer (cut to size); false: the field is not given. */
bool field_print(const struct event *event, const struct field *field, char *buffer, size_t size);

/* --- patterns: rules_pattern.c, the only file that knows PCRE2 ------------------------------------ */

struct pattern;
struct matcher; /* one thread's memory to match in */

enum pattern_result { PATTERN_NO, PATTERN_YES, PATTERN_LIMIT };

/* What a rule may need of a group besides, or instead of, its field. */
enum role {
	ROLE_FIELD,
	ROLE_WORD,  /* 'word': its text is looked up */
	ROLE_EACH,  /* 'each': its text is a list, of which each member gives an event */
	ROLE_COUNT, /* 'count': its text is a list whose members are counted */
	ROLES
};

/* names: by role, the group that has it (NULL: none), which need not be a field; may itself be NULL. On a fault NULL:
 * *error is PCRE2's message or the unknown group (malloc'ed), *at its offset in source. */
struct pattern *pattern_new(struct slice source, const char *const names[ROLES], char **error, size_t *at);
void pattern_free(struct pattern **pattern);
uint32_t pattern_captures(const struct pattern *pattern);

struct matcher *matcher_new(uint32_t captures);
void matcher_free(struct matcher **matcher);

/* Without side effect on the event. */
enum pattern_result pattern_match(const struct pattern *pattern, struct matcher *matcher, struct slice text);
/* The same, for texts that come again and again: what a few of the last ones came to is remembered. */
enum pattern_result pattern_match_again(const struct pattern *pattern, struct matcher *matcher, struct slice text);
/* After PATTERN_YES on the same matcher: copies the groups to the event. */
void pattern_capture(const struct pattern *pattern, const struct matcher *matcher, struct slice text,
                     struct event *event);
/* Has it a group that fills a field? */
bool pattern_fills(const struct pattern *pattern);
/* ... this field? */
bool pattern_fills_field(const struct pattern *pattern, const struct field *field);
/* Has it a group of that role? */
bool pattern_has(const struct pattern *pattern, enum role role);
/* After PATTERN_YES: the text of the group of that role; not given where it took no part. */
struct slice pattern_text(const struct pattern *pattern, enum role role, const struct matcher *matcher,
                          struct slice text);
/* After PATTERN_YES: what follows the match. */
struct slice pattern_rest(const struct matcher *matcher, struct slice text);

/* --- a rule ----------------------------------------------------------------------------- */

struct value_list {
	struct field_value *items;
	size_t count;
};

struct name_list {
	char **items;
	size_t count;
};

struct word {
	char *text; /* NULL: any other word */
	size_t length;
	struct value_list values;
};

/* The field is one of the values; or, where none are, a text that contains `has`. */
struct condition {
	const struct field *field;
	struct value_list any;
	struct slice has;
};

struct refinement {
	uint32_t outcomes; /* bit per outcome that it is for; all where it names none */
	struct condition *conditions;
	size_t condition_count;
	const struct field *subject; /* what the pattern is matched with; NULL: no pattern */
	struct pattern *pattern;
	struct value_list values;
};

/* A captured text is written anew. */
enum rewrite_kind {
	REWRITE_WRAP,     /* between `before` and `after` */
	REWRITE_UNESCAPE, /* a string of C becomes what it means */
	REWRITE_COMPACT,  /* "host. (name) [address]:port" becomes host[address]:port */
	REWRITE_QUALIFY   /* a local part gets the domain of the field `from` */
};

struct rewrite {
	enum rewrite_kind kind;
	const struct field *field;
	const struct field *from;
	struct slice before, after;
};

/* rules_rewrite.c. A text that is made anew lives in the arena. A field that is not given stays so. */
void rewrite_apply(const struct rewrite *rewrite, struct arena *arena, struct event *event);

struct sample {
	unsigned line;
	struct slice instance;
	struct slice program;
	struct slice level;
	bool program_cut;
	char *text;
	struct value_list *expected; /* of each event that the rule makes of it */
	size_t expected_count;       /* 0: one event without a value */
};

/* A bit for "warning", "error", "fatal", "panic"; 0 for anything else. */
unsigned rule_level_of(struct slice name);

#define REPEATS 2

struct rule {
	char *name;
	char *label; /* "file.rules:LINE name" */
	unsigned line;
	struct name_list programs; /* empty: all that the file claims */
	bool other_programs;       /* also those that the file's own list does not name */
	unsigned levels;           /* 0: whatever the level */
	bool ignore;
	bool further; /* the rules below are tried too */
	enum event_kind kind;
	struct value_list values;
	struct slice literal; /* the text must contain it; not given: no such condition */
	struct pattern *pattern;
	char *groups[ROLES]; /* name of the group of each role, NULL: none */
	struct word *words;
	size_t word_count;
	struct pattern *each; /* matched again and again with what is left of the list */
	struct pattern *count;
	const struct field *counted; /* the field that gets the number */
	struct rewrite *rewrites;
	size_t rewrite_count;
	struct refinement *refinements;
	size_t refinement_count;
	const struct field *repeats[REPEATS]; /* texts that lines of one delivery differ in: see rules_repeat.c */
	bool recipient_apart; /* the first is the recipient, and rewrites and refinements neither look at it nor set it */
	struct sample *samples;
	size_t sample_count;
};

struct rule_file {
	char *name;       /* as it was opened */
	char *short_name; /* without directory */
	char *parser;
	char *version;
	struct name_list programs;
	struct name_list instances; /* fnmatch(3) globs */
	struct rule *rules;
	size_t rule_count;
	uint64_t hash;     /* of its bytes */
	uint32_t captures; /* the most that any of its patterns has */
	char *memory;      /* the file's bytes: what short texts point into */
};

struct rules {
	struct rule_file *files;
	size_t file_count;
	uint32_t captures;
	char *version;
};

/* Does the file speak for lines of this envelope's program? */
bool rule_file_claims(const struct rule_file *file, const struct envelope *envelope);
/* ... and this rule of it? */
bool rule_takes_program(const struct rule_file *file, const struct rule *rule, const struct envelope *envelope);

/* --- lines that repeat each other: rules_repeat.c ------------------------------------------ */

/* The line that was taken last, as far as the next one may repeat it. */
struct repeat {
	const struct rule *rule; /* NULL: nothing is kept */
	struct slice text;
	struct event event; /* all that does not come of the two texts that differ */
	size_t from, until; /* the first of them */
	size_t tail;        /* the second begins, and ends before the last byte; without one: text.length */
};

/* The rule took the text, and made this event of it before it was completed. */
void repeat_keep(struct repeat *repeat, const struct rule *rule, struct slice text, const struct event *event);

/* What rules_apply() kept last. */
const struct repeat *rules_scratch_repeat(const struct rules_scratch *scratch);

/* The text is the one that was kept but for the recipient, and so would be its event, completed. */
bool repeat_recipient(const struct repeat *repeat, struct slice text, struct slice *recipient);

/* The text repeats the one that was kept: then the event is made of it, not yet completed. */
bool repeat_take(const struct repeat *repeat, struct slice text, struct event *event);

/* --- routes: rules_route.c ---------------------------------------------------------------- */

#define ROUTE_KEY 112 /* longer names are routed anew each time */

/* The rules for one (instance, program, cut). */
struct route {
	bool known;
	bool cut;
	bool claimed;
	uint8_t instance_length;
	uint8_t program_length;
	char key[ROUTE_KEY]; /* instance, program */
	const struct rule **rules;
	size_t count;
	size_t capacity;
};

struct routes; /* of one thread */

struct routes *routes_new(void);
void routes_free(struct routes **routes);
/* Valid until the next call. */
const struct route *routes_find(struct routes *routes, const struct rules *rules, const struct envelope *envelope);

/* --- reading: rules_read.c (a file), rules_rule.c (a rule), rules_value.c (values and lists) -------------- */

/* A statement: a keyword, the rest of its line, and the lines indented under it. */
struct statement_line {
	unsigned line;
	struct slice text; /* its indentation taken off */
};

struct statement {
	unsigned line;
	bool of_rule; /* stands indented under "rule" */
	struct slice keyword;
	struct slice rest;
	struct statement_line *lines;
	size_t line_count;
	size_t line_capacity;
};

struct macro {
	struct slice name;
	char *text;
};

/* The reading of one file. error is set once, by rules_fault(). */
struct rules_reader {
	const char *name;
	struct rule_file *file;
	struct statement *statements;
	size_t count;
	size_t capacity;
	struct macro *macros;
	size_t macro_count;
	size_t macro_capacity;
	char *error;
};

/* Notes "NAME:LINE: what"; the first fault is the one that is told. Always false. */
bool rules_fault(struct rules_reader *reader, unsigned line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Reads one file's bytes (copied) as the file `name`, appended to rules. False and *error (malloc'ed). */
bool rules_read(struct rules *rules, const char *name, struct slice bytes, char **error);

/* Adds the rule that begins at statement *at to the file; *at becomes the statement after it. */
bool rules_read_rule(struct rules_reader *reader, size_t *at);

/* A pattern's text, macros written out; malloc'ed, NULL on a fault. Its n-th line came from (*lines)[n] of the file. */
char *rules_expand(struct rules_reader *reader, const struct statement *statement, unsigned **lines);
/* Compiles it; NULL on a fault. */
struct pattern *rules_compile(struct rules_reader *reader, const struct statement *statement,
                              const char *const names[ROLES]);

/* "FIELD VALUE, FIELD VALUE ...": appends to the list. */
bool rules_read_values(struct rules_reader *reader, unsigned line, struct slice text, struct value_list *list);
/* "FIELD VALUE": the value is all that follows, as it stands. */
bool rules_read_expected(struct rules_reader *reader, unsigned line, struct slice text, struct value_list *list);
/* The conditions of a "when"; *subject gets the field of "FIELD matches", or NULL. */
bool rules_read_conditions(struct rules_reader *reader, const struct statement *when, struct refinement *refinement);
/* "FIELD", and for some kinds more: see mailstorm-rules(5). */
bool rules_read_rewrite(struct rules_reader *reader, const struct statement *statement, struct rewrite *rewrite);
/* TAG and LEVEL of a "sample", and its text. */
bool rules_read_sample(struct rules_reader *reader, const struct statement *statement, struct sample *sample);

/* malloc'ed */
char *rules_text(const char *format, ...) __attribute__((format(printf, 1, 2)));
struct slice slice_trim(struct slice text);
/* What stands between the '"' of a text that is all of it; not given where it is not quoted, or nothing is quoted. */
struct slice slice_quoted(struct slice text);
/* Takes the first word off; empty where there is none. */
struct slice slice_word(struct slice *text);
/* Takes off what stands before the first `end`, and `end`; all of it where there is none. */
struct slice slice_upto(struct slice *text, char end);
void name_list_add(struct name_list *list, struct slice name);
bool name_list_has(const struct name_list *list, struct slice name);
void name_list_free(struct name_list *list);
void value_list_add(struct value_list *list, const struct field_value *value);
void rule_file_free(struct rule_file *file);

#endif
