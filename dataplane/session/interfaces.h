/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interfaces: named sets of media addresses on a port, with their media ports.
 *
 * Thread: the main thread; workers get a copy of the addresses.
 */
#pragma once

#include <stdint.h>

#include "net/port.h"
#include "session/hops.h"
#include "session/media_ports.h"
#include "session/payload_maps.h"
#include "sluice_media.h"
#include "worker/worker.h"

struct interface {
	char name[SLUICE_NAME_MAX];
	struct port *port;
	unsigned ifindex;       /* the kernel's, of routes; 0 without one */
	uint16_t vlan;          /* 0: untagged */
	uint16_t vlan_tci;      /* of the tag that is sent */
	unsigned address_first; /* index into addresses */
	unsigned address_count;
	uint8_t dscp; /* of its legs until SET says another */
};

struct interfaces {
	unsigned worker_count;
	unsigned count;
	unsigned address_count;
	struct interface interface[WORKER_PORTS_MAX];
	struct worker_address address[WORKER_ADDRESSES_MAX];
	struct media_ports *ports[WORKER_ADDRESSES_MAX]; /* of each address */
	struct hops *hops;                               /* next hops of all streams */
	struct payload_maps *payload_maps;               /* of payload types, of all legs */
};

struct interface_config {
	const char *name;
	struct port *port;
	unsigned ifindex; /* of routes: the port's, or that of the VLAN; 0 without one */
	uint16_t vlan;    /* that the port is in; 0: untagged */
	uint16_t vlan_tci;
	unsigned address_count;
	const struct port_address *address;
	uint16_t media_port_first, media_port_last;
	uint8_t dscp;                    /* of its legs until SET says another */
	const struct steering *steering; /* of the port's NIC; NULL: not known */
};

/* Adds one; interfaces starts as zeros but for worker_count. Returns 0, -ENOMEM, -ENOSPC (too many,
 * or the addresses of all). */
int interfaces_add(struct interfaces *interfaces, const struct interface_config *config);
void interfaces_free(struct interfaces *interfaces);

/* Index of the interface of that name, or -ENODEV. name need not end with NUL. */
int interfaces_find(const struct interfaces *interfaces, const char name[SLUICE_NAME_MAX]);

/* Fills ports and addresses of a worker's configuration. */
void interfaces_describe(const struct interfaces *interfaces, struct worker_config *config);

/*
 * Reserves a pair of media ports on an address of the family, for worker if it can be. wanted
 * (family 0: none) is the address that it must be. Returns the address's index and *port, or
 * -ENOSPC, -EADDRINUSE, -EADDRNOTAVAIL.
 */
int interfaces_reserve(struct interfaces *interfaces, unsigned interface, uint8_t family,
		       const struct sluice_addr *wanted, unsigned worker, uint16_t *port);
void interfaces_release(struct interfaces *interfaces, unsigned address, uint16_t port);

/* The entry of a pair of ports in the stream table. */
uint64_t *interfaces_stream(const struct interfaces *interfaces, unsigned address, uint16_t port);

/* Bytes of the stream table and of the media ports, which are there from the start. */
size_t interfaces_bytes(const struct interfaces *interfaces);
/* Of these the share of one pair of media ports. */
size_t interfaces_pair_bytes(const struct interfaces *interfaces);

/* Pairs in use on an interface. */
unsigned interfaces_used(const struct interfaces *interfaces, unsigned interface);
