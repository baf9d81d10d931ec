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

/* What the kernel says of that socket. What it threw away is since it was opened, and wraps. */
static int facts_of(const struct net_listener *listener, uint32_t facts[static SK_MEMINFO_VARS])
{
	socklen_t length = SK_MEMINFO_VARS * sizeof(*facts);
	uv_os_fd_t fd;

	if (listener->config->transport != SIP_UDP || uv_fileno(&listener->uv.handle, &fd) < 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_MEMINFO, facts, &length) < 0)
		return -EOPNOTSUPP;
	return 0;
}

uint64_t net_datagrams_lost(struct net *net)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < net->listener_count; i++) {
		struct net_listener *listener = &net->listeners[i];
		uint32_t facts[SK_MEMINFO_VARS] = {0};

		if (facts_of(listener, facts) < 0)
			continue;
		sum += facts[SK_MEMINFO_DROPS] - listener->lost;
		listener->lost = facts[SK_MEMINFO_DROPS];
	}
	net->counters.udp_lost += sum;
	return sum;
}

void net_socket_each(const struct net *net,
		     void (*each)(void *user, const struct net_socket_status *status), void *user)
{
	for (unsigned i = 0; i < net->listener_count; i++) {
		const struct net_listener *listener = &net->listeners[i];
		uint32_t facts[SK_MEMINFO_VARS] = {0};
		struct net_socket_status status = {.name = listener->config->name,
						   .receive_bytes = listener->receive_bytes};

		if (facts_of(listener, facts) < 0)
			continue;
		status.waiting_bytes = facts[SK_MEMINFO_RMEM_ALLOC] / 2; /* with its books */
		status.lost = facts[SK_MEMINFO_DROPS];
		each(user, &status);
	}
}
