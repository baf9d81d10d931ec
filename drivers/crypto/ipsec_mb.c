/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Crypto engine on Intel's IPsec-MB: one IMB_MGR a worker. Its burst calls take jobs of one
 * algorithm and key size, so a burst is grouped first; nearly always there is one group.
 */
#include <errno.h>
#include <intel-ipsec-mb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/engine.h"
#include "crypto/gcm.h"
#include "crypto/hmac_sha1.h"
#include "crypto/ipsec_mb.h"

#define SHA1_BLOCK 64U
#define SHA1_DIGEST 20U

static_assert(CRYPTO_HASH_KEY_MAX <= SHA1_BLOCK, "longer keys would be hashed first (RFC 2104)");
static_assert(CRYPTO_BURST_MAX <= IMB_MAX_BURST_SIZE, "one IPsec-MB burst takes one of ours");
/* IPsec-MB's multi-buffer managers count a lane's bytes in 16 bits. */
static_assert(CRYPTO_LENGTH_MAX < 65536 - SHA1_BLOCK, "IPsec-MB lane length");

struct crypto_engine_worker {
	IMB_MGR *manager;
	const struct gcm_implementation *gcm;
	enum ipsec_mb_hmac hmac; /* BEST only where hmac_sha1_avx512() runs */
	/* Jobs with all but key, place and length filled in: those are the same for every packet.
	 */
	IMB_JOB cipher_jobs[CRYPTO_BURST_MAX];
	IMB_JOB hash_jobs[CRYPTO_BURST_MAX];
};

static const struct {
	uint8_t key_length;
} ciphers[] = {
    [CRYPTO_AES_128_CTR] = {IMB_KEY_128_BYTES},
    [CRYPTO_AES_192_CTR] = {IMB_KEY_192_BYTES},
    [CRYPTO_AES_256_CTR] = {IMB_KEY_256_BYTES},
};
#define CIPHER_COUNT (sizeof(ciphers) / sizeof(ciphers[0]))

static void jobs_prepare(struct crypto_engine_worker *worker)
{
	for (unsigned i = 0; i < CRYPTO_BURST_MAX; i++) {
		IMB_JOB *cipher = &worker->cipher_jobs[i];
		IMB_JOB *hash = &worker->hash_jobs[i];

		cipher->cipher_mode = IMB_CIPHER_CNTR;
		cipher->cipher_direction = IMB_DIR_ENCRYPT;
		cipher->chain_order = IMB_ORDER_CIPHER_HASH;
		cipher->hash_alg = IMB_AUTH_NULL;
		cipher->iv_len_in_bytes = sizeof(((struct crypto_op *)NULL)->iv);
		hash->cipher_mode = IMB_CIPHER_NULL;
		hash->cipher_direction = IMB_DIR_ENCRYPT;
		hash->chain_order = IMB_ORDER_HASH_CIPHER;
		hash->hash_alg = IMB_AUTH_HMAC_SHA_1;
		hash->auth_tag_output_len_in_bytes = SHA1_DIGEST;
	}
}

static IMB_MGR *manager_new(void)
{
	IMB_MGR *manager = alloc_mb_mgr(0);
	IMB_ARCH arch;

	if (manager)
		init_mb_mgr_auto(manager, &arch);
	return manager;
}

/* AES in software would be a silent fall-back: such a CPU is refused. */
static bool manager_is_sound(const IMB_MGR *manager)
{
	const uint64_t needed = IMB_FEATURE_AESNI | IMB_FEATURE_SSE4_2 | IMB_FEATURE_PCLMULQDQ;
	const uint64_t self_test = IMB_FEATURE_SELF_TEST | IMB_FEATURE_SELF_TEST_PASS;

	if (manager->imb_errno != 0 || (manager->features & needed) != needed)
		return false;
	return (manager->features & self_test) == self_test;
}

static int ipsec_mb_probe(char *features, size_t size)
{
	static const char *const names[] = {
	    [IMB_ARCH_NONE] = "none", [IMB_ARCH_NOAESNI] = "no AES-NI",
	    [IMB_ARCH_SSE] = "sse",   [IMB_ARCH_AVX] = "avx",
	    [IMB_ARCH_AVX2] = "avx2", [IMB_ARCH_AVX512] = "avx512",
	};
	IMB_MGR *manager = manager_new();
	int result;

	if (!manager)
		return -ENOMEM;
	result = manager_is_sound(manager) ? 0 : -ENOTSUP;
	if (size > 0)
		snprintf(features, size, "%s%s %s%s",
			 manager->used_arch < sizeof(names) / sizeof(names[0])
			     ? names[manager->used_arch]
			     : "?",
			 manager->features & IMB_FEATURE_VAES ? " vaes" : "", gcm_best()->name,
			 hmac_sha1_avx512_runs_here() ? " sha1x16" : "");
	free_mb_mgr(manager);
	return result;
}

