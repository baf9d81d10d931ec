/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker/srtp_worker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "media/bytes.h"
#include "media/index.h"
#include "media/kdf.h"

int srtp_worker_new(struct srtp_worker **worker, const struct crypto_engine *engine)
{
	struct srtp_worker *made = calloc(1, sizeof(*made));
	int result;

	if (!made)
		return -ENOMEM;
	made->engine = engine;
	result = engine->worker_new(&made->engine_worker);
	if (result < 0) {
		free(made);
		return result;
	}
	*worker = made;
	return 0;
}

void srtp_worker_free(struct srtp_worker *worker)
{
	if (!worker)
		return;
	worker->engine->worker_free(worker->engine_worker);
	explicit_bzero(worker, sizeof(*worker));
	free(worker);
}

static void prefetch_lines(const void *start, unsigned lines)
{
	for (unsigned i = 0; i < lines; i++)
		__builtin_prefetch((const uint8_t *)start + 64 * i);
}

void srtp_burst_prefetch(const struct srtp_packet *packets, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		if (packets[i].drop != SLUICE_DROP_NONE)
			continue;
		__builtin_prefetch(packets[i].data);
		__builtin_prefetch(packets[i].context);
		/* the first source, where the SSRC nearly always is, and the key as far as AES-128
		 */
		__builtin_prefetch(&packets[i].context->source[0]);
		prefetch_lines(packets[i].kind == SRTP_PACKET_RTP ? &packets[i].context->rtp_key
								  : &packets[i].context->rtcp_key,
			       4);
	}
}

static const uint8_t *job_salt(const struct srtp_job *job)
{
	const struct srtp_context *context = job->packet->context;

	return job->packet->kind == SRTP_PACKET_RTP ? context->rtp_salt : context->rtcp_salt;
}

void srtp_jobs_cipher(struct srtp_worker *worker, struct srtp_job *const *jobs, unsigned n)
{
	unsigned count = 0;

	for (unsigned i = 0; i < n; i++) {
		const struct srtp_job *job = jobs[i];
		struct crypto_cipher_op *op = &worker->ciphers[count];

		if (job->body == job->header)
			continue;
		op->key = srtp_job_key(job);
		op->data = job->packet->data + job->header;
		op->length = job->body - job->header;
		if (job->packet->context->aead)
			rtp_gcm_iv(op->iv, job_salt(job), job->ssrc, job->index, RTP_GCM_PAYLOAD);
		else
			rtp_iv(op->iv, job_salt(job), job->ssrc, job->index);
		count++;
	}
	if (count > 0)
		worker->engine->cipher_burst(worker->engine_worker, worker->ciphers, count);
}

/* Of SRTCP the header and the index word are authenticated beside what is encrypted, and the tag
 * stands between them: RFC 7714 9.2, figure 3. */
static const uint8_t *rtcp_aad(const struct srtp_job *job, uint8_t *aad)
{
	const uint8_t *data = job->packet->data;

	memcpy(aad, data, RTCP_HEADER_BYTES);
	memcpy(aad + RTCP_HEADER_BYTES, data + srtp_job_word_at(job), SRTCP_INDEX_BYTES);
	return aad;
}

/* tag: where the engine shall write it */
static void gcm_prepare(struct crypto_gcm_op *op, const struct srtp_job *job, uint8_t *aad,
			uint8_t *tag)
{
	op->key = srtp_job_key(job);
	op->data = job->packet->data + job->header;
	op->length = job->body - job->header;
	op->tag = tag;
	op->aad = job->packet->data;
	op->aad_length = job->header;
	if (job->packet->kind == SRTP_PACKET_RTCP) {
		op->aad = rtcp_aad(job, aad);
		op->aad_length = RTCP_HEADER_BYTES + SRTCP_INDEX_BYTES;
	}
	rtp_gcm_iv(op->iv, job_salt(job), job->ssrc, job->index, RTP_GCM_TAG);
}

void srtp_jobs_hash(struct srtp_worker *worker, struct srtp_job *const *jobs, unsigned n)
{
	unsigned gcms = 0;

	for (unsigned i = 0; i < n; i++) {
		const struct srtp_job *job = jobs[i];
		struct crypto_hash_op *op = &worker->hashes[i];

		op->key = srtp_job_key(job);
		if (job->packet->context->aead) {
			gcm_prepare(&worker->gcms[gcms], job, worker->aads[gcms], op->tag);
			gcms++;
			continue;
		}
		op->data = job->packet->data;
		op->length = job->authentic;
		if (job->packet->kind == SRTP_PACKET_RTP) {
			bytes_put_be32(job->packet->data + job->authentic,
				       rtp_index_roc(job->index));
			op->length += SRTP_ROC_BYTES;
		}
	}
	if (gcms > 0)
		worker->engine->gcm_tag_burst(worker->engine_worker, worker->gcms, gcms);
	if (n > gcms)
		worker->engine->hash_burst(worker->engine_worker, worker->hashes, n);
}
