/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SRTP contexts of one side of every stream of a plan; those of streams in clear are all zero. */
#pragma once

#include <stdint.h>

#include "plan.h"
#include "worker/srtp_burst.h"

struct keys {
	struct srtp_worker *worker;
	uint8_t *memory;
	size_t stride; /* bytes of a context: of the largest suite in the plan */
	uint32_t count;
};

enum keys_side { KEYS_SENT, KEYS_RECEIVED };

/* Returns 0, -ENOMEM or -ENOTSUP. keys_free() also after a failure. */
int keys_new(struct keys *keys, const struct plan *plan, enum keys_side side);
void keys_free(struct keys *keys);

static inline struct srtp_context *keys_of(const struct keys *keys, uint32_t stream)
{
	return (struct srtp_context *)(void *)(keys->memory + stream * keys->stride);
}
