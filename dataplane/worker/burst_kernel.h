/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What comes in by a NIC that DPDK drives itself and is no media: ARP, neighbour discovery, ICMP,
 * SIP, SSH. It is the kernel's. Other kinds of ports leave it there before a worker sees it.
 *
 * Thread: the worker.
 */
#pragma once

#include <rte_branch_prediction.h>

#include "worker/burst.h"

/* Gives them to the ports' ways to the kernel, instead of dropping them. KERNEL_FULL. */
void burst_to_kernel(struct worker *worker, struct burst *burst);

static inline void burst_leave(struct worker *worker, struct burst *burst)
{
	if (unlikely(worker->config.kernel_paths))
		burst_to_kernel(worker, burst);
}
