/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "auth/digest.h"

#include "tls/hash.h"
#include "tls/mac.h"

/* As long as a real one; no password makes it, as it is no hash. */
static const char nobody[] = "################################"
			     "################################";

static enum tls_hash hash_of(enum sip_digest_algorithm algorithm)
{
	return algorithm == SIP_DIGEST_SHA_256 ? TLS_HASH_SHA_256 : TLS_HASH_MD5;
}

/* Digits of either case. */
static void lower(char text[TLS_HASH_HEX_MAX], struct str digits)
{
	for (size_t i = 0; i < digits.len; i++)
		text[i] = (char)(digits.ptr[i] | 0x20); /* digits have that bit */
	text[digits.len] = '\0';
}

bool digest_is_right(const struct sip_authorization *authorization, const struct users *users,
		     struct str method)
{
	enum tls_hash hash = hash_of(authorization->algorithm);
	const char *ha1 = users_ha1(users, authorization->username, authorization->algorithm);
	char a2[TLS_HASH_HEX_MAX], right[TLS_HASH_HEX_MAX], said[TLS_HASH_HEX_MAX];
	const struct str a2_parts[] = {method, authorization->uri};
	bool equal = false;

	if (authorization->response.len >= TLS_HASH_HEX_MAX ||
	    tls_hash_joined(hash, a2_parts, 2, a2) < 0)
		return false;
	const struct str parts[] = {
	    ha1 ? str_of(ha1) : (struct str){nobody, strlen(a2)},
	    authorization->nonce,
	    authorization->nc,
	    authorization->cnonce,
	    STR("auth"),
	    str_of(a2),
	};

	lower(said, authorization->response);
	if (tls_hash_joined(hash, parts, 6, right) == 0)
		equal = strlen(right) == authorization->response.len &&
			tls_equal(right, said, strlen(right));
	explicit_bzero(right, sizeof(right));
	return equal && ha1;
}
