/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs the samples of the rules: each must be taken by its own rule, and give
 * the values it expects and no other; of a list, each member's, in their order. Where the rule says that lines
 * repeat each other, lines that repeat the sample must give what they give alone. A difference is printed field
 * by field, with the sample's place; nothing else is decided here.
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

/* The event that the rule is to make of the sample, counted from 0. */
static void expected_event(const struct rule *rule, const struct sample *sample, size_t number, struct event *event)
{
	field_clear(event);
	event->kind = rule->kind;
	for (size_t i = 0; number < sample->expected_count && i < sample->expected[number].count; i++)
		field_set(event, &sample->expected[number].items[i]);
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

/* A sample under way. */
struct trial {
	const struct rule *rule;
	const struct sample *sample;
	const char *where;
	FILE *out;
	size_t taken; /* events that the rule has made of it */
	bool holds;
};

static void trial_take(struct trial *trial, const struct event *got, const char *label)
{
	struct event wanted;

	if (label != trial->rule->label)
		return;
	expected_event(trial->rule, trial->sample, trial->taken++, &wanted);
	trial->holds = fields_equal(trial->out, trial->where, &wanted, got) && trial->holds;
}

/* The event, or the first of them, was taken by another rule; or there are more or fewer than expected. */
static void trial_end(struct trial *trial, const char *first)
{
	size_t wanted = trial->sample->expected_count ? trial->sample->expected_count : 1;

	if (trial->taken == wanted)
		return;
	trial->holds = false;
	if (!trial->taken)
		fprintf(trial->out, "%s\n\ttaken by %s\n", trial->where, first);
	else
		fprintf(trial->out, "%s\n\t%zu events, not %zu\n", trial->where, trial->taken, wanted);
}

static enum rules_result trial_run(struct trial *trial, const struct rules *rules, struct rules_scratch *scratch,
                                   const char **first, const char **reason)
{
	struct envelope envelope = sample_envelope(trial->sample);
	struct rules_memory *memory;
	struct event event;
	const char *label = NULL;
	enum rules_result result = rules_apply(rules, scratch, &envelope, &event, &label, reason);

	*first = label;
	if (result == RULES_IGNORED)
		return result;
	while (result == RULES_EVENT) {
		trial_take(trial, &event, label);
		result = rules_more(scratch, &event, &label, reason);
	}
	memory = rules_scratch_take(scratch);
	rules_memory_free(&memory);
	return result == RULES_UNPARSED ? result : RULES_EVENT;
}

static bool sample_holds(const struct rules *rules, struct rules_scratch *scratch, const struct rule_file *file,
                         const struct rule *rule, const struct sample *sample, FILE *out)
{
	char *where = rules_text("%s:%u: sample of rule %s: %s", file->name, sample->line, rule->name, sample->text);
	struct trial trial = {.rule = rule, .sample = sample, .where = where, .out = out, .holds = true};
	const char *first, *reason = "";
	enum rules_result result = trial_run(&trial, rules, scratch, &first, &reason);

	if (!first && result == RULES_IGNORED) {
		fprintf(out, "%s\n\tno file claims its program\n", where);
		trial.holds = false;
	} else if (result == RULES_UNPARSED) {
		fprintf(out, "%s\n\tunparsed: %s\n", where, reason);
		trial.holds = false;
	} else if (result == RULES_EVENT) {
		trial_end(&trial, first);
	} else if (first != rule->label) {
		fprintf(out, "%s\n\ttaken by %s\n", where, first);
		trial.holds = false;
	}
	free(where);
	return trial.holds;
}

/* A line that repeats the sample, made of the two texts that may differ. */
static char *repetition(const struct repeat *repeat, const char *first, const char *second)
{
	struct slice text = repeat->text;
	size_t same = repeat->tail - repeat->until;

	return rules_text("%.*s%s%.*s%s%s", (int)repeat->from, text.bytes, first, (int)same, text.bytes + repeat->until,
	                  second, repeat->tail < text.length ? text.bytes + text.length - 1 : "");
}

static bool repetition_holds(const struct rules *rules, struct rules_scratch *scratch, const struct rule *rule,
                             const struct envelope *like, const char *text, FILE *out)
{
	struct rules_scratch *alone = rules_scratch_new(rules);
	struct envelope envelope = *like;
	struct event wanted, got;
	const char *label = NULL, *reason = "";
	bool holds;
	char *where = rules_text("%s: what is repeated: %s", rule->label, text);

	envelope.text = slice_of(text);
	if (!rules_apply_again(scratch, envelope.text, &got)) {
		fprintf(out, "%s\n\tis not taken for it\n", where);
		holds = false;
	} else if (rules_apply(rules, alone, &envelope, &wanted, &label, &reason) != RULES_EVENT ||
	           label != rule->label) {
		fprintf(out, "%s\n\talone: taken by %s\n", where, label ? label : "none");
		holds = false;
	} else {
		holds = fields_equal(out, where, &wanted, &got) && wanted.kind == got.kind;
	}
	rules_scratch_free(&alone);
	free(where);
	return holds;
}

static bool repetitions_hold(const struct rules *rules, struct rules_scratch *scratch, const struct rule *rule,
                             const struct sample *sample, FILE *out)
{
	static const char *const firsts[] = {"a", "0", "B.b-c+d_e=f@Sub-1.example.org", "..@-@"};
	static const char *const seconds[] = {"",
	                                      ".",
	                                      ")",
	                                      "250 2.0.0 Ok: queued as 1A2B3C4D5E",
	                                      "a) (b), to=<c>, relay=none, delay=1, dsn=2.0.0, status=sent (d",
	                                      "<\"> \\\" '\t\xff\x80"};
	size_t const count = sizeof(seconds) / sizeof(seconds[0]);
	struct envelope envelope = sample_envelope(sample);
	const char *label, *reason;
	struct event event;
	bool hold = true;

	if (rules_apply(rules, scratch, &envelope, &event, &label, &reason) != RULES_EVENT ||
	    !rules_scratch_repeat(scratch)->rule)
		return true;
	for (size_t i = 0; i < sizeof(firsts) / sizeof(firsts[0]); i++)
		for (size_t k = 0; k < (rule->repeats[1] ? count : 1) && hold; k++) {
			char *text = repetition(rules_scratch_repeat(scratch), firsts[i],
			                        rule->repeats[1] ? seconds[k] : "");

			hold = repetition_holds(rules, scratch, rule, &envelope, text, out);
			free(text);
		}
	return hold;
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
				failures += !sample_holds(rules, scratch, file, rule, &rule->samples[n], out) ||
				            !repetitions_hold(rules, scratch, rule, &rule->samples[n], out);
				(*run)++;
			}
		}
	}
	rules_scratch_free(&scratch);
	return failures;
}
