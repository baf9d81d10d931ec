/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>

#include "worker/burst.h"
#include "worker/pipeline.h"
#include "worker/rate.h"

#define MAILBOX_SIZE 4096U
#define EVENTS_SIZE 4096U
#define HANDOFF_SIZE 1024U
#define MAIL_BURST 32U
#define ROUNDS 4U /* of bursts between two looks for mail */

static_assert(WORKER_ADDRESSES_MAX <= UINT8_MAX + 1U, "leg.address is a byte");
static_assert((int)LEG_SRTP == 2 && (int)SRTP_PACKET_RTCP == 1, "used as indices");
static_assert(sizeof(struct rtp_address) == sizeof(struct sluice_addr), "same layout");

/* A ring of one producer and one consumer in plain memory, so that it needs no EAL. */
static struct rte_ring *ring_new(const char *name, unsigned element_size, unsigned count)
{
	ssize_t size = rte_ring_get_memsize_elem(element_size, count);
	struct rte_ring *ring;

	if (size < 0)
		return NULL;
	ring = aligned_alloc(RTE_CACHE_LINE_SIZE, RTE_CACHE_LINE_ROUNDUP((size_t)size));
	if (ring && rte_ring_init(ring, name, count, RING_F_SP_ENQ | RING_F_SC_DEQ)) {
		free(ring);
		ring = NULL;
	}
	return ring;
}

static uint64_t fixed_point(uint64_t per_second, uint64_t tsc_hz)
{
	return (uint64_t)(((unsigned __int128)per_second << 64) / tsc_hz);
}

#define STEP_LINES 3U /* that a step of burst_ahead() fetches, or fewer */

static void lines_fetch(void *user, unsigned lines)
{
	burst_ahead(user, lines / STEP_LINES);
}

int worker_new(struct worker **worker, const struct worker_config *config)
{
	struct worker *new = aligned_alloc(64, sizeof(*new));
	int rc = 0;

	*worker = NULL;
	if (!new)
		return -ENOMEM;
	memset(new, 0, sizeof(*new));
	new->config = *config;
	new->tsc_hz = rte_get_tsc_hz();
	if (!new->tsc_hz) { /* no EAL, as in a test: any rate will do */
		new->tsc_hz = UINT64_C(1000000000);
	}
	new->ms_per_tsc = fixed_point(1000, new->tsc_hz);
	new->rtp_per_tsc = fixed_point(8000, new->tsc_hz);
	new->rate_per_tsc = fixed_point(RATE_HZ, new->tsc_hz);
	for (unsigned i = 0; i < config->address_count; i++)
		header_prepare(&new->header[i], config->address[i].family, config->address[i].ip);
	new->mailbox = ring_new("mailbox", sizeof(void *), MAILBOX_SIZE);
	new->mail_back = ring_new("mail_back", sizeof(void *), MAILBOX_SIZE);
	new->events = ring_new("events", sizeof(struct worker_event), EVENTS_SIZE);
	new->burst[0] = calloc(1, sizeof(*new->burst[0]));
	new->burst[1] = calloc(1, sizeof(*new->burst[1]));
	if (!new->mailbox || !new->mail_back || !new->events || !new->burst[0] || !new->burst[1])
		rc = -ENOMEM;
	rc = rc ? rc : srtp_worker_new(&new->srtp, config->engine, config->srtp_spares);
	if (rc) {
		worker_free(new);
		return rc;
	}
	srtp_worker_meanwhile(new->srtp, &(struct crypto_meanwhile){lines_fetch, new});
	*worker = new;
	return 0;
}

int workers_connect(struct worker *const *workers, unsigned count)
{
	for (unsigned to = 0; to < count; to++) {
		workers[to]->worker_count = count;
		for (unsigned from = 0; from < count; from++) {
			struct rte_ring *ring;

			if (from == to)
				continue;
			ring = ring_new("handoff", sizeof(void *), HANDOFF_SIZE);
			if (!ring)
				return -ENOMEM;
			workers[to]->handoff_in[from] = ring;
			workers[from]->handoff_out[to] = ring;
		}
	}
	return 0;
}

static void handoff_free(struct rte_ring *ring)
{
	void *mbuf;

	while (ring && rte_ring_sc_dequeue(ring, &mbuf) == 0)
		rte_pktmbuf_free(mbuf);
	free(ring);
}

void worker_free(struct worker *worker)
{
	if (!worker)
		return;
	for (unsigned i = 0; i < WORKERS_MAX; i++)
		handoff_free(worker->handoff_in[i]);
	srtp_worker_free(worker->srtp);
	free(worker->burst[0]);
	free(worker->burst[1]);
	free(worker->mailbox);
	free(worker->mail_back);
	free(worker->events);
	free(worker);
}

