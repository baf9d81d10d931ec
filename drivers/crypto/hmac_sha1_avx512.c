/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A register holds the same word of sixteen messages. Blocks are turned that way as they are read;
 * the outer hash needs no memory at all, as the inner digests are already where it wants them.
 *
 * Messages of a group end at different blocks: lanes that have ended go on with whatever is there,
 * and keep their state. So a burst is sorted by blocks first.
 */
#include <immintrin.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "crypto/hmac_sha1.h"

#define LANES 16U
#define BLOCK 64U
#define DIGEST_WORDS 5U
#define BLOCK_WORDS 16U
#define MEANWHILE_LINES 9U /* that come in during a block: some 300 cycles */
#define LENGTH_BYTES 8U    /* at a message's end, FIPS 180-4 5.1.1 */

static_assert(LANES * sizeof(uint32_t) == sizeof(__m512i), "a word of each lane");

/* The functions of FIPS 180-4 4.1.1 as truth tables of three bits. */
#define CHOOSE 0xca
#define PARITY 0x96
#define MAJORITY 0xe8

/* Words of all lanes: lane i is the 32 bits from i up. */
struct hash {
	__m512i word[DIGEST_WORDS];
};

/* FIPS 180-4 6.1.2, step 3. e becomes a, and so on: the caller names them in turn. */
#define STEP(a, b, c, d, e, f, k, w)                                              \
	do {                                                                      \
		(e) = _mm512_add_epi32(e, _mm512_add_epi32(k, w));                \
		(e) = _mm512_add_epi32(e, _mm512_ternarylogic_epi32(b, c, d, f)); \
		(e) = _mm512_add_epi32(e, _mm512_rol_epi32(a, 5));                \
		(b) = _mm512_rol_epi32(b, 30);                                    \
	} while (0)

/* Step 1: the message schedule, in the sixteen words that are needed of it. */
static inline __attribute__((always_inline)) __m512i schedule(__m512i w[BLOCK_WORDS], unsigned t)
{
	__m512i sum;

	if (t < BLOCK_WORDS)
		return w[t];
	sum = _mm512_ternarylogic_epi32(w[(t - 3) % BLOCK_WORDS], w[(t - 8) % BLOCK_WORDS],
					w[(t - 14) % BLOCK_WORDS], PARITY);
	w[t % BLOCK_WORDS] = _mm512_rol_epi32(_mm512_xor_si512(sum, w[t % BLOCK_WORDS]), 1);
	return w[t % BLOCK_WORDS];
}

#define STEPS_5(t, f)                                            \
	do {                                                     \
		STEP(a, b, c, d, e, f, k, schedule(w, (t)));     \
		STEP(e, a, b, c, d, f, k, schedule(w, (t) + 1)); \
		STEP(d, e, a, b, c, f, k, schedule(w, (t) + 2)); \
		STEP(c, d, e, a, b, f, k, schedule(w, (t) + 3)); \
		STEP(b, c, d, e, a, f, k, schedule(w, (t) + 4)); \
	} while (0)
#define STEPS_20(t, f, constant)                                      \
	do {                                                          \
		const __m512i k = _mm512_set1_epi32((int)(constant)); \
                                                                      \
		STEPS_5((t), f);                                      \
		STEPS_5((t) + 5, f);                                  \
		STEPS_5((t) + 10, f);                                 \
		STEPS_5((t) + 15, f);                                 \
	} while (0)

/* One block, w, of the lanes in active; w is used up. */
static inline __attribute__((always_inline)) void compress(struct hash *hash,
							   __m512i w[BLOCK_WORDS], __mmask16 active)
{
	__m512i a = hash->word[0], b = hash->word[1], c = hash->word[2], d = hash->word[3],
		e = hash->word[4];

	STEPS_20(0, CHOOSE, 0x5a827999);
	STEPS_20(20, PARITY, 0x6ed9eba1);
	STEPS_20(40, MAJORITY, 0x8f1bbcdc);
	STEPS_20(60, PARITY, 0xca62c1d6);
	hash->word[0] = _mm512_mask_add_epi32(hash->word[0], active, hash->word[0], a);
	hash->word[1] = _mm512_mask_add_epi32(hash->word[1], active, hash->word[1], b);
	hash->word[2] = _mm512_mask_add_epi32(hash->word[2], active, hash->word[2], c);
	hash->word[3] = _mm512_mask_add_epi32(hash->word[3], active, hash->word[3], d);
	hash->word[4] = _mm512_mask_add_epi32(hash->word[4], active, hash->word[4], e);
}

