/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where phones are: bindings of a contact, as the phone wrote it, to the flow that it registered by
 * (RFC 5626), each known to the registrar behind the relay by a token that tells nothing. Texts are
 * compared as they are: whoever fills them in brings them into one spelling. No SIP is read here.
 *
 * A binding whose connection is gone stays, unreachable, until its time is over: the registrar
 * still has it, and the phone comes back to it.
 *
 * Bounded in all, for each peer, and for each address of record; a table that is full changes
 * nothing. Found in constant time by token, by address of record, by connection.
 *
 * Thread: one table belongs to one thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "sip/flow.h"
#include "sip/index.h"
#include "sip/str.h"
#include "sip/timer_heap.h"

#define LOCATION_TOKEN_TEXT 18U /* "r", sixteen hexadecimal digits, NUL */
#define LOCATION_CALL_ID_TEXT 33U

struct locations;

struct location {
	/* the table's */
	struct index_node by_token, by_aor, by_connection, by_serial;
	struct timer_node end;
	TAILQ_ENTRY(location) link, lost_link, unbound_link;
	uint64_t serial; /* in the order of coming; from 1, never again */
	bool lost;       /* its connection is gone: flow leads nowhere */
	char token[LOCATION_TOKEN_TEXT];
	unsigned peer;        /* number of the phone's */
	char *aor;            /* address of record */
	char *contact;        /* URI, as the phone wrote it */
	struct sip_flow flow; /* where it is */
	bool bound;           /* the registrar has said yes */
	/* the user's: towards the registrar, and of the phone's last request */
	char call_id[LOCATION_CALL_ID_TEXT]; /* empty at first */
	uint32_t cseq;
	uint32_t granted_s;
	uint64_t registrar_until_ms;
	char *phone_call_id; /* freed by the table */
	uint32_t phone_cseq;
	uint64_t held; /* connection that is kept open for it; 0: none */
	char *path;    /* freed by the table; NULL: none */
	void *passage; /* a request of it that is under way; NULL: none */
};

struct location_limits {
	unsigned total;
	unsigned per_aor;
	unsigned peers; /* numbers are below this */
};

/* 0, or -errno: -ENOMEM, or no random numbers. */
int locations_new(struct locations **locations, const struct location_limits *limits);
void locations_free(struct locations *locations); /* with all that are in it; NULL is fine */

/*
 * Room for a contact that is not there yet, at flow until until_ms, not bound. per_peer: the most
 * that its peer may have; 0: no limit. -ENOSPC: all is full; -EDQUOT: its peer's part is; -E2BIG:
 * that of the address of record; -ENOMEM.
 */
int location_add(struct locations *locations, struct location **location, unsigned peer,
		 unsigned per_peer, struct str aor, struct str contact, const struct sip_flow *flow,
		 uint64_t until_ms);
/* It is bound at flow until until_ms; it is not lost any more. */
void location_bind(struct locations *locations, struct location *location,
		   const struct sip_flow *flow, uint64_t until_ms);
/* Its connection is gone: no connection leads to it; its end stays. */
void location_lose(struct locations *locations, struct location *location);
void location_remove(struct locations *locations, struct location *location);

/* Each NULL when there is none. */
struct location *location_by_token(const struct locations *locations, struct str token);
struct location *location_by_contact(const struct locations *locations, unsigned peer,
				     struct str aor, struct str contact);
/* One after the other: previous NULL begins. It may be removed only when the next is known. */
struct location *location_by_aor(const struct locations *locations, unsigned peer, struct str aor,
				 const struct location *previous);
struct location *location_by_connection(const struct locations *locations, uint64_t connection);
struct location *location_each(const struct locations *locations, const struct location *previous);
/* The first whose serial is greater, in the order of location_each(): at once while that one is
 * there, else by passing over those before it. */
struct location *location_after(const struct locations *locations, uint64_t serial);
enum location_spare {
	LOCATION_LOST,    /* its connection is gone */
	LOCATION_UNBOUND, /* the registrar has not accepted it, and is not being asked */
};
/* One that may give way to another: of that address of record of a peer, the one that came first;
 * of a peer (aor without ptr), the one that is so the longest; of any (peer UINT_MAX). In a time
 * that others, however many they are, do not make longer. */
struct location *location_spare(const struct locations *locations, enum location_spare spare,
				unsigned peer, struct str aor);
/* One whose time is over, to be removed. */
struct location *location_ended(const struct locations *locations, uint64_t now_ms);
/* Milliseconds until the next ends; -1: none will. */
int64_t locations_next(const struct locations *locations, uint64_t now_ms);

unsigned locations_count(const struct locations *locations);
