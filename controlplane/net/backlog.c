/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How far behind the reading of sockets is. A turn of the loop reads a limited part of each socket;
 * one that still had something in the turn before has been read ever since without being empty. So
 * what is read now has waited that long at most, and what comes now will wait as long as it takes
 * to read what is there, at the pace so far. A socket that is half full tells no more than the
 * first: more may wait at the other side, or be lost.
 */
#include <errno.h>
#include <linux/sock_diag.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "net/internal.h"

void net_backlog_more(struct net *net, struct net_backlog *backlog, size_t bytes)
{
	/* not read in the last turn: there was nothing, though the read before could not tell */
	if (backlog->since_ms == 0 || net->turn - backlog->turn > 1) {
		backlog->since_ms = uv_now(net->loop);
		backlog->bytes = 0;
	}
	backlog->turn = net->backlog_turn = net->turn;
	backlog->bytes += bytes;
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

/* Of a socket with backlog, that waits with so many bytes and has so much room. */
static uint64_t wait_ms(const struct net_backlog *backlog, uint64_t age_ms, uint64_t waiting,
			uint64_t room)
{
	uint64_t wait_ms;

	if (waiting > room / 2 || backlog->bytes == 0)
		return age_ms;
	wait_ms = waiting * age_ms / backlog->bytes;
	return wait_ms < age_ms ? wait_ms : age_ms;
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

static uint64_t listener_wait_ms(const struct net *net, const struct net_listener *listener)
{
	uint64_t age = age_ms(net, &listener->backlog);
	uint32_t facts[SK_MEMINFO_VARS] = {0};

	if (age == 0 || facts_of(listener, facts) < 0)
		return age;
	return wait_ms(&listener->backlog, age, facts[SK_MEMINFO_RMEM_ALLOC],
		       facts[SK_MEMINFO_RCVBUF]);
}

static uint64_t connection_wait_ms(const struct net *net, const struct net_connection *connection)
{
	uint64_t age = age_ms(net, &connection->backlog);
	int waiting = 0;
	uv_os_fd_t fd;

	if (age == 0 || uv_fileno((const uv_handle_t *)&connection->tcp, &fd) < 0 ||
	    ioctl(fd, FIONREAD, &waiting) < 0 || waiting < 0)
		return age;
	return wait_ms(&connection->backlog, age, (uint64_t)waiting, NET_RECEIVE_BYTES);
}

/* Of datagrams all peers wait in the same sockets. */
static uint64_t datagrams_wait_ms(const struct net *net)
{
	uint64_t most = 0;

	for (unsigned i = 0; i < net->listener_count; i++) {
		uint64_t wait = listener_wait_ms(net, &net->listeners[i]);

		most = wait > most ? wait : most;
	}
	return most;
}

void net_backlog_each(const struct net *net,
		      void (*each)(void *user, const struct config_peer *peer, uint64_t wait_ms),
		      void *user)
{
	const struct net_connection *connection;
	uint64_t wait;

	if (net->turn - net->backlog_turn > 1)
		return;
	wait = datagrams_wait_ms(net);
	if (wait)
		each(user, NULL, wait);
	TAILQ_FOREACH (connection, &net->connections, of_net) {
		/* whoever has not shown who it is keeps nobody waiting but itself */
		wait = connection->peer ? connection_wait_ms(net, connection) : 0;
		if (wait)
			each(user, connection->peer->config, wait);
	}
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
