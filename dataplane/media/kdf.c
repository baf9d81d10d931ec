/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "media/kdf.h"

#include <assert.h>
#include <endian.h>
#include <string.h>

#include "media/suite.h"

/* The label stands 48 bits above the end of the 14-byte x, r being 0: RFC 3711 4.3.1. */
#define LABEL_BYTE 7

void rtp_kdf_derive(const struct rtp_kdf *kdf, enum rtp_kdf_label label, uint8_t *out,
		    size_t length)
{
	uint8_t iv[16] = {0};

	assert(kdf->salt_length <= RTP_SALT_MAX);
	memcpy(iv, kdf->salt, kdf->salt_length);
	iv[LABEL_BYTE] = (uint8_t)(iv[LABEL_BYTE] ^ label);
	memset(out, 0, length);
	kdf->keystream(kdf->user, iv, out, length);
	explicit_bzero(iv, sizeof(iv));
}

void rtp_iv(uint8_t iv[16], const uint8_t salt[16], uint32_t ssrc, uint64_t index)
{
	uint64_t half_be[2];

	memcpy(half_be, salt, sizeof(half_be));
	half_be[0] ^= htobe64(ssrc);
	half_be[1] ^= htobe64(index << 16);
	memcpy(iv, half_be, sizeof(half_be));
}
