/* SPDX-License-Identifier: Apache-2.0
 *
 * Makes a mailstormd of its own out of the daemon's main: one that ends at a
 * call of its database which the environment names, by SIGKILL or as by a power
 * cut (what no sync covered is then lost, wholly or in part). Its database is
 * reached through the failing disk of faulty_vfs.h.
 *
 *   FAULTY_END    kill CALL, or cut CALL SEED; calls are counted from 1
 *   FAULTY_COUNT  a file: on an end of its own the daemon writes there how many
 *                 calls it made
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "faulty_vfs.h"

/* One for the process, as the VFS is. */
static unsigned seed;
static bool cut;

static void end(void)
{
	if (cut)
		faulty_cut((enum faulty_rest)(seed % 3), seed);
	raise(SIGKILL);
}

static void count(void)
{
	FILE *file = fopen(getenv("FAULTY_COUNT"), "w");

	if (!file)
		return;
	fprintf(file, "%ld\n", faulty_counted());
	fclose(file);
}

/* What is watched is safe as it is found: the power was on since. */
__attribute__((constructor)) static void begin(void)
{
	const struct faulty_plan plan = {.calls = FAULTY_ALL};
	const char *words = getenv("FAULTY_END");
	long call = 0;

	faulty_install();
	faulty_plan(&plan);
	if (getenv("FAULTY_COUNT"))
		atexit(count);
	if (words && sscanf(words, "kill %ld", &call) == 1) {
		faulty_at(call, end);
	} else if (words && sscanf(words, "cut %ld %u", &call, &seed) == 2) {
		cut = true;
		faulty_watch();
		faulty_at(call, end);
	}
}
