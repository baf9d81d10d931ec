/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/media_program.h"
#include "net/netdev.h"
#include "net/port.h"
#include "net/port_private.h"

static const struct port_kind_ops *const kinds[] = {
    [PORT_AF_XDP] = &port_af_xdp, [PORT_AF_PACKET] = &port_af_packet,
    [PORT_RING] = &port_ring,     [PORT_MEMIF] = &port_memif,
    [PORT_PCI] = &port_pci,
};

int port_fail(char *error, size_t size, int err, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(error, size, format, ap);
	va_end(ap);
	return err;
}

const char *port_kind_name(enum port_kind kind)
{
	return (unsigned)kind < RTE_DIM(kinds) ? kinds[kind]->name : "?";
}

static int check_config(const struct port_config *config, char *error, size_t size)
{
	if ((unsigned)config->kind >= RTE_DIM(kinds))
		return port_fail(error, size, -EINVAL, "no port kind has the number %d",
				 (int)config->kind);
	if (config->queues < 1 || config->queues > PORT_QUEUES_MAX)
		return port_fail(error, size, -EINVAL, "%u queues asked for, allowed are 1 to %u",
				 config->queues, PORT_QUEUES_MAX);
	if (!config->pool)
		return port_fail(error, size, -EINVAL, "port %s has no packet pool",
				 config->device);
	if (config->address_count > PORT_ADDRESSES_MAX)
		return port_fail(error, size, -EINVAL, "%u media addresses on %s, allowed are %u",
				 config->address_count, config->device, PORT_ADDRESSES_MAX);
	if (!port_kind_is_link(config->kind) &&
	    (config->address_count == 0 || config->media_port_first == 0 ||
	     config->media_port_first > config->media_port_last))
		return port_fail(
		    error, size, -EINVAL,
		    "%s: %u media addresses and media ports %u to %u; at least one of each "
		    "is needed",
		    config->device, config->address_count, config->media_port_first,
		    config->media_port_last);
	return 0;
}

static int read_netdev(struct port *port, char *error, size_t size)
{
	struct netdev netdev;
	int err = netdev_read(port->device, &netdev);

	if (err == -ENODEV)
		return port_fail(error, size, err,
				 "no interface \"%s\" in this network namespace: see 'ip link'",
				 port->device);
	if (err)
		return port_fail(error, size, err, "cannot read interface %s: %s", port->device,
				 strerror(-err));
	if (!netdev.ethernet)
		return port_fail(error, size, -EINVAL, "interface %s is not an Ethernet interface",
				 port->device);
	if (!netdev.up)
		return port_fail(error, size, -ENETDOWN,
				 "interface %s is down: 'ip link set %s up' first", port->device,
				 port->device);
	port->ifindex = netdev.ifindex;
	port->mtu = netdev.mtu;
	port->mac = netdev.mac;
	memcpy(port->kernel_device, port->device, sizeof(port->kernel_device));
	return 0;
}

/* A text for what BPF system calls answer; the verifier's and the kernel's own words behind it. */
static int bpf_fail(const struct port *port, int err, char *error, size_t size)
{
	const char *text = media_program_kernel_text();

	if (err == -EBUSY)
		return port_fail(error, size, err,
				 "%s is in use by another data plane, whose programs are on it",
				 port->device);
	if (err == -EPERM)
		return port_fail(
		    error, size, err,
		    "not allowed to load BPF programs for %s: CAP_BPF and CAP_NET_ADMIN are "
		    "needed, or start as root",
		    port->device);
	return port_fail(error, size, err, "cannot load our BPF program for %s: %s%s%s",
			 port->device, strerror(-err), *text ? ": " : "", text);
}

int port_program_open(struct port *port, const struct port_config *config,
		      enum media_program_kind kind, char *error, size_t size)
{
	int err = media_program_clean(port->ifindex);

	if (!err)
		err = media_program_load(&port->priv->program, kind, config, port->mtu);
	return err ? bpf_fail(port, err, error, size) : 0;
}

int port_clean_stale(const char *device)
{
	struct netdev netdev;
	int err = netdev_read(device, &netdev);

	return err ? err : media_program_clean(netdev.ifindex);
}

int port_open(struct port **out, const struct port_config *config, char *error, size_t size)
{
	struct port *port;
	int err;

	*out = NULL;
	err = check_config(config, error, size);
	if (err)
		return err;
	port = calloc(1, sizeof(*port));
	if (!port)
		return port_fail(error, size, -ENOMEM, "no memory for port %s", config->device);
	port->priv = calloc(1, sizeof(*port->priv));
	if (!port->priv) {
		err = port_fail(error, size, -ENOMEM, "no memory for port %s", config->device);
		goto fail;
	}
	port->priv->ops = kinds[config->kind];
	port->kind = config->kind;
	memcpy(port->device, config->device, sizeof(port->device) - 1);

	err = port_kind_has_netdev(config->kind) ? read_netdev(port, error, size) : 0;
	if (!err)
		err = port->priv->ops->open(port, config, error, size);
	if (err)
		goto fail;
	*out = port;
	return 0;
fail:
	port_close(port);
	return err;
}

bool port_link_up(const struct port *port)
{
	struct netdev netdev;

	if (port->priv->ops->link_up)
		return port->priv->ops->link_up(port);
	return netdev_read(port->device, &netdev) == 0 && netdev.ifindex == port->ifindex &&
	       netdev.running;
}

uint64_t port_missed(const struct port *port)
{
	uint64_t missed = 0;

	for (unsigned q = 0; q < port->queues; q++) {
		struct rte_eth_stats stats;

		/* a DPDK port has one queue of ours, or all of them */
		if (q > 0 && port->queue[q].dpdk_port == port->queue[0].dpdk_port)
			break;
		if (rte_eth_stats_get(port->queue[q].dpdk_port, &stats) == 0)
			missed += stats.imissed + stats.rx_nombuf;
	}
	return missed;
}

void port_close(struct port *port)
{
	if (!port)
		return;
	if (port->priv && port->priv->ops)
		port->priv->ops->close(port);
	free(port->priv);
	free(port);
}
