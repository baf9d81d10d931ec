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

static inline uint64_t checksum_word(const uint8_t *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

/* Adds a word; what is carried out of the top comes back in at the bottom. */
static inline uint64_t checksum_add(uint64_t sum, uint64_t word)
{
	sum += word;
	return sum + (sum < word);
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

/* 16 bits of it: the halves are added to themselves the other way round, so that the upper one has
 * both with what was carried out of the lower. */
static inline uint16_t checksum_fold(uint64_t sum)
{
	uint32_t half = (uint32_t)((sum + (sum << 32 | sum >> 32)) >> 32);

	return (uint16_t)((half + (half << 16 | half >> 16)) >> 16);
}

/* 32 bytes, added with one chain of carries. */
static inline uint64_t checksum_add_32(uint64_t sum, const uint8_t *at)
{
	const uint8_t(*bytes)[32] = (const uint8_t(*)[32])at;

	__asm__("addq (%1), %0\n\t"
		"adcq 8(%1), %0\n\t"
		"adcq 16(%1), %0\n\t"
		"adcq 24(%1), %0\n\t"
		"adcq $0, %0"
		: "+&r"(sum) /* written before the last byte is read */
		: "r"(at), "m"(*bytes)
		: "cc");
	return sum;
}

/* The sum of length bytes, more than 16 bits wide: see checksum_fold(). */
static inline uint64_t checksum_sum(const uint8_t *at, uint32_t length)
{
	const uint8_t *end = at + (length & ~31U);
	uint64_t sum = 0;

	for (; at != end; at += 32)
		sum = checksum_add_32(sum, at);
	end += length & 24;
	for (; at != end; at += 8)
		sum = checksum_add(sum, checksum_word(at));
	if (length & 7) /* when there are eight, those of the rest are the last of them */
		sum = checksum_add(sum, length < 8 ? checksum_rest(at, length)
						   : checksum_word(at + (length & 7) - 8) >>
							 (64 - 8 * (length & 7)));
	return sum;
}
