/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets sent at the pace that was asked for, and every one that comes back verified. Thread: one.
 */
#pragma once

#include "histogram.h"
#include "phones.h"

/* What is wrong with a packet that came back. X(SYMBOL, "name") */
#define TRAFFIC_FAULTS(X)                                                      \
	X(STRANGE, "strange") /* not UDP to one of our phones */               \
	X(AUTH, "auth")       /* not SRTP under the phone's key, or not RTP */ \
	X(PAYLOAD, "payload") /* not what was sent */                          \
	X(NUMBERS, "numbers") /* RTP sequence number or SSRC moved */          \
	X(ORDER, "order")     /* behind a later packet of its stream */

enum traffic_fault {
#define TRAFFIC_FAULT_ENUM(symbol, name) TRAFFIC_##symbol,
	TRAFFIC_FAULTS(TRAFFIC_FAULT_ENUM)
#undef TRAFFIC_FAULT_ENUM
	    TRAFFIC_FAULT_COUNT
};

struct traffic {
	const struct options *options;
	struct wire *wire;
	struct phones *phones;
	uint32_t *order[2]; /* of the calls, random: by leg that sends */
	uint32_t next[2];
	struct rte_mbuf *waiting[2][WIRE_BURST]; /* made, but the port was full */
	uint16_t waiting_count[2];
	unsigned leg;  /* whose turn it is */
	double rate;   /* packets a second in all; 0: no limit */
	uint64_t made; /* packets: sent, or waiting */
	uint64_t sent;
	uint64_t held_back; /* of these, found the port full at first */
	uint64_t received;  /* and found right, or out of order */
	uint64_t faults[TRAFFIC_FAULT_COUNT];
	double seconds; /* that it sent for */
	double tsc_per_ns;
	struct histogram latency; /* nanoseconds */
};

/* Returns 0 or -ENOMEM. */
int traffic_open(struct traffic *traffic, struct phones *phones, struct wire *wire);
void traffic_close(struct traffic *traffic);

/* One turn of the loop: sends what is due of one leg, so long after the start, and takes what came
 * back. */
void traffic_turn(struct traffic *traffic, double elapsed_s);
/* The same without making more packets. */
void traffic_drain(struct traffic *traffic);

/* Makes the first packet of leg's phones, which the next turn sends; for who needs one to look at.
 * NULL: no buffer. It is the traffic's. stream: whose it is. */
const struct rte_mbuf *traffic_first(struct traffic *traffic, unsigned leg, struct stream **stream);

/* Sends back whatever comes, as it is, until *stop: the mirror. */
void traffic_mirror(struct wire *wire, const volatile int *stop);

const char *traffic_fault_name(enum traffic_fault fault);
