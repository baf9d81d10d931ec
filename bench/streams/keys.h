/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SRTP contexts of one side of every stream of a plan; streams in clear have none. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "plan.h"
#include "worker/srtp_burst.h"

struct keys {
	struct srtp_worker *worker;
	struct srtp_context *context; /* by stream */
	uint32_t count;
};

enum keys_side { KEYS_SENT, KEYS_RECEIVED };

/* Returns 0, -ENOMEM or -ENOTSUP. keys_free() also after a failure. */
int keys_new(struct keys *keys, const struct plan *plan, enum keys_side side);
void keys_free(struct keys *keys);
