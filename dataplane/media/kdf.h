/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SRTP key derivation (RFC 3711 4.3, RFC 6188 3, RFC 7714 11) with key_derivation_rate 0, the only
 * one that sluice accepts. The pseudo-random function is AES in counter mode under the master key;
 * the caller brings it, so that no crypto is linked here.
 *
 * Thread: any. No state.
 */
#pragma once

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum rtp_kdf_label { /* RFC 3711 4.3.1, 4.3.2 */
		     RTP_KDF_RTP_CIPHER = 0,
		     RTP_KDF_RTP_AUTH = 1,
		     RTP_KDF_RTP_SALT = 2,
		     RTP_KDF_RTCP_CIPHER = 3,
		     RTP_KDF_RTCP_AUTH = 4,
		     RTP_KDF_RTCP_SALT = 5,
};

struct rtp_kdf {
	/*
	 * XORs into out, length bytes of it, the keystream of AES-CTR under the master key from
	 * the initial counter block iv.
	 */
	void (*keystream)(void *user, const uint8_t iv[16], uint8_t *out, size_t length);
	void *user;
	const uint8_t *salt; /* master salt */
	size_t salt_length;  /* bytes, at most 14; a shorter one is filled with zeros at its end */
};

/* Writes length bytes of the session key that label names to out. */
void rtp_kdf_derive(const struct rtp_kdf *kdf, enum rtp_kdf_label label, uint8_t *out,
		    size_t length);

/*
 * The initial counter block of AES-CM (RFC 3711 4.1.1): (salt << 16) XOR (ssrc << 64) XOR
 * (index << 16). salt: the session salt, 14 bytes, followed by two readable bytes that are zero.
 * index: 48 bits for SRTP, 31 for SRTCP.
 */
static inline void rtp_iv(uint8_t iv[16], const uint8_t salt[16], uint32_t ssrc, uint64_t index)
{
	uint64_t half_be[2];

	memcpy(half_be, salt, sizeof(half_be));
	half_be[0] ^= htobe64(ssrc);
	half_be[1] ^= htobe64(index << 16);
	memcpy(iv, half_be, sizeof(half_be));
}

/*
 * The first 12 bytes of the counter block of AES-GCM (RFC 7714 8.1, 9.1): (ssrc << 48 | index) XOR
 * salt; the counter behind them is the engine's. salt: the session salt, 12 bytes, followed by four
 * readable bytes.
 */
static inline void rtp_gcm_iv(uint8_t iv[16], const uint8_t salt[16], uint32_t ssrc, uint64_t index)
{
	uint64_t half_be[2];

	memcpy(half_be, salt, sizeof(half_be));
	half_be[0] ^= htobe64((uint64_t)ssrc << 16 | index >> 32);
	half_be[1] ^= htobe64(index << 32);
	memcpy(iv, half_be, sizeof(half_be));
}
