/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Session keys of an SRTP context (RFC 3711 4.3). Those of RTP stand in the context as the engine
 * wants them. Those of RTCP are kept as they were derived, since RTCP is rare: an engine's key is
 * made of them for the burst that has such a packet, and wiped behind it.
 *
 * Only for the srtp_*.c files.
 */
#pragma once

#include "crypto/engine.h"
#include "media/suite.h"
#include "worker/srtp_worker.h"

/* GCM encrypts in counter mode too, and so does key derivation for every suite. */
static inline enum crypto_cipher srtp_cipher_of(const struct rtp_suite *suite)
{
	switch (suite->key_length) {
	case 16:
		return CRYPTO_AES_128_CTR;
	case 24:
		return CRYPTO_AES_192_CTR;
	case 32:
		return CRYPTO_AES_256_CTR;
	default:
		return CRYPTO_CIPHER_NONE;
	}
}

static inline enum crypto_hash srtp_hash_of(const struct rtp_suite *suite)
{
	if (suite->cipher == RTP_CIPHER_AES_GCM)
		return CRYPTO_GHASH;
	return suite->hash == RTP_HASH_HMAC_SHA1 ? CRYPTO_HMAC_SHA1 : CRYPTO_HASH_NONE;
}

/* Fills all keys and salts of a context whose suite is set. Returns 0, -ENOTSUP or -ENOMEM. */
int srtp_keys_make(struct srtp_context *context, struct srtp_worker *worker,
		   const struct sluice_key *key);

/* Whether key is the one of the context, whose suite it has. Constant time in the key. */
bool srtp_keys_same(const struct srtp_context *context, struct srtp_worker *worker,
		    const struct sluice_key *key);

/* The RTCP key of a context for this burst, until srtp_keys_rtcp_forget(); NULL: -ENOMEM. */
const struct crypto_key *srtp_keys_rtcp(struct srtp_worker *worker,
					const struct srtp_context *context);
void srtp_keys_rtcp_forget(struct srtp_worker *worker);
