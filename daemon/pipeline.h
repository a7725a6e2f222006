/* SPDX-License-Identifier: Apache-2.0
 *
 * The whole way of a line, from source to store; the only file that knows
 * every stage. One thread (the caller's) reads sources, owns the state and
 * writes the store; workers parse.
 */
#ifndef MAILSTORM_PIPELINE_H
#define MAILSTORM_PIPELINE_H

#include <signal.h>
#include <stdbool.h>

#include "daemon/base/notice.h"
#include "daemon/base/service.h"
#include "settings.h"
#include "source.h"

struct privacy;
struct rules;

struct pipeline_options {
	const struct settings *settings;
	const struct rules *rules;
	struct source *source;
	const char *database;
	const struct privacy *privacy; /* addresses are written under its key; NULL: plain */
	struct notice *notice;
	struct service *service;
	bool live;                         /* waits for more; else ends where the source does */
	bool resume;                       /* partitions go on where the store left off */
	bool progress;                     /* a progress bar on standard error */
	const volatile sig_atomic_t *stop; /* set: take in what is read, write, end */
	volatile sig_atomic_t *reload;     /* set: load() again; NULL: never */
	/* Loads settings and rules anew; false: keep the old ones. with: load_with. */
	bool (*load)(void *with, const struct settings **settings, const struct rules **rules);
	void *load_with;
};

/* Runs until the end, or until stopped. False where the store or a source failed; the notice says how. */
bool pipeline_run(const struct pipeline_options *options);

#endif
