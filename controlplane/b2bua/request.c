/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/request.h"

#include <string.h>

#include "b2bua/authenticate.h"
#include "b2bua/extension.h"
#include "b2bua/headers.h"
#include "b2bua/invite.h"
#include "b2bua/registration/phone.h"
#include "b2bua/relayed.h"
#include "b2bua/replacing.h"
#include "b2bua/reply.h"
#include "b2bua/state.h"
#include "b2bua/transfer.h"
#include "b2bua/uac.h"
#include "b2bua/update.h"

static void in_invite(struct leg *leg, struct sip_server *server, const struct sip_message *request)
{
	reinvite_request(leg, server, request);
}

/* The peer ends its dialog; a 200 of ours that waits for its ACK needs none any more. */
static void in_bye(struct leg *leg, struct sip_server *server, const struct sip_message *request)
{
	struct b2bua *b2bua = leg->call->b2bua;
	struct reply reply = {.status = 200};
	struct sip_server *invite = leg->invite;
	struct header_view view;
	struct verdict verdict = {.cause = leg->number == LEG_CALLER ? CAUSE_CALLER_BYE
								     : CAUSE_CALLEE_BYE};

	reply.leg = leg;
	reply_send(b2bua, server, &reply);
	leg->dialog.confirmed = false;
	leg->bye_due = false;
	if (invite && leg->invite_answered) {
		leg->invite = NULL;
		leg->invite_answered = false;
		sip_server_set_user(invite, NULL);
		sip_server_acknowledged(invite, b2bua_now_ms(b2bua));
	}
	if (transfer_goes_on(leg))
		return;
	reason_read(verdict.reason, headers_seen(&view, leg->peer, request));
	call_end(leg->call, &verdict, leg);
	call_settle(leg->call);
}

static void in_options(struct leg *leg, struct sip_server *server,
		       const struct sip_message *request)
{
	struct reply reply = {.status = 200, .leg = leg, .capabilities = 1};

	(void)request;
	reply_send(leg->call->b2bua, server, &reply);
}

/* Peers ask whether we are alive; one that is draining says that it is not, so that they go on. */
static void out_options(struct b2bua *b2bua, struct sip_server *server,
			const struct sip_message *request, const struct sip_flow *flow)
{
	struct reply reply = {.status = 200, .capabilities = 1};
	enum cause cause;

	(void)flow;
	if (request->request_uri.scheme == SIP_SCHEME_OTHER) /* RFC 3261 8.2.2.1 */
		reply_refuse_cause(b2bua, server, NULL, CAUSE_SCHEME);
	else if (extension_is_unknown(request, b2bua->sender->dial_plan))
		reply_refuse_cause(b2bua, server, NULL, CAUSE_EXTENSION);
	else if (b2bua->draining)
		reply_refuse_cause(b2bua, server, NULL, CAUSE_DRAINING);
	else if (phone_is_token(request->request_uri.user) &&
		 !phone_by_token(b2bua->phones, b2bua->sender, request->request_uri.user, &cause))
		reply_refuse_cause(b2bua, server, NULL, cause);
	else
		reply_send(b2bua, server, &reply);
}

struct method {
	void (*in_dialog)(struct leg *leg, struct sip_server *server,
			  const struct sip_message *request);
	void (*out_of_dialog)(struct b2bua *b2bua, struct sip_server *server,
			      const struct sip_message *request, const struct sip_flow *flow);
	bool in_early;  /* the called side may send it before it has answered (RFC 3261 15) */
	bool of_leg;    /* it needs no other side */
	bool of_dialog; /* without a To tag it is in a dialog that is not there, not a new one */
};

/* CANCEL and ACK never come here; in a dialog all others are 405, so are the empty entries. */
static const struct method methods[] = {
    [SIP_METHOD_INVITE] = {in_invite, invite_request, false, false, false},
    [SIP_METHOD_BYE] = {in_bye, NULL, false, true, true},
    [SIP_METHOD_OPTIONS] = {in_options, out_options, true, true, false},
    [SIP_METHOD_REGISTER] = {NULL, phone_register, false, false, false},
    [SIP_METHOD_INFO] = {relayed_request, NULL, false, false, true},
    [SIP_METHOD_MESSAGE] = {relayed_request, NULL, false, false, false},
    [SIP_METHOD_NOTIFY] = {relayed_request, NULL, false, false, false},
    [SIP_METHOD_PRACK] = {reliable_prack, NULL, false, true, true},
    [SIP_METHOD_UPDATE] = {update_request, NULL, true, false, true},
    [SIP_METHOD_REFER] = {transfer_request, NULL, false, false, false},
};

static const struct method *method_of(enum sip_method method)
{
	static const struct method none = {0};

	return (size_t)method < sizeof(methods) / sizeof(methods[0]) ? &methods[method] : &none;
}

static enum cause not_handled(const struct sip_message *request)
{
	return method_of(request->method)->of_dialog ? CAUSE_NO_DIALOG : CAUSE_METHOD;
}

/* The other side is in another call: lent to it, or for good, which this peer will hear in a
 * moment. */
