/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "main/eal.h"
#include "net/nexthop.h"

#define MEMORY_MIB 128U
#define BUFFERS 32767U
#define BUFFER_CACHE 256U
#define WAIT_MS 5000U
#define HOP_WAIT_MS 3000U
#define LOOK_MS 20U

static int fail(int err, const char *text)
{
	fprintf(stderr, "sluice-mediagen: %s\n", text);
	return err;
}

static int eal_begin(struct wire *wire, const struct options *options)
{
	struct eal_plan plan = {.memory_mib = MEMORY_MIB};
	char text[256];
	int rc;

	plan.hugepages = eal_hugepages_suffice(MEMORY_MIB);
	CPU_ZERO(&plan.main);
	CPU_SET((unsigned)options->cpu, &plan.main);
	rc = eal_start(&plan, text, sizeof(text));
	wire->eal_started = rc == 0;
	return rc ? fail(rc, text) : 0;
}

static unsigned addresses_of(const struct options *options)
{
	return (options->calls - 1U) / PHONES_PER_ADDRESS + 1U;
}

static int port_make(struct wire *wire, const struct options *options, unsigned i)
{
	const struct options_port *described = &options->port[i];
	struct port_config config = {.kind = described->kind,
				     .queues = 1,
				     .pool = wire->pool,
				     .media_port_first = PHONE_PORT_FIRST,
				     .media_port_last = UINT16_MAX,
				     .memif = {.role = PORT_MEMIF_CLIENT}};
	char text[256];
	int rc = -ENODEV;

	snprintf(config.device, sizeof(config.device), "%s", described->device);
	snprintf(config.memif.socket, sizeof(config.memif.socket), "%s", described->socket);
	if (options->far == FAR_NOTHING)
		config.memif.role = PORT_MEMIF_SERVER;
	for (unsigned k = 0; k < addresses_of(options) && k < PORT_ADDRESSES_MAX; k++) {
		struct sluice_addr phone = wire_phone(options, i, k * PHONES_PER_ADDRESS);

		config.address[k].family = phone.family;
		memcpy(config.address[k].ip, phone.ip, sizeof(phone.ip));
		config.address_count++;
	}
	/* a memif is made only when somebody listens, who may be about to */
	for (unsigned ms = 0; ms < WAIT_MS; ms += LOOK_MS) {
		rc = port_open(&wire->port[i], &config, text, sizeof(text));
		if (!rc || described->kind != PORT_MEMIF || options->far == FAR_NOTHING)
			break;
		usleep(LOOK_MS * 1000);
	}
	return rc ? fail(rc, text) : 0;
}

/* A mirror waits for whoever comes, and that may be later. */
static int link_wait(const struct wire *wire, const struct options *options)
{
	for (unsigned ms = 0; options->far != FAR_NOTHING; ms += LOOK_MS) {
		if (port_link_up(wire->port[0]) && port_link_up(wire->port[1]))
			return 0;
		if (ms >= WAIT_MS)
			return fail(-ENETDOWN,
				    "nobody is at the other end of a port: does the data "
				    "plane run, with that memif socket?");
		usleep(LOOK_MS * 1000);
	}
	return 0;
}

/* A memif has room for what comes only when its receiver has asked for the first time. */
static void ports_ask(const struct wire *wire)
{
	struct rte_mbuf *mbufs[WIRE_BURST];

	for (unsigned i = 0; i < wire->count; i++) {
		uint16_t n = port_rx_burst(wire->port[i], 0, mbufs, WIRE_BURST);

		if (n)
			rte_pktmbuf_free_bulk(mbufs, n);
	}
}

static int ports_make(struct wire *wire, const struct options *options)
{
	bool kernel = false;
	int rc = 0;

	for (unsigned i = 0; i < wire->count && !rc; i++) {
		rc = port_make(wire, options, i);
		kernel = kernel || !port_kind_is_link(options->port[i].kind);
	}
	if (wire->count == 1)
		wire->port[1] = wire->port[0];
	rc = rc ? rc : link_wait(wire, options);
	if (!rc && kernel)
		rc = nexthop_open(&wire->nexthops, NULL, NULL);
	if (rc)
		wire_close(wire);
	else
		ports_ask(wire);
	return rc;
}

