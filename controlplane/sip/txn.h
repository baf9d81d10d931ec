/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the transaction layer share. Private to this folder; one thread. */
#pragma once

#include "sip/index.h"
#include "sip/siphash.h"
#include "sip/timer_heap.h"
#include "sip/transaction.h"

enum txn_role { TXN_SERVER, TXN_CLIENT };

/* The states of RFC 3261's figures 5 to 8, with Accepted of RFC 6026. */
enum txn_state {
	TXN_TRYING, /* "Calling" of an INVITE client; an INVITE server is here until its first
		       answer */
	TXN_PROCEEDING,
	TXN_COMPLETED,
	TXN_CONFIRMED, /* INVITE server */
	TXN_ACCEPTED,  /* INVITE: 2xx */
	TXN_ENDED,     /* waits for the next run to be freed */
};

struct txn_bytes { /* owned, wiped when freed */
	char *data;
	size_t length;
};

struct txn {
	struct sip_transactions *table;
	enum txn_role role;
	enum txn_state state;
	bool invite;
	bool reliable;
	bool detached;
	void *user;
	struct sip_flow flow; /* of a server: where the request came from */
	struct index_node by_key;
	struct index_node by_connection; /* reliable transports only */
	struct timer_node timer;         /* the earlier of the two below */
	uint64_t retransmit_at_ms;       /* or the 100 of a server */
	uint64_t interval_ms;
	uint64_t expire_at_ms;
	struct txn_bytes request;
};

struct sip_server {
	struct txn txn;
	struct index_node by_merge;
	struct sip_message *message; /* points into txn.request; cut after its last header */
	struct txn_bytes response;   /* the last one */
	bool acknowledged;
	bool cancelled;
	bool disconnected; /* the flow is gone: nothing can be sent */
	bool moving;       /* the connection is gone, another may come */
};

struct sip_client {
	struct txn txn;
	struct str method, branch; /* in txn.request */
	enum sip_client_end end;
	bool answered;           /* by a final response: client_ended is not called any more */
	bool cancelled;          /* sip_client_cancel() or timer C */
	struct txn_bytes cancel; /* made, and not sent yet */
};

struct sip_transactions {
	struct sip_transaction_ops ops;
	void *user;
	struct sip_timers timers;
	size_t max;
	uint64_t now_ms; /* the latest that a caller told */
	bool running;
	struct siphash_key key;
	struct index_table servers, merges, clients, connections;
	struct timer_heap timers_due;
	struct sip_transaction_counters counters;
	char scratch[SIP_MESSAGE_MAX]; /* 100, ACK, CANCEL, 481, 482: nothing secret */
};

/* ---- transaction.c ---- */

/* 64*T1: how long RFC 3261 waits for anything. */
static inline uint64_t txn_patience_ms(const struct sip_transactions *table)
{
	return (uint64_t)table->timers.t1 * 64;
}

/* A caller says what time it is; time never goes back. */
static inline void txn_clock(struct sip_transactions *table, uint64_t now_ms)
{
	if (now_ms > table->now_ms)
		table->now_ms = now_ms;
}

uint64_t txn_hash(const struct sip_transactions *table, const struct str *part, size_t count);
bool txn_full(struct sip_transactions *table);
int txn_bytes_set(struct txn_bytes *bytes, const char *data, size_t length);
void txn_bytes_free(struct txn_bytes *bytes);
/* Puts a new one into the tables of connections and timers. */
void txn_begin(struct txn *txn, struct sip_transactions *table, enum txn_role role,
	       const struct sip_flow *flow);
/* Into the table of its connection, where it has one. */
void txn_connect(struct txn *txn);
void txn_schedule(struct txn *txn);
/* Ended: due at once, freed by the next run. */
void txn_end(struct txn *txn);
/* Out of all tables; nothing that is done to it afterwards has an effect. */
void txn_remove(struct txn *txn);
/* Sends and counts a failure. */
int txn_send(struct sip_transactions *table, const struct sip_flow *flow, const char *data,
	     size_t length);

/* ---- server.c ---- */
int server_receive(struct sip_transactions *table, const struct sip_message *request,
		   const struct sip_flow *flow);
void server_retransmit_due(struct sip_server *server);
/* The To tag of the last answer, in message; absent: none yet. */
struct str server_last_tag(const struct sip_server *server, struct sip_message *message);
/* Out of the tables and said so; the caller frees it. */
void server_expire(struct sip_server *server);
void server_connection_lost(struct sip_server *server);
/* Its connection is gone; true: it waits for another, else it ends. */
bool server_connection_moving(struct sip_server *server);
/* flow NULL: there is none. */
void server_connection_moved(struct sip_server *server, const struct sip_flow *flow);
void server_free(struct sip_server *server);

/* ---- server_key.c ---- */

/* ACK and CANCEL hash as the INVITE that they belong to. */
uint64_t server_key_hash(const struct sip_transactions *table, const struct sip_message *request,
			 const struct sip_flow *flow);
/* The transaction of a request, of an ACK or of what a CANCEL cancels; NULL. */
struct sip_server *server_find(const struct sip_transactions *table,
			       const struct sip_message *request, const struct sip_flow *flow);
uint64_t server_merge_hash(const struct sip_transactions *table, const struct sip_message *request);
bool server_is_merged(const struct sip_transactions *table, const struct sip_message *request);

/* ---- client.c ---- */
void client_receive(struct sip_transactions *table, const struct sip_message *response,
		    const struct sip_flow *flow);
void client_retransmit_due(struct sip_client *client);
/* As server_expire(); false: it lives on, waiting for something else. */
bool client_expire(struct sip_client *client);
void client_connection_lost(struct sip_client *client);
void client_free(struct sip_client *client);

/* ---- client_request.c: requests made from the client's own (RFC 3261 9.1, 17.1.1.3) ---- */

/* Into table->scratch; the length or -errno. */
long client_write_ack(struct sip_client *client, const struct sip_message *response);
long client_write_cancel(struct sip_client *client, const char *extra_headers);
