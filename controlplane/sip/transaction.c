/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of transactions: its memory, its clock, and who gets a message. */
#include "sip/transaction.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

#include "sip/txn.h"

#define BYTES_A_TRANSACTION 4096U
#define BYTES_LEAST (4U * SIP_MESSAGE_MAX)
#define TRANSACTIONS_MAX ((size_t)1 << 24)

static unsigned or_default(unsigned value, unsigned standard)
{
	return value != 0 ? value : standard;
}

static struct sip_timers timers_of(const struct sip_timers *timers)
{
	static const struct sip_timers none;
	const struct sip_timers *t = timers ? timers : &none;

	return (struct sip_timers){/* RFC 3261 17.1.1.1, table 4; C: 16.6 says above 3 minutes */
				   .t1 = or_default(t->t1, 500),
				   .t2 = or_default(t->t2, 4000),
				   .t4 = or_default(t->t4, 5000),
				   .timer_c = or_default(t->timer_c, 180000)};
}

/* As if all were alive with a message of usual length each, one way and the other. */
static uint64_t bytes_for(size_t max)
{
	uint64_t bytes = max * (uint64_t)BYTES_A_TRANSACTION;

	return bytes > BYTES_LEAST ? bytes : BYTES_LEAST;
}

struct sip_transactions *sip_transactions_new(const struct sip_transaction_ops *ops, void *user,
					      const struct sip_timers *timers, size_t max)
{
	struct sip_transactions *table;
	int error = EINVAL;

	if (max == 0 || max > TRANSACTIONS_MAX)
		goto fail;
	error = ENOMEM;
	table = calloc(1, sizeof(*table));
	if (!table)
		goto fail;
	table->ops = *ops;
	table->user = user;
	table->timers = timers_of(timers);
	table->max = max;
	table->bytes_most = bytes_for(max);
	if (getrandom(&table->key, sizeof(table->key), 0) != sizeof(table->key))
		goto free_table;
	/* twice: each INVITE may have a CANCEL of its own */
	if (timer_heap_init(&table->timers_due, 2 * max) < 0 ||
	    txn_pool_init(&table->pool, 2 * max) < 0 || line_table_init(&table->keys, max) < 0 ||
	    line_table_init(&table->merges, max) < 0 || index_init(&table->connections, max) < 0)
		goto free_table;
	return table;

free_table:
	sip_transactions_free(table);
fail:
	errno = error;
	return NULL;
}

static uint64_t key_hash(void *user, uint32_t number)
{
	const struct sip_transactions *table = user;
	const struct txn *txn = txn_pool_at(&table->pool, number);

	return txn->key.low;
}

static uint64_t merge_hash(void *user, uint32_t number)
{
	const struct sip_transactions *table = user;
	const struct sip_server *server = txn_pool_at(&table->pool, number);

	return server->merge.low;
}

int sip_transactions_grow(struct sip_transactions *table, size_t max)
{
	if (max <= table->max)
		return 0;
	if (max > TRANSACTIONS_MAX)
		return -EINVAL;
	if (timer_heap_grow(&table->timers_due, 2 * max) < 0 ||
	    txn_pool_grow(&table->pool, 2 * max) < 0 ||
	    line_table_grow(&table->keys, max, key_hash, table) < 0 ||
	    line_table_grow(&table->merges, max, merge_hash, table) < 0 ||
	    index_grow(&table->connections, max) < 0)
		return -ENOMEM;
	table->max = max;
	table->bytes_most = bytes_for(max);
	return 0;
}

void sip_transactions_bytes_limit(struct sip_transactions *table, uint64_t most)
{
	table->bytes_most = most > BYTES_LEAST ? most : BYTES_LEAST;
}

uint64_t sip_transactions_bytes_most(const struct sip_transactions *table)
{
	return table->bytes_most;
}

size_t sip_transactions_most(const struct sip_transactions *table)
{
	return table->max;
}

static void free_txn(struct txn *txn)
{
	if (txn->role == TXN_SERVER)
		server_free(sip_container_of(txn, struct sip_server, txn));
	else
		client_free(sip_container_of(txn, struct sip_client, txn));
}

void txn_remove(struct txn *txn)
{
	timer_heap_remove(&txn->table->timers_due, &txn->timer);
	txn_hide(txn);
	index_remove(&txn->by_connection);
	if (txn->role == TXN_SERVER) {
		server_unmerge(sip_container_of(txn, struct sip_server, txn));
		txn->table->counters.servers--;
	} else {
		txn->table->counters.clients--;
	}
}

