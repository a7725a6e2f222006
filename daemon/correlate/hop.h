/* SPDX-License-Identifier: Apache-2.0
 *
 * Hops of a message: its queue files by host, by whether the host handed them
 * to itself (a content filter, a list manager), and how often. Which hop stands before
 * which is told by hand-over links between their files.
 */
#ifndef MAILSTORM_CORRELATE_HOP_H
#define MAILSTORM_CORRELATE_HOP_H

#include "daemon/correlate/state.h"

/* The hop number of a file in its message, made where it is new; notes which hop its parent is at. */
uint32_t hop_of(struct state *state, uint32_t message, uint32_t file);

/* The number in `message` of a hop like this one, made where it is new. */
uint32_t hop_adopt(struct state *state, uint32_t message, const struct hop *like);

/* The client, NAME[ADDRESS], is the host itself. */
bool hop_loopback(struct slice client);

/* The file was submitted on the host itself: by sendmail(1), or through its loopback interface. */
bool hop_within(const struct state *state, const struct file *file);

/* How many hops stand before each: depth[i] for hop i. */
void hop_depths(const struct state *state, const struct message *message, unsigned *depth);

#endif
