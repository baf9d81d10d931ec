/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "world.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include <rte_errno.h>

#include "crypto/engine.h"
#include "main/eal.h"

#define MEMORY_MIB 64U
#define BUFFERS 4095U
#define BUFFER_CACHE 512U
#define RING_SLOTS 1024U
#define ADDRESSES 4U
#define MEDIA_PORT_FIRST 10000U /* to 65535: 27,768 pairs an address */

static int fail(int err, const char *what)
{
	fprintf(stderr, "relay: %s: %s\n", what, strerror(-err));
	return err;
}

int world_start(int cpu)
{
	struct eal_plan plan = {.memory_mib = MEMORY_MIB};
	char text[256];
	int rc;

	plan.hugepages = eal_hugepages_suffice(MEMORY_MIB);
	CPU_ZERO(&plan.main);
	CPU_SET((unsigned)cpu, &plan.main);
	rc = eal_start(&plan, text, sizeof(text));
	if (rc)
		fprintf(stderr, "relay: %s\n", text);
	return rc;
}

static int port_make(struct world *world, unsigned i, char *text, size_t size)
{
	static const char *const names[2][3] = {{"inside", "inside-in", "inside-out"},
						{"outside", "outside-in", "outside-out"}};
	struct port_config config = {.kind = PORT_RING, .queues = 1, .pool = world->pool};

	world->in[i] =
	    rte_ring_create(names[i][1], RING_SLOTS, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
	world->out[i] =
	    rte_ring_create(names[i][2], RING_SLOTS, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
	if (!world->in[i] || !world->out[i]) {
		snprintf(text, size, "no memory for rings");
		return -ENOMEM;
	}
	snprintf(config.device, sizeof(config.device), "%s", names[i][0]);
	config.rx_ring = world->in[i];
	config.tx_ring = world->out[i];
	return port_open(&world->port[i], &config, text, size);
}

/* 198.18.0.1 to .4 inside, 198.19.0.1 to .4 outside: addresses for benchmarks (RFC 2544 C.2.2). */
static int interface_make(struct world *world, unsigned i)
{
	struct port_address address[ADDRESSES];
	struct interface_config config = {.name = i ? "outside" : "inside",
					  .port = world->port[i],
					  .address = address,
					  .address_count = ADDRESSES,
					  .media_port_first = MEDIA_PORT_FIRST,
					  .media_port_last = UINT16_MAX};

	for (unsigned k = 0; k < ADDRESSES; k++)
		address[k] = (struct port_address){
		    .family = 4, .ip = {198, (uint8_t)(18 + i), 0, (uint8_t)(1 + k)}};
	return interfaces_add(&world->interfaces, &config);
}

/* Nobody is told: what is measured is looked at. */
static void event_ignore(void *user, const struct sluice_event *event)
{
	(void)user;
	(void)event;
}

static int worker_make(struct world *world, uint32_t sessions_max)
{
	static struct worker_config worker; /* too large for a stack */
	struct sessions_config config = {.max_sessions = sessions_max,
					 .worker_count = 1,
					 .workers = &world->worker,
					 .interfaces = &world->interfaces,
					 .engine = &crypto_engine_ipsec_mb,
					 .captures = world->captures,
					 .on_event = event_ignore};
	int rc;

	worker = (struct worker_config){.core = WORKER_NO_CORE, .engine = &crypto_engine_ipsec_mb};
	interfaces_describe(&world->interfaces, &worker);
	rc = worker_new(&world->worker, &worker);
	rc = rc ? rc : workers_connect(&world->worker, 1);
	return rc ? rc : sessions_new(&world->sessions, &config);
}

int world_open(struct world *world, uint32_t sessions_max)
{
	char text[256] = "";
	int rc = 0;

	world->interfaces.worker_count = 1;
	world->pool = port_pool_create("packets", BUFFERS, BUFFER_CACHE, 1500, SOCKET_ID_ANY, text,
				       sizeof(text));
	if (!world->pool)
		rc = -ENOMEM;
	for (unsigned i = 0; i < 2 && !rc; i++) {
		rc = port_make(world, i, text, sizeof(text));
		rc = rc ? rc : interface_make(world, i);
	}
	rc = rc ? rc : worker_make(world, sessions_max);
	if (rc) {
		fail(rc, text[0] ? text : "cannot make the data plane");
		world_close(world);
	}
	return rc;
}

void world_close(struct world *world)
{
	sessions_free(world->sessions);
	worker_free(world->worker);
	interfaces_free(&world->interfaces);
	for (unsigned i = 0; i < 2; i++) {
		port_close(world->port[i]);
		rte_ring_free(world->in[i]);
		rte_ring_free(world->out[i]);
	}
	rte_mempool_free(world->pool);
	memset(world, 0, sizeof(*world));
}

void world_settle(struct world *world)
{
	do
		sessions_tick(world->sessions);
	while (worker_mail_run(world->worker));
}

uint64_t world_drops(const struct world *world, uint64_t drops[SLUICE_DROP_COUNT])
{
	const struct worker_counters *counters = worker_counters(world->worker);
	uint64_t sum = 0;

	for (unsigned i = 1; i < SLUICE_DROP_COUNT; i++) {
		drops[i] = counters->drops[i];
		sum += drops[i];
	}
	return sum;
}
