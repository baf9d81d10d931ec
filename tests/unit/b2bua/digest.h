/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a phone answers to a digest challenge of the relay. */
#pragma once

#include <stdio.h>
#include <string.h>

#include "tls/hash.h"
#include "world/world.h"

#define REALM "relay.example"

/* H(a:b:c) */
static inline void hash(enum tls_hash kind, char hex[TLS_HASH_HEX_MAX], const char *a,
			const char *b, const char *c)
{
	const struct str parts[] = {str_of(a), str_of(b), str_of(c)};

	assert_int_equal(tls_hash_joined(kind, parts, c ? 3 : 2, hex), 0);
}

struct attempt {
	const char *user, *password, *method, *uri;
	unsigned count;
	bool sha256;
};

/* The credentials for a challenge, as a header line. */
static inline const char *answer(const struct phone_message *challenge,
				 const struct attempt *attempt)
{
	enum tls_hash kind = attempt->sha256 ? TLS_HASH_SHA_256 : TLS_HASH_MD5;
	char nonce[128], a1[TLS_HASH_HEX_MAX], a2[TLS_HASH_HEX_MAX], response[TLS_HASH_HEX_MAX];
	static char header[1024];
	char count[9];

	if (sscanf(strstr(challenge->text, "nonce=\""), "nonce=\"%127[^\"]", nonce) != 1)
		fail_msg("no nonce: %s", challenge->text);
	snprintf(count, sizeof(count), "%08x", attempt->count);
	hash(kind, a1, attempt->user, REALM, attempt->password);
	hash(kind, a2, attempt->method, attempt->uri, NULL);
	const struct str parts[] = {str_of(a1),    str_of(nonce), str_of(count),
				    STR("cnonce"), STR("auth"),   str_of(a2)};

	assert_int_equal(tls_hash_joined(kind, parts, 6, response), 0);
	snprintf(header, sizeof(header),
		 "Authorization: Digest username=\"%s\", realm=\"%s\", nonce=\"%s\", uri=\"%s\", "
		 "response=\"%s\", algorithm=%s, qop=auth, nc=%s, cnonce=\"cnonce\"\r\n",
		 attempt->user, REALM, nonce, attempt->uri, response,
		 attempt->sha256 ? "SHA-256" : "MD5", count);
	return header;
}
