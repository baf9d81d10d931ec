/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Life of a TCP or TLS connection. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

#include "main/log.h"
#include "net/internal.h"

#define KEEPALIVE_S 60
#define USER_TIMEOUT_MS 30000 /* sent and not acknowledged: the other side is gone */

const char net_reason_closed[] = "closed by the other side";

struct write {
	uv_write_t request;
	char data[];
};

/* Numbers are given in sequence: they fill the buckets evenly. */
static struct net_connection **bucket_of(const struct net *net, uint64_t number)
{
	return (struct net_connection **)&net->buckets[number % NET_CONNECTION_BUCKETS];
}

static void table_insert(struct net_connection *connection)
{
	struct net_connection **bucket = bucket_of(connection->net, connection->number);

	connection->bucket_next = *bucket;
	*bucket = connection;
}

static void table_remove(struct net_connection *connection)
{
	struct net_connection **at = bucket_of(connection->net, connection->number);

	while (*at && *at != connection)
		at = &(*at)->bucket_next;
	if (*at)
		*at = connection->bucket_next;
}

struct net_connection *net_connection_find(const struct net *net, uint64_t number)
{
	struct net_connection *connection = *bucket_of(net, number);

	while (connection && connection->number != number)
		connection = connection->bucket_next;
	return connection;
}

static void destroy(struct net_connection *connection)
{
	if (connection->in)
		explicit_bzero(connection->in, connection->in_capacity);
	free(connection->in);
	tls_connection_free(connection->tls);
	free(connection);
}

/* From the loop, with nothing of ours up the stack: the place to tell the user. */
static void on_closed(uv_handle_t *handle)
{
	struct net_connection *connection = handle->data;
	struct net *net = connection->net;

	if (--connection->handles == 0) {
		if (connection->was_up && !net->closing)
			net->ops.connection_lost(net->user, connection->peer->config,
						 connection->number);
		destroy(connection);
	}
	net_release(net);
}

static void hold_handle(struct net_connection *connection, uv_handle_t *handle)
{
	handle->data = connection;
	connection->handles++;
	net_hold(connection->net);
}

struct net_connection *net_connection_new(struct net *net, struct net_listener *listener,
					  enum net_direction direction)
{
	struct net_connection *connection = calloc(1, sizeof(*connection));

	if (!connection)
		return NULL;
	connection->net = net;
	connection->listener = listener;
	connection->direction = direction;
	connection->number = net->next_number++;
	/* neither opens a descriptor yet, so neither fails */
	uv_tcp_init(net->loop, &connection->tcp);
	hold_handle(connection, (uv_handle_t *)&connection->tcp);
	uv_timer_init(net->loop, &connection->timer);
	hold_handle(connection, (uv_handle_t *)&connection->timer);
	TAILQ_INSERT_TAIL(&net->connections, connection, of_net);
	net->connection_count++;
	table_insert(connection);
	return connection;
}

static const struct {
	const char *reason; /* NULL: nothing wrong */
	int event;
} deadlines[] = {
    [NET_DEADLINE_CONNECT] = {"connection took too long", LOG_PEER_DOWN},
    [NET_DEADLINE_HANDSHAKE] = {"TLS handshake took too long", LOG_TLS_REFUSED},
    [NET_DEADLINE_PARTIAL] = {"message took too long", LOG_MESSAGE_REFUSED},
    [NET_DEADLINE_IDLE] = {NULL, LOG_NOTE},
};

static void on_deadline(uv_timer_t *timer)
{
	struct net_connection *connection = timer->data;
	const char *reason = deadlines[connection->deadline].reason;
	char remote[NET_ADDRESS_TEXT];

	if (connection->deadline == NET_DEADLINE_IDLE && connection->dialogs) {
		net_connection_deadline(connection, NET_DEADLINE_IDLE);
		return;
	}
	if (reason)
		connection->net->counters.timeout++;
	if (reason && connection->direction == NET_INBOUND) {
		net_address_format(remote, (struct sockaddr *)&connection->flow.remote);
		net_log_refused(connection->net, deadlines[connection->deadline].event,
				"connection from %s closed: %s", remote, reason);
		if (connection->deadline == NET_DEADLINE_HANDSHAKE)
			net_offence(connection, BAN_TIMEOUT);
	}
	net_connection_close(connection, reason);
}

