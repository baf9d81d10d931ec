/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way to the kernel of a NIC that DPDK drives itself (kind pci): ARP, neighbour discovery,
 * ICMP, SIP, SSH, whatever is not media. A TAP interface is to the kernel what the NIC would be,
 * with its MAC address and its carrier: the addresses, routes and neighbours are there. Workers put
 * packets into a ring and go on; a thread of its own writes them to the TAP, and sends what the
 * kernel says.
 *
 * Thread: opened and closed by the main thread; kernel_path_give() any.
 */
#pragma once

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include <rte_ether.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>
#include <rte_spinlock.h>

struct kernel_path;

struct kernel_path_config {
	char name[IFNAMSIZ]; /* of the TAP; one that is there, and persistent, is taken */
	struct rte_ether_addr mac;
	uint16_t mtu;
	struct rte_mempool *pool; /* buffers for what the kernel sends */
	uint16_t dpdk_port;       /* by which that goes out */
	uint16_t dpdk_queue;
	rte_spinlock_t *lock; /* of that queue when others send there too; NULL: it is our own */
};

/* 64 bits each, relaxed atomics; written by its thread. */
struct kernel_path_counters {
	uint64_t to_kernel;
	uint64_t from_kernel;
	uint64_t lost; /* either way: no buffer, the NIC's queue full, the TAP down */
};

/* Makes the TAP, sets it up, and starts the thread. Returns 0, or -errno with error. */
int kernel_path_open(struct kernel_path **path, const struct kernel_path_config *config,
		     char *error, size_t size);
/* Ends the thread and frees. The NIC's queue must still run. NULL is allowed. */
void kernel_path_close(struct kernel_path *path);

/* Packets for the kernel. Returns how many of the first ones are its now; of the rest there is no
 * room. */
unsigned kernel_path_give(struct kernel_path *path, struct rte_mbuf **packets, unsigned n);

/* Link state of the NIC: the kernel's routes depend on it. */
void kernel_path_carrier(struct kernel_path *path, bool up);

unsigned kernel_path_ifindex(const struct kernel_path *path);
void kernel_path_counters(const struct kernel_path *path, struct kernel_path_counters *counters);
