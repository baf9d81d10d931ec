/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libsrtp_peer.h"

#include <srtp2/srtp.h>
#include <stdlib.h>
#include <string.h>

#include "media/replay.h"

struct libsrtp_peer {
	srtp_t session;
	bool has_mki;
	unsigned char key[SLUICE_KEY_MAX];
	unsigned char mki[4];
	srtp_master_key_t master;
	srtp_master_key_t *masters[1];
};

typedef void policy_fn(srtp_crypto_policy_t *policy);

/* SRTCP keeps the 80-bit tag in every suite with an HMAC. */
static const struct {
	policy_fn *rtp;
	policy_fn *rtcp;
} policies[SLUICE_SUITE_COUNT] = {
    [SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80] = {srtp_crypto_policy_set_rtp_default,
					      srtp_crypto_policy_set_rtcp_default},
    [SLUICE_SUITE_AES_CM_128_HMAC_SHA1_32] = {srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32,
					      srtp_crypto_policy_set_rtcp_default},
    [SLUICE_SUITE_AES_192_CM_HMAC_SHA1_80] = {srtp_crypto_policy_set_aes_cm_192_hmac_sha1_80,
					      srtp_crypto_policy_set_aes_cm_192_hmac_sha1_80},
    [SLUICE_SUITE_AES_192_CM_HMAC_SHA1_32] = {srtp_crypto_policy_set_aes_cm_192_hmac_sha1_32,
					      srtp_crypto_policy_set_aes_cm_192_hmac_sha1_80},
    [SLUICE_SUITE_AES_256_CM_HMAC_SHA1_80] = {srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80,
					      srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80},
    [SLUICE_SUITE_AES_256_CM_HMAC_SHA1_32] = {srtp_crypto_policy_set_aes_cm_256_hmac_sha1_32,
					      srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80},
    [SLUICE_SUITE_AEAD_AES_128_GCM] = {srtp_crypto_policy_set_aes_gcm_128_16_auth,
				       srtp_crypto_policy_set_aes_gcm_128_16_auth},
    [SLUICE_SUITE_AEAD_AES_256_GCM] = {srtp_crypto_policy_set_aes_gcm_256_16_auth,
				       srtp_crypto_policy_set_aes_gcm_256_16_auth},
};

bool libsrtp_start(void)
{
	return srtp_init() == srtp_err_status_ok;
}

void libsrtp_stop(void)
{
	srtp_shutdown();
}

struct libsrtp_peer *libsrtp_peer_new(const struct sluice_key *key,
				      enum libsrtp_direction direction)
{
	struct libsrtp_peer *peer = calloc(1, sizeof(*peer));
	srtp_policy_t policy;

	if (!peer)
		abort();
	memset(&policy, 0, sizeof(policy));
	policies[key->suite].rtp(&policy.rtp);
	policies[key->suite].rtcp(&policy.rtcp);
	policy.ssrc.type = direction == LIBSRTP_SENDS ? ssrc_any_outbound : ssrc_any_inbound;
	policy.window_size = RTP_REPLAY_WINDOW;
	memcpy(peer->key, key->key, sizeof(peer->key));
	policy.key = peer->key;
	if (key->mki_len > 0) {
		peer->has_mki = true;
		for (unsigned i = 0; i < key->mki_len; i++)
			peer->mki[i] = (uint8_t)(key->mki >> (8 * (key->mki_len - 1U - i)));
		peer->master = (srtp_master_key_t){peer->key, peer->mki, key->mki_len};
		peer->masters[0] = &peer->master;
		policy.key = NULL;
		policy.keys = peer->masters;
		policy.num_master_keys = 1;
	}
	if (srtp_create(&peer->session, &policy) == srtp_err_status_ok)
		return peer;
	free(peer);
	return NULL;
}

void libsrtp_peer_free(struct libsrtp_peer *peer)
{
	if (!peer)
		return;
	srtp_dealloc(peer->session);
	free(peer);
}

bool libsrtp_protect(struct libsrtp_peer *peer, uint8_t *packet, uint32_t *length, bool rtcp)
{
	int n = (int)*length;
	srtp_err_status_t status =
	    rtcp ? srtp_protect_rtcp_mki(peer->session, packet, &n, peer->has_mki, 0)
		 : srtp_protect_mki(peer->session, packet, &n, peer->has_mki, 0);

	*length = (uint32_t)n;
	return status == srtp_err_status_ok;
}

bool libsrtp_unprotect(struct libsrtp_peer *peer, uint8_t *packet, uint32_t *length, bool rtcp)
{
	int n = (int)*length;
	srtp_err_status_t status =
	    rtcp ? srtp_unprotect_rtcp_mki(peer->session, packet, &n, peer->has_mki)
		 : srtp_unprotect_mki(peer->session, packet, &n, peer->has_mki);

	*length = (uint32_t)n;
	return status == srtp_err_status_ok;
}
