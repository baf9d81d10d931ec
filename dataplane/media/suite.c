/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "media/suite.h"

#include <stddef.h>

/* clang-format off */
#define AES_CM(symbol, key, rtp_tag) \
	[RTP_SUITE_##symbol] = { RTP_SUITE_##symbol, RTP_CIPHER_AES_CM, RTP_HASH_HMAC_SHA1, \
				 (key), 14, 20, (rtp_tag), 10 }
#define AES_GCM(symbol, key) \
	[RTP_SUITE_##symbol] = { RTP_SUITE_##symbol, RTP_CIPHER_AES_GCM, RTP_HASH_NONE, \
				 (key), 12, 0, 16, 16 }

static const struct rtp_suite suites[RTP_SUITE_COUNT] = {
	AES_CM(AES_CM_128_HMAC_SHA1_80, 16, 10),
	AES_CM(AES_CM_128_HMAC_SHA1_32, 16,  4),
	AES_CM(AES_192_CM_HMAC_SHA1_80, 24, 10),
	AES_CM(AES_192_CM_HMAC_SHA1_32, 24,  4),
	AES_CM(AES_256_CM_HMAC_SHA1_80, 32, 10),
	AES_CM(AES_256_CM_HMAC_SHA1_32, 32,  4),
	AES_GCM(AEAD_AES_128_GCM, 16),
	AES_GCM(AEAD_AES_256_GCM, 32),
};
/* clang-format on */

const struct rtp_suite *rtp_suite_find(unsigned id)
{
	if (id == RTP_SUITE_NONE || id >= RTP_SUITE_COUNT)
		return NULL;
	return &suites[id];
}
