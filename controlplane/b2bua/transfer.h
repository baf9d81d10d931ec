/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * REFER that the relay carries out itself (RFC 3515, RFC 5589), where the dial plan says so:
 *
 *   transferor X ── call ── transferee Y      X refers Y to a target, which must be one that the
 *                                             routes let X call
 *
 * A new call is made: to the target, or by Replaces to the far side of another call of X. When the
 * target has answered, Y's dialog moves into the new call, Y gets a re-INVITE of ours with the
 * target's description, and X is told and let go. Until then nothing changes for X and Y; when the
 * target does not answer, they go on. Y never sees a REFER, and the target not where it came from.
 */
#pragma once

#include "b2bua/call.h"

/* request.c → REFER in a dialog */
void transfer_request(struct leg *leg, struct sip_server *server,
		      const struct sip_message *request);
/* leg's peer hung up: whether its call goes on without it until the target has answered. */
bool transfer_goes_on(const struct leg *leg);
/* It does so now: nobody is there who could speak. */
bool transfer_is_alone(const struct call *call);
/* The media ports of the new call are there. */
void transfer_opened(struct call *call);
/* The target's 2xx. */
void transfer_answered(struct uac *uac, const struct sip_message *response);
/* A call ends that is being made by a REFER, or whose REFER makes another. */
void transfer_ended(struct call *call, const struct verdict *verdict);
