/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Client transactions (RFC 3261 17.1, figures 5 and 6; RFC 6026 7.2; timer C of 16.6). Timers are
 * set before anything is sent or called, because both may come back into the table.
 */
#include <errno.h>
#include <stdlib.h>

#include "sip/txn.h"

/* ---- keys ---- */

uint64_t client_place(const struct sip_transactions *table, struct str branch)
{
	return siphash(&table->key, branch);
}

static struct fingerprint client_key(const struct sip_transactions *table, struct str branch,
				     struct str method, uint64_t place)
{
	const struct str part[] = {branch, method};
	struct fingerprint key = fingerprint_of(&table->key, part, 2);

	key.low = place;
	return key;
}

static struct sip_client *client_find(const struct sip_transactions *table,
				      const struct fingerprint *key)
{
	struct line_search search = {0};
	struct txn *txn = txn_find(table, TXN_CLIENT, key, &search);

	return txn ? sip_container_of(txn, struct sip_client, txn) : NULL;
}

/* A response comes on the transport of its request; a reliable one, on the same connection. */
static bool same_way(const struct sip_flow *sent, const struct sip_flow *came)
{
	return sent->transport == came->transport && sent->connection == came->connection;
}

/* ---- life ---- */

void client_free(struct sip_client *client)
{
	txn_bytes_free(client->txn.table, &client->txn.again);
	txn_bytes_free(client->txn.table, &client->cancel);
	txn_give(client->txn.table, &client->txn);
}

static bool is_waiting(const struct sip_client *client)
{
	return client->txn.state == TXN_TRYING || client->txn.state == TXN_PROCEEDING;
}

/* No final response will come: the next run says so. */
static void client_fail(struct sip_client *client, enum sip_client_end end)
{
	client->end = end;
	txn_end(&client->txn);
}

void client_connection_lost(struct sip_client *client)
{
	if (is_waiting(client))
		client_fail(client, SIP_CLIENT_TRANSPORT);
	else
		txn_end(&client->txn);
}

static void request_send(struct sip_client *client)
{
	struct txn *txn = &client->txn;

	if (txn_send(txn->table, &txn->flow, txn->again.data, txn->again.length) < 0 &&
	    is_waiting(client))
		client_fail(client, SIP_CLIENT_TRANSPORT);
}

/* A and E on UDP only; B and F on all. */
static void timers_start(struct txn *txn)
{
	const struct sip_transactions *table = txn->table;

	txn->interval_ms = table->timers.t1;
	if (!txn->reliable)
		txn->retransmit_at_ms = table->now_ms + txn->interval_ms;
	txn->expire_at_ms = table->now_ms + txn_patience_ms(table);
	txn_schedule(txn);
}

/* Whether it is a request that a transaction is made of; and which. */
static bool request_read(const struct txn *txn, struct sip_message *request)
{
	return sip_message_parse(request, txn->again.data, txn->again.length, NULL) == 0 &&
	       request->request && request->method != SIP_METHOD_ACK;
}

/* Makes a transaction of a request; its bytes become the client's in any case. */
static int client_new(struct sip_transactions *table, struct sip_client **result,
		      struct txn_bytes *bytes, const struct sip_flow *flow)
{
	struct txn *txn = txn_take(table);
	struct sip_message request;
	struct sip_client *client;
	struct fingerprint key;
	int rc = -EINVAL;

	if (!txn) {
		txn_bytes_free(table, bytes);
		return -ENOMEM;
	}
	client = sip_container_of(txn, struct sip_client, txn);
	txn->again = *bytes;
	*bytes = (struct txn_bytes){NULL, 0};
	if (!request_read(txn, &request))
		goto fail;
	key = client_key(table, request.via.branch, request.method_token,
			 client_place(table, request.via.branch));
	if (client_find(table, &key))
		goto fail;
	rc = txn_keep(txn, &key);
	if (rc < 0)
		goto fail;
	txn_begin(txn, table, TXN_CLIENT, flow);
	txn->invite = request.method == SIP_METHOD_INVITE;
	timers_start(txn);
	*result = client;
	return 0;
fail:
	client_free(client);
	return rc;
}

