/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "b2bua/offer.h"
#include "b2bua/random.h"
#include "b2bua/replacing.h"
#include "b2bua/session.h"
#include "b2bua/state.h"
#include "b2bua/transfer.h"
#include "b2bua/uac.h"

const char *call_state_name(enum call_state state)
{
	static const char *const names[] = {"early", "answered", "ending"};

	return names[state];
}

enum security_mode call_security(const struct call *call)
{
	enum security_mode a = call->leg[LEG_CALLER].peer->dial_plan->security;
	enum security_mode b = call->leg[LEG_CALLEE].peer->dial_plan->security;

	return a < b ? a : b;
}

static uint64_t id_number(const char *id)
{
	return strtoull(id, NULL, 16);
}

static void draw_id(struct call *call)
{
	do {
		random_text(call->id, CALL_ID_DIGITS);
	} while (table_find(&call->b2bua->calls, id_number(call->id)));
	table_add(&call->b2bua->calls, &call->by_id, id_number(call->id));
}

struct call *call_find(const struct b2bua *b2bua, const char *id)
{
	struct table_entry *entry = table_find(&b2bua->calls, id_number(id));
	struct call *call = entry ? TABLE_OWNER(entry, struct call, by_id) : NULL;

	return call && strcmp(call->id, id) == 0 ? call : NULL;
}

static void leg_init(struct call *call, enum leg_number number, const struct config_peer *peer)
{
	struct leg *leg = &call->leg[number];

	leg->call = call;
	leg->number = number;
	TAILQ_INIT(&leg->requests);
	TAILQ_INIT(&leg->early);
	leg_timers_init(leg);
	leg_meet(leg, peer);
}

struct call *call_new(struct b2bua *b2bua, const struct config_peer *from,
		      const struct config_peer *to)
{
	struct call *call = calloc(1, sizeof(*call));
	struct timespec now;

	if (!call)
		return NULL;
	call->b2bua = b2bua;
	call->serial = ++b2bua->last_serial;
	draw_id(call);
	leg_init(call, LEG_CALLER, from);
	leg_init(call, LEG_CALLEE, to);
	call->started_ms = b2bua_now_ms(b2bua);
	clock_gettime(CLOCK_REALTIME, &now);
	call->started_unix_s = (int64_t)now.tv_sec;
	call->started_unix_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
	TAILQ_INSERT_TAIL(&b2bua->all, call, link);
	b2bua->call_count++;
	return call;
}

static struct admission_request admission_request(const struct call *call, const char *caller,
						  const char *callee)
{
	return (struct admission_request){
	    .config = call->b2bua->config,
	    .from = call->leg[LEG_CALLER].peer,
	    .to = call->leg[LEG_CALLEE].peer,
	    .caller = caller,
	    .callee = callee,
	    .emergency = call->emergency,
	    .now_ms = b2bua_now_ms(call->b2bua),
	};
}

void call_admit(struct call *call, const char *caller, const char *callee)
{
	struct admission_request request = admission_request(call, caller, callee);

	admission_take(call->b2bua->admission, &request, &call->ticket);
	call->max_call_s = admission_duration_s(&request);
}

void call_readmit(struct call *call)
{
	struct admission_request request = admission_request(call, "", "");

	admission_move(call->b2bua->admission, &request, &call->ticket);
}

void call_change_callee(struct call *call, const struct config_peer *peer)
{
	leg_restart(&call->leg[LEG_CALLEE], peer);
	call_readmit(call);
}

void call_end_cause(struct call *call, enum cause cause, const struct leg *gone)
{
	struct verdict verdict = {.cause = cause};

	call_end(call, &verdict, gone);
}

const char *call_reason(const struct call *call)
{
	return call->reason[0] ? call->reason : NULL;
}

/* The peer's own Reason is better than ours. */
static void keep_reason(struct call *call, const struct verdict *verdict)
{
	const char *reason = cause_facts(verdict->cause)->reason;

	if (verdict->reason[0])
		reason = verdict->reason;
	snprintf(call->reason, sizeof(call->reason), "%s", reason ? reason : "");
}

