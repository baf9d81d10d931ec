/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SipHash-2-4 (Aumasson and Bernstein): a keyed hash, so that no peer can choose what collides. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sip/str.h"

struct siphash_key {
	uint64_t k0, k1;
};

uint64_t siphash(const struct siphash_key *key, struct str text);

/*
 * 128 bits of several texts (SipHash-128 over their lengths and their words, so that ("ab", "c")
 * and ("a", "bc") differ): wide enough to stand for the texts themselves, as who does not know the
 * key finds no two that have the same. Each at most 2^21 - 1 bytes.
 */
struct fingerprint {
	uint64_t low, high;
};

struct fingerprint fingerprint_of(const struct siphash_key *key, const struct str *part,
				  size_t count);

static inline bool fingerprint_equal(const struct fingerprint *a, const struct fingerprint *b)
{
	return a->low == b->low && a->high == b->high;
}
