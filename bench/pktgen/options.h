/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of sluice-pktgen. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "../streams/frame.h"
#include "calls.h"

struct options {
	const char *socket;
	const char *plan;
	const char *plan_back; /* NULL: only A to B */
	const char *pcap;
	struct calls_options calls;
	struct frame_link link;
	bool has_source_mac;
	bool has_destination_mac;
	bool has_peer[2];
	uint32_t payload_bytes;
	uint32_t packets; /* a stream */
	uint32_t sequence_first;
	uint32_t sequence_step;
	uint64_t expect; /* packets; 0: any number */
};

void options_usage(FILE *to);

/* argv[0] is the command's name. Returns 0; 1 when help was asked, and given; -EINVAL after saying
 * why. */
int options_parse(struct options *options, int argc, char **argv);
