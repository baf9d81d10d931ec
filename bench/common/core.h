/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The core that a measurement runs on: whether it is ours alone, and what was taken from it. */
#pragma once

#include <stdint.h>

/* Puts the calling thread before all ordinary ones of its core (SCHED_FIFO). It must not sleep
 * less than it works for long: the rest of the machine waits. Returns 0 or -errno, mostly -EPERM.
 */
int core_take(void);
/* Back to what is usual. */
void core_give(void);

/* Sums since the start of the thread or the machine: of interest is the difference of two. */
struct core_account {
	uint64_t stolen_ms;   /* by the hypervisor, of all cores together */
	uint64_t waited_us;   /* that this thread could have run and did not */
	uint64_t interrupted; /* times that it had to make room for another */
};

/* Of the calling thread. What the kernel does not say is 0. */
void core_account_read(struct core_account *account);

/* after becomes what happened since before. */
void core_account_since(struct core_account *after, const struct core_account *before);
