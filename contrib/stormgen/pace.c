/* SPDX-License-Identifier: Apache-2.0
 *
 * When people write to the list: ever more of them, evenly, or by day only;
 * at one moment perhaps many at once. Times hang on the seed alone.
 */
#include <stdlib.h>

#include "plan.h"

#define WORKING (10 * HOUR)

static int by_time(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

/* Days of the first so many that are worked on; and the time from the start after so much work. */
static int64_t working_days(const struct options *o, int64_t days)
{
	return o->pace == PACE_WORKDAYS ? days / 7 * 5 + (days % 7 < 5 ? days % 7 : 5) : days;
}

static int64_t clock_of_work(const struct options *o, int64_t worked)
{
	int64_t day = worked / WORKING;

	return (o->pace == PACE_WORKDAYS ? day / 5 * 7 + day % 5 : day) * DAY + worked % WORKING;
}

static int64_t random_time(const struct options *o, double u)
{
	switch ((enum pace)o->pace) {
	case PACE_RISING: return (int64_t)((double)o->duration * (0.25 + 0.75 * u) * (0.25 + 0.75 * u));
	case PACE_EVEN: return (int64_t)((double)o->duration * u);
	case PACE_DAILY:
	case PACE_WORKDAYS: break;
	}
	return clock_of_work(o, (int64_t)((double)(working_days(o, o->duration / DAY) * WORKING - SECOND) * u));
}

/* Those in the middle are sent within one second. */
static void crowd(int64_t *times, uint32_t count, uint32_t many, uint64_t *state)
{
	int64_t second;

	if (many == 0 || many + 2 > count)
		return;
	second = times[count / 2] - times[count / 2] % SECOND;
	for (uint32_t i = 0; i < many; i++)
		times[count / 2 + i] = second + 10000 + (int64_t)random_below(state, 800000);
	for (uint32_t i = count / 2 + many; i < count && times[i] < second + SECOND; i++)
		times[i] = second + SECOND;
}

/* From 0, the last at the end of the duration. None so near to the end of a second that the line about it might fall
 * into the next. */
int64_t *plan_times(const struct plan *plan, uint32_t count)
{
	const struct options *o = plan->options;
	uint64_t state = random_mix((uint64_t)o->seed * 31 + 7);
	int64_t *times = calloc(count ? count : 1, sizeof(*times));

	if (!times)
		abort();
	for (uint32_t i = 1; i < count; i++)
		times[i] = random_time(o, i + 1 == count ? 1 : random_unit(&state));
	qsort(times, count, sizeof(*times), by_time);
	crowd(times, count, (uint32_t)o->burst, &state);
	qsort(times, count, sizeof(*times), by_time);
	for (uint32_t i = 0; i < count; i++) {
		if (i > 0 && times[i] < times[i - 1] + 20000)
			times[i] = times[i - 1] + 20000;
		times[i] += o->start + 1000;
		if (times[i] % SECOND > 950000)
			times[i] += SECOND - times[i] % SECOND + 1000 + (int64_t)random_below(&state, 9000);
		times[i] -= o->start;
	}
	return times;
}
