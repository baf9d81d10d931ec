/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Responses to an INVITE of ours, and what the side that asked gets for them.
 *
 * Our ACK goes out as soon as the 2xx is here, not when the other side's ACK comes: a slow caller
 * must not make the callee retransmit or give up, and if the caller never acknowledges, both get
 * BYE. Only a delayed offer waits, as its ACK carries the answer that the caller's ACK brings.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "b2bua/dial.h"
#include "b2bua/extension.h"
#include "b2bua/headers.h"
#include "b2bua/invite.h"
#include "b2bua/offer.h"
#include "b2bua/prack.h"
#include "b2bua/record.h"
#include "b2bua/redirect.h"
#include "b2bua/registration/pass.h"
#include "b2bua/reoffer.h"
#include "b2bua/replacing.h"
#include "b2bua/session.h"
#include "b2bua/state.h"
#include "b2bua/transfer.h"
#include "b2bua/uac.h"
#include "main/log.h"
#include "route/health.h"

/* Our answer to the asker from the other side's answer. Length; 0: there is none; or -errno. */
static int relay_answer(struct leg *leg, struct str sdp, char *text, struct verdict *verdict)
{
	int length;

	if (answer_take(leg, sdp, verdict) < 0)
		return -ENOTSUP;
	length = answer_make(leg_other(leg), sdp, text, OFFER_TEXT_MAX);
	if (length < 0)
		*verdict = (struct verdict){.cause = CAUSE_BAD_ANSWER};
	return length;
}

/* ---- 1xx ---- */

/*
 * Early media is installed at once. When several phones of a forking callee send a description the
 * last one is heard, until the 200 says who talks (RFC 3960 leaves that open).
 */
static int early_answer(struct leg *leg, struct early *early, const struct sip_message *response,
			enum prack prack, char *text)
{
	struct exchange *exchange = &leg->call->exchange;
	struct leg *asker = leg_other(leg);
	struct verdict verdict = {0};
	struct str sdp;
	int length;

	if (exchange->state != EXCHANGE_OFFERED && exchange->state != EXCHANGE_ANSWERED)
		return 0;
	if (!early || early->settled || !invite_body(response, &sdp, &verdict) || !sdp.len)
		return 0;
	length = relay_answer(leg, sdp, text, &verdict);
	if (length < 0) {
		b2bua_refused(leg->call->b2bua, leg->peer, &verdict);
		return 0; /* the 200 may be better */
	}
	secret_set(&early->answer, sdp);
	early->settled = prack == PRACK_DUE;
	leg->early_now = early;
	exchange->state = EXCHANGE_ANSWERED;
	if (exchange_commit(leg->call) < 0)
		return -1;
	if (!asker->told_version)
		asker->told_version = asker->said_version;
	return length;
}

/*
 * The first reliable response to an INVITE without offer has one (RFC 3262 5). The caller gets it
 * in a reliable one too, and its PRACK brings the answer for ours: invite_send() invites that only
 * where the caller can.
 */
static int early_offer(struct leg *leg, struct early *early, const struct sip_message *response,
		       char *text)
{
	struct verdict verdict = {.cause = CAUSE_NOT_ACCEPTABLE};
	struct call *call = leg->call;
	struct str sdp;
	int length = -1;

	if (invite_body(response, &sdp, &verdict) && !sdp.len)
		return 0;
	if (sdp.len && offer_take(leg, sdp, &verdict) == 0)
		length = offer_make(leg_other(leg), text, OFFER_TEXT_MAX);
	if (length < 0) {
		call_end_cause(call, CAUSE_BAD_ANSWER, NULL);
		return -1;
	}
	call->exchange.state = EXCHANGE_OFFERED;
	leg->early_asked = early;
	return length;
}

static void relay_provisional(struct leg *leg, struct early *early, enum prack prack,
			      const struct sip_message *response)
{
	enum reliable_origin origin =
	    prack == PRACK_DUE ? RELIABLE_ORIGIN_100REL : RELIABLE_ORIGIN_PLAIN;
	struct leg *asker = leg_other(leg);
	char text[OFFER_TEXT_MAX];
	int length;

	if (prack == PRACK_DUE && leg->call->exchange.state == EXCHANGE_ASKED &&
	    asker->reliable.supported)
		length = early_offer(leg, early, response, text);
	else
		length = early_answer(leg, early, response, prack, text);
	if (length < 0)
		return;
	if (prack == PRACK_DUE && leg->early_asked != early)
		prack_send(leg, early, (struct str){0});
	/* which may have ended the call */
	if (asker->invite && !asker->invite_answered)
		reliable_provisional(asker, response->status, (struct str){text, (size_t)length},
				     origin);
	explicit_bzero(text, sizeof(text));
}

