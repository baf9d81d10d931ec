/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "media/kdf.h"

#include <assert.h>
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
