/* SPDX-License-Identifier: Apache-2.0
 *
 * Tries steps from a minute to a day. The tail of a storm may be long and thin
 * (a few mailboxes retried for days): it is folded first, so that it does not
 * make the storm itself coarse.
 */
#include "daemon/report/bars.h"

#include <stdlib.h>

#include "daemon/base/memory.h"

static const int64_t steps[] = {1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 1440};

static int64_t slot_of(int64_t second, int64_t seconds)
{
	return second / seconds - (second % seconds < 0);
}

/* Sums up minutes by the step; returns the number of rows. */
static size_t sum_up(struct bars_row *rows, const struct bars_minute *minutes, size_t count, int64_t step)
{
	size_t made = 0;

	for (size_t i = 0; i < count; i++) {
		int64_t slot = slot_of(minutes[i].second, step * 60);

		if (made == 0 || slot_of(rows[made - 1].from, step * 60) != slot)
			rows[made++] = (struct bars_row){.from = minutes[i].second};
		rows[made - 1].to = minutes[i].second + 60;
		rows[made - 1].deliveries += minutes[i].deliveries;
		rows[made - 1].marked |= minutes[i].marked;
		if (minutes[i].pending > rows[made - 1].pending)
			rows[made - 1].pending = minutes[i].pending;
	}
	return made;
}

static bool is_quiet(const struct bars_row *row, int64_t most, int64_t parts)
{
	return !row->marked && (row->deliveries <= 0 || (long double)row->deliveries * parts < most);
}

/* Puts runs of two and more quiet rows into one; returns the number of rows left. */
static size_t fold(struct bars_row *rows, size_t count, int64_t most, int64_t parts)
{
	bool was_quiet = false;
	size_t made = 0;

	for (size_t i = 0; i < count; i++) {
		struct bars_row row = rows[i];
		bool quiet = is_quiet(&row, most, parts);

		if (quiet && was_quiet) {
			struct bars_row *last = &rows[made - 1];

			last->to = row.to;
			last->deliveries += row.deliveries;
			last->pending = row.pending > last->pending ? row.pending : last->pending;
			last->folded = true;
		} else {
			rows[made++] = row;
		}
		was_quiet = quiet;
	}
	return made;
}

void bars_make(struct bars *bars, const struct bars_minute *minutes, size_t count, size_t rows, int64_t parts)
{
	*bars = (struct bars){.rows = memory_zeroed(count, sizeof(*bars->rows))};
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		bars->step = steps[i];
		bars->count = sum_up(bars->rows, minutes, count, steps[i]);
		bars->most_deliveries = 0;
		for (size_t row = 0; row < bars->count; row++) {
			if (bars->rows[row].deliveries > bars->most_deliveries)
				bars->most_deliveries = bars->rows[row].deliveries;
		}
		bars->count = fold(bars->rows, bars->count, bars->most_deliveries, parts);
		if (bars->count <= rows)
			break;
	}
	for (size_t row = 0; row < bars->count; row++) {
		if (!bars->rows[row].folded && bars->rows[row].pending > bars->most_pending)
			bars->most_pending = bars->rows[row].pending;
	}
}

void bars_clear(struct bars *bars)
{
	free(bars->rows);
	*bars = (struct bars){0};
}

int bars_length(int64_t value, int64_t most, int parts)
{
	int length;

	if (value <= 0 || most <= 0)
		return 0;
	if (value >= most)
		return parts;
	length = (int)((long double)value / most * parts);
	return length > 0 ? length : 1;
}
