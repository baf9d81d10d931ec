/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>

#include "main/cores.h"

/*
 * From the highest CPU down, since the lowest one has the most of the kernel's own work. The main
 * thread keeps the lowest when there is more than one; workers beyond the CPUs share them.
 */
static void cores_spread(struct cores *cores, unsigned workers, const cpu_set_t *allowed)
{
	unsigned usable[CPU_SETSIZE], count = 0, own;

	for (unsigned cpu = CPU_SETSIZE; cpu-- > 0;)
		if (CPU_ISSET(cpu, allowed))
			usable[count++] = cpu;
	own = count > 1 ? count - 1 : 1;
	for (unsigned i = 0; i < workers; i++)
		cores->worker[i] = usable[i % own];
}

int cores_choose(struct cores *cores, const struct config *config, const cpu_set_t *allowed,
		 char *text, size_t size)
{
	cpu_set_t taken;

	CPU_ZERO(&taken);
	cores->main = *allowed;
	cores->shared = false;
	if (!config->core_count)
		cores_spread(cores, config->workers, allowed);
	for (unsigned i = 0; i < config->workers; i++) {
		unsigned cpu = config->core_count ? config->cores[i] : cores->worker[i];

		if (!CPU_ISSET(cpu, allowed)) {
			snprintf(text, size,
				 "workers: cores: CPU %u is not among those that this process "
				 "may use (%d of them)",
				 cpu, CPU_COUNT(allowed));
			return -EINVAL;
		}
		cores->shared |= CPU_ISSET(cpu, &taken);
		cores->worker[i] = cpu;
		CPU_SET(cpu, &taken);
		CPU_CLR(cpu, &cores->main);
	}
	if (CPU_COUNT(&cores->main) == 0) { /* then the main thread shares with the workers */
		cores->main = *allowed;
		cores->shared = true;
	}
	return 0;
}
