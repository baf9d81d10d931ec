/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the port kinds share. Not for users of ports.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "net/media_program.h"
#include "net/port.h"

/* How a kind is made and unmade. close() undoes whatever part of open() was done. */
struct port_kind_ops {
	const char *name;
	int (*open)(struct port *port, const struct port_config *config, char *error, size_t size);
	/* NULL: the kernel's */
	bool (*link_up)(const struct port *port);
	void (*close)(struct port *port);
};

extern const struct port_kind_ops port_af_xdp;
extern const struct port_kind_ops port_af_packet;
extern const struct port_kind_ops port_ring;
extern const struct port_kind_ops port_memif;
extern const struct port_kind_ops port_pci;

#define PORT_VDEV_NAME_MAX RTE_ETH_NAME_MAX_LEN

struct port_private {
	const struct port_kind_ops *ops;
	unsigned vdev_count;
	char vdev[PORT_QUEUES_MAX][PORT_VDEV_NAME_MAX]; /* devices made, for their removal */
	int xdp_socket[PORT_QUEUES_MAX]; /* af_xdp, by queue; the PMD's, see af_xdp.c */
	unsigned xdp_socket_count;
	struct media_program *program; /* our BPF programs; NULL for ring */
	bool attached;                 /* XDP program or tc filter is on the device */
	bool made_clsact;              /* the clsact qdisc is ours to remove */
	uint16_t pci_port;             /* kind pci: its DPDK port, */
	bool has_pci_port;             /* if it was found */
};

/* Writes the text and returns err. */
int port_fail(char *error, size_t size, int err, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Bytes of buffer that a packet of mtu bytes needs with all rooms. */
uint32_t port_data_room(uint16_t mtu);
int port_pool_check_room(struct rte_mempool *pool, uint16_t mtu, char *error, size_t size);
/* 0 when the pool suits AF_XDP too; else -errno and a text. */
int port_pool_check(struct rte_mempool *pool, uint16_t mtu, char *error, size_t size);

/* Removes stale programs, then loads ours into priv->program. */
int port_program_open(struct port *port, const struct port_config *config,
		      enum media_program_kind kind, char *error, size_t size);

/* Makes a virtual device and finds its DPDK port; remembers it in priv->vdev. */
int port_vdev_make(struct port *port, const char *name, const char *arguments, uint16_t *dpdk_port);
/* Configures so many queue pairs, without any offload. Queues are set up by port_queue_setup(). */
int port_ethdev_configure(uint16_t dpdk_port, uint16_t queues, uint16_t mtu);
int port_queue_setup(uint16_t dpdk_port, uint16_t queue, uint16_t descriptors,
		     struct rte_mempool *pool);
/* Stops and removes every device in priv->vdev. */
void port_vdev_remove_all(struct port *port);
