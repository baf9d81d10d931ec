/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kind af_xdp, on DPDK 22.11's net_af_xdp. Four facts of that PMD shape this file:
 *
 *   - it refuses more queues than ethtool's "combined" count, and veth counts its queues otherwise;
 *     and with several queues it closes only the first one's socket. So each queue is a PMD device
 *     of its own, with one queue;
 *   - it steers all UDP and all else to itself unless it is given a program (xdp_prog=FILE), which
 * it then must attach itself, to a device that has none, and never frees. So it gets a stub in a
 *     memfd, which is taken off between the queues and replaced by our program at the end. Until
 *     then the kernel still gets every packet;
 *   - its rings and sockets are its own: the socket that is new after the set-up of a queue is that
 *     queue's (own_socket.h);
 *   - it polls with a blocking poll(2) of a second when a zero-copy driver asks to be woken, unless
 *     busy polling is on (a system call for each empty receive). So busy polling is on for
 * hardware, and off for virtual interfaces, which have no zero-copy mode.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "host/hugepages.h"
#include "net/foreign_leaks.h"
#include "net/media_program.h"
#include "net/netdev.h"
#include "net/own_socket.h"
#include "net/port.h"
#include "net/port_private.h"

#define AF_XDP_DESCRIPTORS 2048U
#define BUSY_BUDGET 64U
#define RELEASE_NS 100000000L

/* What the kernel must have and we must be allowed, asked before DPDK hides the answer. */
static int check_kernel(const struct port *port, char *error, size_t size)
{
	int fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd >= 0) {
		close(fd);
		return 0;
	}
	if (errno == EPERM || errno == EACCES)
		return port_fail(
		    error, size, -EPERM,
		    "not allowed to open an AF_XDP socket for %s: CAP_NET_RAW, CAP_NET_ADMIN "
		    "and CAP_BPF are needed, or start as root",
		    port->device);
	return port_fail(
	    error, size, -errno,
	    "this kernel has no AF_XDP (%s; CONFIG_XDP_SOCKETS): use kind af_packet for %s",
	    strerror(errno), port->device);
}

/* The PMD would take it off when it closes, and we would replace it. */
static int check_other_program(const struct port *port, char *error, size_t size)
{
	char name[MEDIA_PROGRAM_NAME_MAX];
	int err = media_program_check_xdp(port->ifindex, name);

	if (err == -EBUSY)
		return port_fail(
		    error, size, err,
		    "another XDP program (%s) is on %s: take it off ('ip link set dev %s xdp "
		    "off'), or use kind af_packet",
		    name, port->device, port->device);
	return err ? port_fail(error, size, err, "cannot ask %s for its XDP program: %s",
			       port->device, strerror(-err))
		   : 0;
}

static void ethtool_command(const struct netdev *netdev, const char *device, unsigned queues,
			    char *text, size_t size)
{
	if (netdev->combined)
		snprintf(text, size, "ethtool -L %s combined %u", device, queues);
	else
		snprintf(text, size, "ethtool -L %s rx %u tx %u", device, queues, queues);
}

/*
 * A device with more queues than sockets would leave the media of the others to the kernel: one-way
 * audio that nobody could explain. Fewer queues than workers is slow, but right.
 */
static int choose_queues(struct port *port, const struct port_config *config,
			 const struct netdev *netdev, char *error, size_t size)
{
	unsigned have = RTE_MIN(netdev->rx_queues, netdev->tx_queues);
	char command[64];

	ethtool_command(netdev, port->device, config->queues, command, sizeof(command));
	if (netdev->rx_queues > config->queues)
		return port_fail(
		    error, size, -EINVAL,
		    "%s has %u receive queues for %u workers, and media in the others would be "
		    "lost: '%s', or start %u workers",
		    port->device, netdev->rx_queues, config->queues, command, netdev->rx_queues);
	if (netdev->rx_queues > netdev->tx_queues)
		return port_fail(
		    error, size, -EINVAL,
		    "%s has %u receive queues but %u transmit queues; each worker needs one "
		    "of both: '%s'",
		    port->device, netdev->rx_queues, netdev->tx_queues, command);
	port->queues = (uint16_t)RTE_MIN(have, config->queues);
	port->tx_shared = port->queues < config->queues;
	if (port->tx_shared) {
		port->degraded = true;
		snprintf(port->reason, sizeof(port->reason),
			 "%u receive queue%s for %u workers: '%s'", port->queues,
			 port->queues == 1 ? "" : "s", config->queues, command);
	}
	return 0;
}

/* The PMD says only that it failed. What does the kernel say when we do the same? */
static int explain(struct port *port, const struct port_config *config, int err, char *error,
		   size_t size)
{
	uint64_t limit;
	bool native;
	/* each queue registers, and locks, the whole pool */
	size_t bytes = (size_t)config->pool->size * config->pool->elt_size * port->queues;
	int tried = media_program_attach_xdp(port->priv->program, port->ifindex, &native);

	if (tried)
		return port_fail(error, size, tried, "cannot attach our XDP program to %s: %s (%s)",
				 port->device, strerror(-tried), media_program_kernel_text());
	(void)media_program_detach_xdp(port->ifindex);
	if (host_memlock_limit(&limit) == 0 && limit < bytes)
		return port_fail(
		    error, size, err,
		    "cannot make an AF_XDP socket on %s: the %zu MiB of packet buffers are "
		    "above the limit of locked memory (%llu KiB): LimitMEMLOCK=infinity, or "
		    "'ulimit -l unlimited', or CAP_IPC_LOCK",
		    port->device, bytes >> 20, (unsigned long long)limit >> 10);
	return port_fail(
	    error, size, err,
	    "cannot make an AF_XDP socket on queue %u of %s: is another program using it?",
	    port->priv->vdev_count - 1, port->device);
}

