/* SPDX-License-Identifier: Apache-2.0
 *
 * The store's inside: rows of queue files that are out of memory, see
 * correlate/spill.h, whose interface this implements.
 */
#ifndef MAILSTORM_STORE_SPILLED_H
#define MAILSTORM_STORE_SPILLED_H

#include "daemon/correlate/spill.h"
#include "daemon/store/codec.h"
#include "daemon/store/statement.h"

/* Packing needs no database: `with` is not used. */
void spilled_pack(void *with, const struct state *state, const struct file *file, uint32_t message,
                  struct spilled *row);
bool spilled_unpack(void *with, struct state *state, struct spilled *row, struct file *file, struct message *message,
                    bool *has_message);

/* Writes the rows that left and deletes those that came back. */
bool put_spilled(struct store *store, const struct state *state);

/* After the rest of the state: counts what is out of memory, and lets the state use this store. */
bool load_spilled(struct store *store, struct state *state);

#endif
