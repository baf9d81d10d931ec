/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scratch of one worker for SRTP bursts, and what protect and unprotect share. Only for the
 * srtp_*.c files.
 *
 * A packet is parsed once, into a job (what SRTP still has to know of it) and an op (what the
 * engine has to do to it), which stand at the same place of two arrays.
 */
#pragma once

#include <stdbool.h>
#include <string.h>

#include "crypto/engine.h"
#include "media/bytes.h"
#include "media/index.h"
#include "media/kdf.h"
#include "media/rtp.h"
#include "worker/srtp_spares.h"

/* Longest packet that is worked, trailer included; no media packet comes near. */
#define SRTP_PACKET_MAX (CRYPTO_LENGTH_MAX - SRTP_TRAILER_MAX)

/* Longest RTP header, extension included: what an engine must be able to take beside ciphertext. */
#define SRTP_HEADER_MAX CRYPTO_AAD_MAX

#define SRTP_ROC_BYTES 4U
#define SRTCP_INDEX_BYTES 4U
#define SRTCP_E_BIT UINT32_C(0x80000000)

/* A packet on its way through a burst. Offsets are from the start of the packet. */
struct srtp_job {
	alignas(64) struct srtp_packet *packet;
	uint64_t index; /* that is tried, or used */
	uint32_t ssrc;
	uint16_t sequence; /* of RTP */
	uint16_t header;   /* bytes in clear at the start */
	uint16_t body;     /* bytes from the start to the end of what is encrypted */
	uint16_t mki_at;
	uint16_t tag_at;
	uint16_t end; /* of the protected packet */
	uint8_t tag_length;
	uint8_t mki_length;
	bool again;                   /* another index may be tried if the tag is wrong */
	uint8_t tag[RTP_TAG_MAX];     /* as received */
	uint8_t tail[SRTP_ROC_BYTES]; /* as received, where the ROC is written for the HMAC */
};

/* Of SRTCP under GCM the header and the index word, which do not stand together. */
struct srtp_aad {
	uint8_t bytes[RTCP_HEADER_BYTES + SRTCP_INDEX_BYTES];
};

struct srtp_worker {
	const struct crypto_engine *engine;
	struct crypto_engine_worker *engine_worker;
	struct srtp_spares *spares;
	struct srtp_job jobs[CRYPTO_BURST_MAX];
	struct crypto_op ops[CRYPTO_BURST_MAX];
	struct srtp_aad aads[CRYPTO_BURST_MAX];        /* of SRTCP under GCM */
	struct crypto_key rtcp_keys[CRYPTO_BURST_MAX]; /* srtp_keys_rtcp() */
	unsigned rtcp_key_count;
};

static inline uint32_t srtp_tag_length(const struct srtp_context *context,
				       enum srtp_packet_kind kind)
{
	return kind == SRTP_PACKET_RTP ? context->rtp_tag_length
				       : rtp_suite_find(context->suite)->rtcp_tag_length;
}

/* Bytes behind what is encrypted. */
static inline uint32_t srtp_trailer(const struct srtp_context *context, enum srtp_packet_kind kind)
{
	return context->mki_length + srtp_tag_length(context, kind) +
	       (kind == SRTP_PACKET_RTCP ? SRTCP_INDEX_BYTES : 0);
}

/* Whether packets of that kind may still be worked with the key. */
static inline bool srtp_key_is_used_up(const struct srtp_context *context,
				       enum srtp_packet_kind kind)
{
	return (kind == SRTP_PACKET_RTP ? context->rtp_left : context->rtcp_left) == 0;
}

static inline void srtp_key_use(struct srtp_context *context, enum srtp_packet_kind kind)
{
	if (kind == SRTP_PACKET_RTP)
		context->rtp_left--;
	else
		context->rtcp_left--;
}

/*
 * Where what stands behind the body is. With an HMAC: index word of SRTCP, MKI, tag (RFC 3711 3.1,
 * 3.4). With AEAD: tag, index word, MKI (RFC 7714 8.2, 9.2).
 */
static inline void srtp_job_layout(struct srtp_job *job, const struct srtp_context *context,
				   enum srtp_packet_kind kind)
{
	uint32_t word = kind == SRTP_PACKET_RTCP ? SRTCP_INDEX_BYTES : 0;
	uint32_t tag_length = srtp_tag_length(context, kind);
	uint32_t mki_at = job->body + word;
	uint32_t tag_at = mki_at + context->mki_length;

