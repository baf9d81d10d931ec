/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The operator contract: JSON over a unix stream socket, one object a line, UTF-8, at most 1 MiB a
 * line.
 *
 *   request   {"id": 1, "command": "call show", "args": {"id": "7f3a"}}
 *   answer    {"id": 1, "ok": true, "result": …}
 *             {"id": 1, "ok": false, "error": "no call 7f3a: see 'sluicectl call list'"}
 *
 * Commands: status, call list, call show {id}, call hangup {id}, peer list, stats, drops.
 * Who may: by the peer credentials of the socket (SO_PEERCRED): root and the daemon's user all;
 * members of control_group read only (call hangup is refused).
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#define API_LINE_MAX (1U << 20)

/* ---- server (sluice-controlplane) ---- */
struct api_server;
struct api_request;

struct api_command {
	const char *name;
	bool changes; /* needs the right to change */
	/* Answers, now or later, once, with api_answer() or api_refuse(). */
	void (*run)(void *user, struct api_request *request, const json_t *args);
};

int api_server_open(struct api_server **server, uv_loop_t *loop, const char *path,
		    const char *group, const struct api_command *commands, unsigned count,
		    void *user, char *error, size_t size);
void api_server_close(struct api_server *server);
void api_answer(struct api_request *request, json_t *result); /* takes result */
void api_refuse(struct api_request *request, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* ---- client (sluicectl), blocking ---- */
struct api_client;
int api_client_connect(struct api_client **client, const char *path);
void api_client_close(struct api_client *client);
/*
 * Returns 0 and *result (the caller's), -EREMOTEIO refused: *error is a text of malloc, or -errno
 * (-EPIPE, -ETIMEDOUT, -EPROTO).
 */
int api_client_call(struct api_client *client, const char *command, json_t *args, json_t **result,
		    char **error);
