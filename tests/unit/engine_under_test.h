/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The crypto engine that a test runs with: SLUICE_TEST_ENGINE, or ipsec_mb. */
#pragma once

#include <stdio.h>
#include <stdlib.h>

#include "crypto/engine.h"

static inline const struct crypto_engine *engine_under_test(void)
{
	const char *name = getenv("SLUICE_TEST_ENGINE");
	const struct crypto_engine *engine = crypto_engine_find(name ? name : "ipsec_mb");

	if (!engine) {
		fprintf(stderr, "SLUICE_TEST_ENGINE=%s: there is no such engine\n", name);
		abort();
	}
	return engine;
}
