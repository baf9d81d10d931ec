/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Four keys are expanded in step, one in each lane of a register; round keys go through a scratch
 * that stays in the nearest cache. What is encrypted under one key is four blocks to a register.
 */
#include <cpuid.h>
#include <immintrin.h>
#include <stdalign.h>
#include <string.h>

#include "crypto/aes.h"
#include "crypto/aes_schedule.h"

#define LANES 4U
#define MEANWHILE_LINES 3U        /* that come in while four packets are worked: some 120 cycles */
#define GROUP (LANES * AES_BLOCK) /* bytes of a register */
#define GROUPS_MAX 4U             /* registers that are worked together */

#define XOR3 0x96 /* as a truth table of three bits */

/* Round keys of four packets: [round][lane]. Secret. */
struct schedules {
	alignas(64) uint8_t key[AES_ROUND_KEYS_MAX][LANES][AES_BLOCK];
};

static inline __m512i spread(__m512i key, __m512i word)
{
	key = _mm512_xor_si512(key, _mm512_bslli_epi128(key, 4));
	return _mm512_ternarylogic_epi32(key, _mm512_bslli_epi128(key, 8), word, XOR3);
}

static inline __m512i next_rotated(__m512i key, __m512i before, unsigned i)
{
	__m512i last = _mm512_shuffle_epi8(before, _mm512_set1_epi32(AES_LAST_WORD_ROTATED));

	return spread(key, _mm512_aesenclast_epi128(last, _mm512_set1_epi32(aes_rcon_word(i))));
}

static inline __m512i next(__m512i key, __m512i before)
{
	__m512i last = _mm512_shuffle_epi8(before, _mm512_set1_epi32(AES_LAST_WORD));

	return spread(key, _mm512_aesenclast_epi128(last, _mm512_setzero_si512()));
}

/* 16 bytes of each key, from there on. */
static inline __m512i keys_load(const uint8_t *const raw[LANES], size_t at)
{
	__m512i keys = _mm512_castsi128_si512(aes_load(raw[0] + at));

	keys = _mm512_inserti32x4(keys, aes_load(raw[1] + at), 1);
	keys = _mm512_inserti32x4(keys, aes_load(raw[2] + at), 2);
	return _mm512_inserti32x4(keys, aes_load(raw[3] + at), 3);
}

static inline __attribute__((always_inline)) void expand_128(struct schedules *schedules,
							     const uint8_t *const raw[LANES])
{
	__m512i key = keys_load(raw, 0);

	_mm512_store_si512(schedules->key[0], key);
#pragma GCC unroll 10
	for (unsigned i = 0; i < 10; i++) {
		key = next_rotated(key, key, i);
		_mm512_store_si512(schedules->key[i + 1], key);
	}
}

static void expand_256(struct schedules *schedules, const uint8_t *const raw[LANES])
{
	__m512i even = keys_load(raw, 0), odd = keys_load(raw, 16);

	_mm512_store_si512(schedules->key[0], even);
	_mm512_store_si512(schedules->key[1], odd);
	for (unsigned i = 0; i < 7; i++) {
		even = next_rotated(even, odd, i);
		_mm512_store_si512(schedules->key[2 * i + 2], even);
		if (i == 6)
			break;
		odd = next(odd, even);
		_mm512_store_si512(schedules->key[2 * i + 3], odd);
	}
}

/* Nobody's phone has it: one key at a time. */
static void expand_192(struct schedules *schedules, const uint8_t *const raw[LANES])
{
	struct aes_schedule one;

	for (unsigned lane = 0; lane < LANES; lane++) {
		aes_expand(&one, CRYPTO_AES_192_CTR, raw[lane]);
		for (unsigned i = 0; i <= aes_rounds(CRYPTO_AES_192_CTR); i++)
			memcpy(schedules->key[i][lane], one.key[i], AES_BLOCK);
	}
	explicit_bzero(&one, sizeof(one));
}

static inline __attribute__((always_inline)) void expand(struct schedules *schedules,
							 enum crypto_cipher cipher,
							 const uint8_t *const raw[LANES])
{
	if (cipher == CRYPTO_AES_128_CTR)
		expand_128(schedules, raw);
	else if (cipher == CRYPTO_AES_192_CTR)
		expand_192(schedules, raw);
	else
		expand_256(schedules, raw);
}

