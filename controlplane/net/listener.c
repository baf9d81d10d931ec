/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Listening sockets, and what is asked of who calls before a byte of theirs is read. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "main/log.h"
#include "net/internal.h"

#define BACKLOG 256

static void refuse_source(struct net_connection *connection, uint64_t *counter, const char *why)
{
	char remote[NET_ADDRESS_TEXT];

	(*counter)++;
	net_address_format(remote, (struct sockaddr *)&connection->flow.remote);
	net_log_refused(connection->net, LOG_PEER_UNKNOWN, "connection from %s refused: %s", remote,
			why);
	net_connection_close(connection, why);
}

/* Its ban has been told; a line for each try would be its work on us. */
static void refuse_quietly(struct net_connection *connection)
{
	connection->net->counters.banned++;
	net_connection_close(connection, "banned");
}

static void refuse_offender(struct net_connection *connection, uint64_t *counter,
			    enum ban_offence offence)
{
	net_offence(connection, offence);
	refuse_source(connection, counter, ban_offence_text(offence));
}

/* What counts the connections from there. *stranger: one of many whose number is limited; but not
 * where a peer is known to be, whatever others of that address or of its bucket have used up. */
static struct net_source *source_of(struct net *net, const struct sockaddr *from, bool tls,
				    bool *stranger)
{
	struct net_source *source = net_source_of(net, from, stranger);
	struct net_peer *known = NULL;

	if (tls && *stranger &&
	    (net->strangers >= net->limits.strangers ||
	     !net_source_has_room(source, &net->limits, uv_now(net->loop))))
		known = net_known_at(net, from);
	if (!known)
		return source;
	*stranger = false;
	return &known->source;
}

/* Over TCP the address is the identity. Over TLS the certificate will be, so any address may try,
 * within limits that strangers cannot use up for those who are configured. */
static struct net_peer *admit(struct net_connection *connection, bool *refused)
{
	struct net *net = connection->net;
	struct net_counters *counters = &net->counters;
	const struct sockaddr *from = (const struct sockaddr *)&connection->flow.remote;
	bool tls = connection->listener->config->transport == SIP_TLS;
	struct net_peer *peer = tls ? NULL : net_peer_by_address(net, SIP_TCP, from);
	bool stranger;
	struct net_source *source = source_of(net, from, tls, &stranger);

	*refused = true;
	if (net_is_banned(net, from))
		refuse_quietly(connection);
	else if (!tls && !peer)
		refuse_offender(connection, &counters->unknown_source, BAN_UNKNOWN_SOURCE);
	else if (net->connection_count > net->limits.connections)
		refuse_source(connection, &counters->limit, "too many connections");
	else if (tls && stranger && net->strangers >= net->limits.strangers)
		refuse_source(connection, &counters->limit, "too many handshakes");
	else if (!net_source_admit(source, &net->limits, uv_now(net->loop)))
		refuse_offender(connection, &counters->limit, BAN_LIMIT);
	else
		*refused = false;
	if (*refused)
		return NULL;
	connection->source = source;
	source->connections++;
	connection->stranger = tls && stranger;
	net->strangers += connection->stranger;
	counters->accepted++;
	return peer;
}

static void on_connection(uv_stream_t *stream, int status)
{
	struct net_listener *listener = stream->data;
	struct net *net = listener->net;
	struct net_connection *connection;
	struct net_peer *peer;
	bool refused;

	if (status < 0 || net->closing)
		return;
	connection = net_connection_new(net, listener, NET_INBOUND);
	if (!connection)
		return;
	int result = uv_accept(stream, (uv_stream_t *)&connection->tcp);

	if (result == 0)
		result = net_connection_begin(connection); /* reads when the loop runs again */
	if (result < 0) {
		net_connection_close(connection, uv_strerror(result));
		return;
	}
	peer = admit(connection, &refused);
	if (refused)
		return;
	if (peer)
		net_connection_up(connection, peer);
	else if (net_secure_begin(connection) < 0)
		net_connection_close(connection, "out of memory");
}

static int listen_stream(struct net_listener *listener)
{
	const struct sockaddr *address = (const struct sockaddr *)&listener->config->socket_address;
	unsigned flags = address->sa_family == AF_INET6 ? UV_TCP_IPV6ONLY : 0;
	int length = sizeof(listener->address);
	int result = uv_tcp_bind(&listener->uv.tcp, address, flags);

	if (result == 0)
		result = uv_listen(&listener->uv.stream, BACKLOG, on_connection);
	if (result == 0)
		result = uv_tcp_getsockname(&listener->uv.tcp,
					    (struct sockaddr *)&listener->address, &length);
	return result;
}

int net_listener_open(struct net_listener *listener, char *error, size_t size)
{
	const struct config_listener *config = listener->config;
	const char *transport = sip_transport_name(config->transport);
	bool datagram = config->transport == SIP_UDP;
	char where[NET_ADDRESS_TEXT];
	int result = datagram ? uv_udp_init_ex(listener->net->loop, &listener->uv.udp,
					       AF_UNSPEC | UV_UDP_RECVMMSG)
			      : uv_tcp_init(listener->net->loop, &listener->uv.tcp);

	net_address_format(where, (const struct sockaddr *)&config->socket_address);
	if (result == 0) {
		listener->open = true;
		listener->uv.handle.data = listener;
		net_hold(listener->net);
		result = datagram ? net_datagram_open(listener) : listen_stream(listener);
	}
	if (result < 0) {
		snprintf(error, size, "listener %s cannot be opened at %s %s: %s", config->name,
			 transport, where, uv_strerror(result));
		return result;
	}
	net_address_format(where, (struct sockaddr *)&listener->address);
	log_event(LOG_LISTENING, "listener %s at %s %s", config->name, transport, where);
	return 0;
}

static void on_closed(uv_handle_t *handle)
{
	struct net_listener *listener = handle->data;

	net_release(listener->net);
}

void net_listener_close(struct net_listener *listener)
{
	if (listener->open)
		uv_close(&listener->uv.handle, on_closed);
	listener->open = false;
}
