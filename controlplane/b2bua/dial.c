/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/dial.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "b2bua/abandoned.h"
#include "b2bua/caller_id.h"
#include "b2bua/headers.h"
#include "b2bua/host.h"
#include "b2bua/invite.h"
#include "b2bua/random.h"
#include "b2bua/registration/trunk.h"
#include "b2bua/session.h"
#include "b2bua/state.h"
#include "b2bua/uac.h"
#include "main/log.h"

struct attempt {
	struct routing_target target;
	uint32_t begun_ms, took_ms; /* since the call was routed */
	bool called;                /* an INVITE was meant to go to it */
	unsigned status;            /* of the peer; 0: none */
	char why[DIAL_WHY_MAX];     /* it did not take the call; empty: it did, or still may */
};

struct dial {
	const struct config_peer *from, *other;
	const struct config_route *route; /* the first: its limits are those of the call */
	bool sips;
	bool emergency; /* passes all limits */
	uint64_t routed_ms;
	char *called, *caller; /* as routes see them */
	unsigned count, now, tried;
	struct attempt attempt[];
};

/* ---- asking the routes ---- */

struct question {
	struct b2bua *b2bua;
	const struct sip_message *request;
};

static struct str header_of(void *user, const char *name, unsigned nth)
{
	const struct question *question = user;
	const struct sip_message *request = question->request;

	for (unsigned i = 0; request && i < request->header_count; i++) {
		const struct sip_header *header = &request->header[i];
		struct str found = header->id == SIP_HDR_OTHER
				       ? header->name
				       : str_of(sip_header_name(header->id));

		if (str_caseeq(found, str_of(name)) && nth-- == 0)
			return header->value;
	}
	return (struct str){0};
}

static unsigned calls_to(void *user, const struct config_peer *peer)
{
	const struct question *question = user;

	return admission_peer(question->b2bua->admission, peer, ADMISSION_OUT).calls;
}

static bool is_down(void *user, const struct config_peer *peer)
{
	const struct question *question = user;

	return watch_is_down(question->b2bua->watch, peer);
}

static uint32_t draw_lot(void *user)
{
	(void)user;
	return (uint32_t)random_number();
}

static void find(struct b2bua *b2bua, const struct dial_wish *wish, struct routing_answer *answer)
{
	struct header_view view;
	struct question question = {
	    b2bua, wish->request ? headers_seen(&view, wish->from, wish->request) : NULL};
	const struct routing_query query = {
	    .from = wish->from,
	    .called = wish->called,
	    .caller = wish->caller,
	    .unix_s = (int64_t)time(NULL),
	    .header = header_of,
	    .is_down = is_down,
	    .calls = calls_to,
	    .random = draw_lot,
	    .user = &question,
	};

	routing_find(b2bua->config, &query, answer);
}

static int refuse(const struct routing_answer *answer, struct verdict *verdict)
{
	static const enum cause causes[] = {
	    [ROUTING_NO_ROUTE] = CAUSE_NO_ROUTE,
	    [ROUTING_REFUSED] = CAUSE_ROUTE_REFUSED,
	    [ROUTING_BUSY] = CAUSE_TARGETS_FULL,
	    [ROUTING_BAD_NUMBER] = CAUSE_BAD_NUMBER,
	};

	*verdict = (struct verdict){.cause = causes[answer->outcome]};
	if (answer->outcome == ROUTING_REFUSED)
		verdict->status = answer->route->refuse;
	reason_of_status(verdict->reason, verdict_status(verdict));
	snprintf(verdict->detail, sizeof(verdict->detail), "%s", answer->text);
	return -1;
}

/* ---- life ---- */

static const char *state_text(enum routing_state state)
{
	static const char *const texts[] = {
	    [ROUTING_USED] = "",
	    [ROUTING_DOWN] = "down",
	    [ROUTING_FULL] = "as many calls as it may have",
	    [ROUTING_LAST] = "",
	};

	return texts[state];
}

static struct dial *make(struct b2bua *b2bua, const struct dial_wish *wish,
			 const struct routing_answer *answer)
{
	unsigned all = answer->count + answer->left_out_count;
	struct dial *dial = calloc(1, sizeof(*dial) + all * sizeof(dial->attempt[0]));

	if (!dial)
		return NULL;
	dial->from = wish->from;
	dial->other = wish->other;
	dial->sips = wish->sips;
	dial->emergency = wish->emergency;
	dial->routed_ms = b2bua_now_ms(b2bua);
	dial->route = answer->route;
	dial->called = strdup(answer->called);
	dial->caller = strdup(answer->caller);
	/* those that are left out come first: they are passed over at once, and told */
	for (unsigned i = 0; i < answer->left_out_count; i++) {
		struct attempt *attempt = &dial->attempt[dial->count++];

		attempt->target = answer->left_out[i];
		snprintf(attempt->why, sizeof(attempt->why), "%s",
			 state_text(attempt->target.state));
	}
	dial->now = dial->count;
	for (unsigned i = 0; i < answer->count; i++)
		dial->attempt[dial->count++].target = answer->target[i];
	if (dial->called && dial->caller)
		return dial;
	dial_free(dial);
	return NULL;
}

