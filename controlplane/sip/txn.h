/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the transaction layer share. Private to this folder; one thread. */
#pragma once

#include <assert.h>

#include "sip/index.h"
#include "sip/line_table.h"
#include "sip/siphash.h"
#include "sip/timer_heap.h"
#include "sip/transaction.h"
#include "sip/txn_pool.h"

enum txn_role { TXN_SERVER, TXN_CLIENT } __attribute__((packed));

/* The states of RFC 3261's figures 5 to 8, with Accepted of RFC 6026. */
enum txn_state {
	TXN_TRYING, /* "Calling" of an INVITE client; an INVITE server is here until its first
		       answer */
	TXN_PROCEEDING,
	TXN_COMPLETED,
	TXN_CONFIRMED, /* INVITE server */
	TXN_ACCEPTED,  /* INVITE: 2xx */
	TXN_ENDED,     /* waits for the next run to be freed */
} __attribute__((packed));

struct txn_bytes { /* owned, wiped when freed */
	char *data;
	size_t length;
};

/*
 * Its first two lines are all that finding it touches, and sending again what it sent last: see
 * docs/performance.md before anything is put in between.
 */
struct txn {
	struct fingerprint key; /* of what it is found by, which stands for that */
	struct sip_transactions *table;
	void *user;
	struct timer_node timer; /* the earlier of the two below */
	enum txn_role role;
	enum txn_state state;
	bool found; /* it is in the table of keys */
	bool invite;
	bool reliable;
	bool detached;
	/* of a server */
	bool acknowledged;
	bool cancelled;          /* of a client: by sip_client_cancel() or timer C */
	bool disconnected;       /* the flow is gone: nothing can be sent */
	bool moving;             /* the connection is gone, another may come */
	bool merges;             /* it is in the table of merges */
	in_port_t reply_port_be; /* that answers go to; 0: where the request came from */

	uint64_t retransmit_at_ms; /* or the 100 of a server */
	uint64_t expire_at_ms;
	uint32_t interval_ms;
	uint32_t number;        /* in the pool */
	struct txn_bytes again; /* what was sent last: a client's request, a server's answer */
	struct sip_flow flow;   /* of a server: where the request came from */
	struct index_node by_connection; /* reliable transports only */
};
static_assert(offsetof(struct txn, retransmit_at_ms) == 64, "the first line");
static_assert(offsetof(struct txn, flow.remote) < 128, "the second");

struct sip_server {
	struct txn txn;
	struct fingerprint merge;    /* of what makes it the same request on whatever way */
	struct txn_bytes request;    /* until nobody asks for it any more: server_forget() */
	struct sip_message *message; /* points into request; cut after its last header */
	uint64_t to_tag;             /* a hash of the request's: of an element of RFC 2543 */
};

struct sip_client {
	struct txn txn;
	enum sip_client_end end;
	bool answered;           /* by a final response: client_ended is not called any more */
	struct txn_bytes cancel; /* made, and not sent yet */
};

static_assert(sizeof(struct sip_server) <= TXN_POOL_OBJECT &&
		  sizeof(struct sip_client) <= TXN_POOL_OBJECT,
	      "the pool has room for either");

