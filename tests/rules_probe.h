/* SPDX-License-Identifier: Apache-2.0
 *
 * What the tests of the rules share: a folder of rule files for each test, the
 * rules loaded from it or from the sources, and one line through them. Each
 * test program includes it once; a fault of the probe itself fails the test.
 */
#ifndef MAILSTORM_TESTS_RULES_PROBE_H
#define MAILSTORM_TESTS_RULES_PROBE_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rules.h"
#include "tests/suite.h"

static char folder[64];
static struct rules *rules;
static struct rules_scratch *scratch;
static struct event event;
static const char *taken;
static const char *reason;

static inline void set_up(void)
{
	snprintf(folder, sizeof(folder), "/tmp/check_rules.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static inline void tear_down(void)
{
	char command[128];

	rules_scratch_free(&scratch);
	rules_free(&rules);
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	ck_assert_int_eq(system(command), 0);
}

static inline void file_write(const char *name, const char *text)
{
	char path[128];
	FILE *stream;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	stream = fopen(path, "w");
	ck_assert_ptr_nonnull(stream);
	fputs(text, stream);
	ck_assert_int_eq(fclose(stream), 0);
}

static inline void folder_load(void)
{
	const char *const directories[] = {folder, NULL};
	char *error = NULL;

	rules_scratch_free(&scratch);
	rules_free(&rules);
	rules = rules_load(directories, &error);
	ck_assert_msg(rules != NULL, "%s", error ? error : "no error text");
	scratch = rules_scratch_new(rules);
}

#define HEAD "parser test\nversion 1\nprograms prog\ninstances site*\n"

static inline void load(const char *text)
{
	file_write("t.rules", text);
	folder_load();
}

static inline void shipped_load(void)
{
	const char *top = getenv("TOP_SRCDIR");
	char path[512];
	const char *directories[] = {path, NULL};
	char *error = NULL;

	snprintf(path, sizeof(path), "%s/parsers", top ? top : ".");
	rules = rules_load(directories, &error);
	ck_assert_msg(rules != NULL, "%s", error ? error : "no error text");
	scratch = rules_scratch_new(rules);
}

static inline struct envelope envelope_of(const char *instance, const char *program, const char *text)
{
	return (struct envelope){
		.time = 1479112140000000,
		.time_other = 1479115740000000,
		.resolution = 1000000,
		.host = SLICE("mail1"),
		.instance = slice_of(instance),
		.program = slice_of(program),
		.text = slice_of(text),
		.repeated = 3,
	};
}

static inline enum rules_result apply(const struct envelope *envelope)
{
	memset(&event, 0x55, sizeof(event));
	reason = "";
	return rules_apply(rules, scratch, envelope, &event, &taken, &reason);
}

static inline enum rules_result apply_line(const char *instance, const char *program, const char *text)
{
	struct envelope envelope = envelope_of(instance, program, text);

	return apply(&envelope);
}

#define ck_slice(slice, text) \
	ck_assert_msg(slice_given(slice) && slice_is((slice), (text)), "%s is '%.*s', not '%s'", #slice, \
	              (int)(slice).length, (slice).bytes ? (slice).bytes : "(not given)", (text))

#endif
