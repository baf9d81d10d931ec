/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "main/log.h"
#include "main/server.h"
#include "sluice_client.h"
#include "sluice_types.h"

#define EVENTS_QUEUED 256U  /* a client */
#define FRAMES_PER_TURN 64U /* then the other clients have their turn */
#define SEND_BUFFER_BYTES (1024 * 1024)
#define GROUPS_MAX 256U

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

static void client_close(struct client *client)
{
	if (client->fd < 0)
		return;
	close(client->fd); /* epoll forgets it with that */
	if (client->greeted)
		log_event(LOG_CLIENT_GONE, "%s (pid %d) is gone; calls go on", client->name,
			  client->pid);
	client->fd = -1;
	client->greeted = false;
}

/* ---- out ---- */

/* Returns 0, or -EAGAIN when the socket is full; any other error ends the client. */
static int frame_send(struct client *client, const void *frame, size_t bytes)
{
	if (send(client->fd, frame, bytes, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
		return 0;
	if (errno == EAGAIN || errno == ENOBUFS || errno == EINTR)
		return -EAGAIN;
	client_close(client);
	return -EPIPE;
}

/* Watches for room to write while something waits; no request is read while an answer does. */
static void client_watch(struct client *client)
{
	bool writing = client->answer_bytes || client->event_count;
	uint32_t events = (client->answer_bytes ? 0 : EPOLLIN) | (writing ? EPOLLOUT : 0);

	if (client->fd < 0 || (!writing && !client->writing))
		return;
	client->writing = writing;
	if (loop_change(client->server->config.loop, client->fd, events, &client->source))
		client_close(client);
}

static int event_send(struct client *client, const struct sluice_event *event)
{
	struct {
		struct sluice_header header;
		struct sluice_event event;
	} frame = {.header = {.version = SLUICE_MEDIA_API_VERSION,
			      .type = SLUICE_EVENT,
			      .length = sizeof(*event)},
		   .event = *event};

	return frame_send(client, &frame, sizeof(frame));
}

/* Sends what waits, as far as the socket takes it. */
static void client_flush(struct client *client)
{
	if (client->answer_bytes) {
		if (frame_send(client, &client->answer, client->answer_bytes))
			return;
		client->answer_bytes = 0;
	}
	while (client->event_count) {
		if (event_send(client, &client->event[client->event_first]))
			return;
		client->event_first = (client->event_first + 1) % EVENTS_QUEUED;
		client->event_count--;
	}
}

static void answer_send(struct client *client, size_t body_bytes)
{
	client->answer.header.length = (uint32_t)body_bytes;
	client->answer_bytes = sizeof(client->answer.header) + body_bytes;
	client_flush(client);
}

/* Closing a socket with frames unread makes the peer see a reset before our last words. */
static void client_drain(struct client *client)
{
	char byte;

	for (unsigned i = 0; i < FRAMES_PER_TURN; i++)
		if (recv(client->fd, &byte, sizeof(byte), MSG_DONTWAIT) <= 0)
			break;
}

/* Says what was wrong and closes. */
static void client_refuse(struct client *client, const char *text)
{
	struct sluice_error error = {0};

	snprintf(error.text, sizeof(error.text), "%s", text);
	log_event(LOG_CLIENT_REFUSED, "%s (pid %d): %s", client->name, client->pid, text);
	if (!client->answer_bytes) {
		client->answer.header = (struct sluice_header){.version = SLUICE_MEDIA_API_VERSION,
							       .type = SLUICE_ERROR};
		memcpy(client->answer.body, &error, sizeof(error));
		answer_send(client, sizeof(error));
	}
	if (client->fd >= 0)
		client_drain(client);
	client->greeted = false;
	client_close(client);
}

void server_event(struct server *server, const struct sluice_event *event)
{
	for (unsigned i = 0; i < SERVER_CLIENTS_MAX; i++) {
		struct client *client = &server->client[i];
		unsigned last = (client->event_first + client->event_count) % EVENTS_QUEUED;

		if (client->fd < 0 || !client->greeted)
			continue;
		client->sequence++;
		if (client->event_count == EVENTS_QUEUED)
			continue; /* lost: the gap says so */
		client->event[last] = *event;
		client->event[last].sequence = client->sequence;
		client->event_count++;
		client_flush(client);
		client_watch(client);
	}
}

/* ---- in ---- */

static void client_greet(struct client *client, const struct sluice_hello *hello)
{
	if (client->greeted)
		return; /* a repeated HELLO is answered again */
	memcpy(client->name, hello->name, sizeof(client->name));
	client->greeted = true;
	log_event(LOG_CLIENT_CONNECTED, "%s (pid %d) is connected", client->name, client->pid);
}

/* One checked request. */
static void request_take(struct client *client, const struct sluice_header *header,
			 const void *body)
{
	const struct sluice_type_info *info = sluice_type_info(header->type);
	struct sluice_header *answer = &client->answer.header;
	char text[128];

	if (header->type == SLUICE_HELLO) {
		if (!hello_check(body, text, sizeof(text))) {
			client_refuse(client, text);
			return;
		}
		client_greet(client, body);
	} else if (!client->greeted) {
		client_refuse(client, "HELLO must come first");
		return;
	}
	*answer = *header;
	answer->status =
	    request_run(client->server->config.requests, header->type, body, client->answer.body);
	answer_send(client, answer->status ? 0 : info->answer_length);
}

/* Takes one frame. False when there is none left, or no client. */
static bool frame_take(struct client *client)
{
	struct sluice_frame *frame = &client->server->request;
	struct iovec part = {frame, sizeof(*frame)};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	ssize_t bytes = recvmsg(client->fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	char text[128];

	if (bytes < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (bytes <= 0) {
		client_close(client);
		return false;
	}
	if (message.msg_flags & MSG_TRUNC)
		client_refuse(client, "frame longer than any may be");
	else if (!request_check(&frame->header, frame->body, (size_t)bytes, text, sizeof(text)))
		client_refuse(client, text);
	else
		request_take(client, &frame->header, frame->body);
	explicit_bzero(frame, (size_t)bytes);
	return client->fd >= 0 && !client->answer_bytes;
}

static void client_ready(struct loop_source *source, uint32_t events)
{
	struct client *client = source->user;

	if (client->fd < 0)
		return; /* closed in this turn of the loop */
	if (events & EPOLLOUT)
		client_flush(client);
	if (client->fd >= 0 && !client->answer_bytes && events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		for (unsigned i = 0; i < FRAMES_PER_TURN; i++)
			if (!frame_take(client))
				break;
	client_watch(client);
}

/* ---- who may connect ---- */

/* Root, our own user, and members of the group. */
static bool peer_permitted(const struct server *server, int fd, const struct ucred *peer)
{
	gid_t groups[GROUPS_MAX];
	socklen_t length = sizeof(groups);

	if (peer->uid == 0 || peer->uid == geteuid())
		return true;
	if (server->config.group == (gid_t)-1)
		return false;
	if (peer->gid == server->config.group)
		return true;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &length))
		return false;
	for (size_t i = 0; i < length / sizeof(groups[0]); i++)
		if (groups[i] == server->config.group)
			return true;
	return false;
}

static struct client *client_place(struct server *server)
{
	for (unsigned i = 0; i < SERVER_CLIENTS_MAX; i++)
		if (server->client[i].fd < 0)
			return &server->client[i];
	return NULL;
}

static void client_admit(struct server *server, int fd)
{
	struct client *client = client_place(server);
	struct ucred peer = {0};
	socklen_t length = sizeof(peer);
	int size = SEND_BUFFER_BYTES;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) || !client) {
		log_event(LOG_CLIENT_REFUSED, "pid %d: %u clients are connected already", peer.pid,
			  SERVER_CLIENTS_MAX);
		close(fd);
		return;
	}
	client->fd = fd;
	client->greeted = client->writing = false;
	client->pid = peer.pid;
	client->sequence = client->event_first = client->event_count = 0;
	client->answer_bytes = 0;
	snprintf(client->name, sizeof(client->name), "client");
	if (!peer_permitted(server, fd, &peer)) {
		client_refuse(client,
			      "not permitted: neither root, nor our user, nor of the group");
		return;
	}
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	if (loop_add(server->config.loop, fd, EPOLLIN, &client->source))
		client_close(client);
}

static void server_ready(struct loop_source *source, uint32_t events)
{
	struct server *server = source->user;
	int fd = accept4(server->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	if (fd >= 0)
		client_admit(server, fd);
}

/* ---- the socket ---- */

/* Removes a socket file that a killed data plane left. */
static int stale_remove(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct stat st;
	int rc;

	if (fd < 0)
		return -errno;
	rc = connect(fd, (const struct sockaddr *)address, sizeof(*address)) ? -errno : 0;
	close(fd);
	if (rc == 0 || rc == -EAGAIN)
		return -EADDRINUSE;
	if (rc != -ECONNREFUSED)
		return rc == -ENOENT ? 0 : rc;
	if (lstat(address->sun_path, &st) == 0 && !S_ISSOCK(st.st_mode))
		return -EEXIST;
	return unlink(address->sun_path) ? -errno : 0;
}

static void directory_make(const char *path)
{
	char directory[sizeof(((struct sockaddr_un *)0)->sun_path)];
	char *slash;

	snprintf(directory, sizeof(directory), "%s", path);
	slash = strrchr(directory, '/');
	if (!slash || slash == directory)
		return;
	*slash = '\0';
	(void)mkdir(directory, 0755); /* bind() says what is wrong, if it is */
}

/* The file is ours alone until its group and mode are right. */
static int socket_bind(int fd, const struct sockaddr_un *address, gid_t group)
{
	mode_t mask = umask(0177);
	int rc = bind(fd, (const struct sockaddr *)address, sizeof(*address)) ? -errno : 0;

	umask(mask);
	if (rc || group == (gid_t)-1)
		return rc;
	if (chown(address->sun_path, (uid_t)-1, group) || chmod(address->sun_path, 0660))
		return -errno;
	return 0;
}

static int server_listen(struct server *server)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int rc;

	if (strlen(server->config.path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, server->config.path);
	directory_make(server->config.path);
	rc = stale_remove(&address);
	if (rc)
		return rc;
	server->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (server->fd < 0)
		return -errno;
	rc = socket_bind(server->fd, &address, server->config.group);
	if (rc)
		return rc;
	if (listen(server->fd, SERVER_CLIENTS_MAX))
		return -errno;
	return loop_add(server->config.loop, server->fd, EPOLLIN, &server->source);
}

int server_new(struct server **server, const struct server_config *config)
{
	struct server *new = calloc(1, sizeof(*new));
	int rc;

	*server = NULL;
	if (!new)
		return -ENOMEM;
	new->config = *config;
	new->fd = -1;
	new->source = (struct loop_source){server_ready, new};
	for (unsigned i = 0; i < SERVER_CLIENTS_MAX; i++) {
		struct client *client = &new->client[i];

		client->fd = -1;
		client->server = new;
		client->source = (struct loop_source){client_ready, client};
	}
	rc = server_listen(new);
	if (rc) {
		if (new->fd >= 0)
			close(new->fd);
		free(new);
		return rc;
	}
	*server = new;
	return 0;
}

void server_free(struct server *server)
{
	if (!server)
		return;
	for (unsigned i = 0; i < SERVER_CLIENTS_MAX; i++)
		client_close(&server->client[i]);
	close(server->fd);
	unlink(server->config.path);
	explicit_bzero(&server->request, sizeof(server->request));
	free(server);
}

unsigned server_clients(const struct server *server)
{
	unsigned n = 0;

	for (unsigned i = 0; i < SERVER_CLIENTS_MAX; i++)
		n += server->client[i].fd >= 0;
	return n;
}
