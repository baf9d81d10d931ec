/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/b2bua.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/nonce.h"
#include "b2bua/authenticate.h"
#include "b2bua/client_user.h"
#include "b2bua/detour.h"
#include "b2bua/random.h"
#include "b2bua/registration/phone.h"
#include "b2bua/registration/trunk.h"
#include "b2bua/reply.h"
#include "b2bua/request.h"
#include "b2bua/room.h"
#include "b2bua/shed.h"
#include "b2bua/state.h"
#include "b2bua/uac.h"
#include "main/log.h"
#include "sip/lookup.h"

#define LOG_REFUSALS_A_SECOND 20U

static void stray_response(void *user, const struct sip_message *response)
{
	struct b2bua *b2bua = user;

	(void)response;
	b2bua->counters.stray_response++;
}

static int send_bytes(void *user, const struct sip_flow *flow, const char *data, size_t length)
{
	return b2bua_send(user, flow, data, length);
}

static void client_response(void *client_user, struct sip_client *client,
			    const struct sip_message *response, const struct sip_flow *flow)
{
	struct client_user *user = client_user;

	if (user)
		user->ops->response(user, client, response, flow);
}

static void client_ended(void *client_user, struct sip_client *client, enum sip_client_end reason)
{
	struct client_user *user = client_user;

	if (user)
		user->ops->ended(user, client, reason);
}

static const struct sip_transaction_ops transaction_ops = {
    .send = send_bytes,
    .request = request_received,
    .cancel = request_cancelled,
    .response = client_response,
    .client_ended = client_ended,
    .server_ended = request_ended,
    .stray_response = stray_response,
};

static void due(void *user)
{
	b2bua_enter(user);
	b2bua_leave(user);
}

int b2bua_new(struct b2bua **b2bua_out, uv_loop_t *loop, const struct config *config)
{
	struct b2bua *b2bua = calloc(1, sizeof(*b2bua));

	if (!b2bua)
		return -ENOMEM;
	b2bua->config = config;
	TAILQ_INIT(&b2bua->all);
	TAILQ_INIT(&b2bua->ending);
	TAILQ_INIT(&b2bua->dead);
	TAILQ_INIT(&b2bua->accepted);
	TAILQ_INIT(&b2bua->detours);
	TAILQ_INIT(&b2bua->abandoned);
	random_text(b2bua->instance, B2BUA_INSTANCE_DIGITS);
	b2bua->buffer = malloc(SIP_MESSAGE_MAX);
	b2bua->nonces = nonces_new();
	b2bua->passed = passed_new();
	b2bua->admission = admission_new();
	b2bua->transactions =
	    sip_transactions_new(&transaction_ops, b2bua, NULL, room_transactions(config));
	if (!b2bua->buffer || !b2bua->nonces || !b2bua->passed || !b2bua->admission ||
	    !b2bua->transactions || admission_fit(b2bua->admission, config) < 0 ||
	    table_init(&b2bua->calls, config->max_calls) < 0 ||
	    table_init(&b2bua->dialogs, (size_t)config->max_calls * 2) < 0 ||
	    timers_init(b2bua, config->max_calls + EMERGENCY_SPARE) < 0 ||
	    trunks_new(&b2bua->trunks, b2bua) < 0 || phones_new(&b2bua->phones, b2bua) < 0 ||
	    watch_new(&b2bua->watch, b2bua) < 0)
		goto fail;
	sip_transactions_bytes_limit(b2bua->transactions, room_message_bytes(config));
	b2bua->clock = clock_new(loop, due, b2bua);
	if (!b2bua->clock)
		goto fail;
	*b2bua_out = b2bua;
	return 0;
fail:
	b2bua_free(b2bua);
	return -ENOMEM;
}

/* Room for as many messages as there was, or as config asks for, whatever is more: growing alone
 * would give each new place what one of a living call takes. */
static int transactions_fit(struct sip_transactions *transactions, const struct config *config)
{
	uint64_t before = sip_transactions_bytes_most(transactions);
	uint64_t wanted = room_message_bytes(config);
	int rc = sip_transactions_grow(transactions, room_transactions(config));

	if (rc == 0)
		sip_transactions_bytes_limit(transactions, wanted > before ? wanted : before);
	return rc;
}

