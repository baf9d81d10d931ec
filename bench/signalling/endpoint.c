/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "endpoint.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define HOST_RELAY 1U
#define HOST_CALLER 10U
#define HOST_CALLEE 100U
#define EVENTS 64
#define SOCKET_BYTES (8 << 20)
#define STREAM_BYTES (128 << 10) /* what the relay does not take is seen here, not hidden */
#define CONNECT_TURNS 200        /* of 50 ms */
#define NS UINT64_C(1000000000)

/* ---- addresses and certificates ---- */

static struct sockaddr_in address_of(const struct options *options, unsigned host)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	char text[64];

	address.sin_port = htons((uint16_t)options->port);
	snprintf(text, sizeof(text), "%s.%u", options->net, host);
	if (inet_pton(AF_INET, text, &address.sin_addr) != 1)
		address.sin_family = AF_UNSPEC;
	return address;
}

static int fail(const char *what, int result)
{
	fprintf(stderr, "signalling: %s: %s\n", what, strerror(-result));
	return result;
}

static int context_open(struct endpoint *endpoint, const struct options *options)
{
	const char *name = endpoint->role == ENDPOINT_CALLER ? "caller" : "callee";
	char certificate[512], key[512], trust[512], error[256];
	struct tls_settings settings = {
	    .role = endpoint->role == ENDPOINT_CALLER ? TLS_CLIENT : TLS_SERVER,
	    .certificate = certificate,
	    .private_key = key,
	    .trust = trust,
	};
	int result;

	snprintf(certificate, sizeof(certificate), "%s/%s%u.pem", options->pki, name,
		 endpoint->pair);
	snprintf(key, sizeof(key), "%s/%s%u.key", options->pki, name, endpoint->pair);
	snprintf(trust, sizeof(trust), "%s/ca.pem", options->pki);
	result = tls_context_new(&endpoint->context, &settings, NULL, error, sizeof(error));
	if (result < 0)
		fprintf(stderr, "signalling: %s\n", error);
	return result;
}

/* ---- sockets ---- */

