/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Server transactions (RFC 3261 17.2, figures 7 and 8; RFC 6026 7.1; RFC 4320 4). Timers are set
 * before anything is sent or called, because both may come back into the table.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "sip/message_copy.h"
#include "sip/txn.h"
#include "sip/writer.h"

#define TRYING_AFTER_MS 200 /* RFC 3261 17.2.1 */

/* ---- life ---- */

/* A copy of the bytes, and of what the parser made of them. */
static int request_keep(struct sip_server *server, const struct sip_message *request)
{
	int result = txn_bytes_set(&server->txn.request, request->raw.ptr, request->raw.len);

	if (result < 0)
		return result;
	server->message = sip_message_copy(request, server->txn.request.data);
	return server->message ? 0 : -ENOMEM;
}

void server_free(struct sip_server *server)
{
	txn_bytes_free(&server->txn.request);
	txn_bytes_free(&server->response);
	free(server->message);
	free(server);
}

/* RFC 4320 4.1: when a UDP client's timer E has grown to T2. */
static uint64_t late_trying_ms(const struct sip_timers *timers)
{
	uint64_t interval = timers->t1, elapsed = 0;

	for (; interval < timers->t2; interval *= 2)
		elapsed += interval;
	return elapsed;
}

static struct sip_server *server_new(struct sip_transactions *table,
				     const struct sip_message *request, const struct sip_flow *flow)
{
	struct sip_server *server = calloc(1, sizeof(*server));
	struct txn *txn;

	if (!server)
		return NULL;
	if (request_keep(server, request) < 0) {
		server_free(server);
		return NULL;
	}
	txn = &server->txn;
	txn_begin(txn, table, TXN_SERVER, flow);
	txn->invite = request->method == SIP_METHOD_INVITE;
	txn->retransmit_at_ms =
	    table->now_ms + (txn->invite ? TRYING_AFTER_MS : late_trying_ms(&table->timers));
	txn_schedule(txn);
	index_insert(&table->servers, &txn->by_key, server_key_hash(table, request, flow));
	if (!request->to.tag.ptr)
		index_insert(&table->merges, &server->by_merge, server_merge_hash(table, request));
	return server;
}

void server_expire(struct sip_server *server)
{
	struct txn *txn = &server->txn;
	struct sip_transactions *table = txn->table;

	txn_remove(txn);
	txn->state = TXN_ENDED;
	if (!txn->invite)
		return;
	if (!server->acknowledged)
		table->counters.unacknowledged++;
	if (!txn->detached && table->ops.server_ended)
		table->ops.server_ended(txn->user, server, server->acknowledged);
}

void server_connection_lost(struct sip_server *server)
{
	struct txn *txn = &server->txn;
	bool pending = txn->state == TXN_TRYING || txn->state == TXN_PROCEEDING;

	server->disconnected = true;
	/* who cannot be told that it is gone keeps it until the answer */
	if (pending && !txn->detached && (!txn->invite || !txn->table->ops.server_ended)) {
		txn->retransmit_at_ms = TIMER_NEVER;
		txn_schedule(txn);
		return;
	}
	txn_end(txn);
}

/* ---- out ---- */

static int server_send(struct sip_server *server)
{
	struct txn *txn = &server->txn;
	struct sip_flow reply;

	if (server->moving)
		return 0; /* it is kept, and sent when there is another connection */
	if (server->disconnected)
		return -ENOTCONN;
	reply = sip_flow_reply(&txn->flow, &server->message->via);
	return txn_send(txn->table, &reply, server->response.data, server->response.length);
}

/* Whether an answer is still to come, or may have been lost with the connection. */
static bool owes_answer(const struct sip_server *server)
{
	switch (server->txn.state) {
	case TXN_TRYING:
	case TXN_PROCEEDING:
		return true;
	case TXN_COMPLETED:
	case TXN_ACCEPTED:
		return server->txn.invite && !server->acknowledged;
	default:
		return false;
	}
}

