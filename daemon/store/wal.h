/* SPDX-License-Identifier: Apache-2.0
 *
 * The write-ahead log, kept short. A reader that stays in one transaction keeps
 * what was written since in the log; one that comes whenever another leaves
 * keeps the log from beginning anew. The second is waited for, the first told.
 */
#ifndef MAILSTORM_STORE_WAL_H
#define MAILSTORM_STORE_WAL_H

#include "daemon/store/statement.h"

/* Sees after the log of an open database from now on, after each commit. */
void wal_tend(struct store *store);

/* Whether the database has its log beside it, as this program always leaves it. False too where there is no database. */
bool wal_missing(const char *path);

#endif
