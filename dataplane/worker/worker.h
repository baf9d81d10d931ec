/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A worker: one pinned thread that takes packets from a queue of every port and relays those of
 * known streams. Run to completion; see pipeline.c for what happens to a burst.
 *
 * Thread: made, started, stopped and freed by the main thread; worker_step() is the worker's.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "crypto/engine.h"
#include "net/port.h"
#include "sluice_media.h"
#include "worker/hop.h"
#include "worker/mail.h"

#define WORKERS_MAX 16U
#define WORKER_PORTS_MAX 16U
#define WORKER_ADDRESSES_MAX (WORKER_PORTS_MAX * PORT_ADDRESSES_MAX)
#define WORKER_NO_CORE UINT32_MAX

enum worker_idle {
	WORKER_IDLE_POLL,     /* never sleeps: least latency, a whole core */
	WORKER_IDLE_SLEEP,    /* short sleeps when nothing comes */
	WORKER_IDLE_BACK_OFF, /* longer ones when nothing comes for long: least power */
};

/* A local media address. Constant but for what streams points to. */
struct worker_address {
	uint8_t family; /* 4 or 6 */
	uint8_t ip[16]; /* network order */
	uint16_t port_first;
	uint16_t port_last;
	/* Per pair of ports, whose stream it is: stream_table.h. Shared by all workers. */
	uint64_t *streams;
};

struct worker_port {
	struct port *port;
	/* The VLAN that it is in: frames of another one are not ours. 0: none, untagged. */
	uint16_t vlan;
	uint16_t vlan_tci;      /* of the tag that is sent: with the priority */
	unsigned address_first; /* index of the addresses below; they are consecutive */
	unsigned address_count;
};

struct worker_config {
	unsigned number; /* also its queue of every port */
	unsigned core;   /* CPU to run on, or WORKER_NO_CORE */
	enum worker_idle idle;
	const struct crypto_engine *engine;
	unsigned srtp_spares; /* contexts that may have more than one SSRC: srtp_worker_new() */
	unsigned port_count;
	unsigned address_count;
	bool vlans;        /* some port is in one */
	bool kernel_paths; /* what is not media of some port is left to the kernel here */
	struct worker_port port[WORKER_PORTS_MAX];
	struct worker_address address[WORKER_ADDRESSES_MAX];
	const struct hop *hops;                     /* HOPS_MAX of them */
	const struct rtp_payload_map *payload_maps; /* by the index of a leg */
};

/* worker: wo; main thread: ro. Relaxed atomics. */
struct worker_counters {
	uint64_t received;
	uint64_t relayed;
	uint64_t relayed_rtcp;
	uint64_t decrypted;
	uint64_t encrypted;
	uint64_t handed_off;  /* to the worker whose stream they are of */
	uint64_t to_kernel;   /* no media, come in by a port of kind pci */
	uint64_t busy_tsc;    /* spent on packets and mail */
	uint64_t heartbeat;   /* steps done: a worker whose heartbeat stands is stuck */
	uint64_t events_lost; /* the ring to the main thread was full */
	uint64_t drops[SLUICE_DROP_COUNT];
};

struct worker;
struct pipeline_clock;

/* Returns 0, -ENOMEM or -ENOTSUP (crypto engine). */
int worker_new(struct worker **worker, const struct worker_config *config);

/* Joins workers for hand-off: packets that come to one and belong to another. Before any starts.
 * Returns 0 or -ENOMEM. */
int workers_connect(struct worker *const *workers, unsigned count);

/* Starts the thread. Returns 0 or -errno. */
int worker_start(struct worker *worker);

/* Stops and joins the thread; does nothing to a worker that does not run. */
void worker_stop(struct worker *worker);

/* Frees a worker that does not run; NULL is allowed. Mail not carried out is lost. */
void worker_free(struct worker *worker);

/* Main thread: gives mail to the worker. Returns 0 or -EAGAIN (ring full). */
int worker_post(struct worker *worker, struct mail *mail);

/* Main thread: mail that was carried out, or NULL. */
struct mail *worker_mail_back(struct worker *worker);

/* Carries out waiting mail of a worker that does not run. Returns how many. */
unsigned worker_mail_run(struct worker *worker);

/* Main thread: takes an event. True when there was one. */
bool worker_event_take(struct worker *worker, struct worker_event *event);

const struct worker_counters *worker_counters(const struct worker *worker);
const struct worker_config *worker_config(const struct worker *worker);

/*
 * One turn of the loop: mail, then a burst from every port and from every other worker. Returns how
 * many packets and mails it had. For the worker's thread, or a test that has none.
 */
unsigned worker_step(struct worker *worker);

/* Times the stages of the pipeline into clock from now on; NULL: no more. While the worker does not
 * run, or by its own thread. */
void worker_clock_set(struct worker *worker, struct pipeline_clock *clock);