bool server_connection_moving(struct sip_server *server)
{
	if (owes_answer(server))
		server->moving = true;
	else
		server_connection_lost(server);
	return server->moving;
}

void server_connection_moved(struct sip_server *server, const struct sip_flow *flow)
{
	struct txn *txn = &server->txn;
	struct sip_transactions *table = txn->table;

	if (!server->moving)
		return;
	server->moving = false;
	if (!flow || flow->transport != txn->flow.transport) {
		server_connection_lost(server);
		return;
	}
	index_remove(&txn->by_key);
	index_remove(&txn->by_connection);
	txn->flow = *flow;
	index_insert(&table->servers, &txn->by_key, server_key_hash(table, server->message, flow));
	txn_connect(txn);
	if (txn->state == TXN_COMPLETED && !txn->invite) {
		txn->expire_at_ms = table->now_ms;
		txn_schedule(txn);
	}
	if (server->response.data && server_send(server) < 0 && txn->state != TXN_ENDED)
		txn_end(txn);
}

/* An answer that the table makes by itself, in scratch. */
static long answer_write(struct sip_transactions *table, const struct sip_message *request,
			 const struct sip_flow *flow, unsigned status, struct str to_tag)
{
	struct sip_writer writer;

	sip_writer_response_to(&writer, table->scratch, sizeof(table->scratch), request, status,
			       NULL, to_tag, &flow->remote);
	return sip_writer_end(&writer, NULL, STR(""));
}

/* A tag made from the request; hashed again, for it must not tell how requests are hashed. */
static struct str stateless_tag(const struct sip_transactions *table,
				const struct sip_message *request, const struct sip_flow *flow,
				char tag[17])
{
	uint64_t hash = server_key_hash(table, request, flow);
	const struct str part[] = {STR("tag"), {(const char *)&hash, sizeof(hash)}};

	snprintf(tag, 17, "%016llx", (unsigned long long)txn_hash(table, part, 2));
	return str_of(tag);
}

/*
 * Answers without a transaction: each retransmission of the request must get the same, tag included
 * (RFC 3261 8.2.7). to_tag: the tag to repeat, absent if none.
 */
static void answer_stateless(struct sip_transactions *table, const struct sip_message *request,
			     const struct sip_flow *flow, unsigned status, struct str to_tag)
{
	struct sip_flow reply = sip_flow_reply(flow, &request->via);
	char tag[17];
	long length;

	if (!to_tag.ptr)
		to_tag = stateless_tag(table, request, flow, tag);
	length = answer_write(table, request, flow, status, to_tag);
	if (length > 0)
		txn_send(table, &reply, table->scratch, (size_t)length);
}

static void trying_send(struct sip_server *server)
{
	struct txn *txn = &server->txn;
	struct sip_transactions *table = txn->table;
	long length = answer_write(table, server->message, &txn->flow, 100, (struct str){NULL, 0});

	txn->state = TXN_PROCEEDING;
	txn->retransmit_at_ms = TIMER_NEVER;
	txn_schedule(txn);
	if (length > 0 && txn_bytes_set(&server->response, table->scratch, (size_t)length) == 0)
		server_send(server);
}

/* Timer G and the 2xx of RFC 3261 13.3.1.4: T1, doubling up to T2. */
static void final_send_again(struct sip_server *server)
{
	struct txn *txn = &server->txn;
	struct sip_transactions *table = txn->table;

	txn->interval_ms *= 2;
	if (txn->interval_ms > table->timers.t2)
		txn->interval_ms = table->timers.t2;
	txn->retransmit_at_ms = table->now_ms + txn->interval_ms;
	txn_schedule(txn);
	table->counters.retransmissions_sent++;
	if (server_send(server) < 0 && txn->state != TXN_ENDED)
		txn_end(txn);
}

void server_retransmit_due(struct sip_server *server)
{
	if (server->txn.state == TXN_TRYING)
		trying_send(server);
	else
		final_send_again(server);
}

/* ---- in ---- */

