/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flows to peers: reuse, or one attempt at a time to connect, for which all wait that want one.
 *
 * Reuse: a connection that we made; over TLS also one that the peer made, since its certificate
 * says who it is (RFC 5923), as far as connection_reuse of the peer allows, and not where the peer
 * is many phones (registrar): each of them is reached by its own connection alone. Over TCP only a
 * connection that we made: an address alone does not prove that the far end of an inbound
 * connection takes requests for that peer. A connection is reused for its own peer, which is a
 * destination and an identity, and within one TLS profile only.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "main/log.h"
#include "net/internal.h"

/* How much a connection is worth to new requests; 0: nothing. */
static unsigned worth(const struct net_connection *connection)
{
	const struct net_peer *peer = connection->peer;

	if (connection->direction == NET_OUTBOUND)
		return 3;
	if (!connection->tls || connection->listener->tls != peer->listener->tls ||
	    peer->config->connection_reuse == CONNECTION_REUSE_OWN)
		return 0;
	/* of many phones with one identity, each has its own connection, and keys cross it */
	if (peer->config->registrar)
		return 0;
	if (connection->alias)
		return 2;
	return peer->config->connection_reuse == CONNECTION_REUSE_ALIAS ? 0 : 1;
}

/* The best there is; one to an avoided target only where there is no other either. */
static struct net_connection *reusable(const struct net_peer *peer)
{
	struct net_connection *connection, *best = NULL, *avoided = NULL;

	TAILQ_FOREACH (connection, &peer->connections, of_peer) {
		struct net_connection **place =
		    net_target_avoided(peer, &connection->flow.remote) ? &avoided : &best;

		if (worth(connection) > (*place ? worth(*place) : 0))
			*place = connection;
	}
	return best || net_target_other(peer) ? best : avoided;
}

bool net_flow_reusable(const struct net *net, const struct sip_flow *flow)
{
	const struct net_connection *connection;

	if (flow->transport == SIP_UDP)
		return true;
	connection = net_connection_find(net, flow->connection);
	/* over TCP: the address is all that identifies the peer, on each of its connections */
	return connection && connection->state == NET_UP &&
	       (!connection->tls || worth(connection) > 0);
}

/* What became of a request that is too large for UDP. */
static void count_large(const struct net_peer *peer, int status)
{
	struct net_counters *counters = &peer->net->counters;

	if (peer->transport != peer->config->transport)
		(*(status == 0 ? &counters->large : &counters->large_refused))++;
}

static void tell_waiters(struct net_peer *peer, int status, const struct sip_flow *flow)
{
	struct sip_flow copy = flow ? *flow : (struct sip_flow){0};
	char error[sizeof(peer->status.last_error)];
	struct net_waiter *waiter;

	snprintf(error, sizeof(error), "%s", peer->status.last_error);
	/* whoever is told may ask again, forget others, or close all: so one at a time */
	while ((waiter = TAILQ_FIRST(&peer->waiters)) != NULL && !peer->net->closing) {
		struct net_waiter told = *waiter;

		TAILQ_REMOVE(&peer->waiters, waiter, next);
		peer->waiter_count--;
		free(waiter);
		count_large(peer, status);
		told.ready(told.user, status, flow ? &copy : NULL, flow ? NULL : error);
	}
}

static void back_off(struct net_peer *peer)
{
	const struct net_limits *limits = &peer->net->limits;

	peer->backoff_ms = peer->backoff_ms ? peer->backoff_ms * 2 : limits->backoff_first_ms;
	if (peer->backoff_ms > limits->backoff_max_ms)
		peer->backoff_ms = limits->backoff_max_ms;
	peer->retry_at_ms = uv_now(peer->net->loop) + peer->backoff_ms;
}

void net_flow_refused(struct net_peer *peer)
{
	peer->failure = -ECONNREFUSED;
	back_off(peer);
}

static void fail(struct net_peer *peer, int status)
{
	peer->failure = status;
	back_off(peer);
	log_event(LOG_PEER_DOWN,
		  "peer %s cannot be reached: %s; next attempt in %u ms at the earliest",
		  peer->config->name, peer->status.last_error, peer->backoff_ms);
	tell_waiters(peer, status, NULL);
}

