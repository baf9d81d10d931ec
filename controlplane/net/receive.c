/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The receive buffers of UDP sockets: what comes while the loop is busy waits there, and what has
 * no room is lost. The kernel's default holds a hundred messages; a burst of peers is longer.
 */
#include <sys/socket.h>

#include "main/log.h"
#include "net/internal.h"

/* The kernel takes twice of what is asked, for its own books, and says so: half of it is ours. */
static size_t granted(int fd)
{
	int bytes = 0;
	socklen_t length = sizeof(bytes);

	if (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, &length) < 0 || bytes < 0)
		return 0;
	return (size_t)bytes / 2;
}

static void warn(const struct net_listener *listener, size_t wanted)
{
	log_event(LOG_CONFIG_WARNING,
		  "listener %s: the kernel grants a receive buffer of %zu KiB, not the %zu KiB of "
		  "udp_receive_kib: longer bursts are lost (udp-lost); mend it with 'sysctl -w "
		  "net.core.rmem_max=%zu' before the start",
		  listener->config->name, listener->receive_bytes / 1024, wanted / 1024, wanted);
}

void net_receive_buffer(struct net_listener *listener)
{
	size_t wanted = (size_t)listener->net->config->udp_receive_kib * 1024;
	int bytes = (int)wanted;
	uv_os_fd_t fd;

	if (uv_fileno(&listener->uv.handle, &fd) < 0)
		return;
	/* above rmem_max for who may (CAP_NET_ADMIN), else up to it */
	if (wanted && setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	listener->receive_bytes = granted(fd);
	if (listener->receive_bytes < wanted)
		warn(listener, wanted);
}
