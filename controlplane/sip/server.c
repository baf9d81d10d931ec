/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Server transactions (RFC 3261 17.2, figures 7 and 8; RFC 6026 7.1; RFC 4320 4). Timers are set
 * before anything is sent or called, because both may come back into the table.
 */
#include <errno.h>
#include <stdlib.h>

#include "sip/message_copy.h"
#include "sip/txn.h"
#include "sip/writer.h"

#define TRYING_AFTER_MS 200 /* RFC 3261 17.2.1 */

/* ---- life ---- */

/* A copy of the bytes, and of what the parser made of them. */
static int request_keep(struct sip_server *server, const struct sip_message *request)
{
	int result =
	    txn_bytes_set(server->txn.table, &server->request, request->raw.ptr, request->raw.len);

	if (result < 0)
		return result;
	server->message = sip_message_copy(request, server->request.data);
	return server->message ? 0 : -ENOMEM;
}

/* Nothing is made of it any more; what may come again is found by its fingerprint. */
static void request_forget(struct sip_server *server)
{
	txn_bytes_free(server->txn.table, &server->request);
	free(server->message);
	server->message = NULL;
}

void server_free(struct sip_server *server)
{
	request_forget(server);
	txn_bytes_free(server->txn.table, &server->txn.again);
	txn_give(server->txn.table, &server->txn);
}

void server_unmerge(struct sip_server *server)
{
	struct txn *txn = &server->txn;

	if (txn->merges)
		line_table_remove(&txn->table->merges, server->merge.low, txn->number);
	txn->merges = false;
}

/* 0 or -errno: found by neither. */
static int make_findable(struct sip_server *server, const struct sip_message *request,
			 const struct fingerprint *key, const struct fingerprint *merge)
{
	struct txn *txn = &server->txn;
	int rc = txn_keep(txn, key);

	if (rc < 0)
		return rc;
	server->merge = *merge;
	if (request->to.tag.ptr)
		return 0;
	rc = line_table_insert(&txn->table->merges, server->merge.low, txn->number);
	txn->merges = rc == 0;
	if (rc < 0)
		txn_hide(txn);
	return rc;
}

/* Only over UDP an answer may go to another port than where the request came from. */
static in_port_t reply_port_be(const struct sip_flow *flow, const struct sip_via *via)
{
	struct sip_flow reply = sip_flow_reply(flow, via);

	return sip_flow_port_be(&reply) == sip_flow_port_be(flow) ? 0 : sip_flow_port_be(&reply);
}

/* RFC 4320 4.1: when a UDP client's timer E has grown to T2. */
static uint64_t late_trying_ms(const struct sip_timers *timers)
{
	uint64_t interval = timers->t1, elapsed = 0;

	for (; interval < timers->t2; interval *= 2)
		elapsed += interval;
	return elapsed;
}

struct sip_server *server_new(struct sip_transactions *table, const struct sip_message *request,
			      const struct sip_flow *flow, const struct fingerprint *key,
			      const struct fingerprint *merge)
{
	struct txn *txn = txn_take(table);
	struct sip_server *server;

	if (!txn)
		return NULL;
	server = sip_container_of(txn, struct sip_server, txn);
	if (request_keep(server, request) < 0 || make_findable(server, request, key, merge) < 0) {
		server_free(server);
		return NULL;
	}
	server->to_tag = server_to_tag(table, request);
	txn->reply_port_be = reply_port_be(flow, &request->via);
	txn_begin(txn, table, TXN_SERVER, flow);
	txn->invite = request->method == SIP_METHOD_INVITE;
	txn->retransmit_at_ms =
	    table->now_ms + (txn->invite ? TRYING_AFTER_MS : late_trying_ms(&table->timers));
	txn_schedule(txn);
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
	if (!server->txn.acknowledged)
		table->counters.unacknowledged++;
	if (!txn->detached && table->ops.server_ended)
		table->ops.server_ended(txn->user, server, server->txn.acknowledged);
}

void server_connection_lost(struct sip_server *server)
{
	struct txn *txn = &server->txn;
	bool pending = txn->state == TXN_TRYING || txn->state == TXN_PROCEEDING;

	server->txn.disconnected = true;
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

	if (txn->moving)
		return 0; /* it is kept, and sent when there is another connection */
	if (txn->disconnected)
		return -ENOTCONN;
	if (!txn->reply_port_be)
		return txn_send(txn->table, &txn->flow, txn->again.data, txn->again.length);
	reply = txn->flow;
	sip_flow_set_port_be(&reply, txn->reply_port_be);
	return txn_send(txn->table, &reply, txn->again.data, txn->again.length);
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
		return server->txn.invite && !server->txn.acknowledged;
	default:
		return false;
	}
}

