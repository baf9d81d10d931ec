/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker/burst_kernel.h"

#include "net/kernel_path.h"

/* A media port that no call uses stays UNKNOWN_PORT: the kernel would answer with ICMP. */
static bool is_for_kernel(const struct packet *packet)
{
	switch (packet->drop) {
	case SLUICE_DROP_NOT_IP_UDP:
	case SLUICE_DROP_NOT_OURS:
		return true;
	case SLUICE_DROP_UNKNOWN_PORT:
		return !packet->entry;
	default:
		return false;
	}
}

void burst_to_kernel(struct worker *worker, struct burst *burst)
{
	for (unsigned i = 0; i < burst->n; i++) {
		struct packet *packet = &burst->packet[i];
		struct kernel_path *path;

		if (!is_for_kernel(packet))
			continue;
		/* a port's way in: packet->port is that out */
		path = worker->config.port[packet->mbuf->port].port->kernel;
		if (!path)
			continue;
		packet->drop = SLUICE_DROP_KERNEL_FULL;
		if (!kernel_path_give(path, &packet->mbuf, 1))
			continue;
		packet->drop = PACKET_HANDED_OFF;
		counter_add(&worker->counters.to_kernel, 1);
	}
}
