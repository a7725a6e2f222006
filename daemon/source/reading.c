/* SPDX-License-Identifier: Apache-2.0
 *
 * The steps of reading.h: a block goes straight into the batch's memory,
 * behind what was carried, and is cut into lines there.
 */
#include "daemon/source/reading.h"

enum input_result reading_step(struct reading *reading, struct batch *batch)
{
	enum input_result result = INPUT_BYTES;
	size_t have;
	size_t got = 0;
	char *memory = lines_room(&reading->lines, batch, &have);

	if (!reading->lines.full)
		result = input_read(reading->input, memory + have, LINES_BLOCK, &got);
	if (result == INPUT_BYTES || result == INPUT_END)
		lines_split(&reading->lines, batch, have + got, input_time(reading->input), result == INPUT_END);
	return result;
}

bool reading_over(enum input_result result, const struct batch *batch)
{
	return result != INPUT_BYTES && result != INPUT_NONE && batch->count == 0;
}

struct reading_place reading_place(const struct reading *reading)
{
	return (struct reading_place){.offset = reading->lines.offset,
	                              .done = input_done(reading->input),
	                              .cut_at = reading->lines.cut ? reading->lines.cut_at : -1};
}

void reading_release(struct reading *reading)
{
	input_free(&reading->input);
	lines_release(&reading->lines);
}
