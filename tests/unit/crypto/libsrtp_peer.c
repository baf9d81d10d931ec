/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libsrtp_peer.h"

#include <srtp2/srtp.h>
#include <stdlib.h>
#include <string.h>

#include "media/replay.h"

struct libsrtp_peer {
	srtp_t session;
	bool has_mki;
	unsigned sends_with; /* index of the master key */
	unsigned char key[SLUICE_RX_KEYS_MAX][SLUICE_KEY_MAX];
	unsigned char mki[SLUICE_RX_KEYS_MAX][4];
	srtp_master_key_t master[SLUICE_RX_KEYS_MAX];
	srtp_master_key_t *masters[SLUICE_RX_KEYS_MAX];
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

static void keys_take(struct libsrtp_peer *peer, srtp_policy_t *policy,
		      const struct sluice_key *keys, unsigned count)
{
	for (unsigned k = 0; k < count; k++) {
		memcpy(peer->key[k], keys[k].key, sizeof(peer->key[k]));
		for (unsigned i = 0; i < keys[k].mki_len; i++)
			peer->mki[k][i] =
			    (uint8_t)(keys[k].mki >> (8 * (keys[k].mki_len - 1U - i)));
		peer->master[k] = (srtp_master_key_t){peer->key[k], peer->mki[k], keys[k].mki_len};
		peer->masters[k] = &peer->master[k];
	}
	policy->key = peer->key[0];
	if (keys[0].mki_len == 0)
		return;
	peer->has_mki = true;
	policy->key = NULL;
	policy->keys = peer->masters;
	policy->num_master_keys = count;
}

struct libsrtp_peer *libsrtp_peer_new_keys(const struct sluice_key *keys, unsigned count,
					   enum libsrtp_direction direction)
{
	struct libsrtp_peer *peer = calloc(1, sizeof(*peer));
	srtp_policy_t policy;

	if (!peer)
		abort();
	memset(&policy, 0, sizeof(policy));
	policies[keys[0].suite].rtp(&policy.rtp);
	policies[keys[0].suite].rtcp(&policy.rtcp);
	policy.ssrc.type = direction == LIBSRTP_SENDS ? ssrc_any_outbound : ssrc_any_inbound;
	policy.window_size = RTP_REPLAY_WINDOW;
	keys_take(peer, &policy, keys, count);
	if (srtp_create(&peer->session, &policy) == srtp_err_status_ok)
		return peer;
	free(peer);
	return NULL;
}

struct libsrtp_peer *libsrtp_peer_new(const struct sluice_key *key,
				      enum libsrtp_direction direction)
{
	return libsrtp_peer_new_keys(key, 1, direction);
}

void libsrtp_peer_send_with(struct libsrtp_peer *peer, unsigned key)
{
	peer->sends_with = key;
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
	    rtcp ? srtp_protect_rtcp_mki(peer->session, packet, &n, peer->has_mki, peer->sends_with)
		 : srtp_protect_mki(peer->session, packet, &n, peer->has_mki, peer->sends_with);

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
