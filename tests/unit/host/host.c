/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "host/cpu.h"
#include "host/hugepages.h"

struct list_fact {
	const char *text;
	int result;
	int count;
	int member; /* -1: none */
};

static const struct list_fact list_facts[] = {
    {"", 0, 0, -1},
    {"\n", 0, 0, -1},
    {"0", 0, 1, 0},
    {"0-3", 0, 4, 3},
    {"0-3,8,10-11\n", 0, 7, 10},
    {"7-7", 0, 1, 7},
    {"1023", 0, 1, 1023},
    {"1024", -ERANGE, 0, -1},
    {"0-1024", -ERANGE, 0, -1},
    {"99999999999999999999", -ERANGE, 0, -1},
    {"3-1", -EINVAL, 0, -1},
    {"1-", -EINVAL, 0, -1},
    {"-1", -EINVAL, 0, -1},
    {"1,", -EINVAL, 0, -1},
    {"1,,2", -EINVAL, 0, -1},
    {"1 2", -EINVAL, 0, -1},
    {" 1", -EINVAL, 0, -1},
    {"1-2-3", -EINVAL, 0, -1},
    {"a", -EINVAL, 0, -1},
    {"+1", -EINVAL, 0, -1},
};

static void cpu_lists_are_read_as_the_kernel_writes_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(list_facts) / sizeof(list_facts[0]); i++) {
		const struct list_fact *fact = &list_facts[i];
		cpu_set_t set;
		int result = host_cpulist_parse(fact->text, &set);

		if (result != fact->result)
			print_error("list \"%s\"\n", fact->text);
		assert_int_equal(result, fact->result);
		if (result == 0)
			assert_int_equal(CPU_COUNT(&set), fact->count);
		if (fact->member >= 0)
			assert_true(CPU_ISSET((size_t)fact->member, &set));
	}
}

static void this_machine_has_a_cpu_and_its_core_is_a_cpu(void **state)
{
	struct host_cpu cpus[HOST_CPUS_MAX];
	int count = host_cpus_read(cpus, HOST_CPUS_MAX);

	(void)state;
	assert_true(count >= 1);
	for (int i = 0; i < count; i++) {
		assert_true(cpus[i].core <= cpus[i].number);
		assert_true(cpus[i].numa_node >= 0);
		if (i > 0)
			assert_true(cpus[i].number > cpus[i - 1].number);
	}
}

static void no_more_cpus_are_written_than_asked_for(void **state)
{
	struct host_cpu cpu;

	(void)state;
	assert_int_equal(host_cpus_read(&cpu, 1), 1);
	assert_int_equal(host_cpus_read(&cpu, 0), 0);
}

static void free_hugepages_are_the_sum_over_the_sizes(void **state)
{
	struct host_hugepages sizes[HOST_HUGEPAGE_SIZES_MAX];
	int count = host_hugepages_read(sizes, HOST_HUGEPAGE_SIZES_MAX);
	size_t bytes;

	(void)state;
	assert_true(count >= 0);
	for (int i = 0; i < count; i++) {
		assert_true(sizes[i].free <= sizes[i].total);
		if (i > 0)
			assert_true(sizes[i].page_bytes > sizes[i - 1].page_bytes);
	}
	assert_int_equal(host_hugepages_free(&bytes), 0);
}

static void the_memory_lock_limit_can_be_read(void **state)
{
	uint64_t bytes;

	(void)state;
	assert_int_equal(host_memlock_limit(&bytes), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(cpu_lists_are_read_as_the_kernel_writes_them),
	    cmocka_unit_test(this_machine_has_a_cpu_and_its_core_is_a_cpu),
	    cmocka_unit_test(no_more_cpus_are_written_than_asked_for),
	    cmocka_unit_test(free_hugepages_are_the_sum_over_the_sizes),
	    cmocka_unit_test(the_memory_lock_limit_can_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
