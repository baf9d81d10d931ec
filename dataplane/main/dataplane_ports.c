/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packet buffers and ports: opened, replaced by the fall-back where that is allowed, watched. */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <rte_errno.h>

#include "main/dataplane_private.h"
#include "main/log.h"
#include "net/vlan.h"

#define POOL_CACHE 256U
#define BUFFER_BYTES 2560U      /* with its bookkeeping, at an MTU of 1500 */
#define EAL_MIB 64U             /* what DPDK wants besides */
#define BUFFERS_OF_WORKER 2048U /* hand-off rings and caches */
#define RING_SIZE 1024U
#define MTU_DEFAULT 1500U

static unsigned buffers_needed(const struct config *config)
{
	uint16_t queues = (uint16_t)config->workers;

	return port_pool_need(queues) * config->interface_count +
	       BUFFERS_OF_WORKER * config->workers;
}

/* 0 when the device does not say. */
static unsigned device_mtu(const char *device)
{
	struct ifreq request = {0};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	unsigned mtu = 0;

	if (fd < 0)
		return 0;
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", device);
	if (ioctl(fd, SIOCGIFMTU, &request) == 0 && request.ifr_mtu > 0)
		mtu = (unsigned)request.ifr_mtu;
	close(fd);
	return mtu;
}

static uint16_t mtu_largest(const struct config *config)
{
	unsigned largest = MTU_DEFAULT;

	for (unsigned i = 0; i < config->interface_count; i++) {
		unsigned mtu = port_kind_has_netdev(config->interface[i].kind)
				   ? device_mtu(config->interface[i].device)
				   : 0;

		largest = mtu > largest ? mtu : largest;
	}
	return (uint16_t)(largest > UINT16_MAX ? UINT16_MAX : largest);
}

size_t ports_memory_mib(const struct config *config)
{
	size_t buffer = BUFFER_BYTES + mtu_largest(config) - MTU_DEFAULT;

	return buffers_needed(config) * buffer / (1U << 20) + EAL_MIB;
}

static int rings_make(struct port_place *place, const char *name, char *text, size_t size)
{
	for (unsigned i = 0; i < 2; i++) {
		char ring[RTE_RING_NAMESIZE];

		snprintf(ring, sizeof(ring), "%s-%s", name, i ? "tx" : "rx");
		place->ring[i] = rte_ring_create(ring, RING_SIZE, SOCKET_ID_ANY, 0);
		if (!place->ring[i]) {
			snprintf(text, size, "ring %s: %s", ring, rte_strerror(rte_errno));
			return -ENOMEM;
		}
	}
	return 0;
}

static int port_try(struct dataplane *dataplane, unsigned i, enum port_kind kind, char *text,
		    size_t size)
{
	const struct config_interface *interface = &dataplane->config.interface[i];
	struct port_place *place = &dataplane->port[i];
	struct port_config config = {.kind = kind,
				     .queues = (uint16_t)dataplane->config.workers,
				     .address_count = interface->address_count,
				     .media_port_first = interface->media_port_first,
				     .media_port_last = interface->media_port_last,
				     .pool = dataplane->pool,
				     .rx_ring = place->ring[0],
				     .tx_ring = place->ring[1],
				     .memif = interface->memif,
				     .pci = interface->pci};

	snprintf(config.device, sizeof(config.device), "%s", interface->device);
	memcpy(config.address, interface->address, sizeof(config.address));
	return port_open(&place->port, &config, text, size);
}

/* With a VLAN on a kernel interface: the kernel has to be in it too, for its routes and neighbours.
 * Returns the index of the interface that they are of; 0 where there is no kernel's; -errno. */
static int route_interface(const struct config_interface *interface, const struct port *port,
			   char *text, size_t size)
{
	const char *device = port->kernel_device;
	int ifindex;

	if (port_kind_is_link(port->kind) || !interface->vlan)
		return (int)port->ifindex;
	if (port->kind == PORT_AF_XDP && vlan_is_stripped(device)) {
		snprintf(
		    text, size,
		    "interface %s: %s takes VLAN tags off before XDP sees them: 'ethtool -K %s "
		    "rxvlan off'",
		    interface->name, device, device);
		return -EINVAL;
	}
	ifindex = vlan_interface(device, interface->vlan);
	if (ifindex < 0)
		snprintf(text, size,
			 "interface %s: the kernel has no VLAN %u on %s: 'ip link add link %s name "
			 "%s.%u type vlan id %u', and the addresses there",
			 interface->name, interface->vlan, device, device, device, interface->vlan,
			 interface->vlan);
	return ifindex;
}

