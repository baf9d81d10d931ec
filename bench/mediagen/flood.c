/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "flood.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int fail(int err, const char *text)
{
	fprintf(stderr, "sluice-mediagen: flood: %s: %s\n", text, strerror(-err));
	return err;
}

/* The attacked call and its own wire: as the other calls, but in real time whatever they do. */
static int own_open(struct flood *flood, const struct traffic *beside, const volatile int *stop)
{
	struct options *own = &flood->own_options;
	int rc;

	*own = *beside->options;
	own->calls = 1;
	own->port_count = 1;
	own->port[0] = own->port[1] = beside->options->flood.port;
	own->pps = own->window = own->ahead = 0;
	own->verify_every = 1;
	own->as_fast_as_can = false;
	if (own->suite[0] == SLUICE_SUITE_NONE)
		own->suite[0] = SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80;
	rc = wire_open_beside(&flood->own_wire, own, beside->wire);
	if (rc)
		return rc;
	rc = phones_open(&flood->own_phones, own, &flood->own_wire, stop);
	if (rc)
		goto no_phones;
	rc = traffic_open(&flood->own_traffic, &flood->own_phones, &flood->own_wire);
	if (rc)
		goto no_traffic;
	flood->own_port = true;
	flood->traffic = &flood->own_traffic;
	return 0;
no_traffic:
	phones_close(&flood->own_phones);
no_phones:
	wire_close(&flood->own_wire);
	return rc;
}

static int forge_open(struct flood *flood)
{
	const struct options *options = flood->traffic->options;
	unsigned leg = options->suite[0] == SLUICE_SUITE_NONE && options->suite[1];
	const struct rte_mbuf *first;
	uint16_t free_port = 0;
	int rc = phones_free_port(flood->traffic->phones, leg, &free_port);

	if (rc)
		return fail(rc, "no media port that is free");
	if (forge_needs_srtp(flood->options->flood.kind) && !options->suite[leg])
		return fail(-EINVAL, "that kind needs a leg with SRTP (--suites)");
	first = traffic_first(flood->traffic, leg, &flood->attacked);
	flood->port = flood->traffic->wire->port[leg];
	if (!first)
		return fail(-ENOBUFS, "no packet to forge from");
	return forge_prepare(&flood->forge, flood->options->flood.kind,
			     rte_pktmbuf_mtod(first, const uint8_t *), rte_pktmbuf_data_len(first),
			     free_port);
}

int flood_open(struct flood *flood, struct traffic *beside, const volatile int *stop)
{
	int rc = 0;

	memset(flood, 0, sizeof(*flood));
	flood->options = beside->options;
	flood->traffic = beside;
	if (flood->options->flood.port.interface[0])
		rc = own_open(flood, beside, stop);
	if (rc)
		return rc;
	rc = forge_open(flood);
	if (rc)
		flood_close(flood);
	return rc;
}

void flood_close(struct flood *flood)
{
	if (!flood->own_port)
		return;
	traffic_close(&flood->own_traffic);
	phones_close(&flood->own_phones);
	wire_close(&flood->own_wire);
	flood->own_port = false;
}

static unsigned burst_size(const struct flood *flood, double elapsed_s)
{
	const struct options_flood *options = &flood->options->flood;
	uint64_t wanted = options->pps ? (uint64_t)(options->pps * elapsed_s) : UINT64_MAX;

	if (options->count && wanted > options->count)
		wanted = options->count;
	if (wanted <= flood->made)
		return 0;
	return wanted - flood->made < WIRE_BURST ? (unsigned)(wanted - flood->made) : WIRE_BURST;
}

static void burst_send(struct flood *flood, unsigned n)
{
	struct rte_mbuf *mbufs[WIRE_BURST];
	uint16_t sequence = traffic_sequence(flood->traffic, flood->attacked), taken;

	if (rte_pktmbuf_alloc_bulk(flood->traffic->wire->pool, mbufs, n))
		return;
	for (unsigned i = 0; i < n; i++)
		forge_write(&flood->forge,
			    (uint8_t *)rte_pktmbuf_append(mbufs[i], (uint16_t)flood->forge.length),
			    (uint32_t)(flood->made + i), sequence);
	taken = port_tx_burst(flood->port, 0, mbufs, (uint16_t)n);
	/* what a full port does not take is lost, as on a wire */
	if (taken < n)
		rte_pktmbuf_free_bulk(mbufs + taken, n - taken);
	flood->made += n;
	flood->taken += taken;
}

void flood_start(struct flood *flood, uint64_t now_tsc)
{
	flood->start_tsc = now_tsc;
	if (flood->own_port)
		traffic_start(&flood->own_traffic, now_tsc);
}

void flood_turn(struct flood *flood, uint64_t now_tsc)
{
	double elapsed_s = traffic_seconds(flood->traffic, flood->start_tsc, now_tsc);
	unsigned n = burst_size(flood, elapsed_s);

	if (flood->own_port)
		traffic_turn(&flood->own_traffic, now_tsc);
	if (!n)
		return;
	burst_send(flood, n);
	flood->seconds = elapsed_s;
}

void flood_drain(struct flood *flood)
{
	if (flood->own_port)
		traffic_drain(&flood->own_traffic);
}
