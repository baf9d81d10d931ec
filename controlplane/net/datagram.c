/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UDP: one socket a listener, each datagram one message (RFC 3261 18). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "main/log.h"
#include "net/internal.h"

#define DATAGRAM_SEND_MAX 65507U

struct send {
	uv_udp_send_t request;
	char data[];
};

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	const struct net_listener *listener = handle->data;

	(void)suggested;
	*buffer = uv_buf_init(listener->net->datagrams[0], sizeof(listener->net->datagrams));
}

static void hand_on(struct net_listener *listener, const struct net_peer *peer,
		    const struct sockaddr *from, const char *data, size_t length)
{
	struct net *net = listener->net;
	struct sip_flow flow = {
	    .transport = SIP_UDP, .listener = listener->number, .local = listener->address};

	net_address_copy(&flow.remote, from);
	net->counters.messages++;
	net->ops.message(net->user, peer->config, &flow, data, length);
}

static void on_datagram(uv_udp_t *udp, ssize_t n, const uv_buf_t *buffer,
			const struct sockaddr *from, unsigned flags)
{
	struct net_listener *listener = udp->data;
	struct net *net = listener->net;
	const char *data = buffer->base;
	char remote[NET_ADDRESS_TEXT];

	if (n == 0 && !from && !(flags & UV_UDP_MMSG_FREE))
		net_backlog_empty(&listener->backlog);
	if (n < 0 || !from || net->closing)
		return; /* n < 0: an ICMP error about something that we sent */
	net_backlog_more(net, &listener->backlog, (size_t)n + NET_DATAGRAM_BOOKS);
	const struct net_peer *peer = net_peer_by_address(net, SIP_UDP, from);

	if (!peer) {
		net->counters.unknown_source++;
		net_address_format(remote, from);
		net_log_refused(net, LOG_PEER_UNKNOWN,
				"datagram from %s dropped: not an address of a configured peer",
				remote);
		return;
	}
	if (peer->config->auth_users_file && net_is_banned(net, from)) {
		net->counters.banned++;
		return;
	}
	if (!net_message_admit(net, peer, from))
		return;
	if (flags & UV_UDP_PARTIAL) {
		net->counters.framing++;
		return;
	}
	/* keep-alives, and empty lines before a message (RFC 3261 7.5) */
	while (n > 0 && (*data == '\r' || *data == '\n')) {
		data++;
		n--;
	}
	if (n > 0)
		hand_on(listener, peer, from, data, (size_t)n);
}

int net_datagram_open(struct net_listener *listener)
{
	const struct sockaddr *address = (const struct sockaddr *)&listener->config->socket_address;
	unsigned flags = address->sa_family == AF_INET6 ? UV_UDP_IPV6ONLY : 0;
	int length = sizeof(listener->address);
	int result = uv_udp_bind(&listener->uv.udp, address, flags);

	if (result == 0)
		result = uv_udp_getsockname(&listener->uv.udp,
					    (struct sockaddr *)&listener->address, &length);
	if (result == 0)
		net_receive_buffer(listener);
	if (result == 0)
		result = uv_udp_recv_start(&listener->uv.udp, on_room, on_datagram);
	return result;
}

static void on_sent(uv_udp_send_t *request, int status)
{
	(void)status; /* UDP: the transaction's timers find out */
	free(request);
}

static int queue(struct net_listener *listener, const struct sockaddr *to, const char *data,
		 size_t length)
{
	struct send *send;

	if (uv_udp_get_send_queue_size(&listener->uv.udp) + length >
	    listener->net->limits.queue_bytes)
		return -ENOBUFS;
	send = malloc(sizeof(*send) + length);
	if (!send)
		return -ENOMEM;
	memcpy(send->data, data, length);
	uv_buf_t buffer = uv_buf_init(send->data, (unsigned)length);
	int result = uv_udp_send(&send->request, &listener->uv.udp, &buffer, 1, to, on_sent);

	if (result < 0)
		free(send);
	return result;
}

int net_datagram_send(struct net_listener *listener, const struct sockaddr_storage *to,
		      const char *data, size_t length)
{
	const struct sockaddr *address = (const struct sockaddr *)to;
	uv_buf_t buffer = uv_buf_init((char *)(uintptr_t)data, (unsigned)length);
	int result;

	if (length > DATAGRAM_SEND_MAX)
		return -EMSGSIZE;
	result = uv_udp_try_send(&listener->uv.udp, &buffer, 1, address);
	if (result == UV_EAGAIN)
		result = queue(listener, address, data, length);
	return result < 0 ? result : 0;
}
