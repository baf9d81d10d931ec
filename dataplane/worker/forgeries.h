/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What forged packets may cost. One that claims to come from an SRTP leg's peer is known to be
 * forged only when its tag has been reckoned, so every leg has an allowance of tags that may turn
 * out wrong; what comes beyond it is dropped unchecked (AUTH_RATE). The rate limit of the call is
 * charged with authentic packets alone: forgeries do not use it up.
 *
 * There are two allowances, so that a forger must see the call to harm it: one of packets that
 * might well be the next of the source that was accepted last (its SSRC, and for RTP a sequence
 * number near its highest), and one of all others. Who cannot see the call's packets guesses its
 * SSRC once in 2^32, uses up the second allowance, and the call loses nothing. Who sees them can
 * make packets that differ in nothing but the tag; then as many of the call's own are checked as
 * find the first allowance not used up, which no order of checks can better.
 *
 * Only a leg from whose peer's address wrong tags have come in the last half second has an entry.
 *
 * Thread: the worker.
 */
#pragma once

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>

#include "worker/leg.h"

/* Legs at once; a failure on any further one is charged to the rate limit of its own call. */
#define FORGERIES_SETS 256U
#define FORGERIES_WAYS 4U
/* Of each allowance, a second; half of it at once (rate.h). */
#define FORGERIES_PPS 500U

enum forgery_look {
	FORGERY_EXPECTED, /* as the next packet of the call might look */
	FORGERY_STRANGE,
	FORGERY_LOOKS,
};

struct forgery_entry {
	const struct leg *leg;        /* NULL: free */
	uint32_t next[FORGERY_LOOKS]; /* see rate.h */
};

struct forgeries {
	unsigned used; /* entries; 0: every packet may be checked */
	unsigned sweep;
	alignas(64) struct forgery_entry entry[FORGERIES_SETS][FORGERIES_WAYS];
};

/* Whether a tag of that leg may be reckoned. now: as of rate.h. */
bool forgeries_allow(struct forgeries *forgeries, const struct leg *leg, enum forgery_look look,
		     uint32_t now);

/* It was, and is wrong. Returns false when there is no room to remember it. */
bool forgeries_charge(struct forgeries *forgeries, const struct leg *leg, enum forgery_look look,
		      uint32_t now);

/* Gives back entries that say nothing any more, some at a time. To be called with every burst. */
void forgeries_sweep(struct forgeries *forgeries, uint32_t now);

/* The leg ends. */
void forgeries_forget(struct forgeries *forgeries, const struct leg *leg);
