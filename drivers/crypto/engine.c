/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "crypto/engine.h"

#include <errno.h>
#include <string.h>

static const struct crypto_engine *const engines[] = {
    &crypto_engine_ipsec_mb,
};

const struct crypto_engine *crypto_engine_find(const char *name)
{
	for (size_t i = 0; i < sizeof(engines) / sizeof(engines[0]); i++) {
		if (strcmp(engines[i]->name, name) == 0)
			return engines[i];
	}
	errno = ENOENT;
	return NULL;
}
