/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The DPDK side that all kinds share: virtual devices made and removed at run time. */
#include <errno.h>
#include <stdio.h>

#include <rte_bus_vdev.h>
#include <rte_ethdev.h>

#include "net/port.h"
#include "net/port_private.h"

int port_vdev_make(struct port *port, const char *name, const char *arguments, uint16_t *dpdk_port)
{
	struct port_private *priv = port->priv;
	char *kept = priv->vdev[priv->vdev_count];
	int err;

	if (priv->vdev_count == PORT_QUEUES_MAX || rte_eth_dev_count_total() >= RTE_MAX_ETHPORTS)
		return -ENOSPC;
	if (snprintf(kept, PORT_VDEV_NAME_MAX, "%s", name) >= (int)PORT_VDEV_NAME_MAX)
		return -ENAMETOOLONG;
	err = rte_vdev_init(name, arguments);
	if (err)
		return err < 0 ? err : -EIO;
	priv->vdev_count++;
	return rte_eth_dev_get_port_by_name(name, dpdk_port);
}

int port_ethdev_configure(uint16_t dpdk_port, uint16_t queues, uint16_t mtu)
{
	struct rte_eth_conf conf = {.rxmode.mtu = mtu};
	struct rte_eth_dev_info info;
	int err = rte_eth_dev_info_get(dpdk_port, &info);

	if (err)
		return err;
	/* net_af_packet names 1518 bytes here, but takes whatever fits its frames */
	conf.rxmode.mtu =
	    RTE_MIN(conf.rxmode.mtu, info.max_rx_pktlen - RTE_ETHER_HDR_LEN - RTE_ETHER_CRC_LEN);
	return rte_eth_dev_configure(dpdk_port, queues, queues, &conf);
}

int port_queue_setup(uint16_t dpdk_port, uint16_t queue, uint16_t descriptors,
		     struct rte_mempool *pool)
{
	unsigned node = (unsigned)SOCKET_ID_ANY;
	int err = rte_eth_tx_queue_setup(dpdk_port, queue, descriptors, node, NULL);

	return err ? err : rte_eth_rx_queue_setup(dpdk_port, queue, descriptors, node, NULL, pool);
}

void port_vdev_remove_all(struct port *port)
{
	struct port_private *priv = port->priv;
	uint16_t dpdk_port;

	while (priv->vdev_count > 0) {
		const char *name = priv->vdev[--priv->vdev_count];

		if (rte_eth_dev_get_port_by_name(name, &dpdk_port) == 0)
			(void)rte_eth_dev_stop(dpdk_port);
		(void)rte_vdev_uninit(name);
	}
	port->queues = 0;
}
