/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers and lists on the command line of a measuring program. What is wrong is said on standard
 * error. Thread: one. */
#pragma once

#include <stdint.h>

#define ARGUMENTS_LIST_MAX 16U

struct arguments_list {
	uint32_t count;
	uint32_t value[ARGUMENTS_LIST_MAX];
};

/* A decimal number from min to max. Returns 0 or -EINVAL. */
int arguments_number(uint32_t *to, const char *text, uint32_t min, uint32_t max);
/* Several with commas; text is cut up. Returns 0 or -EINVAL. */
int arguments_numbers(struct arguments_list *list, char *text, uint32_t min, uint32_t max);
/* Words with commas to bits, in the order of known; what: of what they are. Returns 0 or -EINVAL.
 */
int arguments_words(uint32_t *bits, const char *what, char *text, const char *const *known,
		    uint32_t known_count);
/* Largest of a list that is not empty. */
uint32_t arguments_max(const struct arguments_list *list);

/* The core to measure on when none was named: the last that this process may run on, since the
 * first has the interrupts. -errno when the kernel does not say. */
int arguments_core(void);
