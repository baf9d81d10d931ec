/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/hugepages.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <linux/capability.h>

#include "host/sysfs.h"

#define HUGEPAGES "/sys/kernel/mm/hugepages"

static int read_size(unsigned long kib, struct host_hugepages *size)
{
	uint64_t reserved = 0;
	char path[128];
	int err;

	size->page_bytes = (size_t)kib << 10;
	snprintf(path, sizeof(path), HUGEPAGES "/hugepages-%lukB/nr_hugepages", kib);
	err = sysfs_read_number(path, &size->total);
	if (err)
		return err;
	snprintf(path, sizeof(path), HUGEPAGES "/hugepages-%lukB/free_hugepages", kib);
	err = sysfs_read_number(path, &size->free);
	if (err)
		return err;
	snprintf(path, sizeof(path), HUGEPAGES "/hugepages-%lukB/resv_hugepages", kib);
	(void)sysfs_read_number(path, &reserved);
	size->free -= reserved < size->free ? reserved : size->free;
	return 0;
}

static int by_page_bytes(const void *a, const void *b)
{
	const struct host_hugepages *left = a, *right = b;

	return (left->page_bytes > right->page_bytes) - (left->page_bytes < right->page_bytes);
}

int host_hugepages_read(struct host_hugepages *sizes, size_t max)
{
	DIR *dir = opendir(HUGEPAGES);
	const struct dirent *entry;
	size_t count = 0;
	int err = 0;

	if (!dir)
		return errno == ENOENT ? 0 : -errno;
	while (!err && count < max && (entry = readdir(dir))) {
		unsigned long kib;

		if (sscanf(entry->d_name, "hugepages-%lukB", &kib) != 1)
			continue;
		err = read_size(kib, &sizes[count]);
		count++;
	}
	closedir(dir);
	if (err)
		return err;
	qsort(sizes, count, sizeof(*sizes), by_page_bytes);
	return (int)count;
}

int host_hugepages_free(size_t *bytes)
{
	struct host_hugepages sizes[HOST_HUGEPAGE_SIZES_MAX];
	int count = host_hugepages_read(sizes, HOST_HUGEPAGE_SIZES_MAX);

	*bytes = 0;
	for (int i = 0; i < count; i++)
		*bytes += (size_t)sizes[i].free * sizes[i].page_bytes;
	return count < 0 ? count : 0;
}

static bool has_ipc_lock(void)
{
	char line[128];
	uint64_t effective = 0;
	FILE *file = fopen("/proc/self/status", "re");

	if (!file)
		return false;
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "CapEff: %" SCNx64, &effective) == 1)
			break;
	fclose(file);
	return effective >> CAP_IPC_LOCK & 1;
}

int host_memlock_limit(uint64_t *bytes)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_MEMLOCK, &limit) < 0)
		return -errno;
	*bytes = limit.rlim_cur == RLIM_INFINITY || has_ipc_lock() ? UINT64_MAX : limit.rlim_cur;
	return 0;
}