static int watch(const struct endpoints *endpoints, int fd, void *owner, uint32_t events)
{
	struct epoll_event event = {.events = events, .data = {.ptr = owner}};

	return epoll_ctl(endpoints->epoll, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

static void tune(int fd)
{
	int on = 1, bytes = STREAM_BYTES;

	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static int channel_add(struct endpoints *endpoints, struct endpoint *endpoint, int fd)
{
	struct channel *channel;

	if (endpoint->channels == ENDPOINT_CHANNELS_MAX) {
		close(fd);
		return -ENOSPC;
	}
	channel = channel_new(fd, endpoints->options->transport, endpoint->context,
			      endpoint->role == ENDPOINT_CALLER ? "relay.bench.example" : NULL);
	if (!channel)
		return -ENOMEM;
	channel->owner = endpoint;
	endpoint->channel[endpoint->channels++] = channel;
	return watch(endpoints, fd, channel, EPOLLIN);
}

static int socket_open(const struct endpoints *endpoints, unsigned host)
{
	const struct options *options = endpoints->options;
	struct sockaddr_in local = address_of(options, host);
	bool udp = options->transport == SIP_UDP;
	int on = 1, bytes = SOCKET_BYTES;
	int fd =
	    socket(AF_INET, (udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (udp && setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	/* a caller's TCP connection takes any port of its address */
	if (!udp && host < HOST_CALLEE)
		local.sin_port = 0;
	if (bind(fd, (struct sockaddr *)&local, sizeof(local)) < 0) {
		int result = -errno;

		close(fd);
		return result;
	}
	return fd;
}

static int caller_open(struct endpoints *endpoints, struct endpoint *endpoint)
{
	struct sockaddr_in relay = address_of(endpoints->options, HOST_RELAY);
	int fd = socket_open(endpoints, HOST_CALLER + endpoint->pair);
	int result;

	if (fd < 0)
		return fail("address of a caller", fd);
	if (endpoints->options->transport != SIP_UDP) {
		tune(fd);
		if (connect(fd, (struct sockaddr *)&relay, sizeof(relay)) < 0 &&
		    errno != EINPROGRESS)
			return fail("the relay", -errno);
	}
	result = channel_add(endpoints, endpoint, fd);
	if (result == 0)
		endpoint->channel[0]->remote = relay;
	return result;
}

static int callee_open(struct endpoints *endpoints, struct endpoint *endpoint)
{
	int fd = socket_open(endpoints, HOST_CALLEE + endpoint->pair);
	int result;

	if (fd < 0)
		return fail("address of a callee", fd);
	if (endpoints->options->transport == SIP_UDP) {
		result = channel_add(endpoints, endpoint, fd);
		if (result == 0)
			endpoint->channel[0]->remote = address_of(endpoints->options, HOST_RELAY);
		return result;
	}
	endpoint->listener = fd;
	if (listen(fd, 16) < 0)
		return fail("address of a callee", -errno);
	return watch(endpoints, fd, endpoint, EPOLLIN);
}

static int endpoint_open(struct endpoints *endpoints, struct endpoint *endpoint,
			 enum endpoint_role role, uint32_t pair)
{
	int result = 0;

	*endpoint = (struct endpoint){.role = role, .pair = pair, .listener = -1};
	if (endpoints->options->transport == SIP_TLS)
		result = context_open(endpoint, endpoints->options);
	if (result == 0)
		result = role == ENDPOINT_CALLER ? caller_open(endpoints, endpoint)
						 : callee_open(endpoints, endpoint);
	return result;
}

static bool callers_up(const struct endpoints *endpoints)
{
	for (uint32_t i = 0; i < endpoints->options->pairs; i++)
		if (!endpoints->caller[i].channel[0]->up)
			return false;
	return true;
}

int endpoints_open(struct endpoints *endpoints, const struct options *options)
{
	int result = 0;

	endpoints->options = options;
	endpoints->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (endpoints->epoll < 0)
		return fail("epoll", -errno);
	for (uint32_t i = 0; i < options->pairs && result == 0; i++) {
		result = endpoint_open(endpoints, &endpoints->callee[i], ENDPOINT_CALLEE, i);
		if (result == 0)
			result =
			    endpoint_open(endpoints, &endpoints->caller[i], ENDPOINT_CALLER, i);
	}
	/* the TLS client speaks first: it is asked for its hello */
	for (uint32_t i = 0; i < options->pairs && result == 0; i++)
		if (endpoints->caller[i].channel[0]->tls)
			(void)tls_handshake(endpoints->caller[i].channel[0]->tls);
	for (int turn = 0; turn < CONNECT_TURNS && result == 0 && !callers_up(endpoints); turn++)
		if (!endpoints_flush(endpoints) || !endpoints_turn(endpoints, NS / 20))
			result = -ECONNRESET;
	if (result == 0 && !callers_up(endpoints))
		result = fail("the relay does not answer", -ETIMEDOUT);
	return result;
}

static void endpoint_close(struct endpoint *endpoint)
{
	for (unsigned i = 0; i < endpoint->channels; i++)
		channel_free(endpoint->channel[i]);
	if (endpoint->listener > 0)
		close(endpoint->listener);
	tls_context_free(endpoint->context);
	*endpoint = (struct endpoint){.listener = -1};
}

void endpoints_close(struct endpoints *endpoints)
{
	for (uint32_t i = 0; i < OPTIONS_PAIRS_MAX; i++) {
		endpoint_close(&endpoints->caller[i]);
		endpoint_close(&endpoints->callee[i]);
	}
	if (endpoints->epoll > 0)
		close(endpoints->epoll);
	endpoints->epoll = -1;
}

/* ---- turns ---- */

static bool endpoint_flush(struct endpoint *endpoint)
{
	bool good = true;

	for (unsigned i = 0; i < endpoint->channels; i++)
		good = channel_flush(endpoint->channel[i]) && good;
	return good;
}

bool endpoints_flush(struct endpoints *endpoints)
{
	bool good = true;

	for (uint32_t i = 0; i < endpoints->options->pairs; i++) {
		good = endpoint_flush(&endpoints->caller[i]) && good;
		good = endpoint_flush(&endpoints->callee[i]) && good;
	}
	return good;
}

static void message_in(void *user, struct channel *channel, const char *data, size_t length)
{
	struct endpoints *endpoints = user;
	struct endpoint *endpoint = (struct endpoint *)(uintptr_t)channel->owner;

	endpoints->message(endpoints->user, endpoint, channel, data, length);
}

/* Who an event is of: an endpoint's listener, or a channel. */
static struct endpoint *listener_of(struct endpoints *endpoints, const void *owner)
{
	const struct endpoint *first = endpoints->callee;

	if ((const char *)owner < (const char *)first ||
	    (const char *)owner >= (const char *)(first + OPTIONS_PAIRS_MAX))
		return NULL;
	return (struct endpoint *)(uintptr_t)owner;
}

static bool work(struct endpoints *endpoints, const struct epoll_event *event)
{
	struct endpoint *endpoint = listener_of(endpoints, event->data.ptr);
	int fd;

	if (!endpoint)
		return channel_input(event->data.ptr, message_in, endpoints);
	fd = accept4(endpoint->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return true;
	tune(fd);
	return channel_add(endpoints, endpoint, fd) == 0;
}

bool endpoints_turn(struct endpoints *endpoints, int64_t timeout_ns)
{
	struct epoll_event events[EVENTS];
	struct timespec timeout = {0};
	bool good = true;
	int n;

	if (timeout_ns > 0) {
		timeout.tv_sec = (time_t)((uint64_t)timeout_ns / NS);
		timeout.tv_nsec = (long)((uint64_t)timeout_ns % NS);
	}
	n = epoll_pwait2(endpoints->epoll, events, EVENTS, &timeout, NULL);
	for (int i = 0; i < n; i++)
		good = work(endpoints, &events[i]) && good;
	return endpoints_flush(endpoints) && good;
}
