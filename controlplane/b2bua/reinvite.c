/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An INVITE inside a dialog (RFC 3261 14): hold, resume, another codec, another address, new keys.
 * It goes through to the other side, whose answer decides; until then nothing changes.
 */
#include "b2bua/extension.h"
#include "b2bua/invite.h"
#include "b2bua/offer.h"
#include "b2bua/reply.h"
#include "b2bua/state.h"
#include "b2bua/uac.h"

/*
 * Its earlier INVITE has no final answer (14.2), or no ACK yet. The ACK may have been overtaken or
 * lost: when it had nothing to say, this INVITE proves as well that the 200 came (RFC 5407 3.1.4).
 */
static enum cause check_overlap(struct leg *leg)
{
	if (!leg->invite)
		return CAUSE_NONE;
	if (!leg->invite_answered)
		return CAUSE_OVERLAP;
	if (leg->bye_due || leg->call->exchange.unacknowledged)
		return CAUSE_GLARE;
	ack_heard(leg);
	return CAUSE_NONE;
}

/* An INVITE on either leg keeps the other waiting (14.1). */
static enum cause check(struct leg *leg)
{
	enum cause cause = check_overlap(leg);

	if (cause == CAUSE_NONE)
		cause = exchange_check(leg);
	if (cause == CAUSE_NONE &&
	    (leg->our_invite || leg_other(leg)->our_invite || leg_other(leg)->invite))
		return CAUSE_GLARE;
	return cause;
}

static int forward(struct leg *leg, struct str sdp, struct verdict *verdict)
{
	struct leg *other = leg_other(leg);
	struct uac_request request = {.method = SIP_METHOD_INVITE};
	struct exchange *exchange = &leg->call->exchange;
	char text[OFFER_TEXT_MAX];
	int length = 0;

	if (sdp.len) {
		if (offer_take(leg, sdp, verdict) < 0)
			return -1;
		length = offer_make(other, text, sizeof(text));
		*verdict = (struct verdict){.cause = CAUSE_NOT_ACCEPTABLE};
		if (length < 0)
			return -1;
		request.content_type = "application/sdp";
		request.body = (struct str){text, (size_t)length};
	}
	exchange->kind = EXCHANGE_CHANGE;
	exchange->asker = leg->number;
	exchange->offerer = leg->number;
	exchange->delayed = !sdp.len;
	exchange->state = sdp.len ? EXCHANGE_OFFERED : EXCHANGE_ASKED;
	uac_send(other, &request);
	explicit_bzero(text, sizeof(text));
	return 0;
}

/* Only the session timer of this leg is meant. */
static int refresh(struct leg *leg, struct str sdp, struct verdict *verdict)
{
	char text[OFFER_TEXT_MAX];
	int length = exchange_answer_alone(leg, sdp, text, verdict);

	if (length < 0)
		return -1;
	reliable_success(leg, (struct str){text, (size_t)length});
	explicit_bzero(text, sizeof(text));
	return 0;
}

void reinvite_request(struct leg *leg, struct sip_server *server, const struct sip_message *request)
{
	struct b2bua *b2bua = leg->call->b2bua;
	struct verdict verdict = {.cause = check(leg)};
	struct str sdp;

	if (verdict.cause == CAUSE_NONE)
		verdict.cause = session_timer_asked(leg, request);
	if (verdict.cause != CAUSE_NONE || !invite_body(request, &sdp, &verdict)) {
		reply_refuse(b2bua, server, leg, &verdict);
		return;
	}
	extension_learn(leg, request);
	dialog_refresh(&leg->dialog, request);
	leg->invite = server;
	leg->invite_cseq = request->cseq;
	leg->invite_answered = false;
	sip_server_set_user(server, leg);
	if (exchange_is_refresh(leg, request, sdp) ? refresh(leg, sdp, &verdict) == 0
						   : forward(leg, sdp, &verdict) == 0)
		return;
	b2bua_refused(b2bua, leg->peer, &verdict);
	leg_refuse_invite(leg, &verdict);
	exchange_end(leg->call);
}