/* ---- CANCEL ---- */

/* The CANCEL is a transaction of its own, which nobody listens to (RFC 3261 9.1). */
static void cancel_send(struct sip_client *client)
{
	struct txn *txn = &client->txn;
	struct sip_client *cancel;

	txn->expire_at_ms = txn->table->now_ms + txn_patience_ms(txn->table);
	txn_schedule(txn);
	if (client_new(txn->table, &cancel, &client->cancel, &txn->flow) < 0)
		return; /* the INVITE ends by its timer */
	cancel->txn.detached = true;
	request_send(cancel);
}

static int cancel_make(struct sip_client *client, const char *extra_headers)
{
	long length = client_write_cancel(client, extra_headers);

	if (length < 0)
		return (int)length;
	return txn_bytes_set(client->txn.table, &client->cancel, client->txn.table->scratch,
			     (size_t)length);
}

int sip_client_cancel(struct sip_client *client, const char *extra_headers, uint64_t now_ms)
{
	struct sip_transactions *table = client->txn.table;
	int result;

	if (!client->txn.invite)
		return -EINVAL;
	if (!is_waiting(client))
		return -EALREADY;
	if (client->txn.cancelled)
		return 0;
	result = cancel_make(client, extra_headers);
	if (result < 0)
		return result;
	txn_clock(table, now_ms);
	client->txn.cancelled = true;
	if (client->txn.state == TXN_PROCEEDING)
		cancel_send(client);
	return 0;
}

/* ---- timers ---- */

void client_retransmit_due(struct sip_client *client)
{
	struct txn *txn = &client->txn;
	struct sip_transactions *table = txn->table;

	txn->interval_ms *= 2; /* A doubles, E only up to T2 */
	if (!txn->invite && txn->interval_ms > table->timers.t2)
		txn->interval_ms = table->timers.t2;
	txn->retransmit_at_ms = table->now_ms + txn->interval_ms;
	txn_schedule(txn);
	table->counters.retransmissions_sent++;
	request_send(client);
}

/* Timer C: a ringing call is cancelled, and its final response awaited (RFC 3261 16.8). */
static bool timer_c_fired(struct sip_client *client)
{
	if (!client->txn.invite || client->txn.state != TXN_PROCEEDING || client->txn.cancelled ||
	    cancel_make(client, NULL) < 0)
		return false;
	client->txn.cancelled = true;
	cancel_send(client);
	return true;
}

bool client_expire(struct sip_client *client)
{
	struct txn *txn = &client->txn;
	struct sip_transactions *table = txn->table;

	if (timer_c_fired(client))
		return false;
	if (is_waiting(client)) {
		client->end = SIP_CLIENT_TIMEOUT;
		table->counters.timeouts++;
	}
	txn_remove(txn);
	txn->state = TXN_ENDED;
	if (!client->answered && !txn->detached)
		table->ops.client_ended(txn->user, client, client->end);
	return true;
}

/* ---- in ---- */

static void response_give(struct sip_client *client, const struct sip_message *response,
			  const struct sip_flow *flow)
{
	struct txn *txn = &client->txn;

	if (!txn->detached)
		txn->table->ops.response(txn->user, client, response, flow);
}

static void ack_send(struct sip_client *client, const struct sip_message *response)
{
	struct sip_transactions *table = client->txn.table;
	long length = client_write_ack(client, response);

	if (length > 0)
		txn_send(table, &client->txn.flow, table->scratch, (size_t)length);
}

