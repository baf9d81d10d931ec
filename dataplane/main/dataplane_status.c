/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What STATUS answers, and the samples that it needs. */
#include <stdio.h>
#include <string.h>

#include <rte_cycles.h>

#include "main/dataplane_private.h"
#include "main/log.h"
#include "worker/leg.h"

#define STUCK_AFTER_S 3U

static void worker_watch(struct dataplane *dataplane, unsigned i, uint64_t elapsed_tsc)
{
	const struct worker_counters *counters = worker_counters(dataplane->worker[i]);
	struct worker_sample *sample = &dataplane->sample[i];
	uint64_t busy_tsc = counter_get(&counters->busy_tsc);
	uint64_t heartbeat = counter_get(&counters->heartbeat);
	uint64_t permille = elapsed_tsc ? (busy_tsc - sample->busy_tsc) * 1000 / elapsed_tsc : 0;

	sample->busy_permille = (uint32_t)(permille > 1000 ? 1000 : permille);
	sample->busy_tsc = busy_tsc;
	sample->stuck_s = heartbeat == sample->heartbeat ? sample->stuck_s + 1 : 0;
	sample->heartbeat = heartbeat;
	if (sample->stuck_s == STUCK_AFTER_S)
		log_event(LOG_WORKER_STUCK, "worker %u has not turned for %u s", i, STUCK_AFTER_S);
}

void workers_watch(struct dataplane *dataplane)
{
	uint64_t now_tsc = rte_rdtsc();

	for (unsigned i = 0; i < dataplane->config.workers; i++)
		worker_watch(dataplane, i, now_tsc - dataplane->sampled_tsc);
	dataplane->sampled_tsc = now_tsc;
}

static void worker_status(struct dataplane *dataplane, unsigned i,
			  struct sluice_worker_status *status)
{
	const struct worker_counters *counters = worker_counters(dataplane->worker[i]);

	status->number = (uint8_t)i;
	status->core = dataplane->cores.worker[i];
	status->streams = sessions_streams(dataplane->sessions, i);
	status->busy_permille = dataplane->sample[i].busy_permille;
	status->received = counter_get(&counters->received);
	status->relayed = counter_get(&counters->relayed);
	for (unsigned drop = 0; drop < SLUICE_DROP_COUNT; drop++)
		status->dropped += counter_get(&counters->drops[drop]);
	status->handed_off = counter_get(&counters->handed_off);
}

static_assert(SLUICE_PORT_ADDRESSES_MAX == PORT_ADDRESSES_MAX, "all addresses are shown");

static void port_status(struct dataplane *dataplane, unsigned i, struct sluice_port_status *status)
{
	const struct config_interface *interface = &dataplane->config.interface[i];
	const struct port_place *place = &dataplane->port[i];

	memcpy(status->name, interface->name, sizeof(status->name));
	memcpy(status->device, interface->device, sizeof(status->device));
	snprintf(status->kind, sizeof(status->kind), "%s", port_kind_name(place->port->kind));
	status->link_up = place->link_up;
	status->degraded = place->reason[0] != '\0';
	status->vlan = interface->vlan;
	status->port_first = interface->media_port_first;
	status->port_last = interface->media_port_last;
	status->ports_used = 2 * interfaces_used(&dataplane->interfaces, i);
	status->mtu = place->port->mtu;
	for (unsigned a = 0; a < interface->address_count; a++) {
		status->address[a].family = interface->address[a].family;
		memcpy(status->address[a].ip, interface->address[a].ip, 16);
	}
	status->missed = port_missed(place->port);
	memcpy(status->reason, place->reason, sizeof(status->reason) - 1); /* NUL is there */
}

/* Why the whole is degraded, if it is: the worst first. */
static void reason_status(const struct dataplane *dataplane, char *text, size_t size)
{
	for (unsigned i = 0; i < dataplane->config.workers; i++) {
		if (dataplane->sample[i].stuck_s < STUCK_AFTER_S)
			continue;
		snprintf(text, size, "worker %u has not turned for %u s: its calls are silent", i,
			 dataplane->sample[i].stuck_s);
		return;
	}
	if (!sessions_memory_locked(dataplane->sessions))
		snprintf(text, size,
			 "key memory is not locked and may be swapped: raise RLIMIT_MEMLOCK");
	else if (dataplane->crypto->degraded)
		snprintf(text, size, "%s", dataplane->crypto->degraded);
}

static void cpus_status(const struct cores *cores, struct sluice_status *status)
{
	for (unsigned i = 0; i < cores->cpu_count && i < SLUICE_CPUS_MAX; i++)
		status->cpu[status->cpus++] =
		    (struct sluice_cpu_status){.cpu = cores->cpu[i].cpu,
					       .use = cores->cpu[i].use,
					       .worker = cores->cpu[i].worker};
}

void dataplane_status(void *user, struct sluice_status *status)
{
	struct dataplane *dataplane = user;

	status->workers = dataplane->config.workers;
	status->ports = dataplane->config.interface_count;
	snprintf(status->engine, sizeof(status->engine), "%s", dataplane->engine);
	snprintf(status->memory, sizeof(status->memory), "%s",
		 dataplane->eal.hugepages ? "hugepages" : "no hugepages");
	reason_status(dataplane, status->reason, sizeof(status->reason));
	status->degraded = status->reason[0] != '\0';
	cpus_status(&dataplane->cores, status);
	sessions_memory(dataplane->sessions, &status->bytes);
	for (unsigned i = 0; i < status->workers; i++)
		worker_status(dataplane, i, &status->worker[i]);
	for (unsigned i = 0; i < status->ports; i++) {
		port_status(dataplane, i, &status->port[i]);
		status->degraded |= status->port[i].degraded;
	}
}
