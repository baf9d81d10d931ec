/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ACK of a 200 of ours, or that it never came. */
#include "b2bua/invite.h"
#include "b2bua/offer.h"
#include "b2bua/reoffer.h"
#include "b2bua/state.h"
#include "b2bua/uac.h"

/* A delayed offer: this ACK has the answer, and the ACK to the offering side takes ours there. */
static void take_answer(struct leg *leg, const struct sip_message *request)
{
	struct call *call = leg->call;
	struct leg *offerer = leg_other(leg);
	struct uac *uac = call->exchange.unacknowledged;
	struct verdict verdict = {.cause = CAUSE_BAD_ANSWER};
	char text[OFFER_TEXT_MAX];
	struct str sdp;
	int length = -1;

	if (invite_body(request, &sdp, &verdict) && sdp.len && answer_take(leg, sdp, &verdict) == 0)
		length = answer_make(offerer, sdp, text, sizeof(text));
	if (length < 0) {
		verdict.cause = CAUSE_BAD_ANSWER;
		call_end(call, &verdict, NULL);
		return;
	}
	call->exchange.unacknowledged = NULL;
	uac_acknowledge(uac, (struct str){text, (size_t)length});
	explicit_bzero(text, sizeof(text));
	if (exchange_commit(call) == 0)
		exchange_end(call);
}

void ack_heard(struct leg *leg)
{
	struct sip_server *server = leg->invite;

	leg->invite = NULL;
	leg->invite_answered = false;
	sip_server_set_user(server, NULL);
	sip_server_acknowledged(server, b2bua_now_ms(leg->call->b2bua));
}

void ack_request(struct b2bua *b2bua, const struct sip_message *request)
{
	struct dialog *dialog;
	struct leg *leg = leg_find(b2bua, request, b2bua->sender, &dialog);

	if (!leg || !leg->invite || !leg->invite_answered || request->cseq != leg->invite_cseq) {
		/* retransmitted, late, or a stranger's: changes nothing */
		b2bua->counters.stray_ack++;
		return;
	}
	ack_heard(leg);
	if (leg->bye_due) {
		leg->bye_due = false;
		leg_bye(leg, leg->bye_reason);
		call_settle(leg->call);
	} else if (leg->call->exchange.unacknowledged && leg->call->exchange.asker == leg->number) {
		take_answer(leg, request);
	}
	reoffer_kick(leg);
}

void ack_missing(struct leg *leg)
{
	leg->invite = NULL;
	leg->invite_answered = false;
	if (leg->bye_due) {
		leg->bye_due = false;
		leg_bye(leg, leg->bye_reason);
		call_settle(leg->call);
		return;
	}
	call_end_cause(leg->call, CAUSE_NO_ACK, NULL);
}
