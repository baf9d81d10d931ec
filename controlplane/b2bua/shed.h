/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an overloaded relay does with a message before it is parsed: new requests are refused with
 * 503 and Retry-After, as overload/overload.h says which, at a tenth of the cost of a request that
 * is read. Nothing is kept of them: the To tag is made from the request (RFC 3261 8.2.7), so it is
 * the same for each retransmission, and the ACK is known by it. The retransmission of a request
 * that was taken is not refused.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct b2bua;
struct sip_flow;

/* True: that was all. data as framed; the message's peer is b2bua->sender. */
bool shed_message(struct b2bua *b2bua, const struct sip_flow *flow, const char *data,
		  size_t length);
