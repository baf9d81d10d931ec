/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From one target of a call to the next. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "b2bua/abandoned.h"
#include "b2bua/dial_internal.h"
#include "b2bua/invite.h"
#include "b2bua/session.h"
#include "b2bua/state.h"
#include "main/log.h"

enum dial_way dial_way(const struct leg *callee)
{
	const struct call *call = callee->call;
	const struct exchange *exchange = &call->exchange;
	bool open = call->dial && callee->number == LEG_CALLEE && call->state == CALL_EARLY &&
		    exchange->kind == EXCHANGE_FIRST && !callee->early_asked &&
		    (exchange->state == EXCHANGE_OFFERED || exchange->state == EXCHANGE_ASKED) &&
		    !call->leg[LEG_CALLER].told_version;

	return open ? DIAL_OPEN : DIAL_SETTLED;
}

/* Another target, and leave to try it: bounded in number and in time. */
static bool may_try_more(const struct b2bua *b2bua, const struct dial *dial)
{
	return dial->now + 1 < dial->count && dial->tried < dial->route->tries &&
	       dial_elapsed_ms(b2bua, dial) < dial->route->failover_ms;
}

/* Whether the session that may be there has no addresses for that peer. */
static bool needs_other_session(const struct leg *callee, const struct config_peer *peer)
{
	return strcmp(callee->peer->dial_plan->media_interface, peer->dial_plan->media_interface) !=
		   0 ||
	       callee->listener->socket_address.ss_family !=
		   peer->listener->socket_address.ss_family;
}

static void log_failure(const struct call *call, const struct attempt *failed,
			const struct attempt *next)
{
	log_event(LOG_CALL_REROUTED, "call %s: %s of route %s: %s after %u ms; next is %s",
		  call->id, failed->target.peer->name, failed->target.route->name, failed->why,
		  failed->took_ms, next ? next->target.peer->name : "nobody");
}

/* The callee is who is called now, with nothing said or heard. */
static void change_callee(struct call *call)
{
	struct leg *callee = &call->leg[LEG_CALLEE];
	const struct config_peer *peer = dial_peer(call->dial);

	if (needs_other_session(callee, peer))
		callee->local = (struct sluice_addr){0};
	call_change_callee(call, peer);
}

/* The callee becomes the next target that may be called. False: there is none. */
static bool take_next(struct call *call)
{
	struct b2bua *b2bua = call->b2bua;
	struct dial *dial = call->dial;
	const struct attempt *failed = dial_present(dial);

	if (!may_try_more(b2bua, dial))
		return false;
	dial->now++;
	if (dial_advance(b2bua, dial) != CAUSE_NONE) {
		dial->now = dial->count - 1; /* the last one that was looked at */
		return false;
	}
	b2bua->counters.failovers++;
	log_failure(call, failed, dial_present(dial));
	change_callee(call);
	return true;
}

/* It cannot be called, which is no fault of its own. */
static void pass_over(struct dial *dial, const struct verdict *verdict)
{
	struct attempt *attempt = dial_present(dial);

	attempt->called = false;
	dial->tried--;
	snprintf(attempt->why, sizeof(attempt->why), "%.63s",
		 verdict->detail[0] ? verdict->detail : verdict_text(verdict));
}

int dial_begin(struct call *call, struct str display, struct verdict *verdict)
{
	struct verdict other;
	int rc = dial_prepare(call, display, verdict);

	if (rc < 0 && rc != -ENOMEM)
		pass_over(call->dial, verdict);
	while (rc < 0 && rc != -ENOMEM && take_next(call)) {
		rc = dial_prepare(call, display, &other);
		if (rc < 0)
			pass_over(call->dial, &other);
	}
	return rc;
}

/* The same offer to another peer: its own dialog, keys, and if need be media addresses. */
static int redirect(struct call *call, struct verdict *verdict)
{
	struct leg *callee = &call->leg[LEG_CALLEE], *caller = &call->leg[LEG_CALLER];
	struct str display = {0};

	if (caller->invite)
		display = sip_server_request(caller->invite)->from.display;
	if (dial_prepare(call, display, verdict) < 0)
		return -1;
	if (!callee->local.family) {
		media_session_close(call->media, NULL, NULL);
		call->media = NULL;
		*verdict = (struct verdict){.cause = CAUSE_NO_MEDIA};
		return session_open(call);
	}
	invite_send(callee);
	return 0;
}

