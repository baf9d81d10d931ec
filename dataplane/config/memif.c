/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an interface of kind memif needs besides. */
#include "config/parts.h"

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

READER(config_read_memif)
{
	struct config_interface *interface = into;

	(void)key;
	config_mapping(reader, node, "memif", memif_keys, &interface->memif);
}
