/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the engine ipsec_mb does by one of two ways; for tests of both on one CPU. */
#pragma once

#include "crypto/engine.h"

enum ipsec_mb_way {
	IPSEC_MB_LIBRARY, /* IPsec-MB's own */
	IPSEC_MB_BEST,    /* hmac_sha1.h, aes.h where they run, else the library's: the default */
};

void ipsec_mb_hmac_use(struct crypto_engine_worker *worker, enum ipsec_mb_way way);
void ipsec_mb_cipher_use(struct crypto_engine_worker *worker, enum ipsec_mb_way way);
