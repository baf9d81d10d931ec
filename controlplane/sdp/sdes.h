/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SDP security descriptions: a=crypto (RFC 4568, RFC 6188, RFC 7714). Keys are wiped by the user. */
#pragma once

#include <stdint.h>

#include "sip/str.h"

#define SDES_KEY_MAX 46U

/* In order of our preference; the numbers are those of the media API (a test compares them). */
enum sdes_suite {
	SDES_NONE = 0,
	SDES_AES_CM_128_HMAC_SHA1_80 = 1,
	SDES_AES_CM_128_HMAC_SHA1_32 = 2,
	SDES_AES_192_CM_HMAC_SHA1_80 = 3,
	SDES_AES_192_CM_HMAC_SHA1_32 = 4,
	SDES_AES_256_CM_HMAC_SHA1_80 = 5,
	SDES_AES_256_CM_HMAC_SHA1_32 = 6,
	SDES_AEAD_AES_128_GCM = 7,
	SDES_AEAD_AES_256_GCM = 8,
};

struct sdes_crypto {
	uint32_t tag; /* 0..999999999 */
	enum sdes_suite suite;
	uint8_t key[SDES_KEY_MAX]; /* master key and salt */
	uint8_t key_length;
	uint64_t lifetime; /* packets; 0: not given */
	uint32_t mki;
	uint8_t mki_length; /* 0: none */
};

enum sdes_verdict {
	SDES_OK,
	SDES_SKIP, /* well-formed, but a suite or mandatory parameter that we do not do: next line */
	SDES_BAD,  /* malformed: counted; next line */
};

/* value: of a=crypto, without "crypto:". reason (may be NULL) takes why not, without any key. */
enum sdes_verdict sdes_parse(struct sdes_crypto *crypto, struct str value, const char **reason);

/* Writes the attribute's value: "1 AES_CM_128_HMAC_SHA1_80 inline:…". Returns length or -ENOSPC. */
int sdes_format(const struct sdes_crypto *crypto, char *text, size_t size);

unsigned sdes_key_length(enum sdes_suite suite); /* key and salt; 0: not a suite */
const char *sdes_suite_name(enum sdes_suite suite);
enum sdes_suite sdes_suite_of(struct str name); /* both spellings of AES_256_CM; NONE: unknown */
