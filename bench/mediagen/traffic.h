/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets sent at the pace that was asked for, and every one that comes back verified. Thread: one.
 */
#pragma once

#include "../common/core.h"
#include "histogram.h"
#include "pace.h"
#include "phones.h"
#include "proof.h"
#include "tape.h"
#include "windows.h"

/* What is wrong with a packet that came back. X(SYMBOL, "name") */
#define TRAFFIC_FAULTS(X)                                                              \
	X(STRANGE, "strange")   /* not UDP to one of our phones */                     \
	X(AUTH, "auth")         /* not SRTP under the phone's key, or not RTP */       \
	X(PAYLOAD, "payload")   /* not what was sent */                                \
	X(NUMBERS, "numbers")   /* RTP sequence number, time stamp or SSRC is wrong */ \
	X(ORDER, "order")       /* behind a later packet of its stream */              \
	X(REPEATED, "repeated") /* it was there before, or may have been: 64 behind and more */

enum traffic_fault {
#define TRAFFIC_FAULT_ENUM(symbol, name) TRAFFIC_##symbol,
	TRAFFIC_FAULTS(TRAFFIC_FAULT_ENUM)
#undef TRAFFIC_FAULT_ENUM
	    TRAFFIC_FAULT_COUNT
};

/* A turn that takes longer was none of ours: the core was away. */
#define TRAFFIC_STALL_US 50U

struct traffic_stalls {
	uint64_t count;
	uint64_t total_ns;
	uint64_t longest_ns;
};

struct traffic {
	const struct options *options;
	struct wire *wire;
	struct phones *phones;
	struct pace pace;
	struct tape tape[2]; /* by leg that sends */
	struct proof proof;
	struct rte_mbuf *waiting[2][WIRE_BURST]; /* to be sent, but the port was full */
	uint16_t waiting_count[2];
	unsigned leg; /* whose turn it is */
	uint64_t sent;
	uint64_t held_back; /* of these, found the port full at first */
	uint64_t received;  /* and found right, or out of order; each once */
	uint64_t
	    verified; /* of these, decrypted where they were SRTP, and their payload compared */
	uint32_t unverified; /* packets since the last such one */
	uint64_t faults[TRAFFIC_FAULT_COUNT];
	double seconds; /* that it sent for */
	double tsc_per_ns;
	bool making_failed;           /* a phone could not encrypt */
	int core_rc;                  /* of core_take(); 1: was not asked for */
	struct histogram latency;     /* nanoseconds from when a packet had to be sent */
	struct windows windows;       /* the same by the time when they came */
	struct histogram lateness;    /* until it was sent */
	struct traffic_stalls stalls; /* turns of ours that took longer than TRAFFIC_STALL_US */
	struct core_account account;  /* what was taken from us while we sent */
};

/* Makes the packets that are to be made ahead. Returns 0, -ENOMEM, or -EIO: a phone could not
 * encrypt. Says why. */
int traffic_open(struct traffic *traffic, struct phones *phones, struct wire *wire);
void traffic_close(struct traffic *traffic);

/* The time from which packets are due. */
void traffic_start(struct traffic *traffic, uint64_t now_tsc);
/* One turn of the loop: sends what is due of one leg, and takes what came back; when there is
 * neither, makes packets that will be needed, if not all were made ahead. */
void traffic_turn(struct traffic *traffic, uint64_t now_tsc);
/* True when there is nothing more to send, or it cannot be made, or its seconds are over. */
bool traffic_is_over(const struct traffic *traffic);
/* A turn without sending more, but what waits. */
void traffic_drain(struct traffic *traffic);
/* Verifies what was put aside for it. */
void traffic_prove(struct traffic *traffic);

/* Between two readings of the clock. */
double traffic_seconds(const struct traffic *traffic, uint64_t from_tsc, uint64_t to_tsc);

/* Takes the first packet of leg's phones, which the next turn sends; for who needs one to look at.
 * NULL: no buffer. It is the traffic's. stream: whose it is. */
const struct rte_mbuf *traffic_first(struct traffic *traffic, unsigned leg, struct stream **stream);
/* The RTP sequence number of the packet that the stream sends next. */
uint16_t traffic_sequence(const struct traffic *traffic, const struct stream *stream);

/* Sends back whatever comes, as it is, until *stop: the mirror. */
void traffic_mirror(const struct options *options, struct wire *wire, const volatile int *stop);

const char *traffic_fault_name(enum traffic_fault fault);
