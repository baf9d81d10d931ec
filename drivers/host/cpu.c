/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/cpu.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/sysfs.h"

/* A number and where it ended; strtoul alone would take signs and blanks. */
static int parse_number(const char **text, unsigned long *number)
{
	char *end;

	if (!isdigit((unsigned char)**text))
		return -EINVAL;
	errno = 0;
	*number = strtoul(*text, &end, 10);
	*text = end;
	return errno || *number >= HOST_CPUS_MAX ? -ERANGE : 0;
}

static int parse_range(const char **text, cpu_set_t *set)
{
	unsigned long first, last;
	int err = parse_number(text, &first);

	if (err)
		return err;
	last = first;
	if (**text == '-') {
		(*text)++;
		err = parse_number(text, &last);
	}
	if (err || last < first)
		return err ? err : -EINVAL;
	for (; first <= last; first++)
		CPU_SET(first, set);
	return 0;
}

int host_cpulist_parse(const char *text, cpu_set_t *set)
{
	int err;

	CPU_ZERO(set);
	while (*text && *text != '\n') {
		err = parse_range(&text, set);
		if (err)
			return err;
		if (*text == ',' && isdigit((unsigned char)text[1]))
			text++;
		else if (*text && *text != '\n')
			return -EINVAL;
	}
	return 0;
}

static int lowest(const cpu_set_t *set)
{
	for (unsigned i = 0; i < HOST_CPUS_MAX; i++)
		if (CPU_ISSET(i, set))
			return (int)i;
	return -1;
}

static unsigned core_of(unsigned cpu)
{
	char path[96], text[256];
	cpu_set_t siblings;

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/topology/thread_siblings_list",
		 cpu);
	if (sysfs_read(path, text, sizeof(text)) || host_cpulist_parse(text, &siblings) ||
	    lowest(&siblings) < 0)
		return cpu;
	return (unsigned)lowest(&siblings);
}

/* The CPU's folder has a link node<N>. */
static int node_of(unsigned cpu)
{
	char path[64];
	const struct dirent *entry;
	int node = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u", cpu);
	dir = opendir(path);
	if (!dir)
		return 0;
	while ((entry = readdir(dir)))
		if (sscanf(entry->d_name, "node%d", &node) == 1)
			break;
	closedir(dir);
	return node;
}

int host_cpus_read(struct host_cpu *cpus, size_t max)
{
	cpu_set_t allowed, isolated;
	char text[1024];
	size_t count = 0;

	if (sched_getaffinity(0, sizeof(allowed), &allowed) < 0)
		return -errno;
	if (sysfs_read("/sys/devices/system/cpu/isolated", text, sizeof(text)) ||
	    host_cpulist_parse(text, &isolated))
		CPU_ZERO(&isolated);
	for (unsigned i = 0; i < HOST_CPUS_MAX && count < max; i++) {
		if (!CPU_ISSET(i, &allowed))
			continue;
		cpus[count++] = (struct host_cpu){
		    .number = i,
		    .numa_node = node_of(i),
		    .core = core_of(i),
		    .isolated = CPU_ISSET(i, &isolated),
		};
	}
	return (int)count;
}

int host_device_node(const char *device)
{
	char path[96];
	uint64_t node;

	snprintf(path, sizeof(path), "/sys/class/net/%s/device/numa_node", device);
	if (strchr(device, ':')) /* a PCI address */
		snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/numa_node", device);
	return sysfs_read_number(path, &node) || node > INT_MAX ? -1 : (int)node;
}
