/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "session/interfaces.h"
#include "session/pool.h"

static size_t address_bytes(uint8_t family)
{
	return family == 4 ? 4 : 16;
}

static size_t address_pairs(uint16_t first, uint16_t last)
{
	return (last - first + 1U) / 2U;
}

static size_t streams_bytes(const struct worker_address *address)
{
	return address_pairs(address->port_first, address->port_last) * sizeof(address->streams[0]);
}

static int address_add(struct interfaces *interfaces, const struct interface_config *config,
		       unsigned i)
{
	unsigned index = interfaces->address_count;
	struct worker_address *address = &interfaces->address[index];
	size_t pairs = address_pairs(config->media_port_first, config->media_port_last);
	int rc;

	rc = media_ports_new(&interfaces->ports[index], config->media_port_first,
			     config->media_port_last, interfaces->worker_count, config->steering);
	if (rc)
		return rc;
	address->streams = pool_map(pairs * sizeof(address->streams[0]));
	if (!address->streams) {
		media_ports_free(interfaces->ports[index]);
		interfaces->ports[index] = NULL;
		return -ENOMEM;
	}
	address->family = config->address[i].family;
	memcpy(address->ip, config->address[i].ip, address_bytes(address->family));
	address->port_first = config->media_port_first;
	address->port_last = config->media_port_last;
	interfaces->address_count++;
	return 0;
}

int interfaces_add(struct interfaces *interfaces, const struct interface_config *config)
{
	struct interface *interface = &interfaces->interface[interfaces->count];

	if (interfaces->count >= WORKER_PORTS_MAX ||
	    interfaces->address_count + config->address_count > WORKER_ADDRESSES_MAX)
		return -ENOSPC;
	if (!interfaces->hops) {
		int rc = hops_new(&interfaces->hops);

		rc = rc ? rc : payload_maps_new(&interfaces->payload_maps);
		if (rc)
			return rc;
	}
	*interface = (struct interface){.port = config->port,
					.ifindex = config->ifindex,
					.vlan = config->vlan,
					.vlan_tci = config->vlan_tci,
					.address_first = interfaces->address_count,
					.address_count = config->address_count,
					.dscp = config->dscp};
	memcpy(interface->name, config->name, strnlen(config->name, SLUICE_NAME_MAX - 1));
	for (unsigned i = 0; i < config->address_count; i++) {
		int rc = address_add(interfaces, config, i);

		if (rc)
			return rc; /* interfaces_free() takes back what was made */
	}
	interfaces->count++;
	return 0;
}

void interfaces_free(struct interfaces *interfaces)
{
	for (unsigned i = 0; i < interfaces->address_count; i++) {
		media_ports_free(interfaces->ports[i]);
		pool_unmap(interfaces->address[i].streams, streams_bytes(&interfaces->address[i]));
	}
	hops_free(interfaces->hops);
	payload_maps_free(interfaces->payload_maps);
	*interfaces = (struct interfaces){.worker_count = interfaces->worker_count};
}

int interfaces_find(const struct interfaces *interfaces, const char name[SLUICE_NAME_MAX])
{
	for (unsigned i = 0; i < interfaces->count; i++)
		if (!strncmp(interfaces->interface[i].name, name, SLUICE_NAME_MAX))
			return (int)i;
	return -ENODEV;
}

void interfaces_describe(const struct interfaces *interfaces, struct worker_config *config)
{
	config->port_count = interfaces->count;
	for (unsigned i = 0; i < interfaces->count; i++) {
		const struct interface *interface = &interfaces->interface[i];

		config->port[i] = (struct worker_port){.port = interface->port,
						       .vlan = interface->vlan,
						       .vlan_tci = interface->vlan_tci,
						       .address_first = interface->address_first,
						       .address_count = interface->address_count};
		config->vlans = config->vlans || interface->vlan;
		config->kernel_paths = config->kernel_paths || interface->port->kernel;
	}
	config->address_count = interfaces->address_count;
	memcpy(config->address, interfaces->address, sizeof(config->address));
	config->hops = hops_array(interfaces->hops);
	config->payload_maps = payload_maps_array(interfaces->payload_maps);
}

static int wanted_reserve(struct interfaces *interfaces, const struct interface *interface,
			  const struct sluice_addr *wanted, uint16_t *port)
{
	for (unsigned i = 0; i < interface->address_count; i++) {
		unsigned index = interface->address_first + i;
		const struct worker_address *address = &interfaces->address[index];
		int rc;

		if (address->family != wanted->family ||
		    memcmp(address->ip, wanted->ip, address_bytes(wanted->family)))
			continue;
		rc = media_ports_take_wanted(interfaces->ports[index], wanted->port);
		if (rc)
			return rc;
		*port = wanted->port;
		return (int)index;
	}
	return -EADDRNOTAVAIL;
}

int interfaces_reserve(struct interfaces *interfaces, unsigned interface, uint8_t family,
		       const struct sluice_addr *wanted, unsigned worker, uint16_t *port)
{
	const struct interface *in = &interfaces->interface[interface];
	int rc = -EADDRNOTAVAIL; /* no address of that family */

	if (wanted->family)
		return wanted_reserve(interfaces, in, wanted, port);
	for (unsigned i = 0; i < in->address_count; i++) {
		unsigned index = in->address_first + i;

		if (interfaces->address[index].family != family)
			continue;
		rc = -ENOSPC;
		*port = media_ports_take(interfaces->ports[index], worker);
		if (*port)
			return (int)index;
	}
	return rc;
}

void interfaces_release(struct interfaces *interfaces, unsigned address, uint16_t port)
{
	media_ports_release(interfaces->ports[address], port);
}

uint64_t *interfaces_stream(const struct interfaces *interfaces, unsigned address, uint16_t port)
{
	const struct worker_address *a = &interfaces->address[address];

	return &a->streams[(port - a->port_first) / 2U];
}

size_t interfaces_bytes(const struct interfaces *interfaces)
{
	size_t bytes = 0;

	for (unsigned i = 0; i < interfaces->address_count; i++)
		bytes += streams_bytes(&interfaces->address[i]) +
			 media_ports_bytes(interfaces->ports[i]);
	return bytes;
}

unsigned interfaces_used(const struct interfaces *interfaces, unsigned interface)
{
	const struct interface *in = &interfaces->interface[interface];
	unsigned used = 0;

	for (unsigned i = 0; i < in->address_count; i++)
		used += media_ports_used(interfaces->ports[in->address_first + i]);
	return used;
}

size_t interfaces_pair_bytes(const struct interfaces *interfaces)
{
	size_t pairs = 0;

	for (unsigned i = 0; i < interfaces->address_count; i++)
		pairs += address_pairs(interfaces->address[i].port_first,
				       interfaces->address[i].port_last);
	return pairs ? (interfaces_bytes(interfaces) + pairs - 1) / pairs : 0;
}
