/* SPDX-License-Identifier: Apache-2.0
 *
 * The key, its hashes and its seal, see privacy.h. The arithmetic is libsodium's.
 * Texts that begin with a NUL byte are hashed for purposes of our own: no
 * address begins so.
 */
#include "daemon/base/privacy.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/memory.h"

#define NONCE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG crypto_aead_xchacha20poly1305_ietf_ABYTES

struct privacy {
	crypto_auth_hmacsha256_state hash; /* with the key taken in */
	unsigned char seal[crypto_aead_xchacha20poly1305_ietf_KEYBYTES];
	unsigned char nonce[crypto_generichash_KEYBYTES];
	char check[2 * crypto_auth_hmacsha256_BYTES + 1];
};

static void privacy_mac(const struct privacy *privacy, struct slice text,
                        unsigned char mac[crypto_auth_hmacsha256_BYTES])
{
	crypto_auth_hmacsha256_state state = privacy->hash;

	crypto_auth_hmacsha256_update(&state, (const unsigned char *)text.bytes, text.length);
	crypto_auth_hmacsha256_final(&state, mac);
}

struct privacy *privacy_new(struct slice key)
{
	struct privacy *privacy = memory_zeroed(1, sizeof(*privacy));
	unsigned char check[crypto_auth_hmacsha256_BYTES];

	_Static_assert(sizeof(privacy->seal) == sizeof(check) && sizeof(privacy->nonce) == sizeof(check),
	               "a key is what the hash gives");
	if (sodium_init() < 0)
		abort();
	crypto_auth_hmacsha256_init(&privacy->hash, (const unsigned char *)key.bytes, key.length);
	privacy_mac(privacy, SLICE("\0mailstorm seal"), privacy->seal);
	privacy_mac(privacy, SLICE("\0mailstorm nonce"), privacy->nonce);
	privacy_mac(privacy, SLICE("\0mailstorm check"), check);
	sodium_bin2hex(privacy->check, sizeof(privacy->check), check, sizeof(check));
	return privacy;
}

void privacy_free(struct privacy **privacy)
{
	if (!*privacy)
		return;
	sodium_memzero(*privacy, sizeof(**privacy));
	free(*privacy);
	*privacy = NULL;
}

static const char *key_fault(int file, char *key, size_t *length)
{
	struct stat status;
	ssize_t got;

	if (file < 0 || fstat(file, &status) != 0)
		return strerror(errno);
	if (!S_ISREG(status.st_mode))
		return "it is not a file";
	if (status.st_mode & S_IRWXO)
		return "others may read or write it (chmod o= takes that from them)";
	if (status.st_mode & S_IWGRP)
		return "its group may write it (chmod g-w takes that from it)";
	got = read(file, key, PRIVACY_KEY_MOST + 1);
	if (got < 0)
		return strerror(errno);
	if (got > PRIVACY_KEY_MOST)
		return "it is longer than 4096 bytes";
	while (got > 0 && (key[got - 1] == '\n' || key[got - 1] == '\r'))
		got--;
	*length = (size_t)got;
	return got < PRIVACY_KEY_LEAST ? "it is shorter than 16 bytes" : NULL;
}

struct privacy *privacy_load(const char *path, char **error)
{
	char key[PRIVACY_KEY_MOST + 1];
	size_t length = 0;
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	const char *why = key_fault(file, key, &length);
	struct privacy *privacy = NULL;

	if (!why)
		privacy = privacy_new((struct slice){key, length});
	else if (asprintf(error, "%s: cannot be used as key file: %s", path, why) < 0)
		abort();
	sodium_memzero(key, sizeof(key));
	if (file >= 0)
		close(file);
	return privacy;
}

const char *privacy_check(const struct privacy *privacy)
{
	return privacy->check;
}

void privacy_hash(const struct privacy *privacy, struct slice text, char hash[PRIVACY_HASH_DIGITS + 1])
{
	unsigned char mac[crypto_auth_hmacsha256_BYTES];

	privacy_mac(privacy, text, mac);
	sodium_bin2hex(hash, PRIVACY_HASH_DIGITS + 1, mac, PRIVACY_HASH_DIGITS / 2);
}

uint64_t privacy_number(const struct privacy *privacy, uint64_t number)
{
	unsigned char mac[crypto_auth_hmacsha256_BYTES];
	char text[1 + sizeof(number)] = "";
	uint64_t secret;

	memcpy(text + 1, &number, sizeof(number));
	privacy_mac(privacy, (struct slice){text, sizeof(text)}, mac);
	memcpy(&secret, mac, sizeof(secret));
	return secret;
}

void privacy_text_add(struct privacy_text *text, struct slice bytes)
{
	size_t needed = text->length + bytes.length + 1;

	if (needed > text->capacity) {
		text->capacity = needed > 2 * text->capacity ? needed : 2 * text->capacity;
		text->bytes = memory_resized(text->bytes, text->capacity, 1);
	}
	if (bytes.length)
		memcpy(text->bytes + text->length, bytes.bytes, bytes.length);
	text->length += bytes.length;
	text->bytes[text->length] = '\0';
}

/* Room for so many bytes behind the text, which count as its own from now on. */
static unsigned char *privacy_text_room(struct privacy_text *text, size_t length)
{
	if (text->length + length + 1 > text->capacity) {
		text->capacity = text->length + length + 1;
		text->bytes = memory_resized(text->bytes, text->capacity, 1);
	}
	text->length += length;
	text->bytes[text->length] = '\0';
	return (unsigned char *)text->bytes + text->length - length;
}

struct slice privacy_seal(const struct privacy *privacy, struct slice text, struct privacy_text *to)
{
	size_t length = NONCE + text.length + TAG;
	unsigned char *bytes = privacy_text_room(to, length);
	int failed;

	failed = crypto_generichash(bytes, NONCE, (const unsigned char *)text.bytes, text.length, privacy->nonce,
	                            sizeof(privacy->nonce)) ||
	         crypto_aead_xchacha20poly1305_ietf_encrypt(bytes + NONCE, NULL, (const unsigned char *)text.bytes,
	                                                    text.length, NULL, 0, NULL, bytes, privacy->seal);
	assert(!failed);
	return (struct slice){(const char *)bytes, length};
}

struct slice privacy_open(const struct privacy *privacy, struct slice sealed, struct privacy_text *to)
{
	const unsigned char *bytes = (const unsigned char *)sealed.bytes;
	unsigned char *text;

	if (sealed.length < NONCE + TAG)
		return SLICE_NONE;
	text = privacy_text_room(to, sealed.length - NONCE - TAG);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(text, NULL, NULL, bytes + NONCE, sealed.length - NONCE, NULL, 0,
	                                               bytes, privacy->seal) != 0)
		return SLICE_NONE;
	return (struct slice){(const char *)text, sealed.length - NONCE - TAG};
}
