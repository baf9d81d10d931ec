/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPUs that this process may use, and how they lie: for pinning workers and for the preflight
 * check. Read from the affinity mask and /sys/devices/system. Thread: any.
 */
#pragma once

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HOST_CPUS_MAX CPU_SETSIZE

struct host_cpu {
	unsigned number; /* as the kernel counts */
	int numa_node;   /* 0 when the kernel has no NUMA */
	unsigned core;   /* the lowest CPU number of the SMT siblings: one number a physical core */
	bool isolated;   /* isolcpus= */
};

/*
 * The CPUs of the affinity mask, in ascending order; at most max are written.
 * Returns how many were written, or -errno.
 */
int host_cpus_read(struct host_cpu *cpus, size_t max);

/* NUMA node of a network device, by name or PCI address; -1: it is virtual, or the machine has no
 * NUMA. */
int host_device_node(const char *device);

/*
 * The kernel's list format, "0-3,8,10-11", as in /sys/devices/system/cpu/online. An empty list is
 * an empty set. Returns 0, -EINVAL (not a list), -ERANGE (a CPU above HOST_CPUS_MAX).
 */
int host_cpulist_parse(const char *text, cpu_set_t *set);
