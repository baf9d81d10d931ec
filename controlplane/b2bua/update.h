/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UPDATE (RFC 3311), of the peers and of ours. */
#pragma once

#include "b2bua/call.h"

void update_request(struct leg *leg, struct sip_server *server, const struct sip_message *request);
/* Our offer to leg, on behalf of the other side. */
void update_offer(struct leg *leg, struct str sdp);
