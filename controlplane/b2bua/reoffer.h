/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A re-INVITE of the relay's own on one leg: it offers again what the other side described last,
 * and its answer changes this leg alone. It waits until no exchange is under way, and gives way to
 * one of the peer (491, RFC 3261 14.1).
 */
#pragma once

#include "b2bua/call.h"

/* Why; a higher one includes the lower. */
enum reoffer {
	REOFFER_NONE,
	REOFFER_REFRESH, /* the session timer of a peer without UPDATE */
	REOFFER_CHANGED, /* the peer may have kept an earlier answer than the one that counts */
	REOFFER_KEY,     /* with a fresh key of ours: the one in use may not go on */
};

/* Wishes one, as soon as it may be. Call answered or not. */
void reoffer_want(struct leg *leg, enum reoffer why);
/* Something that it may have waited for is over. */
void reoffer_kick(struct leg *leg);
void reoffer_due(struct leg *leg);

/* The answer to it: as answer.h's. */
void reoffer_answered(struct uac *uac, const struct sip_message *response);
void reoffer_failed(struct leg *leg, unsigned status);
