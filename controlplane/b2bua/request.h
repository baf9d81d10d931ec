/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests of the peers: found, or not, in a dialog; given to what handles the method. */
#pragma once

#include <stdbool.h>

#include "sip/transaction.h"

/* What the transaction table calls; user is the b2bua, server_user a leg or NULL. */
void request_received(void *user, struct sip_server *server, const struct sip_message *request,
		      const struct sip_flow *flow);
void request_cancelled(void *user, struct sip_server *invite, const struct sip_message *cancel);
void request_ended(void *server_user, struct sip_server *server, bool acknowledged);
