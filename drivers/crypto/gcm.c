/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GHASH is computed as POLYVAL of byte-reversed blocks, with H times x (RFC 8452 appendix A): so
 * the bits lie as the processor's multiplication has them. A product a·b stands for a·b·x^-128,
 * which is what the reduction leaves.
 *
 * Here for any CPU that the engine takes: 128 bits at a time, three blocks to a reduction.
 */
#include "crypto/gcm.h"

#include <string.h>

#include "crypto/gcm_block.h"

struct ghash {
	__m128i power[POWERS]; /* H^1, H^2, H^3 */
	__m128i state;
	__m128i pending[POWERS];
	unsigned count;
};

static inline void add_product(struct product *sum, __m128i a, __m128i b)
{
	sum->low = _mm_xor_si128(sum->low, _mm_clmulepi64_si128(a, b, 0x00));
	sum->high = _mm_xor_si128(sum->high, _mm_clmulepi64_si128(a, b, 0x11));
	sum->middle = _mm_xor_si128(sum->middle, _mm_clmulepi64_si128(a, b, 0x01));
	sum->middle = _mm_xor_si128(sum->middle, _mm_clmulepi64_si128(a, b, 0x10));
}

static inline __m128i multiply(__m128i a, __m128i b)
{
	struct product sum = {0};

	add_product(&sum, a, b);
	return gcm_reduce(&sum);
}

/* (state + a)·H^3 + b·H^2 + c·H */
static inline void absorb(struct ghash *ghash, __m128i a, __m128i b, __m128i c)
{
	struct product sum = {0};

	add_product(&sum, b, ghash->power[1]);
	add_product(&sum, c, ghash->power[0]);
	add_product(&sum, _mm_xor_si128(a, ghash->state), ghash->power[2]);
	ghash->state = gcm_reduce(&sum);
}

static inline void push(struct ghash *ghash, __m128i block)
{
	ghash->pending[ghash->count++] = reverse(block);
	if (ghash->count < POWERS)
		return;
	absorb(ghash, ghash->pending[0], ghash->pending[1], ghash->pending[2]);
	ghash->count = 0;
}

/* The last block is filled with zeros. */
static inline void push_bytes(struct ghash *ghash, const uint8_t *bytes, uint32_t length)
{
	uint8_t last[BLOCK] = {0};

	while (ghash->count > 0 && length >= BLOCK) {
		push(ghash, load(bytes));
		bytes += BLOCK;
		length -= BLOCK;
	}
	for (; length >= POWERS * BLOCK; length -= POWERS * BLOCK) {
		absorb(ghash, reverse(load(bytes)), reverse(load(bytes + BLOCK)),
		       reverse(load(bytes + 2 * (size_t)BLOCK)));
		bytes += POWERS * BLOCK;
	}
	for (; length >= BLOCK; length -= BLOCK) {
		push(ghash, load(bytes));
		bytes += BLOCK;
	}
	if (length == 0)
		return;
	memcpy(last, bytes, length);
	push(ghash, load(last));
}

static inline __m128i finish(struct ghash *ghash)
{
	struct product sum = {0};

	if (ghash->count == 0)
		return ghash->state;
	ghash->pending[0] = _mm_xor_si128(ghash->pending[0], ghash->state);
	for (unsigned i = 0; i < ghash->count; i++)
		add_product(&sum, ghash->pending[i], ghash->power[ghash->count - 1 - i]);
	return gcm_reduce(&sum);
}

/* H·x: one bit up, and the polynomial added when a bit leaves at the top; no branch on the key. */
static __m128i double_h(__m128i h)
{
	const __m128i polynomial = _mm_set_epi64x((long long)0xc200000000000000ULL, 1);
	__m128i carries = _mm_srli_epi64(h, 63);
	__m128i top = _mm_shuffle_epi32(_mm_srai_epi32(h, 31), 0xff);

	h = _mm_or_si128(_mm_slli_epi64(h, 1), _mm_slli_si128(carries, 8));
	return _mm_xor_si128(h, _mm_and_si128(top, polynomial));
}

void gcm_key_init(struct crypto_key *key, const uint8_t h[16])
{
	__m128i first = double_h(reverse(load(h)));
	__m128i power = first;

	for (unsigned i = 0; i < POWERS; i++) {
		_mm_storeu_si128((__m128i *)key->ghash_powers[POWERS - 1 - i], power);
		power = multiply(power, first);
	}
}

static void gcm_tag_portable(struct crypto_op *op, const uint8_t cover[16])
{
	struct ghash ghash = {.state = _mm_setzero_si128()};

	for (unsigned i = 0; i < POWERS; i++)
		ghash.power[i] = load(op->key->ghash_powers[POWERS - 1 - i]);
	push_bytes(&ghash, op->authentic, op->authentic_length);
	push_bytes(&ghash, op->data, op->length);
	/* the lengths in bits, big-endian: push() reverses them back */
	push(&ghash, reverse(_mm_set_epi64x(8 * (long long)op->authentic_length,
					    8 * (long long)op->length)));
	_mm_storeu_si128((__m128i *)op->tag, _mm_xor_si128(load(cover), reverse(finish(&ghash))));
}

static bool always(void)
{
	return true;
}

const struct gcm_implementation gcm_implementations[] = {
    {"vpclmulqdq", gcm_avx512_runs_here, gcm_tag_avx512},
    {"pclmulqdq", always, gcm_tag_portable},
    {0},
};

const struct gcm_implementation *gcm_best(void)
{
	const struct gcm_implementation *best = gcm_implementations;

	while (!best->runs_here())
		best++;
	return best;
}