static int port_start(struct dataplane *dataplane, unsigned i, char *text, size_t size)
{
	const struct config_interface *interface = &dataplane->config.interface[i];
	struct port_place *place = &dataplane->port[i];
	char why[256];
	int rc = 0;

	if (interface->kind == PORT_RING)
		rc = rings_make(place, interface->device, why, sizeof(why));
	rc = rc ? rc : port_try(dataplane, i, interface->kind, why, sizeof(why));
	if (rc && interface->kind == PORT_AF_XDP &&
	    interface->fallback == CONFIG_FALLBACK_AF_PACKET && rc != -ENODEV) {
		place->fallback = true;
		snprintf(place->reason, sizeof(place->reason), "af_packet, since %.110s", why);
		rc = port_try(dataplane, i, PORT_AF_PACKET, why, sizeof(why));
	}
	if (rc) {
		snprintf(text, size, "interface %s, device %s: %s", interface->name,
			 interface->device, why);
		return rc;
	}
	if (!place->fallback && place->port->degraded)
		snprintf(place->reason, sizeof(place->reason), "%s", place->port->reason);
	place->link_up = port_link_up(place->port);
	return 0;
}

static void port_log(const struct config_interface *interface, const struct port_place *place)
{
	const struct port *port = place->port;

	char vlan[24] = "";

	if (interface->vlan)
		snprintf(vlan, sizeof(vlan), ", VLAN %u", interface->vlan);
	log_event(LOG_PORT_UP, "interface %s: %s %s%s, %u queue%s, MTU %u, link %s",
		  interface->name, port_kind_name(port->kind), port->device, vlan, port->queues,
		  port->queues == 1 ? "" : "s", port->mtu, place->link_up ? "up" : "down");
	if (port->kernel)
		log_event(LOG_PORT_UP, "interface %s: the kernel has it as %s; steering: %s",
			  interface->name, port->kernel_device, port->steered_by);
	if (place->reason[0])
		log_event(LOG_PORT_DEGRADED, "interface %s: DEGRADED: %s", interface->name,
			  place->reason);
}

/* Whose packets are steered: of IPv4, unless all its addresses are of IPv6. */
static uint8_t main_family(const struct config_interface *interface)
{
	for (unsigned i = 0; i < interface->address_count; i++)
		if (interface->address[i].family == 4)
			return 4;
	return 6;
}

static int interface_start(struct dataplane *dataplane, unsigned i, char *text, size_t size)
{
	const struct config_interface *interface = &dataplane->config.interface[i];
	struct port *port = dataplane->port[i].port;
	struct interface_config described = {
	    .name = interface->name,
	    .port = port,
	    .vlan = interface->vlan,
	    .vlan_tci = vlan_tci(interface->vlan, interface->vlan_priority),
	    .address_count = interface->address_count,
	    .address = interface->address,
	    .media_port_first = interface->media_port_first,
	    .media_port_last = interface->media_port_last,
	    .dscp = interface->dscp,
	    .steering = port->steering};
	struct steering steering;
	int rc = route_interface(interface, port, text, size);

	if (rc < 0)
		return rc;
	described.ifindex = (unsigned)rc;
	if (interface->kind == PORT_AF_XDP &&
	    steering_read(&steering, interface->device, main_family(interface)) == 0)
		described.steering = &steering;
	rc = interfaces_add(&dataplane->interfaces, &described);
	if (rc)
		snprintf(text, size, "interface %s: %s", interface->name, strerror(-rc));
	return rc;
}

int ports_start(struct dataplane *dataplane, char *text, size_t size)
{
	const struct config *config = &dataplane->config;
	int rc;

	dataplane->pool = port_pool_create("packets", buffers_needed(config), POOL_CACHE,
					   mtu_largest(config), SOCKET_ID_ANY, text, size);
	if (!dataplane->pool)
		return rte_errno ? -rte_errno : -ENOMEM;
	for (unsigned i = 0; i < config->interface_count; i++) {
		rc = port_start(dataplane, i, text, size);
		rc = rc ? rc : interface_start(dataplane, i, text, size);
		if (rc)
			return rc;
		port_log(&config->interface[i], &dataplane->port[i]);
	}
	return 0;
}

void ports_stop(struct dataplane *dataplane)
{
	interfaces_free(&dataplane->interfaces);
	for (unsigned i = CONFIG_INTERFACES_MAX; i-- > 0;) {
		struct port_place *place = &dataplane->port[i];

		port_close(place->port);
		place->port = NULL;
		rte_ring_free(place->ring[0]);
		rte_ring_free(place->ring[1]);
	}
	rte_mempool_free(dataplane->pool);
	dataplane->pool = NULL;
}

void ports_watch(struct dataplane *dataplane)
{
	for (unsigned i = 0; i < dataplane->config.interface_count; i++) {
		struct port_place *place = &dataplane->port[i];
		struct sluice_event event = {.type = SLUICE_EVENT_PORT};
		bool up = port_link_up(place->port);

		if (up == place->link_up)
			continue;
		place->link_up = up;
		snprintf(event.text, sizeof(event.text), "interface %s: link %s",
			 dataplane->config.interface[i].name, up ? "up" : "down");
		log_event(LOG_PORT_LINK, "%s", event.text);
		server_event(dataplane->server, &event);
	}
}
