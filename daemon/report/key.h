/* SPDX-License-Identifier: Apache-2.0
 *
 * The key of a database that has addresses as keyed hashes: whose it is, and
 * what it opens.
 */
#ifndef MAILSTORM_REPORT_KEY_H
#define MAILSTORM_REPORT_KEY_H

#include "daemon/base/privacy.h"
#include "daemon/report/reader.h"

/* Whether the database has addresses as keyed hashes. */
bool key_needed(struct reader *reader);

/* The key, of that file or, where path is NULL, of the file that the daemon had it from. NULL where it cannot be used
 * or is another's, with *why (malloc'ed; NULL where no file is known). */
struct privacy *key_load(struct reader *reader, const char *path, char **why);

/* From now on the SQL function opened() gives the text of what was sealed. The key must outlive the statements. */
void key_open(struct reader *reader, struct privacy *key);

#endif
