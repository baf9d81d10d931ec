/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The texts of requests of ours, each into b2bua->buffer: what has SDP in it is wiped there by the
 * caller. Lengths, or -errno. */
#pragma once

#include "b2bua/uac.h"

/* Whether it is the INVITE that asks for the call. */
bool uac_is_first(const struct uac *uac);

long uac_write_request(const struct uac *uac, const struct uac_request *request);
/* ACK of the 2xx of that INVITE; sdp absent: without body. */
long uac_write_ack(const struct uac *uac, struct str sdp);
/* The same request with credentials, which counts as the next of its dialog. */
long uac_write_again(struct uac *uac, const struct sip_message *before);
