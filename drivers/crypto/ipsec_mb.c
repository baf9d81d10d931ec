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

#include "crypto/aes.h"
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
	/* BEST only where hmac_sha1_avx512(), aes_ctr_vaes() run */
	enum ipsec_mb_way hmac;
	enum ipsec_mb_way cipher;
	aes_blocks_fn *blocks;
	struct crypto_meanwhile meanwhile;
	/* Jobs with all but key, place and length filled in: those are the same for every packet.
	 */
	IMB_JOB cipher_jobs[CRYPTO_BURST_MAX];
	IMB_JOB hash_jobs[CRYPTO_BURST_MAX];
	/* Of the library's way: round keys of the burst, which are wiped behind it. */
	struct aes_schedule schedules[CRYPTO_BURST_MAX];
};

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

void ipsec_mb_hmac_use(struct crypto_engine_worker *worker, enum ipsec_mb_way way)
{
	worker->hmac = hmac_sha1_avx512_runs_here() ? way : IPSEC_MB_LIBRARY;
}

void ipsec_mb_cipher_use(struct crypto_engine_worker *worker, enum ipsec_mb_way way)
{
	worker->cipher = aes_vaes_runs_here() ? way : IPSEC_MB_LIBRARY;
	worker->blocks = worker->cipher == IPSEC_MB_BEST ? aes_blocks_vaes : aes_blocks_portable;
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
	ipsec_mb_hmac_use(made, IPSEC_MB_BEST);
	ipsec_mb_cipher_use(made, IPSEC_MB_BEST);
	jobs_prepare(made);
	*worker = made;
	return 0;
fail:
	ipsec_mb_worker_free(made);
	return result;
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

static void ghash_key_init(struct crypto_engine_worker *worker, struct crypto_key *key)
{
	uint8_t h[AES_BLOCK] = {0};

	worker->blocks(&(struct aes_block_op){.key = key, .block = h}, 1);
	gcm_key_init(key, h);
	explicit_bzero(h, sizeof(h));
}

static int ipsec_mb_key_init(struct crypto_engine_worker *worker, struct crypto_key *key,
			     enum crypto_cipher cipher, const uint8_t *cipher_key,
			     enum crypto_hash hash, const uint8_t *hash_key, size_t hash_key_length)
{
	if (cipher > CRYPTO_AES_256_CTR || hash > CRYPTO_GHASH ||
	    hash_key_length > CRYPTO_HASH_KEY_MAX)
		return -ENOTSUP;
	if (hash == CRYPTO_GHASH && (cipher == CRYPTO_CIPHER_NONE || hash_key_length > 0))
		return -ENOTSUP;
	key->cipher_id = (uint8_t)cipher;
	key->hash_id = (uint8_t)hash;
	if (cipher != CRYPTO_CIPHER_NONE)
		memcpy(hash == CRYPTO_GHASH ? key->gcm_cipher : key->hmac_cipher, cipher_key,
		       crypto_cipher_key_size(cipher));
	if (hash == CRYPTO_GHASH)
		ghash_key_init(worker, key);
	if (hash == CRYPTO_HMAC_SHA1) {
		hmac_half(worker->manager, key->hash_inner, hash_key, hash_key_length, 0x36);
		hmac_half(worker->manager, key->hash_outer, hash_key, hash_key_length, 0x5c);
	}
	return 0;
}

static void ipsec_mb_key_free(struct crypto_engine_worker *worker, struct crypto_key *key)
{
	(void)worker;
	explicit_bzero(key, crypto_key_bytes(key));
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

static void library_ctr(struct crypto_engine_worker *worker, struct crypto_op *const *ops,
			unsigned n, enum crypto_cipher cipher)
{
	uint64_t key_length = crypto_cipher_key_size(cipher);

	for (unsigned i = 0; i < n; i++) {
		IMB_JOB *job = &worker->cipher_jobs[i];

		aes_expand(&worker->schedules[i], cipher, crypto_key_cipher(ops[i]->key));
		job->enc_keys = &worker->schedules[i];
		job->dec_keys = &worker->schedules[i];
		job->key_len_in_bytes = key_length;
		job->src = ops[i]->data;
		job->dst = ops[i]->data;
		job->msg_len_to_cipher_in_bytes = ops[i]->length;
		job->iv = ops[i]->iv;
	}
	must_be_done(IMB_SUBMIT_CIPHER_BURST_NOCHECK(worker->manager, worker->cipher_jobs, n,
						     IMB_CIPHER_CNTR, IMB_DIR_ENCRYPT,
						     (IMB_KEY_SIZE_BYTES)key_length),
		     n);
	explicit_bzero(worker->schedules, n * sizeof(worker->schedules[0]));
}

/*
 * Works the ops of one cipher. Returns the ciphers of the burst as bits: nearly always there is
 * that one alone.
 */
static uint32_t cipher_group(struct crypto_engine_worker *worker, struct crypto_op *ops, unsigned n,
			     enum crypto_cipher cipher)
{
	struct crypto_op *group[CRYPTO_BURST_MAX];
	uint32_t seen = 0;
	unsigned count = 0;

	for (unsigned i = 0; i < n; i++) {
		struct crypto_op *op = &ops[i];

		seen |= 1U << op->key->cipher_id;
		if (op->key->cipher_id != (uint8_t)cipher || op->length == 0)
			continue;
		if (op->key->hash_id == CRYPTO_GHASH)
			gcm_counter(op->iv, GCM_COUNTER_DATA);
		group[count++] = op;
	}
	if (count == 0)
		return seen;
	if (worker->cipher == IPSEC_MB_BEST)
		aes_ctr_vaes(group, count, cipher, &worker->meanwhile);
	else
		library_ctr(worker, group, count, cipher);
	return seen;
}

static void ipsec_mb_cipher_burst(struct crypto_engine_worker *worker, struct crypto_op *ops,
				  unsigned n)
{
	uint32_t done = 1U << CRYPTO_CIPHER_NONE;
	uint32_t seen = 1U << CRYPTO_AES_128_CTR;

	assert(n <= CRYPTO_BURST_MAX);
	while (seen & ~done) {
		unsigned id = (unsigned)__builtin_ctz(seen & ~done);

		seen |= cipher_group(worker, ops, n, (enum crypto_cipher)id);
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
	if (worker->hmac == IPSEC_MB_BEST) {
		hmac_sha1_avx512(ops, n, &worker->meanwhile);
		return;
	}
	for (unsigned i = 0; i < n; i++)
		hash_job_fill(&worker->hash_jobs[i], ops[i]);
	must_be_done(IMB_SUBMIT_HASH_BURST_NOCHECK(worker->manager, worker->hash_jobs, n,
						   IMB_AUTH_HMAC_SHA_1),
		     n);
}

static void ghash_burst(struct crypto_engine_worker *worker, struct crypto_op *const *ops,
			unsigned n)
{
	struct aes_block_op blocks[CRYPTO_BURST_MAX];
	uint8_t cover[CRYPTO_BURST_MAX][AES_BLOCK];

	for (unsigned i = 0; i < n; i++) {
		memcpy(cover[i], ops[i]->iv, AES_BLOCK);
		gcm_counter(cover[i], GCM_COUNTER_TAG);
		blocks[i] = (struct aes_block_op){.key = ops[i]->key, .block = cover[i]};
	}
	worker->blocks(blocks, n);
	for (unsigned i = 0; i < n; i++)
		worker->gcm->tag(ops[i], cover[i]);
	explicit_bzero(cover, n * sizeof(cover[0]));
}

static void ipsec_mb_tag_burst(struct crypto_engine_worker *worker, struct crypto_op *ops,
			       unsigned n)
{
	struct crypto_op *hmac[CRYPTO_BURST_MAX], *ghash[CRYPTO_BURST_MAX];
	unsigned hmacs = 0, ghashes = 0;

	assert(n <= CRYPTO_BURST_MAX);
	for (unsigned i = 0; i < n; i++) {
		if (ops[i].key->hash_id == CRYPTO_GHASH)
			ghash[ghashes++] = &ops[i];
		if (ops[i].key->hash_id == CRYPTO_HMAC_SHA1 && ops[i].authentic_length > 0)
			hmac[hmacs++] = &ops[i];
	}
	if (ghashes > 0)
		ghash_burst(worker, ghash, ghashes);
	if (hmacs > 0)
		hmac_burst(worker, hmac, hmacs);
}

static void ipsec_mb_meanwhile(struct crypto_engine_worker *worker,
			       const struct crypto_meanwhile *meanwhile)
{
	worker->meanwhile = *meanwhile;
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
    .meanwhile = ipsec_mb_meanwhile,
};
