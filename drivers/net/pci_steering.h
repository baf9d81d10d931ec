/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Has a NIC bring packets to queues by their UDP destination port, by the best means that it has.
 *
 * Thread: the main thread, at the start.
 */
#pragma once

#include <stdint.h>

#include <rte_ethdev.h>

#include "net/steering.h"

enum pci_steering_means {
	PCI_STEERING_NONE,     /* it cannot: packets are handed from worker to worker */
	PCI_STEERING_RSS,      /* RSS over the destination port, for all UDP */
	PCI_STEERING_RSS_RULE, /* the same by a flow rule (rte_flow, action RSS) */
	PCI_STEERING_RULES,    /* a flow rule for each queue, of bits of the destination port */
};

const char *pci_steering_name(enum pci_steering_means means);

/* What is to be configured before the start: RSS as far as the NIC has it. */
void pci_steering_configure(struct rte_eth_conf *conf, const struct rte_eth_dev_info *info,
			    uint16_t queues);

/*
 * Once the port runs: finds what works, and describes it in steering. families: bit 0 IPv4, bit 1
 * IPv6. With one queue there is nothing to steer.
 */
enum pci_steering_means pci_steering_start(uint16_t dpdk_port, const struct rte_eth_dev_info *info,
					   uint16_t queues, unsigned families,
					   struct steering *steering);

/* Pairs of ports that go round robin over the queues by the low bits of their number: how many. A
 * power of two, since a rule can look at bits alone. */
unsigned pci_steering_buckets(uint16_t queues);