int worker_post(struct worker *worker, struct mail *mail)
{
	return rte_ring_sp_enqueue(worker->mailbox, mail) ? -EAGAIN : 0;
}

struct mail *worker_mail_back(struct worker *worker)
{
	void *mail;

	return rte_ring_sc_dequeue(worker->mail_back, &mail) ? NULL : mail;
}

bool worker_event_take(struct worker *worker, struct worker_event *event)
{
	return rte_ring_sc_dequeue_elem(worker->events, event, sizeof(*event)) == 0;
}

int worker_tell(struct worker *worker, const struct worker_event *event)
{
	if (rte_ring_sp_enqueue_elem(worker->events, (void *)(uintptr_t)event, sizeof(*event)) == 0)
		return 0;
	counter_add(&worker->counters.events_lost, 1);
	return -EAGAIN;
}

const struct worker_counters *worker_counters(const struct worker *worker)
{
	return &worker->counters;
}

const struct worker_config *worker_config(const struct worker *worker)
{
	return &worker->config;
}

/* No more than what can be given back: the rings are of one size, but the main thread may be slow
 * to take it. */
unsigned worker_mail_run(struct worker *worker)
{
	void *mail[MAIL_BURST];
	unsigned room = rte_ring_free_count(worker->mail_back);
	unsigned n;

	n = rte_ring_sc_dequeue_burst(worker->mailbox, mail, room < MAIL_BURST ? room : MAIL_BURST,
				      NULL);
	for (unsigned i = 0; i < n; i++)
		mail_apply(worker, mail[i], rte_rdtsc());
	if (n)
		rte_ring_sp_enqueue_bulk(worker->mail_back, mail, n, NULL);
	return n;
}

static unsigned port_take(struct worker *worker, unsigned port, struct rte_mbuf **mbufs)
{
	unsigned n = port_rx_burst(worker->config.port[port].port, (uint16_t)worker->config.number,
				   mbufs, BURST_MAX);

	for (unsigned i = 0; i < n; i++)
		mbufs[i]->port = (uint16_t)port;
	if (n)
		counter_add(&worker->counters.received, n);
	return n;
}

static unsigned handoff_take(struct worker *worker, unsigned from, struct rte_mbuf **mbufs)
{
	struct rte_ring *ring = worker->handoff_in[from];

	return ring ? rte_ring_sc_dequeue_burst(ring, (void **)mbufs, BURST_MAX, NULL) : 0;
}

/* Takes a burst from a port, or behind these from another worker. Returns how many it has. */
static unsigned source_take(struct worker *worker, unsigned source, struct burst *burst)
{
	unsigned ports = worker->config.port_count;
	struct rte_mbuf *mbufs[BURST_MAX];
	unsigned n = source < ports ? port_take(worker, source, mbufs)
				    : handoff_take(worker, source - ports, mbufs);
	uint64_t begin_tsc;

	if (!n)
		return 0;
	begin_tsc = rte_rdtsc();
	burst_take(worker, burst, mbufs, n);
	if (worker->clock)
		worker->clock->tsc[PIPELINE_RECEIVE] += rte_rdtsc() - begin_tsc;
	return n;
}

/*
 * A burst from every source in turn, some rounds while packets come. Each is taken before the one
 * before it is worked, so that what it needs of memory is fetched meanwhile. At the end none is
 * left that was taken: legs that it has found may be gone after the next mail.
 */
static unsigned bursts_run(struct worker *worker)
{
	unsigned sources = worker->config.port_count + worker->worker_count;
	struct burst *current = NULL, *next = worker->burst[0];
	unsigned work = 0, before = 0;

	for (unsigned round = 0; round < ROUNDS && (round == 0 || work > before); round++) {
		before = work;
		for (unsigned source = 0; source < sources; source++) {
			unsigned n = source_take(worker, source, next);

			if (!n)
				continue;
			work += n;
			worker->next = next;
			if (current)
				pipeline_run(worker, current);
			current = next;
			next = worker->burst[next == worker->burst[0]];
		}
	}
	worker->next = NULL;
	if (current)
		pipeline_run(worker, current);
	return work;
}

unsigned worker_step(struct worker *worker)
{
	uint64_t begin_tsc = rte_rdtsc();
	unsigned work;

	work = worker_mail_run(worker) + bursts_run(worker);
	counter_add(&worker->counters.heartbeat, 1);
	if (work)
		counter_add(&worker->counters.busy_tsc, rte_rdtsc() - begin_tsc);
	return work;
}

void worker_clock_set(struct worker *worker, struct pipeline_clock *clock)
{
	worker->clock = clock;
}
