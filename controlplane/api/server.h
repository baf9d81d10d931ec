/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The server's own view of itself and its clients. Internal to api; thread: the loop's. */
#pragma once

#include <sys/queue.h>

#include "api/access.h"
#include "api/api.h"

struct api_server {
	uv_pipe_t listener;
	char *path;
	gid_t group;
	const struct api_command *commands;
	unsigned command_count;
	void *user;
	unsigned clients;
	unsigned handles; /* not yet closed: the server is freed with the last */
	LIST_HEAD(, client) list;
};

struct client {
	uv_pipe_t pipe;
	struct api_server *server;
	struct api_person person;
	enum api_access access;
	char *input; /* lines not yet run */
	size_t used, size, scanned;
	struct api_request *request; /* being answered; then nothing is read */
	uv_write_t write;
	uv_buf_t output; /* what write is sending */
	bool writing;
	bool ended;     /* nothing more will come */
	bool dismissed; /* to be closed when write is done */
	bool closing;
	LIST_ENTRY(client) link;
};

struct api_request {
	struct client *client; /* NULL: gone */
	json_t *id;
	struct api_person person; /* who asks, also when the client is gone */
};

/* A handle of the server is closed; the last one frees it. */
void server_handle_closed(struct api_server *server);
/* May be called at any time, also twice; freed when the loop has run the close callback. */
void client_close(struct client *client);
/* One error without a request, then the end of the connection. */
void client_dismiss(struct client *client, const char *why);
/* Runs a line, waits for more, or ends: whatever is to be done now. */
void client_next(struct client *client);
