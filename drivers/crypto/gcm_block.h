/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arithmetic on one block of GCM, for the implementations of the tag. Only for gcm*.c. */
#pragma once

#include <tmmintrin.h>
#include <wmmintrin.h>

#include "crypto/gcm.h"

#define BLOCK 16U
#define POWERS 3U /* of H, in a key */

/* Sum of products before the reduction: 256 bits, the middle ones apart. */
struct product {
	__m128i low;
	__m128i middle;
	__m128i high;
};

static inline __m128i reverse(__m128i block)
{
	return _mm_shuffle_epi8(block,
				_mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
}

static inline __m128i load(const uint8_t *bytes)
{
	return _mm_loadu_si128((const __m128i *)bytes);
}

/* Modulo x^128 + x^127 + x^126 + x^121 + 1, times x^-128: two steps of 64 bits. */
static inline __m128i gcm_reduce(const struct product *sum)
{
	const __m128i polynomial = _mm_set_epi64x((long long)0xc200000000000000ULL, 1);
	__m128i low = _mm_xor_si128(sum->low, _mm_slli_si128(sum->middle, 8));
	__m128i high = _mm_xor_si128(sum->high, _mm_srli_si128(sum->middle, 8));

	for (int i = 0; i < 2; i++)
		low = _mm_xor_si128(_mm_shuffle_epi32(low, 0x4e),
				    _mm_clmulepi64_si128(low, polynomial, 0x10));
	return _mm_xor_si128(high, low);
}
