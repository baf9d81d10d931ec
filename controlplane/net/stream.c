/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages in a stream of bytes (RFC 3261 18.3), both ways. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "main/log.h"
#include "net/internal.h"
#include "sip/framer.h"
#include "sip/message.h"

#define ROOM_FIRST 4096U
#define ROOM_MOST (SIP_MESSAGE_MAX + ROOM_FIRST)
#define ROOM_LEAST 1024U /* grow rather than read in crumbs */

/* Not realloc: the old place may hold keys. */
static bool grow(struct net_connection *connection)
{
	size_t capacity = connection->in_capacity ? connection->in_capacity * 2 : ROOM_FIRST;
	char *grown;

	if (capacity > ROOM_MOST)
		capacity = ROOM_MOST;
	grown = malloc(capacity);
	if (!grown)
		return false;
	if (connection->in) {
		memcpy(grown, connection->in, connection->in_length);
		explicit_bzero(connection->in, connection->in_capacity);
		free(connection->in);
	}
	connection->in = grown;
	connection->in_capacity = capacity;
	return true;
}

static void refuse(struct net_connection *connection, const char *why)
{
	char remote[NET_ADDRESS_TEXT];

	connection->net->counters.framing++;
	net_address_format(remote, (struct sockaddr *)&connection->flow.remote);
	net_log_refused(connection->net, LOG_MESSAGE_REFUSED, "peer %s at %s closed: %s",
			connection->peer->config->name, remote, why);
	net_connection_close(connection, why);
}

char *net_stream_room(struct net_connection *connection, size_t *size)
{
	if (connection->in_capacity - connection->in_length < ROOM_LEAST &&
	    connection->in_capacity < ROOM_MOST && !grow(connection)) {
		net_connection_close(connection, "out of memory");
		return NULL;
	}
	if (connection->in_capacity == connection->in_length) {
		refuse(connection, "message is longer than 64 KiB");
		return NULL;
	}
	*size = connection->in_capacity - connection->in_length;
	return connection->in + connection->in_length;
}

/* What is left is part of a message, whose clock runs from its first byte and is not wound up by
 * further ones; or nothing, then the connection is idle. */
static void set_deadline(struct net_connection *connection, bool progress)
{
	enum net_deadline wanted = connection->in_length ? NET_DEADLINE_PARTIAL : NET_DEADLINE_IDLE;

	if (progress || wanted != connection->deadline)
		net_connection_deadline(connection, wanted);
}

/* A stream cannot leave out a message unseen: it ends. */
static bool admit(struct net_connection *connection)
{
	if (connection->direction == NET_OUTBOUND ||
	    net_message_admit(connection->net, connection->peer,
			      (struct sockaddr *)&connection->flow.remote))
		return true;
	net_offence(connection, BAN_MESSAGES);
	net_connection_close(connection, ban_offence_text(BAN_MESSAGES));
	return false;
}

static void hand_on(struct net_connection *connection, const char *data, size_t length)
{
	struct net *net = connection->net;

	if (!admit(connection))
		return;
	net->counters.messages++;
	net->ops.message(net->user, connection->peer->config, &connection->flow, data, length);
}

static void first_heard(struct net_connection *connection)
{
	connection->heard = true;
	connection->peer->backoff_ms = 0;
	connection->peer->retry_at_ms = 0;
}

void net_stream_take(struct net_connection *connection, size_t length)
{
	size_t used = 0, cut;
	bool progress = false, more = true;
	const char *why = NULL;

	connection->in_length += length;
	net_keepalive_heard(connection, NET_HEARD_ANYTHING);
	if (!connection->heard)
		first_heard(connection);
	while (more && used < connection->in_length) {
		const char *data = connection->in + used;

		switch (sip_framer_next(data, connection->in_length - used, &connection->in_scanned,
					&cut, &why)) {
		case SIP_FRAME_MESSAGE:
			hand_on(connection, data, cut);
			break;
		case SIP_FRAME_PING:
			(void)net_stream_send(connection, "\r\n", 2);
			break;
		case SIP_FRAME_PONG:
			net_keepalive_heard(connection, NET_HEARD_PONG);
			break;
		case SIP_FRAME_MORE:
			more = false;
			continue;
		case SIP_FRAME_ERROR:
		default:
			refuse(connection, why ? why : "not SIP");
			return;
		}
		/* the callee may have closed us */
		if (connection->state == NET_CLOSING)
			return;
		used += cut;
		connection->in_scanned = 0;
		progress = true;
	}
	connection->in_length -= used;
	if (used) {
		memmove(connection->in, connection->in + used, connection->in_length);
		/* bodies may carry SDES keys */
		explicit_bzero(connection->in + connection->in_length, used);
	}
	set_deadline(connection, progress);
}

int net_stream_send(struct net_connection *connection, const char *data, size_t length)
{
	uv_stream_t *stream = (uv_stream_t *)&connection->tcp;
	int result;

	if (connection->state != NET_UP)
		return -ENOTCONN;
	/* asked before, as a TLS stream cannot lose a part of what was encrypted */
	if (uv_stream_get_write_queue_size(stream) + net_outbox_length(connection) + length +
		length / 64 + 256 >
	    connection->net->limits.queue_bytes)
		return -ENOBUFS;
	if (!connection->tls)
		return net_outbox_put(connection, data, length);
	result = tls_write(connection->tls, data, length);
	if (result == -ENOBUFS)
		return result;
	if (result < 0) {
		net_connection_close(connection, tls_failure(connection->tls));
		return -ENOTCONN;
	}
	return net_outbox_add(connection);
}
