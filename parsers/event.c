/* SPDX-License-Identifier: Apache-2.0
 *
 * The names of event kinds and outcomes, as rule files and reports write them.
 * Decides nothing: the lists stand in event.h. A name that is not in them is -1.
 */
#include "event.h"

#include <assert.h>

static const char *const kind_names[EVENT_KIND_COUNT] = {
#define X(symbol, name, meaning) [EVENT_##symbol] = (name),
	EVENT_KINDS(X)
#undef X
};

static const char *const outcome_names[OUTCOME_COUNT] = {
#define X(symbol, name) [OUTCOME_##symbol] = (name),
	EVENT_OUTCOMES(X)
#undef X
};

const char *event_kind_name(enum event_kind kind)
{
	assert((unsigned)kind < EVENT_KIND_COUNT);
	return kind_names[kind];
}

const char *event_outcome_name(enum event_outcome outcome)
{
	assert((unsigned)outcome < OUTCOME_COUNT);
	return outcome_names[outcome];
}

static int name_index(const char *const *names, int count, struct slice name)
{
	for (int i = 0; i < count; i++) {
		if (slice_is(name, names[i]))
			return i;
	}
	return -1;
}

int event_kind_of(struct slice name)
{
	return name_index(kind_names, EVENT_KIND_COUNT, name);
}

int event_outcome_of(struct slice name)
{
	return name_index(outcome_names, OUTCOME_COUNT, name);
}
