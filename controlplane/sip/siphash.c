/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sip/siphash.h"

#include <endian.h>

struct state {
	uint64_t v0, v1, v2, v3;
};

static uint64_t rotate(uint64_t x, unsigned n)
{
	return x << n | x >> (64 - n);
}

static void rounds(struct state *s, unsigned count)
{
	while (count-- > 0) {
		s->v0 += s->v1;
		s->v1 = rotate(s->v1, 13) ^ s->v0;
		s->v0 = rotate(s->v0, 32);
		s->v2 += s->v3;
		s->v3 = rotate(s->v3, 16) ^ s->v2;
		s->v0 += s->v3;
		s->v3 = rotate(s->v3, 21) ^ s->v0;
		s->v2 += s->v1;
		s->v1 = rotate(s->v1, 17) ^ s->v2;
		s->v2 = rotate(s->v2, 32);
	}
}

static void absorb(struct state *s, uint64_t word)
{
	s->v3 ^= word;
	rounds(s, 2);
	s->v0 ^= word;
}

/* n bytes, at most 8, as a little-endian number */
static uint64_t load(const char *p, size_t n)
{
	uint64_t word = 0;

	if (n > 0)
		memcpy(&word, p, n);
	return le64toh(word);
}

static struct state begin(const struct siphash_key *key)
{
	return (struct state){
	    .v0 = key->k0 ^ UINT64_C(0x736f6d6570736575),
	    .v1 = key->k1 ^ UINT64_C(0x646f72616e646f6d),
	    .v2 = key->k0 ^ UINT64_C(0x6c7967656e657261),
	    .v3 = key->k1 ^ UINT64_C(0x7465646279746573),
	};
}

static uint64_t drain(struct state *s)
{
	rounds(s, 4);
	return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

uint64_t siphash(const struct siphash_key *key, struct str text)
{
	struct state s = begin(key);
	size_t at = 0;

	for (; text.len - at >= 8; at += 8)
		absorb(&s, load(text.ptr + at, 8));
	absorb(&s, (uint64_t)text.len << 56 | load(text.ptr ? text.ptr + at : NULL, text.len - at));
	s.v2 ^= 0xff;
	return drain(&s);
}

#define LENGTHS_A_WORD 3U /* of 21 bits */

static void absorb_lengths(struct state *s, const struct str *part, size_t count)
{
	for (size_t i = 0; i < count; i += LENGTHS_A_WORD) {
		uint64_t word = 0;

		for (size_t k = i; k < count && k < i + LENGTHS_A_WORD; k++)
			word = word << 21 | part[k].len;
		absorb(s, word);
	}
}

/* The last word is filled up with zeros: the length was said. */
static void absorb_text(struct state *s, struct str text)
{
	size_t at = 0;

	for (; text.len - at >= 8; at += 8)
		absorb(s, load(text.ptr + at, 8));
	if (at < text.len)
		absorb(s, load(text.ptr + at, text.len - at));
}

struct fingerprint fingerprint_of(const struct siphash_key *key, const struct str *part,
				  size_t count)
{
	struct state s = begin(key);
	struct fingerprint fingerprint;

	s.v1 ^= 0xee;
	absorb(&s, count);
	absorb_lengths(&s, part, count);
	for (size_t i = 0; i < count; i++)
		absorb_text(&s, part[i]);
	s.v2 ^= 0xee;
	fingerprint.low = drain(&s);
	s.v1 ^= 0xdd;
	fingerprint.high = drain(&s);
	return fingerprint;
}
