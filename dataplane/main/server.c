/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "main/client.h"
#include "main/log.h"

#define SEND_BUFFER_BYTES (1024 * 1024)
#define GROUPS_MAX 256U

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

void server_event(struct server *server, const struct sluice_event *event)
{
	for (unsigned i = 0; i < SERVER_CLIENTS_MAX; i++)
		client_event(&server->client[i], event);
}

unsigned server_clients(const struct server *server)
{
	unsigned n = 0;

	for (unsigned i = 0; i < SERVER_CLIENTS_MAX; i++)
		n += server->client[i].fd >= 0;
	return n;
}