static void end_leg(struct leg *leg, const struct verdict *verdict, const struct leg *gone)
{
	const char *reason = call_reason(leg->call);

	leg_refuse_invite(leg, verdict);
	uac_drop_relayed(leg, verdict);
	if (leg->our_invite)
		uac_cancel(leg, reason);
	if (leg != gone)
		leg_bye(leg, reason);
}

static void begin_ending(struct call *call)
{
	struct b2bua *b2bua = call->b2bua;

	call->state = CALL_ENDING;
	call->linger_until_ms = b2bua_now_ms(b2bua) + CALL_LINGER_MS;
	leg_timers_stop(&call->leg[LEG_CALLER]);
	leg_timers_stop(&call->leg[LEG_CALLEE]);
	TAILQ_INSERT_TAIL(&b2bua->ending, call, ending_link);
}

void call_discard(struct call *call)
{
	begin_ending(call);
	call_settle(call);
}

void call_end(struct call *call, const struct verdict *verdict, const struct leg *gone)
{
	struct b2bua *b2bua = call->b2bua;
	struct uac *unacknowledged = call->exchange.unacknowledged;

	if (call->state == CALL_ENDING)
		return;
	session_close(call, verdict);
	begin_ending(call);
	call->cause = verdict->cause;
	keep_reason(call, verdict);
	transfer_ended(call, verdict);
	replacing_ended(call, gone);
	b2bua->counters.ended++;
	b2bua->counters.cause[verdict->cause]++;
	if (unacknowledged)
		uac_acknowledge(unacknowledged, (struct str){0});
	if (call->exchange.request)
		exchange_refuse(&call->leg[call->exchange.asker], verdict);
	exchange_end(call);
	end_leg(&call->leg[LEG_CALLER], verdict, gone);
	end_leg(&call->leg[LEG_CALLEE], verdict, gone);
	call_settle(call);
}

static bool leg_is_quiet(const struct leg *leg)
{
	return leg->under_way == 0 && !leg->bye_due;
}

static void bury(struct call *call)
{
	struct b2bua *b2bua = call->b2bua;

	call->dead = true;
	table_remove(&b2bua->calls, &call->by_id);
	TAILQ_REMOVE(&b2bua->ending, call, ending_link);
	TAILQ_REMOVE(&b2bua->all, call, link);
	TAILQ_INSERT_TAIL(&b2bua->dead, call, link);
	b2bua->call_count--;
	admission_release(b2bua->admission, &call->ticket);
}

void call_settle(struct call *call)
{
	if (!call->dead && call->state == CALL_ENDING && leg_is_quiet(&call->leg[LEG_CALLER]) &&
	    leg_is_quiet(&call->leg[LEG_CALLEE]))
		bury(call);
}

/* An INVITE under way or an ACK to come may still make a dialog that wants a BYE. */
static bool may_go(const struct call *call)
{
	const struct leg *caller = &call->leg[LEG_CALLER], *callee = &call->leg[LEG_CALLEE];

	return !caller->our_invite && !callee->our_invite && !caller->bye_due && !callee->bye_due;
}

int64_t call_sweep(struct b2bua *b2bua)
{
	uint64_t now = b2bua_now_ms(b2bua);
	struct call *call;

	while ((call = TAILQ_FIRST(&b2bua->ending)) && call->linger_until_ms <= now) {
		if (may_go(call)) {
			bury(call);
			continue;
		}
		TAILQ_REMOVE(&b2bua->ending, call, ending_link);
		call->linger_until_ms = now + CALL_LINGER_MS;
		TAILQ_INSERT_TAIL(&b2bua->ending, call, ending_link);
	}
	return call ? (int64_t)(call->linger_until_ms - now) : -1;
}

void call_free(struct call *call)
{
	for (unsigned i = 0; i < 2; i++) {
		if (call->leg[i].invite)
			sip_server_set_user(call->leg[i].invite, NULL);
		leg_free(&call->leg[i]);
	}
	exchange_end(call);
	dial_free(call->dial);
	free(call->user);
	free(call->challenges[0]);
	free(call->challenges[1]);
	admission_release(call->b2bua->admission, &call->ticket);
	free(call);
}
