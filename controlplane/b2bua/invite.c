/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An INVITE that asks for a new call: checked and routed (invite_check.c), forwarded. */
#include "b2bua/invite.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "b2bua/caller_id.h"
#include "b2bua/dial.h"
#include "b2bua/extension.h"
#include "b2bua/invite_check.h"
#include "b2bua/offer.h"
#include "b2bua/record.h"
#include "b2bua/registration/pass.h"
#include "b2bua/replacing.h"
#include "b2bua/reply.h"
#include "b2bua/session.h"
#include "b2bua/state.h"
#include "b2bua/uac.h"
#include "main/log.h"
#include "sip/multipart.h"

#define MAX_FORWARDS_DEFAULT 70 /* when the request has none (RFC 3261 16.3) */

static bool is_sdp(struct str type)
{
	return str_caseeq(sip_media_type(type), STR("application/sdp"));
}

/* Bytes as they are (RFC 2045 6.2). */
static bool is_plain(struct str encoding)
{
	static const char *const plain[] = {"7bit", "8bit", "binary"};

	for (unsigned i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (str_caseeq(encoding, str_of(plain[i])))
			return true;
	return !encoding.ptr;
}

/*
 * The SDP among several parts (RFC 5621): beside it an emergency call has its location, and a
 * gateway its ISUP. These do not pass, so one that must be understood is refused.
 */
static bool find_sdp(const struct sip_message *message, struct str *sdp)
{
	struct sip_multipart walk;
	struct sip_part part;
	int rc = sip_multipart_begin(&walk, message->content_type, message->body);

	while (rc == 0 && (rc = sip_multipart_next(&walk, &part)) == 0) {
		bool ours = is_sdp(part.type) && is_plain(part.encoding) && !sdp->ptr;

		if (ours)
			*sdp = part.body;
		else if (part.required)
			return false;
	}
	return rc == -ENOENT && sdp->ptr;
}

bool invite_body(const struct sip_message *message, struct str *sdp, struct verdict *verdict)
{
	const struct sip_header *encoding;

	*sdp = (struct str){0};
	if (!message->body.len)
		return true;
	encoding = sip_message_header(message, SIP_HDR_CONTENT_ENCODING, NULL);
	if (encoding && !str_caseeq(encoding->value, STR("identity"))) {
		*verdict = (struct verdict){.cause = CAUSE_BODY_ENCODING};
		return false;
	}
	if (sip_multipart_is(message->content_type) && find_sdp(message, sdp))
		return true;
	*sdp = (struct str){0};
	if (!is_sdp(message->content_type)) {
		*verdict = (struct verdict){.cause = CAUSE_BODY_TYPE};
		return false;
	}
	*sdp = message->body;
	return true;
}

/* ---- the callee's leg ---- */

/* To the phone where it registered, by the flow that it came by (RFC 5626 5.3). */
static int begin_phone(struct call *call, const struct invite_plan *plan)
{
	const struct location *location = plan->location;
	struct leg *leg = &call->leg[LEG_CALLEE];
	char local[CALLER_ID_MAX], remote[1024];

	leg_flow_set(leg, &location->flow);
	if (location->flow.listener < plan->b2bua->config->listener_count)
		leg->listener = &plan->b2bua->config->listeners[location->flow.listener];
	if (location->path && !(leg->dialog.routes = strdup(location->path)))
		return -ENOMEM;
	caller_id_format(local, leg, plan->request->from.display, plan->caller);
	snprintf(remote, sizeof(remote), "<%s>", location->aor);
	leg->sips = strncasecmp(location->contact, "sips:", 5) == 0; /* RFC 3261 8.1.1.8 */
	return dialog_start(&leg->dialog, local, remote, location->contact);
}

static int begin_callee(struct call *call, const struct invite_plan *plan, struct verdict *verdict)
{
	if (!plan->replaced && !plan->location) {
		if (dial_begin(call, plan->request->from.display, verdict) < 0)
			return -ENOTSUP;
		return pass_begin(&call->leg[LEG_CALLEE], plan->request);
	}
	if (plan->location && begin_phone(call, plan) < 0)
		return -ENOMEM;
	/* the dialog of one that is replaced is there already */
	return plan->sdp.len ? offer_suits(&call->leg[LEG_CALLEE], verdict) : 0;
}

/* An offer in a reliable 1xx could not be answered in time when only the caller's ACK can. */
static bool may_be_reliable(const struct leg *leg)
{
	const struct call *call = leg->call;

	if (call->transferor)
		return false;
	return call->exchange.state != EXCHANGE_ASKED || call->leg[LEG_CALLER].reliable.supported;
}

void invite_send(struct leg *leg)
{
	struct uac_request request = {
	    .method = SIP_METHOD_INVITE,
	    .extensions = may_be_reliable(leg) ? EXTENSION_ALL : EXTENSION_NOT_100REL,
	};
	char text[OFFER_TEXT_MAX];
	int length = 0;

	if (leg->call->exchange.state == EXCHANGE_OFFERED) {
		length = offer_make(leg, text, sizeof(text));
		if (length < 0) {
			call_end_cause(leg->call, CAUSE_NOT_ACCEPTABLE, NULL);
			return;
		}
		request.content_type = "application/sdp";
		request.body = (struct str){text, (size_t)length};
	}
	dial_sent(leg);
	uac_send(leg, &request);
	explicit_bzero(text, sizeof(text));
}

/* ---- the caller's leg ---- */

/* RFC 3261 12.1.1: whether our Contact to it must be a sips URI. */
static bool wants_sips(const struct sip_message *invite)
{
	const struct sip_header *route = sip_message_header(invite, SIP_HDR_RECORD_ROUTE, NULL);
	struct str rest = route ? route->value : (struct str){0}, first;
	struct sip_name_addr top;

	if (invite->request_uri.scheme == SIP_SCHEME_SIPS)
		return true;
	if (!route)
		return invite->contact.uri.scheme == SIP_SCHEME_SIPS;
	return sip_list_next(&rest, &first) && sip_name_addr_parse(&top, first) == 0 &&
	       top.uri.scheme == SIP_SCHEME_SIPS;
}

static int accept_caller(struct call *call, const struct invite_plan *plan,
			 struct sip_server *server, struct verdict *verdict)
{
	struct leg *caller = &call->leg[LEG_CALLER];
	const struct config *config = plan->b2bua->config;

	leg_flow_set(caller, plan->flow);
	if (plan->flow->listener < config->listener_count &&
	    config->listeners[plan->flow->listener].transport == plan->flow->transport)
		caller->listener = &config->listeners[plan->flow->listener];
	caller->sips = wants_sips(plan->request);
	caller->invite_cseq = plan->request->cseq;
	snprintf(call->from, sizeof(call->from), "%.*s", (int)sizeof(call->from) - 1, plan->caller);
	snprintf(call->to, sizeof(call->to), "%.*s", (int)sizeof(call->to) - 1, plan->callee);
	call->max_forwards = plan->request->max_forwards > 0 ? plan->request->max_forwards - 1
							     : MAX_FORWARDS_DEFAULT - 1;
	call->privacy = (unsigned)plan->privacy;
	extension_learn(caller, plan->request);
	call->exchange.asker = LEG_CALLER;
	*verdict = (struct verdict){.cause = CAUSE_MEMORY};
	if (plan->b2bua->sender_user[0] && !(call->user = strdup(plan->b2bua->sender_user)))
		return -ENOMEM;
	if (dialog_accept(&caller->dialog, plan->request) < 0)
		return -ENOMEM;
	*verdict = (struct verdict){.cause = session_timer_asked(caller, plan->request)};
	if (reliable_begin(caller, plan->request) == RELIABLE_MISSING)
		verdict->cause = CAUSE_NEEDS_100REL;
	if (verdict->cause != CAUSE_NONE)
		return -ENOTSUP;
	if (plan->sdp.len && offer_hear(caller, plan->sdp, verdict) < 0)
		return -ENOTSUP;
	call->exchange.state = plan->sdp.len ? EXCHANGE_OFFERED : EXCHANGE_ASKED;
	call->exchange.delayed = !plan->sdp.len;
	*verdict = (struct verdict){.cause = CAUSE_MEMORY};
	if (begin_callee(call, plan, verdict) < 0)
		return -ENOTSUP;
	caller->invite = server;
	sip_server_set_user(server, caller);
	return 0;
}

static void start(struct invite_plan *plan, struct sip_server *server)
{
	struct b2bua *b2bua = plan->b2bua;
	struct call *call = call_new(b2bua, plan->from, plan->to);
	struct verdict verdict;
	int rc;

	if (!call) {
		reply_refuse_cause(b2bua, server, NULL, CAUSE_MEMORY);
		return;
	}
	call->emergency = plan->emergency;
	call_admit(call, plan->caller, plan->callee);
	call->dial = plan->dial;
	plan->dial = NULL;
	if (accept_caller(call, plan, server, &verdict) < 0) {
		reply_refuse(b2bua, server, NULL, &verdict);
		if (verdict.detail[0])
			record_refused(b2bua, plan->from, plan->caller, plan->callee, &verdict);
		call_discard(call);
		return;
	}
	b2bua->counters.started++;
	log_event(LOG_CALL_STARTED, "call %s from %s to %s, security %s", call->id,
		  plan->from->name, call->leg[LEG_CALLEE].peer->name,
		  security_mode_name(call_security(call)));
	record_begin(call);
	if (plan->replaced)
		replacing_begin(call, plan->replaced);
	rc = session_open(call);
	if (rc < 0)
		call_end_cause(call, rc == -ENOTCONN ? CAUSE_NO_MEDIA : CAUSE_MEMORY, NULL);
}

void invite_request(struct b2bua *b2bua, struct sip_server *server,
		    const struct sip_message *request, const struct sip_flow *flow)
{
	struct invite_plan plan = {
	    .b2bua = b2bua, .request = request, .flow = flow, .from = b2bua->sender};
	struct verdict verdict = {.cause = invite_check(&plan)};

	if (verdict.cause == CAUSE_NONE && invite_body(request, &plan.sdp, &verdict)) {
		start(&plan, server);
	} else {
		if (plan.verdict.cause != CAUSE_NONE) /* the routes', with more words */
			verdict = plan.verdict;
		if (verdict.cause == CAUSE_DRAINING)
			verdict.status = b2bua->config->drain_status;
		if (plan.refusal.limit)
			snprintf(verdict.detail, sizeof(verdict.detail), "%s (%.63s%s%u)",
				 verdict_text(&verdict), plan.refusal.name,
				 plan.refusal.name[0] ? ": " : "", plan.refusal.limit);
		reply_refuse(b2bua, server, NULL, &verdict);
		if (verdict.detail[0] && !plan.refusal.limit)
			record_refused(b2bua, plan.from, plan.caller, plan.callee, &verdict);
	}
	dial_free(plan.dial);
}
