/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether an INVITE may make a call, and to whom: all that is asked before anything is made of it.
 */
#pragma once

#include "admission/admission.h"
#include "b2bua/call.h"
#include "b2bua/number.h"
#include "registrar/location.h"

/* What the checks found out about a request. */
struct invite_plan {
	struct b2bua *b2bua;
	const struct sip_message *request;
	const struct sip_flow *flow;
	const struct config_peer *from;
	const struct config_peer *to;
	bool sips; /* only to peers over TLS */
	struct dial *dial;
	struct verdict verdict;          /* of the routes, with what the operator is told */
	const struct location *location; /* of the phone that is called by its token; NULL */
	struct str sdp;
	struct leg *replaced;         /* whose place the caller takes; NULL: nobody's */
	int privacy;                  /* caller_id.h */
	char caller[NUMBER_TEXT_MAX]; /* user parts in one spelling */
	char callee[NUMBER_TEXT_MAX];
	bool emergency;
	struct admission_refusal refusal; /* by a limit */
};

/* Fills in what follows from b2bua, request, flow and from. CAUSE_NONE, or the first reason why
 * not; dial, where it is not NULL, is the caller's then too. */
enum cause invite_check(struct invite_plan *plan);