/* A request again: the last answer again, if its state has one to give. */
static void request_again(struct sip_server *server)
{
	struct txn *txn = &server->txn;

	txn->table->counters.retransmissions_received++;
	/* RFC 6026 7.1: Accepted absorbs it, the 2xx has its own timer */
	if (txn->state != TXN_PROCEEDING && txn->state != TXN_COMPLETED)
		return;
	if (!server->response.data)
		return;
	txn->table->counters.retransmissions_sent++;
	if (server_send(server) < 0 && txn->state == TXN_COMPLETED)
		txn_end(txn);
}

static void ack_receive(struct sip_transactions *table, const struct sip_message *ack,
			const struct sip_flow *flow)
{
	struct sip_server *server = server_find(table, ack, flow);
	struct txn *txn = server ? &server->txn : NULL;

	if (!server || txn->state == TXN_ACCEPTED) { /* of a 2xx: the dialog's (RFC 6026 7.1) */
		table->ops.request(table->user, NULL, ack, flow);
	} else if (txn->state == TXN_COMPLETED) {
		server->acknowledged = true;
		txn->state = TXN_CONFIRMED;
		txn->retransmit_at_ms = TIMER_NEVER;
		txn->expire_at_ms = table->now_ms + (txn->reliable ? 0 : table->timers.t4); /* I */
		txn_schedule(txn);
	} else if (txn->state == TXN_TRYING || txn->state == TXN_PROCEEDING) {
		table->counters.stray_acks++;
	}
}

/* RFC 3261 9.2: the answer to the CANCEL should have the tag of those to the INVITE. */
struct str server_last_tag(const struct sip_server *server, struct sip_message *message)
{
	if (server->response.data &&
	    sip_message_parse(message, server->response.data, server->response.length, NULL) == 0)
		return message->to.tag;
	return (struct str){NULL, 0};
}

/* RFC 3261 9.1: it repeats these of its INVITE; who only guessed a branch does not know them. */
static bool cancels(const struct sip_message *cancel, const struct sip_message *invite)
{
	return str_eq(cancel->call_id, invite->call_id) &&
	       str_eq(cancel->from.tag, invite->from.tag) && cancel->cseq == invite->cseq;
}

/* RFC 3261 9.2. No transaction of its own: the answer to a retransmission is the same anyway. */
static void cancel_receive(struct sip_transactions *table, const struct sip_message *cancel,
			   const struct sip_flow *flow)
{
	struct sip_server *invite = server_find(table, cancel, flow);
	struct sip_message last;

	if (!invite || !cancels(cancel, invite->message)) {
		table->counters.stray_cancels++;
		answer_stateless(table, cancel, flow, 481, (struct str){NULL, 0});
		return;
	}
	answer_stateless(table, cancel, flow, 200, server_last_tag(invite, &last));
	if (invite->cancelled) {
		table->counters.retransmissions_received++;
		return;
	}
	if (invite->txn.state != TXN_TRYING && invite->txn.state != TXN_PROCEEDING)
		return;
	invite->cancelled = true;
	if (!invite->txn.detached)
		table->ops.cancel(table->user, invite, cancel);
}

static int request_receive(struct sip_transactions *table, const struct sip_message *request,
			   const struct sip_flow *flow)
{
	struct sip_server *server = server_find(table, request, flow);

	if (server) {
		request_again(server);
		return 0;
	}
	if (server_is_merged(table, request)) {
		table->counters.merged++;
		answer_stateless(table, request, flow, 482, (struct str){NULL, 0});
		return 0;
	}
	if (txn_full(table))
		return -ENOSPC;
	server = server_new(table, request, flow);
	if (!server)
		return -ENOSPC;
	table->ops.request(table->user, server, server->message, &server->txn.flow);
	return 0;
}

int server_receive(struct sip_transactions *table, const struct sip_message *request,
		   const struct sip_flow *flow)
{
	if (request->method == SIP_METHOD_ACK)
		ack_receive(table, request, flow);
	else if (request->method == SIP_METHOD_CANCEL)
		cancel_receive(table, request, flow);
	else
		return request_receive(table, request, flow);
	return 0;
}