/* ---- counter mode ---- */

/* The counter's bytes in the processor's order, and back. */
static inline __m512i counter_swap(__m512i blocks)
{
	return _mm512_shuffle_epi8(blocks,
				   _mm512_broadcast_i32x4(_mm_set_epi8(12, 13, 14, 15, 11, 10, 9, 8,
								       7, 6, 5, 4, 3, 2, 1, 0)));
}

static inline __m512i round_key(const struct schedules *schedules, unsigned i, unsigned lane)
{
	return _mm512_broadcast_i32x4(aes_load(schedules->key[i][lane]));
}

static inline __mmask64 bytes_mask(uint32_t n)
{
	return n >= GROUP ? UINT64_MAX : (UINT64_C(1) << n) - 1;
}

/*
 * Up to groups registers of data: the last may be short. counters: those of the first, swapped.
 * Both constants of the caller make one loop without branches for each case.
 */
static inline __attribute__((always_inline)) void groups_encrypt(const struct schedules *schedules,
								 unsigned lane, unsigned rounds,
								 __m512i counters, uint8_t *data,
								 uint32_t length,
								 const unsigned groups)
{
	const __m512i four = _mm512_maskz_set1_epi32(0x8888, LANES);
	const __mmask64 mask = bytes_mask(length - GROUP * (groups - 1));
	__m512i block[GROUPS_MAX], key = round_key(schedules, 0, lane);

#pragma GCC unroll 4
	for (unsigned g = 0; g < groups; g++) {
		block[g] = _mm512_xor_si512(counter_swap(counters), key);
		counters = _mm512_add_epi32(counters, four);
	}
	for (unsigned i = 1; i < rounds; i++) {
		key = round_key(schedules, i, lane);
#pragma GCC unroll 4
		for (unsigned g = 0; g < groups; g++)
			block[g] = _mm512_aesenc_epi128(block[g], key);
	}
	key = round_key(schedules, rounds, lane);
#pragma GCC unroll 4
	for (unsigned g = 0; g < groups; g++) {
		uint8_t *at = data + (size_t)GROUP * g;

		block[g] = _mm512_aesenclast_epi128(block[g], key);
		if (g + 1 < groups)
			_mm512_storeu_si512(at, _mm512_xor_si512(block[g], _mm512_loadu_si512(at)));
		else
			_mm512_mask_storeu_epi8(
			    at, mask,
			    _mm512_xor_si512(block[g], _mm512_maskz_loadu_epi8(mask, at)));
	}
}

static inline __attribute__((always_inline)) void ctr(const struct schedules *schedules,
						      unsigned lane, const unsigned rounds,
						      const struct crypto_op *op)
{
	const __m512i first = _mm512_set_epi32(3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0);
	const __m512i stretch = _mm512_maskz_set1_epi32(0x8888, LANES * GROUPS_MAX);
	__m512i counters =
	    _mm512_add_epi32(counter_swap(_mm512_broadcast_i32x4(aes_load(op->iv))), first);
	uint32_t length = op->length;
	uint8_t *data = op->data;

	while (length > GROUPS_MAX * GROUP) {
		groups_encrypt(schedules, lane, rounds, counters, data, GROUPS_MAX * GROUP,
			       GROUPS_MAX);
		counters = _mm512_add_epi32(counters, stretch);
		data += GROUPS_MAX * GROUP;
		length -= GROUPS_MAX * GROUP;
	}
	if (length > 3 * GROUP)
		groups_encrypt(schedules, lane, rounds, counters, data, length, 4);
	else if (length > 2 * GROUP)
		groups_encrypt(schedules, lane, rounds, counters, data, length, 3);
	else if (length > GROUP)
		groups_encrypt(schedules, lane, rounds, counters, data, length, 2);
	else if (length > 0)
		groups_encrypt(schedules, lane, rounds, counters, data, length, 1);
}

