/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a rule file: they are read, or refused with a text that names the
 * file and a line of it. What was read can be run: its own samples, and lines
 * of every program that it names. No pattern may hang or leave its subject.
 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parsers/rules_parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void refused(const char *error, const uint8_t *bytes, size_t size)
{
	unsigned line = 0;
	unsigned lines = 1;

	assert(error);
	assert(sscanf(error, "fuzz.rules:%u: ", &line) == 1);
	for (size_t i = 0; i < size; i++)
		lines += bytes[i] == '\n';
	assert(line >= 1 && line <= lines);
}

static void run(const struct rules *rules, FILE *out)
{
	static const char *const lines[] = {"4C5D81E3A2: removed", "", "a a a a a a a a a a a a a a a a a a a a a a!"};
	struct rules_scratch *scratch = rules_scratch_new(rules);
	const struct name_list *programs = &rules->files[0].programs;
	struct event event;
	const char *reason;
	const char *rule;
	unsigned count;
	unsigned failures = rules_check_samples(rules, out, &count);

	assert(failures <= count);
	for (size_t i = 0; i < programs->count && i < 8; i++) {
		for (size_t k = 0; k < 3; k++) {
			struct envelope envelope = {.program = slice_of(programs->items[i]),
			                            .text = slice_of(lines[k])};

			if (rules_apply(rules, scratch, &envelope, &event, &rule, &reason) == RULES_UNPARSED)
				assert(reason && *reason);
		}
	}
	rules_scratch_free(&scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct rules *rules = calloc(1, sizeof(*rules));
	FILE *out = fopen("/dev/null", "w");
	char *error = NULL;

	assert(rules && out);
	if (rules_read(rules, "fuzz.rules", (struct slice){(const char *)bytes, size}, &error))
		run(rules, out);
	else
		refused(error, bytes, size);
	free(error);
	fclose(out);
	rules_free(&rules);
	return 0;
}
