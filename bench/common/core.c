/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

static int policy_set(int policy, int priority)
{
	const struct sched_param parameters = {.sched_priority = priority};

	return sched_setscheduler(0, policy, &parameters) ? -errno : 0;
}

int core_take(void)
{
	return policy_set(SCHED_FIFO, 1);
}

void core_give(void)
{
	/* cannot fail: it asks for less */
	(void)policy_set(SCHED_OTHER, 0);
}

/* The eighth number of the first line: proc_stat(5). */
static uint64_t stolen_ms(void)
{
	FILE *file = fopen("/proc/stat", "re");
	unsigned long ticks = 0;

	if (!file)
		return 0;
	if (fscanf(file, "cpu %*u %*u %*u %*u %*u %*u %*u %lu", &ticks) != 1)
		ticks = 0;
	fclose(file);
	return ticks * 1000 / (unsigned long)sysconf(_SC_CLK_TCK);
}

/* The second number, in nanoseconds. */
static uint64_t waited_us(void)
{
	FILE *file = fopen("/proc/thread-self/schedstat", "re");
	unsigned long ns = 0;

	if (!file)
		return 0;
	if (fscanf(file, "%*u %lu", &ns) != 1)
		ns = 0;
	fclose(file);
	return ns / 1000;
}

void core_account_read(struct core_account *account)
{
	struct rusage usage = {0};

	getrusage(RUSAGE_THREAD, &usage);
	*account = (struct core_account){.stolen_ms = stolen_ms(),
					 .waited_us = waited_us(),
					 .interrupted = (uint64_t)usage.ru_nivcsw};
}

void core_account_since(struct core_account *after, const struct core_account *before)
{
	after->stolen_ms -= before->stolen_ms;
	after->waited_us -= before->waited_us;
	after->interrupted -= before->interrupted;
}