static void on_connected(uv_connect_t *request, int status)
{
	struct net_connection *connection = request->handle->data;
	struct net_peer *peer = connection->peer;
	char reason[NET_ERROR_TEXT], remote[NET_ADDRESS_TEXT];

	if (connection->state == NET_CLOSING)
		return;
	if (status == 0)
		status = net_connection_begin(connection);
	if (status == 0 && connection->listener->tls)
		status = net_secure_begin(connection);
	else if (status == 0)
		net_connection_up(connection, peer);
	if (status == 0)
		return;
	net_address_format(remote, (struct sockaddr *)&peer->candidates[peer->candidate_next - 1]);
	snprintf(reason, sizeof(reason), "%s: %s", remote, uv_strerror(status));
	net_connection_close(connection, reason);
}

/* Our address: the peer may know us by it (and there may be several). */
static int bind_local(struct net_connection *connection)
{
	struct sockaddr_storage local = connection->listener->config->socket_address;

	if (net_address_is_any(&local))
		return 0;
	net_address_set_port(&local, 0);
	return uv_tcp_bind(&connection->tcp, (struct sockaddr *)&local, 0);
}

static void call(struct net_peer *peer, const struct sockaddr_storage *to)
{
	struct net_connection *connection =
	    net_connection_new(peer->net, peer->listener, NET_OUTBOUND);
	char reason[NET_ERROR_TEXT], remote[NET_ADDRESS_TEXT];
	int result;

	if (!connection) {
		net_peer_error(peer, "out of memory");
		fail(peer, -ENOMEM);
		return;
	}
	connection->peer = peer;
	connection->flow.remote = *to;
	peer->calling = connection;
	result = bind_local(connection);
	if (result == 0)
		result = uv_tcp_connect(&connection->connect, &connection->tcp,
					(const struct sockaddr *)to, on_connected);
	if (result == 0) {
		net_connection_deadline(connection, NET_DEADLINE_CONNECT);
		return;
	}
	net_address_format(remote, (const struct sockaddr *)to);
	snprintf(reason, sizeof(reason), "%s: %s", remote, uv_strerror(result));
	net_connection_close(connection, reason);
}

void net_flow_attempted(struct net_peer *peer, struct net_connection *connection, int status)
{
	if (peer->net->closing || peer->calling != connection)
		return;
	peer->calling = NULL;
	if (status == 0) {
		peer->failure = 0;
		peer->status.last_error[0] = '\0';
		tell_waiters(peer, 0, &connection->flow);
	} else if (peer->candidate_next < peer->candidate_count) {
		call(peer, &peer->candidates[peer->candidate_next++]);
	} else {
		fail(peer, status);
	}
}

static void call_candidates(struct net_peer *peer)
{
	net_target_order(peer);
	peer->candidate_next = 1;
	call(peer, &peer->candidates[0]);
}

/* Where DNS fails that was good before, the addresses of then are better than none. */
static void on_located(void *user, const struct locate_answer *answer)
{
	struct net_peer *peer = user;

	peer->locate = NULL;
	if (answer->status == 0) {
		memcpy(peer->candidates, answer->address, answer->count * sizeof(*answer->address));
		peer->candidate_count = answer->count;
	} else {
		net_peer_error(peer, "%s", answer->text);
		if (answer->status != -EAGAIN)
			peer->candidate_count = 0;
	}
	if (peer->candidate_count)
		call_candidates(peer);
	else
		fail(peer, answer->status);
}

static void resolve(struct net_peer *peer)
{
	const struct locate_question question = {
	    .name = peer->config->fqdn,
	    .port = peer->config->port_by_dns ? 0 : peer->config->port,
	    .transport = peer->transport,
	    .family = peer->listener->config->socket_address.ss_family,
	};
	int result = question.name ? locate_start(&peer->locate, peer->net->resolver, &question,
						  on_located, peer)
				   : -EDESTADDRREQ;

	if (result < 0) {
		net_peer_error(peer, "%.80s: %s",
			       question.name ? question.name : peer->config->name,
			       uv_strerror(result));
		fail(peer, result);
	}
}