void sip_transactions_free(struct sip_transactions *table)
{
	struct timer_node *first;

	if (!table)
		return;
	while ((first = timer_heap_first(&table->timers_due)) != NULL) {
		struct txn *txn = sip_container_of(first, struct txn, timer);

		txn_remove(txn);
		free_txn(txn);
	}
	timer_heap_free(&table->timers_due);
	line_table_free(&table->keys);
	line_table_free(&table->merges);
	index_free(&table->connections);
	txn_pool_free(&table->pool);
	explicit_bzero(&table->key, sizeof(table->key));
	free(table);
}

/* ---- what servers and clients share ---- */

struct txn *txn_take(struct sip_transactions *table)
{
	uint32_t number;
	struct txn *txn = txn_pool_take(&table->pool, &number);

	if (!txn)
		return NULL;
	txn->table = table;
	txn->number = number;
	return txn;
}

void txn_give(struct sip_transactions *table, struct txn *txn)
{
	txn_pool_give(&table->pool, txn->number);
}

struct txn *txn_find(const struct sip_transactions *table, enum txn_role role,
		     const struct fingerprint *key, struct line_search *search)
{
	uint32_t number;

	while ((number = line_table_next(&table->keys, key->low, search)) != LINE_NONE) {
		struct txn *txn = txn_pool_at(&table->pool, number);

		if (fingerprint_equal(&txn->key, key) && txn->role == role)
			return txn;
	}
	return NULL;
}

void txn_prefetch(const struct sip_transactions *table, uint32_t number)
{
	const char *txn = txn_pool_at(&table->pool, number);

	__builtin_prefetch(txn);
	__builtin_prefetch(txn + 64);
}

int txn_keep(struct txn *txn, const struct fingerprint *key)
{
	int rc = line_table_insert(&txn->table->keys, key->low, txn->number);

	txn->key = *key;
	txn->found = rc == 0;
	return rc;
}

void txn_hide(struct txn *txn)
{
	if (txn->found)
		line_table_remove(&txn->table->keys, txn->key.low, txn->number);
	txn->found = false;
}

bool txn_full(struct sip_transactions *table)
{
	if (table->counters.servers + table->counters.clients < table->max)
		return false;
	table->counters.full++;
	return true;
}

int txn_bytes_set(struct sip_transactions *table, struct txn_bytes *bytes, const char *data,
		  size_t length)
{
	char *copy = malloc(length);

	if (!copy)
		return -ENOMEM;
	memcpy(copy, data, length);
	txn_bytes_free(table, bytes);
	*bytes = (struct txn_bytes){copy, length};
	table->counters.bytes += length;
	return 0;
}

void txn_bytes_free(struct sip_transactions *table, struct txn_bytes *bytes)
{
	table->counters.bytes -= bytes->length;
	if (bytes->data)
		explicit_bzero(bytes->data, bytes->length);
	free(bytes->data);
	*bytes = (struct txn_bytes){NULL, 0};
}

static uint64_t connection_hash(const struct sip_transactions *table, uint64_t connection)
{
	return siphash(&table->key, (struct str){(const char *)&connection, sizeof(connection)});
}

void txn_connect(struct txn *txn)
{
	if (txn->reliable)
		index_insert(&txn->table->connections, &txn->by_connection,
			     connection_hash(txn->table, txn->flow.connection));
}

void txn_begin(struct txn *txn, struct sip_transactions *table, enum txn_role role,
	       const struct sip_flow *flow)
{
	txn->role = role;
	txn->state = TXN_TRYING;
	txn->flow = *flow;
	txn->reliable = sip_transport_reliable(flow->transport);
	txn->retransmit_at_ms = TIMER_NEVER;
	txn->expire_at_ms = TIMER_NEVER;
	timer_heap_insert(&table->timers_due, &txn->timer, TIMER_NEVER);
	txn_connect(txn);
	if (role == TXN_SERVER)
		table->counters.servers++;
	else
		table->counters.clients++;
}

void txn_schedule(struct txn *txn)
{
	uint64_t due =
	    txn->retransmit_at_ms < txn->expire_at_ms ? txn->retransmit_at_ms : txn->expire_at_ms;

	timer_heap_move(&txn->table->timers_due, &txn->timer, due);
}

void txn_end(struct txn *txn)
{
	txn->state = TXN_ENDED;
	txn->retransmit_at_ms = TIMER_NEVER;
	txn->expire_at_ms = txn->table->now_ms;
	txn_schedule(txn);
}

