/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Unaligned big-endian words of a packet, and a comparison that takes the same time always. */
#pragma once

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint16_t bytes_get_be16(const uint8_t *bytes)
{
	uint16_t value_be;

	memcpy(&value_be, bytes, sizeof(value_be));
	return be16toh(value_be);
}

static inline uint32_t bytes_get_be32(const uint8_t *bytes)
{
	uint32_t value_be;

	memcpy(&value_be, bytes, sizeof(value_be));
	return be32toh(value_be);
}

static inline void bytes_put_be16(uint8_t *bytes, uint16_t value)
{
	uint16_t value_be = htobe16(value);

	memcpy(bytes, &value_be, sizeof(value_be));
}

static inline void bytes_put_be32(uint8_t *bytes, uint32_t value)
{
	uint32_t value_be = htobe32(value);

	memcpy(bytes, &value_be, sizeof(value_be));
}

/* Its time depends on length alone: for tags and keys, whose first wrong byte must not show. */
static inline bool bytes_equal_ct(const void *a, const void *b, size_t length)
{
	const uint8_t *x = a;
	const uint8_t *y = b;
	uint32_t difference = 0;

	for (size_t i = 0; i < length; i++) {
		difference |= (uint32_t)(x[i] ^ y[i]);
		__asm__("" : "+r"(difference)); /* or the compiler may stop at the first */
	}
	return difference == 0;
}
