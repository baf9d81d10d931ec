/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of offer/answer share: descriptions of invented phones, and our own side. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <stdio.h>

#include "sdp/relay.h"

#define KEY_A "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd"
#define KEY_B "Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMC"
/* our own: 30 bytes of 0xc0 and of 0xa5 */
#define KEY_OURS "wMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA"
#define KEY_OURS2 "paWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWl"

static const enum sdes_suite both_suites[] = {SDES_AES_CM_128_HMAC_SHA1_80,
					      SDES_AES_CM_128_HMAC_SHA1_32};

static inline void parse(struct sdp *sdp, const char *text)
{
	const char *error;

	if (sdp_parse(sdp, str_of(text), &error))
		fail_msg("%s\n%s", error, text);
}

static inline struct relay_local local_of(const char *address, uint16_t port,
					  enum relay_security security)
{
	struct relay_local local = {
	    .rtp_port = port, .security = security, .session_id = 1000, .session_version = 1};
	bool v6 = strchr(address, ':') != NULL;

	local.address.family = v6 ? 6 : 4;
	inet_pton(v6 ? AF_INET6 : AF_INET, address, local.address.ip);
	return local;
}

static inline void add_crypto(struct relay_local *local, uint32_t tag, enum sdes_suite suite,
			      uint8_t byte)
{
	struct sdes_crypto *crypto = &local->crypto[local->crypto_count++];

	*crypto = (struct sdes_crypto){.tag = tag, .suite = suite};
	crypto->key_length = (uint8_t)sdes_key_length(suite);
	memset(crypto->key.bytes, byte, crypto->key_length);
}

static inline struct relay_remote read_offer(const struct sdp *offer, enum relay_security security)
{
	struct relay_remote remote;
	struct relay_refusal refusal;

	if (relay_read_offer(&remote, offer, security, both_suites, 2, &refusal))
		fail_msg("%u %s", refusal.status, refusal.reason);
	return remote;
}

static inline struct relay_remote read_answer(const struct sdp *answer,
					      const struct relay_local *local)
{
	struct relay_remote remote;
	struct relay_refusal refusal;

	if (relay_read_answer(&remote, answer, local, &refusal))
		fail_msg("%u %s", refusal.status, refusal.reason);
	return remote;
}
