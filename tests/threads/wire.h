/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A port and packet buffers in memory whose queues are compiled into the test. DPDK's own ring port
 * and pool lie in shared libraries, into which a race detector does not look: what one thread hands
 * to another there would seem to be shared without any order.
 *
 * Thread: made and freed by the main thread; the workers' side is the port, the other side is one
 * thread's.
 */
#pragma once

#include <stdint.h>

#include "net/port.h"

#define WIRE_WORKERS_MAX 4U
#define WIRE_BUFFERS 4095U

struct wire {
	struct port port;
	unsigned workers;
	struct rte_ring *to_worker[WIRE_WORKERS_MAX]; /* a receive queue each */
	struct rte_ring *sent[WIRE_WORKERS_MAX];      /* by each */
};

/* Starts DPDK, and makes the buffers of all wires. Once a process. Returns 0 or -1. */
int wires_start(void);

/* number: 0 or 1. Returns 0 or -1. */
int wire_make(struct wire *wire, unsigned number, unsigned workers);
void wire_free(struct wire *wire);

/* An empty buffer, or NULL. */
struct rte_mbuf *wire_buffer(void);
/* Buffers that nobody has. */
unsigned wire_buffers_free(void);

/* Gives a frame to a worker. False: its queue is full, and the frame is still the caller's. */
bool wire_give(struct wire *wire, unsigned worker, struct rte_mbuf *frame);
/* Takes a frame that a worker sent, or NULL. */
struct rte_mbuf *wire_take(struct wire *wire);
