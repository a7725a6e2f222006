/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of objects that are read by the shape of those before: whatever was read
 * before, a line means what it means when it is read alone. Lines of the common
 * shippers, with values made at random, and broken at random.
 */
#define _GNU_SOURCE
#include "parsers/json_shape.h"

#include <stdio.h>
#include <stdlib.h>

#include "daemon/base/memory.h"
#include "parsers/json_wrap.h"
#include "tests/suite.h"

static uint64_t seed;

static unsigned below(unsigned limit)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(seed >> 33) % limit;
}

#define MANY "#,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19"

/* What shippers write, % standing for a text, # for anything else. */
static const char *const shapes[] = {
	"{\"@timestamp\":\"%\",\"@metadata\":{\"beat\":\"%\",\"version\":\"%\"},\"host\":{\"name\":\"%\"},\"message\":\"%\",\"log\":"
	"{\"offset\":#,\"file\":{\"path\":\"%\"}}}",
	"{\"@timestamp\":\"%\",\"host\":{\"name\":\"%\"},\"message\":\"%\",\"log\":{\"offset\":#}}",
	"{ \"msg\": \"%\", \"rawmsg\": \"%\", \"timereported\": \"%\", \"hostname\": \"%\", \"syslogtag\": \"%\", \"uuid\": # }",
	"{\"date\":#,\"pid\":\"%\",\"ident\":\"%\",\"host\":\"%\",\"message\":\"%\",\"tags\":[\"%\",#]}",
	"{\"__REALTIME_TIMESTAMP\":\"#\",\"_HOSTNAME\":\"%\",\"SYSLOG_IDENTIFIER\":\"%\",\"MESSAGE\":[#,#]}",
	"{\"MESSAGE\":\"%\",\"tag\":\"%\",\"host\":\"%\",\"time\":#}",
	"{\"message\":\"%\",\"message\":\"%\",\"source\":\"%\",\"a\":{\"b\":{\"c\":[{\"host\":\"%\"}]}}}",
	"[\"%\"]",
	"{}",
	/* more values than a shape has */
	"{\"host\":\"%\",\"message\":\"%\",\"a\":[" MANY "," MANY "],\"tag\":\"%\"}",
};

static const char *const texts[] = {
	"",
	"-",
	"x",
	"mx1",
	"/var/log/mail.log",
	"2016-11-14T08:29:01.123Z",
	"Nov 14 08:29:01 mx1 postfix/smtp[1]: A: x",
	"1479112141",
	"postfix\\/qmgr[1]:",
	"say \\\"no\\\"",
	"\\u00e4\\\\",
	"\\ud83d\\ude00",
	"\\q",
	"\\u00g0",
	"\\",
	"a\"b",
	"{",
	"]",
	"\xc3\xa4\xff",
	"stdout",
	"postfix[7]",
	"\\u12",
};

static const char *const others[] = {
	"0",     "-1.5e+9", "1479112141", "1479112141123", "true", "false", "null", "nil", "", "7 ", "+1",
	"\"x\"", "{}",      "[]",         "1,2",           "1_0",  "1.2.3", "E5",
};

#define PICK(of) (of)[below(sizeof(of) / sizeof(*(of)))]

static size_t make(char *line, size_t room, const char *shape)
{
	char *end = line;

	for (; *shape && (size_t)(end - line) < room - 64; shape++) {
		if (*shape == '%')
			end = stpcpy(end, below(3) ? "word" : PICK(texts));
		else if (*shape == '#')
			end = stpcpy(end, below(3) ? "17" : PICK(others));
		else
			*end++ = *shape;
	}
	return (size_t)(end - line);
}

static size_t break_it(char *line, size_t length)
{
	size_t at = below((unsigned)length);

	switch (below(4)) {
	case 0: line[at] = "\"\\{}[],: 0a"[below(12)]; return length;
	case 1: memmove(line + at, line + at + 1, length - at - 1); return length - 1;
	case 2: memmove(line + at + 1, line + at, length - at); return length + 1;
	default: return at + 1;
	}
}

static void same_text(struct slice a, struct slice b, const char *line)
{
	ck_assert_msg(slice_given(a) == slice_given(b) && slice_equal(a, b), "%s: '%.*s', alone '%.*s'", line,
	              (int)a.length, slice_given(a) ? a.bytes : "", (int)b.length, slice_given(b) ? b.bytes : "");
}

static void same_line(const struct json_line *a, const struct json_line *b, const char *line)
{
	same_text(a->message, b->message, line);
	same_text(a->host, b->host, line);
	same_text(a->tag, b->tag, line);
	same_text(a->file, b->file, line);
	ck_assert_msg(a->tag_column == b->tag_column, "%s: the tag's kind", line);
	ck_assert_msg(memcmp(&a->time, &b->time, sizeof(a->time)) == 0, "%s: the time", line);
}

