/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as the value of a=crypto: what is taken must come back the same when it is written. */
#include <stdint.h>
#include <stdlib.h>

#include "sdp/sdes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sdes_crypto crypto, back;
	struct sdes_more more;
	char text[SDES_TEXT_MAX];
	const char *reason = NULL;

	if (sdes_parse(&crypto, &more, (struct str){(const char *)data, size}, &reason) !=
	    SDES_OK) {
		if (!reason)
			abort();
		return 0;
	}
	if (more.count >= SDES_KEYS_MAX || (more.count && !crypto.mki_length))
		abort();

	int length = sdes_format(&crypto, text, sizeof(text));

	if (length < 0 ||
	    sdes_parse(&back, NULL, (struct str){text, (size_t)length}, NULL) != SDES_OK ||
	    memcmp(&crypto, &back, sizeof(crypto)) != 0)
		abort();
	return 0;
}
