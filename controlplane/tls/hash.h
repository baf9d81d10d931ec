/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plain hashes for HTTP digest (RFC 7616), by wolfCrypt. Any thread. */
#pragma once

#include "sip/str.h"

#define TLS_HASH_HEX_MAX 65U /* characters, NUL included */

enum tls_hash { TLS_HASH_MD5, TLS_HASH_SHA_256 };

/*
 * The hash of the parts, joined with ':', as lower-case hexadecimal text. The parts may be secret:
 * nothing of them stays on the stack. Returns 0 or -EIO.
 */
int tls_hash_joined(enum tls_hash hash, const struct str parts[], unsigned count,
		    char hex[TLS_HASH_HEX_MAX]);
