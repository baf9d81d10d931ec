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

void srtp_jobs_cipher(struct srtp_worker *worker, struct srtp_job *const *jobs, unsigned n)
{
	unsigned count = 0;

	for (unsigned i = 0; i < n; i++) {
		const struct srtp_job *job = jobs[i];
		const struct srtp_context *context = job->packet->context;
		struct crypto_cipher_op *op = &worker->ciphers[count];

		if (job->body == job->header)
			continue;
		op->key = srtp_job_key(job);
		op->data = job->packet->data + job->header;
		op->length = job->body - job->header;
		rtp_iv(op->iv,
		       job->packet->kind == SRTP_PACKET_RTP ? context->rtp_salt
							    : context->rtcp_salt,
		       job->ssrc, job->index);
		count++;
	}
	if (count > 0)
		worker->engine->cipher_burst(worker->engine_worker, worker->ciphers, count);
}

void srtp_jobs_hash(struct srtp_worker *worker, struct srtp_job *const *jobs, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		const struct srtp_job *job = jobs[i];
		struct crypto_hash_op *op = &worker->hashes[i];

		op->key = srtp_job_key(job);
		op->data = job->packet->data;
		op->length = job->authentic;
		if (job->packet->kind == SRTP_PACKET_RTP) {
			bytes_put_be32(job->packet->data + job->authentic,
				       rtp_index_roc(job->index));
			op->length += SRTP_ROC_BYTES;
		}
	}
	if (n > 0)
		worker->engine->hash_burst(worker->engine_worker, worker->hashes, n);
}
