/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The media API's socket: who may connect, frames in and out, events. A client that breaks the
 * contract is told why and loses its connection; calls and other clients are not touched by what a
 * client does or by its end.
 *
 * Thread: the main thread.
 */
#pragma once

#include <sys/types.h>

#include "main/loop.h"
#include "main/requests.h"

#define SERVER_CLIENTS_MAX 8U

struct server;

struct server_config {
	const char *path;
	gid_t group; /* whose members may connect; (gid_t)-1: none */
	struct loop *loop;
	struct requests *requests;
};

/*
 * Binds and listens; a socket file that nobody listens on is replaced. Returns 0, -EADDRINUSE
 * (another data plane listens there), -ENAMETOOLONG, -errno.
 */
int server_new(struct server **server, const struct server_config *config);

/* Closes the clients, removes the socket file, frees. NULL is allowed. */
void server_free(struct server *server);

/* Queues an event for every client that has said HELLO; a client too slow to take it loses it, and
 * sees a gap in its sequence. */
void server_event(struct server *server, const struct sluice_event *event);

unsigned server_clients(const struct server *server);
