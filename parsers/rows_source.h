/* SPDX-License-Identifier: Apache-2.0
 *
 * The inside of struct envelope_source (envelope.h): what one source's headers
 * and unfinished documents say of its next lines.
 */
#ifndef MAILSTORM_PARSERS_ROWS_SOURCE_H
#define MAILSTORM_PARSERS_ROWS_SOURCE_H

#include "envelope.h"
#include "parsers/trace.h"
#include "parsers/tracking.h"
#include "parsers/unended.h"

struct envelope_source {
	struct tracking *tracking;
	struct trace trace;
	struct unended_rows held;
};

#endif
