/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The roofline: calls of IPsec-MB that do the cipher and the hash of the same packets and nothing
 * else. No parsing, no index, no replay window, no tag compared or written; keys and counter blocks
 * are there already. The keys of the next burst are fetched while this one is worked.
 */
#include <errno.h>
#include <intel-ipsec-mb.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "subject.h"

#define ROC_BYTES 4U
#define SHA1_DIGEST 20U
#define GCM_TAG 16U
#define GCM_IV 12U

/* As small as a key can be; any bytes will do for one. */
struct cm_key {
	alignas(64) uint8_t inner[32]; /* SHA-1 states after the padded keys */
	uint8_t outer[32];
	uint8_t cipher[16 * 15];
};

struct roofline_state {
	IMB_MGR *manager;
	const struct micro_suite *suite;
	void *keys[2]; /* by enum batch_direction: no stream has one key for both */
	enum batch_direction direction; /* of this run */
	size_t key_size;
	size_t size;                    /* bytes of each */
	IMB_JOB ciphers[BATCH_PACKETS]; /* key, place and length are filled in while measured */
	IMB_JOB hashes[BATCH_PACKETS];
	alignas(64) uint8_t iv[BATCH_PACKETS][16];
	alignas(64) uint8_t tag[BATCH_PACKETS][32];
};

const char *roofline_version(void)
{
	return IMB_VERSION_STR;
}

static void roofline_close(void *opaque)
{
	struct roofline_state *state = opaque;

	if (state->manager)
		free_mb_mgr(state->manager);
	pages_free(state->keys[BATCH_PROTECT], state->size);
	pages_free(state->keys[BATCH_UNPROTECT], state->size);
	free(state);
}

static void jobs_prepare(struct roofline_state *state)
{
	random_fill(state->iv, sizeof(state->iv));
	for (uint32_t i = 0; i < BATCH_PACKETS; i++) {
		IMB_JOB *cipher = &state->ciphers[i];
		IMB_JOB *hash = &state->hashes[i];

		cipher->cipher_mode = IMB_CIPHER_CNTR;
		cipher->cipher_direction = IMB_DIR_ENCRYPT;
		cipher->chain_order = IMB_ORDER_CIPHER_HASH;
		cipher->hash_alg = IMB_AUTH_NULL;
		cipher->key_len_in_bytes = state->suite->key_length;
		cipher->iv = state->iv[i];
		cipher->iv_len_in_bytes = sizeof(state->iv[i]);
		hash->cipher_mode = IMB_CIPHER_NULL;
		hash->cipher_direction = IMB_DIR_ENCRYPT;
		hash->chain_order = IMB_ORDER_HASH_CIPHER;
		hash->hash_alg = IMB_AUTH_HMAC_SHA_1;
		hash->auth_tag_output = state->tag[i];
		hash->auth_tag_output_len_in_bytes = SHA1_DIGEST;
	}
}

static int roofline_open(void **opaque, const struct subject_options *options)
{
	struct roofline_state *state = aligned_alloc(64, (sizeof(*state) + 63) & ~(size_t)63);
	IMB_ARCH arch;

	if (!state)
		return -ENOMEM;
	memset(state, 0, sizeof(*state));
	state->suite = options->suite;
	state->key_size = options->suite->gcm ? sizeof(struct gcm_key_data) : sizeof(struct cm_key);
	state->size = options->streams * state->key_size;
	for (int i = BATCH_PROTECT; i <= BATCH_UNPROTECT; i++)
		state->keys[i] = pages_new(state->size, options->huge);
	state->manager = alloc_mb_mgr(0);
	if (!state->keys[0] || !state->keys[1] || !state->manager) {
		roofline_close(state);
		return -ENOMEM;
	}
	init_mb_mgr_auto(state->manager, &arch);
	for (int i = BATCH_PROTECT; i <= BATCH_UNPROTECT; i++)
		random_fill(state->keys[i], state->size);
	jobs_prepare(state);
	*opaque = state;
	return 0;
}

static const void *key_of(const struct roofline_state *state, uint32_t stream)
{
	return (const uint8_t *)state->keys[state->direction] + stream * state->key_size;
}

static void line_fetch(const uint8_t *line)
{
	(void)*(const volatile uint8_t *)line;
}

/*
 * Lines that a key of this suite has in use: hash states and round keys; of GCM the round keys and
 * the first powers of the hash key, which stand at the end. They are loaded, not prefetched: where
 * the page is not in the TLB a prefetch may be dropped, and over 100,000 streams it nearly always
 * is not. Measured in a virtual machine: 640 cycles a packet with prefetches, 415 with loads.
 */
