/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker/srtp_worker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define OPS_BYTES (CRYPTO_BURST_MAX * sizeof(struct crypto_op))

int srtp_worker_new(struct srtp_worker **worker, const struct crypto_engine *engine)
{
	struct srtp_worker *made = calloc(1, sizeof(*made));
	int result = -ENOMEM;

	if (!made)
		return -ENOMEM;
	made->engine = engine;
	made->ops = aligned_alloc(alignof(struct crypto_op), OPS_BYTES);
	if (!made->ops)
		goto fail;
	memset(made->ops, 0, OPS_BYTES);
	result = engine->worker_new(&made->engine_worker);
	if (result < 0)
		goto fail;
	*worker = made;
	return 0;
fail:
	free(made->ops);
	free(made);
	return result;
}

void srtp_worker_free(struct srtp_worker *worker)
{
	if (!worker)
		return;
	worker->engine->worker_free(worker->engine_worker);
	explicit_bzero(worker->ops, OPS_BYTES);
	free(worker->ops);
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
