/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who a request says it is from, against who has shown credentials (RFC 3261 22.1 leaves that to
 * the server): a user is the user part of its own name, or what its line of the file of users
 * allows (policy/users.h), and nobody else. INVITE: From, and the asserted identities of a peer
 * with `trust`; REGISTER: From and To, so that nobody registers for another. An anonymous From (RFC
 * 3323 4.1.1.3) names nobody.
 *
 * Any thread; no state.
 */
#pragma once

#include <stdbool.h>

#include "policy/config.h"
#include "sip/message.h"

/* user: whose credentials were right. False: *claimed is what it may not be, within request. */
bool claim_is_right(const struct config_peer *peer, struct str user,
		    const struct sip_message *request, struct str *claimed);
