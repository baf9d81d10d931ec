/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/vlan.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/ethtool.h>
#include <linux/if_vlan.h>
#include <linux/sockios.h>
#include <net/if.h>

/* Asks what only VLAN interfaces answer. */
static bool ask(int fd, int command, const char *name, struct vlan_ioctl_args *args)
{
	*args = (struct vlan_ioctl_args){.cmd = command};
	snprintf(args->device1, sizeof(args->device1), "%s", name);
	return ioctl(fd, SIOCGIFVLAN, args) == 0;
}

static bool is_vlan_of(int fd, const char *name, const char *device, uint16_t id)
{
	struct vlan_ioctl_args args;

	return strlen(name) < sizeof(args.device1) && ask(fd, GET_VLAN_VID_CMD, name, &args) &&
	       args.u.VID == id && ask(fd, GET_VLAN_REALDEV_NAME_CMD, name, &args) &&
	       !strncmp(args.u.device2, device, sizeof(args.u.device2));
}

int vlan_interface(const char *device, uint16_t id)
{
	struct if_nameindex *interfaces = if_nameindex();
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int found = -ENODEV;

	for (const struct if_nameindex *i = interfaces; fd >= 0 && i && i->if_index; i++)
		if (is_vlan_of(fd, i->if_name, device, id)) {
			found = (int)i->if_index;
			break;
		}
	if (fd >= 0)
		close(fd);
	if_freenameindex(interfaces);
	return found;
}

bool vlan_is_stripped(const char *device)
{
	struct ethtool_value flags = {.cmd = ETHTOOL_GFLAGS};
	struct ifreq request = {.ifr_data = (void *)&flags};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool stripped;

	if (fd < 0)
		return false;
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", device);
	stripped = ioctl(fd, SIOCETHTOOL, &request) == 0 && flags.data & ETH_FLAG_RXVLAN;
	close(fd);
	return stripped;
}
