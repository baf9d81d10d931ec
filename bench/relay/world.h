/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A data plane in this process and thread: two ports in memory, one worker that is turned by hand,
 * and the sessions. All of it is the data plane's own code.
 *
 * Thread: one.
 */
#pragma once

#include <stdint.h>

#include "session/interfaces.h"
#include "session/sessions.h"
#include "worker/worker.h"

#define WORLD_BATCH 256U /* packets in the ports at once */

struct world {
	struct rte_mempool *pool;
	struct rte_ring *in[2], *out[2]; /* of port 0 "inside" and 1 "outside" */
	struct port *port[2];
	struct interfaces interfaces;
	struct worker *worker;
	struct sessions *sessions;
	struct captures *captures; /* the caller's, set before world_open(); NULL: none */
};

/* Starts DPDK on that core, where this thread runs from then on. Once a process. Returns 0 or
 * -errno; says why on standard error. */
int world_start(int cpu);

/* Makes the world, all zero but for its captures, with room for so many sessions. Returns 0 or
 * -errno; says why. */
int world_open(struct world *world, uint32_t sessions_max);
/* Closes all sessions with it. */
void world_close(struct world *world);

/* Carries out all mail between main thread and worker. */
void world_settle(struct world *world);

/* Packets that the worker dropped since its start, and that of one reason. */
uint64_t world_drops(const struct world *world, uint64_t drops[SLUICE_DROP_COUNT]);
