/* SPDX-License-Identifier: Apache-2.0
 *
 * The text of a configuration file, read and guarded: what the parser behind
 * it would take in silence, or trip over for good, is refused here by name.
 */
#ifndef MAILSTORM_BASE_SETTINGS_TEXT_H
#define MAILSTORM_BASE_SETTINGS_TEXT_H

#include <stddef.h>

/* The file's text with its comments blanked out, *length bytes long and never empty; malloc'ed. NULL
 * and *error ("FILE:LINE: why" or "FILE: why", malloc'ed) where it cannot be read or must be refused. */
char *settings_text_read(const char *path, size_t *length, char **error);

#endif
