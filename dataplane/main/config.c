/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <errno.h>
#include <grp.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/engine.h"
#include "main/config.h"
#include "main/config_reader.h"
#include "net/vlan.h"

#define READ(function)                                                                   \
	static void function(struct config_reader *reader, const struct config_key *key, \
			     const yaml_node_t *node, void *into)

/* ---- one interface ---- */

READ(read_name)
{
	struct config_interface *interface = into;

	if (!config_text(node, interface->name, sizeof(interface->name)))
		config_refuse(reader, key, node);
}

READ(read_device)
{
	struct config_interface *interface = into;

	if (!config_text(node, interface->device, sizeof(interface->device)))
		config_refuse(reader, key, node);
}

READ(read_kind)
{
	static const char *const words[] = {"af_xdp", "af_packet", "memif", "ring", NULL};
	static const enum port_kind kinds[] = {PORT_AF_XDP, PORT_AF_PACKET, PORT_MEMIF, PORT_RING};
	struct config_interface *interface = into;
	int word = config_word(node, words);

	if (word < 0)
		config_refuse(reader, key, node);
	else
		interface->kind = kinds[word];
}

READ(read_fallback)
{
	static const char *const words[] = {"refuse", "af_packet", NULL};
	struct config_interface *interface = into;
	int word = config_word(node, words);

	if (word < 0)
		config_refuse(reader, key, node);
	else
		interface->fallback = word ? CONFIG_FALLBACK_AF_PACKET : CONFIG_FALLBACK_REFUSE;
}

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

/* ---- what a memif port needs besides ---- */

READ(read_memif_socket)
{
	struct port_memif *memif = into;

	if (!config_text(node, memif->socket, sizeof(memif->socket)) || memif->socket[0] != '/')
		config_refuse(reader, key, node);
}

READ(read_memif_role)
{
	static const char *const words[] = {"server", "client", NULL};
	struct port_memif *memif = into;
	int word = config_word(node, words);

	if (word < 0)
		config_refuse(reader, key, node);
	else
		memif->role = word ? PORT_MEMIF_CLIENT : PORT_MEMIF_SERVER;
}

READ(read_memif_id)
{
	struct port_memif *memif = into;
	unsigned long id;

	if (config_number(node, 0, UINT32_MAX, &id))
		memif->id = (uint32_t)id;
	else
		config_refuse(reader, key, node);
}

READ(read_memif_neighbour)
{
	struct port_memif *memif = into;
	const char *text = config_scalar(node);

	if (!text || rte_ether_unformat_addr(text, &memif->neighbour) ||
	    !rte_is_valid_assigned_ether_addr(&memif->neighbour))
		config_refuse(reader, key, node);
}

static const struct config_key memif_keys[] = {
    {"socket", CONFIG_REQUIRED, "an absolute path of up to 107 characters", read_memif_socket},
    {"role", CONFIG_OPTIONAL, "server, client", read_memif_role},
    {"id", CONFIG_OPTIONAL, "0 to 4294967295", read_memif_id},
    {"neighbour", CONFIG_OPTIONAL, "the unicast MAC address of the other end",
     read_memif_neighbour},
    {NULL, CONFIG_OPTIONAL, NULL, NULL},
};

READ(read_memif)
{
	struct config_interface *interface = into;

	(void)key;
	config_mapping(reader, node, "memif", memif_keys, &interface->memif);
}

READ(read_dscp)
{
	struct config_interface *interface = into;
	unsigned long dscp;

	if (config_number(node, 0, 63, &dscp))
		interface->dscp = (uint8_t)dscp;
	else
		config_refuse(reader, key, node);
}

READ(read_vlan)
{
	struct config_interface *interface = into;
	unsigned long id;

	if (config_number(node, 1, VLAN_ID_MAX, &id))
		interface->vlan = (uint16_t)id;
	else
		config_refuse(reader, key, node);
}

READ(read_vlan_priority)
{
	struct config_interface *interface = into;
	unsigned long priority;

	if (config_number(node, 0, VLAN_PRIORITY_MAX, &priority))
		interface->vlan_priority = (uint8_t)priority;
	else
		config_refuse(reader, key, node);
}

