/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One socket that SIP messages cross: a TCP or TLS connection, or UDP with one other side. What is
 * sent waits until channel_flush(), so that messages of one turn go out together.
 *
 * Thread: one.
 */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#include "sip/flow.h"
#include "tls/tls.h"

#define CHANNEL_IN_BYTES 131072U

struct channel {
	int fd;
	enum sip_transport transport;
	struct tls_connection *tls; /* NULL: not with TLS */
	bool up;                    /* messages may pass */
	bool lost;
	bool wants_out; /* the socket was full */
	const void *owner;
	struct sockaddr_in remote; /* UDP: where the relay is */
	char *out;                 /* TCP: not sent yet */
	size_t out_length, out_capacity;
	size_t scanned;
	size_t in_length;
	char in[CHANNEL_IN_BYTES];
};

/* fd becomes the channel's, also when it fails. context: NULL without TLS; name: whom we call.
 * NULL: no memory. */
struct channel *channel_new(int fd, enum sip_transport transport, struct tls_context *context,
			    const char *name);
void channel_free(struct channel *channel);

/* Reads what is there; message is called for each. False: the connection is lost. */
bool channel_input(struct channel *channel,
		   void (*message)(void *user, struct channel *channel, const char *data,
				   size_t length),
		   void *user);
/* Whether one more request may begin: what a stream's other side does not take is not heaped up. */
bool channel_room(const struct channel *channel);
/* 0 or -errno: then the connection is lost. */
int channel_send(struct channel *channel, const char *data, size_t length);
/* Sends what waits, as far as the socket takes it. False: the connection is lost. */
bool channel_flush(struct channel *channel);
