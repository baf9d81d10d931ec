/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scratch of one worker for SRTP bursts, and what protect and unprotect share. Only for the
 * srtp_*.c files.
 */
#pragma once

#include <stdbool.h>
#include <string.h>

#include "crypto/engine.h"
#include "media/bytes.h"
#include "media/rtp.h"
#include "worker/srtp_context.h"

/* Longest packet that is worked, trailer included; no media packet comes near. */
#define SRTP_PACKET_MAX (CRYPTO_HASH_LENGTH_MAX - SRTP_TRAILER_MAX)

#define SRTP_ROC_BYTES 4U
#define SRTCP_INDEX_BYTES 4U
#define SRTCP_E_BIT UINT32_C(0x80000000)

/* A packet on its way through a burst. */
struct srtp_job {
	struct srtp_packet *packet;
	uint64_t index; /* that is tried, or used */
	uint32_t ssrc;
	uint32_t header;    /* bytes in clear at the start */
	uint32_t body;      /* bytes from the start to the end of what is encrypted */
	uint32_t authentic; /* bytes from the start that are hashed: the index word of SRTCP too */
	uint32_t mki_at;    /* offsets: srtp_job_layout() */
	uint32_t tag_at;
	uint16_t sequence;            /* of RTP */
	bool again;                   /* another index may be tried if the tag is wrong */
	uint8_t tag[RTP_TAG_MAX];     /* as received */
	uint8_t tail[SRTP_ROC_BYTES]; /* as received, where the ROC is written for the HMAC */
};

struct srtp_worker {
	const struct crypto_engine *engine;
	struct crypto_engine_worker *engine_worker;
	struct srtp_job jobs[CRYPTO_BURST_MAX];
	struct crypto_cipher_op ciphers[CRYPTO_BURST_MAX];
	struct crypto_hash_op hashes[CRYPTO_BURST_MAX];
	struct crypto_gcm_op gcms[CRYPTO_BURST_MAX];
	uint8_t aads[CRYPTO_BURST_MAX][RTCP_HEADER_BYTES + SRTCP_INDEX_BYTES]; /* of SRTCP */
};

static inline const struct crypto_key *srtp_job_key(const struct srtp_job *job)
{
	const struct srtp_context *context = job->packet->context;

	return job->packet->kind == SRTP_PACKET_RTP ? &context->rtp_key : &context->rtcp_key;
}

static inline uint32_t srtp_job_tag_length(const struct srtp_job *job)
{
	const struct srtp_context *context = job->packet->context;

	return job->packet->kind == SRTP_PACKET_RTP ? context->rtp_tag_length
						    : context->rtcp_tag_length;
}

/* Bytes behind what is encrypted. */
static inline uint32_t srtp_job_trailer(const struct srtp_job *job)
{
	return job->packet->context->mki_length + srtp_job_tag_length(job) +
	       (job->packet->kind == SRTP_PACKET_RTCP ? SRTCP_INDEX_BYTES : 0);
}

/*
 * Where what stands behind the body is. With an HMAC: index word of SRTCP, MKI, tag (RFC 3711 3.1,
 * 3.4). With AEAD: tag, index word, MKI (RFC 7714 8.2, 9.2).
 */
static inline void srtp_job_layout(struct srtp_job *job)
{
	uint32_t word = job->packet->kind == SRTP_PACKET_RTCP ? SRTCP_INDEX_BYTES : 0;

	job->authentic = job->body + word;
	job->mki_at = job->authentic;
	job->tag_at = job->authentic + job->packet->context->mki_length;
	if (job->packet->context->aead) {
		job->authentic = job->body;
		job->tag_at = job->body;
		job->mki_at = job->body + srtp_job_tag_length(job) + word;
	}
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

static inline uint64_t *srtp_job_packets_left(const struct srtp_job *job)
{
	struct srtp_context *context = job->packet->context;

	return job->packet->kind == SRTP_PACKET_RTP ? &context->rtp_left : &context->rtcp_left;
}

/* Brings what a burst will touch first into the cache: packet and context, then key and source. */
void srtp_burst_prefetch(const struct srtp_packet *packets, unsigned n);

/* Encrypts or decrypts the bodies of n jobs; jobs of which nothing is encrypted are passed over. */
void srtp_jobs_cipher(struct srtp_worker *worker, struct srtp_job *const *jobs, unsigned n);

/*
 * Makes the HMAC, or the tag of GCM, of n jobs into worker->hashes[i].tag. For SRTP the ROC is
 * written behind the authentic bytes (RFC 3711 4.2): over MKI and tag, which the caller has saved
 * or not yet written.
 */
void srtp_jobs_hash(struct srtp_worker *worker, struct srtp_job *const *jobs, unsigned n);
