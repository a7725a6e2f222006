/* SPDX-License-Identifier: Apache-2.0
 *
 * The thread of ahead.h, and the blocks between it and the owner. What is
 * shared is behind the lock, but two things: the reading is the thread's
 * alone, and a block that is not among those given is too. A batch changes
 * hands by an exchange with the owner's empty one, so that no byte is copied.
 * The thread sleeps where all blocks are given, or in poll(2) where a pipe
 * is empty. Aborts when memory or descriptors run out.
 */
#include "daemon/source/ahead.h"

#include <assert.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "daemon/base/memory.h"

struct block {
	struct batch *batch;
	enum input_result result;
	struct reading_place place;
};

struct ahead {
	struct reading *reading;
	pthread_t thread;
	int pipe;             /* of the input; -1: a file */
	int wakeup;           /* eventfd(2), of a pipe: for the owner, who found it empty */
	int halt;             /* eventfd(2), of a pipe: for the thread, that waits for it */
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t given; /* a block, or that the pipe is empty */
	pthread_cond_t taken;
	struct block blocks[AHEAD_BLOCKS];
	unsigned first, count; /* those that are given */
	bool empty;            /* the thread waits for the pipe */
	bool awaited;          /* and the owner was told so */
	bool stop;
};

/* The block to fill next, or NULL: to stop. */
static struct block *ahead_room(struct ahead *ahead)
{
	struct block *block;

	pthread_mutex_lock(&ahead->lock);
	while (ahead->count == AHEAD_BLOCKS && !ahead->stop)
		pthread_cond_wait(&ahead->taken, &ahead->lock);
	block = ahead->stop ? NULL : &ahead->blocks[(ahead->first + ahead->count) % AHEAD_BLOCKS];
	pthread_mutex_unlock(&ahead->lock);
	return block;
}

static void wakeup_write(int wakeup)
{
	const uint64_t one = 1;
	ssize_t written = write(wakeup, &one, sizeof(one));

	assert(written == sizeof(one));
}

static void ahead_give(struct ahead *ahead)
{
	pthread_mutex_lock(&ahead->lock);
	ahead->count++;
	pthread_cond_signal(&ahead->given);
	if (ahead->awaited)
		wakeup_write(ahead->wakeup);
	ahead->awaited = false;
	pthread_mutex_unlock(&ahead->lock);
}

static void ahead_set_empty(struct ahead *ahead, bool empty)
{
	pthread_mutex_lock(&ahead->lock);
	ahead->empty = empty;
	pthread_cond_signal(&ahead->given);
	pthread_mutex_unlock(&ahead->lock);
}

/* Until the pipe has something, or ended, or the owner stops the thread. */
static void ahead_wait(struct ahead *ahead)
{
	struct pollfd ready[2] = {{.fd = ahead->pipe, .events = POLLIN}, {.fd = ahead->halt, .events = POLLIN}};

	if (ahead->pipe < 0)
		return;
	ahead_set_empty(ahead, true);
	poll(ready, 2, -1);
	ahead_set_empty(ahead, false);
}

static void *ahead_run(void *with)
{
	struct ahead *ahead = with;
	struct block *block;
	bool over = false;

	while (!over && (block = ahead_room(ahead))) {
		block->result = reading_step(ahead->reading, block->batch);
		block->place = reading_place(ahead->reading);
		over = reading_over(block->result, block->batch);
		if (block->result == INPUT_NONE)
			ahead_wait(ahead);
		else
			ahead_give(ahead);
	}
	return NULL;
}

/* Signals are for the owner: one that comes ends its waiting. */
static bool ahead_start(struct ahead *ahead)
{
	sigset_t all, before;
	int code;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	code = pthread_create(&ahead->thread, NULL, ahead_run, ahead);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (code == 0)
		pthread_setname_np(ahead->thread, "read-ahead");
	return code == 0;
}

static int wakeup_new(void)
{
	int wakeup = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (wakeup < 0)
		abort();
	return wakeup;
}

static void ahead_release(struct ahead *ahead)
{
	for (unsigned i = 0; i < AHEAD_BLOCKS; i++)
		batch_free(&ahead->blocks[i].batch);
	if (ahead->pipe >= 0) {
		close(ahead->wakeup);
		close(ahead->halt);
	}
	pthread_mutex_destroy(&ahead->lock);
	pthread_cond_destroy(&ahead->given);
	pthread_cond_destroy(&ahead->taken);
	free(ahead);
}

struct ahead *ahead_new(struct reading *reading)
{
	struct ahead *ahead = memory_zeroed(1, sizeof(*ahead));

	ahead->reading = reading;
	ahead->pipe = input_pipe(reading->input);
	ahead->wakeup = ahead->pipe < 0 ? -1 : wakeup_new();
	ahead->halt = ahead->pipe < 0 ? -1 : wakeup_new();
	pthread_mutex_init(&ahead->lock, NULL);
	pthread_cond_init(&ahead->given, NULL);
	pthread_cond_init(&ahead->taken, NULL);
	for (unsigned i = 0; i < AHEAD_BLOCKS; i++)
		ahead->blocks[i].batch = batch_new();
	if (ahead_start(ahead))
		return ahead;
	ahead_release(ahead);
	return NULL;
}

void ahead_free(struct ahead **ahead)
{
	if (!*ahead)
		return;
	pthread_mutex_lock(&(*ahead)->lock);
	(*ahead)->stop = true;
	pthread_cond_signal(&(*ahead)->taken);
	pthread_mutex_unlock(&(*ahead)->lock);
	if ((*ahead)->pipe >= 0)
		wakeup_write((*ahead)->halt);
	pthread_join((*ahead)->thread, NULL);
	ahead_release(*ahead);
	*ahead = NULL;
}

/* The pipe has nothing. Where it has, the thread is about to wake: what it reads is waited for. */
static bool ahead_is_empty(const struct ahead *ahead)
{
	struct pollfd ready = {.fd = ahead->pipe, .events = POLLIN};

	return ahead->empty && poll(&ready, 1, 0) == 0;
}

static enum input_result ahead_none(struct ahead *ahead)
{
	uint64_t before;

	/* Of what was taken without a wait. */
	if (read(ahead->wakeup, &before, sizeof(before)) > 0)
		assert(!ahead->awaited);
	ahead->awaited = true;
	return INPUT_NONE;
}

/* The batch's own number of its partition stays. */
static enum input_result ahead_take(struct ahead *ahead, struct batch *batch, struct reading_place *place)
{
	struct block *block = &ahead->blocks[ahead->first];
	struct batch mine = *batch;

	assert(batch->count == 0 && !batch->held);
	*batch = *block->batch;
	batch->partition = mine.partition;
	*block->batch = mine;
	*place = block->place;
	ahead->first = (ahead->first + 1) % AHEAD_BLOCKS;
	ahead->count--;
	/* Not at each one: waking a thread costs more than it does for one block. */
	if (ahead->count == AHEAD_BLOCKS / 2)
		pthread_cond_signal(&ahead->taken);
	return block->result;
}

enum input_result ahead_step(struct ahead *ahead, struct batch *batch, struct reading_place *place)
{
	enum input_result result;

	pthread_mutex_lock(&ahead->lock);
	while (ahead->count == 0 && !ahead_is_empty(ahead))
		pthread_cond_wait(&ahead->given, &ahead->lock);
	result = ahead->count ? ahead_take(ahead, batch, place) : ahead_none(ahead);
	pthread_mutex_unlock(&ahead->lock);
	return result;
}

int ahead_pipe(const struct ahead *ahead)
{
	return ahead->wakeup;
}