/* 16 bytes of lanes first, first + 4, first + 8, first + 12. */
static inline __m512i load_row(const uint8_t *const from[LANES], unsigned first, size_t at)
{
	__m512i row = _mm512_castsi128_si512(_mm_loadu_si128((const __m128i *)(from[first] + at)));

	row = _mm512_mask_broadcast_i32x4(row, 0x00f0,
					  _mm_loadu_si128((const __m128i *)(from[first + 4] + at)));
	row = _mm512_mask_broadcast_i32x4(row, 0x0f00,
					  _mm_loadu_si128((const __m128i *)(from[first + 8] + at)));
	return _mm512_mask_broadcast_i32x4(
	    row, 0xf000, _mm_loadu_si128((const __m128i *)(from[first + 12] + at)));
}

/* Four words of each lane, that lie at that place: a transposition of 4 by 4 in every quarter. */
static inline __attribute__((always_inline)) void load_words(__m512i words[4],
							     const uint8_t *const from[LANES],
							     size_t at)
{
	__m512i row0 = load_row(from, 0, at), row1 = load_row(from, 1, at),
		row2 = load_row(from, 2, at), row3 = load_row(from, 3, at);
	__m512i low01 = _mm512_unpacklo_epi32(row0, row1),
		low23 = _mm512_unpacklo_epi32(row2, row3);
	__m512i high01 = _mm512_unpackhi_epi32(row0, row1),
		high23 = _mm512_unpackhi_epi32(row2, row3);

	words[0] = _mm512_unpacklo_epi64(low01, low23);
	words[1] = _mm512_unpackhi_epi64(low01, low23);
	words[2] = _mm512_unpacklo_epi64(high01, high23);
	words[3] = _mm512_unpackhi_epi64(high01, high23);
}

static inline __m512i swap_bytes(__m512i words)
{
	const __m128i order = _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);

	return _mm512_shuffle_epi8(words, _mm512_broadcast_i32x4(order));
}

static inline __attribute__((always_inline)) void load_block(__m512i w[BLOCK_WORDS],
							     const uint8_t *const from[LANES],
							     size_t at)
{
	load_words(w, from, at);
	load_words(w + 4, from, at + 16);
	load_words(w + 8, from, at + 32);
	load_words(w + 12, from, at + 48);
	for (unsigned i = 0; i < BLOCK_WORDS; i++)
		w[i] = swap_bytes(w[i]);
}

static_assert(offsetof(struct crypto_key, hash_outer) ==
		  offsetof(struct crypto_key, hash_inner) + 4 * DIGEST_WORDS,
	      "one behind the other");

/* The states that keys keep, which are words already, and one behind the other: so ten words are
 * read of each key, the last four of them together. */
static inline __attribute__((always_inline)) void load_states(struct hash *inner,
							      struct hash *outer,
							      const uint8_t *const from[LANES])
{
	__m512i middle[4], last[4];

	load_words(inner->word, from, 0);
	load_words(middle, from, 16);
	load_words(last, from, 24);
	inner->word[4] = middle[0];
	outer->word[0] = middle[1];
	for (unsigned i = 0; i < 4; i++)
		outer->word[1 + i] = last[i];
}

/* Of a message with its padding, behind the block of the key. */
static inline uint32_t blocks_of(const struct crypto_op *op)
{
	return (op->authentic_length + LENGTH_BYTES) / BLOCK + 1;
}

struct lane {
	const uint8_t *message;
	uint32_t whole;  /* blocks that lie in the message */
	uint32_t blocks; /* those, and one or two of the tail */
};

/* The messages of a group, and their ends with the padding. */
struct group {
	struct lane lane[LANES];
	alignas(64) uint8_t tail[LANES][2 * BLOCK];
};

