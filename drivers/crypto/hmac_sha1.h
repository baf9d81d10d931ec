/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HMAC-SHA1 (RFC 2104, FIPS 180-4) of up to sixteen messages in step, each in its own lane of the
 * registers, where the CPU has AVX-512.
 *
 * Why beside IPsec-MB's: that one manages its lanes job by job, and hashes the outer block through
 * memory. Voice comes in bursts that are there at once, so all of that can be left out: two thirds
 * of its cycles at 160 bytes of payload. See docs/decisions/0010-hmac-sha1.md.
 *
 * Its time depends on lengths alone. Only for the engines.
 */
#pragma once

#include <stdbool.h>

#include "crypto/engine.h"

/*
 * Makes the tags of n up to CRYPTO_BURST_MAX ops whose keys have CRYPTO_HMAC_SHA1. Quickest when
 * many of the messages are of about the same length. Only where hmac_sha1_avx512_runs_here().
 */
void hmac_sha1_avx512(struct crypto_op *const *ops, unsigned n,
		      const struct crypto_meanwhile *meanwhile);
bool hmac_sha1_avx512_runs_here(void);
