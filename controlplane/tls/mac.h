/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A keyed hash over public text, and comparison of secrets, by wolfCrypt. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "sip/str.h"

#define TLS_MAC_KEY 32U /* bytes */
#define TLS_MAC_SIZE 32U

/* HMAC-SHA-256 of the parts, joined with ':'. Returns 0 or -EIO. */
int tls_mac(const unsigned char key[TLS_MAC_KEY], const struct str parts[], unsigned count,
	    unsigned char mac[TLS_MAC_SIZE]);

/* Takes as long wherever they differ. */
bool tls_equal(const void *a, const void *b, size_t length);
