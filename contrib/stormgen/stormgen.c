/* SPDX-License-Identifier: Apache-2.0
 *
 * stormgen: writes the log lines that Postfix servers would write in a mail
 * storm, and a file that says what happened in it. Options, then one call
 * each; exits 0, 1 where something failed, 2 for wrong usage.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "world.h"

static bool write_truth(const struct world *world, const struct truth *truth, const struct sink *sink, const char *path)
{
	struct truth_output output = {
		.host_lines = sink->host_lines,
		.told_again = sink->told_again,
		.taken_out = sink->taken_out + truth->lost_lines,
		.as_of = sink->latest,
	};
	struct queued_row *queued = world_queued(world, &output.queued_count);
	bool written;

	output.queued = queued;
	output.file = fopen(path, "w");
	if (output.file) {
		truth_write(truth, &output);
		written = !ferror(output.file);
		written = fclose(output.file) == 0 && written;
	} else {
		written = false;
	}
	if (!written)
		fprintf(stderr, "stormgen: %s: %s\n", path, strerror(errno));
	free(queued);
	return written;
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool run(const struct options *options)
{
	struct plan *plan = plan_new(options);
	struct truth *truth = truth_new(plan);
	char *error = NULL;
	struct sink *sink = sink_new(options, plan->hosts, plan->host_count, &error);
	struct world *world;
	double begun = seconds(), spent;
	bool done;

	if (!sink) {
		fprintf(stderr, "stormgen: %s\n", error);
		free(error);
		truth_free(&truth);
		plan_free(&plan);
		return false;
	}
	world = world_new(plan, truth, sink);
	world_run(world);
	done = sink_finish(sink);
	spent = seconds() - begun;
	if (!done)
		fprintf(stderr, "stormgen: %s\n", sink->error);
	else
		fprintf(stderr, "stormgen: %" PRIu64 " lines in %.2f s, %.0f a second\n", sink->lines, spent,
		        (double)sink->lines / (spent > 0 ? spent : 1e-9));
	if (done && options->truth)
		done = write_truth(world, truth, sink, options->truth);
	world_free(&world);
	sink_free(&sink);
	truth_free(&truth);
	plan_free(&plan);
	return done;
}

int main(int argc, char **argv)
{
	struct options options;

	switch (options_parse(&options, argc, argv)) {
	case OPTIONS_HELP: return 0;
	case OPTIONS_WRONG: return 2;
	case OPTIONS_RUN: break;
	}
	return run(&options) ? 0 : 1;
}
