/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "config/parts.h"
#include "net/vlan.h"

/* A unicast address that a peer can send to. */
static bool address_parse(const char *text, struct port_address *address)
{
	static const uint8_t zero[16];

	*address = (struct port_address){0};
	if (inet_pton(AF_INET, text, address->ip) == 1) {
		address->family = 4;
		return address->ip[0] > 0 && address->ip[0] < 224;
	}
	if (inet_pton(AF_INET6, text, address->ip) != 1)
		return false;
	address->family = 6;
	return address->ip[0] != 0xff && memcmp(address->ip, zero, 16);
}

static bool address_is_new(const struct config_interface *interface,
			   const struct port_address *address)
{
	for (unsigned i = 0; i < interface->address_count; i++)
		if (!memcmp(&interface->address[i], address, sizeof(*address)))
			return false;
	return true;
}

READ(read_addresses)
{
	struct config_interface *interface = into;
	size_t count = node->type == YAML_SEQUENCE_NODE ? config_count(node) : 0;

	if (!count || count > PORT_ADDRESSES_MAX) {
		config_refuse(reader, key, node);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		const yaml_node_t *item = config_item(reader, node, i);
		const char *text = config_scalar(item);

		struct port_address address;

		if (!text || !address_parse(text, &address))
			config_refuse(reader, key, item);
		else if (!address_is_new(interface, &address))
			config_error(reader, item, "addresses: '%s' is given twice; allowed: once",
				     text);
		else
			interface->address[interface->address_count++] = address;
	}
}

/* RTP takes the even port and RTCP the next (RFC 3550 11), so a range is made of whole pairs. */
READ(read_media_ports)
{
	struct config_interface *interface = into;
	const char *text = config_scalar(node);
	unsigned first = 0, last = 0;
	int end = 0;

	if (!text || sscanf(text, "%5u-%5u%n", &first, &last, &end) != 2 || text[end] ||
	    first < 1024 || last > 65535 || first >= last || first % 2 || last % 2 == 0) {
		config_refuse(reader, key, node);
		return;
	}
	interface->media_port_first = (uint16_t)first;
	interface->media_port_last = (uint16_t)last;
}

static const char *const kind_words[] = {"af_xdp", "af_packet", "ring", "memif", "pci", NULL};
static_assert(PORT_AF_XDP == 0 && PORT_AF_PACKET == 1 && PORT_RING == 2 && PORT_MEMIF == 3 &&
		  PORT_PCI == 4,
	      "in that order");
static const char *const fallback_words[] = {"refuse", "af_packet", NULL};
static_assert(CONFIG_FALLBACK_REFUSE == 0 && CONFIG_FALLBACK_AF_PACKET == 1, "in that order");

static const struct config_key interface_keys[] = {
    {"name", CONFIG_REQUIRED, "1 to 15 characters",
     CONFIG_FIELD(config_read_text, config_interface, name)},
    {"device", CONFIG_REQUIRED, "a kernel interface (1 to 15 characters), or a PCI address",
     CONFIG_FIELD(config_read_text, config_interface, device)},
    {"kind", CONFIG_OPTIONAL, "af_xdp, af_packet, memif, pci, ring",
     CONFIG_FIELD(config_read_word, config_interface, kind), .words = kind_words},
    {"fallback", CONFIG_OPTIONAL, "refuse, af_packet",
     CONFIG_FIELD(config_read_word, config_interface, fallback), .words = fallback_words},
    {"memif", CONFIG_OPTIONAL, "a mapping with socket, role, id, neighbour",
     .read = config_read_memif},
    {"pci", CONFIG_OPTIONAL, "a mapping with kernel, arguments", .read = config_read_pci},
    {"addresses", CONFIG_REQUIRED, "a list of 1 to 16 unicast IPv4 or IPv6 addresses",
     .read = read_addresses},
    {"media_ports", CONFIG_REQUIRED, "EVEN-ODD within 1024-65535, such as 20000-29999",
     .read = read_media_ports},
    {"dscp", CONFIG_OPTIONAL, "0 to 63", CONFIG_FIELD(config_read_number, config_interface, dscp),
     .most = 63},
    {"vlan", CONFIG_OPTIONAL, "1 to 4094", CONFIG_FIELD(config_read_number, config_interface, vlan),
     .least = 1, .most = VLAN_ID_MAX},
    {"vlan_priority", CONFIG_OPTIONAL, "0 to 7",
     CONFIG_FIELD(config_read_number, config_interface, vlan_priority), .most = VLAN_PRIORITY_MAX},
    {0},
};

/* ---- all of them ---- */

static bool address_shared(const struct config_interface *a, const struct config_interface *b)
{
	for (unsigned i = 0; i < a->address_count; i++)
		for (unsigned j = 0; j < b->address_count; j++)
			if (!memcmp(&a->address[i], &b->address[j], sizeof(a->address[i])))
				return true;
	return false;
}

/* What only shows when an interface is compared with those before it. */
static void interface_check(struct config_reader *reader, const yaml_node_t *node,
			    struct config *config, unsigned index)
{
	struct config_interface *new = &config->interface[index];

	config_check_pci(reader, node, new);
	if (new->kind == PORT_MEMIF && !new->memif.socket[0])
		config_error(reader, node,
			     "memif: missing; kind memif needs memif: {socket: PATH}");
	if (new->memif.socket[0] && new->kind != PORT_MEMIF)
		config_error(reader, node, "memif: the kind is %s; allowed: only with kind memif",
			     port_kind_name(new->kind));
	for (unsigned i = 0; i < index; i++) {
		const struct config_interface *old = &config->interface[i];

		if (new->name[0] && !strcmp(new->name, old->name))
			config_error(reader, node, "name: '%s' is used twice; allowed: a new name",
				     new->name);
		if (new->device[0] && !strcmp(new->device, old->device))
			config_error(reader, node,
				     "device: '%s' is interface '%s' already; allowed: one "
				     "interface a device",
				     new->device, old->name);
		if (new->pci.kernel[0] && !strcmp(new->pci.kernel, old->pci.kernel))
			config_error(reader, node,
				     "pci: kernel '%s' is interface '%s' already; allowed: a new "
				     "name",
				     new->pci.kernel, old->name);
		if (address_shared(new, old))
			config_error(reader, node,
				     "addresses: one is interface '%s' already; allowed: each "
				     "address once",
				     old->name);
	}
}

READER(config_read_interfaces)
{
	struct config *config = into;
	size_t count = node->type == YAML_SEQUENCE_NODE ? config_count(node) : 0;

	if (!count || count > CONFIG_INTERFACES_MAX) {
		config_refuse(reader, key, node);
		return;
	}
	for (unsigned i = 0; i < count; i++) {
		const yaml_node_t *item = config_item(reader, node, i);

		config->interface[i].dscp = CONFIG_DSCP_DEFAULT;
		config->interface[i].vlan_priority = CONFIG_VLAN_PRIORITY_DEFAULT;
		config_mapping(reader, item, "interface", interface_keys, &config->interface[i]);
		interface_check(reader, item, config, i);
	}
	config->interface_count = (unsigned)count;
}
