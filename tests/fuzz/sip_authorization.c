/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as digest credentials: what is taken is whole, and a response that can be compared. */
#include <stdlib.h>

#include "sip/authorization.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sip_authorization read;
	size_t digits;

	if (sip_authorization_parse(&read, (struct str){(const char *)data, size}) < 0)
		return 0;
	digits = read.algorithm == SIP_DIGEST_SHA_256 ? 64 : 32;
	if (!read.realm.ptr || !read.username.len || !read.nonce.len || !read.uri.len ||
	    !read.cnonce.len || read.nc.len != 8 || read.response.len != digits)
		abort();
	for (size_t i = 0; i < digits; i++) {
		char c = (char)(read.response.ptr[i] | 0x20);

		if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f'))
			abort();
	}
	return 0;
}
