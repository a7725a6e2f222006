/* SPDX-License-Identifier: Apache-2.0
 *
 * The story of an incident in plain sentences, for those who read no tables.
 */
#ifndef MAILSTORM_REPORT_STORY_H
#define MAILSTORM_REPORT_STORY_H

#include <sqlite3.h>

#include "daemon/report/prose.h"

/* facts: stands on the row of the statement show.facts. */
void story_tell(struct prose *prose, sqlite3_stmt *facts);

#endif
