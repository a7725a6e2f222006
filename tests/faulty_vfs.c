/* SPDX-License-Identifier: Apache-2.0
 *
 * A failing disk, see faulty_vfs.h. A file is the system's file behind a table
 * of methods of ours. Of watched files it keeps an image of what is safe, and
 * the writes since the last sync. Trouble of its own ends the test by an assert.
 */
#include "faulty_vfs.h"

#include <assert.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECTOR 512
#define DISK_FILES 8

/* One write or, without bytes, one truncation. */
struct disk_write {
	char *bytes;
	int64_t at;
	size_t length;
};

struct disk_file {
	char *path;
	char *bytes; /* what is safe */
	size_t size, capacity;
	struct disk_write *writes; /* what is not */
	size_t count, room;
};

struct faulty_file {
	sqlite3_file base;
	struct disk_file *disk; /* NULL: not watched */
	sqlite3_file *real;     /* behind this struct */
};

/* One for the process, as the VFS is. */
static struct {
	sqlite3_vfs vfs, *real;
	struct faulty_plan plan;
	bool healed, watching;
	long counted, failed, waited;
	void (*wait)(void *with, long waited);
	void *with;
	long then_at;
	void (*then)(void);
	struct disk_file files[DISK_FILES];
	unsigned file_count;
} faulty;

static bool fails(enum faulty_call call)
{
	long from = faulty.plan.from;

	if (!(faulty.plan.calls & (int)call))
		return false;
	faulty.counted++;
	if (faulty.then && faulty.counted == faulty.then_at)
		faulty.then();
	if (!from || faulty.healed || faulty.counted < from || (faulty.counted > from && !faulty.plan.lasting))
		return false;
	faulty.failed++;
	return true;
}

static void *checked(void *memory)
{
	assert(memory);
	return memory;
}

static void disk_apply(struct disk_file *disk, int64_t at, const char *bytes, size_t length)
{
	size_t end = (size_t)at + length;

	if (end > disk->capacity) {
		disk->capacity = end * 2;
		disk->bytes = checked(realloc(disk->bytes, disk->capacity));
	}
	if (!bytes) {
		if (end < disk->size)
			disk->size = end;
		return;
	}
	if (end > disk->size) {
		memset(disk->bytes + disk->size, 0, end - disk->size);
		disk->size = end;
	}
	memcpy(disk->bytes + at, bytes, length);
}

static void disk_forget(struct disk_file *disk)
{
	for (size_t i = 0; i < disk->count; i++)
		free(disk->writes[i].bytes);
	disk->count = 0;
}

static void disk_sync(struct disk_file *disk)
{
	for (size_t i = 0; i < disk->count; i++)
		disk_apply(disk, disk->writes[i].at, disk->writes[i].bytes, disk->writes[i].length);
	disk_forget(disk);
}

static void disk_write(struct disk_file *disk, const void *bytes, size_t length, int64_t at)
{
	struct disk_write *write;

	if (disk->count == disk->room) {
		disk->room = disk->room * 2 + 64;
		disk->writes = checked(realloc(disk->writes, disk->room * sizeof(*disk->writes)));
	}
	write = &disk->writes[disk->count++];
	*write = (struct disk_write){.at = at, .length = length};
	if (bytes)
		write->bytes = memcpy(checked(malloc(length + 1)), bytes, length);
}

/* The file of a path; one that is opened first is read: it is safe. */
static struct disk_file *disk_open(const char *path)
{
	struct disk_file *disk;
	struct stat status;
	int descriptor;

	for (unsigned i = 0; i < faulty.file_count; i++)
		if (strcmp(faulty.files[i].path, path) == 0)
			return &faulty.files[i];
	assert(faulty.file_count < DISK_FILES);
	disk = &faulty.files[faulty.file_count++];
	*disk = (struct disk_file){.path = checked(strdup(path))};
	descriptor = open(path, O_RDONLY | O_CLOEXEC);
	if (descriptor < 0)
		return disk;
	assert(fstat(descriptor, &status) == 0);
	disk->size = disk->capacity = (size_t)status.st_size;
	disk->bytes = checked(malloc(disk->size + 1));
	assert(read(descriptor, disk->bytes, disk->size) == (ssize_t)disk->size);
	close(descriptor);
	return disk;
}

static sqlite3_file *real_of(sqlite3_file *file)
{
	return ((struct faulty_file *)file)->real;
}