bool server_connection_moving(struct sip_server *server)
{
	if (owes_answer(server))
		server->txn.moving = true;
	else
		server_connection_lost(server);
	return server->txn.moving;
}

void server_connection_moved(struct sip_server *server, const struct sip_flow *flow)
{
	struct txn *txn = &server->txn;
	struct sip_transactions *table = txn->table;
	struct fingerprint key;

	if (!server->txn.moving)
		return;
	server->txn.moving = false;
	/* it may have had its ACK meanwhile: then it is over */
	if (!flow || flow->transport != txn->flow.transport || !server->message) {
		server_connection_lost(server);
		return;
	}
	txn_hide(txn);
	index_remove(&txn->by_connection);
	txn->flow = *flow;
	key = server_key(table, server->message, flow);
	(void)txn_keep(txn, &key); /* in the room that it had */
	txn_connect(txn);
	if (txn->state == TXN_COMPLETED && !txn->invite) {
		txn->expire_at_ms = table->now_ms;
		txn_schedule(txn);
	}
	if (server->txn.again.data && server_send(server) < 0 && txn->state != TXN_ENDED)
		txn_end(txn);
}

long server_answer_write(struct sip_transactions *table, const struct sip_message *request,
			 const struct sip_flow *flow, unsigned status, struct str to_tag)
{
	struct sip_writer writer;

	sip_writer_response_to(&writer, table->scratch, sizeof(table->scratch), request, status,
			       NULL, to_tag, &flow->remote);
	return sip_writer_end(&writer, NULL, STR(""));
}

static void trying_send(struct sip_server *server)
{
	struct txn *txn = &server->txn;
	struct sip_transactions *table = txn->table;
	long length =
	    server_answer_write(table, server->message, &txn->flow, 100, (struct str){NULL, 0});

	txn->state = TXN_PROCEEDING;
	txn->retransmit_at_ms = TIMER_NEVER;
	txn_schedule(txn);
	if (length > 0 && txn_bytes_set(server->txn.table, &server->txn.again, table->scratch,
					(size_t)length) == 0)
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
	struct txn *txn = &server->txn;

	if (txn->state == TXN_TRYING) {
		trying_send(server);
	} else if (txn->invite) {
		final_send_again(server);
	} else { /* not in the answer itself: who gave it may have the request in hand */
		request_forget(server);
		txn->retransmit_at_ms = TIMER_NEVER;
		txn_schedule(txn);
	}
}

/* ---- in: see server_receive.c ---- */

void server_again(struct sip_server *server)
{
	struct txn *txn = &server->txn;

	txn->table->counters.retransmissions_received++;
	/* RFC 6026 7.1: Accepted absorbs it, the 2xx has its own timer */
	if (txn->state != TXN_PROCEEDING && txn->state != TXN_COMPLETED)
		return;
	if (!server->txn.again.data)
		return;
	txn->table->counters.retransmissions_sent++;
	if (server_send(server) < 0 && txn->state == TXN_COMPLETED)
		txn_end(txn);
}

void server_confirm(struct sip_server *server)
{
	struct txn *txn = &server->txn;

	txn->acknowledged = true;
	request_forget(server);
	txn->state = TXN_CONFIRMED;
	txn->retransmit_at_ms = TIMER_NEVER;
	txn->expire_at_ms =
	    txn->table->now_ms + (txn->reliable ? 0 : txn->table->timers.t4); /* I */
	txn_schedule(txn);
}

struct str server_last_tag(const struct sip_server *server, struct sip_message *message)
{
	if (server->txn.again.data &&
	    sip_message_parse(message, server->txn.again.data, server->txn.again.length, NULL) == 0)
		return message->to.tag;
	return (struct str){NULL, 0};
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
	if (txn->state == TXN_ACCEPTED || (txn->invite && !txn->reliable))
		txn->retransmit_at_ms = now + table->timers.t1;
	else
		txn->retransmit_at_ms = txn->reliable ? TIMER_NEVER : now; /* request_forget() */
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
	result = txn_bytes_set(server->txn.table, &server->txn.again, data, length);
	if (result < 0)
		return result;
	if (status >= 200) {
		final_enter(txn, status);
	} else {
		txn->state = TXN_PROCEEDING;
		txn->retransmit_at_ms = TIMER_NEVER;
	}
	if (server->txn.moving && status >= 200 && !txn->invite)
		txn->expire_at_ms = txn->table->now_ms + txn_patience_ms(txn->table);
	txn_schedule(txn);
	if (!txn->invite && status == 408) { /* RFC 4320 4.2 */
		txn_bytes_free(server->txn.table, &server->txn.again);
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

	if (txn->state != TXN_PROCEEDING || !server->txn.again.data)
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
	server->txn.acknowledged = true;
	txn_bytes_free(txn->table, &txn->again);
	request_forget(server);
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