int b2bua_fit(struct b2bua *b2bua, const struct config *config, char *error, size_t size)
{
	size_t calls = config->max_calls;
	int rc = admission_fit(b2bua->admission, config);

	if (rc == 0)
		rc = transactions_fit(b2bua->transactions, config);
	if (rc == 0)
		rc = timers_grow(b2bua, config->max_calls + EMERGENCY_SPARE);
	if (rc == 0)
		rc = table_grow(&b2bua->calls, calls);
	if (rc == 0)
		rc = table_grow(&b2bua->dialogs, calls * 2);
	if (rc < 0)
		snprintf(error, size, "max_calls: no memory for %zu calls", calls);
	return rc;
}

void b2bua_attach(struct b2bua *b2bua, struct net *net, struct media *media)
{
	b2bua->net = net;
	b2bua->media = media;
	b2bua_enter(b2bua);
	trunks_start(b2bua->trunks);
	b2bua_leave(b2bua);
	watch_start(b2bua->watch);
}

static void bury(struct b2bua *b2bua)
{
	struct call *call;

	while ((call = TAILQ_FIRST(&b2bua->dead))) {
		TAILQ_REMOVE(&b2bua->dead, call, link);
		call_free(call);
	}
}

void b2bua_free(struct b2bua *b2bua)
{
	struct call *call;

	if (!b2bua)
		return;
	while ((call = TAILQ_FIRST(&b2bua->all))) {
		TAILQ_REMOVE(&b2bua->all, call, link);
		call_free(call);
	}
	bury(b2bua);
	trunks_free(b2bua->trunks);
	detour_forget_all(b2bua);
	phones_free(b2bua->phones);
	if (b2bua->transactions)
		sip_transactions_free(b2bua->transactions);
	uac_sweep(b2bua, UAC_SWEEP_ALL);
	abandoned_free_all(b2bua);
	watch_free(b2bua->watch);
	clock_free(b2bua->clock);
	table_free(&b2bua->calls);
	table_free(&b2bua->dialogs);
	timer_heap_free(&b2bua->timers);
	nonces_free(b2bua->nonces);
	passed_free(b2bua->passed);
	admission_free(b2bua->admission);
	free(b2bua->buffer);
	free(b2bua);
}

uint64_t b2bua_now_ms(const struct b2bua *b2bua)
{
	return clock_now_ms(b2bua->clock);
}

void b2bua_wipe(struct b2bua *b2bua, long length)
{
	explicit_bzero(b2bua->buffer, length > 0 ? (size_t)length : SIP_MESSAGE_MAX);
}

unsigned b2bua_peer_calls_to(const struct b2bua *b2bua, const struct config_peer *peer)
{
	return admission_peer(b2bua->admission, peer, ADMISSION_OUT).calls;
}

bool b2bua_peer_is_down(const struct b2bua *b2bua, const struct config_peer *peer)
{
	return watch_is_down(b2bua->watch, peer);
}

json_t *b2bua_peer_watch(const struct b2bua *b2bua, const struct config_peer *peer)
{
	return watch_json(b2bua->watch, peer);
}

/* ---- events ---- */

void b2bua_enter(struct b2bua *b2bua)
{
	b2bua->depth++;
}

static void check_drained(struct b2bua *b2bua, uint64_t now)
{
	void (*drained)(void *user) = b2bua->drained;

	bool waits = b2bua->call_count > 0 || trunks_leaving(b2bua->trunks);

	if (!drained || (waits && now < b2bua->drain_until_ms))
		return;
	b2bua->drained = NULL;
	drained(b2bua->drained_user);
}

static int64_t sooner(int64_t a, int64_t b)
{
	if (a < 0 || b < 0)
		return a < 0 ? b : a;
	return a < b ? a : b;
}

static int64_t until_drained(const struct b2bua *b2bua, uint64_t now)
{
	if (!b2bua->drained)
		return -1;
	return b2bua->drain_until_ms > now ? (int64_t)(b2bua->drain_until_ms - now) : 0;
}

