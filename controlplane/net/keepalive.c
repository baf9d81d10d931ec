/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CRLF keep-alive (RFC 5626 3.5.1, 4.4.1) of connections that dialogs need: a double CRLF is sent
 * where nothing was heard for the peer's interval. That alone keeps bindings of NAT open and lets
 * TCP find out that the other side is gone (30 s, see connection.c). A missing answer proves
 * something only of those who have answered before: elements that do not speak RFC 5626 ignore it.
 */
#include "net/internal.h"

/* 80 to 100 % of the interval, so that connections made together are not asked together. */
static uint64_t interval_ms(const struct net_connection *connection)
{
	uint64_t whole = connection->peer->config->keepalive_ms;

	return whole - (connection->number * 37 % 64) * whole / 320;
}

static bool is_dead(const struct net_connection *connection, uint64_t now_ms)
{
	return connection->ping_ms && connection->ponged &&
	       now_ms - connection->ping_ms >= connection->net->limits.pong_ms;
}

static void look_at(struct net_connection *connection, uint64_t now_ms)
{
	uint64_t since;

	if (connection->state != NET_UP || !connection->peer->config->keepalive_ms ||
	    !connection->dialogs)
		return;
	if (is_dead(connection, now_ms)) {
		connection->net->counters.keepalive_lost++;
		net_connection_close(connection, "no answer to keep-alive");
		return;
	}
	if (connection->ping_ms && connection->ponged)
		return; /* it has its time to answer */
	since =
	    connection->ping_ms > connection->heard_ms ? connection->ping_ms : connection->heard_ms;
	if (now_ms - since < interval_ms(connection))
		return;
	connection->ping_ms = now_ms;
	connection->pinged = true;
	connection->net->counters.keepalive++;
	(void)net_stream_send(connection, "\r\n\r\n", 4); /* a failure closes it */
}

static void on_tick(uv_timer_t *timer)
{
	struct net *net = timer->data;
	struct net_connection *connection = TAILQ_FIRST(&net->connections), *next;

	for (; connection; connection = next) {
		next = TAILQ_NEXT(connection, of_net);
		look_at(connection, uv_now(net->loop));
	}
}

void net_keepalive_tick(struct net *net, unsigned every_ms)
{
	uv_timer_start(&net->keepalive, on_tick, every_ms, every_ms);
}

void net_keepalive_open(struct net *net)
{
	uv_timer_init(net->loop, &net->keepalive); /* cannot fail */
	net->keepalive.data = net;
	net_hold(net);
	net_keepalive_tick(net, NET_KEEPALIVE_TICK_MS);
}

static void on_closed(uv_handle_t *handle)
{
	net_release(handle->data);
}

void net_keepalive_close(struct net *net)
{
	if (net->keepalive.data)
		uv_close((uv_handle_t *)&net->keepalive, on_closed);
	net->keepalive.data = net;
}

void net_keepalive_heard(struct net_connection *connection, enum net_heard heard)
{
	connection->heard_ms = uv_now(connection->net->loop);
	connection->ping_ms = 0;
	/* else it is half of a ping of theirs, which came in two pieces */
	if (heard == NET_HEARD_PONG && connection->pinged) {
		connection->pinged = false;
		connection->ponged = true;
	}
}

static struct net_connection *find(struct net *net, uint64_t number)
{
	struct net_connection *connection = number ? net_connection_find(net, number) : NULL;

	return connection && connection->state == NET_UP ? connection : NULL;
}

void net_connection_hold(struct net *net, uint64_t number)
{
	struct net_connection *connection = find(net, number);

	if (connection)
		connection->dialogs++;
}

void net_connection_unhold(struct net *net, uint64_t number)
{
	struct net_connection *connection = find(net, number);

	if (connection && connection->dialogs)
		connection->dialogs--;
}

void net_connection_alias(struct net *net, uint64_t number)
{
	struct net_connection *connection = find(net, number);

	if (connection && connection->tls && connection->direction == NET_INBOUND)
		connection->alias = true;
}