static void ipsec_mb_worker_free(struct crypto_engine_worker *worker)
{
	if (!worker)
		return;
	if (worker->manager)
		free_mb_mgr(worker->manager);
	explicit_bzero(worker, sizeof(*worker));
	free(worker);
}

void ipsec_mb_hmac_use(struct crypto_engine_worker *worker, enum ipsec_mb_hmac hmac)
{
	worker->hmac = hmac_sha1_avx512_runs_here() ? hmac : IPSEC_MB_HMAC_LIBRARY;
}

static int ipsec_mb_worker_new(struct crypto_engine_worker **worker)
{
	struct crypto_engine_worker *made = calloc(1, sizeof(*made));
	int result = -ENOMEM;

	if (!made)
		return -ENOMEM;
	made->manager = manager_new();
	if (!made->manager)
		goto fail;
	result = -ENOTSUP;
	if (!manager_is_sound(made->manager))
		goto fail;
	made->gcm = gcm_best();
	ipsec_mb_hmac_use(made, IPSEC_MB_HMAC_BEST);
	jobs_prepare(made);
	*worker = made;
	return 0;
fail:
	ipsec_mb_worker_free(made);
	return result;
}

static void aes_expand(IMB_MGR *manager, struct crypto_key *key, enum crypto_cipher cipher,
		       const uint8_t *raw)
{
	alignas(16)
	    uint8_t decrypt[sizeof(key->cipher)]; /* made too; counter mode has no use for it */

	if (cipher == CRYPTO_AES_128_CTR)
		IMB_AES_KEYEXP_128(manager, raw, key->cipher, decrypt);
	else if (cipher == CRYPTO_AES_192_CTR)
		IMB_AES_KEYEXP_192(manager, raw, key->cipher, decrypt);
	else
		IMB_AES_KEYEXP_256(manager, raw, key->cipher, decrypt);
	explicit_bzero(decrypt, sizeof(decrypt));
}

/* The state of SHA-1 after the padded key (RFC 2104): half of each HMAC, done once. */
static void hmac_half(IMB_MGR *manager, uint8_t state[SHA1_DIGEST], const uint8_t *raw,
		      size_t length, uint8_t pad)
{
	alignas(16) uint8_t block[SHA1_BLOCK];

	memset(block, pad, sizeof(block));
	for (size_t i = 0; i < length; i++)
		block[i] = (uint8_t)(block[i] ^ raw[i]);
	IMB_SHA1_ONE_BLOCK(manager, block, state);
	explicit_bzero(block, sizeof(block));
}

static int ipsec_mb_key_init(struct crypto_engine_worker *worker, struct crypto_key *key,
			     enum crypto_cipher cipher, const uint8_t *cipher_key,
			     enum crypto_hash hash, const uint8_t *hash_key, size_t hash_key_length)
{
	if (cipher >= CIPHER_COUNT || hash > CRYPTO_GHASH || hash_key_length > CRYPTO_HASH_KEY_MAX)
		return -ENOTSUP;
	if (hash == CRYPTO_GHASH && (cipher == CRYPTO_CIPHER_NONE || hash_key_length > 0))
		return -ENOTSUP;
	key->cipher_id = (uint8_t)cipher;
	key->hash_id = (uint8_t)hash;
	if (cipher != CRYPTO_CIPHER_NONE)
		aes_expand(worker->manager, key, cipher, cipher_key);
	if (hash == CRYPTO_GHASH)
		gcm_key_init(key);
	if (hash == CRYPTO_HMAC_SHA1) {
		hmac_half(worker->manager, key->hash_inner, hash_key, hash_key_length, 0x36);
		hmac_half(worker->manager, key->hash_outer, hash_key, hash_key_length, 0x5c);
	}
	return 0;
}

static void ipsec_mb_key_free(struct crypto_engine_worker *worker, struct crypto_key *key)
{
	(void)worker;
	explicit_bzero(key, crypto_key_size(key->cipher_id));
}

/*
 * IPsec-MB refuses a burst only for arguments that are ours. Going on would send packets in clear
 * or with no tag, so this is the place to stop.
 */
