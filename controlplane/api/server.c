/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "api/access.h"
#include "api/api.h"
#include "main/log.h"

#define BACKLOG 16
#define INPUT_FIRST 1024U

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
};

/* ---- life of a client ---- */

static void handle_closed(struct api_server *server)
{
	if (--server->handles > 0)
		return;
	free(server->path);
	free(server);
}

static void client_closed(uv_handle_t *handle)
{
	struct client *client = handle->data;
	struct api_server *server = client->server;

	free(client->input);
	free(client->output.base);
	free(client);
	handle_closed(server);
}

static void client_close(struct client *client)
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

static void client_next(struct client *client);

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

/* One error without a request, then the end of the connection. */
static void client_dismiss(struct client *client, const char *why)
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
static void client_next(struct client *client)
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

/* ---- accepting ---- */

static enum api_access client_access(const struct client *client)
{
	struct api_identity identity;
	uv_os_fd_t fd;

	if (uv_fileno((const uv_handle_t *)&client->pipe, &fd) < 0 ||
	    api_identify(fd, &identity) < 0)
		return API_ACCESS_NONE;
	return api_access(&identity, geteuid(), client->server->group);
}

static void accepted(uv_stream_t *listener, int status)
{
	struct api_server *server = listener->data;
	struct client *client = status < 0 ? NULL : calloc(1, sizeof(*client));

	if (!client)
		return;
	uv_pipe_init(listener->loop, &client->pipe, 0);
	client->pipe.data = client;
	client->server = server;
	server->handles++;
	server->clients++;
	LIST_INSERT_HEAD(&server->list, client, link);
	if (uv_accept(listener, (uv_stream_t *)&client->pipe) < 0) {
		client_close(client);
		return;
	}
	client->access = client_access(client);
	if (client->access == API_ACCESS_NONE) {
		client_dismiss(client, "not permitted: be root, or a member of the control_group");
	} else if (server->clients > API_CLIENTS_MAX) {
		client_dismiss(client, "too many clients: 32 are connected");
	} else {
		client_next(client);
	}
}

/* ---- opening ---- */

static int tell(char *error, size_t size, int rc, const char *path, const char *what)
{
	snprintf(error, size, "control_socket %s: %s: %s", path, what, strerror(-rc));
	return rc;
}

/* A socket that nobody answers was left by a daemon that died. */
static int remove_stale(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct stat status;
	int rc = 0;

	if (lstat(path, &status) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(status.st_mode))
		return -EEXIST;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	strcpy(address.sun_path, path);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 || errno == EAGAIN)
		rc = -EADDRINUSE;
	else if (errno != ECONNREFUSED || unlink(path) < 0)
		rc = -errno;
	close(fd);
	return rc;
}

static int find_group(const char *name, gid_t *gid)
{
	*gid = API_NO_GROUP;
	if (!name)
		return 0;
	const struct group *group = getgrnam(name);
	if (!group)
		return -ENOENT;
	*gid = group->gr_gid;
	return 0;
}

/* What fails after the bind is cleaned up by uv_close(), which also removes the path. */
static int server_bind(struct api_server *server, char *error, size_t size)
{
	mode_t mask = umask(0177); /* nobody may connect before the group is set */
	int rc = uv_pipe_bind(&server->listener, server->path);

	umask(mask);
	if (rc < 0)
		return tell(error, size, rc, server->path, "bind");
	if (server->group != API_NO_GROUP &&
	    (chown(server->path, (uid_t)-1, server->group) < 0 || chmod(server->path, 0660) < 0))
		return tell(error, size, -errno, server->path, "give it to control_group");
	rc = uv_listen((uv_stream_t *)&server->listener, BACKLOG, accepted);
	return rc < 0 ? tell(error, size, rc, server->path, "listen") : 0;
}

static void listener_closed(uv_handle_t *handle)
{
	handle_closed(handle->data);
}

int api_server_open(struct api_server **server, uv_loop_t *loop, const char *path,
		    const char *group, const struct api_command *commands, unsigned count,
		    void *user, char *error, size_t size)
{
	struct sockaddr_un address;
	gid_t gid;
	int rc;

	/* uv_pipe_bind() would cut a longer path and not tell */
	if (strlen(path) >= sizeof(address.sun_path))
		return tell(error, size, -ENAMETOOLONG, path, "path");
	rc = find_group(group, &gid);
	if (rc < 0)
		return tell(error, size, rc, path, "control_group");
	rc = remove_stale(path);
	if (rc < 0)
		return tell(error, size, rc, path, "in the way");
	struct api_server *new = calloc(1, sizeof(*new));
	if (!new || !(new->path = strdup(path))) {
		free(new);
		return tell(error, size, -ENOMEM, path, "open");
	}
	new->group = gid;
	new->commands = commands;
	new->command_count = count;
	new->user = user;
	new->handles = 1;
	LIST_INIT(&new->list);
	uv_pipe_init(loop, &new->listener, 0);
	new->listener.data = new;
	rc = server_bind(new, error, size);
	if (rc < 0) {
		uv_close((uv_handle_t *)&new->listener, listener_closed);
		return rc;
	}
	signal(SIGPIPE, SIG_IGN);
	*server = new;
	return 0;
}

void api_server_close(struct api_server *server)
{
	struct client *client, *next;

	if (!server)
		return;
	for (client = LIST_FIRST(&server->list); client; client = next) {
		next = LIST_NEXT(client, link);
		client_close(client);
	}
	uv_close((uv_handle_t *)&server->listener, listener_closed);
}
