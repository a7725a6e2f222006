/* SPDX-License-Identifier: Apache-2.0
 *
 * The judgement of position.h. It knows numbers only: no broker, no error.
 */
#include "daemon/source/position.h"

enum position_verdict position_judge(const struct position *position, int64_t offset, int64_t *missing, int64_t *hole)
{
	*missing = 0;
	*hole = 0;
	if (position->next < 0 || offset == position->next)
		return POSITION_NEXT;
	if (offset < position->next)
		return position->reset ? POSITION_ANEW : POSITION_AGAIN;
	if (position->reset || position->damage) {
		*missing = offset - position->next;
		return POSITION_GAP;
	}
	*hole = offset - position->next;
	return POSITION_NEXT;
}

void position_move(struct position *position, int64_t next)
{
	*position = (struct position){.next = next};
}