void net_connection_deadline(struct net_connection *connection, enum net_deadline deadline)
{
	const struct net_limits *limits = &connection->net->limits;
	const unsigned timeout_ms[] = {
	    [NET_DEADLINE_CONNECT] = limits->connect_ms,
	    [NET_DEADLINE_HANDSHAKE] = limits->handshake_ms,
	    [NET_DEADLINE_PARTIAL] = limits->partial_ms,
	    [NET_DEADLINE_IDLE] = limits->idle_ms,
	};

	connection->deadline = deadline;
	uv_timer_start(&connection->timer, on_deadline, timeout_ms[deadline], 0);
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	struct net_connection *connection = handle->data;

	(void)suggested;
	if (connection->tls) {
		*buffer = uv_buf_init(connection->net->read_buffer, NET_READ_SIZE);
	} else {
		size_t size;
		char *room = net_stream_room(connection, &size);

		*buffer = uv_buf_init(room, room ? (unsigned)size : 0);
	}
}

/* There is more: in the next turn. libuv would read 32 times, which is hundreds of messages, while
 * all others wait. */
static void put_off(struct net_connection *connection, size_t bytes)
{
	struct net *net = connection->net;

	net_backlog_more(net, &connection->backlog, bytes);
	uv_read_stop((uv_stream_t *)&connection->tcp);
	TAILQ_INSERT_TAIL(&net->put_off, connection, of_put_off);
	connection->is_put_off = true;
}

static void leave_put_off(struct net_connection *connection)
{
	if (connection->is_put_off)
		TAILQ_REMOVE(&connection->net->put_off, connection, of_put_off);
	connection->is_put_off = false;
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
	struct net_connection *connection = stream->data;

	if (connection->state == NET_CLOSING)
		return;
	if (n >= 0 && (size_t)n < buffer->len)
		net_backlog_empty(&connection->backlog);
	else if (n > 0)
		put_off(connection, (size_t)n);
	if (n == 0)
		return;
	if (n < 0)
		net_connection_close(connection,
				     n == UV_EOF ? net_reason_closed : uv_strerror((int)n));
	else if (connection->tls)
		net_secure_input(connection, buffer->base, (size_t)n);
	else
		net_stream_take(connection, (size_t)n);
}

void net_connections_go_on(struct net *net)
{
	struct net_connection *connection;

	while ((connection = TAILQ_FIRST(&net->put_off)) != NULL) {
		int result;

		leave_put_off(connection);
		result = uv_read_start((uv_stream_t *)&connection->tcp, on_room, on_read);
		if (result < 0)
			net_connection_close(connection, uv_strerror(result));
	}
}

static void tune(struct net_connection *connection)
{
	unsigned timeout_ms = USER_TIMEOUT_MS;
	int receive_bytes = (int)NET_RECEIVE_BYTES;
	uv_os_fd_t fd;

	(void)uv_recv_buffer_size((uv_handle_t *)&connection->tcp, &receive_bytes);
	uv_tcp_nodelay(&connection->tcp, 1);
	uv_tcp_keepalive(&connection->tcp, 1, KEEPALIVE_S);
	if (uv_fileno((uv_handle_t *)&connection->tcp, &fd) == 0)
		(void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms,
				 sizeof(timeout_ms));
}

int net_connection_begin(struct net_connection *connection)
{
	struct sip_flow *flow = &connection->flow;
	int length = sizeof(flow->remote);
	int result;

	flow->transport = connection->listener->config->transport;
	flow->listener = connection->listener->number;
	flow->connection = connection->number;
	result = uv_tcp_getpeername(&connection->tcp, (struct sockaddr *)&flow->remote, &length);
	length = sizeof(flow->local);
	if (result == 0)
		result =
		    uv_tcp_getsockname(&connection->tcp, (struct sockaddr *)&flow->local, &length);
	if (result == 0)
		result = uv_read_start((uv_stream_t *)&connection->tcp, on_room, on_read);
	if (result == 0)
		tune(connection);
	return result;
}

static void leave_strangers(struct net_connection *connection)
{
	if (connection->stranger)
		connection->net->strangers--;
	connection->stranger = false;
}

