/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kind af_packet, on DPDK's net_af_packet: memory-mapped packet sockets, several of them in a
 * fanout group that keeps a flow on one queue. The sockets get our filter, so that a worker sees
 * nothing but media, and not what this host itself sends either.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "net/media_program.h"
#include "net/own_socket.h"
#include "net/port.h"
#include "net/port_private.h"

#define AF_PACKET_FRAMES 1024U
#define DRAIN_BURST 32U
#define FRAME_STEP 256U
#define FRAMES_A_BLOCK 16U
/* What a frame of the ring needs besides the packet: TPACKET2_HDRLEN and alignment, rounded up. */
#define FRAME_OVERHEAD 96U

/* FRAMES_A_BLOCK of them must fill whole pages. */
static unsigned frame_size(uint16_t mtu)
{
	unsigned bytes = (unsigned)mtu + RTE_ETHER_HDR_LEN + RTE_VLAN_HLEN + FRAME_OVERHEAD;

	return (bytes + FRAME_STEP - 1) / FRAME_STEP * FRAME_STEP;
}

static int make_device(struct port *port, const struct port_config *config, uint16_t *dpdk_port)
{
	unsigned frames = config->descriptors ? config->descriptors : AF_PACKET_FRAMES;
	unsigned size = frame_size(port->mtu);
	char name[PORT_VDEV_NAME_MAX], arguments[160];

	frames = RTE_MAX(frames, FRAMES_A_BLOCK);
	snprintf(name, sizeof(name), "net_af_packet_%s", port->device);
	snprintf(arguments, sizeof(arguments),
		 "iface=%s,qpairs=%u,framesz=%u,blocksz=%u,framecnt=%u,qdisc_bypass=1",
		 port->device, config->queues, size, size * FRAMES_A_BLOCK, frames);
	return port_vdev_make(port, name, arguments, dpdk_port);
}

static int filter_sockets(struct port *port, const struct own_sockets *before)
{
	struct own_sockets fresh;
	int err = own_sockets_new(before, AF_PACKET, &fresh);

	if (!err && fresh.count == 0)
		err = -EBADF;
	for (unsigned i = 0; !err && i < fresh.count; i++)
		err = media_program_filter_socket(port->priv->program, fresh.fd[i]);
	return err;
}

/* The sockets were open for a moment before they had their filter. */
static void drain(const struct port_queue *queue)
{
	struct rte_mbuf *packets[DRAIN_BURST];
	uint16_t n;

	for (unsigned left = AF_PACKET_FRAMES; left > 0; left -= n) {
		n = (uint16_t)RTE_MIN(left, DRAIN_BURST);
		n = rte_eth_rx_burst(queue->dpdk_port, queue->dpdk_queue, packets, n);
		if (n == 0)
			return;
		rte_pktmbuf_free_bulk(packets, n);
	}
}

static int open_device(struct port *port, const struct port_config *config)
{
	struct own_sockets before;
	uint16_t dpdk_port;
	int err = own_sockets_read(&before, AF_PACKET);

	if (!err)
		err = make_device(port, config, &dpdk_port);
	if (!err)
		err = filter_sockets(port, &before);
	if (!err)
		err = port_ethdev_configure(dpdk_port, config->queues, port->mtu);
	for (uint16_t q = 0; !err && q < config->queues; q++) {
		err = port_queue_setup(dpdk_port, q, AF_PACKET_FRAMES, config->pool);
		port->queue[q] = (struct port_queue){.dpdk_port = dpdk_port, .dpdk_queue = q};
	}
	if (!err)
		err = rte_eth_dev_start(dpdk_port);
	for (uint16_t q = 0; !err && q < config->queues; q++)
		drain(&port->queue[q]);
	return err;
}

static int af_packet_open(struct port *port, const struct port_config *config, char *error,
			  size_t size)
{
	struct port_private *priv = port->priv;
	int err = port_pool_check_room(config->pool, port->mtu, error, size);

	if (!err)
		err = port_program_open(port, config, MEDIA_PROGRAM_SKB, error, size);
	if (err)
		return err;
	err = media_program_attach_tc(priv->program, port->ifindex, &priv->made_clsact);
	if (err)
		return port_fail(error, size, err,
				 "cannot attach our tc filter to %s: %s (%s); CAP_NET_ADMIN and "
				 "CONFIG_NET_CLS_BPF are needed",
				 port->device, strerror(-err), media_program_kernel_text());
	priv->attached = true;
	err = open_device(port, config);
	if (err)
		return port_fail(
		    error, size, err,
		    "cannot open packet sockets on %s: %s; CAP_NET_RAW and %u MiB of kernel "
		    "memory are needed",
		    port->device, strerror(-err),
		    2 * config->queues * AF_PACKET_FRAMES * frame_size(port->mtu) >> 20);
	port->queues = config->queues;
	port->degraded = true;
	snprintf(
	    port->reason, sizeof(port->reason),
	    "af_packet: the kernel handles and copies each packet; af_xdp is several times faster");
	return 0;
}

static void af_packet_close(struct port *port)
{
	struct port_private *priv = port->priv;

	port_vdev_remove_all(port);
	/* last: media that comes meanwhile must not reach the kernel's UDP */
	if (priv->attached)
		(void)media_program_detach_tc(port->ifindex, priv->made_clsact);
	media_program_free(priv->program);
}

const struct port_kind_ops port_af_packet = {
    .name = "af_packet",
    .open = af_packet_open,
    .close = af_packet_close,
};
