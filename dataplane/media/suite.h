/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The facts of every SRTP crypto suite, in one table (RFC 3711, RFC 4568 6.2, RFC 6188, RFC 7714).
 *
 * Thread: any. Constant data.
 */
#pragma once

#include <stdint.h>

/* The numbers are those of enum sluice_suite, which this folder may not include; the worker asserts
 * that they agree. */
enum rtp_suite_id {
	RTP_SUITE_NONE = 0,
	RTP_SUITE_AES_CM_128_HMAC_SHA1_80 = 1,
	RTP_SUITE_AES_CM_128_HMAC_SHA1_32 = 2,
	RTP_SUITE_AES_192_CM_HMAC_SHA1_80 = 3,
	RTP_SUITE_AES_192_CM_HMAC_SHA1_32 = 4,
	RTP_SUITE_AES_256_CM_HMAC_SHA1_80 = 5,
	RTP_SUITE_AES_256_CM_HMAC_SHA1_32 = 6,
	RTP_SUITE_AEAD_AES_128_GCM = 7,
	RTP_SUITE_AEAD_AES_256_GCM = 8,
	RTP_SUITE_COUNT
};

enum rtp_cipher { RTP_CIPHER_NONE, RTP_CIPHER_AES_CM, RTP_CIPHER_AES_GCM };
enum rtp_hash { RTP_HASH_NONE, RTP_HASH_HMAC_SHA1 };

/* Longest of each, in bytes, over all suites. */
#define RTP_KEY_MAX 32U
#define RTP_SALT_MAX 14U
#define RTP_AUTH_KEY_MAX 20U
#define RTP_TAG_MAX 16U

/* Packets one master key may protect (RFC 3711 9.2; RFC 7714 has the same). */
#define RTP_PACKETS_MAX (UINT64_C(1) << 48)
#define RTCP_PACKETS_MAX (UINT64_C(1) << 31)

struct rtp_suite {
	uint8_t id;     /* enum rtp_suite_id */
	uint8_t cipher; /* enum rtp_cipher */
	uint8_t hash;   /* enum rtp_hash */
	/* bytes */
	uint8_t
	    key_length; /* master key and session encryption key; AES of this size derives too */
	uint8_t salt_length;
	uint8_t auth_key_length;
	uint8_t rtp_tag_length;
	uint8_t rtcp_tag_length; /* HMAC-SHA1-32 keeps 80 bits here (RFC 4568 6.2.2) */
};

/* The facts of the suite of that number; NULL for NONE and for a number that does not exist. */
const struct rtp_suite *rtp_suite_find(unsigned id);
