/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * INVITE with Replaces (RFC 3891): its sender P takes the place of a dialog of ours.
 *
 *   L ── call X ── M        L is replaced: a dialog of P itself, or of a peer with P's dial plan
 *   P ── call Y ── M        where that says so (replaces)
 *
 * A new call Y is made. Answered: M's dialog is lent to Y, where it gets a re-INVITE with P's
 * offer; when it agrees, P gets its 200 and L its BYE. When it does not, M goes back, and L and M
 * talk on as before. Early (L is ringing, M waits): both P and M made offers, so each is answered
 * with what the other offered, and L gets CANCEL.
 */
#pragma once

#include "b2bua/call.h"

/* The dialog that the INVITE replaces. CAUSE_NONE and *leg NULL: it does not ask for that. */
enum cause replacing_check(struct b2bua *b2bua, const struct sip_message *invite,
			   const struct config_peer *from, struct leg **leg);
/* call is made of an INVITE that replaces leg. */
void replacing_begin(struct call *call, struct leg *leg);
/* Its media ports are there. */
void replacing_opened(struct call *call);
/* The side that stays agreed to it. */
void replacing_answered(struct call *call);
/* A call ends that replaces another one's dialog, or whose dialog is being replaced. gone: as of
 * call_end(). */
void replacing_ended(struct call *call, const struct leg *gone);
/* Whether a leg of the call is lent: nothing can pass to it now. */
bool replacing_is_lent(const struct call *call);