void b2bua_leave(struct b2bua *b2bua)
{
	uint64_t now = b2bua_now_ms(b2bua);
	int64_t next;

	if (b2bua->depth > 1) {
		b2bua->depth--;
		return;
	}
	/* what runs here may enter and leave again: only the depth of 1 gets this far */
	timers_run(b2bua);
	watch_run(b2bua->watch);
	trunks_run(b2bua->trunks);
	phones_run(b2bua->phones);
	next = sip_transactions_run(b2bua->transactions, now);
	next = sooner(next, timers_next(b2bua));
	next = sooner(next, watch_next(b2bua->watch));
	next = sooner(next, trunks_next(b2bua->trunks));
	next = sooner(next, phones_next(b2bua->phones));
	next = sooner(next, call_sweep(b2bua));
	bury(b2bua);
	uac_sweep(b2bua, UAC_SWEEP_OLD);
	b2bua->depth--;
	clock_arm(b2bua->clock, sooner(next, until_drained(b2bua, now)));
	check_drained(b2bua, now);
}

int b2bua_send(struct b2bua *b2bua, const struct sip_flow *flow, const char *data, size_t length)
{
	static const char crypto[] = "a=crypto:";

	/* Whatever led here, and however often a message is sent again: no key in clear. */
	if (!net_flow_encrypted(b2bua->net, flow) &&
	    memmem(data, length, crypto, sizeof(crypto) - 1)) {
		b2bua->counters.key_withheld++;
		return -EPERM;
	}
	return net_send(b2bua->net, flow, data, length);
}

bool b2bua_may_log(struct b2bua *b2bua)
{
	uint64_t second = b2bua_now_ms(b2bua) / 1000;

	if (second != b2bua->log_second) {
		if (b2bua->log_count > LOG_REFUSALS_A_SECOND)
			log_event(LOG_NOTE, "%u more lines were not written",
				  b2bua->log_count - LOG_REFUSALS_A_SECOND);
		b2bua->log_second = second;
		b2bua->log_count = 0;
	}
	return ++b2bua->log_count <= LOG_REFUSALS_A_SECOND;
}

void b2bua_refused(struct b2bua *b2bua, const struct config_peer *peer,
		   const struct verdict *verdict)
{
	b2bua->counters.cause[verdict->cause]++;
	if (b2bua_may_log(b2bua))
		log_event(verdict->cause == CAUSE_MALFORMED ? LOG_MESSAGE_REFUSED
							    : LOG_CALL_REFUSED,
			  "from %s: %u %s: %s", peer ? peer->name : "?", verdict_status(verdict),
			  cause_facts(verdict->cause)->name,
			  verdict->detail[0] ? verdict->detail : verdict_text(verdict));
}

static void malformed(struct b2bua *b2bua, const struct sip_message *message,
		      const struct sip_flow *flow, const struct sip_parse_error *error)
{
	struct verdict verdict = {.cause = CAUSE_MALFORMED, .status = error->status};

	snprintf(verdict.text, sizeof(verdict.text), "%s", error->reason);
	b2bua_refused(b2bua, b2bua->sender, &verdict);
	if (error->status && message->request && message->method != SIP_METHOD_ACK)
		reply_stateless(b2bua, message, flow, &verdict);
}

static void full(struct b2bua *b2bua, const struct sip_message *message,
		 const struct sip_flow *flow)
{
	struct verdict verdict = {.cause = CAUSE_OVERLOAD};

	b2bua_refused(b2bua, b2bua->sender, &verdict);
	if (message->request && message->method != SIP_METHOD_ACK)
		reply_stateless(b2bua, message, flow, &verdict);
}

static void receive(struct b2bua *b2bua, const struct sip_lookup *lookup,
		    const struct sip_message *message, const struct sip_flow *flow)
{
	if (message->request && sip_param(message->via.params, "alias").ptr)
		net_connection_alias(b2bua->net, flow->connection);
	if (sip_lookup_receive(lookup, message, b2bua_now_ms(b2bua)) == -ENOSPC)
		full(b2bua, message, flow);
}

