/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "../common/arguments.h"
#include "sip/flow.h"

#define OPTIONS_PAIRS_MAX 10U /* one digit of a number says which */
#define OPTIONS_SLOTS_MAX 200000U

struct options {
	enum sip_transport transport;
	const char *net; /* "127.9.8": relay .1, callers .10 and on, callees .100 and on */
	const char
	    *pki; /* folder with ca.pem, caller0.pem, caller0.key, callee0.pem...; tls only */
	uint32_t port;
	uint32_t pairs;
	uint32_t slots;      /* calls at once */
	uint32_t patience_s; /* for an answer */
	int cpu;
	struct arguments_list lookup; /* numbers of transactions; else empty */
};

/* 0; 1: help was asked for and given; -EINVAL: said what is wrong. argv's texts are kept. */
int options_parse(struct options *options, int argc, char **argv);