/* Calls the next target that can be called. False: there is none. */
static bool go_on(struct call *call)
{
	struct verdict verdict;

	while (take_next(call)) {
		if (redirect(call, &verdict) == 0)
			return true;
		pass_over(call->dial, &verdict);
	}
	return false;
}

static void note(struct call *call, unsigned status, const char *why)
{
	struct attempt *attempt = dial_present(call->dial);

	attempt->took_ms = dial_elapsed_ms(call->b2bua, call->dial) - attempt->begun_ms;
	attempt->status = status;
	snprintf(attempt->why, sizeof(attempt->why), "%s", why);
}

/* Another target may have another connection, and other media addresses. */
static bool is_targets_own(enum cause cause)
{
	return cause == CAUSE_NO_ANSWER || cause == CAUSE_UNREACHABLE ||
	       cause == CAUSE_MEDIA_FULL || cause == CAUSE_MEDIA_REFUSED;
}

bool dial_failed(struct leg *callee, enum dial_way way, unsigned status, enum cause cause)
{
	struct call *call = callee->call;
	char why[DIAL_WHY_MAX];
	bool elsewhere;

	if (!call->dial || callee->number != LEG_CALLEE || call->state != CALL_EARLY)
		return false;
	if (status)
		snprintf(why, sizeof(why), "%u %s", status, sip_reason_phrase(status));
	else
		snprintf(why, sizeof(why), "%s", cause_facts(cause)->text);
	note(call, status, why);
	if (!status && (cause == CAUSE_NO_ANSWER || cause == CAUSE_UNREACHABLE))
		watch_failed(call->b2bua->watch, callee->peer, why);
	elsewhere = status ? codes_has(&dial_present(call->dial)->target.route->codes, status)
			   : is_targets_own(cause);
	return way == DIAL_OPEN && elsewhere && go_on(call);
}

bool dial_elsewhere(struct call *call, const char *called, bool sips)
{
	const struct leg *caller = &call->leg[LEG_CALLER];
	struct dial *before = call->dial, *after;
	struct verdict verdict;
	const struct dial_wish wish = {
	    .from = before->from,
	    .other = before->other,
	    .called = called,
	    .caller = before->caller,
	    .request = caller->invite ? sip_server_request(caller->invite) : NULL,
	    .sips = sips || before->sips,
	    .emergency = before->emergency,
	};

	if (dial_new(call->b2bua, &wish, &after, &verdict) < 0)
		return false;
	call->dial = after;
	change_callee(call);
	if (redirect(call, &verdict) == 0) {
		dial_free(before);
		return true;
	}
	pass_over(after, &verdict);
	if (go_on(call)) {
		dial_free(before);
		return true;
	}
	call->dial = before;
	change_callee(call);
	dial_free(after);
	return false;
}

/* ---- silence ---- */

void dial_sent(struct leg *callee)
{
	const struct call *call = callee->call;
	unsigned patience_ms;

	if (!call->dial || callee->number != LEG_CALLEE || call->state != CALL_EARLY)
		return;
	patience_ms = dial_present(call->dial)->target.route->target_timeout_ms;
	if (patience_ms && may_try_more(call->b2bua, call->dial))
		leg_timer_arm(callee, LEG_TIMER_TARGET, patience_ms);
}

void dial_heard(struct leg *callee)
{
	leg_timer_stop(callee, LEG_TIMER_TARGET);
}

void dial_due(struct leg *callee)
{
	struct call *call = callee->call;
	char why[DIAL_WHY_MAX];

	if (!callee->our_invite || dial_way(callee) != DIAL_OPEN ||
	    !may_try_more(call->b2bua, call->dial))
		return;
	snprintf(why, sizeof(why), "nothing heard for %u s",
		 dial_present(call->dial)->target.route->target_timeout_ms / 1000);
	note(call, 0, why);
	watch_failed(call->b2bua->watch, callee->peer, why);
	abandoned_take(callee);
	if (!go_on(call))
		call_end_cause(call, CAUSE_NO_ANSWER, callee);
}
