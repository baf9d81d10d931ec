/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which CPU does what, as a table of machines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "main/cores.h"
#include "sluice_client.h"

/*
 * A machine is a text, a CPU each: its core's letter; upper case: on node 1, else on node 0. An
 * isolated CPU is followed by '!'. The choice is a text too, a CPU each: the worker's digit, 'm'
 * the main thread's, '-' left; 's' left as a sibling, 'n' left for its node; '*' shared.
 */
struct fact {
	const char *what;
	const char *machine;
	int node;
	unsigned workers; /* 0: auto */
	const char *choice;
	bool shared;
};

static const struct fact facts[] = {
    {"one CPU for all", "a", -1, 1, "*", true},
    {"two CPUs", "ab", -1, 1, "m0", false},
    {"workers share before they take the main thread's", "ab", -1, 2, "m*", true},
    {"from the highest down", "abcd", -1, 1, "m--0", false},
    {"each a core of its own", "abcd", -1, 3, "m210", false},
    {"one more than there are", "abcd", -1, 4, "m***", true},
    {"the sibling of a worker is left idle", "abcabc", -1, 1, "m-sm-0", false},
    {"siblings side by side", "aabbcc", -1, 2, "mms1s0", false},
    {"siblings only when whole cores are gone", "aabbcc", -1, 3, "mms120", false},
    {"the ports' node first", "abAB", 0, 1, "m0nn", false},
    {"the ports' node first, be it the other", "abCD", 1, 1, "mn-0", false},
    {"another node when that one is full", "abCD", 0, 2, "m0n1", false},
    {"auto: all whole cores of the node but the main thread's", "abcdEFGH", 0, 0, "m210nnnn",
     false},
    {"auto: siblings stay idle", "aabbcc", -1, 0, "mms1s0", false},
    {"auto: at least one", "a", -1, 0, "*", true},
    {"auto: the sibling when there is one core", "aa", -1, 0, "s0", false},
    {"isolated CPUs are the workers'", "abc!d!ef", -1, 2, "m-10--", false},
    {"the main thread keeps off isolated CPUs", "a!b!cd", -1, 1, "-0m-", false},
};

static size_t machine_make(const char *text, struct host_cpu *cpus)
{
	size_t count = 0;

	for (; *text; text++) {
		bool other_node = *text < 'a';
		char core = (char)(other_node ? *text - 'A' : *text - 'a');

		if (*text == '!') {
			cpus[count - 1].isolated = true;
			continue;
		}
		cpus[count] = (struct host_cpu){.number = (unsigned)count,
						.numa_node = other_node,
						.core = (unsigned)core | (other_node ? 0x100U : 0)};
		count++;
	}
	return count;
}

static bool use_is(const struct core_choice *cpu, char expected)
{
	switch (expected) {
	case 'm':
		return cpu->use == SLUICE_CPU_MAIN || cpu->use == SLUICE_CPU_LEFT_MAIN;
	case 's':
		return cpu->use == SLUICE_CPU_LEFT_SIBLING;
	case 'n':
		return cpu->use == SLUICE_CPU_LEFT_NODE;
	case '-':
		return cpu->use == SLUICE_CPU_LEFT_SPARE;
	case '*':
		return cpu->use == SLUICE_CPU_SHARED;
	default:
		return cpu->use >= SLUICE_CPU_WORKER && cpu->worker == expected - '0';
	}
}

static void every_cpu_is_taken_or_left_for_a_reason(void **state)
{
	static struct cores cores;

	(void)state;
	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		const struct fact *fact = &facts[i];
		struct config config = {.workers = fact->workers};
		struct host_cpu cpus[16];
		size_t count = machine_make(fact->machine, cpus);
		char text[128];

		assert_int_equal(
		    cores_choose(&cores, &config, cpus, count, fact->node, text, sizeof(text)), 0);
		assert_int_equal(cores.cpu_count, strlen(fact->choice));
		for (unsigned cpu = 0; cpu < cores.cpu_count; cpu++)
			if (!use_is(&cores.cpu[cpu], fact->choice[cpu]))
				fail_msg("%s: CPU %u is %s, worker %u", fact->what, cpu,
					 sluice_cpu_text(cores.cpu[cpu].use),
					 cores.cpu[cpu].worker);
		if (cores.shared != fact->shared)
			fail_msg("%s: shared", fact->what);
		assert_true(CPU_COUNT(&cores.main) > 0);
		if (!fact->shared)
			for (unsigned w = 0; w < cores.count; w++)
				assert_false(CPU_ISSET(cores.worker[w], &cores.main));
	}
}

static void the_configuration_may_name_the_cpus(void **state)
{
	struct config config = {.workers = 2, .core_count = 2, .cores = {0, 2}};
	static struct cores cores;
	struct host_cpu cpus[16];
	char text[128];

	(void)state;
	assert_int_equal(
	    cores_choose(&cores, &config, cpus, machine_make("abc", cpus), -1, text, sizeof(text)),
	    0);
	assert_int_equal(cores.worker[0], 0);
	assert_int_equal(cores.worker[1], 2);
	assert_int_equal(cores.cpu[0].use, SLUICE_CPU_WORKER_CONFIGURED);
	assert_true(CPU_ISSET(1, &cores.main));
	config.cores[1] = 7;
	assert_int_equal(
	    cores_choose(&cores, &config, cpus, machine_make("abc", cpus), -1, text, sizeof(text)),
	    -EINVAL);
	assert_non_null(strstr(text, "CPU 7"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_cpu_is_taken_or_left_for_a_reason),
	    cmocka_unit_test(the_configuration_may_name_the_cpus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