void answer_provisional(struct uac *uac, const struct sip_message *response)
{
	struct leg *leg = uac->leg;
	struct early *early;
	enum prack prack;

	dial_heard(leg);
	watch_heard(leg->call->b2bua->watch, leg->peer);
	/* 100 is each hop's own; a re-INVITE has nothing to ring */
	if (response->status == 100 || leg->call->state != CALL_EARLY || !leg_other(leg)->invite)
		return;
	extension_learn(leg, response);
	early = early_heard(leg, response);
	prack = prack_heard(early, response);
	if (prack == PRACK_AGAIN)
		return;
	if (response->status == 199) { /* one fork has gone; the caller's early dialog has not */
		if (early)
			early_forget(leg, early);
		return;
	}
	relay_provisional(leg, early, prack, response);
}

/* ---- 2xx ---- */

void answer_mark(struct call *call)
{
	if (call->state != CALL_EARLY)
		return;
	call->state = CALL_ANSWERED;
	call->answered_ms = b2bua_now_ms(call->b2bua);
	if (call->max_call_s)
		leg_timer_arm(&call->leg[LEG_CALLER], LEG_TIMER_DURATION,
			      (uint64_t)call->max_call_s * 1000);
	call->b2bua->counters.answered++;
	record_answered(call);
	log_event(LOG_CALL_ANSWERED, "call %s after %.1f s", call->id,
		  (double)(call->answered_ms - call->started_ms) / 1000.0);
	replacing_answered(call);
}

/* The callee could not be agreed with although it said 2xx: it and the asker are told. */
static void give_up(struct uac *uac, const struct verdict *verdict)
{
	struct call *call = uac->leg->call;

	if (!uac->text.length)
		uac_acknowledge(uac, (struct str){0});
	uac_finish(uac);
	call_end(call, verdict, NULL);
}

/* The 2xx answers our offer, or confirms an answer that came early. */
static void take_answer(struct uac *uac, struct str sdp)
{
	struct leg *leg = uac->leg, *asker = leg_other(leg);
	struct call *call = leg->call;
	struct verdict verdict = {.cause = CAUSE_BAD_ANSWER};
	char text[OFFER_TEXT_MAX];
	int length = -EBADMSG;

	if (sdp.len)
		length = relay_answer(leg, sdp, text, &verdict);
	if (length < 0) {
		give_up(uac, &verdict);
		return;
	}
	uac_acknowledge(uac, (struct str){0});
	uac_finish(uac);
	answer_mark(call);
	if (exchange_commit(call) < 0)
		goto wipe;
	/* RFC 3261 13.2.1: a caller may hold on to the first answer, which another fork gave */
	if (asker->told_version && asker->told_version != asker->said_version)
		reoffer_want(asker, REOFFER_CHANGED);
	exchange_deliver(asker, (struct str){text, (size_t)length});
	exchange_end(call);
wipe:
	explicit_bzero(text, sizeof(text));
}

/* The 2xx brings the offer that we asked for; its ACK waits for the asker's. */
static void take_offer(struct uac *uac, struct str sdp)
{
	struct leg *leg = uac->leg, *asker = leg_other(leg);
	struct call *call = leg->call;
	struct verdict verdict = {.cause = CAUSE_BAD_ANSWER};
	char text[OFFER_TEXT_MAX];
	int length = -EBADMSG;

	if (sdp.len && offer_take(leg, sdp, &verdict) == 0)
		length = offer_make(asker, text, sizeof(text));
	if (length < 0) {
		give_up(uac, &verdict);
		return;
	}
	call->exchange.state = EXCHANGE_OFFERED;
	call->exchange.unacknowledged = uac;
	uac_finish(uac);
	answer_mark(call);
	exchange_deliver(asker, (struct str){text, (size_t)length});
	explicit_bzero(text, sizeof(text));
}

/* What the early dialog that a 2xx confirms had said. */
struct early_words {
	struct secret answer; /* to be wiped */
	bool settled;
	bool heard_now; /* it is the one whose media is heard */
};

