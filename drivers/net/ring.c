/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kind ring: packets come from one rte_ring and go to another. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_eth_ring.h>

#include "net/port.h"
#include "net/port_private.h"

#define RING_MTU 1500U
#define RING_DESCRIPTORS 512U /* without meaning: the ring has its size */

/* All queues share the two rings: with several workers, several dequeue from one ring. */
static int check_rings(const struct port_config *config, char *error, size_t size)
{
	if (!config->rx_ring || !config->tx_ring)
		return port_fail(error, size, -EINVAL,
				 "ring port %s needs a ring for each direction", config->device);
	if (config->queues > 1 && (!(rte_ring_is_cons_single(config->rx_ring) == 0) ||
				   rte_ring_is_prod_single(config->tx_ring)))
		return port_fail(error, size, -EINVAL,
				 "ring port %s has %u queues on rings for a single thread",
				 config->device, config->queues);
	return 0;
}

static int make_device(struct port *port, const struct port_config *config)
{
	struct rte_ring *rx[PORT_QUEUES_MAX], *tx[PORT_QUEUES_MAX];
	struct port_private *priv = port->priv;
	int dpdk_port;

	for (unsigned i = 0; i < config->queues; i++) {
		rx[i] = config->rx_ring;
		tx[i] = config->tx_ring;
	}
	dpdk_port = rte_eth_from_rings(port->device, rx, config->queues, tx, config->queues,
				       (unsigned)rte_socket_id());
	if (dpdk_port < 0)
		return -rte_errno;
	if (rte_eth_dev_get_name_by_port((uint16_t)dpdk_port, priv->vdev[0]))
		return -ENODEV;
	priv->vdev_count = 1;
	return dpdk_port;
}

static int ring_open(struct port *port, const struct port_config *config, char *error, size_t size)
{
	uint16_t dpdk_port;
	int err = check_rings(config, error, size);
	int made;

	if (err)
		return err;
	made = make_device(port, config);
	if (made < 0)
		return port_fail(error, size, made, "cannot make ring port %s: %s", config->device,
				 strerror(-made));
	dpdk_port = (uint16_t)made;
	port->mtu = RING_MTU;
	err = port_ethdev_configure(dpdk_port, config->queues, RING_MTU);
	for (uint16_t q = 0; !err && q < config->queues; q++) {
		err = port_queue_setup(dpdk_port, q, RING_DESCRIPTORS, config->pool);
		port->queue[q] = (struct port_queue){.dpdk_port = dpdk_port, .dpdk_queue = q};
	}
	if (!err)
		err = rte_eth_dev_start(dpdk_port);
	if (!err)
		err = rte_eth_macaddr_get(dpdk_port, &port->mac);
	if (err)
		return port_fail(error, size, err, "cannot start ring port %s: %s", config->device,
				 strerror(-err));
	/* whoever reads the other end */
	port->neighbour = (struct rte_ether_addr){{0x02, 0, 0, 0, 0, 0x01}};
	port->queues = config->queues;
	return 0;
}

static bool ring_link_up(const struct port *port)
{
	(void)port;
	return true;
}

const struct port_kind_ops port_ring = {
    .name = "ring",
    .open = ring_open,
    .link_up = ring_link_up,
    .close = port_vdev_remove_all,
};
