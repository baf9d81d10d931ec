/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ports of the generator, and the way from them to the relay. Thread: one. */
#pragma once

#include "net/port.h"
#include "options.h"
#include "worker/header.h"

#define WIRE_BURST 32U
#define PHONES_PER_ADDRESS 14000U /* calls; of each both legs have a port pair */
#define PHONE_PORT_FIRST 8192U

struct nexthop_table;

/* The way from a phone to the relay. */
struct way {
	struct header header;
	struct hop hop;
	struct rtp_address peer;
	uint16_t local_port;
};

struct wire {
	unsigned count;       /* ports */
	struct port *port[2]; /* by leg; with one port the same twice */
	struct rte_mempool *pool;
	struct nexthop_table *nexthops; /* NULL: no kernel interface among them */
	bool beside;                    /* pool and DPDK are another wire's */
	bool eal_started;
};

/* Starts DPDK on the core of options, makes the ports, and waits for the other end. Returns 0 or
 * -errno; says why on standard error. */
int wire_open(struct wire *wire, const struct options *options);
/* The same beside a wire that is open, whose DPDK and buffers it uses; it is closed first. */
int wire_open_beside(struct wire *wire, const struct options *options, const struct wire *first);
void wire_close(struct wire *wire);

/* Address of the phone of a leg of a call. */
struct sluice_addr wire_phone(const struct options *options, unsigned leg, uint32_t call);
/* The other way round: the call and leg whose phone has that address, network order. False: none;
 * the odd ports are of RTCP, which nobody sends here. */
bool wire_phone_find(const struct options *options, const uint8_t *ip, uint8_t family,
		     uint16_t port, uint32_t *call, unsigned *leg);

/* Finds the way from a phone to that address. Waits for the kernel's neighbour, up to 3 s. Returns
 * 0 or -errno; says why. */
int wire_way(struct wire *wire, unsigned leg, const struct sluice_addr *phone,
	     const struct sluice_addr *to, struct way *way);