static void key_fetch(const struct roofline_state *state, uint32_t stream)
{
	const uint8_t *key = key_of(state, stream);
	uint32_t rounds = state->suite->key_length / 4U + 6U;
	uint32_t bytes = (state->suite->gcm ? 0U : 64U) + 16U * (rounds + 1U);

	for (uint32_t at = 0; at < bytes; at += 64)
		line_fetch(key + at);
	if (!state->suite->gcm)
		return;
	for (uint32_t at = 64; at <= 256; at += 64)
		line_fetch(key + state->key_size - at);
}

static void cipher_burst(struct roofline_state *state, const struct batch_packet *packets,
			 uint32_t n, uint32_t header)
{
	for (uint32_t i = 0; i < n; i++) {
		const struct cm_key *key = key_of(state, packets[i].stream);
		IMB_JOB *job = &state->ciphers[i];

		job->enc_keys = key->cipher;
		job->dec_keys = key->cipher;
		job->src = packets[i].data + header;
		job->dst = packets[i].data + header;
		job->msg_len_to_cipher_in_bytes = packets[i].length - header;
	}
	IMB_SUBMIT_CIPHER_BURST_NOCHECK(state->manager, state->ciphers, n, IMB_CIPHER_CNTR,
					IMB_DIR_ENCRYPT,
					(IMB_KEY_SIZE_BYTES)state->suite->key_length);
}

/* SRTP hashes the ROC behind the packet, SRTCP its index: four bytes each. */
static void hash_burst(struct roofline_state *state, const struct batch_packet *packets, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		const struct cm_key *key = key_of(state, packets[i].stream);
		IMB_JOB *job = &state->hashes[i];

		job->src = packets[i].data;
		job->msg_len_to_hash_in_bytes = packets[i].length + ROC_BYTES;
		job->u.HMAC._hashed_auth_key_xor_ipad = key->inner;
		job->u.HMAC._hashed_auth_key_xor_opad = key->outer;
	}
	IMB_SUBMIT_HASH_BURST_NOCHECK(state->manager, state->hashes, n, IMB_AUTH_HMAC_SHA_1);
}

static void gcm_burst(struct roofline_state *state, const struct batch_packet *packets, uint32_t n,
		      uint32_t header, enum batch_direction direction)
{
	const IMB_MGR *manager = state->manager;
	const aes_gcm_enc_dec_t encrypt =
	    state->suite->key_length == 16 ? manager->gcm128_enc : manager->gcm256_enc;
	const aes_gcm_enc_dec_t decrypt =
	    state->suite->key_length == 16 ? manager->gcm128_dec : manager->gcm256_dec;
	const aes_gcm_enc_dec_t call = direction == BATCH_PROTECT ? encrypt : decrypt;
	struct gcm_context_data context;

	for (uint32_t i = 0; i < n; i++) {
		uint8_t *body = packets[i].data + header;

		call(key_of(state, packets[i].stream), &context, body, body,
		     packets[i].length - header, state->iv[i], packets[i].data, header,
		     state->tag[i], GCM_TAG);
	}
}

static void burst_run(struct roofline_state *state, const struct batch_packet *packets, uint32_t n,
		      uint32_t header, enum batch_direction direction)
{
	if (state->suite->gcm) {
		gcm_burst(state, packets, n, header, direction);
	} else if (direction == BATCH_PROTECT) {
		cipher_burst(state, packets, n, header);
		hash_burst(state, packets, n);
	} else {
		hash_burst(state, packets, n);
		cipher_burst(state, packets, n, header);
	}
}

static uint32_t roofline_run(void *opaque, struct batch *batch, enum batch_kind kind,
			     enum batch_direction direction, uint32_t burst)
{
	struct roofline_state *state = opaque;
	uint32_t header = kind == BATCH_SRTP ? BATCH_HEADER_RTP : BATCH_HEADER_RTCP;
	uint32_t ahead = 0;

	state->direction = direction;
	for (uint32_t at = 0; at < BATCH_PACKETS; at += burst) {
		uint32_t n = BATCH_PACKETS - at < burst ? BATCH_PACKETS - at : burst;

		for (; ahead < at + n + burst && ahead < BATCH_PACKETS; ahead++)
			key_fetch(state, batch->packet[ahead].stream);
		burst_run(state, &batch->packet[at], n, header, direction);
	}
	return 0;
}

const struct subject subject_roofline = {
    .name = "roofline",
    .streams_max = UINT32_MAX,
    .open = roofline_open,
    .run = roofline_run,
    .close = roofline_close,
};
