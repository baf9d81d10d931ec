/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ports: what packets come in and go out by. Every kind ends as a DPDK port number with
 * rte_eth_rx_burst() and rte_eth_tx_burst(); what differs is how it is made, and how packets that
 * are not media stay with the kernel.
 *
 *   af_xdp     a kernel interface; our XDP program takes only UDP to the media addresses and media
 *              ports, all else stays with the kernel
 *   af_packet  fall-back for kernels or drivers without AF_XDP: always DEGRADED. The kernel sees a
 *              copy of the media too; a tc program drops that copy, so that it does not answer with
 *              ICMP port unreachable
 *   ring       in memory, for tests and benchmarks
 *
 * Thread: all of it the main thread, except the bursts.
 */
#pragma once

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include <rte_ether.h>
#include <rte_mempool.h>
#include <rte_ring.h>

enum port_kind { PORT_AF_XDP, PORT_AF_PACKET, PORT_RING };

struct port_address {
	uint8_t family; /* 4 or 6 */
	uint8_t prefix_pad[3];
	uint8_t ip[16]; /* network order */
};

#define PORT_ADDRESSES_MAX 4U

struct port_config {
	enum port_kind kind;
	char device[IFNAMSIZ]; /* kernel interface; for ring the ring's name */
	uint16_t queues;       /* receive and transmit queues, one pair a worker; at least 1 */
	uint16_t descriptors;  /* a queue; 0: the kind's default */
	unsigned address_count;
	struct port_address address[PORT_ADDRESSES_MAX]; /* media addresses */
	uint16_t media_port_first;			 /* what the XDP program takes */
	uint16_t media_port_last;
	struct rte_mempool *pool;
	struct rte_ring *rx_ring; /* kind ring: what the port receives from */
	struct rte_ring *tx_ring; /* kind ring: what it sends to */
};

struct port {
	uint16_t dpdk_port;
	enum port_kind kind;
	unsigned ifindex; /* 0 for ring */
	uint16_t mtu;	  /* of the kernel interface; 1500 for ring */
	struct rte_ether_addr mac;
	bool degraded;
	char reason[128]; /* why degraded; empty if not */
	char device[IFNAMSIZ];
	struct port_private *priv;
};

const char *port_kind_name(enum port_kind kind);

/*
 * Makes, configures and starts a port. On failure nothing is left behind (XDP program detached, tc
 * filter gone), and error (size bytes) says what was wrong, the value, and what to do.
 * Returns 0 or -errno. A kind is never replaced by another: the caller decides about fall-backs.
 */
int port_open(struct port **port, const struct port_config *config, char *error, size_t size);

/* Link state now; reads the kernel or the PMD. */
bool port_link_up(const struct port *port);

/* Stops the port, detaches programs and frees; NULL is allowed. No worker may use it any more. */
void port_close(struct port *port);

/* Removes XDP and tc programs of ours that a killed process left on a device. 0 or -errno. */
int port_clean_stale(const char *device);
