/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One cell of the table: calls of one mix and suite, relay and roofline in turns. Thread: one. */
#pragma once

#include <stdint.h>

#include "options.h"
#include "world.h"

struct cell {
	const struct options *options;
	double hz; /* of the time-stamp counter */
	enum mix mix;
	uint8_t suite; /* enum sluice_suite; NONE with MIX_RTP_RTP */
	uint32_t calls;
};

/* The suites of both legs. */
void cell_suites(const struct cell *cell, uint8_t suite[2]);

/* Measures and prints a line of JSON for each path. Returns 0, or -errno with the reason said;
 * -EBADMSG: a packet came out wrong, so that figures mean nothing. */
int cell_measure(const struct cell *cell, struct world *world);
