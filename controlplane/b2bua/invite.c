/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An INVITE that asks for a new call: checked, routed, forwarded. */
#include "b2bua/invite.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "b2bua/caller_id.h"
#include "b2bua/extension.h"
#include "b2bua/headers.h"
#include "b2bua/number.h"
#include "b2bua/offer.h"
#include "b2bua/record.h"
#include "b2bua/registration/pass.h"
#include "b2bua/registration/phone.h"
#include "b2bua/registration/trunk.h"
#include "b2bua/replacing.h"
#include "b2bua/reply.h"
#include "b2bua/session.h"
#include "b2bua/state.h"
#include "b2bua/uac.h"
#include "main/log.h"

#define MAX_FORWARDS_DEFAULT 70 /* when the request has none (RFC 3261 16.3) */

/* What the checks found out about a request. */
struct plan {
	struct b2bua *b2bua;
	const struct sip_message *request;
	const struct sip_flow *flow;
	const struct config_peer *from;
	const struct config_peer *to;
	bool sips; /* only to peers over TLS */
	struct dial *dial;
	struct verdict verdict;          /* of the routes, with what the operator is told */
	const struct location *location; /* of the phone that is called by its token; NULL */
	struct str sdp;
	struct leg *replaced;         /* whose place the caller takes; NULL: nobody's */
	int privacy;                  /* caller_id.h */
	char caller[NUMBER_TEXT_MAX]; /* user parts in one spelling */
	char callee[NUMBER_TEXT_MAX];
	bool emergency;
	struct admission_refusal refusal; /* by a limit */
};

/* ---- checks: each returns CAUSE_NONE or why not ---- */

static enum cause check_uri(struct plan *plan)
{
	const struct sip_message *request = plan->request;

	if (request->request_uri.scheme == SIP_SCHEME_OTHER)
		return CAUSE_SCHEME;
	if (!request->has_contact || request->contact.star ||
	    number_normalise(plan->caller, request->from.uri.user) < 0 ||
	    number_normalise(plan->callee, request->request_uri.user) < 0)
		return CAUSE_MALFORMED;
	return CAUSE_NONE;
}

/* A request that we sent has our instance in a branch (RFC 3261 16.3 step 4). */
static enum cause check_loop(struct plan *plan)
{
	const struct sip_header *header = NULL;
	const char *instance = plan->b2bua->instance;

	while ((header = sip_message_header(plan->request, SIP_HDR_VIA, header)))
		if (memmem(header->value.ptr, header->value.len, instance, strlen(instance)))
			return CAUSE_LOOP;
	return CAUSE_NONE;
}

static enum cause check_extensions(struct plan *plan)
{
	return extension_is_unknown(plan->request, plan->from->dial_plan) ? CAUSE_EXTENSION
									  : CAUSE_NONE;
}

static enum cause check_privacy(struct plan *plan)
{
	struct header_view view;

	plan->privacy = caller_id_privacy(headers_seen(&view, plan->from, plan->request));
	return plan->privacy < 0 ? CAUSE_PRIVACY : CAUSE_NONE;
}

/* RFC 3261 21.4.7: who would not read our answer hears it now. */
static enum cause check_accept(struct plan *plan)
{
	return extension_accepts_sdp(plan->request) ? CAUSE_NONE : CAUSE_ACCEPT;
}

/* R1, R17: the caller's own mode. Net has identified the peer; this is about how it came. */
static enum cause check_signalling(struct plan *plan)
{
	enum security_mode mode = plan->from->dial_plan->security;

	if (mode != SECURITY_UNSECURED && plan->flow->transport != SIP_TLS)
		return CAUSE_SIGNALLING;
	if (mode == SECURITY_SECURED && !net_flow_encrypted(plan->b2bua->net, plan->flow))
		return CAUSE_NOT_ENCRYPTED;
	return CAUSE_NONE;
}

/* What holds whatever is called: there is room for no more. */
static enum cause check_room(struct plan *plan)
{
	const struct b2bua *b2bua = plan->b2bua;

	if (b2bua->drained)
		return CAUSE_DRAINING;
	if (b2bua->call_count >= b2bua->config->max_calls + EMERGENCY_SPARE)
		return CAUSE_CALL_LIMIT;
	return CAUSE_NONE;
}

static enum cause check_service(struct plan *plan)
{
	const struct sip_header *priority =
	    plan->request ? sip_message_header(plan->request, SIP_HDR_PRIORITY, NULL) : NULL;

