/* SPDX-License-Identifier: Apache-2.0
 *
 * One row of comma-separated values (RFC 4180) in its fields; what separates them
 * may be another character.
 */
#ifndef MAILSTORM_PARSERS_CSV_H
#define MAILSTORM_PARSERS_CSV_H

#include "parsers/arena.h"
#include "slice.h"

/* Cuts the line where `comma` stands. A quoted field loses its quotes; one in which quotes are doubled is written anew in the
 * arena, all others point into the line. Returns the number of fields, of which at most `most` are put into `fields`; 0
 * where a quote is not closed: the rest of the field stands in the next line, or is lost. */
size_t csv_split(struct slice line, char comma, struct arena *arena, struct slice *fields, size_t most);

/* How a line ends: within a cell; as RFC 4180 has it; or otherwise (text behind a closing quote, a quote in a bare cell). */
enum csv_end { CSV_OPEN, CSV_WHOLE, CSV_LOOSE };
enum csv_end csv_end(struct slice line, char comma);

#endif