void dial_free(struct dial *dial)
{
	if (!dial)
		return;
	free(dial->called);
	free(dial->caller);
	free(dial);
}

static struct attempt *present(struct dial *dial)
{
	return &dial->attempt[dial->now];
}

const struct config_peer *dial_peer(const struct dial *dial)
{
	return dial->attempt[dial->now].target.peer;
}

static uint32_t elapsed_ms(const struct b2bua *b2bua, const struct dial *dial)
{
	return (uint32_t)(b2bua_now_ms(b2bua) - dial->routed_ms);
}

/* From now on, the first target that may take the call; CAUSE_NONE, or why the first of them may
 * not: then there is none. */
static enum cause advance(struct b2bua *b2bua, struct dial *dial)
{
	enum cause first = CAUSE_NONE;

	for (; dial->now < dial->count; dial->now++) {
		struct attempt *attempt = present(dial);
		enum cause cause = invite_check_target(b2bua, dial->other, attempt->target.peer,
						       dial->sips, dial->emergency);

		attempt->begun_ms = elapsed_ms(b2bua, dial);
		if (cause == CAUSE_NONE) {
			attempt->called = true;
			dial->tried++;
			return CAUSE_NONE;
		}
		snprintf(attempt->why, sizeof(attempt->why), "%s", cause_facts(cause)->text);
		if (first == CAUSE_NONE)
			first = cause;
	}
	return first == CAUSE_NONE ? CAUSE_UNREACHABLE : first;
}

int dial_new(struct b2bua *b2bua, const struct dial_wish *wish, struct dial **dial,
	     struct verdict *verdict)
{
	struct routing_answer answer;

	*dial = NULL;
	find(b2bua, wish, &answer);
	if (answer.outcome != ROUTING_TARGETS)
		return refuse(&answer, verdict);
	*dial = make(b2bua, wish, &answer);
	*verdict = (struct verdict){.cause = *dial ? advance(b2bua, *dial) : CAUSE_MEMORY};
	if (verdict->cause == CAUSE_NONE)
		return 0;
	snprintf(verdict->detail, sizeof(verdict->detail),
		 "no target of route %s may take \"%.80s\"", answer.route->name, answer.called);
	dial_free(*dial);
	*dial = NULL;
	return -1;
}

/* ---- the callee's dialog ---- */

int dial_caller(const struct leg *callee, char number[static REWRITE_TEXT_MAX])
{
	struct dial *dial = callee->call->dial;

	return dial ? routing_caller(dial->from, &present(dial)->target, number) : 0;
}

static int bad_number(struct verdict *verdict, const char *text)
{
	*verdict = (struct verdict){.cause = CAUSE_BAD_NUMBER};
	reason_of_status(verdict->reason, verdict_status(verdict));
	snprintf(verdict->detail, sizeof(verdict->detail), "%s", text);
	return -EINVAL;
}

/* RFC 3608 6.1: where the registrar wants our requests to pass. */
static int preload_routes(struct leg *leg)
{
	const char *routes = trunks_routes(leg->call->b2bua->trunks, leg->peer);

	if (routes)
		leg->dialog.routes = strdup(routes);
	return routes && !leg->dialog.routes ? -ENOMEM : 0;
}

int dial_begin(struct call *call, struct str display, struct verdict *verdict)
{
	char called[REWRITE_TEXT_MAX], caller[REWRITE_TEXT_MAX], why[ROUTING_TEXT_MAX];
	char host[HOST_TEXT_MAX], local[CALLER_ID_MAX], remote[1024], target[1024];
	struct leg *leg = &call->leg[LEG_CALLEE];
	const char *at;

	snprintf(called, sizeof(called), "%s", call->dial->called);
	snprintf(caller, sizeof(caller), "%s", call->dial->caller);
	if (routing_numbers(&present(call->dial)->target, called, caller, why) < 0)
		return bad_number(verdict, why);
	at = called[0] ? "@" : "";
	caller_id_format(local, leg, display, caller);
	host_format(host_of_peer(leg->peer), host, sizeof(host));
	snprintf(remote, sizeof(remote), "<sip:%s%s%s>", called, at, host);
	host_peer_format(leg->peer, host, sizeof(host));
	snprintf(target, sizeof(target), "sip:%s%s%s%s", called, at, host,
		 host_transport_param(leg->peer->transport));
	*verdict = (struct verdict){.cause = CAUSE_MEMORY};
	if (dialog_start(&leg->dialog, local, remote, target) < 0)
		return -ENOMEM;
	return preload_routes(leg);
}

/* ---- going on ---- */

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
	       elapsed_ms(b2bua, dial) < dial->route->failover_ms;
}

