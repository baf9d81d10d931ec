/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Master keys whose lifetime ends (RFC 3711 9.2, RFC 4568 6.1). At 90 % the data plane says so, and
 * the leg gets a re-INVITE with a fresh key of ours, whose answer is the peer's occasion to change
 * its own. A peer that refuses is asked again, a few times and ever later. Whatever it does, a key
 * at its end encrypts and opens nothing more.
 */
#pragma once

#include "b2bua/call.h"

#define REKEY_TRIES 3U /* after the first refusal */

/* SLUICE_EVENT_KEY_LIMIT of that leg. */
void rekey_limit(struct leg *leg, const struct sluice_event *event);
/* Our re-INVITE for a fresh key was refused, other than by glare. */
void rekey_refused(struct leg *leg);
void rekey_due(struct leg *leg);