void net_connection_up(struct net_connection *connection, struct net_peer *peer)
{
	char remote[NET_ADDRESS_TEXT];

	leave_strangers(connection);
	connection->peer = peer;
	connection->state = NET_UP;
	connection->was_up = true;
	connection->heard_ms = uv_now(connection->net->loop);
	TAILQ_INSERT_TAIL(&peer->connections, connection, of_peer);
	net_connection_deadline(connection, NET_DEADLINE_IDLE);
	net_address_format(remote, (struct sockaddr *)&connection->flow.remote);
	if (peer->connection_count++ == 0)
		log_event(LOG_PEER_UP, "peer %s is up at %s, %s", peer->config->name, remote,
			  connection->tls ? tls_version(connection->tls) : "TCP");
	if (connection->direction == NET_OUTBOUND) {
		connection->net->counters.connected++;
		net_flow_attempted(peer, connection, 0);
	}
}

static void leave_peer(struct net_connection *connection, const char *reason)
{
	struct net_peer *peer = connection->peer;

	TAILQ_REMOVE(&peer->connections, connection, of_peer);
	peer->connection_count--;
	if (connection->net->closing)
		return;
	if (reason && (reason != net_reason_closed || !connection->heard))
		net_peer_error(peer, "%s", reason);
	if (peer->connection_count == 0)
		log_event(LOG_PEER_DOWN, "peer %s has no connection any more: %s",
			  peer->config->name, reason ? reason : "idle");
}

void net_connection_close(struct net_connection *connection, const char *reason)
{
	struct net *net = connection->net;
	enum net_state state = connection->state;

	if (state == NET_CLOSING)
		return;
	connection->state = NET_CLOSING;
	table_remove(connection);
	TAILQ_REMOVE(&net->connections, connection, of_net);
	leave_put_off(connection);
	net->connection_count--;
	leave_strangers(connection);
	if (connection->source)
		connection->source->connections--;
	if (connection->tls)
		net_secure_end(connection);
	net_outbox_end(connection);
	uv_close((uv_handle_t *)&connection->tcp, on_closed);
	uv_close((uv_handle_t *)&connection->timer, on_closed);
	if (state == NET_UP) {
		leave_peer(connection, reason);
		/* refused after a TLS 1.3 handshake that had looked good to us: do not run again
		 * and again against that wall */
		if (connection->direction == NET_OUTBOUND && !connection->heard && reason)
			net_flow_refused(connection->peer);
	} else if (connection->direction == NET_OUTBOUND && connection->peer) {
		if (reason)
			net_peer_error(connection->peer, "%s", reason);
		net_flow_attempted(connection->peer, connection, -ECONNREFUSED);
	}
}

static void on_written(uv_write_t *request, int status)
{
	struct write *write = (struct write *)request;
	struct net_connection *connection = request->handle->data;

	free(write);
	if (status < 0 && status != UV_ECANCELED)
		net_connection_close(connection, uv_strerror(status));
}

static int queue(struct net_connection *connection, const char *data, size_t length)
{
	uv_stream_t *stream = (uv_stream_t *)&connection->tcp;
	struct write *write;

	if (uv_stream_get_write_queue_size(stream) + length > connection->net->limits.queue_bytes)
		return -ENOBUFS;
	write = malloc(sizeof(*write) + length);
	if (!write)
		return -ENOMEM;
	memcpy(write->data, data, length);
	uv_buf_t buffer = uv_buf_init(write->data, (unsigned)length);
	int result = uv_write(&write->request, stream, &buffer, 1, on_written);

	if (result < 0)
		free(write);
	return result;
}

int net_connection_write(struct net_connection *connection, const void *data, size_t length)
{
	uv_stream_t *stream = (uv_stream_t *)&connection->tcp;
	const char *rest = data;
	int result = 0;

	if (connection->state == NET_CLOSING)
		return -ENOTCONN;
	if (length && uv_stream_get_write_queue_size(stream) == 0) {
		uv_buf_t buffer = uv_buf_init((char *)(uintptr_t)data, (unsigned)length);
		int sent = uv_try_write(stream, &buffer, 1);

		if (sent < 0 && sent != UV_EAGAIN)
			result = sent;
		if (sent > 0) {
			rest += sent;
			length -= (size_t)sent;
		}
	}
	if (result == 0 && length)
		result = queue(connection, rest, length);
	if (result < 0)
		net_connection_close(connection, uv_strerror(result));
	return result;
}