static const struct config_key interface_keys[] = {
    {"name", CONFIG_REQUIRED, "1 to 15 characters", read_name},
    {"device", CONFIG_REQUIRED, "a kernel interface (1 to 15 characters)", read_device},
    {"kind", CONFIG_OPTIONAL, "af_xdp, af_packet, memif, ring", read_kind},
    {"fallback", CONFIG_OPTIONAL, "refuse, af_packet", read_fallback},
    {"memif", CONFIG_OPTIONAL, "a mapping with socket, role, id, neighbour", read_memif},
    {"addresses", CONFIG_REQUIRED, "a list of 1 to 16 unicast IPv4 or IPv6 addresses",
     read_addresses},
    {"media_ports", CONFIG_REQUIRED, "EVEN-ODD within 1024-65535, such as 20000-29999",
     read_media_ports},
    {"dscp", CONFIG_OPTIONAL, "0 to 63", read_dscp},
    {"vlan", CONFIG_OPTIONAL, "1 to 4094", read_vlan},
    {"vlan_priority", CONFIG_OPTIONAL, "0 to 7", read_vlan_priority},
    {NULL, CONFIG_OPTIONAL, NULL, NULL},
};

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
			    const struct config *config, unsigned index)
{
	const struct config_interface *new = &config->interface[index];

	if (new->kind == PORT_MEMIF && !new->memif.socket[0])
		config_error(reader, node,
			     "memif: missing; kind memif needs memif: {socket: PATH}");
	if (new->kind != PORT_MEMIF &&new->memif.socket[0])
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
		if (address_shared(new, old))
			config_error(reader, node,
				     "addresses: one is interface '%s' already; allowed: each "
				     "address once",
				     old->name);
	}
}

READ(read_interfaces)
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

/* ---- workers ---- */

READ(read_count)
{
	struct config *config = into;
	static const char *const words[] = {"auto", NULL};
	unsigned long count;

	if (config_word(node, words) == 0)
		config->workers = 0;
	else if (!config_number(node, 1, CONFIG_WORKERS_MAX, &count))
		config_refuse(reader, key, node);
	else
		config->workers = (unsigned)count;
}

READ(read_cores)
{
	struct config *config = into;
	const char *text = config_scalar(node);

	if (text && !strcmp(text, "auto"))
		return;
	if (node->type != YAML_SEQUENCE_NODE || !config_count(node) ||
	    config_count(node) > CONFIG_WORKERS_MAX) {
		config_refuse(reader, key, node);
		return;
	}
	for (size_t i = 0; i < config_count(node); i++) {
		const yaml_node_t *item = config_item(reader, node, i);
		unsigned long core;

		if (config_number(item, 0, CPU_SETSIZE - 1, &core))
			config->cores[config->core_count++] = (unsigned)core;
		else
			config_refuse(reader, key, item);
	}
}

READ(read_idle)
{
	static const char *const words[] = {"sleep", "poll", "back-off", NULL};
	struct config *config = into;
	int word = config_word(node, words);

	if (word < 0)
		config_refuse(reader, key, node);
	else
		config->idle = (enum config_idle)word;
}

static const struct config_key worker_keys[] = {
    {"count", CONFIG_OPTIONAL, "auto, or 1 to 16", read_count},
    {"cores", CONFIG_OPTIONAL, "auto, or a list of CPU numbers, one a worker", read_cores},
    {"idle", CONFIG_OPTIONAL, "sleep, poll, back-off", read_idle},
    {NULL, CONFIG_OPTIONAL, NULL, NULL},
};

READ(read_workers)
{
	static const char *const words[] = {"auto", NULL};
	struct config *config = into;

	if (node->type == YAML_SCALAR_NODE && config_word(node, words) == 0) {
		config->workers = 0;
		return;
	}
	config_mapping(reader, node, key->name, worker_keys, into);
	if (config->core_count && !config->workers)
		config->workers = config->core_count;
	if (config->core_count && config->core_count != config->workers)
		config_error(reader, node, "cores: %u given for %u workers; allowed: one a worker",
			     config->core_count, config->workers);
}

/* ---- captures ---- */

READ(read_directory)
{
	struct config_capture *capture = into;

	if (!config_text(node, capture->directory, sizeof(capture->directory)) ||
	    capture->directory[0] != '/')
		config_refuse(reader, key, node);
}

/* A number of 1 to most into field. */
static void read_limit(struct config_reader *reader, const struct config_key *key,
		       const yaml_node_t *node, unsigned long most, uint32_t *field)
{
	unsigned long value;

	if (config_number(node, 1, most, &value))
		*field = (uint32_t)value;
	else
		config_refuse(reader, key, node);
}

READ(read_file_mib)
{
	struct config_capture *capture = into;

	read_limit(reader, key, node, CONFIG_CAPTURE_MIB_MAX, &capture->file_mib);
}