	plan->emergency =
	    admission_is_emergency(plan->b2bua->config, plan->from, plan->callee,
				   priority && str_caseeq(priority->value, STR("emergency")));
	return plan->b2bua->draining && !plan->emergency ? CAUSE_DRAINING : CAUSE_NONE;
}

static enum cause check_media(struct plan *plan)
{
	return media_is_up(plan->b2bua->media) ? CAUSE_NONE : CAUSE_NO_MEDIA;
}

/* A registrar calls a phone by the contact that it was told: no route is asked. */
static enum cause check_phone(struct plan *plan)
{
	const struct b2bua *b2bua = plan->b2bua;
	const struct location *location;
	struct sip_uri aor;
	enum cause cause;

	if (!phone_is_token(str_of(plan->callee)))
		return CAUSE_NONE;
	location = phone_by_token(b2bua->phones, plan->from, str_of(plan->callee), &cause);
	if (!location)
		return cause;
	if (sip_uri_parse(&aor, str_of(location->aor)) < 0)
		return CAUSE_NOT_REGISTERED;
	plan->location = location;
	plan->to = &b2bua->config->peers[location->peer];
	snprintf(plan->callee, sizeof(plan->callee), "%.*s", STR_FMT(aor.user));
	return CAUSE_NONE;
}

/* A call to the contact that we registered there is one to the address of record. */
static enum cause check_registered(struct plan *plan)
{
	const char *number = trunks_number(plan->b2bua->trunks, plan->from, plan->callee);

	if (number)
		snprintf(plan->callee, sizeof(plan->callee), "%s", number);
	return CAUSE_NONE;
}

/* A dialog that is replaced says who is called, whatever the number. */
static enum cause check_replaces(struct plan *plan)
{
	enum cause cause = replacing_check(plan->b2bua, plan->request, plan->from, &plan->replaced);

	if (plan->replaced) {
		plan->to = leg_other(plan->replaced)->peer;
		plan->location = NULL;
	}
	return cause;
}

static enum cause cause_of(enum admission_limit limit)
{
	static const enum cause causes[ADMISSION_LIMITS] = {
	    [ADMISSION_PASS] = CAUSE_NONE,
	    [ADMISSION_CALLS] = CAUSE_CALL_LIMIT,
	    [ADMISSION_CALLS_RATE] = CAUSE_CALL_RATE,
	    [ADMISSION_INTERFACE] = CAUSE_INTERFACE_LIMIT,
	    [ADMISSION_INTERFACE_RATE] = CAUSE_INTERFACE_RATE,
	    [ADMISSION_PLAN] = CAUSE_PLAN_LIMIT,
	    [ADMISSION_PLAN_RATE] = CAUSE_PLAN_RATE,
	    [ADMISSION_PEER] = CAUSE_PEER_LIMIT,
	    [ADMISSION_PEER_RATE] = CAUSE_PEER_RATE,
	    [ADMISSION_TO_PEER] = CAUSE_CALLEE_LIMIT,
	    [ADMISSION_TO_PEER_RATE] = CAUSE_CALLEE_RATE,
	    [ADMISSION_NUMBERS] = CAUSE_NUMBER_LIMIT,
	    [ADMISSION_NUMBERS_RATE] = CAUSE_NUMBER_RATE,
	    [ADMISSION_CALLER] = CAUSE_CALLER_LIMIT,
	    [ADMISSION_CALLER_RATE] = CAUSE_CALLER_RATE,
	    [ADMISSION_MEMORY] = CAUSE_MEMORY,
	};

	return causes[limit];
}

static enum cause check_limits(struct plan *plan)
{
	const struct admission_request request = {
	    .config = plan->b2bua->config,
	    .from = plan->from,
	    .to = plan->to,
	    .caller = plan->caller,
	    .callee = plan->callee,
	    .emergency = plan->emergency,
	    .now_ms = b2bua_now_ms(plan->b2bua),
	};

	return cause_of(admission_check(plan->b2bua->admission, &request, &plan->refusal));
}

/* R18: the side that asks for more may forbid to be joined to a side that has less. */
static enum cause check_downgrade(struct plan *plan)
{
	const struct config_dial_plan *from = plan->from->dial_plan, *to = plan->to->dial_plan;
	const struct config_dial_plan *stronger = from->security > to->security ? from : to;

	if (from->security == to->security || stronger->allow_downgrade)
		return CAUSE_NONE;
	return CAUSE_DOWNGRADE;
}

