/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The PMDs keep their sockets to themselves; we need the file descriptors, to steer packets to them
 * and to filter them. A socket that was not open before a call into the PMD, of the right family,
 * is the one. Thread: the main thread; no other opens sockets of these families.
 */
#pragma once

#include <stdbool.h>

#define OWN_SOCKETS_MAX 512U

struct own_sockets {
	unsigned count;
	int fd[OWN_SOCKETS_MAX];
};

bool own_socket_is(int fd, int family);
/* Remembers the open sockets of a family (AF_XDP, AF_PACKET). 0, -ENOSPC, -errno. */
int own_sockets_read(struct own_sockets *sockets, int family);
/* Writes those that are open now but not in before to fresh. */
int own_sockets_new(const struct own_sockets *before, int family, struct own_sockets *fresh);
