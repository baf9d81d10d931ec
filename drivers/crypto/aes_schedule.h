/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Steps of AES' key schedule (FIPS 197 5.2) on one key. Only for aes*.c. */
#pragma once

#include <stdint.h>

#include <tmmintrin.h>
#include <wmmintrin.h>

/* Bytes of the last word, once as it stands and once as RotWord() leaves it. */
#define AES_LAST_WORD 0x0f0e0d0c
#define AES_LAST_WORD_ROTATED 0x0c0f0e0d

/* Rcon of FIPS 197 5.2, table 5. */
static inline int aes_rcon_word(unsigned i)
{
	static const uint8_t rcon[] = {0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0x1b, 0x36};

	return rcon[i];
}

static inline __m128i aes_rcon(unsigned i)
{
	return _mm_set1_epi32(aes_rcon_word(i));
}

static inline __m128i aes_load(const void *bytes)
{
	return _mm_loadu_si128(bytes);
}

static inline void aes_store(void *bytes, __m128i block)
{
	_mm_storeu_si128(bytes, block);
}

/* The last word of the key, in all four. */
static inline __m128i aes_last(__m128i key)
{
	return _mm_shuffle_epi8(key, _mm_set1_epi32(AES_LAST_WORD));
}

static inline __m128i aes_rotated_last(__m128i key)
{
	return _mm_shuffle_epi8(key, _mm_set1_epi32(AES_LAST_WORD_ROTATED));
}

static inline __m128i aes_sub_word(__m128i words, __m128i rcon)
{
	return _mm_aesenclast_si128(words, rcon);
}

/* Each word and all before it, and the new one in all of them. */
static inline __m128i aes_spread(__m128i key, __m128i word)
{
	key = _mm_xor_si128(key, _mm_slli_si128(key, 4));
	key = _mm_xor_si128(key, _mm_slli_si128(key, 8));
	return _mm_xor_si128(key, word);
}
