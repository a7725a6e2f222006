/* SPDX-License-Identifier: Apache-2.0
 *
 * The explanation of lines, see explain.h. Uses envelope and rules as the
 * pipeline does, and nothing after them; prints bytes that are not printable
 * as \xNN, so that a line cannot play with the terminal.
 */
#include "daemon/explain.h"

#include <stdlib.h>
#include <time.h>

struct explaining {
	FILE *out;
	const struct rules *rules;
	struct rules_scratch *scratch;
	struct envelope_scratch *envelopes;
};

static void print_text(FILE *out, struct slice text)
{
	for (size_t i = 0; i < text.length; i++) {
		unsigned char c = (unsigned char)text.bytes[i];

		if (c < ' ' || c == 0x7f)
			fprintf(out, "\\x%02x", c);
		else
			fputc(c, out);
	}
}

static void print_field(FILE *out, const char *name, struct slice text)
{
	if (!slice_given(text))
		return;
	fprintf(out, "    %-19s ", name);
	print_text(out, text);
	fputc('\n', out);
}

static void print_time(FILE *out, const char *name, int64_t time)
{
	time_t seconds = (time_t)(time / 1000000 - (time % 1000000 < 0));
	struct tm tm;
	char text[32];

	gmtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	fprintf(out, "    %-19s %s.%06lldZ\n", name, text, (long long)(time - (int64_t)seconds * 1000000));
}

static void print_event(FILE *out, const struct event *event)
{
	const struct {
		const char *name;
		bool is;
	} flags[] = {{"manager", event->manager},
	             {"permanent", event->permanent},
	             {"notification", event->notification},
	             {"automatic", event->automatic}};

	fprintf(out, "  event %s\n", event_kind_name(event->kind));
#define X(member, meaning) print_field(out, #member, event->member);
	EVENT_TEXTS(X)
#undef X
#define X(member, meaning) \
	if (event->member >= 0) \
		fprintf(out, "    %-19s %lld\n", #member, (long long)event->member);
	EVENT_NUMBERS(X)
#undef X
	if (event->outcome != OUTCOME_NONE)
		fprintf(out, "    %-19s %s\n", "outcome", event_outcome_name(event->outcome));
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (flags[i].is)
			fprintf(out, "    %-19s yes\n", flags[i].name);
}

static void print_envelope(FILE *out, const struct envelope *envelope)
{
	fputs("  envelope\n", out);
	print_time(out, "time", envelope->time);
	if (envelope->time_other != envelope->time)
		print_time(out, "or", envelope->time_other);
	print_field(out, "host", envelope->host);
	if (envelope->instance.length)
		print_field(out, "instance", envelope->instance);
	print_field(out, "program", envelope->program);
	print_field(out, "level", envelope->level);
	if (envelope->program_cut)
		fputs("    the program's name may be cut\n", out);
	if (envelope->repeated != 1)
		fprintf(out, "    %-19s %u\n", "repeated", envelope->repeated ? envelope->repeated : envelope->repeats);
	if (envelope->lost)
		fprintf(out, "    %-19s %llu\n", "lost", (unsigned long long)envelope->lost);
	print_field(out, "text", envelope->text);
}

static void explain_rules(const struct explaining *with, const struct envelope *envelope)
{
	const char *rule = NULL, *reason = "";
	struct event event;
	struct rules_memory *memory;
	enum rules_result result = rules_apply(with->rules, with->scratch, envelope, &event, &rule, &reason);

	if (result == RULES_IGNORED)
		fprintf(with->out, "  ignored: %s\n", rule ? rule : "no rule file claims the program");
	while (result == RULES_EVENT) {
		fprintf(with->out, "  rule %s\n", rule);
		print_event(with->out, &event);
		result = rules_more(with->scratch, &event, &rule, &reason);
	}
	if (result == RULES_UNPARSED)
		fprintf(with->out, "  unparsed: %s%s%s\n", reason, rule ? ": " : "", rule ? rule : "");
	memory = rules_scratch_take(with->scratch);
	rules_memory_free(&memory);
}

static void explain_one(const struct explaining *with, struct slice line, enum envelope_result result,
                        struct envelope envelope, const char *reason)
{
	print_text(with->out, line);
	fputc('\n', with->out);
	if (result == ENVELOPE_EMPTY)
		fputs("  nothing: a blank line, a header, or a part of a document or of a row\n", with->out);
	while (result != ENVELOPE_EMPTY) {
		if (result == ENVELOPE_UNPARSED) {
			fprintf(with->out, "  unparsed: %s\n", reason);
			break;
		}
		print_envelope(with->out, &envelope);
		if (result == ENVELOPE_NOTE)
			fputs("  a note of the log pipeline\n", with->out);
		else
			explain_rules(with, &envelope);
		result = result == ENVELOPE_OK ? envelope_more(with->envelopes, &envelope, &reason) : ENVELOPE_EMPTY;
	}
	fputc('\n', with->out);
}

static void explain_line(const struct explaining *with, struct slice line, int64_t now)
{
	struct envelope envelope = {0};
	const char *reason = "";
	enum envelope_result result = envelope_open(with->envelopes, line, now, &envelope, &reason);

	if (result != ENVELOPE_AGAIN)
		explain_one(with, line, result, envelope, reason);
	while (result == ENVELOPE_AGAIN && envelope_again(with->envelopes, &line)) {
		enum envelope_result alone = envelope_open(with->envelopes, line, now, &envelope, &reason);

		explain_one(with, line, alone, envelope, reason);
	}
	envelope_scratch_reset(with->envelopes);
}

bool explain_run(FILE *in, FILE *out, const struct rules *rules, const struct settings *settings, int64_t now)
{
	struct explaining with = {.out = out,
	                          .rules = rules,
	                          .scratch = rules_scratch_new(rules),
	                          .envelopes = envelope_scratch_new(settings)};
	struct envelope_source *source = envelope_source_new();
	char *line = NULL;
	size_t room = 0;
	ssize_t length;
	bool done = with.envelopes != NULL;

	if (done)
		envelope_use(with.envelopes, source);
	while (done && (length = getline(&line, &room, in)) > 0) {
		while (length && (line[length - 1] == '\n' || line[length - 1] == '\r'))
			length--;
		explain_line(&with, (struct slice){line, (size_t)length}, now);
	}
	done = done && !ferror(in) && fflush(out) == 0;
	free(line);
	envelope_source_free(&source);
	envelope_scratch_free(&with.envelopes);
	rules_scratch_free(&with.scratch);
	return done;
}
