/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs the samples of the rules: each must be taken by its own rule, and give
 * the values it expects and no other. A difference is printed field by field,
 * with the sample's place; nothing else is decided here.
 */
#include "daemon/base/memory.h"
#include "parsers/rules_parts.h"

#define SHOWN 512 /* bytes of a value that are printed */

static struct envelope sample_envelope(const struct sample *sample)
{
	return (struct envelope){
		.host = SLICE("host"),
		.resolution = 1000000,
		.instance = sample->instance,
		.program = sample->program,
		.program_cut = sample->program_cut,
		.level = sample->level,
		.text = slice_of(sample->text),
		.repeated = 1,
	};
}

static void expected_event(const struct rule *rule, const struct sample *sample, struct event *event)
{
	field_clear(event);
	event->kind = rule->kind;
	for (size_t i = 0; i < sample->expected.count; i++)
		field_set(event, &sample->expected.items[i]);
}

static bool field_differs(const struct event *wanted, const struct event *got, const struct field *field)
{
	struct field_value value = {.field = field};

	if (field->type == FIELD_TEXT)
		value.text = field_text(wanted, field);
	else
		value.number = field_number(wanted, field);
	return !field_has(got, &value);
}

static void side_print(FILE *out, const char *side, const struct event *event, const struct field *field)
{
	char text[SHOWN];

	if (field_print(event, field, text, sizeof(text)))
		fprintf(out, "\t%s: %s '%s'\n", side, field->name, text);
	else
		fprintf(out, "\t%s: %s is not given\n", side, field->name);
}

static bool fields_equal(FILE *out, const char *where, const struct event *wanted, const struct event *got)
{
	bool equal = true;

	for (size_t i = 0; i < field_count(); i++) {
		const struct field *field = field_at(i);

		if (!field_differs(wanted, got, field))
			continue;
		if (equal)
			fprintf(out, "%s\n", where);
		equal = false;
		side_print(out, "wanted", wanted, field);
		side_print(out, "got   ", got, field);
	}
	return equal;
}

static bool sample_holds(const struct rules *rules, struct rules_scratch *scratch, const struct rule_file *file,
                         const struct rule *rule, const struct sample *sample, FILE *out)
{
	struct envelope envelope = sample_envelope(sample);
	struct event wanted, got;
	const char *taken = NULL;
	const char *reason = "";
	enum rules_result result = rules_apply(rules, scratch, &envelope, &got, &taken, &reason);
	char *where;
	bool holds = false;

	where = rules_text("%s:%u: sample of rule %s: %s", file->name, sample->line, rule->name, sample->text);
	expected_event(rule, sample, &wanted);
	if (!taken && result == RULES_IGNORED)
		fprintf(out, "%s\n\tno file claims its program\n", where);
	else if (!taken || result == RULES_UNPARSED)
		fprintf(out, "%s\n\tunparsed: %s\n", where, reason);
	else if (taken != rule->label)
		fprintf(out, "%s\n\ttaken by %s\n", where, taken);
	else
		holds = rule->ignore || fields_equal(out, where, &wanted, &got);
	free(where);
	return holds;
}

unsigned rules_check_samples(const struct rules *rules, FILE *out, unsigned *run)
{
	struct rules_scratch *scratch = rules_scratch_new(rules);
	unsigned failures = 0;

	*run = 0;
	for (size_t i = 0; i < rules->file_count; i++) {
		const struct rule_file *file = &rules->files[i];

		for (size_t k = 0; k < file->rule_count; k++) {
			const struct rule *rule = &file->rules[k];

			for (size_t n = 0; n < rule->sample_count; n++) {
				failures += !sample_holds(rules, scratch, file, rule, &rule->samples[n], out);
				(*run)++;
			}
		}
	}
	rules_scratch_free(&scratch);
	return failures;
}
