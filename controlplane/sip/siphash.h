/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SipHash-2-4 (Aumasson and Bernstein): a keyed hash, so that no peer can choose what collides. */
#pragma once

#include <stdint.h>

#include "sip/str.h"

struct siphash_key {
	uint64_t k0, k1;
};

uint64_t siphash(const struct siphash_key *key, struct str text);
