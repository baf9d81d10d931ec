/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Client and server transactions (RFC 3261 17, with RFC 6026 for 2xx and RFC 4320 for non-INVITE).
 * Pure: time comes in as an argument, bytes go out through ops; so tests run it with a fake clock.
 *
 * Found in constant time, by a keyed fingerprint: server transactions by (branch, sent-by, method,
 * source address), so that nobody can answer, cancel or pre-empt a transaction from another
 * address; client transactions by (branch, method), on the connection they were sent on.
 *
 * Thread: one table belongs to one thread. Callbacks may call back into the table, but must not
 * free it. A transaction is freed in sip_transactions_run() and nowhere else, so a pointer stays
 * good within a callback whatever is done there; what ends at once (a reliable transport waits for
 * nothing, a send that fails) is due in the next run: after each call into the table, run it or set
 * the timer again by sip_transactions_next().
 *
 * Copies of messages, which may hold SDES keys, are wiped before they are freed.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sip/flow.h"
#include "sip/message.h"

struct sip_transactions;
struct sip_server; /* a server transaction */
struct sip_client; /* a client transaction */

struct sip_timers {       /* milliseconds; 0: RFC 3261's value */
	unsigned t1;      /* 500 */
	unsigned t2;      /* 4000 */
	unsigned t4;      /* 5000 */
	unsigned timer_c; /* 180000: INVITE client that got a provisional response */
};

enum sip_client_end {
	SIP_CLIENT_TIMEOUT,   /* timer B or F, or no final response 64*T1 after a CANCEL: as 408 */
	SIP_CLIENT_TRANSPORT, /* could not be sent, or the connection went: as 503 */
};

struct sip_transaction_ops { /* all but server_ended and stray_response must be there */
	/*
	 * Sends bytes, which are the table's: copy what is not sent at once. Returns 0 or -errno;
	 * an error ends the transaction with TRANSPORT. May call
	 * sip_transactions_connection_lost().
	 */
	int (*send)(void *user, const struct sip_flow *flow, const char *data, size_t length);
	/*
	 * A new request. The transaction is the callee's to answer with sip_server_respond(),
	 * however late; INVITE has been answered with 100 by itself when it takes longer than 200
	 * ms, others when it takes as long as RFC 4320 4.1 says (3.5 s). For ACK (to a 2xx, or
	 * stray) server is NULL and request is valid during the call only. Retransmissions, CANCEL,
	 * ACK of 300-699 and merged requests (482, RFC 3261 8.2.2.2) do not come here.
	 */
	void (*request)(void *user, struct sip_server *server, const struct sip_message *request,
			const struct sip_flow *flow);
	/*
	 * CANCEL for an INVITE that has no final response yet, once: the CANCEL has been answered
	 * 200 (or 481 when nothing matched, then this is not called). The callee answers the INVITE
	 * (487).
	 */
	void (*cancel)(void *user, struct sip_server *invite, const struct sip_message *cancel);
	/*
	 * A response to a client transaction: 1xx any number of times, then one final. A 2xx to
	 * INVITE that is retransmitted or comes from another fork is given too, for 64*T1 (RFC 6026
	 * Accepted state). user is client's. ACK for 300-699 has been sent; ACK for 2xx is the
	 * callee's. After a final response that is no 2xx to INVITE, client and user are not used
	 * any more.
	 */
	void (*response)(void *client_user, struct sip_client *client,
			 const struct sip_message *response, const struct sip_flow *flow);
	/* No final response will come, none came. The client is gone after the call. */
	void (*client_ended)(void *client_user, struct sip_client *client,
			     enum sip_client_end reason);
	/*
	 * A server INVITE transaction is gone after the call. acknowledged false: it got no ACK
	 * within 64*T1 for its final response, or its flow failed before. Called once for every
	 * INVITE that is not detached; other methods are gone, without a call, some time after
	 * their final response. May be NULL. server_user is what sip_server_set_user() said, NULL
	 * if nothing.
	 */
	void (*server_ended)(void *server_user, struct sip_server *server, bool acknowledged);
	/* A response that matches no transaction: counted; may be NULL. */
	void (*stray_response)(void *user, const struct sip_message *response);
};

/*
 * At most max transactions, client and server together (CANCELs that sip_client_cancel() makes come
 * on top, one for an INVITE). ops is copied; timers may be NULL. NULL with errno: EINVAL, ENOMEM.
 */
struct sip_transactions *sip_transactions_new(const struct sip_transaction_ops *ops, void *user,
					      const struct sip_timers *timers, size_t max);
/* At most max from now on, if it was less. 0, -EINVAL or -ENOMEM: then it is as it was. Not from a
 * callback. */
int sip_transactions_grow(struct sip_transactions *table, size_t max);
size_t sip_transactions_most(const struct sip_transactions *table);
/* How many bytes of messages transactions may keep: 4 KiB for each of max, after new and each grow.
 * When they do, further requests are as those of a full table. */
uint64_t sip_transactions_bytes_most(const struct sip_transactions *table);
/* So many instead. */
void sip_transactions_bytes_limit(struct sip_transactions *table, uint64_t most);
/* Frees all, calls nobody. NULL is allowed. */
void sip_transactions_free(struct sip_transactions *table);

/*
 * Gives a parsed message, from where it came, to the table. Returns 0 (handled or handed on),
 * -ENOSPC when the table is full (the caller answers 503 to a request, statelessly).
 */
