/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an interface of kind memif needs besides. */
#include <assert.h>

#include "config/parts.h"

READ(read_memif_neighbour)
{
	struct port_memif *memif = into;
	const char *text = config_scalar(node);

	if (!text || rte_ether_unformat_addr(text, &memif->neighbour) ||
	    !rte_is_valid_assigned_ether_addr(&memif->neighbour))
		config_refuse(reader, key, node);
}

static const char *const role_words[] = {"server", "client", NULL};
static_assert(PORT_MEMIF_SERVER == 0 && PORT_MEMIF_CLIENT == 1, "in that order");

static const struct config_key memif_keys[] = {
    {"socket", CONFIG_REQUIRED, "an absolute path of up to 107 characters",
     CONFIG_FIELD(config_read_path, port_memif, socket)},
    {"role", CONFIG_OPTIONAL, "server, client", CONFIG_FIELD(config_read_word, port_memif, role),
     .words = role_words},
    {"id", CONFIG_OPTIONAL, "0 to 4294967295", CONFIG_FIELD(config_read_number, port_memif, id),
     .most = UINT32_MAX},
    {"neighbour", CONFIG_OPTIONAL, "the unicast MAC address of the other end",
     .read = read_memif_neighbour},
    {0},
};

READER(config_read_memif)
{
	struct config_interface *interface = into;

	(void)key;
	config_mapping(reader, node, "memif", memif_keys, &interface->memif);
}