static void must_be_done(uint32_t done, uint32_t n)
{
	if (done != n)
		abort();
}

/*
 * Works the ops of one cipher. Returns the ciphers of the burst as bits: nearly always there is
 * that one alone.
 */
static uint32_t cipher_group(struct crypto_engine_worker *worker, struct crypto_op *ops, unsigned n,
			     uint8_t cipher_id)
{
	const uint8_t key_length = ciphers[cipher_id].key_length;
	uint32_t seen = 0;
	unsigned count = 0;

	for (unsigned i = 0; i < n; i++) {
		IMB_JOB *job = &worker->cipher_jobs[count];
		struct crypto_op *op = &ops[i];

		seen |= 1U << op->key->cipher_id;
		if (op->key->cipher_id != cipher_id || op->length == 0)
			continue;
		if (op->key->hash_id == CRYPTO_GHASH)
			gcm_counter(op->iv, GCM_COUNTER_DATA);
		job->enc_keys = op->key->cipher;
		job->dec_keys = op->key->cipher;
		job->key_len_in_bytes = key_length;
		job->src = op->data;
		job->dst = op->data;
		job->msg_len_to_cipher_in_bytes = op->length;
		job->iv = op->iv;
		count++;
	}
	if (count > 0)
		must_be_done(IMB_SUBMIT_CIPHER_BURST_NOCHECK(
				 worker->manager, worker->cipher_jobs, count, IMB_CIPHER_CNTR,
				 IMB_DIR_ENCRYPT, (IMB_KEY_SIZE_BYTES)key_length),
			     count);
	return seen;
}

static void ipsec_mb_cipher_burst(struct crypto_engine_worker *worker, struct crypto_op *ops,
				  unsigned n)
{
	uint32_t done = 1U << CRYPTO_CIPHER_NONE;
	uint32_t seen = 1U << CRYPTO_AES_128_CTR;

	assert(n <= CRYPTO_BURST_MAX);
	while (seen & ~done) {
		uint8_t id = (uint8_t)__builtin_ctz(seen & ~done);

		seen |= cipher_group(worker, ops, n, id);
		done |= 1U << id;
	}
}

static void hash_job_fill(IMB_JOB *job, struct crypto_op *op)
{
	assert(op->authentic_length <= CRYPTO_LENGTH_MAX);
	job->src = op->authentic;
	job->msg_len_to_hash_in_bytes = op->authentic_length;
	job->auth_tag_output = op->tag;
	job->u.HMAC._hashed_auth_key_xor_ipad = op->key->hash_inner;
	job->u.HMAC._hashed_auth_key_xor_opad = op->key->hash_outer;
}

static void hmac_burst(struct crypto_engine_worker *worker, struct crypto_op *const *ops,
		       unsigned n)
{
	if (worker->hmac == IPSEC_MB_HMAC_BEST) {
		hmac_sha1_avx512(ops, n);
		return;
	}
	for (unsigned i = 0; i < n; i++)
		hash_job_fill(&worker->hash_jobs[i], ops[i]);
	must_be_done(IMB_SUBMIT_HASH_BURST_NOCHECK(worker->manager, worker->hash_jobs, n,
						   IMB_AUTH_HMAC_SHA_1),
		     n);
}

static void ipsec_mb_tag_burst(struct crypto_engine_worker *worker, struct crypto_op *ops,
			       unsigned n)
{
	struct crypto_op *hashed[CRYPTO_BURST_MAX];
	unsigned count = 0;

	assert(n <= CRYPTO_BURST_MAX);
	for (unsigned i = 0; i < n; i++) {
		if (ops[i].key->hash_id == CRYPTO_GHASH)
			worker->gcm->tag(&ops[i]);
		if (ops[i].key->hash_id == CRYPTO_HMAC_SHA1 && ops[i].authentic_length > 0)
			hashed[count++] = &ops[i];
	}
	if (count > 0)
		hmac_burst(worker, hashed, count);
}

const struct crypto_engine crypto_engine_ipsec_mb = {
    .name = "ipsec_mb",
    .needs = "an x86-64 CPU with AES-NI, PCLMULQDQ and SSE4.2",
    .probe = ipsec_mb_probe,
    .worker_new = ipsec_mb_worker_new,
    .worker_free = ipsec_mb_worker_free,
    .key_init = ipsec_mb_key_init,
    .key_free = ipsec_mb_key_free,
    .cipher_burst = ipsec_mb_cipher_burst,
    .tag_burst = ipsec_mb_tag_burst,
};
