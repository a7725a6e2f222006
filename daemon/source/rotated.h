/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a log file went when it was rotated. Its old selves lie beside it as
 * NAME.1, NAME.2 ..., or NAME-20240131, NAME.2024-01-31 ...; packed ones are
 * not looked at, their bytes cannot be told from others'.
 */
#ifndef MAILSTORM_SOURCE_ROTATED_H
#define MAILSTORM_SOURCE_ROTATED_H

#include <stdint.h>
#include <sys/stat.h>

/* The path (malloc'ed) of the file in the directory of `path`, whatever its name, that has this inode; or NULL. */
char *rotated_by_inode(const char *path, int64_t inode);

/* The path (malloc'ed) of the old self of `path` that was written right after the one that `before` tells of: told
 * by the names, and by the modification times where the names do not tell. `current`: the inode that `path` itself
 * has, or 0. NULL where none lies between the two. */
char *rotated_after(const char *path, const struct stat *before, int64_t current);

#endif
