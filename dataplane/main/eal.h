/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DPDK's environment layer, started with arguments that the program makes: no user ever writes one.
 *
 * Thread: the main thread.
 */
#pragma once

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>

#define EAL_PCI_MAX 16U

struct eal_plan {
	size_t memory_mib;
	bool hugepages;
	cpu_set_t main; /* where the main thread runs */
	unsigned pci_count;
	const char *pci[EAL_PCI_MAX]; /* addresses of the NICs that DPDK is to drive; no others */
};

/* Says whether there are hugepages enough for memory_mib. */
bool eal_hugepages_suffice(size_t memory_mib);

/* Returns 0 or -errno with text. Once a process. */
int eal_start(const struct eal_plan *plan, char *text, size_t size);
void eal_stop(void);
