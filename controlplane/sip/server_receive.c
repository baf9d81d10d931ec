/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a request that comes in is to the server transactions: a new one, a retransmission, an ACK,
 * a CANCEL (RFC 3261 9.2, 17.2.3); or nothing of them, which is answered without keeping anything.
 */
#include <errno.h>
#include <stdio.h>

#include "sip/txn.h"

/* ---- answers without a transaction ---- */

/* A tag made from the request; hashed again, for it must not tell how requests are hashed. */
static struct str stateless_tag(const struct sip_transactions *table,
				const struct sip_message *request, const struct sip_flow *flow,
				char tag[17])
{
	const struct fingerprint key = server_key(table, request, flow);
	const struct str part[] = {STR("tag"), {(const char *)&key, sizeof(key)}};
	const struct fingerprint hash = fingerprint_of(&table->key, part, 2);

	snprintf(tag, 17, "%016llx", (unsigned long long)hash.low);
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
	length = server_answer_write(table, request, flow, status, to_tag);
	if (length > 0)
		txn_send(table, &reply, table->scratch, (size_t)length);
}

/* ---- in ---- */

static void ack_receive(struct sip_transactions *table, const struct sip_message *ack,
			const struct sip_flow *flow, const struct fingerprint *key)
{
	struct sip_server *server = server_find(table, ack, key);
	struct txn *txn = server ? &server->txn : NULL;

	if (!server || txn->state == TXN_ACCEPTED) { /* of a 2xx: the dialog's (RFC 6026 7.1) */
		table->ops.request(table->user, NULL, ack, flow);
	} else if (txn->state == TXN_COMPLETED) {
		server_confirm(server);
	} else if (txn->state == TXN_TRYING || txn->state == TXN_PROCEEDING) {
		table->counters.stray_acks++;
	}
}

/* RFC 3261 9.1: it repeats these of its INVITE; who only guessed a branch does not know them. */
static bool cancels(const struct sip_message *cancel, const struct sip_server *invite)
{
	struct fingerprint merge = server_merge(invite->txn.table, cancel);

	return fingerprint_equal(&merge, &invite->merge);
}

/* RFC 3261 9.2. No transaction of its own: the answer to a retransmission is the same anyway. */
static void cancel_receive(struct sip_transactions *table, const struct sip_message *cancel,
			   const struct sip_flow *flow, const struct fingerprint *key)
{
	struct sip_server *invite = server_find(table, cancel, key);
	struct sip_message last;

	if (!invite || !cancels(cancel, invite)) {
		table->counters.stray_cancels++;
		answer_stateless(table, cancel, flow, 481, (struct str){NULL, 0});
		return;
	}
	answer_stateless(table, cancel, flow, 200, server_last_tag(invite, &last));
	if (invite->txn.cancelled) {
		table->counters.retransmissions_received++;
		return;
	}
	if (invite->txn.state != TXN_TRYING && invite->txn.state != TXN_PROCEEDING)
		return;
	invite->txn.cancelled = true;
	if (!invite->txn.detached)
		table->ops.cancel(table->user, invite, cancel);
}

/* The peers choose how long their messages are. What we send ourselves is never held up by it: it
 * may be what ends calls. */
static bool is_out_of_bytes(struct sip_transactions *table, const struct sip_message *request)
{
	if (table->counters.bytes + request->raw.len <= table->bytes_most)
		return false;
	table->counters.full++;
	return true;
}

static int request_receive(struct sip_transactions *table, const struct sip_message *request,
			   const struct sip_flow *flow, const struct fingerprint *key)
{
	struct sip_server *server = server_find(table, request, key);
	struct fingerprint merge;

	if (server) {
		server_again(server);
		return 0;
	}
	merge = server_merge(table, request);
	if (!request->to.tag.ptr && server_is_merged(table, &merge)) {
		table->counters.merged++;
		answer_stateless(table, request, flow, 482, (struct str){NULL, 0});
		return 0;
	}
	if (txn_full(table) || is_out_of_bytes(table, request))
		return -ENOSPC;
	server = server_new(table, request, flow, key, &merge);
	if (!server)
		return -ENOSPC;
	table->ops.request(table->user, server, server->message, &server->txn.flow);
	return 0;
}

int server_receive(struct sip_transactions *table, const struct sip_message *request,
		   const struct sip_flow *flow, const struct fingerprint *known)
{
	struct fingerprint key = known ? *known : server_key(table, request, flow);

	if (request->method == SIP_METHOD_ACK)
		ack_receive(table, request, flow, &key);
	else if (request->method == SIP_METHOD_CANCEL)
		cancel_receive(table, request, flow, &key);
	else
		return request_receive(table, request, flow, &key);
	return 0;
}
