/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an interface of kind pci may have besides. */
#include <string.h>

#include "config/parts.h"

/* Names as the kernel makes them of one: '%' would stand for a number. */
static bool is_kernel_name(const char *name)
{
	return !strpbrk(name, "/:%") && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

READ(read_pci_kernel)
{
	const char *text = config_scalar(node);
	struct port_pci *pci = into;

	if (!text || !is_kernel_name(text) || !config_text(node, pci->kernel, sizeof(pci->kernel)))
		config_refuse(reader, key, node);
}

static const struct config_key pci_keys[] = {
    {"kernel", CONFIG_OPTIONAL, "a name of 1 to 15 characters for the kernel's interface",
     .read = read_pci_kernel},
    {"arguments", CONFIG_OPTIONAL, "1 to 127 characters without blanks",
     CONFIG_FIELD(config_read_text, port_pci, arguments)},
    {0},
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
		config_error(reader, node,
			     "arguments: the device is '%s', a NIC; allowed: only with a virtual "
			     "device",
			     interface->device);
	if (pci->kernel[0])
		return;
	memcpy(pci->kernel, interface->name, sizeof(pci->kernel));
	if (!is_kernel_name(pci->kernel))
		config_error(
		    reader, node,
		    "name: '%s' is no name for the kernel's interface; kind pci then needs "
		    "pci: {kernel: NAME}",
		    pci->kernel);
}