static struct disk_file *disk_of(sqlite3_file *file)
{
	return ((struct faulty_file *)file)->disk;
}

static int faulty_close(sqlite3_file *file)
{
	return real_of(file)->pMethods->xClose(real_of(file));
}

static int faulty_read(sqlite3_file *file, void *bytes, int length, sqlite3_int64 at)
{
	if (fails(FAULTY_READ))
		return faulty.plan.result;
	return real_of(file)->pMethods->xRead(real_of(file), bytes, length, at);
}

static int faulty_write(sqlite3_file *file, const void *bytes, int length, sqlite3_int64 at)
{
	if (fails(FAULTY_WRITE))
		return faulty.plan.result;
	if (disk_of(file))
		disk_write(disk_of(file), bytes, (size_t)length, at);
	return real_of(file)->pMethods->xWrite(real_of(file), bytes, length, at);
}

static int faulty_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	if (fails(FAULTY_TRUNCATE))
		return faulty.plan.result;
	if (disk_of(file))
		disk_write(disk_of(file), NULL, 0, size);
	return real_of(file)->pMethods->xTruncate(real_of(file), size);
}

static int faulty_sync(sqlite3_file *file, int flags)
{
	if (fails(FAULTY_SYNC))
		return faulty.plan.result;
	if (disk_of(file))
		disk_sync(disk_of(file));
	(void)flags; /* the test's own disk need not be asked */
	return SQLITE_OK;
}

static int faulty_size(sqlite3_file *file, sqlite3_int64 *size)
{
	return fails(FAULTY_SIZE) ? faulty.plan.result : real_of(file)->pMethods->xFileSize(real_of(file), size);
}

static int faulty_lock(sqlite3_file *file, int level)
{
	return fails(FAULTY_LOCK) ? faulty.plan.result : real_of(file)->pMethods->xLock(real_of(file), level);
}

static int faulty_unlock(sqlite3_file *file, int level)
{
	return real_of(file)->pMethods->xUnlock(real_of(file), level);
}

static int faulty_reserved(sqlite3_file *file, int *reserved)
{
	return fails(FAULTY_LOCK) ? faulty.plan.result
	                          : real_of(file)->pMethods->xCheckReservedLock(real_of(file), reserved);
}

static int faulty_control(sqlite3_file *file, int what, void *with)
{
	return real_of(file)->pMethods->xFileControl(real_of(file), what, with);
}

