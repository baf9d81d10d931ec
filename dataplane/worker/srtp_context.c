/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker/srtp_context.h"

#include <errno.h>
#include <string.h>

#include "media/latch.h"
#include "media/renumber.h"
#include "worker/srtp_keys.h"
#include "worker/srtp_spares.h"
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

static_assert(RTP_RENUMBER_FIRST_MAX == SLUICE_FIRST_INDEX_MAX, "what the contract says");
static_assert(RTP_RENUMBER_DROPOUT_MAX == SLUICE_JUMP_MAX, "what the contract says");

#define SAME_LATCH(symbol) \
	static_assert((int)SLUICE_LATCH_##symbol == (int)RTP_LATCH_##symbol, "latch modes")
SAME_LATCH(STRICT);
SAME_LATCH(ADDRESS);
SAME_LATCH(ANY);
static_assert(sizeof(struct sluice_addr) == sizeof(struct rtp_address) &&
		  offsetof(struct sluice_addr, port) == offsetof(struct rtp_address, port) &&
		  offsetof(struct sluice_addr, ip) == offsetof(struct rtp_address, ip),
	      "struct rtp_address is laid out as struct sluice_addr");

/* Encrypted and authenticated; tags are 4, 10 or 16 bytes (srtp_tag_copy()). */
static bool suite_is_supported(const struct rtp_suite *suite)
{
	return srtp_cipher_of(suite) != CRYPTO_CIPHER_NONE &&
	       srtp_hash_of(suite) != CRYPTO_HASH_NONE;
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

static uint64_t limit_of(uint64_t limit, uint64_t lifetime)
{
	return lifetime > 0 && lifetime < limit ? lifetime : limit;
}

/*
 * A limit in 16 bits, rounded down by a thousandth at most: ten bits of it, and by how many it was
 * shifted. It only tells when nine tenths of it are used; what is left is counted exactly.
 */
static uint16_t limit_pack(uint64_t limit)
{
	unsigned shift = 0;

	while (limit >> shift >= 1U << 10)
		shift++;
	return (uint16_t)(shift << 10 | limit >> shift);
}

static uint64_t limit_unpack(uint16_t packed)
{
	return (uint64_t)(packed & ((1U << 10) - 1)) << (packed >> 10);
}

static void mki_bytes(uint8_t mki[4], const struct sluice_key *key)
{
	for (unsigned i = 0; i < key->mki_len; i++)
		mki[i] = (uint8_t)(key->mki >> (8 * (key->mki_len - 1U - i)));
}

size_t srtp_context_size(unsigned id)
{
	const struct rtp_suite *suite = rtp_suite_find(id);

	if (!suite)
		return 0;
	return srtp_context_hot_size(id) + offsetof(struct srtp_rest, rtcp_keys) +
	       suite->key_length + suite->auth_key_length;
}

size_t srtp_context_hot_size(unsigned id)
{
	const struct rtp_suite *suite = rtp_suite_find(id);

	return suite ? offsetof(struct srtp_context, rtp_key) +
			   crypto_key_size(srtp_cipher_of(suite), srtp_hash_of(suite))
		     : 0;
}

static void facts_fill(struct srtp_context *context, const struct rtp_suite *suite,
		       const struct sluice_key *key)
{
	uint64_t limit = limit_of(RTP_PACKETS_MAX, key->lifetime);

	context->rtp_key.cipher_id = (uint8_t)srtp_cipher_of(suite); /* these two place the rest */
	context->rtp_key.hash_id = (uint8_t)srtp_hash_of(suite);
	context->suite = suite->id;
	context->rtp_tag_length = suite->rtp_tag_length;
	context->mki_length = key->mki_len;
	mki_bytes(context->mki, key);
	srtp_rest(context)->limit = limit_pack(limit);
	context->rtp_left = limit;
	context->rtcp_left = (uint32_t)limit_of(RTCP_PACKETS_MAX, key->lifetime);
}

int srtp_context_init(struct srtp_context *context, struct srtp_worker *worker,
		      const struct sluice_key *key)
{
	const struct rtp_suite *suite = rtp_suite_find(key->suite);
	int result = key_check(suite, key);

	if (result < 0)
		return result;
	memset(context, 0, srtp_context_size(suite->id));
	facts_fill(context, suite, key);
	result = srtp_keys_make(context, worker, key);
	if (result < 0)
		explicit_bzero(context, srtp_context_size(suite->id));
	return result;
}

void srtp_context_wipe(struct srtp_context *context, struct srtp_worker *worker)
{
	size_t size = srtp_context_size(context->suite);

	if (size == 0)
		return;
	srtp_spares_give(srtp_others(context));
	worker->engine->key_free(worker->engine_worker, &context->rtp_key);
	explicit_bzero(context, size);
}

bool srtp_context_same_key(const struct srtp_context *context, struct srtp_worker *worker,
			   const struct sluice_key *key)
{
	const struct rtp_suite *suite = rtp_suite_find(context->suite);
	uint8_t mki[4] = {0};

	if (context->suite != key->suite || context->mki_length != key->mki_len ||
	    key_check(suite, key) < 0)
		return false;
	mki_bytes(mki, key);
	return memcmp(context->mki, mki, sizeof(mki)) == 0 && srtp_keys_same(context, worker, key);
}

unsigned srtp_context_suite(const struct srtp_context *context)
{
	return context->suite;
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
	uint64_t limit = limit_unpack(srtp_rest(context)->limit);

	return srtp_has_mark(context, SRTP_MARK_REFUSED) || is_near(context->rtp_left, limit) ||
	       is_near(context->rtcp_left, limit_of(RTCP_PACKETS_MAX, limit));
}
