/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dialogs that a 2xx made and that nobody wants: of another fork, or of an INVITE that was given
 * up. ACK, and BYE at once (RFC 3261 13.2.2.4). */
#pragma once

#include "b2bua/credential.h"
#include "b2bua/dialog.h"
#include "sip/flow.h"

struct b2bua;
struct config_listener;
struct leg;

struct unwanted {
	struct b2bua *b2bua;
	const struct config_listener *listener; /* whose host and port we say */
	const struct credential_said *said;     /* with the INVITE: its ACK says it too */
	struct leg *leg; /* whose credentials the BYE shows; NULL: none, it is gone */
	uint32_t cseq;   /* of the INVITE */
};

/* On the flow that the 2xx came by. What cannot be sent is lost: the 2xx comes again. */
void unwanted_end(const struct unwanted *unwanted, const struct dialog *dialog,
		  const struct sip_flow *flow);