static enum cause check_sips(struct plan *plan)
{
	return plan->sips && plan->to->transport != SIP_TLS ? CAUSE_SIPS : CAUSE_NONE;
}

enum cause invite_check_target(struct b2bua *b2bua, const struct config_peer *from,
			       const struct config_peer *to, bool sips, bool emergency)
{
	struct plan plan = {.b2bua = b2bua, .from = from, .to = to, .sips = sips};
	const struct admission_request request = {
	    .config = b2bua->config,
	    .from = from,
	    .to = to,
	    .emergency = emergency,
	    .now_ms = b2bua_now_ms(b2bua),
	};
	enum cause cause = check_sips(&plan);

	if (cause == CAUSE_NONE)
		cause = cause_of(admission_check_callee(b2bua->admission, &request));
	return cause == CAUSE_NONE ? check_downgrade(&plan) : cause;
}

/* Also the dial plans and security of those who may be called: the first that fits is. */
static enum cause check_route(struct plan *plan)
{
	const struct dial_wish wish = {
	    .from = plan->from,
	    .other = plan->from,
	    .called = plan->callee,
	    .caller = plan->caller,
	    .request = plan->request,
	    .sips = plan->request->request_uri.scheme == SIP_SCHEME_SIPS,
	    .emergency = plan->emergency,
	};

	if (plan->location || plan->replaced)
		return invite_check_target(plan->b2bua, plan->from, plan->to, wish.sips,
					   plan->emergency);
	if (dial_new(plan->b2bua, &wish, &plan->dial, &plan->verdict) < 0)
		return plan->verdict.cause;
	plan->to = dial_peer(plan->dial);
	return CAUSE_NONE;
}

/* The cheap and the general ones first; that which may be over in a second comes last. */
static enum cause (*const checks[])(struct plan *plan) = {
    check_room,     check_loop,   check_uri,        check_service, check_extensions,
    check_privacy,  check_accept, check_signalling, check_phone,   check_registered,
    check_replaces, check_route,  check_media,      check_limits,
};

enum cause invite_check_join(struct b2bua *b2bua, const struct config_peer *from,
			     const struct config_peer *to, const char *callee)
{
	static enum cause (*const of_any_call[])(struct plan * plan) = {
	    check_room, check_service, check_downgrade, check_media, check_limits};
	struct plan plan = {.b2bua = b2bua, .from = from, .to = to};
	enum cause cause = CAUSE_NONE;

	snprintf(plan.callee, sizeof(plan.callee), "%s", callee);
	for (size_t i = 0; i < 5 && cause == CAUSE_NONE; i++)
		cause = of_any_call[i](&plan);
	return cause;
}

static enum cause check(struct plan *plan)
{
	enum cause cause = CAUSE_NONE;

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]) && cause == CAUSE_NONE; i++)
		cause = checks[i](plan);
	return cause;
}

/* "application/sdp" with or without parameters */
static bool is_sdp(struct str type)
{
	const char *end = type.len ? memchr(type.ptr, ';', type.len) : NULL;

	if (end)
		type.len = (size_t)(end - type.ptr);
	while (type.len && (type.ptr[type.len - 1] == ' ' || type.ptr[type.len - 1] == '\t'))
		type.len--;
	return str_caseeq(type, STR("application/sdp"));
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
	if (!is_sdp(message->content_type)) {
		*verdict = (struct verdict){.cause = CAUSE_BODY_TYPE};
		return false;
	}
	*sdp = message->body;
	return true;
}

/* ---- the callee's leg ---- */

/* To the phone where it registered, by the flow that it came by (RFC 5626 5.3). */
static int begin_phone(struct call *call, const struct plan *plan)
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
	return dialog_start(&leg->dialog, local, remote, location->contact);
}

static int begin_callee(struct call *call, const struct plan *plan, struct verdict *verdict)
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

static int accept_caller(struct call *call, const struct plan *plan, struct sip_server *server,
			 struct verdict *verdict)
{
	struct leg *caller = &call->leg[LEG_CALLER];
	const struct config *config = plan->b2bua->config;

	leg_flow_set(caller, plan->flow);
	if (plan->flow->listener < config->listener_count &&
	    config->listeners[plan->flow->listener].transport == plan->flow->transport)
		caller->listener = &config->listeners[plan->flow->listener];
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

static void start(struct plan *plan, struct sip_server *server)
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
	struct plan plan = {
	    .b2bua = b2bua, .request = request, .flow = flow, .from = b2bua->sender};
	struct verdict verdict = {.cause = check(&plan)};

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
