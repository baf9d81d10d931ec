/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A client of the server: its lines, its one request at a time, its answers. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/server.h"
#include "main/log.h"

#define INPUT_FIRST 1024U

/* ---- life of a client ---- */

static void client_closed(uv_handle_t *handle)
{
	struct client *client = handle->data;
	struct api_server *server = client->server;

	free(client->input);
	free(client->output.base);
	free(client);
	server_handle_closed(server);
}

void client_close(struct client *client)
{
	if (client->closing)
		return;
	client->closing = true;
	if (client->request)
		client->request->client = NULL;
	client->request = NULL;
	client->server->clients--;
	LIST_REMOVE(client, link);
	uv_close((uv_handle_t *)&client->pipe, client_closed);
}

/* ---- answers ---- */

static void written(uv_write_t *write, int status)
{
	struct client *client = write->data;

	client->writing = false;
	free(client->output.base);
	client->output.base = NULL;
	if (client->closing)
		return;
	if (status < 0 || client->dismissed)
		client_close(client);
	else
		client_next(client);
}

/* Takes answer. */
static void client_send(struct client *client, json_t *answer)
{
	char *text = answer ? json_dumps(answer, JSON_COMPACT) : NULL;
	size_t length = text ? strlen(text) : 0;

	json_decref(answer);
	if (!text) {
		client_close(client);
		return;
	}
	/* the NUL's place is the newline's */
	text[length] = '\n';
	client->output = uv_buf_init(text, (unsigned)length + 1);
	client->write.data = client;
	client->writing = true;
	if (uv_write(&client->write, (uv_stream_t *)&client->pipe, &client->output, 1, written) < 0)
		client_close(client);
}

/* Takes answer; ends request. */
static void request_end(struct api_request *request, json_t *answer)
{
	struct client *client = request->client;

	if (client) {
		client->request = NULL;
		client_send(client, answer);
	} else {
		json_decref(answer);
	}
	json_decref(request->id);
	free(request);
}

void api_answer(struct api_request *request, json_t *result)
{
	request_end(request, json_pack("{s:O, s:b, s:o}", "id", request->id, "ok", 1, "result",
				       result ? result : json_null()));
}

void api_refuse(struct api_request *request, const char *format, ...)
{
	char text[512], escaped[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	/* it may quote the request: neither valid UTF-8 nor fit for a terminal */
	log_escape(escaped, sizeof(escaped), text, strlen(text));
	request_end(request,
		    json_pack("{s:O, s:b, s:s}", "id", request->id, "ok", 0, "error", escaped));
}

struct api_person api_person(const struct api_request *request)
{
	return request->person;
}

/* ---- requests ---- */

static const struct api_command *find_command(const struct api_server *server, const char *name)
{
	for (unsigned i = 0; i < server->command_count; i++)
		if (strcmp(server->commands[i].name, name) == 0)
			return &server->commands[i];
	return NULL;
}

static void request_dispatch(struct api_server *server, struct client *client,
			     struct api_request *request, const json_t *root)
{
	const char *name = json_string_value(json_object_get(root, "command"));
	const struct api_command *command = name ? find_command(server, name) : NULL;
	json_t *args = json_object_get(root, "args");

	if (!name) {
		api_refuse(request, "not a request: must be {\"id\": 1, \"command\": \"status\", "
				    "\"args\": {}}");
	} else if (!command) {
		api_refuse(request, "no command '%.64s'", name);
	} else if (args && !json_is_object(args)) {
		api_refuse(request, "args must be an object");
	} else if (command->changes && client->access != API_ACCESS_ALL) {
		api_refuse(request, "%s: not permitted: members of the control group may only look",
			   name);
	} else {
		json_t *none = args ? NULL : json_object();

		command->run(server->user, request, args ? args : none);
		json_decref(none);
	}
}

static struct api_request *request_new(struct client *client, const json_t *root)
{
	struct api_request *request = calloc(1, sizeof(*request));
	json_t *id = json_object_get(root, "id");

	if (!request)
		return NULL;
	request->client = client;
	request->person = client->person;
	request->id = json_is_integer(id) || json_is_string(id) ? json_incref(id) : json_null();
	client->request = request;
	return request;
}

static void request_run(struct client *client, const char *line, size_t length)
{
	json_error_t error = {.text = "a NUL"};
	json_t *root = NULL;

	/* jansson reads over a NUL between tokens */
	if (!memchr(line, '\0', length))
		root = json_loadb(line, length, JSON_REJECT_DUPLICATES, &error);
	struct api_request *request = request_new(client, root);

	if (!request)
		client_close(client);
	else if (!root)
		api_refuse(request, "not JSON: %.200s", error.text);
	else
		request_dispatch(client->server, client, request, root);
	json_decref(root);
}

void client_dismiss(struct client *client, const char *why)
{
	struct api_request *request = request_new(client, NULL);

	if (!request) {
		client_close(client);
		return;
	}
	client->dismissed = true;
	api_refuse(request, "%s", why);
}

/* ---- reading ---- */

static bool client_busy(const struct client *client)
{
	return client->closing || client->request || client->writing;
}

/* Runs the next whole line, if any. */
static bool client_take_line(struct client *client)
{
	char *end = memchr(client->input + client->scanned, '\n', client->used - client->scanned);

	client->scanned = client->used;
	if (!end)
		return false;
	size_t length = (size_t)(end - client->input);
	request_run(client, client->input, length);
	client->used -= length + 1;
	client->scanned = 0;
	memmove(client->input, end + 1, client->used);
	return true;
}

static void allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	struct client *client = handle->data;
	size_t size = client->size ? client->size * 2 : INPUT_FIRST;

	(void)suggested;
	if (client->used == client->size) {
		char *input = size <= API_REQUEST_MAX ? realloc(client->input, size) : NULL;

		if (input) {
			client->input = input;
			client->size = size;
		}
	}
	/* no room: uv calls back with UV_ENOBUFS */
	*buffer =
	    uv_buf_init(client->input + client->used, (unsigned)(client->size - client->used));
}

static void received(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer)
{
	struct client *client = stream->data;

	(void)buffer;
	if (length == UV_ENOBUFS) {
		uv_read_stop(stream);
		client_dismiss(client, "line too long: a request is at most 64 KiB");
		return;
	}
	if (length == UV_EOF) {
		uv_read_stop(stream);
		client->ended = true;
	} else if (length < 0) {
		client_close(client);
		return;
	} else {
		client->used += (size_t)length;
	}
	client_next(client);
}

static void client_read(struct client *client)
{
	int rc = uv_read_start((uv_stream_t *)&client->pipe, allocate, received);

	if (rc < 0 && rc != UV_EALREADY)
		client_close(client);
}

/* The one place that decides what a client does now: run a line, wait for more, or end. */
void client_next(struct client *client)
{
	if (client_busy(client))
		return;
	if (client->used > client->scanned && client_take_line(client)) {
		/* read on only when this request is answered: the client waits, not our memory */
		if (!client->closing)
			uv_read_stop((uv_stream_t *)&client->pipe);
		return;
	}
	if (client->ended)
		client_close(client);
	else
		client_read(client);
}
