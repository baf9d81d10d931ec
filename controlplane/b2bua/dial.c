/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/dial_internal.h"

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
#include "b2bua/offer.h"
#include "b2bua/random.h"
#include "b2bua/registration/trunk.h"
#include "b2bua/session.h"
#include "b2bua/state.h"
#include "b2bua/uac.h"
#include "main/log.h"

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

struct attempt *dial_present(struct dial *dial)
{
	return &dial->attempt[dial->now];
}

const struct config_peer *dial_peer(const struct dial *dial)
{
	return dial->attempt[dial->now].target.peer;
}

uint32_t dial_elapsed_ms(const struct b2bua *b2bua, const struct dial *dial)
{
	return (uint32_t)(b2bua_now_ms(b2bua) - dial->routed_ms);
}

enum cause dial_advance(struct b2bua *b2bua, struct dial *dial)
{
	enum cause first = CAUSE_NONE;

	for (; dial->now < dial->count; dial->now++) {
		struct attempt *attempt = dial_present(dial);
		enum cause cause = invite_check_target(b2bua, dial->other, attempt->target.peer,
						       dial->sips, dial->emergency);

		attempt->begun_ms = dial_elapsed_ms(b2bua, dial);
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
	*verdict = (struct verdict){.cause = *dial ? dial_advance(b2bua, *dial) : CAUSE_MEMORY};
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

	return dial ? routing_caller(dial->from, &dial_present(dial)->target, number) : 0;
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

static int begin_dialog(struct call *call, struct str display, struct verdict *verdict)
{
	char called[REWRITE_TEXT_MAX], caller[REWRITE_TEXT_MAX], why[ROUTING_TEXT_MAX];
	char host[HOST_TEXT_MAX], local[CALLER_ID_MAX], remote[1024], target[1024];
	struct leg *leg = &call->leg[LEG_CALLEE];
	const char *at;

	snprintf(called, sizeof(called), "%s", call->dial->called);
	snprintf(caller, sizeof(caller), "%s", call->dial->caller);
	if (routing_numbers(&dial_present(call->dial)->target, called, caller, why) < 0)
		return bad_number(verdict, why);
	at = called[0] ? "@" : "";
	caller_id_format(local, leg, display, caller);
	host_format(host_of_peer(leg->peer), host, sizeof(host));
	leg->sips = call->dial->sips;
	snprintf(remote, sizeof(remote), "<%s:%s%s%s>", leg->sips ? "sips" : "sip", called, at,
		 host);
	host_peer_format(leg->peer, host, sizeof(host));
	snprintf(target, sizeof(target), "%s:%s%s%s%s", leg->sips ? "sips" : "sip", called, at,
		 host, leg->sips ? "" : host_transport_param(leg->peer->transport));
	*verdict = (struct verdict){.cause = CAUSE_MEMORY};
	if (dialog_start(&leg->dialog, local, remote, target) < 0)
		return -ENOMEM;
	return preload_routes(leg);
}

int dial_prepare(struct call *call, struct str display, struct verdict *verdict)
{
	int rc = begin_dialog(call, display, verdict);

	if (rc < 0 || call->exchange.state != EXCHANGE_OFFERED)
		return rc;
	return offer_suits(&call->leg[LEG_CALLEE], verdict);
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
