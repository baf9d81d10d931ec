/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls/mac.h"

#include <errno.h>
#include <wolfssl/options.h>
/* after the options */
#include <wolfssl/wolfcrypt/hmac.h>

static int update(Hmac *state, struct str part)
{
	/* an empty part may have no address, which wolfCrypt refuses */
	return part.len ? wc_HmacUpdate(state, (const byte *)part.ptr, (word32)part.len) : 0;
}

int tls_mac(const unsigned char key[TLS_MAC_KEY], const struct str parts[], unsigned count,
	    unsigned char mac[TLS_MAC_SIZE])
{
	Hmac state;
	int result = wc_HmacInit(&state, NULL, INVALID_DEVID);

	if (result != 0)
		return -EIO;
	result = wc_HmacSetKey(&state, WC_SHA256, key, TLS_MAC_KEY);
	for (unsigned i = 0; result == 0 && i < count; i++) {
		if (i > 0)
			result = update(&state, STR(":"));
		if (result == 0)
			result = update(&state, parts[i]);
	}
	if (result == 0)
		result = wc_HmacFinal(&state, mac);
	wc_HmacFree(&state);
	explicit_bzero(&state, sizeof(state));
	return result == 0 ? 0 : -EIO;
}

bool tls_equal(const void *a, const void *b, size_t length)
{
	const volatile unsigned char *x = a, *y = b;
	unsigned char difference = 0;

	for (size_t i = 0; i < length; i++)
		difference = (unsigned char)(difference | (x[i] ^ y[i]));
	return difference == 0;
}
