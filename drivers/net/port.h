/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ports: what packets come in and go out by. Every kind ends as DPDK ports with rte_eth_rx_burst()
 * and rte_eth_tx_burst(); what differs is how it is made, and how packets that are not media stay
 * with the kernel.
 *
 *   af_xdp     a kernel interface; our XDP program takes only UDP to the media addresses and media
 *              ports, all else stays with the kernel
 *   af_packet  fall-back for kernels or drivers without AF_XDP: always DEGRADED. A socket filter
 *              gives the port only media. The kernel sees a copy of it too; a tc program drops that
 *              copy, so that the kernel does not answer with ICMP port unreachable
 *   memif      memory shared with another process; a link with one neighbour, without the kernel
 *   pci        a NIC that DPDK drives itself; what is not media goes to the kernel by a TAP
 * interface (kernel_path.h), which has the NIC's addresses, routes and neighbours ring       in
 * memory of this process, for tests and benchmarks
 *
 * Media is: IPv4 without fragmentation, or IPv6 without extension headers; UDP; to a media address
 * and a media port; untagged or behind one VLAN tag. The rest stays with
 * the kernel; still the worker checks everything itself, for the ring kind has no filter.
 *
 * Packets, as the worker sees them:
 *   - one segment, never more: received packets are, and sent ones must be;
 *   - the pool is made by port_pool_create(), whose buffers keep PORT_HEADROOM in front at least
 *     (af_xdp: 256 bytes more, written by nobody) and PORT_TAILROOM behind the longest packet;
 *   - no offload at all. Checksums of sent packets must be right: of the IPv4 header, and of UDP,
 *     which IPv6 demands. Those of received packets must not be judged: a sender on this host
 * leaves the UDP checksum half done, for a hardware that veth has not got (CHECKSUM_PARTIAL);
 *   - af_xdp leaves a VLAN tag in the packet; af_packet takes it out and puts it into
 *     mbuf->vlan_tci with RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED, and puts it back when a
 *     sent mbuf has RTE_MBUF_F_TX_VLAN;
 *   - af_packet gives fragments put together, when they make no more than a frame; longer ones, and
 *     all fragments with af_xdp, are the kernel's;
 *   - mbuf->port is not set;
 *   - a sent buffer comes back to its pool at a later transmission on the same queue, not at once.
 *
 * Thread: all of it the main thread, except the bursts, and each queue's bursts are one thread's.
 */
#pragma once

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include <rte_ethdev.h>
#include <rte_ether.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>
#include <rte_ring.h>
#include <rte_spinlock.h>

enum port_kind { PORT_AF_XDP, PORT_AF_PACKET, PORT_RING, PORT_MEMIF, PORT_PCI };

/* Kinds without a kernel interface: no routes, no ARP, and one neighbour at the other end. */
static inline bool port_kind_is_link(enum port_kind kind)
{
	return kind == PORT_RING || kind == PORT_MEMIF;
}

/* Kinds on an interface that the kernel has anyway. */
static inline bool port_kind_has_netdev(enum port_kind kind)
{
	return kind == PORT_AF_XDP || kind == PORT_AF_PACKET;
}

struct port_address {
	uint8_t family; /* 4 or 6 */
	uint8_t prefix_pad[3];
	uint8_t ip[16]; /* network order */
};

#define PORT_ADDRESSES_MAX 16U
#define PORT_QUEUES_MAX 16U
#define PORT_HEADROOM RTE_PKTMBUF_HEADROOM /* bytes in front of a packet */
#define PORT_TAILROOM 32U                  /* bytes behind the longest packet */

enum port_memif_role { PORT_MEMIF_SERVER, PORT_MEMIF_CLIENT };

struct port_memif {
	char socket[108]; /* absolute path; the server makes it */
	enum port_memif_role role;
	uint32_t id;                     /* of the link, when several share a socket */
	struct rte_ether_addr neighbour; /* of the other end; zeros: as ours has it there */
};

struct port_pci {
	char kernel[IFNAMSIZ]; /* name of the TAP interface that the kernel has of it */
	char arguments[128];   /* of a virtual device; empty for a NIC */
};

/* Whether a device's name is a PCI address, "0000:3b:00.0". */
bool port_pci_address(const char *device);

struct port_config {
	enum port_kind kind;
	char device[IFNAMSIZ]; /* kernel interface; for ring and memif a name; for pci its address
				*/
	uint16_t queues; /* receive and transmit queues, one pair a worker; 1..PORT_QUEUES_MAX */
	uint16_t descriptors; /* a queue, a power of two; 0: the kind's default */
	unsigned address_count;
	struct port_address address[PORT_ADDRESSES_MAX]; /* media addresses */
	uint16_t media_port_first;                       /* what the XDP program takes */
	uint16_t media_port_last;
	struct rte_mempool *pool;
	struct rte_ring *rx_ring; /* kind ring: what the port receives from */
	struct rte_ring *tx_ring; /* kind ring: what it sends to */
	struct port_memif memif;  /* kind memif */
	struct port_pci pci;      /* kind pci */
};

