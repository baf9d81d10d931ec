/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How far behind the reading of sockets is. A turn of the loop reads a limited part of each socket;
 * one that still had something in the turn before has been read ever since without being empty,
 * so what is read now may have waited that long.
 */
#include <errno.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>

#include "net/internal.h"

void net_backlog_more(const struct net *net, struct net_backlog *backlog)
{
	if (backlog->since_ms == 0)
		backlog->since_ms = uv_now(net->loop);
	backlog->turn = net->turn;
}

void net_backlog_empty(struct net_backlog *backlog)
{
	backlog->since_ms = 0;
}

/* One that was not read in the last turn had nothing more, though the last read could not tell. */
static uint64_t age_ms(const struct net *net, const struct net_backlog *backlog)
{
	uint64_t now_ms = uv_now(net->loop);

	if (backlog->since_ms == 0 || net->turn - backlog->turn > 1)
		return 0;
	return now_ms > backlog->since_ms ? now_ms - backlog->since_ms : 0;
}

uint64_t net_backlog_ms(const struct net *net)
{
	const struct net_connection *connection;
	uint64_t most = 0;

	for (unsigned i = 0; i < net->listener_count; i++) {
		uint64_t age = age_ms(net, &net->listeners[i].backlog);

		most = age > most ? age : most;
	}
	TAILQ_FOREACH (connection, &net->connections, of_net) {
		uint64_t age = age_ms(net, &connection->backlog);

		most = age > most ? age : most;
	}
	return most;
}

/* What the kernel threw away of that socket's, since it was opened; wraps around. */
static int lost_of(const struct net_listener *listener, uint32_t *lost)
{
	uint32_t facts[SK_MEMINFO_VARS] = {0};
	socklen_t length = sizeof(facts);
	uv_os_fd_t fd;

	if (uv_fileno(&listener->uv.handle, &fd) < 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_MEMINFO, facts, &length) < 0)
		return -EOPNOTSUPP;
	*lost = facts[SK_MEMINFO_DROPS];
	return 0;
}

uint64_t net_datagrams_lost(struct net *net)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < net->listener_count; i++) {
		struct net_listener *listener = &net->listeners[i];
		uint32_t lost;

		if (listener->config->transport != SIP_UDP || lost_of(listener, &lost) < 0)
			continue;
		sum += lost - listener->lost;
		listener->lost = lost;
	}
	net->counters.udp_lost += sum;
	return sum;
}
