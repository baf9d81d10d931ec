/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kind memif: packets in memory shared with another process (DPDK, VPP, a container), without the
 * kernel. The server makes the socket and waits; the client connects at once or not at all, but
 * when the server starts again later, it comes back as soon as somebody asks for the link.
 *
 * Known of the driver (DPDK 22.11): when the other end leaves, DPDK's interrupt thread unmaps the
 * shared memory, having first marked the link as down. A worker that was taken off its core within
 * a burst for all of that time would fault. So workers with memif ports should have cores of their
 * own.
 *
 * Copying, not zero-copy: zero-copy shares a whole packet pool with the other process, which could
 * then write into packets after they were authenticated.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "net/port.h"
#include "net/port_private.h"

#define MEMIF_MTU 1500U
#define MEMIF_BUFFER 2048U /* bytes of a shared buffer: a frame of that MTU, and a power of two */
#define MEMIF_DESCRIPTORS_LOG2 10U

/* A link has two ends, so their addresses need not be asked for. */
static const struct rte_ether_addr macs[] = {
    [PORT_MEMIF_SERVER] = {{0x02, 0, 0, 0, 0, 0x02}},
    [PORT_MEMIF_CLIENT] = {{0x02, 0, 0, 0, 0, 0x01}},
};

static int check_config(const struct port_config *config, char *error, size_t size)
{
	const struct port_memif *memif = &config->memif;

	if (memif->socket[0] != '/')
		return port_fail(error, size, -EINVAL,
				 "memif port %s: socket '%s' is not an absolute path",
				 config->device, memif->socket);
	/* the driver takes its arguments as one text, with commas between them */
	if (strpbrk(memif->socket, ",[]"))
		return port_fail(error, size, -EINVAL,
				 "memif port %s: socket '%s' has a comma or a bracket",
				 config->device, memif->socket);
	return 0;
}

static bool somebody_listens(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	bool listens;

	if (fd < 0)
		return false;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	listens = connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
	close(fd);
	return listens;
}

/* A socket that a killed process left would keep the server from listening. */
static int socket_clean(const char *path, char *error, size_t size)
{
	struct stat status;

	if (lstat(path, &status))
		return 0;
	if (!S_ISSOCK(status.st_mode))
		return port_fail(error, size, -EEXIST, "%s is there and is not a socket", path);
	if (somebody_listens(path))
		return port_fail(error, size, -EADDRINUSE, "another process listens on %s", path);
	return unlink(path) ? -errno : 0;
}

static int device_make(struct port *port, const struct port_config *config, uint16_t *dpdk_port)
{
	const struct port_memif *memif = &config->memif;
	const struct rte_ether_addr *mac = &macs[memif->role];
	char name[PORT_VDEV_NAME_MAX], arguments[256];

	snprintf(name, sizeof(name), "net_memif_%s", config->device);
	snprintf(arguments, sizeof(arguments),
		 "role=%s,id=%u,socket=%s,socket-abstract=no,bsize=%u,rsize=%u,"
		 "mac=" RTE_ETHER_ADDR_PRT_FMT,
		 memif->role == PORT_MEMIF_SERVER ? "server" : "client", memif->id, memif->socket,
		 MEMIF_BUFFER, MEMIF_DESCRIPTORS_LOG2, RTE_ETHER_ADDR_BYTES(mac));
	return port_vdev_make(port, name, arguments, dpdk_port);
}

static int queues_start(struct port *port, const struct port_config *config, uint16_t dpdk_port)
{
	int err = port_ethdev_configure(dpdk_port, config->queues, MEMIF_MTU);

	for (uint16_t q = 0; !err && q < config->queues; q++) {
		err = port_queue_setup(dpdk_port, q, 1U << MEMIF_DESCRIPTORS_LOG2, config->pool);
		port->queue[q] = (struct port_queue){.dpdk_port = dpdk_port, .dpdk_queue = q};
	}
	return err ? err : rte_eth_dev_start(dpdk_port);
}

static int memif_open(struct port *port, const struct port_config *config, char *error, size_t size)
{
	const struct port_memif *memif = &config->memif;
	uint16_t dpdk_port;
	int err = check_config(config, error, size);

	if (!err)
		err = port_pool_check_room(config->pool, MEMIF_MTU, error, size);
	if (!err && memif->role == PORT_MEMIF_SERVER)
		err = socket_clean(memif->socket, error, size);
	if (err)
		return err;
	err = device_make(port, config, &dpdk_port);
	err = err ? err : queues_start(port, config, dpdk_port);
	if (err)
		return port_fail(error, size, err, "cannot make memif port %s on %s: %s",
				 config->device, memif->socket, strerror(-err));
	port->mtu = MEMIF_MTU;
	port->mac = macs[memif->role];
	port->neighbour = memif->neighbour;
	if (rte_is_zero_ether_addr(&port->neighbour))
		port->neighbour =
		    macs[memif->role == PORT_MEMIF_SERVER ? PORT_MEMIF_CLIENT : PORT_MEMIF_SERVER];
	port->queues = config->queues;
	return 0;
}

/* Up when the other end is connected. */
static bool memif_link_up(const struct port *port)
{
	struct rte_eth_link link = {0};

	return rte_eth_link_get_nowait(port->queue[0].dpdk_port, &link) == 0 &&
	       link.link_status == RTE_ETH_LINK_UP;
}

const struct port_kind_ops port_memif = {
    .name = "memif",
    .open = memif_open,
    .link_up = memif_link_up,
    .close = port_vdev_remove_all,
};
