/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "channel.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sip/framer.h"

#define READ_BYTES 16384U
#define DATAGRAM_BYTES 65536U
#define DATAGRAMS_A_TURN 64U
#define OUT_FIRST 65536U
#define OUT_MAX (4U << 20)
#define ROOM 65536U /* some dozens of requests */

typedef void message_fn(void *user, struct channel *channel, const char *data, size_t length);

struct channel *channel_new(int fd, enum sip_transport transport, struct tls_context *context,
			    const char *name)
{
	struct channel *channel = calloc(1, sizeof(*channel));

	if (channel && context && tls_connection_new(&channel->tls, context, name) < 0) {
		free(channel);
		channel = NULL;
	}
	if (!channel) {
		close(fd);
		return NULL;
	}
	channel->fd = fd;
	channel->transport = transport;
	channel->up = transport != SIP_TLS;
	return channel;
}

void channel_free(struct channel *channel)
{
	if (!channel)
		return;
	tls_connection_free(channel->tls);
	close(channel->fd);
	free(channel->out);
	free(channel);
}

static bool lose(struct channel *channel, const char *why)
{
	if (!channel->lost)
		fprintf(stderr, "signalling: connection lost: %s\n", why);
	channel->lost = true;
	channel->up = false;
	return false;
}

/* ---- in ---- */

/* Hands on the messages that are whole. */
static bool cut(struct channel *channel, message_fn *message, void *user)
{
	size_t used = 0, length;
	const char *why = NULL;

	while (used < channel->in_length) {
		const char *data = channel->in + used;

		switch (sip_framer_next(data, channel->in_length - used, &channel->scanned, &length,
					&why)) {
		case SIP_FRAME_MESSAGE:
			message(user, channel, data, length);
			break;
		case SIP_FRAME_PING:
		case SIP_FRAME_PONG:
			break;
		case SIP_FRAME_MORE:
			goto rest;
		case SIP_FRAME_ERROR:
		default:
			return lose(channel, why);
		}
		used += length;
		channel->scanned = 0;
	}
rest:
	channel->in_length -= used;
	memmove(channel->in, channel->in + used, channel->in_length);
	return !channel->lost;
}

static bool plain_input(struct channel *channel, message_fn *message, void *user)
{
	ssize_t n = recv(channel->fd, channel->in + channel->in_length,
			 sizeof(channel->in) - channel->in_length, 0);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR || lose(channel, strerror(errno));
	if (n == 0)
		return lose(channel, "closed by the relay");
	channel->in_length += (size_t)n;
	return cut(channel, message, user);
}

static bool tls_take(struct channel *channel, message_fn *message, void *user)
{
	for (;;) {
		long n = tls_read(channel->tls, channel->in + channel->in_length,
				  sizeof(channel->in) - channel->in_length);

		if (n == -EAGAIN)
			return true;
		if (n <= 0)
			return lose(channel, n ? tls_failure(channel->tls) : "closed by the relay");
		channel->in_length += (size_t)n;
		if (!cut(channel, message, user))
			return false;
	}
}

static bool secure_input(struct channel *channel, message_fn *message, void *user)
{
	char data[READ_BYTES];
	ssize_t n = recv(channel->fd, data, sizeof(data), 0);

	if (n < 0 && errno != EAGAIN && errno != EINTR)
		return lose(channel, strerror(errno));
	if (n == 0)
		return lose(channel, "closed by the relay");
	if (n > 0 && tls_input(channel->tls, data, (size_t)n) < 0)
		return lose(channel, "TLS input overflows");
	if (!channel->up) {
		enum tls_progress progress = tls_handshake(channel->tls);

		if (progress == TLS_FAILED)
			return lose(channel, tls_failure(channel->tls));
		channel->up = progress == TLS_UP;
	}
	return !channel->up || tls_take(channel, message, user);
}

static bool datagram_input(struct channel *channel, message_fn *message, void *user)
{
	for (unsigned i = 0; i < DATAGRAMS_A_TURN; i++) {
		ssize_t n = recv(channel->fd, channel->in, DATAGRAM_BYTES, 0);

		if (n <= 0)
			return true;
		message(user, channel, channel->in, (size_t)n);
	}
	return true;
}

bool channel_input(struct channel *channel, message_fn *message, void *user)
{
	if (channel->lost)
		return false;
	if (channel->transport == SIP_UDP)
		return datagram_input(channel, message, user);
	return channel->tls ? secure_input(channel, message, user)
			    : plain_input(channel, message, user);
}

/* ---- out ---- */

static int append(struct channel *channel, const char *data, size_t length)
{
	size_t capacity = channel->out_capacity ? channel->out_capacity : OUT_FIRST;
	char *grown;

	if (channel->out_length + length > OUT_MAX)
		return -ENOBUFS;
	while (capacity < channel->out_length + length)
		capacity *= 2;
	if (capacity > channel->out_capacity) {
		grown = realloc(channel->out, capacity);
		if (!grown)
			return -ENOMEM;
		channel->out = grown;
		channel->out_capacity = capacity;
	}
	memcpy(channel->out + channel->out_length, data, length);
	channel->out_length += length;
	return 0;
}

bool channel_room(const struct channel *channel)
{
	const uint8_t *data;

	return (channel->tls ? tls_output(channel->tls, &data) : channel->out_length) < ROOM;
}

int channel_send(struct channel *channel, const char *data, size_t length)
{
	int result;

	if (!channel->up)
		return -ENOTCONN;
	if (channel->transport == SIP_UDP)
		return sendto(channel->fd, data, length, 0, (struct sockaddr *)&channel->remote,
			      sizeof(channel->remote)) < 0
			   ? -errno
			   : 0;
	result =
	    channel->tls ? tls_write(channel->tls, data, length) : append(channel, data, length);
	if (result < 0)
		lose(channel, "more waits to be sent than there is room for");
	return result;
}

/* How much went out; -errno. */
static ssize_t push(struct channel *channel, const void *data, size_t length)
{
	ssize_t n = length ? send(channel->fd, data, length, MSG_NOSIGNAL) : 0;

	if (n < 0 && (errno == EAGAIN || errno == EINTR || errno == ENOTCONN))
		n = 0;
	channel->wants_out = n >= 0 && (size_t)n < length;
	return n;
}

bool channel_flush(struct channel *channel)
{
	const uint8_t *data = (const uint8_t *)channel->out;
	size_t length = channel->out_length;
	ssize_t n;

	if (channel->lost || channel->transport == SIP_UDP)
		return !channel->lost;
	if (channel->tls)
		length = tls_output(channel->tls, &data);
	n = push(channel, data, length);
	if (n < 0)
		return lose(channel, strerror(errno));
	if (n == 0)
		return true;
	if (channel->tls) {
		tls_output_done(channel->tls, (size_t)n);
	} else {
		channel->out_length -= (size_t)n;
		memmove(channel->out, channel->out + n, channel->out_length);
	}
	return true;
}
