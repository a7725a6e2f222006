/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists by address.
 */
#ifndef MAILSTORM_CORRELATE_LIST_H
#define MAILSTORM_CORRELATE_LIST_H

#include "daemon/correlate/state.h"

/* The list of an address number, or 0. */
uint32_t list_find(const struct state *state, uint32_t address);
/* The same, made where it is new. */
uint32_t list_of(struct state *state, uint32_t address, enum list_kind kind);
/* Forgets a recipient set without posts or incidents at hand: no later post can be one to it. */
void list_forget(struct state *state, uint32_t list);
/* Puts a loaded list into the table. */
void list_enchain(struct state *state, uint32_t list);

#endif