START_TEST(what_was_read_before_changes_nothing)
{
	struct json_wrap *wrap = json_wrap_new();
	struct arena arena = {NULL};
	unsigned read = 0, refused = 0;

	seed = 20161114;
	for (int i = 0; i < 60000; i++) {
		char made[1100], *line;
		size_t length = make(made, sizeof(made), PICK(shapes));
		struct json_wrap *alone = json_wrap_new();
		struct json_line one, other;
		const char *why, *why_alone;

		if (below(4) == 0)
			length = break_it(made, length);
		line = memory_string(made, length);
		why = json_wrap_read(wrap, &arena, (struct slice){line, length}, &one);
		why_alone = json_wrap_read(alone, &arena, (struct slice){line, length}, &other);
		ck_assert_msg(!why == !why_alone && (!why || strcmp(why, why_alone) == 0), "%s: %s, alone %s", line,
		              why ? why : "read", why_alone ? why_alone : "read");
		if (!why)
			same_line(&one, &other, line);
		*(why ? &refused : &read) += 1;
		free(line);
		json_wrap_free(&alone);
		arena_reset(&arena);
	}
	ck_assert_uint_gt(read, 20000);
	ck_assert_uint_gt(refused, 5000);
	arena_free(&arena);
	json_wrap_free(&wrap);
}
END_TEST

/* {"a":"one","b":7} */
static void learn(struct json_shape *shape)
{
	struct json_value values[] = {{6, 9, true}, {15, 16, false}};

	json_shape_learn(shape, SLICE("{\"a\":\"one\",\"b\":7}"), values, 2);
	ck_assert_uint_eq(shape->count, 2);
}

START_TEST(values_are_found_where_they_end)
{
	static const struct {
		const char *text;
		int a_end, b, b_end;
	} cases[] = {
		{"{\"a\":\"one\",\"b\":7}", 9, 15, 16},
		{"{\"a\":\"\",\"b\":-12.5e+3}", 6, 12, 20},
		{"{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00eF\",\"b\":null}", 28, 34, 38},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct json_shape shape;

		learn(&shape);
		ck_assert_msg(json_shape_fits(&shape, slice_of(cases[i].text)), "%s", cases[i].text);
		ck_assert_int_eq(shape.values[0].start, 6);
		ck_assert_int_eq(shape.values[0].end, cases[i].a_end);
		ck_assert_int_eq(shape.values[1].start, cases[i].b);
		ck_assert_int_eq(shape.values[1].end, cases[i].b_end);
	}
}
END_TEST

START_TEST(another_shape_does_not_fit)
{
	static const char *const cases[] = {
		"",
		"{}",
		"{\"a\":\"one\",\"b\":7",
		"{\"a\":\"one\",\"b\":7} ",
		"{\"a\":\"one\",\"c\":7}",
		"{\"a\":1,\"b\":7}",
		"{\"a\":\"one\",\"b\":\"7\"}",
		"{\"a\":\"one\",\"b\":}",
		"{\"a\":\"one\",\"b\":x}",
		"{\"a\":\"one\",\"b\":[7]}",
		"{\"a\":\"one\",\"b\":7_}",
		"{\"a\":\"o\\xe\",\"b\":7}",
		"{\"a\":\"o\\u00g0\",\"b\":7}",
		"{\"a\":\"one\\\",\"b\":7}",
		"{\"a\":\"o\"e\",\"b\":7}",
		"{\"a\":\"one",
		"{\"a\":\"one\\",
		"{\"a\":\"one\\u12",
		"{\"a\":\"one\",\"b\":7",
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct json_shape shape;
		size_t length = strlen(cases[i]);
		char *text = memory_checked(malloc(length + !length)); /* no byte more, so that none behind is read */

		memcpy(text, cases[i], length);
		learn(&shape);
		ck_assert_msg(!json_shape_fits(&shape, (struct slice){text, length}), "%s", cases[i]);
		free(text);
	}
}
END_TEST

START_TEST(a_text_with_a_nul_byte_has_no_shape)
{
	ck_assert(json_shape_may_be(SLICE("{\"a\":1}")));
	ck_assert(!json_shape_may_be(SLICE("{\"a\":\"\0\"}")));
}
END_TEST

START_TEST(what_has_no_room_is_no_shape)
{
	static struct json_value values[JSON_SHAPE_VALUES + 1];
	static char bytes[JSON_SHAPE_BYTES + JSON_SHAPE_VALUES + 2];
	struct json_shape shape;

	memset(bytes, ' ', sizeof(bytes));
	for (int i = 0; i <= JSON_SHAPE_VALUES; i++)
		values[i] = (struct json_value){i, i + 1, false};
	json_shape_learn(&shape, (struct slice){bytes, JSON_SHAPE_BYTES + JSON_SHAPE_VALUES}, values,
	                 JSON_SHAPE_VALUES);
	ck_assert_uint_eq(shape.count, JSON_SHAPE_VALUES);
	json_shape_learn(&shape, (struct slice){bytes, JSON_SHAPE_BYTES + JSON_SHAPE_VALUES + 1}, values,
	                 JSON_SHAPE_VALUES);
	ck_assert_uint_eq(shape.count, 0);
	json_shape_learn(&shape, (struct slice){bytes, JSON_SHAPE_VALUES + 1}, values, JSON_SHAPE_VALUES + 1);
	ck_assert_uint_eq(shape.count, 0);
	ck_assert(!json_shape_fits(&shape, (struct slice){bytes, JSON_SHAPE_VALUES + 1}));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("json_shape");
	TCase *tests = tcase_create("shapes");

	tcase_set_timeout(tests, 120);
	tcase_add_test(tests, what_was_read_before_changes_nothing);
	tcase_add_test(tests, values_are_found_where_they_end);
	tcase_add_test(tests, another_shape_does_not_fit);
	tcase_add_test(tests, a_text_with_a_nul_byte_has_no_shape);
	tcase_add_test(tests, what_has_no_room_is_no_shape);
	suite_add_tcase(suite, tests);
	return suite_run(suite);
}
