/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The media session of a call in the data plane. */
#pragma once

#include "b2bua/call.h"

/*
 * Reserves media ports for both legs; then invite_send(), or the call ends. caller_media: address
 * of the caller's offer, whose family the caller's leg gets; family 0: that of the signalling.
 * 0 or -errno.
 */
int session_open(struct call *call, const struct sdp_address *caller_media);
/* Tells the data plane what is new about a leg since it was told last. */
void session_install(struct leg *leg);
/* Closes it, and writes the end of the call to the log when the counters are there. */
void session_close(struct call *call, const struct verdict *verdict);