/* ---- the user's ---- */

/* Where a final answer leads, and until when. */
static void final_enter(struct txn *txn, unsigned status)
{
	const struct sip_transactions *table = txn->table;
	uint64_t now = table->now_ms;

	txn->state = txn->invite && status < 300 ? TXN_ACCEPTED : TXN_COMPLETED;
	txn->interval_ms = table->timers.t1;
	/* G on UDP only, a 2xx on all; other methods wait for the request again */
	txn->retransmit_at_ms = txn->state == TXN_ACCEPTED || (txn->invite && !txn->reliable)
				    ? now + table->timers.t1
				    : TIMER_NEVER;
	/* H and L on all, J on UDP only */
	txn->expire_at_ms = txn->invite || !txn->reliable ? now + txn_patience_ms(table) : now;
}

static int respond_check(const struct txn *txn, unsigned status, size_t length)
{
	if (txn->state != TXN_TRYING && txn->state != TXN_PROCEEDING)
		return -EALREADY;
	if (status < 100 || status > 699 || length == 0 || length > SIP_MESSAGE_MAX)
		return -EINVAL;
	if (!txn->invite && status > 100 && status < 200) /* RFC 4320 4.1 */
		return -EINVAL;
	return 0;
}

int sip_server_respond(struct sip_server *server, unsigned status, const char *data, size_t length,
		       uint64_t now_ms)
{
	struct txn *txn = &server->txn;
	int result = respond_check(txn, status, length);

	if (result < 0)
		return result;
	txn_clock(txn->table, now_ms);
	result = txn_bytes_set(&server->response, data, length);
	if (result < 0)
		return result;
	if (status >= 200) {
		final_enter(txn, status);
	} else {
		txn->state = TXN_PROCEEDING;
		txn->retransmit_at_ms = TIMER_NEVER;
	}
	if (server->moving && status >= 200 && !txn->invite)
		txn->expire_at_ms = txn->table->now_ms + txn_patience_ms(txn->table);
	txn_schedule(txn);
	if (!txn->invite && status == 408) { /* RFC 4320 4.2 */
		txn_bytes_free(&server->response);
		return 0;
	}
	result = server_send(server);
	if (result < 0 && txn->state != TXN_ENDED && (txn->invite || status >= 200))
		txn_end(txn);
	return result;
}

int sip_server_repeat(struct sip_server *server, uint64_t now_ms)
{
	struct txn *txn = &server->txn;

	if (txn->state != TXN_PROCEEDING || !server->response.data)
		return -EALREADY;
	txn_clock(txn->table, now_ms);
	txn->table->counters.retransmissions_sent++;
	return server_send(server);
}

void sip_server_acknowledged(struct sip_server *server, uint64_t now_ms)
{
	struct txn *txn = &server->txn;

	if (txn->state != TXN_ACCEPTED)
		return;
	txn_clock(txn->table, now_ms);
	server->acknowledged = true;
	txn_bytes_free(&server->response);
	txn->retransmit_at_ms = TIMER_NEVER;
	if (txn->reliable) /* nothing is delayed there */
		txn->expire_at_ms = txn->table->now_ms;
	txn_schedule(txn);
}

void sip_server_set_user(struct sip_server *server, void *server_user)
{
	server->txn.user = server_user;
}

void *sip_server_user(const struct sip_server *server)
{
	return server->txn.user;
}

const struct sip_flow *sip_server_flow(const struct sip_server *server)
{
	return &server->txn.flow;
}

const struct sip_message *sip_server_request(const struct sip_server *server)
{
	return server->message;
}

void sip_server_detach(struct sip_server *server)
{
	struct txn *txn = &server->txn;

	txn->detached = true;
	if (txn->expire_at_ms == TIMER_NEVER) { /* nobody is left to answer */
		txn->expire_at_ms = txn->table->now_ms + txn_patience_ms(txn->table);
		txn_schedule(txn);
	}
}