int txn_send(struct sip_transactions *table, const struct sip_flow *flow, const char *data,
	     size_t length)
{
	int result = table->ops.send(table->user, flow, data, length);

	if (result < 0)
		table->counters.transport_failures++;
	return result;
}

/* ---- in from outside ---- */

int txn_receive(struct sip_transactions *table, const struct sip_message *message,
		const struct sip_flow *flow, const struct fingerprint *known, uint64_t now_ms)
{
	txn_clock(table, now_ms);
	if (message->request)
		return server_receive(table, message, flow, known);
	client_receive(table, message, flow, known ? &known->low : NULL);
	return 0;
}

int sip_transactions_receive(struct sip_transactions *table, const struct sip_message *message,
			     const struct sip_flow *flow, uint64_t now_ms)
{
	return txn_receive(table, message, flow, NULL, now_ms);
}

static void expire(struct txn *txn)
{
	if (txn->role == TXN_SERVER)
		server_expire(sip_container_of(txn, struct sip_server, txn));
	else if (!client_expire(sip_container_of(txn, struct sip_client, txn)))
		return;
	free_txn(txn);
}

static void fire(struct txn *txn)
{
	if (txn->expire_at_ms <= txn->table->now_ms)
		expire(txn);
	else if (txn->role == TXN_SERVER)
		server_retransmit_due(sip_container_of(txn, struct sip_server, txn));
	else
		client_retransmit_due(sip_container_of(txn, struct sip_client, txn));
}

int64_t sip_transactions_next(const struct sip_transactions *table, uint64_t now_ms)
{
	const struct timer_node *first = timer_heap_first(&table->timers_due);

	if (!first || first->due_ms == TIMER_NEVER)
		return -1;
	return first->due_ms <= now_ms ? 0 : (int64_t)(first->due_ms - now_ms);
}

int64_t sip_transactions_run(struct sip_transactions *table, uint64_t now_ms)
{
	/* no more than there are now: callbacks may start what is due at once again and again */
	size_t budget = table->timers_due.count;

	txn_clock(table, now_ms);
	if (table->running)
		return sip_transactions_next(table, now_ms);
	table->running = true;
	while (budget-- > 0 && sip_transactions_next(table, now_ms) == 0)
		fire(sip_container_of(timer_heap_first(&table->timers_due), struct txn, timer));
	table->running = false;
	return sip_transactions_next(table, now_ms);
}

/* The next transaction of that connection after *node, NULL at the end. */
static struct txn *next_of(const struct sip_transactions *table, uint64_t connection,
			   struct index_node **node)
{
	uint64_t hash = connection_hash(table, connection);

	while ((*node = index_find(&table->connections, hash, *node)) != NULL) {
		struct txn *txn = sip_container_of(*node, struct txn, by_connection);

		if (txn->flow.connection == connection && txn->state != TXN_ENDED)
			return txn;
	}
	return NULL;
}

void sip_transactions_connection_lost(struct sip_transactions *table, uint64_t connection,
				      uint64_t now_ms)
{
	struct index_node *node = NULL;
	struct txn *txn;

	txn_clock(table, now_ms);
	while ((txn = next_of(table, connection, &node)) != NULL) {
		if (txn->role == TXN_SERVER)
			server_connection_lost(sip_container_of(txn, struct sip_server, txn));
		else
			client_connection_lost(sip_container_of(txn, struct sip_client, txn));
	}
}

bool sip_transactions_connection_moving(struct sip_transactions *table, uint64_t connection,
					uint64_t now_ms)
{
	struct index_node *node = NULL;
	struct txn *txn;
	bool any = false;

	txn_clock(table, now_ms);
	while ((txn = next_of(table, connection, &node)) != NULL) {
		if (txn->role == TXN_CLIENT)
			client_connection_lost(sip_container_of(txn, struct sip_client, txn));
		else
			any |=
			    server_connection_moving(sip_container_of(txn, struct sip_server, txn));
	}
	return any;
}

void sip_transactions_connection_moved(struct sip_transactions *table, uint64_t connection,
				       const struct sip_flow *flow, uint64_t now_ms)
{
	struct index_node *node = NULL;
	struct txn *txn = next_of(table, connection, &node), *next;

	txn_clock(table, now_ms);
	for (; txn; txn = next) {
		next = next_of(table, connection, &node); /* before it leaves this list */
		if (txn->role == TXN_SERVER)
			server_connection_moved(sip_container_of(txn, struct sip_server, txn),
						flow);
	}
}

void sip_transactions_counters(const struct sip_transactions *table,
			       struct sip_transaction_counters *counters)
{
	*counters = table->counters;
}
