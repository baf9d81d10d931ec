/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hugepages and locked memory: what the data plane may have. Read from /sys/kernel/mm/hugepages and
 * the resource limits. Thread: any.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define HOST_HUGEPAGE_SIZES_MAX 8U

struct host_hugepages {
	size_t page_bytes; /* 2 MiB, 1 GiB, ... */
	uint64_t total;    /* pages; of all NUMA nodes */
	uint64_t free;     /* not in use and not promised to a mapping that exists */
};

/* Each size that the kernel knows, ascending. Returns how many (0: no hugepages), or -errno. */
int host_hugepages_read(struct host_hugepages *sizes, size_t max);

/* Free bytes, all sizes together. 0 or -errno; *bytes is 0 where the kernel has no hugepages. */
int host_hugepages_free(size_t *bytes);

/* How much memory this process may lock; UINT64_MAX: as much as it likes (no limit, or
 * CAP_IPC_LOCK). AF_XDP locks the packet buffers. */
int host_memlock_limit(uint64_t *bytes);