/* The lanes without an op expand the key of the first again. */
static inline void raw_keys(const uint8_t *raw[LANES], struct crypto_op *const *ops, unsigned n)
{
	for (unsigned lane = 0; lane < LANES; lane++)
		raw[lane] = crypto_key_cipher(ops[lane < n ? lane : 0]->key);
}

static inline __attribute__((always_inline)) void ctr_burst(
    struct crypto_op *const *ops, unsigned n, const enum crypto_cipher cipher,
    const struct crypto_meanwhile *meanwhile)
{
	struct schedules schedules;
	const uint8_t *raw[LANES];

	for (unsigned at = 0; at < n; at += LANES) {
		unsigned lanes = n - at < LANES ? n - at : LANES;

		raw_keys(raw, ops + at, lanes);
		crypto_meanwhile_run(meanwhile, MEANWHILE_LINES);
		expand(&schedules, cipher, raw);
		for (unsigned lane = 0; lane < lanes; lane++)
			ctr(&schedules, lane, aes_rounds(cipher), ops[at + lane]);
	}
	explicit_bzero(&schedules, sizeof(schedules));
}

void aes_ctr_vaes(struct crypto_op *const *ops, unsigned n, enum crypto_cipher cipher,
		  const struct crypto_meanwhile *meanwhile)
{
	assert(n <= CRYPTO_BURST_MAX);
	if (cipher == CRYPTO_AES_128_CTR)
		ctr_burst(ops, n, CRYPTO_AES_128_CTR, meanwhile);
	else if (cipher == CRYPTO_AES_192_CTR)
		ctr_burst(ops, n, CRYPTO_AES_192_CTR, meanwhile);
	else
		ctr_burst(ops, n, CRYPTO_AES_256_CTR, meanwhile);
}

/* ---- one block each ---- */

/* Four blocks under four keys of one cipher. */
static __m512i lanes_encrypt(const struct schedules *schedules, unsigned rounds, __m512i blocks)
{
	blocks = _mm512_xor_si512(blocks, _mm512_load_si512(schedules->key[0]));
	for (unsigned i = 1; i < rounds; i++)
		blocks = _mm512_aesenc_epi128(blocks, _mm512_load_si512(schedules->key[i]));
	return _mm512_aesenclast_epi128(blocks, _mm512_load_si512(schedules->key[rounds]));
}

static void lanes_work(struct schedules *schedules, const struct aes_block_op *const ops[LANES],
		       enum crypto_cipher cipher)
{
	const uint8_t *raw[LANES], *at[LANES];
	alignas(64) uint8_t blocks[LANES][AES_BLOCK];

	for (unsigned lane = 0; lane < LANES; lane++) {
		raw[lane] = crypto_key_cipher(ops[lane]->key);
		at[lane] = ops[lane]->block;
	}
	expand(schedules, cipher, raw);
	_mm512_store_si512(blocks, lanes_encrypt(schedules, aes_rounds(cipher), keys_load(at, 0)));
	for (unsigned lane = 0; lane < LANES; lane++) /* unused ones have the first's */
		memcpy(ops[lane]->block, blocks[lane], AES_BLOCK);
	explicit_bzero(blocks, sizeof(blocks));
}

void aes_blocks_vaes(const struct aes_block_op *ops, unsigned n)
{
	const struct aes_block_op *lane[LANES];
	struct schedules schedules;
	unsigned i = 0;

	while (i < n) {
		enum crypto_cipher cipher = (enum crypto_cipher)ops[i].key->cipher_id;
		unsigned lanes = 0;

		while (lanes < LANES && i < n && ops[i].key->cipher_id == cipher)
			lane[lanes++] = &ops[i++];
		while (lanes < LANES)
			lane[lanes++] = lane[0];
		lanes_work(&schedules, lane, cipher);
	}
	explicit_bzero(&schedules, sizeof(schedules));
}

/* clang 14 knows no name for it. The registers are the kernel's to allow, as avx512f says. */
static bool has_vaes(void)
{
	unsigned eax, ebx, ecx, edx;

	return __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) && ecx & bit_VAES;
}

bool aes_vaes_runs_here(void)
{
	return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
	       __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
	       has_vaes();
}
