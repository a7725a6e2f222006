/* SPDX-License-Identifier: Apache-2.0
 *
 * A disk that fails on command, for tests: an SQLite VFS over the system's own,
 * the process' default once installed. It counts the calls that SQLite makes,
 * fails the n-th or all from the n-th on, and knows what a power cut would have
 * left of each file: what a sync covered, and of the rest as much as chance will.
 * SQLite's waits take no time here. For one thread.
 */
#ifndef MAILSTORM_TESTS_FAULTY_VFS_H
#define MAILSTORM_TESTS_FAULTY_VFS_H

#include <stdbool.h>

enum faulty_call {
	FAULTY_OPEN = 1 << 0,
	FAULTY_READ = 1 << 1,
	FAULTY_WRITE = 1 << 2,
	FAULTY_SYNC = 1 << 3,
	FAULTY_TRUNCATE = 1 << 4,
	FAULTY_LOCK = 1 << 5, /* of files and of the WAL's index; giving back never fails */
	FAULTY_SIZE = 1 << 6, /* what is asked of a file: its size, whether it is there */
	FAULTY_DELETE = 1 << 7,
	FAULTY_MAP = 1 << 8, /* the WAL's index */
	FAULTY_ALL = (1 << 9) - 1
};

struct faulty_plan {
	int calls;    /* enum faulty_call, joined: those that are counted, and fail */
	long from;    /* the first that fails, from 1; 0: none */
	bool lasting; /* all after it too, until faulty_heal() */
	int result;   /* SQLITE_FULL, SQLITE_IOERR_READ, ... */
};

/* Makes it the process' default. Once. */
void faulty_install(void);

/* Counts from 0 on, fails as planned. */
void faulty_plan(const struct faulty_plan *plan);
/* No call fails from now on; counting goes on. */
void faulty_heal(void);

/* Calls counted, and calls failed, since the plan. */
long faulty_counted(void);
long faulty_failed(void);

/* Called in each wait of SQLite, with the microseconds that it would have waited in all since the plan. NULL: nobody. */
void faulty_on_wait(void (*wait)(void *with, long waited), void *with);

/* Called before the n-th call that is counted, from 1, since the plan. */
void faulty_at(long call, void (*then)(void));

/* What is in files as they are opened from now on is safe; what is written after that is when it is synced. */
void faulty_watch(void);

enum faulty_rest {
	FAULTY_NOTHING, /* of what no sync covered */
	FAULTY_WHOLE,   /* what the end of a process leaves */
	FAULTY_SOME     /* some writes, some in part, some not, as the seed says */
};

/* The power was cut: files become what the disk has of them. Nothing may have them open. Ends the watch. */
void faulty_cut(enum faulty_rest rest, unsigned seed);

#endif
