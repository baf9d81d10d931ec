/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tag of GCM where the CPU multiplies four blocks at once (AVX-512 and VPCLMULQDQ); see gcm.c
 * for the arithmetic. Blocks are worked in groups of four, each to its own power of H. The first
 * group is the one that may be short, and its blocks stand at its end: zeros before the first block
 * change nothing, so every group has the same powers.
 */
#include <immintrin.h>

#include "crypto/gcm_block.h"

#define LANES 4U
#define GROUP (LANES * BLOCK)
#define STRETCH 4U

/* As struct product, for a group: lanes are still to be summed. */
struct group_product {
	__m512i low;
	__m512i middle;
	__m512i high;
};

/* Blocks in their order: perhaps one (reversed), then bytes, then perhaps one. */
struct text {
	const uint8_t *bytes;
	uint32_t length;
	uint32_t before; /* 0 or 1 */
	uint32_t behind;
	__m128i block_before;
	__m128i block_behind;
};

static inline __m512i reverse_group(__m512i group)
{
	const __m128i order = _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);

	return _mm512_shuffle_epi8(group, _mm512_broadcast_i32x4(order));
}

static inline __m512i in_lane(unsigned lane, __m128i block)
{
	return _mm512_maskz_broadcast_i32x4((__mmask16)(0xfU << (4 * lane)), block);
}

static inline uint64_t bits_below(uint32_t n)
{
	return n >= 64 ? UINT64_MAX : (UINT64_C(1) << n) - 1;
}

/* 64 bytes from there on, which may be before the first; zeros where there is no byte. */
static inline __m512i load_part(const struct text *text, int32_t at)
{
	uint64_t mask = bits_below((uint32_t)((int32_t)text->length - at));

	if (at < 0)
		mask &= ~bits_below((uint32_t)-at);
	return reverse_group(
	    _mm512_maskz_loadu_epi8(mask, (const void *)((uintptr_t)text->bytes + (size_t)at)));
}

static inline __m512i load_group(const struct text *text, int32_t at, uint32_t groups_left)
{
	__m512i group;

	if (groups_left > 0)
		return reverse_group(_mm512_loadu_si512(text->bytes + at));
	group = load_part(text, at);
	return text->behind ? _mm512_xor_si512(group, in_lane(LANES - 1, text->block_behind))
			    : group;
}

static inline void add_product(struct group_product *sum, __m512i a, __m512i b)
{
	sum->low = _mm512_xor_si512(sum->low, _mm512_clmulepi64_epi128(a, b, 0x00));
	sum->high = _mm512_xor_si512(sum->high, _mm512_clmulepi64_epi128(a, b, 0x11));
	sum->middle = _mm512_ternarylogic_epi64(sum->middle, _mm512_clmulepi64_epi128(a, b, 0x01),
						_mm512_clmulepi64_epi128(a, b, 0x10), 0x96);
}

