/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an interface of kind pci may have besides. */
#include <string.h>

#include "config/parts.h"

READ(read_pci_kernel)
{
	struct port_pci *pci = into;

	if (!config_text(node, pci->kernel, sizeof(pci->kernel)) || strchr(pci->kernel, '/'))
		config_refuse(reader, key, node);
}

READ(read_pci_arguments)
{
	struct port_pci *pci = into;

	if (!config_text(node, pci->arguments, sizeof(pci->arguments)))
		config_refuse(reader, key, node);
}

static const struct config_key pci_keys[] = {
    {"kernel", CONFIG_OPTIONAL, "a name of 1 to 15 characters for the kernel's interface",
     read_pci_kernel},
    {"arguments", CONFIG_OPTIONAL, "1 to 127 characters without blanks", read_pci_arguments},
    {NULL, CONFIG_OPTIONAL, NULL, NULL},
};

READER(config_read_pci)
{
	struct config_interface *interface = into;

	(void)key;
	config_mapping(reader, node, "pci", pci_keys, &interface->pci);
}

void config_check_pci(struct config_reader *reader, const yaml_node_t *node,
		      struct config_interface *interface)
{
	struct port_pci *pci = &interface->pci;

	if (interface->kind != PORT_PCI) {
		if (pci->kernel[0] || pci->arguments[0])
			config_error(reader, node,
				     "pci: the kind is %s; allowed: only with kind pci",
				     port_kind_name(interface->kind));
		return;
	}
	if (!port_pci_address(interface->device) && strncmp(interface->device, "net_", 4) != 0)
		config_error(reader, node,
			     "device: '%s' is no PCI address; kind pci needs one, such as "
			     "0000:3b:00.0",
			     interface->device);
	if (port_pci_address(interface->device) && pci->arguments[0])
		config_error(reader, node, "arguments: allowed: only with a virtual device");
	if (!pci->kernel[0])
		memcpy(pci->kernel, interface->name, sizeof(pci->kernel));
}
