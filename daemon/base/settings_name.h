/* SPDX-License-Identifier: Apache-2.0
 *
 * Names that settings hold: domains and addresses, folded to the one form in
 * which they are compared, and globs. Private to the settings.
 */
#ifndef MAILSTORM_BASE_SETTINGS_NAME_H
#define MAILSTORM_BASE_SETTINGS_NAME_H

/* A glob for fnmatch(3) over a host's name: NULL, or why it is none. Static text. */
const char *setting_glob_fault(const char *glob);

/* ASCII letters to lower case, in place. */
void setting_fold_ascii(char *text);

/* A domain or a list's address, folded: ASCII to lower case, a UTF-8 domain to A-labels. malloc'ed; NULL where it
 * is none. An address may be a bare local part, as aliases are. */
char *setting_fold_domain(const char *domain);
char *setting_fold_address(const char *address);

#endif
