/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who a client of the control socket is, and what it may do. */
#pragma once

#include <sys/types.h>

enum api_access { API_ACCESS_NONE, API_ACCESS_READ, API_ACCESS_ALL };

#define API_NO_GROUP ((gid_t)-1)

struct api_identity {
	pid_t pid;
	uid_t uid;
	gid_t gid;
	unsigned count; /* of supplementary groups */
	gid_t groups[256];
};

/* daemon: the user that the server runs as; group: control_group or API_NO_GROUP. */
enum api_access api_access(const struct api_identity *client, uid_t daemon, gid_t group);

/*
 * The other end of a connected unix socket, as the kernel saw it connect. More groups than fit are
 * not looked at: who is in 256 groups is not known by the last of them. Returns 0 or -errno.
 */
int api_identify(int fd, struct api_identity *client);
