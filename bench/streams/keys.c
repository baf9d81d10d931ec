/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "keys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "worker/srtp_context.h"

int keys_new(struct keys *keys, const struct plan *plan, enum keys_side side)
{
	int result;

	*keys = (struct keys){.count = plan->count};
	result = srtp_worker_new(&keys->worker, &crypto_engine_ipsec_mb);
	if (result < 0)
		return result;
	keys->context =
	    aligned_alloc(alignof(struct srtp_context), plan->count * sizeof(*keys->context));
	if (!keys->context)
		return -ENOMEM;
	memset(keys->context, 0, plan->count * sizeof(*keys->context));
	for (uint32_t i = 0; i < plan->count && result == 0; i++) {
		const struct plan_stream *stream = &plan->stream[i];
		const struct sluice_key *key =
		    side == KEYS_SENT ? &stream->in.key : &stream->out.key;

		if (key->suite != SLUICE_SUITE_NONE)
			result = srtp_context_init(&keys->context[i], keys->worker, key);
	}
	return result;
}

void keys_free(struct keys *keys)
{
	for (uint32_t i = 0; keys->context && i < keys->count; i++)
		if (keys->context[i].suite != SLUICE_SUITE_NONE)
			srtp_context_wipe(&keys->context[i], keys->worker);
	free(keys->context);
	srtp_worker_free(keys->worker);
	*keys = (struct keys){0};
}
