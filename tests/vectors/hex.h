/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Test vectors are written in hexadecimal, as their sources print them. */
#pragma once

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint8_t hex_digit(char digit)
{
	const char *digits = "0123456789abcdef0123456789ABCDEF";
	const char *at = strchr(digits, digit);

	assert(digit != '\0' && at != NULL);
	return (uint8_t)((at - digits) % 16);
}

/* Returns the number of bytes written to out, at most size. */
static inline size_t hex_decode(const char *hex, uint8_t *out, size_t size)
{
	size_t length = strlen(hex) / 2;

	assert(length <= size);
	for (size_t i = 0; i < length; i++)
		out[i] = (uint8_t)(hex_digit(hex[2 * i]) << 4 | hex_digit(hex[2 * i + 1]));
	return length;
}