static inline void lane_begin(struct group *group, unsigned i, const struct crypto_op *op)
{
	struct lane *lane = &group->lane[i];
	uint8_t *at = group->tail[i];
	uint32_t rest = op->authentic_length % BLOCK;
	uint64_t bits_be = __builtin_bswap64(UINT64_C(8) * (op->authentic_length + BLOCK));
	__m512i tail;

	lane->message = op->authentic;
	lane->whole = op->authentic_length / BLOCK;
	lane->blocks = blocks_of(op);
	tail = _mm512_maskz_loadu_epi8((UINT64_C(1) << rest) - 1,
				       lane->message + (size_t)BLOCK * lane->whole);
	tail = _mm512_mask_set1_epi8(tail, UINT64_C(1) << rest, (char)0x80);
	_mm512_store_si512(at, tail);
	_mm512_store_si512(at + BLOCK, _mm512_setzero_si512());
	memcpy(at + (size_t)BLOCK * (lane->blocks - lane->whole) - LENGTH_BYTES, &bits_be,
	       LENGTH_BYTES);
}

/* A lane that has ended reads its tail: it lies there, and goes nowhere. */
static inline const uint8_t *lane_block(const struct group *group, unsigned i, uint32_t block)
{
	const struct lane *lane = &group->lane[i];

	if (block < lane->whole)
		return lane->message + (size_t)BLOCK * block;
	return group->tail[i] + (block == lane->whole + 1 ? BLOCK : 0);
}

/* Messages that end at different blocks. */
static __attribute__((noinline)) void hash_uneven(struct hash *hash, const struct group *group,
						  uint32_t blocks)
{
	const uint8_t *from[LANES];
	__m512i w[BLOCK_WORDS];

	for (uint32_t block = 0; block < blocks; block++) {
		__mmask16 active = 0;

		for (unsigned i = 0; i < LANES; i++) {
			from[i] = lane_block(group, i, block);
			active = (__mmask16)(active | (block < group->lane[i].blocks) << i);
		}
		load_block(w, from, 0);
		compress(hash, w, active);
	}
}

/* All end at the same block, as those of one codec do. */
static inline __attribute__((always_inline)) void hash_even(
    struct hash *hash, const struct group *group, const struct crypto_meanwhile *meanwhile)
{
	uint32_t whole = group->lane[0].whole, blocks = group->lane[0].blocks;
	const uint8_t *from[LANES];
	__m512i w[BLOCK_WORDS];

	for (unsigned i = 0; i < LANES; i++)
		from[i] = group->lane[i].message;
	for (uint32_t block = 0; block < blocks; block++) {
		size_t at = (size_t)BLOCK * block;

		if (block >= whole) {
			at -= (size_t)BLOCK * whole;
			for (unsigned i = 0; i < LANES; i++)
				from[i] = group->tail[i];
		}
		load_block(w, from, at);
		crypto_meanwhile_run(meanwhile, MEANWHILE_LINES);
		compress(hash, w, 0xffff);
	}
}

/* The digest of the inner hash, behind the outer key. */
static inline __attribute__((always_inline)) void hash_digests(struct hash *hash,
							       const struct hash *inner)
{
	__m512i w[BLOCK_WORDS] = {inner->word[0], inner->word[1],
				  inner->word[2], inner->word[3],
				  inner->word[4], _mm512_set1_epi32((int)0x80000000)};

	w[BLOCK_WORDS - 1] = _mm512_set1_epi32(8 * (BLOCK + 4 * DIGEST_WORDS));
	compress(hash, w, 0xffff);
}

/* Four words of each lane to where they belong: load_words() the other way round. */
static inline void store_words(uint8_t rows[LANES][16], const __m512i words[4])
{
	__m512i low01 = _mm512_unpacklo_epi32(words[0], words[1]),
		low23 = _mm512_unpacklo_epi32(words[2], words[3]);
	__m512i high01 = _mm512_unpackhi_epi32(words[0], words[1]),
		high23 = _mm512_unpackhi_epi32(words[2], words[3]);

	/* row i of a quarter q is of lane 4 q + i: load_row() has put them there so */
	_mm512_store_si512(rows[0], _mm512_unpacklo_epi64(low01, low23));
	_mm512_store_si512(rows[4], _mm512_unpackhi_epi64(low01, low23));
	_mm512_store_si512(rows[8], _mm512_unpacklo_epi64(high01, high23));
	_mm512_store_si512(rows[12], _mm512_unpackhi_epi64(high01, high23));
}