/* One pair of queues. A port has a DPDK port for each or one for all, as its driver needs it. */
struct port_queue {
	uint16_t dpdk_port;
	uint16_t dpdk_queue;
};

struct port {
	/*
	 * What the device has: config.queues, or fewer (degraded, reason says how to get more).
	 * Workers beyond it receive nothing from this port, and share the others' transmit queues.
	 */
	uint16_t queues;
	bool tx_shared;                          /* written before the workers start */
	rte_spinlock_t tx_lock[PORT_QUEUES_MAX]; /* taken by every worker when tx_shared */
	struct port_queue queue[PORT_QUEUES_MAX];
	enum port_kind kind;
	unsigned ifindex; /* 0 without a kernel interface */
	uint16_t mtu;     /* of the kernel interface; else 1500 */
	struct rte_ether_addr mac;
	struct rte_ether_addr neighbour; /* of a link (port_kind_is_link()); else zeros */
	bool degraded;
	char reason[128]; /* why degraded; empty if not */
	char device[IFNAMSIZ];
	char kernel_device[IFNAMSIZ]; /* that routes are of; empty: none */
	/* pci; the others leave to the kernel what is not media before it comes here */
	struct kernel_path *kernel;
	struct steering *steering; /* as the NIC does it; NULL: not known */
	const char *steered_by;    /* the same in words; NULL: not known */
	struct port_private *priv;
};

const char *port_kind_name(enum port_kind kind);

/*
 * Buffers that every kind can use: count of them, each with PORT_HEADROOM, room for packets of mtu
 * bytes (of IP) and PORT_TAILROOM. af_xdp registers the whole pool as its UMEM, so that the objects
 * must lie without a gap in one piece of memory, which a plain rte_pktmbuf_pool_create() does not
 * promise. numa_node -1: any. Returns NULL and rte_errno; error says what to do.
 */
struct rte_mempool *port_pool_create(const char *name, unsigned count, unsigned cache, uint16_t mtu,
				     int numa_node, char *error, size_t size);

/* Buffers that a port with so many queues may hold at once: what a pool needs for it. */
unsigned port_pool_need(uint16_t queues);

/*
 * Makes, configures and starts a port. On failure nothing is left behind (XDP program detached, tc
 * filter gone), and error (size bytes) says what was wrong, the value, and what to do.
 * Returns 0 or -errno. A kind is never replaced by another: the caller decides about fall-backs.
 */
int port_open(struct port **port, const struct port_config *config, char *error, size_t size);

/*
 * Up to n packets from or to a queue; the worker that owns the queue. Returns how many: of packets
 * not sent the caller stays the owner.
 *
 * af_xdp and af_packet send with one system call a burst (the kernel's copy mode needs the kick),
 * so bursts should be as long as they can be; receiving needs none on a virtual interface.
 */
static inline uint16_t port_rx_burst(const struct port *port, uint16_t queue,
				     struct rte_mbuf **packets, uint16_t n)
{
	const struct port_queue *q = &port->queue[queue];

	return queue < port->queues ? rte_eth_rx_burst(q->dpdk_port, q->dpdk_queue, packets, n) : 0;
}

static inline uint16_t port_tx_burst(struct port *port, uint16_t queue, struct rte_mbuf **packets,
				     uint16_t n)
{
	unsigned own = queue % port->queues;
	const struct port_queue *q = &port->queue[own];
	uint16_t sent;

	if (!port->tx_shared)
		return rte_eth_tx_burst(q->dpdk_port, q->dpdk_queue, packets, n);
	rte_spinlock_lock(&port->tx_lock[own]);
	sent = rte_eth_tx_burst(q->dpdk_port, q->dpdk_queue, packets, n);
	rte_spinlock_unlock(&port->tx_lock[own]);
	return sent;
}

/* Link state: as the kernel has it, which may lag a second (the PMDs always say up); of memif, that
 * the other end is connected. */
bool port_link_up(const struct port *port);

/*
 * Packets that came to the device and that no worker got: its queue was full, or there was no
 * buffer. Since it was opened, as far as its driver counts them.
 */
uint64_t port_missed(const struct port *port);

/*
 * Stops the port, detaches programs and frees; NULL is allowed. No worker may use it any more. The
 * buffers that an af_xdp port's driver held (2048 a queue) do not come back to the pool: a pool
 * lives as long as its ports, and is freed after them.
 */
void port_close(struct port *port);

/*
 * Removes XDP and tc programs of ours that a killed process left on a device; port_open() does it
 * too. Returns 0; -EBUSY when their process lives (as far as /proc shows it); -errno.
 */
int port_clean_stale(const char *device);