static int confirm(struct leg *leg, const struct sip_message *response, struct early_words *words)
{
	struct early *early = early_find(leg, response->to.tag);

	/* of a re-INVITE; in a dialog that has had its BYE meanwhile it makes no new one */
	if (leg->dialog.remote_tag)
		return dialog_refresh(&leg->dialog, response);
	if (early) {
		words->answer = early->answer;
		early->answer = (struct secret){0};
		words->settled = early->settled;
		words->heard_now = leg->early_now == early;
		leg->dialog.remote_cseq = early->dialog.remote_cseq;
		leg->dialog.remote_cseq_known = early->dialog.remote_cseq_known;
	}
	early_forget_all(leg);
	return dialog_confirm(&leg->dialog, response);
}

/* All was agreed before: by PRACK and UPDATE (RFC 3262 5, RFC 3311 5). */
static void take_nothing(struct uac *uac)
{
	struct call *call = uac->leg->call;

	uac_acknowledge(uac, (struct str){0});
	uac_finish(uac);
	answer_mark(call);
	session_install(&call->leg[LEG_CALLER]);
	session_install(&call->leg[LEG_CALLEE]);
	reliable_success(&call->leg[LEG_CALLER], (struct str){0});
}

/* The 2xx of an exchange that the other side asked for. */
static void take_success(struct uac *uac, const struct sip_message *response,
			 const struct early_words *words)
{
	struct call *call = uac->leg->call;
	enum exchange_state state = call->exchange.state;
	/* the first offer has its answer; what is under way is not this INVITE's */
	bool settled = call->state == CALL_EARLY &&
		       (state == EXCHANGE_NONE || call->exchange.kind == EXCHANGE_CHANGE);
	struct verdict verdict = {.cause = CAUSE_CALLER_GONE};
	struct str sdp;

	if (settled ? !call->leg[LEG_CALLER].invite : !exchange_has_asker(call)) {
		/* the side that asked lost its connection: it would not know what was agreed */
		give_up(uac, &verdict);
	} else if (!invite_body(response, &sdp, &verdict) || (settled && !words->heard_now)) {
		verdict.cause = CAUSE_BAD_ANSWER;
		give_up(uac, &verdict);
	} else if (settled) {
		take_nothing(uac);
	} else if (state == EXCHANGE_ASKED) {
		take_offer(uac, sdp);
	} else {
		take_answer(uac, sdp.len && !words->settled ? sdp : secret_str(&words->answer));
	}
}

void answer_success(struct uac *uac, const struct sip_message *response)
{
	struct leg *leg = uac->leg;
	struct call *call = leg->call;
	struct verdict verdict = {.cause = CAUSE_BAD_ANSWER};
	struct early_words words = {0};

	dial_heard(leg);
	watch_heard(leg->call->b2bua->watch, leg->peer);
	uac_accept(uac, response);
	extension_learn(leg, response);
	if (confirm(leg, response, &words) < 0) {
		give_up(uac, &verdict);
	} else if (call->state == CALL_ENDING) {
		/* CANCEL and 200 crossed (9.1): the dialog is there and must be ended */
		uac_acknowledge(uac, (struct str){0});
		leg_bye(leg, call_reason(call));
		uac_finish(uac);
	} else {
		session_timer_heard(leg, response);
		if (call->exchange.kind == EXCHANGE_OWN)
			reoffer_answered(uac, response);
		else if (call->transferor)
			transfer_answered(uac, response);
		else
			take_success(uac, response, &words);
	}
	secret_wipe(&words.answer);
}

/* The answer to our offer in an UPDATE; the offer of the asker came in whatever. */
void answer_change(struct leg *leg, struct str sdp)
{
	struct verdict verdict = {.cause = CAUSE_BAD_ANSWER};
	struct call *call = leg->call;
	char text[OFFER_TEXT_MAX];
	int length = relay_answer(leg, sdp, text, &verdict);

	if (length < 0) {
		call_end(call, &verdict, NULL);
		return;
	}
	if (exchange_commit(call) == 0) {
		exchange_deliver(leg_other(leg), (struct str){text, (size_t)length});
		exchange_end(call);
	}
	explicit_bzero(text, sizeof(text));
}

/* ---- 3xx to 6xx, and nothing at all ---- */

/* Why, when the peer gave no reason: of its status, else of the cause, without our words. */
static void own_reason(struct verdict *verdict, unsigned status)
{
	const char *reason = cause_facts(verdict->cause)->reason;

	if (!status && reason && strncmp(reason, "Q.850", 5) == 0)
		snprintf(verdict->reason, sizeof(verdict->reason), "%.*s",
			 (int)(6 + strcspn(reason + 6, ";")), reason);
	else
		reason_of_status(verdict->reason, status ? status : verdict_status(verdict));
}

