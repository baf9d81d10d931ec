/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/netdev.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>

static int ask(int fd, unsigned long request, const char *name, struct ifreq *ifr)
{
	snprintf(ifr->ifr_name, sizeof(ifr->ifr_name), "%s", name);
	return ioctl(fd, request, ifr) < 0 ? -errno : 0;
}

static int read_basics(int fd, const char *name, struct netdev *netdev)
{
	struct ifreq ifr = {0};
	int err = ask(fd, SIOCGIFINDEX, name, &ifr);

	if (err)
		return err;
	netdev->ifindex = (unsigned)ifr.ifr_ifindex;
	err = ask(fd, SIOCGIFMTU, name, &ifr);
	if (err)
		return err;
	netdev->mtu = (uint16_t)RTE_MIN(ifr.ifr_mtu, UINT16_MAX);
	err = ask(fd, SIOCGIFFLAGS, name, &ifr);
	if (err)
		return err;
	netdev->up = ifr.ifr_flags & IFF_UP;
	netdev->running = netdev->up && (ifr.ifr_flags & IFF_RUNNING);
	err = ask(fd, SIOCGIFHWADDR, name, &ifr);
	if (err)
		return err;
	netdev->ethernet = ifr.ifr_hwaddr.sa_family == ARPHRD_ETHER;
	memcpy(&netdev->mac, ifr.ifr_hwaddr.sa_data, sizeof(netdev->mac));
	return 0;
}

/* Many drivers do not say how many queues they have: then it is one, as for the AF_XDP PMD. */
static void read_queues(int fd, const char *name, struct netdev *netdev)
{
	struct ethtool_channels channels = {.cmd = ETHTOOL_GCHANNELS};
	struct ifreq ifr = {.ifr_data = (void *)&channels};

	netdev->combined = 0;
	netdev->rx_queues = 1;
	netdev->tx_queues = 1;
	if (ask(fd, SIOCETHTOOL, name, &ifr))
		return;
	netdev->combined = channels.combined_count;
	netdev->rx_queues = RTE_MAX(channels.combined_count + channels.rx_count, 1U);
	netdev->tx_queues = RTE_MAX(channels.combined_count + channels.tx_count, 1U);
}

static void read_driver(int fd, const char *name, struct netdev *netdev)
{
	struct ethtool_drvinfo info = {.cmd = ETHTOOL_GDRVINFO};
	struct ifreq ifr = {.ifr_data = (void *)&info};

	snprintf(netdev->driver, sizeof(netdev->driver), "unknown");
	netdev->virtual = true;
	if (ask(fd, SIOCETHTOOL, name, &ifr))
		return;
	snprintf(netdev->driver, sizeof(netdev->driver), "%.31s", info.driver);
	netdev->virtual = info.bus_info[0] == '\0';
}

int netdev_read(const char *name, struct netdev *netdev)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int err;

	memset(netdev, 0, sizeof(*netdev));
	if (fd < 0)
		return -errno;
	err = read_basics(fd, name, netdev);
	if (!err) {
		read_queues(fd, name, netdev);
		read_driver(fd, name, netdev);
	}
	close(fd);
	return err;
}