READ(read_total_mib)
{
	struct config_capture *capture = into;

	read_limit(reader, key, node, CONFIG_CAPTURE_MIB_MAX, &capture->total_mib);
}

READ(read_time)
{
	struct config_capture *capture = into;

	read_limit(reader, key, node, CONFIG_CAPTURE_S_MAX, &capture->time_s);
}

READ(read_allow)
{
	static const char *const words[] = {"wire", "decrypted", NULL};
	struct config_capture *capture = into;
	int word = config_word(node, words);

	if (word < 0)
		config_refuse(reader, key, node);
	else
		capture->allow = word ? SLUICE_CAPTURE_DECRYPTED : SLUICE_CAPTURE_WIRE;
}

static const struct config_key capture_keys[] = {
    {"directory", CONFIG_REQUIRED, "an absolute path of at most 255 characters", read_directory},
    {"file_mib", CONFIG_OPTIONAL, "1 to 1048576", read_file_mib},
    {"total_mib", CONFIG_OPTIONAL, "1 to 1048576", read_total_mib},
    {"time_s", CONFIG_OPTIONAL, "1 to 86400", read_time},
    {"allow", CONFIG_OPTIONAL, "wire, decrypted", read_allow},
    {NULL, CONFIG_OPTIONAL, NULL, NULL},
};

READ(read_capture)
{
	struct config *config = into;
	struct config_capture *capture = &config->capture;

	config_mapping(reader, node, key->name, capture_keys, capture);
	if (capture->file_mib > capture->total_mib)
		config_error(reader, node,
			     "file_mib: %u is more than total_mib, %u; allowed: at most as much",
			     capture->file_mib, capture->total_mib);
}

/* ---- the file ---- */

READ(read_media_socket)
{
	struct config *config = into;

	if (!config_text(node, config->media_socket, sizeof(config->media_socket)) ||
	    config->media_socket[0] != '/')
		config_refuse(reader, key, node);
}

READ(read_group)
{
	struct config *config = into;
	const char *text = config_scalar(node);
	const struct group *group = text ? getgrnam(text) : NULL;

	if (!group)
		config_refuse(reader, key, node);
	else
		config->group = group->gr_gid;
}

READ(read_max_sessions)
{
	struct config *config = into;
	unsigned long count;

	if (!config_number(node, 1, CONFIG_SESSIONS_MAX, &count))
		config_refuse(reader, key, node);
	else
		config->max_sessions = (uint32_t)count;
}

/* Which engines there are is known where they are; whether it runs here, at start. */
READ(read_engine)
{
	struct config *config = into;
	const char *text = config_scalar(node);

	if (!text || !crypto_engine_find(text))
		config_refuse(reader, key, node);
	else
		config_text(node, config->engine, sizeof(config->engine));
}

static const struct config_key file_keys[] = {
    {"media_socket", CONFIG_OPTIONAL, "an absolute path of at most 107 characters",
     read_media_socket},
    {"group", CONFIG_OPTIONAL, "a group of this host", read_group},
    {"workers", CONFIG_OPTIONAL, "auto, or a mapping of count, cores, idle", read_workers},
    {"max_sessions", CONFIG_OPTIONAL, "1 to 1000000", read_max_sessions},
    {"engine", CONFIG_OPTIONAL, "ipsec_mb or libsrtp", read_engine},
    {"capture", CONFIG_OPTIONAL, "a mapping of directory, file_mib, total_mib, time_s, allow",
     read_capture},
    {"interfaces", CONFIG_REQUIRED, "a list of 1 to 16 interfaces", read_interfaces},
    {NULL, CONFIG_OPTIONAL, NULL, NULL},
};

int config_load(struct config *config, const char *path, FILE *errors)
{
	struct config_reader reader;
	int rc;

	*config = (struct config){
	    .media_socket = SLUICE_MEDIA_SOCKET,
	    .group = (gid_t)-1,
	    .workers = 1,
	    .max_sessions = 10000,
	    .engine = "ipsec_mb",
	    .capture = {
		.file_mib = 64, .total_mib = 1024, .time_s = 600, .allow = SLUICE_CAPTURE_WIRE}};
	rc = config_reader_open(&reader, path, errors);
	if (rc)
		return rc;
	config_mapping(&reader, config_root(&reader), "configuration", file_keys, config);
	rc = reader.error_count ? -EINVAL : 0;
	config_reader_close(&reader);
	return rc;
}
