/* SPDX-License-Identifier: Apache-2.0
 *
 * The search of rotated.h: one pass over the directory each time, since names
 * change under it while logrotate works. A directory that cannot be read
 * holds nothing.
 */
#include "daemon/source/rotated.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/source/backend.h"

struct candidate {
	char *name;
	const char *suffix; /* of the name: what follows the log file's own; NULL: not of its kind, or not known */
	int64_t inode;
	struct timespec written;
};

static const char *rotated_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static char *rotated_directory(const char *path)
{
	const char *base = rotated_base(path);

	return base == path ? memory_string(".", 1) : memory_string(path, (size_t)(base - path));
}

static bool rotated_packed(const char *name)
{
	static const char *const endings[] = {".gz", ".xz", ".bz2", ".zst", ".Z", ".lz4", ".lzma", ".zip"};
	size_t length = strlen(name);

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		size_t ending = strlen(endings[i]);

		if (length > ending && !strcmp(name + length - ending, endings[i]))
			return true;
	}
	return false;
}

/* ".1", "-20240131", ".2024-01-31-1706655600": a dot or hyphen, then digits and what stands between digits. */
static const char *rotated_suffix(const char *name, const char *base)
{
	size_t length = strlen(base);
	const char *suffix = name + length;

	if (strncmp(name, base, length) != 0 || (suffix[0] != '.' && suffix[0] != '-') ||
	    !isdigit((unsigned char)suffix[1]))
		return NULL;
	return suffix[strspn(suffix, "0123456789.-_T:")] == '\0' ? suffix : NULL;
}

/* A small number counts generations; anything longer is a date. */
static bool rotated_counts(const char *suffix)
{
	return strlen(suffix) <= 5 && suffix[1 + strspn(suffix + 1, "0123456789")] == '\0';
}

/* Whether a was written after b. */
static bool rotated_later(const struct candidate *a, const struct candidate *b)
{
	if (a->suffix && b->suffix && rotated_counts(a->suffix) && rotated_counts(b->suffix))
		return atoi(a->suffix + 1) < atoi(b->suffix + 1);
	if (a->suffix && b->suffix && !rotated_counts(a->suffix) && !rotated_counts(b->suffix))
		return strcmp(a->suffix, b->suffix) > 0;
	if (a->written.tv_sec != b->written.tv_sec)
		return a->written.tv_sec > b->written.tv_sec;
	return a->written.tv_nsec > b->written.tv_nsec;
}

/* The next regular file of the directory that is not packed; name is borrowed from it. False at the end. */
static bool rotated_scan(DIR *directory, const char *base, struct candidate *found)
{
	struct dirent *entry;
	struct stat status;

	while ((entry = readdir(directory))) {
		if (rotated_packed(entry->d_name) ||
		    fstatat(dirfd(directory), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) < 0 ||
		    !S_ISREG(status.st_mode))
			continue;
		found->name = entry->d_name;
		found->suffix = rotated_suffix(entry->d_name, base);
		found->inode = (int64_t)status.st_ino;
		found->written = status.st_mtim;
		return true;
	}
	return false;
}

/* Takes the place of what was kept before; the name becomes its own. */
static void rotated_keep(struct candidate *kept, const struct candidate *found, const char *base)
{
	free(kept->name);
	*kept = *found;
	kept->name = memory_string(found->name, strlen(found->name));
	kept->suffix = rotated_suffix(kept->name, base);
}

static char *rotated_path(const char *path, char *name)
{
	char *whole = name ? source_text("%.*s%s", (int)(rotated_base(path) - path), path, name) : NULL;

	free(name);
	return whole;
}

char *rotated_by_inode(const char *path, int64_t inode)
{
	char *name = rotated_directory(path);
	DIR *directory = opendir(name);
	struct candidate found;

	free(name);
	name = NULL;
	while (directory && !name && rotated_scan(directory, rotated_base(path), &found))
		if (found.inode == inode)
			name = memory_string(found.name, strlen(found.name));
	if (directory)
		closedir(directory);
	return rotated_path(path, name);
}

char *rotated_after(const char *path, const struct stat *before, int64_t current)
{
	const char *base = rotated_base(path);
	char *name = rotated_directory(path);
	DIR *directory = opendir(name);
	struct candidate mine = {NULL, NULL, (int64_t)before->st_ino, before->st_mtim};
	struct candidate next = {0};
	struct candidate found;

	free(name);
	while (directory && rotated_scan(directory, base, &found))
		if (found.inode == mine.inode && (!mine.name || found.suffix))
			rotated_keep(&mine, &found, base);
	if (directory)
		rewinddir(directory);
	while (directory && rotated_scan(directory, base, &found))
		if (found.suffix && found.inode != mine.inode && found.inode != current &&
		    rotated_later(&found, &mine) && (!next.name || rotated_later(&next, &found)))
			rotated_keep(&next, &found, base);
	if (directory)
		closedir(directory);
	free(mine.name);
	return rotated_path(path, next.name);
}
