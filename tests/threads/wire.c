/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_mempool.h>

#define SLOTS 1024U
#define POOL_OPS "wire"
#define PORT_FIRST                                                                    \
	(RTE_MAX_ETHPORTS - 2U) /* numbers that DPDK gives to no port of its own here \
				 */

static struct rte_mempool *pool;

/* Of one producer and one consumer, as all rings between our threads are. */
static struct rte_ring *ring_make(void)
{
	size_t size = RTE_CACHE_LINE_ROUNDUP((size_t)rte_ring_get_memsize(SLOTS));
	struct rte_ring *ring = aligned_alloc(RTE_CACHE_LINE_SIZE, size);

	if (ring && rte_ring_init(ring, "wire", SLOTS, RING_F_SP_ENQ | RING_F_SC_DEQ)) {
		free(ring);
		ring = NULL;
	}
	return ring;
}

/* ---- buffers ---- */

/* A heap of free buffers under a lock. */
static pthread_mutex_t free_lock = PTHREAD_MUTEX_INITIALIZER;
static void *free_buffer[WIRE_BUFFERS];
static unsigned free_count;

static int pool_alloc(struct rte_mempool *mempool)
{
	mempool->pool_data = free_buffer;
	return mempool->size <= WIRE_BUFFERS ? 0 : -ENOMEM;
}

static void pool_release(struct rte_mempool *mempool)
{
	mempool->pool_data = NULL;
}

static int pool_enqueue(struct rte_mempool *mempool, void *const *objects, unsigned n)
{
	(void)mempool;
	pthread_mutex_lock(&free_lock);
	memcpy(&free_buffer[free_count], objects, n * sizeof(objects[0]));
	free_count += n;
	pthread_mutex_unlock(&free_lock);
	return 0;
}

static int pool_dequeue(struct rte_mempool *mempool, void **objects, unsigned n)
{
	int rc = -ENOBUFS;

	(void)mempool;
	pthread_mutex_lock(&free_lock);
	if (n <= free_count) {
		free_count -= n;
		memcpy(objects, &free_buffer[free_count], n * sizeof(objects[0]));
		rc = 0;
	}
	pthread_mutex_unlock(&free_lock);
	return rc;
}

static unsigned pool_count(const struct rte_mempool *mempool)
{
	unsigned count;

	(void)mempool;
	pthread_mutex_lock(&free_lock);
	count = free_count;
	pthread_mutex_unlock(&free_lock);
	return count;
}

static const struct rte_mempool_ops pool_ops = {
    .name = POOL_OPS,
    .alloc = pool_alloc,
    .free = pool_release,
    .enqueue = pool_enqueue,
    .dequeue = pool_dequeue,
    .get_count = pool_count,
};
RTE_MEMPOOL_REGISTER_OPS(pool_ops);

int wires_start(void)
{
	static char arguments[][24] = {
	    "test",           "--no-huge",   "-m",       "64",  "--no-pci",
	    "--no-telemetry", "--no-shconf", "--lcores", "0@0", "--log-level=3",
	    "--iova-mode=va"};
	char *argv[RTE_DIM(arguments) + 1] = {NULL};

	for (size_t i = 0; i < RTE_DIM(arguments); i++)
		argv[i] = arguments[i];
	if (rte_eal_init((int)RTE_DIM(arguments), argv) < 0)
		return -1;
	/* no cache: one that a thread keeps would be filled and emptied inside DPDK */
	pool = rte_pktmbuf_pool_create_by_ops("wires", WIRE_BUFFERS, 0, 0,
					      RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY, POOL_OPS);
	return pool ? 0 : -1;
}

struct rte_mbuf *wire_buffer(void)
{
	return rte_pktmbuf_alloc(pool);
}

unsigned wire_buffers_free(void)
{
	return rte_mempool_avail_count(pool);
}

/* ---- ports ---- */

static uint16_t receive(void *queue, struct rte_mbuf **frames, uint16_t n)
{
	return (uint16_t)rte_ring_sc_dequeue_burst(queue, (void **)frames, n, NULL);
}

static uint16_t transmit(void *queue, struct rte_mbuf **frames, uint16_t n)
{
	return (uint16_t)rte_ring_sp_enqueue_burst(queue, (void **)frames, n, NULL);
}

/* What rte_eth_rx_burst() and rte_eth_tx_burst() go by. */
static void bursts_make(struct wire *wire, uint16_t number)
{
	static void *queues[2][2][WIRE_WORKERS_MAX], *no_callbacks[WIRE_WORKERS_MAX];
	struct rte_eth_fp_ops *ops = &rte_eth_fp_ops[PORT_FIRST + number];

	for (unsigned i = 0; i < wire->workers; i++) {
		queues[number][0][i] = wire->to_worker[i];
		queues[number][1][i] = wire->sent[i];
		wire->port.queue[i] = (struct port_queue){
		    .dpdk_port = (uint16_t)(PORT_FIRST + number), .dpdk_queue = (uint16_t)i};
	}
	ops->rx_pkt_burst = receive;
	ops->tx_pkt_burst = transmit;
	ops->rxq.data = queues[number][0];
	ops->txq.data = queues[number][1];
	ops->rxq.clbk = ops->txq.clbk = no_callbacks;
}

int wire_make(struct wire *wire, unsigned number, unsigned workers)
{
	*wire = (struct wire){.workers = workers};
	for (unsigned i = 0; i < workers; i++) {
		wire->to_worker[i] = ring_make();
		wire->sent[i] = ring_make();
		if (!wire->to_worker[i] || !wire->sent[i])
			return -1;
	}
	wire->port = (struct port){.kind = PORT_RING,
				   .mtu = 1500,
				   .queues = (uint16_t)workers,
				   .mac = {{0x02, 0, 0, 0, 1, (uint8_t)number}},
				   .neighbour = {{0x02, 0, 0, 0, 2, (uint8_t)number}}};
	bursts_make(wire, (uint16_t)number);
	return 0;
}

static void ring_end(struct rte_ring *ring)
{
	void *frame;

	while (ring && rte_ring_dequeue(ring, &frame) == 0)
		rte_pktmbuf_free(frame);
	free(ring);
}

void wire_free(struct wire *wire)
{
	for (unsigned i = 0; i < wire->workers; i++) {
		ring_end(wire->to_worker[i]);
		ring_end(wire->sent[i]);
	}
}

bool wire_give(struct wire *wire, unsigned worker, struct rte_mbuf *frame)
{
	return rte_ring_sp_enqueue(wire->to_worker[worker], frame) == 0;
}

struct rte_mbuf *wire_take(struct wire *wire)
{
	void *frame;

	for (unsigned i = 0; i < wire->workers; i++)
		if (rte_ring_sc_dequeue(wire->sent[i], &frame) == 0)
			return frame;
	return NULL;
}
