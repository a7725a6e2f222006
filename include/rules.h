/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules turn a line's body into an event. They are data: *.rules files of
 * PCRE2 patterns with named groups. First match wins, in the order of the
 * files (by name) and of the rules in them; which rule wins never depends on
 * an optimisation. Where the line tells more than one event, the rule says so,
 * and the others are asked for one by one. A loaded rule set is immutable and shared by threads; each thread
 * has a scratch of its own.
 */
#ifndef MAILSTORM_RULES_H
#define MAILSTORM_RULES_H

#include <stdint.h>
#include <stdio.h>

#include "envelope.h"
#include "event.h"

struct rules;
struct rules_scratch;

enum rules_result {
	RULES_EVENT,   /* *event is filled */
	RULES_IGNORED, /* a program that no rule file claims, or a rule says the line tells nothing */
	RULES_UNPARSED /* a claimed program, and no rule matched; *reason says why in fixed words */
};

/* Loads every *.rules of the directories, in order; later directories add to earlier ones, a file of the same name
 * in a later directory replaces the earlier one. NULL and *error ("FILE:LINE: what", malloc'ed) on the first fault:
 * unknown group, unknown kind, bad pattern, unreadable directory. */
struct rules *rules_load(const char *const *directories, char **error);
void rules_free(struct rules **rules);

/* Runs the samples that the files carry: each must give the event it expects, by the rule it stands under.
 * Returns the number of failures and prints each to `out` with file and line; *run gets the number of samples. */
unsigned rules_check_samples(const struct rules *rules, FILE *out, unsigned *run);

/* A short text that changes whenever a rule does ("postfix 1.0, ...; hash"), for reports. Owned by rules. */
const char *rules_version(const struct rules *rules);

struct rules_scratch *rules_scratch_new(const struct rules *rules);
void rules_scratch_free(struct rules_scratch **scratch);

/* Slices of *event point where the envelope's point, or into the scratch's memory. Sets time, host, instance, program,
 * repeated from the envelope. rule: gets "file.rules:LINE name" of the rule that matched, for --explain; may be NULL. */
enum rules_result rules_apply(const struct rules *rules, struct rules_scratch *scratch, const struct envelope *envelope,
                              struct event *event, const char **rule, const char **reason);

/* After RULES_EVENT of rules_apply(), without more: a text, of an envelope that is otherwise the same, that repeats the one of
 * that line but for what its rule says may differ ("repeats" in mailstorm-rules(5)). The event is the one that rules_apply()
 * would make. False, and nothing is said of the text: call rules_apply(). What event and envelope before point to must be
 * there still. */
bool rules_apply_again(struct rules_scratch *scratch, struct slice text, struct event *event);

/* Likewise, where the event that rules_apply() made would be this text's too, but for the recipient, which is set. False: the
 * text may repeat that line's all the same. */
bool rules_recipient_again(const struct rules_scratch *scratch, struct slice text, struct slice *recipient);

/* After RULES_EVENT, of rules_apply() or of this: the line's next event. The envelope is no longer needed, what it
 * points to is. RULES_IGNORED: there is no more. RULES_UNPARSED: what is left of the line was not understood, so none of its
 * events is to be taken. */
enum rules_result rules_more(struct rules_scratch *scratch, struct event *event, const char **rule,
                             const char **reason);

/* Detaches the memory of the texts that rules made since the last time, which events point to; the caller frees it when
 * the batch is done. NULL where none was made. */
struct rules_memory;
struct rules_memory *rules_scratch_take(struct rules_scratch *scratch);
void rules_memory_free(struct rules_memory **memory);

#endif