static void message_received(void *user, const struct config_peer *peer,
			     const struct sip_flow *flow, const char *data, size_t length)
{
	struct b2bua *b2bua = user;
	struct sip_message message;
	struct sip_lookup lookup;
	struct sip_parse_error error = {0};

	b2bua_enter(b2bua);
	b2bua->sender = peer;
	if (shed_message(b2bua, flow, data, length))
		; /* overloaded */
	else if (sip_lookup_parse(&lookup, b2bua->transactions, flow, &message, data, length,
				  &error) < 0)
		malformed(b2bua, &message, flow, &error);
	else if (authenticate_challenge(b2bua, &message, flow))
		; /* nothing of it is kept */
	else
		receive(b2bua, &lookup, &message, flow);
	b2bua->sender = NULL;
	b2bua->sender_user[0] = '\0';
	b2bua->heard = NULL;
	b2bua->heard_by = NULL;
	b2bua_leave(b2bua);
}

/* Calls stay: the peer may connect again, and what we owe it opens a new connection to it. */
static void connection_lost(void *user, const struct config_peer *peer, uint64_t connection)
{
	struct b2bua *b2bua = user;

	b2bua_enter(b2bua);
	detour_begin(b2bua, peer, connection);
	trunks_connection_lost(b2bua->trunks, connection);
	phones_connection_lost(b2bua->phones, connection);
	b2bua_leave(b2bua);
}

const struct net_ops b2bua_net_ops = {
    .message = message_received,
    .connection_lost = connection_lost,
};

void b2bua_record(struct b2bua *b2bua, struct records *records)
{
	b2bua->records = records;
}

void b2bua_shed(struct b2bua *b2bua, struct overload *overload)
{
	b2bua->overload = overload;
	b2bua->shed_key = (struct siphash_key){random_number(), random_number()};
}

struct b2bua_transactions b2bua_transactions(const struct b2bua *b2bua)
{
	struct sip_transaction_counters counters;

	sip_transactions_counters(b2bua->transactions, &counters);
	return (struct b2bua_transactions){
	    .used = counters.servers + counters.clients,
	    .most = sip_transactions_most(b2bua->transactions),
	    .bytes = counters.bytes,
	    .bytes_most = sip_transactions_bytes_most(b2bua->transactions),
	};
}

const struct admission *b2bua_admission(const struct b2bua *b2bua)
{
	return b2bua->admission;
}

unsigned b2bua_calls(const struct b2bua *b2bua)
{
	return b2bua->call_count;
}

bool b2bua_is_draining(const struct b2bua *b2bua)
{
	return b2bua->draining;
}

int b2bua_call_hangup(struct b2bua *b2bua, const char *id)
{
	struct call *call = call_find(b2bua, id);

	if (!call || call->state == CALL_ENDING)
		return -ENOENT;
	b2bua_enter(b2bua);
	call_end_cause(call, CAUSE_OPERATOR, NULL);
	b2bua_leave(b2bua);
	return 0;
}

void b2bua_serve(struct b2bua *b2bua, enum b2bua_service service)
{
	b2bua->draining = service == B2BUA_DRAINING;
}

void b2bua_end_calls(struct b2bua *b2bua)
{
	struct call *call, *next;

	b2bua_enter(b2bua);
	for (call = TAILQ_FIRST(&b2bua->all); call; call = next) {
		next = TAILQ_NEXT(call, link);
		call_end_cause(call, CAUSE_DRAINING, NULL);
	}
	trunks_stop(b2bua->trunks);
	b2bua_leave(b2bua);
}

void b2bua_drain(struct b2bua *b2bua, unsigned timeout_ms, void (*done)(void *user), void *user)
{
	b2bua_enter(b2bua);
	b2bua->draining = true;
	b2bua->drained = done;
	b2bua->drained_user = user;
	b2bua->drain_until_ms = b2bua_now_ms(b2bua) + timeout_ms;
	b2bua_end_calls(b2bua);
	b2bua_leave(b2bua);
}
