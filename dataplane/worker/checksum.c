/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker/checksum.h"

static uint64_t sum_portable(const uint8_t *at, uint32_t length)
{
	return checksum_sum(at, length);
}

/* Halves of 32 bits are added in words of 64, where nothing carries: CHECKSUM_LONG_MAX of them fit.
 */
static __attribute__((target("avx512f,avx512bw"))) uint64_t sum_avx512(const uint8_t *at,
								       uint32_t length)
{
	const __m512i low = _mm512_set1_epi64(UINT32_MAX);
	__m512i even = _mm512_setzero_si512(), odd = even, words;

	for (; length >= 64; length -= 64, at += 64) {
		words = _mm512_loadu_si512(at);
		even = _mm512_add_epi64(even, _mm512_and_si512(words, low));
		odd = _mm512_add_epi64(odd, _mm512_srli_epi64(words, 32));
	}
	words = _mm512_maskz_loadu_epi8((UINT64_C(1) << length) - 1, at);
	even = _mm512_add_epi64(even, _mm512_and_si512(words, low));
	odd = _mm512_add_epi64(odd, _mm512_srli_epi64(words, 32));
	return (uint64_t)_mm512_reduce_add_epi64(_mm512_add_epi64(even, odd));
}

uint64_t (*checksum_long_sum)(const uint8_t *at, uint32_t length) = sum_portable;

static __attribute__((constructor)) void choose(void)
{
	__builtin_cpu_init();
	if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw"))
		checksum_long_sum = sum_avx512;
}
