/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers and lists on the command line of a measuring program. What is wrong is said on standard
 * error. Thread: one. */
#pragma once

#include <getopt.h>
#include <stdint.h>
#include <stdio.h>

#define ARGUMENTS_LIST_MAX 16U

struct arguments_list {
	uint32_t count;
	uint32_t value[ARGUMENTS_LIST_MAX];
};

/* The command line of a program: '-h' of names is help, '-V' its version. */
struct arguments_program {
	const struct option *names; /* of getopt_long(3) */
	void (*usage)(FILE *to);
	/* what is said to who gets it wrong; NULL: the usage, which is short */
	const char *hint;
	/* One option, as in names; text: its argument, which may be cut up. 0 or -EINVAL, said. */
	int (*take)(void *options, int option, char *text);
};
/* Takes all options into options. Returns 0; 1: help or the version was asked and given; -EINVAL:
 * said why, and the usage or the hint, on standard error. What is no option is -EINVAL. */
int arguments_take(const struct arguments_program *program, void *options, int argc, char **argv);

/* A decimal number from min to max. Returns 0 or -EINVAL. */
int arguments_number(uint32_t *to, const char *text, uint32_t min, uint32_t max);
int arguments_number64(uint64_t *to, const char *text, uint64_t min, uint64_t max);
/* Several with commas; text is cut up. Returns 0 or -EINVAL. */
int arguments_numbers(struct arguments_list *list, char *text, uint32_t min, uint32_t max);
/* Words with commas to bits, in the order of known; what: of what they are. Returns 0 or -EINVAL.
 */
int arguments_words(uint32_t *bits, const char *what, char *text, const char *const *known,
		    uint32_t known_count);
/* A core's number. Returns 0 or -EINVAL. */
int arguments_cpu(int *to, const char *text);
/* Largest of a list that is not empty. */
uint32_t arguments_max(const struct arguments_list *list);

/* The core to measure on when none was named: the last that this process may run on, since the
 * first has the interrupts. -errno when the kernel does not say. */
int arguments_core(void);
