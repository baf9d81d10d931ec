/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kind pci: a NIC that DPDK drives itself, without the kernel. It is named by its PCI address and
 * bound to vfio-pci (or, as mlx5, left with a kernel driver that shares it); or it is a virtual
 * device of DPDK, made here of its arguments, for trials without a NIC.
 *
 * All that comes is the worker's: what is not media goes to the kernel by kernel_path.h, so that
 * ARP, neighbour discovery, ICMP, SIP and SSH go on over the same NIC.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/kernel_path.h"
#include "net/pci_steering.h"
#include "net/port.h"
#include "net/port_private.h"

#define PCI_DESCRIPTORS 1024U
#define PCI_MTU 1500U

bool port_pci_address(const char *device)
{
	unsigned domain, bus, slot, function;
	int end = 0;

	return sscanf(device, "%4x:%2x:%2x.%1x%n", &domain, &bus, &slot, &function, &end) == 4 &&
	       device[end] == '\0' && end == 12 && function < 8;
}

static int device_find(struct port *port, const struct port_config *config, uint16_t *dpdk_port,
		       char *error, size_t size)
{
	int rc;

	if (!port_pci_address(config->device)) {
		rc = port_vdev_make(port, config->device, config->pci.arguments, dpdk_port);
		return rc ? port_fail(error, size, rc,
				      "DPDK cannot make the virtual device %s with '%s': %s",
				      config->device, config->pci.arguments, strerror(-rc))
			  : 0;
	}
	rc = rte_eth_dev_get_port_by_name(config->device, dpdk_port);
	return rc ? port_fail(error, size, -ENODEV,
			      "DPDK finds no NIC %s: is it bound to vfio-pci ('dpdk-devbind.py "
			      "--bind=vfio-pci %s', with an IOMMU), and its driver installed "
			      "(librte-net-*)?",
			      config->device, config->device)
		  : 0;
}

/*
 * A queue pair a worker, and one queue more to send what the kernel says. Where there are too few
 * they are shared, with a lock.
 */
static void choose_queues(struct port *port, const struct port_config *config,
			  const struct rte_eth_dev_info *info)
{
	uint16_t most = (uint16_t)RTE_MIN(info->max_rx_queues, info->max_tx_queues);

	port->queues = (uint16_t)RTE_MIN(config->queues, most);
	port->tx_shared = port->queues < config->queues || info->max_tx_queues <= port->queues;
	port->degraded = port->tx_shared; /* who sends may have to wait for another */
	if (port->queues < config->queues)
		snprintf(port->reason, sizeof(port->reason), "%s has %u queues for %u workers",
			 port->device, port->queues, config->queues);
	else if (port->tx_shared)
		snprintf(port->reason, sizeof(port->reason),
			 "%s has %u transmit queues for %u workers and the kernel: they share one",
			 port->device, info->max_tx_queues, config->queues);
}

/* The last one is the kernel's, unless they are shared. */
static uint16_t tx_queues(const struct port *port)
{
	return port->tx_shared ? port->queues : (uint16_t)(port->queues + 1);
}

static int device_configure(const struct port *port, const struct rte_eth_dev_info *info,
			    uint16_t dpdk_port)
{
	struct rte_eth_conf conf = {.rxmode.mtu = PCI_MTU};

	/* all that is sent is of one pool, and each buffer has one owner: queues of our own may
	 * give them back without looking at each */
	conf.txmode.offloads = info->tx_offload_capa & RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE;
	pci_steering_configure(&conf, info, port->queues);
	return rte_eth_dev_configure(dpdk_port, port->queues, tx_queues(port), &conf);
}

static int queues_setup(struct port *port, const struct port_config *config, uint16_t dpdk_port)
{
	uint16_t receive = config->descriptors ? config->descriptors : PCI_DESCRIPTORS;
	uint16_t send = receive;
	int node = rte_eth_dev_socket_id(dpdk_port);
	int rc = rte_eth_dev_adjust_nb_rx_tx_desc(dpdk_port, &receive, &send);

	for (uint16_t q = 0; !rc && q < port->queues; q++) {
		rc = rte_eth_rx_queue_setup(dpdk_port, q, receive, (unsigned)node, NULL,
					    config->pool);
		port->queue[q] = (struct port_queue){.dpdk_port = dpdk_port, .dpdk_queue = q};
	}
	for (uint16_t q = 0; !rc && q < tx_queues(port); q++)
		rc = rte_eth_tx_queue_setup(dpdk_port, q, send, (unsigned)node, NULL);
	return rc;
}

