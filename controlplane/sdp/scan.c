/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sdp/scan.h"

bool sdp_scan_field(struct str *rest, char separator, struct str *field)
{
	if (rest->len == 0)
		return false;

	const char *end = memchr(rest->ptr, separator, rest->len);
	size_t length = end ? (size_t)(end - rest->ptr) : rest->len;
	size_t taken = end ? length + 1 : length;

	*field = (struct str){rest->ptr, length};
	rest->ptr += taken;
	rest->len -= taken;
	return length > 0;
}

bool sdp_scan_number(struct str digits, uint64_t max, uint64_t *number)
{
	uint64_t sum = 0;

	if (digits.len == 0)
		return false;
	for (size_t i = 0; i < digits.len; i++) {
		char c = digits.ptr[i];

		if (c < '0' || c > '9')
			return false;

		uint64_t digit = (uint64_t)(c - '0');

		if (digit > max || sum > (max - digit) / 10)
			return false;
		sum = sum * 10 + digit;
	}
	*number = sum;
	return true;
}

bool sdp_scan_number_strict(struct str digits, uint64_t max, uint64_t *number)
{
	if (digits.len > 1 && digits.ptr[0] == '0')
		return false;
	return sdp_scan_number(digits, max, number);
}

bool sdp_scan_is_token(struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];

		if (c <= 0x20 || c >= 0x7f || strchr("\"(),/:;<=>?@[\\]", c))
			return false;
	}
	return text.len > 0;
}

bool sdp_scan_is_printable(struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];

		if (c < 0x20 || c >= 0x7f)
			return false;
	}
	return text.len > 0;
}

bool sdp_scan_starts_with(struct str text, const char *prefix)
{
	size_t length = strlen(prefix);

	return text.len >= length && memcmp(text.ptr, prefix, length) == 0;
}