static bool has_nobody(const struct leg *leg)
{
	const struct call *call = leg->call;

	return replacing_is_lent(call) ||
	       (call->state == CALL_ANSWERED && !call->leg[!leg->number].dialog.call_id);
}

static void in_dialog(struct b2bua *b2bua, struct sip_server *server,
		      const struct sip_message *request, const struct sip_flow *flow)
{
	const struct method *method = method_of(request->method);
	struct dialog *dialog;
	struct leg *leg = leg_find(b2bua, request, b2bua->sender, &dialog);

	if (!leg) {
		reply_refuse_cause(b2bua, server, NULL, CAUSE_NO_DIALOG);
		return;
	}
	if (dialog->remote_cseq_known && request->cseq <= dialog->remote_cseq) {
		reply_refuse_cause(b2bua, server, leg, CAUSE_OUT_OF_ORDER);
		return;
	}
	dialog->remote_cseq = request->cseq;
	dialog->remote_cseq_known = true;
	b2bua->heard = request;
	b2bua->heard_by = leg;
	leg_flow_set(leg, flow);
	if (request->method == SIP_METHOD_UPDATE)
		dialog_refresh(dialog, request);
	if (!method->in_dialog)
		reply_refuse_cause(b2bua, server, leg, not_handled(request));
	else if (dialog != &leg->dialog && !method->in_early)
		reply_refuse_cause(b2bua, server, leg, CAUSE_NO_DIALOG);
	else if (extension_is_unknown(request, leg->peer->dial_plan))
		reply_refuse_cause(b2bua, server, leg, CAUSE_EXTENSION);
	else if (has_nobody(leg) && !method->of_leg)
		reply_refuse_cause(b2bua, server, leg, CAUSE_GLARE);
	else
		method->in_dialog(leg, server, request);
}

static void out_of_dialog(struct b2bua *b2bua, struct sip_server *server,
			  const struct sip_message *request, const struct sip_flow *flow)
{
	const struct method *method = method_of(request->method);

	if (!authenticate_request(b2bua, server, request, flow))
		return;
	if (method->out_of_dialog)
		method->out_of_dialog(b2bua, server, request, flow);
	else
		reply_refuse_cause(b2bua, server, NULL, not_handled(request));
}

/* Max-Forwards forbids to go on, not to arrive. */
static bool ends_here(const struct sip_message *request)
{
	return request->to.tag.len && method_of(request->method)->of_leg;
}

void request_received(void *user, struct sip_server *server, const struct sip_message *request,
		      const struct sip_flow *flow)
{
	struct b2bua *b2bua = user;

	if (!server)
		ack_request(b2bua, request);
	else if (request->max_forwards == 0 && !ends_here(request))
		reply_refuse_cause(b2bua, server, NULL, CAUSE_HOPS);
	else if (request->method != SIP_METHOD_INVITE &&
		 sip_message_header(request, SIP_HDR_REPLACES, NULL)) /* RFC 3891 3 */
		reply_refuse_cause(b2bua, server, NULL, CAUSE_MALFORMED);
	else if (request->to.tag.len)
		in_dialog(b2bua, server, request, flow);
	else
		out_of_dialog(b2bua, server, request, flow);
}

/* The INVITE that made the call, whose 2xx has not gone out: it may wait for a PRACK. */
static bool is_first(const struct leg *leg)
{
	return leg->number == LEG_CALLER && !leg->dialog.confirmed;
}

void request_cancelled(void *user, struct sip_server *invite, const struct sip_message *cancel)
{
	struct b2bua *b2bua = user;
	struct leg *leg = sip_server_user(invite);
	struct verdict verdict = {.cause = CAUSE_CANCELLED};

	if (!leg || leg->invite != invite || leg->invite_answered)
		return;
	if (leg->peer != b2bua->sender) {
		b2bua->counters.wrong_sender++;
		return;
	}
	reason_read(verdict.reason, cancel);
	if (is_first(leg) && !leg->call->lent)
		call_end(leg->call, &verdict, NULL);
	else
		/* A change under way: the other side's final answer is passed on, be it 487 or
		 * the 200 that crossed; so both sides have the same session in the end. */
		uac_cancel(leg_other(leg), NULL);
}

static void forget_relayed(struct leg *leg, const struct sip_server *server)
{
	struct uac *uac;

	TAILQ_FOREACH (uac, &leg->requests, leg_link)
		if (uac->relayed == server)
			uac->relayed = NULL;
}

/* Nobody is left to be told the outcome of that INVITE; a change under way is taken back. */
static void lost_asker(struct leg *leg)
{
	if (is_first(leg) && !leg->call->lent)
		call_end_cause(leg->call, CAUSE_CALLER_GONE, NULL);
	else
		uac_cancel(leg_other(leg), NULL);
}

void request_ended(void *server_user, struct sip_server *server, bool acknowledged)
{
	struct leg *leg = server_user;

	if (!leg || acknowledged)
		return;
	if (leg->invite != server) {
		forget_relayed(leg_other(leg), server);
	} else if (leg->invite_answered) {
		ack_missing(leg);
	} else {
		leg->invite = NULL;
		lost_asker(leg);
	}
}
