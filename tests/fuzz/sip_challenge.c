/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a digest challenge: nothing that is taken could end the quotes that we put it in. */
#include <stdlib.h>
#include <string.h>

#include "sip/challenge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A quote, or a backslash that would escape the one that ends it. */
static int is_open(struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '"')
			return 1;
		if (text.ptr[i] == '\\' && ++i == text.len)
			return 1;
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sip_challenge challenge;

	if (sip_challenge_parse(&challenge, (struct str){(const char *)data, size}) < 0)
		return 0;
	if (!challenge.realm.ptr || challenge.nonce.len == 0 || is_open(challenge.realm) ||
	    is_open(challenge.nonce) || is_open(challenge.opaque))
		abort();
	return 0;
}
