/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What sluice-bench-micro is asked to measure. Thread: one. */
#pragma once

#include <stdint.h>

#include "../common/arguments.h"
#include "subject.h"

struct options {
	const struct micro_suite *suite[ARGUMENTS_LIST_MAX];
	uint32_t suite_count;
	struct arguments_list kind; /* enum batch_kind */
	struct arguments_list payload;
	struct arguments_list streams;
	struct arguments_list burst;
	uint32_t rounds;
	uint32_t round_ms;
	uint32_t warm_ms; /* at most, before each round, until each stream has had a packet */
	int cpu;          /* -1: the last that we may run on */
	int huge;
	uint32_t libsrtp_streams; /* most of libsrtp2 */
	uint32_t subjects;        /* bits, in the order of the table in main.c */
};

/* AES_CM_128_HMAC_SHA1_80 */
const struct micro_suite *options_product(void);
/* Reads the arguments over the defaults. Returns 0; 1: help was asked and given; -EINVAL: said
 * why on standard error. */
int options_parse(struct options *options, int argc, char **argv);
