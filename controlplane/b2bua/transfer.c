/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/transfer.h"

#include <stdio.h>
#include <string.h>

#include "b2bua/caller_id.h"
#include "b2bua/host.h"
#include "b2bua/invite.h"
#include "b2bua/number.h"
#include "b2bua/offer.h"
#include "b2bua/record.h"
#include "b2bua/reoffer.h"
#include "b2bua/replaces.h"
#include "b2bua/reply.h"
#include "b2bua/session.h"
#include "b2bua/state.h"
#include "b2bua/uac.h"
#include "main/log.h"

/* What a REFER asks for. */
struct referral {
	const struct config_peer *to;
	struct dial *dial;     /* of a target that is called */
	struct leg *consulted; /* of the transferor's other call; NULL: the target is called */
	char user[NUMBER_TEXT_MAX];
};

/* ---- telling the transferor (RFC 3515 2.4.4) ---- */

/* It knows the outcome, or will not hear it: its call has no other side any more. */
static void told(struct uac *uac, const struct sip_message *response, unsigned status)
{
	(void)response;
	(void)status;
	call_end_cause(uac->leg->call, CAUSE_TRANSFERRED, NULL);
}

static void notify(struct leg *leg, unsigned status)
{
	char fragment[96], contact[HOST_TEXT_MAX + 32];
	struct uac_request request = {
	    .method = SIP_METHOD_NOTIFY,
	    .content_type = "message/sipfrag;version=2.0",
	    .body = {fragment, 0},
	    .header = {{"Event", STR("refer")},
		       {"Subscription-State", status < 200 ? STR("active;expires=180")
							   : STR("terminated;reason=noresource")},
		       {"Contact", {contact, 0}}},
	};

	if (!leg->dialog.confirmed)
		return;
	if (status == 200)
		request.done = told;
	leg_contact(leg, contact, sizeof(contact));
	request.header[2].value = str_of(contact);
	request.body.len = (size_t)snprintf(fragment, sizeof(fragment), "SIP/2.0 %u %s\r\n", status,
					    sip_reason_phrase(status));
	uac_send(leg, &request);
}

/* ---- checking ---- */

static enum cause check_state(const struct leg *leg)
{
	const struct call *call = leg->call;

	if (leg->peer->dial_plan->refer != REFER_LOCAL)
		return CAUSE_REFER_REFUSED;
	if (call->state != CALL_ANSWERED || call->transfer || call->transferor)
		return CAUSE_OVERLAP;
	return CAUSE_NONE;
}

static enum cause check_consulted(struct leg *leg, struct referral *referral)
{
	const struct call *other = referral->consulted->call;

	if (other == leg->call || other->state != CALL_ANSWERED || other->transfer ||
	    other->transferor)
		return CAUSE_NO_DIALOG;
	referral->to = leg_other(referral->consulted)->peer;
	return CAUSE_NONE;
}

static enum cause check_target(struct leg *leg, struct referral *referral, enum sip_scheme scheme)
{
	struct leg *transferee = leg_other(leg);
	const struct dial_wish wish = {
	    .from = leg->peer,
	    .other = transferee->peer,
	    .called = referral->user,
	    .emergency = admission_is_emergency(leg->call->b2bua->config, transferee->peer,
						referral->user, false),
	    .sips = scheme == SIP_SCHEME_SIPS,
	    .caller = transferee->number == LEG_CALLER ? leg->call->from : leg->call->to,
	};
	struct verdict verdict;

	if (dial_new(leg->call->b2bua, &wish, &referral->dial, &verdict) < 0)
		return verdict.cause;
	referral->to = dial_peer(referral->dial);
	return CAUSE_NONE;
}

static enum cause read_referral(struct leg *leg, const struct sip_message *request,
				struct referral *referral)
{
	const struct sip_header *header = sip_message_header(request, SIP_HDR_REFER_TO, NULL);
	struct b2bua *b2bua = leg->call->b2bua;
	struct sip_name_addr target;
	struct replaces replaces;
	struct str method;
	enum cause cause;

