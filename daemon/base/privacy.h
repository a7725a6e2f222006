/* SPDX-License-Identifier: Apache-2.0
 *
 * Addresses under a key: what the store writes in place of them where
 * privacy.addresses is keyed-hash. A hash (HMAC-SHA-256, cut to 80 bits, in hex)
 * stands for a local part, so that one address is one hash wherever it stands,
 * and who has the key finds an address again; domains stay. What the daemon
 * must know again after a restart is sealed (XChaCha20-Poly1305, its nonce made
 * of the text, so that the same text gives the same bytes). Both keys come from the key file.
 * Nothing here changes after loading; it may be shared by threads.
 */
#ifndef MAILSTORM_BASE_PRIVACY_H
#define MAILSTORM_BASE_PRIVACY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "slice.h"

#define PRIVACY_KEY_LEAST 16 /* bytes of a key */
#define PRIVACY_KEY_MOST 4096
#define PRIVACY_HASH_DIGITS 20 /* hex digits of a hash */

struct privacy;

/* A text that grows; its bytes are its owner's. */
struct privacy_text {
	char *bytes;
	size_t length, capacity;
};

/* The key of a file: its bytes without line ends at its end. NULL and *error ("PATH: what: why", malloc'ed) where it
 * cannot be read, is shorter than 16 bytes, is longer than 4096, may be read by others or written by the group. */
struct privacy *privacy_load(const char *path, char **error);
struct privacy *privacy_new(struct slice key);
void privacy_free(struct privacy **privacy);

/* Tells whether two keys are the same without telling the key. Owned by the key. */
const char *privacy_check(const struct privacy *privacy);

/* The hash of a text, as it stands. */
void privacy_hash(const struct privacy *privacy, struct slice text, char hash[PRIVACY_HASH_DIGITS + 1]);
/* A number that nobody without the key can tie to the one given. */
uint64_t privacy_number(const struct privacy *privacy, uint64_t number);

/* The forms. Each appends to `to` what stands for the text, and returns that; a text that is empty stays. A domain is
 * kept where it is one, so that what is no address leaves nothing but a hash. */
/* A folded address: HASH@DOMAIN, the hash of the whole address. */
struct slice privacy_address(const struct privacy *privacy, struct slice address, struct privacy_text *to);
/* An address or login as logged: folded, then as above. */
struct slice privacy_login(const struct privacy *privacy, struct slice login, struct privacy_text *to);
/* A Message-ID: <HASH@HOST>, the hash of what stands within the angle brackets. */
struct slice privacy_message_id(const struct privacy *privacy, struct slice id, struct privacy_text *to);
/* A list's name: as it is; of a recipient set, the Message-ID in it as above. */
struct slice privacy_list(const struct privacy *privacy, struct slice name, struct privacy_text *to);
/* A text of which nobody knows what it is: Message-ID, address or anything else. */
struct slice privacy_any(const struct privacy *privacy, struct slice text, struct privacy_text *to);
/* What people wrote: each address in it, see privacy_prose.c. */
struct slice privacy_prose(const struct privacy *privacy, struct slice text, struct privacy_text *to);
/* A log line: besides, whatever may be an address or a login without an @. */
struct slice privacy_line(const struct privacy *privacy, struct slice text, struct privacy_text *to);

/* The sealed text: bytes that only the key opens. */
struct slice privacy_seal(const struct privacy *privacy, struct slice text, struct privacy_text *to);
/* The text again; not given where the bytes are none of this key's. */
struct slice privacy_open(const struct privacy *privacy, struct slice sealed, struct privacy_text *to);

/* Appends to a text. */
void privacy_text_add(struct privacy_text *text, struct slice bytes);

#endif
