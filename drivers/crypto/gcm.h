/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The authentication half of AES-GCM (NIST SP 800-38D): GHASH by carry-less multiplication. The one
 * AES block that covers it is the caller's, who makes it for a burst; the cipher half is counter
 * mode, which the engine has.
 *
 * Why apart from IPsec-MB's own GCM: that one decrypts while it authenticates, so a refused packet
 * would have to be encrypted back; and its key takes 1008 bytes, where this one takes 48 beside the
 * key of AES.
 *
 * Needs a CPU with PCLMULQDQ and SSSE3; goes faster with VPCLMULQDQ. Its time depends on
 * lengths alone. Only for the engines.
 */
#pragma once

#include <endian.h>
#include <stdbool.h>
#include <string.h>

#include "crypto/engine.h"

/* Fills key->ghash_powers from H, which is a block of zeros, encrypted (6.4). */
void gcm_key_init(struct crypto_key *key, const uint8_t h[16]);

/* The last word of a counter block: what covers the tag, and the first of the data. */
enum gcm_counter_value { GCM_COUNTER_TAG = 1, GCM_COUNTER_DATA = 2 };

static inline void gcm_counter(uint8_t iv[16], enum gcm_counter_value value)
{
	uint32_t value_be = htobe32(value);

	memcpy(iv + 12, &value_be, sizeof(value_be));
}

struct gcm_implementation {
	const char *name; /* the CPU feature that it is named after */
	bool (*runs_here)(void);
	/* Makes op->tag; cover: the counter block of GCM_COUNTER_TAG, encrypted. */
	void (*tag)(struct crypto_op *op, const uint8_t cover[16]);
};

/* The fastest first; the last, which runs on every CPU of the engine, is followed by one without
 * a name. */
extern const struct gcm_implementation gcm_implementations[];

/* The one for this CPU. */
const struct gcm_implementation *gcm_best(void);

/* Of gcm_avx512.c, for the table. */
void gcm_tag_avx512(struct crypto_op *op, const uint8_t cover[16]);
bool gcm_avx512_runs_here(void);
