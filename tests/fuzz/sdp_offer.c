/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as the SDP of a peer: parsed, relayed to a leg of the other security, answered. What we
 * write must be what our own parser takes.
 */
#include <stdint.h>
#include <stdlib.h>

#include "sdp/relay.h"

static const enum sdes_suite suites[] = {SDES_AES_CM_128_HMAC_SHA1_80, SDES_AES_CM_128_HMAC_SHA1_32,
					 SDES_AES_192_CM_HMAC_SHA1_80, SDES_AES_192_CM_HMAC_SHA1_32,
					 SDES_AES_256_CM_HMAC_SHA1_80, SDES_AES_256_CM_HMAC_SHA1_32,
					 SDES_AEAD_AES_128_GCM,        SDES_AEAD_AES_256_GCM};

static struct sdp theirs, back;
static char offer[65536], answer[65536];

static void must(bool holds)
{
	if (!holds)
		abort();
}

static struct relay_local local_of(enum relay_security security, enum sdes_suite suite)
{
	struct relay_local local = {.address = {.family = 4, .ip = {203, 0, 113, 1}},
				    .rtp_port = 30000,
				    .security = security,
				    .crypto_count = 1,
				    .rtcp_mux = true};

	local.crypto[0].suite = suite;
	local.crypto[0].key_length = (uint8_t)sdes_key_length(suite);
	return local;
}

static void relay(enum relay_security from, enum relay_security to)
{
	struct relay_remote remote, again;
	struct relay_refusal refusal;
	const char *error;

	if (relay_read_offer(&remote, &theirs, from, suites, 8, &refusal))
		return;

	struct relay_local calling = local_of(to, SDES_AES_CM_128_HMAC_SHA1_80);
	struct relay_local answering = local_of(from, remote.crypto.suite);
	int length = relay_write_offer(offer, sizeof(offer), &theirs, &remote, &calling);

	must(length > 0 && sdp_parse(&back, (struct str){offer, (size_t)length}, &error) == 0);
	must(relay_read_offer(&again, &back, to, suites, 8, &refusal) == 0);
	length =
	    relay_write_answer(answer, sizeof(answer), &theirs, &remote, &back, &again, &answering);
	must(length > 0 && sdp_parse(&back, (struct str){answer, (size_t)length}, &error) == 0);
	must(back.media_count == theirs.media_count);
	(void)relay_read_answer(&again, &theirs, &calling, &refusal);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *error = NULL;

	if (sdp_parse(&theirs, (struct str){(const char *)data, size}, &error)) {
		must(error != NULL);
		return 0;
	}
	relay(RELAY_RTP, RELAY_SRTP);
	relay(RELAY_SRTP, RELAY_RTP);
	return 0;
}
