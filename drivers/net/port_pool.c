/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include <rte_errno.h>

#include "net/port.h"
#include "net/port_private.h"

/* What the AF_XDP PMD can hold a queue: fill ring, receive ring, transmit and completion ring. */
#define BUFFERS_A_QUEUE 8192U
/* The kernel puts XDP_PACKET_HEADROOM in front of what it writes, besides our headroom. */
#define XDP_HEADROOM 256U
#define L2_MAX (RTE_ETHER_HDR_LEN + RTE_VLAN_HLEN)
/* Unaligned UMEM chunks are at least half a page and at most a page. */
#define CHUNK_MIN 2048U
#define CHUNK_MAX 4096U

unsigned port_pool_need(uint16_t queues)
{
	return BUFFERS_A_QUEUE * queues;
}

uint32_t port_data_room(uint16_t mtu)
{
	uint32_t room = PORT_HEADROOM + XDP_HEADROOM + L2_MAX + mtu + PORT_TAILROOM;

	return RTE_MAX(room, (uint32_t)RTE_MBUF_DEFAULT_BUF_SIZE);
}

static uint32_t chunk_size(const struct rte_mempool *pool)
{
	return rte_mempool_calc_obj_size(pool->elt_size, pool->flags, NULL);
}

int port_pool_check_room(struct rte_mempool *pool, uint16_t mtu, char *error, size_t size)
{
	uint32_t room = rte_pktmbuf_data_room_size(pool);

	if (room >= port_data_room(mtu))
		return 0;
	return port_fail(error, size, -EINVAL,
			 "packet buffers of %u bytes are too small for an MTU of %u: %u needed",
			 room, mtu, port_data_room(mtu));
}

/* The PMD takes the pool for one array of chunks that starts with its first piece of memory. */
int port_pool_check(struct rte_mempool *pool, uint16_t mtu, char *error, size_t size)
{
	uint32_t chunk = chunk_size(pool);
	int err = port_pool_check_room(pool, mtu, error, size);

	if (err)
		return err;
	if (chunk < CHUNK_MIN || chunk > CHUNK_MAX)
		return port_fail(
		    error, size, -EMSGSIZE,
		    "an MTU of %u makes packet buffers of %u bytes, AF_XDP takes %u at "
		    "most: lower the interface's MTU",
		    mtu, chunk, CHUNK_MAX);
	if (!(pool->flags & RTE_MEMPOOL_F_NO_IOVA_CONTIG))
		return port_fail(error, size, -EINVAL,
				 "packet pool %s has gaps: make it with port_pool_create()",
				 pool->name);
	if (pool->nb_mem_chunks != 1)
		return port_fail(error, size, -EINVAL,
				 "packet pool %s lies in %u pieces of memory, AF_XDP needs one: "
				 "reserve more hugepages, or reserve them at boot",
				 pool->name, pool->nb_mem_chunks);
	return 0;
}

static int pool_populate(struct rte_mempool *pool, uint16_t data_room)
{
	struct rte_pktmbuf_pool_private priv = {.mbuf_data_room_size = data_room};
	int n = rte_mempool_set_ops_byname(pool, RTE_MBUF_DEFAULT_MEMPOOL_OPS, NULL);

	if (n)
		return n;
	rte_pktmbuf_pool_init(pool, &priv);
	n = rte_mempool_populate_default(pool);
	if (n < 0)
		return n;
	rte_mempool_obj_iter(pool, rte_pktmbuf_init, NULL);
	return 0;
}

struct rte_mempool *port_pool_create(const char *name, unsigned count, unsigned cache, uint16_t mtu,
				     int numa_node, char *error, size_t size)
{
	uint32_t room = port_data_room(mtu);
	struct rte_mempool *pool = NULL;
	int err = room > UINT16_MAX ? -EMSGSIZE : 0;

	if (!err) {
		/* NO_IOVA_CONTIG: objects may cross pages, so they follow each other without a gap
		 */
		pool =
		    rte_mempool_create_empty(name, count, (unsigned)sizeof(struct rte_mbuf) + room,
					     cache, sizeof(struct rte_pktmbuf_pool_private),
					     numa_node, RTE_MEMPOOL_F_NO_IOVA_CONTIG);
		err = pool ? pool_populate(pool, (uint16_t)room) : -rte_errno;
	}
	if (!err)
		return pool;
	port_fail(error, size, err,
		  "no memory for %u packet buffers of %u bytes (%zu MiB): %s; reserve more "
		  "hugepages, or lower the number of workers",
		  count, room, (size_t)count * room >> 20, strerror(-err));
	rte_mempool_free(pool);
	rte_errno = -err;
	return NULL;
}
