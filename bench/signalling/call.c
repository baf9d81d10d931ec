/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "call.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

uint64_t call_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

/* ---- states ---- */

static void enter(struct calls *calls, struct call *call, enum call_state state)
{
	TAILQ_REMOVE(&calls->list[call->state], call, link);
	call->state = state;
	call->since_ns = call_now_ns();
	TAILQ_INSERT_TAIL(&calls->list[state], call, link);
}

static struct text_names names_of(const struct calls *calls, const struct call *call)
{
	return (struct text_names){.options = calls->options,
				   .pair = call->name.slot % calls->options->pairs};
}

static struct channel *caller_of(const struct calls *calls, const struct call *call)
{
	return calls->endpoints->caller[call->name.slot % calls->options->pairs].channel[0];
}

/* ---- the caller's ---- */

int calls_start(struct calls *calls)
{
	struct call *call = TAILQ_FIRST(&calls->list[CALL_FREE]);
	struct text_names names;
	size_t length;

	if (!call)
		return -ENOSPC;
	if (!channel_room(caller_of(calls, call))) {
		calls->counts.unsent++;
		enter(calls, call, CALL_FREE); /* another caller's turn */
		return 0;
	}
	call->name.turn = (call->name.turn + 1) % TEXT_TURNS;
	call->acknowledged = call->hung_up = call->ended = false;
	call->offered_ns = call->own_ns = 0;
	names = names_of(calls, call);
	length = text_invite(calls->message, &names, &call->name);
	enter(calls, call, CALL_INVITED);
	call->invited_ns = call->since_ns;
	calls->counts.started++;
	return channel_send(caller_of(calls, call), calls->message, length);
}

static void request(struct calls *calls, struct call *call, const char *method)
{
	struct text_names names = names_of(calls, call);
	size_t length =
	    text_request(calls->message, &names, &call->name, method, call->to, call->target);

	(void)channel_send(caller_of(calls, call), calls->message, length);
}

uint32_t calls_release(struct calls *calls, uint64_t talk_ns, uint32_t count)
{
	uint64_t now = call_now_ns();
	uint32_t n = 0;
	struct call *call;

	while (n < count && (call = TAILQ_FIRST(&calls->list[CALL_TALKING])) &&
	       now - call->since_ns >= talk_ns) {
		enter(calls, call, CALL_ENDING);
		request(calls, call, "BYE");
		n++;
	}
	return n;
}

static void answered(struct calls *calls, struct call *call, const struct text_heard *heard)
{
	struct str to = text_header(heard, "To");
	struct str target = text_uri(text_header(heard, "Contact"));
	uint64_t waited = call_now_ns() - call->invited_ns;

	if (call->state != CALL_INVITED) {
		calls->counts.repeated++;
		if (call->state == CALL_TALKING)
			request(calls, call, "ACK");
		return;
	}
	snprintf(call->to, sizeof(call->to), "%.*s", STR_FMT(to));
	snprintf(call->target, sizeof(call->target), "%.*s", STR_FMT(target));
	histogram_add(&calls->added, waited > call->own_ns ? waited - call->own_ns : 0);
	calls->counts.answered++;
	enter(calls, call, CALL_TALKING);
	request(calls, call, "ACK");
}

static void refused(struct calls *calls, struct call *call, unsigned status)
{
	if (call->state == CALL_FREE)
		return;
	calls->counts.refused++;
	calls->counts.last_status = status;
	enter(calls, call, CALL_FREE);
}

/* The relay answers a BYE before the other side does: a call is over when both ends say so. */
static void settle(struct calls *calls, struct call *call)
{
	if (!call->ended || !call->acknowledged || !call->hung_up)
		return;
	calls->counts.completed++;
	enter(calls, call, CALL_FREE);
}

static void response_heard(struct calls *calls, struct call *call, const struct text_heard *heard)
{
	if (heard->status < 200)
		return;
	if (heard->status >= 300)
		refused(calls, call, heard->status);
	else if (heard->of_bye) {
		call->ended = call->state == CALL_ENDING;
		settle(calls, call);
	} else
		answered(calls, call, heard);
}

