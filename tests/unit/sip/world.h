/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A transaction table with a fake clock and a network that only writes a diary. What happens is a
 * line "TIME WHAT"; a test compares the diary with what the RFC says.
 */
#pragma once

#include <stdint.h>

#include "sip/transaction.h"

struct world {
	struct sip_transactions *table;
	uint64_t now_ms;
	char diary[16384];
	size_t length;
	bool silent;               /* no diary */
	int send_result;           /* what the network says to each send */
	uint64_t lost_in_send;     /* this connection goes while something is sent; 0: none */
	struct sip_flow last_flow; /* of the last send */
	char last_sent[4096];
	struct sip_server *server; /* the last one */
	struct sip_client *client; /* the last one of world_start() */
	/* what a callback does besides writing; NULL: nothing */
	void (*on_request)(struct world *world, struct sip_server *server);
	void (*on_cancel)(struct world *world, struct sip_server *invite);
	void (*on_response)(struct world *world, struct sip_client *client, unsigned status);
	void (*on_client_ended)(struct world *world, struct sip_client *client);
	void (*on_server_ended)(struct world *world, struct sip_server *server);
};

/* timers NULL: the RFC's. Each test frees its world. */
struct world *world_new(size_t max);
void world_free(struct world *world);

struct sip_flow world_flow(enum sip_transport transport, uint64_t connection, const char *address,
			   unsigned port);
/* The flow of most tests: UDP from 192.0.2.1:5060, or TLS on connection 7. */
struct sip_flow world_udp(void);
struct sip_flow world_tls(void);

/* Lets time pass until a moment, running what is due on its way. */
void world_until(struct world *world, uint64_t moment_ms);
/* Parses and gives it to the table; %-format. Returns what the table returns. */
int world_receive(struct world *world, const struct sip_flow *flow, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A request from outside: method, branch, CSeq number. */
int world_request(struct world *world, const struct sip_flow *flow, const char *method,
		  const char *branch, unsigned cseq);
/* Answers the last server transaction. */
int world_respond(struct world *world, unsigned status);
int world_respond_to(struct world *world, struct sip_server *server, unsigned status);

/* Our request; a branch of its own. */
int world_start(struct world *world, const struct sip_flow *flow, const char *method,
		const char *branch);
/* A response from outside to it. */
int world_response(struct world *world, const struct sip_flow *flow, unsigned status,
		   const char *method, const char *branch);

/* Fails with both texts unless the diary is that; then it is empty again. */
void world_diary_is(struct world *world, const char *expected);
struct sip_transaction_counters world_counters(const struct world *world);
