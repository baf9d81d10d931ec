/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reliable provisional responses of a callee, and our PRACK for them (RFC 3262). */
#pragma once

#include "b2bua/call.h"

enum prack {
	PRACK_NONE,  /* the response is not reliable */
	PRACK_DUE,   /* the next in order: prack_send() */
	PRACK_AGAIN, /* a retransmission, or one of which an earlier is missing: to be ignored */
};

/* early: the dialog of that response, may be NULL. */
enum prack prack_heard(struct early *early, const struct sip_message *response);
/* sdp: our answer to an offer in it; absent: none. */
void prack_send(struct leg *leg, struct early *early, struct str sdp);