static int faulty_sector(sqlite3_file *file)
{
	return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int faulty_character(sqlite3_file *file)
{
	return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static int faulty_map(sqlite3_file *file, int page, int size, int extend, void volatile **memory)
{
	if (fails(FAULTY_MAP)) {
		*memory = NULL;
		return faulty.plan.result;
	}
	return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, memory);
}

static int faulty_map_lock(sqlite3_file *file, int offset, int count, int flags)
{
	if ((flags & SQLITE_SHM_LOCK) && fails(FAULTY_LOCK))
		return faulty.plan.result;
	return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}

static void faulty_barrier(sqlite3_file *file)
{
	real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static int faulty_unmap(sqlite3_file *file, int delete)
{
	return real_of(file)->pMethods->xShmUnmap(real_of(file), delete);
}

/* Version 2: no memory maps of the database, so that all reads are calls. */
static const sqlite3_io_methods methods = {.iVersion = 2,
                                           .xClose = faulty_close,
                                           .xRead = faulty_read,
                                           .xWrite = faulty_write,
                                           .xTruncate = faulty_truncate,
                                           .xSync = faulty_sync,
                                           .xFileSize = faulty_size,
                                           .xLock = faulty_lock,
                                           .xUnlock = faulty_unlock,
                                           .xCheckReservedLock = faulty_reserved,
                                           .xFileControl = faulty_control,
                                           .xSectorSize = faulty_sector,
                                           .xDeviceCharacteristics = faulty_character,
                                           .xShmMap = faulty_map,
                                           .xShmLock = faulty_map_lock,
                                           .xShmBarrier = faulty_barrier,
                                           .xShmUnmap = faulty_unmap};

static int faulty_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *out)
{
	struct faulty_file *own = (struct faulty_file *)file;
	const int lasting = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL;
	int result;

	(void)vfs;
	file->pMethods = NULL;
	if (fails(FAULTY_OPEN))
		return faulty.plan.result;
	own->disk = faulty.watching && path && (flags & lasting) ? disk_open(path) : NULL;
	own->real = (sqlite3_file *)(own + 1);
	result = faulty.real->xOpen(faulty.real, path, own->real, flags, out);
	if (own->real->pMethods)
		file->pMethods = &methods;
	return result;
}

static int faulty_delete(sqlite3_vfs *vfs, const char *path, int durable)
{
	(void)vfs;
	if (fails(FAULTY_DELETE))
		return faulty.plan.result;
	for (unsigned i = 0; i < faulty.file_count; i++)
		if (strcmp(faulty.files[i].path, path) == 0) {
			disk_forget(&faulty.files[i]);
			faulty.files[i].size = 0;
		}
	return faulty.real->xDelete(faulty.real, path, durable);
}

static int faulty_access(sqlite3_vfs *vfs, const char *path, int flags, int *answer)
{
	(void)vfs;
	return fails(FAULTY_SIZE) ? faulty.plan.result : faulty.real->xAccess(faulty.real, path, flags, answer);
}

static int faulty_sleep(sqlite3_vfs *vfs, int microseconds)
{
	(void)vfs;
	faulty.waited += microseconds;
	if (faulty.wait)
		faulty.wait(faulty.with, faulty.waited);
	return microseconds;
}

void faulty_install(void)
{
	faulty.real = sqlite3_vfs_find(NULL);
	assert(faulty.real);
	faulty.vfs = *faulty.real;
	faulty.vfs.pNext = NULL;
	faulty.vfs.zName = "faulty";
	faulty.vfs.szOsFile = (int)sizeof(struct faulty_file) + faulty.real->szOsFile;
	faulty.vfs.xOpen = faulty_open;
	faulty.vfs.xDelete = faulty_delete;
	faulty.vfs.xAccess = faulty_access;
	faulty.vfs.xSleep = faulty_sleep;
	assert(sqlite3_vfs_register(&faulty.vfs, 1) == SQLITE_OK);
}

void faulty_plan(const struct faulty_plan *plan)
{
	faulty.plan = *plan;
	faulty.healed = false;
	faulty.counted = faulty.failed = faulty.waited = 0;
}

void faulty_heal(void)
{
	faulty.healed = true;
}

long faulty_counted(void)
{
	return faulty.counted;
}

long faulty_failed(void)
{
	return faulty.failed;
}

void faulty_on_wait(void (*wait)(void *with, long waited), void *with)
{
	faulty.wait = wait;
	faulty.with = with;
}

void faulty_at(long call, void (*then)(void))
{
	faulty.then_at = call;
	faulty.then = then;
}

void faulty_watch(void)
{
	assert(!faulty.file_count);
	faulty.watching = true;
}

/* What is left of a write: all, nothing, or its first sectors. */
static size_t disk_share(const struct disk_write *write, enum faulty_rest rest, unsigned *seed)
{
	unsigned chance = (unsigned)rand_r(seed);

	if (rest == FAULTY_WHOLE || chance % 3 == 0)
		return write->length;
	return chance % 3 == 1 ? 0 : write->length / SECTOR * (chance / 3 % 100) / 100 * SECTOR;
}

static void disk_cut(struct disk_file *disk, enum faulty_rest rest, unsigned *seed)
{
	int descriptor;

	for (size_t i = 0; i < disk->count && rest != FAULTY_NOTHING; i++) {
		const struct disk_write *write = &disk->writes[i];
		size_t share = disk_share(write, rest, seed);

		if (share || (!write->bytes && (rest == FAULTY_WHOLE || rand_r(seed) % 2)))
			disk_apply(disk, write->at, write->bytes, share);
	}
	disk_forget(disk);
	if (access(disk->path, F_OK) == 0) {
		descriptor = open(disk->path, O_WRONLY | O_TRUNC | O_CLOEXEC);
		assert(descriptor >= 0);
		assert(write(descriptor, disk->bytes, disk->size) == (ssize_t)disk->size);
		close(descriptor);
	}
	free(disk->bytes);
	free(disk->writes);
	free(disk->path);
}

void faulty_cut(enum faulty_rest rest, unsigned seed)
{
	char index[4096];

	for (unsigned i = 0; i < faulty.file_count; i++) {
		snprintf(index, sizeof(index), "%s-shm", faulty.files[i].path);
		unlink(index);
		disk_cut(&faulty.files[i], rest, &seed);
	}
	faulty.file_count = 0;
	faulty.watching = false;
}