static int device_start(struct port *port, const struct port_config *config,
			const struct rte_eth_dev_info *info, uint16_t dpdk_port)
{
	int rc = device_configure(port, info, dpdk_port);

	rc = rc ? rc : queues_setup(port, config, dpdk_port);
	rc = rc ? rc : rte_eth_dev_start(dpdk_port);
	rc = rc ? rc : rte_eth_macaddr_get(dpdk_port, &port->mac);
	/* neighbour discovery asks groups (RFC 4861 2.3), the kernel knows which; a device that
	 * cannot take all of them is one that filters none */
	if (!rc)
		(void)rte_eth_allmulticast_enable(dpdk_port);
	port->mtu = PCI_MTU;
	return rc;
}

static int steering_start(struct port *port, const struct port_config *config,
			  const struct rte_eth_dev_info *info)
{
	enum pci_steering_means means;
	unsigned families = 0;

	port->steering = calloc(1, sizeof(*port->steering));
	if (!port->steering)
		return -ENOMEM;
	for (unsigned i = 0; i < config->address_count; i++)
		families |= config->address[i].family == 6 ? 2U : 1U;
	means = pci_steering_start(port->queue[0].dpdk_port, info, port->queues, families,
				   port->steering);
	port->steered_by = pci_steering_name(means);
	if (means == PCI_STEERING_NONE) {
		free(port->steering);
		port->steering = NULL;
	}
	return 0;
}

static int kernel_start(struct port *port, const struct port_config *config, char *error,
			size_t size)
{
	struct kernel_path_config path = {.mac = port->mac,
					  .mtu = port->mtu,
					  .pool = config->pool,
					  .dpdk_port = port->queue[0].dpdk_port,
					  .dpdk_queue = port->tx_shared ? 0 : port->queues,
					  .lock = port->tx_shared ? &port->tx_lock[0] : NULL};
	int rc;

	memcpy(path.name, config->pci.kernel, sizeof(path.name));
	rc = kernel_path_open(&port->kernel, &path, error, size);
	if (rc)
		return rc;
	memcpy(port->kernel_device, path.name, sizeof(port->kernel_device));
	port->ifindex = kernel_path_ifindex(port->kernel);
	return 0;
}

static int pci_open(struct port *port, const struct port_config *config, char *error, size_t size)
{
	struct rte_eth_dev_info info;
	uint16_t dpdk_port;
	int rc = port_pool_check_room(config->pool, PCI_MTU, error, size);

	rc = rc ? rc : device_find(port, config, &dpdk_port, error, size);
	if (rc)
		return rc;
	port->priv->pci_port = dpdk_port;
	port->priv->has_pci_port = true;
	rc = rte_eth_dev_info_get(dpdk_port, &info);
	if (!rc) {
		choose_queues(port, config, &info);
		rc = device_start(port, config, &info, dpdk_port);
	}
	rc = rc ? rc : steering_start(port, config, &info);
	if (rc)
		return port_fail(error, size, rc, "cannot start %s (driver %s): %s", config->device,
				 info.driver_name ? info.driver_name : "?", strerror(-rc));
	return kernel_start(port, config, error, size);
}

static bool pci_link_up(const struct port *port)
{
	struct rte_eth_link link = {0};
	bool up = rte_eth_link_get_nowait(port->queue[0].dpdk_port, &link) == 0 &&
		  link.link_status == RTE_ETH_LINK_UP;

	kernel_path_carrier(port->kernel, up);
	return up;
}

static void pci_close(struct port *port)
{
	struct port_private *priv = port->priv;

	kernel_path_close(port->kernel);
	if (priv->has_pci_port && priv->vdev_count == 0) {
		(void)rte_eth_dev_stop(priv->pci_port);
		(void)rte_eth_dev_close(priv->pci_port);
	}
	port_vdev_remove_all(port);
	free(port->steering);
}

const struct port_kind_ops port_pci = {
    .name = "pci",
    .open = pci_open,
    .link_up = pci_link_up,
    .close = pci_close,
};
