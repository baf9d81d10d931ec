/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/update.h"

#include "b2bua/exchange.h"
#include "b2bua/invite.h"
#include "b2bua/offer.h"
#include "b2bua/reply.h"
#include "b2bua/session_timer.h"
#include "b2bua/state.h"
#include "b2bua/uac.h"

/* ---- of a peer ---- */

/* Nothing but a refresh: of the target, of the session timer. */
static void refresh(struct leg *leg, struct sip_server *server, struct str sdp)
{
	struct reply reply = {.status = 200, .leg = leg, .sdp = sdp};

	session_timer_start(leg);
	reply_send(leg->call->b2bua, server, &reply);
}

static void change(struct leg *leg, struct sip_server *server, const struct sip_message *request,
		   struct str sdp)
{
	struct verdict verdict = {.cause = exchange_check(leg)};
	char text[OFFER_TEXT_MAX];
	int length;

	if (verdict.cause == CAUSE_NONE && exchange_is_refresh(leg, request, sdp)) {
		length = exchange_answer_alone(leg, sdp, text, &verdict);
		if (length >= 0) {
			refresh(leg, server, (struct str){text, (size_t)length});
			explicit_bzero(text, sizeof(text));
			return;
		}
	} else if (verdict.cause == CAUSE_NONE && exchange_begin(leg, server, sdp, &verdict) == 0) {
		return;
	}
	reply_refuse(leg->call->b2bua, server, leg, &verdict);
}

void update_request(struct leg *leg, struct sip_server *server, const struct sip_message *request)
{
	struct verdict verdict = {.cause = session_timer_asked(leg, request)};
	struct str sdp;

	if (verdict.cause != CAUSE_NONE || !invite_body(request, &sdp, &verdict)) {
		reply_refuse(leg->call->b2bua, server, leg, &verdict);
		return;
	}
	if (sdp.len)
		change(leg, server, request, sdp);
	else
		refresh(leg, server, sdp);
}

/* ---- of ours ---- */

static void take_answer(struct uac *uac, const struct sip_message *response)
{
	struct leg *leg = uac->leg;
	struct verdict verdict = {.cause = CAUSE_BAD_ANSWER};
	struct str sdp;

	dialog_refresh(leg_dialog(leg), response);
	session_timer_heard(leg, response);
	if (!invite_body(response, &sdp, &verdict) || !sdp.len) {
		/* the peer has changed to what nobody knows */
		verdict.cause = CAUSE_BAD_ANSWER;
		call_end(leg->call, &verdict, NULL);
		return;
	}
	answer_change(leg, sdp);
}

static void answered(struct uac *uac, const struct sip_message *response, unsigned status)
{
	struct leg *leg = uac->leg;

	if (leg->call->state == CALL_ENDING)
		return;
	if (response && status < 300)
		take_answer(uac, response);
	else
		answer_change_refused(leg, status, response ? CAUSE_NONE : CAUSE_NO_ANSWER);
}

void update_offer(struct leg *leg, struct str sdp)
{
	struct uac_request request = {
	    .method = SIP_METHOD_UPDATE,
	    .content_type = "application/sdp",
	    .body = sdp,
	    .dialog = leg_dialog(leg),
	    .done = answered,
	};

	uac_send(leg, &request);
}
