/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nonces of a digest server (RFC 7616 3.3, 5.4). A nonce is signed, so that giving one away costs
 * no memory, whoever asks: it says when it was made, and the signature binds it to whom it was
 * given. Only one that came back with a right response takes a place, which remembers the counts
 * (nc) that were used with it.
 *
 * Places are bounded: where there is none left the oldest nonce of a set goes, and a mark stays
 * that makes it, and all of that set that are older still, stale. So a count is never taken twice.
 *
 * Thread: one struct nonces belongs to one thread.
 */
#pragma once

#include <stdint.h>

#include "sip/str.h"

#define NONCE_TEXT 49U            /* characters, NUL included */
#define NONCE_LIFETIME_MS 300000U /* then it is stale */

struct nonces;

enum nonce_verdict {
	NONCE_GOOD,
	NONCE_FOREIGN,  /* not ours, or not given to this one */
	NONCE_STALE,    /* too old, or no place was left for it */
	NONCE_REPLAYED, /* that count was used before */
};

struct nonces *nonces_new(void);         /* NULL: out of memory, or no random numbers */
void nonces_free(struct nonces *nonces); /* NULL is fine */

/* binding: to whom it is given. Returns 0 or -EIO. */
int nonce_make(struct nonces *nonces, struct str binding, uint64_t now_ms, char text[NONCE_TEXT]);
/* GOOD, FOREIGN or STALE: by signature and age alone; changes nothing. */
enum nonce_verdict nonce_check(const struct nonces *nonces, struct str text, struct str binding,
			       uint64_t now_ms);
/* After nonce_check() said GOOD and the response was right: uses that count up. GOOD, STALE or
 * REPLAYED. */
enum nonce_verdict nonce_use(struct nonces *nonces, struct str text, uint32_t count,
			     uint64_t now_ms);
