/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tags of IEEE 802.1Q on what is sent by ports that are in a VLAN. */
#include <netinet/in.h>
#include <string.h>

#include <rte_ether.h>

#include "worker/burst.h"

#define MACS_BYTES (2U * RTE_ETHER_ADDR_LEN)

/* Into the frame, since neither af_xdp nor memif writes the tag that an mbuf may name. */
static enum sluice_drop frame_tag(struct rte_mbuf *mbuf, uint16_t tci)
{
	const uint16_t tag_be[2] = {htons(RTE_ETHER_TYPE_VLAN), htons(tci)};
	char *frame = rte_pktmbuf_prepend(mbuf, sizeof(tag_be));

	if (!frame)
		return SLUICE_DROP_NO_BUFFER;
	memmove(frame, frame + sizeof(tag_be), MACS_BYTES);
	memcpy(frame + MACS_BYTES, tag_be, sizeof(tag_be));
	return SLUICE_DROP_NONE;
}

void burst_tag(struct worker *worker, struct burst *burst)
{
	for (unsigned i = 0; i < burst->n; i++) {
		struct packet *packet = &burst->packet[i];
		const struct worker_port *port;

		if (packet->drop)
			continue;
		port = &worker->config.port[packet->port];
		if (port->vlan)
			packet->drop = (uint8_t)frame_tag(packet->mbuf, port->vlan_tci);
	}
}
