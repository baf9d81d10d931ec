/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/exchange.h"

#include <string.h>

#include "b2bua/offer.h"
#include "b2bua/reoffer.h"
#include "b2bua/session.h"

static bool same_key(const struct sdes_crypto *a, const struct sdes_crypto *b)
{
	return a->suite == b->suite &&
	       memcmp(a->key.bytes, b->key.bytes, sizeof(a->key.bytes)) == 0;
}

/*
 * The peer moved in its answer, to our offer that had the key in use: a new transport counts from
 * roll-over zero, where that key has been already. Forks of the first INVITE share its offer, and
 * with it the key: there the packets go on with their numbers.
 */
static bool key_is_stale(const struct leg *leg)
{
	return leg->call->exchange.kind != EXCHANGE_FIRST && leg->media.tx.suite != SDES_NONE &&
	       same_key(&leg->media.tx, &leg->next.tx) && offer_moved(leg);
}

static void commit(struct leg *leg)
{
	bool stale = key_is_stale(leg);

	leg->media = leg->next;
	/* an offer with rtcp-mux named a port for the case that we had declined; we did not */
	if (leg->media.said.rtcp_mux && leg->media.heard.rtcp_mux) {
		leg->media.heard.rtcp_address = leg->media.heard.rtp_address;
		leg->media.heard.rtcp_port = leg->media.heard.rtp_port;
	}
	if (leg->media.heard.rtp_address.family) {
		leg->last_address = leg->media.heard.rtp_address;
		leg->last_port = leg->media.heard.rtp_port;
	}
	if (stale)
		reoffer_want(leg, REOFFER_KEY);
}

/* What the peers described, for offers of our own. */
static void keep_descriptions(struct call *call)
{
	struct exchange *exchange = &call->exchange;
	struct leg *offerer = &call->leg[exchange->offerer], *answerer = leg_other(offerer);

	if (exchange->kind != EXCHANGE_OWN)
		secret_set(&offerer->heard_text, secret_str(&exchange->offer));
	secret_set(&answerer->heard_text, secret_str(&exchange->answer));
}

void exchange_commit(struct call *call)
{
	keep_descriptions(call);
	commit(&call->leg[LEG_CALLER]);
	commit(&call->leg[LEG_CALLEE]);
	session_install(&call->leg[LEG_CALLER]);
	session_install(&call->leg[LEG_CALLEE]);
}

void exchange_end(struct call *call)
{
	secret_wipe(&call->exchange.offer);
	secret_wipe(&call->exchange.answer);
	for (unsigned i = 0; i < 2; i++)
		leg_media_wipe(&call->leg[i].next);
	call->leg[LEG_CALLER].told_version = 0;
	call->exchange = (struct exchange){0};
	for (unsigned i = 0; i < 2; i++)
		reoffer_kick(&call->leg[i]);
}
