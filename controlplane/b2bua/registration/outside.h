/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One request of ours outside any dialog (RFC 3261 8.1), from the wish to its final response: finds
 * a flow to its peer, goes on to the peer's next target when one fails (RFC 3263 4.3), and answers
 * challenges where we have credentials.
 *
 * Thread: the loop's.
 */
#pragma once

#include "b2bua/credential.h"
#include "sip/flow.h"
#include "sip/message.h"
#include "sip/writer.h"

struct b2bua;
struct outside;

struct outside_request {
	const struct config_peer *peer;
	enum sip_method method;
	const char *uri;               /* Request-URI; lives until done */
	struct credential *credential; /* of the user's, for challenges; NULL: they are answers */
	/* Writes From, To, Call-ID, CSeq and what else the request has: anew for each attempt, with
	 * a higher CSeq each. */
	void (*write)(void *user, struct sip_writer *writer);
	/*
	 * Once, perhaps before outside_send() returns: the final response, or NULL and the status
	 * that stands for it (408: silence, 503: no flow, 500: no memory); flow: that it came by,
	 * or NULL. The request is gone afterwards.
	 */
	void (*done)(void *user, const struct sip_message *response, unsigned status,
		     const struct sip_flow *flow);
	void *user;
};

/* *outside is set before anything is called. 0 or -ENOMEM: then done is not called. */
int outside_send(struct outside **outside, struct b2bua *b2bua,
		 const struct outside_request *request);
/* done will not be called. NULL is fine. */
void outside_forget(struct outside *outside);
