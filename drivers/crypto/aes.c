/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SubWord() of the key schedule is AESENCLAST: with a word in all four columns its ShiftRows()
 * changes nothing, and what it adds as a round key is Rcon.
 */
#include "crypto/aes.h"

#include <string.h>

#include "crypto/aes_schedule.h"

static void expand_128(struct aes_schedule *schedule, const uint8_t *raw)
{
	__m128i key = aes_load(raw);

	aes_store(schedule->key[0], key);
	for (unsigned i = 0; i < 10; i++) {
		key = aes_spread(key, aes_sub_word(aes_rotated_last(key), aes_rcon(i)));
		aes_store(schedule->key[i + 1], key);
	}
}

static void expand_256(struct aes_schedule *schedule, const uint8_t *raw)
{
	__m128i even = aes_load(raw), odd = aes_load(raw + 16);

	aes_store(schedule->key[0], even);
	aes_store(schedule->key[1], odd);
	for (unsigned i = 0; i < 7; i++) {
		even = aes_spread(even, aes_sub_word(aes_rotated_last(odd), aes_rcon(i)));
		aes_store(schedule->key[2 * i + 2], even);
		if (i == 6)
			break;
		odd = aes_spread(odd, aes_sub_word(aes_last(even), _mm_setzero_si128()));
		aes_store(schedule->key[2 * i + 3], odd);
	}
}

/* Its six words do not fit the registers: word by word, as FIPS 197 5.2 has it. */
static void expand_192(struct aes_schedule *schedule, const uint8_t *raw)
{
	uint32_t words[4 * 13];

	memcpy(words, raw, 24);
	for (unsigned i = 6; i < 4 * 13; i++) {
		uint32_t word = words[i - 1];

		if (i % 6 == 0)
			word = (uint32_t)_mm_cvtsi128_si32(aes_sub_word(
			    _mm_set1_epi32((int)(word >> 8 | word << 24)), aes_rcon(i / 6 - 1)));
		words[i] = words[i - 6] ^ word;
	}
	memcpy(schedule->key, words, sizeof(words));
	explicit_bzero(words, sizeof(words));
}

void aes_expand(struct aes_schedule *schedule, enum crypto_cipher cipher, const uint8_t *raw)
{
	switch (cipher) {
	case CRYPTO_AES_128_CTR:
		expand_128(schedule, raw);
		break;
	case CRYPTO_AES_192_CTR:
		expand_192(schedule, raw);
		break;
	default:
		expand_256(schedule, raw);
		break;
	}
}

static __m128i encrypt(const struct aes_schedule *schedule, unsigned rounds, __m128i block)
{
	block = _mm_xor_si128(block, aes_load(schedule->key[0]));
	for (unsigned i = 1; i < rounds; i++)
		block = _mm_aesenc_si128(block, aes_load(schedule->key[i]));
	return _mm_aesenclast_si128(block, aes_load(schedule->key[rounds]));
}

void aes_blocks_portable(const struct aes_block_op *ops, unsigned n)
{
	struct aes_schedule schedule;

	for (unsigned i = 0; i < n; i++) {
		enum crypto_cipher cipher = (enum crypto_cipher)ops[i].key->cipher_id;

		aes_expand(&schedule, cipher, crypto_key_cipher(ops[i].key));
		aes_store(ops[i].block,
			  encrypt(&schedule, aes_rounds(cipher), aes_load(ops[i].block)));
	}
	explicit_bzero(&schedule, sizeof(schedule));
}