	job->end = (uint16_t)(tag_at + tag_length);
	if (srtp_is_aead(context)) {
		tag_at = job->body;
		mki_at = tag_at + tag_length + word;
	}
	job->tag_length = (uint8_t)tag_length;
	job->mki_length = context->mki_length;
	job->mki_at = (uint16_t)mki_at;
	job->tag_at = (uint16_t)tag_at;
}

/* Offset of the index word of SRTCP. */
static inline uint32_t srtp_job_word_at(const struct srtp_job *job)
{
	return job->mki_at - SRTCP_INDEX_BYTES;
}

/* Tags are 4, 10 or 16 bytes: copies of a known length, since the general one costs more than AES.
 */
static inline void srtp_tag_copy(uint8_t *to, const uint8_t *from, uint32_t length)
{
	memcpy(to, from, 4);
	if (length == 10)
		memcpy(to + 4, from + 4, 6);
	else if (length == 16)
		memcpy(to + 4, from + 4, 12);
}

/* No branch on what the tags hold, only on their length. */
static inline bool srtp_tag_equal(const uint8_t *a, const uint8_t *b, uint32_t length)
{
	uint32_t difference = bytes_get_be32(a) ^ bytes_get_be32(b);

	if (length == 10) {
		difference |= bytes_get_be32(a + 4) ^ bytes_get_be32(b + 4);
		difference |= (uint32_t)bytes_get_be16(a + 8) ^ bytes_get_be16(b + 8);
	}
	if (length == 16) {
		difference |= bytes_get_be32(a + 4) ^ bytes_get_be32(b + 4);
		difference |= bytes_get_be32(a + 8) ^ bytes_get_be32(b + 8);
		difference |= bytes_get_be32(a + 12) ^ bytes_get_be32(b + 12);
	}
	return difference == 0;
}

/*
 * Fills the op of a job of which the index is known. For the HMAC of SRTP the ROC is written behind
 * the body (RFC 3711 4.2): over MKI and tag, which the caller has saved or not yet written.
 * SRTCP's index word stands there already, and its key is the caller's to set. aad: room for what
 * GCM authenticates of SRTCP.
 */
static inline void srtp_op_fill(struct crypto_op *op, const struct srtp_job *job,
				const struct srtp_context *context, struct srtp_aad *aad,
				enum srtp_packet_kind kind)
{
	uint8_t rtcp_salt[16] = {0};
	const uint8_t *salt = kind == SRTP_PACKET_RTP ? context->rtp_salt : rtcp_salt;
	uint8_t *data = job->packet->data;

	if (kind == SRTP_PACKET_RTCP)
		memcpy(rtcp_salt, srtp_rest(context)->rtcp_salt, RTP_SALT_MAX);
	else
		op->key = &context->rtp_key;
	op->authentic = data;
	op->data = data + job->header;
	op->length = (uint16_t)(job->body - job->header);
	/* what srtp_context_fetch() did not know */
	if (srtp_is_aead(context) || context->rtp_key.cipher_id > CRYPTO_AES_128_CTR)
		__builtin_prefetch((const uint8_t *)&context->rtp_key + 64);
	if (!srtp_is_aead(context)) {
		op->authentic_length = (uint16_t)(job->body + SRTP_ROC_BYTES);
		if (kind == SRTP_PACKET_RTP)
			bytes_put_be32(data + job->body, rtp_index_roc(job->index));
		rtp_iv(op->iv, salt, job->ssrc, job->index);
		return;
	}
	op->authentic_length = job->header;
	if (kind == SRTP_PACKET_RTCP) { /* RFC 7714 9.2, figure 3 */
		memcpy(aad->bytes, data, RTCP_HEADER_BYTES);
		memcpy(aad->bytes + RTCP_HEADER_BYTES, data + srtp_job_word_at(job),
		       SRTCP_INDEX_BYTES);
		op->authentic = aad->bytes;
		op->authentic_length = sizeof(aad->bytes);
	}
	rtp_gcm_iv(op->iv, salt, job->ssrc, job->index);
}

/*
 * Takes the index of an RTP packet when it is, as nearly always, one of the next of the source of
 * the last packet. False: nothing is changed, and the long way is to be gone.
 */
static inline bool srtp_index_advance(struct srtp_context *context, uint32_t ssrc, uint64_t index)
{
	if (context->ssrc != ssrc || context->rtp_left == 0 ||
	    !rtp_replay_advance(&context->rtp, index))
		return false;
	context->rtp_left--;
	return true;
}
