/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Facts of a kernel network interface, read from the kernel of this network namespace (not from
 * /sys, which may show another one). Thread: any.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <rte_ether.h>

struct netdev {
	unsigned ifindex;
	uint16_t mtu; /* bytes; at most 65535 */
	struct rte_ether_addr mac;
	bool ethernet;
	bool up;      /* IFF_UP */
	bool running; /* and has a carrier */
	bool virtual; /* veth, bridge, ...: no bus behind it */
	char driver[32];
	/* Queues in use. combined: one pair each; else counted separately, as veth does. */
	unsigned combined;
	unsigned rx_queues; /* with the combined ones */
	unsigned tx_queues;
};

/* Returns 0, -ENODEV, or -errno. */
int netdev_read(const char *name, struct netdev *netdev);
