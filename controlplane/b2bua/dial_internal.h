/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What dial.c (the targets of a call) and dial_next.c (from one to the next) share. */
#pragma once

#include "b2bua/call.h"
#include "b2bua/dial.h"

struct attempt {
	struct routing_target target;
	uint32_t begun_ms, took_ms; /* since the call was routed */
	bool called;                /* an INVITE was meant to go to it */
	unsigned status;            /* of the peer; 0: none */
	char why[DIAL_WHY_MAX];     /* it did not take the call; empty: it did, or still may */
};

struct dial {
	const struct config_peer *from, *other;
	const struct config_route *route; /* the first: its limits are those of the call */
	bool sips;
	bool emergency; /* passes all limits */
	uint64_t routed_ms;
	char *called, *caller; /* as routes see them */
	unsigned count, now, tried;
	struct attempt attempt[];
};

/* The attempt at who is called now. */
struct attempt *dial_present(struct dial *dial);
/* Milliseconds since the call was routed. */
uint32_t dial_elapsed_ms(const struct b2bua *b2bua, const struct dial *dial);
/* From now on, the first target that may take the call; CAUSE_NONE, or why the first of them may
 * not: then there is none. */
enum cause dial_advance(struct b2bua *b2bua, struct dial *dial);
/* All that has to be there before who is called now can be called. 0, -ENOMEM, or another: not this
 * one. */
int dial_prepare(struct call *call, struct str display, struct verdict *verdict);
