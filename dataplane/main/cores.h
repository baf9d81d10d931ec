/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which CPU does what: workers get cores of their own as far as there are any, the main thread what
 * is left. A pure function of the machine's facts, with the reason for every CPU taken or left.
 *
 * Thread: the main thread, at the start.
 */
#pragma once

#include <sched.h>
#include <stddef.h>

#include "config/config.h"
#include "host/cpu.h"
#include "sluice_media.h"

#define CORES_NODE_ANY (-1)

struct core_choice {
	uint16_t cpu;
	uint8_t use;    /* enum sluice_cpu_use */
	uint8_t worker; /* the first one there, when it is a worker's */
};

struct cores {
	unsigned count; /* workers: those of the configuration, or as many as are good */
	unsigned worker[CONFIG_WORKERS_MAX]; /* CPU of each worker */
	cpu_set_t main;                      /* CPUs of the main thread; never empty */
	bool shared;                         /* some worker shares its CPU */
	unsigned cpu_count;
	struct core_choice cpu[HOST_CPUS_MAX]; /* of all that may be used, in ascending order */
};

/*
 * Chooses among cpus, those that this process may use, in ascending order. node: of the ports, or
 * CORES_NODE_ANY. With cores of the configuration those are taken. Returns 0, or -EINVAL and text
 * that names the CPU that may not be used.
 */
int cores_choose(struct cores *cores, const struct config *config, const struct host_cpu *cpus,
		 size_t count, int node, char *text, size_t size);
