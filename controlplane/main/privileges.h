/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the process may do: little, once its sockets are bound. */
#pragma once

#include <stddef.h>
#include <sys/types.h>

/*
 * Started as root: becomes user, with its groups (one of them opens the data plane's socket) and
 * without a way back. In all cases: no new privileges, no core dump, no reading of its memory by
 * others of the same user. 0 or -errno with error filled.
 */
int privileges_drop(const char *user, char *error, size_t size);
/* As root: gives the control socket to the user that the daemon becomes. 0 or -errno. */
int privileges_give(const char *path, const char *user, char *error, size_t size);
/* Files and locked memory for as many calls as the configuration allows, as far as we may. */
void privileges_raise_limits(unsigned max_calls);
