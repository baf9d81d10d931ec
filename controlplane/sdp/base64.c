/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sdp/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* The text without its padding, which must be whole or absent; absent .ptr: it is neither. */
static struct str unpadded(struct str text, size_t length)
{
	size_t bare = (length * 8 + 5) / 6;

	if (text.len != bare && text.len != sdp_base64_length(length))
		return (struct str){NULL, 0};
	for (size_t i = bare; i < text.len; i++)
		if (text.ptr[i] != '=')
			return (struct str){NULL, 0};
	return (struct str){text.ptr, bare};
}

bool sdp_base64_decode(uint8_t *data, size_t length, struct str text)
{
	uint32_t bits = 0;
	unsigned bit_count = 0;
	size_t filled = 0;

	text = unpadded(text, length);
	if (!text.ptr)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		int value = value_of(text.ptr[i]);

		if (value < 0) {
			explicit_bzero(data, length);
			return false;
		}
		bits = (bits << 6 | (uint32_t)value) & 0xffffU;
		bit_count += 6;
		if (bit_count >= 8) {
			bit_count -= 8;
			data[filled++] = (uint8_t)(bits >> bit_count);
		}
	}
	return filled == length;
}

void sdp_base64_encode(char *text, const uint8_t *data, size_t length)
{
	for (size_t i = 0; i < length; i += 3) {
		size_t left = length - i;
		uint32_t group = (uint32_t)data[i] << 16;

		if (left > 1)
			group |= (uint32_t)data[i + 1] << 8;
		if (left > 2)
			group |= data[i + 2];
		*text++ = alphabet[group >> 18];
		*text++ = alphabet[group >> 12 & 63];
		*text++ = left > 1 ? alphabet[group >> 6 & 63] : '=';
		*text++ = left > 2 ? alphabet[group & 63] : '=';
	}
}