int sip_transactions_receive(struct sip_transactions *table, const struct sip_message *message,
			     const struct sip_flow *flow, uint64_t now_ms);

/* Whether request, which may be what sip_glance() and sip_glance_via() read, is one that there is a
 * server transaction for: a retransmission. */
bool sip_transactions_know(const struct sip_transactions *table, const struct sip_message *request,
			   const struct sip_flow *flow);

/* Runs what is due; returns milliseconds until the next, or -1 when nothing waits. */
int64_t sip_transactions_run(struct sip_transactions *table, uint64_t now_ms);
/* Milliseconds until something is due, 0 when it is; -1 when nothing waits. */
int64_t sip_transactions_next(const struct sip_transactions *table, uint64_t now_ms);

/*
 * A connection is gone: its client transactions end with TRANSPORT, its INVITE server transactions
 * without ACK, in the next run. Other server transactions stay until they are answered, to nobody.
 */
void sip_transactions_connection_lost(struct sip_transactions *table, uint64_t connection,
				      uint64_t now_ms);

/*
 * RFC 3261 18.2.2: what was asked on a connection that is gone may be answered on another to the
 * same peer. First moving: client transactions end as above, server transactions that owe an answer
 * wait; true if any does. Then moved, with a flow of the same transport on which the last answer
 * is sent again and further ones go; or NULL: there is none, and they end as above.
 */
bool sip_transactions_connection_moving(struct sip_transactions *table, uint64_t connection,
					uint64_t now_ms);
void sip_transactions_connection_moved(struct sip_transactions *table, uint64_t connection,
				       const struct sip_flow *flow, uint64_t now_ms);

/*
 * Answers. data is a whole response, copied for retransmission. 1xx and final; after a final one
 * -EALREADY. A 2xx to INVITE is retransmitted on every transport until
 * sip_server_acknowledged() or 64*T1 (RFC 3261 13.3.1.4). The transaction stays until the ACK came
 * (UDP: until 64*T1, to absorb what was delayed), see server_ended. -EINVAL: no status, or a 1xx
 * above 100 to another method (RFC 4320 4.1). A 408 to another method is taken for the end but not
 * sent (4.2). When it cannot be sent, that -errno: then the transaction ends, unless it was a 1xx
 * to another method.
 */
int sip_server_respond(struct sip_server *server, unsigned status, const char *data, size_t length,
		       uint64_t now_ms);
/* The last response again: a reliable 1xx without PRACK (RFC 3262 3). 0 or -errno. */
int sip_server_repeat(struct sip_server *server, uint64_t now_ms);
/* The ACK of a 2xx came (the dialog matched it). */
void sip_server_acknowledged(struct sip_server *server, uint64_t now_ms);
void sip_server_set_user(struct sip_server *server, void *server_user);
void *sip_server_user(const struct sip_server *server);
const struct sip_flow *sip_server_flow(const struct sip_server *server);
/*
 * The request, parsed, a copy: valid until the callback returns in which its final answer is given,
 * of an INVITE until its ACK is known; NULL afterwards. It is allocated only as far as
 * its last header: do not copy the struct by value.
 */
const struct sip_message *sip_server_request(const struct sip_server *server);

/*
 * Starts a client transaction with a whole request that has our Via with a new branch on top; data
 * is copied. Not for ACK of a 2xx, which is sent without transaction. Returns 0 and *client (set
 * before anything is sent), -ENOSPC, -ENOMEM, -EINVAL (no request, ACK, or a branch that is in
 * use). A send that fails at once ends it with TRANSPORT from sip_transactions_run().
 */
int sip_client_start(struct sip_transactions *table, struct sip_client **client, const char *data,
		     size_t length, const struct sip_flow *flow, void *client_user,
		     uint64_t now_ms);
/*
 * Cancels an INVITE: the CANCEL is made from it, and sent now or as soon as a 1xx came (RFC 3261
 * 9.1). The final response still comes to ops.response; when it does not come 64*T1 after the
 * CANCEL, client_ended. extra_headers: whole lines with CRLF ("Reason: ...\r\n"), or NULL. Returns
 * 0 (also when it was cancelled before), -EALREADY when the final response is there, -EINVAL,
 * -ENOMEM. When timer C fires, the table does this by itself.
 */
int sip_client_cancel(struct sip_client *client, const char *extra_headers, uint64_t now_ms);
/*
 * The user forgets the transaction: it runs on, but nothing is called any more. An INVITE client
 * that is detached before its final response must be cancelled, and a 2xx that still comes is
 * acknowledged by nobody. A server that is detached before its final response goes unanswered after
 * 64*T1.
 */
void sip_client_detach(struct sip_client *client);
/* From now on client_user, not NULL, hears of it. */
void sip_client_set_user(struct sip_client *client, void *client_user);
void sip_server_detach(struct sip_server *server);

struct sip_transaction_counters {
	uint64_t servers, clients; /* alive */
	uint64_t bytes;            /* of messages that they keep */
	uint64_t retransmissions_sent, retransmissions_received;
	uint64_t stray_responses, stray_acks, stray_cancels, full;
	uint64_t merged;             /* answered with 482 */
	uint64_t timeouts;           /* client transactions without final response */
	uint64_t unacknowledged;     /* INVITE server transactions without ACK */
	uint64_t transport_failures; /* sends that failed */
};
void sip_transactions_counters(const struct sip_transactions *table,
			       struct sip_transaction_counters *counters);