	*referral = (struct referral){0};
	if (!header || sip_name_addr_parse(&target, header->value) < 0)
		return CAUSE_MALFORMED;
	if (target.uri.scheme == SIP_SCHEME_OTHER)
		return CAUSE_SCHEME;
	method = sip_param(target.uri.params, "method");
	if ((method.ptr && !str_eq(method, STR("INVITE"))) ||
	    number_normalise(referral->user, target.uri.user) < 0)
		return CAUSE_MALFORMED;
	if (replaces_of_uri(&replaces, &target.uri)) {
		referral->consulted = replaces_find(b2bua, &replaces, leg->peer);
		cause = referral->consulted ? check_consulted(leg, referral) : CAUSE_NO_DIALOG;
	} else {
		cause = check_target(leg, referral, target.uri.scheme);
	}
	return cause != CAUSE_NONE
		   ? cause
		   : invite_check_join(b2bua, leg_other(leg)->peer, referral->to, referral->user);
}

/* ---- the new call ---- */

static void link_calls(struct call *call, struct leg *transferor, struct leg *consulted)
{
	call->transferor = transferor;
	call->consulted = consulted;
	transferor->call->transfer = call;
	if (consulted)
		consulted->call->transfer = call;
}

static void unlink_calls(struct call *call)
{
	if (call->consulted)
		call->consulted->call->transfer = NULL;
	call->transferor->call->transfer = NULL;
	call->transferor = NULL;
	call->consulted = NULL;
}

/* What the target is offered: what Y described last. */
static int offer_of_transferee(struct call *call, const struct leg *transferee)
{
	struct leg *caller = &call->leg[LEG_CALLER];

	caller->flow = transferee->flow;
	if (exchange_reserve(call) < 0)
		return -ENOMEM;
	agreed_copy_heard(&caller->next->heard, &transferee->media);
	call->exchange.state = EXCHANGE_OFFERED;
	return secret_set(&call->exchange.offer, secret_str(&transferee->heard_text));
}

/* NULL: the verdict says why. */
static struct call *make_call(struct leg *leg, struct referral *referral, struct verdict *verdict)
{
	struct b2bua *b2bua = leg->call->b2bua;
	struct leg *transferee = leg_other(leg);
	const char *from = transferee->number == LEG_CALLER ? leg->call->from : leg->call->to;
	struct call *call = call_new(b2bua, transferee->peer, referral->to);

	*verdict = (struct verdict){.cause = CAUSE_MEMORY};
	if (!call)
		return NULL;
	call->dial = referral->dial;
	referral->dial = NULL;
	snprintf(call->from, sizeof(call->from), "%s", from);
	snprintf(call->to, sizeof(call->to), "%.*s", (int)sizeof(call->to) - 1, referral->user);
	call->max_forwards = 70;
	call->emergency =
	    admission_is_emergency(b2bua->config, transferee->peer, referral->user, false);
	call_admit(call, from, referral->user);
	if (transferee->number == LEG_CALLER) { /* what it asked for holds wherever it is led */
		call->privacy = leg->call->privacy;
		if (leg->call->user) /* for the record only */
			call->user = strdup(leg->call->user);
	}
	if (offer_of_transferee(call, transferee) < 0 ||
	    (call->dial && dial_begin(call, (struct str){0}, verdict) < 0)) {
		exchange_end(call);
		call_discard(call);
		return NULL;
	}
	link_calls(call, leg, referral->consulted);
	b2bua->counters.started++;
	b2bua->counters.transfers++;
	log_event(LOG_CALL_STARTED, "call %s from %s to %s, transferred by %s in call %s", call->id,
		  transferee->peer->name, call->leg[LEG_CALLEE].peer->name, leg->peer->name,
		  leg->call->id);
	record_begin(call);
	return call;
}

