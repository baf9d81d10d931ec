/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker/srtp_worker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int srtp_worker_new(struct srtp_worker **worker, const struct crypto_engine *engine,
		    unsigned spares)
{
	struct srtp_worker *made = aligned_alloc(alignof(struct srtp_worker), sizeof(*made));
	int result;

	if (!made)
		return -ENOMEM;
	memset(made, 0, sizeof(*made));
	made->engine = engine;
	result = srtp_spares_new(&made->spares, spares);
	if (result < 0)
		goto free_worker;
	result = engine->worker_new(&made->engine_worker);
	if (result < 0)
		goto free_spares;
	*worker = made;
	return 0;
free_spares:
	srtp_spares_free(made->spares);
free_worker:
	free(made);
	return result;
}

void srtp_worker_meanwhile(struct srtp_worker *worker, const struct crypto_meanwhile *meanwhile)
{
	if (worker->engine->meanwhile)
		worker->engine->meanwhile(worker->engine_worker, meanwhile);
}

void srtp_worker_free(struct srtp_worker *worker)
{
	if (!worker)
		return;
	worker->engine->worker_free(worker->engine_worker);
	srtp_spares_free(worker->spares);
	explicit_bzero(worker, sizeof(*worker));
	free(worker);
}
