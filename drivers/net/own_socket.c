/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/own_socket.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

bool own_socket_is(int fd, int family)
{
	int domain;
	socklen_t length = sizeof(domain);

	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &length) == 0 && domain == family;
}

int own_sockets_read(struct own_sockets *sockets, int family)
{
	DIR *dir = opendir("/proc/self/fd");
	const struct dirent *entry;
	int err = 0;

	sockets->count = 0;
	if (!dir)
		return -errno;
	while (!err && (entry = readdir(dir))) {
		char *end;
		long fd = strtol(entry->d_name, &end, 10);

		if (*end || end == entry->d_name || !own_socket_is((int)fd, family))
			continue;
		if (sockets->count == OWN_SOCKETS_MAX)
			err = -ENOSPC;
		else
			sockets->fd[sockets->count++] = (int)fd;
	}
	closedir(dir);
	return err;
}

static bool has(const struct own_sockets *sockets, int fd)
{
	for (unsigned i = 0; i < sockets->count; i++)
		if (sockets->fd[i] == fd)
			return true;
	return false;
}

int own_sockets_new(const struct own_sockets *before, int family, struct own_sockets *fresh)
{
	struct own_sockets now;
	int err = own_sockets_read(&now, family);

	fresh->count = 0;
	if (err)
		return err;
	for (unsigned i = 0; i < now.count; i++)
		if (!has(before, now.fd[i]))
			fresh->fd[fresh->count++] = now.fd[i];
	return 0;
}