int wire_open(struct wire *wire, const struct options *options)
{
	char text[256];
	int rc;

	*wire = (struct wire){.count = options->port_count};
	rc = eal_begin(wire, options);
	if (rc)
		return rc;
	wire->pool = port_pool_create("packets", BUFFERS, BUFFER_CACHE, 1500, SOCKET_ID_ANY, text,
				      sizeof(text));
	if (wire->pool)
		return ports_make(wire, options);
	wire_close(wire);
	return fail(-ENOMEM, text);
}

int wire_open_beside(struct wire *wire, const struct options *options, const struct wire *first)
{
	*wire = (struct wire){.count = options->port_count, .pool = first->pool, .beside = true};
	return ports_make(wire, options);
}

void wire_close(struct wire *wire)
{
	nexthop_close(wire->nexthops);
	for (unsigned i = 0; i < wire->count; i++)
		port_close(wire->port[i]);
	if (!wire->beside)
		rte_mempool_free(wire->pool);
	if (wire->eal_started)
		eal_stop();
	*wire = (struct wire){0};
}

/* ---- phones ---- */

static unsigned last_byte(uint8_t family)
{
	return family == 4 ? 3 : 15;
}

struct sluice_addr wire_phone(const struct options *options, unsigned leg, uint32_t call)
{
	const struct port_address *base = &options->port[leg].address;
	struct sluice_addr phone = {.family = base->family};

	memcpy(phone.ip, base->ip, sizeof(phone.ip));
	phone.ip[last_byte(phone.family)] =
	    (uint8_t)(phone.ip[last_byte(phone.family)] + call / PHONES_PER_ADDRESS);
	phone.port = (uint16_t)(PHONE_PORT_FIRST + 4U * (call % PHONES_PER_ADDRESS) + 2U * leg);
	return phone;
}

bool wire_phone_find(const struct options *options, const uint8_t *ip, uint8_t family,
		     uint16_t port, uint32_t *call, unsigned *leg)
{
	uint32_t pair = (uint32_t)port - PHONE_PORT_FIRST;
	const struct port_address *base;
	unsigned last = last_byte(family);

	*leg = pair / 2U % 2U;
	base = &options->port[*leg].address;
	if (port < PHONE_PORT_FIRST || pair % 2 || base->family != family ||
	    memcmp(ip, base->ip, last))
		return false;
	*call = (uint8_t)(ip[last] - base->ip[last]) * PHONES_PER_ADDRESS + pair / 4U;
	return pair / 4U < PHONES_PER_ADDRESS && *call < options->calls;
}

static int hop_find(struct wire *wire, const struct sluice_addr *phone,
		    const struct sluice_addr *to, struct nexthop *hop)
{
	struct pollfd poll_fd = {.fd = nexthop_fd(wire->nexthops), .events = POLLIN};
	int rc = -EINPROGRESS;

	for (unsigned ms = 0; ms < HOP_WAIT_MS; ms += LOOK_MS) {
		rc = nexthop_lookup(wire->nexthops, to->family, to->ip, phone->ip, hop);
		if (rc != -EINPROGRESS && rc != -EHOSTDOWN)
			break;
		if (poll(&poll_fd, 1, LOOK_MS) > 0)
			nexthop_process(wire->nexthops);
	}
	return rc;
}

int wire_way(struct wire *wire, unsigned leg, const struct sluice_addr *phone,
	     const struct sluice_addr *to, struct way *way)
{
	const struct port *port = wire->port[leg];
	struct nexthop hop = {.mac = port->neighbour};
	int rc = 0;

	if (!port_kind_is_link(port->kind))
		rc = hop_find(wire, phone, to, &hop);
	if (rc) {
		fprintf(stderr,
			"sluice-mediagen: no way to the relay from %s: %s; the interface must have "
			"that address\n",
			port->device, strerror(-rc));
		return rc;
	}
	*way = (struct way){.hop = {.mtu = port->mtu},
			    .local_port = phone->port,
			    .peer = {.family = to->family, .port = to->port}};
	memcpy(way->peer.ip, to->ip, sizeof(way->peer.ip));
	memcpy(way->hop.macs, &hop.mac, sizeof(hop.mac));
	memcpy(way->hop.macs + sizeof(hop.mac), &port->mac, sizeof(port->mac));
	header_prepare(&way->header, phone->family, phone->ip);
	return 0;
}