static bool needs_other_session(const struct leg *callee, const struct config_peer *peer)
{
	return strcmp(callee->peer->dial_plan->media_interface, peer->dial_plan->media_interface) !=
		   0 ||
	       callee->listener->socket_address.ss_family !=
		   peer->listener->socket_address.ss_family;
}

/* The same offer to another peer: its own dialog, keys, and if need be media addresses. */
static int redirect(struct call *call, struct verdict *verdict)
{
	struct leg *callee = &call->leg[LEG_CALLEE], *caller = &call->leg[LEG_CALLER];
	const struct config_peer *peer = dial_peer(call->dial);
	bool reopen = needs_other_session(callee, peer);
	struct str display = {0};

	if (caller->invite)
		display = sip_server_request(caller->invite)->from.display;
	call_change_callee(call, peer);
	if (dial_begin(call, display, verdict) < 0)
		return -1;
	if (reopen) {
		media_session_close(call->media, NULL, NULL);
		call->media = NULL;
		*verdict = (struct verdict){.cause = CAUSE_NO_MEDIA};
		return session_open(call, &caller->next.heard.rtp_address);
	}
	invite_send(callee);
	return 0;
}

static void log_failure(const struct call *call, const struct attempt *failed,
			const struct attempt *next)
{
	log_event(LOG_CALL_REROUTED, "call %s: %s of route %s: %s after %u ms; next is %s",
		  call->id, failed->target.peer->name, failed->target.route->name, failed->why,
		  failed->took_ms, next ? next->target.peer->name : "nobody");
}

/* Calls the next target that can be called. False: there is none. */
static bool go_on(struct call *call)
{
	struct b2bua *b2bua = call->b2bua;
	struct dial *dial = call->dial;
	struct verdict verdict;

	while (may_try_more(b2bua, dial)) {
		struct attempt *failed = present(dial);

		dial->now++;
		if (advance(b2bua, dial) != CAUSE_NONE) {
			dial->now = dial->count - 1; /* the last one that was looked at */
			return false;
		}
		b2bua->counters.failovers++;
		log_failure(call, failed, present(dial));
		if (redirect(call, &verdict) == 0)
			return true;
		snprintf(present(dial)->why, DIAL_WHY_MAX, "%.63s", verdict_text(&verdict));
	}
	return false;
}

static void note(struct call *call, unsigned status, const char *why)
{
	struct attempt *attempt = present(call->dial);

	attempt->took_ms = elapsed_ms(call->b2bua, call->dial) - attempt->begun_ms;
	attempt->status = status;
	snprintf(attempt->why, sizeof(attempt->why), "%s", why);
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
	elsewhere = status ? codes_has(&present(call->dial)->target.route->codes, status)
			   : cause == CAUSE_NO_ANSWER || cause == CAUSE_UNREACHABLE;
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
	};

	if (dial_new(call->b2bua, &wish, &after, &verdict) < 0)
		return false;
	call->dial = after;
	if (redirect(call, &verdict) < 0) {
		call->dial = before;
		dial_free(after);
		return false;
	}
	dial_free(before);
	return true;
}

/* ---- silence ---- */

void dial_sent(struct leg *callee)
{
	const struct call *call = callee->call;
	unsigned patience_ms;

	if (!call->dial || callee->number != LEG_CALLEE || call->state != CALL_EARLY)
		return;
	patience_ms = present(call->dial)->target.route->target_timeout_ms;
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
		 present(call->dial)->target.route->target_timeout_ms / 1000);
	note(call, 0, why);
	watch_failed(call->b2bua->watch, callee->peer, why);
	abandoned_take(callee);
	if (!go_on(call))
		call_end_cause(call, CAUSE_NO_ANSWER, callee);
}

/* ---- the record ---- */

static json_t *attempt_json(const struct attempt *attempt)
{
	json_t *object = json_pack("{s:s, s:s, s:b}", "route", attempt->target.route->name, "peer",
				   attempt->target.peer->name, "called", attempt->called);

	if (attempt->called) {
		json_object_set_new(object, "begun_ms", json_integer(attempt->begun_ms));
		json_object_set_new(object, "took_ms", json_integer(attempt->took_ms));
	}
	if (attempt->status)
		json_object_set_new(object, "status", json_integer((json_int_t)attempt->status));
	if (attempt->why[0])
		json_object_set_new(object, "failed", json_string(attempt->why));
	return object;
}

json_t *dial_json(const struct dial *dial)
{
	json_t *attempts = json_array();

	for (unsigned i = 0; i < dial->count; i++)
		if (dial->attempt[i].called || dial->attempt[i].why[0])
			json_array_append_new(attempts, attempt_json(&dial->attempt[i]));
	return json_pack("{s:s, s:s, s:s, s:o}", "route", dial->route->name, "called", dial->called,
			 "caller", dial->caller, "attempts", attempts);
}
