/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/invite_check.h"

#include <stdio.h>
#include <string.h>

#include "b2bua/caller_id.h"
#include "b2bua/dial.h"
#include "b2bua/extension.h"
#include "b2bua/headers.h"
#include "b2bua/invite.h"
#include "b2bua/registration/phone.h"
#include "b2bua/registration/trunk.h"
#include "b2bua/replacing.h"
#include "b2bua/state.h"

/* Each check returns CAUSE_NONE or why not. */

static enum cause check_uri(struct invite_plan *plan)
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
static enum cause check_loop(struct invite_plan *plan)
{
	const struct sip_header *header = NULL;
	const char *instance = plan->b2bua->instance;

	while ((header = sip_message_header(plan->request, SIP_HDR_VIA, header)))
		if (memmem(header->value.ptr, header->value.len, instance, strlen(instance)))
			return CAUSE_LOOP;
	return CAUSE_NONE;
}

static enum cause check_extensions(struct invite_plan *plan)
{
	return extension_is_unknown(plan->request, plan->from->dial_plan) ? CAUSE_EXTENSION
									  : CAUSE_NONE;
}

static enum cause check_privacy(struct invite_plan *plan)
{
	struct header_view view;

	plan->privacy = caller_id_privacy(headers_seen(&view, plan->from, plan->request));
	return plan->privacy < 0 ? CAUSE_PRIVACY : CAUSE_NONE;
}

/* RFC 3261 21.4.7: who would not read our answer hears it now. */
static enum cause check_accept(struct invite_plan *plan)
{
	return extension_accepts_sdp(plan->request) ? CAUSE_NONE : CAUSE_ACCEPT;
}

/* R1, R17: the caller's own mode. Net has identified the peer; this is about how it came. */
static enum cause check_signalling(struct invite_plan *plan)
{
	enum security_mode mode = plan->from->dial_plan->security;

	if (mode != SECURITY_UNSECURED && plan->flow->transport != SIP_TLS)
		return CAUSE_SIGNALLING;
	if (mode == SECURITY_SECURED && !net_flow_encrypted(plan->b2bua->net, plan->flow))
		return CAUSE_NOT_ENCRYPTED;
	return CAUSE_NONE;
}

/* What holds whatever is called: there is room for no more. */
static enum cause check_room(struct invite_plan *plan)
{
	const struct b2bua *b2bua = plan->b2bua;

	if (b2bua->drained)
		return CAUSE_DRAINING;
	if (b2bua->call_count >= b2bua->config->max_calls + EMERGENCY_SPARE)
		return CAUSE_CALL_LIMIT;
	return CAUSE_NONE;
}

static enum cause check_service(struct invite_plan *plan)
{
	const struct sip_header *priority =
	    plan->request ? sip_message_header(plan->request, SIP_HDR_PRIORITY, NULL) : NULL;

	plan->emergency =
	    admission_is_emergency(plan->b2bua->config, plan->from, plan->callee,
				   priority && str_caseeq(priority->value, STR("emergency")));
	return plan->b2bua->draining && !plan->emergency ? CAUSE_DRAINING : CAUSE_NONE;
}

static enum cause check_media(struct invite_plan *plan)
{
	return media_is_up(plan->b2bua->media) ? CAUSE_NONE : CAUSE_NO_MEDIA;
}

/* A registrar calls a phone by the contact that it was told: no route is asked. */
static enum cause check_phone(struct invite_plan *plan)
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
static enum cause check_registered(struct invite_plan *plan)
{
	const char *number = trunks_number(plan->b2bua->trunks, plan->from, plan->callee);

	if (number)
		snprintf(plan->callee, sizeof(plan->callee), "%s", number);
	return CAUSE_NONE;
}

/* A dialog that is replaced says who is called, whatever the number. */
static enum cause check_replaces(struct invite_plan *plan)
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

static enum cause check_limits(struct invite_plan *plan)
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
static enum cause check_downgrade(struct invite_plan *plan)
{
	const struct config_dial_plan *from = plan->from->dial_plan, *to = plan->to->dial_plan;
	const struct config_dial_plan *stronger = from->security > to->security ? from : to;

	if (from->security == to->security || stronger->allow_downgrade)
		return CAUSE_NONE;
	return CAUSE_DOWNGRADE;
}

static enum cause check_sips(struct invite_plan *plan)
{
	return plan->sips && plan->to->transport != SIP_TLS ? CAUSE_SIPS : CAUSE_NONE;
}

enum cause invite_check_target(struct b2bua *b2bua, const struct config_peer *from,
			       const struct config_peer *to, bool sips, bool emergency)
{
	struct invite_plan plan = {.b2bua = b2bua, .from = from, .to = to, .sips = sips};
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
static enum cause check_route(struct invite_plan *plan)
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
static enum cause (*const checks[])(struct invite_plan *plan) = {
    check_room,     check_loop,   check_uri,        check_service, check_extensions,
    check_privacy,  check_accept, check_signalling, check_phone,   check_registered,
    check_replaces, check_route,  check_media,      check_limits,
};

enum cause invite_check_join(struct b2bua *b2bua, const struct config_peer *from,
			     const struct config_peer *to, const char *callee)
{
	static enum cause (*const of_any_call[])(struct invite_plan * plan) = {
	    check_room, check_service, check_downgrade, check_media, check_limits};
	struct invite_plan plan = {.b2bua = b2bua, .from = from, .to = to};
	enum cause cause = CAUSE_NONE;

	snprintf(plan.callee, sizeof(plan.callee), "%s", callee);
	for (size_t i = 0; i < 5 && cause == CAUSE_NONE; i++)
		cause = of_any_call[i](&plan);
	return cause;
}

enum cause invite_check(struct invite_plan *plan)
{
	enum cause cause = CAUSE_NONE;

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]) && cause == CAUSE_NONE; i++)
		cause = checks[i](plan);
	return cause;
}
