/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One's complement sums of the Internet's checksums (RFC 1071), in memory order. DPDK's
 * rte_raw_cksum() adds 16 bits at a time; here it is 64, as every packet that is sent is summed.
 *
 * Thread: any. No state.
 */
#pragma once

#include <stdint.h>
#include <string.h>

#include <x86intrin.h>

static inline uint64_t checksum_word(const uint8_t *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

/* Adds a word; what is carried out of the top comes back in at the bottom. */
static inline uint64_t checksum_add(uint64_t sum, uint64_t word)
{
	unsigned long long total;
	unsigned char carry = _addcarry_u64(0, sum, word, &total);

	return total + carry;
}

/* Up to seven bytes, as if zeros followed. */
static inline uint64_t checksum_rest(const uint8_t *at, uint32_t length)
{
	uint64_t word = 0;
	uint32_t four;
	uint16_t two;

	if (length & 1)
		word = at[length - 1];
	if (length & 2) {
		memcpy(&two, at + (length & 4), sizeof(two));
		word = word << 16 | two;
	}
	if (length & 4) {
		memcpy(&four, at, sizeof(four));
		word = word << 32 | four;
	}
	return word;
}

static inline uint16_t checksum_fold(uint64_t sum)
{
	uint32_t half = (uint32_t)sum;

	half += (uint32_t)(sum >> 32);
	half += half < (uint32_t)sum; /* the carry */
	half = (half & 0xffff) + (half >> 16);
	return (uint16_t)(half + (half >> 16));
}

/* The sum of length bytes, more than 16 bits wide: see checksum_fold(). */
static inline uint64_t checksum_sum(const uint8_t *at, uint32_t length)
{
	unsigned long long sum = 0;
	unsigned char carry;

	for (; length >= 32; length -= 32, at += 32) {
		carry = _addcarry_u64(0, sum, checksum_word(at), &sum);
		carry = _addcarry_u64(carry, sum, checksum_word(at + 8), &sum);
		carry = _addcarry_u64(carry, sum, checksum_word(at + 16), &sum);
		carry = _addcarry_u64(carry, sum, checksum_word(at + 24), &sum);
		sum += carry; /* cannot carry again */
	}
	for (; length >= 8; length -= 8, at += 8)
		sum = checksum_add(sum, checksum_word(at));
	return checksum_add(sum, checksum_rest(at, length));
}
