/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests of peers that must show digest credentials (auth_users_file; RFC 3261 22, RFC 8760).
 * Every request outside a dialog is asked for them; in a dialog its tags count, which only whoever
 * began it knows. ACK and CANCEL are never challenged (22.1).
 *
 * A request without any is challenged before anything of it is kept: no transaction, no memory. One
 * that answers a challenge of the registrar behind us, which was just passed on to the same phone
 * after it had shown us its credentials, needs them not again (auth/passed.h): many phones keep one
 * challenge at a time.
 */
#pragma once

#include <stdbool.h>

#include "b2bua/cause.h"
#include "sip/message.h"
#include "sip/writer.h"

struct b2bua;
struct sip_server;
struct sip_flow;

/* Whether it was challenged, and so is done with. */
bool authenticate_challenge(struct b2bua *b2bua, const struct sip_message *request,
			    const struct sip_flow *flow);
/* The request has a transaction now: true, and b2bua->sender_user is set; false: it was refused. */
bool authenticate_request(struct b2bua *b2bua, struct sip_server *server,
			  const struct sip_message *request, const struct sip_flow *flow);
/* WWW-Authenticate of a 401 of ours, or Proxy-Authenticate of a 407; nothing for other causes. */
void authenticate_write(struct sip_writer *writer, const struct b2bua *b2bua,
			const struct sip_flow *flow, const struct verdict *verdict);