static int make_device(struct port *port, const struct netdev *netdev, uint16_t queue,
		       const char *stub, uint16_t *dpdk_port)
{
	char name[PORT_VDEV_NAME_MAX], arguments[160];

	snprintf(name, sizeof(name), "net_af_xdp_%s_%u", port->device, queue);
	snprintf(arguments, sizeof(arguments),
		 "iface=%s,start_queue=%u,queue_count=1,busy_budget=%u,xdp_prog=%s", port->device,
		 queue, netdev->virtual ? 0 : BUSY_BUDGET, stub);
	return port_vdev_make(port, name, arguments, dpdk_port);
}

static int keep_socket(struct port *port, uint16_t queue, int fd)
{
	struct port_private *priv = port->priv;

	priv->xdp_socket[priv->xdp_socket_count++] = fd;
	return media_program_add_socket(priv->program, queue, fd);
}

/* One queue: a PMD device, its socket in our program's map, and the stub off again. */
static int open_queue(struct port *port, const struct port_config *config,
		      const struct netdev *netdev, uint16_t queue, const char *stub)
{
	uint16_t descriptors = config->descriptors ? config->descriptors : AF_XDP_DESCRIPTORS;
	struct own_sockets before, fresh;
	uint16_t dpdk_port;
	int err = make_device(port, netdev, queue, stub, &dpdk_port);

	if (!err)
		err = port_ethdev_configure(dpdk_port, 1, port->mtu);
	if (!err)
		err = own_sockets_read(&before, AF_XDP);
	foreign_leaks_begin(); /* the stub's bpf_object and the UMEM */
	if (!err)
		err = port_queue_setup(dpdk_port, 0, descriptors, config->pool);
	foreign_leaks_end();
	if (!err)
		err = own_sockets_new(&before, AF_XDP, &fresh);
	if (!err && fresh.count != 1)
		err = -EBADF;
	if (!err)
		err = keep_socket(port, queue, fresh.fd[0]);
	if (!err)
		err = rte_eth_dev_start(dpdk_port);
	port->queue[queue] = (struct port_queue){.dpdk_port = dpdk_port};
	return err;
}

static int open_queues(struct port *port, const struct port_config *config,
		       const struct netdev *netdev, char *error, size_t size)
{
	char path[32];
	int stub;
	int err = media_program_stub_open(path, sizeof(path), &stub);

	if (err)
		return port_fail(error, size, err, "cannot make a memfd: %s", strerror(-err));
	for (uint16_t queue = 0; !err && queue < port->queues; queue++) {
		if (queue > 0)
			(void)media_program_detach_xdp(port->ifindex);
		err = open_queue(port, config, netdev, queue, path);
	}
	close(stub);
	return err ? explain(port, config, err, error, size) : 0;
}

static int attach(struct port *port, const struct netdev *netdev, char *error, size_t size)
{
	bool native;
	int err = media_program_attach_xdp(port->priv->program, port->ifindex, &native);

	if (err)
		return port_fail(error, size, err, "cannot attach our XDP program to %s: %s (%s)",
				 port->device, strerror(-err), media_program_kernel_text());
	port->priv->attached = true;
	if (!native) {
		port->degraded = true;
		snprintf(
		    port->reason, sizeof(port->reason),
		    "generic XDP: the driver %s has none of its own, each packet is copied by the "
		    "kernel's slow path",
		    netdev->driver);
	}
	return 0;
}

static int af_xdp_open(struct port *port, const struct port_config *config, char *error,
		       size_t size)
{
	struct netdev netdev;
	int err = check_kernel(port, error, size);

	if (err)
		return err;
	err = port_pool_check(config->pool, port->mtu, error, size);
	if (err)
		return err;
	err = netdev_read(port->device, &netdev);
	if (err)
		return port_fail(error, size, err, "cannot read interface %s: %s", port->device,
				 strerror(-err));
	err = choose_queues(port, config, &netdev, error, size);
	if (err)
		return err;
	err = port_program_open(port, config, MEDIA_PROGRAM_XDP, error, size);
	if (err)
		return err;
	err = check_other_program(port, error, size);
	if (err)
		return err;
	err = open_queues(port, config, &netdev, error, size);
	return err ? err : attach(port, &netdev, error, size);
}

/*
 * The PMD forgets to close its UMEM's socket, and the queue would stay taken. The kernel frees a
 * queue after a grace period: an open at once would find it busy.
 */
static void close_sockets(struct port_private *priv)
{
	const struct timespec grace = {.tv_nsec = RELEASE_NS};

	if (priv->xdp_socket_count == 0)
		return;
	while (priv->xdp_socket_count > 0) {
		int fd = priv->xdp_socket[--priv->xdp_socket_count];

		if (own_socket_is(fd, AF_XDP))
			close(fd);
	}
	nanosleep(&grace, NULL);
}

static void af_xdp_close(struct port *port)
{
	struct port_private *priv = port->priv;

	/* with a PMD device there is a program on the interface: the stub or ours */
	if (priv->attached || priv->vdev_count > 0)
		(void)media_program_detach_xdp(port->ifindex);
	port_vdev_remove_all(port);
	close_sockets(priv);
	media_program_free(priv->program);
}

const struct port_kind_ops port_af_xdp = {
    .name = "af_xdp",
    .open = af_xdp_open,
    .close = af_xdp_close,
};