static void attempt(struct net_peer *peer)
{
	if (peer->has_address) {
		peer->candidates[0] = peer->address;
		peer->candidate_count = 1;
		call_candidates(peer);
	} else {
		resolve(peer);
	}
}

static int wait_for(struct net_peer *peer,
		    void (*ready)(void *, int, const struct sip_flow *, const char *), void *user)
{
	struct net_waiter *waiter;

	if (peer->waiter_count >= peer->net->limits.waiters)
		return -ENOBUFS;
	waiter = malloc(sizeof(*waiter));
	if (!waiter)
		return -ENOMEM;
	*waiter = (struct net_waiter){.ready = ready, .user = user};
	TAILQ_INSERT_TAIL(&peer->waiters, waiter, next);
	peer->waiter_count++;
	return 0;
}

static bool datagram_flow(struct net_peer *peer, struct sip_flow *flow)
{
	*flow = (struct sip_flow){.transport = SIP_UDP,
				  .listener = peer->listener->number,
				  .remote = peer->address,
				  .local = peer->listener->address};
	return peer->has_address;
}

/* Over TCP and TLS. */
static int connected_flow(struct net_peer *peer,
			  void (*ready)(void *, int, const struct sip_flow *, const char *),
			  void *user)
{
	struct net_connection *connection = reusable(peer);
	struct sip_flow flow;
	int result;

	if (connection) {
		flow = connection->flow;
		count_large(peer, 0);
		ready(user, 0, &flow, NULL);
		return 0;
	}
	if (!peer->calling && !peer->locate && uv_now(peer->net->loop) < peer->retry_at_ms) {
		char error[sizeof(peer->status.last_error)];

		snprintf(error, sizeof(error), "%s", peer->status.last_error);
		count_large(peer, peer->failure);
		ready(user, peer->failure, NULL, error);
		return 0;
	}
	result = wait_for(peer, ready, user);
	if (result == 0 && !peer->calling && !peer->locate)
		attempt(peer);
	return result;
}

int net_flow(struct net *net, const struct config_peer *config,
	     void (*ready)(void *user, int status, const struct sip_flow *flow, const char *error),
	     void *user)
{
	struct net_peer *peer = net_peer_of(net, config);
	struct sip_flow flow;
	bool known;

	if (net->closing)
		return -ESHUTDOWN;
	if (peer->transport != SIP_UDP)
		return connected_flow(peer, ready, user);
	known = datagram_flow(peer, &flow);
	ready(user, known ? 0 : -EDESTADDRREQ, known ? &flow : NULL,
	      known ? NULL : "no address is configured");
	return 0;
}

int net_flow_large(struct net *net, const struct config_peer *config,
		   void (*ready)(void *user, int status, const struct sip_flow *flow,
				 const char *error),
		   void *user)
{
	struct net_peer *peer = net_peer_of(net, config)->large;

	if (net->closing)
		return -ESHUTDOWN;
	return peer ? connected_flow(peer, ready, user) : -EOPNOTSUPP;
}

static void forget(struct net_peer *peer, const void *user)
{
	struct net_waiter *waiter = TAILQ_FIRST(&peer->waiters), *next;

	for (; waiter; waiter = next) {
		next = TAILQ_NEXT(waiter, next);
		if (user && waiter->user != user)
			continue;
		TAILQ_REMOVE(&peer->waiters, waiter, next);
		peer->waiter_count--;
		free(waiter);
	}
}

void net_flow_forget(struct net *net, void *user)
{
	for (unsigned i = 0; user && i < net->peer_count; i++)
		forget(&net->peers[i], user);
	for (unsigned i = 0; user && i < net->large_count; i++)
		forget(&net->large[i], user);
}

void net_flow_abandon(struct net_peer *peer)
{
	forget(peer, NULL);
	if (peer->locate)
		locate_cancel(peer->locate);
	peer->locate = NULL;
}