static inline void store_tags(const struct hash *hash, struct crypto_op *const *ops, unsigned n)
{
	alignas(64) uint8_t rows[LANES][16];
	alignas(64) uint32_t last[LANES];
	__m512i words[4];

	for (unsigned i = 0; i < 4; i++)
		words[i] = swap_bytes(hash->word[i]);
	store_words(rows, words);
	_mm512_store_si512(last, swap_bytes(hash->word[4]));
	/* or the compiler takes the registers apart again, word by word */
	__asm__("" : "+m"(rows), "+m"(last));
	for (unsigned lane = 0; lane < n; lane++) {
		memcpy(ops[lane]->tag, rows[4 * (lane % 4) + lane / 4], 16);
		memcpy(ops[lane]->tag + 16, &last[lane], 4);
	}
}

/* n: 1 to LANES; the lanes without an op do the work of the first again. */
static void group_hash(struct crypto_op *const *ops, unsigned n,
		       const struct crypto_meanwhile *meanwhile)
{
	struct group group;
	const uint8_t *state[LANES];
	struct hash inner, outer;
	uint32_t blocks = 0, differ = 0;

	for (unsigned i = 0; i < LANES; i++) {
		const struct crypto_op *op = ops[i < n ? i : 0];

		lane_begin(&group, i, op);
		state[i] = op->key->hash_inner;
		differ |= group.lane[i].whole ^ group.lane[0].whole;
		differ |= group.lane[i].blocks ^ group.lane[0].blocks;
		blocks = group.lane[i].blocks > blocks ? group.lane[i].blocks : blocks;
	}
	load_states(&inner, &outer, state);
	if (differ)
		hash_uneven(&inner, &group, blocks);
	else
		hash_even(&inner, &group, meanwhile);
	crypto_meanwhile_run(meanwhile, MEANWHILE_LINES);
	hash_digests(&outer, &inner);
	store_tags(&outer, ops, n);
}

/* So many blocks, or more, are sorted as alike. */
#define SORTED_BLOCKS 32U

static inline unsigned bucket_of(const struct crypto_op *op)
{
	uint32_t blocks = blocks_of(op);

	return blocks < SORTED_BLOCKS ? blocks : SORTED_BLOCKS - 1;
}

/* By counting. */
static void sort_by_blocks(struct crypto_op **sorted, struct crypto_op *const *ops, unsigned n)
{
	uint8_t place[SORTED_BLOCKS] = {0};
	unsigned next = 0;

	for (unsigned i = 0; i < n; i++)
		place[bucket_of(ops[i])]++;
	for (unsigned bucket = 0; bucket < SORTED_BLOCKS; bucket++) {
		unsigned count = place[bucket];

		place[bucket] = (uint8_t)next;
		next += count;
	}
	for (unsigned i = 0; i < n; i++)
		sorted[place[bucket_of(ops[i])]++] = ops[i];
}

static bool are_alike(struct crypto_op *const *ops, unsigned n)
{
	unsigned differ = 0;

	for (unsigned i = 1; i < n; i++)
		differ |= ops[i]->authentic_length ^ ops[0]->authentic_length;
	return differ == 0;
}

void hmac_sha1_avx512(struct crypto_op *const *ops, unsigned n,
		      const struct crypto_meanwhile *meanwhile)
{
	struct crypto_op *sorted[CRYPTO_BURST_MAX];

	assert(n <= CRYPTO_BURST_MAX);
	if (!are_alike(ops, n)) {
		sort_by_blocks(sorted, ops, n);
		ops = sorted;
	}
	for (unsigned at = 0; at < n; at += LANES)
		group_hash(ops + at, n - at < LANES ? n - at : LANES, meanwhile);
}

bool hmac_sha1_avx512_runs_here(void)
{
	return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
	       __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
}
