/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is sent in one turn of the loop goes out together, a write for each connection: just before
 * the loop waits, and right after it has handled what it waited for. A busy relay so writes once
 * for many messages; an idle one waits for nothing.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "net/internal.h"

#define OUT_FIRST 4096U
#define OUT_KEPT 16384U /* a longer buffer is given back when it is empty */
#define OUT_FULL 65536U /* more than that does not wait for the others */

static void empty(struct net_connection *connection)
{
	connection->out_length = 0;
	if (connection->out_capacity <= OUT_KEPT)
		return;
	free(connection->out);
	connection->out = NULL;
	connection->out_capacity = 0;
}

size_t net_outbox_length(const struct net_connection *connection)
{
	const uint8_t *data;

	return connection->tls ? tls_output(connection->tls, &data) : connection->out_length;
}

static void flush(struct net_connection *connection)
{
	if (connection->tls) {
		(void)net_secure_flush(connection);
		return;
	}
	if (connection->out_length)
		(void)net_connection_write(connection, connection->out, connection->out_length);
	empty(connection);
}

void net_outbox_leave(struct net_connection *connection)
{
	if (connection->in_outbox)
		TAILQ_REMOVE(&connection->net->outbox, connection, of_outbox);
	connection->in_outbox = false;
}

int net_outbox_add(struct net_connection *connection)
{
	if (net_outbox_length(connection) > OUT_FULL) {
		net_outbox_leave(connection);
		flush(connection);
		return connection->state == NET_CLOSING ? -ENOTCONN : 0;
	}
	if (!connection->in_outbox)
		TAILQ_INSERT_TAIL(&connection->net->outbox, connection, of_outbox);
	connection->in_outbox = true;
	return 0;
}

static int grow(struct net_connection *connection, size_t wanted)
{
	size_t capacity = connection->out_capacity ? connection->out_capacity : OUT_FIRST;
	char *grown;

	while (capacity < wanted)
		capacity *= 2;
	if (capacity == connection->out_capacity)
		return 0;
	grown = realloc(connection->out, capacity);
	if (!grown)
		return -ENOMEM;
	connection->out = grown;
	connection->out_capacity = capacity;
	return 0;
}

int net_outbox_put(struct net_connection *connection, const char *data, size_t length)
{
	int result = grow(connection, connection->out_length + length);

	if (result < 0)
		return result;
	memcpy(connection->out + connection->out_length, data, length);
	connection->out_length += length;
	return net_outbox_add(connection);
}

static void flush_all(struct net *net)
{
	struct net_connection *connection;

	while ((connection = TAILQ_FIRST(&net->outbox)) != NULL) {
		net_outbox_leave(connection);
		flush(connection);
	}
}

/* ---- the loop's turns ---- */

static void on_prepare(uv_prepare_t *prepare)
{
	flush_all(prepare->data);
}

static void on_check(uv_check_t *check)
{
	struct net *net = check->data;

	net->turn++;
	flush_all(net);
	net_connections_go_on(net);
}

static void on_closed(uv_handle_t *handle)
{
	net_release(handle->data);
}

void net_outbox_open(struct net *net)
{
	TAILQ_INIT(&net->outbox);
	TAILQ_INIT(&net->put_off);
	/* neither fails, and neither keeps the loop running */
	uv_prepare_init(net->loop, &net->outbox_prepare);
	uv_check_init(net->loop, &net->outbox_check);
	net->outbox_prepare.data = net->outbox_check.data = net;
	uv_prepare_start(&net->outbox_prepare, on_prepare);
	uv_check_start(&net->outbox_check, on_check);
	uv_unref((uv_handle_t *)&net->outbox_prepare);
	uv_unref((uv_handle_t *)&net->outbox_check);
	net_hold(net);
	net_hold(net);
}

void net_outbox_close(struct net *net)
{
	uv_close((uv_handle_t *)&net->outbox_prepare, on_closed);
	uv_close((uv_handle_t *)&net->outbox_check, on_closed);
}

void net_outbox_end(struct net_connection *connection)
{
	net_outbox_leave(connection);
	if (!connection->tls && connection->out_length &&
	    uv_stream_get_write_queue_size((uv_stream_t *)&connection->tcp) == 0) {
		uv_buf_t buffer = uv_buf_init(connection->out, (unsigned)connection->out_length);

		(void)uv_try_write((uv_stream_t *)&connection->tcp, &buffer, 1);
	}
	free(connection->out);
	connection->out = NULL;
	connection->out_length = connection->out_capacity = 0;
}
