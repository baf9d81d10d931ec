/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of a worker, for its own files and its tests. */
#pragma once

#include <pthread.h>
#include <semaphore.h>
#include <stdalign.h>

#include <rte_ring.h>

#include "worker/forgeries.h"
#include "worker/header.h"
#include "worker/worker.h"

struct burst;
struct pipeline_clock;

struct worker {
	/* constant after the start */
	struct worker_config config;
	struct header header[WORKER_ADDRESSES_MAX]; /* by address */
	struct srtp_worker *srtp;
	struct burst *burst[2];       /* scratch: the one that is worked, and the next */
	struct burst *next;           /* one of them, of which not all is fetched yet, or NULL */
	struct pipeline_clock *clock; /* NULL: stages are not timed */
	unsigned worker_count;
	struct rte_ring *handoff_in[WORKERS_MAX];  /* by the worker it comes from; else NULL */
	struct rte_ring *handoff_out[WORKERS_MAX]; /* by the worker it goes to; not owned */
	struct rte_ring *mailbox;                  /* main -> worker: struct mail * */
	struct rte_ring *mail_back;                /* worker -> main */
	struct rte_ring *events;                   /* worker -> main: struct worker_event */
	/* by mail */
	struct capture_ring *capture; /* NULL until the first capture */
	unsigned captures;            /* sessions captured now; 0: no packet is looked at */
	uint64_t tsc_hz;
	uint64_t ms_per_tsc;   /* fixed point, 64 bits of fraction */
	uint64_t rtp_per_tsc;  /* same, in units of an 8 kHz RTP timestamp */
	uint64_t rate_per_tsc; /* same, in units of rate.h */
	pthread_t thread;
	bool running;  /* main thread only */
	bool stop;     /* main: wo, worker: ro; relaxed atomic */
	sem_t started; /* worker posts, main waits: then start_rc is written */
	int start_rc;
	struct forgeries forgeries; /* worker */
	alignas(64) struct worker_counters counters;
};

/* Takes a burst through all stages; mbuf->port is the index of the worker's port that a packet came
 * in by. The packets are the pipeline's. */
void pipeline_run(struct worker *worker, struct burst *burst);

/* Carries out one mail. */
void mail_apply(struct worker *worker, const struct mail *mail, uint64_t now_tsc);

/* Tells the main thread. Returns 0, or -EAGAIN when the ring is full (counted). */
int worker_tell(struct worker *worker, const struct worker_event *event);

static inline uint64_t tsc_scale(uint64_t tsc, uint64_t factor)
{
	return (uint64_t)((unsigned __int128)tsc * factor >> 64);
}
