/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What sluice-bench-micro is asked to measure. Thread: one. */
#pragma once

#include <stdint.h>

#include "subject.h"

#define OPTIONS_LIST_MAX 16U

struct options_list {
	uint32_t count;
	uint32_t value[OPTIONS_LIST_MAX];
};

struct options {
	const struct micro_suite *suite[OPTIONS_LIST_MAX];
	uint32_t suite_count;
	struct options_list kind; /* enum batch_kind */
	struct options_list payload;
	struct options_list streams;
	struct options_list burst;
	uint32_t rounds;
	uint32_t round_ms;
	uint32_t warm_ms; /* at most, before each round, until each stream has had a packet */
	int cpu;          /* -1: the last that we may run on */
	int huge;
	uint32_t libsrtp_streams; /* most of libsrtp2 */
	uint32_t subjects;        /* bits, in the order of the table in main.c */
};

/* Reads the arguments over the defaults. Returns 0; 1: help was asked and given; -EINVAL: said
 * why on standard error. */
int options_parse(struct options *options, int argc, char **argv);
/* Largest of a list that is not empty. */
uint32_t options_max(const struct options_list *list);
