/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_errno.h>

#include "host/hugepages.h"
#include "main/eal.h"

bool eal_hugepages_suffice(size_t memory_mib)
{
	size_t free_bytes = 0;

	return host_hugepages_free(&free_bytes) == 0 && free_bytes >= memory_mib << 20;
}

/* "0@(1,4)": lcore 0, the main thread, on these CPUs. */
static void lcores_format(const cpu_set_t *cpus, char *text, size_t size)
{
	size_t used = (size_t)snprintf(text, size, "0@(");
	const char *comma = "";

	for (unsigned cpu = 0; cpu < CPU_SETSIZE && used < size - 8; cpu++) {
		if (!CPU_ISSET(cpu, cpus))
			continue;
		used += (size_t)snprintf(text + used, size - used, "%s%u", comma, cpu);
		comma = ",";
	}
	snprintf(text + used, size - used, ")");
}

int eal_start(const struct eal_plan *plan, char *text, size_t size)
{
	static char name[] = "sluice-dataplane", lcores[] = "--lcores", memory[] = "-m",
		    no_telemetry[] = "--no-telemetry", no_pci[] = "--no-pci",
		    iova[] = "--iova-mode=va", log_level[] = "--log-level=3"; /* errors alone */
	static char allow[] = "-a";
	/* either way no files that a killed process would leave */
	static char in_memory[] = "--in-memory", no_huge[] = "--no-huge",
		    no_files[] = "--no-shconf";
	char lcores_value[256], memory_value[16];
	char *arguments[16 + 2 * EAL_PCI_MAX] = {name,   lcores,       lcores_value, no_telemetry,
						 memory, memory_value, log_level};
	int count = 7;

	lcores_format(&plan->main, lcores_value, sizeof(lcores_value));
	snprintf(memory_value, sizeof(memory_value), "%zu", plan->memory_mib);
	if (!plan->pci_count) {
		arguments[count++] = no_pci;
		arguments[count++] = iova;
	}
	/* without an IOMMU a NIC needs physical addresses: with one, EAL finds that out itself */
	for (unsigned i = 0; i < plan->pci_count; i++) {
		arguments[count++] = allow;
		arguments[count++] = (char *)(uintptr_t)plan->pci[i];
	}
	if (plan->hugepages) {
		arguments[count++] = in_memory;
	} else {
		arguments[count++] = no_huge;
		arguments[count++] = no_files;
	}
	if (rte_eal_init(count, arguments) >= 0)
		return 0;
	snprintf(text, size, "DPDK does not start with %zu MiB %s: %s", plan->memory_mib,
		 plan->hugepages ? "of hugepages" : "without hugepages", rte_strerror(rte_errno));
	return rte_errno ? -rte_errno : -EIO;
}

void eal_stop(void)
{
	rte_eal_cleanup();
}
