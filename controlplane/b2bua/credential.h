/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Digest credentials of ours towards a peer that asks for them (RFC 3261 22, RFC 8760): what a leg
 * knows of the peer's challenge, and the answer to it. The password is the configuration's.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "b2bua/secret.h"
#include "policy/config.h"
#include "sip/challenge.h"
#include "sip/writer.h"

#define CREDENTIAL_TRIES 3U /* challenges in a row for one request: then the password is wrong */

struct credential {
	struct secret challenge; /* the header's value; none: nothing was asked yet */
	bool proxy;
	uint32_t nonce_count; /* of that nonce, used so far (RFC 7616 3.4) */
};

void credential_free(struct credential *credential);

/* What a request of ours said: the ACK of its 2xx repeats it (RFC 3261 13.2.2.4, 22.1). */
struct credential_said {
	struct secret value; /* none: nothing */
	bool proxy;
};

/* From the text of a request; none when it has no credentials or there is no memory. */
void credential_said_read(struct credential_said *said, struct str request);
void credential_said_write(const struct credential_said *said, struct sip_writer *writer);
void credential_said_wipe(struct credential_said *said);

/*
 * A 401 or 407: takes its challenge. Returns 0: asking again makes sense; -ENOENT: the peer has no
 * credentials configured, or no challenge can be met; -EACCES: it has refused what we know, since
 * tries challenges were answered for this request and this one does not say that its nonce was only
 * stale; -ENOMEM.
 */
int credential_challenged(struct credential *credential, const struct config_peer *peer,
			  const struct sip_message *response, unsigned tries);

/*
 * Writes Authorization or Proxy-Authorization for a request, if a challenge is known. uri is the
 * Request-URI. Counts the nonce up. Returns 0 or -EIO.
 */
int credential_write(struct credential *credential, const struct config_peer *peer,
		     const char *method, struct str uri, struct sip_writer *writer);
