/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "keys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ALIGNMENT 64U

static const struct sluice_key *key_of(const struct plan *plan, uint32_t stream,
				       enum keys_side side)
{
	return side == KEYS_SENT ? &plan->stream[stream].in.key : &plan->stream[stream].out.key;
}

static size_t stride_of(const struct plan *plan, enum keys_side side)
{
	size_t stride = 1;

	for (uint32_t i = 0; i < plan->count; i++) {
		size_t size = srtp_context_size(key_of(plan, i, side)->suite);

		stride = size > stride ? size : stride;
	}
	return (stride + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

int keys_new(struct keys *keys, const struct plan *plan, enum keys_side side)
{
	size_t size;
	int result;

	*keys = (struct keys){.count = plan->count, .stride = stride_of(plan, side)};
	result = srtp_worker_new(&keys->worker, &crypto_engine_ipsec_mb, 0);
	if (result < 0)
		return result;
	size = plan->count * keys->stride;
	keys->memory = aligned_alloc(ALIGNMENT, size);
	if (!keys->memory)
		return -ENOMEM;
	memset(keys->memory, 0, size);
	for (uint32_t i = 0; i < plan->count && result == 0; i++) {
		const struct sluice_key *key = key_of(plan, i, side);

		if (key->suite != SLUICE_SUITE_NONE)
			result = srtp_context_init(keys_of(keys, i), keys->worker, key);
	}
	return result;
}

void keys_free(struct keys *keys)
{
	for (uint32_t i = 0; keys->memory && i < keys->count; i++)
		srtp_context_wipe(keys_of(keys, i), keys->worker);
	free(keys->memory);
	srtp_worker_free(keys->worker);
	*keys = (struct keys){0};
}