void transfer_request(struct leg *leg, struct sip_server *server, const struct sip_message *request)
{
	struct b2bua *b2bua = leg->call->b2bua;
	struct reply accepted = {.status = 202, .leg = leg};
	struct referral referral = {0};
	struct verdict verdict;
	struct call *call;
	enum cause cause = check_state(leg);

	if (cause == CAUSE_NONE)
		cause = read_referral(leg, request, &referral);
	if (cause != CAUSE_NONE) {
		reply_refuse_cause(b2bua, server, leg, cause);
		dial_free(referral.dial);
		return;
	}
	call = make_call(leg, &referral, &verdict);
	dial_free(referral.dial); /* unless the call has it */
	if (!call) {
		reply_refuse(b2bua, server, leg, &verdict);
		return;
	}
	reply_send(b2bua, server, &accepted);
	notify(leg, 100);
	if (session_open(call) < 0)
		call_end_cause(call, CAUSE_NO_MEDIA, NULL);
}

/* ---- joining ---- */

/* Whether a leg can be taken out of its call now. */
static bool is_free(const struct leg *leg)
{
	const struct call *call = leg->call;

	return call->state == CALL_ANSWERED && leg->dialog.confirmed && !leg->invite &&
	       !leg->our_invite && call->exchange.state == EXCHANGE_NONE;
}

/* X has done its part: it is told, and its calls end. */
static void release(struct call *call)
{
	struct leg *transferor = call->transferor, *consulted = call->consulted;

	unlink_calls(call);
	notify(transferor, 200);
	if (!transferor->dialog.confirmed) /* it has hung up already */
		call_end_cause(transferor->call, CAUSE_TRANSFERRED, NULL);
	if (consulted)
		call_end_cause(consulted->call, CAUSE_TRANSFERRED, NULL);
}

void transfer_answered(struct uac *uac, const struct sip_message *response)
{
	struct call *call = uac->leg->call;
	struct leg *caller = &call->leg[LEG_CALLER], *transferee = leg_other(call->transferor);
	struct verdict verdict;
	int rc = answer_take_own(uac, response, &verdict);

	if (rc < 0 || !is_free(transferee)) {
		call_end_cause(call, rc < 0 ? CAUSE_BAD_ANSWER : CAUSE_OVERLAP, NULL);
		return;
	}
	leg_adopt(caller, transferee);
	answer_mark(call);
	if (exchange_commit(call) < 0)
		return;
	exchange_end(call);
	reoffer_want(caller, REOFFER_KEY);
	release(call);
}

/* Both sides are there already: each is offered what the other described. */
static void join(struct call *call)
{
	struct leg *caller = &call->leg[LEG_CALLER], *callee = &call->leg[LEG_CALLEE];
	struct leg *transferee = leg_other(call->transferor), *target = leg_other(call->consulted);

	if (!is_free(transferee) || !is_free(target)) {
		call_end_cause(call, CAUSE_OVERLAP, NULL);
		return;
	}
	exchange_end(call);
	leg_adopt(caller, transferee);
	leg_adopt(callee, target);
	answer_mark(call);
	caller->reoffer = REOFFER_KEY; /* after the callee, who may choose a codec */
	reoffer_want(callee, REOFFER_KEY);
	release(call);
}

bool transfer_goes_on(const struct leg *leg)
{
	return leg->call->transfer && leg->call->transfer->transferor == leg;
}

bool transfer_is_alone(const struct call *call)
{
	return call->transfer && call->transfer->transferor->call == call &&
	       !call->transfer->transferor->dialog.confirmed;
}

void transfer_opened(struct call *call)
{
	if (call->consulted)
		join(call);
	else
		invite_send(&call->leg[LEG_CALLEE]);
}

void transfer_ended(struct call *call, const struct verdict *verdict)
{
	struct leg *transferor = call->transferor;
	struct call *made = call->transfer;

	if (transferor) {
		unlink_calls(call);
		notify(transferor, verdict_status(verdict));
		if (!transferor->dialog.confirmed) /* it has hung up already */
			call_end_cause(transferor->call, CAUSE_DECLINED, NULL);
	}
	if (made) {
		unlink_calls(made);
		call_end_cause(made, CAUSE_CALLER_GONE, NULL);
	}
}
