/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What sluice-bench-relay is asked to measure. Thread: one. */
#pragma once

#include <stdint.h>

#include "../common/arguments.h"

/* What calls are made of: both legs plain, the outer one SRTP, or both. */
enum mix { MIX_RTP_RTP, MIX_RTP_SRTP, MIX_SRTP_SRTP, MIX_COUNT };

struct options {
	uint32_t mixes;  /* bits (1 << enum mix) */
	uint32_t suites; /* bits (1 << enum sluice_suite) */
	struct arguments_list calls;
	uint32_t rounds;
	uint32_t round_ms;
	uint32_t warm_ms; /* at most, before each round, until each stream has had a packet */
	uint32_t verify_every;
	uint32_t soak_s; /* 0: measure; else run so long, and cross every ROC */
	int cpu;
};

/* Reads the arguments over the defaults. Returns 0; 1: help was asked and given; -EINVAL: said why
 * on standard error. */
int options_parse(struct options *options, int argc, char **argv);
