/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of the data plane, for the files of this folder. */
#pragma once

#include <rte_mempool.h>

#include "main/cores.h"
#include "main/dataplane.h"
#include "main/eal.h"
#include "main/loop.h"
#include "main/requests.h"
#include "main/server.h"
#include "net/nexthop.h"
#include "session/interfaces.h"
#include "session/sessions.h"
#include "worker/worker.h"

/* What a worker's share of its core was, and whether it goes on. */
struct worker_sample {
	uint64_t busy_tsc;
	uint64_t heartbeat;
	uint32_t busy_permille;
	unsigned stuck_s;
};

struct port_place {
	struct port *port;
	struct rte_ring *ring[2]; /* kind ring: receive and transmit */
	bool fallback;            /* not the kind that was asked for */
	bool link_up;
	char reason[128]; /* why degraded */
};

struct dataplane {
	struct config config;
	struct cores cores;
	struct eal_plan eal;
	bool eal_started;
	char engine[32];
	const struct crypto_engine *crypto;
	struct rte_mempool *pool;
	struct port_place port[CONFIG_INTERFACES_MAX];
	struct interfaces interfaces;
	struct nexthop_table *nexthops;
	struct worker *worker[CONFIG_WORKERS_MAX];
	struct worker_sample sample[CONFIG_WORKERS_MAX];
	uint64_t sampled_tsc;
	struct capture_directory capture_directory;
	struct captures *captures; /* NULL: no directory is configured */
	struct sessions *sessions;
	struct requests requests;
	struct server *server;
	struct loop loop;
	int timer_fd, signal_fd;
	struct loop_source timer, signal, nexthop;
};

/* dataplane_ports.c */
int ports_start(struct dataplane *dataplane, char *text, size_t size);
void ports_stop(struct dataplane *dataplane);
/* MiB of packet buffers, and their number. */
size_t ports_memory_mib(const struct config *config);
/* Link changes, once a second. */
void ports_watch(struct dataplane *dataplane);

/* dataplane_status.c */
/* Takes busy shares and heartbeats, once a second. */
void workers_watch(struct dataplane *dataplane);
void dataplane_status(void *user, struct sluice_status *status);

uint16_t workers_queues(const struct config *config);
