/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SDP security descriptions: a=crypto (RFC 4568, RFC 6188, RFC 7714). Pure functions, any thread.
 * Keys belong to the caller, who wipes every struct sdes_crypto and every text that held one.
 */
#pragma once

#include <stdint.h>

#include "sip/str.h"

#define SDES_KEY_MAX 46U
#define SDES_TAG_MAX 999999999U
#define SDES_TEXT_MAX 192U /* sdes_format() never needs more, NUL included */
#define SDES_MKI_MAX 4U    /* bytes; longer ones are skipped, as the media API has no room */
#define SDES_KEYS_MAX 4U   /* master keys a line; a line with more is skipped */
#define SDES_LIFETIME_MAX (1ULL << 48) /* SRTP packets (RFC 3711 9.2) */

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

/* AES_CM_256_HMAC_SHA1_80 for what RFC 6188 names AES_256_CM_HMAC_SHA1_80: an answer repeats the
 * spelling of the offer, or the offerer does not know its own suite again. */
enum sdes_spelling {
	SDES_SPELLING_RFC = 0,
	SDES_SPELLING_OLD = 1,
};

struct sdes_key {
	uint8_t bytes[SDES_KEY_MAX]; /* master key and salt, key_length of the line */
	uint64_t lifetime;           /* packets, at most SDES_LIFETIME_MAX; 0: not given */
	uint32_t mki;                /* below 256^mki_length of the line */
};

struct sdes_crypto {
	uint32_t tag; /* 0..SDES_TAG_MAX */
	enum sdes_suite suite;
	enum sdes_spelling spelling;
	struct sdes_key key; /* the first of the line, and the only one of ours */
	uint8_t key_length;  /* bytes */
	uint8_t mki_length;  /* bytes, at most SDES_MKI_MAX; 0: none */
};

/* Master keys of a line beside its first. The packets say by their MKI which one it is. */
struct sdes_more {
	struct sdes_key key[SDES_KEYS_MAX - 1];
	unsigned count;
};

enum sdes_verdict {
	SDES_OK,
	SDES_SKIP, /* well-formed, but a suite or mandatory parameter that we do not do: next line
		    */
	SDES_BAD,  /* malformed: counted; next line */
};

/*
 * value: of a=crypto, without "crypto:". reason (may be NULL) takes why not: a static text, without
 * any of the input. Unless SDES_OK, crypto and more are wiped. more may be NULL: lines with several
 * master keys are skipped then.
 *
 * Several master keys (RFC 4568 6.1): each has an MKI, all of one length, no two the same, and no
 * key twice.
 *
 * Tolerated, as it is seen in the field: base64 without padding, bits past the last byte of the
 * key, lower-case suite names, KDR=0, FEC_ORDER=FEC_SRTP (what passing FEC packets on amounts to),
 * any WSH (a hint; ours is 128), unknown session parameters with "-" (RFC 4568 6.3.7: may be
 * ignored). Skipped: NULL and unknown suites, key methods other than inline, more than
 * SDES_KEYS_MAX keys on a line, an MKI longer than SDES_MKI_MAX, KDR other than 0,
 * UNENCRYPTED_SRTP, UNENCRYPTED_SRTCP, UNAUTHENTICATED_SRTP, FEC_KEY, FEC_ORDER=SRTP_FEC, and
 * any session parameter that we do not know.
 */
enum sdes_verdict sdes_parse(struct sdes_crypto *crypto, struct sdes_more *more, struct str value,
			     const char **reason);

/*
 * Writes the attribute's value, NUL-terminated: "1 AES_CM_128_HMAC_SHA1_80 inline:…". Returns its
 * length; -ENOSPC (text is wiped), or -EINVAL for a crypto that is out of its ranges.
 */
int sdes_format(const struct sdes_crypto *crypto, char *text, size_t size);

unsigned sdes_key_length(enum sdes_suite suite);    /* bytes of key and salt; 0: not a suite */
const char *sdes_suite_name(enum sdes_suite suite); /* RFC spelling; "NONE": not a suite */
enum sdes_suite sdes_suite_of(struct str name); /* both spellings of AES_256_CM; NONE: unknown */
