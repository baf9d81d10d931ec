/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which CPU does what: workers get CPUs of their own as far as there are any, the main thread what
 * is left.
 *
 * Thread: the main thread, at the start.
 */
#pragma once

#include <sched.h>
#include <stddef.h>

#include "main/config.h"

struct cores {
	unsigned worker[CONFIG_WORKERS_MAX]; /* CPU of each worker */
	cpu_set_t main;                      /* CPUs of the main thread; never empty */
	bool shared;                         /* some worker shares its CPU */
};

/*
 * Chooses among allowed, the CPUs that this process may use. With cores of the configuration those
 * are taken. Returns 0, or -EINVAL and text that names the CPU that may not be used.
 */
int cores_choose(struct cores *cores, const struct config *config, const cpu_set_t *allowed,
		 char *text, size_t size);
