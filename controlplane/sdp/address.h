/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses as c=, o= and a=rtcp write them (RFC 8866 5.7). Private to this folder. */
#pragma once

#include "sdp/sdp.h"

#define SDP_ADDRESS_TEXT_MAX 64U

/*
 * fields: "IN IP4 192.0.2.1". A host name, a multicast range ("/127"), or a network or address type
 * that we do not know gives family 0. False: not three fields, or an address that is none of these.
 */
bool sdp_address_read(struct sdp_address *address, struct str fields);

/* Writes "IP4 192.0.2.1" or "IP6 …"; false for family 0. */
bool sdp_address_format(const struct sdp_address *address, char text[SDP_ADDRESS_TEXT_MAX]);
