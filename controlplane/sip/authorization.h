/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Digest credentials (RFC 3261 22.4, RFC 7616 3.4): Authorization and Proxy-Authorization of a
 * request. libc only, no allocation; everything points into the text. Any thread.
 *
 * Stricter than RFC 3261: qop and with it nc and cnonce must be there. Without them a response may
 * be used again by whoever saw it.
 */
#pragma once

#include "sip/challenge.h"

struct sip_authorization {
	enum sip_digest_algorithm algorithm; /* MD5 when it was not said (RFC 7616 3.4) */
	uint32_t nonce_count;
	/* between the quotes, escapes kept: that is what is hashed (RFC 7616 3.4) */
	struct str username;
	struct str realm;
	struct str nonce;
	struct str uri;
	struct str cnonce;
	struct str nc;       /* the eight digits, as they are hashed */
	struct str response; /* hexadecimal digits, as many as the algorithm makes */
};

/*
 * One header's whole value. Returns 0; -ENOTSUP: a scheme, algorithm or quality that we do not
 * speak (Basic, MD5-sess, auth-int, no qop, userhash, username*); -EINVAL: not by the grammar,
 * something missing or given twice. realm is filled whenever it could be read.
 */
int sip_authorization_parse(struct sip_authorization *authorization, struct str value);

/*
 * The credentials for that realm, in whichever of the two headers. Returns as above, or -ENOENT:
 * none is for that realm.
 */
int sip_authorization_find(struct sip_authorization *authorization,
			   const struct sip_message *request, struct str realm);
