/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker/srtp_context.h"

#include <errno.h>
#include <string.h>

#include "media/bytes.h"
#include "media/kdf.h"
#include "media/latch.h"
#include "worker/srtp_worker.h"

/* dataplane/media has numbers of its own, being free of the media API: they must be the same. */
#define SAME_SUITE(symbol) \
	static_assert((int)SLUICE_SUITE_##symbol == (int)RTP_SUITE_##symbol, "suite numbers")
SAME_SUITE(NONE);
SAME_SUITE(AES_CM_128_HMAC_SHA1_80);
SAME_SUITE(AES_CM_128_HMAC_SHA1_32);
SAME_SUITE(AES_192_CM_HMAC_SHA1_80);
SAME_SUITE(AES_192_CM_HMAC_SHA1_32);
SAME_SUITE(AES_256_CM_HMAC_SHA1_80);
SAME_SUITE(AES_256_CM_HMAC_SHA1_32);
SAME_SUITE(AEAD_AES_128_GCM);
SAME_SUITE(AEAD_AES_256_GCM);
SAME_SUITE(COUNT);

#define SAME_LATCH(symbol) \
	static_assert((int)SLUICE_LATCH_##symbol == (int)RTP_LATCH_##symbol, "latch modes")
SAME_LATCH(STRICT);
SAME_LATCH(ADDRESS);
SAME_LATCH(ANY);
static_assert(sizeof(struct sluice_addr) == sizeof(struct rtp_address) &&
		  offsetof(struct sluice_addr, port) == offsetof(struct rtp_address, port) &&
		  offsetof(struct sluice_addr, ip) == offsetof(struct rtp_address, ip),
	      "struct rtp_address is laid out as struct sluice_addr");

/* GCM encrypts in counter mode too, and so does key derivation for every suite. */
static enum crypto_cipher cipher_of(const struct rtp_suite *suite)
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

static enum crypto_hash hash_of(const struct rtp_suite *suite)
{
	if (suite->cipher == RTP_CIPHER_AES_GCM)
		return CRYPTO_GHASH;
	return suite->hash == RTP_HASH_HMAC_SHA1 ? CRYPTO_HMAC_SHA1 : CRYPTO_HASH_NONE;
}

/* Encrypted and authenticated; tags are 4, 10 or 16 bytes (srtp_tag_copy()). */
static bool suite_is_supported(const struct rtp_suite *suite)
{
	return cipher_of(suite) != CRYPTO_CIPHER_NONE && hash_of(suite) != CRYPTO_HASH_NONE;
}

static int key_check(const struct rtp_suite *suite, const struct sluice_key *key)
{
	if (!suite || !suite_is_supported(suite))
		return -ENOTSUP;
	if (key->key_len != suite->key_length + suite->salt_length)
		return -EINVAL;
	if (key->mki_len > sizeof(key->mki))
		return -EINVAL;
	if (key->mki_len < sizeof(key->mki) && key->mki >> (8 * key->mki_len) != 0)
		return -EINVAL;
	return 0;
}

struct derivation {
	struct srtp_worker *worker;
	struct crypto_key master;
	struct rtp_kdf kdf;
	const struct rtp_suite *suite;
};

static void keystream(void *user, const uint8_t iv[16], uint8_t *out, size_t length)
{
	struct derivation *derivation = user;
	struct crypto_op op = {
	    .key = &derivation->master,
	    .data = out,
	    .length = (uint16_t)length,
	};

	memcpy(op.iv, iv, sizeof(op.iv));
	derivation->worker->engine->cipher_burst(derivation->worker->engine_worker, &op, 1);
	explicit_bzero(&op, sizeof(op));
}

/* Session keys of RTP or RTCP; first is the label of the cipher key (RFC 3711 4.3.2). */
static int session_keys(struct derivation *derivation, enum rtp_kdf_label first,
			struct crypto_key *key, uint8_t salt[16])
{
	const struct rtp_suite *suite = derivation->suite;
	struct srtp_worker *worker = derivation->worker;
	uint8_t cipher_key[RTP_KEY_MAX];
	uint8_t auth_key[RTP_AUTH_KEY_MAX];
	int result;

	rtp_kdf_derive(&derivation->kdf, first, cipher_key, suite->key_length);
	if (suite->auth_key_length > 0)
		rtp_kdf_derive(&derivation->kdf, first + 1, auth_key, suite->auth_key_length);
	rtp_kdf_derive(&derivation->kdf, first + 2, salt, suite->salt_length);
	result = worker->engine->key_init(worker->engine_worker, key, cipher_of(suite), cipher_key,
					  hash_of(suite), auth_key, suite->auth_key_length);
	explicit_bzero(cipher_key, sizeof(cipher_key));
	explicit_bzero(auth_key, sizeof(auth_key));
	return result;
}

static int keys_derive(struct srtp_context *context, struct srtp_worker *worker,
		       const struct rtp_suite *suite, const struct sluice_key *key)
{
	struct derivation derivation = {
	    .worker = worker,
	    .suite = suite,
	    .kdf = {.keystream = keystream,
		    .salt = key->key + suite->key_length,
		    .salt_length = suite->salt_length},
	};
	int result;

	derivation.kdf.user = &derivation;
	result = worker->engine->key_init(worker->engine_worker, &derivation.master,
					  cipher_of(suite), key->key, CRYPTO_HASH_NONE, NULL, 0);
	if (result == 0)
		result = session_keys(&derivation, RTP_KDF_RTP_CIPHER, &context->rtp_key,
				      context->rtp_salt);
	if (result == 0)
		result = session_keys(&derivation, RTP_KDF_RTCP_CIPHER, &context->rtcp_key,
				      context->rtcp_salt);
	worker->engine->key_free(worker->engine_worker, &derivation.master);
	explicit_bzero(&derivation, sizeof(derivation));
	return result;
}

static uint64_t limit_of(uint64_t limit, uint64_t lifetime)
{
	return lifetime > 0 && lifetime < limit ? lifetime : limit;
}

static void mki_bytes(uint8_t mki[4], const struct sluice_key *key)
{
	for (unsigned i = 0; i < key->mki_len; i++)
		mki[i] = (uint8_t)(key->mki >> (8 * (key->mki_len - 1U - i)));
}

int srtp_context_init(struct srtp_context *context, struct srtp_worker *worker,
		      const struct sluice_key *key)
{
	const struct rtp_suite *suite = rtp_suite_find(key->suite);
	int result = key_check(suite, key);

	if (result < 0)
		return result;
	memset(context, 0, sizeof(*context));
	result = keys_derive(context, worker, suite, key);
	if (result < 0) {
		srtp_context_wipe(context, worker);
		return result;
	}
	context->suite = suite->id;
	context->aead = suite->cipher == RTP_CIPHER_AES_GCM;
	context->rtp_tag_length = suite->rtp_tag_length;
	context->rtcp_tag_length = suite->rtcp_tag_length;
	context->mki_length = key->mki_len;
	mki_bytes(context->mki, key);
	context->rtp_limit = limit_of(RTP_PACKETS_MAX, key->lifetime);
	context->rtcp_limit = limit_of(RTCP_PACKETS_MAX, key->lifetime);
	context->rtp_left = context->rtp_limit;
	context->rtcp_left = context->rtcp_limit;
	context->master_length = key->key_len;
	memcpy(context->master, key->key, key->key_len);
	return 0;
}

void srtp_context_wipe(struct srtp_context *context, struct srtp_worker *worker)
{
	worker->engine->key_free(worker->engine_worker, &context->rtp_key);
	worker->engine->key_free(worker->engine_worker, &context->rtcp_key);
	explicit_bzero(context, sizeof(*context));
}

bool srtp_context_same_key(const struct srtp_context *context, const struct sluice_key *key)
{
	uint8_t mki[4] = {0};

	if (context->suite != key->suite || context->master_length != key->key_len ||
	    context->mki_length != key->mki_len || key->mki_len > sizeof(mki))
		return false;
	mki_bytes(mki, key);
	return memcmp(context->mki, mki, sizeof(mki)) == 0 &&
	       bytes_equal_ct(context->master, key->key, context->master_length);
}

uint64_t srtp_context_packets_left(const struct srtp_context *context)
{
	return context->rtp_left < context->rtcp_left ? context->rtp_left : context->rtcp_left;
}

static bool is_near(uint64_t left, uint64_t limit)
{
	return left <= limit / 10;
}

bool srtp_context_near_limit(const struct srtp_context *context)
{
	return is_near(context->rtp_left, context->rtp_limit) ||
	       is_near(context->rtcp_left, context->rtcp_limit);
}
