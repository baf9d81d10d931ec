/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arguments.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int refuse(const struct arguments_program *program)
{
	if (program->hint)
		fputs(program->hint, stderr);
	else
		program->usage(stderr);
	return -EINVAL;
}

int arguments_take(const struct arguments_program *program, void *options, int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, "h", program->names, NULL)) != -1) {
		if (option == 'h') {
			program->usage(stdout);
			return 1;
		}
		if (option == 'V') {
			printf("%s " SLUICE_VERSION "\n", program_invocation_short_name);
			return 1;
		}
		if (option == '?' || program->take(options, option, optarg) < 0)
			return refuse(program);
	}
	if (optind == argc)
		return 0;
	fprintf(stderr, "%s: unexpected '%s'\n", program_invocation_short_name, argv[optind]);
	return refuse(program);
}

int arguments_cpu(int *to, const char *text)
{
	uint32_t number = 0;
	int result = arguments_number(&number, text, 0, 4095);

	if (result == 0)
		*to = (int)number;
	return result;
}

int arguments_number64(uint64_t *to, const char *text, uint64_t min, uint64_t max)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || *text < '0' || *text > '9' || *end != '\0' || value < min || value > max) {
		fprintf(stderr, "%s: '%s' is not a number from %lu to %lu\n",
			program_invocation_short_name, text, min, max);
		return -EINVAL;
	}
	*to = value;
	return 0;
}

int arguments_number(uint32_t *to, const char *text, uint32_t min, uint32_t max)
{
	uint64_t value;
	int result = arguments_number64(&value, text, min, max);

	if (result == 0)
		*to = (uint32_t)value;
	return result;
}

int arguments_numbers(struct arguments_list *list, char *text, uint32_t min, uint32_t max)
{
	char *rest;

	list->count = 0;
	for (char *word = strtok_r(text, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
		if (list->count == ARGUMENTS_LIST_MAX) {
			fprintf(stderr, "%s: more than %u numbers\n", program_invocation_short_name,
				ARGUMENTS_LIST_MAX);
			return -EINVAL;
		}
		if (arguments_number(&list->value[list->count], word, min, max) < 0)
			return -EINVAL;
		list->count++;
	}
	return list->count > 0 ? 0 : -EINVAL;
}

int arguments_words(uint32_t *bits, const char *what, char *text, const char *const *known,
		    uint32_t known_count)
{
	char *rest;

	*bits = 0;
	for (char *word = strtok_r(text, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
		uint32_t i = 0;

		while (i < known_count && strcmp(known[i], word) != 0)
			i++;
		if (i == known_count) {
			fprintf(stderr, "%s: no %s '%s'; there are:\n",
				program_invocation_short_name, what, word);
			for (i = 0; i < known_count; i++)
				fprintf(stderr, "  %s\n", known[i]);
			return -EINVAL;
		}
		*bits |= 1U << i;
	}
	return *bits != 0 ? 0 : -EINVAL;
}

uint32_t arguments_max(const struct arguments_list *list)
{
	uint32_t max = 0;

	for (uint32_t i = 0; i < list->count; i++)
		max = list->value[i] > max ? list->value[i] : max;
	return max;
}

int arguments_core(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return -errno;
	for (int cpu = CPU_SETSIZE - 1; cpu >= 0; cpu--)
		if (CPU_ISSET((unsigned)cpu, &set))
			return cpu;
	return -ENODEV;
}
