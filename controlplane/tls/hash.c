/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls/hash.h"

#include <errno.h>
#include <string.h>
#include <wolfssl/options.h>
/* after the options */
#include <wolfssl/wolfcrypt/hash.h>

static const struct {
	enum wc_HashType type;
	unsigned length; /* bytes */
} facts[] = {
    [TLS_HASH_MD5] = {WC_HASH_TYPE_MD5, 16},
    [TLS_HASH_SHA_256] = {WC_HASH_TYPE_SHA256, 32},
};

static void write_hex(const unsigned char *bytes, unsigned length, char *hex)
{
	static const char digits[] = "0123456789abcdef";

	for (unsigned i = 0; i < length; i++) {
		*hex++ = digits[bytes[i] >> 4];
		*hex++ = digits[bytes[i] & 15];
	}
	*hex = '\0';
}

static int update(wc_HashAlg *state, enum wc_HashType type, struct str part)
{
	/* an empty part may have no address, which wolfCrypt refuses */
	return part.len ? wc_HashUpdate(state, type, (const byte *)part.ptr, (word32)part.len) : 0;
}

int tls_hash_joined(enum tls_hash hash, const struct str parts[], unsigned count,
		    char hex[TLS_HASH_HEX_MAX])
{
	enum wc_HashType type = facts[hash].type;
	unsigned char digest[32];
	wc_HashAlg state;
	int result;

	hex[0] = '\0';
	if (wc_HashInit(&state, type) != 0)
		return -EIO;
	result = 0;
	for (unsigned i = 0; result == 0 && i < count; i++) {
		if (i > 0)
			result = update(&state, type, STR(":"));
		if (result == 0)
			result = update(&state, type, parts[i]);
	}
	if (result == 0)
		result = wc_HashFinal(&state, type, digest);
	if (result == 0)
		write_hex(digest, facts[hash].length, hex);
	(void)wc_HashFree(&state, type);
	explicit_bzero(&state, sizeof(state));
	explicit_bzero(digest, sizeof(digest));
	return result == 0 ? 0 : -EIO;
}