static void provisional_receive(struct sip_client *client, const struct sip_message *response)
{
	struct txn *txn = &client->txn;
	const struct sip_transactions *table = txn->table;
	bool first = txn->state == TXN_TRYING;

	txn->state = TXN_PROCEEDING;
	if (!txn->invite) {
		txn->interval_ms = table->timers.t2; /* and what is under way stays: 17.1.2.2 */
		return;
	}
	txn->retransmit_at_ms = TIMER_NEVER;
	if (!client->txn.cancelled && (first || response->status > 100)) /* RFC 3261 16.7 (2) */
		txn->expire_at_ms = table->now_ms + table->timers.timer_c;
	txn_schedule(txn);
	if (txn->cancelled && client->cancel.data) /* else one line of memory less is met */
		cancel_send(client);
}

/* Nothing sends the request again, and its text may be long and hold keys. */
static void request_forget(struct sip_client *client)
{
	txn_bytes_free(client->txn.table, &client->txn.again);
}

/* M, D and K: how long the final response may come again. */
static void final_receive(struct sip_client *client, const struct sip_message *response)
{
	struct txn *txn = &client->txn;
	const struct sip_transactions *table = txn->table;
	bool accepted = txn->invite && response->status < 300;
	uint64_t wait = txn->invite ? txn_patience_ms(table) : table->timers.t4;

	client->answered = true;
	txn->state = accepted ? TXN_ACCEPTED : TXN_COMPLETED;
	txn->retransmit_at_ms = TIMER_NEVER;
	txn->expire_at_ms = table->now_ms + (accepted || !txn->reliable ? wait : 0);
	txn_schedule(txn);
	/* the ACK of a refusal is made of the INVITE, each time (17.1.1.3) */
	if (txn->invite && !accepted)
		ack_send(client, response);
	else if (txn->expire_at_ms > table->now_ms)
		request_forget(client);
}

/* After the final response: a 2xx is the user's again, a refusal is acknowledged again. */
static void final_again(struct sip_client *client, const struct sip_message *response,
			const struct sip_flow *flow)
{
	struct txn *txn = &client->txn;

	if (response->status < 200)
		return;
	txn->table->counters.retransmissions_received++;
	if (txn->state == TXN_ACCEPTED && response->status < 300)
		response_give(client, response, flow);
	else if (txn->state == TXN_COMPLETED && txn->invite && response->status >= 300)
		ack_send(client, response);
}

void client_receive(struct sip_transactions *table, const struct sip_message *response,
		    const struct sip_flow *flow, const uint64_t *place)
{
	struct str branch = response->via.branch;
	struct fingerprint key = client_key(table, branch, response->cseq_method,
					    place ? *place : client_place(table, branch));
	struct sip_client *client = client_find(table, &key);

	/* RFC 3261 8.1.3.3: a response with more than our Via is not for us */
	if (!client || response->via_count != 1 || !same_way(&client->txn.flow, flow)) {
		table->counters.stray_responses++;
		if (table->ops.stray_response)
			table->ops.stray_response(table->user, response);
		return;
	}
	if (!is_waiting(client)) {
		final_again(client, response, flow);
		return;
	}
	if (response->status < 200)
		provisional_receive(client, response);
	else
		final_receive(client, response);
	response_give(client, response, flow);
}

/* ---- the user's ---- */

int sip_client_start(struct sip_transactions *table, struct sip_client **client, const char *data,
		     size_t length, const struct sip_flow *flow, void *client_user, uint64_t now_ms)
{
	struct txn_bytes bytes = {NULL, 0};
	struct sip_client *made;
	int result;

	if (length == 0 || length > SIP_MESSAGE_MAX)
		return -EINVAL;
	if (txn_full(table))
		return -ENOSPC;
	txn_clock(table, now_ms);
	result = txn_bytes_set(table, &bytes, data, length);
	if (result < 0)
		return result;
	result = client_new(table, &made, &bytes, flow);
	if (result < 0)
		return result;
	made->txn.user = client_user;
	*client = made;
	request_send(made);
	return 0;
}

void sip_client_detach(struct sip_client *client)
{
	client->txn.detached = true;
	client->txn.user = NULL;
}

void sip_client_set_user(struct sip_client *client, void *client_user)
{
	client->txn.user = client_user;
}
