/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the engine ipsec_mb does by one of two ways; for tests of both on one CPU. */
#pragma once

#include "crypto/engine.h"

enum ipsec_mb_hmac {
	IPSEC_MB_HMAC_LIBRARY, /* IPsec-MB's own */
	IPSEC_MB_HMAC_BEST,    /* hmac_sha1.h where it runs, else the library's: the default */
};

void ipsec_mb_hmac_use(struct crypto_engine_worker *worker, enum ipsec_mb_hmac hmac);
