/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening the control socket, and who gets in. */
#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "api/server.h"

#define BACKLOG 16

void server_handle_closed(struct api_server *server)
{
	if (--server->handles > 0)
		return;
	free(server->path);
	free(server);
}

/* ---- accepting ---- */

static enum api_access client_access(struct client *client)
{
	struct api_identity identity;
	uv_os_fd_t fd;

	if (uv_fileno((const uv_handle_t *)&client->pipe, &fd) < 0 ||
	    api_identify(fd, &identity) < 0)
		return API_ACCESS_NONE;
	client->person = (struct api_person){identity.uid, identity.pid};
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
	server_handle_closed(handle->data);
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
