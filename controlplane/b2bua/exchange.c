/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/exchange.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/extension.h"
#include "b2bua/offer.h"
#include "b2bua/reoffer.h"
#include "b2bua/reply.h"
#include "b2bua/session.h"
#include "b2bua/state.h"
#include "b2bua/uac.h"
#include "b2bua/update.h"

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
	       same_key(&leg->media.tx, &leg->next->tx) && offer_moved(leg);
}

static int commit(struct leg *leg)
{
	const struct relay_remote *heard = &leg->next->heard;
	bool stale = key_is_stale(leg);

	if (agreed_set(&leg->media, leg->next) < 0)
		return -ENOMEM;
	if (heard->rtp_address.family) {
		leg->last_address = heard->rtp_address;
		leg->last_port = heard->rtp_port;
	}
	if (stale)
		reoffer_want(leg, REOFFER_KEY);
	return 0;
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

int exchange_reserve(struct call *call)
{
	struct leg_media *next;

	if (call->leg[LEG_CALLER].next)
		return 0;
	next = calloc(2, sizeof(*next));
	if (!next)
		return -ENOMEM;
	call->leg[LEG_CALLER].next = &next[LEG_CALLER];
	call->leg[LEG_CALLEE].next = &next[LEG_CALLEE];
	return 0;
}

static void release(struct call *call)
{
	struct leg_media *next = call->leg[LEG_CALLER].next;

	if (next)
		explicit_bzero(next, 2 * sizeof(*next));
	free(next);
	call->leg[LEG_CALLER].next = NULL;
	call->leg[LEG_CALLEE].next = NULL;
}

int exchange_commit(struct call *call)
{
	keep_descriptions(call);
	if (commit(&call->leg[LEG_CALLER]) < 0 || commit(&call->leg[LEG_CALLEE]) < 0) {
		call_end_cause(call, CAUSE_MEMORY, NULL);
		return -ENOMEM;
	}
	session_install(&call->leg[LEG_CALLER]);
	session_install(&call->leg[LEG_CALLEE]);
	return call->state == CALL_ENDING ? -ECANCELED : 0; /* what could not be installed */
}

void exchange_end(struct call *call)
{
	secret_wipe(&call->exchange.offer);
	secret_wipe(&call->exchange.answer);
	release(call);
	call->leg[LEG_CALLER].told_version = 0;
	call->exchange = (struct exchange){0};
	for (unsigned i = 0; i < 2; i++)
		reoffer_kick(&call->leg[i]);
}

/* ---- who may begin ---- */

/* Early, but both sides have an answer that no other can follow in that INVITE. */
static bool is_settled(const struct call *call)
{
	const struct early *early = call->leg[LEG_CALLEE].early_now;

	return call->state == CALL_EARLY && call->exchange.state == EXCHANGE_ANSWERED && early &&
	       early->settled && call->leg[LEG_CALLER].reliable.settled;
}

enum cause exchange_check(struct leg *leg)
{
	struct call *call = leg->call;
	const struct exchange *exchange = &call->exchange;

	if (call->state == CALL_ENDING)
		return CAUSE_NO_DIALOG;
	if (is_settled(call))
		exchange_end(call);
	/* RFC 3311 5.2: its own offer is not answered: 500; ours to it is not: 491 */
	if (exchange->state != EXCHANGE_NONE)
		return exchange->kind != EXCHANGE_OWN && exchange->offerer == leg->number
			   ? CAUSE_OVERLAP
			   : CAUSE_GLARE;
	if (leg->security == RELAY_SRTP && !net_flow_encrypted(call->b2bua->net, &leg->flow))
		return CAUSE_NOT_ENCRYPTED;
	return CAUSE_NONE;
}

enum carrier { CARRIER_NONE, CARRIER_UPDATE, CARRIER_INVITE };

static enum carrier carrier_to(const struct leg *leg)
{
	/* the fork whose answer was agreed is gone: there is no dialog to say it in */
	if (leg->number == LEG_CALLEE && !leg->dialog.confirmed && !leg->early_now)
		return CARRIER_NONE;
	if (extension_peer_allows(leg, SIP_METHOD_UPDATE))
		return CARRIER_UPDATE;
	if (leg->call->state != CALL_ANSWERED || leg->our_invite || leg->invite)
		return CARRIER_NONE;
	return CARRIER_INVITE;
}

static void carry(struct leg *leg, enum carrier carrier, struct str sdp)
{
	struct uac_request invite = {
	    .method = SIP_METHOD_INVITE, .content_type = "application/sdp", .body = sdp};

	if (carrier == CARRIER_UPDATE)
		update_offer(leg, sdp);
	else
		uac_send(leg, &invite);
}

int exchange_begin(struct leg *leg, struct sip_server *request, struct str sdp,
		   struct verdict *verdict)
{
	struct leg *other = leg_other(leg);
	struct exchange *exchange = &leg->call->exchange;
	enum carrier carrier = carrier_to(other);
	char text[OFFER_TEXT_MAX];
	int length = -1;

	/* of an answered call: an INVITE is under way there, which is soon over */
	*verdict = (struct verdict){.cause = leg->call->state == CALL_ANSWERED ? CAUSE_GLARE
									       : CAUSE_NO_UPDATE};
	if (carrier == CARRIER_NONE)
		return -1;
	if (offer_take(leg, sdp, verdict) == 0) {
		*verdict = (struct verdict){.cause = CAUSE_NOT_ACCEPTABLE};
		length = offer_make(other, text, sizeof(text));
	}
	if (length < 0) {
		exchange_end(leg->call);
		return -1;
	}
	exchange->state = EXCHANGE_OFFERED;
	exchange->kind = EXCHANGE_CHANGE;
	exchange->asker = leg->number;
	exchange->request = request;
	carry(other, carrier, (struct str){text, (size_t)length});
	explicit_bzero(text, sizeof(text));
	return 0;
}

bool exchange_is_refresh(const struct leg *leg, const struct sip_message *request, struct str sdp)
{
	return leg->call->state == CALL_ANSWERED && sdp.len &&
	       sip_message_header(request, SIP_HDR_SESSION_EXPIRES, NULL) &&
	       str_eq(sdp, secret_str(&leg->heard_text));
}

int exchange_answer_alone(struct leg *leg, struct str sdp, char *text, struct verdict *verdict)
{
	struct leg *other = leg_other(leg);
	struct call *call = leg->call;
	int length = -1;

	call->exchange.kind = EXCHANGE_CHANGE;
	if (offer_take(leg, sdp, verdict) == 0 &&
	    secret_set(&call->exchange.answer, secret_str(&other->heard_text)) == 0) {
		*verdict = (struct verdict){.cause = CAUSE_NOT_ACCEPTABLE};
		agreed_get(&other->media, other->next);
		length = answer_make(leg, secret_str(&other->heard_text), text, OFFER_TEXT_MAX);
	}
	if (length >= 0 && exchange_commit(call) < 0) {
		*verdict = (struct verdict){.cause = call->cause};
		return -1;
	}
	exchange_end(call);
	return length < 0 ? -1 : length;
}

/* ---- how it ends for who asked ---- */

bool exchange_has_asker(const struct call *call)
{
	return call->exchange.request || call->leg[call->exchange.asker].invite;
}

void exchange_deliver(struct leg *asker, struct str sdp)
{
	struct exchange *exchange = &asker->call->exchange;
	struct reply reply = {.status = 200, .leg = asker, .sdp = sdp};
	struct sip_server *request = exchange->request;

	if (!request) {
		reliable_success(asker, sdp);
		return;
	}
	exchange->request = NULL;
	if (sip_server_request(request)->method == SIP_METHOD_UPDATE)
		session_timer_start(asker);
	reply_send(asker->call->b2bua, request, &reply);
}

void exchange_refuse(struct leg *asker, const struct verdict *verdict)
{
	struct exchange *exchange = &asker->call->exchange;
	struct reply reply = {.leg = asker, .verdict = verdict};
	struct sip_server *request = exchange->request;

	if (!request) {
		leg_refuse_invite(asker, verdict);
		return;
	}
	exchange->request = NULL;
	reply_send(asker->call->b2bua, request, &reply);
}
