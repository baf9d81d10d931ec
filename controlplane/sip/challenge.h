/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Digest challenges (RFC 3261 22, RFC 7616, RFC 8760): WWW-Authenticate and Proxy-Authenticate.
 * libc only; everything points into the text.
 */
#pragma once

#include <stdbool.h>

#include "sip/message.h"

/* The stronger later. */
enum sip_digest_algorithm { SIP_DIGEST_MD5, SIP_DIGEST_SHA_256 };

struct sip_challenge {
	bool proxy; /* from Proxy-Authenticate: the answer goes into Proxy-Authorization */
	enum sip_digest_algorithm algorithm;
	bool algorithm_said; /* in the challenge; MD5 is meant without (RFC 7616 3.3) */
	bool qop_auth;       /* "auth" is offered; without, as in RFC 2069 */
	bool stale;          /* credentials were good, the nonce is too old */
	/* between the quotes, escapes kept; never with a quote that would end them */
	struct str realm;
	struct str nonce;
	struct str opaque; /* absent: none */
};

/*
 * One challenge, the whole value of its header. Returns 0; -ENOTSUP: a scheme, algorithm or quality
 * that we do not speak (Basic, MD5-sess, auth-int alone); -EINVAL: not by the grammar, or without
 * realm or nonce.
 */
int sip_challenge_parse(struct sip_challenge *challenge, struct str value);

/* The strongest challenge of a 401 or 407. 0, or -ENOENT: none that can be met. */
int sip_challenge_choose(struct sip_challenge *challenge, const struct sip_message *response);

const char *sip_digest_algorithm_name(enum sip_digest_algorithm algorithm); /* "SHA-256" */