/* ---- the callee's ---- */

static void respond(struct calls *calls, struct channel *channel, const struct call *call,
		    const struct text_heard *heard, unsigned status)
{
	struct text_names names = names_of(calls, call);
	size_t length = text_response(calls->message, &names, heard, status);

	(void)channel_send(channel, calls->message, length);
}

static void invite_heard(struct calls *calls, struct call *call, struct channel *channel,
			 const struct text_heard *heard, uint64_t now)
{
	if (call->offered_ns)
		calls->counts.repeated++;
	else
		call->offered_ns = now;
	respond(calls, channel, call, heard, 180);
	respond(calls, channel, call, heard, 200);
	if (!call->own_ns)
		call->own_ns = call_now_ns() - now;
}

static void request_heard(struct calls *calls, struct call *call, struct channel *channel,
			  const struct text_heard *heard, uint64_t now)
{
	switch (heard->kind) {
	case TEXT_INVITE:
		invite_heard(calls, call, channel, heard, now);
		return;
	case TEXT_ACK:
		call->acknowledged = true;
		return;
	case TEXT_BYE:
		call->hung_up = true;
		respond(calls, channel, call, heard, 200);
		settle(calls, call);
		return;
	default:
		return;
	}
}

static void message(void *user, struct endpoint *endpoint, struct channel *channel,
		    const char *data, size_t length)
{
	struct calls *calls = user;
	uint64_t now = call_now_ns();
	struct text_heard heard;
	struct call *call;

	(void)endpoint;
	if (text_read(&heard, data, length) < 0 || heard.call.slot >= calls->options->slots) {
		calls->counts.strange++;
		return;
	}
	call = &calls->slot[heard.call.slot];
	if (call->state == CALL_FREE || call->name.turn != heard.call.turn)
		calls->counts.strange++;
	else if (heard.kind == TEXT_RESPONSE)
		response_heard(calls, call, &heard);
	else
		request_heard(calls, call, channel, &heard, now);
}

/* ---- all ---- */

int calls_new(struct calls *calls, struct endpoints *endpoints, const struct options *options)
{
	*calls = (struct calls){.options = options, .endpoints = endpoints};
	endpoints->message = message;
	endpoints->user = calls;
	calls->slot = calloc(options->slots, sizeof(*calls->slot));
	if (!calls->slot)
		return -ENOMEM;
	for (unsigned i = 0; i <= CALL_ENDING; i++)
		TAILQ_INIT(&calls->list[i]);
	for (uint32_t i = 0; i < options->slots; i++) {
		calls->slot[i].name.slot = i;
		TAILQ_INSERT_TAIL(&calls->list[CALL_FREE], &calls->slot[i], link);
	}
	return 0;
}

void calls_free(struct calls *calls)
{
	free(calls->slot);
	calls->slot = NULL;
}

static void expire(struct calls *calls, enum call_state state, uint64_t now)
{
	struct call *call;

	while ((call = TAILQ_FIRST(&calls->list[state])) &&
	       now - call->since_ns > calls->options->patience_s * UINT64_C(1000000000)) {
		calls->counts.timed_out++;
		calls->counts.unended += state == CALL_ENDING;
		enter(calls, call, CALL_FREE);
	}
}

void calls_expire(struct calls *calls)
{
	uint64_t now = call_now_ns();

	expire(calls, CALL_INVITED, now);
	expire(calls, CALL_ENDING, now);
}

bool calls_under_way(const struct calls *calls)
{
	return !TAILQ_EMPTY(&calls->list[CALL_INVITED]) || !TAILQ_EMPTY(&calls->list[CALL_ENDING]);
}

bool calls_any(const struct calls *calls)
{
	return calls_under_way(calls) || !TAILQ_EMPTY(&calls->list[CALL_TALKING]);
}

uint64_t calls_failed(const struct call_counts *counts)
{
	return counts->refused + counts->timed_out + counts->unsent;
}