struct sip_transactions {
	struct sip_transaction_ops ops;
	void *user;
	struct sip_timers timers;
	size_t max;
	uint64_t now_ms; /* the latest that a caller told */
	bool running;
	struct siphash_key key;
	struct txn_pool pool;
	struct line_table keys, merges;
	struct index_table connections;
	struct timer_heap timers_due;
	struct sip_transaction_counters counters;
	uint64_t bytes_most;           /* of messages that are kept: above, no request is taken */
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

/* The next transaction of that role and key; NULL: none. */
struct txn *txn_find(const struct sip_transactions *table, enum txn_role role,
		     const struct fingerprint *key, struct line_search *search);
/* Asks for the lines that finding that transaction touches, and waits for nothing. */
void txn_prefetch(const struct sip_transactions *table, uint32_t number);
/* sip_transactions_receive(); known: the key of a request or the place of a response, made before;
 * NULL: not made. */
int txn_receive(struct sip_transactions *table, const struct sip_message *message,
		const struct sip_flow *flow, const struct fingerprint *known, uint64_t now_ms);
/* Makes it findable. 0 or -ENOSPC. */
int txn_keep(struct txn *txn, const struct fingerprint *key);
/* Until txn_keep() again. */
void txn_hide(struct txn *txn);
/* Zeros of the size of either, with its number. NULL: no memory. */
struct txn *txn_take(struct sip_transactions *table);
/* The memory; what it points to is freed already. */
void txn_give(struct sip_transactions *table, struct txn *txn);
bool txn_full(struct sip_transactions *table);
int txn_bytes_set(struct sip_transactions *table, struct txn_bytes *bytes, const char *data,
		  size_t length);
void txn_bytes_free(struct sip_transactions *table, struct txn_bytes *bytes);
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

/* ---- server_receive.c ---- */

/* known: its server_key(), if somebody has made it already; NULL: nobody has. */
int server_receive(struct sip_transactions *table, const struct sip_message *request,
		   const struct sip_flow *flow, const struct fingerprint *known);

/* ---- server.c ---- */

/* Of a request that is found by key, and by merge where it has no To tag. NULL: no memory, or room.
 */
struct sip_server *server_new(struct sip_transactions *table, const struct sip_message *request,
			      const struct sip_flow *flow, const struct fingerprint *key,
			      const struct fingerprint *merge);
/* The request again: the last answer again, if its state has one to give. */
void server_again(struct sip_server *server);
/* The ACK of a final answer that is no 2xx; in TXN_COMPLETED. */
void server_confirm(struct sip_server *server);
/* An answer that the table makes by itself, in its scratch. Returns its length, or -errno. */
long server_answer_write(struct sip_transactions *table, const struct sip_message *request,
			 const struct sip_flow *flow, unsigned status, struct str to_tag);
void server_retransmit_due(struct sip_server *server);
/* The To tag of the last answer, in message; absent: none yet. That to a CANCEL should have it (RFC
 * 3261 9.2). */
struct str server_last_tag(const struct sip_server *server, struct sip_message *message);
/* Out of the tables and said so; the caller frees it. */
void server_expire(struct sip_server *server);
void server_connection_lost(struct sip_server *server);
/* Its connection is gone; true: it waits for another, else it ends. */
bool server_connection_moving(struct sip_server *server);
/* flow NULL: there is none. */
void server_connection_moved(struct sip_server *server, const struct sip_flow *flow);
void server_free(struct sip_server *server);
/* Out of the table of merges. */
void server_unmerge(struct sip_server *server);

/* ---- server_key.c ---- */

/* What a request is found by (17.2.3). ACK and CANCEL have that of the INVITE that they belong to.
 */
struct fingerprint server_key(const struct sip_transactions *table,
			      const struct sip_message *request, const struct sip_flow *flow);
/* The transaction of a request, of an ACK or of what a CANCEL cancels, by its server_key(); NULL.
 */
struct sip_server *server_find(const struct sip_transactions *table,
			       const struct sip_message *request, const struct fingerprint *key);
/* What it has in common with the same request on another way (8.2.2.2), and with its CANCEL (9.1):
 * who only guessed a branch does not know it. */
struct fingerprint server_merge(const struct sip_transactions *table,
				const struct sip_message *request);
bool server_is_merged(const struct sip_transactions *table, const struct fingerprint *merge);
uint64_t server_to_tag(const struct sip_transactions *table, const struct sip_message *request);

/* ---- client.c ---- */

/*
 * Where in the table a response's transaction is: by the branch alone, as the method comes late in
 * a response. So an INVITE and its CANCEL stand at one place, told apart by the rest of the key.
 */
uint64_t client_place(const struct sip_transactions *table, struct str branch);
/* place: its client_place(), if somebody has made it already; NULL: nobody has. */
void client_receive(struct sip_transactions *table, const struct sip_message *response,
		    const struct sip_flow *flow, const uint64_t *place);
void client_retransmit_due(struct sip_client *client);
/* As server_expire(); false: it lives on, waiting for something else. */
bool client_expire(struct sip_client *client);
void client_connection_lost(struct sip_client *client);
void client_free(struct sip_client *client);

/* ---- client_request.c: requests made from the client's own (RFC 3261 9.1, 17.1.1.3) ---- */

/* Into table->scratch; the length or -errno. */
long client_write_ack(struct sip_client *client, const struct sip_message *response);
long client_write_cancel(struct sip_client *client, const char *extra_headers);
