/* SPDX-License-Identifier: Apache-2.0
 *
 * The files of schema/, as they are built into the programs: the steps
 * 0001_*.sql, ... in order, then views.sql and statements.sql. The table itself
 * is made by schema/embed.sh from the list in Makefile.am.
 */
#ifndef MAILSTORM_SCHEMA_H
#define MAILSTORM_SCHEMA_H

struct schema_file {
	const char *name; /* "0001_report.sql"; NULL ends the table */
	const char *text; /* the whole file */
};

extern const struct schema_file schema_files[];

#endif
