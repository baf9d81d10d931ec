/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The media API's server from the inside: it listens (server.c) and has clients (client.c).
 * Internal to both. Thread: the main thread.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "main/server.h"
#include "sluice_client.h"

#define EVENTS_QUEUED 256U /* a client */

struct client {
	struct loop_source source;
	struct server *server;
	int fd; /* -1: the place is free */
	bool greeted;
	bool writing; /* an answer or events wait until the socket takes them */
	pid_t pid;
	char name[32];
	uint64_t sequence; /* of the last event, lost or not */
	unsigned event_first, event_count;
	struct sluice_event event[EVENTS_QUEUED];
	size_t answer_bytes;        /* 0: none waits */
	struct sluice_frame answer; /* one: no request is read while it waits */
};

struct server {
	struct server_config config;
	struct loop_source source;
	int fd;
	struct sluice_frame request; /* may hold keys: wiped after use */
	struct client client[SERVER_CLIENTS_MAX];
};

/* Closes the connection and frees the place; nothing if there is no client in it. Its calls go on.
 */
void client_close(struct client *client);

/* Says what was wrong, for the client and the log, and closes. */
void client_refuse(struct client *client, const char *text);

/* Queues an event for a client that has said HELLO, and sends what the socket takes. One that has
 * fallen EVENTS_QUEUED behind loses it, and sees a gap in the numbers. */
void client_event(struct client *client, const struct sluice_event *event);

/* The socket can be read or written (loop_source). */
void client_ready(struct loop_source *source, uint32_t events);
