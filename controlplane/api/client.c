/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "api/api.h"

#define READ_MIN 4096U

struct api_client {
	int fd;
	int timeout_ms;
	json_int_t id; /* of the last request */
	char *input;
	size_t used, size;
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* connect(2) on a unix socket waits while the backlog is full, as long as SO_SNDTIMEO says. */
static int connect_bounded(int fd, const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct timeval limit = {.tv_sec = API_TIMEOUT_MS / 1000};

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return 0;
	return errno == EAGAIN ? -ETIMEDOUT : -errno;
}

int api_client_connect(struct api_client **client, const char *path)
{
	struct api_client *new = calloc(1, sizeof(*new));
	int rc;

	if (!new)
		return -ENOMEM;
	new->timeout_ms = API_TIMEOUT_MS;
	new->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	rc = new->fd < 0 ? -errno : connect_bounded(new->fd, path);
	if (rc < 0) {
		api_client_close(new);
		return rc;
	}
	*client = new;
	return 0;
}

void api_client_set_timeout(struct api_client *client, int timeout_ms)
{
	client->timeout_ms = timeout_ms;
}

void api_client_close(struct api_client *client)
{
	if (!client)
		return;
	if (client->fd >= 0)
		close(client->fd);
	free(client->input);
	free(client);
}

static int wait_for(const struct api_client *client, short events, int64_t deadline)
{
	struct pollfd ready = {.fd = client->fd, .events = events};
	int rc;

	do {
		int64_t left = deadline - now_ms();

		rc = poll(&ready, 1, left > 0 ? (int)left : 0);
	} while (rc < 0 && errno == EINTR);
	if (rc < 0)
		return -errno;
	return rc == 0 ? -ETIMEDOUT : 0;
}

static int send_all(const struct api_client *client, const char *data, size_t length,
		    int64_t deadline)
{
	while (length > 0) {
		int rc = wait_for(client, POLLOUT, deadline);
		if (rc < 0)
			return rc;
		ssize_t sent = send(client->fd, data, length, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (sent < 0 && errno != EAGAIN && errno != EINTR)
			return errno == ECONNRESET ? -EPIPE : -errno;
		if (sent > 0) {
			data += sent;
			length -= (size_t)sent;
		}
	}
	return 0;
}

static int send_request(struct api_client *client, const char *command, json_t *args,
			int64_t deadline)
{
	json_t *request = json_pack("{s:I, s:s, s:o}", "id", ++client->id, "command", command,
				    "args", args ? args : json_object());
	char *text = request ? json_dumps(request, JSON_COMPACT) : NULL;
	size_t length = text ? strlen(text) : 0;
	int rc = -ENOMEM;

	json_decref(request);
	if (!text)
		return rc;
	text[length] = '\n'; /* the NUL's place */
	rc =
	    length + 1 > API_REQUEST_MAX ? -EMSGSIZE : send_all(client, text, length + 1, deadline);
	free(text);
	return rc;
}

static int input_grow(struct api_client *client)
{
	if (client->size - client->used >= READ_MIN)
		return 0;
	size_t size = client->size ? client->size * 2 : 2 * READ_MIN;
	char *input = size <= API_ANSWER_MAX ? realloc(client->input, size) : NULL;

	if (!input)
		return size > API_ANSWER_MAX ? -EMSGSIZE : -ENOMEM;
	client->input = input;
	client->size = size;
	return 0;
}

/* Reads until there is a whole line; *length: without its newline. */
static int read_line(struct api_client *client, size_t *length, int64_t deadline)
{
	size_t scanned = 0;

	for (;;) {
		char *end = client->used > scanned
				? memchr(client->input + scanned, '\n', client->used - scanned)
				: NULL;

		if (end) {
			*length = (size_t)(end - client->input);
			return 0;
		}
		scanned = client->used;
		int rc = input_grow(client);
		if (rc == 0)
			rc = wait_for(client, POLLIN, deadline);
		if (rc < 0)
			return rc;
		ssize_t got = recv(client->fd, client->input + client->used,
				   client->size - client->used, MSG_DONTWAIT);
		if (got == 0 || (got < 0 && errno == ECONNRESET))
			return -EPIPE;
		if (got < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
		client->used += got > 0 ? (size_t)got : 0;
	}
}

static int read_answer(struct api_client *client, json_t **answer, int64_t deadline)
{
	json_error_t error;
	size_t length = 0;
	int rc = read_line(client, &length, deadline);

	if (rc < 0)
		return rc;
	*answer = json_loadb(client->input, length, 0, &error);
	client->used -= length + 1;
	memmove(client->input, client->input + length + 1, client->used);
	return json_is_object(*answer) ? 0 : -EPROTO;
}

/* An answer to no request at all (id null) is why the server is about to hang up. */
static int take_answer(const struct api_client *client, const json_t *answer, json_t **result,
		       char **error)
{
	const json_t *id = json_object_get(answer, "id");
	const char *text = json_string_value(json_object_get(answer, "error"));

	if (!json_is_null(id) && json_integer_value(id) != client->id)
		return -EPROTO;
	if (json_is_true(json_object_get(answer, "ok")) && json_is_integer(id)) {
		*result = json_incref(json_object_get(answer, "result"));
		return *result ? 0 : -EPROTO;
	}
	if (!text)
		return -EPROTO;
	*error = strdup(text);
	return *error ? -EREMOTEIO : -ENOMEM;
}

int api_client_call(struct api_client *client, const char *command, json_t *args, json_t **result,
		    char **error)
{
	int64_t deadline = now_ms() + client->timeout_ms;
	json_t *answer = NULL;
	int sent = send_request(client, command, args, deadline);

	/* a server that refuses a connection may have hung up already, but said why first */
	int rc = sent == 0 || sent == -EPIPE ? read_answer(client, &answer, deadline) : sent;
	if (rc == 0)
		rc = take_answer(client, answer, result, error);
	json_decref(answer);
	return sent == -EPIPE && rc < 0 && rc != -EREMOTEIO ? sent : rc;
}
