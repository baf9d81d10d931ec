/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A phone that both the relay and its registrar challenge (RFC 3261 22.3), and that keeps one
 * challenge at a time: it shows its credentials to the relay, is told the registrar's challenge,
 * and answers that one alone. That answer is taken without credentials of ours when it has the
 * nonce that was just passed on to this phone, and comes from the same connection (UDP: address and
 * port) with the same Call-ID, method, Request-URI, From and To. What it says the registrar judges.
 */
#pragma once

#include "auth/passed.h"
#include "sip/transaction.h"

struct b2bua;
struct config_peer;

/* The challenges of response are passed on to the request of peer that server is of. */
void passed_on_note(struct b2bua *b2bua, const struct config_peer *peer,
		    const struct sip_server *server, const struct sip_message *response);
/* The user for whom request, of the peer whose message is being handled, answers a challenge that
 * was passed on; NULL: none. Valid until the next note. */
const char *passed_on_answered(const struct b2bua *b2bua, const struct sip_message *request,
			       const struct sip_flow *flow, enum passed_way way);
