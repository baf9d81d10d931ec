/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What INVITE does, on both sides. */
#pragma once

#include "b2bua/call.h"

/* request.c → invite.c: a new call; reinvite.c: in a dialog */
void invite_request(struct b2bua *b2bua, struct sip_server *server,
		    const struct sip_message *request, const struct sip_flow *flow);
void reinvite_request(struct leg *leg, struct sip_server *server,
		      const struct sip_message *request);
/* invite_check.c */
/* Whether this one may be called by from: its limits have room, and joining is allowed. */
enum cause invite_check_target(struct b2bua *b2bua, const struct config_peer *from,
			       const struct config_peer *to, bool sips, bool emergency);
/* Whether one more call may be made between these two, to that number; CAUSE_NONE or why not. */
enum cause invite_check_join(struct b2bua *b2bua, const struct config_peer *from,
			     const struct config_peer *to, const char *callee);
/* invite.c */
/* INVITE to leg with what the exchange offers it, or without offer; a failure ends the call. */
void invite_send(struct leg *leg);
/* Body of an INVITE, ACK or answer that must be SDP or nothing. False: verdict says why not. */
bool invite_body(const struct sip_message *message, struct str *sdp, struct verdict *verdict);
/* ack.c */
/* The 200 of leg's INVITE needs no ACK any more: it came, or what came proves that the 200 did. */
void ack_heard(struct leg *leg);
void ack_request(struct b2bua *b2bua, const struct sip_message *request);
void ack_missing(struct leg *leg);

/* answer.c: responses to our INVITE */
/* The call is answered: counted and logged, once. */
void answer_mark(struct call *call);
void answer_provisional(struct uac *uac, const struct sip_message *response);
void answer_success(struct uac *uac, const struct sip_message *response);
/* response NULL: none will come, status is ours */
void answer_failure(struct uac *uac, unsigned status, const struct sip_message *response,
		    enum cause cause);
/* The answer, or final refusal, that a change got from leg's peer in another request. */
void answer_change(struct leg *leg, struct str sdp);
void answer_change_refused(struct leg *leg, unsigned status, enum cause cause);
/* Of an INVITE that is the relay's own, with an offer: the answer in its 2xx is taken, the 2xx
 * acknowledged, and uac at its end. 0, or -1: there is none, or none that can be taken; verdict. */
int answer_take_own(struct uac *uac, const struct sip_message *response, struct verdict *verdict);
/* Retry-After of a response, as milliseconds; 0: it does not say, or response is NULL. */
uint32_t answer_retry_after_ms(const struct sip_message *response);
