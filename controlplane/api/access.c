/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "api/access.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

enum api_access api_access(const struct api_identity *client, uid_t daemon, gid_t group)
{
	if (client->uid == 0 || client->uid == daemon)
		return API_ACCESS_ALL;
	if (group == API_NO_GROUP)
		return API_ACCESS_NONE;
	if (client->gid == group)
		return API_ACCESS_READ;
	for (unsigned i = 0; i < client->count; i++)
		if (client->groups[i] == group)
			return API_ACCESS_READ;
	return API_ACCESS_NONE;
}

int api_identify(int fd, struct api_identity *client)
{
	struct ucred credentials;
	socklen_t length = sizeof(credentials);

	memset(client, 0, sizeof(*client));
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &length) < 0)
		return -errno;
	client->pid = credentials.pid;
	client->uid = credentials.uid;
	client->gid = credentials.gid;
	length = sizeof(client->groups);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, client->groups, &length) == 0)
		client->count = (unsigned)(length / sizeof(gid_t));
	return 0;
}
