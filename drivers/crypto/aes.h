/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * AES (FIPS 197) with keys that are expanded on the way. A key is kept as the 16 to 32 bytes that
 * it is, and its round keys are made for the burst that needs them: of 100,000 streams they would
 * be 17 MB that no near cache holds, and fetching them costs more than making them. See
 * docs/decisions/0015-keys-expanded-on-the-way.md.
 *
 * Needs a CPU with AES-NI and SSSE3; goes faster with AVX-512 and VAES. Its time depends on lengths
 * alone. Round keys are wiped before a function returns, but where it says that they are its
 * result. Only for the engines.
 */
#pragma once

#include <stdbool.h>

#include "crypto/engine.h"

#define AES_BLOCK 16U
#define AES_ROUND_KEYS_MAX 15U

/* Round keys, one after the other; aes_rounds() + 1 of them. Secret. */
struct aes_schedule {
	alignas(64) uint8_t key[AES_ROUND_KEYS_MAX][AES_BLOCK];
};

static inline unsigned aes_rounds(enum crypto_cipher cipher)
{
	switch (cipher) {
	case CRYPTO_AES_128_CTR:
		return 10;
	case CRYPTO_AES_192_CTR:
		return 12;
	default:
		return 14;
	}
}

/* The round keys of raw, which has crypto_cipher_key_size() bytes. */
void aes_expand(struct aes_schedule *schedule, enum crypto_cipher cipher, const uint8_t *raw);

/* Encrypts n blocks in place, each under its own key. */
struct aes_block_op {
	const struct crypto_key *key;
	uint8_t *block;
};
typedef void aes_blocks_fn(const struct aes_block_op *ops, unsigned n);
aes_blocks_fn aes_blocks_portable;

/* Of aes_vaes.c: only where aes_vaes_runs_here(). */
aes_blocks_fn aes_blocks_vaes;
/*
 * Counter mode (NIST SP 800-38A 6.5) of n up to CRYPTO_BURST_MAX ops in place, whose keys have that
 * cipher. The last four bytes of iv count, big-endian.
 */
void aes_ctr_vaes(struct crypto_op *const *ops, unsigned n, enum crypto_cipher cipher,
		  const struct crypto_meanwhile *meanwhile);
bool aes_vaes_runs_here(void);
