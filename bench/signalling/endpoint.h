/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sockets of both ends: a connection of each caller to the relay, and for each callee a
 * listener that the relay connects to. Over UDP a socket each.
 *
 * Thread: one.
 */
#pragma once

#include <stdint.h>

#include "channel.h"
#include "options.h"

#define ENDPOINT_CHANNELS_MAX 16U /* that the relay may make to one callee */

enum endpoint_role { ENDPOINT_CALLER, ENDPOINT_CALLEE };

struct endpoint {
	enum endpoint_role role;
	uint32_t pair;
	int listener; /* callee, not UDP; else -1 */
	struct tls_context *context;
	unsigned channels;
	struct channel *channel[ENDPOINT_CHANNELS_MAX];
};

struct endpoints {
	const struct options *options;
	int epoll;
	struct endpoint caller[OPTIONS_PAIRS_MAX];
	struct endpoint callee[OPTIONS_PAIRS_MAX];
	void (*message)(void *user, struct endpoint *endpoint, struct channel *channel,
			const char *data, size_t length);
	void *user;
};

/* Opens all and waits until the callers are connected. 0 or -errno with its reason on stderr. */
int endpoints_open(struct endpoints *endpoints, const struct options *options);
void endpoints_close(struct endpoints *endpoints);
/* Waits for something to come, at most so long; hands on what came and sends what was asked for
 * meanwhile. False: a connection was lost. */
bool endpoints_turn(struct endpoints *endpoints, int64_t timeout_ns);
/* Sends what waits on all connections. False: a connection was lost. */
bool endpoints_flush(struct endpoints *endpoints);
