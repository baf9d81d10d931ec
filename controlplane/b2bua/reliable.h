/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Provisional responses to a caller, with 100rel where it can (RFC 3262): one at a time is under
 * way, the others and a 2xx wait for its PRACK. The callee's leg has its own (prack.h): either,
 * both or none of them may be reliable.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "b2bua/secret.h"

#define RELIABLE_HELD_MAX 4U

struct leg;
struct sip_message;
struct sip_server;

struct reliable_held {
	unsigned status; /* 0: none */
	struct secret sdp;
	struct secret headers; /* that pass with it */
};

struct reliable {
	bool supported, required; /* by the caller's INVITE */
	bool settled;             /* a description of ours was acknowledged: no other goes in a
				     response to that INVITE (RFC 3261 13.2.1) */
	bool pending;             /* sent, no PRACK yet */
	bool has_sdp;             /* the one that is pending */
	uint32_t rseq;            /* of the last one */
	uint64_t interval_ms, give_up_ms;
	struct reliable_held held[RELIABLE_HELD_MAX]; /* in order; then */
	bool success_due;
	struct secret success;         /* the SDP of the 2xx */
	struct secret success_headers; /* that pass with it */
};

/* Whether the peer's INVITE can do what its dial plan demands. */
enum reliable_fit { RELIABLE_FITS, RELIABLE_MISSING /* 421 */ };
enum reliable_fit reliable_begin(struct leg *leg, const struct sip_message *invite);
/* A 1xx above 100; sdp absent: none. The callee's was reliable: then ours is if it can be. */
enum reliable_origin { RELIABLE_ORIGIN_PLAIN, RELIABLE_ORIGIN_100REL };
void reliable_provisional(struct leg *leg, unsigned status, struct str sdp,
			  enum reliable_origin origin);
/* The 2xx of the peer's INVITE, first or later, as soon as it may be. */
void reliable_success(struct leg *leg, struct str sdp);
/* The INVITE has another final answer. */
void reliable_forget(struct leg *leg);
void reliable_due(struct leg *leg);

/* request.c → PRACK of the caller */
void reliable_prack(struct leg *leg, struct sip_server *server, const struct sip_message *request);
