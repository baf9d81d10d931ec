/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run.h"

#include <rte_cycles.h>

#define DRAIN_S 0.3 /* after the last packet was sent */

static double seconds_since(const struct traffic *traffic, uint64_t start_tsc)
{
	return (double)(rte_rdtsc() - start_tsc) / (traffic->tsc_per_ns * 1e9);
}

void run_calls(struct traffic *traffic, struct flood *flood, const volatile int *stop)
{
	uint64_t start_tsc = rte_rdtsc();
	double elapsed_s = 0;

	while (!*stop && elapsed_s < traffic->options->seconds) {
		elapsed_s = seconds_since(traffic, start_tsc);
		traffic_turn(traffic, elapsed_s);
		if (flood)
			flood_turn(flood, elapsed_s);
	}
	traffic->seconds = elapsed_s;
	start_tsc = rte_rdtsc();
	while (seconds_since(traffic, start_tsc) < DRAIN_S) {
		traffic_drain(traffic);
		if (flood)
			flood_drain(flood);
	}
}
