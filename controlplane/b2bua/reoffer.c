/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/reoffer.h"

#include "b2bua/invite.h"
#include "b2bua/offer.h"
#include "b2bua/random.h"
#include "b2bua/rekey.h"
#include "b2bua/replacing.h"
#include "b2bua/state.h"
#include "b2bua/uac.h"
#include "main/log.h"

void reoffer_kick(struct leg *leg)
{
	if (leg->reoffer != REOFFER_NONE && !leg->reoffer_backs_off)
		leg_timer_arm(leg, LEG_TIMER_REOFFER, 0);
}

void reoffer_want(struct leg *leg, enum reoffer why)
{
	if (why > leg->reoffer)
		leg->reoffer = why;
	reoffer_kick(leg);
}

/* Otherwise the end of what is under way kicks again. */
static bool may_go(struct leg *leg)
{
	const struct call *call = leg->call;

	return call->state == CALL_ANSWERED && !replacing_is_lent(call) &&
	       call->exchange.state == EXCHANGE_NONE && leg->dialog.confirmed && !leg->invite &&
	       !leg->our_invite && !leg_other(leg)->our_invite && leg->heard_text.length &&
	       leg_other(leg)->heard_text.length;
}

static int begin(struct leg *leg, char *text)
{
	struct leg *other = leg_other(leg);
	struct exchange *exchange = &leg->call->exchange;

	*exchange = (struct exchange){
	    .state = EXCHANGE_OFFERED,
	    .kind = EXCHANGE_OWN,
	    .asker = other->number,
	    .offerer = other->number,
	    .reason = leg->reoffer,
	};
	leg->reoffer = REOFFER_NONE;
	if (secret_set(&exchange->offer, secret_str(&other->heard_text)) < 0)
		return -1;
	if (exchange_reserve(leg->call) < 0)
		return -1;
	agreed_get(&other->media, other->next);
	return offer_make(leg, text, OFFER_TEXT_MAX);
}

void reoffer_due(struct leg *leg)
{
	struct uac_request request = {.method = SIP_METHOD_INVITE};
	char text[OFFER_TEXT_MAX];
	int length;

	leg->reoffer_backs_off = false;
	if (leg->reoffer == REOFFER_NONE || !may_go(leg))
		return;
	length = begin(leg, text);
	if (length < 0) {
		exchange_end(leg->call);
		return;
	}
	leg->call->b2bua->counters.reoffers++;
	request.content_type = "application/sdp";
	request.body = (struct str){text, (size_t)length};
	uac_send(leg, &request);
	explicit_bzero(text, sizeof(text));
}

void reoffer_answered(struct uac *uac, const struct sip_message *response)
{
	struct call *call = uac->leg->call;
	struct verdict verdict;

	if (answer_take_own(uac, response, &verdict) < 0)
		call_end(call, &verdict, NULL);
	else if (exchange_commit(call) == 0)
		exchange_end(call);
}

/*
 * RFC 3261 14.1: who owns the Call-ID waits 2.1 to 4 s, the other up to 2 s, in units of 10 ms. We
 * own that of the callee's leg.
 */
static uint64_t glare_wait_ms(const struct leg *leg)
{
	return leg->number == LEG_CALLEE ? 2100 + random_number() % 191 * 10
					 : random_number() % 201 * 10;
}

void reoffer_failed(struct leg *leg, unsigned status)
{
	struct call *call = leg->call;
	enum reoffer why = (enum reoffer)call->exchange.reason;

	exchange_end(call);
	if (status == 481 || status == 408) {
		call_end_cause(call, CAUSE_DIALOG_GONE, NULL);
	} else if (status == 422) { /* its Min-SE is in the next one */
		reoffer_want(leg, why);
	} else if (status == 491) {
		if (why > leg->reoffer)
			leg->reoffer = why;
		leg->reoffer_backs_off = true;
		leg_timer_arm(leg, LEG_TIMER_REOFFER, glare_wait_ms(leg));
	} else {
		call->b2bua->counters.reoffers_refused++;
		if (!leg->installed) { /* taken over, and without it there is no media */
			call_end_cause(call, CAUSE_BAD_ANSWER, NULL);
			return;
		}
		if (b2bua_may_log(call->b2bua))
			log_event(LOG_NOTE, "call %s: %s refuses our own re-INVITE: %u", call->id,
				  leg->peer->name, status);
		session_timer_refused(leg);
		if (why == REOFFER_KEY)
			rekey_refused(leg);
	}
}