static void fail_call(struct leg *leg, unsigned status, const struct sip_message *response,
		      enum cause cause)
{
	struct verdict verdict = {.cause = cause};
	struct header_view view;

	if (cause == CAUSE_NONE)
		verdict =
		    (struct verdict){.cause = CAUSE_DECLINED, .status = cause_map_status(status)};
	if (response && pass_challenged(leg, response))
		verdict.status = status;
	if (response)
		reason_read(verdict.reason, headers_seen(&view, leg->peer, response));
	if (!verdict.reason[0])
		own_reason(&verdict, response ? status : 0);
	call_end(leg->call, &verdict, leg);
}

/* The session stays as it was (14.1), unless the other side has lost the dialog (12.2.1.2). */
void answer_change_refused(struct leg *leg, unsigned status, enum cause cause)
{
	struct call *call = leg->call;
	struct leg *asker = leg_other(leg);
	struct verdict verdict = {.cause = CAUSE_DECLINED, .status = cause_map_status(status)};

	if (call->state == CALL_ANSWERED && (status == 481 || status == 408)) {
		call_end_cause(call, CAUSE_DIALOG_GONE, NULL);
		return;
	}
	if (cause != CAUSE_NONE)
		verdict = (struct verdict){.cause = cause};
	exchange_refuse(asker, &verdict);
	exchange_end(call);
}

uint32_t answer_retry_after_ms(const struct sip_message *response)
{
	const struct sip_header *header =
	    response ? sip_message_header(response, SIP_HDR_RETRY_AFTER, NULL) : NULL;
	struct str digits = header ? header->value : (struct str){0};
	uint32_t seconds;

	digits.len = digits.ptr ? strspn(digits.ptr, "0123456789") : 0;
	if (sip_number_parse(&seconds, digits, UINT32_MAX / 1000) < 0)
		return 0;
	return seconds * 1000;
}

/* RFC 3263 4.3: a target that is overloaded, silent or gone is not the only one of its peer. */
static bool has_other_target(const struct uac *uac, unsigned status,
			     const struct sip_message *response, enum cause cause)
{
	const struct leg *leg = uac->leg;
	bool failed =
	    response ? status == 503 : cause == CAUSE_NO_ANSWER || cause == CAUSE_UNREACHABLE;

	return failed && leg->has_flow && !uac->cancelled && dial_way(leg) == DIAL_OPEN &&
	       net_target_failed(leg->call->b2bua->net, leg->peer, &leg->flow,
				 answer_retry_after_ms(response));
}

int answer_take_own(struct uac *uac, const struct sip_message *response, struct verdict *verdict)
{
	struct str sdp;
	int rc = -1;

	*verdict = (struct verdict){0};
	if (invite_body(response, &sdp, verdict) && sdp.len)
		rc = answer_take(uac->leg, sdp, verdict);
	verdict->cause = CAUSE_BAD_ANSWER;
	uac_acknowledge(uac, (struct str){0});
	uac_finish(uac);
	return rc;
}

void answer_failure(struct uac *uac, unsigned status, const struct sip_message *response,
		    enum cause cause)
{
	struct leg *leg = uac->leg;

	bool again = response && status == 422 && session_timer_too_small(leg, response);
	enum dial_way way = uac->cancelled ? DIAL_SETTLED : dial_way(leg);

	dial_heard(leg);
	if (response && health_status_is_good(status))
		watch_heard(leg->call->b2bua->watch, leg->peer);

	if (has_other_target(uac, status, response, cause)) {
		leg->call->b2bua->counters.failovers++;
		leg_flow_set(leg, NULL);
		again = true;
	}
	uac_finish(uac);
	early_forget_all(leg);
	if (again && leg->call->state != CALL_ENDING && leg->call->exchange.kind != EXCHANGE_OWN)
		invite_send(leg); /* RFC 4028 7.3 */
	else if (response && redirect_follow(leg, way, response))
		return;
	else if (dial_failed(leg, way, response ? status : 0, cause))
		return;
	else if (leg->call->state == CALL_EARLY)
		fail_call(leg, status, response, cause);
	else if (leg->call->exchange.kind == EXCHANGE_OWN)
		reoffer_failed(leg, status);
	else if (leg->call->state == CALL_ANSWERED)
		answer_change_refused(leg, status, cause);
}