static inline __m128i lanes_sum(__m512i group)
{
	__m256i half =
	    _mm256_xor_si256(_mm512_castsi512_si256(group), _mm512_extracti64x4_epi64(group, 1));

	return _mm_xor_si128(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
}

static inline __m128i reduce_group(const struct group_product *sum)
{
	struct product product = {
	    .low = lanes_sum(_mm512_xor_si512(sum->low, _mm512_bslli_epi128(sum->middle, 8))),
	    .high = lanes_sum(_mm512_xor_si512(sum->high, _mm512_bsrli_epi128(sum->middle, 8))),
	};

	return gcm_reduce(&product);
}

/* H^4, H^3, H^2, H: the first is a square, whose middle products cancel. */
static inline __m512i powers_load(const struct crypto_key *key)
{
	__m128i square = load(key->ghash_powers[1]);
	struct product fourth = {.low = _mm_clmulepi64_si128(square, square, 0x00),
				 .high = _mm_clmulepi64_si128(square, square, 0x11)};
	/* the lanes behind the first */
	__m512i powers =
	    _mm512_maskz_loadu_epi64(0xfc, (const void *)((uintptr_t)key->ghash_powers - BLOCK));

	return _mm512_xor_si512(powers, _mm512_zextsi128_si512(gcm_reduce(&fourth)));
}

/* Each lane reduced on its own: the powers four higher. */
static inline __m512i powers_raise(__m512i powers, __m512i lowest)
{
	const __m512i polynomial =
	    _mm512_broadcast_i32x4(_mm_set_epi64x((long long)0xc200000000000000ULL, 1));
	__m512i fourth = _mm512_broadcast_i32x4(_mm512_castsi512_si128(lowest));
	struct group_product sum = {0};
	__m512i low;

	add_product(&sum, powers, fourth);
	low = _mm512_xor_si512(sum.low, _mm512_bslli_epi128(sum.middle, 8));
	for (int i = 0; i < 2; i++)
		low = _mm512_xor_si512(_mm512_shuffle_epi32(low, 0x4e),
				       _mm512_clmulepi64_epi128(low, polynomial, 0x10));
	return _mm512_ternarylogic_epi64(low, sum.high, _mm512_bsrli_epi128(sum.middle, 8), 0x96);
}

/* STRETCH groups to a reduction while there are as many behind the first. */
static inline __m512i absorb_stretches(const struct text *text, __m512i powers, __m512i group,
				       int32_t *at, uint32_t *groups)
{
	__m512i higher[STRETCH]; /* of the last group first */

	higher[0] = powers;
	for (unsigned i = 1; i < STRETCH; i++)
		higher[i] = powers_raise(higher[i - 1], powers);
	for (; *groups >= STRETCH; *groups -= STRETCH, *at += (int32_t)(STRETCH * GROUP)) {
		struct group_product sum = {0};

		add_product(&sum, group, higher[STRETCH - 1]);
		for (unsigned i = 1; i < STRETCH; i++)
			add_product(&sum,
				    load_group(text, *at + (int32_t)((i - 1) * GROUP), *groups - i),
				    higher[STRETCH - 1 - i]);
		group = load_group(text, *at + (int32_t)((STRETCH - 1) * GROUP), *groups - STRETCH);
		group = _mm512_xor_si512(group, _mm512_zextsi128_si512(reduce_group(&sum)));
	}
	return group;
}

static inline __m128i absorb(__m128i state, __m512i powers, const struct text *text)
{
	uint32_t blocks = text->before + (text->length + BLOCK - 1) / BLOCK + text->behind;
	uint32_t head = (blocks - 1) % LANES + 1; /* blocks of the first group */
	uint32_t groups = (blocks - head) / LANES;
	int32_t at = (int32_t)BLOCK * ((int32_t)head - (int32_t)LANES - (int32_t)text->before);
	__m512i group = load_part(text, at);

	if (text->before)
		state = _mm_xor_si128(state, text->block_before);
	group = _mm512_xor_si512(group, in_lane(LANES - head, state));
	if (groups == 0 && text->behind)
		group = _mm512_xor_si512(group, in_lane(LANES - 1, text->block_behind));
	at += (int32_t)GROUP;
	if (groups >= 2 * STRETCH) /* or the higher powers cost more than they save */
		group = absorb_stretches(text, powers, group, &at, &groups);
	for (;; at += (int32_t)GROUP) {
		struct group_product sum = {0};

		add_product(&sum, group, powers);
		state = reduce_group(&sum);
		if (groups-- == 0)
			return state;
		group =
		    _mm512_xor_si512(load_group(text, at, groups), _mm512_zextsi128_si512(state));
	}
}

void gcm_tag_avx512(struct crypto_op *op, const uint8_t cover[16])
{
	struct text text = {
	    .bytes = op->data,
	    .length = op->length,
	    .behind = 1,
	    .block_behind =
		_mm_set_epi64x(8 * (long long)op->authentic_length, 8 * (long long)op->length),
	};
	__m512i powers = powers_load(op->key);
	__m128i state = _mm_setzero_si128();

	if (op->authentic_length > BLOCK) {
		const struct text authentic = {.bytes = op->authentic,
					       .length = op->authentic_length};

		state = absorb(state, powers, &authentic);
	} else if (op->authentic_length > 0) { /* an RTP header, as a rule */
		text.before = 1;
		text.block_before = reverse(_mm_maskz_loadu_epi8(
		    (__mmask16)bits_below(op->authentic_length), op->authentic));
	}
	state = absorb(state, powers, &text);
	_mm_storeu_si128((__m128i *)op->tag, _mm_xor_si128(load(cover), reverse(state)));
}

bool gcm_avx512_runs_here(void)
{
	return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
	       __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
	       __builtin_cpu_supports("vpclmulqdq");
}
