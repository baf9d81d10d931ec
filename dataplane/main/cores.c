/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "main/cores.h"

#include <errno.h>
#include <stdio.h>

/* What a CPU is looked at for. */
struct choice {
	struct cores *cores;
	const struct host_cpu *cpus;
	size_t count;
	int node;
	size_t main; /* index of the main thread's CPU */
	unsigned taken;
};

static bool is_taken(const struct choice *choice, size_t i)
{
	for (unsigned w = 0; w < choice->taken; w++)
		if (choice->cores->worker[w] == choice->cpus[i].number)
			return true;
	return false;
}

static bool core_is_taken(const struct choice *choice, size_t i)
{
	for (size_t k = 0; k < choice->count; k++)
		if (choice->cpus[k].core == choice->cpus[i].core && is_taken(choice, k))
			return true;
	return false;
}

static bool core_is_main(const struct choice *choice, size_t i)
{
	return choice->cpus[i].core == choice->cpus[choice->main].core;
}

static bool on_node(const struct choice *choice, size_t i)
{
	return choice->node == CORES_NODE_ANY || choice->cpus[i].numa_node == choice->node;
}

/* ---- which CPUs are good, better first ---- */

static bool whole_core_on_node(const struct choice *choice, size_t i)
{
	return on_node(choice, i) && !core_is_main(choice, i) && !core_is_taken(choice, i);
}

static bool whole_core(const struct choice *choice, size_t i)
{
	return !core_is_main(choice, i) && !core_is_taken(choice, i);
}

static bool sibling(const struct choice *choice, size_t i)
{
	return !core_is_main(choice, i) && !is_taken(choice, i);
}

static bool sibling_of_main(const struct choice *choice, size_t i)
{
	return i != choice->main && !is_taken(choice, i);
}

static const struct {
	bool (*is_good)(const struct choice *choice, size_t i);
	enum sluice_cpu_use use;
} passes[] = {
    {whole_core_on_node, SLUICE_CPU_WORKER},
    {whole_core, SLUICE_CPU_WORKER_OTHER_NODE},
    {sibling, SLUICE_CPU_WORKER_SIBLING},
    {sibling_of_main, SLUICE_CPU_WORKER_SIBLING},
};

static void take(struct choice *choice, size_t i, enum sluice_cpu_use use)
{
	choice->cores->cpu[i].use = (uint8_t)use;
	choice->cores->cpu[i].worker = (uint8_t)choice->taken;
	choice->cores->worker[choice->taken++] = choice->cpus[i].number;
}

/* CPUs that are isolated from the scheduler first; then from the highest number down, since the
 * lowest ones have the most of the kernel's own work. */
static void pass_run(struct choice *choice, size_t pass, unsigned wanted)
{
	for (unsigned isolated = 2; isolated-- > 0;)
		for (size_t i = choice->count; i-- > 0 && choice->taken < wanted;)
			if (choice->cpus[i].isolated == isolated && passes[pass].is_good(choice, i))
				take(choice, i, passes[pass].use);
}

/* The lowest CPU that is not isolated. */
static size_t main_choose(const struct choice *choice)
{
	for (size_t i = 0; i < choice->count; i++)
		if (!choice->cpus[i].isolated)
			return i;
	return 0;
}

/* More workers than CPUs: they share those that workers have, or the only one. */
static void share(struct choice *choice, unsigned wanted)
{
	struct cores *cores = choice->cores;
	unsigned own = choice->taken;

	cores->shared = choice->taken < wanted;
	if (own == 0)
		take(choice, choice->main, SLUICE_CPU_SHARED);
	own = own ? own : 1;
	for (; choice->taken < wanted; choice->taken++)
		cores->worker[choice->taken] = cores->worker[choice->taken % own];
	if (!cores->shared)
		return;
	for (size_t i = 0; i < choice->count; i++)
		if (is_taken(choice, i))
			cores->cpu[i].use = SLUICE_CPU_SHARED;
}

static void choose(struct choice *choice, unsigned wanted)
{
	unsigned most = wanted ? wanted : CONFIG_WORKERS_MAX;

	for (size_t pass = 0; pass < sizeof(passes) / sizeof(passes[0]); pass++) {
		pass_run(choice, pass, most);
		/* of themselves workers come on whole cores of the ports' node, if there is one */
		if (!wanted && choice->taken)
			most = choice->taken;
	}
	share(choice, wanted ? wanted : choice->taken ? choice->taken : 1);
}

static int choose_configured(struct choice *choice, const struct config *config, char *text,
			     size_t size)
{
	for (unsigned w = 0; w < config->core_count; w++) {
		size_t i = 0;

		while (i < choice->count && choice->cpus[i].number != config->cores[w])
			i++;
		if (i == choice->count) {
			snprintf(text, size,
				 "workers: cores: CPU %u is not among those that this process "
				 "may use (%zu of them)",
				 config->cores[w], choice->count);
			return -EINVAL;
		}
		choice->cores->shared |= is_taken(choice, i);
		take(choice, i, SLUICE_CPU_WORKER_CONFIGURED);
	}
	return 0;
}

/* ---- what is left ---- */

static enum sluice_cpu_use left_why(const struct choice *choice, size_t i)
{
	if (core_is_taken(choice, i))
		return SLUICE_CPU_LEFT_SIBLING;
	if (i == choice->main)
		return SLUICE_CPU_MAIN;
	if (core_is_main(choice, i))
		return SLUICE_CPU_LEFT_MAIN;
	return on_node(choice, i) ? SLUICE_CPU_LEFT_SPARE : SLUICE_CPU_LEFT_NODE;
}

/* The main thread keeps off the workers and their siblings, if it can. */
static void rest_give(struct choice *choice)
{
	struct cores *cores = choice->cores;
	cpu_set_t siblings;

	CPU_ZERO(&cores->main);
	CPU_ZERO(&siblings);
	for (size_t i = 0; i < choice->count; i++) {
		if (is_taken(choice, i))
			continue;
		cores->cpu[i].use = (uint8_t)left_why(choice, i);
		CPU_SET(choice->cpus[i].number, &siblings);
		if (cores->cpu[i].use != SLUICE_CPU_LEFT_SIBLING)
			CPU_SET(choice->cpus[i].number, &cores->main);
	}
	if (CPU_COUNT(&cores->main))
		return;
	cores->main = siblings;
	if (CPU_COUNT(&cores->main))
		return;
	cores->shared = true;
	for (size_t i = 0; i < choice->count; i++) {
		CPU_SET(choice->cpus[i].number, &cores->main);
		cores->cpu[i].use = SLUICE_CPU_SHARED;
	}
}

int cores_choose(struct cores *cores, const struct config *config, const struct host_cpu *cpus,
		 size_t count, int node, char *text, size_t size)
{
	struct choice choice = {.cores = cores, .cpus = cpus, .count = count, .node = node};

	*cores = (struct cores){.cpu_count = (unsigned)count};
	for (size_t i = 0; i < count; i++)
		cores->cpu[i].cpu = (uint16_t)cpus[i].number;
	choice.main = main_choose(&choice);
	if (config->core_count) {
		int rc = choose_configured(&choice, config, text, size);

		if (rc)
			return rc;
	} else {
		choose(&choice, config->workers);
	}
	cores->count = choice.taken;
	rest_give(&choice);
	return 0;
}
