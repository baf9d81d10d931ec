/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether the relay is asked for more than it can do, and what share of the new requests it refuses
 * then, so that those it takes are served in time (RFC 7339's loss algorithm, reckoned here rather
 * than told to the peers).
 *
 * Every OVERLOAD_TICK_MS a sample comes in. Delay: how long something that is read now may have
 * waited, in one of these lines: all wait for the turn of the loop; who sends datagrams waits in a
 * socket with others; and the streams of a sender, which are read in turn, are a line of their own,
 * so that who fills them waits alone, and what comes by those that are not full is not refused for
 * it: a sender may be many phones. Above enter the state is entered, for which it must last: it
 * is smoothed, and no sample counts for more than twice enter, so one long turn does not do; a
 * steep step needs a tenth of a second. In the state two things decide what is taken of a line:
 *
 * The part that the relay can do. It follows what was really taken while there was a delay, and
 * grows while there is none, the faster the more time the loop has to spare; so it comes to rest at
 * what can be done (RFC 7339's loss algorithm, with the feedback of RFC 7415's rate: what was
 * done).
 *
 * A brake on it: of the last sample's delay, as it is. From the middle of enter and leave to twice
 * enter, less and less is taken, and then nothing but OVERLOAD_LEAST: what waits already is
 * refused, which is quick, before it is too old to be served, and the queue is empty again in less
 * time than it took to fill.
 *
 * Pools (memory, transactions, messages that they keep) are everybody's: from OVERLOAD_POOL_FIRST
 * of one on the share is as much as the pool is full between there and its end.
 *
 * Of a line with several senders, those who send most are refused first: fair.c.
 *
 * The state is left when nothing was refused and the delay was below leave for OVERLOAD_QUIET_MS.
 *
 * Pure: time comes in as an argument. Thread: one.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sip/message.h"

#define OVERLOAD_TICK_MS 20U
#define OVERLOAD_QUIET_MS 5000U
#define OVERLOAD_ALL 1000U /* shares are in thousandths */
/* Of new calls that is taken whatever they wait: where refusing alone is more than can be done,
 * what a stream does not hold stays with the peers, and a relay that refuses all would do nothing.
 */
#define OVERLOAD_LEAST 30U
#define OVERLOAD_POOL_ENTER 900U /* of a pool: here the state is entered */
#define OVERLOAD_POOL_FIRST 750U /* and here its share begins */

/* X(SYMBOL, "name") */
#define OVERLOAD_POOL_LIST(X)           \
	X(MEMORY, "memory")             \
	X(TRANSACTIONS, "transactions") \
	X(MESSAGES, "messages")

enum overload_pool {
#define OVERLOAD_POOL_ENUM(symbol, name) OVERLOAD_##symbol,
	OVERLOAD_POOL_LIST(OVERLOAD_POOL_ENUM)
#undef OVERLOAD_POOL_ENUM
	    OVERLOAD_POOLS
};

struct overload_limits {
	unsigned enter_ms; /* of delay; above leave_ms */
	unsigned leave_ms;
};

struct overload_use {
	uint64_t used, most; /* most 0: not bounded, or not known */
};

struct overload_sample {    /* of the tick that ends; see overload_waits() too */
	uint64_t delay_us;  /* of all: the turn of the loop */
	uint64_t shared_us; /* of datagrams */
	bool lost;          /* the kernel had no room for some: as bad as any delay */
	unsigned busy;      /* thousandths of the tick in which the loop did not wait */
	struct overload_use pool[OVERLOAD_POOLS];
};

/* X(symbol, "name") */
#define OVERLOAD_COUNTER_LIST(X)                \
	X(entered, "entered")                   \
	X(refused_invite, "refused-invite")     \
	X(refused_register, "refused-register") \
	X(refused_options, "refused-options")   \
	X(refused_other, "refused-other")       \
	X(acks, "acks")                         \
	X(emergency, "emergency-passed")        \
	X(retransmissions, "retransmissions-passed")

struct overload_counters {
#define OVERLOAD_COUNTER_FIELD(symbol, name) uint64_t symbol;
	OVERLOAD_COUNTER_LIST(OVERLOAD_COUNTER_FIELD)
#undef OVERLOAD_COUNTER_FIELD
};

/* What is refused at once, and the same without the brake. */
enum overload_span { OVERLOAD_NOW, OVERLOAD_LASTING, OVERLOAD_SPANS };

struct overload_line {
	uint64_t delay_us;              /* smoothed */
	unsigned taken;                 /* of the new calls, in millionths, without the brake */
	unsigned share[OVERLOAD_SPANS]; /* that is refused; of others than calls see order.c */
};

enum overload_way {
	OVERLOAD_BY_STREAM,
	OVERLOAD_BY_FULL_STREAM, /* it had more than was read of it */
	OVERLOAD_BY_DATAGRAM
};

struct overload_origin { /* of a request */
	unsigned sender;
	enum overload_way way;
};

struct overload_sender {                /* a peer */
	struct overload_line own;       /* of its streams */
	uint64_t wait_us;               /* there, in this tick */
	unsigned came;                  /* new requests of this tick */
	enum overload_way way;          /* of the last one */
	uint64_t rate;                  /* smoothed, in 1/65536 of a request a tick */
	unsigned share[OVERLOAD_SPANS]; /* of the lines that it is in with others */
	uint64_t refused;
};

struct overload { /* zeroed but for limits: not overloaded, no senders */
	struct overload_limits limits;
	bool on;
	struct overload_line all, shared;
	struct overload_sender *sender;           /* by number; from 1 */
	unsigned senders;                         /* the highest number */
	struct overload_sender others;            /* who has none: as if nobody else were there */
	unsigned share;                           /* of all new calls, now */
	uint64_t delay_us;                        /* smoothed, of the longest line */
	uint64_t since_ms;                        /* when the state was entered */
	uint64_t quiet_since_ms;                  /* nothing was wrong since */
	struct overload_use pool[OVERLOAD_POOLS]; /* of the last sample */
	struct overload_counters counters;
};

enum overload_change { OVERLOAD_SAME, OVERLOAD_ENTERED, OVERLOAD_LEFT };

/* Senders have the numbers from 1 to highest. 0 or -ENOMEM. Once, and overload_free() after it. */
int overload_senders(struct overload *overload, unsigned highest);
void overload_free(struct overload *overload);

/* Every OVERLOAD_TICK_MS. */
enum overload_change overload_tick(struct overload *overload, const struct overload_sample *sample,
				   uint64_t now_ms);

/* Something that is read from a stream of that sender now may have waited so long. */
void overload_waits(struct overload *overload, unsigned sender, uint64_t wait_us);

/* A request outside of a dialog came, while the state is on: whether it will be refused or not. */
void overload_came(struct overload *overload, const struct overload_origin *origin,
		   enum sip_method method);
/*
 * Whether a request outside of a dialog is refused. draw: as good as random, and the same for a
 * retransmission. Never ACK, BYE, CANCEL and what else belongs into a dialog. order.c
 */
bool overload_refuses(struct overload *overload, const struct overload_origin *origin,
		      enum sip_method method, uint64_t draw);
/* It was refused. */
void overload_count_refused(struct overload *overload, unsigned sender, enum sip_method method);

/* "delay", or the name of the pool that asks for the larger share. */
const char *overload_reason(const struct overload *overload);
/* The sender whose own line is the longest of all; 0: what all wait in is. */
unsigned overload_longest(const struct overload *overload);
/* The sender whose requests are most of what is refused now, and which share of them; 0: nothing of
 * anybody is. */
unsigned overload_most_refused(const struct overload *overload, unsigned *share);
